/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-nice-out.h"

#include "pst-dtls-dec.h"
#include "pst-nice-relay.h"

struct _PstNiceOut
{
  GstPad *pad;
  gboolean started;
  GstBufferList *list; /* (nullable) */
  gsize list_bytes;
  GstClockTime time;
  guint64 n_lists;

  GMutex lock;         /* of @relay, for who stops it */
  PstNiceRelay *relay; /* (nullable): to the DTLS element, once it is secure */
};

/**
 * pst_nice_out_new:
 * @pad: the source pad of an element whose task this belongs to
 *
 * Gathers what one turn of the task received, and pushes it on as a list of buffers,
 * each of one datagram.
 *
 * Returns: (transfer full): the way out
 */
PstNiceOut *
pst_nice_out_new (GstPad *pad)
{
  PstNiceOut *self = g_new0 (PstNiceOut, 1);

  self->pad = pad;
  g_mutex_init (&self->lock);
  return self;
}

/**
 * pst_nice_out_free:
 * @self: (transfer full): the way out, when the task has ended
 */
void
pst_nice_out_free (PstNiceOut *self)
{
  g_clear_pointer (&self->list, gst_buffer_list_unref);
  g_clear_pointer (&self->relay, pst_nice_relay_free);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/**
 * pst_nice_out_stop:
 * @self: the way out
 *
 * Has nobody wait in it any more; any thread.
 */
void
pst_nice_out_stop (PstNiceOut *self)
{
  g_mutex_lock (&self->lock);
  if (self->relay != NULL)
    pst_nice_relay_stop (self->relay);
  g_mutex_unlock (&self->lock);
}

static GstElement *
get_element (PstNiceOut *self)
{
  return GST_ELEMENT (GST_OBJECT_PARENT (self->pad));
}

static void
push_caps (PstNiceOut *self)
{
  g_autoptr (GstCaps) caps = gst_pad_peer_query_caps (self->pad, NULL);

  if (caps != NULL && gst_caps_is_fixed (caps))
    gst_pad_push_event (self->pad, gst_event_new_caps (caps));
}

static void
push_first_events (PstNiceOut *self)
{
  g_autofree char *id = gst_pad_create_stream_id_printf (self->pad, get_element (self), "%08x",
                                                         g_random_int ());
  GstSegment segment;

  gst_pad_push_event (self->pad, gst_event_new_stream_start (id));
  push_caps (self);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (self->pad, gst_event_new_segment (&segment));
}

static GstClockTime
get_running_time (PstNiceOut *self)
{
  g_autoptr (GstClock) clock = gst_element_get_clock (get_element (self));

  if (clock == NULL)
    return GST_CLOCK_TIME_NONE;

  return gst_clock_get_time (clock) - gst_element_get_base_time (get_element (self));
}

/* Between us and our DTLS element webrtcbin has a capsfilter, which takes lists
 * apart, and a queue, where each packet alone changes the thread. Both are needed
 * before the connection is secure; then lists go there by a relay of our own. */
static GstPad *
step_downstream (GstPad *sink)
{
  g_autoptr (GstElement) element = gst_pad_get_parent_element (sink);
  GstElementFactory *factory = element != NULL ? gst_element_get_factory (element) : NULL;
  const char *name = factory != NULL ? GST_OBJECT_NAME (factory) : NULL;
  g_autoptr (GstPad) src = NULL;

  if (g_strcmp0 (name, "capsfilter") == 0 || g_strcmp0 (name, "queue") == 0)
    src = gst_element_get_static_pad (element, "src");
  return src != NULL ? gst_pad_get_peer (src) : NULL;
}

static GstPad *
find_decoder_pad (PstNiceOut *self)
{
  g_autoptr (GstPad) pad = gst_pad_get_peer (self->pad);

  while (pad != NULL)
    {
      g_autoptr (GstElement) element = gst_pad_get_parent_element (pad);
      GstPad *next;

      if (PST_IS_DTLS_DEC (element))
        return g_steal_pointer (&pad);
      next = step_downstream (pad);
      gst_object_unref (pad);
      pad = next;
    }
  return NULL;
}

static gboolean
is_secure (GstPad *decoder_pad)
{
  g_autoptr (GstElement) decoder = gst_pad_get_parent_element (decoder_pad);

  return decoder != NULL && pst_dtls_dec_is_connected (PST_DTLS_DEC (decoder));
}

static void
follow_relay (PstNiceOut *self)
{
  g_autoptr (GstPad) pad = NULL;

  if (self->relay != NULL)
    return;
  pad = find_decoder_pad (self);
  if (pad == NULL || !is_secure (pad))
    return;
  g_mutex_lock (&self->lock);
  self->relay = pst_nice_relay_new (pad);
  g_mutex_unlock (&self->lock);
}

/**
 * pst_nice_out_push:
 * @self: the way out
 *
 * Pushes what was taken, if anything. Whatever becomes of it, nobody is told: checks have
 * to be answered all the same, and those who stop the pipeline stop the task.
 */
void
pst_nice_out_push (PstNiceOut *self)
{
  g_autoptr (GstBufferList) list = g_steal_pointer (&self->list);
  gsize n_bytes = self->list_bytes;

  if (list == NULL)
    return;

  self->list_bytes = 0;
  if (!self->started)
    push_first_events (self);
  self->started = TRUE;
  follow_relay (self);

  if (self->relay != NULL)
    pst_nice_relay_push (self->relay, g_steal_pointer (&list), n_bytes);
  else if (gst_buffer_list_length (list) > 1)
    (void) gst_pad_push_list (self->pad, g_steal_pointer (&list));
  else
    (void) gst_pad_push (self->pad, gst_buffer_ref (gst_buffer_list_get (list, 0)));
}

/**
 * pst_nice_out_get_length:
 * @self: the way out
 *
 * Returns: how many datagrams wait to be pushed
 */
guint
pst_nice_out_get_length (PstNiceOut *self)
{
  return self->list != NULL ? gst_buffer_list_length (self->list) : 0;
}

/**
 * pst_nice_out_is_full:
 * @self: the way out
 *
 * Returns: whether it should be pushed before more is received
 */
gboolean
pst_nice_out_is_full (PstNiceOut *self)
{
  return pst_nice_out_get_length (self) >= PST_NICE_OUT_BUFFERS
         || self->list_bytes >= PST_NICE_OUT_BYTES;
}

/**
 * pst_nice_out_get_n_lists:
 * @self: the way out
 *
 * Returns: how many lists were pushed, with the one that is being filled
 */
guint64
pst_nice_out_get_n_lists (PstNiceOut *self)
{
  return self->n_lists;
}

/**
 * pst_nice_out_take:
 * @self: the way out
 * @buffer: (transfer full): a datagram
 * @size: its size in bytes
 */
void
pst_nice_out_take (PstNiceOut *self, GstBuffer *buffer, gsize size)
{
  if (self->list == NULL)
    {
      self->list = gst_buffer_list_new_sized (PST_NICE_OUT_BUFFERS);
      self->n_lists++;
      self->time = get_running_time (self);
    }

  GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = self->time;
  gst_buffer_list_add (self->list, buffer);
  self->list_bytes += size;
}
