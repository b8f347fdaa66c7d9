/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One association against a peer that does what it must not. */
#include <malloc.h>
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
assert_established (const Hand *hand)
{
  g_assert_cmpint (pst_sctp_get_state (hand->sctp), ==, PST_SCTP_STATE_ESTABLISHED);
}

static void
assert_aborted (Hand *hand)
{
  PstSctpItem chunk;

  g_assert_cmpint (pst_sctp_get_state (hand->sctp), ==, PST_SCTP_STATE_CLOSED);
  g_assert_true (hand_read (hand));
  g_assert_true (hand_find (hand, PST_SCTP_ABORT, &chunk));
  g_assert_false (hand_read (hand));
}

/* Leaves 20 pieces under way; returns the number of the first. */
static guint32
send_pieces (Hand *hand)
{
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (1100), 1100);
  guint32 first = hand->sctp->out.next_tsn;

  hand->sctp->rate.window_bytes = WINDOW_BYTES;
  for (guint i = 0; i < 20; i++)
    pst_sctp_send (hand->sctp, bytes, 0, 53, TRUE);
  for (guint i = 0; i < 1000 && hand->sctp->out.next_tsn - first < 20; i++)
    {
      hand->now_us += 1000;
      hand_drain (hand);
    }
  g_assert_cmpuint (hand->sctp->out.next_tsn - first, ==, 20);
  return first;
}

static void
test_strangers (void)
{
  Hand hand;
  guint32 tag;

  set_up (&hand);
  tag = hand.sctp->local_tag;
  for (guint i = 0; i < 6; i++)
    {
      hand_begin (&hand);
      hand_put (&hand, PST_SCTP_ABORT, 0, NULL, 0);
      hand_send_as (&hand, i == 0 ? 5001 : 5000, i == 1 ? 5001 : 5000,
                    i == 2   ? tag + 1
                    : i == 3 ? 0
                    : i == 4 ? hand.tag
                    : i == 5 ? ~tag
                             : tag);
      assert_established (&hand);
      g_assert_cmpuint (hand.sctp->figures.packets_refused, ==, i + 1);
    }
  hand_send (&hand);
  g_assert_cmpint (pst_sctp_get_state (hand.sctp), ==, PST_SCTP_STATE_CLOSED);
  hand_clear (&hand);
}

static void
test_bad_init (void)
{
  static const struct
  {
    guint32 tag;
    guint16 n_out;
    guint16 n_in;
  } inits[] = { { 0, 10, 10 }, { 1, 0, 10 }, { 1, 10, 0 } };

  for (guint type = PST_SCTP_INIT; type <= PST_SCTP_INIT_ACK; type++)
    for (guint i = 0; i < G_N_ELEMENTS (inits); i++)
      {
        Hand hand;
        PstSctpItem chunk;

        hand_init (&hand);
        pst_sctp_connect (hand.sctp, hand.now_us);
        hand_drain (&hand);
        hand_send_init (&hand, (guint8) type, inits[i].tag, inits[i].n_out, inits[i].n_in);
        g_assert_false (hand_read (&hand));
        g_assert_cmpint (pst_sctp_get_state (hand.sctp), ==, PST_SCTP_STATE_COOKIE_WAIT);
        /* A right one afterwards is taken. */
        hand_send_init (&hand, PST_SCTP_INIT, 77, 10, 10);
        g_assert_true (hand_read (&hand));
        g_assert_true (hand_find (&hand, PST_SCTP_INIT_ACK, &chunk));
        g_assert_cmpuint (pst_sctp_get32 (hand.packet + 4), ==, 77);
        hand_clear (&hand);
      }
}

/* Before it begins, nothing ends it. */
static void
test_end_before_begin (void)
{
  static const guint8 types[] = { PST_SCTP_ABORT, PST_SCTP_SHUTDOWN };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      Hand hand;

      hand_init (&hand);
      hand_begin (&hand);
      hand_put (&hand, types[i], 0, "\0\0\0\0", 4);
      hand_send (&hand);
      g_assert_cmpint (pst_sctp_get_state (hand.sctp), ==, PST_SCTP_STATE_NEW);
      g_assert_false (hand_read (&hand));
      hand_establish (&hand, WINDOW_BYTES);
      hand_clear (&hand);
    }
}

