/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "false-mailbox.h"

#include "pst-json.h"
#include "pst-mailbox.h"
#include "pst-upgrade.h"
#include "pst-websocket.h"

const char *const false_mailbox_tricks[N_TRICKS] = {
  [TRICK_DROP] = "drop",       [TRICK_TWICE] = "twice",     [TRICK_LATE] = "late",
  [TRICK_FOREVER] = "forever", [TRICK_CLOSE] = "close",     [TRICK_CLOSE_BEHIND] = "close-behind",
  [TRICK_JUNK] = "junk",       [TRICK_BINARY] = "binary",   [TRICK_GIANT] = "giant",
  [TRICK_ERROR] = "error",     [TRICK_CROWDED] = "crowded", [TRICK_REFUSE] = "refuse",
  [TRICK_MIRROR] = "mirror",   [TRICK_THIRD] = "third",     [TRICK_OTHER_PHASE] = "other-phase",
  [TRICK_CHANGED] = "changed", [TRICK_EMPTY] = "empty",
};

/* One client, and our own connection to the true server for it. */
typedef struct
{
  FalseMailbox *mailbox;
  SoupWebsocketConnection *client;
  SoupWebsocketConnection *server;
  GQueue early; /* of char *, said by the client before the server was there */
  char *side;   /* the client's */
  char *held;
  gboolean played;
} Wire;

struct _FalseMailbox
{
  char *true_url;
  char *url;
  Trick trick;
  char *about;
  gboolean always;
  guint n_played;
  GSocketService *service;
  GPtrArray *wires; /* of Wire */
  GCancellable *cancellable;
};

static void
close_websocket (SoupWebsocketConnection **websocket, gpointer data)
{
  if (*websocket == NULL)
    return;

  g_signal_handlers_disconnect_by_data (*websocket, data);
  g_io_stream_close (soup_websocket_connection_get_io_stream (*websocket), NULL, NULL);
  g_clear_object (websocket);
}

static void
cut (Wire *wire)
{
  close_websocket (&wire->client, wire);
  close_websocket (&wire->server, wire);
}

static void
wire_free (Wire *wire)
{
  cut (wire);
  g_queue_clear_full (&wire->early, g_free);
  g_free (wire->side);
  g_free (wire->held);
  g_free (wire);
}

