/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-frame-slot.h"

struct _PstFrameSlot
{
  gatomicrefcount ref_count;
  GMainContext *context;

  /* Used only in the owner's thread. */
  PstFrameSlotFunc func;
  gpointer user_data;

  GMutex lock;
  PstFrame frame; /* pixels are NULL when it is empty */
  gboolean on_its_way;
};

/**
 * pst_frame_slot_new:
 * @func: gets each picture, in the thread that calls this function
 * @user_data: passed on to @func; must live until pst_frame_slot_close()
 *
 * Returns: (transfer full): a slot for the thread-default main context
 */
PstFrameSlot *
pst_frame_slot_new (PstFrameSlotFunc func, gpointer user_data)
{
  PstFrameSlot *self = g_new0 (PstFrameSlot, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  self->context = g_main_context_ref_thread_default ();
  self->func = func;
  self->user_data = user_data;

  return self;
}

/**
 * pst_frame_slot_ref:
 * @self: the slot
 *
 * May be called in any thread.
 *
 * Returns: (transfer full): @self
 */
PstFrameSlot *
pst_frame_slot_ref (PstFrameSlot *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * pst_frame_slot_unref:
 * @self: (transfer full): the slot
 *
 * May be called in any thread.
 */
void
pst_frame_slot_unref (PstFrameSlot *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->frame.pixels, g_bytes_unref);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static gboolean
deliver (gpointer data)
{
  PstFrameSlot *self = data;
  g_autoptr (GBytes) pixels = NULL;
  PstFrame frame;

  g_mutex_lock (&self->lock);
  frame = self->frame;
  pixels = g_steal_pointer (&self->frame.pixels);
  self->on_its_way = FALSE;
  g_mutex_unlock (&self->lock);

  if (self->func != NULL)
    self->func (&frame, self->user_data);

  return G_SOURCE_REMOVE;
}

static void
schedule (PstFrameSlot *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, deliver, pst_frame_slot_ref (self),
                         (GDestroyNotify)pst_frame_slot_unref);
  g_source_attach (source, self->context);
}

/**
 * pst_frame_slot_put:
 * @self: the slot
 * @frame: the picture; its pixels are referenced
 *
 * Leaves a picture for the owner, in place of one that still lies there. Called
 * in any thread; never waits for the owner.
 */
void
pst_frame_slot_put (PstFrameSlot *self, const PstFrame *frame)
{
  g_autoptr (GBytes) replaced = NULL;
  gboolean on_its_way;

  g_mutex_lock (&self->lock);
  replaced = g_steal_pointer (&self->frame.pixels);
  self->frame = *frame;
  g_bytes_ref (self->frame.pixels);
  on_its_way = self->on_its_way;
  self->on_its_way = TRUE;
  g_mutex_unlock (&self->lock);

  if (!on_its_way)
    schedule (self);
}

/**
 * pst_frame_slot_close:
 * @self: the slot
 *
 * From now on the owner gets nothing more, whatever the streaming thread still
 * puts in. Called in the owner's thread.
 */
void
pst_frame_slot_close (PstFrameSlot *self)
{
  self->func = NULL;
  self->user_data = NULL;
}
