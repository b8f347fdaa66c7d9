/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-error.h"
#include "pst-rendezvous-private.h"
#include "pst-timer.h"

/* A pair needs two connections, some more while it comes back after a loss:
 * the numbers leave room for a stranger's mistakes, not for an attack. A
 * session's signalling takes about 12 messages and 20 KiB for each link; of a
 * full mailbox the oldest mail goes. An honest client reads: what waits for one is
 * a full mailbox at most, and what came meanwhile. The idle time is that of the
 * ecosystem's server. */
const PstRendezvousLimits pst_rendezvous_default_limits = {
  .max_connections = 32,
  .max_connections_per_address = 8,
  .handshake_ms = 10 * 1000,
  .idle_ms = 11 * 60 * 1000,
  .burst = 128,
  .commands_per_s = 4,
  .max_commands = 8192,
  .max_unread_bytes = 1024 * 1024,
  .stuck_ms = 10 * 1000,
  .mailroom = { .max_mailboxes = 16, .max_messages = 64, .max_bytes = 256 * 1024 },
};

G_DEFINE_FINAL_TYPE (PstRendezvous, pst_rendezvous, G_TYPE_OBJECT)

static char *
dup_remote_address (GSocketConnection *connection)
{
  g_autoptr (GSocketAddress) remote = g_socket_connection_get_remote_address (connection, NULL);

  if (!G_IS_INET_SOCKET_ADDRESS (remote))
    return g_strdup ("");
  return g_inet_address_to_string (
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote)));
}

/* A client without a mailbox is of no use yet. Of those that only take places, the
 * one that came first makes room; @address: (nullable): of this address alone. */
static gboolean
make_room (PstRendezvous *self, const char *address)
{
  PstRendezvousClient *first = NULL;

  for (guint i = 0; i < self->clients->len; i++)
    {
      PstRendezvousClient *client = g_ptr_array_index (self->clients, i);

      if (!pst_clerk_is_listening (client->clerk)
          && (address == NULL || strcmp (client->address, address) == 0)
          && (first == NULL || client->came_us < first->came_us))
        first = client;
    }

  if (first == NULL)
    return FALSE;
  g_ptr_array_remove_fast (self->clients, first);
  return TRUE;
}

static gboolean
is_admitted (PstRendezvous *self, const char *address)
{
  guint n_same = 0;

  for (guint i = 0; i < self->clients->len; i++)
    {
      PstRendezvousClient *client = g_ptr_array_index (self->clients, i);
      n_same += strcmp (client->address, address) == 0;
    }

  if (n_same >= self->limits.max_connections_per_address)
    return make_room (self, address);
  return self->clients->len < self->limits.max_connections || make_room (self, NULL);
}

static gboolean
on_incoming (GSocketService *service,
             GSocketConnection *connection,
             GObject *source_object,
             gpointer user_data)
{
  PstRendezvous *self = PST_RENDEZVOUS (user_data);
  g_autofree char *address = dup_remote_address (connection);

  if (is_admitted (self, address))
    pst_rendezvous_add_client (self, connection, address);
  else
    g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
  return TRUE;
}

static gboolean
on_tick (gpointer user_data)
{
  PstRendezvous *self = PST_RENDEZVOUS (user_data);
  gint64 now_us = g_get_monotonic_time ();

  for (guint i = self->clients->len; i > 0; i--)
    {
      PstRendezvousClient *client = g_ptr_array_index (self->clients, i - 1);

      if (pst_rendezvous_client_is_over (client, now_us))
        g_ptr_array_remove_index_fast (self->clients, i - 1);
    }
  pst_mailroom_prune (self->mailroom, now_us - self->limits.idle_ms * G_TIME_SPAN_MILLISECOND);

  return G_SOURCE_CONTINUE;
}

static void
pst_rendezvous_dispose (GObject *object)
{
  pst_rendezvous_stop (PST_RENDEZVOUS (object));
  G_OBJECT_CLASS (pst_rendezvous_parent_class)->dispose (object);
}

static void
pst_rendezvous_finalize (GObject *object)
{
  PstRendezvous *self = PST_RENDEZVOUS (object);

  g_ptr_array_unref (self->clients);
  G_OBJECT_CLASS (pst_rendezvous_parent_class)->finalize (object);
}

static void
pst_rendezvous_class_init (PstRendezvousClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = pst_rendezvous_dispose;
  G_OBJECT_CLASS (klass)->finalize = pst_rendezvous_finalize;
}