/* Only DTLS may do without a checksum, and before an INIT it is not known to. */
static void
test_init_without_checksum (void)
{
  const PstSctpPacketHeader header = { 5000, 5000, 0, FALSE };
  guint8 packet[PST_SCTP_PACKET_HEADER_BYTES + PST_SCTP_INIT_BYTES] = { 0 };
  guint8 *value = packet + PST_SCTP_PACKET_HEADER_BYTES + PST_SCTP_CHUNK_HEADER_BYTES;
  Hand hand;

  hand_init (&hand);
  pst_sctp_connect (hand.sctp, hand.now_us);
  hand_drain (&hand);
  pst_sctp_put32 (value, 5);
  pst_sctp_put32 (value + 8, 0x000a000a);
  pst_sctp_put_chunk (packet + PST_SCTP_PACKET_HEADER_BYTES, PST_SCTP_INIT, 0, NULL, 16);
  pst_sctp_packet_write (packet, sizeof packet, &header);
  pst_sctp_receive (hand.sctp, packet, sizeof packet, hand.now_us);
  g_assert_false (hand_read (&hand));
  g_assert_cmpuint (hand.sctp->figures.packets_refused, ==, 1);
  hand_clear (&hand);
}

/* It cannot begin anew: not with an INIT, an INIT ACK, or a cookie. */
static void
test_begin_again (void)
{
  Hand hand;
  guint32 tag;
  guint32 received;

  set_up (&hand);
  tag = hand.sctp->remote_tag;
  hand_send_data (&hand, hand.tsn, WHOLE, 0, 10);
  pst_sctp_message_free (pst_sctp_take_message (hand.sctp));
  hand.now_us += 200000;
  hand_drain (&hand);
  received = hand.sctp->in.received_tsn;
  hand_send_init (&hand, PST_SCTP_INIT, tag + 1, 10, 10);
  hand_send_init (&hand, PST_SCTP_INIT_ACK, tag + 1, 10, 10);
  hand_begin (&hand);
  hand_put (&hand, PST_SCTP_COOKIE_ACK, 0, NULL, 0);
  hand_send (&hand);
  g_assert_false (hand_read (&hand));
  assert_established (&hand);
  g_assert_cmpuint (hand.sctp->remote_tag, ==, tag);
  g_assert_cmpuint (hand.sctp->in.received_tsn, ==, received);
  hand_clear (&hand);
}

static void
test_foreign_cookies (void)
{
  guint8 cookie[64];
  Hand hand;
  PstSctpItem chunk;

  hand_init (&hand);
  memcpy (cookie, hand.sctp->cookie, sizeof hand.sctp->cookie);
  pst_sctp_connect (hand.sctp, hand.now_us);
  hand_drain (&hand);
  /* The right one, from somebody whose INIT never came. */
  hand_begin (&hand);
  hand_put (&hand, PST_SCTP_COOKIE_ECHO, 0, cookie, sizeof hand.sctp->cookie);
  hand_send (&hand);
  g_assert_cmpint (pst_sctp_get_state (hand.sctp), ==, PST_SCTP_STATE_COOKIE_WAIT);
  hand_send_init (&hand, PST_SCTP_INIT, hand.tag, 10, 10);
  hand_drain (&hand);
  for (gsize n_bytes = 0; n_bytes <= sizeof cookie; n_bytes++)
    {
      hand_begin (&hand);
      hand_put (&hand, PST_SCTP_COOKIE_ECHO, 0, cookie, n_bytes);
      if (n_bytes == sizeof hand.sctp->cookie)
        hand.packet[20] ^= 1;
      hand_send (&hand);
      g_assert_cmpint (pst_sctp_get_state (hand.sctp), ==, PST_SCTP_STATE_COOKIE_WAIT);
    }
  hand_begin (&hand);
  hand_put (&hand, PST_SCTP_COOKIE_ECHO, 0, cookie, sizeof hand.sctp->cookie);
  hand_send (&hand);
  assert_established (&hand);
  g_assert_cmpint (pst_sctp_get_next_us (hand.sctp, hand.now_us), <=, hand.now_us);
  g_assert_true (hand_read (&hand));
  g_assert_true (hand_find (&hand, PST_SCTP_COOKIE_ACK, &chunk));
  hand_clear (&hand);
}

