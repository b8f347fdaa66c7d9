/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our SCTP elements against each other and against GStreamer's own. */
#include "pst-sctp-elements.h"
#include "sctp-duo.h"

typedef struct
{
  gboolean fast[2];
} Kinds;

static const Kinds both_fast = { { TRUE, TRUE } };
static const Kinds second_stock = { { TRUE, FALSE } };
static const Kinds first_stock = { { FALSE, TRUE } };

/* Longer than any end may take, shorter than a patience for a thread that hangs. */
#define END_TIMEOUT_S 20
#define N_ROUNDS      100

static void
set_up (SctpDuo *duo, gconstpointer data)
{
  const Kinds *kinds = data;

  sctp_duo_init (duo, kinds->fast[0], kinds->fast[1]);
}

static void
tear_down (SctpDuo *duo, gconstpointer data)
{
  gint64 start_us = g_get_monotonic_time ();

  sctp_duo_clear (duo);
  g_assert_cmpint (g_get_monotonic_time () - start_us, <, END_TIMEOUT_S * G_USEC_PER_SEC);
}

static void
open_both (SctpDuo *duo)
{
  sctp_duo_start (duo);
  sctp_duo_wait_established (duo);
  for (guint i = 0; i < 2; i++)
    sctp_duo_open (&duo->sides[i], 0);
}

static gsize
size_of (guint number)
{
  static const gsize sizes[] = { 1,    2,    3,     4,     100,   1000,  1156, 1157,
                                 1158, 1171, 1172,  1173,  1184,  1200,  1400, 2000,
                                 4096, 8191, 16384, 16385, 32767, 65535, 65536 };

  return number < G_N_ELEMENTS (sizes) ? sizes[number] : 1 + number * 7919 % 20000;
}

typedef struct
{
  SctpSide *side;
  guint n_messages;
} Sender;

static gpointer
send_all (gpointer data)
{
  Sender *sender = data;

  for (guint i = 0; i < sender->n_messages; i++)
    g_assert_cmpint (sctp_duo_send (sender->side, i, size_of (i)), ==, GST_FLOW_OK);
  return NULL;
}

static void
test_data (SctpDuo *duo, gconstpointer data)
{
  Sender senders[2];
  GThread *threads[2];

  open_both (duo);
  for (guint i = 0; i < 2; i++)
    {
      senders[i] = (Sender){ &duo->sides[i], 300 };
      threads[i] = g_thread_new ("sender", send_all, &senders[i]);
    }
  for (guint i = 0; i < 2; i++)
    for (guint n = 0; n < senders[1 - i].n_messages; n++)
      sctp_duo_assert_came (&duo->sides[i], n, size_of (n));
  for (guint i = 0; i < 2; i++)
    {
      g_thread_join (threads[i]);
      g_assert_cmpuint (duo->sides[i].n_established, ==, 1);
      g_assert_cmpuint (duo->sides[i].n_over, ==, 0);
    }
}

static GstPadProbeReturn
count (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  g_atomic_int_inc ((gint *) user_data);
  return GST_PAD_PROBE_OK;
}

/* The sending thread pushes lists; while it sleeps, who received pushes the
 * acknowledgement. */
static void
test_ack (SctpDuo *duo, gconstpointer data)
{
  g_autoptr (GstPad) src = gst_element_get_static_pad (duo->sides[1].encoder, "src");
  gint64 until_us = g_get_monotonic_time () + DUO_TIMEOUT_S * G_USEC_PER_SEC;
  gint n_acks = 0;

  open_both (duo);
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_BUFFER, count, &n_acks, NULL);
  for (guint i = 0; g_atomic_int_get (&n_acks) == 0 && g_get_monotonic_time () < until_us; i++)
    {
      g_assert_cmpint (sctp_duo_send (&duo->sides[0], i, 65536), ==, GST_FLOW_OK);
      sctp_duo_assert_came (&duo->sides[1], i, 65536);
    }
  g_assert_cmpint (g_atomic_int_get (&n_acks), >, 0);
}

