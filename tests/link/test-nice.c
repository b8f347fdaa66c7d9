/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nice-ends.h"
#include "pst-fast.h"

#include <fcntl.h>
#include <string.h>

#define N_MANY 3000

typedef struct
{
  NiceEnds ends;
  gsize sizes[N_MANY];
} Fixture;

static const char *const one_pair[2][2] = { { "127.0.0.1", NULL }, { "127.0.0.3", NULL } };
static const char *const two_pairs[2][2] = { { "127.0.0.1", "127.0.0.2" },
                                             { "127.0.0.3", "127.0.0.4" } };
static const char *const ipv6_pair[2][2] = { { "::1", NULL }, { "::1", NULL } };

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const char *const(*addresses)[2] = data;

  for (guint i = 0; i < N_MANY; i++)
    fixture->sizes[i] = i % 10 < 6   ? 1437
                        : i % 10 < 9 ? (gsize)g_test_rand_int_range (8, 1473)
                                     : 15000;
  nice_ends_open (&fixture->ends, addresses);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  nice_ends_close (&fixture->ends);
}

static void
connect_all (Fixture *fixture)
{
  nice_ends_make_elements (&fixture->ends);
  nice_ends_connect (&fixture->ends);
}

static void
set_lanes (Fixture *fixture, gboolean with_lane)
{
  for (guint i = 0; i < 2; i++)
    g_object_set (fixture->ends.ends[i].src, "lane", with_lane, NULL);
}

static void
check_no_drops (Fixture *fixture)
{
  for (guint i = 0; i < 2; i++)
    {
      NiceEnd *end = &fixture->ends.ends[i];

      g_assert_cmpuint (nice_ends_get_stat (end->sink, "dropped-full"), ==, 0);
      g_assert_cmpuint (nice_ends_get_stat (end->sink, "dropped-large"), ==, 0);
      g_assert_cmpuint (nice_ends_get_stat (end->sink, "dropped-error"), ==, 0);
      g_assert_cmpuint (nice_ends_get_stat (end->src, "strangers"), ==, 0);
    }
}

typedef struct
{
  Fixture *fixture;
  guint end;
  guint stream;
  guint n;
} Sending;

static gpointer
run_sending (gpointer user_data)
{
  Sending *sending = user_data;

  nice_ends_push (&sending->fixture->ends.ends[sending->end], sending->stream, 0, sending->n,
                  sending->fixture->sizes);
  return NULL;
}

/* Both ways at once, and from two threads each. */
static void
send_everywhere (Fixture *fixture, guint n)
{
  Sending sendings[4];
  GThread *threads[4];

  for (guint i = 0; i < 4; i++)
    {
      sendings[i] = (Sending){ fixture, i % 2, i / 2, n };
      threads[i] = g_thread_new ("sender", run_sending, &sendings[i]);
    }
  for (guint i = 0; i < 4; i++)
    g_thread_join (threads[i]);
}

static void
check_everything (Fixture *fixture)
{
  send_everywhere (fixture, N_MANY);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpuint (fixture->ends.ends[i].n_received, ==, 2 * N_MANY);
  check_no_drops (fixture);
}

static void
test_everything (Fixture *fixture, gconstpointer data)
{
  connect_all (fixture);
  check_everything (fixture);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpuint (nice_ends_get_stat (fixture->ends.ends[i].src, "by-lane"), >, N_MANY);
}

static void
test_no_lane (Fixture *fixture, gconstpointer data)
{
  nice_ends_make_elements (&fixture->ends);
  set_lanes (fixture, FALSE);
  nice_ends_connect (&fixture->ends);
  check_everything (fixture);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpuint (nice_ends_get_stat (fixture->ends.ends[i].src, "by-agent"), ==, 2 * N_MANY);
}

/* Not a plain pair: everything goes through the agents. */
static void
test_tcp (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 2; i++)
    g_object_set (fixture->ends.ends[i].agent, "ice-tcp", TRUE, "ice-udp", FALSE, NULL);
  connect_all (fixture);
  check_everything (fixture);
  for (guint i = 0; i < 2; i++)
    {
      NiceEnd *end = &fixture->ends.ends[i];

      g_assert_cmpuint (nice_ends_get_stat (end->src, "by-agent"), ==, 2 * N_MANY);
      g_assert_cmpuint (nice_ends_get_stat (end->sink, "joined"), ==, 0);
    }
}

