/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Streams that end (RFC 6525), theirs and ours. */
#include "sctp-hand.h"
#include "sctp-path.h"

#define WHOLE        (PST_SCTP_DATA_BEGIN | PST_SCTP_DATA_END)
#define WINDOW_BYTES 1000000
#define DONE         1
#define DENIED       2
#define IN_PROGRESS  6

static void
set_up (Hand *hand)
{
  hand_init (hand);
  hand_establish (hand, WINDOW_BYTES);
  hand->sctp->peer_resets_streams = TRUE;
  hand_drain (hand);
}

static void
send_on (Hand *hand, guint16 stream)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("message", 7);

  pst_sctp_send (hand->sctp, bytes, stream, 53, TRUE);
}

/* A piece leaves at once, on this stream and with this number among those of the stream. */
static void
assert_piece (Hand *hand, guint16 stream, guint16 number)
{
  PstSctpItem chunk;

  g_assert_true (hand_read (hand));
  g_assert_true (hand_find (hand, PST_SCTP_DATA, &chunk));
  g_assert_cmpuint (pst_sctp_get16 (chunk.value + 4), ==, stream);
  g_assert_cmpuint (pst_sctp_get16 (chunk.value + 6), ==, number);
}

static void
acknowledge_all (Hand *hand)
{
  hand_send_sack (hand, hand->sctp->out.next_tsn - 1, WINDOW_BYTES, NULL, 0);
}

/* A request of ours leaves now (RFC 6525, section 4.1); returns its number. */
static guint32
assert_request (Hand *hand, guint16 stream, guint32 last_tsn)
{
  PstSctpItem chunk;

  g_assert_cmpint (pst_sctp_get_next_us (hand->sctp, hand->now_us), <=, hand->now_us);
  g_assert_true (hand_read (hand));
  g_assert_true (hand_find (hand, PST_SCTP_RE_CONFIG, &chunk));
  g_assert_cmpuint (chunk.n_bytes, ==, 18);
  g_assert_cmpuint (pst_sctp_get16 (chunk.value), ==, 13);
  g_assert_cmpuint (pst_sctp_get16 (chunk.value + 2), ==, 18);
  g_assert_cmpuint (pst_sctp_get32 (chunk.value + 8), ==, hand->tsn - 1);
  g_assert_cmpuint (pst_sctp_get32 (chunk.value + 12), ==, last_tsn);
  g_assert_cmpuint (pst_sctp_get16 (chunk.value + 16), ==, stream);
  return pst_sctp_get32 (chunk.value + 4);
}

static void
answer (Hand *hand, guint32 sequence, guint32 result)
{
  guint8 value[12];

  pst_sctp_put32 (value + 4, sequence);
  pst_sctp_put32 (value + 8, result);
  pst_sctp_put_param (value, 16, NULL, 8);
  hand_begin (hand);
  hand_put (hand, PST_SCTP_RE_CONFIG, 0, value, sizeof value);
  hand_send (hand);
}

/* Nobody is asked before all has come, what follows on the stream waits and begins at 0,
 * and other streams go on. */
static void
test_ours (void)
{
  Hand hand;
  guint32 first;

  set_up (&hand);
  first = hand.sctp->first_tsn;
  for (guint16 i = 0; i < 2; i++)
    {
      send_on (&hand, 5);
      assert_piece (&hand, 5, i);
    }
  pst_sctp_reset_stream (hand.sctp, 5);
  g_assert_false (hand_read (&hand));
  send_on (&hand, 6);
  assert_piece (&hand, 6, 0);
  hand_send_sack (&hand, hand.sctp->out.next_tsn - 3, WINDOW_BYTES, NULL, 0);
  g_assert_false (hand_read (&hand));
  send_on (&hand, 5);
  send_on (&hand, 6);
  g_assert_false (hand_read (&hand));
  acknowledge_all (&hand);

  g_assert_cmpuint (assert_request (&hand, 5, first + 1), ==, first);
  g_assert_false (hand_read (&hand));
  answer (&hand, first - 1, DONE);
  answer (&hand, first + 1, DONE);
  g_assert_false (hand_read (&hand));
  answer (&hand, first, DONE);
  assert_piece (&hand, 5, 0);
  hand_clear (&hand);
}

/* Two ends, one behind the other: the second is asked for once the first was answered. */
static void
test_two (void)
{
  Hand hand;
  guint32 first;

  set_up (&hand);
  first = hand.sctp->first_tsn;
  pst_sctp_reset_stream (hand.sctp, 3);
  pst_sctp_reset_stream (hand.sctp, 4);
  g_assert_cmpuint (assert_request (&hand, 3, first - 1), ==, first);
  g_assert_false (hand_read (&hand));
  answer (&hand, first, DENIED);
  g_assert_cmpuint (assert_request (&hand, 4, first - 1), ==, first + 1);
  answer (&hand, first + 1, DONE);
  g_assert_false (hand.sctp->out.reset.is_pending);
  g_assert_cmpuint (hand_drain (&hand), ==, 0);
  hand_clear (&hand);
}

