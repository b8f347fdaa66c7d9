/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-rendezvous-private.h"
#include "pst-websocket.h"

/* A command comes back with its error only if it is short: who does not read
 * must not be able to make us queue much. */
#define MAX_ORIG_BYTES 1024

/**
 * pst_rendezvous_client_free:
 * @client: (transfer full): a connection
 *
 * Closes it at once.
 */
void
pst_rendezvous_client_free (PstRendezvousClient *client)
{
  g_cancellable_cancel (client->cancellable);
  g_clear_object (&client->cancellable);
  if (client->websocket != NULL)
    g_signal_handlers_disconnect_by_data (client->websocket, client);
  g_clear_object (&client->websocket);
  g_io_stream_close (client->stream, NULL, NULL);
  g_clear_object (&client->stream);
  g_free (client->address);
  pst_clerk_free (client->clerk);
  g_free (client);
}

static void
drop (PstRendezvousClient *client)
{
  g_ptr_array_remove_fast (client->server->clients, client);
}

/**
 * pst_rendezvous_client_is_over:
 * @client: a connection
 * @now_us: the monotonic time
 *
 * Returns: whether it has shown for too long that nothing comes of it
 */
gboolean
pst_rendezvous_client_is_over (PstRendezvousClient *client, gint64 now_us)
{
  guint64 left_bytes = client->websocket != NULL ? pst_websocket_get_left_bytes (client->websocket)
                                                 : 0;

  return pst_tolerance_is_over (&client->tolerance, client->sent_bytes, left_bytes, now_us);
}

static void
send (const PstMailboxFrame *frame, gpointer user_data)
{
  PstRendezvousClient *client = user_data;
  PstMailboxFrame stamped = *frame;
  g_autofree char *text = NULL;

  if (soup_websocket_connection_get_state (client->websocket) != SOUP_WEBSOCKET_STATE_OPEN)
    return;

  stamped.server_tx_s = g_get_real_time () / (double) G_USEC_PER_SEC;
  text = pst_mailbox_print (&stamped);
  client->sent_bytes += strlen (text);
  soup_websocket_connection_send_text (client->websocket, text);
}

/* A side that comes back after its network changed left a connection behind of
 * which nobody hears any more; it would take up one of the places of its address. */
static void
on_opened (gpointer user_data)
{
  PstRendezvousClient *client = user_data;
  GPtrArray *clients = client->server->clients;

  for (guint i = clients->len; i-- > 0;)
    {
      PstRendezvousClient *other = g_ptr_array_index (clients, i);

      if (other != client && pst_clerk_shares_mailbox (client->clerk, other->clerk)
          && pst_clerk_is_same_side (client->clerk, other->clerk))
        g_ptr_array_remove_index_fast (clients, i);
    }
}

static void
on_added (const PstMail *mail, gpointer user_data)
{
  PstRendezvousClient *from = user_data;
  GPtrArray *clients = from->server->clients;

  for (guint i = 0; i < clients->len; i++)
    {
      PstRendezvousClient *client = g_ptr_array_index (clients, i);

      if (pst_clerk_shares_mailbox (from->clerk, client->clerk))
        pst_clerk_send_mail (client->clerk, mail);
    }
}

static const PstClerkHooks clerk_hooks = { send, on_opened, on_added };

static void
note_life (PstRendezvousClient *client)
{
  gint64 now_us = g_get_monotonic_time ();

  pst_tolerance_note_life (&client->tolerance, now_us);
  pst_clerk_touch (client->clerk, now_us);
}

static void
on_message (SoupWebsocketConnection *websocket, int type, GBytes *message, gpointer user_data)
{
  PstRendezvousClient *client = user_data;
  gint64 now_us = g_get_monotonic_time ();
  gsize size;
  const char *text = g_bytes_get_data (message, &size);
  g_autoptr (PstMailboxFrame) frame = NULL;
  const char *mistake;

  if (type != SOUP_WEBSOCKET_DATA_TEXT || !pst_tolerance_take_command (&client->tolerance, now_us)
      || (frame = pst_mailbox_parse_command (text, size, NULL)) == NULL)
    {
      drop (client);
      return;
    }

  pst_websocket_renew (websocket);
  mistake = pst_clerk_take (client->clerk, frame, now_us, g_get_real_time ());
  note_life (client);
  if (mistake != NULL)
    send (&(PstMailboxFrame){ .type = PST_MAILBOX_ERROR,
                              .error = (char *) mistake,
                              .orig = size <= MAX_ORIG_BYTES ? frame->orig : NULL },
          client);
}

static void
on_pong (SoupWebsocketConnection *websocket, GBytes *message, gpointer user_data)
{
  note_life (user_data);
}

static void
on_closed (SoupWebsocketConnection *websocket, gpointer user_data)
{
  drop (user_data);
}

static PstRendezvousClient *
find_client (PstRendezvous *self, GCancellable *cancellable)
{
  for (guint i = 0; i < self->clients->len; i++)
    {
      PstRendezvousClient *client = g_ptr_array_index (self->clients, i);

      if (client->cancellable == cancellable)
        return client;
    }

  return NULL;
}

static void
welcome (PstRendezvousClient *client)
{
  g_signal_connect (client->websocket, "message", G_CALLBACK (on_message), client);
  g_signal_connect (client->websocket, "pong", G_CALLBACK (on_pong), client);
  g_signal_connect (client->websocket, "closed", G_CALLBACK (on_closed), client);
  note_life (client);
  send (&(PstMailboxFrame){ .type = PST_MAILBOX_WELCOME }, client);
}

/* The client may be gone by now: it is known by its cancellable only. */
static void
on_accepted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstRendezvous) self = PST_RENDEZVOUS (user_data);
  g_autoptr (SoupWebsocketConnection) websocket = pst_websocket_accept_finish (result, NULL);
  PstRendezvousClient *client = find_client (self, g_task_get_cancellable (G_TASK (result)));

  if (client == NULL)
    return;
  if (websocket == NULL)
    {
      drop (client);
      return;
    }

  client->websocket = g_steal_pointer (&websocket);
  welcome (client);
}

/**
 * pst_rendezvous_add_client:
 * @self: a server that listens
 * @connection: a connection that is admitted
 * @address: where it comes from; copied
 *
 * Opens its WebSocket and serves it until it ends, or is removed from the
 * server's array.
 */
void
pst_rendezvous_add_client (PstRendezvous *self, GSocketConnection *connection, const char *address)
{
  PstRendezvousClient *client = g_new0 (PstRendezvousClient, 1);

  client->server = self;
  client->stream = G_IO_STREAM (g_object_ref (connection));
  client->address = g_strdup (address);
  client->cancellable = g_cancellable_new ();
  client->came_us = g_get_monotonic_time ();
  client->clerk = pst_clerk_new (self->mailroom, &clerk_hooks, client);
  pst_tolerance_init (&client->tolerance, &self->limits, client->came_us);
  g_ptr_array_add (self->clients, client);
  pst_websocket_accept_async (connection, client->cancellable, on_accepted, g_object_ref (self));
}
