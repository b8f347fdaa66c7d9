/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-error.h"
#include "pst-json.h"
#include "pst-mailbox.h"
#include "pst-phase.h"
#include "pst-rendezvous.h"
#include "pst-spake2.h"
#include "pst-websocket.h"
#include "pst-wormhole.h"
#include "raw-client.h"

static const PstWormholeTiming quick = {
  .answer_ms = 5000,
  .retry_first_ms = 20,
  .retry_max_ms = 40,
  .retry_total_ms = 400,
  .ping_ms = 20,
  .close_ms = 2000,
};

typedef struct
{
  PstWormhole *wormhole;
  gboolean has_code;
  gboolean paired;
  gboolean failed;
  gboolean closed;
  gboolean enough; /* as many messages as wanted */
  gint64 peer_v;
  guint n_wanted;
  GString *messages;
  GError *error;
} Party;

static void
on_code (PstWormhole *wormhole, const char *code, Party *party)
{
  g_assert_false (party->has_code);
  party->has_code = TRUE;
}

static void
on_paired (PstWormhole *wormhole, JsonObject *version, Party *party)
{
  g_assert_false (party->paired);
  party->paired = TRUE;
  party->peer_v = version != NULL ? json_object_get_int_member (version, "v") : -1;
}

static void
on_message (PstWormhole *wormhole, JsonObject *message, Party *party)
{
  g_string_append_printf (party->messages, "%d ",
                          (int) json_object_get_int_member (message, "n"));
  party->enough = --party->n_wanted == 0;
}

static void
on_failed (PstWormhole *wormhole, GError *error, Party *party)
{
  g_assert_false (party->failed);
  party->failed = TRUE;
  party->error = g_error_copy (error);
}

static void
on_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Party *party = user_data;

  g_assert_true (pst_wormhole_close_finish (PST_WORMHOLE (source), result, NULL));
  party->closed = TRUE;
}

static Party *
party_new (const char *url, int v)
{
  Party *party = g_new0 (Party, 1);
  g_autoptr (JsonObject) version = json_object_new ();

  json_object_set_int_member (version, "v", v);
  party->messages = g_string_new (NULL);
  party->wormhole = pst_wormhole_new (url, PST_WORMHOLE_APPID);
  pst_wormhole_set_timing (party->wormhole, &quick);
  pst_wormhole_set_app_version (party->wormhole, version);
  g_signal_connect (party->wormhole, "code", G_CALLBACK (on_code), party);
  g_signal_connect (party->wormhole, "paired", G_CALLBACK (on_paired), party);
  g_signal_connect (party->wormhole, "message", G_CALLBACK (on_message), party);
  g_signal_connect (party->wormhole, "failed", G_CALLBACK (on_failed), party);
  return party;
}

static void
party_close (Party *party, PstMood mood)
{
  pst_wormhole_close_async (party->wormhole, mood, on_closed, party);
  spin_until (&party->closed);
}

static void
party_free (Party *party)
{
  party->closed = FALSE;
  party_close (party, PST_MOOD_HAPPY);
  g_signal_handlers_disconnect_by_data (party->wormhole, party);
  g_object_unref (party->wormhole);
  g_string_free (party->messages, TRUE);
  g_clear_error (&party->error);
  g_free (party);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Party, party_free)

static void
party_send (Party *party, int n)
{
  g_autoptr (JsonObject) message = json_object_new ();

  json_object_set_int_member (message, "n", n);
  pst_wormhole_send (party->wormhole, message);
}

static PstRendezvous *
serve (guint16 port, char **url)
{
  PstRendezvousLimits limits = pst_rendezvous_default_limits;
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  PstRendezvous *server = pst_rendezvous_new ();
  g_autoptr (GError) error = NULL;

  /* The parties here ask far more often than real ones. */
  limits.commands_per_s = 1000;
  pst_rendezvous_set_limits (server, &limits);
  pst_rendezvous_listen (server, loopback, port, &error);
  g_assert_no_error (error);
  if (url != NULL)
    *url = g_strdup_printf ("ws://127.0.0.1:%u", pst_rendezvous_get_port (server));
  return server;
}

