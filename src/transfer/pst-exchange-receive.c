/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What comes: every frame is opened, read and checked before it reaches a
 * transfer. Whatever breaks the protocol ends the connection. */
#include "pst-exchange-private.h"

#include "pst-escape.h"
#include "pst-parcel.h"

static gboolean
is_peer_id (PstExchange *self, guint32 id)
{
  return id != 0 && (id & 1) != (self->next_wire_id & 1);
}

/* Finds a transfer that both sides know of; *@known tells of those that are over
 * already. */
static PstTransfer *
find_transfer (PstExchange *self, guint32 id, gboolean *known)
{
  *known = FALSE;
  if (id == 0)
    return NULL;

  for (guint i = 0; i < self->transfers->len; i++)
    {
      PstTransfer *transfer = g_ptr_array_index (self->transfers, i);

      if (transfer->wire_id == id)
        {
          *known = TRUE;
          return pst_transfer_is_finished (transfer) ? NULL : transfer;
        }
    }

  *known = is_peer_id (self, id) ? id <= self->last_peer_id : id < self->next_wire_id;
  return NULL;
}

static gboolean
refuse (GError **error, const char *what)
{
  g_set_error (error, PST_ERROR, PST_ERROR_PROTOCOL, "The other side sent %s.", what);
  return FALSE;
}

static gboolean
has_room_for_offer (PstExchange *self, GError **error)
{
  guint n_incoming = 0;

  for (guint i = 0; i < self->transfers->len; i++)
    n_incoming += pst_transfer_is_incoming (g_ptr_array_index (self->transfers, i));
  if (n_incoming < PST_EXCHANGE_MAX_INCOMING)
    return TRUE;

  g_set_error (error, PST_ERROR, PST_ERROR_LIMIT,
               "The other side made more than %u offers at once.", PST_EXCHANGE_MAX_INCOMING);
  return FALSE;
}

static gboolean
has_room_for_part (PstExchange *self, PstTransfer *transfer, gsize part_bytes, GError **error)
{
  gsize offer_bytes = part_bytes;

  transfer->in.offer_bytes += part_bytes;
  for (guint i = 0; i < self->transfers->len; i++)
    offer_bytes += ((PstTransfer *) g_ptr_array_index (self->transfers, i))->in.offer_bytes;
  if (offer_bytes <= PST_EXCHANGE_MAX_INCOMING_OFFER_BYTES)
    return TRUE;

  g_set_error_literal (error, PST_ERROR, PST_ERROR_LIMIT,
                       "The other side offered more names than can be kept.");
  return FALSE;
}

static gboolean
take_offer (PstExchange *self, PstControl *control, gsize n_bytes, GError **error)
{
  gboolean known;
  PstTransfer *transfer = find_transfer (self, control->id, &known);

  if (transfer == NULL && known && control->part > 0)
    return TRUE; /* the rest of what was cancelled meanwhile */
  if (transfer == NULL)
    {
      if (known || !is_peer_id (self, control->id) || control->part != 0)
        return refuse (error, "an offer under a number that is taken or not its own");
      if (!has_room_for_offer (self, error))
        return FALSE;

      self->last_peer_id = control->id;
      transfer = pst_transfer_new_incoming (self, control->id);
      pst_exchange_add_transfer (self, transfer);
    }
  if (!pst_transfer_is_incoming (transfer))
    return refuse (error, "an offer under a number of ours");

  return has_room_for_part (self, transfer, n_bytes, error)
         && pst_transfer_take_control (transfer, control, error);
}

static gboolean
take_hello (PstExchange *self, PstControl *control, GError **error)
{
  g_autofree char *shown = NULL;

  if (self->greeted)
    return refuse (error, "a second hello");
  if (control->version < PST_CONTROL_VERSION)
    return refuse (error, "a hello of a version that does not exist");

  if (self->only_receives && control->only_receives)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_USAGE,
                           PST_EXCHANGE_NOBODY_SENDS);
      return FALSE;
    }

  self->greeted = TRUE;
  self->peer_resumes = control->resumes;
  self->peer_most_links = control->most_links;
  self->peer_takes_parcels = control->takes_parcels;
  if (control->text != NULL)
    shown = pst_escape_name (control->text, -1);
  pst_exchange_take_greeting (self, shown);
  pst_exchange_wake (self);
  return TRUE;
}

static void
answer_ping (PstExchange *self, PstControl *ping)
{
  PstControl pong = { .kind = PST_CONTROL_PONG, .stamp = ping->stamp };

  /* A flood of pings gets no flood of answers. */
  if (pst_exchange_get_buffered_bytes (self) < self->marks.high_bytes)
    pst_exchange_send_control (self, &pong);
}

static void
take_pong (PstExchange *self, PstControl *pong)
{
  gint64 round_trip_us = g_get_monotonic_time () - (gint64) pong->stamp;

  /* The link knows better: a pong waits behind data. */
  if (round_trip_us >= 0 && round_trip_us < PST_PULSE_LOST_US * 10 && self->path.round_trip_us < 0)
    self->round_trip_us = round_trip_us;
  pst_exchange_forget_endings (self, (gint64) pong->stamp);
  pst_exchange_touch (self);
}

/* What a transfer was called that was never heard of does not matter once it is
 * cancelled: the link went before it could be offered. */
static gboolean
is_cancel_unheard (PstExchange *self, PstControl *control)
{
  return self->n_links > 1 && control->kind == PST_CONTROL_CANCEL && is_peer_id (self, control->id);
}

