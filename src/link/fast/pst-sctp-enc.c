/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In the place of GStreamer's sctpenc, for data channels: messages in on a pad for
 * each stream, packets out. Names of properties, signals and pads are GStreamer's;
 * webrtcbin knows no others. */
#include <gst/sctp/sctpsendmeta.h>
#include <stdio.h>

#include "pst-sctp-association.h"
#include "pst-sctp-elements.h"

/* A message without a protocol is binary (RFC 8831, section 8). */
#define PROTOCOL_BINARY 53

#define PST_TYPE_SCTP_ENC_PAD (pst_sctp_enc_pad_get_type ())
G_DECLARE_FINAL_TYPE (PstSctpEncPad, pst_sctp_enc_pad, PST, SCTP_ENC_PAD, GstPad)

struct _PstSctpEncPad
{
  GstPad parent_instance;

  guint16 stream;
  gint gate;          /* of PstAssociationGate; atomic */
  guint64 sent_bytes; /* under the object's lock */
};

G_DEFINE_FINAL_TYPE (PstSctpEncPad, pst_sctp_enc_pad, GST_TYPE_PAD)

static void
pst_sctp_enc_pad_class_init (PstSctpEncPadClass *klass)
{
}

static void
pst_sctp_enc_pad_init (PstSctpEncPad *self)
{
}

struct _PstSctpEnc
{
  GstElement parent_instance;

  GstPad *src;
  guint id;
  guint remote_port;
  gboolean use_sock_stream; /* it is always one */
  guint most_packet_bytes;
  gboolean has_begun;          /* the stream's first events are out; sending thread only */
  PstAssociation *association; /* from READY to PAUSED and back; under the object's lock
                                  where no pad's thread runs */
};

G_DEFINE_FINAL_TYPE (PstSctpEnc, pst_sctp_enc, GST_TYPE_ELEMENT)

enum
{
  PROP_ID = 1,
  PROP_REMOTE_PORT,
  PROP_USE_SOCK_STREAM,
  PROP_MOST_PACKET_BYTES,
  N_PROPS
};

enum
{
  SIGNAL_ESTABLISHED,
  SIGNAL_BYTES_SENT,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink_%u", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS_ANY);
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS ("application/x-sctp"));

/* Whether data flows. In the thread that heard of it, without a lock. */
void
pst_sctp_enc_tell (PstSctpEnc *self, gboolean established)
{
  g_signal_emit (self, signals[SIGNAL_ESTABLISHED], 0, established);
}

/* Takes @packet, which may overtake those of the sending thread. What is downstream
 * lets one thread in at a time. */
void
pst_sctp_enc_push (PstSctpEnc *self, GstBuffer *packet)
{
  gst_pad_push (self->src, packet);
}

/* For threads that may come while the element stops. */
static PstAssociation *
ref_association (PstSctpEnc *self)
{
  PstAssociation *association;

  GST_OBJECT_LOCK (self);
  association = self->association != NULL ? pst_association_ref (self->association) : NULL;
  GST_OBJECT_UNLOCK (self);
  return association;
}

typedef struct
{
  GstBuffer *buffer;
  GstMapInfo map;
} Mapped;

static void
mapped_free (gpointer data)
{
  Mapped *mapped = data;

  gst_buffer_unmap (mapped->buffer, &mapped->map);
  gst_buffer_unref (mapped->buffer);
  g_free (mapped);
}

/* The bytes of a buffer, without a copy. An empty message is one byte on the wire;
 * its protocol says that it is empty (RFC 8831, section 6.6). */
static GBytes *
take_bytes (GstBuffer *buffer)
{
  Mapped *mapped = g_new (Mapped, 1);

  mapped->buffer = buffer;
  if (!gst_buffer_map (buffer, &mapped->map, GST_MAP_READ))
    {
      gst_buffer_unref (buffer);
      g_free (mapped);
      return NULL;
    }
  if (mapped->map.size == 0)
    {
      mapped_free (mapped);
      return g_bytes_new_static ("", 1);
    }
  return g_bytes_new_with_free_func (mapped->map.data, mapped->map.size, mapped_free, mapped);
}

