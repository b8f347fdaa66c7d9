/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-engine-private.h"

/* After the last session only what its objects left in the loop is there:
 * closures to be freed, not work. A source that is always ready must not keep
 * the program from ending. */
#define MAX_LEFTOVERS 1000

struct _PstEngine
{
  gint n_users;    /* atomic: references of the thread that draws */
  gint n_holders;  /* atomic: who needs this memory: all users together, each resident */
  gint n_residents; /* atomic */
  gint ending;     /* atomic */
  GMainContext *context;
  GThread *thread; /* NULL where the caller's context is used */
};

static void
release_memory (PstEngine *self)
{
  if (!g_atomic_int_dec_and_test (&self->n_holders))
    return;

  g_main_context_unref (self->context);
  g_free (self);
}

static gpointer
run (gpointer data)
{
  PstEngine *self = data;

  g_main_context_push_thread_default (self->context);
  while (!g_atomic_int_get (&self->ending) || g_atomic_int_get (&self->n_residents) > 0)
    g_main_context_iteration (self->context, TRUE);
  for (guint i = 0; i < MAX_LEFTOVERS && g_main_context_iteration (self->context, FALSE); i++)
    continue;
  g_main_context_pop_thread_default (self->context);

  return NULL;
}

static PstEngine *
engine_new (GMainContext *context)
{
  PstEngine *self = g_new0 (PstEngine, 1);

  self->n_users = 1;
  self->n_holders = 1;
  self->context = context;
  return self;
}

/**
 * pst_engine_new:
 *
 * Starts a thread for sessions.
 *
 * Returns: (transfer full): the engine
 */
PstEngine *
pst_engine_new (void)
{
  PstEngine *self = engine_new (g_main_context_new ());

  self->thread = g_thread_new ("pst-engine", run, self);
  return self;
}

/**
 * pst_engine_new_here:
 *
 * Makes an engine without a thread: its sessions live in the main context that
 * is thread-default now, and stand still whenever it does. For measuring what
 * the thread is good for.
 *
 * Returns: (transfer full): the engine
 */
PstEngine *
pst_engine_new_here (void)
{
  return engine_new (g_main_context_ref_thread_default ());
}

/**
 * pst_engine_ref:
 * @self: an engine
 *
 * Returns: (transfer full): @self
 */
PstEngine *
pst_engine_ref (PstEngine *self)
{
  g_atomic_int_inc (&self->n_users);
  return self;
}

/**
 * pst_engine_unref:
 * @self: (transfer full): an engine
 *
 * Releases a reference. With the last one the thread ends: this waits until
 * the sessions that were let go have said goodbye, about three seconds at most
 * when the other side is silent. Not from the engine's own thread.
 */
void
pst_engine_unref (PstEngine *self)
{
  if (!g_atomic_int_dec_and_test (&self->n_users))
    return;

  if (self->thread != NULL)
    {
      g_atomic_int_set (&self->ending, TRUE);
      g_main_context_wakeup (self->context);
      g_thread_join (self->thread);
    }
  release_memory (self);
}

/* Something lives in the engine from now on; its thread stays for it. Called
 * by a thread that has a reference. */
void
pst_engine_enter (PstEngine *self)
{
  g_atomic_int_inc (&self->n_holders);
  g_atomic_int_inc (&self->n_residents);
}

/* What lived in the engine is gone. Called in the engine's context. */
void
pst_engine_leave (PstEngine *self)
{
  g_atomic_int_add (&self->n_residents, -1);
  release_memory (self);
}

/* Runs @func in the engine's context, later and in the order of the calls; the
 * caller goes on at once. @func returns G_SOURCE_REMOVE; @destroy frees @data,
 * also when the engine ends before. */
void
pst_engine_run (PstEngine *self, GSourceFunc func, gpointer data, GDestroyNotify destroy)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "pst-engine-run");
  g_source_set_callback (source, func, data, destroy);
  g_source_attach (source, self->context);
}
