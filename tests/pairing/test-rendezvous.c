/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "pst-json.h"
#include "pst-mailbox.h"
#include "pst-rendezvous.h"
#include "pst-upgrade.h"
#include "raw-client.h"

#define BIND(side) "{\"type\":\"bind\",\"id\":\"b\",\"appid\":\"a\",\"side\":\"" side "\"}"
#define CLAIM      "{\"type\":\"claim\",\"id\":\"c\",\"nameplate\":\"4\"}"

typedef struct
{
  PstRendezvous *server;
  char *url;
} Fixture;

static void
start (Fixture *fixture, const PstRendezvousLimits *limits)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GError) error = NULL;

  fixture->server = pst_rendezvous_new ();
  if (limits != NULL)
    pst_rendezvous_set_limits (fixture->server, limits);
  pst_rendezvous_listen (fixture->server, loopback, 0, &error);
  g_assert_no_error (error);
  fixture->url = g_strdup_printf ("ws://127.0.0.1:%u", pst_rendezvous_get_port (fixture->server));
}

static void
stop (Fixture *fixture)
{
  g_clear_object (&fixture->server);
  g_clear_pointer (&fixture->url, g_free);
}

static void
assert_answer (RawClient *client, const char *command, const char *wanted)
{
  g_autofree char *answer = raw_client_ask (client, command);

  g_assert_cmpstr (answer, ==, wanted);
}

/* Sends and expects nothing but the ack, which a pong right after proves. */
static void
assert_quiet (RawClient *client, const char *command)
{
  raw_client_send (client, command);
  assert_answer (client, "{\"type\":\"ping\",\"ping\":1}", "pong");
}

typedef struct
{
  GHashTable *clients;   /* conn → RawClient */
  GHashTable *mailboxes; /* id in the recording → id here */
  const char *url;
} Replay;

static RawClient *
get_client (Replay *replay, JsonObject *event)
{
  const char *name = json_object_get_string_member (event, "conn");
  RawClient *client = g_hash_table_lookup (replay->clients, name);

  if (client == NULL)
    {
      client = raw_client_connect (replay->url);
      g_hash_table_insert (replay->clients, g_strdup (name), client);
    }

  return client;
}

static void
replay_command (Replay *replay, RawClient *client, JsonNode *recorded)
{
  g_autoptr (JsonNode) command = json_node_copy (recorded);
  JsonObject *object = json_node_get_object (command);
  const char *mailbox = json_object_get_string_member_with_default (object, "mailbox", NULL);
  const char *ours
      = mailbox != NULL ? g_hash_table_lookup (replay->mailboxes, mailbox) : NULL;
  g_autofree char *text = NULL;

  if (ours != NULL)
    json_object_set_string_member (object, "mailbox", ours);
  text = json_to_string (command, FALSE);
  raw_client_send (client, text);
}

static void
compare_member (JsonObject *a, JsonObject *b, const char *member)
{
  g_assert_cmpstr (json_object_get_string_member_with_default (a, member, NULL), ==,
                   json_object_get_string_member_with_default (b, member, NULL));
}

static void
replay_answer (Replay *replay, RawClient *client, JsonObject *recorded)
{
  g_autoptr (JsonObject) answer = raw_client_next_object (client);
  const char *mailbox = json_object_get_string_member_with_default (recorded, "mailbox", NULL);

  compare_member (answer, recorded, "type");
  compare_member (answer, recorded, "error");
  compare_member (answer, recorded, "side");
  compare_member (answer, recorded, "phase");
  compare_member (answer, recorded, "body");
  g_assert_true (json_object_has_member (answer, "server_tx"));
  if (mailbox != NULL)
    g_hash_table_insert (replay->mailboxes, g_strdup (mailbox),
                         g_strdup (json_object_get_string_member (answer, "mailbox")));
}

