/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our elements against each other and against GStreamer's own. */
#include "dtls-duo.h"
#include "pst-fast.h"

typedef struct
{
  gboolean fast_client;
  gboolean fast_server;
} Kinds;

static const Kinds both_fast = { TRUE, TRUE };
static const Kinds stock_server = { TRUE, FALSE };
static const Kinds stock_client = { FALSE, TRUE };

#define PATIENCE_US (20 * G_USEC_PER_SEC)

/* One turn of a wait for another thread. */
static void
yield_until (gint64 deadline_us)
{
  g_assert_cmpint (g_get_monotonic_time (), <, deadline_us);
  g_thread_yield ();
}

static void
set_up (Duo *duo, gconstpointer data)
{
  const Kinds *kinds = data;

  duo_init (duo, kinds->fast_client, kinds->fast_server);
}

static void
tear_down (Duo *duo, gconstpointer data)
{
  duo_clear (duo);
}

static void
assert_same_pem (DuoSide *ours, DuoSide *theirs)
{
  g_autofree char *pem = NULL;
  g_autofree char *peer_pem = NULL;

  g_object_get (ours->decoder, "pem", &pem, NULL);
  g_object_get (theirs->decoder, "peer-pem", &peer_pem, NULL);
  g_assert_nonnull (pem);
  g_assert_cmpstr (pem, ==, peer_pem);
}

static void
pass_around (DuoSide *from, DuoSide *to)
{
  static const gsize sizes[] = { 1, 16, 1200, 1400, 8000, 15000, 16000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GstBufferList) list = duo_make_list (1, sizes[i]);
      GstBuffer *buffer = gst_buffer_list_get (list, 0);

      g_assert_cmpint (gst_pad_push (from->in, gst_buffer_ref (buffer)), ==, GST_FLOW_OK);
      duo_assert_arrives (to, sizes[i]);
      g_assert_cmpint (gst_pad_push_list (from->in, duo_make_list (100, sizes[i])), ==,
                       GST_FLOW_OK);
      for (guint k = 0; k < 100; k++)
        duo_assert_arrives (to, sizes[i]);
    }
}

static void
test_data (Duo *duo, gconstpointer data)
{
  duo_start (duo);
  duo_wait_connected (duo);
  assert_same_pem (&duo->sides[0], &duo->sides[1]);
  assert_same_pem (&duo->sides[1], &duo->sides[0]);
  pass_around (&duo->sides[0], &duo->sides[1]);
  pass_around (&duo->sides[1], &duo->sides[0]);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpint (g_atomic_int_get (&duo->sides[i].n_keys), ==, 1);
}

/* What webrtcbin asks for, even without media. */
static void
test_surface (Duo *duo, gconstpointer data)
{
  GstElement *encoder = duo->sides[0].encoder;
  GstElement *decoder = duo->sides[0].decoder;
  g_autoptr (GstPad) rtp = gst_element_request_pad_simple (encoder, "rtp_sink_0");
  g_autoptr (GstPad) rtcp = gst_element_request_pad_simple (encoder, "rtcp_sink_0");
  g_autoptr (GstPad) rtp_src = gst_element_get_static_pad (decoder, "rtp_src");
  g_autoptr (GstPad) rtcp_src = gst_element_get_static_pad (decoder, "rtcp_src");
  guint version = 1;
  gint state = -1;

  g_assert_nonnull (rtp);
  g_assert_nonnull (rtcp);
  g_assert_nonnull (rtp_src);
  g_assert_nonnull (rtcp_src);
  g_object_get (encoder, "dtls-version", &version, "connection-state", &state, NULL);
  g_assert_cmpuint (version, ==, 0);
  g_assert_cmpint (state, ==, 0);
  g_assert_true (pst_fast_use (TRUE, NULL));
}

static void
test_end_unconnected (Duo *duo, gconstpointer data)
{
  gst_element_unlink (duo->sides[0].encoder, duo->sides[0].queue);
  duo_start (duo);
}

