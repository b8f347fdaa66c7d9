/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connection after connection in one process, each ended in another way: memory,
 * descriptors and threads stay where they were. */
#include <malloc.h>
#include <stdlib.h>

#include "pair-child.h"
#include "pair-traces.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED TRUE
#elif defined(__has_feature)
#define IS_SANITIZED (__has_feature (address_sanitizer) || __has_feature (thread_sanitizer))
#else
#define IS_SANITIZED FALSE
#endif

/* As many connections as the environment's PST_LINK_CONNECTIONS says. */
#define N_CONNECTIONS           60
#define N_CONNECTIONS_SANITIZED 14

/* For the allocator's moods, and for what GStreamer and libnice keep of each
 * connection (0.8 KiB was measured). */
#define MOST_GROWTH_BYTES       (4 * 1024 * 1024)
#define MOST_USED_BYTES         (512 * 1024)
#define MOST_USED_BYTES_OF_EACH (4 * 1024)

#define N_FRAMES 32

static void
on_frame_answer (PstPeer *peer, GBytes *frame)
{
  g_assert_true (pst_channel_send (PST_CHANNEL (peer), frame, NULL));
}

static void
use (void)
{
  Pair pair;

  pair_open (&pair);
  g_signal_connect (pair.answerer.peer, "frame", G_CALLBACK (on_frame_answer), NULL);
  pair_fill (pair.offerer.peer, N_FRAMES);
  pair_wait_for (pair.offerer.n_frames == N_FRAMES);
  pair_clear (&pair);
}

static void
end_full (void)
{
  Pair pair;

  pair_open (&pair);
  pair_fill (pair.offerer.peer, 200);
  pair_fill (pair.answerer.peer, 200);
  pair_wait_for (pair.answerer.n_frames > 0);
  pair_clear (&pair);
}

static void
end_just_started (void)
{
  Pair pair;

  pair_init_default (&pair);
  pair_join_signals (&pair);
  pair_start (&pair);
  pair_clear (&pair);
}

static void
end_securing (void)
{
  Pair pair;

  pair_init_default (&pair);
  pair_join_signals (&pair);
  pair_start (&pair);
  pair_wait_for (pst_peer_get_state (pair.offerer.peer) >= PST_PEER_SECURING);
  pair_clear (&pair);
}

static void
drop (void)
{
  Pair pair;

  pair_open (&pair);
  pair_fill (pair.answerer.peer, N_FRAMES);
  g_clear_object (&pair.offerer.peer);
  g_clear_object (&pair.answerer.peer);
  pair_clear (&pair);
}

/* Full towards a process that stands still. */
static void
end_stopped (void)
{
  PairChild child;
  Pair pair;

  pair_init_default (&pair);
  pair_child_spawn (&child, &pair.offerer, FALSE, 0);
  g_assert_true (pst_peer_start (pair.offerer.peer, NULL));
  pair_wait_for (pair.offerer.opened);
  pair_fill (pair.offerer.peer, 20);
  pair_child_stop (&child);
  pair_fill (pair.offerer.peer, 200);
  pair_close (pair.offerer.peer);
  pair_child_kill (&child);
  pair_clear (&pair);
}

/* Connections from number @first up to @end. */
static void
churn (guint first, guint end)
{
  static void (*const kinds[]) (void) = { use,          end_full, end_just_started,
                                          end_securing, drop,     end_stopped,
                                          use };

  for (guint i = first; i < end; i++)
    kinds[i % G_N_ELEMENTS (kinds)]();
}

static guint
get_n_connections (void)
{
  const char *knob = g_getenv ("PST_LINK_CONNECTIONS");

  if (knob != NULL)
    return strtoul (knob, NULL, 10);
  return IS_SANITIZED ? N_CONNECTIONS_SANITIZED : N_CONNECTIONS;
}

typedef struct
{
  gsize resident_bytes; /* without what the allocator keeps for later */
  gsize used_bytes;
} Memory;

static Memory
measure (const PairTraces *traces, guint n_connections)
{
  Memory memory;

  pair_traces_wait_for (traces);
  memory.resident_bytes = pair_get_resident_bytes ();
  memory.used_bytes = mallinfo2 ().uordblks;
  g_test_message ("after %u connections: %.1f MiB resident, %.2f MiB in use", n_connections,
                  memory.resident_bytes / 1048576.0, memory.used_bytes / 1048576.0);

  return memory;
}

static void
test_churn (void)
{
  guint n_connections = get_n_connections ();
  guint n_first = MIN (100, n_connections / 2);
  PairTraces traces;
  Memory before;
  Memory after;

  pair_traces_init (&traces);
  churn (0, n_first);
  before = measure (&traces, n_first);
  churn (n_first, n_connections);
  after = measure (&traces, n_connections);

  if (IS_SANITIZED)
    return;
  g_assert_cmpuint (after.resident_bytes, <=, before.resident_bytes + MOST_GROWTH_BYTES);
  g_assert_cmpuint (after.used_bytes, <=,
                    before.used_bytes + MOST_USED_BYTES
                        + MOST_USED_BYTES_OF_EACH * (n_connections - n_first));
}

int
main (int argc, char **argv)
{
  /* With one arena for each of many threads, each grows to its own peak first. */
  mallopt (M_ARENA_MAX, 1);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/peer/churn", test_churn);
  return g_test_run ();
}