static GstFlowReturn
on_message (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  PstSctpEnc *self = PST_SCTP_ENC (parent);
  PstSctpEncPad *sink = PST_SCTP_ENC_PAD (pad);
  const GstSctpSendMeta *meta = gst_sctp_buffer_get_send_meta (buffer);
  guint32 protocol = meta != NULL ? meta->ppid : PROTOCOL_BINARY;
  gboolean ordered = meta == NULL || meta->ordered;
  g_autoptr (GBytes) bytes = take_bytes (buffer);
  GstFlowReturn result;

  if (bytes == NULL || g_bytes_get_size (bytes) > PST_SCTP_MAX_MESSAGE_BYTES)
    {
      GST_ELEMENT_ERROR (self, RESOURCE, WRITE, (NULL), ("A message cannot be sent."));
      return GST_FLOW_ERROR;
    }
  if (self->association == NULL)
    return GST_FLOW_FLUSHING;

  result = pst_association_send (self->association, bytes, sink->stream, protocol, ordered,
                                 &sink->gate);
  if (result == GST_FLOW_OK)
    {
      GST_OBJECT_LOCK (pad);
      sink->sent_bytes += g_bytes_get_size (bytes);
      GST_OBJECT_UNLOCK (pad);
    }
  return result;
}

static void
set_gate (PstSctpEnc *self, PstSctpEncPad *pad, PstAssociationGate gate)
{
  g_autoptr (PstAssociation) association = ref_association (self);

  g_atomic_int_set (&pad->gate, gate);
  if (association != NULL)
    pst_association_wake (association);
}

static gboolean
on_sink_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_START)
    set_gate (PST_SCTP_ENC (parent), PST_SCTP_ENC_PAD (pad), PST_ASSOCIATION_GATE_SHUT);
  else if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP)
    set_gate (PST_SCTP_ENC (parent), PST_SCTP_ENC_PAD (pad), PST_ASSOCIATION_GATE_OPEN);

  gst_event_unref (event);
  return TRUE;
}

static gboolean
on_src_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  g_autoptr (PstAssociation) association = ref_association (PST_SCTP_ENC (parent));

  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_START && association != NULL)
    pst_association_set_flushing (association, TRUE);
  else if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP && association != NULL)
    pst_association_set_flushing (association, FALSE);

  gst_event_unref (event);
  return TRUE;
}

static void
push_first_events (PstSctpEnc *self)
{
  g_autofree char *id = NULL;
  GstSegment segment;

  if (self->has_begun)
    return;

  self->has_begun = TRUE;
  id = gst_pad_create_stream_id (self->src, GST_ELEMENT (self), NULL);
  gst_segment_init (&segment, GST_FORMAT_BYTES);
  gst_pad_push_event (self->src, gst_event_new_stream_start (id));
  gst_pad_push_event (self->src,
                      gst_event_new_caps (gst_static_caps_get (&src_template.static_caps)));
  gst_pad_push_event (self->src, gst_event_new_segment (&segment));
}

/* The sending thread. */
static void
send_loop (gpointer user_data)
{
  PstSctpEnc *self = user_data;
  gboolean closed;
  GstBufferList *list;

  push_first_events (self);
  list = pst_association_collect (self->association, &closed);
  if (closed)
    pst_sctp_enc_tell (self, FALSE);
  if (list == NULL || gst_pad_push_list (self->src, list) == GST_FLOW_FLUSHING)
    gst_pad_pause_task (self->src);
}

