/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-meter.h"

#include <string.h>

#define SLOT_US (PST_METER_WINDOW_US / PST_METER_SLOTS)

/* Half-second slots: ten seconds are watched. */
#define WATCH_SLOT_US (G_USEC_PER_SEC / 2)

/* A drain is known after three seconds: the first ones of a connection say little. */
#define DRAIN_SLOTS 7

/* What a path loses is counted over so much time; a share of more than this, or a
 * queue that doubles the round trip and adds so much, is congestion. */
#define PATH_TURN_US          (G_USEC_PER_SEC / 2)
#define PATH_LOSS_PERCENT     2
#define PATH_LEAST_SENT_BYTES (64 * 1024)
#define PATH_QUEUE_LEAST_US   (20 * G_TIME_SPAN_MILLISECOND)

/**
 * pst_meter_start:
 * @self: a meter
 * @now_us: monotonic time
 *
 * Begins a measurement; whatever was measured before is forgotten.
 */
void
pst_meter_start (PstMeter *self, gint64 now_us)
{
  memset (self, 0, sizeof *self);
  self->started_us = now_us;
  self->progressed_us = now_us;
  self->hold_since_us = now_us;
  self->slot_index = now_us / SLOT_US;
}

/**
 * pst_meter_pause:
 * @self: a meter
 * @now_us: monotonic time
 *
 * Stops the clock of the mean rate and of stalling, until pst_meter_resume().
 */
void
pst_meter_pause (PstMeter *self, gint64 now_us)
{
  if (self->paused_us == 0)
    self->paused_us = now_us;
}

/**
 * pst_meter_resume:
 * @self: a meter
 * @now_us: monotonic time
 */
void
pst_meter_resume (PstMeter *self, gint64 now_us)
{
  if (self->paused_us == 0)
    return;

  self->paused_total_us += now_us - self->paused_us;
  self->paused_us = 0;
  self->progressed_us = now_us;
}

static void
advance (PstMeter *self, gint64 now_us)
{
  gint64 index = now_us / SLOT_US;

  if (index - self->slot_index >= PST_METER_SLOTS)
    {
      memset (self->slots, 0, sizeof self->slots);
      self->slot_index = index;
    }
  while (self->slot_index < index)
    self->slots[++self->slot_index % PST_METER_SLOTS] = 0;
}

/**
 * pst_meter_add:
 * @self: a meter
 * @now_us: monotonic time
 * @n_bytes: bytes that were just written
 */
void
pst_meter_add (PstMeter *self, gint64 now_us, guint64 n_bytes)
{
  if (n_bytes == 0)
    return;

  advance (self, now_us);
  self->slots[self->slot_index % PST_METER_SLOTS] += n_bytes;
  self->total_bytes += n_bytes;
  self->progressed_us = now_us;
}

/**
 * pst_meter_get_rate_bps:
 * @self: a meter
 * @now_us: monotonic time
 *
 * Returns: bytes a second over the last %PST_METER_WINDOW_US, or since the
 *   start if that is less
 */
guint64
pst_meter_get_rate_bps (PstMeter *self, gint64 now_us)
{
  gint64 span_us = CLAMP (now_us - self->started_us, SLOT_US, PST_METER_WINDOW_US);
  guint64 sum_bytes = 0;

  advance (self, now_us);
  for (guint i = 0; i < PST_METER_SLOTS; i++)
    sum_bytes += self->slots[i];

  return sum_bytes * G_USEC_PER_SEC / span_us;
}

/**
 * pst_meter_get_peak_rate_bps:
 * @self: a meter
 * @now_us: monotonic time
 *
 * Returns: bytes a second in the best tenth of a second of the last
 *   %PST_METER_WINDOW_US; 0 until that time has passed since the start
 */
guint64
pst_meter_get_peak_rate_bps (PstMeter *self, gint64 now_us)
{
  guint64 most_bytes = 0;

  if (now_us - self->started_us < PST_METER_WINDOW_US)
    return 0;

  advance (self, now_us);
  for (guint i = 0; i < PST_METER_SLOTS; i++)
    most_bytes = MAX (most_bytes, self->slots[i]);
  return most_bytes * G_USEC_PER_SEC / SLOT_US;
}

/**
 * pst_meter_get_mean_rate_bps:
 * @self: a meter
 * @now_us: monotonic time
 *
 * Returns: bytes a second since the start, pauses left out
 */
