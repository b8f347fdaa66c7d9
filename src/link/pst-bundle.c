/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several links that are one channel. As long as there is one, everything passes
 * through; once there was a second, frames are kept until they are acknowledged, and
 * brought back into their order where they come. */
#include "pst-bundle-private.h"

#include <stdlib.h>
#include <string.h>

#include "pst-error.h"

/* A link that has brought nothing for so long, while everything waits for what is under
 * way over it, is done without: the usual timeouts of an SCTP, a second and then two,
 * have passed. */
#define STUCK_US (4 * G_TIME_SPAN_SECOND)

/* With the first link all is lost, so chance must not do that: where one packet in twenty is
 * lost, it loses the same one a fourth time once in ten thousand. When nothing comes over
 * any link the pulse is quicker (docs/protocol.md, 6). */
#define FIRST_STUCK_US (15 * G_TIME_SPAN_SECOND)

enum
{
  SIGNAL_MORE,
  SIGNAL_LET_GO,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void channel_iface_init (PstChannelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PstBundle,
                               pst_bundle,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (PST_TYPE_CHANNEL, channel_iface_init))

static PstBundleLink *
find_link (PstBundle *self, gconstpointer channel)
{
  for (guint i = 0; i < self->links->len; i++)
    {
      PstBundleLink *link = g_ptr_array_index (self->links, i);

      if (link->channel == channel)
        return link;
    }

  return NULL;
}

/* The channel is gone; nothing follows. */
void
pst_bundle_break (PstBundle *self, const GError *error)
{
  if (self->closed)
    return;

  self->closed = TRUE;
  pst_timer_clear (&self->tick_source);
  pst_timer_clear (&self->tell_source);
  pst_channel_emit_closed (PST_CHANNEL (self), error);
}

static void
share_low_mark (PstBundle *self)
{
  guint64 share_bytes = MAX (self->low_mark_bytes / self->links->len, 1);

  for (guint i = 0; i < self->links->len; i++)
    pst_channel_set_low_mark (((PstBundleLink *) g_ptr_array_index (self->links, i))->channel,
                              share_bytes);
}

/* Goes on without a link; what was under way over it goes over the others. */
static gboolean
take_out (PstBundle *self, guint number)
{
  PstBundleLink *link = NULL;

  for (guint i = 1; i < self->links->len; i++)
    if (((PstBundleLink *) g_ptr_array_index (self->links, i))->number == number)
      link = g_ptr_array_index (self->links, i);
  if (link == NULL)
    return FALSE;

  g_signal_handlers_disconnect_by_data (link->channel, self);
  g_ptr_array_remove (self->links, link);
  pst_gain_set_links (&self->gain, g_get_monotonic_time (), self->links->len);
  share_low_mark (self);
  g_debug ("without link %u there are %u", number, self->links->len);
  pst_bundle_send_again (self, number);
  return TRUE;
}

static void
let_go (PstBundle *self, guint number)
{
  if (take_out (self, number) && !self->closed)
    g_signal_emit (self, signals[SIGNAL_LET_GO], 0, number);
}

/* A link has ended by itself, or is of no use. */
static void
lose (PstBundle *self, guint number)
{
  if (number == 0)
    {
      g_autoptr (GError) error = g_error_new_literal (PST_ERROR, PST_ERROR_LOST,
                                                      "The connection to the other side is lost.");

      pst_bundle_break (self, error);
      return;
    }

  pst_bundle_fail (self);
  let_go (self, number);
}

static void
on_frame (PstChannel *channel, GBytes *frame, PstBundle *self)
{
  pst_bundle_take_frame (self, find_link (self, channel), frame);
}

/* The pump is woken by each: what waits over a link that stands still must not keep it
 * from filling the others. */
static void
on_low (PstChannel *channel, PstBundle *self)
{
  if (!self->closed)
    pst_channel_emit_buffered_amount_low (PST_CHANNEL (self));
}

static void
on_closed (PstChannel *channel, const GError *error, PstBundle *self)
{
  g_autoptr (PstBundle) alive = g_object_ref (self);
  guint number = find_link (self, channel)->number;

  if (self->closed)
    return;
  if (number == 0 || !g_error_matches (error, PST_ERROR, PST_ERROR_LOST))
    pst_bundle_break (self, error);
  else
    lose (self, number);
}

static void
add_link (PstBundle *self, guint number, PstChannel *channel)
{
  PstBundleLink *link = g_new0 (PstBundleLink, 1);

  link->number = number;
  link->channel = g_object_ref (channel);
  g_ptr_array_add (self->links, link);
  g_signal_connect (channel, "frame", G_CALLBACK (on_frame), self);
  g_signal_connect (channel, "buffered-amount-low", G_CALLBACK (on_low), self);
  g_signal_connect (channel, "closed", G_CALLBACK (on_closed), self);
}

static void
remove_link (gpointer data)
{
  PstBundleLink *link = data;

  g_object_unref (link->channel);
  g_free (link);
}

static void
lose_failed (PstBundle *self)
{
  for (guint i = self->links->len; i-- > 1 && !self->closed;)
    {
      PstBundleLink *link = g_ptr_array_index (self->links, i);

      if (link->failed)
        lose (self, link->number);
    }
}

/* Where this program itself stood still, nothing can have come. */
static void
notice_sleep (PstBundle *self, gint64 now_us)
{
  if (now_us - self->looked_us > 4 * PST_GAIN_TICK_MS * G_TIME_SPAN_MILLISECOND)
    self->awake_us = now_us;
  self->looked_us = now_us;
}

static void
lose_stuck (PstBundle *self, gint64 now_us)
{
  guint number;
  gint64 since_us;

  notice_sleep (self, now_us);
  if (self->links->len < 2 || !pst_under_way_get_stuck (self->under_way, &number, &since_us))
    return;
  if (now_us - MAX (since_us, self->awake_us) >= (number == 0 ? FIRST_STUCK_US : STUCK_US))
    lose (self, number);
}

static void
follow_gain (PstBundle *self, gint64 now_us)
{
  guint64 buffered_bytes = pst_bundle_get_buffered (self);
  PstBundleLink *last = g_ptr_array_index (self->links, self->links->len - 1);
  gboolean is_held = self->low_mark_bytes > 0 && buffered_bytes >= self->low_mark_bytes / 2;

  switch (pst_gain_look (&self->gain, now_us,
                         self->given_bytes + self->waiting_bytes - buffered_bytes, is_held))
    {
    case PST_GAIN_MORE:
      g_debug ("one more than %u links may help: %" G_GUINT64_FORMAT " bytes a second",
               self->links->len, self->gain.rate_bps);
      g_signal_emit (self, signals[SIGNAL_MORE], 0);
      break;
    case PST_GAIN_FEWER:
      g_debug ("link %u does not help", last->number);
      let_go (self, last->number);
      break;
    case PST_GAIN_STAY:
    default:
      break;
    }
}

static gboolean
on_tick (gpointer user_data)
{
  g_autoptr (PstBundle) self = g_object_ref (user_data);
  gint64 now_us = g_get_monotonic_time ();

  lose_failed (self);
  if (!self->closed)
    lose_stuck (self, now_us);
  if (!self->closed)
    follow_gain (self, now_us);
  return self->closed ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static guint64
get_buffered_amount (PstChannel *channel)
{
  return pst_bundle_get_buffered (PST_BUNDLE (channel));
}

static void
set_low_mark (PstChannel *channel, guint64 low_mark_bytes)
{
  PstBundle *self = PST_BUNDLE (channel);

  self->low_mark_bytes = low_mark_bytes;
  share_low_mark (self);
}

static gboolean
send_frame (PstChannel *channel, GBytes *frame, GError **error)
{
  return pst_bundle_send (PST_BUNDLE (channel), frame, error);
}

/* Times are those of the first link, on which all depends; the bytes are of all, and one
 * sender that sleeps is enough to be minded. */
static void
get_path (PstChannel *channel, PstChannelPath *path)
{
  PstBundle *self = PST_BUNDLE (channel);

  pst_channel_get_path (((PstBundleLink *) g_ptr_array_index (self->links, 0))->channel, path);
  for (guint i = 1; i < self->links->len; i++)
    {
      PstBundleLink *link = g_ptr_array_index (self->links, i);
      PstChannelPath other;

      pst_channel_get_path (link->channel, &other);
      path->sent_bytes += other.sent_bytes;
      path->lost_bytes += other.lost_bytes;
      path->came_us = MAX (path->came_us, other.came_us);
      path->sender_sleeps |= other.sender_sleeps;
    }
  path->came_us = MAX (path->came_us, self->came_us);
  path->n_links = self->links->len;
  path->most_links = pst_bundle_get_most_links ();
}

static void
channel_iface_init (PstChannelInterface *iface)
{
  iface->send = send_frame;
  iface->get_buffered_amount = get_buffered_amount;
  iface->set_low_mark = set_low_mark;
  iface->get_path = get_path;
}

static void
pst_bundle_dispose (GObject *object)
{
  PstBundle *self = PST_BUNDLE (object);

  self->closed = TRUE;
  pst_timer_clear (&self->tick_source);
  pst_timer_clear (&self->tell_source);
  for (guint i = 0; i < self->links->len; i++)
    g_signal_handlers_disconnect_by_data (
        ((PstBundleLink *) g_ptr_array_index (self->links, i))->channel, self);

  G_OBJECT_CLASS (pst_bundle_parent_class)->dispose (object);
}

static void
pst_bundle_finalize (GObject *object)
{
  PstBundle *self = PST_BUNDLE (object);

  g_queue_clear_full (&self->waiting, (GDestroyNotify) g_bytes_unref);
  g_clear_pointer (&self->links, g_ptr_array_unref);
  g_clear_pointer (&self->under_way, pst_under_way_free);
  g_clear_pointer (&self->order, pst_order_free);

  G_OBJECT_CLASS (pst_bundle_parent_class)->finalize (object);
}

static void
pst_bundle_class_init (PstBundleClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = pst_bundle_dispose;
  object_class->finalize = pst_bundle_finalize;

  signals[SIGNAL_MORE] = g_signal_new ("more", PST_TYPE_BUNDLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                       NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_LET_GO] = g_signal_new ("let-go", PST_TYPE_BUNDLE, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
pst_bundle_init (PstBundle *self)
{
  self->links = g_ptr_array_new_with_free_func (remove_link);
  self->under_way = pst_under_way_new ();
  self->order = pst_order_new ();
  g_queue_init (&self->waiting);
}

/**
 * pst_bundle_new:
 * @first: the first link, open, over which nothing has gone
 * @n_rests: how often a bundle of this pairing was lost while it had several links
 *
 * Returns: (transfer full): a channel that may get more links
 */
PstBundle *
pst_bundle_new (PstChannel *first, guint n_rests)
{
  PstBundle *self = g_object_new (PST_TYPE_BUNDLE, NULL);
  gint64 now_us = g_get_monotonic_time ();

  pst_gain_start (&self->gain, now_us, n_rests);
  self->looked_us = self->awake_us = now_us;
  add_link (self, 0, first);
  pst_timer_set (&self->tick_source, PST_GAIN_TICK_MS, on_tick, self);
  return self;
}

static const char *
get_wish (void)
{
  const char *wish = g_getenv ("PST_LINK_BUNDLE");

  return wish != NULL ? wish : "";
}

/**
 * pst_bundle_get_most_links:
 *
 * The environment's PST_LINK_BUNDLE can lower it; 1: never more than one link. With a “!”
 * behind the number, so many are made whatever they bring.
 *
 * Returns: how many links a bundle has at most
 */
guint
pst_bundle_get_most_links (void)
{
  guint64 n = g_ascii_strtoull (get_wish (), NULL, 10);

  return n >= 1 ? MIN (n, PST_CHANNEL_MAX_LINKS) : PST_CHANNEL_MAX_LINKS;
}

/**
 * pst_bundle_allow:
 * @self: a bundle
 * @most_links: so many links the other side can take
 *
 * From now on #PstBundle::more may come, and the other side may have bundled.
 */
void
pst_bundle_allow (PstBundle *self, guint most_links)
{
  pst_gain_set_most_links (&self->gain, MIN (most_links, pst_bundle_get_most_links ()),
                           strchr (get_wish (), '!') != NULL);
}

/**
 * pst_bundle_add:
 * @self: a bundle
 * @number: the number of the link, above 0 and not one of those it has
 * @channel: the link, open, over which nothing has gone
 *
 * Has one more link, which both sides have.
 */
void
pst_bundle_add (PstBundle *self, guint number, PstChannel *channel)
{
  g_return_if_fail (number > 0 && number <= PST_CHANNEL_MAX_LINK_NUMBER);

  if (self->closed)
    return;

  self->bundled = TRUE;
  add_link (self, number, channel);
  pst_order_expect_again (self->order);
  share_low_mark (self);
  g_debug ("with link %u there are %u", number, self->links->len);
  pst_gain_set_links (&self->gain, g_get_monotonic_time (), self->links->len);
  pst_bundle_tell_all (self);
  pst_channel_emit_buffered_amount_low (PST_CHANNEL (self));
}

/**
 * pst_bundle_remove:
 * @self: a bundle
 * @number: the number of a link
 *
 * The other side does without this link, and so does this one.
 */
void
pst_bundle_remove (PstBundle *self, guint number)
{
  g_autoptr (PstBundle) alive = g_object_ref (self);

  if (self->closed)
    return;

  pst_bundle_fail (self);
  take_out (self, number);
}

/**
 * pst_bundle_fail:
 * @self: a bundle
 *
 * One more link could not be made: it is not asked for again for a while.
 */
void
pst_bundle_fail (PstBundle *self)
{
  gint64 now_us = g_get_monotonic_time ();

  if (self->gain.state != PST_GAIN_RESTING)
    pst_gain_fail (&self->gain, now_us);
}

/**
 * pst_bundle_get_n_links:
 * @self: a bundle
 *
 * Returns: how many links it has
 */
guint
pst_bundle_get_n_links (PstBundle *self)
{
  return self->links->len;
}
