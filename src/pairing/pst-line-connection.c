/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-line-private.h"

#include "pst-error.h"
#include "pst-escape.h"
#include "pst-timer.h"
#include "pst-upgrade.h"
#include "pst-websocket.h"

/* Whoever asks whether the server is still there wants to know soon. */
#define HURRY_ANSWER_MS 5000

static const char *
get_url (PstLine *self)
{
  return g_ptr_array_index (self->urls, self->turn);
}

void
pst_line_set_timer (PstLine *self, guint delay_ms, GSourceFunc callback)
{
  if (callback != NULL)
    pst_timer_set (&self->timer, delay_ms, callback, self);
  else
    pst_timer_clear (&self->timer);
}

void
pst_line_drop_connection (PstLine *self)
{
  g_autoptr (SoupWebsocketConnection) websocket = g_steal_pointer (&self->websocket);

  pst_line_set_timer (self, 0, NULL);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (websocket == NULL)
    return;

  g_signal_handlers_disconnect_by_data (websocket, self);
  if (soup_websocket_connection_get_state (websocket) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (websocket, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
}

void
pst_line_finish_closing (PstLine *self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->closing);

  pst_line_drop_connection (self);
  pst_line_set_state (self, PST_LINE_CLOSED);
  if (task != NULL)
    g_task_return_boolean (task, TRUE);
}

/* The connection stays, if there is one, so that the mailbox can be closed. */
void
pst_line_fail (PstLine *self, int code, const char *format, ...)
{
  g_autoptr (GError) error = NULL;
  va_list args;

  if (self->failed || self->closing != NULL)
    return;

  va_start (args, format);
  error = g_error_new_valist (PST_ERROR, code, format, args);
  va_end (args);

  self->failed = TRUE;
  pst_line_set_timer (self, 0, NULL);
  pst_line_emit_failed (self, error);
}

static gboolean
on_rested (gpointer user_data)
{
  PstLine *self = PST_LINE (user_data);

  pst_timer_clear (&self->timer);
  pst_line_connect (self);
  return G_SOURCE_REMOVE;
}

static gboolean
has_retried_enough (PstLine *self)
{
  gint64 lost_for_us = g_get_monotonic_time () - self->lost_us;

  return !self->persistent && lost_for_us >= self->timing.retry_total_ms * G_TIME_SPAN_MILLISECOND;
}

/* A first connection that fails fails at once: the address may be wrong. */
void
pst_line_lose (PstLine *self, const char *reason)
{
  if (self->state == PST_LINE_CLOSING)
    {
      pst_line_finish_closing (self);
      return;
    }

  pst_line_drop_connection (self);
  if (self->failed)
    return;
  if (self->lost_us == 0)
    self->lost_us = g_get_monotonic_time ();
  pst_line_set_state (self, PST_LINE_RESTING);
  if (!self->welcomed || has_retried_enough (self))
    {
      pst_line_fail (self, PST_ERROR_SERVER, "The rendezvous server %s cannot be reached: %s",
                     get_url (self), reason);
      return;
    }

  self->turn = (self->turn + 1) % self->urls->len;
  pst_line_set_timer (self, self->pause_ms, on_rested);
  self->pause_ms = MIN (2 * self->pause_ms, self->timing.retry_max_ms);
}

/* Once paired, nothing the server says may end what goes on without it. */
void
pst_line_distrust (PstLine *self, const char *reason)
{
  g_autofree char *escaped = pst_escape_name (reason, -1);

  if (self->persistent || self->state == PST_LINE_CLOSING)
    pst_line_lose (self, escaped);
  else
    pst_line_fail (self, PST_ERROR_SERVER, "The rendezvous server %s does not do its part: %s",
                   get_url (self), escaped);
}

static gboolean
on_no_answer (gpointer user_data)
{
  PstLine *self = PST_LINE (user_data);

  pst_timer_clear (&self->timer);
  pst_line_lose (self, "it does not answer.");
  return G_SOURCE_REMOVE;
}

void
pst_line_await_answer (PstLine *self)
{
  pst_line_set_timer (self, self->timing.answer_ms, on_no_answer);
}

void
pst_line_await_answer_soon (PstLine *self)
{
  pst_line_set_timer (self, MIN (self->timing.answer_ms, HURRY_ANSWER_MS), on_no_answer);
}

static void
on_message (SoupWebsocketConnection *websocket, int type, GBytes *message, PstLine *line)
{
  g_autoptr (PstLine) self = g_object_ref (line);
  g_autoptr (PstMailboxFrame) frame = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;
  const char *text = g_bytes_get_data (message, &size);

  pst_websocket_renew (websocket);
  if (self->failed && self->state != PST_LINE_CLOSING)
    return;
  if (type != SOUP_WEBSOCKET_DATA_TEXT)
    pst_line_distrust (self, "it sends binary frames.");
  else if ((frame = pst_mailbox_parse_answer (text, size, &error)) == NULL)
    pst_line_distrust (self, error->message);
  else
    pst_line_take_frame (self, frame);
}

static void
on_websocket_closed (SoupWebsocketConnection *websocket, PstLine *line)
{
  g_autoptr (PstLine) self = g_object_ref (line);

  pst_line_lose (self, "the connection was closed.");
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstLine) self = PST_LINE (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (SoupWebsocketConnection) websocket = pst_websocket_connect_finish (result, &error);

  /* A cancelled attempt is none of ours any more. */
  if (self->state != PST_LINE_CONNECTING
      || g_task_get_cancellable (G_TASK (result)) != self->cancellable)
    return;
  if (websocket == NULL)
    {
      pst_line_lose (self, error->message);
      return;
    }

  pst_line_set_state (self, PST_LINE_GREETING);
  self->websocket = g_steal_pointer (&websocket);
  g_signal_connect (self->websocket, "message", G_CALLBACK (on_message), self);
  g_signal_connect (self->websocket, "closed", G_CALLBACK (on_websocket_closed), self);
}

static void
forget_connection (PstLine *self)
{
  self->release_sent = FALSE;
  for (guint i = 0; i < self->outgoing->len; i++)
    {
      PstOutgoing *outgoing = g_ptr_array_index (self->outgoing, i);

      outgoing->sent = FALSE;
      outgoing->echoed = FALSE;
    }
}

void
pst_line_connect (PstLine *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GUri) uri = pst_upgrade_parse_url (get_url (self), &error);

  forget_connection (self);
  pst_line_set_state (self, PST_LINE_CONNECTING);
  if (uri == NULL)
    {
      pst_line_fail (self, error->code, "%s", error->message);
      return;
    }

  pst_line_await_answer (self);
  self->cancellable = g_cancellable_new ();
  pst_websocket_connect_async (uri, self->cancellable, on_connected, g_object_ref (self));
}
