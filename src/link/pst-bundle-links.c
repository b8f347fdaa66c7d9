/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The links of a bundle: how they come, how they go, and when one more is asked for. */
#include "pst-bundle-private.h"

#include "pst-error.h"

/* A link that has brought nothing for so long, while everything waits for what is under
 * way over it, is done without: the usual timeouts of an SCTP, a second and then two,
 * have passed. */
#define STUCK_US (4 * G_TIME_SPAN_SECOND)

/* With the first link all is lost, so chance must not do that: where one packet in twenty is
 * lost, it loses the same one a fourth time once in ten thousand. When nothing comes over
 * any link the pulse is quicker (docs/protocol.md, 6). */
#define FIRST_STUCK_US (15 * G_TIME_SPAN_SECOND)

static PstBundleLink *
find_link (PstBundle *self, gconstpointer channel)
{
  for (guint i = 0; i < self->links->len; i++)
    {
      PstBundleLink *link = pst_bundle_get_link (self, i);

      if (link->channel == channel)
        return link;
    }

  return NULL;
}

/* Each link wakes the pump when its part of what may wait is gone. */
void
pst_bundle_share_low_mark (PstBundle *self)
{
  guint64 share_bytes = MAX (self->low_mark_bytes / self->links->len, 1);

  for (guint i = 0; i < self->links->len; i++)
    pst_channel_set_low_mark (pst_bundle_get_link (self, i)->channel, share_bytes);
}

/* Goes on without a link; what was under way over it goes over the others. */
static gboolean
take_out (PstBundle *self, guint number)
{
  PstBundleLink *link = NULL;

  for (guint i = 1; i < self->links->len; i++)
    if (pst_bundle_get_link (self, i)->number == number)
      link = pst_bundle_get_link (self, i);
  if (link == NULL)
    return FALSE;

  g_signal_handlers_disconnect_by_data (link->channel, self);
  g_ptr_array_remove (self->links, link);
  pst_gain_set_links (&self->gain, g_get_monotonic_time (), self->links->len);
  pst_bundle_share_low_mark (self);
  g_debug ("without link %u there are %u", number, self->links->len);
  pst_under_way_take_back (self->under_way, number);
  pst_bundle_send_waiting (self);
  return TRUE;
}

static void
let_go (PstBundle *self, guint number)
{
  if (take_out (self, number) && !self->closed)
    pst_bundle_emit_let_go (self, number);
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
  g_autoptr (PstBundle) alive = g_object_ref (self);

  pst_bundle_send_waiting (self);
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

/* Takes a link, and hears what comes over it. */
void
pst_bundle_add_link (PstBundle *self, guint number, PstChannel *channel)
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
lose_failed (PstBundle *self)
{
  for (guint i = self->links->len; i-- > 1 && !self->closed;)
    {
      PstBundleLink *link = pst_bundle_get_link (self, i);

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
  PstBundleLink *last = pst_bundle_get_link (self, self->links->len - 1);
  gboolean is_held = self->low_mark_bytes > 0 && buffered_bytes >= self->low_mark_bytes / 2;

  switch (pst_gain_look (&self->gain, now_us,
                         self->given_bytes + self->waiting_bytes - buffered_bytes, is_held))
    {
    case PST_GAIN_MORE:
      g_debug ("one more than %u links may help: %" G_GUINT64_FORMAT " bytes a second",
               self->links->len, self->gain.rate_bps);
      pst_bundle_emit_more (self);
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

/* Looks at the links every %PST_GAIN_TICK_MS. */
gboolean
pst_bundle_look (gpointer user_data)
{
  g_autoptr (PstBundle) self = g_object_ref (user_data);
  gint64 now_us = g_get_monotonic_time ();

  lose_failed (self);
  pst_bundle_send_waiting (self);
  if (!self->closed)
    lose_stuck (self, now_us);
  if (!self->closed)
    follow_gain (self, now_us);
  return self->closed ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
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
  pst_bundle_add_link (self, number, channel);
  pst_order_expect_again (self->order);
  pst_bundle_share_low_mark (self);
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
