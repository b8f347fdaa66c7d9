/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In the place of GStreamer's sctpdec, for data channels: packets in, messages out
 * on a pad for each stream, in the thread that brought the packets. Names of
 * properties, signals and pads are GStreamer's; webrtcbin knows no others. */
#include <gst/sctp/sctpreceivemeta.h>

#include "pst-sctp-association.h"
#include "pst-sctp-elements.h"

/* How many packets are looked at under one lock. */
#define MAX_TOGETHER 64

struct _PstSctpDec
{
  GstElement parent_instance;

  GstPad *sink;
  guint id;
  gboolean automatic_id;
  guint local_port;
  PstAssociation *association; /* between READY and PAUSED and back */
};

G_DEFINE_FINAL_TYPE (PstSctpDec, pst_sctp_dec, GST_TYPE_ELEMENT)

enum
{
  PROP_ID = 1,
  PROP_LOCAL_PORT,
  PROP_AUTOMATIC_ID,
  N_PROPS
};

/* Numbers that are chosen here are larger than those webrtcbin chooses. */
static gint next_automatic_id = 0x10000;

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS ("application/x-sctp"));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src_%u", GST_PAD_SRC, GST_PAD_SOMETIMES, GST_STATIC_CAPS_ANY);

static gboolean
on_src_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  gst_event_unref (event);
  return TRUE;
}

static GstPad *
add_pad (PstSctpDec *self, const char *name)
{
  g_autoptr (GstPadTemplate) templ = gst_static_pad_template_get (&src_template);
  GstPad *pad = gst_pad_new_from_template (templ, name);
  g_autofree char *id = NULL;
  GstSegment segment;

  gst_pad_set_event_function (pad, on_src_event);
  gst_pad_set_active (pad, TRUE);
  id = gst_pad_create_stream_id (pad, GST_ELEMENT (self), name);
  gst_segment_init (&segment, GST_FORMAT_BYTES);
  gst_pad_push_event (pad, gst_event_new_stream_start (id));
  gst_pad_push_event (pad, gst_event_new_segment (&segment));
  gst_object_ref (pad);
  if (gst_element_add_pad (GST_ELEMENT (self), pad))
    return pad;
  gst_object_unref (pad);
  return NULL;
}

static GstPad *
get_pad (PstSctpDec *self, guint stream)
{
  g_autofree char *name = g_strdup_printf ("src_%u", stream);
  GstPad *pad = gst_element_get_static_pad (GST_ELEMENT (self), name);

  return pad != NULL ? pad : add_pad (self, name);
}

static void
remove_pad (PstSctpDec *self, GstPad *pad)
{
  gst_pad_set_active (pad, FALSE);
  gst_element_remove_pad (GST_ELEMENT (self), pad);
}

static void
push_message (PstSctpDec *self, PstSctpMessage *message)
{
  g_autoptr (GstPad) pad = get_pad (self, message->stream);
  GstBuffer *buffer = gst_buffer_new_wrapped (message->bytes, message->n_bytes);

  gst_sctp_buffer_add_receive_meta (buffer, message->protocol);
  g_free (message);
  if (pad != NULL)
    gst_pad_push (pad, buffer);
  else
    gst_buffer_unref (buffer);
}

/* The other side ended a stream; the pad goes, and webrtcbin closes the channel. */
static void
reset_stream (PstSctpDec *self, guint stream)
{
  g_autoptr (GstPad) pad = get_pad (self, stream);

  if (pad != NULL)
    remove_pad (self, pad);
}

static void
tell (PstSctpDec *self, gboolean established)
{
  g_autoptr (GstElement) encoder = pst_association_ref_encoder (self->association);

  if (encoder != NULL)
    pst_sctp_enc_tell (PST_SCTP_ENC (encoder), established);
}

static void
push_ack (PstSctpDec *self, GstBuffer *ack)
{
  g_autoptr (GstElement) encoder = pst_association_ref_encoder (self->association);

  if (encoder != NULL)
    pst_sctp_enc_push (PST_SCTP_ENC (encoder), ack);
  else
    gst_buffer_unref (ack);
}

static void
receive (PstSctpDec *self, GstBuffer **packets, guint n_packets)
{
  PstAssociationNews news;
  PstSctpMessage *message;

  pst_association_receive (self->association, packets, n_packets, &news);
  if (news.ack != NULL)
    push_ack (self, g_steal_pointer (&news.ack));
  if (news.established)
    tell (self, TRUE);
  while ((message = g_queue_pop_head (&news.messages)) != NULL)
    push_message (self, message);
  while (!g_queue_is_empty (&news.reset_streams))
    reset_stream (self, GPOINTER_TO_UINT (g_queue_pop_head (&news.reset_streams)));
  if (news.closed)
    tell (self, FALSE);
}