/* What webrtcbin asks for. */
static void
test_surface (SctpDuo *duo, gconstpointer data)
{
  SctpSide *side = &duo->sides[0];
  guint64 sent_bytes = 0;
  guint id = 0;

  g_object_get (side->encoder, "sctp-association-id", &id, NULL);
  g_assert_cmpuint (id, >=, 1000);
  g_object_set (side->decoder, "automatic-association-id", TRUE, NULL);
  g_object_get (side->decoder, "sctp-association-id", &id, NULL);
  g_assert_cmpuint (id, >=, 0x10000);
  g_object_get (side->encoder, "sctp-association-id", &id, NULL);
  g_object_set (side->decoder, "sctp-association-id", id, NULL);
  open_both (duo);
  g_signal_emit_by_name (side->encoder, "bytes-sent", 0, &sent_bytes);
  g_assert_cmpuint (sent_bytes, ==, 0);
  g_assert_cmpint (sctp_duo_send (side, 1, 1234), ==, GST_FLOW_OK);
  sctp_duo_assert_came (&duo->sides[1], 1, 1234);
  g_signal_emit_by_name (side->encoder, "bytes-sent", 0, &sent_bytes);
  g_assert_cmpuint (sent_bytes, ==, 1234);
  g_signal_emit_by_name (side->decoder, "reset-stream", 0);
  g_assert_null (gst_element_request_pad_simple (side->encoder, "sink_70000"));
}

static void
test_end_null (SctpDuo *duo, gconstpointer data)
{
}

static void
test_end_ready (SctpDuo *duo, gconstpointer data)
{
  gst_element_set_state (duo->pipeline, GST_STATE_READY);
}

static void
test_end_paused (SctpDuo *duo, gconstpointer data)
{
  gst_element_set_state (duo->pipeline, GST_STATE_PAUSED);
}

static void
test_end_beginning (SctpDuo *duo, gconstpointer data)
{
  sctp_duo_start (duo);
}

static void
test_end_alone (SctpDuo *duo, gconstpointer data)
{
  gst_element_unlink (duo->sides[0].encoder, duo->sides[1].decoder);
  gst_element_set_state (duo->sides[1].encoder, GST_STATE_NULL);
  gst_element_set_locked_state (duo->sides[1].encoder, TRUE);
  sctp_duo_start (duo);
  /* Nobody answers: a message waits until the end. */
  sctp_duo_open (&duo->sides[0], 0);
}

static void
test_end_established (SctpDuo *duo, gconstpointer data)
{
  sctp_duo_start (duo);
  sctp_duo_wait_established (duo);
}

typedef struct
{
  SctpSide *side;
  GstFlowReturn result;
} Flood;

static gpointer
flood (gpointer data)
{
  Flood *self = data;

  while ((self->result = sctp_duo_send (self->side, 0, 65536)) == GST_FLOW_OK)
    ;
  return NULL;
}

static GstPadProbeReturn
block (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  g_atomic_int_set ((gint *) user_data, 1);
  return GST_PAD_PROBE_OK;
}

/* The encoder's thread stands still in its pad, a sender in its buffer. */
static void
test_end_blocked (SctpDuo *duo, gconstpointer data)
{
  g_autoptr (GstPad) src = gst_element_get_static_pad (duo->sides[0].encoder, "src");
  Flood self = { &duo->sides[0], GST_FLOW_OK };
  gint blocked = 0;
  GThread *thread;

  open_both (duo);
  gst_pad_add_probe (src,
                     GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM | GST_PAD_PROBE_TYPE_BUFFER
                         | GST_PAD_PROBE_TYPE_BUFFER_LIST,
                     block, &blocked, NULL);
  thread = g_thread_new ("flood", flood, &self);
  sctp_duo_wait_full (&duo->sides[0]);
  g_assert_cmpint (g_atomic_int_get (&blocked), ==, 1);
  gst_element_set_state (duo->pipeline, GST_STATE_NULL);
  g_thread_join (thread);
  g_assert_cmpint (self.result, ==, GST_FLOW_FLUSHING);
}

/* The receiver takes nothing: the sender waits, and ends all the same. */
static void
test_end_full (SctpDuo *duo, gconstpointer data)
{
  Flood self = { &duo->sides[0], GST_FLOW_OK };
  GThread *thread;

  open_both (duo);
  sctp_duo_hold (&duo->sides[1], TRUE);
  thread = g_thread_new ("flood", flood, &self);
  sctp_duo_wait_full (&duo->sides[0]);
  gst_element_set_state (duo->sides[0].encoder, GST_STATE_NULL);
  gst_element_set_locked_state (duo->sides[0].encoder, TRUE);
  g_thread_join (thread);
  g_assert_cmpint (self.result, ==, GST_FLOW_FLUSHING);
  sctp_duo_hold (&duo->sides[1], FALSE);
}

