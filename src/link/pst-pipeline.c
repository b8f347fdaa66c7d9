/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One webrtcbin with one data channel. For looking inside: GST_DEBUG (such as
 * webrtcbin:6,webrtcdatachannel:6,sctp*:5,dtls*:5), GST_DEBUG_FILE, and
 * NICE_DEBUG=all with G_MESSAGES_DEBUG=all for the search for a path. */
#include "pst-pipeline-private.h"

#include "fast/pst-fast.h"
#include "pst-error.h"

/* Both sides make the channel themselves under this number (RFC 8831, section
 * 6.4, “external negotiation”), so that no opening message of a stranger is
 * parsed, and no frame can come before its handler is there. */
#define CHANNEL_ID    0
#define CHANNEL_LABEL "penstock"

typedef struct
{
  const char *element;
  const char *plugin;
} Requirement;

static const Requirement requirements[] = {
  { "webrtcbin", "webrtc (GStreamer's “bad” plug-ins)" },
  { "sctpenc", "sctp (GStreamer's “bad” plug-ins)" },
  { "sctpdec", "sctp (GStreamer's “bad” plug-ins)" },
  { "dtlssrtpenc", "dtls (GStreamer's “bad” plug-ins)" },
  { "dtlssrtpdec", "dtls (GStreamer's “bad” plug-ins)" },
  { "nicesrc", "nice (libnice's plug-in for GStreamer)" },
  { "nicesink", "nice (libnice's plug-in for GStreamer)" },
  { "appsrc", "app (GStreamer's “base” plug-ins)" },
  /* webrtcbin makes one even where only data flows. */
  { "rtpbin", "rtpmanager (GStreamer's “good” plug-ins)" },
  { "rtpfunnel", "rtpmanager (GStreamer's “good” plug-ins)" },
};

/* Plug-ins are scanned in a process of their own (GStreamer's default): a
 * broken one, of which a desktop has many, must not take this one down. */
static gboolean
ensure_gstreamer (GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (gst_is_initialized () || gst_init_check (NULL, NULL, &local_error))
    return TRUE;

  g_set_error (error, PST_ERROR, PST_ERROR_FAILED, "GStreamer cannot be used here: %s",
               local_error != NULL ? local_error->message : "no reason was given");
  return FALSE;
}

/**
 * pst_pipeline_check_installed:
 * @error: return location for a %PST_ERROR_FAILED that names what is missing
 *
 * Initialises GStreamer when nobody has, and looks for all elements needed.
 *
 * Returns: %TRUE if connections can be made on this machine
 */
gboolean
pst_pipeline_check_installed (GError **error)
{
  if (!ensure_gstreamer (error))
    return FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (requirements); i++)
    {
      g_autoptr (GstElementFactory) factory = gst_element_factory_find (requirements[i].element);

      if (factory != NULL)
        continue;
      g_set_error (error, PST_ERROR, PST_ERROR_FAILED,
                   "The GStreamer plug-in %s is missing; please install it.",
                   requirements[i].plugin);
      return FALSE;
    }

  return TRUE;
}

static void
unref_handover (gpointer handover, GClosure *closure)
{
  pst_handover_unref (handover);
}

/* A handler may still run after it was disconnected: it gets a reference of
 * its own to the handover, and never the owner. */
void
pst_pipeline_connect (PstPipeline *self, gpointer object, const char *signal, GCallback handler)
{
  PstPipelineHandler entry;

  entry.object = g_object_ref (object);
  entry.id = g_signal_connect_data (object, signal, handler, pst_handover_ref (self->handover),
                                    unref_handover, 0);
  g_array_append_val (self->handlers, entry);
}

static void
on_candidate (GstElement *webrtc, guint line, const char *candidate, PstHandover *handover)
{
  pst_handover_push (handover, PST_HANDOVER_CANDIDATE, g_strdup (candidate), g_free);
}

static void
on_gathering (GstElement *webrtc, GParamSpec *pspec, PstHandover *handover)
{
  pst_handover_push (handover, PST_HANDOVER_GATHERING, NULL, NULL);
}

static void
on_prepare_channel (GstElement *webrtc,
                    GstWebRTCDataChannel *channel,
                    gboolean is_local,
                    PstHandover *handover)
{
  if (!is_local)
    pst_handover_push (handover, PST_HANDOVER_VIOLATION, NULL, NULL);
}

static void
on_message_data (GstWebRTCDataChannel *channel, GBytes *frame, PstHandover *handover)
{
  if (frame != NULL && g_bytes_get_size (frame) > 0)
    pst_handover_push_frame (handover, frame);
  else
    pst_handover_push (handover, PST_HANDOVER_VIOLATION, NULL, NULL);
}