static GstFlowReturn
on_packet (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  receive (PST_SCTP_DEC (parent), &buffer, 1);
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static GstFlowReturn
on_packets (GstPad *pad, GstObject *parent, GstBufferList *list)
{
  GstBuffer *packets[MAX_TOGETHER];
  guint length = gst_buffer_list_length (list);

  for (guint i = 0; i < length;)
    {
      guint n = 0;

      while (n < MAX_TOGETHER && i < length)
        packets[n++] = gst_buffer_list_get (list, i++);
      receive (PST_SCTP_DEC (parent), packets, n);
    }
  gst_buffer_list_unref (list);
  return GST_FLOW_OK;
}

static gboolean
on_sink_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  gst_event_unref (event);
  return TRUE;
}

/* Ours ends channels with their connections only. */
static void
pst_sctp_dec_reset_stream (PstSctpDec *self, guint stream)
{
}

static GstPad *
get_any_pad (PstSctpDec *self)
{
  GList *pads;
  GstPad *pad = NULL;

  GST_OBJECT_LOCK (self);
  pads = GST_ELEMENT (self)->srcpads;
  if (pads != NULL)
    pad = gst_object_ref (pads->data);
  GST_OBJECT_UNLOCK (self);
  return pad;
}

static void
remove_all_pads (PstSctpDec *self)
{
  GstPad *pad;

  while ((pad = get_any_pad (self)) != NULL)
    {
      remove_pad (self, pad);
      gst_object_unref (pad);
    }
}

static void
end (PstSctpDec *self)
{
  PstAssociation *association;

  GST_OBJECT_LOCK (self);
  association = g_steal_pointer (&self->association);
  GST_OBJECT_UNLOCK (self);
  pst_association_release (association);
}

static GstStateChangeReturn
pst_sctp_dec_change_state (GstElement *element, GstStateChange transition)
{
  PstSctpDec *self = PST_SCTP_DEC (element);
  GstStateChangeReturn result;
  guint local_port;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    {
      GST_OBJECT_LOCK (self);
      self->association = pst_association_get (self->id, GST_OBJECT_PARENT (self));
      local_port = self->local_port;
      GST_OBJECT_UNLOCK (self);
      pst_association_set_local_port (self->association, local_port);
    }

  result = GST_ELEMENT_CLASS (pst_sctp_dec_parent_class)->change_state (element, transition);

  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    {
      remove_all_pads (self);
      end (self);
    }
  return result;
}

static void
set_local_port (PstSctpDec *self, guint port)
{
  g_autoptr (PstAssociation) association = NULL;

  GST_OBJECT_LOCK (self);
  self->local_port = port;
  association = self->association != NULL ? pst_association_ref (self->association) : NULL;
  GST_OBJECT_UNLOCK (self);
  if (association != NULL)
    pst_association_set_local_port (association, port);
}

static void
set_automatic_id (PstSctpDec *self, gboolean automatic)
{
  self->automatic_id = automatic;
  if (automatic)
    self->id = (guint) g_atomic_int_add (&next_automatic_id, 1);
}

static void
pst_sctp_dec_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  PstSctpDec *self = PST_SCTP_DEC (object);

  switch (prop_id)
    {
    case PROP_ID:
      self->id = g_value_get_uint (value);
      break;
    case PROP_LOCAL_PORT:
      set_local_port (self, g_value_get_uint (value));
      break;
    case PROP_AUTOMATIC_ID:
      set_automatic_id (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
pst_sctp_dec_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  PstSctpDec *self = PST_SCTP_DEC (object);

  switch (prop_id)
    {
    case PROP_ID:
      g_value_set_uint (value, self->id);
      break;
    case PROP_LOCAL_PORT:
      g_value_set_uint (value, self->local_port);
      break;
    case PROP_AUTOMATIC_ID:
      g_value_set_boolean (value, self->automatic_id);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
pst_sctp_dec_class_init (PstSctpDecClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->set_property = pst_sctp_dec_set_property;
  object_class->get_property = pst_sctp_dec_get_property;
  element_class->change_state = pst_sctp_dec_change_state;
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "SCTP decoder", "Decoder/Network/SCTP",
                                         "Takes messages out of the packets of an association",
                                         "The Penstock authors");

  g_object_class_install_property (
      object_class, PROP_ID,
      g_param_spec_uint ("sctp-association-id", NULL, NULL, 0, G_MAXUINT, 1, flags));
  g_object_class_install_property (
      object_class, PROP_LOCAL_PORT,
      g_param_spec_uint ("local-sctp-port", NULL, NULL, 0, G_MAXUINT16, 0, flags));
  g_object_class_install_property (
      object_class, PROP_AUTOMATIC_ID,
      g_param_spec_boolean ("automatic-association-id", NULL, NULL, FALSE, flags));

  g_signal_new_class_handler (
      "reset-stream", PST_TYPE_SCTP_DEC, G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
      G_CALLBACK (pst_sctp_dec_reset_stream), NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
pst_sctp_dec_init (PstSctpDec *self)
{
  self->id = 1;
  self->sink = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sink, on_packet);
  gst_pad_set_chain_list_function (self->sink, on_packets);
  gst_pad_set_event_function (self->sink, on_sink_event);
  gst_element_add_pad (GST_ELEMENT (self), self->sink);
}
