/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-memory-channel.h"

#include "pst-error.h"

struct _PstMemoryChannel
{
  GObject parent_instance;

  PstMemoryChannel *other; /* not owned */
  GQueue frames;
  guint64 buffered_bytes;
  guint64 low_mark_bytes;
  guint64 max_buffered_bytes;
  guint64 n_frames;
  guint64 n_bytes;
  guint64 n_until_cut; /* frames of this end that still arrive; 0: no cut is wanted */
  guint delay_ms;
  guint most_links;
  gboolean blocked;
  gboolean broken;
  GSource *drain;
};

static guint next_most_links;

static void channel_init (PstChannelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PstMemoryChannel,
                               pst_memory_channel,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (PST_TYPE_CHANNEL, channel_init))

static void schedule (PstMemoryChannel *self);

static gboolean
drain (gpointer user_data)
{
  g_autoptr (PstMemoryChannel) self = g_object_ref (user_data);
  g_autoptr (GBytes) frame = g_queue_pop_head (&self->frames);
  guint64 before_bytes = self->buffered_bytes;

  g_source_destroy (self->drain);
  g_clear_pointer (&self->drain, g_source_unref);

  self->buffered_bytes -= g_bytes_get_size (frame);
  if (self->other != NULL)
    pst_channel_emit_frame (PST_CHANNEL (self->other), frame);
  if (self->n_until_cut > 0 && --self->n_until_cut == 0)
    {
      pst_memory_channel_cut (self);
      return G_SOURCE_REMOVE;
    }
  if (before_bytes > self->low_mark_bytes && self->buffered_bytes <= self->low_mark_bytes)
    pst_channel_emit_buffered_amount_low (PST_CHANNEL (self));
  schedule (self);
  return G_SOURCE_REMOVE;
}

static void
schedule (PstMemoryChannel *self)
{
  if (self->drain != NULL || self->blocked || g_queue_is_empty (&self->frames))
    return;

  self->drain = self->delay_ms > 0 ? g_timeout_source_new (self->delay_ms) : g_idle_source_new ();
  g_source_set_priority (self->drain, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->drain, drain, self, NULL);
  g_source_attach (self->drain, g_main_context_get_thread_default ());
}

static gboolean
send_frame (PstChannel *channel, GBytes *frame, GError **error)
{
  PstMemoryChannel *self = PST_MEMORY_CHANNEL (channel);

  if (self->broken)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_LOST, "The channel is broken.");
      return FALSE;
    }

  self->n_frames++;
  self->n_bytes += g_bytes_get_size (frame);
  self->buffered_bytes += g_bytes_get_size (frame);
  self->max_buffered_bytes = MAX (self->max_buffered_bytes, self->buffered_bytes);
  g_queue_push_tail (&self->frames, g_bytes_ref (frame));
  schedule (self);
  return TRUE;
}

static guint64
get_buffered_amount (PstChannel *channel)
{
  return PST_MEMORY_CHANNEL (channel)->buffered_bytes;
}

static void
set_low_mark (PstChannel *channel, guint64 low_mark_bytes)
{
  PST_MEMORY_CHANNEL (channel)->low_mark_bytes = low_mark_bytes;
}

static void
get_path (PstChannel *channel, PstChannelPath *path)
{
  path->most_links = PST_MEMORY_CHANNEL (channel)->most_links;
}

static void
channel_init (PstChannelInterface *iface)
{
  iface->send = send_frame;
  iface->get_buffered_amount = get_buffered_amount;
  iface->set_low_mark = set_low_mark;
  iface->get_path = get_path;
}

static void
pst_memory_channel_finalize (GObject *object)
{
  PstMemoryChannel *self = PST_MEMORY_CHANNEL (object);

  if (self->drain != NULL)
    {
      g_source_destroy (self->drain);
      g_source_unref (self->drain);
    }
  if (self->other != NULL)
    self->other->other = NULL;
  g_queue_clear_full (&self->frames, (GDestroyNotify) g_bytes_unref);

  G_OBJECT_CLASS (pst_memory_channel_parent_class)->finalize (object);
}

static void
pst_memory_channel_class_init (PstMemoryChannelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pst_memory_channel_finalize;
}

static void
pst_memory_channel_init (PstMemoryChannel *self)
{
  g_queue_init (&self->frames);
  self->most_links = next_most_links;
}

void
pst_memory_channel_new_pair (PstMemoryChannel **a, PstMemoryChannel **b)
{
  *a = g_object_new (PST_TYPE_MEMORY_CHANNEL, NULL);
  *b = g_object_new (PST_TYPE_MEMORY_CHANNEL, NULL);
  (*a)->other = *b;
  (*b)->other = *a;
}

void
pst_memory_channel_set_delay_ms (PstMemoryChannel *self, guint delay_ms)
{
  self->delay_ms = delay_ms;
}

void
pst_memory_channel_set_blocked (PstMemoryChannel *self, gboolean blocked)
{
  self->blocked = blocked;
  if (blocked && self->drain != NULL)
    {
      g_source_destroy (self->drain);
      g_clear_pointer (&self->drain, g_source_unref);
    }
  schedule (self);
}

void
pst_memory_channel_break (PstMemoryChannel *self)
{
  g_autoptr (GError) error = g_error_new_literal (PST_ERROR, PST_ERROR_LOST, "Cut.");

  self->broken = TRUE;
  pst_memory_channel_set_blocked (self, TRUE);
  pst_channel_emit_closed (PST_CHANNEL (self), error);
}

/* Both ends break; what is under way is gone. */
void
pst_memory_channel_cut (PstMemoryChannel *self)
{
  g_autoptr (PstMemoryChannel) alive = g_object_ref (self);
  g_autoptr (PstMemoryChannel) other = self->other != NULL ? g_object_ref (self->other) : NULL;

  self->broken = TRUE;
  if (other != NULL)
    pst_memory_channel_break (other);
  pst_memory_channel_break (self);
}

/* Cuts after so many more frames of this end have arrived. */
void
pst_memory_channel_cut_after (PstMemoryChannel *self, guint64 n_frames)
{
  self->n_until_cut = n_frames;
}

/* So many links they say they may have. */
void
pst_memory_channel_set_most_links (guint most_links)
{
  next_most_links = most_links;
}

/* From now on every send fails, without a word of the channel's own. */
void
pst_memory_channel_refuse (PstMemoryChannel *self)
{
  self->broken = TRUE;
}

guint64
pst_memory_channel_get_max_buffered (PstMemoryChannel *self)
{
  return self->max_buffered_bytes;
}

guint64
pst_memory_channel_get_n_bytes (PstMemoryChannel *self)
{
  return self->n_bytes;
}

guint64
pst_memory_channel_get_n_frames (PstMemoryChannel *self)
{
  return self->n_frames;
}
