/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a stranger on the way, or one who knows the code, may try. Attackers
 * are peers of our own with some of their insides changed. */
#include <string.h>

#include "pair-attack.h"
#include "pair-child.h"
#include "pst-error.h"

/* Connections that must fail do so by themselves long before. */
static void
assert_refused (PairEnd *victim, int code)
{
  pair_wait_for (victim->closed != NULL);
  g_assert_error (victim->closed, PST_ERROR, code);
  g_assert_false (victim->opened);
  g_assert_cmpuint (victim->n_frames, ==, 0);
}

static JsonObject *
replace_fingerprint (JsonObject *message, const char *with)
{
  const char *sdp = json_object_get_string_member (message, "sdp");
  const char *line = strstr (sdp, "a=fingerprint:");
  g_autofree char *changed = g_strdup_printf ("%.*s%s%s", (int) (line - sdp), sdp, with,
                                              line + strcspn (line, "\r"));
  JsonObject *copy = json_object_new ();

  json_object_set_string_member (copy, "t", "sdp");
  json_object_set_int_member (copy, "epoch", json_object_get_int_member (message, "epoch"));
  json_object_set_string_member (copy, "kind", json_object_get_string_member (message, "kind"));
  json_object_set_string_member (copy, "sdp", changed);
  return copy;
}

static char *
get_fingerprint (JsonObject *message)
{
  const char *sdp = json_object_get_string_member (message, "sdp");
  const char *line = strstr (sdp, "a=fingerprint:");

  return g_strndup (line, strcspn (line, "\r"));
}

/* Forwards, with the fingerprint in descriptions replaced. */
typedef struct
{
  PstPeer *to;
  const char *fingerprint; /* NULL: forward as it is */
} Tamper;

static void
on_tampered_signal (PstPeer *from, JsonObject *message, Tamper *tamper)
{
  g_autoptr (JsonObject) changed = NULL;
  g_autoptr (GError) error = NULL;

  if (tamper->fingerprint != NULL && json_object_has_member (message, "sdp"))
    message = changed = replace_fingerprint (message, tamper->fingerprint);
  pst_peer_take_signal (tamper->to, message, &error);
  g_assert_no_error (error);
}

#define OTHER_FINGERPRINT                                                                          \
  "a=fingerprint:sha-256 "                                                                         \
  "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"                                               \
  "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"

static void
test_tampered_fingerprint (gconstpointer data)
{
  gboolean offer = GPOINTER_TO_INT (data);
  Pair pair;
  Tamper to_answerer = { NULL, offer ? OTHER_FINGERPRINT : NULL };
  Tamper to_offerer = { NULL, offer ? NULL : OTHER_FINGERPRINT };

  pair_init_default (&pair);
  to_answerer.to = pair.answerer.peer;
  to_offerer.to = pair.offerer.peer;
  g_signal_connect (pair.offerer.peer, "signal", G_CALLBACK (on_tampered_signal), &to_answerer);
  g_signal_connect (pair.answerer.peer, "signal", G_CALLBACK (on_tampered_signal), &to_offerer);
  pair_start (&pair);
  assert_refused (offer ? &pair.answerer : &pair.offerer, PST_ERROR_TAMPERED);
  g_assert_false (pair.offerer.opened || pair.answerer.opened);
  pair_clear (&pair);
}

static JsonObject *
claim_fingerprint (JsonObject *message, gconstpointer fingerprint)
{
  return json_object_has_member (message, "sdp") ? replace_fingerprint (message, fingerprint)
                                                 : json_object_ref (message);
}

/* A man in the middle ends the DTLS connection himself. The victim was given
 * the honest fingerprint, but gets another certificate. Certificates are one a
 * process, so the attacker has one of his own. */
static void
test_man_in_the_middle (void)
{
  Pair pair;
  PairChild attacker;
  g_autofree char *fingerprint = NULL;

  pair_init_default (&pair);
  g_assert_true (pst_peer_start (pair.offerer.peer, NULL));
  pair_wait_for (pair.offerer.sent->len > 0);
  fingerprint = get_fingerprint (g_ptr_array_index (pair.offerer.sent, 0));

  pair_child_spawn (&attacker, &pair.answerer, TRUE, 0);
  attacker.change = claim_fingerprint;
  attacker.change_data = fingerprint;
  g_assert_true (pst_peer_start (pair.answerer.peer, NULL));
  assert_refused (&pair.answerer, PST_ERROR_TAMPERED);

  pair_child_kill (&attacker);
  pair_clear (&pair);
}

static gboolean
has_refused (PairEnd *end)
{
  return g_error_matches (end->closed, PST_ERROR, PST_ERROR_TAMPERED);
}

/* Whoever gets the other's proof first refuses it, and may be gone before its own is
 * on the way. */
static void
assert_binding_refused (const PstPeerConfig *offerer, const PstPeerConfig *answerer)
{
  Pair pair;

  pair_init (&pair, offerer, answerer);
  pair_join_signals (&pair);
  pair_start (&pair);
  pair_wait_for (has_refused (&pair.answerer) || has_refused (&pair.offerer));
  g_assert_false (pair.offerer.opened || pair.answerer.opened);
  g_assert_cmpuint (pair.offerer.n_frames + pair.answerer.n_frames, ==, 0);
  pair_clear (&pair);
}

