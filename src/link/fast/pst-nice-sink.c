/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-nice-sink.h"

#include "pst-nice-pair.h"
#include "pst-udp-batch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* How often a full agent is tried again; it has nothing to wait on. */
#define RETRY_MS 2

enum
{
  PROP_STATS = PST_NICE_TARGET_N_PROPS,
};

/**
 * PstNiceSink:
 *
 * Sends buffers to the other end of an ICE component, each as one datagram, in
 * the thread they come in. It takes the place of libnice's `nicesink`: over a
 * plain UDP pair whole lists go to the kernel at once, and a full socket makes
 * the caller wait (%PST_UDP_BATCH_PATIENCE_MS at most) where the other drops.
 * Over relays and TCP the agent sends.
 */
struct _PstNiceSink
{
  GstBaseSink parent_instance;
  PstNiceTarget target;
  PstNicePair *pair;
  int cancel_fd;

  /* Under the pad's stream lock. */
  guint serial; /* of the pair that is open; 0: none was */
  int fd;
  PstUdpBatch *batch; /* (nullable): the agent sends */
  struct iovec vectors[PST_UDP_BATCH_MAX];
  GstMapInfo maps[PST_UDP_BATCH_MAX];

  GMutex stats_lock;
  PstUdpBatchStats before; /* of batches that are gone, and of the agent */
  PstUdpBatchStats stats;
};

G_DEFINE_FINAL_TYPE (PstNiceSink, pst_nice_sink, GST_TYPE_BASE_SINK)

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

static void
add_stats (PstUdpBatchStats *sum, PstUdpBatchStats more)
{
  sum->sent += more.sent;
  sum->joined += more.joined;
  sum->calls += more.calls;
  sum->waits += more.waits;
  sum->dropped_full += more.dropped_full;
  sum->dropped_large += more.dropped_large;
  sum->dropped_error += more.dropped_error;
}

static void
publish_stats (PstNiceSink *self)
{
  g_mutex_lock (&self->stats_lock);
  self->stats = self->before;
  if (self->batch != NULL)
    add_stats (&self->stats, pst_udp_batch_get_stats (self->batch));
  g_mutex_unlock (&self->stats_lock);
}

static void
close_pair (PstNiceSink *self)
{
  if (self->batch != NULL)
    add_stats (&self->before, pst_udp_batch_get_stats (self->batch));
  g_clear_pointer (&self->batch, pst_udp_batch_free);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

static void
follow_pair (PstNiceSink *self)
{
  guint serial = pst_nice_pair_get_serial (self->pair);
  struct sockaddr_storage remote;
  socklen_t length;

  if (serial == self->serial)
    return;

  close_pair (self);
  self->serial = serial;
  self->fd = pst_nice_pair_open (self->pair, &remote, &length);
  if (self->fd >= 0)
    self->batch = pst_udp_batch_new (self->fd, (struct sockaddr *) &remote, length,
                                     self->cancel_fd);
}

/* FALSE: cancelled. */
static gboolean
pause_briefly (PstNiceSink *self)
{
  struct pollfd fds = { .fd = self->cancel_fd, .events = POLLIN };

  self->before.waits++;
  return poll (&fds, 1, RETRY_MS) == 0;
}

/* Returns: how many of the messages are dealt with after an error. */
static guint
handle_agent_error (PstNiceSink *self, const GError *error, guint n_left, gint64 deadline_us)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      if (pst_nice_pair_is_selected (self->pair) && g_get_monotonic_time () < deadline_us
          && pause_briefly (self))
        return 0;

      self->before.dropped_full += n_left;
      return n_left;
    }

  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_FAILED))
    {
      self->before.dropped_error += n_left;
      return n_left;
    }

  self->before.dropped_error++;
  return 1;
}

static void
send_by_agent (PstNiceSink *self, NiceOutputMessage *messages, guint n_messages)
{
  gint64 deadline_us = g_get_monotonic_time () + PST_UDP_BATCH_PATIENCE_MS * 1000;

  for (guint done = 0; done < n_messages;)
    {
      g_autoptr (GError) error = NULL;
      int n = nice_agent_send_messages_nonblocking (self->target.agent, self->target.stream,
                                                    self->target.component, messages + done,
                                                    n_messages - done, NULL, &error);

      self->before.calls++;
      if (n > 0)
        {
          self->before.sent += (guint) n;
          done += (guint) n;
          deadline_us = g_get_monotonic_time () + PST_UDP_BATCH_PATIENCE_MS * 1000;
        }
      else
        done += handle_agent_error (self, error, n_messages - done, deadline_us);
    }
}

static void
send_vectors_by_agent (PstNiceSink *self, guint n)
{
  GOutputVector vectors[PST_UDP_BATCH_MAX];
  NiceOutputMessage messages[PST_UDP_BATCH_MAX];

  for (guint i = 0; i < n; i++)
    {
      vectors[i] = (GOutputVector){ self->vectors[i].iov_base, self->vectors[i].iov_len };
      messages[i] = (NiceOutputMessage){ &vectors[i], 1 };
    }

  send_by_agent (self, messages, n);
}

static void
send_vectors (PstNiceSink *self, guint n)
{
  follow_pair (self);
  if (self->batch != NULL)
    pst_udp_batch_send (self->batch, self->vectors, n);
  else
    send_vectors_by_agent (self, n);
  publish_stats (self);
}

static gboolean
map_buffer (PstNiceSink *self, guint index, GstBuffer *buffer)
{
  GstMapInfo *map = &self->maps[index];

  if (gst_buffer_get_size (buffer) == 0 || !gst_buffer_map (buffer, map, GST_MAP_READ))
    return FALSE;

  self->vectors[index] = (struct iovec){ map->data, map->size };
  return TRUE;
}

