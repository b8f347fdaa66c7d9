/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One association against a peer made by hand, which keeps to the protocol. */
#include <string.h>

#include "sctp-hand.h"

#define WHOLE        (PST_SCTP_DATA_BEGIN | PST_SCTP_DATA_END)
#define WINDOW_BYTES 1000000

static void
set_up (Hand *hand)
{
  hand_init (hand);
  hand_establish (hand, WINDOW_BYTES);
  hand_drain (hand);
}

static void
send_bytes (Hand *hand, gsize n_bytes)
{
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (n_bytes), n_bytes);

  pst_sctp_send (hand->sctp, bytes, 0, 53, TRUE);
}

static void
assert_message (Hand *hand, guint16 stream, gsize n_bytes)
{
  PstSctpMessage *message = pst_sctp_take_message (hand->sctp);

  g_assert_nonnull (message);
  g_assert_cmpuint (message->stream, ==, stream);
  g_assert_cmpuint (message->n_bytes, ==, n_bytes);
  g_assert_cmpuint (message->protocol, ==, 53);
  pst_sctp_message_free (message);
}

static void
assert_sack (Hand *hand, guint32 tsn, guint n_gaps)
{
  PstSctpItem chunk;

  g_assert_cmpint (pst_sctp_get_next_us (hand->sctp, hand->now_us), <=, hand->now_us);
  g_assert_true (hand_read (hand));
  g_assert_true (hand_find (hand, PST_SCTP_SACK, &chunk));
  g_assert_cmpuint (pst_sctp_get32 (chunk.value), ==, tsn);
  g_assert_cmpuint (pst_sctp_get16 (chunk.value + 8), ==, n_gaps);
}

/* The first packet as every implementation expects it (RFC 9260, section 3.3.2). */
static void
test_init (void)
{
  static const guint8 extensions[] = { PST_SCTP_RE_CONFIG };
  Hand hand;
  PstSctpItem chunk;
  PstSctpItem param;
  PstSctpIter params;

  hand_init (&hand);
  pst_sctp_connect (hand.sctp, hand.now_us);
  g_assert_true (hand_read (&hand));
  g_assert_cmphex (pst_sctp_get32 (hand.packet + 4), ==, 0);
  g_assert_true (hand_find (&hand, PST_SCTP_INIT, &chunk));
  g_assert_cmphex (pst_sctp_get32 (chunk.value), !=, 0);
  g_assert_cmpuint (pst_sctp_get32 (chunk.value + 4), ==, PST_SCTP_RECEIVE_WINDOW_BYTES);
  params = (PstSctpIter){ chunk.value + 16, chunk.n_bytes - 16 };
  g_assert_true (pst_sctp_iter_next_param (&params, &param));
  g_assert_cmphex (param.type, ==, PST_SCTP_PARAM_EXTENSIONS);
  g_assert_cmpmem (param.value, param.n_bytes, extensions, sizeof extensions);
  g_assert_true (pst_sctp_iter_next_param (&params, &param));
  g_assert_cmphex (param.type, ==, PST_SCTP_PARAM_ZERO_CHECKSUM);
  g_assert_cmpuint (pst_sctp_get32 (param.value), ==, 1);
  g_assert_false (hand_find (&hand, PST_SCTP_INIT, &chunk));
  g_assert_false (hand_read (&hand));
  hand_clear (&hand);
}

/* Theirs comes when ours is due again: both are said at once. */
static void
test_init_due_twice (void)
{
  Hand hand;
  PstSctpItem chunk;

  hand_init (&hand);
  pst_sctp_connect (hand.sctp, hand.now_us);
  g_assert_cmpuint (hand_drain (&hand), ==, 1);
  hand_send_init (&hand, PST_SCTP_INIT, 5, 1, 1);
  hand.now_us += G_USEC_PER_SEC;
  g_assert_cmpint (pst_sctp_get_next_us (hand.sctp, hand.now_us), <=, hand.now_us);
  g_assert_true (hand_read (&hand));
  g_assert_true (hand_find (&hand, PST_SCTP_INIT_ACK, &chunk));
  g_assert_cmpint (pst_sctp_get_next_us (hand.sctp, hand.now_us), <=, hand.now_us);
  g_assert_true (hand_read (&hand));
  g_assert_true (hand_find (&hand, PST_SCTP_INIT, &chunk));
  g_assert_false (hand_read (&hand));
  g_assert_cmpint (pst_sctp_get_next_us (hand.sctp, hand.now_us), >, hand.now_us);
  hand_clear (&hand);
}