static void
pair (Party *host, Party *guest)
{
  pst_wormhole_host (host->wormhole, NULL, NULL, 0);
  spin_until (&host->has_code);
  g_assert_cmpint (pst_wormhole_get_state (host->wormhole), ==, PST_WORMHOLE_WAITING);
  pst_wormhole_join (guest->wormhole, pst_wormhole_get_code (host->wormhole));
  spin_until (&host->paired);
  spin_until (&guest->paired);
}

static void
assert_failed (Party *party, int code)
{
  spin_until (&party->failed);
  g_assert_error (party->error, PST_ERROR, code);
  g_assert_cmpint (pst_wormhole_get_state (party->wormhole), ==, PST_WORMHOLE_CLOSED);
}

static void
test_happy (void)
{
  g_autofree char *url = NULL;
  g_autoptr (PstRendezvous) server = serve (0, &url);
  g_autoptr (Party) host = party_new (url, 7);
  g_autoptr (Party) guest = party_new (url, 8);
  g_autoptr (GBytes) a = NULL;
  g_autoptr (GBytes) b = NULL;

  party_send (host, 1);
  pair (host, guest);
  g_assert_cmpint (guest->peer_v, ==, 7);
  g_assert_cmpint (host->peer_v, ==, 8);
  g_assert_cmpstr (pst_wormhole_get_peer_side (host->wormhole), ==,
                   pst_wormhole_get_side (guest->wormhole));

  a = pst_wormhole_derive_key (host->wormhole, (const guint8 *) "x", 1);
  b = pst_wormhole_derive_key (guest->wormhole, (const guint8 *) "x", 1);
  g_assert_true (g_bytes_equal (a, b));

  guest->n_wanted = 3;
  party_send (host, 2);
  party_send (host, 3);
  spin_until (&guest->enough);
  g_assert_cmpstr (guest->messages->str, ==, "1 2 3 ");

  party_close (host, PST_MOOD_HAPPY);
  party_close (guest, PST_MOOD_HAPPY);
  g_assert_false (host->failed || guest->failed);
}

static void
test_given_code (void)
{
  g_autofree char *url = NULL;
  g_autoptr (PstRendezvous) server = serve (0, &url);
  g_autoptr (Party) host = party_new (url, 1);
  g_autoptr (Party) guest = party_new (url, 1);
  g_autoptr (Party) other = party_new (url, 1);

  /* The one who types the code may well be first. */
  pst_wormhole_join (guest->wormhole, "0412-purple-sausages");
  pst_wormhole_host (host->wormhole, "0412-purple-sausages", NULL, 0);
  spin_until (&host->paired);
  spin_until (&guest->paired);

  pst_wormhole_host (other->wormhole, NULL, "0777", 2);
  spin_until (&other->has_code);
  g_assert_true (g_str_has_prefix (pst_wormhole_get_code (other->wormhole), "0777-"));
}

static void
test_wrong_code (void)
{
  g_autofree char *url = NULL;
  g_autoptr (PstRendezvous) server = serve (0, &url);
  g_autoptr (Party) host = party_new (url, 1);
  g_autoptr (Party) guest = party_new (url, 1);

  pst_wormhole_host (host->wormhole, "4-purple-sausages", NULL, 0);
  pst_wormhole_join (guest->wormhole, "4-purple-sausage");
  assert_failed (host, PST_ERROR_WRONG_CODE);
  assert_failed (guest, PST_ERROR_WRONG_CODE);
}

static void
test_third_side (void)
{
  g_autofree char *url = NULL;
  g_autoptr (PstRendezvous) server = serve (0, &url);
  g_autoptr (RawClient) a = raw_client_connect (url);
  g_autoptr (RawClient) b = raw_client_connect (url);
  RawClient *raw[] = { a, b };
  g_autoptr (Party) third = party_new (url, 1);

  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *bind = g_strdup_printf (
          "{\"type\":\"bind\",\"appid\":\"" PST_WORMHOLE_APPID "\",\"side\":\"s%u\"}", i);
      g_autofree char *claimed = NULL;

      raw_client_send (raw[i], bind);
      claimed = raw_client_ask (raw[i], "{\"type\":\"claim\",\"nameplate\":\"4\"}");
      g_assert_cmpstr (claimed, ==, "claimed");
    }

  pst_wormhole_join (third->wormhole, "4-purple-sausages");
  assert_failed (third, PST_ERROR_SERVER);
}

