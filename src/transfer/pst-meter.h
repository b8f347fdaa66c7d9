/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-flow.h"

G_BEGIN_DECLS

/* The rate shown is that of the last seconds: long enough to read, short
 * enough to follow. */
#define PST_METER_WINDOW_US (3 * G_USEC_PER_SEC)
#define PST_METER_SLOTS     30

/* Nothing taken by the disk for this long is a stall. */
#define PST_METER_STALL_US (30 * G_USEC_PER_SEC)

/**
 * PstMeter:
 *
 * Measures one transfer. Plain data without a clock: every call says what time
 * it is (monotonic, microseconds). Zero-initialised until pst_meter_start().
 */
typedef struct
{
  gint64 started_us;
  gint64 paused_us; /* since when; 0 while running */
  gint64 paused_total_us;
  gint64 progressed_us; /* when something was last taken */
  gint64 arrived_us;    /* when something last came, or the first left after all had come */
  guint64 total_bytes;
  gint64 slot_index;
  guint64 slots[PST_METER_SLOTS];

  PstHold hold;
  gint64 hold_since_us;
  gint64 held_us[PST_N_HOLDS];
} PstMeter;

void pst_meter_start (PstMeter *self, gint64 now_us);
void pst_meter_pause (PstMeter *self, gint64 now_us);
void pst_meter_resume (PstMeter *self, gint64 now_us);
void pst_meter_add (PstMeter *self, gint64 now_us, guint64 n_bytes);
guint64 pst_meter_get_rate_bps (PstMeter *self, gint64 now_us);
guint64 pst_meter_get_peak_rate_bps (PstMeter *self, gint64 now_us);
guint64 pst_meter_get_mean_rate_bps (const PstMeter *self, gint64 now_us);
gint64 pst_meter_get_time_left_us (PstMeter *self, gint64 now_us, guint64 left_bytes);
gboolean pst_meter_is_stalled (const PstMeter *self, gint64 now_us);
void pst_meter_note_arrival (PstMeter *self, gint64 now_us);
gboolean pst_meter_is_stuck (const PstMeter *self, gint64 now_us, guint64 under_way_bytes);
void pst_meter_hold (PstMeter *self, gint64 now_us, PstHold hold);
PstHold pst_meter_take_hold (PstMeter *self, gint64 now_us);

/* The send buffer, watched for congestion. */
#define PST_WATCH_SLOTS 20

typedef struct
{
  gint64 slot_index;
  guint64 buffered_bytes[PST_WATCH_SLOTS]; /* at the end of each half second */
  guint64 drained_bytes[PST_WATCH_SLOTS];  /* left in each half second */
  guint64 last_buffered_bytes;
  guint n_slots;
} PstBufferWatch;

void pst_buffer_watch_add (PstBufferWatch *self,
                           gint64 now_us,
                           guint64 buffered_bytes,
                           guint64 queued_bytes);
gint64 pst_buffer_watch_get_growth_bps (const PstBufferWatch *self);
guint64 pst_buffer_watch_get_drain_bps (const PstBufferWatch *self);
gboolean pst_buffer_watch_is_congested (const PstBufferWatch *self, guint64 low_mark_bytes);

/* The path, watched for the same: what it loses, and how long it takes. */
typedef struct
{
  gint64 since_us;
  guint64 sent_bytes; /* ever, when this turn began */
  guint64 lost_bytes;
  gboolean lossy; /* in the turn before */
} PstPathWatch;

void pst_path_watch_add (PstPathWatch *self, gint64 now_us, guint64 sent_bytes, guint64 lost_bytes);
gboolean pst_path_watch_is_congested (const PstPathWatch *self,
                                      gint64 round_trip_us,
                                      gint64 least_round_trip_us);

G_END_DECLS