static void
say (Wire *wire, const char *text)
{
  if (wire->client != NULL
      && soup_websocket_connection_get_state (wire->client) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_send_text (wire->client, text);
}

static void
say_changed (Wire *wire, JsonObject *answer, const char *member, const char *value)
{
  g_autofree char *text = NULL;

  if (json_object_has_member (answer, member))
    json_object_set_string_member (answer, member, value);
  text = pst_json_print (answer);
  say (wire, text);
}

static void
say_giant (Wire *wire)
{
  g_autofree char *giant = g_strnfill (4 * PST_MAILBOX_MAX_FRAME_BYTES, ' ');

  say (wire, giant);
}

static void
play (Wire *wire, const char *text, JsonObject *answer)
{
  wire->mailbox->n_played++;
  wire->played = TRUE;
  switch (wire->mailbox->trick)
    {
    case TRICK_TWICE:
      say (wire, text);
      say (wire, text);
      break;
    case TRICK_LATE:
      g_free (wire->held);
      wire->held = g_strdup (text);
      break;
    case TRICK_FOREVER:
      for (guint i = 0; i < 100; i++)
        say (wire, text);
      break;
    case TRICK_CLOSE_BEHIND:
      say (wire, text);
      cut (wire);
      break;
    case TRICK_CLOSE:
      cut (wire);
      break;
    case TRICK_JUNK:
      say (wire, "{\"type\":");
      break;
    case TRICK_BINARY:
      soup_websocket_connection_send_binary (wire->client, text, strlen (text));
      break;
    case TRICK_GIANT:
      say_giant (wire);
      break;
    case TRICK_ERROR:
      say (wire, "{\"type\":\"error\",\"error\":\"\\u001b[2Jno\",\"orig\":{}}");
      break;
    case TRICK_CROWDED:
      say (wire, "{\"type\":\"error\",\"error\":\"crowded\",\"orig\":{}}");
      break;
    case TRICK_REFUSE:
      say (wire, "{\"type\":\"welcome\",\"welcome\":{\"error\":\"go away\"}}");
      break;
    case TRICK_MIRROR:
      say (wire, text);
      say_changed (wire, answer, "side", wire->side);
      break;
    case TRICK_THIRD:
      say_changed (wire, answer, "side", "0123456789");
      break;
    case TRICK_OTHER_PHASE:
      say_changed (wire, answer, "phase", "version");
      break;
    case TRICK_CHANGED:
      say_changed (wire, answer, "body",
                   "00112233445566778899aabbccddeeff00112233445566778899aabb"
                   "ccddeeff00112233445566778899aabbccddeeff");
      break;
    case TRICK_EMPTY:
      say_changed (wire, answer, "body", "");
      break;
    default:
      break; /* it never comes */
    }
}

/* What an answer is about: its kind; of messages of the other side, the phase too. */
static char *
describe (Wire *wire, JsonObject *answer)
{
  const char *type = json_object_get_string_member_with_default (answer, "type", "");
  const char *side = json_object_get_string_member_with_default (answer, "side", "");

  if (!g_str_equal (type, "message"))
    return g_strdup (type);
  return g_strdup_printf ("%s %s", g_strcmp0 (side, wire->side) == 0 ? "echo" : "message",
                          json_object_get_string_member_with_default (answer, "phase", ""));
}

static void
on_answer (SoupWebsocketConnection *websocket, int type, GBytes *message, Wire *wire)
{
  gsize n_bytes;
  const char *bytes = g_bytes_get_data (message, &n_bytes);
  g_autofree char *text = g_strndup (bytes, n_bytes);
  g_autoptr (JsonObject) answer = pst_json_parse (text, n_bytes, n_bytes, NULL);
  g_autofree char *about = describe (wire, answer);
  FalseMailbox *mailbox = wire->mailbox;

  pst_websocket_renew (websocket);
  if (mailbox->trick != TRICK_NONE && g_str_equal (about, mailbox->about)
      && (mailbox->always || !wire->played))
    {
      play (wire, text, answer);
      return;
    }

  say (wire, text);
  if (wire->held != NULL)
    {
      say (wire, wire->held);
      g_clear_pointer (&wire->held, g_free);
    }
}

static void
on_command (SoupWebsocketConnection *websocket, int type, GBytes *message, Wire *wire)
{
  gsize n_bytes;
  const char *bytes = g_bytes_get_data (message, &n_bytes);
  g_autofree char *text = g_strndup (bytes, n_bytes);
  g_autoptr (JsonObject) command = pst_json_parse (text, n_bytes, n_bytes, NULL);

  pst_websocket_renew (websocket);
  if (wire->side == NULL && json_object_has_member (command, "side"))
    wire->side = g_strdup (json_object_get_string_member (command, "side"));
  if (wire->server == NULL)
    g_queue_push_tail (&wire->early, g_steal_pointer (&text));
  else
    soup_websocket_connection_send_text (wire->server, text);
}

static void
on_closed (SoupWebsocketConnection *websocket, Wire *wire)
{
  cut (wire);
}

static void
on_server (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SoupWebsocketConnection *server = pst_websocket_connect_finish (result, NULL);
  Wire *wire = user_data;
  char *text;

  if (server == NULL)
    return; /* ended meanwhile: the wire may be gone */

  wire->server = server;
  g_signal_connect (server, "message", G_CALLBACK (on_answer), wire);
  g_signal_connect (server, "closed", G_CALLBACK (on_closed), wire);
  while ((text = g_queue_pop_head (&wire->early)) != NULL)
    {
      soup_websocket_connection_send_text (server, text);
      g_free (text);
    }
}

static void
on_client (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SoupWebsocketConnection *client = pst_websocket_accept_finish (result, NULL);
  FalseMailbox *self = user_data;
  g_autoptr (GUri) uri = NULL;
  Wire *wire;

  if (client == NULL)
    return;

  wire = g_new0 (Wire, 1);
  wire->mailbox = self;
  wire->client = client;
  g_queue_init (&wire->early);
  g_ptr_array_add (self->wires, wire);
  g_signal_connect (client, "message", G_CALLBACK (on_command), wire);
  g_signal_connect (client, "closed", G_CALLBACK (on_closed), wire);
  uri = pst_upgrade_parse_url (self->true_url, NULL);
  pst_websocket_connect_async (uri, self->cancellable, on_server, wire);
}

static gboolean
on_incoming (GSocketService *service,
             GSocketConnection *connection,
             GObject *source_object,
             gpointer user_data)
{
  FalseMailbox *self = user_data;

  pst_websocket_accept_async (connection, self->cancellable, on_client, self);
  return TRUE;
}

FalseMailbox *
false_mailbox_new (const char *true_url, Trick trick, const char *about, gboolean always)
{
  FalseMailbox *self = g_new0 (FalseMailbox, 1);
  guint16 port;

  self->true_url = g_strdup (true_url);
  self->trick = trick;
  self->about = g_strdup (about);
  self->always = always;
  self->cancellable = g_cancellable_new ();
  self->wires = g_ptr_array_new_with_free_func ((GDestroyNotify) wire_free);
  self->service = g_socket_service_new ();
  port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (self->service), NULL, NULL);
  g_signal_connect (self->service, "incoming", G_CALLBACK (on_incoming), self);
  self->url = g_strdup_printf ("ws://127.0.0.1:%u", port);
  return self;
}

const char *
false_mailbox_get_url (FalseMailbox *self)
{
  return self->url;
}

guint
false_mailbox_count_played (FalseMailbox *self)
{
  return self->n_played;
}

void
false_mailbox_free (FalseMailbox *self)
{
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_cancellable_cancel (self->cancellable);
  /* What was cancelled says so before anything it needs is gone. */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_signal_handlers_disconnect_by_data (self->service, self);
  g_object_unref (self->service);
  g_ptr_array_unref (self->wires);
  g_object_unref (self->cancellable);
  g_free (self->about);
  g_free (self->true_url);
  g_free (self->url);
  g_free (self);
}