/* A cookie that is too long to echo, or none. */
static void
test_long_cookie (void)
{
  guint8 value[2048] = { 0 };
  Hand hand;
  gsize n;

  hand_init (&hand);
  pst_sctp_connect (hand.sctp, hand.now_us);
  hand_drain (&hand);
  for (guint i = 0; i < 2; i++)
    {
      pst_sctp_put32 (value, 5);
      pst_sctp_put32 (value + 8, 0x000a000a);
      n = 16 + (i == 0 ? pst_sctp_put_param (value + 16, PST_SCTP_PARAM_COOKIE, NULL, 1500) : 0);
      hand_begin (&hand);
      hand_put (&hand, PST_SCTP_INIT_ACK, 0, value, n);
      hand_send (&hand);
      g_assert_cmpint (pst_sctp_get_state (hand.sctp), ==, PST_SCTP_STATE_COOKIE_WAIT);
      g_assert_false (hand_read (&hand));
    }
  hand_clear (&hand);
}

/* Parameters where they have no place, twice, or of another size. */
static void
test_strange_parameters (void)
{
  guint8 value[128] = { 0 };
  Hand hand;
  PstSctpItem chunk;
  gsize n;

  hand_init (&hand);
  pst_sctp_connect (hand.sctp, hand.now_us);
  hand_drain (&hand);
  pst_sctp_put32 (value, hand.tag);
  pst_sctp_put32 (value + 8, 0x000a000a);

  /* A cookie before there is one, and no way to find errors. */
  n = 16 + pst_sctp_put_param (value + 16, PST_SCTP_PARAM_COOKIE, (const guint8 *) "early", 5);
  n += pst_sctp_put_param (value + n, PST_SCTP_PARAM_ZERO_CHECKSUM, (const guint8 *) "\0\1", 2);
  hand_begin (&hand);
  hand_put (&hand, PST_SCTP_INIT, 0, value, n);
  hand_send_as (&hand, 5000, 5000, 0);
  g_assert_false (hand.sctp->zero_checksum);
  g_assert_true (hand_read (&hand));
  g_assert_true (hand_find (&hand, PST_SCTP_INIT_ACK, &chunk));
  g_assert_false (hand_read (&hand));

  /* Two cookies: the first counts. A method that is not DTLS. */
  n = 16 + pst_sctp_put_param (value + 16, PST_SCTP_PARAM_COOKIE, (const guint8 *) "first", 5);
  n += pst_sctp_put_param (value + n, PST_SCTP_PARAM_COOKIE, (const guint8 *) "second", 6);
  n += pst_sctp_put_param (value + n, PST_SCTP_PARAM_ZERO_CHECKSUM, (const guint8 *) "\0\0\0\2", 4);
  hand_begin (&hand);
  hand_put (&hand, PST_SCTP_INIT_ACK, 0, value, n);
  hand_send (&hand);
  g_assert_false (hand.sctp->zero_checksum);
  g_assert_cmpint (pst_sctp_get_next_us (hand.sctp, hand.now_us), <=, hand.now_us);
  g_assert_true (hand_read (&hand));
  g_assert_true (hand_find (&hand, PST_SCTP_COOKIE_ECHO, &chunk));
  g_assert_cmpmem (chunk.value, chunk.n_bytes, "first", 5);
  hand_clear (&hand);
}

static void
test_data_without_data (void)
{
  Hand hand;

  set_up (&hand);
  hand_send_data (&hand, hand.tsn, WHOLE, 0, 0);
  assert_aborted (&hand);
  hand_clear (&hand);

  set_up (&hand);
  hand_begin (&hand);
  hand_put (&hand, PST_SCTP_DATA, WHOLE, "abc", 3);
  hand_send (&hand);
  assert_aborted (&hand);
  hand_clear (&hand);
}

static void
test_long_message (void)
{
  Hand hand;

  set_up (&hand);
  for (guint i = 0; i < 64; i++)
    {
      hand_send_data (&hand, hand.tsn + i, i == 0 ? PST_SCTP_DATA_BEGIN : 0, 0, 1024);
      assert_established (&hand);
    }
  hand_drain (&hand);
  hand_send_data (&hand, hand.tsn + 64, PST_SCTP_DATA_END, 0, 1);
  assert_aborted (&hand);
  g_assert_null (pst_sctp_take_message (hand.sctp));
  hand_clear (&hand);
}

