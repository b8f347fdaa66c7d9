/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several links that are one channel. Where there can be only one, everything passes
 * through; where there may be more, frames are brought back into their order where they
 * come, and once there was a second one they are kept until they are acknowledged. */
#include "pst-bundle-private.h"

#include <string.h>

#include "pst-error.h"

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

/* One more link may help. */
void
pst_bundle_emit_more (PstBundle *self)
{
  g_signal_emit (self, signals[SIGNAL_MORE], 0);
}

/* A link is done without. */
void
pst_bundle_emit_let_go (PstBundle *self, guint number)
{
  g_signal_emit (self, signals[SIGNAL_LET_GO], 0, number);
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
  pst_bundle_share_low_mark (self);
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

  pst_channel_get_path (pst_bundle_get_link (self, 0)->channel, path);
  for (guint i = 1; i < self->links->len; i++)
    {
      PstBundleLink *link = pst_bundle_get_link (self, i);
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
free_link (gpointer data)
{
  PstBundleLink *link = data;

  g_object_unref (link->channel);
  g_free (link);
}

static void
pst_bundle_dispose (GObject *object)
{
  PstBundle *self = PST_BUNDLE (object);

  self->closed = TRUE;
  pst_timer_clear (&self->tick_source);
  pst_timer_clear (&self->tell_source);
  for (guint i = 0; i < self->links->len; i++)
    g_signal_handlers_disconnect_by_data (pst_bundle_get_link (self, i)->channel, self);

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
  self->links = g_ptr_array_new_with_free_func (free_link);
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
  pst_bundle_add_link (self, 0, first);
  pst_timer_set (&self->tick_source, PST_GAIN_TICK_MS, pst_bundle_look, self);
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