static void
replay_event (Replay *replay, JsonObject *event)
{
  const char *direction = json_object_get_string_member (event, "dir");

  if (strcmp (direction, "C->S") == 0)
    replay_command (replay, get_client (replay, event), json_object_get_member (event, "msg"));
  else if (strcmp (direction, "S->C") == 0)
    replay_answer (replay, get_client (replay, event),
                   json_object_get_object_member (event, "msg"));
  else if (strcmp (direction, "closed") == 0)
    g_hash_table_remove (replay->clients, json_object_get_string_member (event, "conn"));
}

static void
replay_scenario (JsonObject *scenario)
{
  JsonArray *events = json_object_get_array_member (scenario, "events");
  Fixture fixture = { 0 };
  Replay replay = { 0 };

  start (&fixture, NULL);
  replay.url = fixture.url;
  replay.clients
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) raw_client_free);
  replay.mailboxes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < json_array_get_length (events); i++)
    replay_event (&replay, json_array_get_object_element (events, i));

  g_hash_table_unref (replay.clients);
  g_hash_table_unref (replay.mailboxes);
  stop (&fixture);
}

/* What recorded clients said to the ecosystem's server gets the same answers
 * here. Left out are the recordings of what we do otherwise on purpose: binary
 * frames (07), the lock-out by a third side (08), pruning by hand (10). */
static void
test_replay (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("PST_TEST_SRCDIR"), "pairing", "vectors",
                                            "mailbox-transcript.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonArray *scenarios;
  guint n_replayed = 0;

  g_assert_true (json_parser_load_from_file (parser, path, NULL));
  scenarios = json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)),
                                            "scenarios");
  for (guint i = 0; i < json_array_get_length (scenarios); i++)
    {
      JsonObject *scenario = json_array_get_object_element (scenarios, i);
      const char *name = json_object_get_string_member (scenario, "scenario");

      if (strncmp (name, "07", 2) == 0 || strncmp (name, "08", 2) == 0
          || strncmp (name, "10", 2) == 0)
        continue;
      g_test_message ("%s", name);
      replay_scenario (scenario);
      n_replayed++;
    }

  g_assert_cmpuint (n_replayed, >=, 6);
}

/* As raw_client_ask(), but gives a member of the answer. */
static char *
ask_for (RawClient *client, const char *command, const char *type, const char *member)
{
  raw_client_send (client, command);
  while (TRUE)
    {
      g_autoptr (JsonObject) answer = raw_client_next_object (client);

      if (g_str_equal (json_object_get_string_member (answer, "type"), type))
        return g_strdup (json_object_get_string_member (answer, member));
    }
}

#define ADD(phase) "{\"type\":\"add\",\"phase\":\"" phase "\",\"body\":\"00\"}"

/* Neither by the nameplate nor by the mailbox, and it leaves no trace: the two go
 * on, come back after a loss, and hear each other only. */
static void
test_third_side (void)
{
  Fixture fixture = { 0 };

  start (&fixture, NULL);
  {
    g_autoptr (RawClient) a = raw_client_connect (fixture.url);
    g_autoptr (RawClient) b = raw_client_connect (fixture.url);
    g_autoptr (RawClient) x = raw_client_connect (fixture.url);
    g_autoptr (RawClient) a_again = raw_client_connect (fixture.url);
    g_autofree char *mailbox = NULL, *open = NULL, *said = NULL, *heard = NULL, *kept = NULL;

    assert_quiet (a, BIND ("a"));
    assert_quiet (b, BIND ("b"));
    assert_quiet (x, BIND ("x"));
    assert_quiet (a_again, BIND ("a"));
    mailbox = ask_for (a, CLAIM, "claimed", "mailbox");
    open = g_strdup_printf ("{\"type\":\"open\",\"mailbox\":\"%s\"}", mailbox);
    assert_answer (b, CLAIM, "claimed");
    assert_answer (x, CLAIM, "crowded");
    assert_answer (x, open, "crowded");

    assert_quiet (a, open);
    assert_quiet (b, open);
    assert_answer (x, ADD ("1"), "must open mailbox before adding");
    said = ask_for (a, ADD ("2"), "message", "phase");
    heard = ask_for (b, "{\"type\":\"ping\",\"ping\":1}", "message", "phase");
    g_assert_cmpstr (said, ==, "2");
    g_assert_cmpstr (heard, ==, "2");
    assert_answer (x, "{\"type\":\"ping\",\"ping\":1}", "pong");

    assert_answer (a_again, CLAIM, "claimed");
    kept = ask_for (a_again, open, "message", "phase");
    g_assert_cmpstr (kept, ==, "2");
  }
  stop (&fixture);
}

