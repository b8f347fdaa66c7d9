/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sctp-duo.h"

#include <gst/sctp/sctpreceivemeta.h>
#include <gst/sctp/sctpsendmeta.h>

#include "pst-sctp-elements.h"

#define PORT     5000
#define PROTOCOL 53
#define QUIET_US (300 * 1000)

static GstFlowReturn
on_message (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  SctpSide *side = gst_pad_get_element_private (pad);

  g_mutex_lock (&side->lock);
  while (side->is_held)
    g_cond_wait (&side->changed, &side->lock);
  g_mutex_unlock (&side->lock);
  g_async_queue_push (side->came, buffer);
  return GST_FLOW_OK;
}

static void
on_pad_added (GstElement *decoder, GstPad *pad, SctpSide *side)
{
  GstPad *sink = gst_pad_new (NULL, GST_PAD_SINK);

  gst_pad_set_element_private (sink, side);
  gst_pad_set_chain_function (sink, on_message);
  gst_pad_set_active (sink, TRUE);
  g_assert_cmpint (gst_pad_link (pad, sink), ==, GST_PAD_LINK_OK);
  g_ptr_array_add (side->pads, gst_object_ref_sink (sink));
}

static void
on_established (GstElement *encoder, gboolean established, SctpSide *side)
{
  g_mutex_lock (&side->lock);
  if (established)
    side->n_established++;
  else
    side->n_over++;
  g_cond_broadcast (&side->changed);
  g_mutex_unlock (&side->lock);
}

static GstElement *
make (gboolean fast, GType type, const char *name)
{
  GstElement *element = fast ? g_object_new (type, NULL) : gst_element_factory_make (name, NULL);

  g_assert_nonnull (element);
  g_assert_cmpint (G_OBJECT_TYPE (element) == type, ==, fast);
  return element;
}

static void
init_side (SctpDuo *duo, guint number, gboolean fast)
{
  /* GStreamer's keeps all associations of a process in one table. */
  static guint next_id = 1000;
  SctpSide *side = &duo->sides[number];
  guint id = next_id++;

  side->encoder = make (fast, PST_TYPE_SCTP_ENC, "sctpenc");
  side->decoder = make (fast, PST_TYPE_SCTP_DEC, "sctpdec");
  g_mutex_init (&side->lock);
  g_cond_init (&side->changed);
  side->came = g_async_queue_new_full ((GDestroyNotify) gst_buffer_unref);
  side->pads = g_ptr_array_new_with_free_func (gst_object_unref);
  g_object_set (side->encoder, "sctp-association-id", id, "remote-sctp-port", PORT,
                "use-sock-stream", TRUE, NULL);
  g_object_set (side->decoder, "sctp-association-id", id, "local-sctp-port", PORT, NULL);
  if (fast)
    g_object_set (side->encoder, "most-packet-bytes", 1400, NULL);
  g_signal_connect (side->decoder, "pad-added", G_CALLBACK (on_pad_added), side);
  g_signal_connect (side->encoder, "sctp-association-established", G_CALLBACK (on_established),
                    side);
  gst_bin_add_many (GST_BIN (duo->pipeline), side->decoder, side->encoder, NULL);
}

void
sctp_duo_init (SctpDuo *duo, gboolean fast_first, gboolean fast_second)
{
  *duo = (SctpDuo){ .pipeline = gst_pipeline_new (NULL) };
  init_side (duo, 0, fast_first);
  init_side (duo, 1, fast_second);
  for (guint i = 0; i < 2; i++)
    {
      GstElement *queue = gst_element_factory_make ("queue", NULL);

      gst_bin_add (GST_BIN (duo->pipeline), queue);
      g_assert_true (
          gst_element_link_many (duo->sides[i].encoder, queue, duo->sides[1 - i].decoder, NULL));
    }
}

/* Whatever state it is in. */
void
sctp_duo_clear (SctpDuo *duo)
{
  for (guint i = 0; i < 2; i++)
    sctp_duo_close (&duo->sides[i]);
  g_assert_cmpint (gst_element_set_state (duo->pipeline, GST_STATE_NULL), ==,
                   GST_STATE_CHANGE_SUCCESS);
  g_clear_pointer (&duo->pipeline, gst_object_unref);
  for (guint i = 0; i < 2; i++)
    {
      g_ptr_array_unref (duo->sides[i].pads);
      g_async_queue_unref (duo->sides[i].came);
      g_cond_clear (&duo->sides[i].changed);
      g_mutex_clear (&duo->sides[i].lock);
    }
}

void
sctp_duo_start (SctpDuo *duo)
{
  g_assert_cmpint (gst_element_set_state (duo->pipeline, GST_STATE_PLAYING), !=,
                   GST_STATE_CHANGE_FAILURE);
}

