/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-gauge-geometry.h"

#define SECOND G_USEC_PER_SEC

static void
test_peak (void)
{
  static const guint64 cases[][2] = {
    { 0, 1000 },           { 1000, 1000 },         { 1001, 1500 },
    { 9999, 10000 },       { 10000, 10000 },       { 10001, 15000 },
    { 8000001, 10000000 }, { 11300000, 15000000 }, { 47000000, 50000000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpuint (pst_gauge_nice_peak (cases[i][0]), ==, cases[i][1]);
  g_assert_cmpuint (pst_gauge_nice_peak (G_MAXUINT64), ==, G_MAXUINT64);

  /* Never below the peak, and the chart is never more than half empty. */
  for (guint64 peak = 1000; peak < G_GUINT64_CONSTANT (1) << 50; peak += 1 + peak / 7)
    {
      g_assert_cmpuint (pst_gauge_nice_peak (peak), >=, peak);
      g_assert_cmpuint (pst_gauge_nice_peak (peak), <=, 2 * peak);
    }
}

static void
test_ticks (void)
{
  g_assert_cmpint (pst_gauge_tick_us (10 * SECOND, 5), ==, 2 * SECOND);
  g_assert_cmpint (pst_gauge_tick_us (10 * SECOND, 10), ==, SECOND);
  g_assert_cmpint (pst_gauge_tick_us (90 * SECOND, 4), ==, 30 * SECOND);
  g_assert_cmpint (pst_gauge_tick_us (G_GINT64_CONSTANT (7200) * SECOND, 5), ==, 1800 * SECOND);
  g_assert_cmpint (pst_gauge_tick_us (SECOND, 0), ==, SECOND);
  g_assert_cmpint (pst_gauge_tick_us (G_GINT64_CONSTANT (864000) * SECOND, 3), ==,
                   4 * G_GINT64_CONSTANT (86400) * SECOND);
}

static void
add (PstSamples *samples, gint64 time_us, guint64 rate_bps, PstTransferState state)
{
  PstSample sample = { .time_us = time_us, .rate_bps = rate_bps, .state = state };

  pst_samples_add (samples, &sample);
}

static void
test_span (void)
{
  g_autoptr (PstSamples) samples = pst_samples_new ();
  gint64 start_us, end_us;

  pst_gauge_span (NULL, &start_us, &end_us);
  g_assert_cmpint (end_us - start_us, ==, PST_GAUGE_MIN_SPAN_US);
  pst_gauge_span (samples, &start_us, &end_us);
  g_assert_cmpint (end_us - start_us, ==, PST_GAUGE_MIN_SPAN_US);

  add (samples, 5 * SECOND, 0, PST_TRANSFER_RUNNING);
  add (samples, 6 * SECOND, 0, PST_TRANSFER_RUNNING);
  pst_gauge_span (samples, &start_us, &end_us);
  g_assert_cmpint (start_us, ==, 5 * SECOND);
  g_assert_cmpint (end_us, ==, 15 * SECOND);

  add (samples, 65 * SECOND, 0, PST_TRANSFER_RUNNING);
  pst_gauge_span (samples, &start_us, &end_us);
  g_assert_cmpint (end_us, ==, 65 * SECOND);
}

static void
test_position (void)
{
  g_assert_cmpfloat (pst_gauge_position (5, 0, 10), ==, 0.5);
  g_assert_cmpfloat (pst_gauge_position (-5, 0, 10), ==, 0);
  g_assert_cmpfloat (pst_gauge_position (15, 0, 10), ==, 1);
  g_assert_cmpfloat (pst_gauge_position (15, 10, 10), ==, 0);
}

static void
test_curve (void)
{
  g_autoptr (PstSamples) samples = pst_samples_new ();
  double rates[10] = { 0 };

  g_assert_cmpuint (pst_gauge_curve (samples, 0, 10, rates, 10), ==, 0);

  add (samples, 0, 100, PST_TRANSFER_RUNNING);
  add (samples, 0, 200, PST_TRANSFER_RUNNING); /* two in one column: their mean */
  add (samples, 4, 550, PST_TRANSFER_RUNNING); /* none between: a straight line */
  g_assert_cmpuint (pst_gauge_curve (samples, 0, 10, rates, 10), ==, 5);
  g_assert_cmpfloat (rates[0], ==, 150);
  g_assert_cmpfloat (rates[1], ==, 250);
  g_assert_cmpfloat (rates[3], ==, 450);
  g_assert_cmpfloat (rates[4], ==, 550);

  add (samples, 10, 0, PST_TRANSFER_RUNNING); /* the end belongs to the last column */
  g_assert_cmpuint (pst_gauge_curve (samples, 0, 10, rates, 10), ==, 10);
  g_assert_cmpfloat (rates[9], ==, 0);
}

static void
test_stretches (void)
{
  g_autoptr (PstSamples) samples = pst_samples_new ();
  g_autoptr (GArray) none = pst_gauge_stretches (samples, 0, 100, 10);
  g_autoptr (GArray) stretches = NULL;
  const PstStretch *stretch;

  g_assert_cmpuint (none->len, ==, 0);

  add (samples, 0, 0, PST_TRANSFER_RUNNING);
  add (samples, 20, 0, PST_TRANSFER_PAUSED_BY_ME);
  add (samples, 30, 0, PST_TRANSFER_PAUSED_BY_THEM); /* one stretch: both are pauses */
  add (samples, 40, 0, PST_TRANSFER_HELD_NETWORK);
  add (samples, 42, 0, PST_TRANSFER_RUNNING); /* the shorter one in its column goes */
  add (samples, 70, 0, PST_TRANSFER_HELD_THEIR_DISK);
  add (samples, 100, 0, PST_TRANSFER_RUNNING);
  stretches = pst_gauge_stretches (samples, 0, 100, 10);

  g_assert_cmpuint (stretches->len, ==, 2);
  stretch = &g_array_index (stretches, PstStretch, 0);
  g_assert_cmpint (stretch->hold, ==, PST_HOLD_PAUSED);
  g_assert_cmpuint (stretch->first, ==, 2);
  g_assert_cmpuint (stretch->end, ==, 4);
  stretch = &g_array_index (stretches, PstStretch, 1);
  g_assert_cmpint (stretch->hold, ==, PST_HOLD_THEIR_DISK);
  g_assert_cmpuint (stretch->first, ==, 7);
  g_assert_cmpuint (stretch->end, ==, 10);
}

/* A state that comes and goes ten times a second is one stretch or none. */
static void
test_flicker (void)
{
  g_autoptr (PstSamples) samples = pst_samples_new ();
  g_autoptr (GArray) stretches = NULL;

  for (guint i = 0; i < 1000; i++)
    add (samples, i, 0, i % 3 == 0 ? PST_TRANSFER_RUNNING : PST_TRANSFER_HELD_NETWORK);
  stretches = pst_gauge_stretches (samples, 0, 999, 20);
  g_assert_cmpuint (stretches->len, ==, 1);
  g_assert_cmpuint (g_array_index (stretches, PstStretch, 0).end, ==, 20);
}

static void
test_durations (void)
{
  g_autoptr (PstSamples) samples = pst_samples_new ();
  gint64 durations_us[PST_N_HOLDS];

  pst_gauge_durations (NULL, durations_us);
  g_assert_cmpint (durations_us[PST_HOLD_PAUSED], ==, 0);

  add (samples, 0, 0, PST_TRANSFER_HELD_LIMIT);
  add (samples, 5, 0, PST_TRANSFER_STALLED);
  add (samples, 7, 0, PST_TRANSFER_HELD_LIMIT);
  add (samples, 8, 0, PST_TRANSFER_DONE);
  pst_gauge_durations (samples, durations_us);
  g_assert_cmpint (durations_us[PST_HOLD_LIMIT], ==, 6);
  g_assert_cmpint (durations_us[PST_HOLD_STALLED], ==, 2);
  g_assert_cmpint (durations_us[PST_HOLD_NONE], ==, 0);
}

static void
test_fill (void)
{
  g_assert_cmpfloat (pst_gauge_fill (5, 0), ==, 0);
  g_assert_cmpfloat (pst_gauge_fill (0, 100), ==, 0);
  g_assert_cmpfloat (pst_gauge_fill (100, 100), ==, 1 / PST_GAUGE_HEADROOM);
  g_assert_cmpfloat (pst_gauge_fill (50, 100), ==, 0.5 / PST_GAUGE_HEADROOM);
  g_assert_cmpfloat (pst_gauge_fill (1000, 100), ==, 1);
}

static void
test_holds (void)
{
  g_assert_cmpint (pst_gauge_hold (PST_TRANSFER_RUNNING), ==, PST_HOLD_NONE);
  g_assert_cmpint (pst_gauge_hold (PST_TRANSFER_PAUSED_BY_THEM), ==, PST_HOLD_PAUSED);
  g_assert_cmpint (pst_gauge_hold (PST_TRANSFER_HELD_MY_DISK), ==, PST_HOLD_MY_DISK);
  g_assert_cmpint (pst_gauge_hold (PST_TRANSFER_RECONNECTING), ==, PST_HOLD_STALLED);
  g_assert_cmpint (pst_gauge_hold (PST_TRANSFER_FAILED), ==, PST_HOLD_NONE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/gauge/peak", test_peak);
  g_test_add_func ("/gauge/ticks", test_ticks);
  g_test_add_func ("/gauge/span", test_span);
  g_test_add_func ("/gauge/position", test_position);
  g_test_add_func ("/gauge/curve", test_curve);
  g_test_add_func ("/gauge/stretches", test_stretches);
  g_test_add_func ("/gauge/flicker", test_flicker);
  g_test_add_func ("/gauge/durations", test_durations);
  g_test_add_func ("/gauge/fill", test_fill);
  g_test_add_func ("/gauge/holds", test_holds);

  return g_test_run ();
}