static void
on_message_string (GstWebRTCDataChannel *channel, const char *text, PstHandover *handover)
{
  pst_handover_push (handover, PST_HANDOVER_VIOLATION, NULL, NULL);
}

static void
on_open (GstWebRTCDataChannel *channel, PstHandover *handover)
{
  pst_handover_push (handover, PST_HANDOVER_OPENED, NULL, NULL);
}

static void
on_close (GstWebRTCDataChannel *channel, PstHandover *handover)
{
  pst_handover_push (handover, PST_HANDOVER_ENDED, NULL, NULL);
}

static void
on_error (GstWebRTCDataChannel *channel, GError *error, PstHandover *handover)
{
  pst_handover_push (handover, PST_HANDOVER_ENDED, NULL, NULL);
}

static void
on_ready_state (GstWebRTCDataChannel *channel, GParamSpec *pspec, PstHandover *handover)
{
  GstWebRTCDataChannelState state;

  g_object_get (channel, "ready-state", &state, NULL);
  if (state >= GST_WEBRTC_DATA_CHANNEL_STATE_CLOSING)
    pst_handover_push (handover, PST_HANDOVER_ENDED, NULL, NULL);
}

static void
on_low (GstWebRTCDataChannel *channel, PstHandover *handover)
{
  pst_handover_push (handover, PST_HANDOVER_LOW, NULL, NULL);
}

static GstBusSyncReply
on_bus_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    pst_handover_push (user_data, PST_HANDOVER_FAILURE, g_strdup (GST_MESSAGE_SRC_NAME (message)),
                       g_free);

  gst_message_unref (message);
  return GST_BUS_DROP;
}

static gboolean
set_up_servers (PstPipeline *self,
                const char *stun_server,
                const char *const *turn_servers,
                gboolean relay_only,
                GError **error)
{
  g_object_set (self->webrtc, "ice-transport-policy",
                relay_only ? GST_WEBRTC_ICE_TRANSPORT_POLICY_RELAY
                           : GST_WEBRTC_ICE_TRANSPORT_POLICY_ALL,
                NULL);
  if (stun_server != NULL)
    g_object_set (self->webrtc, "stun-server", stun_server, NULL);

  for (guint i = 0; turn_servers != NULL && turn_servers[i] != NULL; i++)
    {
      gboolean added = FALSE;

      g_signal_emit_by_name (self->webrtc, "add-turn-server", turn_servers[i], &added);
      self->has_relays |= added;
      if (added)
        continue;
      g_set_error_literal (error, PST_ERROR, PST_ERROR_USAGE,
                           "The address of a relay (TURN server) cannot be used.");
      return FALSE;
    }

  return TRUE;
}

static void
connect_webrtc (PstPipeline *self)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);

  gst_bus_set_sync_handler (bus, on_bus_message, pst_handover_ref (self->handover),
                            (GDestroyNotify) pst_handover_unref);
  pst_pipeline_connect (self, self->webrtc, "on-ice-candidate", G_CALLBACK (on_candidate));
  pst_pipeline_connect (self, self->webrtc, "notify::ice-gathering-state",
                        G_CALLBACK (on_gathering));
  pst_pipeline_connect (self, self->webrtc, "prepare-data-channel",
                        G_CALLBACK (on_prepare_channel));
}

