/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-handover.h"

/* So many events a turn: a flood of frames must not keep the owner's other
 * sources waiting. */
#define MAX_EVENTS_PER_TURN 64

/* What a queued frame costs beside its bytes (buffer, memory, metadata), so
 * that a flood of tiny frames is bounded too. */
#define FRAME_OVERHEAD_BYTES 1024

/* These only say “look again”: one of each in the queue is enough. */
#define COALESCED                                                                                 \
  (1u << PST_HANDOVER_LOW | 1u << PST_HANDOVER_TRANSPORT | 1u << PST_HANDOVER_GATHERING)

typedef struct
{
  PstHandoverKind kind;
  gpointer data;
  GDestroyNotify destroy;
  gsize cost_bytes;
} Event;

struct _PstHandover
{
  gatomicrefcount ref_count;
  GMutex mutex;
  GSource *source; /* owned; lives as long as the handover */

  /* Under the mutex. */
  GQueue events;
  gsize queued_bytes;
  guint queued_kinds; /* coalesced kinds that stand in the queue */
  gboolean overflowed;
  gboolean stopped;

  /* Only in the owner's context. */
  PstHandoverFunc func;
  gpointer user_data;
};

typedef struct
{
  GSource source;
  PstHandover *handover; /* not owned: it destroys the source before it goes */
} HandoverSource;

static void
event_free (gpointer data)
{
  Event *event = data;

  if (event->destroy != NULL)
    event->destroy (event->data);
  g_free (event);
}

static Event *
take_event (PstHandover *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  Event *event = g_queue_pop_head (&self->events);

  if (event == NULL)
    return NULL;

  self->queued_bytes -= event->cost_bytes;
  self->queued_kinds &= ~(1u << event->kind);
  return event;
}

/* Also wakes a context that sleeps. */
static void
sleep_if_empty (PstHandover *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  if (g_queue_is_empty (&self->events))
    g_source_set_ready_time (self->source, -1);
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  g_autoptr (PstHandover) self = pst_handover_ref (((HandoverSource *) source)->handover);

  for (guint i = 0; i < MAX_EVENTS_PER_TURN && self->func != NULL; i++)
    {
      Event *event = take_event (self);

      if (event == NULL)
        break;
      self->func (event->kind, event->data, self->user_data);
      event_free (event);
    }
  sleep_if_empty (self);

  return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = { .dispatch = dispatch };

/**
 * pst_handover_new:
 * @func: what is called with each event, in order
 * @user_data: for @func
 *
 * Makes a queue from any thread into the main context that is thread-default
 * now. It has the only lock of the link; @func is never called under it.
 *
 * Returns: (transfer full): the queue; end it with pst_handover_stop()
 */
PstHandover *
pst_handover_new (PstHandoverFunc func, gpointer user_data)
{
  PstHandover *self = g_new0 (PstHandover, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->mutex);
  g_queue_init (&self->events);
  self->func = func;
  self->user_data = user_data;

  self->source = g_source_new (&source_funcs, sizeof (HandoverSource));
  ((HandoverSource *) self->source)->handover = self;
  g_source_set_static_name (self->source, "pst-handover");
  g_source_attach (self->source, g_main_context_get_thread_default ());

  return self;
}

/**
 * pst_handover_ref:
 * @self: a queue
 *
 * May be called from any thread.
 *
 * Returns: (transfer full): @self
 */
PstHandover *
pst_handover_ref (PstHandover *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * pst_handover_unref:
 * @self: (transfer full): a queue
 *
 * May be called from any thread; the owner stops the queue before it lets go.
 */
void
pst_handover_unref (PstHandover *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_queue_clear_full (&self->events, event_free);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

/**
 * pst_handover_stop:
 * @self: a queue
 *
 * Ends the queue: the function is not called any more, what is queued is freed,
 * and what is pushed from now on is freed at once. Only from the owner's
 * context.
 */
void
pst_handover_stop (PstHandover *self)
{
  GQueue events = G_QUEUE_INIT;

  self->func = NULL;
  g_source_destroy (self->source);

  g_mutex_lock (&self->mutex);
  self->stopped = TRUE;
  events = self->events;
  g_queue_init (&self->events);
  self->queued_bytes = 0;
  g_mutex_unlock (&self->mutex);

  g_queue_clear_full (&events, event_free);
}

/* Returns whether the event was queued; @event may be another one's by then. */
static gboolean
push_locked (PstHandover *self, Event *event)
{
  guint kind_bit = 1u << event->kind;

  if (self->stopped || (self->queued_kinds & kind_bit) != 0)
    return FALSE;

  self->queued_kinds |= kind_bit & COALESCED;
  self->queued_bytes += event->cost_bytes;
  g_queue_push_tail (&self->events, event);
  g_source_set_ready_time (self->source, 0);
  return TRUE;
}

static void
push (PstHandover *self, PstHandoverKind kind, gpointer data, GDestroyNotify destroy, gsize cost)
{
  Event *event = g_new (Event, 1);
  gboolean queued;

  *event = (Event){ kind, data, destroy, cost };

  g_mutex_lock (&self->mutex);
  queued = push_locked (self, event);
  g_mutex_unlock (&self->mutex);

  if (!queued)
    event_free (event);
}

/**
 * pst_handover_push:
 * @self: a queue
 * @kind: what happened; not %PST_HANDOVER_FRAME
 * @data: (transfer full) (nullable): what belongs to it
 * @destroy: (nullable): frees @data
 *
 * Queues an event and returns. “Look again” events of which one is queued
 * already are dropped.
 */
void
pst_handover_push (PstHandover *self, PstHandoverKind kind, gpointer data, GDestroyNotify destroy)
{
  push (self, kind, data, destroy, 0);
}

static gboolean
has_room (PstHandover *self, gsize cost, gboolean *overflows)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  gboolean fits = !self->overflowed && self->queued_bytes + cost <= PST_HANDOVER_MAX_BYTES;

  *overflows = !fits && !self->overflowed;
  self->overflowed |= !fits;
  return fits;
}

/**
 * pst_handover_push_frame:
 * @self: a queue
 * @frame: a message that came
 *
 * Queues a frame and returns. When more than %PST_HANDOVER_MAX_BYTES wait, the
 * frame and all later ones are dropped and one %PST_HANDOVER_OVERFLOW says so.
 * Frames are pushed by one thread at a time.
 */
void
pst_handover_push_frame (PstHandover *self, GBytes *frame)
{
  gsize cost = g_bytes_get_size (frame) + FRAME_OVERHEAD_BYTES;
  gboolean overflows;

  if (has_room (self, cost, &overflows))
    push (self, PST_HANDOVER_FRAME, g_bytes_ref (frame), (GDestroyNotify) g_bytes_unref, cost);
  else if (overflows)
    push (self, PST_HANDOVER_OVERFLOW, NULL, NULL, 0);
}