/* A request that is lost, or comes too early, is asked again: the same one. */
static void
test_again (void)
{
  Hand hand;
  guint32 first;
  gint64 wait_us = 0;

  set_up (&hand);
  first = hand.sctp->first_tsn;
  pst_sctp_reset_stream (hand.sctp, 3);
  for (guint i = 0; i < 8; i++)
    {
      gint64 next_us;

      g_assert_cmpuint (assert_request (&hand, 3, first - 1), ==, first);
      answer (&hand, first, IN_PROGRESS);
      g_assert_false (hand_read (&hand));
      next_us = pst_sctp_get_next_us (hand.sctp, hand.now_us);
      g_assert_cmpint (next_us - hand.now_us, >, wait_us);
      wait_us = next_us - hand.now_us;
      hand.now_us = next_us;
    }
  /* It never will be: what waits goes. */
  send_on (&hand, 3);
  assert_piece (&hand, 3, 0);
  g_assert_false (hand.sctp->out.reset.is_pending);
  hand_clear (&hand);
}

/* Who has not said that it understands is not asked, and counts on. */
static void
test_not_understood (void)
{
  Hand hand;

  set_up (&hand);
  hand.sctp->peer_resets_streams = FALSE;
  send_on (&hand, 3);
  assert_piece (&hand, 3, 0);
  pst_sctp_reset_stream (hand.sctp, 3);
  acknowledge_all (&hand);
  g_assert_false (hand_read (&hand));
  send_on (&hand, 3);
  assert_piece (&hand, 3, 1);
  hand_clear (&hand);
}

/* What waits behind an end goes with the association. */
static void
test_freed (void)
{
  Hand hand;

  set_up (&hand);
  pst_sctp_reset_stream (hand.sctp, 3);
  pst_sctp_reset_stream (hand.sctp, 3);
  send_on (&hand, 3);
  hand_clear (&hand);
}

static gboolean
is_over (const PstOutbound *out)
{
  return g_queue_is_empty ((GQueue *) &out->messages) && !out->reset.is_pending;
}

/* Over a path that loses and turns round: the other side hears of it once, and after all
 * that was sent before. */
static void
test_path (void)
{
  const PathKind kind = { .delay_us = 20000, .loss = 0.2, .reordering = 0.2 };
  g_autoptr (Path) path = path_new (&kind, PST_SCTP_BASE_PACKET_BYTES);
  PstSctp *other;

  g_assert_true (path_connect (path));
  other = path->ends[1].sctp;
  g_assert_true (other->peer_resets_streams);
  for (guint i = 0; i < 5; i++)
    {
      path_send (path, 0, 100000, 0);
      path_run (path, path->now_us + 1000);
      while (path->ends[0].sent_bytes < path->ends[0].to_send_bytes)
        path_run (path, path->now_us + 1000);
      pst_sctp_reset_stream (path->ends[0].sctp, 0);
      while (!is_over (&path->ends[0].sctp->out))
        path_run (path, path->now_us + 1000);
      g_assert_cmpuint (path->ends[1].came_bytes, ==, path->ends[0].sent_bytes);
      g_assert_cmpint (pst_sctp_take_reset_stream (other), ==, 0);
      g_assert_cmpint (pst_sctp_take_reset_stream (other), ==, -1);
    }
  g_assert_false (path->ends[1].came_wrong);
}

/* A request to end streams (RFC 6525, section 4.1); returns the result. */
static guint32
ask_for_reset (Hand *hand, guint32 sequence, guint32 last_tsn, guint n_streams, guint16 first)
{
  guint8 value[4096];
  PstSctpItem chunk;
  gsize n_bytes = 12 + 2 * (gsize) n_streams;

  pst_sctp_put32 (value + 4, sequence);
  pst_sctp_put32 (value + 8, 0);
  pst_sctp_put32 (value + 12, last_tsn);
  for (guint i = 0; i < n_streams; i++)
    pst_sctp_put16 (value + 16 + 2 * i, (guint16) (first + i));
  pst_sctp_put_param (value, 13, NULL, n_bytes);
  hand_begin (hand);
  hand_put (hand, PST_SCTP_RE_CONFIG, 0, value, 4 + n_bytes);
  hand_send (hand);
  g_assert_cmpint (pst_sctp_get_next_us (hand->sctp, hand->now_us), ==, hand->now_us);
  g_assert_true (hand_read (hand));
  g_assert_true (hand_find (hand, PST_SCTP_RE_CONFIG, &chunk));
  g_assert_cmpuint (chunk.n_bytes, ==, 12);
  g_assert_cmpuint (pst_sctp_get16 (chunk.value), ==, 16);
  g_assert_cmpuint (pst_sctp_get32 (chunk.value + 4), ==, sequence);
  return pst_sctp_get32 (chunk.value + 8);
}

