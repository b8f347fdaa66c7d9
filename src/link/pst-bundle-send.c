/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What leaves a bundle: each frame over the link in whose buffer least waits, and once
 * more over another one if that link ends. */
#include "pst-bundle-private.h"

#include "pst-error.h"

/* The link in whose buffer least waits; the first of those that are equal, so that what
 * is little goes where the other side looks for nothing better. */
PstBundleLink *
pst_bundle_pick (PstBundle *self)
{
  PstBundleLink *best = g_ptr_array_index (self->links, 0);
  guint64 least_bytes = pst_channel_get_buffered_amount (best->channel);

  for (guint i = 1; i < self->links->len && least_bytes > 0; i++)
    {
      PstBundleLink *link = g_ptr_array_index (self->links, i);
      guint64 n_bytes = pst_channel_get_buffered_amount (link->channel);

      if (link->failed || n_bytes >= least_bytes)
        continue;
      best = link;
      least_bytes = n_bytes;
    }

  return best;
}

/* What an extra link does not take it loses, and with that the bundle does without it;
 * but not under the hands of whoever is sending. */
static gboolean
give (PstBundleLink *link, GBytes *frame, GError **error)
{
  if (link->number == 0)
    return pst_channel_send (link->channel, frame, error);

  link->failed |= !pst_channel_send (link->channel, frame, NULL);
  return TRUE;
}

static gboolean
send_now (PstBundle *self, GBytes *frame, GError **error)
{
  PstBundleLink *link = pst_bundle_pick (self);

  if (self->bundled)
    pst_under_way_add (self->under_way, g_get_monotonic_time (), link->number, frame);
  else
    pst_under_way_pass (self->under_way, frame);
  self->given_bytes += g_bytes_get_size (frame);
  return give (link, frame, error);
}

/* As pst_channel_send(). */
gboolean
pst_bundle_send (PstBundle *self, GBytes *frame, GError **error)
{
  if (self->closed)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_LOST, "The connection is not open.");
      return FALSE;
    }
  if (g_queue_is_empty (&self->waiting)
      && (!self->bundled || pst_under_way_has_room (self->under_way, frame)))
    return send_now (self, frame, error);

  g_queue_push_tail (&self->waiting, g_bytes_ref (frame));
  self->waiting_bytes += g_bytes_get_size (frame);
  return TRUE;
}

/* Something was acknowledged: what waited for that may go. */
void
pst_bundle_send_waiting (PstBundle *self)
{
  gboolean did_wait = !g_queue_is_empty (&self->waiting);
  GBytes *next;

  while (!self->closed && (next = g_queue_peek_head (&self->waiting)) != NULL
         && pst_under_way_has_room (self->under_way, next))
    {
      g_autoptr (GBytes) frame = g_queue_pop_head (&self->waiting);
      g_autoptr (GError) error = NULL;

      self->waiting_bytes -= g_bytes_get_size (frame);
      if (!send_now (self, frame, &error))
        pst_bundle_break (self, error);
    }
  if (did_wait && !self->closed && pst_bundle_get_buffered (self) <= self->low_mark_bytes)
    pst_channel_emit_buffered_amount_low (PST_CHANNEL (self));
}

/* A link has ended: what was under way over it goes over the others. */
void
pst_bundle_send_again (PstBundle *self, guint number)
{
  g_autoptr (GPtrArray) list = pst_under_way_list (self->under_way, number);

  g_debug ("%u frames of link %u are sent again", list->len, number);
  for (guint i = 0; i < list->len && !self->closed; i++)
    {
      PstUnderWayFrame *frame = g_ptr_array_index (list, i);
      PstBundleLink *link = pst_bundle_pick (self);
      g_autoptr (GError) error = NULL;

      frame->link = link->number;
      frame->given_us = g_get_monotonic_time ();
      self->given_bytes += g_bytes_get_size (frame->frame);
      if (!give (link, frame->frame, &error))
        pst_bundle_break (self, error);
    }
}

/* What waits in all buffers. */
guint64
pst_bundle_get_buffered (PstBundle *self)
{
  guint64 n_bytes = self->waiting_bytes;

  for (guint i = 0; i < self->links->len; i++)
    n_bytes += pst_channel_get_buffered_amount (
        ((PstBundleLink *) g_ptr_array_index (self->links, i))->channel);

  return n_bytes;
}
