/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How associations begin, whatever the path does to their first packets. */
#include "pst-sctp-private.h"
#include "sctp-path.h"

#define DELAY_US 20000

static guint8
type_of (const guint8 *packet, gsize n_bytes)
{
  g_assert_cmpuint (n_bytes, >=, PST_SCTP_PACKET_HEADER_BYTES + PST_SCTP_CHUNK_HEADER_BYTES);
  return packet[PST_SCTP_PACKET_HEADER_BYTES];
}

/* Data flows both ways, so that nothing is half open. */
static void
assert_exchange (Path *path)
{
  for (guint i = 0; i < 2; i++)
    path_send (path, i, 10000, 1000);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (path_run_until_came (path, i, 10000, 10 * G_USEC_PER_SEC));
      g_assert_false (path->ends[i].came_wrong);
    }
}

static void
assert_works (Path *path)
{
  assert_exchange (path);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (path->ends[i].sctp->peer_is_penstock);
      g_assert_true (path->ends[i].sctp->zero_checksum);
    }
}

static void
test_at_once (void)
{
  const PathKind kind = { .delay_us = DELAY_US };
  g_autoptr (Path) path = path_new (&kind, 1435);
  gint64 start_us = path->now_us;

  for (guint i = 0; i < 2; i++)
    pst_sctp_connect (path->ends[i].sctp, start_us);
  /* Three ways: INIT crosses INIT, then INIT ACK, then COOKIE ECHO. */
  path_run (path, start_us + 3 * DELAY_US - 1);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpint (pst_sctp_get_state (path->ends[i].sctp), ==, PST_SCTP_STATE_COOKIE_ECHOED);
  path_run (path, start_us + 3 * DELAY_US + 1);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpint (pst_sctp_get_state (path->ends[i].sctp), ==, PST_SCTP_STATE_ESTABLISHED);
  assert_works (path);
}

/* Only one side knows that the other one is there. */
static void
test_late_side (void)
{
  const PathKind kind = { .delay_us = DELAY_US };
  g_autoptr (Path) path = path_new (&kind, 1435);

  pst_sctp_connect (path->ends[0].sctp, path->now_us);
  path_run (path, path->now_us + 5 * G_USEC_PER_SEC);
  g_assert_cmpint (pst_sctp_get_state (path->ends[0].sctp), ==, PST_SCTP_STATE_COOKIE_WAIT);
  g_assert_cmpint (pst_sctp_get_state (path->ends[1].sctp), ==, PST_SCTP_STATE_NEW);
  pst_sctp_connect (path->ends[1].sctp, path->now_us);
  assert_works (path);
}

/* In low bits of the path's number, which types an end loses; above, how many. */
typedef struct
{
  guint8 type;
  guint end;
  guint n_left;
} Loss;

static Loss loss;

static gboolean
drop_some (Path *path, guint end, const guint8 *packet, gsize n_bytes)
{
  if (type_of (packet, n_bytes) != loss.type || (loss.end != 2 && loss.end != end)
      || loss.n_left == 0)
    return TRUE;
  loss.n_left--;
  return FALSE;
}

/* Each message of the handshake lost, of one side or both, once and several times. */
static void
test_lost (void)
{
  static const guint8 types[] = { PST_SCTP_INIT, PST_SCTP_INIT_ACK, PST_SCTP_COOKIE_ECHO,
                                  PST_SCTP_COOKIE_ACK };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    for (guint end = 0; end < 3; end++)
      for (guint n = 1; n <= 6; n++)
        {
          const PathKind kind = { .delay_us = DELAY_US };
          g_autoptr (Path) path = path_new (&kind, 1435);

          loss = (Loss){ .type = types[i], .end = end, .n_left = n };
          path->filter = drop_some;
          g_assert_true (path_connect (path));
          assert_works (path);
        }
}

/* Only one side asks, since the INIT of the other one never comes. */
static void
test_one_asks (void)
{
  const PathKind kind = { .delay_us = DELAY_US };
  g_autoptr (Path) path = path_new (&kind, 1435);

  loss = (Loss){ .type = PST_SCTP_INIT, .end = 1, .n_left = G_MAXUINT };
  path->filter = drop_some;
  g_assert_true (path_connect (path));
  assert_works (path);
}

