/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-gauge-geometry.h"

/**
 * pst_gauge_hold:
 * @state: a state of a transfer
 *
 * Returns: what the gauge shades while a transfer is in @state
 */
PstHold
pst_gauge_hold (PstTransferState state)
{
  switch (state)
    {
    case PST_TRANSFER_PAUSED_BY_ME:
    case PST_TRANSFER_PAUSED_BY_THEM:
      return PST_HOLD_PAUSED;
    case PST_TRANSFER_HELD_NETWORK:
      return PST_HOLD_NETWORK;
    case PST_TRANSFER_HELD_THEIR_DISK:
    case PST_TRANSFER_FULL_THEIR_DISK:
      return PST_HOLD_THEIR_DISK;
    case PST_TRANSFER_HELD_MY_DISK:
    case PST_TRANSFER_FULL_MY_DISK:
      return PST_HOLD_MY_DISK;
    case PST_TRANSFER_HELD_LIMIT:
      return PST_HOLD_LIMIT;
    case PST_TRANSFER_STALLED:
    case PST_TRANSFER_RECONNECTING:
      return PST_HOLD_STALLED;
    default:
      return PST_HOLD_NONE;
    }
}

/**
 * pst_gauge_nice_peak:
 * @peak_bps: the highest rate to show, bytes a second
 *
 * Rounds up to a figure that reads well at the top of an axis and leaves no
 * more than half of the chart empty.
 *
 * Returns: at least @peak_bps, and at least 1000
 */
guint64
pst_gauge_nice_peak (guint64 peak_bps)
{
  static const guint steps[] = { 10, 15, 20, 30, 40, 50, 60, 80 };
  guint64 unit;

  for (unit = 100; unit < G_MAXUINT64 / 100; unit *= 10)
    for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
      if (peak_bps <= unit * steps[i])
        return unit * steps[i];

  return peak_bps;
}

/**
 * pst_gauge_tick_us:
 * @span_us: what the axis spans, microseconds
 * @max_ticks: so many labels fit beside the one at 0
 *
 * Returns: the smallest distance of ticks people count in that fits
 */
gint64
pst_gauge_tick_us (gint64 span_us, guint max_ticks)
{
  static const gint64 steps_s[] = { 1,   2,   5,    10,   15,   30,    60,    120,   300,
                                    600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400 };
  gint64 day_us = G_USEC_PER_SEC * steps_s[G_N_ELEMENTS (steps_s) - 1];

  max_ticks = MAX (max_ticks, 1);
  for (guint i = 0; i < G_N_ELEMENTS (steps_s); i++)
    if (span_us / (steps_s[i] * G_USEC_PER_SEC) <= max_ticks)
      return steps_s[i] * G_USEC_PER_SEC;

  return day_us * (span_us / day_us / max_ticks + 1);
}

/**
 * pst_gauge_span:
 * @samples: (nullable): what a transfer did
 * @start_us: (out): where the axis begins, monotonic time
 * @end_us: (out): where it ends, at least %PST_GAUGE_MIN_SPAN_US later
 *
 * Tells what the time axis spans: all of the transfer.
 */
void
pst_gauge_span (PstSamples *samples, gint64 *start_us, gint64 *end_us)
{
  guint n = samples != NULL ? pst_samples_get_n (samples) : 0;

  *start_us = n > 0 ? pst_samples_get (samples, 0)->time_us : 0;
  *end_us = n > 0 ? pst_samples_get (samples, n - 1)->time_us : 0;
  *end_us = MAX (*end_us, *start_us + PST_GAUGE_MIN_SPAN_US);
}

/**
 * pst_gauge_position:
 * @time_us: a monotonic time
 * @start_us: where the axis begins
 * @end_us: where it ends
 *
 * Returns: where @time_us lies between them, 0 to 1
 */
double
pst_gauge_position (gint64 time_us, gint64 start_us, gint64 end_us)
{
  if (end_us <= start_us)
    return 0;

  return CLAMP ((double)(time_us - start_us) / (end_us - start_us), 0, 1);
}

static guint
column_of (gint64 time_us, gint64 start_us, gint64 end_us, guint n_columns)
{
  guint column = pst_gauge_position (time_us, start_us, end_us) * n_columns;

  return MIN (column, n_columns - 1);
}

/* Columns nobody sampled lie on the line between their neighbours. */
static void
bridge (double *values, guint from, guint to)
{
  for (guint i = from + 1; i < to; i++)
    values[i] = values[from] + (values[to] - values[from]) * (i - from) / (to - from);
}

/**
 * pst_gauge_curve:
 * @samples: what a transfer did
 * @start_us: where the axis begins
 * @end_us: where it ends
 * @rates_bps: (array length=n_columns) (out caller-allocates): one rate for each column
 * @n_columns: at least 1
 *
 * Sums up the samples into columns: the mean of those that fall into one, a
 * straight line where none does.
 *
 * Returns: how many columns are known; those after them have not happened yet
 */