static void
test_unusable (void)
{
  g_autofree char *url = NULL;
  PstRendezvous *server = serve (0, &url);
  g_autoptr (Party) bad_url = party_new ("http://127.0.0.1", 1);
  g_autoptr (Party) bad_code = party_new (url, 1);
  g_autoptr (Party) nobody = NULL;

  pst_wormhole_host (bad_url->wormhole, NULL, NULL, 0);
  assert_failed (bad_url, PST_ERROR_USAGE);
  pst_wormhole_join (bad_code->wormhole, "no code");
  assert_failed (bad_code, PST_ERROR_BAD_CODE);

  g_object_unref (server);
  nobody = party_new (url, 1);
  pst_wormhole_host (nobody->wormhole, NULL, NULL, 0);
  assert_failed (nobody, PST_ERROR_SERVER);
  g_assert_nonnull (strstr (nobody->error->message, url));
}

/* A peer made by hand, which knows the code. */
static void
raw_add (RawClient *raw, const char *phase, GBytes *body)
{
  g_autofree char *hex = pst_mailbox_encode_body (body);
  g_autofree char *text = g_strdup_printf (
      "{\"type\":\"add\",\"phase\":\"%s\",\"body\":\"%s\"}", phase, hex);

  raw_client_send (raw, text);
}

static void
raw_add_sealed (RawClient *raw, const guint8 *key, const char *phase, const char *text)
{
  g_autoptr (GBytes) plaintext = g_bytes_new (text, strlen (text));
  g_autoptr (GBytes) body = pst_phase_seal (key, "raw", phase, plaintext);

  raw_add (raw, phase, body);
}

static GBytes *
raw_await_pake (RawClient *raw)
{
  while (TRUE)
    {
      g_autofree char *text = raw_client_next (raw);
      g_autoptr (PstMailboxFrame) frame = pst_mailbox_parse_answer (text, strlen (text), NULL);
      g_autoptr (GBytes) body = NULL;
      g_autoptr (JsonObject) content = NULL;

      if (frame->type != PST_MAILBOX_MESSAGE)
        continue;
      body = pst_mailbox_decode_body (frame->body, NULL);
      content = pst_json_parse (g_bytes_get_data (body, NULL), g_bytes_get_size (body), 4096, NULL);
      return pst_mailbox_decode_body (json_object_get_string_member (content, "pake_v1"), NULL);
    }
}

static RawClient *
raw_join (const char *url, const char *code, guint8 *key)
{
  g_autoptr (RawClient) raw = raw_client_connect (url);
  g_autofree char *nameplate = g_strndup (code, strcspn (code, "-"));
  g_autofree char *claim
      = g_strdup_printf ("{\"type\":\"claim\",\"nameplate\":\"%s\"}", nameplate);
  g_autoptr (PstSpake2) agreement = pst_spake2_new (code, PST_WORMHOLE_APPID, NULL);
  g_autoptr (GBytes) ours = pst_spake2_get_message (agreement);
  g_autofree char *hex = pst_mailbox_encode_body (ours);
  g_autofree char *pake = g_strdup_printf ("{\"pake_v1\":\"%s\"}", hex);
  g_autoptr (GBytes) pake_body = g_bytes_new (pake, strlen (pake));
  g_autoptr (GBytes) theirs = NULL;
  const char *mailbox = NULL;

  raw_client_send (raw,
                   "{\"type\":\"bind\",\"appid\":\"" PST_WORMHOLE_APPID "\",\"side\":\"raw\"}");
  raw_client_send (raw, claim);
  while (mailbox == NULL)
    {
      g_autoptr (JsonObject) answer = raw_client_next_object (raw);
      g_autofree char *open = NULL;

      mailbox = json_object_get_string_member_with_default (answer, "mailbox", NULL);
      open = g_strdup_printf ("{\"type\":\"open\",\"mailbox\":\"%s\"}", mailbox);
      if (mailbox != NULL)
        raw_client_send (raw, open);
    }

  theirs = raw_await_pake (raw);
  g_assert_true (pst_spake2_finish (agreement, theirs, key, NULL));
  raw_add (raw, "pake", pake_body);
  return g_steal_pointer (&raw);
}