static void
test_every_size (Fixture *fixture, gconstpointer data)
{
  connect_all (fixture);
  for (guint i = 0; i < N_MANY; i++)
    fixture->sizes[i] = i % 1465 + 8;
  nice_ends_push (&fixture->ends.ends[0], 0, 0, N_MANY, fixture->sizes);
  for (gsize size = 1; size < 8; size++)
    g_assert_cmpint (gst_pad_push (fixture->ends.ends[0].out, nice_ends_make_datagram (0, 0, size)),
                     ==, GST_FLOW_OK);
  g_assert_true (nice_ends_wait_received (&fixture->ends.ends[1], N_MANY + 7));
  check_no_drops (fixture);
}

/* Elements that come when the agents are long connected. */
static void
test_restarted (Fixture *fixture, gconstpointer data)
{
  connect_all (fixture);
  for (guint round = 0; round < 5; round++)
    {
      for (guint i = 0; i < 2; i++)
        {
          NiceEnd *end = &fixture->ends.ends[i];
          GstSegment segment;

          gst_element_set_state (end->sink, GST_STATE_READY);
          gst_element_set_state (end->src, round % 2 == 0 ? GST_STATE_READY : GST_STATE_NULL);
          gst_element_set_state (end->src, GST_STATE_PLAYING);
          gst_element_set_state (end->sink, GST_STATE_PLAYING);
          gst_segment_init (&segment, GST_FORMAT_TIME);
          gst_pad_push_event (end->out, gst_event_new_stream_start ("again"));
          gst_pad_push_event (end->out, gst_event_new_segment (&segment));
        }
      nice_ends_push (&fixture->ends.ends[0], 0, round * 100, 100, fixture->sizes);
      nice_ends_push (&fixture->ends.ends[1], 0, round * 100, 100, fixture->sizes);
    }
}

static void
probe (NiceEnd *from, NiceEnd *to)
{
  gint64 end_us = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  guint before = nice_ends_count_received (to);

  while (nice_ends_count_received (to) == before)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end_us);
      gst_pad_push (from->out, nice_ends_make_datagram (0, 0, 1));
      nice_ends_rest (from->ends, 20);
    }
}

/* An agent takes nothing from an address that no check has come from yet. */
static void
try_pairs (Fixture *fixture)
{
  NiceEnd *ends = fixture->ends.ends;

  for (guint i = 0; i < 2; i++)
    {
      nice_ends_select (&fixture->ends, i);
      probe (&ends[0], &ends[1]);
      probe (&ends[1], &ends[0]);
    }
}

/* Back and forth between two pairs while both ends send. */
static void
test_switched (Fixture *fixture, gconstpointer data)
{
  Sending sending = { fixture, 0, 0, N_MANY };
  GThread *thread;

  connect_all (fixture);
  try_pairs (fixture);
  thread = g_thread_new ("sender", run_sending, &sending);
  for (guint i = 0; i < 50; i++)
    {
      nice_ends_select (&fixture->ends, i % 2);
      nice_ends_push (&fixture->ends.ends[1], 1, i * 20, 20, fixture->sizes);
    }
  g_thread_join (thread);
  g_assert_cmpuint (nice_ends_get_stat (fixture->ends.ends[1].src, "by-lane"), >, 0);
}

/* Without a pair nothing waits: there is nobody to send to. */
static void
test_no_pair (Fixture *fixture, gconstpointer data)
{
  GstElement *sink;

  nice_ends_make_elements (&fixture->ends);
  sink = fixture->ends.ends[0].sink;
  g_assert_cmpint (gst_pad_push (fixture->ends.ends[0].out, nice_ends_make_datagram (0, 0, 100)),
                   ==, GST_FLOW_OK);
  g_assert_cmpuint (nice_ends_get_stat (sink, "dropped-full"), ==, 1);
  g_assert_cmpuint (nice_ends_get_stat (sink, "waits"), ==, 0);
}

