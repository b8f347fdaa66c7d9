/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What leaves a bundle: each frame over the link in whose buffer least waits, and once
 * more over another one if that link ends. */
#include "pst-bundle-private.h"

#include "pst-error.h"

/* A link gets more of what is sent again while less than this waits in its buffer. */
#define AGAIN_BYTES (64 * 1024)

/* The link in whose buffer least waits; the first of those that are equal, so that what
 * is little goes where the other side looks for nothing better. */
PstBundleLink *
pst_bundle_pick (PstBundle *self)
{
  PstBundleLink *best = pst_bundle_get_link (self, 0);
  guint64 least_bytes = pst_channel_get_buffered_amount (best->channel);

  for (guint i = 1; i < self->links->len && least_bytes > 0; i++)
    {
      PstBundleLink *link = pst_bundle_get_link (self, i);
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
  if (g_queue_is_empty (&self->waiting) && pst_under_way_peek_back (self->under_way) == NULL
      && (!self->bundled || pst_under_way_has_room (self->under_way, frame)))
    return send_now (self, frame, error);

  g_queue_push_tail (&self->waiting, g_bytes_ref (frame));
  self->waiting_bytes += g_bytes_get_size (frame);
  return TRUE;
}

/* What a link that ended did not bring goes over the others, little by little: it may be
 * much, and does not count as buffered.
 *
 * Returns: %TRUE if nothing of it is left */
static gboolean
send_again (PstBundle *self, GError **error)
{
  GBytes *frame;

  while ((frame = pst_under_way_peek_back (self->under_way)) != NULL)
    {
      PstBundleLink *link = pst_bundle_pick (self);

      if (pst_channel_get_buffered_amount (link->channel) >= AGAIN_BYTES)
        return FALSE;
      pst_under_way_give_again (self->under_way, g_get_monotonic_time (), link->number);
      self->given_bytes += g_bytes_get_size (frame);
      if (!give (link, frame, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
send_next (PstBundle *self, GError **error)
{
  g_autoptr (GBytes) frame = g_queue_pop_head (&self->waiting);

  self->waiting_bytes -= g_bytes_get_size (frame);
  return send_now (self, frame, error);
}

/* A link has ended, a buffer has room, or something was acknowledged: what waits for that
 * may go. */
void
pst_bundle_send_waiting (PstBundle *self)
{
  gboolean did_wait = !g_queue_is_empty (&self->waiting);
  g_autoptr (GError) error = NULL;

  if (self->closed)
    return;
  if (send_again (self, &error))
    while (error == NULL && !g_queue_is_empty (&self->waiting)
           && pst_under_way_has_room (self->under_way, g_queue_peek_head (&self->waiting)))
      send_next (self, &error);

  if (error != NULL)
    pst_bundle_break (self, error);
  else if (did_wait && pst_bundle_get_buffered (self) <= self->low_mark_bytes)
    pst_channel_emit_buffered_amount_low (PST_CHANNEL (self));
}

/* What waits in all buffers. */
guint64
pst_bundle_get_buffered (PstBundle *self)
{
  guint64 n_bytes = self->waiting_bytes;

  for (guint i = 0; i < self->links->len; i++)
    n_bytes += pst_channel_get_buffered_amount (pst_bundle_get_link (self, i)->channel);

  return n_bytes;
}
