/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In the place of GStreamer's dtlssrtpdec, for data only: what arrives at sink
 * leaves decrypted at data_src, in the same thread and, if it came as a list, as
 * a list. */
#include "pst-dtls-dec.h"

#include "pst-dtls-link.h"

struct _PstDtlsDec
{
  GstElement parent_instance;

  GstPad *sink;
  GstPad *data_src;  /* (nullable) (unowned): the object lock guards it */
  PstDtlsLink *link; /* (nullable): set while nothing flows */
  gboolean ended;    /* only used by the thread that receives */
};

G_DEFINE_FINAL_TYPE (PstDtlsDec, pst_dtls_dec, GST_TYPE_ELEMENT)

enum
{
  PROP_CONNECTION_ID = 1,
  PROP_PEM,
  PROP_PEER_PEM,
  PROP_CONNECTION_STATE,
  PROP_DTLS_VERSION,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
static GstStaticPadTemplate data_template = GST_STATIC_PAD_TEMPLATE (
    "data_src", GST_PAD_SRC, GST_PAD_REQUEST, GST_STATIC_CAPS_ANY);
static GstStaticPadTemplate rtp_template = GST_STATIC_PAD_TEMPLATE (
    "rtp_src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS ("application/x-rtp"));
static GstStaticPadTemplate rtcp_template = GST_STATIC_PAD_TEMPLATE (
    "rtcp_src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS ("application/x-rtcp"));

static GstPad *
ref_data_src (PstDtlsDec *self)
{
  GstPad *pad;

  GST_OBJECT_LOCK (self);
  pad = self->data_src != NULL ? gst_object_ref (self->data_src) : NULL;
  GST_OBJECT_UNLOCK (self);
  return pad;
}

static GstFlowReturn
push_data (PstDtlsDec *self, GstBufferList *list, gboolean ended)
{
  g_autoptr (GstPad) pad = ref_data_src (self);
  GstFlowReturn flow = GST_FLOW_OK;

  if (pad != NULL && gst_buffer_list_length (list) > 0)
    flow = gst_pad_push_list (pad, list);
  else
    gst_buffer_list_unref (list);

  if (pad != NULL && ended && !self->ended)
    {
      self->ended = TRUE;
      gst_pad_push_event (pad, gst_event_new_eos ());
    }
  return flow == GST_FLOW_NOT_LINKED ? GST_FLOW_OK : flow;
}

static GstFlowReturn
sink_chain_list (GstPad *pad, GstObject *parent, GstBufferList *list)
{
  PstDtlsDec *self = PST_DTLS_DEC (parent);
  gboolean ended;

  if (self->link == NULL)
    {
      gst_buffer_list_unref (list);
      return GST_FLOW_FLUSHING;
    }
  list = gst_buffer_list_make_writable (list);
  ended = pst_dtls_link_open (self->link, list);
  pst_dtls_link_settle (self->link);
  return push_data (self, list, ended);
}

static GstFlowReturn
sink_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  GstBufferList *list = gst_buffer_list_new_sized (1);

  gst_buffer_list_add (list, buffer);
  return sink_chain_list (pad, parent, list);
}

static gboolean
sink_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  PstDtlsDec *self = PST_DTLS_DEC (parent);
  g_autoptr (GstPad) src = ref_data_src (self);
  GstEventType type = GST_EVENT_TYPE (event);
  gboolean passes = type == GST_EVENT_FLUSH_START || type == GST_EVENT_FLUSH_STOP
                    || type == GST_EVENT_EOS;
  gboolean ok = TRUE;

  if (passes && src != NULL)
    ok = gst_pad_push_event (src, gst_event_ref (event));
  if (type == GST_EVENT_FLUSH_STOP && src != NULL)
    pst_dtls_pad_store_events (src, NULL);

  gst_event_unref (event);
  return ok;
}

static gboolean
src_activate_mode (GstPad *pad, GstObject *parent, GstPadMode mode, gboolean active)
{
  if (mode != GST_PAD_MODE_PUSH)
    return FALSE;
  if (active)
    pst_dtls_pad_store_events (pad, NULL);
  return TRUE;
}

static gboolean
take_place (PstDtlsDec *self, GstPad *pad)
{
  gboolean free;

  GST_OBJECT_LOCK (self);
  free = self->data_src == NULL;
  if (free)
    self->data_src = pad;
  GST_OBJECT_UNLOCK (self);
  return free;
}

static GstPad *
request_new_pad (GstElement *element,
                 GstPadTemplate *template,
                 const char *name,
                 const GstCaps *caps)
{
  GstPad *pad = gst_pad_new_from_template (template, name != NULL ? name : "data_src");

  if (!take_place (PST_DTLS_DEC (element), pad))
    {
      gst_object_ref_sink (pad);
      gst_object_unref (pad);
      return NULL;
    }
  gst_pad_set_activatemode_function (pad, src_activate_mode);
  gst_pad_set_active (pad, TRUE);
  gst_element_add_pad (element, pad);
  return pad;
}

static void
release_pad (GstElement *element, GstPad *pad)
{
  PstDtlsDec *self = PST_DTLS_DEC (element);

  GST_OBJECT_LOCK (self);
  if (self->data_src == pad)
    self->data_src = NULL;
  GST_OBJECT_UNLOCK (self);
  gst_pad_set_active (pad, FALSE);
  gst_element_remove_pad (element, pad);
}

/**
 * pst_dtls_dec_is_connected:
 * @self: a decoder
 *
 * May be called from any thread while the element is not in %GST_STATE_NULL.
 *
 * Returns: whether the handshake is done and nobody has ended the association
 */
gboolean
pst_dtls_dec_is_connected (PstDtlsDec *self)
{
  return self->link != NULL && pst_dtls_link_get_state (self->link) == PST_DTLS_CONNECTED;
}

static GstStateChangeReturn
change_state (GstElement *element, GstStateChange transition)
{
  PstDtlsDec *self = PST_DTLS_DEC (element);

  if (transition == GST_STATE_CHANGE_NULL_TO_READY && self->link == NULL)
    return GST_STATE_CHANGE_FAILURE;
  return GST_ELEMENT_CLASS (pst_dtls_dec_parent_class)->change_state (element, transition);
}

static void
set_connection_id (PstDtlsDec *self, const char *id)
{
  g_clear_pointer (&self->link, pst_dtls_link_release);
  if (id == NULL)
    return;
  self->link = pst_dtls_link_obtain (id);
  pst_dtls_link_set_decoder (self->link, GST_ELEMENT (self));
}

static void
set_property (GObject *object, guint property, const GValue *value, GParamSpec *spec)
{
  PstDtlsDec *self = PST_DTLS_DEC (object);

  switch (property)
    {
    case PROP_CONNECTION_ID:
      set_connection_id (self, g_value_get_string (value));
      break;
    case PROP_PEM:
      if (self->link != NULL)
        pst_dtls_link_set_pem (self->link, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, spec);
    }
}

static void
get_link_property (PstDtlsLink *link, guint property, GValue *value)
{
  if (property == PROP_CONNECTION_ID)
    g_value_set_string (value, link->id);
  else if (property == PROP_PEM)
    g_value_take_string (value, pst_dtls_link_dup_pem (link));
  else if (property == PROP_PEER_PEM)
    g_value_take_string (value, pst_dtls_link_dup_peer_pem (link));
  else if (property == PROP_CONNECTION_STATE)
    g_value_set_enum (value, pst_dtls_link_get_state (link));
  else
    g_value_set_uint (value, pst_dtls_link_get_version (link));
}

static void
get_property (GObject *object, guint property, GValue *value, GParamSpec *spec)
{
  PstDtlsDec *self = PST_DTLS_DEC (object);

  if (self->link != NULL)
    get_link_property (self->link, property, value);
  else if (property == PROP_CONNECTION_STATE)
    g_value_set_enum (value, PST_DTLS_CLOSED);
}

static void
pst_dtls_dec_finalize (GObject *object)
{
  g_clear_pointer (&PST_DTLS_DEC (object)->link, pst_dtls_link_release);
  G_OBJECT_CLASS (pst_dtls_dec_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *class)
{
  properties[PROP_CONNECTION_ID] = g_param_spec_string ("connection-id", NULL, NULL, NULL,
                                                        G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_PEM] = g_param_spec_string ("pem", NULL, NULL, NULL,
                                              G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_PEER_PEM] = g_param_spec_string ("peer-pem", NULL, NULL, NULL,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_CONNECTION_STATE] = g_param_spec_enum ("connection-state", NULL, NULL,
                                                         PST_TYPE_DTLS_STATE, PST_DTLS_NEW,
                                                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_DTLS_VERSION] = g_param_spec_uint ("dtls-version", NULL, NULL, 0, G_MAXUINT16, 0,
                                                     G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (class, N_PROPERTIES, properties);
}

static void
pst_dtls_dec_class_init (PstDtlsDecClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GstElementClass *element_class = GST_ELEMENT_CLASS (class);

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = pst_dtls_dec_finalize;
  element_class->request_new_pad = request_new_pad;
  element_class->release_pad = release_pad;
  element_class->change_state = change_state;

  install_properties (object_class);
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &data_template);
  gst_element_class_add_static_pad_template (element_class, &rtp_template);
  gst_element_class_add_static_pad_template (element_class, &rtcp_template);
  gst_element_class_set_static_metadata (element_class, "DTLS decoder", "Decoder/Network/DTLS",
                                         "Decrypts the data of a data channel", "Penstock");
}

static void
pst_dtls_dec_init (PstDtlsDec *self)
{
  GstElement *element = GST_ELEMENT (self);

  self->sink = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sink, sink_chain);
  gst_pad_set_chain_list_function (self->sink, sink_chain_list);
  gst_pad_set_event_function (self->sink, sink_event);
  gst_element_add_pad (element, self->sink);

  /* No media ever leaves there; webrtcbin wants to see them. */
  gst_element_add_pad (element, gst_pad_new_from_static_template (&rtp_template, "rtp_src"));
  gst_element_add_pad (element, gst_pad_new_from_static_template (&rtcp_template, "rtcp_src"));
}
