/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a mailbox server, and whoever else comes to the mailbox, must not get out
 * of a pairing. */
#include "party.h"

#include "pst-error.h"
#include "pst-mailbox.h"
#include "pst-upgrade.h"
#include "wire-tap.h"

#define CODE       "0412-purple-sausages"
#define WRONG_CODE "0412-purple-sausage"

#define WELCOME "{\"type\":\"welcome\",\"welcome\":{}}"
#define CLAIMED "{\"type\":\"claimed\",\"mailbox\":\"m\"}"

/* From the first byte to the last, with messages both ways. */
static void
test_words_stay_here (void)
{
  g_autofree char *url = NULL;
  g_autoptr (PstRendezvous) server = party_serve (0, &url);

  wire_tap_start ();
  {
    g_autoptr (Party) host = party_new (url, 1);
    g_autoptr (Party) guest = party_new (url, 2);

    pst_wormhole_host (host->wormhole, CODE, NULL, 0);
    pst_wormhole_join (guest->wormhole, CODE);
    spin_until (&host->paired);
    spin_until (&guest->paired);
    guest->n_wanted = host->n_wanted = 1;
    party_send (host, 1);
    party_send (guest, 2);
    spin_until (&guest->enough);
    spin_until (&host->enough);
  }
  g_assert_true (wire_tap_has ("\"0412\""));
  g_assert_true (wire_tap_has ("GET /v1 HTTP"));
  g_assert_cmpuint (wire_tap_count_added ("pake"), ==, 2);
  g_assert_cmpuint (wire_tap_count_added (NULL), ==, 2);
  g_assert_false (wire_tap_has ("purple"));
  g_assert_false (wire_tap_has ("sausage"));
  wire_tap_stop ();
}

/* A code made here, too: not even as a whole. */
static void
test_made_words_stay_here (void)
{
  g_autofree char *url = NULL;
  g_autoptr (PstRendezvous) server = party_serve (0, &url);

  wire_tap_start ();
  {
    g_autoptr (Party) host = party_new (url, 1);
    g_autoptr (Party) guest = party_new (url, 2);
    const char *words;

    party_pair (host, guest);
    words = strchr (pst_wormhole_get_code (host->wormhole), '-');
    g_assert_nonnull (words);
    g_assert_false (wire_tap_has (words));
    g_assert_false (wire_tap_has (words + 1));
  }
  wire_tap_stop ();
}

/* The code is dead after one guess: the right one does not open it any more. */
static void
test_one_guess (void)
{
  g_autofree char *url = NULL;
  g_autoptr (PstRendezvous) server = party_serve (0, &url);

  wire_tap_start ();
  {
    g_autoptr (Party) host = party_new (url, 1);
    g_autoptr (Party) guesser = party_new (url, 1);
    g_autoptr (Party) late = party_new (url, 1);

    pst_wormhole_host (host->wormhole, CODE, NULL, 0);
    pst_wormhole_join (guesser->wormhole, WRONG_CODE);
    party_assert_failed (host, PST_ERROR_WRONG_CODE);
    party_assert_failed (guesser, PST_ERROR_WRONG_CODE);

    pst_wormhole_join (late->wormhole, CODE);
    while (wire_tap_count_added ("pake") < 3)
      g_main_context_iteration (NULL, TRUE);
    party_close (late, PST_MOOD_LONELY);
    g_assert_false (late->paired || host->paired);
    g_assert_cmpuint (wire_tap_count_added ("pake"), ==, 3); /* the host's was one of them */
    g_assert_cmpint (pst_wormhole_get_state (host->wormhole), ==, PST_WORMHOLE_CLOSED);
  }
  wire_tap_stop ();
}

/* A second message of the key exchange, made with the right code, is no second guess. */
static void
test_second_pake (void)
{
  g_autofree char *url = NULL;
  g_autoptr (PstRendezvous) server = party_serve (0, &url);
  g_autoptr (Party) host = party_new (url, 1);
  g_autoptr (RawClient) raw = NULL;
  g_autoptr (GBytes) theirs = NULL;
  g_autoptr (PstSpake2) wrong = pst_spake2_new (WRONG_CODE, PST_WORMHOLE_APPID, NULL);
  g_autoptr (PstSpake2) right = pst_spake2_new (CODE, PST_WORMHOLE_APPID, NULL);
  guint8 key[PST_KEY_BYTES];

  pst_wormhole_host (host->wormhole, CODE, NULL, 0);
  spin_until (&host->has_code);
  raw = raw_peer_open (url, CODE);
  theirs = raw_peer_await_pake (raw);
  raw_peer_add_pake (raw, wrong);
  raw_peer_add_pake (raw, right);
  g_assert_true (pst_spake2_finish (right, theirs, key, NULL));
  raw_peer_add_sealed (raw, key, "version", "{\"app_versions\":{}}");
  party_assert_failed (host, PST_ERROR_WRONG_CODE);
  g_assert_false (host->paired);
}

/* Before the other side's `version` opens, nothing is said but what makes a key. */
static void
test_nothing_before_version (void)
{
  g_autofree char *url = NULL;
  g_autoptr (PstRendezvous) server = party_serve (0, &url);

  wire_tap_start ();
  {
    g_autoptr (Party) host = party_new (url, 1);
    g_autoptr (Party) guesser = party_new (url, 1);

    party_send (host, 1);
    party_send (guesser, 2);
    pst_wormhole_host (host->wormhole, CODE, NULL, 0);
    pst_wormhole_join (guesser->wormhole, WRONG_CODE);
    party_assert_failed (host, PST_ERROR_WRONG_CODE);
    party_assert_failed (guesser, PST_ERROR_WRONG_CODE);
    g_assert_cmpuint (wire_tap_count_added ("pake"), ==, 2);
    g_assert_cmpuint (wire_tap_count_added ("version"), ==, 2);
    g_assert_cmpuint (wire_tap_count_added (NULL), ==, 0);
  }
  wire_tap_stop ();
}

