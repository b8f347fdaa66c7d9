/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-nice-src.h"

#include "pst-nice-lane.h"
#include "pst-nice-target.h"

/* So many datagrams come by the agent before a lane is opened: while a pair is
 * being selected, checks are too frequent to risk one (see pst_udp_lane_new()),
 * and little data needs no lane. */
#define LANE_AFTER 16

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
  PstNiceOut *out;
  PstNiceLane *lane;
  guint serial;       /* of the pair the lane is for; 0: none was */
  guint n_until_lane; /* 0: it was tried */

  GMutex stats_lock;
  gboolean has_lane;
  guint64 n_lists;
  guint64 by_agent;
  PstUdpLaneStats lane_stats;
};

G_DEFINE_FINAL_TYPE (PstNiceSrc, pst_nice_src, GST_TYPE_ELEMENT)

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

static void
publish_stats (PstNiceSrc *self)
{
  g_mutex_lock (&self->stats_lock);
  self->has_lane = pst_nice_lane_is_open (self->lane);
  self->lane_stats = pst_nice_lane_get_stats (self->lane);
  self->n_lists = pst_nice_out_get_n_lists (self->out);
  g_mutex_unlock (&self->stats_lock);
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
  pst_nice_out_take (self->out, gst_buffer_new_memdup (data, size), size);
  if (pst_nice_out_is_full (self->out))
    pst_nice_out_push (self->out);
}

static void
open_lane (PstNiceSrc *self)
{
  g_autoptr (GError) error = NULL;

  if (g_atomic_int_get (&self->with_lane) && !pst_nice_lane_open (self->lane, &error))
    GST_INFO_OBJECT (self, "%s", error->message);
}

static void
follow_pair (PstNiceSrc *self)
{
  guint serial = pst_nice_pair_get_serial (self->pair);

  if (serial == self->serial)
    return;

  pst_nice_lane_close (self->lane, &self->stopping);
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
  else if (pst_nice_lane_is_open (self->lane) && !pst_nice_lane_is_sound (self->lane))
    pst_nice_lane_close (self->lane, &self->stopping);
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
  pst_nice_lane_let_gather (self->lane);
  g_main_context_iteration (self->context, !pst_nice_lane_is_ready (self->lane));
  pst_nice_lane_read (self->lane);
  if (pst_nice_out_get_length (self->out) > 0)
    publish_stats (self);
  pst_nice_out_push (self->out);
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
  self->serial = 0;
  self->pair = pst_nice_pair_new (&self->target, self->context);
  self->out = pst_nice_out_new (self->pad);
  self->lane = pst_nice_lane_new (self->pair, self->context, self->out);

  return attach (self, on_agent_data) && gst_pad_start_task (self->pad, run, self, NULL);
}

static gboolean
stop (PstNiceSrc *self)
{
  gboolean stopped;

  g_atomic_int_set (&self->stopping, TRUE);
  (void) attach (self, NULL);
  g_main_context_wakeup (self->context);
  pst_nice_out_stop (self->out);
  stopped = gst_pad_stop_task (self->pad);

  pst_nice_lane_close (self->lane, &self->stopping);
  publish_stats (self);
  g_clear_pointer (&self->lane, pst_nice_lane_free);
  g_clear_pointer (&self->out, pst_nice_out_free);
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
