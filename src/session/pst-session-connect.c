/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From agreed keys to flowing frames. */
#include "pst-session-private.h"

#include <string.h>

#include "pst-error.h"
#include "pst-json.h"
#include "pst-seal.h"

#define BIND_PURPOSE "penstock:v1:bind"

static GBytes *
derive_frame_key (PstSession *self, const char *sending_side)
{
  g_autoptr (GBytes) purpose = pst_seal_purpose (sending_side, self->epoch);
  gsize n_bytes;
  const guint8 *bytes = g_bytes_get_data (purpose, &n_bytes);

  return pst_wormhole_derive_key (self->wormhole, bytes, n_bytes);
}

/* The smaller side offers; sides are never equal. */
gboolean
pst_session_is_offerer (PstSession *self)
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

  if (self->state >= PST_SESSION_CLOSING)
    return;
  if (self->exchange != NULL)
    {
      pst_exchange_attach (self->exchange, pst_session_bundle (self), send_key, receive_key);
      return;
    }

  self->exchange = pst_exchange_new (pst_session_bundle (self), pst_session_is_offerer (self),
                                     send_key, receive_key, self->display_name, self->limit_bps,
                                     self->only_receives);
  pst_exchange_set_journals (self->exchange, self->journals);
  pst_session_watch_exchange (self);
}

static void
on_signal (PstPeer *peer, JsonObject *message, gpointer user_data)
{
  PstSession *self = user_data;

  pst_wormhole_send (self->wormhole, message);
}

/* Before the exchange has this link; afterwards it hears of the end itself. */
static void
on_peer_closed (PstPeer *peer, const GError *error, gpointer user_data)
{
  PstSession *self = user_data;

  if (self->state >= PST_SESSION_CLOSING
      || (self->exchange != NULL && pst_exchange_is_attached (self->exchange)))
    return;

  if (pst_session_may_try_again (self, error))
    pst_session_lose_link (self);
  else
    pst_session_fail (self, error);
}

/* One end of link @link of this epoch. */
PstPeer *
pst_session_make_peer (PstSession *self, guint link, GError **error)
{
  g_autoptr (GBytes) bind_key = pst_wormhole_derive_key (
      self->wormhole, (const guint8 *) BIND_PURPOSE, strlen (BIND_PURPOSE));
  PstPeerConfig config = {
    .offerer = pst_session_is_offerer (self),
    .local_side = pst_wormhole_get_side (self->wormhole),
    .remote_side = pst_wormhole_get_peer_side (self->wormhole),
    .epoch = self->epoch,
    .link = link,
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

  self->peer = pst_session_make_peer (self, 0, &error);
  if (self->peer != NULL)
    {
      g_signal_connect_object (self->peer, "signal", G_CALLBACK (on_signal), self, 0);
      g_signal_connect_object (self->peer, "opened", G_CALLBACK (on_opened), self, 0);
      g_signal_connect_object (self->peer, "closed", G_CALLBACK (on_peer_closed), self, 0);
      g_signal_connect_object (self->peer, "notify::route",
                               G_CALLBACK (pst_session_notify_route), self, G_CONNECT_SWAPPED);
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
    case PST_ERROR_NOT_FOUND:
      return "The other side waited for the connection to come back, and gave up.";
    case PST_ERROR_USAGE:
      return PST_EXCHANGE_NOBODY_SENDS;
    case PST_ERROR_UNVERIFIED:
      return "The other person did not find the same words, and ended the connection.";
    default:
      return "The other side ended the connection because of a fault.";
    }
}

/* Leaving while there is no link: what was under way here ends because the link was
 * lost, and whether the other side had all of it nobody will tell. */
static GError *
describe_leaving (PstSession *self, GError *error)
{
  gboolean is_calm = error == NULL || g_error_matches (error, PST_ERROR, PST_ERROR_CANCELLED);

  if (!is_calm || self->state != PST_SESSION_RECONNECTING || !pst_session_has_unfinished (self))
    return error;

  g_clear_error (&error);
  return g_error_new_literal (
      PST_ERROR, PST_ERROR_LOST,
      "The connection was lost, and the other side left before it could be made again.");
}

static void
take_bye (PstSession *self, JsonObject *message)
{
  g_autoptr (GError) error = NULL;
  const char *reason;
  PstError code;

  if (self->exchange != NULL && !json_object_has_member (message, "reason"))
    pst_exchange_heard_peace (self->exchange);
  if (self->state == PST_SESSION_CLOSING)
    {
      pst_session_heard_bye (self);
      return;
    }

  self->peer_said_bye = TRUE;
  if (pst_json_get_string (message, "reason", 64, &reason, NULL)
      && pst_error_from_name (reason, &code))
    error = g_error_new_literal (PST_ERROR, code, describe_end (code));
  error = describe_leaving (self, g_steal_pointer (&error));
  if (self->exchange != NULL)
    pst_exchange_close (self->exchange, error);
  else
    pst_session_fail (self, error);
}

/* About a link: this one, the next one, or one that is gone. */
static void
take_about_link (PstSession *self, const char *type, JsonObject *message)
{
  g_autoptr (GError) error = NULL;
  guint64 epoch;

  if (!pst_json_get_uint (message, "epoch", G_MAXUINT32, &epoch, &error))
    pst_session_fail (self, error);
  else if (g_str_equal (type, "again"))
    pst_session_take_again (self, epoch);
  else if (pst_session_enter_epoch (self, epoch)
           && !pst_peer_take_signal (self->peer, message, &error))
    pst_session_fail (self, error);
}

/* A sealed message through the mailbox. */
void
pst_session_take_message (PstSession *self, JsonObject *message)
{
  g_autoptr (GError) error = NULL;
  const char *type;

  if (!pst_json_get_string (message, "t", 32, &type, &error))
    pst_session_fail (self, error);
  else if (g_str_equal (type, "bye"))
    take_bye (self, message);
  else if (self->state < PST_SESSION_CLOSING)
    take_about_link (self, type, message);
}