/* A side that comes again has let go of the connection before, however silently; so
 * it never fills the places of its address. */
static void
test_comes_again (void)
{
  PstRendezvousLimits limits = pst_rendezvous_default_limits;
  Fixture fixture = { 0 };

  limits.max_connections_per_address = 3;
  start (&fixture, &limits);
  {
    g_autoptr (RawClient) other = raw_client_connect (fixture.url);
    g_autoptr (RawClient) last = raw_client_connect (fixture.url);

    assert_quiet (other, BIND ("b"));
    assert_quiet (other, "{\"type\":\"open\",\"mailbox\":\"m\"}");
    assert_quiet (last, BIND ("a"));
    assert_quiet (last, "{\"type\":\"open\",\"mailbox\":\"m\"}");
    for (guint i = 0; i < 5; i++)
      {
        g_autoptr (RawClient) next = raw_client_connect (fixture.url);

        assert_quiet (next, BIND ("a"));
        assert_quiet (next, "{\"type\":\"open\",\"mailbox\":\"m\"}");
        raw_client_await_close (last);
        raw_client_free (last);
        last = g_steal_pointer (&next);
      }
    assert_answer (last, "{\"type\":\"add\",\"phase\":\"p\",\"body\":\"00\"}", "message");
    g_assert_false (other->closed);
    g_assert_cmpuint (pst_rendezvous_get_n_connections (fixture.server), ==, 2);
  }
  stop (&fixture);
}

static void
test_junk_closes (void)
{
  const char *junk[] = { "not json", "[]", "{\"type\":\"bind\",\"appid\":5}" };
  Fixture fixture = { 0 };

  start (&fixture, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (junk); i++)
    {
      g_autoptr (RawClient) client = raw_client_connect (fixture.url);

      raw_client_send (client, junk[i]);
      raw_client_await_close (client);
    }
  {
    g_autoptr (RawClient) client = raw_client_connect (fixture.url);

    soup_websocket_connection_send_binary (client->websocket, "{}", 2);
    raw_client_await_close (client);
  }
  stop (&fixture);
}

static void
test_large_frame (void)
{
  Fixture fixture = { 0 };
  g_autofree char *text = g_strnfill (PST_MAILBOX_MAX_FRAME_BYTES + 1, ' ');

  start (&fixture, NULL);
  {
    g_autoptr (RawClient) client = raw_client_connect (fixture.url);

    raw_client_send (client, text);
    raw_client_await_close (client);
  }
  stop (&fixture);
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);
  *(gboolean *) user_data = TRUE;
}

/* Ever more fragments of one message: libsoup alone would collect them all. */
static void
test_endless_fragments (void)
{
  Fixture fixture = { 0 };
  gsize frame_bytes = 8 + 32 * 1024;
  g_autofree guint8 *flood = g_malloc0 (64 * frame_bytes);
  gboolean written = FALSE;

  /* Masked with zeros, opcode text and then continuation, never final. */
  for (guint i = 0; i < 64; i++)
    {
      guint8 *frame = flood + i * frame_bytes;

      frame[0] = i == 0 ? 0x01 : 0x00;
      frame[1] = 0x80 | 126;
      frame[2] = (32 * 1024) >> 8;
      memset (frame + 8, ' ', 32 * 1024);
    }

  start (&fixture, NULL);
  {
    g_autoptr (RawClient) client = raw_client_connect (fixture.url);
    GIOStream *stream = soup_websocket_connection_get_io_stream (client->websocket);

    g_output_stream_write_all_async (g_io_stream_get_output_stream (stream), flood,
                                     64 * frame_bytes, 0, NULL, on_written, &written);
    raw_client_await_close (client);
    spin_until (&written);
  }
  stop (&fixture);
}

