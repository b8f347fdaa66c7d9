/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-rendezvous.h"

#include "pst-error.h"
#include "pst-mailbox.h"
#include "pst-timer.h"
#include "pst-websocket.h"

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

/* A command comes back with its error only if it is short: who does not read
 * must not be able to make us queue much. */
#define MAX_ORIG_BYTES 1024

typedef struct
{
  PstRendezvous *server; /* unowned: a client lives in its server's array */
  GIOStream *stream;
  char *address;
  GCancellable *cancellable;
  SoupWebsocketConnection *websocket;
  gint64 came_us;
  gint64 deadline_us;
  guint64 sent_bytes; /* given to the WebSocket */
  guint64 left_bytes; /* of the connection, when it last moved */
  gint64 moved_us;
  gint64 refilled_us;
  guint allowance;
  guint n_commands;

  char *appid;
  char *side;
  char *nameplate;
  char *mailbox;
  gboolean allocated;
  gboolean claimed;
  gboolean released;
  gboolean listening;
  gboolean closed;
} Client;

struct _PstRendezvous
{
  GObject parent_instance;

  PstRendezvousLimits limits;
  GSocketService *service;
  guint16 port;
  GPtrArray *clients;
  PstMailroom *mailroom;
  GSource *tick_source;
};

G_DEFINE_FINAL_TYPE (PstRendezvous, pst_rendezvous, G_TYPE_OBJECT)

static void
client_free (Client *client)
{
  g_cancellable_cancel (client->cancellable);
  g_clear_object (&client->cancellable);
  if (client->websocket != NULL)
    g_signal_handlers_disconnect_by_data (client->websocket, client);
  g_clear_object (&client->websocket);
  g_io_stream_close (client->stream, NULL, NULL);
  g_clear_object (&client->stream);
  g_free (client->address);
  g_free (client->appid);
  g_free (client->side);
  g_free (client->nameplate);
  g_free (client->mailbox);
  g_free (client);
}

static void
drop_client (Client *client)
{
  g_ptr_array_remove_fast (client->server->clients, client);
}

static void
send (Client *client, const PstMailboxFrame *frame)
{
  PstMailboxFrame stamped = *frame;
  g_autofree char *text = NULL;

  if (soup_websocket_connection_get_state (client->websocket) != SOUP_WEBSOCKET_STATE_OPEN)
    return;

  stamped.server_tx_s = g_get_real_time () / (double) G_USEC_PER_SEC;
  text = pst_mailbox_print (&stamped);
  client->sent_bytes += strlen (text);
  soup_websocket_connection_send_text (client->websocket, text);
}

/* What waits because the client does not read; headers make it seem a little less. */
static guint64
count_unread (Client *client)
{
  guint64 left_bytes = client->websocket != NULL ? pst_websocket_get_left_bytes (client->websocket)
                                                 : 0;

  return client->sent_bytes - MIN (client->sent_bytes, left_bytes);
}

static void
send_mail (Client *client, const PstMail *mail)
{
  send (client, &(PstMailboxFrame){ .type = PST_MAILBOX_MESSAGE,
                                    .side = mail->side,
                                    .phase = mail->phase,
                                    .body = mail->body,
                                    .id = mail->id,
                                    .server_rx_s = mail->received_us / (double) G_USEC_PER_SEC });
}

/* The handlers give back what the ecosystem's server says to the same mistake,
 * since clients show it; NULL if there was none. */
typedef const char *(*Handler) (Client *client, const PstMailboxFrame *frame);

static const char *
explain (PstMailroomVerdict verdict)
{
  static const char *const words[] = {
    [PST_MAILROOM_OK] = NULL,
    [PST_MAILROOM_CROWDED] = "crowded",
    [PST_MAILROOM_RECLAIMED] = "reclaimed",
    [PST_MAILROOM_FULL] = "full",
  };

  return words[verdict];
}

static const char *
handle_ping (Client *client, const PstMailboxFrame *frame)
{
  if (!frame->has_ping)
    return "ping requires 'ping'";

  send (client, &(PstMailboxFrame){ .type = PST_MAILBOX_PONG, .ping = frame->ping });
  return NULL;
}