static void
pst_rendezvous_init (PstRendezvous *self)
{
  self->limits = pst_rendezvous_default_limits;
  self->clients = g_ptr_array_new_with_free_func ((GDestroyNotify) pst_rendezvous_client_free);
}

/**
 * pst_rendezvous_new:
 *
 * Makes an embedded mailbox server (docs/protocol.md, On one network), which
 * does nothing until pst_rendezvous_listen(). It speaks the ecosystem's
 * protocol at `/v1`, keeps everything in memory and logs nothing.
 *
 * libsoup does the WebSockets; the HTTP request before is read here, since
 * SoupServer is not meant for clients one does not trust.
 *
 * Returns: (transfer full): a new server
 */
PstRendezvous *
pst_rendezvous_new (void)
{
  return g_object_new (PST_TYPE_RENDEZVOUS, NULL);
}

/**
 * pst_rendezvous_set_limits:
 * @self: a server that does not listen yet
 * @limits: what it admits; copied
 *
 * Replaces pst_rendezvous_default_limits.
 */
void
pst_rendezvous_set_limits (PstRendezvous *self, const PstRendezvousLimits *limits)
{
  g_return_if_fail (self->service == NULL);
  self->limits = *limits;
}

static gboolean
add_port (PstRendezvous *self, GInetAddress *address, guint16 port, GError **error)
{
  GSocketListener *listener = G_SOCKET_LISTENER (self->service);
  g_autoptr (GSocketAddress) wanted = NULL;
  g_autoptr (GSocketAddress) bound = NULL;

  if (address == NULL && port == 0)
    {
      self->port = g_socket_listener_add_any_inet_port (listener, NULL, error);
      return self->port != 0;
    }
  if (address == NULL)
    {
      self->port = port;
      return g_socket_listener_add_inet_port (listener, port, NULL, error);
    }

  wanted = g_inet_socket_address_new (address, port);
  if (!g_socket_listener_add_address (listener, wanted, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP,
                                      NULL, &bound, error))
    return FALSE;
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  return TRUE;
}

/**
 * pst_rendezvous_listen:
 * @self: a server that does not listen
 * @address: (nullable): where to listen; %NULL for every interface, IPv4 and IPv6
 * @port: the TCP port; 0 for a free one
 * @error: return location for a %PST_ERROR_SERVER
 *
 * Starts serving.
 *
 * Returns: %TRUE on success
 */
gboolean
pst_rendezvous_listen (PstRendezvous *self, GInetAddress *address, guint16 port, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  guint tick_ms = CLAMP (MIN (self->limits.handshake_ms, self->limits.idle_ms) / 4, 10, 1000);

  g_return_val_if_fail (self->service == NULL, FALSE);

  self->service = g_socket_service_new ();
  if (!add_port (self, address, port, &local_error))
    {
      g_clear_object (&self->service);
      g_set_error (error, PST_ERROR, PST_ERROR_SERVER,
                   "The rendezvous server cannot listen: %s. Try another port.",
                   local_error->message);
      return FALSE;
    }

  self->mailroom = pst_mailroom_new (&self->limits.mailroom);
  g_signal_connect (self->service, "incoming", G_CALLBACK (on_incoming), self);
  pst_timer_set (&self->tick_source, tick_ms, on_tick, self);
  g_socket_service_start (self->service);
  return TRUE;
}

/**
 * pst_rendezvous_get_port:
 * @self: a server
 *
 * Returns: the port it listens on, or 0
 */
guint16
pst_rendezvous_get_port (PstRendezvous *self)
{
  return self->port;
}

/**
 * pst_rendezvous_get_n_connections:
 * @self: a server
 *
 * Returns: how many connections it holds, WebSockets and those that may become one
 */
guint
pst_rendezvous_get_n_connections (PstRendezvous *self)
{
  return self->clients->len;
}

/**
 * pst_rendezvous_stop:
 * @self: a server
 *
 * Closes every connection and forgets every mailbox. It may listen anew
 * afterwards.
 */
void
pst_rendezvous_stop (PstRendezvous *self)
{
  if (self->service != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->service, self);
      g_socket_service_stop (self->service);
      g_socket_listener_close (G_SOCKET_LISTENER (self->service));
    }
  g_clear_object (&self->service);
  pst_timer_clear (&self->tick_source);
  g_ptr_array_set_size (self->clients, 0);
  g_clear_pointer (&self->mailroom, pst_mailroom_free);
  self->port = 0;
}