/* Binds, and opens a mailbox. */
static RawClient *
connect_open (Fixture *fixture, const char *bind)
{
  RawClient *client = raw_client_connect (fixture->url);

  assert_quiet (client, bind);
  assert_quiet (client, "{\"type\":\"open\",\"mailbox\":\"m\"}");
  return client;
}

static void
test_connection_caps (void)
{
  PstRendezvousLimits limits = pst_rendezvous_default_limits;
  Fixture fixture = { 0 };

  limits.max_connections_per_address = 2;
  start (&fixture, &limits);
  {
    g_autoptr (RawClient) a = connect_open (&fixture, BIND ("a"));
    g_autoptr (RawClient) b = connect_open (&fixture, BIND ("b"));

    g_assert_null (raw_client_try (fixture.url));
    assert_answer (a, ADD ("1"), "message");
    assert_answer (b, ADD ("2"), "message");
  }
  stop (&fixture);

  limits.max_connections = 1;
  start (&fixture, &limits);
  {
    g_autoptr (RawClient) a = connect_open (&fixture, BIND ("a"));

    g_assert_null (raw_client_try (fixture.url));
    assert_answer (a, ADD ("1"), "message");
  }
  stop (&fixture);
}

static GSocketConnection *
connect_raw (Fixture *fixture)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  GSocketConnection *connection = g_socket_client_connect_to_host (
      client, "127.0.0.1", pst_rendezvous_get_port (fixture->server), NULL, NULL);

  g_assert_nonnull (connection);
  return connection;
}

static void
write_raw (GSocketConnection *connection, const void *bytes, gsize n_bytes)
{
  g_assert_true (g_output_stream_write_all (
      g_io_stream_get_output_stream (G_IO_STREAM (connection)), bytes, n_bytes, NULL, NULL, NULL));
}

/* Many that begin and never come to an end take all places; those that are of use are
 * kept, and whoever comes gets the place of the one that waits longest. */
static void
test_slow_crowd (void)
{
  g_autoptr (GPtrArray) crowd = g_ptr_array_new_with_free_func (g_object_unref);
  Fixture fixture = { 0 };

  start (&fixture, NULL);
  {
    g_autoptr (RawClient) host = connect_open (&fixture, BIND ("a"));
    g_autoptr (RawClient) guest = NULL;

    for (guint i = 0; i < 40; i++)
      {
        GSocketConnection *slow = connect_raw (&fixture);

        g_ptr_array_add (crowd, slow);
        write_raw (slow, "GET /v1 HTTP/1.1\r\nHost: x", 24);
        g_main_context_iteration (NULL, FALSE);
      }
    while (g_main_context_iteration (NULL, FALSE))
      ;
    g_assert_cmpuint (pst_rendezvous_get_n_connections (fixture.server), ==, 8);
    guest = connect_open (&fixture, BIND ("b"));
    g_assert_cmpuint (pst_rendezvous_get_n_connections (fixture.server), ==, 8);
    assert_answer (host, ADD ("1"), "message");
    assert_answer (guest, "{\"type\":\"ping\",\"ping\":2}", "message");
  }
  stop (&fixture);
}