guint64
pst_meter_get_mean_rate_bps (const PstMeter *self, gint64 now_us)
{
  gint64 until_us = self->paused_us != 0 ? self->paused_us : now_us;
  gint64 span_us = MAX (until_us - self->started_us - self->paused_total_us, 1);

  /* Floating point: a day at full speed times a million overflows 64 bits. */
  return (guint64) ((double) self->total_bytes * G_USEC_PER_SEC / (double) span_us);
}

/**
 * pst_meter_get_time_left_us:
 * @self: a meter
 * @now_us: monotonic time
 * @left_bytes: what is still to be written
 *
 * Returns: the time left at the present rate, or -1 while there is none
 */
gint64
pst_meter_get_time_left_us (PstMeter *self, gint64 now_us, guint64 left_bytes)
{
  guint64 rate_bps = pst_meter_get_rate_bps (self, now_us);

  if (left_bytes == 0)
    return 0;
  if (rate_bps == 0)
    return -1;

  return (gint64) MIN ((double) left_bytes / (double) rate_bps * G_USEC_PER_SEC,
                       (double) (G_MAXINT64 / 2));
}

/**
 * pst_meter_is_stalled:
 * @self: a meter
 * @now_us: monotonic time
 *
 * Returns: %TRUE if nothing was written for %PST_METER_STALL_US without a pause
 */
gboolean
pst_meter_is_stalled (const PstMeter *self, gint64 now_us)
{
  return self->paused_us == 0 && now_us - self->progressed_us >= PST_METER_STALL_US;
}

/**
 * pst_meter_note_arrival:
 * @self: a sender's meter
 * @now_us: monotonic time
 *
 * To be called when more is known to have come to the receiver, and when the first
 * bytes leave after all before them have come.
 */
void
pst_meter_note_arrival (PstMeter *self, gint64 now_us)
{
  self->arrived_us = now_us;
}

/**
 * pst_meter_is_stuck:
 * @self: a sender's meter
 * @now_us: monotonic time
 * @under_way_bytes: sent, and not known to have come
 *
 * A disk that is slow, here or there, does not count: then all that was sent came.
 *
 * Returns: %TRUE if nothing of what is under way came for %PST_METER_STALL_US
 */
gboolean
pst_meter_is_stuck (const PstMeter *self, gint64 now_us, guint64 under_way_bytes)
{
  return under_way_bytes > 0 && pst_meter_is_stalled (self, now_us)
         && now_us - self->arrived_us >= PST_METER_STALL_US;
}

/**
 * pst_meter_hold:
 * @self: a meter
 * @now_us: monotonic time
 * @hold: what holds the transfer back from now on
 */
void
pst_meter_hold (PstMeter *self, gint64 now_us, PstHold hold)
{
  self->held_us[self->hold] += now_us - self->hold_since_us;
  self->hold = hold;
  self->hold_since_us = now_us;
}

/**
 * pst_meter_take_hold:
 * @self: a meter
 * @now_us: monotonic time
 *
 * Sums up since the last call: holds change thousands of times a second, a
 * person reads the one that cost most time.
 *
 * Returns: that one
 */
PstHold
pst_meter_take_hold (PstMeter *self, gint64 now_us)
{
  PstHold longest;

  pst_meter_hold (self, now_us, self->hold);
  longest = self->hold;
  for (guint i = 0; i < PST_N_HOLDS; i++)
    if (self->held_us[i] > self->held_us[longest])
      longest = i;

  /* What went before fades instead of being forgotten, so that the word a
   * person reads does not flicker. */
  for (guint i = 0; i < PST_N_HOLDS; i++)
    self->held_us[i] /= 2;

  return longest;
}

/**
 * pst_buffer_watch_add:
 * @self: a watch
 * @now_us: monotonic time
 * @buffered_bytes: the buffered amount now
 * @queued_bytes: what was added to the buffer since the last call
 */
void
pst_buffer_watch_add (PstBufferWatch *self,
                      gint64 now_us,
                      guint64 buffered_bytes,
                      guint64 queued_bytes)
{
  gint64 index = now_us / WATCH_SLOT_US;
  guint64 before_bytes = self->last_buffered_bytes + queued_bytes;
  guint at;

  if (self->n_slots == 0)
    {
      self->slot_index = index;
      self->n_slots = 1;
    }
  if (index - self->slot_index > PST_WATCH_SLOTS)
    self->slot_index = index - PST_WATCH_SLOTS;
  while (self->slot_index < index)
    {
      at = ++self->slot_index % PST_WATCH_SLOTS;
      self->drained_bytes[at] = 0;
      self->buffered_bytes[at] = self->last_buffered_bytes;
      self->n_slots = MIN (self->n_slots + 1, PST_WATCH_SLOTS);
    }

  at = self->slot_index % PST_WATCH_SLOTS;
  self->buffered_bytes[at] = buffered_bytes;
  self->drained_bytes[at] += before_bytes > buffered_bytes ? before_bytes - buffered_bytes : 0;
  self->last_buffered_bytes = buffered_bytes;
}