guint
pst_gauge_curve (
    PstSamples *samples, gint64 start_us, gint64 end_us, double *rates_bps, guint n_columns)
{
  guint n = pst_samples_get_n (samples);
  guint i = 0, n_known = 0;

  g_return_val_if_fail (n_columns > 0, 0);

  while (i < n)
    {
      guint column = column_of (pst_samples_get (samples, i)->time_us, start_us, end_us, n_columns);
      double sum = 0;
      guint count = 0;

      for (; i < n; i++, count++)
        {
          const PstSample *sample = pst_samples_get (samples, i);

          if (column_of (sample->time_us, start_us, end_us, n_columns) != column)
            break;
          sum += sample->rate_bps;
        }

      rates_bps[column] = sum / count;
      if (n_known > 0)
        bridge (rates_bps, n_known - 1, column);
      n_known = column + 1;
    }

  return n_known;
}

/* A state lasts from its sample to the next one. */
static void
add_durations (double (*shares)[PST_N_HOLDS], PstHold hold, double from, double to, guint n_columns)
{
  for (guint column = from; column < n_columns && column < to; column++)
    shares[column][hold] += MIN (to, column + 1.0) - MAX (from, column);
}

static PstHold
longest (const double *shares)
{
  PstHold best = PST_HOLD_NONE;

  for (PstHold hold = PST_HOLD_NONE; hold < PST_N_HOLDS; hold++)
    if (shares[hold] > shares[best])
      best = hold;

  return best;
}

static void
append_column (GArray *stretches, PstHold hold, guint column)
{
  PstStretch *last = stretches->len > 0 ? &g_array_index (stretches, PstStretch, stretches->len - 1)
                                        : NULL;
  PstStretch stretch = { hold, column, column + 1 };

  if (hold == PST_HOLD_NONE)
    return;

  if (last != NULL && last->hold == hold && last->end == column)
    last->end = column + 1;
  else
    g_array_append_val (stretches, stretch);
}

/**
 * pst_gauge_stretches:
 * @samples: what a transfer did
 * @start_us: where the axis begins
 * @end_us: where it ends
 * @n_columns: at least 1
 *
 * Finds the stretches in which something held the transfer back. Each column
 * shows what lasted longest in it, so that a state which changes ten times a
 * second becomes no bar code.
 *
 * Returns: (transfer full) (element-type PstStretch): in order of time
 */
GArray *
pst_gauge_stretches (PstSamples *samples, gint64 start_us, gint64 end_us, guint n_columns)
{
  GArray *stretches = g_array_new (FALSE, FALSE, sizeof (PstStretch));
  g_autofree double (*shares)[PST_N_HOLDS] = g_malloc0_n (n_columns, sizeof *shares);
  guint n = pst_samples_get_n (samples);

  for (guint i = 0; i + 1 < n; i++)
    {
      const PstSample *sample = pst_samples_get (samples, i);
      gint64 next_us = pst_samples_get (samples, i + 1)->time_us;

      add_durations (shares, pst_gauge_hold (sample->state),
                     n_columns * pst_gauge_position (sample->time_us, start_us, end_us),
                     n_columns * pst_gauge_position (next_us, start_us, end_us), n_columns);
    }

  for (guint column = 0; column < n_columns; column++)
    append_column (stretches, longest (shares[column]), column);

  return stretches;
}

/**
 * pst_gauge_durations:
 * @samples: (nullable): what a transfer did
 * @durations_us: (array fixed-size=7) (out caller-allocates): for each #PstHold
 *
 * Sums up how long each hold lasted, microseconds.
 */
void
pst_gauge_durations (PstSamples *samples, gint64 durations_us[PST_N_HOLDS])
{
  guint n = samples != NULL ? pst_samples_get_n (samples) : 0;

  for (PstHold hold = PST_HOLD_NONE; hold < PST_N_HOLDS; hold++)
    durations_us[hold] = 0;
  for (guint i = 0; i + 1 < n; i++)
    {
      const PstSample *sample = pst_samples_get (samples, i);

      durations_us[pst_gauge_hold (sample->state)] += pst_samples_get (samples, i + 1)->time_us
                                                      - sample->time_us;
    }
}

/**
 * pst_gauge_fill:
 * @bytes: in the send buffer, or one of its marks
 * @high_mark_bytes: its high mark
 *
 * Returns: how high @bytes stand in the vessel, 0 to 1
 */
double
pst_gauge_fill (guint64 bytes, guint64 high_mark_bytes)
{
  if (high_mark_bytes == 0)
    return 0;

  return MIN (bytes / (high_mark_bytes * PST_GAUGE_HEADROOM), 1.0);
}