static void
test_torn_messages (void)
{
  static const struct
  {
    guint8 flags[2];
    guint16 streams[2];
  } torn[] = { { { 0, 0 }, { 0, 0 } },
               { { PST_SCTP_DATA_END, 0 }, { 0, 0 } },
               { { PST_SCTP_DATA_BEGIN, PST_SCTP_DATA_BEGIN }, { 0, 0 } },
               { { PST_SCTP_DATA_BEGIN, WHOLE }, { 0, 0 } },
               { { PST_SCTP_DATA_BEGIN, PST_SCTP_DATA_END }, { 0, 1 } },
               { { WHOLE, WHOLE }, { 0, PST_SCTP_N_STREAMS } },
               { { WHOLE, WHOLE }, { 0, G_MAXUINT16 } } };

  for (guint i = 0; i < G_N_ELEMENTS (torn); i++)
    {
      Hand hand;

      set_up (&hand);
      hand_send_data (&hand, hand.tsn, torn[i].flags[0], torn[i].streams[0], 10);
      hand_send_data (&hand, hand.tsn + 1, torn[i].flags[1], torn[i].streams[1], 10);
      assert_aborted (&hand);
      hand_clear (&hand);
    }
}

/* What was never sent, what is old, what is cut off. */
static void
test_false_sacks (void)
{
  Hand hand;
  guint32 first;
  const guint16 beyond[] = { 2, 20, 21, 21, 25, 40, 60000, 65535 };
  guint8 value[32] = { 0 };

  set_up (&hand);
  first = send_pieces (&hand);
  hand_send_sack (&hand, first + 20, WINDOW_BYTES, NULL, 0);
  hand_send_sack (&hand, first - 2, 0, NULL, 0);
  hand_send_sack (&hand, first + 0x7fffffff, 0, NULL, 0);
  g_assert_cmpuint (hand.sctp->out.acked_tsn, ==, first - 1);
  g_assert_cmpuint (hand.sctp->out.peer_window_bytes, ==, WINDOW_BYTES);
  hand_send_sack (&hand, first - 1, WINDOW_BYTES, beyond, 4);
  g_assert_cmpint (hand.sctp->out.states[pst_outbound_slot (&hand.sctp->out, first + 19)], ==,
                   PST_CHUNK_ACKNOWLEDGED);

  pst_sctp_put32 (value, first);
  for (gsize n_bytes = 0; n_bytes < 24; n_bytes++)
    {
      pst_sctp_put16 (value + 8, 2);
      pst_sctp_put16 (value + 10, 1);
      hand_begin (&hand);
      hand_put (&hand, PST_SCTP_SACK, 0, value, n_bytes);
      hand_send (&hand);
      g_assert_cmpuint (hand.sctp->out.acked_tsn, ==, first - 1);
    }
  assert_established (&hand);
  hand_send_sack (&hand, first + 19, WINDOW_BYTES, NULL, 0);
  g_assert_cmpuint (hand.sctp->out.in_flight_bytes, ==, 0);
  hand_clear (&hand);
}

