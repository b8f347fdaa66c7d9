/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What waits between the socket and decryption is bounded: whoever brings more waits. */
#include "pst-nice-relay.h"

#define LIST_BYTES (1024 * 1024)
#define N_LISTS    64

/* What is carried, what waits, and what the one who brings has taken off the queue
 * meanwhile. */
#define MOST (1 + PST_NICE_RELAY_BYTES / LIST_BYTES + 1)

static int n_pushed, n_carried; /* atomic */

static GstFlowReturn
carry (GstPad *pad, GstObject *parent, GstBufferList *list)
{
  int n = g_atomic_int_get (&n_carried);

  /* Held until as many wait as may. */
  while (g_atomic_int_get (&n_pushed) < MIN (n + MOST - 1, N_LISTS))
    g_thread_yield ();
  g_assert_cmpint (g_atomic_int_get (&n_pushed) - n, <=, MOST);
  g_atomic_int_inc (&n_carried);
  gst_buffer_list_unref (list);
  return GST_FLOW_OK;
}

static GstPad *
make_pad (void)
{
  GstPad *pad = gst_pad_new ("sink", GST_PAD_SINK);
  GstSegment segment;

  gst_pad_set_chain_list_function (pad, carry);
  gst_pad_set_active (pad, TRUE);
  gst_pad_send_event (pad, gst_event_new_stream_start ("lists"));
  gst_segment_init (&segment, GST_FORMAT_BYTES);
  gst_pad_send_event (pad, gst_event_new_segment (&segment));
  return pad;
}

static void
test_bounded (void)
{
  g_autoptr (GstPad) pad = gst_object_ref_sink (make_pad ());
  g_autoptr (PstNiceRelay) relay = pst_nice_relay_new (pad);

  for (guint i = 0; i < N_LISTS; i++)
    {
      pst_nice_relay_push (relay, gst_buffer_list_new (), LIST_BYTES);
      g_atomic_int_inc (&n_pushed);
    }
  while (g_atomic_int_get (&n_carried) < N_LISTS)
    g_thread_yield ();
  pst_nice_relay_stop (relay);
  gst_pad_set_active (pad, FALSE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (NULL, NULL);
  g_test_add_func ("/nice-relay/bounded", test_bounded);
  return g_test_run ();
}
