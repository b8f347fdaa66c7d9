/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dtls-duo.h"

#include <string.h>

#include "pst-fast.h"

#define PATIENCE_US (20 * G_USEC_PER_SEC)

/* Ours and GStreamer's, each encoder before its decoder. */
static GstElementFactory *factories[2][2];

static GstElementFactory *
load (const char *name)
{
  GstElementFactory *factory = gst_element_factory_find (name);
  GstPluginFeature *loaded;

  g_assert_nonnull (factory);
  loaded = gst_plugin_feature_load (GST_PLUGIN_FEATURE (factory));
  gst_object_unref (factory);
  g_assert_nonnull (loaded);
  return GST_ELEMENT_FACTORY (loaded);
}

void
duo_load_factories (void)
{
  g_autoptr (GError) error = NULL;

  factories[0][0] = load ("dtlssrtpenc");
  factories[0][1] = load ("dtlssrtpdec");
  g_assert_true (pst_fast_use (TRUE, &error));
  g_assert_no_error (error);
  factories[1][0] = load ("dtlssrtpenc");
  factories[1][1] = load ("dtlssrtpdec");
  g_assert_true (factories[0][0] != factories[1][0]);
}

static GstFlowReturn
out_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  DuoSide *side = gst_pad_get_element_private (pad);

  if (!g_atomic_int_get (&side->discard))
    {
      g_async_queue_push (side->data, buffer);
      return GST_FLOW_OK;
    }
  gst_buffer_unref (buffer);
  g_atomic_int_inc (&side->n_discarded);
  return GST_FLOW_OK;
}

static GstFlowReturn
out_chain_list (GstPad *pad, GstObject *parent, GstBufferList *list)
{
  DuoSide *side = gst_pad_get_element_private (pad);

  if (g_atomic_int_get (&side->discard))
    g_atomic_int_add (&side->n_discarded, gst_buffer_list_length (list));
  else
    for (guint i = 0; i < gst_buffer_list_length (list); i++)
      g_async_queue_push (side->data, gst_buffer_ref (gst_buffer_list_get (list, i)));
  gst_buffer_list_unref (list);
  return GST_FLOW_OK;
}

static gboolean
out_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  gst_event_unref (event);
  return TRUE;
}

static void
on_state (GstElement *encoder, GParamSpec *spec, gpointer user_data)
{
  DuoSide *side = user_data;
  gint state;

  g_object_get (encoder, "connection-state", &state, NULL);
  g_async_queue_push (side->states, GINT_TO_POINTER (state + 1));
}

static void
on_key_set (GstElement *encoder, gpointer user_data)
{
  g_atomic_int_inc (&((DuoSide *)user_data)->n_keys);
}

static GstPad *
make_pad (GstElement *element, const char *name, GstPadDirection direction)
{
  g_autoptr (GstPad) peer = gst_element_request_pad_simple (element, name);
  GstPad *pad = gst_pad_new (NULL, direction);

  g_assert_nonnull (peer);
  if (direction == GST_PAD_SINK)
    {
      gst_pad_set_chain_function (pad, out_chain);
      gst_pad_set_chain_list_function (pad, out_chain_list);
      gst_pad_set_event_function (pad, out_event);
    }
  if (direction == GST_PAD_SRC)
    g_assert_cmpint (gst_pad_link (pad, peer), ==, GST_PAD_LINK_OK);
  else
    g_assert_cmpint (gst_pad_link (peer, pad), ==, GST_PAD_LINK_OK);
  gst_pad_set_active (pad, TRUE);
  return gst_object_ref_sink (pad);
}

static void
send_first_events (GstPad *pad)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_BYTES);
  gst_pad_push_event (pad, gst_event_new_stream_start ("duo"));
  gst_pad_push_event (pad, gst_event_new_segment (&segment));
}