static const char *
handle_bind (Client *client, const PstMailboxFrame *frame)
{
  if (client->appid != NULL)
    return "already bound";
  if (frame->appid == NULL)
    return "bind requires 'appid'";
  if (frame->side == NULL)
    return "bind requires 'side'";

  client->appid = g_strdup (frame->appid);
  client->side = g_strdup (frame->side);
  return NULL;
}

static const char *
handle_list (Client *client, const PstMailboxFrame *frame)
{
  send (client, &(PstMailboxFrame){ .type = PST_MAILBOX_NAMEPLATES });
  return NULL;
}

static const char *
handle_allocate (Client *client, const PstMailboxFrame *frame)
{
  g_autofree char *nameplate = NULL;
  PstMailroomVerdict verdict;

  if (client->allocated)
    return "you already allocated one, don't be greedy";

  verdict = pst_mailroom_allocate (client->server->mailroom, client->appid, client->side,
                                   g_get_monotonic_time (), &nameplate);
  if (verdict != PST_MAILROOM_OK)
    return explain (verdict);

  client->allocated = TRUE;
  send (client, &(PstMailboxFrame){ .type = PST_MAILBOX_ALLOCATED, .nameplate = nameplate });
  return NULL;
}

static const char *
handle_claim (Client *client, const PstMailboxFrame *frame)
{
  const char *mailbox;
  PstMailroomVerdict verdict;

  if (frame->nameplate == NULL)
    return "claim requires 'nameplate'";
  if (client->claimed)
    return "only one claim per connection";

  client->claimed = TRUE;
  client->nameplate = g_strdup (frame->nameplate);
  verdict = pst_mailroom_claim (client->server->mailroom, client->appid, frame->nameplate,
                                client->side, g_get_monotonic_time (), &mailbox);
  if (verdict == PST_MAILROOM_OK)
    send (client,
          &(PstMailboxFrame){ .type = PST_MAILBOX_CLAIMED, .mailbox = (char *) mailbox });
  return explain (verdict);
}

static const char *
handle_release (Client *client, const PstMailboxFrame *frame)
{
  const char *nameplate = frame->nameplate != NULL ? frame->nameplate : client->nameplate;

  if (client->released)
    return "only one release per connection";
  if (nameplate == NULL)
    return "release without nameplate must follow claim";
  if (client->nameplate != NULL && strcmp (nameplate, client->nameplate) != 0)
    return "release and claim must use same nameplate";

  client->released = TRUE;
  pst_mailroom_release (client->server->mailroom, client->appid, nameplate, client->side);
  send (client, &(PstMailboxFrame){ .type = PST_MAILBOX_RELEASED });
  return NULL;
}

/* A side that comes back after its network changed left a connection behind of
 * which nobody hears any more; it would take up one of the places of its address. */
static void
drop_older (Client *client)
{
  GPtrArray *clients = client->server->clients;

  for (guint i = clients->len; i-- > 0;)
    {
      Client *other = g_ptr_array_index (clients, i);

      if (other != client && other->listening && strcmp (other->side, client->side) == 0
          && strcmp (other->mailbox, client->mailbox) == 0
          && strcmp (other->appid, client->appid) == 0)
        g_ptr_array_remove_index_fast (clients, i);
    }
}

static const char *
handle_open (Client *client, const PstMailboxFrame *frame)
{
  PstMailroom *mailroom = client->server->mailroom;
  PstMailroomVerdict verdict;
  GPtrArray *mail;

  if (client->listening)
    return "only one open per connection";
  if (frame->mailbox == NULL)
    return "open requires 'mailbox'";

  verdict = pst_mailroom_open (mailroom, client->appid, frame->mailbox, client->side,
                               g_get_monotonic_time ());
  if (verdict != PST_MAILROOM_OK)
    return explain (verdict);

  g_free (client->mailbox);
  client->mailbox = g_strdup (frame->mailbox);
  client->listening = TRUE;
  drop_older (client);
  mail = pst_mailroom_get_mail (mailroom, client->appid, client->mailbox);
  for (guint i = 0; i < mail->len; i++)
    send_mail (client, g_ptr_array_index (mail, i));
  return NULL;
}

static void
broadcast (Client *from, const PstMail *mail)
{
  GPtrArray *clients = from->server->clients;

  for (guint i = 0; i < clients->len; i++)
    {
      Client *client = g_ptr_array_index (clients, i);

      if (client->listening && strcmp (client->mailbox, from->mailbox) == 0
          && strcmp (client->appid, from->appid) == 0)
        send_mail (client, mail);
    }
}

