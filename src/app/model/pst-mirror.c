/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-mirror.h"

struct _PstMirror
{
  gatomicrefcount ref_count;
  GDestroyNotify destroy;
  GSource *source; /* owned; lives as long as the mirror */

  GMutex mutex;
  gpointer pending; /* under the mutex */
  gboolean stopped; /* under the mutex */

  /* Only in the context that looks. */
  PstMirrorFunc func;
  gpointer user_data;
};

typedef struct
{
  GSource source;
  PstMirror *mirror; /* not owned: it destroys the source before it goes */
} MirrorSource;

static gpointer
take (PstMirror *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  g_source_set_ready_time (self->source, -1);
  return g_steal_pointer (&self->pending);
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  g_autoptr (PstMirror) self = pst_mirror_ref (((MirrorSource *) source)->mirror);
  gpointer snapshot = take (self);

  if (snapshot != NULL)
    self->func (snapshot, self->user_data);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = { .dispatch = dispatch };

/**
 * pst_mirror_new:
 * @func: what is called with a snapshot, which it takes
 * @user_data: for @func
 * @destroy: frees a snapshot that nobody saw
 *
 * Makes a mirror to be looked into from the main context that is
 * thread-default now; @func is called there, never under the lock.
 *
 * Returns: (transfer full): the mirror; end it with pst_mirror_stop()
 */
PstMirror *
pst_mirror_new (PstMirrorFunc func, gpointer user_data, GDestroyNotify destroy)
{
  PstMirror *self = g_new0 (PstMirror, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->mutex);
  self->func = func;
  self->user_data = user_data;
  self->destroy = destroy;

  self->source = g_source_new (&source_funcs, sizeof (MirrorSource));
  ((MirrorSource *) self->source)->mirror = self;
  g_source_set_static_name (self->source, "pst-mirror");
  g_source_attach (self->source, g_main_context_get_thread_default ());

  return self;
}

/**
 * pst_mirror_ref:
 * @self: a mirror
 *
 * May be called from any thread.
 *
 * Returns: (transfer full): @self
 */
PstMirror *
pst_mirror_ref (PstMirror *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * pst_mirror_unref:
 * @self: (transfer full): a mirror
 *
 * May be called from any thread; who made the mirror stops it before.
 */
void
pst_mirror_unref (PstMirror *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_source_destroy (self->source);
  g_source_unref (self->source);
  if (self->pending != NULL)
    self->destroy (self->pending);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

/* Returns what is to be freed: the snapshot before, or @snapshot itself. */
static gpointer
exchange (PstMirror *self, gpointer snapshot)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  gpointer before = self->pending;

  if (self->stopped)
    return snapshot;

  self->pending = snapshot;
  g_source_set_ready_time (self->source, 0);
  return before;
}

/**
 * pst_mirror_put:
 * @self: a mirror
 * @snapshot: (transfer full): the newest state
 *
 * Shows a snapshot in place of the one before and returns. May be called from
 * any thread.
 *
 * Returns: %TRUE if the one before was seen, %FALSE if it was replaced
 */
gboolean
pst_mirror_put (PstMirror *self, gpointer snapshot)
{
  gpointer unseen = exchange (self, snapshot);

  if (unseen != NULL)
    self->destroy (unseen);
  return unseen == NULL;
}

/**
 * pst_mirror_stop:
 * @self: a mirror
 *
 * Nobody looks any more: the function is not called again, and what is put
 * from now on is freed at once. Only from the context that looks.
 */
void
pst_mirror_stop (PstMirror *self)
{
  gpointer unseen;

  g_source_destroy (self->source);
  g_mutex_lock (&self->mutex);
  self->stopped = TRUE;
  unseen = g_steal_pointer (&self->pending);
  g_mutex_unlock (&self->mutex);

  if (unseen != NULL)
    self->destroy (unseen);
}