/* Others count acknowledgements: one for every second packet, the last soon. */
static void
test_acknowledges (void)
{
  Hand hand;

  set_up (&hand);
  hand_send_data (&hand, hand.tsn, WHOLE, 3, 10);
  assert_message (&hand, 3, 10);
  g_assert_false (hand_read (&hand));
  hand_send_data (&hand, hand.tsn + 1, WHOLE, 3, 11);
  assert_message (&hand, 3, 11);
  assert_sack (&hand, hand.tsn + 1, 0);
  hand_send_data (&hand, hand.tsn + 2, WHOLE, 3, 12);
  assert_message (&hand, 3, 12);
  g_assert_false (hand_read (&hand));
  hand.now_us += 200000;
  assert_sack (&hand, hand.tsn + 2, 0);
  hand_send_data (&hand, hand.tsn + 3, WHOLE | PST_SCTP_DATA_IMMEDIATE, 3, 13);
  assert_message (&hand, 3, 13);
  assert_sack (&hand, hand.tsn + 3, 0);
  hand_clear (&hand);
}

/* Who counts acknowledgements gets one for two packets, also when many come at once. */
static void
test_owes_sack (void)
{
  Hand hand;

  set_up (&hand);
  for (guint i = 0; i < 3; i++)
    {
      hand_send_data (&hand, hand.tsn + 2 * i, WHOLE, 0, 100);
      g_assert_false (pst_sctp_owes_sack (hand.sctp));
      hand_send_data (&hand, hand.tsn + 2 * i + 1, WHOLE, 0, 100);
      g_assert_true (pst_sctp_owes_sack (hand.sctp));
      assert_sack (&hand, hand.tsn + 2 * i + 1, 0);
      g_assert_false (pst_sctp_owes_sack (hand.sctp));
    }
  /* Not so among ourselves, though it was asked for. */
  hand.sctp->peer_is_penstock = TRUE;
  hand_send_data (&hand, hand.tsn + 6, WHOLE | PST_SCTP_DATA_IMMEDIATE, 0, 100);
  g_assert_false (pst_sctp_owes_sack (hand.sctp));
  assert_sack (&hand, hand.tsn + 6, 0);
  hand_clear (&hand);
}

static void
test_gaps_and_duplicates (void)
{
  Hand hand;
  PstSctpItem chunk;

  set_up (&hand);
  hand_send_data (&hand, hand.tsn + 4, WHOLE, 0, 5);
  assert_sack (&hand, hand.tsn - 1, 1);
  hand_send_data (&hand, hand.tsn + 2, PST_SCTP_DATA_END, 0, 5);
  g_assert_true (hand_read (&hand));
  g_assert_true (hand_find (&hand, PST_SCTP_SACK, &chunk));
  g_assert_cmpuint (pst_sctp_get16 (chunk.value + 8), ==, 2);
  g_assert_cmpuint (pst_sctp_get16 (chunk.value + 12), ==, 3);
  g_assert_cmpuint (pst_sctp_get16 (chunk.value + 14), ==, 3);
  g_assert_cmpuint (pst_sctp_get16 (chunk.value + 16), ==, 5);
  g_assert_cmpuint (pst_sctp_get16 (chunk.value + 18), ==, 5);

  hand_send_data (&hand, hand.tsn + 2, PST_SCTP_DATA_END, 0, 5); /* again */
  g_assert_true (hand_read (&hand));
  g_assert_true (hand_find (&hand, PST_SCTP_SACK, &chunk));
  g_assert_cmpuint (pst_sctp_get16 (chunk.value + 10), ==, 1);
  g_assert_cmpuint (pst_sctp_get32 (chunk.value + 12 + 8), ==, hand.tsn + 2);

  hand_send_data (&hand, hand.tsn, WHOLE, 0, 7);
  hand_send_data (&hand, hand.tsn + 1, PST_SCTP_DATA_BEGIN, 0, 6);
  assert_message (&hand, 0, 7);
  assert_message (&hand, 0, 11);
  assert_sack (&hand, hand.tsn + 2, 1);
  hand_send_data (&hand, hand.tsn + 3, WHOLE | PST_SCTP_DATA_UNORDERED, 0, 8);
  assert_message (&hand, 0, 8);
  assert_message (&hand, 0, 5);
  assert_sack (&hand, hand.tsn + 4, 0);
  g_assert_null (pst_sctp_take_message (hand.sctp));
  for (guint i = 0; i < 40; i++)
    hand_send_data (&hand, hand.tsn + i % 5, WHOLE, 0, 5);
  g_assert_null (pst_sctp_take_message (hand.sctp));
  hand_clear (&hand);
}

