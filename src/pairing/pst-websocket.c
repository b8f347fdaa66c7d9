/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-websocket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "pst-error.h"
#include "pst-mailbox.h"
#include "pst-allowance.h"
#include "pst-upgrade.h"

/* Two largest frames, so that a pong and the frame after fit beside one. */
#define ALLOWANCE_BYTES (2 * PST_MAILBOX_MAX_FRAME_BYTES)

/* Each end asks the other this often whether it is still there; routers forget
 * idle connections after some minutes. */
#define KEEPALIVE_S 60

typedef struct
{
  GIOStream *stream;
  GUri *uri;
  char *key;
  gboolean is_server;
  guint status;
  GByteArray *head;
  char *outgoing;
} Handshake;

static void
handshake_free (Handshake *handshake)
{
  g_clear_object (&handshake->stream);
  g_clear_pointer (&handshake->uri, g_uri_unref);
  g_clear_pointer (&handshake->head, g_byte_array_unref);
  g_free (handshake->key);
  g_free (handshake->outgoing);
  g_free (handshake);
}

/* Small messages that answer each other: waiting to fill a packet costs 40 ms
 * every time. */
static GIOStream *
make_stream (GSocketConnection *connection)
{
  GSocket *socket = g_socket_connection_get_socket (connection);

  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  return pst_allowance_new (G_IO_STREAM (connection), PST_UPGRADE_MAX_HEAD_BYTES);
}

static Handshake *
handshake_new (gboolean is_server)
{
  Handshake *handshake = g_new0 (Handshake, 1);

  handshake->is_server = is_server;
  handshake->head = g_byte_array_new ();
  return handshake;
}

static void
complete (GTask *task)
{
  Handshake *handshake = g_task_get_task_data (task);
  g_autoptr (GUri) any = g_uri_parse ("ws://localhost/v1", G_URI_FLAGS_NONE, NULL);
  SoupWebsocketConnection *websocket = soup_websocket_connection_new (
      handshake->stream, handshake->uri != NULL ? handshake->uri : any,
      handshake->is_server ? SOUP_WEBSOCKET_CONNECTION_SERVER : SOUP_WEBSOCKET_CONNECTION_CLIENT,
      NULL, NULL, NULL);

  soup_websocket_connection_set_max_incoming_payload_size (websocket, PST_MAILBOX_MAX_FRAME_BYTES);
  soup_websocket_connection_set_keepalive_interval (websocket, KEEPALIVE_S);
  pst_websocket_renew (websocket);
  g_task_return_pointer (task, websocket, g_object_unref);
}

static void
on_head_written (GObject *source, GAsyncResult *result, gpointer user_data);

static void
write_head (GTask *task, char *head)
{
  Handshake *handshake = g_task_get_task_data (task);

  handshake->outgoing = head;
  g_output_stream_write_all_async (g_io_stream_get_output_stream (handshake->stream), head,
                                   strlen (head), G_PRIORITY_DEFAULT, g_task_get_cancellable (task),
                                   on_head_written, g_object_ref (task));
}

static void
judge_head (GTask *task)
{
  Handshake *handshake = g_task_get_task_data (task);
  const char *head = (const char *) handshake->head->data;
  GError *error = NULL;

  if (handshake->is_server)
    {
      handshake->status
          = pst_upgrade_check_request (head, handshake->head->len, &handshake->key);
      write_head (task, pst_upgrade_print_response (handshake->status, handshake->key));
    }
  else if (pst_upgrade_check_response (head, handshake->head->len, handshake->key, &error))
    complete (task);
  else
    g_task_return_error (task, error);
}

/* Reads single bytes: what follows the head belongs to the WebSocket. */
static gboolean
read_head (GTask *task, GError **error)
{
  Handshake *handshake = g_task_get_task_data (task);
  GPollableInputStream *input
      = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (handshake->stream));
  GByteArray *head = handshake->head;
  guint8 byte;
  gssize n_read;

  while ((n_read = g_pollable_input_stream_read_nonblocking (
              input, &byte, 1, g_task_get_cancellable (task), error))
         > 0)
    {
      g_byte_array_append (head, &byte, 1);
      if (head->len >= 4 && memcmp (head->data + head->len - 4, "\r\n\r\n", 4) == 0)
        return TRUE;
    }

  if (n_read == 0)
    g_set_error_literal (error, PST_ERROR, PST_ERROR_SERVER, "The connection was closed.");
  return FALSE;
}

static gboolean
on_readable (GPollableInputStream *input, gpointer user_data)
{
  GTask *task = G_TASK (user_data);
  g_autoptr (GError) error = NULL;

  if (read_head (task, &error))
    judge_head (task);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_SOURCE_CONTINUE;
  else
    g_task_return_error (task, g_steal_pointer (&error));

  return G_SOURCE_REMOVE;
}