/**
 * pst_buffer_watch_get_growth_bps:
 * @self: a watch
 *
 * Returns: by how many bytes a second the buffer grew (or, negative, shrank)
 *   over the last second; 0 while that is not known
 */
gint64
pst_buffer_watch_get_growth_bps (const PstBufferWatch *self)
{
  gint64 now_bytes, then_bytes;

  if (self->n_slots < 3)
    return 0;

  now_bytes = self->buffered_bytes[self->slot_index % PST_WATCH_SLOTS];
  then_bytes = self->buffered_bytes[(self->slot_index - 2) % PST_WATCH_SLOTS];
  return now_bytes - then_bytes;
}

/**
 * pst_buffer_watch_get_drain_bps:
 * @self: a watch
 *
 * Returns: at how many bytes a second the buffer emptied in the best of the last two
 *   half seconds that are over; 0 while that is not known
 */
guint64
pst_buffer_watch_get_drain_bps (const PstBufferWatch *self)
{
  guint64 last_bytes, before_bytes;

  if (self->n_slots < DRAIN_SLOTS)
    return 0;

  last_bytes = self->drained_bytes[(self->slot_index - 1) % PST_WATCH_SLOTS];
  before_bytes = self->drained_bytes[(self->slot_index - 2) % PST_WATCH_SLOTS];
  return MAX (last_bytes, before_bytes) * (G_USEC_PER_SEC / WATCH_SLOT_US);
}

/**
 * pst_buffer_watch_is_congested:
 * @self: a watch
 * @low_mark_bytes: below which the buffer says nothing
 *
 * A path is congested when bytes wait above the low mark and leave at less
 * than half of the best pace of the last ten seconds.
 *
 * Returns: %TRUE if so
 */
gboolean
pst_buffer_watch_is_congested (const PstBufferWatch *self, guint64 low_mark_bytes)
{
  guint64 best_bytes = 0;
  guint64 last_bytes;

  if (self->n_slots < 3 || self->last_buffered_bytes < low_mark_bytes)
    return FALSE;

  /* The running slot is not over: the one before it is the newest whole one. */
  for (guint i = 1; i < self->n_slots; i++)
    best_bytes = MAX (best_bytes, self->drained_bytes[(self->slot_index - i) % PST_WATCH_SLOTS]);
  last_bytes = self->drained_bytes[(self->slot_index - 1) % PST_WATCH_SLOTS];

  return last_bytes < best_bytes / 2;
}

/**
 * pst_path_watch_add:
 * @self: a watch, zeroed to begin with
 * @now_us: monotonic time
 * @sent_bytes: what left, ever
 * @lost_bytes: what of it was lost, ever
 */
void
pst_path_watch_add (PstPathWatch *self, gint64 now_us, guint64 sent_bytes, guint64 lost_bytes)
{
  guint64 turn_sent_bytes = sent_bytes - self->sent_bytes;
  guint64 turn_lost_bytes = lost_bytes - self->lost_bytes;

  if (now_us - self->since_us < PATH_TURN_US)
    return;

  self->lossy = self->since_us != 0 && turn_sent_bytes >= PATH_LEAST_SENT_BYTES
                && turn_lost_bytes * 100 > turn_sent_bytes * PATH_LOSS_PERCENT;
  self->since_us = now_us;
  self->sent_bytes = sent_bytes;
  self->lost_bytes = lost_bytes;
}

/**
 * pst_path_watch_is_congested:
 * @self: a watch
 * @round_trip_us: now; -1 while unknown
 * @least_round_trip_us: when nothing waits in the path; -1 while unknown
 *
 * Returns: %TRUE if the path loses much, or a queue has grown in it
 */
gboolean
pst_path_watch_is_congested (const PstPathWatch *self,
                             gint64 round_trip_us,
                             gint64 least_round_trip_us)
{
  gint64 queue_us = round_trip_us - least_round_trip_us;

  return self->lossy
         || (least_round_trip_us >= 0 && queue_us > least_round_trip_us
             && queue_us > PATH_QUEUE_LEAST_US);
}