/* A window that is small, closed, and opens again. */
static void
test_small_window (void)
{
  Hand hand;
  PstSctpItem chunk;
  guint32 tsn;

  hand_init (&hand);
  hand_establish (&hand, 3000);
  hand_drain (&hand);
  tsn = hand.sctp->out.next_tsn;
  send_bytes (&hand, 60000);
  hand_drain (&hand);
  /* At most one packet more than the window takes. */
  g_assert_cmpuint (hand.sctp->out.in_flight_bytes, <=, 3000 + 1200);
  tsn = hand.sctp->out.next_tsn - 1;

  hand.now_us += 20000;
  hand_send_sack (&hand, tsn, 0, NULL, 0);
  hand_drain (&hand);
  hand.now_us += 10000;
  hand_drain (&hand);
  /* It is closed: one packet asks whether it still is, again and again. */
  for (guint i = 0; i < 8; i++)
    {
      g_assert_cmpuint (hand.sctp->out.next_tsn - tsn - 1, <=, 2);
      g_assert_true (hand_wait_for (&hand, PST_SCTP_DATA, &chunk));
      hand_send_sack (&hand, tsn, 0, NULL, 0);
    }
  g_assert_cmpint (pst_sctp_get_state (hand.sctp), ==, PST_SCTP_STATE_ESTABLISHED);
  hand_drain (&hand);

  for (guint i = 0; i < 200 && hand.sctp->out.ready_bytes + hand.sctp->out.unacknowledged_bytes > 0;
       i++)
    {
      hand_send_sack (&hand, hand.sctp->out.next_tsn - 1, 3000, NULL, 0);
      hand.now_us += 20000;
      hand_drain (&hand);
      g_assert_cmpuint (hand.sctp->out.in_flight_bytes, <=, 3000 + 1200);
    }
  g_assert_cmpuint (hand.sctp->out.ready_bytes + hand.sctp->out.unacknowledged_bytes, ==, 0);
  hand_clear (&hand);
}

static void
test_heartbeat (void)
{
  static const guint8 large[3000];
  guint8 info[600];
  Hand hand;
  PstSctpItem chunk;

  memset (info, 0x5a, sizeof info);
  set_up (&hand);
  for (gsize n_bytes = 0; n_bytes <= sizeof info; n_bytes += 1 + n_bytes / 3)
    {
      hand_begin (&hand);
      hand_put (&hand, PST_SCTP_HEARTBEAT, 0, info, n_bytes);
      hand_send (&hand);
      g_assert_cmpint (pst_sctp_get_next_us (hand.sctp, hand.now_us), ==, hand.now_us);
      g_assert_true (hand_read (&hand));
      g_assert_true (hand_find (&hand, PST_SCTP_HEARTBEAT_ACK, &chunk));
      g_assert_cmpmem (chunk.value, chunk.n_bytes, info, n_bytes);
    }
  /* One that would not fit is not answered; nor are any number of them. */
  for (guint i = 0; i < 100; i++)
    {
      hand_begin (&hand);
      hand_put (&hand, PST_SCTP_HEARTBEAT, 0, large, i == 0 ? sizeof large : sizeof info);
      hand_send (&hand);
    }
  g_assert_cmpuint (hand_drain (&hand), ==, 1);
  hand_clear (&hand);
}

/* An answer tells of the path only if it was asked for, which nobody can guess. */
static void
test_probe_answers (void)
{
  guint8 value[64] = { 0 };
  Hand hand;
  PstSctpItem probe;
  guint32 nonce;

  set_up (&hand);
  pst_sctp_set_most_packet_bytes (hand.sctp, 1435, hand.now_us);
  g_assert_true (hand_wait_for (&hand, PST_SCTP_HEARTBEAT, &probe));
  g_assert_cmpuint (probe.n_bytes, ==, 12);
  g_assert_cmpuint (pst_sctp_get32 (probe.value + 4), ==, 1435);
  nonce = pst_sctp_get32 (probe.value + 8);
  for (guint i = 0; i < 5; i++)
    {
      gsize n_bytes = i == 1 ? 4 : 8;

      pst_sctp_put32 (value + 4, 1435);
      pst_sctp_put32 (value + 8, i == 2 ? nonce + 1 : nonce);
      pst_sctp_put_param (value, i == 0 ? PST_SCTP_PARAM_COOKIE : PST_SCTP_PARAM_HEARTBEAT, NULL,
                          n_bytes);
      hand_begin (&hand);
      hand_put (&hand, PST_SCTP_HEARTBEAT_ACK, 0, value, i == 3 ? 0 : 4 + n_bytes);
      hand_send (&hand);
      g_assert_cmpuint (hand.sctp->size.packet_bytes, ==, i == 4 ? 1435 : 1200);
    }
  hand_clear (&hand);
}

