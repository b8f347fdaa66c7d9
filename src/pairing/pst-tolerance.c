/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-tolerance.h"

/**
 * pst_tolerance_init:
 * @self: (out caller-allocates): what is to be set up
 * @limits: what is admitted; must outlive @self
 * @now_us: the monotonic time, when the client came
 *
 * The client has the time of a handshake to show a sign of life.
 */
void
pst_tolerance_init (PstTolerance *self, const PstRendezvousLimits *limits, gint64 now_us)
{
  *self = (PstTolerance){
    .limits = limits, .refilled_us = now_us, .moved_us = now_us, .allowance = limits->burst
  };
  self->deadline_us = now_us + limits->handshake_ms * G_TIME_SPAN_MILLISECOND;
}

/**
 * pst_tolerance_take_command:
 * @self: the tolerance for a client
 * @now_us: the monotonic time
 *
 * Counts a command. It is taken from a bucket that fills up again with time.
 *
 * Returns: %FALSE if that is one too many
 */
gboolean
pst_tolerance_take_command (PstTolerance *self, gint64 now_us)
{
  const PstRendezvousLimits *limits = self->limits;
  gint64 earned = (now_us - self->refilled_us) * limits->commands_per_s / G_USEC_PER_SEC;

  if (earned > 0)
    {
      self->allowance = MIN (self->allowance + earned, limits->burst);
      self->refilled_us = now_us;
    }
  if (self->allowance == 0 || self->n_commands >= limits->max_commands)
    return FALSE;

  self->allowance--;
  self->n_commands++;
  return TRUE;
}

/**
 * pst_tolerance_note_life:
 * @self: the tolerance for a client
 * @now_us: the monotonic time
 *
 * The client has opened its WebSocket, sent something or answered a ping.
 */
void
pst_tolerance_note_life (PstTolerance *self, gint64 now_us)
{
  self->deadline_us = now_us + self->limits->idle_ms * G_TIME_SPAN_MILLISECOND;
}

/* It reads nothing of what waits for it, or not enough. What has left contains
 * headers too, which make what waits seem a little less. */
static gboolean
is_deaf (PstTolerance *self, guint64 sent_bytes, guint64 left_bytes, gint64 now_us)
{
  left_bytes = MIN (left_bytes, sent_bytes);
  if (left_bytes == sent_bytes || left_bytes != self->left_bytes)
    {
      self->left_bytes = left_bytes;
      self->moved_us = now_us;
    }

  return sent_bytes - left_bytes > self->limits->max_unread_bytes
         || now_us - self->moved_us >= self->limits->stuck_ms * G_TIME_SPAN_MILLISECOND;
}

/**
 * pst_tolerance_is_over:
 * @self: the tolerance for a client
 * @sent_bytes: how much it was sent in all
 * @left_bytes: how much of that has left this machine, or more, with headers
 * @now_us: the monotonic time
 *
 * This is to be asked regularly: it watches whether what waits gets less.
 *
 * Returns: whether the client is to be dropped
 */
gboolean
pst_tolerance_is_over (PstTolerance *self, guint64 sent_bytes, guint64 left_bytes, gint64 now_us)
{
  return self->deadline_us <= now_us || is_deaf (self, sent_bytes, left_bytes, now_us);
}