static void
await_head (GTask *task)
{
  Handshake *handshake = g_task_get_task_data (task);
  GPollableInputStream *input
      = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (handshake->stream));
  g_autoptr (GSource) source
      = g_pollable_input_stream_create_source (input, g_task_get_cancellable (task));

  g_source_set_callback (source, G_SOURCE_FUNC (on_readable), g_object_ref (task), g_object_unref);
  g_source_attach (source, g_main_context_get_thread_default ());
}

static void
on_head_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  Handshake *handshake = g_task_get_task_data (task);
  GError *error = NULL;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    g_task_return_error (task, error);
  else if (!handshake->is_server)
    await_head (task);
  else if (handshake->status == SOUP_STATUS_SWITCHING_PROTOCOLS)
    complete (task);
  else
    g_task_return_new_error (task, PST_ERROR, PST_ERROR_PROTOCOL, "A request was refused.");
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  Handshake *handshake = g_task_get_task_data (task);
  g_autoptr (GSocketConnection) connection = NULL;
  GError *error = NULL;

  connection = g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);
  if (connection == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  handshake->stream = make_stream (connection);
  write_head (task, pst_upgrade_print_request (handshake->uri, handshake->key));
}

static GSocketConnectable *
make_connectable (GUri *uri, gboolean tls)
{
  int port = g_uri_get_port (uri) > 0 ? g_uri_get_port (uri) : (tls ? 443 : 80);

  return g_network_address_new (g_uri_get_host (uri), port);
}

/**
 * pst_websocket_connect_async:
 * @uri: from pst_upgrade_parse_url()
 * @cancellable: (nullable): ends the attempt; there is no other time-out
 * @callback: called when the WebSocket is open or cannot be
 * @user_data: for @callback
 *
 * Opens a WebSocket as a client (RFC 6455), over TLS for `wss`. Certificates
 * are verified by the system's rules, redirects are not followed, and no
 * extension is offered.
 */
void
pst_websocket_connect_async (GUri *uri,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  gboolean tls = strcmp (g_uri_get_scheme (uri), "wss") == 0;
  g_autoptr (GSocketConnectable) connectable = make_connectable (uri, tls);
  Handshake *handshake = handshake_new (FALSE);

  handshake->uri = g_uri_ref (uri);
  handshake->key = pst_upgrade_make_key ();
  g_task_set_source_tag (task, pst_websocket_connect_async);
  g_task_set_task_data (task, handshake, (GDestroyNotify) handshake_free);

  g_socket_client_set_tls (client, tls);
  /* Names may be behind a person's proxy; numbers on the LAN never are. */
  g_socket_client_set_enable_proxy (client, !g_hostname_is_ip_address (g_uri_get_host (uri)));
  g_socket_client_connect_async (client, connectable, cancellable, on_connected,
                                 g_steal_pointer (&task));
}

/**
 * pst_websocket_connect_finish:
 * @result: what the callback got
 * @error: return location for an error of %PST_ERROR, %G_IO_ERROR,
 *   %G_RESOLVER_ERROR or %G_TLS_ERROR
 *
 * Returns: (transfer full) (nullable): the open WebSocket
 */
SoupWebsocketConnection *
pst_websocket_connect_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * pst_websocket_accept_async:
 * @connection: (transfer none): a connection that came in
 * @cancellable: (nullable): ends the attempt; there is no other time-out
 * @callback: called when the WebSocket is open or was refused
 * @user_data: for @callback
 *
 * Reads a client's request and opens the WebSocket, or answers with the HTTP
 * status that says why not.
 */
void
pst_websocket_accept_async (GSocketConnection *connection,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Handshake *handshake = handshake_new (TRUE);

  handshake->stream = make_stream (connection);
  g_task_set_source_tag (task, pst_websocket_accept_async);
  g_task_set_task_data (task, handshake, (GDestroyNotify) handshake_free);
  await_head (task);
}

/**
 * pst_websocket_accept_finish:
 * @result: what the callback got
 * @error: return location for an error of %PST_ERROR or %G_IO_ERROR
 *
 * Returns: (transfer full) (nullable): the open WebSocket
 */
SoupWebsocketConnection *
pst_websocket_accept_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * pst_websocket_renew:
 * @websocket: from pst_websocket_connect_finish() or pst_websocket_accept_finish()
 *
 * To be called with each whole message: the next one may be read.
 */
void
pst_websocket_renew (SoupWebsocketConnection *websocket)
{
  GIOStream *stream = soup_websocket_connection_get_io_stream (websocket);

  pst_allowance_allow (PST_ALLOWANCE (stream), ALLOWANCE_BYTES);
}

/**
 * pst_websocket_get_left_bytes:
 * @websocket: from pst_websocket_connect_finish() or pst_websocket_accept_finish()
 *
 * Returns: how many bytes the connection has taken of all that was sent over it,
 *   the head of the handshake and frames' headers included
 */
guint64
pst_websocket_get_left_bytes (SoupWebsocketConnection *websocket)
{
  GIOStream *stream = soup_websocket_connection_get_io_stream (websocket);

  return pst_allowance_get_left_bytes (PST_ALLOWANCE (stream));
}
