/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of connections: in every state, soon, and without a trace. */
#include <stdlib.h>

#include "pair-attack.h"
#include "pair-child.h"
#include "pair-traces.h"
#include "pst-error.h"
#include "pst-peer-private.h"
#include "pst-pipeline-private.h"

static void
set_up (PairTraces *traces, gconstpointer data)
{
  pair_traces_init (traces);
}

static void
tear_down (PairTraces *traces, gconstpointer data)
{
  pair_traces_wait_for (traces);
}

static void
test_twenty (PairTraces *traces, gconstpointer data)
{
  for (guint i = 0; i < 20; i++)
    {
      Pair pair;

      pair_open (&pair);
      pair_clear (&pair);
    }
}

static void
test_never_started (PairTraces *traces, gconstpointer data)
{
  Pair pair;

  pair_init_default (&pair);
  pair_clear (&pair);
}

static void
test_just_started (PairTraces *traces, gconstpointer data)
{
  Pair pair;

  pair_init_default (&pair);
  pair_join_signals (&pair);
  pair_start (&pair);
  pair_clear (&pair);
}

static void
count_closed (GObject *source, GAsyncResult *result, gpointer n_closed)
{
  g_assert_true (pst_peer_close_finish (PST_PEER (source), result, NULL));
  ++*(guint *) n_closed;
}

/* Closes as soon as a state is reached, from inside the notification. */
typedef struct
{
  PstPeerState state;
  guint n_closed;
} CloseAt;

static void
close_at (PstPeer *peer, GParamSpec *pspec, CloseAt *at)
{
  if (pst_peer_get_state (peer) == at->state)
    pst_peer_close_async (peer, count_closed, &at->n_closed);
}

static void
test_at_state (PairTraces *traces, gconstpointer data)
{
  CloseAt at = { GPOINTER_TO_INT (data), 0 };
  Pair pair;

  pair_init_default (&pair);
  pair_join_signals (&pair);
  g_signal_connect (pair.offerer.peer, "notify::state", G_CALLBACK (close_at), &at);
  pair_start (&pair);
  pair_wait_for (at.n_closed == 1);
  g_assert_cmpint (pst_peer_get_state (pair.offerer.peer), ==, PST_PEER_CLOSED);
  /* A close of one's own is not news. */
  g_assert_null (pair.offerer.closed);
  pair_clear (&pair);
}

static void
close_on_signal (PstPeer *peer, JsonObject *message, CloseAt *at)
{
  pst_peer_close_async (peer, count_closed, &at->n_closed);
}

static void
test_in_signal (PairTraces *traces, gconstpointer data)
{
  CloseAt at = { 0 };
  Pair pair;

  pair_init_default (&pair);
  g_signal_connect (pair.offerer.peer, "signal", G_CALLBACK (close_on_signal), &at);
  pair_start (&pair);
  pair_wait_for (at.n_closed == 1);
  pair_clear (&pair);
}

static void
close_on_frame (PstPeer *peer, GBytes *frame, CloseAt *at)
{
  pst_peer_close_async (peer, count_closed, &at->n_closed);
}

/* Nothing follows the close, though more frames are queued. */
static void
test_in_frame (PairTraces *traces, gconstpointer data)
{
  g_autoptr (GBytes) frame = g_bytes_new_static ("x", 1);
  CloseAt at = { 0 };
  Pair pair;

  pair_open (&pair);
  g_signal_connect (pair.answerer.peer, "frame", G_CALLBACK (close_on_frame), &at);
  for (guint i = 0; i < 100; i++)
    pst_channel_send (PST_CHANNEL (pair.offerer.peer), frame, NULL);
  pair_wait_for (at.n_closed == 1);
  g_assert_cmpuint (pair.answerer.n_frames, ==, 1);
  pair_clear (&pair);
}

static void
test_twice (PairTraces *traces, gconstpointer data)
{
  guint n_closed = 0;
  Pair pair;

  pair_open (&pair);
  pst_peer_close_async (pair.offerer.peer, count_closed, &n_closed);
  pst_peer_close_async (pair.offerer.peer, count_closed, &n_closed);
  pst_peer_close_async (pair.offerer.peer, NULL, NULL);
  pair_wait_for (n_closed == 2);
  pst_peer_close_async (pair.offerer.peer, count_closed, &n_closed);
  pair_wait_for (n_closed == 3);
  pair_clear (&pair);
}