static const char *
handle_add (Client *client, const PstMailboxFrame *frame)
{
  const PstMail mail = { client->side, frame->phase, frame->body, frame->id, g_get_real_time () };
  const PstMail *added;

  if (!client->listening)
    return "must open mailbox before adding";
  if (frame->phase == NULL)
    return "missing 'phase'";
  if (frame->body == NULL)
    return "missing 'body'";
  if (pst_mailroom_add (client->server->mailroom, client->appid, client->mailbox, &mail, &added)
      != PST_MAILROOM_OK)
    return explain (PST_MAILROOM_FULL);

  broadcast (client, added);
  return NULL;
}

static const char *
handle_close (Client *client, const PstMailboxFrame *frame)
{
  const char *mailbox = frame->mailbox != NULL ? frame->mailbox : client->mailbox;

  if (client->closed)
    return "only one close per connection";
  if (mailbox == NULL)
    return "close without mailbox must follow open";
  if (client->mailbox != NULL && strcmp (mailbox, client->mailbox) != 0)
    return "open and close must use same mailbox";

  client->closed = TRUE;
  client->listening = FALSE;
  pst_mailroom_close (client->server->mailroom, client->appid, mailbox, client->side);
  send (client, &(PstMailboxFrame){ .type = PST_MAILBOX_CLOSED });
  return NULL;
}

static const char *
handle (Client *client, const PstMailboxFrame *frame)
{
  static const Handler handlers[] = {
    [PST_MAILBOX_BIND] = handle_bind,         [PST_MAILBOX_LIST] = handle_list,
    [PST_MAILBOX_ALLOCATE] = handle_allocate, [PST_MAILBOX_CLAIM] = handle_claim,
    [PST_MAILBOX_RELEASE] = handle_release,   [PST_MAILBOX_OPEN] = handle_open,
    [PST_MAILBOX_ADD] = handle_add,           [PST_MAILBOX_CLOSE] = handle_close,
    [PST_MAILBOX_PING] = handle_ping,
  };

  if (frame->type == PST_MAILBOX_MISSING)
    return "missing 'type'";

  send (client, &(PstMailboxFrame){ .type = PST_MAILBOX_ACK, .id = frame->id });
  if (client->appid == NULL && frame->type != PST_MAILBOX_PING && frame->type != PST_MAILBOX_BIND)
    return "must bind first";
  if (frame->type == PST_MAILBOX_UNKNOWN)
    return "unknown type";

  return handlers[frame->type](client, frame);
}

/* A bucket of commands that fills up again with time. */
static gboolean
may_command (Client *client)
{
  const PstRendezvousLimits *limits = &client->server->limits;
  gint64 now_us = g_get_monotonic_time ();
  gint64 earned = (now_us - client->refilled_us) * limits->commands_per_s / G_USEC_PER_SEC;

  if (earned > 0)
    {
      client->allowance = MIN (client->allowance + earned, limits->burst);
      client->refilled_us = now_us;
    }
  if (client->allowance == 0 || client->n_commands >= limits->max_commands)
    return FALSE;

  client->allowance--;
  client->n_commands++;
  return TRUE;
}

static void
note_life (Client *client)
{
  gint64 now_us = g_get_monotonic_time ();

  client->deadline_us = now_us + client->server->limits.idle_ms * G_TIME_SPAN_MILLISECOND;
  if (client->listening)
    pst_mailroom_touch (client->server->mailroom, client->appid, client->mailbox, now_us);
}

static void
on_message (SoupWebsocketConnection *websocket, int type, GBytes *message, gpointer user_data)
{
  Client *client = user_data;
  gsize size;
  const char *text = g_bytes_get_data (message, &size);
  g_autoptr (PstMailboxFrame) frame = NULL;
  const char *mistake;

  if (type != SOUP_WEBSOCKET_DATA_TEXT || !may_command (client)
      || (frame = pst_mailbox_parse_command (text, size, NULL)) == NULL)
    {
      drop_client (client);
      return;
    }

  pst_websocket_renew (websocket);
  mistake = handle (client, frame);
  note_life (client);
  if (mistake != NULL)
    send (client, &(PstMailboxFrame){ .type = PST_MAILBOX_ERROR,
                                      .error = (char *) mistake,
                                      .orig = size <= MAX_ORIG_BYTES ? frame->orig : NULL });
}