static gboolean
make_channel (PstPipeline *self)
{
  g_autoptr (GstStructure) options = gst_structure_new ("options", "ordered", G_TYPE_BOOLEAN, TRUE,
                                                        "negotiated", G_TYPE_BOOLEAN, TRUE, "id",
                                                        G_TYPE_INT, CHANNEL_ID, NULL);

  /* In NULL, webrtcbin cannot make channels. */
  if (gst_element_set_state (self->pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
    return FALSE;

  g_signal_emit_by_name (self->webrtc, "create-data-channel", CHANNEL_LABEL, options,
                         &self->channel);
  if (self->channel == NULL)
    return FALSE;

  pst_pipeline_connect (self, self->channel, "on-open", G_CALLBACK (on_open));
  pst_pipeline_connect (self, self->channel, "on-close", G_CALLBACK (on_close));
  pst_pipeline_connect (self, self->channel, "on-error", G_CALLBACK (on_error));
  pst_pipeline_connect (self, self->channel, "notify::ready-state", G_CALLBACK (on_ready_state));
  pst_pipeline_connect (self, self->channel, "on-message-data", G_CALLBACK (on_message_data));
  pst_pipeline_connect (self, self->channel, "on-message-string", G_CALLBACK (on_message_string));
  pst_pipeline_connect (self, self->channel, "on-buffered-amount-low", G_CALLBACK (on_low));
  return TRUE;
}

/* Our elements take the place of GStreamer's, unless somebody does not want them or
 * they do not fit; then everything works as well, more slowly. */
static void
choose_elements (gboolean stock)
{
  static gint was_told;
  g_autoptr (GError) error = NULL;

  if (g_strcmp0 (g_getenv ("PST_LINK_STOCK"), "1") == 0)
    stock = TRUE;
  if (pst_fast_use (!stock, &error) || stock || g_atomic_int_add (&was_told, 1) > 0)
    return;
  g_message ("The fast path cannot be used, the usual one serves: %s", error->message);
}

/**
 * pst_pipeline_new:
 * @handover: where everything is reported
 * @stun_server: (nullable): a checked `stun://` address
 * @turn_servers: (nullable): checked `turn://` addresses
 * @relay_only: whether to use relayed candidates only
 * @stock: whether to use GStreamer's elements alone
 * @error: return location for a %PST_ERROR_USAGE or %PST_ERROR_FAILED
 *
 * Makes and starts a webrtcbin with its data channel.
 *
 * Returns: (transfer full) (nullable): the pipeline; end it with
 *   pst_pipeline_tear_down()
 */
PstPipeline *
pst_pipeline_new (PstHandover *handover,
                  const char *stun_server,
                  const char *const *turn_servers,
                  gboolean relay_only,
                  gboolean stock,
                  GError **error)
{
  PstPipeline *self = g_new0 (PstPipeline, 1);
  gboolean ok;

  choose_elements (stock);
  self->handover = pst_handover_ref (handover);
  self->handlers = g_array_new (FALSE, FALSE, sizeof (PstPipelineHandler));
  self->pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  self->webrtc = gst_object_ref_sink (gst_element_factory_make ("webrtcbin", NULL));
  g_object_set (self->webrtc, "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, NULL);
  gst_bin_add (GST_BIN (self->pipeline), self->webrtc);

  connect_webrtc (self);
  pst_pipeline_set_up_agent (self);
  ok = set_up_servers (self, stun_server, turn_servers, relay_only, error);
  if (ok && !make_channel (self))
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_FAILED,
                           "GStreamer's webrtcbin could not be started.");
      ok = FALSE;
    }
  if (!ok)
    pst_pipeline_tear_down (g_steal_pointer (&self), NULL);

  return self;
}

/**
 * pst_pipeline_send:
 * @self: a pipeline whose channel is open
 * @frame: 1 to %PST_CHANNEL_MAX_FRAME_BYTES bytes; read until it is freed
 * @error: return location for a %PST_ERROR_LOST
 *
 * Queues @frame without copying it.
 *
 * Returns: %TRUE if it was queued
 */
gboolean
pst_pipeline_send (PstPipeline *self, GBytes *frame, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (gst_webrtc_data_channel_send_data_full (self->channel, frame, &local_error))
    return TRUE;

  g_set_error (error, PST_ERROR, PST_ERROR_LOST, "The connection takes no more data: %s",
               local_error != NULL ? local_error->message : "no reason was given");
  return FALSE;
}

/**
 * pst_pipeline_get_buffered_amount:
 * @self: a pipeline
 *
 * The channel's own property: it counts before a message is queued and stops
 * counting after it left the queue, under a lock that is never held for long.
 *
 * Returns: the bytes in the channel's queue
 */
guint64
pst_pipeline_get_buffered_amount (PstPipeline *self)
{
  guint64 amount_bytes;

  g_object_get (self->channel, "buffered-amount", &amount_bytes, NULL);
  return amount_bytes;
}

/**
 * pst_pipeline_get_path:
 * @self: a pipeline
 * @path: (inout): filled in as far as something is known
 */
void
pst_pipeline_get_path (PstPipeline *self, PstChannelPath *path)
{
  g_autoptr (GstIterator) iterator = gst_bin_iterate_all_by_element_factory_name (
      GST_BIN (self->webrtc), "sctpenc");
  GValue item = G_VALUE_INIT;

  if (gst_iterator_next (iterator, &item) == GST_ITERATOR_OK)
    pst_fast_get_path (g_value_get_object (&item), path);
  g_value_unset (&item);
}

/**
 * pst_pipeline_set_route:
 * @self: a pipeline with a path
 * @route: which way it goes
 *
 * On this network alone, packets may be larger than its frames.
 */
void
pst_pipeline_set_route (PstPipeline *self, PstRoute route)
{
  pst_pipeline_set_on_each (self, "sctpenc", "most-packet-bytes",
                            pst_fast_get_most_packet_bytes (route == PST_ROUTE_LOCAL));
}

/**
 * pst_pipeline_set_low_mark:
 * @self: a pipeline
 * @low_mark_bytes: at which buffered amount to report %PST_HANDOVER_LOW
 */
void
pst_pipeline_set_low_mark (PstPipeline *self, guint64 low_mark_bytes)
{
  g_object_set (self->channel, "buffered-amount-low-threshold", low_mark_bytes, NULL);
}