/* A mistake comes back with its command, unless that is long. */
static void
test_orig (void)
{
  Fixture fixture = { 0 };
  g_autofree char *text = g_strnfill (1100, 'x');

  start (&fixture, NULL);
  {
    g_autoptr (RawClient) client = raw_client_connect (fixture.url);

    for (guint i = 0; i < 2; i++)
      {
        g_autofree char *command = g_strdup_printf ("{\"type\":\"no\",\"x\":\"%s\"}",
                                                    i == 0 ? "x" : text);
        g_autoptr (JsonObject) answer = NULL;

        raw_client_send (client, command);
        do
          {
            g_clear_pointer (&answer, json_object_unref);
            answer = raw_client_next_object (client);
          }
        while (!json_object_has_member (answer, "error"));
        g_assert_cmpint (json_object_has_member (answer, "orig"), ==, i == 0);
      }
  }
  stop (&fixture);
}

static void
test_mailbox_caps (void)
{
  PstRendezvousLimits limits = pst_rendezvous_default_limits;
  Fixture fixture = { 0 };
  const char *add = "{\"type\":\"add\",\"phase\":\"p\",\"body\":\"00\"}";
  const char *large = "{\"type\":\"add\",\"phase\":\"p\",\"body\":\"0123456789abcdef\"}";

  limits.mailroom.max_mailboxes = 1;
  limits.mailroom.max_messages = 1;
  limits.mailroom.max_bytes = 10;
  start (&fixture, &limits);
  {
    g_autoptr (RawClient) a = raw_client_connect (fixture.url);
    g_autoptr (RawClient) b = raw_client_connect (fixture.url);

    assert_quiet (a, BIND ("a"));
    assert_quiet (b, BIND ("b"));
    assert_quiet (a, "{\"type\":\"open\",\"mailbox\":\"m\"}");
    assert_answer (a, add, "message");
    assert_answer (a, add, "message");
    assert_answer (a, large, "full");
    assert_answer (b, CLAIM, "full");
    assert_answer (b, "{\"type\":\"allocate\"}", "full");
  }
  stop (&fixture);
}

static void
test_command_rate (void)
{
  PstRendezvousLimits limits = pst_rendezvous_default_limits;
  Fixture fixture = { 0 };

  limits.burst = 5;
  limits.commands_per_s = 0;
  start (&fixture, &limits);
  {
    g_autoptr (RawClient) client = raw_client_connect (fixture.url);

    for (guint i = 0; i < 5; i++)
      assert_answer (client, "{\"type\":\"ping\",\"ping\":1}", "pong");
    raw_client_send (client, "{\"type\":\"ping\",\"ping\":1}");
    raw_client_await_close (client);
  }
  stop (&fixture);

  limits.burst = 1000;
  limits.max_commands = 5;
  start (&fixture, &limits);
  {
    g_autoptr (RawClient) client = raw_client_connect (fixture.url);

    for (guint i = 0; i < 5; i++)
      assert_answer (client, "{\"type\":\"ping\",\"ping\":1}", "pong");
    raw_client_send (client, "{\"type\":\"ping\",\"ping\":1}");
    raw_client_await_close (client);
  }
  stop (&fixture);
}

static void
test_idle (void)
{
  PstRendezvousLimits limits = pst_rendezvous_default_limits;
  Fixture fixture = { 0 };

  limits.idle_ms = 200;
  start (&fixture, &limits);
  {
    g_autoptr (RawClient) client = raw_client_connect (fixture.url);

    assert_quiet (client, BIND ("a"));
    assert_answer (client, CLAIM, "claimed");
    raw_client_await_close (client);
    g_assert_cmpuint (pst_rendezvous_get_n_connections (fixture.server), ==, 0);
  }
  stop (&fixture);
}

/* A raw TCP connection; gives what the server said before it hung up. */
static char *
talk (guint16 port, const char *text)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection
      = g_socket_client_connect_to_host (client, "127.0.0.1", port, NULL, NULL);
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  GString *answer = g_string_new (NULL);
  gint64 end_us = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  char byte;
  gssize n_read = -1;

  g_socket_set_blocking (g_socket_connection_get_socket (connection), FALSE);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), text,
                             strlen (text), NULL, NULL, NULL);
  while (n_read != 0 && g_get_monotonic_time () < end_us)
    {
      g_autoptr (GError) error = NULL;

      g_main_context_iteration (NULL, FALSE);
      n_read = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (input), &byte,
                                                         1, NULL, &error);
      if (n_read == 1)
        g_string_append_c (answer, byte);
      else if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        break;
    }

  g_assert_cmpint (g_get_monotonic_time (), <, end_us);
  return g_string_free (answer, FALSE);
}