static gboolean
take_keep (PstExchange *self, PstControl *control, GError **error)
{
  gboolean known;
  PstTransfer *transfer = find_transfer (self, control->id, &known);

  if (self->n_links < 2 || !is_peer_id (self, control->id))
    return refuse (error, "a question about a transfer out of turn");
  if (transfer != NULL)
    return pst_transfer_take_control (transfer, control, error);

  pst_exchange_answer_keep (self, control->id, known);
  return TRUE;
}

static void
take_bye (PstExchange *self, PstControl *control)
{
  g_autoptr (GError) error = NULL;

  if (control->reason == PST_ERROR_CANCELLED)
    error = g_error_new_literal (PST_ERROR, PST_ERROR_CANCELLED, "The other side cancelled.");
  else if (control->reason == PST_ERROR_UNVERIFIED)
    error = g_error_new_literal (
        PST_ERROR, PST_ERROR_UNVERIFIED,
        "The other person did not find the same words, and ended the connection.");
  else if (!control->in_peace)
    error = g_error_new_literal (PST_ERROR, control->reason,
                                 "The other side ended the connection because of a fault.");
  /* What they had not heard by now, their person did not want to. */
  if (control->in_peace)
    pst_exchange_forget_endings (self, G_MAXINT64);
  pst_exchange_say_bye (self, NULL);
  pst_exchange_close (self, error);
}

static gboolean
take_remember (PstExchange *self, PstControl *control, GError **error)
{
  if (++self->n_remember > PST_EXCHANGE_MAX_REMEMBER)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_LIMIT,
                           "The other side asked too often whether it is to be remembered.");
      return FALSE;
    }

  pst_exchange_emit_remember (self, control->agrees);
  return TRUE;
}

static gboolean
take_control (PstExchange *self, GBytes *payload, GError **error)
{
  g_auto (PstControl) control = { 0 };
  PstTransfer *transfer;
  gboolean known;

  if (!pst_control_read (payload, &control, error))
    return FALSE;
  if (!self->greeted && control.kind != PST_CONTROL_HELLO && control.kind != PST_CONTROL_BYE)
    return refuse (error, "something before its hello");

  switch (control.kind)
    {
    case PST_CONTROL_UNKNOWN:
      return TRUE;
    case PST_CONTROL_HELLO:
      return take_hello (self, &control, error);
    case PST_CONTROL_PING:
      answer_ping (self, &control);
      return TRUE;
    case PST_CONTROL_PONG:
      take_pong (self, &control);
      return TRUE;
    case PST_CONTROL_BYE:
      take_bye (self, &control);
      return TRUE;
    case PST_CONTROL_REMEMBER:
      return take_remember (self, &control, error);
    case PST_CONTROL_LINK:
      return pst_exchange_take_link (self, &control, error);
    case PST_CONTROL_OFFER:
      return take_offer (self, &control, g_bytes_get_size (payload), error);
    case PST_CONTROL_KEEP:
      return take_keep (self, &control, error);
    default:
      transfer = find_transfer (self, control.id, &known);
      if (!known && !is_cancel_unheard (self, &control))
        return refuse (error, "a message about a transfer that does not exist");
      return transfer == NULL || pst_transfer_take_control (transfer, &control, error);
    }
}

static gboolean
take_data (PstExchange *self, GBytes *payload, GError **error)
{
  PstFrameDataHeader header;
  g_autoptr (GBytes) bytes = NULL;
  PstTransfer *transfer;
  gboolean known;

  if (!pst_frame_read_data (payload, &header, &bytes, error))
    return FALSE;
  if (!self->greeted)
    return refuse (error, "something before its hello");

  transfer = find_transfer (self, header.transfer, &known);
  if (!known)
    return refuse (error, "data of a transfer that does not exist");
  return transfer == NULL || pst_transfer_take_data (transfer, &header, bytes, error);
}

static gboolean
take_parcel (PstExchange *self, GBytes *payload, GError **error)
{
  guint32 id;
  g_autoptr (GArray) files = pst_parcel_read (payload, &id, error);
  PstTransfer *transfer;
  gboolean known;

  if (files == NULL)
    return FALSE;
  if (!self->greeted)
    return refuse (error, "something before its hello");

  transfer = find_transfer (self, id, &known);
  if (!known)
    return refuse (error, "files of a transfer that does not exist");
  return transfer == NULL || pst_transfer_take_parcel (transfer, payload, files, error);
}

static gboolean
take_payload (PstExchange *self, PstFrameKind kind, GBytes *payload, GError **error)
{
  switch (kind)
    {
    case PST_FRAME_DATA:
      return take_data (self, payload, error);
    case PST_FRAME_CONTROL:
      return take_control (self, payload, error);
    case PST_FRAME_PARCEL:
      return take_parcel (self, payload, error);
    }

  g_assert_not_reached ();
}

/* A frame came; what is wrong with it ends the connection. */
void
pst_exchange_take_frame (PstExchange *self, GBytes *frame)
{
  g_autoptr (GBytes) payload = NULL;
  g_autoptr (GError) error = NULL;
  PstFrameKind kind;

  if (self->channel == NULL)
    return;

  pst_pulse_hear (&self->pulse, g_get_monotonic_time ());
  payload = pst_seal_open (self->opener, frame, &kind, &error);
  if (payload != NULL)
    take_payload (self, kind, payload, &error);

  if (error != NULL)
    {
      pst_exchange_say_bye (self, error);
      pst_exchange_close (self, error);
      return;
    }
  pst_exchange_forget_settled (self);
}
