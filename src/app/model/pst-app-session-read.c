/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session shows. */
#include "pst-app-session-private.h"

/* Without a reference: the list holds it. */
PstAppTransfer *
pst_app_session_peek_transfer (PstAppSession *self, guint index)
{
  g_autoptr (PstAppTransfer) transfer
      = g_list_model_get_item (G_LIST_MODEL (self->transfers), index);

  return transfer;
}

/**
 * pst_app_session_get_state:
 * @self: a session
 *
 * Returns: the state
 */
PstSessionState
pst_app_session_get_state (PstAppSession *self)
{
  return self->now->state;
}

/**
 * pst_app_session_is_together:
 * @self: a session
 *
 * Returns: %TRUE if the two sides have met and none has left, even if the link
 *   between them is being replaced
 */
gboolean
pst_app_session_is_together (PstAppSession *self)
{
  PstSessionState state = pst_app_session_get_state (self);

  return state == PST_SESSION_CONNECTED || state == PST_SESSION_RECONNECTING;
}

/**
 * pst_app_session_is_host:
 * @self: a session
 *
 * Returns: %TRUE if this side shows the code
 */
gboolean
pst_app_session_is_host (PstAppSession *self)
{
  return self->host;
}

/**
 * pst_app_session_is_busy:
 * @self: a session
 *
 * Returns: %TRUE if a transfer runs, waits or is offered
 */
gboolean
pst_app_session_is_busy (PstAppSession *self)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->transfers)); i++)
    if (!pst_app_transfer_is_finished (pst_app_session_peek_transfer (self, i)))
      return TRUE;

  return FALSE;
}

/**
 * pst_app_session_is_meeting:
 * @self: a session
 *
 * Returns: %TRUE if it is one with a remembered device
 */
gboolean
pst_app_session_is_meeting (PstAppSession *self)
{
  return self->meeting;
}

/**
 * pst_app_session_get_remember:
 * @self: a session
 *
 * Returns: whether the two devices are to remember each other
 */
PstRemember
pst_app_session_get_remember (PstAppSession *self)
{
  return self->now->remember;
}

/**
 * pst_app_session_get_device_secret:
 * @self: a session
 *
 * Returns: (transfer none) (nullable): what is to be kept, once both agreed to
 *   remember; until the next change
 */
GBytes *
pst_app_session_get_device_secret (PstAppSession *self)
{
  return self->now->device_secret;
}

/**
 * pst_app_session_get_code:
 * @self: a session
 *
 * Returns: (transfer none) (nullable): the code, once known; until the next change
 */
const char *
pst_app_session_get_code (PstAppSession *self)
{
  return self->now->code;
}

/**
 * pst_app_session_get_invite_uri:
 * @self: a session
 *
 * Returns: (transfer none) (nullable): the link that says the same; until the next change
 */
const char *
pst_app_session_get_invite_uri (PstAppSession *self)
{
  return self->now->invite_uri;
}

/**
 * pst_app_session_get_verifier:
 * @self: a session
 *
 * Returns: (transfer none) (nullable): the words that both people must see, with
 *   blanks between them, once known; until the next change
 */
const char *
pst_app_session_get_verifier (PstAppSession *self)
{
  return self->now->verifier;
}

/**
 * pst_app_session_get_peer_name:
 * @self: a session
 *
 * Returns: (transfer none) (nullable): the other person's name, escaped for showing;
 *   until the next change
 */
const char *
pst_app_session_get_peer_name (PstAppSession *self)
{
  return self->now->peer_name;
}

/**
 * pst_app_session_get_server_url:
 * @self: a session
 *
 * Returns: (transfer none) (nullable): the server that is set; %NULL for this
 *   network only
 */
const char *
pst_app_session_get_server_url (PstAppSession *self)
{
  return self->server_url;
}

/**
 * pst_app_session_get_route:
 * @self: a session
 *
 * Returns: the way the bytes go
 */
PstRoute
pst_app_session_get_route (PstAppSession *self)
{
  return self->now->route;
}

/**
 * pst_app_session_get_buffered_bytes:
 * @self: a session
 *
 * Returns: what waits in the send buffer
 */
guint64
pst_app_session_get_buffered_bytes (PstAppSession *self)
{
  return self->now->buffered_bytes;
}

/**
 * pst_app_session_get_low_mark_bytes:
 * @self: a session
 *
 * Returns: below so much the buffer is filled again
 */
guint64
pst_app_session_get_low_mark_bytes (PstAppSession *self)
{
  return self->now->low_mark_bytes;
}

/**
 * pst_app_session_get_high_mark_bytes:
 * @self: a session
 *
 * Returns: at so much the buffer is full
 */
guint64
pst_app_session_get_high_mark_bytes (PstAppSession *self)
{
  return self->now->high_mark_bytes;
}

/**
 * pst_app_session_is_congested:
 * @self: a session
 *
 * Returns: %TRUE if bytes wait and leave much more slowly than before
 */
gboolean
pst_app_session_is_congested (PstAppSession *self)
{
  return self->now->congested;
}

/**
 * pst_app_session_get_round_trip_us:
 * @self: a session
 *
 * Returns: the last round trip, waiting behind data included; -1 while unknown
 */
gint64
pst_app_session_get_round_trip_us (PstAppSession *self)
{
  return self->now->round_trip_us;
}

/**
 * pst_app_session_get_transfers:
 * @self: a session
 *
 * Returns: (transfer none): the list of #PstAppTransfer, oldest first; every
 *   unfinished one and %PST_FINISHED_MAX others
 */
GListModel *
pst_app_session_get_transfers (PstAppSession *self)
{
  return G_LIST_MODEL (self->transfers);
}
