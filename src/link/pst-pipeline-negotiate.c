/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gst/sdp/sdp.h>

#include "pst-pipeline-private.h"

/* Asked of the kernel for each socket, which gives what net.core.wmem_max and
 * rmem_max allow (212,992 on a stock desktop). Measured: where 4 MiB are
 * granted, bursts are no longer dropped and throughput over 20 ms triples. */
#define SOCKET_BUFFER_BYTES (4 * 1024 * 1024)

static void
on_transport (GObject *transport, GParamSpec *pspec, PstHandover *handover)
{
  pst_handover_push (handover, PST_HANDOVER_TRANSPORT, NULL, NULL);
}

/* The number under which usrsctp, one in the process, tells associations apart.
 * webrtcbin takes a random one of 65,535, which collides sooner or later. */
static guint
next_association_id (void)
{
  static int counter;

  return 1 + (guint) g_atomic_int_add (&counter, 1) % (G_MAXUINT16 - 1);
}

/* Sets a property of all elements of a kind that have it. */
void
pst_pipeline_set_on_each (PstPipeline *self, const char *factory, const char *property, guint value)
{
  g_autoptr (GstIterator) iterator = gst_bin_iterate_all_by_element_factory_name (
      GST_BIN (self->webrtc), factory);
  GValue item = G_VALUE_INIT;

  while (gst_iterator_next (iterator, &item) == GST_ITERATOR_OK)
    {
      GObject *element = g_value_get_object (&item);

      if (g_object_class_find_property (G_OBJECT_GET_CLASS (element), property) != NULL)
        g_object_set (element, property, value, NULL);
      g_value_reset (&item);
    }
  g_value_unset (&item);
}

/* From 1.28 on webrtcbin has the receiving element choose a number that nobody has,
 * gives it to the other one, and neither takes another one from then on. */
static gboolean
has_chosen_id (PstPipeline *self)
{
  g_autoptr (GstIterator) iterator = gst_bin_iterate_all_by_element_factory_name (
      GST_BIN (self->webrtc), "sctpdec");
  GValue item = G_VALUE_INIT;
  gboolean has_chosen = FALSE;

  if (gst_iterator_next (iterator, &item) == GST_ITERATOR_OK
      && g_object_class_find_property (G_OBJECT_GET_CLASS (g_value_get_object (&item)),
                                       "automatic-association-id")
             != NULL)
    g_object_get (g_value_get_object (&item), "automatic-association-id", &has_chosen, NULL);
  g_value_unset (&item);
  return has_chosen;
}

static void
set_association_id (PstPipeline *self)
{
  guint id = next_association_id ();

  if (has_chosen_id (self))
    return;
  pst_pipeline_set_on_each (self, "sctpenc", "sctp-association-id", id);
  pst_pipeline_set_on_each (self, "sctpdec", "sctp-association-id", id);
}

/* The transports are there once a description was made, and nothing moves in
 * them before one is set. */
static gboolean
set_up_transports (PstPipeline *self)
{
  g_object_get (self->webrtc, "sctp-transport", &self->sctp, NULL);
  if (self->sctp == NULL)
    return FALSE;
  g_object_get (self->sctp, "transport", &self->dtls, NULL);
  g_object_get (self->dtls, "transport", &self->ice, NULL);

  pst_pipeline_connect (self, self->sctp, "notify::state", G_CALLBACK (on_transport));
  pst_pipeline_connect (self, self->dtls, "notify::state", G_CALLBACK (on_transport));
  pst_pipeline_connect (self, self->ice, "notify::state", G_CALLBACK (on_transport));
  g_object_set (self->ice, "send-buffer-size", SOCKET_BUFFER_BYTES, "receive-buffer-size",
                SOCKET_BUFFER_BYTES, NULL);
  set_association_id (self);
  return TRUE;
}

static void
on_description (GstPromise *promise, gpointer handover)
{
  pst_handover_push (handover, PST_HANDOVER_DESCRIPTION, promise,
                     (GDestroyNotify) gst_promise_unref);
}

static void
on_reply (GstPromise *promise, gpointer handover)
{
  pst_handover_push (handover, PST_HANDOVER_REPLY, promise, (GDestroyNotify) gst_promise_unref);
}

static GstPromise *
new_promise (PstPipeline *self, GstPromiseChangeFunc func)
{
  return gst_promise_new_with_change_func (func, pst_handover_ref (self->handover),
                                           (GDestroyNotify) pst_handover_unref);
}

/**
 * pst_pipeline_make_description:
 * @self: a pipeline
 * @offer: whether to make an offer or an answer
 *
 * Has the local description made; %PST_HANDOVER_DESCRIPTION follows.
 */
void
pst_pipeline_make_description (PstPipeline *self, gboolean offer)
{
  g_signal_emit_by_name (self->webrtc, offer ? "create-offer" : "create-answer", NULL,
                         new_promise (self, on_description));
}