static guint
count_descriptors (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

typedef void (*Prepare) (Fixture *fixture);

static void
prepare_nothing (Fixture *fixture)
{
  nice_ends_make_elements (&fixture->ends);
}

static void
prepare_traffic (Fixture *fixture)
{
  connect_all (fixture);
  nice_ends_push (&fixture->ends.ends[0], 0, 0, 100, fixture->sizes);
  gst_pad_push (fixture->ends.ends[1].out, nice_ends_make_datagram (0, 0, 100));
}

static void
prepare_paused (Fixture *fixture)
{
  connect_all (fixture);
  for (guint i = 0; i < 2; i++)
    {
      GstElement *src = fixture->ends.ends[i].src;

      g_assert_cmpint (gst_element_set_state (src, GST_STATE_PAUSED), ==,
                       GST_STATE_CHANGE_NO_PREROLL);
      gst_element_set_state (fixture->ends.ends[i].sink, GST_STATE_PAUSED);
    }
}

static void
prepare_gone (Fixture *fixture)
{
  prepare_traffic (fixture);
  nice_agent_remove_stream (fixture->ends.ends[0].agent, fixture->ends.ends[0].stream);
  gst_pad_push (fixture->ends.ends[0].out, nice_ends_make_datagram (0, 200, 100));
}

static void
run_once (Prepare prepare)
{
  g_autofree Fixture *fixture = g_new0 (Fixture, 1);

  set_up (fixture, one_pair);
  prepare (fixture);
  tear_down (fixture, one_pair);
}

/* From every state everything goes, and no descriptor is left. */
static void
test_descriptors (void)
{
  Prepare prepares[] = { prepare_nothing, prepare_traffic, prepare_paused };
  guint before;

  run_once (prepare_traffic);
  before = count_descriptors ();
  for (guint i = 0; i < G_N_ELEMENTS (prepares); i++)
    run_once (prepares[i]);
  g_assert_cmpuint (count_descriptors (), ==, before);
}

/* The agent closes its sockets under the elements; it says itself that the
 * source has nothing to detach from. */
static void
test_stream_removed (void)
{
  g_test_expect_message ("libnice", G_LOG_LEVEL_WARNING, "Could not find component*");
  run_once (prepare_gone);
  g_test_assert_expected_messages ();
}

static void
test_incomplete (void)
{
  g_autoptr (GstElement) sink = gst_object_ref_sink (gst_element_factory_make ("nicesink", NULL));
  g_autoptr (GstElement) src = gst_object_ref_sink (gst_element_factory_make ("nicesrc", NULL));

  g_assert_cmpint (gst_element_set_state (sink, GST_STATE_PAUSED), ==, GST_STATE_CHANGE_FAILURE);
  g_assert_cmpint (gst_element_set_state (src, GST_STATE_READY), ==, GST_STATE_CHANGE_FAILURE);
  gst_element_set_state (sink, GST_STATE_NULL);
  gst_element_set_state (src, GST_STATE_NULL);
}

static void
test_registered (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) sink = gst_object_ref_sink (gst_element_factory_make ("nicesink", NULL));
  g_autoptr (GstElement) src = gst_object_ref_sink (gst_element_factory_make ("nicesrc", NULL));

  g_assert_true (pst_fast_use (TRUE, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (G_OBJECT_TYPE_NAME (sink), ==, "PstNiceSink");
  g_assert_cmpstr (G_OBJECT_TYPE_NAME (src), ==, "PstNiceSrc");
}

static void
test_latency (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GstQuery) query = gst_query_new_latency ();
  gboolean live = FALSE;

  nice_ends_make_elements (&fixture->ends);
  g_assert_true (gst_pad_peer_query (fixture->ends.ends[0].in, query));
  gst_query_parse_latency (query, &live, NULL, NULL);
  g_assert_true (live);
}

static void
add_test (const char *path, gconstpointer addresses, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, addresses, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_assert_true (pst_fast_use (TRUE, &error));

  g_test_add_func ("/nice/registered", test_registered);
  g_test_add_func ("/nice/incomplete", test_incomplete);
  add_test ("/nice/latency", one_pair, test_latency);
  add_test ("/nice/no-pair", one_pair, test_no_pair);
  add_test ("/nice/everything", one_pair, test_everything);
  add_test ("/nice/everything-ipv6", ipv6_pair, test_everything);
  add_test ("/nice/no-lane", one_pair, test_no_lane);
  add_test ("/nice/tcp", one_pair, test_tcp);
  add_test ("/nice/every-size", one_pair, test_every_size);
  add_test ("/nice/restarted", one_pair, test_restarted);
  add_test ("/nice/switched", two_pairs, test_switched);
  g_test_add_func ("/nice/descriptors", test_descriptors);
  g_test_add_func ("/nice/stream-removed", test_stream_removed);

  return g_test_run ();
}
