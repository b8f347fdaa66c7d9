/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of a session: say goodbye on both ways, wait a moment for the
 * answer, let the workers finish, tear everything down. Nothing here waits
 * without a bound. */
#include "pst-session-private.h"

#include "pst-error.h"

static void
finish_if_all_closed (PstSession *self)
{
  if (!self->tearing_down || self->n_closing > 0 || self->settling)
    return;

  pst_timer_clear (&self->closing_source);
  if (self->rendezvous != NULL)
    pst_rendezvous_stop (self->rendezvous);
  pst_session_set_state (self, PST_SESSION_CLOSED);
  for (guint i = 0; i < self->close_tasks->len; i++)
    g_task_return_boolean (g_ptr_array_index (self->close_tasks, i), TRUE);
  g_ptr_array_set_size (self->close_tasks, 0);
}

/* One of those that n_closing counts is down. */
void
pst_session_release (PstSession *self)
{
  self->n_closing--;
  finish_if_all_closed (self);
}

static void
peer_closed (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstSession) self = user_data;

  pst_peer_close_finish (PST_PEER (object), result, NULL);
  pst_session_release (self);
}

static void
wormhole_closed (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstSession) self = user_data;

  pst_wormhole_close_finish (PST_WORMHOLE (object), result, NULL);
  pst_session_release (self);
}

static void
settled (PstSession *self)
{
  if (!self->settling)
    return;

  self->settling = FALSE;
  finish_if_all_closed (self);
}

static gboolean
settle_in_vain (gpointer user_data)
{
  settled (user_data);
  return G_SOURCE_REMOVE;
}

static PstMood
get_mood (PstSession *self)
{
  if (self->wormhole != NULL && self->error == NULL)
    return PST_MOOD_HAPPY;
  if (g_error_matches (self->error, PST_ERROR, PST_ERROR_TAMPERED)
      || g_error_matches (self->error, PST_ERROR, PST_ERROR_UNVERIFIED))
    return PST_MOOD_SCARY;
  return self->wormhole != NULL ? PST_MOOD_ERRORY : PST_MOOD_LONELY;
}

/* Ends one connection, in the background; the session waits for it when it ends. */
void
pst_session_close_peer (PstSession *self, PstPeer *peer)
{
  self->n_closing++;
  pst_peer_close_async (peer, peer_closed, g_object_ref (self));
}

/* Ends the link, with all that it consists of. */
void
pst_session_drop_peer (PstSession *self)
{
  g_autoptr (PstPeer) peer = g_steal_pointer (&self->peer);

  pst_session_drop_links (self);
  if (peer == NULL)
    return;

  g_signal_handlers_disconnect_by_data (peer, self);
  pst_session_close_peer (self, peer);
  pst_session_notify_route (self);
}

static void
close_link (PstSession *self)
{
  if (self->exchange != NULL)
    pst_exchange_close (self->exchange, self->error);
  pst_session_drop_peer (self);
}

static void
close_wormhole (PstSession *self, PstWormhole *wormhole, PstMood mood)
{
  g_signal_handlers_disconnect_by_data (wormhole, self);
  self->n_closing++;
  pst_wormhole_close_async (wormhole, mood, wormhole_closed, g_object_ref (self));
}

/* A server must hear that the nameplate is free again. */
static void
close_attempts (PstSession *self)
{
  for (guint i = 0; i < self->attempts->len; i++)
    close_wormhole (self, g_ptr_array_index (self->attempts, i), PST_MOOD_LONELY);
  g_ptr_array_set_size (self->attempts, 0);
}

/* The goodbyes are said and heard, or it took too long. */
static gboolean
tear_down (gpointer user_data)
{
  g_autoptr (PstSession) self = g_object_ref (user_data);

  pst_timer_clear (&self->closing_source);
  self->tearing_down = TRUE;
  /* Held until all has been begun. */
  self->n_closing++;
  close_link (self);
  if (self->wormhole != NULL)
    close_wormhole (self, self->wormhole, get_mood (self));
  self->settling = self->exchange != NULL && !pst_exchange_is_settled (self->exchange);
  if (self->settling)
    {
      g_signal_connect_object (self->exchange, "settled", G_CALLBACK (settled), self,
                               G_CONNECT_SWAPPED);
      pst_timer_set (&self->closing_source, PST_SESSION_SETTLE_WAIT_MS, settle_in_vain, self);
    }
  pst_session_release (self);
  return G_SOURCE_REMOVE;
}

/* The mailbox carries a goodbye past a send buffer that is full. */
static void
say_bye (PstSession *self)
{
  g_autoptr (JsonObject) message = json_object_new ();

  if (self->exchange != NULL)
    pst_exchange_say_bye (self->exchange, self->error);

  json_object_set_string_member (message, "t", "bye");
  if (self->error != NULL)
    json_object_set_string_member (message, "reason", pst_error_to_name (self->error));
  if (self->wormhole != NULL)
    pst_wormhole_send (self->wormhole, message);
}

