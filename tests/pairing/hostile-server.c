/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "party.h"

#include "pst-websocket.h"

/* The client may go at any byte of it. */
static void
on_poured (GObject *source, GAsyncResult *result, gpointer flood)
{
  g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);
  g_bytes_unref (flood);
}

static void
pour (HostileServer *hostile)
{
  GIOStream *stream = soup_websocket_connection_get_io_stream (hostile->websocket);
  gsize n_bytes;
  const void *bytes = g_bytes_get_data (hostile->flood, &n_bytes);

  g_output_stream_write_all_async (g_io_stream_get_output_stream (stream), bytes, n_bytes, 0, NULL,
                                   on_poured, g_bytes_ref (hostile->flood));
}

static void
on_hostile_accepted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  HostileServer *hostile = user_data;

  g_clear_object (&hostile->websocket);
  hostile->websocket = pst_websocket_accept_finish (result, NULL);
  for (guint i = 0; hostile->websocket != NULL && hostile->lines[i] != NULL; i++)
    soup_websocket_connection_send_text (hostile->websocket, hostile->lines[i]);
  if (hostile->websocket != NULL && hostile->flood != NULL)
    pour (hostile);
}

static gboolean
on_hostile_incoming (GSocketService *service,
                     GSocketConnection *connection,
                     GObject *source_object,
                     gpointer user_data)
{
  HostileServer *hostile = user_data;

  hostile->n_incoming++;
  if (hostile->holds)
    g_ptr_array_add (hostile->held, g_object_ref (connection));
  if (hostile->raw == NULL)
    pst_websocket_accept_async (connection, NULL, on_hostile_accepted, hostile);
  else
    g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)),
                               hostile->raw, strlen (hostile->raw), NULL, NULL, NULL);
  return TRUE;
}

void
hostile_server_start (HostileServer *self)
{
  guint16 port;

  self->held = g_ptr_array_new_with_free_func (g_object_unref);
  self->service = g_socket_service_new ();
  port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (self->service), NULL, NULL);
  g_signal_connect (self->service, "incoming", G_CALLBACK (on_hostile_incoming), self);
  self->url = g_strdup_printf ("ws://127.0.0.1:%u", port);
}

void
hostile_server_stop (HostileServer *self)
{
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_clear_object (&self->service);
  g_clear_pointer (&self->held, g_ptr_array_unref);
  g_clear_object (&self->websocket);
  g_clear_pointer (&self->url, g_free);
}
