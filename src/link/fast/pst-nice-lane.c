/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-nice-lane.h"

#include <glib-unix.h>
#include <poll.h>
#include <unistd.h>

#define REST_MS 2

/* Each time this thread is woken costs more than the packet it is woken for. When few
 * came, the next ones get a moment to gather; one that comes alone does not wait. More
 * than this costs throughput near by, where a moment is a round trip. */
#define GATHER_US    500
#define GATHER_BELOW 8

struct _PstNiceLane
{
  PstNicePair *pair;
  GMainContext *context;
  PstNiceOut *out;
  PstUdpLane *lane; /* (nullable) */
  GSource *source;  /* of its socket */
  gboolean is_ready;
  gboolean gather;        /* a few came: more will */
  PstUdpLaneStats before; /* of lanes that are gone */
};

/**
 * pst_nice_lane_new:
 * @pair: the pair that an ICE agent selected; outlives it
 * @context: where the agent's sockets are read; outlives it
 * @out: where datagrams go; outlives it
 *
 * Receives what is DTLS beside the agent, for whatever pair is selected; for one thread.
 *
 * Returns: (transfer full): the lane, which is not open
 */
PstNiceLane *
pst_nice_lane_new (PstNicePair *pair, GMainContext *context, PstNiceOut *out)
{
  PstNiceLane *self = g_new0 (PstNiceLane, 1);

  self->pair = pair;
  self->context = context;
  self->out = out;
  return self;
}

/**
 * pst_nice_lane_free:
 * @self: (transfer full): a lane that is not open
 */
void
pst_nice_lane_free (PstNiceLane *self)
{
  g_return_if_fail (self->lane == NULL);

  g_free (self);
}

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

/**
 * pst_nice_lane_get_stats:
 * @self: a lane
 *
 * Returns: what came in so far, over all pairs
 */
PstUdpLaneStats
pst_nice_lane_get_stats (PstNiceLane *self)
{
  PstUdpLaneStats stats = self->before;

  if (self->lane != NULL)
    add_stats (&stats, pst_udp_lane_get_stats (self->lane));
  return stats;
}

/**
 * pst_nice_lane_is_open:
 * @self: a lane
 *
 * Returns: whether DTLS comes here
 */
gboolean
pst_nice_lane_is_open (PstNiceLane *self)
{
  return self->lane != NULL;
}

/**
 * pst_nice_lane_is_sound:
 * @self: a lane that is open
 *
 * Returns: whether the kernel sorts as it should; if not, close it for good
 */
gboolean
pst_nice_lane_is_sound (PstNiceLane *self)
{
  return pst_udp_lane_is_sound (self->lane);
}

/**
 * pst_nice_lane_is_ready:
 * @self: a lane
 *
 * Returns: whether there may be more to read right now
 */
gboolean
pst_nice_lane_is_ready (PstNiceLane *self)
{
  return self->is_ready;
}

static void
on_data (guint8 *data, gsize size, gpointer block, gpointer user_data)
{
  PstNiceLane *self = user_data;
  /* Writable: nobody else has these bytes of the block, and DTLS opens them in place. */
  GstBuffer *buffer = gst_buffer_new_wrapped_full (0, data, size, 0, size,
                                                   pst_udp_block_ref (block), pst_udp_block_unref);

  pst_nice_out_take (self->out, buffer, size);
}

static gboolean
on_stranger (const struct sockaddr *from, gpointer user_data)
{
  PstNiceLane *self = user_data;

  return pst_nice_pair_is_remote (self->pair, from);
}

static gboolean
on_readable (gint fd, GIOCondition condition, gpointer user_data)
{
  PstNiceLane *self = user_data;

  self->is_ready = TRUE;
  return G_SOURCE_CONTINUE;
}

static void
receive (PstNiceLane *self)
{
  while (self->is_ready && !pst_nice_out_is_full (self->out))
    self->is_ready = pst_udp_lane_receive (self->lane, on_data, on_stranger, self);
}

/**
 * pst_nice_lane_let_gather:
 * @self: a lane
 *
 * Gives what follows a few datagrams a moment: before waiting for it, as that would be two
 * wake-ups.
 */
void
pst_nice_lane_let_gather (PstNiceLane *self)
{
  if (self->gather)
    g_usleep (GATHER_US);
  self->gather = FALSE;
}

/**
 * pst_nice_lane_read:
 * @self: a lane
 *
 * Reads what its socket has, if it told that it has something.
 */
void
pst_nice_lane_read (PstNiceLane *self)
{
  guint n_buffers;

  if (!self->is_ready)
    return;

  receive (self);
  n_buffers = pst_nice_out_get_length (self->out);
  self->gather = n_buffers > 1 && n_buffers < GATHER_BELOW;
}

/* What the kernel has already sorted to the lane may take a moment to get
 * there. */
static gboolean
wait_for_rest (PstNiceLane *self)
{
  struct pollfd fd = { .fd = pst_udp_lane_get_fd (self->lane), .events = POLLIN };

  return poll (&fd, 1, REST_MS) > 0;
}

/**
 * pst_nice_lane_close:
 * @self: a lane, open or not
 * @stopping: atomic; not 0 when nobody waits for what is left any more
 *
 * Gives everything back to the agent, and reads and pushes what is left.
 */
void
pst_nice_lane_close (PstNiceLane *self, const gint *stopping)
{
  if (self->lane == NULL)
    return;

  pst_udp_lane_retire (self->lane);
  while (!g_atomic_int_get (stopping) && wait_for_rest (self))
    {
      self->is_ready = TRUE;
      receive (self);
      pst_nice_out_push (self->out);
    }
  self->is_ready = FALSE;

  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  add_stats (&self->before, pst_udp_lane_get_stats (self->lane));
  g_clear_pointer (&self->lane, pst_udp_lane_free);
}

static void
watch (PstNiceLane *self)
{
  self->source = g_unix_fd_source_new (pst_udp_lane_get_fd (self->lane), G_IO_IN);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_readable), self, NULL);
  /* Otherwise GLib takes the descriptor out and in again around each dispatch, and
   * wakes its own poll() both times. */
  g_source_set_can_recurse (self->source, TRUE);
  g_source_attach (self->source, self->context);
}

/**
 * pst_nice_lane_open:
 * @self: a lane that is not open
 * @error: return location for why the kernel refuses it
 *
 * Opens it for the pair that is selected now, if that is plain UDP.
 *
 * Returns: %FALSE only if @error is set
 */
gboolean
pst_nice_lane_open (PstNiceLane *self, GError **error)
{
  struct sockaddr_storage remote;
  socklen_t length;
  int fd = pst_nice_pair_open (self->pair, &remote, &length);

  if (fd < 0)
    return TRUE;

  self->lane = pst_udp_lane_new (fd, (struct sockaddr *) &remote, error);
  close (fd);
  if (self->lane == NULL)
    return FALSE;

  watch (self);
  return TRUE;
}
