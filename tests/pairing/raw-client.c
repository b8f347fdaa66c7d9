/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "raw-client.h"

#include "pst-json.h"
#include "pst-upgrade.h"
#include "pst-websocket.h"

#define BOUND_S 20

static gboolean
on_bound (gpointer user_data)
{
  g_error ("a wait took more than %d s", BOUND_S);
  return G_SOURCE_REMOVE;
}

void
spin_until (gboolean *flag)
{
  guint bound = g_timeout_add_seconds (BOUND_S, on_bound, NULL);

  while (!*flag)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (bound);
}

static void
on_message (SoupWebsocketConnection *websocket, int type, GBytes *message, RawClient *self)
{
  gsize size;
  const char *text = g_bytes_get_data (message, &size);

  pst_websocket_renew (websocket);
  g_queue_push_tail (&self->received, g_strndup (text, size));
  self->done = TRUE;
}

static void
on_closed (SoupWebsocketConnection *websocket, RawClient *self)
{
  self->closed = TRUE;
  self->done = TRUE;
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RawClient *self = user_data;

  self->websocket = pst_websocket_connect_finish (result, NULL);
  self->done = TRUE;
  if (self->websocket == NULL)
    return;

  g_signal_connect (self->websocket, "message", G_CALLBACK (on_message), self);
  g_signal_connect (self->websocket, "closed", G_CALLBACK (on_closed), self);
}

/* NULL if the server did not want us. */
RawClient *
raw_client_try (const char *url)
{
  g_autoptr (RawClient) self = g_new0 (RawClient, 1);
  g_autoptr (GUri) uri = pst_upgrade_parse_url (url, NULL);

  g_queue_init (&self->received);
  pst_websocket_connect_async (uri, NULL, on_connected, self);
  spin_until (&self->done);
  return self->websocket != NULL ? g_steal_pointer (&self) : NULL;
}

RawClient *
raw_client_connect (const char *url)
{
  RawClient *self = raw_client_try (url);

  g_assert_nonnull (self);
  return self;
}

void
raw_client_send (RawClient *self, const char *text)
{
  soup_websocket_connection_send_text (self->websocket, text);
}

char *
raw_client_next (RawClient *self)
{
  while (g_queue_is_empty (&self->received))
    {
      g_assert_false (self->closed);
      self->done = FALSE;
      spin_until (&self->done);
    }

  return g_queue_pop_head (&self->received);
}

JsonObject *
raw_client_next_object (RawClient *self)
{
  g_autofree char *text = raw_client_next (self);
  JsonObject *object = pst_json_parse (text, strlen (text), strlen (text), NULL);

  g_assert_nonnull (object);
  return object;
}

/* Sends a command and gives what comes after its ack: an error's text, or else
 * the type. */
char *
raw_client_ask (RawClient *self, const char *text)
{
  g_autoptr (JsonObject) answer = NULL;

  raw_client_send (self, text);
  do
    {
      g_clear_pointer (&answer, json_object_unref);
      answer = raw_client_next_object (self);
    }
  while (strcmp (json_object_get_string_member (answer, "type"), "ack") == 0
         || strcmp (json_object_get_string_member (answer, "type"), "welcome") == 0);

  return g_strdup (json_object_get_string_member (
      answer, json_object_has_member (answer, "error") ? "error" : "type"));
}

void
raw_client_await_close (RawClient *self)
{
  spin_until (&self->closed);
}

void
raw_client_free (RawClient *self)
{
  if (self->websocket != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->websocket, self);
      if (soup_websocket_connection_get_state (self->websocket) == SOUP_WEBSOCKET_STATE_OPEN)
        soup_websocket_connection_close (self->websocket, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
      g_io_stream_close (soup_websocket_connection_get_io_stream (self->websocket), NULL, NULL);
    }
  g_clear_object (&self->websocket);
  g_queue_clear_full (&self->received, g_free);
  g_free (self);
}
