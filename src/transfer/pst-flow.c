/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-flow.h"

#include "pst-error.h"

/* The bucket holds what the limit lets through in this time: enough to make up
 * for a late wake-up, too little to be noticed as a burst. */
#define LIMIT_BURST_US (G_USEC_PER_SEC / 10)

/* A window is twice what is under way at the present rate, so that a rate which the
 * window itself holds down can grow; what a worker and a disk take for a turn counts
 * as part of the round trip. Not known yet, a round trip is taken for a long one. */
#define WINDOW_ROUND_TRIPS    2
#define DISK_TURN_US          (50 * G_TIME_SPAN_MILLISECOND)
#define UNKNOWN_ROUND_TRIP_US (100 * G_TIME_SPAN_MILLISECOND)
#define LONGEST_ROUND_TRIP_US (2 * G_TIME_SPAN_SECOND)

/* What waits for a disk is lost when the receiver is killed, and sent again: a window
 * larger than what the path itself needs is no larger than this. */
#define SPARE_WINDOW_BYTES (8 * 1024 * 1024)

/* The buffer holds so much time: a busy machine may let the pump wait as long. */
#define BUFFER_US (20 * G_TIME_SPAN_MILLISECOND)

/* A frame holds up what is behind it, and some count it as life only when all of it has
 * come: it takes half a second at most. While the rate is not known, a short round trip
 * tells that no slow line lies between: one of 64 kbit/s takes longer for one packet. */
#define PIECES_PER_SECOND   2
#define LEAST_PIECE_BYTES   4096
#define UNKNOWN_PIECE_BYTES 16384
#define NEAR_ROUND_TRIP_US  (50 * G_TIME_SPAN_MILLISECOND)

/* Marks that differ by less than a quarter stay as they are. */
#define MARK_CHANGE_PERCENT 25

/**
 * pst_credit_update:
 * @self: the sender's account
 * @received_bytes: bytes that reached the other side, ever
 * @taken_bytes: bytes that its file system has taken, ever
 * @written_bytes: bytes that are on its disk, ever
 * @window_bytes: bytes it lets us have beyond @taken_bytes
 * @error: return location for a %PST_ERROR_PROTOCOL
 *
 * Takes a `credit` message (docs/protocol.md, “Flow control”). The figures are
 * cumulative, so a repeated message does no harm; they may not fall, and may
 * not exceed what was sent.
 *
 * Returns: %TRUE if the message makes sense
 */
gboolean
pst_credit_update (PstCredit *self,
                   guint64 received_bytes,
                   guint64 taken_bytes,
                   guint64 written_bytes,
                   guint64 window_bytes,
                   GError **error)
{
  if (written_bytes < self->written_bytes || taken_bytes < self->taken_bytes
      || received_bytes < self->received_bytes || written_bytes > taken_bytes
      || taken_bytes > received_bytes || received_bytes > self->sent_bytes)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL,
                           "The other side acknowledged bytes that were never sent.");
      return FALSE;
    }

  self->received_bytes = received_bytes;
  self->taken_bytes = taken_bytes;
  self->written_bytes = written_bytes;
  self->window_bytes = window_bytes;
  return TRUE;
}

/**
 * pst_credit_get_room:
 * @self: the sender's account
 *
 * Returns: how many bytes may be sent now; a window that was made smaller
 *   gives 0, never a negative amount
 */
guint64
pst_credit_get_room (const PstCredit *self)
{
  guint64 outstanding_bytes = self->sent_bytes - self->taken_bytes;

  return outstanding_bytes < self->window_bytes ? self->window_bytes - outstanding_bytes : 0;
}

/**
 * pst_credit_get_hold:
 * @self: the sender's account, without room
 *
 * Tells where the bytes are that are sent and not yet taken: before the other
 * side's disk, or still on their way.
 *
 * Returns: %PST_HOLD_THEIR_DISK or %PST_HOLD_NETWORK
 */
PstHold
pst_credit_get_hold (const PstCredit *self)
{
  guint64 under_way_bytes = self->sent_bytes - self->received_bytes;
  guint64 at_disk_bytes = self->received_bytes - self->taken_bytes;

  return at_disk_bytes >= under_way_bytes ? PST_HOLD_THEIR_DISK : PST_HOLD_NETWORK;
}

