/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From agreed keys to flowing frames. */
#include "pst-session-private.h"

#include <string.h>

#include "pst-error.h"
#include "pst-json.h"
#include "pst-seal.h"

#define BIND_PURPOSE "penstock:v1:bind"

/* A connection is replaced under a new number; this is the first. */
#define FIRST_EPOCH 0

static GBytes *
derive_frame_key (PstSession *self, const char *sending_side)
{
  g_autoptr (GBytes) purpose = pst_seal_purpose (sending_side, FIRST_EPOCH);
  gsize n_bytes;
  const guint8 *bytes = g_bytes_get_data (purpose, &n_bytes);

  return pst_wormhole_derive_key (self->wormhole, bytes, n_bytes);
}

/* The smaller side offers; sides are never equal. */
static gboolean
is_offerer (PstSession *self)
{
  return strcmp (pst_wormhole_get_side (self->wormhole),
                 pst_wormhole_get_peer_side (self->wormhole))
         < 0;
}

static void
on_opened (PstPeer *peer, gpointer user_data)
{
  PstSession *self = user_data;
  g_autoptr (GBytes) send_key
      = derive_frame_key (self, pst_wormhole_get_side (self->wormhole));
  g_autoptr (GBytes) receive_key
      = derive_frame_key (self, pst_wormhole_get_peer_side (self->wormhole));

  self->exchange = pst_exchange_new (PST_CHANNEL (peer), is_offerer (self), send_key, receive_key,
                                     self->display_name, self->limit_bps);
  pst_session_watch_exchange (self);
}

static void
on_signal (PstPeer *peer, JsonObject *message, gpointer user_data)
{
  PstSession *self = user_data;

  pst_wormhole_send (self->wormhole, message);
}

/* Before the exchange is there; afterwards it hears of the end itself. */
static void
on_peer_closed (PstPeer *peer, const GError *error, gpointer user_data)
{
  PstSession *self = user_data;

  if (self->exchange == NULL && self->state != PST_SESSION_CLOSING)
    pst_session_fail (self, error);
}

static PstPeer *
make_peer (PstSession *self, GError **error)
{
  g_autoptr (GBytes) bind_key = pst_wormhole_derive_key (
      self->wormhole, (const guint8 *) BIND_PURPOSE, strlen (BIND_PURPOSE));
  PstPeerConfig config = {
    .offerer = is_offerer (self),
    .local_side = pst_wormhole_get_side (self->wormhole),
    .remote_side = pst_wormhole_get_peer_side (self->wormhole),
    .epoch = FIRST_EPOCH,
    .bind_key = bind_key,
    .stun_server = self->stun_server,
    .turn_servers = (const char *const *) self->turn_servers,
    .relay_only = self->relay_only,
    .stock = self->stock,
  };

  return pst_peer_new (&config, error);
}

/* Begins to look for a path to the side that was paired with. */
void
pst_session_connect_peer (PstSession *self)
{
  g_autoptr (GError) error = NULL;

  self->peer = make_peer (self, &error);
  if (self->peer != NULL)
    {
      g_signal_connect_object (self->peer, "signal", G_CALLBACK (on_signal), self, 0);
      g_signal_connect_object (self->peer, "opened", G_CALLBACK (on_opened), self, 0);
      g_signal_connect_object (self->peer, "closed", G_CALLBACK (on_peer_closed), self, 0);
    }
  if (self->peer == NULL || !pst_peer_start (self->peer, &error))
    pst_session_fail (self, error);
}

static const char *
describe_end (PstError code)
{
  switch (code)
    {
    case PST_ERROR_CANCELLED:
      return "The other side cancelled.";
    case PST_ERROR_NO_PATH:
      return "The other side found no network path to this machine.";
    case PST_ERROR_UNVERIFIED:
      return "The other person did not find the same words, and ended the connection.";
    default:
      return "The other side ended the connection because of a fault.";
    }
}

static void
take_bye (PstSession *self, JsonObject *message)
{
  g_autoptr (GError) error = NULL;
  const char *reason;
  PstError code;

  if (self->state == PST_SESSION_CLOSING)
    {
      pst_session_heard_bye (self);
      return;
    }

  self->peer_said_bye = TRUE;
  if (pst_json_get_string (message, "reason", 64, &reason, NULL)
      && pst_error_from_name (reason, &code))
    error = g_error_new_literal (PST_ERROR, code, describe_end (code));
  if (self->exchange != NULL)
    pst_exchange_close (self->exchange, error);
  else
    pst_session_fail (self, error);
}

/* A sealed message through the mailbox. */
void
pst_session_take_message (PstSession *self, JsonObject *message)
{
  g_autoptr (GError) error = NULL;
  const char *type;

  if (pst_json_get_string (message, "t", 32, &type, NULL) && g_str_equal (type, "bye"))
    take_bye (self, message);
  else if (self->peer != NULL && self->state < PST_SESSION_CLOSING
           && !pst_peer_take_signal (self->peer, message, &error))
    pst_session_fail (self, error);
}