static void
test_bad_paths (void)
{
  for (guint seed = 0; seed < 50; seed++)
    {
      const PathKind kind = {
        .delay_us = DELAY_US, .loss = 0.2, .duplication = 0.3, .reordering = 0.3, .corruption = 0.1
      };
      /* No probes: they have no checksum, as nothing is changed below DTLS. */
      g_autoptr (Path) path = path_new (&kind, PST_SCTP_BASE_PACKET_BYTES);

      g_rand_set_seed (path->random, seed);
      g_assert_true (path_connect (path));
      path->kind = (PathKind){ .delay_us = DELAY_US };
      assert_exchange (path);
    }
}

/* Packets of the handshake come again, much later: nothing begins anew. */
static GPtrArray *old_packets;

static gboolean
keep_all (Path *path, guint end, const guint8 *packet, gsize n_bytes)
{
  if (end == 0)
    g_ptr_array_add (old_packets, g_bytes_new (packet, n_bytes));
  return TRUE;
}

static void
test_replayed (void)
{
  const PathKind kind = { .delay_us = DELAY_US };
  g_autoptr (Path) path = path_new (&kind, 1435);
  g_autoptr (GPtrArray) packets = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  old_packets = packets;
  path->filter = keep_all;
  g_assert_true (path_connect (path));
  path_send (path, 0, 5000, 1000);
  g_assert_true (path_run_until_came (path, 1, 5000, G_USEC_PER_SEC));
  path->filter = NULL;
  for (guint i = 0; i < packets->len; i++)
    pst_sctp_receive (path->ends[1].sctp, g_bytes_get_data (packets->pdata[i], NULL),
                      g_bytes_get_size (packets->pdata[i]), path->now_us);
  g_assert_cmpint (pst_sctp_get_state (path->ends[1].sctp), ==, PST_SCTP_STATE_ESTABLISHED);
  g_assert_null (pst_sctp_take_message (path->ends[1].sctp));
  assert_works (path);
}

/* Both numbers at their end, and what stands on them. */
static void
test_numbers_wrap (void)
{
  for (guint32 before = 0; before < 4; before++)
    {
      const PathKind kind = { .delay_us = DELAY_US, .loss = 0.02, .reordering = 0.02 };
      g_autoptr (Path) path = path_new (&kind, 1435);

      path_set_first_tsn (path, 0, G_MAXUINT32 - before * 100);
      path_set_first_tsn (path, 1, G_MAXINT32 - before * 100);
      path->ends[0].sctp->out.next_packet = path->ends[0].sctp->out.first_packet = (guint64)
                                                                                       G_MAXUINT32
                                                                                   - before * 50;
      g_assert_true (path_connect (path));
      for (guint i = 0; i < 2; i++)
        path_send (path, i, 600000, 1000);
      for (guint i = 0; i < 2; i++)
        {
          g_assert_true (path_run_until_came (path, i, 600000, 60 * G_USEC_PER_SEC));
          g_assert_false (path->ends[i].came_wrong);
        }
      g_assert_cmpuint (path->ends[0].sctp->out.acked_tsn, <, 10000);
    }
}

/* More messages than the number of a stream's messages counts. */
static void
test_stream_number_wraps (void)
{
  const PathKind kind = { .delay_us = 1000, .loss = 0.001 };
  g_autoptr (Path) path = path_new (&kind, 1435);

  g_assert_true (path_connect (path));
  path_send (path, 0, 70000, 1);
  g_assert_true (path_run_until_came (path, 1, 70000, 60 * G_USEC_PER_SEC));
  g_assert_cmpuint (path->ends[1].came_messages, ==, 70000);
  g_assert_false (path->ends[1].came_wrong);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sctp-setup/at-once", test_at_once);
  g_test_add_func ("/sctp-setup/late-side", test_late_side);
  g_test_add_func ("/sctp-setup/lost", test_lost);
  g_test_add_func ("/sctp-setup/one-asks", test_one_asks);
  g_test_add_func ("/sctp-setup/bad-paths", test_bad_paths);
  g_test_add_func ("/sctp-setup/replayed", test_replayed);
  g_test_add_func ("/sctp-setup/numbers-wrap", test_numbers_wrap);
  g_test_add_func ("/sctp-setup/stream-number-wraps", test_stream_number_wraps);
  return g_test_run ();
}
