/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages over all kinds of paths: what comes is right, and comes in time. The time
 * is the path's own, so that figures are the same in each run. */
#include "pst-sctp-private.h"
#include "sctp-path.h"

#define MS 1000

/* Where large packets may leave. */
#define NEAR_US 1000

static Path *
connected (const PathKind *kind, guint most_packet_bytes)
{
  Path *path = path_new (kind, most_packet_bytes);

  g_assert_true (path_connect (path));
  return path;
}

/* DTLS notices what was changed; where there is none, the checksum must. */
static void
use_checksums (Path *path)
{
  for (guint i = 0; i < 2; i++)
    path->ends[i].sctp->zero_checksum = FALSE;
}

static void
assert_right (Path *path)
{
  for (guint i = 0; i < 2; i++)
    {
      PathEnd *from = &path->ends[1 - i];

      g_assert_false (path->ends[i].came_wrong);
      g_assert_cmpuint (path->ends[i].came_bytes, ==, from->to_send_bytes);
      g_assert_cmpuint (path->ends[i].came_messages, ==, from->sent_messages);
    }
}

/* Nothing stays that was sent and acknowledged. */
static void
assert_settled (Path *path)
{
  path_run (path, path->now_us + 30 * G_USEC_PER_SEC);
  for (guint i = 0; i < 2; i++)
    {
      const PstOutbound *out = &path->ends[i].sctp->out;

      g_assert_cmpuint (out->in_flight_bytes, ==, 0);
      g_assert_cmpuint (out->unacknowledged_bytes, ==, 0);
      g_assert_cmpuint (out->ready_bytes, ==, 0);
      g_assert_cmpuint (out->n_lost, ==, 0);
      g_assert_cmpuint (out->acked_tsn + 1, ==, out->next_tsn);
      g_assert_cmpuint (path->ends[i].sctp->in.beyond_bytes, ==, 0);
      g_assert_cmpuint (path->ends[i].sctp->in.n_beyond, ==, 0);
    }
}

static void
send_both_ways (Path *path, guint64 n_bytes, gsize message_bytes, gint64 within_us)
{
  for (guint i = 0; i < 2; i++)
    path_send (path, i, n_bytes, message_bytes);
  for (guint i = 0; i < 2; i++)
    g_assert_true (path_run_until_came (path, i, n_bytes, within_us));
}

static void
test_sizes (void)
{
  static const guint most_bytes[] = { 1200, 1435, 14700 };

  for (guint i = 0; i < G_N_ELEMENTS (most_bytes); i++)
    {
      const PathKind kind = { .delay_us = NEAR_US };
      g_autoptr (Path) path = connected (&kind, most_bytes[i]);

      send_both_ways (path, 3000000, 0, 10 * G_USEC_PER_SEC);
      assert_right (path);
      assert_settled (path);
      g_assert_cmpuint (path->ends[0].largest_packet_bytes, <=, most_bytes[i]);
      g_assert_cmpuint (path->ends[0].sctp->size.packet_bytes, ==, most_bytes[i]);
    }
}

/* Each size, in one message. */
static void
test_each_size (void)
{
  const PathKind kind = { .delay_us = 1 * MS };
  g_autoptr (Path) path = connected (&kind, 1435);

  for (gsize n_bytes = 1; n_bytes <= PST_SCTP_MAX_MESSAGE_BYTES;
       n_bytes += n_bytes < 3000 ? 1 : 997)
    {
      path_send (path, 0, n_bytes, n_bytes);
      g_assert_true (path_run_until_came (path, 1, path->ends[0].to_send_bytes, G_USEC_PER_SEC));
    }
  path_send (path, 0, PST_SCTP_MAX_MESSAGE_BYTES, PST_SCTP_MAX_MESSAGE_BYTES);
  g_assert_true (path_run_until_came (path, 1, path->ends[0].to_send_bytes, G_USEC_PER_SEC));
  assert_right (path);
  assert_settled (path);
}