/**
 * pst_pipeline_take_description:
 * @self: a pipeline
 * @promise: the data of %PST_HANDOVER_DESCRIPTION
 *
 * Sets the description that was made as the local one, which starts the search
 * for candidates.
 *
 * Returns: (transfer full) (nullable): its text; %NULL if none was made
 */
char *
pst_pipeline_take_description (PstPipeline *self, gpointer promise)
{
  const GstStructure *reply = gst_promise_get_reply (promise);
  g_autoptr (GstWebRTCSessionDescription) description = NULL;

  if (reply == NULL
      || !(gst_structure_get (reply, "offer", GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &description,
                              NULL)
           || gst_structure_get (reply, "answer", GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &description,
                                 NULL))
      || !set_up_transports (self))
    return NULL;

  g_signal_emit_by_name (self->webrtc, "set-local-description", description,
                         new_promise (self, on_reply));
  return gst_sdp_message_as_text (description->sdp);
}

/**
 * pst_pipeline_set_remote_description:
 * @self: a pipeline
 * @sdp: a description from pst_description_parse()
 * @offer: whether it is an offer
 *
 * Sets the other side's description; %PST_HANDOVER_REPLY follows.
 */
void
pst_pipeline_set_remote_description (PstPipeline *self, const char *sdp, gboolean offer)
{
  g_autoptr (GstWebRTCSessionDescription) description = NULL;
  GstSDPMessage *message;

  gst_sdp_message_new_from_text (sdp, &message);
  description = gst_webrtc_session_description_new (
      offer ? GST_WEBRTC_SDP_TYPE_OFFER : GST_WEBRTC_SDP_TYPE_ANSWER, message);
  g_signal_emit_by_name (self->webrtc, "set-remote-description", description,
                         new_promise (self, on_reply));
}

/**
 * pst_pipeline_is_refusal:
 * @promise: the data of %PST_HANDOVER_REPLY
 *
 * Returns: whether webrtcbin refused a description
 */
gboolean
pst_pipeline_is_refusal (gpointer promise)
{
  const GstStructure *reply;

  if (gst_promise_wait (promise) != GST_PROMISE_RESULT_REPLIED)
    return TRUE;

  reply = gst_promise_get_reply (promise);
  return reply != NULL && gst_structure_has_field (reply, "error");
}

/**
 * pst_pipeline_add_candidate:
 * @self: a pipeline
 * @candidate: a candidate from pst_candidate_parse(); it may come before the
 *   descriptions
 */
void
pst_pipeline_add_candidate (PstPipeline *self, const char *candidate)
{
  g_signal_emit_by_name (self->webrtc, "add-ice-candidate", 0, candidate);
}

/**
 * pst_pipeline_end_candidates:
 * @self: a pipeline
 *
 * Says that no more candidates come; without it, the search never fails.
 */
void
pst_pipeline_end_candidates (PstPipeline *self)
{
  g_signal_emit_by_name (self->webrtc, "add-ice-candidate", 0, "");
}

/**
 * pst_pipeline_has_gathered:
 * @self: a pipeline
 *
 * Returns: whether all local candidates were reported
 */
gboolean
pst_pipeline_has_gathered (PstPipeline *self)
{
  GstWebRTCICEGatheringState state;

  g_object_get (self->webrtc, "ice-gathering-state", &state, NULL);
  return state == GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE;
}

/**
 * pst_pipeline_get_health:
 * @self: a pipeline
 *
 * Looks at the three transports themselves: webrtcbin's own summaries ignore a
 * connection without media.
 *
 * Returns: how the connection fares
 */
PstPipelineHealth
pst_pipeline_get_health (PstPipeline *self)
{
  GstWebRTCICEConnectionState ice;
  GstWebRTCDTLSTransportState dtls;
  GstWebRTCSCTPTransportState sctp;

  if (self->sctp == NULL)
    return PST_PIPELINE_CONNECTING;

  g_object_get (self->ice, "state", &ice, NULL);
  g_object_get (self->dtls, "state", &dtls, NULL);
  g_object_get (self->sctp, "state", &sctp, NULL);

  if (ice == GST_WEBRTC_ICE_CONNECTION_STATE_FAILED)
    return PST_PIPELINE_NO_PATH;
  if (dtls == GST_WEBRTC_DTLS_TRANSPORT_STATE_FAILED
      || dtls == GST_WEBRTC_DTLS_TRANSPORT_STATE_CLOSED
      || sctp == GST_WEBRTC_SCTP_TRANSPORT_STATE_CLOSED)
    return PST_PIPELINE_BROKEN;

  return dtls == GST_WEBRTC_DTLS_TRANSPORT_STATE_CONNECTED ? PST_PIPELINE_SECURE
                                                           : PST_PIPELINE_CONNECTING;
}

/**
 * pst_pipeline_get_remote_certificate:
 * @self: a pipeline in %PST_PIPELINE_SECURE
 *
 * Returns: (transfer full) (nullable): the other side's certificate, in PEM
 */
char *
pst_pipeline_get_remote_certificate (PstPipeline *self)
{
  char *pem;

  g_object_get (self->dtls, "remote-certificate", &pem, NULL);
  return pem;
}