static void
test_theirs (void)
{
  Hand hand;
  guint32 sequence;

  set_up (&hand);
  sequence = hand.tsn;
  /* Not before all that was sent has come. */
  g_assert_cmpuint (ask_for_reset (&hand, sequence, hand.tsn, 2, 7), ==, 6);
  g_assert_cmpint (pst_sctp_take_reset_stream (hand.sctp), ==, -1);
  hand_send_data (&hand, hand.tsn, WHOLE, 7, 10);
  pst_sctp_message_free (pst_sctp_take_message (hand.sctp));
  hand.now_us += 200000;
  hand_drain (&hand);
  g_assert_cmpuint (ask_for_reset (&hand, sequence, hand.tsn, 2, 7), ==, 1);
  g_assert_cmpint (pst_sctp_take_reset_stream (hand.sctp), ==, 7);
  g_assert_cmpint (pst_sctp_take_reset_stream (hand.sctp), ==, 8);
  g_assert_cmpint (pst_sctp_take_reset_stream (hand.sctp), ==, -1);
  /* The answer was lost: the same again, and nothing is done twice. */
  g_assert_cmpuint (ask_for_reset (&hand, sequence, hand.tsn, 2, 7), ==, 1);
  g_assert_cmpint (pst_sctp_take_reset_stream (hand.sctp), ==, -1);
  g_assert_cmpuint (ask_for_reset (&hand, sequence + 2, hand.tsn, 1, 7), ==, 5);
  g_assert_cmpuint (ask_for_reset (&hand, sequence - 1, hand.tsn, 1, 7), ==, 5);
  g_assert_cmpint (pst_sctp_take_reset_stream (hand.sctp), ==, -1);
  /* As many as there are, over and over, while nobody takes them. */
  for (guint i = 1; i <= 10; i++)
    g_assert_cmpuint (ask_for_reset (&hand, sequence + i, hand.tsn, 500, 0), ==, 1);
  g_assert_cmpuint (g_queue_get_length (&hand.sctp->reset_streams), ==, PST_SCTP_N_STREAMS);
  hand_clear (&hand);
}

/* What we do not do, and what is no request. */
static void
test_other_requests (void)
{
  guint8 value[64] = { 0 };
  Hand hand;
  PstSctpItem chunk;

  set_up (&hand);
  pst_sctp_put32 (value + 4, hand.tsn);
  pst_sctp_put_param (value, 17, NULL, 8); /* more streams */
  hand_begin (&hand);
  hand_put (&hand, PST_SCTP_RE_CONFIG, 0, value, 12);
  hand_send (&hand);
  g_assert_true (hand_read (&hand));
  g_assert_true (hand_find (&hand, PST_SCTP_RE_CONFIG, &chunk));
  g_assert_cmpuint (pst_sctp_get32 (chunk.value + 8), ==, 2);

  pst_sctp_put_param (value, 13, NULL, 8); /* streams, but not until when */
  pst_sctp_put32 (value + 4, hand.tsn + 1);
  hand_begin (&hand);
  hand_put (&hand, PST_SCTP_RE_CONFIG, 0, value, 12);
  hand_send (&hand);
  g_assert_true (hand_read (&hand));
  g_assert_true (hand_find (&hand, PST_SCTP_RE_CONFIG, &chunk));
  g_assert_cmpuint (pst_sctp_get32 (chunk.value + 8), ==, 2);

  pst_sctp_put_param (value, 13, NULL, 2); /* without a number to answer */
  hand_begin (&hand);
  hand_put (&hand, PST_SCTP_RE_CONFIG, 0, value, 8);
  hand_send (&hand);
  g_assert_false (hand_read (&hand));

  pst_sctp_put_param (value, 16, NULL, 8); /* an answer */
  hand_begin (&hand);
  hand_put (&hand, PST_SCTP_RE_CONFIG, 0, value, 12);
  hand_put (&hand, PST_SCTP_RE_CONFIG, 0, value, 3);
  hand_put (&hand, PST_SCTP_RE_CONFIG, 0, NULL, 0);
  hand_send (&hand);
  g_assert_false (hand_read (&hand));
  hand_clear (&hand);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sctp-reset/theirs", test_theirs);
  g_test_add_func ("/sctp-reset/other-requests", test_other_requests);
  g_test_add_func ("/sctp-reset/ours", test_ours);
  g_test_add_func ("/sctp-reset/two", test_two);
  g_test_add_func ("/sctp-reset/again", test_again);
  g_test_add_func ("/sctp-reset/not-understood", test_not_understood);
  g_test_add_func ("/sctp-reset/freed", test_freed);
  g_test_add_func ("/sctp-reset/path", test_path);
  return g_test_run ();
}
