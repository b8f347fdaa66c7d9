/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What leaves: the pump, and the buffer it fills. The pump is woken by three
 * things: the channel's buffer fell to its low mark, credit came, a read
 * finished; being woken for nothing does no harm. */
#include "pst-exchange-private.h"

static gboolean
figures_due (gpointer user_data)
{
  PstExchange *self = user_data;

  pst_timer_clear (&self->figures_source);
  pst_exchange_publish (self);
  return G_SOURCE_REMOVE;
}

/* Something of the buffer changed: tell so within a tenth of a second. */
void
pst_exchange_touch (PstExchange *self)
{
  if (self->figures_source == NULL && self->channel != NULL)
    pst_timer_set (&self->figures_source, PST_TRANSFER_FIGURES_MS, figures_due, self);
}

/* Looks at the buffer, so that its growth and its pace are known. */
void
pst_exchange_watch_buffer (PstExchange *self)
{
  guint64 buffered_bytes = pst_exchange_get_buffered_bytes (self);

  pst_buffer_watch_add (&self->watch, g_get_monotonic_time (), buffered_bytes, self->queued_bytes);
  self->queued_bytes = 0;
  pst_exchange_touch (self);
}

static gboolean
send_failed (gpointer user_data)
{
  PstExchange *self = user_data;
  g_autoptr (GError) error = g_steal_pointer (&self->send_error);

  pst_timer_clear (&self->failure_source);
  if (!g_error_matches (error, PST_ERROR, PST_ERROR_LOST))
    pst_exchange_say_bye (self, error);
  pst_exchange_lose (self, error);
  return G_SOURCE_REMOVE;
}

/* A channel that takes nothing more is lost, and one that nobody reads is left, but
 * not under the hands of whoever is sending. */
static void
send_frame (PstExchange *self, GBytes *frame)
{
  g_autoptr (GBytes) owned = frame;

  if (frame == NULL || self->channel == NULL || self->send_error != NULL)
    return;

  self->queued_bytes += g_bytes_get_size (frame);
  self->given_bytes += g_bytes_get_size (frame);
  if (!pst_channel_send (self->channel, frame, &self->send_error))
    pst_timer_set (&self->failure_source, 0, send_failed, self);
}

static gboolean
is_unread (PstExchange *self)
{
  if (pst_exchange_get_buffered_bytes (self) < PST_EXCHANGE_MAX_UNREAD_BYTES)
    return FALSE;

  if (self->send_error == NULL)
    {
      g_set_error_literal (&self->send_error, PST_ERROR, PST_ERROR_LIMIT,
                           "The other side asks for more than it reads.");
      pst_timer_set (&self->failure_source, 0, send_failed, self);
    }
  return TRUE;
}

/* Sends a message over the channel, if there is one. */
void
pst_exchange_say (PstExchange *self, const PstControl *control)
{
  g_autoptr (GBytes) payload = NULL;
  const guint8 *bytes;
  gsize n_bytes;

  if (self->channel == NULL || (control->kind != PST_CONTROL_BYE && is_unread (self)))
    return;

  payload = pst_control_write (control);
  bytes = g_bytes_get_data (payload, &n_bytes);
  send_frame (self, pst_seal_close (self->seal, PST_FRAME_CONTROL, bytes, n_bytes, NULL, 0));
}

/* Control messages go at once, above the high mark too: without them nothing
 * moves. Between two links they go nowhere: the next one begins with how things
 * stand. */
void
pst_exchange_send_control (PstExchange *self, const PstControl *control)
{
  pst_exchange_note_ending (self, control);
  pst_exchange_say (self, control);
}

/* A piece of a file; the caller has seen to credit, buffer and limit. */
void
pst_exchange_send_data (PstExchange *self,
                        const PstFrameDataHeader *header,
                        const guint8 *bytes,
                        gsize n_bytes)
{
  guint8 head[PST_FRAME_DATA_HEADER_BYTES];

  if (self->channel == NULL)
    return;

  pst_frame_write_data_header (header, head);
  send_frame (self, pst_seal_close (self->seal, PST_FRAME_DATA, head, sizeof head, bytes, n_bytes));
}

/* Whole files; as with pst_exchange_send_data(). */
void
pst_exchange_send_parcel (PstExchange *self, const GByteArray *parcel)
{
  if (self->channel != NULL)
    send_frame (
        self, pst_seal_close (self->seal, PST_FRAME_PARCEL, parcel->data, parcel->len, NULL, 0));
}

static gboolean
limit_over (gpointer user_data)
{
  PstExchange *self = user_data;

  pst_timer_clear (&self->limit_source);
  pst_exchange_wake (self);
  return G_SOURCE_REMOVE;
}

/* Returns 0 if @n_bytes may go now; otherwise the pump is woken when they may. */
gint64
pst_exchange_take_limit (PstExchange *self, gsize n_bytes)
{
  gint64 wait_us = pst_limit_take (&self->limit, g_get_monotonic_time (), n_bytes);

  if (wait_us > 0 && self->limit_source == NULL)
    pst_timer_set (&self->limit_source, wait_us / 1000 + 1, limit_over, self);

  return wait_us;
}

/* How much of a file goes into one frame. */
gsize
pst_exchange_get_piece_bytes (PstExchange *self)
{
  gint64 round_trip_us = self->path.least_round_trip_us >= 0 ? self->path.least_round_trip_us
                                                             : self->round_trip_us;

  return pst_flow_fit_piece (pst_buffer_watch_get_drain_bps (&self->watch), round_trip_us,
                             PST_FRAME_MAX_DATA_BYTES);
}

/* How many transfers share the budget for windows. */
guint
pst_exchange_count_receiving (PstExchange *self)
{
  guint n = 0;

  for (guint i = 0; i < self->transfers->len; i++)
    {
      PstTransfer *transfer = g_ptr_array_index (self->transfers, i);

      n += pst_transfer_is_incoming (transfer) && pst_transfer_is_active (transfer);
    }

  return n;
}

/* Lets go of the transfers that are over and whose workers are gone. */
void
pst_exchange_forget_settled (PstExchange *self)
{
  for (guint i = self->transfers->len; i-- > 0;)
    if (pst_transfer_is_settled (g_ptr_array_index (self->transfers, i)))
      g_ptr_array_remove_index (self->transfers, i);
}

/* Every transfer gets one frame in turn, so that none starves; over when a
 * whole round sent nothing. */
void
pst_exchange_wake (PstExchange *self)
{
  guint n_idle = 0;

  if (self->pumping || !self->greeted)
    return;

  self->pumping = TRUE;
  while (self->greeted && n_idle < self->transfers->len)
    {
      gboolean has_room = pst_exchange_get_buffered_bytes (self) < self->marks.high_bytes;

      self->turn = (self->turn + 1) % self->transfers->len;
      n_idle = pst_transfer_push (g_ptr_array_index (self->transfers, self->turn), has_room)
                   ? 0
                   : n_idle + 1;
    }
  self->pumping = FALSE;

  if (self->channel != NULL)
    pst_exchange_watch_buffer (self);
}