static void
send_buffers (PstNiceSink *self, GstBuffer **buffers, guint n_buffers)
{
  GstBuffer *mapped[PST_UDP_BATCH_MAX];
  guint n = 0;

  for (guint i = 0; i < n_buffers; i++)
    if (map_buffer (self, n, buffers[i]))
      mapped[n++] = buffers[i];

  if (n > 0)
    send_vectors (self, n);

  for (guint i = 0; i < n; i++)
    gst_buffer_unmap (mapped[i], &self->maps[i]);
}

static GstFlowReturn
pst_nice_sink_render (GstBaseSink *sink, GstBuffer *buffer)
{
  send_buffers (PST_NICE_SINK (sink), &buffer, 1);
  return GST_FLOW_OK;
}

static GstFlowReturn
pst_nice_sink_render_list (GstBaseSink *sink, GstBufferList *list)
{
  guint length = gst_buffer_list_length (list);

  for (guint i = 0, n; i < length; i += n)
    {
      GstBuffer *buffers[PST_UDP_BATCH_MAX];

      n = MIN (length - i, PST_UDP_BATCH_MAX);
      for (guint j = 0; j < n; j++)
        buffers[j] = gst_buffer_list_get (list, i + j);
      send_buffers (PST_NICE_SINK (sink), buffers, n);
    }

  return GST_FLOW_OK;
}

/* From here until unlock_stop() nothing waits. */
static gboolean
pst_nice_sink_unlock (GstBaseSink *sink)
{
  (void) eventfd_write (PST_NICE_SINK (sink)->cancel_fd, 1);
  return TRUE;
}

static gboolean
pst_nice_sink_unlock_stop (GstBaseSink *sink)
{
  eventfd_t count;

  (void) eventfd_read (PST_NICE_SINK (sink)->cancel_fd, &count);
  return TRUE;
}

static gboolean
pst_nice_sink_start (GstBaseSink *sink)
{
  PstNiceSink *self = PST_NICE_SINK (sink);

  if (!pst_nice_target_is_complete (&self->target))
    {
      GST_ELEMENT_ERROR (self, LIBRARY, SETTINGS, (NULL), ("no agent, stream or component"));
      return FALSE;
    }

  self->pair = pst_nice_pair_new (&self->target, NULL);
  self->serial = 0;
  return pst_nice_sink_unlock_stop (sink);
}

static gboolean
pst_nice_sink_stop (GstBaseSink *sink)
{
  PstNiceSink *self = PST_NICE_SINK (sink);

  close_pair (self);
  publish_stats (self);
  g_clear_pointer (&self->pair, pst_nice_pair_free);
  return TRUE;
}

static GstStructure *
describe_stats (PstNiceSink *self)
{
  PstUdpBatchStats stats;

  g_mutex_lock (&self->stats_lock);
  stats = self->stats;
  g_mutex_unlock (&self->stats_lock);

  return gst_structure_new ("pst-nice-sink-stats", "sent", G_TYPE_UINT64, stats.sent, "joined",
                            G_TYPE_UINT64, stats.joined, "calls", G_TYPE_UINT64, stats.calls,
                            "waits", G_TYPE_UINT64, stats.waits, "dropped-full", G_TYPE_UINT64,
                            stats.dropped_full, "dropped-large", G_TYPE_UINT64, stats.dropped_large,
                            "dropped-error", G_TYPE_UINT64, stats.dropped_error, NULL);
}

static void
pst_nice_sink_set_property (GObject *object,
                            guint property_id,
                            const GValue *value,
                            GParamSpec *pspec)
{
  if (!pst_nice_target_set (&PST_NICE_SINK (object)->target, property_id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
pst_nice_sink_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  PstNiceSink *self = PST_NICE_SINK (object);

  if (property_id == PROP_STATS)
    g_value_take_boxed (value, describe_stats (self));
  else if (!pst_nice_target_get (&self->target, property_id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
pst_nice_sink_finalize (GObject *object)
{
  PstNiceSink *self = PST_NICE_SINK (object);

  close (self->cancel_fd);
  g_mutex_clear (&self->stats_lock);
  pst_nice_target_clear (&self->target);
  G_OBJECT_CLASS (pst_nice_sink_parent_class)->finalize (object);
}

static void
pst_nice_sink_class_init (PstNiceSinkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSinkClass *sink_class = GST_BASE_SINK_CLASS (klass);

  object_class->set_property = pst_nice_sink_set_property;
  object_class->get_property = pst_nice_sink_get_property;
  object_class->finalize = pst_nice_sink_finalize;
  pst_nice_target_install_properties (object_class);
  g_object_class_install_property (
      object_class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics", "What became of the datagrams", GST_TYPE_STRUCTURE,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  sink_class->start = pst_nice_sink_start;
  sink_class->stop = pst_nice_sink_stop;
  sink_class->render = pst_nice_sink_render;
  sink_class->render_list = pst_nice_sink_render_list;
  sink_class->unlock = pst_nice_sink_unlock;
  sink_class->unlock_stop = pst_nice_sink_unlock_stop;

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_set_static_metadata (element_class, "ICE sink of Penstock", "Sink/Network",
                                         "Sends datagrams in batches over an ICE component",
                                         "Penstock");
}

static void
pst_nice_sink_init (PstNiceSink *self)
{
  self->fd = -1;
  self->cancel_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  g_mutex_init (&self->stats_lock);
  gst_base_sink_set_drop_out_of_segment (GST_BASE_SINK (self), FALSE);
}