static GstPad *
pst_sctp_enc_request_new_pad (GstElement *element,
                              GstPadTemplate *templ,
                              const char *name,
                              const GstCaps *caps)
{
  PstSctpEncPad *pad;
  guint stream;

  if (name == NULL || sscanf (name, "sink_%u", &stream) != 1 || stream >= PST_SCTP_N_STREAMS)
    return NULL;

  pad = g_object_new (PST_TYPE_SCTP_ENC_PAD, "name", name, "direction", GST_PAD_SINK, "template",
                      templ, NULL);
  pad->stream = (guint16) stream;
  gst_pad_set_chain_function (GST_PAD (pad), on_message);
  gst_pad_set_event_function (GST_PAD (pad), on_sink_event);
  gst_pad_set_active (GST_PAD (pad), TRUE);
  if (!gst_element_add_pad (element, GST_PAD (pad)))
    return NULL;
  return GST_PAD (pad);
}

/* The channel is closed. A message that waits for room belongs to it. */
static void
pst_sctp_enc_release_pad (GstElement *element, GstPad *pad)
{
  PstSctpEnc *self = PST_SCTP_ENC (element);
  g_autoptr (PstAssociation) association = ref_association (self);

  set_gate (self, PST_SCTP_ENC_PAD (pad), PST_ASSOCIATION_GATE_LAST);
  gst_pad_set_active (pad, FALSE);
  if (association != NULL)
    pst_association_reset_stream (association, PST_SCTP_ENC_PAD (pad)->stream);
  gst_element_remove_pad (element, pad);
}

static void
begin (PstSctpEnc *self)
{
  guint most_packet_bytes;

  GST_OBJECT_LOCK (self);
  self->association = pst_association_get (self->id, GST_OBJECT_PARENT (self));
  most_packet_bytes = self->most_packet_bytes;
  GST_OBJECT_UNLOCK (self);
  self->has_begun = FALSE;
  pst_association_set_flushing (self->association, FALSE);
  pst_association_set_most_packet_bytes (self->association, most_packet_bytes);
}

static void
start (PstSctpEnc *self)
{
  guint remote_port;

  GST_OBJECT_LOCK (self);
  remote_port = self->remote_port;
  GST_OBJECT_UNLOCK (self);
  gst_pad_start_task (self->src, send_loop, self, NULL);
  pst_association_set_remote_port (self->association, remote_port);
  pst_association_set_encoder (self->association, GST_ELEMENT (self));
}

static void
end (PstSctpEnc *self)
{
  PstAssociation *association;

  gst_pad_stop_task (self->src);
  GST_OBJECT_LOCK (self);
  association = g_steal_pointer (&self->association);
  GST_OBJECT_UNLOCK (self);
  pst_association_release (association);
}

static GstStateChangeReturn
pst_sctp_enc_change_state (GstElement *element, GstStateChange transition)
{
  PstSctpEnc *self = PST_SCTP_ENC (element);
  GstStateChangeReturn result;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    begin (self);
  else if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    {
      pst_association_set_encoder (self->association, NULL);
      pst_association_set_flushing (self->association, TRUE);
    }

  result = GST_ELEMENT_CLASS (pst_sctp_enc_parent_class)->change_state (element, transition);

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    start (self);
  else if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    end (self);
  return result;
}

static guint64
pst_sctp_enc_bytes_sent (PstSctpEnc *self, guint stream)
{
  g_autofree char *name = g_strdup_printf ("sink_%u", stream);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (GST_ELEMENT (self), name);
  guint64 sent_bytes = 0;

  if (pad == NULL)
    return 0;
  GST_OBJECT_LOCK (pad);
  sent_bytes = PST_SCTP_ENC_PAD (pad)->sent_bytes;
  GST_OBJECT_UNLOCK (pad);
  return sent_bytes;
}

/**
 * pst_sctp_enc_get_figures:
 * @self: an encoder
 * @figures: (out): what its association did and knows; zero before it begins. Any
 *   thread may ask
 */