/* A server that sends us to another one, in every way HTTP has for it. */
static void
test_redirect (gconstpointer status)
{
  const char *const lines[] = { WELCOME, CLAIMED, NULL };
  HostileServer other = { .lines = lines };
  HostileServer first = { 0 };
  g_autofree char *head = NULL;

  hostile_server_start (&other);
  head = g_strdup_printf ("HTTP/1.1 %s\r\nLocation: %s/v1\r\nRefresh: 0; url=%s/v1\r\n"
                          "Connection: close\r\nContent-Length: 0\r\n\r\n",
                          (const char *) status, other.url, other.url);
  first.raw = head;
  hostile_server_start (&first);
  {
    g_autoptr (Party) party = party_new (first.url, 1);

    pst_wormhole_host (party->wormhole, CODE, NULL, 0);
    party_assert_failed (party, PST_ERROR_SERVER);
    g_assert_false (party->has_code);
  }
  g_assert_cmpuint (first.n_incoming, >, 0);
  g_assert_cmpuint (other.n_incoming, ==, 0);
  hostile_server_stop (&first);

  /* It would have been noticed. */
  {
    g_autoptr (Party) party = party_new (other.url, 1);

    pst_wormhole_host (party->wormhole, CODE, NULL, 0);
    spin_until (&party->has_code);
    g_assert_cmpuint (other.n_incoming, ==, 1);
    hostile_server_stop (&other);
  }
}

static void
assert_refused (HostileServer *server)
{
  PstWormholeTiming timing = party_quick;

  /* It is not for want of an answer that we go. */
  timing.answer_ms = 60 * 1000;
  timing.close_ms = 50;
  timing.retry_total_ms = 100;
  hostile_server_start (server);
  {
    g_autoptr (Party) party = party_new (server->url, 1);

    pst_wormhole_set_timing (party->wormhole, &timing);
    pst_wormhole_host (party->wormhole, CODE, NULL, 0);
    party_assert_failed (party, PST_ERROR_SERVER);
    g_assert_false (party->has_code);
  }
  hostile_server_stop (server);
}

/* What a server says before anybody has proved anything: the longest message is
 * taken, one byte more is not. */
static void
test_client_frame (void)
{
  g_autofree char *padding
      = g_strnfill (PST_MAILBOX_MAX_FRAME_BYTES - strlen (WELCOME), ' ');
  g_autofree char *longest = g_strconcat (WELCOME, padding, NULL);
  g_autofree char *too_long = g_strconcat (WELCOME, padding, " ", NULL);
  const char *const good[] = { longest, CLAIMED, NULL };
  const char *const bad[] = { too_long, CLAIMED, NULL };
  HostileServer server = { .lines = good };

  hostile_server_start (&server);
  {
    g_autoptr (Party) party = party_new (server.url, 1);

    pst_wormhole_host (party->wormhole, CODE, NULL, 0);
    spin_until (&party->has_code);
    hostile_server_stop (&server);
  }
  server = (HostileServer){ .lines = bad };
  assert_refused (&server);
}

/* A message without an end, in fragments each of which is short. */
static void
test_client_fragments (void)
{
  const gsize frame_bytes = 4 + 32 * 1024, n_frames = 64;
  guint8 *flood = g_malloc0 (n_frames * frame_bytes);
  g_autoptr (GBytes) bytes = g_bytes_new_take (flood, n_frames * frame_bytes);
  const char *const lines[] = { NULL };
  HostileServer server = { .lines = lines, .flood = bytes };

  for (gsize i = 0; i < n_frames; i++)
    {
      guint8 *frame = flood + i * frame_bytes;

      frame[0] = i == 0 ? 0x01 : 0x00; /* text, then its continuation, never the last */
      frame[1] = 126;
      frame[2] = (32 * 1024) >> 8;
      memset (frame + 4, ' ', 32 * 1024);
    }
  assert_refused (&server);
}

/* An answer to the request that never ends. */
static void
test_client_head (void)
{
  g_autofree char *lines = g_strnfill (PST_UPGRADE_MAX_HEAD_BYTES, 'x');
  g_autofree char *head = g_strconcat ("HTTP/1.1 101 Switching Protocols\r\nX: ", lines, NULL);
  HostileServer server = { .raw = head, .holds = TRUE };

  assert_refused (&server);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/threats/04-words-stay-secret/given-code", test_words_stay_here);
  g_test_add_func ("/threats/04-words-stay-secret/made-code", test_made_words_stay_here);
  g_test_add_func ("/threats/05-addresses-sealed/nothing-before-version",
                   test_nothing_before_version);
  g_test_add_func ("/threats/13-one-guess/code-is-dead", test_one_guess);
  g_test_add_func ("/threats/13-one-guess/second-message", test_second_pake);
  g_test_add_data_func ("/threats/14-no-redirect/301", "301 Moved Permanently", test_redirect);
  g_test_add_data_func ("/threats/14-no-redirect/302", "302 Found", test_redirect);
  g_test_add_data_func ("/threats/14-no-redirect/303", "303 See Other", test_redirect);
  g_test_add_data_func ("/threats/14-no-redirect/307", "307 Temporary Redirect", test_redirect);
  g_test_add_data_func ("/threats/14-no-redirect/308", "308 Permanent Redirect", test_redirect);
  g_test_add_func ("/threats/16-caps/client-head", test_client_head);
  g_test_add_func ("/threats/16-caps/client-frame", test_client_frame);
  g_test_add_func ("/threats/16-caps/client-fragments", test_client_fragments);
  return g_test_run ();
}