static gboolean
is_foul (const GError *error)
{
  return g_error_matches (error, PST_ERROR, PST_ERROR_WRONG_CODE)
         || g_error_matches (error, PST_ERROR, PST_ERROR_TAMPERED);
}

static guint
time_to_part_ms (PstSession *self)
{
  gboolean is_answered = !self->peer_said_bye
                         && !g_error_matches (self->error, PST_ERROR, PST_ERROR_LOST);

  if (self->wormhole != NULL)
    return is_answered ? PST_SESSION_BYE_WAIT_MS : PST_SESSION_BYE_LINGER_MS;

  /* From our server the other side learns that the codes differ. */
  return self->rendezvous != NULL && is_foul (self->error) ? PST_SESSION_BYE_WAIT_MS : 0;
}

/* Leaves whatever state the session is in for CLOSING. */
void
pst_session_begin_closing (PstSession *self)
{
  if (self->state >= PST_SESSION_CLOSING)
    return;

  close_attempts (self);
  pst_session_clear_pairing (self);
  pst_session_stop_reconnecting (self);
  pst_timer_clear (&self->deadline);
  pst_session_set_state (self, PST_SESSION_CLOSING);
  if (self->wormhole != NULL)
    say_bye (self);

  pst_timer_set (&self->closing_source, time_to_part_ms (self), tear_down, self);
}

/* The other side's goodbye came, or its connection went. */
void
pst_session_heard_bye (PstSession *self)
{
  if (self->peer_said_bye || self->tearing_down)
    return;

  self->peer_said_bye = TRUE;
  pst_timer_set (&self->closing_source, 0, tear_down, self);
}

/* Ends the session; @error: (nullable): why. Only the first counts. */
void
pst_session_fail (PstSession *self, const GError *error)
{
  if (self->state >= PST_SESSION_CLOSING)
    return;

  self->error = error != NULL ? g_error_copy (error) : NULL;
  pst_session_begin_closing (self);
}

/* Whether a transfer has not ended. */
gboolean
pst_session_has_unfinished (PstSession *self)
{
  GListModel *transfers = G_LIST_MODEL (self->transfers);

  for (guint i = 0; i < g_list_model_get_n_items (transfers); i++)
    {
      g_autoptr (PstTransfer) transfer = g_list_model_get_item (transfers, i);

      if (!pst_transfer_is_finished (transfer))
        return TRUE;
    }

  return FALSE;
}

static void
cancel_all (PstSession *self)
{
  GListModel *transfers = G_LIST_MODEL (self->transfers);

  for (guint i = 0; i < g_list_model_get_n_items (transfers); i++)
    {
      g_autoptr (PstTransfer) transfer = g_list_model_get_item (transfers, i);

      pst_transfer_cancel (transfer);
    }
}

/**
 * pst_session_close_async:
 * @self: a session in any state
 * @callback: (nullable): called when all is down
 * @user_data: for @callback
 *
 * Ends the session: cancels what runs, tells the other side, and takes the
 * connection, the mailbox and the server down. Takes about three seconds at
 * most, also when the other side does not answer.
 */
void
pst_session_close_async (PstSession *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  gboolean leaving = pst_session_has_unfinished (self) || self->state < PST_SESSION_CONNECTED;

  g_task_set_source_tag (task, pst_session_close_async);
  if (self->state == PST_SESSION_CLOSED)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }

  g_ptr_array_add (self->close_tasks, task);
  if (self->state == PST_SESSION_CLOSING)
    return;

  cancel_all (self);
  if (leaving)
    self->error = g_error_new_literal (PST_ERROR, PST_ERROR_CANCELLED, "You cancelled.");
  pst_session_begin_closing (self);
}

/**
 * pst_session_reject:
 * @self: a session in any state
 *
 * To be called when the person found that the words of "verifier" differ, or did
 * not confirm that they are the same: cancels what runs and ends the session with
 * %PST_ERROR_UNVERIFIED, of which the other side is told.
 */
void
pst_session_reject (PstSession *self)
{
  g_autoptr (GError) error = g_error_new_literal (
      PST_ERROR, PST_ERROR_UNVERIFIED,
      "The words were not found to be the same on both sides, so the connection was ended.");

  if (self->state >= PST_SESSION_CLOSING)
    return;

  /* The goodbye first: what is cancelled after it is not told as if it were all. */
  pst_session_fail (self, error);
  cancel_all (self);
}

/**
 * pst_session_close_finish:
 * @self: a session
 * @result: what the callback was given
 * @error: return location for an error; there is none
 *
 * Returns: %TRUE
 */
gboolean
pst_session_close_finish (PstSession *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