/* Where a caller has room for less than is allowed, less is written. */
static void
test_little_room (void)
{
  g_autofree guint8 *tiny = g_malloc (80);
  g_autofree guint8 *small = g_malloc (1200);
  Hand hand;

  set_up (&hand);
  pst_sctp_set_most_packet_bytes (hand.sctp, 1435, hand.now_us);
  hand_send_data (&hand, hand.tsn, WHOLE | PST_SCTP_DATA_IMMEDIATE, 0, 10);
  g_assert_cmpuint (pst_sctp_write_packet (hand.sctp, tiny, 80, hand.now_us), ==, 0);
  g_assert_cmpuint (pst_sctp_write_packet (hand.sctp, small, 1200, hand.now_us), ==, 12 + 16);
  g_assert_cmpuint (pst_sctp_write_packet (hand.sctp, small, 1200, hand.now_us), ==, 0);
  hand_clear (&hand);
}

/* What is asked goes first; a piece that would be cut too short waits. */
static void
test_answer_before_data (void)
{
  static const guint8 info[700];
  Hand hand;
  PstSctpItem chunk;

  set_up (&hand);
  hand_begin (&hand);
  hand_put (&hand, PST_SCTP_HEARTBEAT, 0, info, sizeof info);
  hand_send (&hand);
  send_bytes (&hand, 5000);
  g_assert_true (hand_read (&hand));
  g_assert_cmpuint (hand.n_bytes, ==, 12 + 4 + sizeof info);
  g_assert_true (hand_find (&hand, PST_SCTP_HEARTBEAT_ACK, &chunk));
  g_assert_cmpuint (hand.sctp->out.in_flight_bytes, ==, 0);
  g_assert_true (hand_read (&hand));
  g_assert_true (hand_find (&hand, PST_SCTP_DATA, &chunk));
  g_assert_cmpuint (hand.sctp->out.in_flight_bytes, >, 1000);
  hand_clear (&hand);
}

/* What may overtake others has no place among them. */
static void
test_unordered (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("abcd", 4);
  Hand hand;
  PstSctpItem chunk;

  set_up (&hand);
  for (guint i = 0; i < 3; i++)
    pst_sctp_send (hand.sctp, bytes, 7, 53, i != 1);
  g_assert_cmpint (pst_sctp_get_next_us (hand.sctp, hand.now_us), ==, hand.now_us);
  g_assert_true (hand_read (&hand));
  for (guint i = 0; i < 3; i++)
    {
      g_assert_true (hand_find (&hand, PST_SCTP_DATA, &chunk));
      g_assert_cmpuint (chunk.flags & PST_SCTP_DATA_UNORDERED, ==,
                        i == 1 ? PST_SCTP_DATA_UNORDERED : 0);
      g_assert_cmpuint (pst_sctp_get16 (chunk.value + 6), ==, i == 2 ? 1 : 0);
    }
  hand_clear (&hand);
}

/* More gaps than a packet takes: as many as it does. */
static void
test_more_gaps_than_room (void)
{
  Hand hand;
  PstSctpItem chunk;
  guint n_gaps = (1200 - 12 - 16 - 16 * 4) / 4;

  set_up (&hand);
  hand_begin (&hand);
  for (guint i = 0; i < n_gaps + 50; i++)
    hand_put_data (&hand, hand.tsn + 1 + 2 * i, WHOLE, 0, 1);
  hand_send (&hand);
  g_assert_true (hand_read (&hand));
  g_assert_cmpuint (hand.n_bytes, <=, 1200);
  g_assert_true (hand_find (&hand, PST_SCTP_SACK, &chunk));
  g_assert_cmpuint (pst_sctp_get16 (chunk.value + 8), ==, n_gaps);
  g_assert_cmpuint (pst_sctp_get16 (chunk.value + 12 + 4 * (n_gaps - 1)), ==, 2 * n_gaps);
  hand_clear (&hand);
}

