/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "party.h"

#include "pst-error.h"

static void
test_happy (void)
{
  g_autofree char *url = NULL;
  g_autoptr (PstRendezvous) server = party_serve (0, &url);
  g_autoptr (Party) host = party_new (url, 7);
  g_autoptr (Party) guest = party_new (url, 8);
  g_autoptr (GBytes) a = NULL;
  g_autoptr (GBytes) b = NULL;

  party_send (host, 1);
  party_pair (host, guest);
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
  g_autoptr (PstRendezvous) server = party_serve (0, &url);
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
  g_autoptr (PstRendezvous) server = party_serve (0, &url);
  g_autoptr (Party) host = party_new (url, 1);
  g_autoptr (Party) guest = party_new (url, 1);

  pst_wormhole_host (host->wormhole, "4-purple-sausages", NULL, 0);
  pst_wormhole_join (guest->wormhole, "4-purple-sausage");
  party_assert_failed (host, PST_ERROR_WRONG_CODE);
  party_assert_failed (guest, PST_ERROR_WRONG_CODE);
}

static void
test_third_side (void)
{
  g_autofree char *url = NULL;
  g_autoptr (PstRendezvous) server = party_serve (0, &url);
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
  party_assert_failed (third, PST_ERROR_SERVER);
}

static void
test_unusable (void)
{
  g_autofree char *url = NULL;
  PstRendezvous *server = party_serve (0, &url);
  g_autoptr (Party) bad_url = party_new ("http://127.0.0.1", 1);
  g_autoptr (Party) bad_code = party_new (url, 1);
  g_autoptr (Party) nobody = NULL;

  pst_wormhole_host (bad_url->wormhole, NULL, NULL, 0);
  party_assert_failed (bad_url, PST_ERROR_USAGE);
  pst_wormhole_join (bad_code->wormhole, "no code");
  party_assert_failed (bad_code, PST_ERROR_BAD_CODE);

  g_object_unref (server);
  nobody = party_new (url, 1);
  pst_wormhole_host (nobody->wormhole, NULL, NULL, 0);
  party_assert_failed (nobody, PST_ERROR_SERVER);
  g_assert_nonnull (strstr (nobody->error->message, url));
}

/* Out of order, doubled, of another application; then one that was tampered
 * with. */
static void
test_phases (void)
{
  g_autofree char *url = NULL;
  g_autoptr (PstRendezvous) server = party_serve (0, &url);
  g_autoptr (Party) host = party_new (url, 1);
  g_autoptr (RawClient) raw = NULL;
  g_autoptr (GBytes) junk = g_bytes_new_static ("junk", 4);
  guint8 key[PST_KEY_BYTES];

  pst_wormhole_host (host->wormhole, NULL, NULL, 0);
  spin_until (&host->has_code);
  raw = raw_peer_join (url, pst_wormhole_get_code (host->wormhole), key);
  host->n_wanted = 3;
  raw_peer_add_sealed (raw, key, "1", "{\"penstock\":{\"n\":1}}");
  raw_peer_add_sealed (raw, key, "0", "{\"penstock\":{\"n\":0}}");
  raw_peer_add_sealed (raw, key, "version", "{\"app_versions\":{}}");
  raw_peer_add_sealed (raw, key, "0", "{\"penstock\":{\"n\":77}}");
  raw_peer_add_sealed (raw, key, "other-0", "{}");
  raw_peer_add_sealed (raw, key, "2", "{\"offer\":{}}");
  raw_peer_add_sealed (raw, key, "3", "{\"penstock\":{\"n\":3}}");
  spin_until (&host->enough);
  g_assert_cmpint (host->peer_v, ==, -1);
  g_assert_cmpstr (host->messages->str, ==, "0 1 3 ");

  raw_peer_add (raw, "4", junk);
  party_assert_failed (host, PST_ERROR_TAMPERED);
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
      g_autoptr (PstRendezvous) server = party_serve (0, &url);
      g_autoptr (Party) host = party_new (url, 1);
      g_autoptr (RawClient) raw = NULL;
      guint8 key[PST_KEY_BYTES];

      pst_wormhole_host (host->wormhole, NULL, NULL, 0);
      spin_until (&host->has_code);
      raw = raw_peer_join (url, pst_wormhole_get_code (host->wormhole), key);
      raw_peer_add_sealed (raw, key, "version", versions[i]);
      party_assert_failed (host, PST_ERROR_PROTOCOL);
    }
}

