/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From memory to memory between two processes: `bench-peer [MIB [MARK…]]` sends
 * MIB in frames of 64 KiB for each high mark in bytes, refilling from half of
 * it, and prints MB/s. */
#include <stdlib.h>
#include <sys/resource.h>

#include "pair-child.h"

typedef struct
{
  PstChannel *channel;
  GBytes *frame;
  guint64 left_bytes;
  guint64 high_mark_bytes;
  guint64 n_full;
} Bench;

static void
pump (PstChannel *channel, Bench *bench)
{
  while (bench->left_bytes > 0)
    {
      if (pst_channel_get_buffered_amount (channel) + PST_CHANNEL_MAX_FRAME_BYTES
          > bench->high_mark_bytes)
        {
          bench->n_full++;
          return;
        }
      g_assert_true (pst_channel_send (channel, bench->frame, NULL));
      bench->left_bytes -= PST_CHANNEL_MAX_FRAME_BYTES;
    }
}

static void
run (guint64 total_bytes, guint64 high_mark_bytes)
{
  Bench bench = { .left_bytes = total_bytes, .high_mark_bytes = high_mark_bytes };
  g_autoptr (GBytes) frame = g_bytes_new_take (g_malloc0 (PST_CHANNEL_MAX_FRAME_BYTES),
                                               PST_CHANNEL_MAX_FRAME_BYTES);
  struct rusage usage;
  PairChild child;
  Pair pair;
  gint64 start_us;
  double seconds;

  bench.frame = frame;
  pair_init_default (&pair);
  pair_child_spawn (&child, &pair.offerer, FALSE, total_bytes);
  g_assert_true (pst_peer_start (pair.offerer.peer, NULL));
  pair_wait_for (pair.offerer.opened);

  bench.channel = PST_CHANNEL (pair.offerer.peer);
  pst_channel_set_low_mark (bench.channel, high_mark_bytes / 2);
  g_signal_connect (bench.channel, "buffered-amount-low", G_CALLBACK (pump), &bench);
  start_us = g_get_monotonic_time ();
  pump (bench.channel, &bench);
  while (pair.offerer.n_frames == 0 && pair.offerer.closed == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_no_error (pair.offerer.closed);
  seconds = (double) (g_get_monotonic_time () - start_us) / G_USEC_PER_SEC;

  getrusage (RUSAGE_SELF, &usage);
  g_print ("high mark %7" G_GUINT64_FORMAT " bytes: %6.1f MB/s (full %" G_GUINT64_FORMAT
           " times, sender's peak memory %ld MB)\n",
           high_mark_bytes, (double) total_bytes / 1e6 / seconds, bench.n_full,
           usage.ru_maxrss / 1024);
  pair_child_kill (&child);
  pair_clear (&pair);
}

int
main (int argc, char **argv)
{
  static const guint64 marks_bytes[] = { 256 * 1024, 512 * 1024, 1024 * 1024, 2048 * 1024 };
  guint64 total_bytes;

  g_test_init (&argc, &argv, NULL);
  total_bytes = (argc > 1 ? g_ascii_strtoull (argv[1], NULL, 10) : 256) * 1024 * 1024;
  for (int i = 2; i < argc; i++)
    run (total_bytes, g_ascii_strtoull (argv[i], NULL, 10));
  for (guint i = 0; argc <= 2 && i < G_N_ELEMENTS (marks_bytes); i++)
    run (total_bytes, marks_bytes[i]);
  return 0;
}