/* Out of order, doubled, of another application; then one that was tampered
 * with. */
static void
test_phases (void)
{
  g_autofree char *url = NULL;
  g_autoptr (PstRendezvous) server = serve (0, &url);
  g_autoptr (Party) host = party_new (url, 1);
  g_autoptr (RawClient) raw = NULL;
  g_autoptr (GBytes) junk = g_bytes_new_static ("junk", 4);
  guint8 key[PST_KEY_BYTES];

  pst_wormhole_host (host->wormhole, NULL, NULL, 0);
  spin_until (&host->has_code);
  raw = raw_join (url, pst_wormhole_get_code (host->wormhole), key);
  host->n_wanted = 3;
  raw_add_sealed (raw, key, "1", "{\"penstock\":{\"n\":1}}");
  raw_add_sealed (raw, key, "0", "{\"penstock\":{\"n\":0}}");
  raw_add_sealed (raw, key, "version", "{\"app_versions\":{}}");
  raw_add_sealed (raw, key, "0", "{\"penstock\":{\"n\":77}}");
  raw_add_sealed (raw, key, "other-0", "{}");
  raw_add_sealed (raw, key, "2", "{\"offer\":{}}");
  raw_add_sealed (raw, key, "3", "{\"penstock\":{\"n\":3}}");
  spin_until (&host->enough);
  g_assert_cmpint (host->peer_v, ==, -1);
  g_assert_cmpstr (host->messages->str, ==, "0 1 3 ");

  raw_add (raw, "4", junk);
  assert_failed (host, PST_ERROR_TAMPERED);
}

/* What decrypts but is not what it should be. */
static void
test_bad_content (void)
{
  static const char *const versions[] = { "[]", "{\"app_versions\":5}",
                                          "{\"app_versions\":{\"penstock\":5}}", "" };

  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      g_autofree char *url = NULL;
      g_autoptr (PstRendezvous) server = serve (0, &url);
      g_autoptr (Party) host = party_new (url, 1);
      g_autoptr (RawClient) raw = NULL;
      guint8 key[PST_KEY_BYTES];

      pst_wormhole_host (host->wormhole, NULL, NULL, 0);
      spin_until (&host->has_code);
      raw = raw_join (url, pst_wormhole_get_code (host->wormhole), key);
      raw_add_sealed (raw, key, "version", versions[i]);
      assert_failed (host, PST_ERROR_PROTOCOL);
    }
}

/* The server forgets everything twice; nothing is lost and nothing doubled. */
static void
test_restart (void)
{
  g_autofree char *url = NULL;
  g_autoptr (PstRendezvous) server = serve (0, &url);
  guint16 port = pst_rendezvous_get_port (server);
  g_autoptr (Party) host = party_new (url, 1);
  g_autoptr (Party) guest = party_new (url, 2);

  pst_wormhole_host (host->wormhole, NULL, NULL, 0);
  spin_until (&host->has_code);
  g_clear_object (&server);
  server = serve (port, NULL);
  pst_wormhole_join (guest->wormhole, pst_wormhole_get_code (host->wormhole));
  spin_until (&host->paired);
  spin_until (&guest->paired);

  guest->n_wanted = 1;
  party_send (host, 1);
  spin_until (&guest->enough);
  g_clear_object (&server);
  guest->n_wanted = 2;
  guest->enough = FALSE;
  party_send (host, 2);
  party_send (host, 3);
  server = serve (port, NULL);
  spin_until (&guest->enough);
  g_assert_cmpstr (guest->messages->str, ==, "1 2 3 ");
  g_assert_false (host->failed || guest->failed);
}

static void
test_gone_for_good (void)
{
  g_autofree char *url = NULL;
  g_autoptr (PstRendezvous) server = serve (0, &url);
  g_autoptr (Party) host = party_new (url, 1);

  pst_wormhole_host (host->wormhole, NULL, NULL, 0);
  spin_until (&host->has_code);
  g_clear_object (&server);
  assert_failed (host, PST_ERROR_SERVER);
}

