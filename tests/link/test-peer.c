/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Open connections: what goes in comes out, and the buffer is told of. */
#include <string.h>

#include "pair-child.h"
#include "pst-error.h"
#include "pst-peer-private.h"

/* Sizes at and around what matters: packets, chunks, the largest message. */
static const gsize sizes[] = {
  1, 2, 33, 100, 1199, 1200, 1201, 4096, 16384, 65535, PST_CHANNEL_MAX_FRAME_BYTES
};

#define N_FRAMES        3000
#define HIGH_MARK_BYTES (512u * 1024)
#define LOW_MARK_BYTES  (256u * 1024)

typedef struct
{
  PstChannel *channel;
  guint n_sent;
  guint n_received;
  guint n_low;
} Stream;

/* Mostly small, so that the test stays short; every size comes often. */
static gsize
size_of (guint number)
{
  return number % 16 == 0 ? sizes[number / 16 % G_N_ELEMENTS (sizes)] : 1 + number % 700;
}

static GBytes *
make_frame (guint number)
{
  gsize size = size_of (number);
  guint8 *data = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    data[i] = (number * 31 + i * 7) & 0xff;
  return g_bytes_new_take (data, size);
}

static void
pump (Stream *stream)
{
  while (stream->n_sent < N_FRAMES
         && pst_channel_get_buffered_amount (stream->channel) < HIGH_MARK_BYTES)
    {
      g_autoptr (GBytes) frame = make_frame (stream->n_sent++);
      g_autoptr (GError) error = NULL;

      pst_channel_send (stream->channel, frame, &error);
      g_assert_no_error (error);
    }
}

static void
on_low (PstChannel *channel, Stream *stream)
{
  stream->n_low++;
  pump (stream);
}

static void
on_frame (PstChannel *channel, GBytes *frame, Stream *stream)
{
  g_autoptr (GBytes) expected = make_frame (stream->n_received++);

  g_assert_true (g_bytes_equal (frame, expected));
}

static void
start_stream (Stream *stream, PstPeer *peer)
{
  stream->channel = PST_CHANNEL (peer);
  pst_channel_set_low_mark (stream->channel, LOW_MARK_BYTES);
  g_signal_connect (peer, "frame", G_CALLBACK (on_frame), stream);
  g_signal_connect (peer, "buffered-amount-low", G_CALLBACK (on_low), stream);
}

static void
test_both_ways (void)
{
  Pair pair;
  Stream streams[2] = { 0 };

  pair_open (&pair);
  start_stream (&streams[0], pair.offerer.peer);
  start_stream (&streams[1], pair.answerer.peer);
  pump (&streams[0]);
  pump (&streams[1]);
  pair_wait_for (streams[0].n_received == N_FRAMES && streams[1].n_received == N_FRAMES);
  g_assert_cmpuint (streams[0].n_low, >, 0);
  g_assert_cmpuint (streams[1].n_low, >, 0);
  pair_wait_for (pst_channel_get_buffered_amount (streams[0].channel) == 0);
  pair_clear (&pair);
}

static void
test_buffered_amount (void)
{
  g_autoptr (GBytes) frame = g_bytes_new_take (g_malloc0 (65536), 65536);
  Stream stream = { 0 };
  Pair pair;

  pair_open (&pair);
  stream.n_sent = N_FRAMES; /* nothing to pump */
  stream.channel = PST_CHANNEL (pair.offerer.peer);
  pst_channel_set_low_mark (stream.channel, 65536);
  g_signal_connect (stream.channel, "buffered-amount-low", G_CALLBACK (on_low), &stream);

  /* More than SCTP's own buffer takes at once. */
  for (guint i = 0; i < 160; i++)
    g_assert_true (pst_channel_send (stream.channel, frame, NULL));
  g_assert_cmpuint (pst_channel_get_buffered_amount (stream.channel), >, 4 * 1024 * 1024);

  pair_wait_for (stream.n_low > 0);
  pair_wait_for (pst_channel_get_buffered_amount (stream.channel) == 0);
  pair_wait_for (pair.answerer.n_frames == 160);
  pair_clear (&pair);
}

static void
test_route (void)
{
  Pair pair;

  pair_open (&pair);
  pair_wait_for (pst_peer_get_route (pair.offerer.peer) == PST_ROUTE_LOCAL);
  pair_wait_for (pst_peer_get_route (pair.answerer.peer) == PST_ROUTE_LOCAL);
  pair_clear (&pair);
}

/* A short name also comes by chance, within what is random. */
static gboolean
has_word (const char *text, const char *word)
{
  g_autofree char *escaped = g_regex_escape_string (word, -1);
  g_autofree char *pattern = g_strdup_printf ("(?<![A-Za-z0-9+/])%s(?![A-Za-z0-9+/])", escaped);

  return g_regex_match_simple (pattern, text, 0, 0);
}