static void
test_ends (void)
{
  static const struct
  {
    guint8 type;
    guint8 answer; /* 0: none */
  } ends[] = { { PST_SCTP_ABORT, 0 },
               { PST_SCTP_SHUTDOWN, PST_SCTP_SHUTDOWN_ACK },
               { PST_SCTP_SHUTDOWN_ACK, 0 },
               { PST_SCTP_SHUTDOWN_COMPLETE, 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      Hand hand;
      PstSctpItem chunk;

      set_up (&hand);
      send_bytes (&hand, 50000);
      hand_drain (&hand);
      hand_begin (&hand);
      hand_put_data (&hand, hand.tsn, WHOLE | PST_SCTP_DATA_IMMEDIATE, 0, 10);
      hand_put (&hand, ends[i].type, 0, "\0\0\0\0", ends[i].type == PST_SCTP_SHUTDOWN ? 4 : 0);
      hand_send (&hand);
      g_assert_cmpint (pst_sctp_get_state (hand.sctp), ==, PST_SCTP_STATE_CLOSED);
      g_assert_false (pst_sctp_owes_sack (hand.sctp));
      if (ends[i].answer != 0)
        {
          g_assert_cmpint (pst_sctp_get_next_us (hand.sctp, hand.now_us), ==, hand.now_us);
          g_assert_true (hand_read (&hand));
          g_assert_true (hand_find (&hand, ends[i].answer, &chunk));
        }
      g_assert_false (hand_read (&hand));
      g_assert_cmpint (pst_sctp_get_next_us (hand.sctp, hand.now_us), ==, G_MAXINT64);
      hand_clear (&hand);
    }
}

static void
test_close (void)
{
  Hand hand;
  PstSctpItem chunk;

  set_up (&hand);
  pst_sctp_close (hand.sctp);
  g_assert_cmpint (pst_sctp_get_next_us (hand.sctp, hand.now_us), ==, hand.now_us);
  g_assert_true (hand_read (&hand));
  g_assert_true (hand_find (&hand, PST_SCTP_ABORT, &chunk));
  g_assert_cmphex (pst_sctp_get32 (hand.packet + 4), ==, hand.tag);
  g_assert_false (hand_read (&hand));
  /* Nothing that comes afterwards is answered with more than silence. */
  hand_send_data (&hand, hand.tsn, WHOLE, 0, 10);
  hand_begin (&hand);
  hand_put (&hand, PST_SCTP_COOKIE_ECHO, 0, hand.sctp->cookie, sizeof hand.sctp->cookie);
  hand_send (&hand);
  hand_send_init (&hand, PST_SCTP_INIT, 1, 1, 1);
  g_assert_false (hand_read (&hand));
  g_assert_cmpint (pst_sctp_get_next_us (hand.sctp, hand.now_us), ==, G_MAXINT64);
  hand_clear (&hand);

  /* Before it stands, there is nothing to tell. */
  hand_init (&hand);
  pst_sctp_connect (hand.sctp, hand.now_us);
  hand_send_init (&hand, PST_SCTP_INIT, 5, 1, 1);
  pst_sctp_close (hand.sctp);
  g_assert_false (hand_read (&hand));
  g_assert_cmpint (pst_sctp_get_next_us (hand.sctp, hand.now_us), ==, G_MAXINT64);
  hand_clear (&hand);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sctp-peer/init", test_init);
  g_test_add_func ("/sctp-peer/init-due-twice", test_init_due_twice);
  g_test_add_func ("/sctp-peer/acknowledges", test_acknowledges);
  g_test_add_func ("/sctp-peer/owes-sack", test_owes_sack);
  g_test_add_func ("/sctp-peer/gaps-and-duplicates", test_gaps_and_duplicates);
  g_test_add_func ("/sctp-peer/small-window", test_small_window);
  g_test_add_func ("/sctp-peer/heartbeat", test_heartbeat);
  g_test_add_func ("/sctp-peer/probe-answers", test_probe_answers);
  g_test_add_func ("/sctp-peer/little-room", test_little_room);
  g_test_add_func ("/sctp-peer/answer-before-data", test_answer_before_data);
  g_test_add_func ("/sctp-peer/unordered", test_unordered);
  g_test_add_func ("/sctp-peer/more-gaps-than-room", test_more_gaps_than_room);
  g_test_add_func ("/sctp-peer/ends", test_ends);
  g_test_add_func ("/sctp-peer/close", test_close);
  return g_test_run ();
}