static void
test_wrong_bind_key (void)
{
  PstPeerConfig offerer = pair_config (TRUE);
  PstPeerConfig answerer = pair_config (FALSE);
  g_autoptr (GBytes) other = g_bytes_new_static ("another key, of 32 bytes, as such", 32);

  answerer.bind_key = other;
  assert_binding_refused (&offerer, &answerer);
}

static void
test_wrong_side (void)
{
  PstPeerConfig offerer = pair_config (TRUE);
  PstPeerConfig answerer = pair_config (FALSE);

  answerer.remote_side = "0c";
  assert_binding_refused (&offerer, &answerer);
}

typedef void (*Misbehave) (PstPeer *attacker);

/* The offerer is the attacker: it does something instead of proving itself. */
static void
test_before_binding (gconstpointer data)
{
  Misbehave misbehave = data;
  Pair pair;

  pair_init_default (&pair);
  attacker_withhold_binding (pair.offerer.peer);
  pair_join_signals (&pair);
  pair_start (&pair);
  pair_wait_for (attacker_is_writable (pair.offerer.peer));
  misbehave (pair.offerer.peer);
  assert_refused (&pair.answerer, PST_ERROR_PROTOCOL);
  pair_clear (&pair);
}

/* The offerer proved itself, and misbehaves later. */
static void
test_when_open (gconstpointer data)
{
  Misbehave misbehave = data;
  Pair pair;

  pair_open (&pair);
  misbehave (pair.offerer.peer);
  pair_wait_for (pair.answerer.closed != NULL);
  g_assert_error (pair.answerer.closed, PST_ERROR, PST_ERROR_PROTOCOL);
  pair_clear (&pair);
}

/* Who never proves himself gets no frame and is left in time. */
static void
test_silence (void)
{
  Pair pair;

  pair_init_default (&pair);
  attacker_withhold_binding (pair.offerer.peer);
  pair_join_signals (&pair);
  pair_start (&pair);
  pair_wait_for (pst_peer_get_state (pair.answerer.peer) == PST_PEER_SECURING
                 && attacker_is_writable (pair.offerer.peer));
  attacker_end_patience (pair.answerer.peer);
  assert_refused (&pair.answerer, PST_ERROR_LOST);
  pair_clear (&pair);
}

/* More than the other side was allowed, while this side is busy. */
static void
test_flood (void)
{
  g_autoptr (GBytes) frame = g_bytes_new_take (g_malloc0 (65536), 65536);
  Pair pair;

  pair_open (&pair);
  for (guint i = 0; i < 40 * 16; i++)
    g_assert_true (pst_channel_send (PST_CHANNEL (pair.offerer.peer), frame, NULL));
  /* Both sides share the main context, which does not run meanwhile. */
  while (pst_channel_get_buffered_amount (PST_CHANNEL (pair.offerer.peer)) > 0)
    g_thread_yield ();
  pair_wait_for (pair.answerer.closed != NULL);
  g_assert_error (pair.answerer.closed, PST_ERROR, PST_ERROR_PROTOCOL);
  g_assert_cmpuint (pair.answerer.n_frames, <=, 32 * 16);
  pair_clear (&pair);
}

static void
take_text (PstPeer *peer, const char *text, gboolean acceptable)
{
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (pst_peer_take_signal (peer, json_node_get_object (node), &error), ==,
                   acceptable);
  if (!acceptable)
    g_assert_error (error, PST_ERROR, PST_ERROR_PROTOCOL);
}

/* Nonsense is refused and changes nothing; addresses that lead nowhere do not
 * keep the good ones from being found. */
static void
test_hostile_candidates (void)
{
  Pair pair;

  pair_init_default (&pair);
  pair_start (&pair);
  take_text (pair.answerer.peer, "{\"t\":\"ice\",\"epoch\":0,\"c\":[{\"m\":0,\"c\":\"x\"}]}",
             FALSE);
  take_text (pair.answerer.peer,
             "{\"t\":\"ice\",\"epoch\":0,\"c\":[{\"m\":0,\"c\":\"candidate:1 1 TCP 1 192.0.2.1 9 "
             "typ host tcptype\"}]}",
             TRUE);
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *text
          = g_strdup_printf ("{\"t\":\"ice\",\"epoch\":0,\"c\":[{\"m\":0,\"c\":\"candidate:%u 1 "
                             "UDP 2015363327 192.0.2.%u 9 typ host\"}]}",
                             i, 100 + i);
      take_text (pair.answerer.peer, text, TRUE);
    }
  take_text (pair.answerer.peer, "{\"t\":\"bye\",\"epoch\":0}", FALSE);

  /* Both have signalled already; hand it over now. */
  pair_join_signals (&pair);
  pair_replay_signals (&pair);
  pair_wait_for (pair.offerer.opened && pair.answerer.opened);
  pair_clear (&pair);
}