/* What leaves this machine through the signalling: no name of it. */
static void
test_signalling_tells_no_names (void)
{
  Pair pair;

  pair_open (&pair);
  for (guint i = 0; i < pair.offerer.sent->len; i++)
    {
      JsonObject *message = g_ptr_array_index (pair.offerer.sent, i);
      g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), message);
      g_autofree char *text = json_to_string (node, FALSE);

      g_assert_false (has_word (text, g_get_host_name ()));
      g_assert_false (has_word (text, g_get_user_name ()));
      g_assert_null (strstr (text, "fe80"));
    }
  pair_clear (&pair);
}

/* Messages may come before the peer is started. */
static void
test_early_signals (void)
{
  g_autoptr (GError) error = NULL;
  Pair pair;

  pair_init_default (&pair);
  pair_join_signals (&pair);
  pst_peer_start (pair.offerer.peer, &error);
  g_assert_no_error (error);
  pair_wait_for (pair.offerer.sent->len >= 2);
  pst_peer_start (pair.answerer.peer, &error);
  g_assert_no_error (error);
  pair_wait_for (pair.offerer.opened && pair.answerer.opened);
  pair_clear (&pair);
}

static void
test_not_open (void)
{
  g_autoptr (GBytes) frame = g_bytes_new_static ("x", 1);
  g_autoptr (GError) error = NULL;
  Pair pair;

  pair_init_default (&pair);
  g_assert_false (pst_channel_send (PST_CHANNEL (pair.offerer.peer), frame, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_LOST);
  g_assert_cmpuint (pst_channel_get_buffered_amount (PST_CHANNEL (pair.offerer.peer)), ==, 0);
  g_clear_error (&error);

  pair_close (pair.offerer.peer);
  g_assert_false (pst_channel_send (PST_CHANNEL (pair.offerer.peer), frame, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_LOST);
  pst_channel_set_low_mark (PST_CHANNEL (pair.offerer.peer), 1);
  pair_clear (&pair);
}

/* Each of several connections at once has its own association. */
static void
test_several (void)
{
  g_autoptr (GBytes) frame = g_bytes_new_static ("x", 1);
  Pair pairs[4];

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      pair_init_default (&pairs[i]);
      pair_join_signals (&pairs[i]);
      pair_start (&pairs[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      pair_wait_for (pairs[i].offerer.opened && pairs[i].answerer.opened);
      g_assert_true (pst_channel_send (PST_CHANNEL (pairs[i].offerer.peer), frame, NULL));
      pair_wait_for (pairs[i].answerer.n_frames == 1);
    }
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    pair_clear (&pairs[i]);
}

/* The other side stands still from the moment in which its candidates come. */
static JsonObject *
stop_at_candidates (JsonObject *message, gconstpointer data)
{
  const PairChild *child = data;

  if (child->held != NULL && json_object_has_member (message, "c"))
    pair_child_stop (child);
  return json_object_ref (message);
}

/* A machine that is busy: nothing answers the first checks, and there is a path all the
 * same. */
static void
test_late (void)
{
  PstPeerConfig offerer = pair_config (TRUE);
  PstPeerConfig answerer = pair_config (FALSE);
  PairChild child;
  PstPeer *peer;
  Pair pair;

  pair_init (&pair, &offerer, &answerer);
  peer = pair.offerer.peer;
  pair_child_spawn (&child, &pair.offerer, FALSE, 0);
  child.change = stop_at_candidates;
  child.change_data = &child;
  pair_child_hold (&child);
  g_assert_true (pst_peer_start (peer, NULL));
  pair_wait_for (pair.offerer.closed != NULL
                 || pst_pipeline_get_health (peer->pipeline) == PST_PIPELINE_NO_PATH);
  g_assert_no_error (pair.offerer.closed);
  pair_child_release (&child);
  pair_child_continue (&child);
  pair_wait_for (pair.offerer.closed != NULL || pair.offerer.opened);
  g_assert_no_error (pair.offerer.closed);
  pair_close (peer);
  pair_child_kill (&child);
  pair_clear (&pair);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/peer/both-ways", test_both_ways);
  g_test_add_func ("/peer/buffered-amount", test_buffered_amount);
  g_test_add_func ("/peer/route", test_route);
  g_test_add_func ("/peer/signalling-tells-no-names", test_signalling_tells_no_names);
  g_test_add_func ("/peer/early-signals", test_early_signals);
  g_test_add_func ("/peer/not-open", test_not_open);
  g_test_add_func ("/peer/several", test_several);
  g_test_add_func ("/peer/late", test_late);
  return g_test_run ();
}
