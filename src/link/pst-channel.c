/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-channel.h"

enum
{
  SIGNAL_FRAME,
  SIGNAL_BUFFERED_AMOUNT_LOW,
  SIGNAL_CLOSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_INTERFACE (PstChannel, pst_channel, G_TYPE_OBJECT)

static void
pst_channel_default_init (PstChannelInterface *iface)
{
  signals[SIGNAL_FRAME] = g_signal_new ("frame", PST_TYPE_CHANNEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                        NULL, G_TYPE_NONE, 1, G_TYPE_BYTES);
  signals[SIGNAL_BUFFERED_AMOUNT_LOW]
      = g_signal_new ("buffered-amount-low", PST_TYPE_CHANNEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                      NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", PST_TYPE_CHANNEL, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

/**
 * pst_channel_send:
 * @self: a channel
 * @frame: 1 to %PST_CHANNEL_MAX_FRAME_BYTES bytes; they are read until @frame is
 *   freed, which is a little after the buffered amount has fallen past them.
 *   Memory lent by g_bytes_new_with_free_func() stays untouched until then
 * @error: return location for a %PST_ERROR_LOST
 *
 * Queues one frame. It never blocks and never refuses for want of room: the
 * caller keeps the buffered amount under its own high-water mark.
 *
 * Returns: %TRUE if the frame was queued
 */
gboolean
pst_channel_send (PstChannel *self, GBytes *frame, GError **error)
{
  g_return_val_if_fail (PST_IS_CHANNEL (self), FALSE);
  g_return_val_if_fail (g_bytes_get_size (frame) > 0, FALSE);
  g_return_val_if_fail (g_bytes_get_size (frame) <= PST_CHANNEL_MAX_FRAME_BYTES, FALSE);

  return PST_CHANNEL_GET_IFACE (self)->send (self, frame, error);
}

/**
 * pst_channel_get_buffered_amount:
 * @self: a channel
 *
 * Returns: the bytes queued by pst_channel_send() that have not left yet; what the
 *   SCTP library holds behind the queue is not counted
 */
guint64
pst_channel_get_buffered_amount (PstChannel *self)
{
  g_return_val_if_fail (PST_IS_CHANNEL (self), 0);

  return PST_CHANNEL_GET_IFACE (self)->get_buffered_amount (self);
}

/**
 * pst_channel_set_low_mark:
 * @self: a channel
 * @low_mark_bytes: the mark for #PstChannel::buffered-amount-low, at least 1
 *
 * Sets the buffered amount at which the sender wants to be woken.
 */
void
pst_channel_set_low_mark (PstChannel *self, guint64 low_mark_bytes)
{
  g_return_if_fail (PST_IS_CHANNEL (self));
  g_return_if_fail (low_mark_bytes > 0);

  PST_CHANNEL_GET_IFACE (self)->set_low_mark (self, low_mark_bytes);
}

/**
 * pst_channel_get_path:
 * @self: a channel
 * @path: (out): what is known of the way its bytes take
 */
void
pst_channel_get_path (PstChannel *self, PstChannelPath *path)
{
  g_return_if_fail (PST_IS_CHANNEL (self));

  *path = (PstChannelPath){ .round_trip_us = -1, .least_round_trip_us = -1 };
  if (PST_CHANNEL_GET_IFACE (self)->get_path != NULL)
    PST_CHANNEL_GET_IFACE (self)->get_path (self, path);
}

/**
 * pst_channel_emit_frame:
 * @self: a channel
 * @frame: the frame that came
 *
 * Emits #PstChannel::frame.
 */
void
pst_channel_emit_frame (PstChannel *self, GBytes *frame)
{
  g_signal_emit (self, signals[SIGNAL_FRAME], 0, frame);
}

/**
 * pst_channel_emit_buffered_amount_low:
 * @self: a channel
 *
 * Emits #PstChannel::buffered-amount-low.
 */
void
pst_channel_emit_buffered_amount_low (PstChannel *self)
{
  g_signal_emit (self, signals[SIGNAL_BUFFERED_AMOUNT_LOW], 0);
}

/**
 * pst_channel_emit_closed:
 * @self: a channel
 * @error: why, of %PST_ERROR
 *
 * Emits #PstChannel::closed.
 */
void
pst_channel_emit_closed (PstChannel *self, const GError *error)
{
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0, error);
}