static void
test_http (void)
{
  PstRendezvousLimits limits = pst_rendezvous_default_limits;
  Fixture fixture = { 0 };
  g_autofree char *flood = g_strnfill (100 * 1024, 'x');
  g_autofree char *foreign = NULL;
  g_autofree char *slow = NULL;
  g_autofree char *endless = NULL;
  guint16 port;

  limits.handshake_ms = 200;
  start (&fixture, &limits);
  port = pst_rendezvous_get_port (fixture.server);

  foreign = talk (port, "GET /v1 HTTP/1.1\r\nHost: x\r\nOrigin: http://evil.example\r\n\r\n");
  g_assert_true (g_str_has_prefix (foreign, "HTTP/1.1 403 "));
  slow = talk (port, "GET /v1 HTT");
  g_assert_cmpstr (slow, ==, "");
  endless = talk (port, flood);
  g_assert_cmpstr (endless, ==, "");
  g_assert_cmpuint (pst_rendezvous_get_n_connections (fixture.server), ==, 0);
  stop (&fixture);
}

#define HEAD                                                                                       \
  "GET /v1 HTTP/1.1\r\nHost: 127.0.0.1:1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"         \
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nX: "

/* A client's frame, masked with zeros. */
static void
put_frame (GByteArray *out, const char *text)
{
  gsize n_bytes = strlen (text);
  guint8 short_head[] = { 0x81, 0x80 | n_bytes, 0, 0, 0, 0 };
  guint8 long_head[] = { 0x81, 0x80 | 126, n_bytes >> 8, n_bytes & 0xff, 0, 0, 0, 0 };

  if (n_bytes < 126)
    g_byte_array_append (out, short_head, sizeof short_head);
  else
    g_byte_array_append (out, long_head, sizeof long_head);
  g_byte_array_append (out, (const guint8 *) text, n_bytes);
}

/* Says much, which comes back to it, and reads none of it. */
static void
assert_deaf_goes (const PstRendezvousLimits *limits)
{
  Fixture fixture = { 0 };
  g_autoptr (GByteArray) talk = g_byte_array_new ();
  g_autofree char *body = g_strnfill (60000, '0');
  g_autofree char *add = g_strdup_printf ("{\"type\":\"add\",\"phase\":\"p\",\"body\":\"%s\"}",
                                          body);
  gint64 end_us = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  put_frame (talk, BIND ("a"));
  put_frame (talk, "{\"type\":\"open\",\"mailbox\":\"m\"}");
  for (guint i = 0; i < 120; i++)
    put_frame (talk, add);

  start (&fixture, limits);
  {
    g_autoptr (GSocketConnection) deaf = connect_raw (&fixture);
    gboolean written = FALSE;

    write_raw (deaf, HEAD "x\r\n\r\n", strlen (HEAD "x\r\n\r\n"));
    g_output_stream_write_all_async (g_io_stream_get_output_stream (G_IO_STREAM (deaf)), talk->data,
                                     talk->len, 0, NULL, on_written, &written);
    while (pst_rendezvous_get_n_connections (fixture.server) == 0)
      g_main_context_iteration (NULL, TRUE);
    while (pst_rendezvous_get_n_connections (fixture.server) > 0)
      {
        g_assert_cmpint (g_get_monotonic_time (), <, end_us);
        g_main_context_iteration (NULL, TRUE);
      }
    spin_until (&written);
  }
  stop (&fixture);
}

