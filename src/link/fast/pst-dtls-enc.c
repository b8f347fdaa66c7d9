/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In the place of GStreamer's dtlssrtpenc, for data only: what arrives at
 * data_sink leaves encrypted at src, in the same thread and, if it came as a
 * list, as a list. */
#include "pst-dtls-enc.h"

#include "pst-dtls-link.h"

#define MEDIA_TYPE "application/x-dtls"

struct _PstDtlsEnc
{
  GstElement parent_instance;

  GstPad *src;
  PstDtlsLink *link; /* (nullable): set while nothing flows */
  gboolean is_client;
  gboolean rtp_sync;
};

G_DEFINE_FINAL_TYPE (PstDtlsEnc, pst_dtls_enc, GST_TYPE_ELEMENT)

enum
{
  PROP_CONNECTION_ID = 1,
  PROP_IS_CLIENT,
  PROP_CONNECTION_STATE,
  PROP_RTP_SYNC,
  PROP_DTLS_VERSION,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

#define RTP_CAPS "application/x-rtp;application/x-rtcp"

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
static GstStaticPadTemplate data_template = GST_STATIC_PAD_TEMPLATE (
    "data_sink", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS_ANY);
static GstStaticPadTemplate rtp_template = GST_STATIC_PAD_TEMPLATE (
    "rtp_sink_%d", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS (RTP_CAPS));
static GstStaticPadTemplate rtcp_template = GST_STATIC_PAD_TEMPLATE (
    "rtcp_sink_%d", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS (RTP_CAPS));

static GstFlowReturn
seal_run (PstDtlsEnc *self, GstBufferList *list, guint first, guint n_buffers)
{
  PstDtlsState state;
  GstBufferList *sealed = pst_dtls_link_seal (self->link, list, first, n_buffers, &state);

  if (sealed != NULL)
    return gst_pad_push_list (self->src, sealed);
  return state == PST_DTLS_CLOSED || state == PST_DTLS_FAILED ? GST_FLOW_EOS : GST_FLOW_OK;
}

static GstFlowReturn
seal_list (PstDtlsEnc *self, GstBufferList *list)
{
  guint length = gst_buffer_list_length (list);
  GstFlowReturn flow = self->link != NULL ? GST_FLOW_OK : GST_FLOW_FLUSHING;

  for (guint first = 0; first < length && flow == GST_FLOW_OK; first += PST_DTLS_MAX_RUN)
    flow = seal_run (self, list, first, MIN (length - first, PST_DTLS_MAX_RUN));
  return flow;
}

static GstFlowReturn
data_chain_list (GstPad *pad, GstObject *parent, GstBufferList *list)
{
  GstFlowReturn flow = seal_list (PST_DTLS_ENC (parent), list);

  gst_buffer_list_unref (list);
  return flow;
}

static GstFlowReturn
data_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  GstBufferList *list = gst_buffer_list_new_sized (1);

  gst_buffer_list_add (list, buffer);
  return data_chain_list (pad, parent, list);
}

static gboolean
data_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  PstDtlsEnc *self = PST_DTLS_ENC (parent);
  GstEventType type = GST_EVENT_TYPE (event);
  gboolean ok = TRUE;

  if (type == GST_EVENT_FLUSH_START || type == GST_EVENT_FLUSH_STOP)
    ok = gst_pad_push_event (self->src, gst_event_ref (event));
  if (type == GST_EVENT_FLUSH_STOP)
    pst_dtls_pad_store_events (self->src, MEDIA_TYPE);
  if (type == GST_EVENT_EOS && self->link != NULL)
    pst_dtls_link_close (self->link);

  gst_event_unref (event);
  return ok;
}

/* webrtcbin asks for the pads of media even without media. */
static GstFlowReturn
media_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static gboolean
media_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  gst_event_unref (event);
  return TRUE;
}

static GstPad *
request_new_pad (GstElement *element,
                 GstPadTemplate *template,
                 const char *name,
                 const GstCaps *caps)
{
  gboolean data = g_str_has_prefix (GST_PAD_TEMPLATE_NAME_TEMPLATE (template), "data");
  GstPad *pad;

  if (name == NULL && !data)
    return NULL;

  pad = gst_pad_new_from_template (template, name != NULL ? name : "data_sink");
  gst_pad_set_chain_function (pad, data ? data_chain : media_chain);
  if (data)
    gst_pad_set_chain_list_function (pad, data_chain_list);
  gst_pad_set_event_function (pad, data ? data_event : media_event);
  gst_pad_set_active (pad, TRUE);
  gst_element_add_pad (element, pad);
  return pad;
}

static void
release_pad (GstElement *element, GstPad *pad)
{
  gst_pad_set_active (pad, FALSE);
  gst_element_remove_pad (element, pad);
}