/* Gaps that overlap, go back, are turned round, begin with nothing. */
static void
test_false_gaps (void)
{
  static const guint16 gaps[][6] = {
    { 3, 5, 4, 8, 8, 9 }, { 10, 12, 3, 4, 2, 2 },       { 5, 3, 0, 4, 0, 0 },
    { 2, 2, 2, 2, 2, 2 }, { 2, 65535, 3, 3, 0, 65535 }, { 1, 1, 2, 2, 3, 3 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (gaps); i++)
    {
      Hand hand;
      guint32 first;

      set_up (&hand);
      first = send_pieces (&hand);
      for (guint turn = 0; turn < 5; turn++)
        {
          hand_send_sack (&hand, first - 1 + turn, WINDOW_BYTES, gaps[i], 3);
          hand.now_us += 100000;
          hand_drain (&hand);
        }
      assert_established (&hand);
      hand_send_sack (&hand, first + 19, WINDOW_BYTES, NULL, 0);
      g_assert_cmpuint (hand.sctp->out.unacknowledged_bytes, ==, 0);
      hand_clear (&hand);
    }
}

/* As many gaps as a chunk holds, over and over: the work is bounded by what is
 * under way. */
static void
test_many_gaps (void)
{
  g_autofree guint16 *gaps = g_new0 (guint16, 2 * 16000);
  Hand hand;
  guint32 first;

  set_up (&hand);
  first = send_pieces (&hand);
  for (guint i = 0; i < 16000; i++)
    gaps[2 * i] = gaps[2 * i + 1] = (guint16) (i % 3 == 0 ? i : 1);
  for (guint i = 0; i < 500; i++)
    hand_send_sack (&hand, first - 1, WINDOW_BYTES, gaps, 16000);
  for (guint i = 0; i < 16000; i++)
    {
      gaps[2 * i] = 1;
      gaps[2 * i + 1] = G_MAXUINT16;
    }
  for (guint i = 0; i < 500; i++)
    hand_send_sack (&hand, first - 1, WINDOW_BYTES, gaps, 16000);
  assert_established (&hand);
  hand_clear (&hand);
}

/* What it said that it had, it has no more (RFC 9260, section 6.2.1). */
static void
test_reneging (void)
{
  static const guint16 most[] = { 2, 20 };
  Hand hand;
  PstSctpItem chunk;
  guint32 first;

  set_up (&hand);
  first = send_pieces (&hand);
  hand_send_sack (&hand, first - 1, WINDOW_BYTES, most, 1);
  hand.now_us += 50000;
  hand_send_sack (&hand, first, WINDOW_BYTES, NULL, 0);
  /* Each must come again, however long it takes. */
  for (guint32 tsn = first + 1; tsn != first + 20; tsn++)
    {
      guint i;

      for (i = 0; i < 50; i++)
        {
          g_assert_true (hand_wait_for (&hand, PST_SCTP_DATA, &chunk));
          if (pst_sctp_get32 (chunk.value) == tsn)
            break;
        }
      g_assert_cmpuint (i, <, 50);
      hand_send_sack (&hand, tsn, WINDOW_BYTES, NULL, 0);
    }
  g_assert_cmpuint (hand.sctp->out.unacknowledged_bytes, ==, 0);
  hand_clear (&hand);
}

/* All but the first that fits in numbers, and more bytes than are held. */
static void
test_flood_of_numbers (void)
{
  Hand hand;
  gsize held_bytes = 0;
  guint n = 0;

  set_up (&hand);
  for (guint32 i = 1; i < PST_IN_MOST_CHUNKS + 5000; n++)
    {
      hand_begin (&hand);
      for (guint k = 0; k < 2000; k++, i++)
        hand_put_data (&hand, hand.tsn + i, i % 2 == 1 ? PST_SCTP_DATA_BEGIN : PST_SCTP_DATA_END, 0,
                       1);
      hand_send (&hand);
      hand_drain (&hand);
    }
  assert_established (&hand);
  g_assert_cmpuint (hand.sctp->in.n_beyond, ==, PST_IN_MOST_CHUNKS - 1);
  /* Far away, round the corner. */
  hand_send_data (&hand, hand.tsn + 0x7ffffffe, WHOLE, 0, 1);
  hand_send_data (&hand, hand.tsn + 0x80000000, WHOLE, 0, 1);
  g_assert_cmpuint (hand.sctp->in.n_beyond, ==, PST_IN_MOST_CHUNKS - 1);

  /* The first comes: all at once, each no larger than it is. */
  hand_send_data (&hand, hand.tsn, WHOLE, 0, 1);
  assert_established (&hand);
  g_assert_cmpuint (g_queue_get_length (&hand.sctp->in.messages), >, 30000);
  for (GList *l = hand.sctp->in.messages.head; l != NULL; l = l->next)
    held_bytes += malloc_usable_size (((PstSctpMessage *) l->data)->bytes);
  g_assert_cmpuint (held_bytes, <, 4 * 1024 * 1024);
  g_assert_cmpuint (n, >, 30);
  hand_clear (&hand);
}

/* What waited turns out torn once its turn comes, with more behind it. */
static void
test_torn_behind_gap (void)
{
  Hand hand;

  set_up (&hand);
  hand_send_data (&hand, hand.tsn + 2, WHOLE, 0, 10);
  hand_send_data (&hand, hand.tsn + 1, PST_SCTP_DATA_END, 0, 10);
  hand_drain (&hand);
  assert_established (&hand);
  hand_send_data (&hand, hand.tsn, WHOLE, 0, 10);
  assert_aborted (&hand);
  pst_sctp_message_free (pst_sctp_take_message (hand.sctp));
  g_assert_null (pst_sctp_take_message (hand.sctp));
  hand_clear (&hand);
}

static void
test_flood_of_bytes (void)
{
  Hand hand;
  PstSctpItem chunk;
  guint32 window_bytes = 0;

  set_up (&hand);
  /* Whole ones that nobody takes, and then all that fits beyond a gap. */
  for (guint i = 0; i < 10; i++)
    hand_send_data (&hand, hand.tsn++, WHOLE, 0, 1400);
  for (guint32 i = 1; i < 20000;)
    {
      hand_begin (&hand);
      for (guint k = 0; k < 40; k++, i++)
        hand_put_data (&hand, hand.tsn + i, WHOLE, 0, 1400);
      hand_send (&hand);
      g_assert_true (hand_read (&hand));
      g_assert_true (hand_find (&hand, PST_SCTP_SACK, &chunk));
      window_bytes = pst_sctp_get32 (chunk.value + 4);
      hand_drain (&hand);
    }
  g_assert_cmpuint (hand.sctp->in.beyond_bytes, <=, PST_SCTP_RECEIVE_WINDOW_BYTES);
  g_assert_cmpuint (hand.sctp->in.beyond_bytes, >, PST_SCTP_RECEIVE_WINDOW_BYTES - 3000);
  g_assert_cmpuint (window_bytes, ==, 0);
  hand_send_data (&hand, hand.tsn, WHOLE, 0, 1400);
  assert_established (&hand);
  hand_clear (&hand);
}

/* Everything that is cut off somewhere, in each state. */
static void
test_truncated (void)
{
  for (guint established = 0; established < 2; established++)
    for (guint type = 0; type < 256; type++)
      for (gsize n_bytes = 0; n_bytes <= 28; n_bytes++)
        {
          static const guint8 filling[2][28] = { { 0 }, { [0 ... 27] = 0xff } };
          Hand hand;

          hand_init (&hand);
          if (established)
            hand_establish (&hand, WINDOW_BYTES);
          else
            pst_sctp_connect (hand.sctp, hand.now_us);
          for (guint i = 0; i < 2; i++)
            {
              hand_begin (&hand);
              hand_put (&hand, (guint8) type, 0xff, filling[i], n_bytes);
              hand_send (&hand);
              hand_send_as (&hand, 5000, 5000, 0);
            }
          hand_drain (&hand);
          hand_clear (&hand);
        }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sctp-hostile/strangers", test_strangers);
  g_test_add_func ("/sctp-hostile/bad-init", test_bad_init);
  g_test_add_func ("/sctp-hostile/end-before-begin", test_end_before_begin);
  g_test_add_func ("/sctp-hostile/init-without-checksum", test_init_without_checksum);
  g_test_add_func ("/sctp-hostile/strange-parameters", test_strange_parameters);
  g_test_add_func ("/sctp-hostile/begin-again", test_begin_again);
  g_test_add_func ("/sctp-hostile/foreign-cookies", test_foreign_cookies);
  g_test_add_func ("/sctp-hostile/long-cookie", test_long_cookie);
  g_test_add_func ("/threats/18-lengths/sctp-data", test_data_without_data);
  g_test_add_func ("/sctp-hostile/long-message", test_long_message);
  g_test_add_func ("/sctp-hostile/torn-messages", test_torn_messages);
  g_test_add_func ("/sctp-hostile/false-sacks", test_false_sacks);
  g_test_add_func ("/sctp-hostile/false-gaps", test_false_gaps);
  g_test_add_func ("/sctp-hostile/many-gaps", test_many_gaps);
  g_test_add_func ("/sctp-hostile/reneging", test_reneging);
  g_test_add_func ("/sctp-hostile/flood-of-numbers", test_flood_of_numbers);
  g_test_add_func ("/sctp-hostile/torn-behind-gap", test_torn_behind_gap);
  g_test_add_func ("/sctp-hostile/flood-of-bytes", test_flood_of_bytes);
  g_test_add_func ("/threats/18-lengths/sctp-truncated", test_truncated);
  return g_test_run ();
}