/* Closing is quick and quiet in every state. */
static void
test_close_any_time (void)
{
  g_autofree char *url = NULL;
  g_autoptr (PstRendezvous) server = serve (0, &url);

  for (guint n_turns = 0; n_turns < 40; n_turns++)
    {
      g_autoptr (Party) party = party_new (url, 1);

      pst_wormhole_host (party->wormhole, NULL, NULL, 0);
      for (guint i = 0; i < n_turns; i++)
        g_main_context_iteration (NULL, TRUE);
      party_close (party, PST_MOOD_LONELY);
      g_assert_false (party->failed);
      while (pst_rendezvous_get_n_connections (server) > 0)
        g_main_context_iteration (NULL, TRUE);
    }
  {
    g_autoptr (Party) unused = party_new (url, 1);

    party_close (unused, PST_MOOD_LONELY);
  }
}

/* A server that says what a test tells it to, to whoever connects. */
typedef struct
{
  GSocketService *service;
  SoupWebsocketConnection *websocket;
  const char *const *lines;
  const char *raw; /* instead of a WebSocket */
  char *url;
} Hostile;

static void
on_hostile_accepted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Hostile *hostile = user_data;

  g_clear_object (&hostile->websocket);
  hostile->websocket = pst_websocket_accept_finish (result, NULL);
  for (guint i = 0; hostile->websocket != NULL && hostile->lines[i] != NULL; i++)
    soup_websocket_connection_send_text (hostile->websocket, hostile->lines[i]);
}

static gboolean
on_hostile_incoming (GSocketService *service,
                     GSocketConnection *connection,
                     GObject *source_object,
                     gpointer user_data)
{
  Hostile *hostile = user_data;

  if (hostile->raw == NULL)
    pst_websocket_accept_async (connection, NULL, on_hostile_accepted, hostile);
  else
    g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)),
                               hostile->raw, strlen (hostile->raw), NULL, NULL, NULL);
  return TRUE;
}

static void
hostile_start (Hostile *hostile)
{
  guint16 port;

  hostile->service = g_socket_service_new ();
  port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (hostile->service), NULL, NULL);
  g_signal_connect (hostile->service, "incoming", G_CALLBACK (on_hostile_incoming), hostile);
  hostile->url = g_strdup_printf ("ws://127.0.0.1:%u", port);
}

static void
hostile_stop (Hostile *hostile)
{
  g_socket_service_stop (hostile->service);
  g_socket_listener_close (G_SOCKET_LISTENER (hostile->service));
  g_clear_object (&hostile->service);
  g_clear_object (&hostile->websocket);
  g_clear_pointer (&hostile->url, g_free);
}

static void
assert_hostile (const char *const *lines, const char *raw, int code)
{
  PstWormholeTiming timing = quick;
  Hostile hostile = { .lines = lines, .raw = raw };

  timing.close_ms = 50;
  hostile_start (&hostile);
  {
    g_autoptr (Party) party = party_new (hostile.url, 1);

    pst_wormhole_set_timing (party->wormhole, &timing);
    pst_wormhole_join (party->wormhole, "4-purple-sausages");
    assert_failed (party, code);
    g_test_message ("%s", party->error->message);
  }
  hostile_stop (&hostile);
}

#define WELCOME          "{\"type\":\"welcome\",\"welcome\":{}}"
#define CLAIMED          "{\"type\":\"claimed\",\"mailbox\":\"m\"}"
#define MAIL(side, phase, body)                                                                    \
  "{\"type\":\"message\",\"side\":\"" side "\",\"phase\":\"" phase "\",\"body\":\"" body "\"}"