static void
test_nobody_there (void)
{
  Pair pair;

  pair_init_default (&pair);
  attacker_shorten_timeout (pair.offerer.peer, 200);
  pair_start (&pair);
  assert_refused (&pair.offerer, PST_ERROR_NO_PATH);
  pair_clear (&pair);
}

/* Only relays, and none that answers. */
static void
test_dead_relay (void)
{
  const char *const servers[] = { "turn://user:pass@192.0.2.1:9?transport=udp", NULL };
  PstPeerConfig offerer = pair_config (TRUE);
  PstPeerConfig answerer = pair_config (FALSE);
  Pair pair;

  offerer.relay_only = answerer.relay_only = TRUE;
  offerer.turn_servers = answerer.turn_servers = servers;
  pair_init (&pair, &offerer, &answerer);
  attacker_shorten_timeout (pair.offerer.peer, 3000);
  attacker_shorten_timeout (pair.answerer.peer, 3000);
  pair_join_signals (&pair);
  pair_start (&pair);
  assert_refused (&pair.offerer, PST_ERROR_NO_PATH);
  assert_refused (&pair.answerer, PST_ERROR_NO_PATH);
  pair_clear (&pair);
}

static void
assert_config (const char *stun, const char *turn, gboolean relay_only, int code)
{
  const char *const servers[] = { turn, NULL };
  PstPeerConfig config = pair_config (TRUE);
  g_autoptr (GError) error = NULL;
  g_autoptr (PstPeer) peer = NULL;

  config.stun_server = stun;
  config.turn_servers = turn != NULL ? servers : NULL;
  config.relay_only = relay_only;
  peer = pst_peer_new (&config, &error);
  if (code < 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, PST_ERROR, code);
}

static void
test_config (void)
{
  assert_config ("stun://stun.example.org:3478", NULL, FALSE, -1);
  assert_config ("stun://[2001:db8::1]:3478", NULL, FALSE, -1);
  assert_config ("stun://stun.example.org", "turn://u:p@turn.example.org", TRUE, -1);
  assert_config (NULL, "turn://u:p%40@turn.example.org:1?transport=tcp", FALSE, -1);

  assert_config (NULL, NULL, TRUE, PST_ERROR_NO_PATH);
  assert_config ("", NULL, FALSE, PST_ERROR_USAGE);
  assert_config ("stun.example.org", NULL, FALSE, PST_ERROR_USAGE);
  assert_config ("stun:stun.example.org", NULL, FALSE, PST_ERROR_USAGE);
  assert_config ("http://stun.example.org", NULL, FALSE, PST_ERROR_USAGE);
  assert_config ("stun://stun.example.org:99999", NULL, FALSE, PST_ERROR_USAGE);
  assert_config ("stun://u:p@stun.example.org", NULL, FALSE, PST_ERROR_USAGE);
  assert_config ("stun://stun.example.org/path", NULL, FALSE, PST_ERROR_USAGE);
  assert_config (NULL, "turn://turn.example.org", FALSE, PST_ERROR_USAGE);
  assert_config (NULL, "turn://u@turn.example.org", FALSE, PST_ERROR_USAGE);
  assert_config (NULL, "turns://u:p@turn.example.org", FALSE, PST_ERROR_USAGE);
  assert_config (NULL, "turn://u:p@turn.example.org?transport=sctp", FALSE, PST_ERROR_USAGE);
  assert_config (NULL, "turn://u:p@turn.example.org?x=y", FALSE, PST_ERROR_USAGE);
}

#define ADD_BOTH(name, misbehave)                                                                  \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_test_add_data_func ("/attack/before-binding/" name, misbehave, test_before_binding);         \
    g_test_add_data_func ("/attack/when-open/" name, misbehave, test_when_open);                   \
  }                                                                                                \
  G_STMT_END

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/attack/config", test_config);
  g_test_add_data_func ("/threats/16-bound-identity/offer", GINT_TO_POINTER (TRUE),
                        test_tampered_fingerprint);
  g_test_add_data_func ("/threats/16-bound-identity/answer", GINT_TO_POINTER (FALSE),
                        test_tampered_fingerprint);
  g_test_add_func ("/threats/16-bound-identity/man-in-the-middle", test_man_in_the_middle);
  g_test_add_func ("/threats/16-bound-identity/other-key", test_wrong_bind_key);
  g_test_add_func ("/threats/16-bound-identity/other-side", test_wrong_side);
  g_test_add_data_func ("/attack/before-binding/frame", attacker_send_frame, test_before_binding);
  ADD_BOTH ("text", attacker_send_text);
  ADD_BOTH ("channel", attacker_open_channel);
  g_test_add_func ("/attack/silence", test_silence);
  g_test_add_func ("/attack/flood", test_flood);
  g_test_add_func ("/attack/hostile-candidates", test_hostile_candidates);
  g_test_add_func ("/attack/nobody-there", test_nobody_there);
  g_test_add_func ("/attack/dead-relay", test_dead_relay);
  return g_test_run ();
}