/* The channel goes while a sender waits in it. */
static void
test_end_of_pad (SctpDuo *duo, gconstpointer data)
{
  g_autoptr (GstPad) sink = NULL;
  Flood self = { &duo->sides[0], GST_FLOW_OK };
  GThread *thread;

  open_both (duo);
  sctp_duo_hold (&duo->sides[1], TRUE);
  thread = g_thread_new ("flood", flood, &self);
  sctp_duo_wait_full (&duo->sides[0]);
  sink = gst_pad_get_peer (duo->sides[0].in);
  gst_element_release_request_pad (duo->sides[0].encoder, sink);
  g_thread_join (thread);
  g_assert_cmpint (self.result, !=, GST_FLOW_OK);
  g_clear_pointer (&duo->sides[0].in, gst_object_unref);
  sctp_duo_hold (&duo->sides[1], FALSE);
}

static gpointer
turn_knobs (gpointer data)
{
  SctpDuo *duo = data;

  for (guint i = 0; i < 2000; i++)
    {
      PstSctpFigures figures;
      SctpSide *side = &duo->sides[i % 2];
      g_autoptr (GstPad) src = gst_element_get_static_pad (side->encoder, "src");

      g_object_set (side->encoder, "most-packet-bytes", 1200 + i % 2 * 200, NULL);
      g_object_set (side->encoder, "remote-sctp-port", 5000, NULL);
      g_object_set (side->decoder, "local-sctp-port", 5000, NULL);
      pst_sctp_enc_get_figures (PST_SCTP_ENC (side->encoder), &figures);
    }
  return NULL;
}

/* Others look at it, and change it, while it stops and begins anew. */
static void
test_knobs (SctpDuo *duo, gconstpointer data)
{
  GThread *thread = g_thread_new ("knobs", turn_knobs, duo);

  for (guint i = 0; i < 20; i++)
    {
      sctp_duo_start (duo);
      gst_element_set_state (duo->pipeline, GST_STATE_READY);
    }
  g_thread_join (thread);
}

static guint
count_threads (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_many_times (void)
{
  guint before = 0;
  guint after;

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      SctpDuo duo;

      sctp_duo_init (&duo, TRUE, TRUE);
      open_both (&duo);
      sctp_duo_send (&duo.sides[0], 0, 1000);
      sctp_duo_assert_came (&duo.sides[1], 0, 1000);
      sctp_duo_clear (&duo);
      if (i == 5)
        before = count_threads ();
    }
  gst_task_cleanup_all ();
  after = count_threads ();
  /* GLib's pool keeps a few, now more, now less; a thread lost each time would be many. */
  g_assert_cmpuint (after, <, before + N_ROUNDS / 10);
}

int
main (int argc, char **argv)
{
  const struct
  {
    const char *name;
    const Kinds *kinds;
    void (*test) (SctpDuo *, gconstpointer);
  } tests[] = {
    { "data/fast-fast", &both_fast, test_data },
    { "data/fast-stock", &second_stock, test_data },
    { "data/stock-fast", &first_stock, test_data },
    { "ack", &both_fast, test_ack },
    { "surface", &both_fast, test_surface },
    { "end/null", &both_fast, test_end_null },
    { "end/ready", &both_fast, test_end_ready },
    { "end/paused", &both_fast, test_end_paused },
    { "end/beginning", &both_fast, test_end_beginning },
    { "end/alone", &both_fast, test_end_alone },
    { "end/established", &both_fast, test_end_established },
    { "end/blocked", &both_fast, test_end_blocked },
    { "end/full", &both_fast, test_end_full },
    { "end/of-pad", &both_fast, test_end_of_pad },
    { "knobs", &both_fast, test_knobs },
  };

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/sctp-elements/", tests[i].name, NULL);

      g_test_add_vtable (path, sizeof (SctpDuo), tests[i].kinds, (GTestFixtureFunc) set_up,
                         (GTestFixtureFunc) tests[i].test, (GTestFixtureFunc) tear_down);
    }
  g_test_add_func ("/sctp-elements/many-times", test_many_times);
  return g_test_run ();
}