static void
side_init (DuoSide *side, GstBin *pipeline, gboolean fast, gboolean client)
{
  g_autofree char *id = g_strdup_printf ("duo_%08x", g_random_int ());

  side->encoder = gst_element_factory_create (factories[fast][0], NULL);
  side->decoder = gst_element_factory_create (factories[fast][1], NULL);
  side->queue = gst_element_factory_make ("queue", NULL);
  side->data = g_async_queue_new_full ((GDestroyNotify)gst_buffer_unref);
  side->states = g_async_queue_new ();
  g_object_set (side->encoder, "connection-id", id, "is-client", client, "rtp-sync", FALSE, NULL);
  g_object_set (side->decoder, "connection-id", id, NULL);
  g_signal_connect (side->encoder, "notify::connection-state", G_CALLBACK (on_state), side);
  g_signal_connect (side->encoder, "on-key-set", G_CALLBACK (on_key_set), side);
  gst_bin_add_many (pipeline, side->encoder, side->decoder, side->queue, NULL);

  side->in = make_pad (side->encoder, "data_sink", GST_PAD_SRC);
  side->out = make_pad (side->decoder, "data_src", GST_PAD_SINK);
  gst_pad_set_element_private (side->out, side);
}

void
duo_init (Duo *duo, gboolean fast_client, gboolean fast_server)
{
  memset (duo, 0, sizeof *duo);
  duo->pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  side_init (&duo->sides[0], GST_BIN (duo->pipeline), fast_client, TRUE);
  side_init (&duo->sides[1], GST_BIN (duo->pipeline), fast_server, FALSE);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (
          gst_element_link_pads (duo->sides[i].encoder, "src", duo->sides[i].queue, "sink"));
      g_assert_true (
          gst_element_link_pads (duo->sides[i].queue, "src", duo->sides[1 - i].decoder, "sink"));
    }
}

static void
side_clear (DuoSide *side)
{
  g_signal_handlers_disconnect_by_data (side->encoder, side);
  gst_pad_set_active (side->in, FALSE);
  gst_pad_set_active (side->out, FALSE);
  g_clear_object (&side->in);
  g_clear_object (&side->out);
  g_async_queue_unref (side->data);
  g_async_queue_unref (side->states);
}

void
duo_clear (Duo *duo)
{
  g_assert_cmpint (gst_element_set_state (duo->pipeline, GST_STATE_NULL), ==,
                   GST_STATE_CHANGE_SUCCESS);
  side_clear (&duo->sides[0]);
  side_clear (&duo->sides[1]);
  gst_object_unref (duo->pipeline);
}

/* As webrtcbin does, the encoder that speaks first comes last: GStreamer's own
 * decoder cannot do with a hello before its encoder has started. */
void
duo_start (Duo *duo)
{
  GstElement *first = duo->sides[0].encoder;

  gst_element_set_locked_state (first, TRUE);
  g_assert_cmpint (gst_element_set_state (duo->pipeline, GST_STATE_PLAYING), !=,
                   GST_STATE_CHANGE_FAILURE);
  gst_element_set_locked_state (first, FALSE);
  g_assert_true (gst_element_sync_state_with_parent (first));
  send_first_events (duo->sides[0].in);
  send_first_events (duo->sides[1].in);
}

static void
wait_connected (DuoSide *side)
{
  gint state;

  do
    {
      state = GPOINTER_TO_INT (g_async_queue_timeout_pop (side->states, PATIENCE_US)) - 1;
      g_assert_cmpint (state, >=, 0);
    }
  while (state != 4);
}

void
duo_wait_connected (Duo *duo)
{
  wait_connected (&duo->sides[0]);
  wait_connected (&duo->sides[1]);
}

static guint8
byte_at (gsize offset, gsize n_bytes)
{
  return offset * 7 + n_bytes;
}

GstBufferList *
duo_make_list (guint n_buffers, gsize n_bytes)
{
  GstBufferList *list = gst_buffer_list_new ();

  for (guint i = 0; i < n_buffers; i++)
    {
      guint8 *data = g_malloc (n_bytes);

      for (gsize offset = 0; offset < n_bytes; offset++)
        data[offset] = byte_at (offset, n_bytes);
      gst_buffer_list_add (list, gst_buffer_new_wrapped (data, n_bytes));
    }
  return list;
}

void
duo_assert_arrives (DuoSide *to, gsize n_bytes)
{
  g_autoptr (GstBuffer) buffer = g_async_queue_timeout_pop (to->data, PATIENCE_US);
  GstMapInfo map;

  g_assert_nonnull (buffer);
  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_READ));
  g_assert_cmpuint (map.size, ==, n_bytes);
  for (gsize offset = 0; offset < n_bytes; offset++)
    g_assert_cmpuint (map.data[offset], ==, byte_at (offset, n_bytes));
  gst_buffer_unmap (buffer, &map);
}
