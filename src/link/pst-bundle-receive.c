/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What comes to a bundle: frames, brought back into their order, and acknowledgements
 * of ours (docs/protocol.md, “Several links”). */
#include "pst-bundle-private.h"

#include <string.h>

#include "pst-error.h"

/* docs/protocol.md: 0xb2 ‖ the counter up to which everything came (u64). */
#define TELL_KIND  0xb2
#define TELL_BYTES (1 + sizeof (guint64))

/* Each link hears something after so much came over it: GStreamer's sender sleeps while
 * its buffer is full, and is woken by what comes (as PST_FLOW_WAKE_CREDIT_STEP_BYTES). */
#define TELL_STEP_BYTES (64 * 1024)

/* What is less is told when nothing more comes for so long. */
#define TELL_MS 25

static void
tell (PstBundle *self, PstBundleLink *link)
{
  guint64 came = pst_order_get_came (self->order);
  guint64 wire_came = GUINT64_TO_BE (came);
  guint8 bytes[TELL_BYTES] = { TELL_KIND };
  g_autoptr (GBytes) frame = NULL;

  memcpy (bytes + 1, &wire_came, sizeof wire_came);
  frame = g_bytes_new (bytes, sizeof bytes);
  link->came_bytes = 0;
  self->told = came;
  self->given_bytes += TELL_BYTES;
  /* If it cannot be sent, the link is about to end, and another one tells. */
  pst_channel_send (link->channel, frame, NULL);
}

static gboolean
on_tell (gpointer user_data)
{
  PstBundle *self = user_data;

  pst_timer_clear (&self->tell_source);
  if (pst_order_get_came (self->order) != self->told)
    tell (self, pst_bundle_pick (self));
  return G_SOURCE_REMOVE;
}

/* Tells over every link what came, so that all are known to work. */
void
pst_bundle_tell_all (PstBundle *self)
{
  for (guint i = 0; i < self->links->len; i++)
    tell (self, pst_bundle_get_link (self, i));
}

static gboolean
is_told (GBytes *frame)
{
  gsize n_bytes;
  const guint8 *bytes = g_bytes_get_data (frame, &n_bytes);

  return n_bytes == TELL_BYTES && bytes[0] == TELL_KIND;
}

static gboolean
take_told (PstBundle *self, GBytes *frame, GError **error)
{
  guint64 counter;

  memcpy (&counter, (const guint8 *) g_bytes_get_data (frame, NULL) + 1, sizeof counter);
  if (!pst_under_way_acknowledge (self->under_way, g_get_monotonic_time (),
                                  GUINT64_FROM_BE (counter), error))
    return FALSE;

  pst_bundle_send_waiting (self);
  return TRUE;
}

static void
emit_in_order (PstBundle *self)
{
  GBytes *next;

  while (!self->closed && (next = pst_order_take (self->order)) != NULL)
    {
      g_autoptr (GBytes) frame = next;

      pst_channel_emit_frame (PST_CHANNEL (self), frame);
    }
}

/* The other side may have the next link before this one does, and send over both: so the
 * order is looked at as soon as there may be several. */
static gboolean
sort (PstBundle *self, PstBundleLink *link, GBytes *frame, GError **error)
{
  if (!pst_order_put (self->order, frame, error))
    return FALSE;

  /* Before the frames: what they lead to may be that this link ends. */
  link->came_bytes += g_bytes_get_size (frame);
  if (self->bundled && link->came_bytes >= TELL_STEP_BYTES)
    tell (self, link);
  emit_in_order (self);
  if (self->bundled && !self->closed && self->tell_source == NULL)
    pst_timer_set (&self->tell_source, TELL_MS, on_tell, self);
  return TRUE;
}

/* Something came over @link. */
void
pst_bundle_take_frame (PstBundle *self, PstBundleLink *link, GBytes *frame)
{
  g_autoptr (PstBundle) alive = g_object_ref (self);
  g_autoptr (GError) error = NULL;

  if (self->closed)
    return;

  self->came_us = g_get_monotonic_time ();
  if (self->gain.most_links < 2)
    {
      pst_order_pass (self->order, frame);
      pst_channel_emit_frame (PST_CHANNEL (self), frame);
    }
  else if (is_told (frame))
    take_told (self, frame, &error);
  else
    sort (self, link, frame, &error);
  if (error != NULL)
    pst_bundle_break (self, error);
}