static void
test_troubles (void)
{
  static const PathKind kinds[] = {
    { .delay_us = 20 * MS, .loss = 0.001 },
    { .delay_us = 20 * MS, .loss = 0.01 },
    { .delay_us = 20 * MS, .loss = 0.05 },
    { .delay_us = 20 * MS, .duplication = 0.2 },
    { .delay_us = 20 * MS, .reordering = 0.1 },
    { .delay_us = 20 * MS, .corruption = 0.02 },
    { .delay_us = 20 * MS, .loss = 0.3 },
    { .delay_us = 5 * MS,
      .loss = 0.02,
      .duplication = 0.05,
      .reordering = 0.1,
      .corruption = 0.02,
      .rate_bps = 2000000,
      .queue_bytes = 30000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    for (guint large = 0; large < 2; large++)
      {
        const PathKind calm = { .delay_us = large ? NEAR_US : 20 * MS };
        g_autoptr (Path) path = connected (&calm, large ? PST_SCTP_LARGE_PACKET_BYTES : 1435);

        use_checksums (path);
        path->kind = kinds[i];
        path->kind.delay_us = large ? NEAR_US : path->kind.delay_us;
        send_both_ways (path, 2000000, 0, 120 * G_USEC_PER_SEC);
        assert_right (path);
        assert_settled (path);
      }
}

/* Large packets vanish of a sudden: the transfer goes on with small ones. */
static void
test_black_hole (void)
{
  static const guint holes[] = { 1200, 1280, 1435, 9000 };

  for (guint i = 0; i < G_N_ELEMENTS (holes); i++)
    for (guint large = 0; large < 2; large++)
      {
        const PathKind kind = { .delay_us = large ? NEAR_US : 10 * MS,
                                .rate_bps = 5000000,
                                .queue_bytes = 200000 };
        g_autoptr (Path) path = connected (&kind, large ? PST_SCTP_LARGE_PACKET_BYTES : 1435);

        path_send (path, 0, 8000000, 65536);
        g_assert_true (path_run_until_came (path, 1, 3000000, 5 * G_USEC_PER_SEC));
        path->kind.most_bytes = holes[i];
        g_assert_true (path_run_until_came (path, 1, 8000000, 10 * G_USEC_PER_SEC));
        assert_right (path);
        g_assert_cmpuint (path->ends[0].sctp->size.packet_bytes, <=, holes[i]);
      }
}

static void
test_cut (void)
{
  static const struct
  {
    gint64 cut_us;
    gint64 back_us; /* until what is left has come */
  } cuts[] = { { 1 * G_USEC_PER_SEC, 3 * G_USEC_PER_SEC },
               { 10 * G_USEC_PER_SEC, 12 * G_USEC_PER_SEC },
               { 60 * G_USEC_PER_SEC, 12 * G_USEC_PER_SEC } };

  for (guint i = 0; i < G_N_ELEMENTS (cuts); i++)
    {
      const PathKind kind = { .delay_us = 10 * MS, .rate_bps = 5000000, .queue_bytes = 200000 };
      g_autoptr (Path) path = connected (&kind, 1435);
      guint64 packets;

      for (guint end = 0; end < 2; end++)
        path_send (path, end, 5000000, 65536);
      g_assert_true (path_run_until_came (path, 1, 2000000, 5 * G_USEC_PER_SEC));
      path->kind.cut = TRUE;
      path_run (path, path->now_us + 1 * G_USEC_PER_SEC);
      packets = path->ends[0].sctp->figures.packets_sent;
      path_run (path, path->now_us + cuts[i].cut_us - 1 * G_USEC_PER_SEC);
      /* It asks now and then, and does not flood. */
      g_assert_cmpuint (path->ends[0].sctp->figures.packets_sent - packets, <,
                        20 + 20 * (guint64) (cuts[i].cut_us / G_USEC_PER_SEC));
      path->kind.cut = FALSE;
      for (guint end = 0; end < 2; end++)
        g_assert_true (path_run_until_came (path, end, 5000000, cuts[i].back_us));
      assert_right (path);
    }
}

static guint64
rate_over (Path *path, gint64 for_us)
{
  guint64 before_bytes = path->ends[1].came_bytes;

  path_run (path, path->now_us + for_us);
  g_assert_false (path->ends[1].came_wrong);
  return (path->ends[1].came_bytes - before_bytes) * G_USEC_PER_SEC / (guint64) for_us;
}

/* From a fixed line to a radio far away, and back. */
static void
test_round_trip_jumps (void)
{
  const PathKind kind = { .delay_us = 5 * MS, .rate_bps = 5000000, .queue_bytes = 500000 };
  g_autoptr (Path) path = connected (&kind, 1435);
  guint64 rate_bps = 0;

  path_send (path, 0, 400000000, 65536);
  path_run (path, path->now_us + 2 * G_USEC_PER_SEC);
  path->kind.delay_us = 100 * MS;
  for (guint i = 0; i < 5 && rate_bps < 4000000; i++)
    {
      rate_bps = rate_over (path, G_USEC_PER_SEC);
      g_test_message ("%u s after the jump to 200 ms: %.2f MB/s of 5", i + 1,
                      (double) rate_bps / 1e6);
    }
  g_assert_cmpuint (rate_bps, >=, 4000000);
  path->kind.delay_us = 5 * MS;
  g_assert_cmpuint (rate_over (path, 5 * G_USEC_PER_SEC), >=, 4000000);
}

/* Chance takes one packet of a hundred; nothing else slows it. */
static void
test_rate_with_loss (void)
{
  const PathKind kind = { .delay_us = 25 * MS, .loss = 0.01 };
  g_autoptr (Path) path = connected (&kind, 1435);
  guint64 rate_bps;

  path_send (path, 0, G_MAXINT64, 65536);
  path_run (path, path->now_us + G_USEC_PER_SEC / 2);
  rate_bps = rate_over (path, G_USEC_PER_SEC / 4);
  g_test_message ("%.1f MB/s at 50 ms with 1 %% of loss", (double) rate_bps / 1e6);
  g_assert_cmpuint (rate_bps, >=, 20000000);
}

static void
test_rate_of_line (void)
{
  const PathKind kind = { .delay_us = 10 * MS, .rate_bps = 12500000, .queue_bytes = 250000 };
  g_autoptr (Path) path = connected (&kind, 1435);
  guint64 rate_bps;

  path_send (path, 0, G_MAXINT64, 65536);
  path_run (path, path->now_us + 1 * G_USEC_PER_SEC);
  rate_bps = rate_over (path, 2 * G_USEC_PER_SEC);
  g_test_message ("%.2f MB/s of 12.5 at 20 ms; %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                  " dropped; %" G_GINT64_FORMAT " us of queue",
                  (double) rate_bps / 1e6, path->ends[0].dropped_packets,
                  path->ends[0].carried_packets, path->ends[0].longest_queue_us);
  g_assert_cmpuint (rate_bps, >=, 12500000 / 100 * 90);
  g_assert_cmpuint (path->ends[0].dropped_packets * 100, <, path->ends[0].carried_packets);
}

/* Packets leave full, also where a message ends and the next one begins. */
static void
test_full_packets (void)
{
  const PathKind kind = { .delay_us = 10 * MS, .rate_bps = 12500000, .queue_bytes = 600000 };
  const guint64 n_messages = 400, n_full_bytes = (1435 - 12 - 2 * 16) & ~3;
  g_autoptr (Path) path = connected (&kind, 1435);
  guint64 n_packets;

  path_send (path, 0, 1000000, 65536);
  path_run (path, path->now_us + 2 * G_USEC_PER_SEC);
  n_packets = path->ends[0].carried_packets;
  path_send (path, 0, n_messages * 65536, 65536);
  path_run (path, path->now_us + 10 * G_USEC_PER_SEC);
  n_packets = path->ends[0].carried_packets - n_packets;
  g_test_message ("%" G_GUINT64_FORMAT " packets of %" G_GUINT64_FORMAT, n_packets,
                  n_messages * 65536 / n_full_bytes);
  assert_right (path);
  g_assert_cmpuint (n_packets * n_full_bytes * 1000, <=, n_messages * 65536 * 1003);
}

/* A burst in 2.5 ms, and an acknowledgement in as much: none comes between packets that
 * leave together, nor has them leave one by one. */
static void
test_few_bursts (void)
{
  const PathKind kind = { .delay_us = 10 * MS, .rate_bps = 12500000, .queue_bytes = 600000 };
  g_autoptr (Path) path = connected (&kind, 1435);
  guint64 before[2], bursts[2];

  /* Who never sent anything knows no round trip. */
  path_send (path, 1, 1000, 100);
  path_send (path, 0, G_MAXINT64, 65536);
  path_run (path, path->now_us + 2 * G_USEC_PER_SEC);
  for (guint i = 0; i < 2; i++)
    before[i] = path->ends[i].n_bursts;
  path_run (path, path->now_us + G_USEC_PER_SEC);
  for (guint i = 0; i < 2; i++)
    bursts[i] = path->ends[i].n_bursts - before[i];
  g_test_message ("%" G_GUINT64_FORMAT " bursts in a second, %" G_GUINT64_FORMAT
                  " acknowledgements",
                  bursts[0], bursts[1]);
  g_assert_cmpuint (bursts[0], <=, 600);
  g_assert_cmpuint (bursts[1], <=, 600);
}

static void
test_slow_line (void)
{
  const PathKind kind = { .delay_us = 150 * MS, .rate_bps = 8000, .queue_bytes = 16000 };
  g_autoptr (Path) path = connected (&kind, 1435);
  guint64 rate_bps;

  path_send (path, 0, G_MAXINT64, 16384);
  path_run (path, path->now_us + 20 * G_USEC_PER_SEC);
  rate_bps = rate_over (path, 60 * G_USEC_PER_SEC);
  g_test_message ("%" G_GUINT64_FORMAT " B/s of 8000 at 300 ms; %" G_GUINT64_FORMAT
                  " of %" G_GUINT64_FORMAT " dropped",
                  rate_bps, path->ends[0].dropped_packets, path->ends[0].carried_packets);
  g_assert_cmpuint (rate_bps, >=, 8000 * 70 / 100);
}

static gboolean
lose_first (Path *path, guint end, const guint8 *packet, gsize n_bytes)
{
  return end != 0;
}

/* One direction dies: who is not heard learns it from what is not acknowledged,
 * however much still comes. */
static void
test_one_direction (void)
{
  const PathKind kind = { .delay_us = 20 * MS, .rate_bps = 1000000, .queue_bytes = 100000 };
  g_autoptr (Path) path = connected (&kind, 1435);
  PstSctpFigures first;
  PstSctpFigures second;
  gint64 dead_us;

  path_send (path, 0, 3000, 1000);
  path_run (path, path->now_us + G_USEC_PER_SEC);
  pst_sctp_get_figures (path->ends[0].sctp, &first);
  g_assert_cmpint (first.unanswered_us, ==, 0);

  dead_us = path->now_us;
  path->filter = lose_first;
  for (guint i = 1; i <= 10; i++)
    {
      path_send (path, 0, 1000, 1000);
      path_send (path, 1, 1000, 1000);
      path_run (path, path->now_us + G_USEC_PER_SEC);
      pst_sctp_get_figures (path->ends[0].sctp, &first);
      g_assert_cmpint (first.unanswered_us, >=, dead_us);
      g_assert_cmpint (first.unanswered_us, <=, dead_us + 100 * MS);
    }
  g_assert_cmpint (first.came_us, >, dead_us);
  pst_sctp_get_figures (path->ends[1].sctp, &second);
  g_assert_cmpint (second.came_us, <=, dead_us);

  path->filter = NULL;
  path_run (path, path->now_us + 30 * G_USEC_PER_SEC);
  pst_sctp_get_figures (path->ends[0].sctp, &first);
  g_assert_cmpint (first.unanswered_us, ==, 0);
}

/* Pieces tell that a line lives, while one frame takes seconds. */
static void
test_slow_frame (void)
{
  const PathKind kind = { .delay_us = 50 * MS, .rate_bps = 8000, .queue_bytes = 16000 };
  g_autoptr (Path) path = connected (&kind, 1435);
  PstSctpFigures figures[2];

  path_send (path, 0, 3 * 65536, 65536);
  for (guint i = 0; i < 20; i++)
    {
      path_run (path, path->now_us + G_USEC_PER_SEC);
      pst_sctp_get_figures (path->ends[0].sctp, &figures[0]);
      pst_sctp_get_figures (path->ends[1].sctp, &figures[1]);
      g_assert_cmpint (path->now_us - figures[1].came_us, <=, 2 * G_USEC_PER_SEC);
      g_assert_cmpint (path->now_us - figures[0].unanswered_us, <=, 3 * G_USEC_PER_SEC);
    }
}

static void
test_two_share (void)
{
  const PathKind kind = { .delay_us = 20 * MS, .rate_bps = 6250000, .queue_bytes = 625000 };
  g_autoptr (Path) first = connected (&kind, 1435);
  g_autoptr (Path) second = connected (&kind, 1435);
  guint64 before[2];
  double share;

  second->now_us = first->now_us = MAX (first->now_us, second->now_us);
  path_share (first, second);
  path_send (first, 0, G_MAXINT64, 65536);
  path_run_two (first, second, first->now_us + 2 * G_USEC_PER_SEC);
  path_send (second, 0, G_MAXINT64, 65536);
  path_run_two (first, second, first->now_us + 6 * G_USEC_PER_SEC);
  before[0] = first->ends[1].came_bytes;
  before[1] = second->ends[1].came_bytes;
  path_run_two (first, second, first->now_us + 10 * G_USEC_PER_SEC);
  before[0] = first->ends[1].came_bytes - before[0];
  before[1] = second->ends[1].came_bytes - before[1];
  share = (double) before[0] / (double) (before[0] + before[1]);
  g_test_message ("%.2f and %.2f MB/s of 6.25: %.0f %%", (double) before[0] / 10e6,
                  (double) before[1] / 10e6, share * 100);
  g_assert_cmpuint (before[0] + before[1], >=, 10 * 6250000ull * 85 / 100);
  g_assert_cmpfloat (share, >=, 0.25);
  g_assert_cmpfloat (share, <=, 0.75);
}

/* A great many tiny messages: more pieces under way than can be told of. */
static void
test_tiny_flood (void)
{
  const PathKind kind = { .delay_us = 200 * MS };
  g_autoptr (Path) path = connected (&kind, 1435);

  path_send (path, 0, 400000, 1);
  g_assert_true (path_run_until_came (path, 1, 400000, 120 * G_USEC_PER_SEC));
  assert_right (path);
  g_assert_cmpuint (path->ends[0].sctp->out.n_slots, ==, 32768);
  /* It waited, and did not ask in vain what to do. */
  g_assert_cmpuint (path->n_turns, <, 100000);
}

static gsize
write_packet (PathEnd *end, guint8 *packet, gint64 now_us)
{
  return pst_sctp_write_packet (end->sctp, packet, PST_SCTP_MAX_MESSAGE_BYTES, now_us);
}

/* Who received acknowledges by himself, unless more should leave with it. */
static void
test_ack_alone (void)
{
  const PathKind kind = { .delay_us = 1 * MS };
  g_autoptr (Path) path = path_new (&kind, 1200);
  g_autoptr (GBytes) message = g_bytes_new_static ("hello", 5);
  PathEnd *a = &path->ends[0], *b = &path->ends[1];
  g_autofree guint8 *packet = g_malloc (PST_SCTP_MAX_MESSAGE_BYTES);
  gint64 now_us;
  gsize n;

  g_assert_cmpuint (pst_sctp_write_ack (b->sctp, packet, 1200, path->now_us), ==, 0);
  g_assert_true (path_connect (path));
  assert_settled (path);
  now_us = path->now_us;
  g_assert_cmpuint (pst_sctp_write_ack (b->sctp, packet, 1200, now_us), ==, 0);

  /* Nothing follows this one, so its sender asks for an acknowledgement. */
  for (guint with_data = 0; with_data < 2; with_data++)
    {
      pst_sctp_send (a->sctp, message, 0, 53, TRUE);
      n = write_packet (a, packet, now_us);
      g_assert_cmpuint (n, >, 0);
      pst_sctp_receive (b->sctp, packet, n, now_us);
      pst_sctp_end_burst (b->sctp, now_us);
      if (with_data)
        pst_sctp_send (b->sctp, message, 0, 53, TRUE);

      n = pst_sctp_write_ack (b->sctp, packet, 1200, now_us);
      g_assert_cmpint (n > 0, ==, !with_data);
      if (with_data)
        n = write_packet (b, packet, now_us);
      g_assert_cmpuint (pst_sctp_write_ack (b->sctp, packet + n, 1200, now_us), ==, 0);
      pst_sctp_receive (a->sctp, packet, n, now_us);
      g_assert_cmpuint (a->sctp->out.in_flight_bytes, ==, 0);
      g_assert_cmpuint (b->sctp->out.in_flight_bytes > 0, ==, with_data);
    }
}

/* Who puts messages in is woken when half is gone, so that he puts in several. */
static void
test_low (void)
{
  const PathKind kind = { .delay_us = 1 * MS };
  g_autoptr (Path) path = connected (&kind, 1200);
  g_autofree guint8 *bytes = g_malloc0 (PST_SCTP_READY_BYTES / 4);
  g_autoptr (GBytes) quarter = g_bytes_new_static (bytes, PST_SCTP_READY_BYTES / 4);
  PstSctp *sctp = path->ends[0].sctp;

  for (guint i = 0; i < 4; i++)
    {
      g_assert_true (pst_sctp_wants_more (sctp));
      g_assert_cmpint (pst_sctp_is_low (sctp), ==, i < 2);
      pst_sctp_send (sctp, quarter, 0, 53, TRUE);
    }
  g_assert_false (pst_sctp_wants_more (sctp) || pst_sctp_is_low (sctp));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sctp-transfer/sizes", test_sizes);
  g_test_add_func ("/sctp-transfer/each-size", test_each_size);
  g_test_add_func ("/sctp-transfer/troubles", test_troubles);
  g_test_add_func ("/sctp-transfer/black-hole", test_black_hole);
  g_test_add_func ("/sctp-transfer/cut", test_cut);
  g_test_add_func ("/sctp-transfer/round-trip-jumps", test_round_trip_jumps);
  g_test_add_func ("/sctp-transfer/rate-with-loss", test_rate_with_loss);
  g_test_add_func ("/sctp-transfer/rate-of-line", test_rate_of_line);
  g_test_add_func ("/sctp-transfer/full-packets", test_full_packets);
  g_test_add_func ("/sctp-transfer/few-bursts", test_few_bursts);
  g_test_add_func ("/sctp-transfer/slow-line", test_slow_line);
  g_test_add_func ("/sctp-transfer/one-direction", test_one_direction);
  g_test_add_func ("/sctp-transfer/slow-frame", test_slow_frame);
  g_test_add_func ("/sctp-transfer/two-share", test_two_share);
  g_test_add_func ("/sctp-transfer/tiny-flood", test_tiny_flood);
  g_test_add_func ("/sctp-transfer/ack-alone", test_ack_alone);
  g_test_add_func ("/sctp-transfer/low", test_low);
  return g_test_run ();
}
