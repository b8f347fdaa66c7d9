/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-nice-relay.h"

typedef struct
{
  GstBufferList *list;
  gsize n_bytes;
} Item;

struct _PstNiceRelay
{
  GstPad *pad;
  GThread *thread;

  GMutex lock;
  GCond filled;  /* the thread waits for it */
  GCond emptied; /* who pushes waits for it */
  GQueue items;  /* of Item */
  gsize n_bytes;
  gboolean busy;          /* the thread carries something */
  gboolean is_waiting;    /* the thread; who pushes knows to wake it */
  gboolean is_waited_for; /* who pushes waits */
  gboolean stopped;
};

static void
item_free (gpointer data)
{
  Item *item = data;

  gst_buffer_list_unref (item->list);
  g_free (item);
}

static Item *
take (PstNiceRelay *self)
{
  Item *item = NULL;

  g_mutex_lock (&self->lock);
  self->busy = FALSE;
  while (!self->stopped && (item = g_queue_pop_head (&self->items)) == NULL)
    {
      self->is_waiting = TRUE;
      g_cond_wait (&self->filled, &self->lock);
      self->is_waiting = FALSE;
    }
  if (item != NULL)
    {
      self->busy = TRUE;
      self->n_bytes -= item->n_bytes;
      if (self->is_waited_for)
        g_cond_signal (&self->emptied);
    }
  g_mutex_unlock (&self->lock);
  return item;
}

/* Whatever becomes of a list: who stops the pipeline stops this, too. */
static gpointer
run (gpointer user_data)
{
  PstNiceRelay *self = user_data;
  Item *item;

  while ((item = take (self)) != NULL)
    {
      gst_pad_chain_list (self->pad, item->list);
      g_free (item);
    }
  return NULL;
}

/**
 * pst_nice_relay_new:
 * @pad: a sink pad, which has seen the first events of its stream
 *
 * Returns: (transfer full): a relay to it
 */
PstNiceRelay *
pst_nice_relay_new (GstPad *pad)
{
  PstNiceRelay *self = g_new0 (PstNiceRelay, 1);

  self->pad = gst_object_ref (pad);
  g_mutex_init (&self->lock);
  g_cond_init (&self->filled);
  g_cond_init (&self->emptied);
  g_queue_init (&self->items);
  self->thread = g_thread_new ("pst-relay", run, self);
  return self;
}

/**
 * pst_nice_relay_stop:
 * @self: a relay
 *
 * Lets nobody wait any more; what waits to be carried is dropped. Any thread.
 */
void
pst_nice_relay_stop (PstNiceRelay *self)
{
  g_mutex_lock (&self->lock);
  self->stopped = TRUE;
  g_cond_broadcast (&self->filled);
  g_cond_broadcast (&self->emptied);
  g_mutex_unlock (&self->lock);
}

/**
 * pst_nice_relay_free:
 * @self: (transfer full): a relay whose pad lets its thread go
 *
 * Stops it and waits for its thread.
 */
void
pst_nice_relay_free (PstNiceRelay *self)
{
  pst_nice_relay_stop (self);
  g_thread_join (self->thread);
  g_queue_clear_full (&self->items, item_free);
  g_cond_clear (&self->emptied);
  g_cond_clear (&self->filled);
  g_mutex_clear (&self->lock);
  gst_object_unref (self->pad);
  g_free (self);
}

static gboolean
is_worth_nothing (PstNiceRelay *self, gsize n_bytes)
{
  gboolean idle;

  if (n_bytes >= PST_NICE_RELAY_DIRECT_BYTES)
    return FALSE;
  g_mutex_lock (&self->lock);
  idle = !self->busy && g_queue_is_empty (&self->items);
  g_mutex_unlock (&self->lock);
  return idle;
}

/**
 * pst_nice_relay_push:
 * @self: a relay
 * @list: (transfer full): what to carry
 * @n_bytes: how much it holds
 *
 * Hands a list to the other thread; waits while more than %PST_NICE_RELAY_BYTES wait.
 * A small one, with nothing before it, is carried at once. Only one thread may push.
 */
void
pst_nice_relay_push (PstNiceRelay *self, GstBufferList *list, gsize n_bytes)
{
  Item *item;

  if (is_worth_nothing (self, n_bytes))
    {
      gst_pad_chain_list (self->pad, list);
      return;
    }

  item = g_new (Item, 1);
  *item = (Item){ list, n_bytes };
  g_mutex_lock (&self->lock);
  while (!self->stopped && self->n_bytes >= PST_NICE_RELAY_BYTES)
    {
      self->is_waited_for = TRUE;
      g_cond_wait (&self->emptied, &self->lock);
      self->is_waited_for = FALSE;
    }
  self->n_bytes += n_bytes;
  g_queue_push_tail (&self->items, item);
  if (self->is_waiting)
    g_cond_signal (&self->filled);
  g_mutex_unlock (&self->lock);
}
