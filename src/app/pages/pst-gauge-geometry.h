/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-samples.h"

G_BEGIN_DECLS

/* What held a transfer back, as far as the gauge tells it apart. */
typedef enum
{
  PST_HOLD_NONE,
  PST_HOLD_PAUSED,
  PST_HOLD_NETWORK,
  PST_HOLD_THEIR_DISK,
  PST_HOLD_MY_DISK,
  PST_HOLD_LIMIT,
  PST_HOLD_STALLED,
  PST_N_HOLDS
} PstHold;

/**
 * PstStretch:
 * @hold: what held it back; never %PST_HOLD_NONE
 * @first: the first column
 * @end: the column after the last one
 *
 * Neighbouring columns of the chart with the same hold.
 */
typedef struct
{
  PstHold hold;
  guint first;
  guint end;
} PstStretch;

/* A chart of a transfer that has just begun spans this much, so that the curve
 * grows into it instead of being squeezed again and again. */
#define PST_GAUGE_MIN_SPAN_US (10 * G_USEC_PER_SEC)

/* The vessel is drawn a quarter higher than the high mark: what runs over it is seen. */
#define PST_GAUGE_HEADROOM 1.25

PstHold pst_gauge_hold (PstTransferState state);
guint64 pst_gauge_nice_peak (guint64 peak_bps);
gint64 pst_gauge_tick_us (gint64 span_us, guint max_ticks);
void pst_gauge_span (PstSamples *samples, gint64 *start_us, gint64 *end_us);
double pst_gauge_position (gint64 time_us, gint64 start_us, gint64 end_us);
guint pst_gauge_curve (
    PstSamples *samples, gint64 start_us, gint64 end_us, double *rates_bps, guint n_columns);
GArray *pst_gauge_stretches (PstSamples *samples, gint64 start_us, gint64 end_us, guint n_columns);
void pst_gauge_durations (PstSamples *samples, gint64 durations_us[PST_N_HOLDS]);
double pst_gauge_fill (guint64 bytes, guint64 high_mark_bytes);

G_END_DECLS
