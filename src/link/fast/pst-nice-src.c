/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-nice-src.h"

#include "pst-dtls-dec.h"
#include "pst-nice-pair.h"
#include "pst-nice-relay.h"
#include "pst-udp-lane.h"

#include <glib-unix.h>
#include <poll.h>
#include <unistd.h>

/* What goes downstream in one list, at most (and a system call's worth more). */
#define LIST_BUFFERS 64
#define LIST_BYTES   (256 * 1024)

/* So many datagrams come by the agent before a lane is opened: while a pair is
 * being selected, checks are too frequent to risk one (see pst_udp_lane_new()),
 * and little data needs no lane. */
#define LANE_AFTER 16

#define REST_MS 2

/* Each time this thread is woken costs more than the packet it is woken for. When few
 * came, the next ones get a moment to gather; one that comes alone does not wait. More
 * than this costs throughput near by, where a moment is a round trip. */
#define GATHER_US    500
#define GATHER_BELOW 8

enum
{
  PROP_LANE = PST_NICE_TARGET_N_PROPS,
  PROP_STATS,
};

/**
 * PstNiceSrc:
 *
 * Receives what comes for an ICE component and pushes it on as lists of
 * buffers, each of one datagram. It takes the place of libnice's `nicesrc`. The
 * agent reads its sockets in the element's thread, as there; once a plain UDP
 * pair is selected, DTLS comes over a #PstUdpLane beside the agent's socket,
 * and the agent keeps what is its own.
 */
struct _PstNiceSrc
{
  GstElement parent_instance;
  PstNiceTarget target;
  GstPad *pad;
  GMainContext *context;
  gint stopping;  /* atomic */
  gint with_lane; /* atomic */
  PstNicePair *pair;

  /* Of the task. */
  gboolean started;
  guint serial;       /* of the pair the lane is for; 0: none was */
  guint n_until_lane; /* 0: it was tried */
  PstUdpLane *lane;
  GSource *lane_source;
  gboolean lane_is_ready;
  gboolean gather; /* a few came: more will */
  PstNiceRelay *relay;    /* (nullable): to the DTLS element, once it is secure */
  GstBufferList *list;
  gsize list_bytes;
  GstClockTime time;

  GMutex stats_lock;
  gboolean has_lane;
  guint64 n_lists;
  guint64 by_agent;
  PstUdpLaneStats before; /* of lanes that are gone */
  PstUdpLaneStats lane_stats;
};

G_DEFINE_FINAL_TYPE (PstNiceSrc, pst_nice_src, GST_TYPE_ELEMENT)

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

static void
add_stats (PstUdpLaneStats *sum, PstUdpLaneStats more)
{
  sum->calls += more.calls;
  sum->received += more.received;
  sum->coalesced += more.coalesced;
  sum->strangers += more.strangers;
  sum->strays += more.strays;
  sum->overlong += more.overlong;
}

static void
publish_stats (PstNiceSrc *self)
{
  g_mutex_lock (&self->stats_lock);
  self->has_lane = self->lane != NULL;
  self->lane_stats = self->before;
  if (self->lane != NULL)
    add_stats (&self->lane_stats, pst_udp_lane_get_stats (self->lane));
  g_mutex_unlock (&self->stats_lock);
}

static void
push_caps (PstNiceSrc *self)
{
  g_autoptr (GstCaps) caps = gst_pad_peer_query_caps (self->pad, NULL);

  if (caps != NULL && gst_caps_is_fixed (caps))
    gst_pad_push_event (self->pad, gst_event_new_caps (caps));
}

static void
push_first_events (PstNiceSrc *self)
{
  g_autofree char *id = gst_pad_create_stream_id_printf (self->pad, GST_ELEMENT (self), "%08x",
                                                         g_random_int ());
  GstSegment segment;

  gst_pad_push_event (self->pad, gst_event_new_stream_start (id));
  push_caps (self);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (self->pad, gst_event_new_segment (&segment));
}