/**
 * pst_window_receive:
 * @self: the receiver's account
 * @n_bytes: bytes that just came
 * @error: return location for a %PST_ERROR_PROTOCOL
 *
 * Returns: %TRUE if the sender kept to its credit
 */
gboolean
pst_window_receive (PstWindow *self, guint64 n_bytes, GError **error)
{
  /* A window that shrank meanwhile does not bind what was already under way:
   * only the greatest one does. */
  guint64 outstanding_bytes = self->received_bytes - self->announced_taken_bytes;
  guint64 most_bytes = MAX (self->granted_bytes, self->window_bytes);

  if (n_bytes > most_bytes || outstanding_bytes > most_bytes - n_bytes)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL,
                           "The other side sent more than it had credit for.");
      return FALSE;
    }

  self->received_bytes += n_bytes;
  return TRUE;
}

/**
 * pst_window_take:
 * @self: the receiver's account
 * @n_bytes: bytes that the file system has now, and memory no more; at most what was
 *   received
 */
void
pst_window_take (PstWindow *self, guint64 n_bytes)
{
  g_return_if_fail (n_bytes <= self->received_bytes - self->taken_bytes);

  self->taken_bytes += n_bytes;
}

/**
 * pst_window_write:
 * @self: the receiver's account
 * @n_bytes: bytes that are on the disk now; at most what was taken
 */
void
pst_window_write (PstWindow *self, guint64 n_bytes)
{
  g_return_if_fail (n_bytes <= self->taken_bytes - self->written_bytes);

  self->written_bytes += n_bytes;
}

/* Enough of what came has gone on, or all. */
static gboolean
is_due (guint64 now_bytes, guint64 announced_bytes, guint64 step_bytes, guint64 received_bytes)
{
  return now_bytes - announced_bytes >= step_bytes
         || (now_bytes > announced_bytes && now_bytes == received_bytes);
}

/**
 * pst_window_should_announce:
 * @self: the receiver's account
 *
 * Credit is due when an eighth of the window, or a step, was taken since the last
 * time (so that the sender never runs dry for want of a message), when as much was
 * received or written (so that it knows where its bytes are), and when nothing is left
 * to take or to write.
 *
 * Returns: %TRUE if a `credit` message should be sent
 */
gboolean
pst_window_should_announce (const PstWindow *self)
{
  guint64 step_bytes = MIN (self->window_bytes / 8, self->sender_sleeps
                                                        ? PST_FLOW_WAKE_CREDIT_STEP_BYTES
                                                        : PST_FLOW_MAX_CREDIT_STEP_BYTES);

  return self->received_bytes - self->announced_received_bytes >= step_bytes
         || is_due (self->taken_bytes, self->announced_taken_bytes, step_bytes,
                    self->received_bytes)
         || is_due (self->written_bytes, self->announced_written_bytes, step_bytes,
                    self->received_bytes);
}

/**
 * pst_window_has_news:
 * @self: the receiver's account
 *
 * Returns: %TRUE if anything is not as it was last announced
 */
gboolean
pst_window_has_news (const PstWindow *self)
{
  return self->received_bytes != self->announced_received_bytes
         || self->taken_bytes != self->announced_taken_bytes
         || self->written_bytes != self->announced_written_bytes;
}

/**
 * pst_window_announced:
 * @self: the receiver's account, whose figures were just sent
 */
void
pst_window_announced (PstWindow *self)
{
  self->announced_received_bytes = self->received_bytes;
  self->announced_taken_bytes = self->taken_bytes;
  self->announced_written_bytes = self->written_bytes;
  self->granted_bytes = MAX (self->granted_bytes, self->window_bytes);
}

/**
 * pst_window_fit:
 * @rate_bps: bytes a second that are being taken; 0 while nothing is known, and
 *   taken for %PST_FLOW_FIRST_RATE_BPS
 * @round_trip_us: of the connection; -1 while unknown
 * @n_running: incoming transfers that run, at least 1
 *
 * A window as large as this transfer can use, within its share of the budget.
 *
 * Returns: the window, in bytes
 */