/* Let go of without a close. */
static void
test_dropped (PairTraces *traces, gconstpointer data)
{
  Pair pair;

  if (GPOINTER_TO_INT (data) == PST_PEER_OPEN)
    pair_open (&pair);
  else
    pair_init_default (&pair);
  if (GPOINTER_TO_INT (data) == PST_PEER_CONNECTING)
    pair_start (&pair);
  g_clear_object (&pair.offerer.peer);
  g_clear_object (&pair.answerer.peer);
  pair_clear (&pair);
}

static void
test_full_buffer (PairTraces *traces, gconstpointer data)
{
  Pair pair;

  pair_open (&pair);
  pair_fill (pair.offerer.peer, 200);
  pair_clear (&pair);
}

/* From the close on; what the peer promises, and some for a busy machine. */
static void
assert_close_in_time (PstPeer *peer, const PairTraces *traces)
{
  const PairTraces threads = { .n_threads = traces->n_threads, .n_files = G_MAXUINT };
  gint64 start_us = g_get_monotonic_time ();
  gint64 closed_us;
  gint64 gone_us;

  pair_close (peer);
  closed_us = g_get_monotonic_time () - start_us;
  pair_traces_wait_for (&threads);
  gone_us = g_get_monotonic_time () - start_us;
  g_test_message ("closed after %.3f s, threads gone after %.3f s", closed_us / 1e6, gone_us / 1e6);
  g_assert_cmpint (closed_us, <, 3 * G_USEC_PER_SEC);
  g_assert_cmpint (gone_us, <, 3 * G_USEC_PER_SEC);
}

/* The other process stands still with everything full. Not only does the
 * close report in time: all threads are gone. */
static void
test_stopped_other_side (PairTraces *traces, gconstpointer data)
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
  assert_close_in_time (pair.offerer.peer, traces);

  pair_child_kill (&child);
  pair_clear (&pair);
}

/* A process that is gone sends no farewell. Whatever the transports report of
 * it, closing stays as simple as ever. */
static void
test_killed_other_side (PairTraces *traces, gconstpointer data)
{
  PairChild child;
  Pair pair;

  pair_init_default (&pair);
  pair_child_spawn (&child, &pair.offerer, FALSE, 0);
  g_assert_true (pst_peer_start (pair.offerer.peer, NULL));
  pair_wait_for (pair.offerer.opened);
  pair_fill (pair.offerer.peer, 100);
  pair_child_kill (&child);
  pair_clear (&pair);
}

/* The threads of a connection hang, and its owner ends the program. */
static void
end_while_threads_hang (void)
{
  g_autoptr (GstIterator) iterator = NULL;
  GValue item = G_VALUE_INIT;
  GstPad *pad;
  Pair pair;

  /* Stands for libraries that clean up behind themselves, with threads in them. */
  g_assert_cmpint (atexit (abort), ==, 0);
  pair_open (&pair);
  iterator = gst_bin_iterate_all_by_element_factory_name (
      GST_BIN (pair.offerer.peer->pipeline->webrtc), "sctpdec");
  g_assert_cmpint (gst_iterator_next (iterator, &item), ==, GST_ITERATOR_OK);
  pad = gst_element_get_static_pad (g_value_get_object (&item), "sink");
  GST_PAD_STREAM_LOCK (pad);
  pair_close (pair.offerer.peer);
  exit (0);
}

static void
test_end_of_program (PairTraces *traces, gconstpointer data)
{
  if (g_test_subprocess ())
    {
      end_while_threads_hang ();
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
}

#define ADD(name, data, func) \
  g_test_add ("/close/" name, PairTraces, GINT_TO_POINTER (data), set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* Those who are counted: newer versions of GLib keep more for 15 seconds. */
  g_thread_pool_set_max_unused_threads (2);
  ADD ("never-started", 0, test_never_started);
  ADD ("just-started", 0, test_just_started);
  ADD ("at-connecting", PST_PEER_CONNECTING, test_at_state);
  ADD ("at-securing", PST_PEER_SECURING, test_at_state);
  ADD ("at-open", PST_PEER_OPEN, test_at_state);
  ADD ("in-signal", 0, test_in_signal);
  ADD ("in-frame", 0, test_in_frame);
  ADD ("twice", 0, test_twice);
  ADD ("dropped-new", PST_PEER_NEW, test_dropped);
  ADD ("dropped-connecting", PST_PEER_CONNECTING, test_dropped);
  ADD ("dropped-open", PST_PEER_OPEN, test_dropped);
  ADD ("full-buffer", 0, test_full_buffer);
  ADD ("stopped-other-side", 0, test_stopped_other_side);
  ADD ("killed-other-side", 0, test_killed_other_side);
  ADD ("end-of-program", 0, test_end_of_program);
  ADD ("twenty", 0, test_twenty);
  return g_test_run ();
}