static void
test_end_ready (Duo *duo, gconstpointer data)
{
  gst_element_set_state (duo->pipeline, GST_STATE_READY);
}

static guint
count_threads (const char *name)
{
  g_autoptr (GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);
  const char *task;
  guint n = 0;

  while ((task = g_dir_read_name (tasks)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", task, "comm", NULL);
      g_autofree char *comm = NULL;

      n += g_file_get_contents (path, &comm, NULL, NULL) && g_str_equal (g_strchomp (comm), name);
    }
  return n;
}

static void
wait_for_threads (guint n)
{
  gint64 deadline_us = g_get_monotonic_time () + PATIENCE_US;

  while (count_threads ("pst-dtls") != n)
    yield_until (deadline_us);
}

/* Nobody answers; then nobody asks any more. */
static void
test_end_unanswered (Duo *duo, gconstpointer data)
{
  gst_element_unlink (duo->sides[1].encoder, duo->sides[1].queue);
  wait_for_threads (0);
  duo_start (duo);
  wait_for_threads (2);
  gst_element_set_state (duo->pipeline, GST_STATE_NULL);
  wait_for_threads (0);
}

static void
test_threads (Duo *duo, gconstpointer data)
{
  duo_start (duo);
  duo_wait_connected (duo);
  wait_for_threads (0);
}

static void
test_end_connecting (Duo *duo, gconstpointer data)
{
  duo_start (duo);
}

static gpointer
send_until_refused (gpointer data)
{
  DuoSide *side = data;
  guint n = 0;

  while (gst_pad_push_list (side->in, duo_make_list (32, 1400)) == GST_FLOW_OK)
    n++;
  return GUINT_TO_POINTER (n);
}

/* Both sides send, from two threads each, as the connection goes. */
static void
test_end_busy (Duo *duo, gconstpointer data)
{
  GThread *threads[4];
  gint64 deadline_us = g_get_monotonic_time () + PATIENCE_US;
  guint n_sent[2] = { 0 };

  duo_start (duo);
  duo_wait_connected (duo);
  for (guint i = 0; i < 2; i++)
    g_atomic_int_set (&duo->sides[i].discard, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("sender", send_until_refused, &duo->sides[i % 2]);
  for (guint i = 0; i < 2; i++)
    while (g_atomic_int_get (&duo->sides[i].n_discarded) < 1000)
      yield_until (deadline_us);

  gst_element_set_state (duo->pipeline, GST_STATE_NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    n_sent[i % 2] += GPOINTER_TO_UINT (g_thread_join (threads[i]));
  g_assert_cmpuint (n_sent[0], >, 0);
  g_assert_cmpuint (n_sent[1], >, 0);
}

/* A wire that takes nothing, until it is told that this is over. */
typedef struct
{
  GMutex mutex;
  GCond cond;
  gboolean entered;
  gboolean open;
} Dam;

static GstFlowReturn
dam_chain_list (GstPad *pad, GstObject *parent, GstBufferList *list)
{
  Dam *dam = gst_pad_get_element_private (pad);

  g_mutex_lock (&dam->mutex);
  dam->entered = TRUE;
  g_cond_broadcast (&dam->cond);
  while (!dam->open)
    g_cond_wait (&dam->cond, &dam->mutex);
  g_mutex_unlock (&dam->mutex);
  gst_buffer_list_unref (list);
  return GST_FLOW_FLUSHING;
}

static gboolean
dam_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  gst_event_unref (event);
  return TRUE;
}

/* Not even the thread of the handshake, stuck on its way down, keeps an encoder
 * from going. */
static void
test_end_blocked (Duo *duo, gconstpointer data)
{
  GstElement *encoder = duo->sides[0].encoder;
  GstPad *pad = gst_object_ref_sink (gst_pad_new (NULL, GST_PAD_SINK));
  g_autoptr (GstPad) src = gst_element_get_static_pad (encoder, "src");
  Dam dam = { 0 };

  gst_element_unlink (encoder, duo->sides[0].queue);
  gst_pad_set_chain_list_function (pad, dam_chain_list);
  gst_pad_set_event_function (pad, dam_event);
  gst_pad_set_element_private (pad, &dam);
  gst_pad_set_active (pad, TRUE);
  g_assert_cmpint (gst_pad_link (src, pad), ==, GST_PAD_LINK_OK);
  duo_start (duo);

  g_mutex_lock (&dam.mutex);
  while (!dam.entered)
    g_cond_wait (&dam.cond, &dam.mutex);
  g_mutex_unlock (&dam.mutex);
  g_assert_cmpint (gst_element_set_state (encoder, GST_STATE_NULL), ==, GST_STATE_CHANGE_SUCCESS);

  g_mutex_lock (&dam.mutex);
  dam.open = TRUE;
  g_cond_broadcast (&dam.cond);
  g_mutex_unlock (&dam.mutex);
  /* Waits for the thread to leave. */
  gst_pad_set_active (pad, FALSE);
  gst_pad_unlink (src, pad);
  gst_object_unref (pad);
}

static void
on_finalized (gpointer data, GObject *object)
{
  g_atomic_int_set ((gint *)data, TRUE);
}

static void
test_nothing_stays (void)
{
  Duo duo;
  gint gone[2] = { FALSE, FALSE };
  gint64 deadline_us = g_get_monotonic_time () + PATIENCE_US;

  duo_init (&duo, TRUE, TRUE);
  g_object_weak_ref (G_OBJECT (duo.sides[0].encoder), on_finalized, &gone[0]);
  g_object_weak_ref (G_OBJECT (duo.sides[0].decoder), on_finalized, &gone[1]);
  duo_start (&duo);
  duo_wait_connected (&duo);
  duo_clear (&duo);
  for (guint i = 0; i < 2; i++)
    while (!g_atomic_int_get (&gone[i]))
      yield_until (deadline_us);
}

/* The end of the data is said to the other side. */
static void
test_eos (Duo *duo, gconstpointer data)
{
  gint state;

  duo_start (duo);
  duo_wait_connected (duo);
  gst_pad_push_event (duo->sides[0].in, gst_event_new_eos ());
  state = GPOINTER_TO_INT (g_async_queue_timeout_pop (duo->sides[1].states, PATIENCE_US)) - 1;
  g_assert_cmpint (state, ==, 1);
}

static void
test_flush (Duo *duo, gconstpointer data)
{
  GstSegment segment;

  duo_start (duo);
  duo_wait_connected (duo);
  gst_segment_init (&segment, GST_FORMAT_BYTES);
  gst_pad_push_event (duo->sides[0].in, gst_event_new_flush_start ());
  gst_pad_push_event (duo->sides[0].in, gst_event_new_flush_stop (FALSE));
  gst_pad_push_event (duo->sides[0].in, gst_event_new_segment (&segment));
  pass_around (&duo->sides[0], &duo->sides[1]);
}

#define ADD(path, kinds, function) \
  g_test_add ("/link/dtls-elements/" path, Duo, kinds, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  duo_load_factories ();

  ADD ("data/fast", &both_fast, test_data);
  ADD ("data/stock-server", &stock_server, test_data);
  ADD ("data/stock-client", &stock_client, test_data);
  ADD ("surface", &both_fast, test_surface);
  ADD ("end/null", &both_fast, test_end_ready);
  ADD ("end/unconnected", &both_fast, test_end_unconnected);
  ADD ("end/connecting", &both_fast, test_end_connecting);
  ADD ("end/unanswered", &both_fast, test_end_unanswered);
  ADD ("threads", &both_fast, test_threads);
  ADD ("end/busy", &both_fast, test_end_busy);
  ADD ("end/blocked", &both_fast, test_end_blocked);
  g_test_add_func ("/link/dtls-elements/end/nothing-stays", test_nothing_stays);
  ADD ("eos", &both_fast, test_eos);
  ADD ("eos-stock-server", &stock_server, test_eos);
  ADD ("flush", &both_fast, test_flush);

  return g_test_run ();
}