/* The server forgets everything twice; nothing is lost and nothing doubled. */
static void
test_restart (void)
{
  g_autofree char *url = NULL;
  g_autoptr (PstRendezvous) server = party_serve (0, &url);
  guint16 port = pst_rendezvous_get_port (server);
  g_autoptr (Party) host = party_new (url, 1);
  g_autoptr (Party) guest = party_new (url, 2);

  pst_wormhole_host (host->wormhole, NULL, NULL, 0);
  spin_until (&host->has_code);
  g_clear_object (&server);
  server = party_serve (port, NULL);
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
  server = party_serve (port, NULL);
  spin_until (&guest->enough);
  g_assert_cmpstr (guest->messages->str, ==, "1 2 3 ");
  g_assert_false (host->failed || guest->failed);
}

static void
test_gone_for_good (void)
{
  g_autofree char *url = NULL;
  g_autoptr (PstRendezvous) server = party_serve (0, &url);
  g_autoptr (Party) host = party_new (url, 1);

  pst_wormhole_host (host->wormhole, NULL, NULL, 0);
  spin_until (&host->has_code);
  g_clear_object (&server);
  party_assert_failed (host, PST_ERROR_SERVER);
}

/* Closing is quick and quiet in every state. */
static void
test_close_any_time (void)
{
  g_autofree char *url = NULL;
  g_autoptr (PstRendezvous) server = party_serve (0, &url);

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

static void
assert_hostile (const char *const *lines, const char *raw, int code)
{
  PstWormholeTiming timing = party_quick;
  HostileServer hostile = { .lines = lines, .raw = raw };

  timing.close_ms = 50;
  hostile_server_start (&hostile);
  {
    g_autoptr (Party) party = party_new (hostile.url, 1);

    pst_wormhole_set_timing (party->wormhole, &timing);
    pst_wormhole_join (party->wormhole, "4-purple-sausages");
    party_assert_failed (party, code);
    g_test_message ("%s", party->error->message);
  }
  hostile_server_stop (&hostile);
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
  PstWormholeTiming timing = party_quick;
  const char *const nothing[] = { NULL };
  HostileServer hostile = { .lines = nothing };

  timing.answer_ms = 100;
  hostile_server_start (&hostile);
  {
    g_autoptr (Party) party = party_new (hostile.url, 1);

    pst_wormhole_set_timing (party->wormhole, &timing);
    pst_wormhole_join (party->wormhole, "4-purple-sausages");
    party_assert_failed (party, PST_ERROR_SERVER);
  }
  hostile_server_stop (&hostile);
}

/* `closed` never comes: closing ends by itself. */
static void
test_close_is_bounded (void)
{
  PstWormholeTiming timing = party_quick;
  const char *const lines[] = { WELCOME, CLAIMED, NULL };
  HostileServer hostile = { .lines = lines };

  timing.close_ms = 50;
  timing.ping_ms = 60 * 1000;
  hostile_server_start (&hostile);
  {
    g_autoptr (Party) party = party_new (hostile.url, 1);

    pst_wormhole_set_timing (party->wormhole, &timing);
    pst_wormhole_host (party->wormhole, "4-purple-sausages", NULL, 0);
    spin_until (&party->has_code);
    party_close (party, PST_MOOD_LONELY);
    g_assert_false (party->failed);
  }
  hostile_server_stop (&hostile);
}

/* Says @n and waits until the other one has heard it. */
static void
party_tell (Party *from, Party *to, int n)
{
  to->enough = FALSE;
  to->n_wanted = 1;
  party_send (from, n);
  spin_until (&to->enough);
}

/* Far more is said than a mailbox holds, and then the server forgets it all: what
 * was taken is not said again, what was not taken is. */
static void
test_long_talk (void)
{
  g_autofree char *url = NULL;
  g_autoptr (PstRendezvous) server = party_serve (0, &url);
  guint16 port = pst_rendezvous_get_port (server);
  g_autoptr (Party) host = party_new (url, 1);
  g_autoptr (Party) guest = party_new (url, 2);

  party_pair (host, guest);
  for (guint i = 0; i < 3 * pst_rendezvous_default_limits.mailroom.max_messages; i++)
    {
      party_tell (host, guest, i);
      party_tell (guest, host, i);
    }

  g_clear_object (&server);
  party_send (host, 1000);
  server = party_serve (port, NULL);
  guest->enough = FALSE;
  guest->n_wanted = 1;
  spin_until (&guest->enough);
  g_assert_true (g_str_has_suffix (guest->messages->str, " 191 1000 "));
  party_tell (guest, host, 1001);
  g_assert_true (g_str_has_suffix (host->messages->str, " 191 1001 "));
  g_assert_false (host->failed || guest->failed);
}

/* The other side cannot have more messages than were sent. */
static void
test_taken_too_many (void)
{
  g_autofree char *url = NULL;
  g_autoptr (PstRendezvous) server = party_serve (0, &url);
  g_autoptr (Party) host = party_new (url, 1);
  g_autoptr (RawClient) raw = NULL;
  guint8 key[PST_KEY_BYTES];

  pst_wormhole_host (host->wormhole, NULL, NULL, 0);
  spin_until (&host->has_code);
  raw = raw_peer_join (url, pst_wormhole_get_code (host->wormhole), key);
  raw_peer_add_sealed (raw, key, "version", "{\"app_versions\":{\"penstock\":{\"v\":1}}}");
  raw_peer_add_sealed (raw, key, "0", "{\"penstock\":{\"n\":0},\"taken\":0}");
  raw_peer_add_sealed (raw, key, "1", "{\"penstock\":{\"n\":1},\"taken\":1}");
  party_assert_failed (host, PST_ERROR_PROTOCOL);
  g_assert_cmpstr (host->messages->str, ==, "0 ");
}

/* The server comes up again elsewhere. */
static void
test_moved (void)
{
  g_autofree char *url = NULL;
  g_autofree char *moved_url = NULL;
  g_autoptr (PstRendezvous) server = party_serve (0, &url);
  g_autoptr (PstRendezvous) moved = NULL;
  g_autoptr (Party) host = party_new (url, 1);
  g_autoptr (Party) guest = party_new (url, 2);

  party_pair (host, guest);
  moved = party_serve (0, &moved_url);
  g_clear_object (&server);
  for (guint i = 0; i < 2; i++)
    {
      pst_wormhole_add_server (host->wormhole, moved_url);
      pst_wormhole_add_server (guest->wormhole, moved_url);
    }
  party_tell (host, guest, 1);
  party_tell (guest, host, 2);
}

static gboolean
change_server (gpointer user_data)
{
  pst_wormhole_change_server (((Party *) user_data)->wormhole);
  return G_SOURCE_CONTINUE;
}

/* Someone announces a server of their own that passes nothing on. */
static void
test_false_server (void)
{
  g_autofree char *url = NULL;
  g_autofree char *false_url = NULL;
  g_autoptr (PstRendezvous) server = party_serve (0, &url);
  guint16 port = pst_rendezvous_get_port (server);
  g_autoptr (PstRendezvous) false_server = party_serve (0, &false_url);
  g_autoptr (Party) host = party_new (url, 1);
  g_autoptr (Party) guest = party_new (url, 2);
  guint turns;

  party_pair (host, guest);
  pst_wormhole_change_server (guest->wormhole); /* there is no other */
  party_tell (host, guest, 1);

  pst_wormhole_add_server (guest->wormhole, false_url);
  g_clear_object (&server);
  while (pst_rendezvous_get_n_connections (false_server) == 0)
    g_main_context_iteration (NULL, TRUE);
  server = party_serve (port, NULL);
  turns = g_timeout_add (500, change_server, guest);
  party_tell (guest, host, 2);
  g_source_remove (turns);
  party_tell (host, guest, 3);
}

static gboolean
hurry (gpointer user_data)
{
  pst_wormhole_hurry (((Party *) user_data)->wormhole);
  return G_SOURCE_CONTINUE;
}

/* A pause that would be longer than the test is cut short. */
static void
test_hurry (void)
{
  g_autofree char *url = NULL;
  g_autoptr (PstRendezvous) server = party_serve (0, &url);
  guint16 port = pst_rendezvous_get_port (server);
  g_autoptr (Party) host = party_new (url, 1);
  g_autoptr (Party) guest = party_new (url, 2);
  PstWormholeTiming slow = party_quick;
  guint hurries;

  slow.retry_first_ms = slow.retry_max_ms = slow.ping_ms = 600 * 1000;
  pst_wormhole_set_timing (guest->wormhole, &slow);
  pst_wormhole_hurry (guest->wormhole); /* nobody waits yet */
  party_pair (host, guest);
  g_clear_object (&server);
  server = party_serve (port, NULL);
  hurries = g_timeout_add (100, hurry, guest);
  party_tell (host, guest, 1);
  party_tell (guest, host, 2);
  g_source_remove (hurries);
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
  g_test_add_func ("/wormhole/long-talk", test_long_talk);
  g_test_add_func ("/wormhole/taken-too-many", test_taken_too_many);
  g_test_add_func ("/wormhole/moved", test_moved);
  g_test_add_func ("/wormhole/false-server", test_false_server);
  g_test_add_func ("/wormhole/hurry", test_hurry);
  return g_test_run ();
}