static void
on_pong (SoupWebsocketConnection *websocket, GBytes *message, gpointer user_data)
{
  note_life (user_data);
}

static void
on_closed (SoupWebsocketConnection *websocket, gpointer user_data)
{
  drop_client (user_data);
}

static Client *
find_client (PstRendezvous *self, GCancellable *cancellable)
{
  for (guint i = 0; i < self->clients->len; i++)
    {
      Client *client = g_ptr_array_index (self->clients, i);

      if (client->cancellable == cancellable)
        return client;
    }

  return NULL;
}

/* The client may be gone by now: it is known by its cancellable only. */
static void
on_accepted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstRendezvous) self = PST_RENDEZVOUS (user_data);
  g_autoptr (SoupWebsocketConnection) websocket = pst_websocket_accept_finish (result, NULL);
  Client *client = find_client (self, g_task_get_cancellable (G_TASK (result)));

  if (client == NULL)
    return;
  if (websocket == NULL)
    {
      drop_client (client);
      return;
    }

  client->websocket = g_steal_pointer (&websocket);
  g_signal_connect (client->websocket, "message", G_CALLBACK (on_message), client);
  g_signal_connect (client->websocket, "pong", G_CALLBACK (on_pong), client);
  g_signal_connect (client->websocket, "closed", G_CALLBACK (on_closed), client);
  note_life (client);
  send (client, &(PstMailboxFrame){ .type = PST_MAILBOX_WELCOME });
}

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
  Client *first = NULL;

  for (guint i = 0; i < self->clients->len; i++)
    {
      Client *client = g_ptr_array_index (self->clients, i);

      if (!client->listening && (address == NULL || strcmp (client->address, address) == 0)
          && (first == NULL || client->came_us < first->came_us))
        first = client;
    }

  if (first == NULL)
    return FALSE;
  drop_client (first);
  return TRUE;
}

static gboolean
is_admitted (PstRendezvous *self, const char *address)
{
  guint n_same = 0;

  for (guint i = 0; i < self->clients->len; i++)
    {
      Client *client = g_ptr_array_index (self->clients, i);
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
  Client *client;

  if (!is_admitted (self, address))
    {
      g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
      return TRUE;
    }

  client = g_new0 (Client, 1);
  client->server = self;
  client->stream = G_IO_STREAM (g_object_ref (connection));
  client->address = g_steal_pointer (&address);
  client->cancellable = g_cancellable_new ();
  client->came_us = client->refilled_us = client->moved_us = g_get_monotonic_time ();
  client->allowance = self->limits.burst;
  client->deadline_us
      = client->refilled_us + self->limits.handshake_ms * G_TIME_SPAN_MILLISECOND;
  g_ptr_array_add (self->clients, client);
  pst_websocket_accept_async (connection, client->cancellable, on_accepted,
                              g_object_ref (self));
  return TRUE;
}

/* It reads nothing of what waits for it, or not enough. */
static gboolean
is_deaf (Client *client, gint64 now_us)
{
  const PstRendezvousLimits *limits = &client->server->limits;
  guint64 unread_bytes = count_unread (client);
  guint64 left_bytes = client->sent_bytes - unread_bytes;

  if (unread_bytes == 0 || left_bytes != client->left_bytes)
    {
      client->left_bytes = left_bytes;
      client->moved_us = now_us;
    }

  return unread_bytes > limits->max_unread_bytes
         || now_us - client->moved_us >= limits->stuck_ms * G_TIME_SPAN_MILLISECOND;
}

static gboolean
on_tick (gpointer user_data)
{
  PstRendezvous *self = PST_RENDEZVOUS (user_data);
  gint64 now_us = g_get_monotonic_time ();

  for (guint i = self->clients->len; i > 0; i--)
    {
      Client *client = g_ptr_array_index (self->clients, i - 1);

      if (client->deadline_us <= now_us || is_deaf (client, now_us))
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
  self->clients = g_ptr_array_new_with_free_func ((GDestroyNotify) client_free);
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
  if (!g_socket_listener_add_address (listener, wanted, G_SOCKET_TYPE_STREAM,
                                      G_SOCKET_PROTOCOL_TCP, NULL, &bound, error))
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