static gboolean
src_activate_mode (GstPad *pad, GstObject *parent, GstPadMode mode, gboolean active)
{
  if (mode != GST_PAD_MODE_PUSH)
    return FALSE;
  if (active)
    pst_dtls_pad_store_events (pad, MEDIA_TYPE);
  return TRUE;
}

static GstStateChangeReturn
change_state (GstElement *element, GstStateChange transition)
{
  PstDtlsEnc *self = PST_DTLS_ENC (element);
  GstStateChangeReturn result;

  if (transition == GST_STATE_CHANGE_NULL_TO_READY && self->link == NULL)
    return GST_STATE_CHANGE_FAILURE;
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    {
      pst_dtls_link_stop (self->link);
      /* Whoever is held up further down comes back. */
      gst_pad_push_event (self->src, gst_event_new_flush_start ());
    }

  result = GST_ELEMENT_CLASS (pst_dtls_enc_parent_class)->change_state (element, transition);

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && result != GST_STATE_CHANGE_FAILURE)
    pst_dtls_link_start (self->link, self->is_client);
  return result;
}

static void
set_connection_id (PstDtlsEnc *self, const char *id)
{
  g_clear_pointer (&self->link, pst_dtls_link_release);
  if (id == NULL)
    return;
  self->link = pst_dtls_link_obtain (id);
  pst_dtls_link_set_encoder (self->link, GST_ELEMENT (self));
}

static void
set_property (GObject *object, guint property, const GValue *value, GParamSpec *spec)
{
  PstDtlsEnc *self = PST_DTLS_ENC (object);

  switch (property)
    {
    case PROP_CONNECTION_ID:
      set_connection_id (self, g_value_get_string (value));
      break;
    case PROP_IS_CLIENT:
      self->is_client = g_value_get_boolean (value);
      break;
    case PROP_RTP_SYNC:
      self->rtp_sync = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, spec);
    }
}

static void
get_property (GObject *object, guint property, GValue *value, GParamSpec *spec)
{
  PstDtlsEnc *self = PST_DTLS_ENC (object);

  switch (property)
    {
    case PROP_CONNECTION_ID:
      g_value_set_string (value, self->link != NULL ? self->link->id : NULL);
      break;
    case PROP_IS_CLIENT:
      g_value_set_boolean (value, self->is_client);
      break;
    case PROP_CONNECTION_STATE:
      g_value_set_enum (value, self->link != NULL ? pst_dtls_link_get_state (self->link)
                                                  : PST_DTLS_CLOSED);
      break;
    case PROP_RTP_SYNC:
      g_value_set_boolean (value, self->rtp_sync);
      break;
    case PROP_DTLS_VERSION:
      g_value_set_uint (value, self->link != NULL ? pst_dtls_link_get_version (self->link) : 0);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, spec);
    }
}

static void
pst_dtls_enc_finalize (GObject *object)
{
  g_clear_pointer (&PST_DTLS_ENC (object)->link, pst_dtls_link_release);
  G_OBJECT_CLASS (pst_dtls_enc_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *class)
{
  properties[PROP_CONNECTION_ID] = g_param_spec_string ("connection-id", NULL, NULL, NULL,
                                                        G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_IS_CLIENT] = g_param_spec_boolean ("is-client", NULL, NULL, FALSE,
                                                     GST_PARAM_MUTABLE_READY | G_PARAM_READWRITE
                                                         | G_PARAM_STATIC_STRINGS);
  properties[PROP_CONNECTION_STATE] = g_param_spec_enum ("connection-state", NULL, NULL,
                                                         PST_TYPE_DTLS_STATE, PST_DTLS_NEW,
                                                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_RTP_SYNC] = g_param_spec_boolean ("rtp-sync", NULL, NULL, FALSE,
                                                    G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_DTLS_VERSION] = g_param_spec_uint ("dtls-version", NULL, NULL, 0, G_MAXUINT16, 0,
                                                     G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (class, N_PROPERTIES, properties);
}

static void
pst_dtls_enc_class_init (PstDtlsEncClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GstElementClass *element_class = GST_ELEMENT_CLASS (class);

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = pst_dtls_enc_finalize;
  element_class->request_new_pad = request_new_pad;
  element_class->release_pad = release_pad;
  element_class->change_state = change_state;

  install_properties (object_class);
  g_signal_new ("on-key-set", PST_TYPE_DTLS_ENC, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 0);

  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_add_static_pad_template (element_class, &data_template);
  gst_element_class_add_static_pad_template (element_class, &rtp_template);
  gst_element_class_add_static_pad_template (element_class, &rtcp_template);
  gst_element_class_set_static_metadata (element_class, "DTLS encoder", "Encoder/Network/DTLS",
                                         "Encrypts the data of a data channel", "Penstock");
}

static void
pst_dtls_enc_init (PstDtlsEnc *self)
{
  self->src = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_set_activatemode_function (self->src, src_activate_mode);
  gst_element_add_pad (GST_ELEMENT (self), self->src);
}