void
pst_sctp_enc_get_figures (PstSctpEnc *self, PstSctpFigures *figures)
{
  g_autoptr (PstAssociation) association = ref_association (self);

  *figures = (PstSctpFigures){ 0 };
  if (association != NULL)
    pst_association_get_figures (association, figures);
}

static void
set_uint (PstSctpEnc *self, guint *field, const GValue *value)
{
  GST_OBJECT_LOCK (self);
  *field = g_value_get_uint (value);
  GST_OBJECT_UNLOCK (self);
}

static void
pst_sctp_enc_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  PstSctpEnc *self = PST_SCTP_ENC (object);
  g_autoptr (PstAssociation) association = ref_association (self);

  switch (prop_id)
    {
    case PROP_ID:
      self->id = g_value_get_uint (value);
      break;
    case PROP_REMOTE_PORT:
      set_uint (self, &self->remote_port, value);
      if (association != NULL)
        pst_association_set_remote_port (association, g_value_get_uint (value));
      break;
    case PROP_USE_SOCK_STREAM:
      self->use_sock_stream = g_value_get_boolean (value);
      break;
    case PROP_MOST_PACKET_BYTES:
      set_uint (self, &self->most_packet_bytes, value);
      if (association != NULL)
        pst_association_set_most_packet_bytes (association, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
pst_sctp_enc_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  PstSctpEnc *self = PST_SCTP_ENC (object);

  switch (prop_id)
    {
    case PROP_ID:
      g_value_set_uint (value, self->id);
      break;
    case PROP_REMOTE_PORT:
      g_value_set_uint (value, self->remote_port);
      break;
    case PROP_USE_SOCK_STREAM:
      g_value_set_boolean (value, self->use_sock_stream);
      break;
    case PROP_MOST_PACKET_BYTES:
      g_value_set_uint (value, self->most_packet_bytes);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
pst_sctp_enc_class_init (PstSctpEncClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->set_property = pst_sctp_enc_set_property;
  object_class->get_property = pst_sctp_enc_get_property;
  element_class->change_state = pst_sctp_enc_change_state;
  element_class->request_new_pad = pst_sctp_enc_request_new_pad;
  element_class->release_pad = pst_sctp_enc_release_pad;
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "SCTP encoder", "Encoder/Network/SCTP",
                                         "Sends messages in the packets of an association",
                                         "The Penstock authors");

  g_object_class_install_property (
      object_class, PROP_ID,
      g_param_spec_uint ("sctp-association-id", NULL, NULL, 0, G_MAXUINT, 1, flags));
  g_object_class_install_property (
      object_class, PROP_REMOTE_PORT,
      g_param_spec_uint ("remote-sctp-port", NULL, NULL, 0, G_MAXUINT16, 0, flags));
  g_object_class_install_property (
      object_class, PROP_USE_SOCK_STREAM,
      g_param_spec_boolean ("use-sock-stream", NULL, NULL, FALSE, flags));
  g_object_class_install_property (
      object_class, PROP_MOST_PACKET_BYTES,
      g_param_spec_uint ("most-packet-bytes", NULL, NULL, 1200, G_MAXUINT16, 1200, flags));

  signals[SIGNAL_ESTABLISHED] = g_signal_new ("sctp-association-established", PST_TYPE_SCTP_ENC,
                                              G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                              1, G_TYPE_BOOLEAN);
  signals[SIGNAL_BYTES_SENT] = g_signal_new_class_handler (
      "bytes-sent", PST_TYPE_SCTP_ENC, G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
      G_CALLBACK (pst_sctp_enc_bytes_sent), NULL, NULL, NULL, G_TYPE_UINT64, 1, G_TYPE_UINT);
}

static void
pst_sctp_enc_init (PstSctpEnc *self)
{
  self->id = 1;
  self->most_packet_bytes = 1200;
  self->src = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_set_event_function (self->src, on_src_event);
  gst_element_add_pad (GST_ELEMENT (self), self->src);
}