static void
test_deaf (void)
{
  PstRendezvousLimits limits = pst_rendezvous_default_limits;

  limits.burst = 1000;
  limits.handshake_ms = 400;
  limits.stuck_ms = 300;
  limits.max_unread_bytes = G_MAXSIZE;
  assert_deaf_goes (&limits);

  limits.stuck_ms = 60 * 1000;
  limits.max_unread_bytes = pst_rendezvous_default_limits.max_unread_bytes;
  assert_deaf_goes (&limits);
}

/* The longest head is read, of a longer one nothing beyond that: it is not for
 * want of time, which there is plenty of. */
static void
test_head_cap (void)
{
  PstRendezvousLimits limits = pst_rendezvous_default_limits;
  Fixture fixture = { 0 };
  g_autofree char *padding
      = g_strnfill (PST_UPGRADE_MAX_HEAD_BYTES - strlen (HEAD) - strlen ("\r\n\r\n"), 'x');
  g_autofree char *longest = g_strconcat (HEAD, padding, "\r\n\r\n", NULL);
  g_autofree char *too_long = g_strconcat (HEAD, padding, "x\r\n\r\n", NULL);
  g_autofree char *good = NULL;
  g_autofree char *bad = NULL;

  limits.handshake_ms = 60 * 1000;
  limits.idle_ms = 200;
  start (&fixture, &limits);
  good = talk (pst_rendezvous_get_port (fixture.server), longest);
  g_assert_true (g_str_has_prefix (good, "HTTP/1.1 101 "));
  bad = talk (pst_rendezvous_get_port (fixture.server), too_long);
  g_assert_cmpstr (bad, ==, "");
  stop (&fixture);
}

static void
test_stop (void)
{
  Fixture fixture = { 0 };
  g_autoptr (RawClient) client = NULL;
  g_autoptr (GError) error = NULL;

  start (&fixture, NULL);
  client = raw_client_connect (fixture.url);
  pst_rendezvous_stop (fixture.server);
  raw_client_await_close (client);
  g_assert_null (raw_client_try (fixture.url));

  g_assert_true (pst_rendezvous_listen (fixture.server, NULL, 0, &error));
  g_assert_no_error (error);
  stop (&fixture);
}

static void
test_port_taken (void)
{
  Fixture fixture = { 0 };
  g_autoptr (PstRendezvous) second = pst_rendezvous_new ();
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GError) error = NULL;

  start (&fixture, NULL);
  g_assert_false (pst_rendezvous_listen (second, loopback,
                                         pst_rendezvous_get_port (fixture.server), &error));
  g_assert_nonnull (error);
  stop (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rendezvous/replay", test_replay);
  g_test_add_func ("/threats/24-third-side/server", test_third_side);
  g_test_add_func ("/rendezvous/comes-again", test_comes_again);
  g_test_add_func ("/rendezvous/junk", test_junk_closes);
  g_test_add_func ("/threats/23-embedded-server/frame", test_large_frame);
  g_test_add_func ("/threats/23-embedded-server/fragments", test_endless_fragments);
  g_test_add_func ("/threats/23-embedded-server/connections", test_connection_caps);
  g_test_add_func ("/threats/23-embedded-server/mailboxes", test_mailbox_caps);
  g_test_add_func ("/threats/23-embedded-server/command-rate", test_command_rate);
  g_test_add_func ("/threats/23-embedded-server/idle", test_idle);
  g_test_add_func ("/threats/23-embedded-server/http", test_http);
  g_test_add_func ("/threats/23-embedded-server/slow-crowd", test_slow_crowd);
  g_test_add_func ("/threats/23-embedded-server/deaf", test_deaf);
  g_test_add_func ("/threats/16-caps/server-head", test_head_cap);
  g_test_add_func ("/rendezvous/orig", test_orig);
  g_test_add_func ("/rendezvous/stop", test_stop);
  g_test_add_func ("/rendezvous/port-taken", test_port_taken);
  return g_test_run ();
}