guint64
pst_window_fit (guint64 rate_bps, gint64 round_trip_us, guint n_running)
{
  guint64 share_bytes = PST_FLOW_WINDOW_BUDGET_BYTES / MAX (n_running, 1);
  double path_bytes, disk_bytes;

  G_STATIC_ASSERT (PST_FLOW_WINDOW_BUDGET_BYTES <= PST_FLOW_MAX_WINDOW_BYTES);
  share_bytes = MAX (share_bytes, PST_FLOW_MIN_WINDOW_BYTES);
  if (rate_bps == 0)
    rate_bps = PST_FLOW_FIRST_RATE_BPS;
  if (round_trip_us < 0)
    round_trip_us = UNKNOWN_ROUND_TRIP_US;
  round_trip_us = MIN (round_trip_us, LONGEST_ROUND_TRIP_US);
  path_bytes = (double) rate_bps * WINDOW_ROUND_TRIPS * (double) round_trip_us / G_USEC_PER_SEC;
  disk_bytes = (double) rate_bps * WINDOW_ROUND_TRIPS * DISK_TURN_US / G_USEC_PER_SEC;
  return (guint64) CLAMP (MIN (path_bytes + disk_bytes, MAX (path_bytes, SPARE_WINDOW_BYTES)),
                          PST_FLOW_MIN_WINDOW_BYTES, (double) share_bytes);
}

/**
 * pst_flow_fit_piece:
 * @rate_bps: bytes a second that leave the buffer; 0 while nothing is known
 * @round_trip_us: -1: not known, and taken for short
 * @most_bytes: what a frame holds
 *
 * Returns: how much of a file should go into one frame
 */
gsize
pst_flow_fit_piece (guint64 rate_bps, gint64 round_trip_us, gsize most_bytes)
{
  if (rate_bps > 0)
    return CLAMP (rate_bps / PIECES_PER_SECOND, LEAST_PIECE_BYTES, most_bytes);

  return round_trip_us < NEAR_ROUND_TRIP_US ? most_bytes : UNKNOWN_PIECE_BYTES;
}

/**
 * pst_marks_follow:
 * @self: the marks
 * @rate_bps: bytes a second that leave the buffer; 0 while nothing is known
 * @buffered_bytes: what is in it
 * @n_links: over so many links it leaves, each of which must have something; 0: one
 *
 * Fits the marks to the rate: what the buffer holds beyond what the pump needs to be
 * in time is only delay. They do not fall below what is in the buffer already.
 *
 * Returns: %TRUE if they changed
 */
gboolean
pst_marks_follow (PstMarks *self, guint64 rate_bps, guint64 buffered_bytes, guint n_links)
{
  guint64 wanted_bytes;

  if (rate_bps == 0)
    return FALSE;
  wanted_bytes = CLAMP (rate_bps / (G_USEC_PER_SEC / BUFFER_US),
                        (guint64) PST_FLOW_MIN_HIGH_MARK_BYTES * MAX (n_links, 1),
                        PST_FLOW_MAX_HIGH_MARK_BYTES);
  if (wanted_bytes < self->high_bytes && buffered_bytes > wanted_bytes)
    return FALSE;
  if (wanted_bytes * 100 >= self->high_bytes * (100 - MARK_CHANGE_PERCENT)
      && wanted_bytes * 100 <= self->high_bytes * (100 + MARK_CHANGE_PERCENT))
    return FALSE;

  self->high_bytes = wanted_bytes;
  self->low_bytes = wanted_bytes / 2;
  return TRUE;
}

/**
 * pst_limit_take:
 * @self: a token bucket; a rate of 0 lets everything through
 * @now_us: monotonic time
 * @n_bytes: what is to be sent
 *
 * Lets @n_bytes through if the bucket is not in debt, and charges them: the
 * bucket may fall below zero by one frame, so that a limit smaller than a
 * frame a second works, too.
 *
 * Returns: 0 if they may go; otherwise the microseconds to wait before asking again
 */
gint64
pst_limit_take (PstLimit *self, gint64 now_us, guint64 n_bytes)
{
  gint64 full_byte_us;
  gint64 gained_us;

  if (self->rate_bps == 0)
    return 0;

  full_byte_us = self->rate_bps * LIMIT_BURST_US;
  gained_us = MIN (now_us - self->filled_us, 100 * G_USEC_PER_SEC);
  self->credit_byte_us = MIN (self->credit_byte_us + gained_us * (gint64) self->rate_bps,
                              full_byte_us);
  self->filled_us = now_us;

  if (self->credit_byte_us < 0)
    return -self->credit_byte_us / (gint64) self->rate_bps + 1;

  self->credit_byte_us -= (gint64) n_bytes * G_USEC_PER_SEC;
  return 0;
}