static GstClockTime
get_running_time (PstNiceSrc *self)
{
  g_autoptr (GstClock) clock = gst_element_get_clock (GST_ELEMENT (self));

  if (clock == NULL)
    return GST_CLOCK_TIME_NONE;

  return gst_clock_get_time (clock) - gst_element_get_base_time (GST_ELEMENT (self));
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
find_decoder_pad (PstNiceSrc *self)
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
follow_relay (PstNiceSrc *self)
{
  g_autoptr (GstPad) pad = NULL;

  if (self->relay != NULL)
    return;
  pad = find_decoder_pad (self);
  if (pad == NULL || !is_secure (pad))
    return;
  GST_OBJECT_LOCK (self);
  self->relay = pst_nice_relay_new (pad);
  GST_OBJECT_UNLOCK (self);
}

static void
stop_relay (PstNiceSrc *self)
{
  GST_OBJECT_LOCK (self);
  if (self->relay != NULL)
    pst_nice_relay_stop (self->relay);
  GST_OBJECT_UNLOCK (self);
}

static void
push_list (PstNiceSrc *self)
{
  g_autoptr (GstBufferList) list = g_steal_pointer (&self->list);
  gsize n_bytes = self->list_bytes;

  if (list == NULL)
    return;

  self->list_bytes = 0;
  g_mutex_lock (&self->stats_lock);
  self->n_lists++;
  g_mutex_unlock (&self->stats_lock);

  if (!self->started)
    push_first_events (self);
  self->started = TRUE;
  follow_relay (self);

  /* Whatever became of it: checks have to be answered all the same, and those
   * who stop the pipeline stop this task. */
  if (self->relay != NULL)
    pst_nice_relay_push (self->relay, g_steal_pointer (&list), n_bytes);
  else if (gst_buffer_list_length (list) > 1)
    (void) gst_pad_push_list (self->pad, g_steal_pointer (&list));
  else
    (void) gst_pad_push (self->pad, gst_buffer_ref (gst_buffer_list_get (list, 0)));
}

static gboolean
is_list_full (PstNiceSrc *self)
{
  return self->list != NULL
         && (gst_buffer_list_length (self->list) >= LIST_BUFFERS || self->list_bytes >= LIST_BYTES);
}

static void
take_buffer (PstNiceSrc *self, GstBuffer *buffer, gsize size)
{
  if (self->list == NULL)
    {
      self->list = gst_buffer_list_new_sized (LIST_BUFFERS);
      self->time = get_running_time (self);
    }

  GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = self->time;
  gst_buffer_list_add (self->list, buffer);
  self->list_bytes += size;
}

/* The agent reads until its socket is empty, however much comes: the list is
 * pushed from here when it is full. The agent's lock is not held. */
static void
on_agent_data (
    NiceAgent *agent, guint stream, guint component, guint size, gchar *data, gpointer user_data)
{
  PstNiceSrc *self = user_data;

  g_mutex_lock (&self->stats_lock);
  self->by_agent++;
  g_mutex_unlock (&self->stats_lock);

  if (self->n_until_lane > 1)
    self->n_until_lane--;
  take_buffer (self, gst_buffer_new_memdup (data, size), size);
  if (is_list_full (self))
    push_list (self);
}

static void
on_lane_data (guint8 *data, gsize size, gpointer block, gpointer user_data)
{
  /* Writable: nobody else has these bytes of the block, and DTLS opens them in place. */
  GstBuffer *buffer = gst_buffer_new_wrapped_full (0, data, size, 0, size,
                                                   pst_udp_block_ref (block), pst_udp_block_unref);

  take_buffer (user_data, buffer, size);
}

static gboolean
on_stranger (const struct sockaddr *from, gpointer user_data)
{
  PstNiceSrc *self = user_data;

  return pst_nice_pair_is_remote (self->pair, from);
}

static gboolean
on_lane_readable (gint fd, GIOCondition condition, gpointer user_data)
{
  PstNiceSrc *self = user_data;

  self->lane_is_ready = TRUE;
  return G_SOURCE_CONTINUE;
}

static void
read_lane (PstNiceSrc *self)
{
  while (self->lane_is_ready && !is_list_full (self))
    self->lane_is_ready = pst_udp_lane_receive (self->lane, on_lane_data, on_stranger, self);
}

/* Before waiting for them: that would be two wake-ups. */
static void
let_gather (PstNiceSrc *self)
{
  if (self->gather)
    g_usleep (GATHER_US);
  self->gather = FALSE;
}

static void
read_gathered (PstNiceSrc *self)
{
  guint n_buffers;

  if (!self->lane_is_ready)
    return;

  read_lane (self);
  n_buffers = self->list != NULL ? gst_buffer_list_length (self->list) : 0;
  self->gather = n_buffers > 1 && n_buffers < GATHER_BELOW;
}

/* What the kernel has already sorted to the lane may take a moment to get
 * there. */
static gboolean
wait_for_rest (PstNiceSrc *self)
{
  struct pollfd fd = { .fd = pst_udp_lane_get_fd (self->lane), .events = POLLIN };

  return poll (&fd, 1, REST_MS) > 0;
}

static void
close_lane (PstNiceSrc *self)
{
  if (self->lane == NULL)
    return;

  pst_udp_lane_retire (self->lane);
  while (!g_atomic_int_get (&self->stopping) && wait_for_rest (self))
    {
      self->lane_is_ready = TRUE;
      read_lane (self);
      push_list (self);
    }
  self->lane_is_ready = FALSE;

  g_source_destroy (self->lane_source);
  g_clear_pointer (&self->lane_source, g_source_unref);
  add_stats (&self->before, pst_udp_lane_get_stats (self->lane));
  g_clear_pointer (&self->lane, pst_udp_lane_free);
}

static void
watch_lane (PstNiceSrc *self)
{
  self->lane_source = g_unix_fd_source_new (pst_udp_lane_get_fd (self->lane), G_IO_IN);
  g_source_set_callback (self->lane_source, G_SOURCE_FUNC (on_lane_readable), self, NULL);
  /* Otherwise GLib takes the descriptor out and in again around each dispatch, and
   * wakes its own poll() both times. */
  g_source_set_can_recurse (self->lane_source, TRUE);
  g_source_attach (self->lane_source, self->context);
}

static void
open_lane (PstNiceSrc *self)
{
  g_autoptr (GError) error = NULL;
  struct sockaddr_storage remote;
  socklen_t length;
  int fd;

  if (!g_atomic_int_get (&self->with_lane))
    return;

  fd = pst_nice_pair_open (self->pair, &remote, &length);
  if (fd < 0)
    return;

  self->lane = pst_udp_lane_new (fd, (struct sockaddr *) &remote, &error);
  close (fd);
  if (self->lane != NULL)
    watch_lane (self);
  else
    GST_INFO_OBJECT (self, "%s", error->message);
}

static void
follow_pair (PstNiceSrc *self)
{
  guint serial = pst_nice_pair_get_serial (self->pair);

  if (serial == self->serial)
    return;

  close_lane (self);
  self->serial = serial;
  self->n_until_lane = LANE_AFTER + 1;
  publish_stats (self);
}

static void
follow_lane (PstNiceSrc *self)
{
  if (self->n_until_lane == 1)
    {
      self->n_until_lane = 0;
      open_lane (self);
    }
  else if (self->lane != NULL && !pst_udp_lane_is_sound (self->lane))
    close_lane (self);
}

static void
run (gpointer user_data)
{
  PstNiceSrc *self = user_data;

  if (g_atomic_int_get (&self->stopping))
    {
      gst_pad_pause_task (self->pad);
      return;
    }

  follow_pair (self);
  follow_lane (self);
  let_gather (self);
  g_main_context_iteration (self->context, !self->lane_is_ready);
  if (self->lane != NULL)
    read_gathered (self);
  if (self->list != NULL)
    publish_stats (self);
  push_list (self);
}

static gboolean
attach (PstNiceSrc *self, NiceAgentRecvFunc receive)
{
  return nice_agent_attach_recv (self->target.agent, self->target.stream, self->target.component,
                                 self->context, receive, self);
}

static gboolean
start (PstNiceSrc *self)
{
  g_atomic_int_set (&self->stopping, FALSE);
  self->started = FALSE;
  self->serial = 0;
  self->pair = pst_nice_pair_new (&self->target, self->context);

  return attach (self, on_agent_data) && gst_pad_start_task (self->pad, run, self, NULL);
}

static gboolean
stop (PstNiceSrc *self)
{
  gboolean stopped;

  g_atomic_int_set (&self->stopping, TRUE);
  (void) attach (self, NULL);
  g_main_context_wakeup (self->context);
  stop_relay (self);
  stopped = gst_pad_stop_task (self->pad);

  close_lane (self);
  publish_stats (self);
  g_clear_pointer (&self->list, gst_buffer_list_unref);
  self->list_bytes = 0;
  g_clear_pointer (&self->relay, pst_nice_relay_free);
  g_clear_pointer (&self->pair, pst_nice_pair_free);
  return stopped;
}

static gboolean
activate_mode (GstPad *pad, GstObject *parent, GstPadMode mode, gboolean active)
{
  PstNiceSrc *self = PST_NICE_SRC (parent);

  if (mode != GST_PAD_MODE_PUSH)
    return FALSE;

  return active ? start (self) : stop (self);
}

static gboolean
query (GstPad *pad, GstObject *parent, GstQuery *asked)
{
  if (GST_QUERY_TYPE (asked) != GST_QUERY_LATENCY)
    return gst_pad_query_default (pad, parent, asked);

  gst_query_set_latency (asked, TRUE, 0, GST_CLOCK_TIME_NONE);
  return TRUE;
}

/* A live source has nothing to show in PAUSED. */
static GstStateChangeReturn
pst_nice_src_change_state (GstElement *element, GstStateChange transition)
{
  PstNiceSrc *self = PST_NICE_SRC (element);
  GstStateChangeReturn result;

  if (transition == GST_STATE_CHANGE_NULL_TO_READY && !pst_nice_target_is_complete (&self->target))
    {
      GST_ELEMENT_ERROR (self, LIBRARY, SETTINGS, (NULL), ("no agent, stream or component"));
      return GST_STATE_CHANGE_FAILURE;
    }

  result = GST_ELEMENT_CLASS (pst_nice_src_parent_class)->change_state (element, transition);
  if (result == GST_STATE_CHANGE_SUCCESS
      && (transition == GST_STATE_CHANGE_READY_TO_PAUSED
          || transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED))
    return GST_STATE_CHANGE_NO_PREROLL;

  return result;
}

static GstStructure *
describe_stats (PstNiceSrc *self)
{
  PstUdpLaneStats lane;
  guint64 n_lists, by_agent;
  gboolean has_lane;

  g_mutex_lock (&self->stats_lock);
  lane = self->lane_stats;
  n_lists = self->n_lists;
  by_agent = self->by_agent;
  has_lane = self->has_lane;
  g_mutex_unlock (&self->stats_lock);

  return gst_structure_new ("pst-nice-src-stats", "lane", G_TYPE_BOOLEAN, has_lane, "lists",
                            G_TYPE_UINT64, n_lists, "by-agent", G_TYPE_UINT64, by_agent, "by-lane",
                            G_TYPE_UINT64, lane.received, "calls", G_TYPE_UINT64, lane.calls,
                            "coalesced", G_TYPE_UINT64, lane.coalesced, "strangers", G_TYPE_UINT64,
                            lane.strangers, "strays", G_TYPE_UINT64, lane.strays, "overlong",
                            G_TYPE_UINT64, lane.overlong, NULL);
}

static void
pst_nice_src_set_property (GObject *object,
                           guint property_id,
                           const GValue *value,
                           GParamSpec *pspec)
{
  PstNiceSrc *self = PST_NICE_SRC (object);

  if (property_id == PROP_LANE)
    g_atomic_int_set (&self->with_lane, g_value_get_boolean (value));
  else if (!pst_nice_target_set (&self->target, property_id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
pst_nice_src_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  PstNiceSrc *self = PST_NICE_SRC (object);

  if (property_id == PROP_LANE)
    g_value_set_boolean (value, g_atomic_int_get (&self->with_lane));
  else if (property_id == PROP_STATS)
    g_value_take_boxed (value, describe_stats (self));
  else if (!pst_nice_target_get (&self->target, property_id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
pst_nice_src_finalize (GObject *object)
{
  PstNiceSrc *self = PST_NICE_SRC (object);

  g_main_context_unref (self->context);
  g_mutex_clear (&self->stats_lock);
  pst_nice_target_clear (&self->target);
  G_OBJECT_CLASS (pst_nice_src_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *klass)
{
  pst_nice_target_install_properties (klass);
  g_object_class_install_property (
      klass, PROP_LANE,
      g_param_spec_boolean ("lane", "Lane", "Whether to read DTLS beside the agent", TRUE,
                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (
      klass, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics", "What came in, and which way", GST_TYPE_STRUCTURE,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
pst_nice_src_class_init (PstNiceSrcClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  object_class->set_property = pst_nice_src_set_property;
  object_class->get_property = pst_nice_src_get_property;
  object_class->finalize = pst_nice_src_finalize;
  element_class->change_state = pst_nice_src_change_state;
  install_properties (object_class);

  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "ICE source of Penstock", "Source/Network",
                                         "Receives datagrams in batches from an ICE component",
                                         "Penstock");
}

static void
pst_nice_src_init (PstNiceSrc *self)
{
  self->with_lane = TRUE;
  self->context = g_main_context_new ();
  g_mutex_init (&self->stats_lock);
  self->pad = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_set_activatemode_function (self->pad, activate_mode);
  gst_pad_set_query_function (self->pad, query);
  gst_element_add_pad (GST_ELEMENT (self), self->pad);
  GST_OBJECT_FLAG_SET (self, GST_ELEMENT_FLAG_SOURCE);
}