static void
test_hostile_answers (void)
{
  const char *const junk[] = { WELCOME, "junk", NULL };
  const char *const away[] = { "{\"type\":\"welcome\",\"welcome\":{\"error\":\"go\"}}", NULL };
  const char *const error[] = { WELCOME, "{\"type\":\"error\",\"error\":\"no \x1b[1m\"}", NULL };
  const char *const crowded[] = { WELCOME, "{\"type\":\"error\",\"error\":\"crowded\"}", NULL };
  const char *const no_hex[] = { WELCOME, CLAIMED, MAIL ("x", "pake", "zz"), NULL };
  const char *const two[]
      = { WELCOME, CLAIMED, MAIL ("x", "0", "00"), MAIL ("y", "0", "00"), NULL };
  const char *const ahead[] = { WELCOME, CLAIMED, MAIL ("x", "64", "00"), NULL };
  /* {"pake_v1":"53"}: too short */
  const char *const shorter[]
      = { WELCOME, CLAIMED, MAIL ("x", "pake", "7b2270616b655f7631223a223533227d"), NULL };
  const char *const no_json[] = { WELCOME, CLAIMED, MAIL ("x", "pake", "00"), NULL };

  assert_hostile (junk, NULL, PST_ERROR_SERVER);
  assert_hostile (away, NULL, PST_ERROR_SERVER);
  assert_hostile (error, NULL, PST_ERROR_SERVER);
  assert_hostile (crowded, NULL, PST_ERROR_SERVER);
  assert_hostile (no_hex, NULL, PST_ERROR_SERVER);
  assert_hostile (two, NULL, PST_ERROR_SERVER);
  assert_hostile (ahead, NULL, PST_ERROR_PROTOCOL);
  assert_hostile (shorter, NULL, PST_ERROR_TAMPERED);
  assert_hostile (no_json, NULL, PST_ERROR_PROTOCOL);
}

static void
test_hostile_http (void)
{
  g_autofree char *flood = g_strnfill (20 * 1024, 'x');

  assert_hostile (NULL, "HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\n\r\n",
                  PST_ERROR_SERVER);
  assert_hostile (NULL, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", PST_ERROR_SERVER);
  assert_hostile (NULL, "SSH-2.0-OpenSSH\r\n\r\n", PST_ERROR_SERVER);
  assert_hostile (NULL, flood, PST_ERROR_SERVER);
}

/* A server that accepts and then keeps silent. */
static void
test_silent_server (void)
{
  PstWormholeTiming timing = quick;
  const char *const nothing[] = { NULL };
  Hostile hostile = { .lines = nothing };

  timing.answer_ms = 100;
  hostile_start (&hostile);
  {
    g_autoptr (Party) party = party_new (hostile.url, 1);

    pst_wormhole_set_timing (party->wormhole, &timing);
    pst_wormhole_join (party->wormhole, "4-purple-sausages");
    assert_failed (party, PST_ERROR_SERVER);
  }
  hostile_stop (&hostile);
}

/* `closed` never comes: closing ends by itself. */
static void
test_close_is_bounded (void)
{
  PstWormholeTiming timing = quick;
  const char *const lines[] = { WELCOME, CLAIMED, NULL };
  Hostile hostile = { .lines = lines };

  timing.close_ms = 50;
  timing.ping_ms = 60 * 1000;
  hostile_start (&hostile);
  {
    g_autoptr (Party) party = party_new (hostile.url, 1);

    pst_wormhole_set_timing (party->wormhole, &timing);
    pst_wormhole_host (party->wormhole, "4-purple-sausages", NULL, 0);
    spin_until (&party->has_code);
    party_close (party, PST_MOOD_LONELY);
    g_assert_false (party->failed);
  }
  hostile_stop (&hostile);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wormhole/happy", test_happy);
  g_test_add_func ("/wormhole/given-code", test_given_code);
  g_test_add_func ("/wormhole/wrong-code", test_wrong_code);
  g_test_add_func ("/wormhole/third-side", test_third_side);
  g_test_add_func ("/wormhole/unusable", test_unusable);
  g_test_add_func ("/wormhole/phases", test_phases);
  g_test_add_func ("/wormhole/bad-content", test_bad_content);
  g_test_add_func ("/wormhole/restart", test_restart);
  g_test_add_func ("/wormhole/gone-for-good", test_gone_for_good);
  g_test_add_func ("/wormhole/close-any-time", test_close_any_time);
  g_test_add_func ("/wormhole/hostile-answers", test_hostile_answers);
  g_test_add_func ("/wormhole/hostile-http", test_hostile_http);
  g_test_add_func ("/wormhole/silent-server", test_silent_server);
  g_test_add_func ("/wormhole/close-is-bounded", test_close_is_bounded);
  return g_test_run ();
}