static void
wait_established (SctpSide *side)
{
  gint64 end_us = g_get_monotonic_time () + DUO_TIMEOUT_S * G_USEC_PER_SEC;
  gboolean in_time = TRUE;

  g_mutex_lock (&side->lock);
  while (side->n_established == 0 && in_time)
    in_time = g_cond_wait_until (&side->changed, &side->lock, end_us);
  g_mutex_unlock (&side->lock);
  g_assert_true (in_time);
}

void
sctp_duo_wait_established (SctpDuo *duo)
{
  for (guint i = 0; i < 2; i++)
    wait_established (&duo->sides[i]);
}

/* What comes out at this side is not taken. */
void
sctp_duo_hold (SctpSide *side, gboolean held)
{
  g_mutex_lock (&side->lock);
  side->is_held = held;
  g_cond_broadcast (&side->changed);
  g_mutex_unlock (&side->lock);
}

/* No message went in for so long that the buffer must be full. */
void
sctp_duo_wait_full (SctpSide *side)
{
  gint64 end_us = g_get_monotonic_time () + DUO_TIMEOUT_S * G_USEC_PER_SEC;

  g_mutex_lock (&side->lock);
  while (g_cond_wait_until (&side->changed, &side->lock, g_get_monotonic_time () + QUIET_US))
    g_assert_cmpint (g_get_monotonic_time (), <, end_us);
  g_mutex_unlock (&side->lock);
}

/* A way for messages into the encoder. */
void
sctp_duo_open (SctpSide *side, guint stream)
{
  g_autofree char *name = g_strdup_printf ("sink_%u", stream);
  g_autoptr (GstPad) sink = gst_element_request_pad_simple (side->encoder, name);
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("application/data");
  GstSegment segment;

  g_assert_nonnull (sink);
  side->in = gst_object_ref_sink (gst_pad_new ("in", GST_PAD_SRC));
  gst_pad_set_active (side->in, TRUE);
  g_assert_cmpint (gst_pad_link (side->in, sink), ==, GST_PAD_LINK_OK);
  gst_segment_init (&segment, GST_FORMAT_BYTES);
  gst_pad_push_event (side->in, gst_event_new_stream_start (name));
  gst_pad_push_event (side->in, gst_event_new_caps (caps));
  gst_pad_push_event (side->in, gst_event_new_segment (&segment));
}

void
sctp_duo_close (SctpSide *side)
{
  g_autoptr (GstPad) sink = NULL;

  if (side->in == NULL)
    return;
  sink = gst_pad_get_peer (side->in);
  gst_pad_set_active (side->in, FALSE);
  gst_pad_unlink (side->in, sink);
  gst_element_release_request_pad (side->encoder, sink);
  g_clear_pointer (&side->in, gst_object_unref);
}

static guint8
byte_at (guint number, gsize offset)
{
  return (guint8) (number * 31 + offset * 7 + (offset >> 8));
}

GstFlowReturn
sctp_duo_send (SctpSide *side, guint number, gsize n_bytes)
{
  guint8 *bytes = g_malloc (n_bytes);
  GstFlowReturn result;
  GstBuffer *buffer;

  for (gsize i = 0; i < n_bytes; i++)
    bytes[i] = byte_at (number, i);
  buffer = gst_buffer_new_wrapped (bytes, n_bytes);
  gst_sctp_buffer_add_send_meta (buffer, PROTOCOL, TRUE,
                                 GST_SCTP_SEND_META_PARTIAL_RELIABILITY_NONE, 0);
  result = gst_pad_push (side->in, buffer);
  g_mutex_lock (&side->lock);
  side->n_sent++;
  g_cond_broadcast (&side->changed);
  g_mutex_unlock (&side->lock);
  return result;
}

void
sctp_duo_assert_came (SctpSide *side, guint number, gsize n_bytes)
{
  g_autoptr (GstBuffer) buffer = g_async_queue_timeout_pop (side->came,
                                                            DUO_TIMEOUT_S * G_USEC_PER_SEC);
  GstSctpReceiveMeta *meta;
  GstMapInfo map;

  g_assert_nonnull (buffer);
  meta = gst_sctp_buffer_get_receive_meta (buffer);
  g_assert_nonnull (meta);
  g_assert_cmpuint (meta->ppid, ==, PROTOCOL);
  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_READ));
  g_assert_cmpuint (map.size, ==, n_bytes);
  for (gsize i = 0; i < n_bytes; i++)
    if (map.data[i] != byte_at (number, i))
      g_error ("Message %u is wrong at %" G_GSIZE_FORMAT ".", number, i);
  gst_buffer_unmap (buffer, &map);
}
