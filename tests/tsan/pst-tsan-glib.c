/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ThreadSanitizer does not know GLib's locks, as GLib is built without it: it would
 * take everything under them for a race. Preloaded into a program that has it, this
 * tells it of them. */
#include <dlfcn.h>
#include <gio/gio.h>
#include <gst/gst.h>

/* GLib's own macros would stand in the way of what is defined here. */
#undef g_once_init_enter
#undef g_once_init_leave

extern void __tsan_acquire (void *address) __attribute__ ((weak));
extern void __tsan_release (void *address) __attribute__ ((weak));

#define NEXT(name)                \
  static __typeof__ (name) *next; \
  if (next == NULL)               \
  next = (__typeof__ (name) *) dlsym (RTLD_NEXT, #name)

static void
acquire (gconstpointer address)
{
  if (__tsan_acquire != NULL)
    __tsan_acquire ((void *) address);
}

static void
release (gconstpointer address)
{
  if (__tsan_release != NULL)
    __tsan_release ((void *) address);
}

/* NAME (lock): taken behind the real one, given back before it. */
#define TAKES(name, type) \
  void name (type *lock)  \
  {                       \
    NEXT (name);          \
    next (lock);          \
    acquire (lock);       \
  }
#define TRIES(name, type)    \
  gboolean name (type *lock) \
  {                          \
    gboolean taken;          \
    NEXT (name);             \
    taken = next (lock);     \
    if (taken)               \
      acquire (lock);        \
    return taken;            \
  }
#define GIVES(name, type) \
  void name (type *lock)  \
  {                       \
    NEXT (name);          \
    release (lock);       \
    next (lock);          \
  }

TAKES (g_mutex_lock, GMutex)
TRIES (g_mutex_trylock, GMutex)
GIVES (g_mutex_unlock, GMutex)
TAKES (g_rec_mutex_lock, GRecMutex)
TRIES (g_rec_mutex_trylock, GRecMutex)
GIVES (g_rec_mutex_unlock, GRecMutex)
TAKES (g_rw_lock_writer_lock, GRWLock)
TRIES (g_rw_lock_writer_trylock, GRWLock)
GIVES (g_rw_lock_writer_unlock, GRWLock)
TAKES (g_rw_lock_reader_lock, GRWLock)
TRIES (g_rw_lock_reader_trylock, GRWLock)
GIVES (g_rw_lock_reader_unlock, GRWLock)

void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  NEXT (g_cond_wait);
  release (mutex);
  next (cond, mutex);
  acquire (mutex);
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  gboolean signalled;
  NEXT (g_cond_wait_until);

  release (mutex);
  signalled = next (cond, mutex, end_time);
  acquire (mutex);
  return signalled;
}

gboolean
g_once_init_enter (volatile void *location)
{
  gboolean first;
  NEXT (g_once_init_enter);

  first = next (location);
  acquire ((gconstpointer) location);
  return first;
}

void
g_once_init_leave (volatile void *location, gsize result)
{
  NEXT (g_once_init_leave);
  release ((gconstpointer) location);
  next (location, result);
}

/* Objects change hands with their references. */
#undef g_object_ref
gpointer
g_object_ref (gpointer object)
{
  NEXT (g_object_ref);
  release (object);
  return next (object);
}

void
g_object_unref (gpointer object)
{
  NEXT (g_object_unref);
  release (object);
  acquire (object);
  next (object);
}

GstMiniObject *
gst_mini_object_ref (GstMiniObject *object)
{
  NEXT (gst_mini_object_ref);
  release (object);
  return next (object);
}

void
gst_mini_object_unref (GstMiniObject *object)
{
  NEXT (gst_mini_object_unref);
  release (object);
  acquire (object);
  next (object);
}

GBytes *
g_bytes_ref (GBytes *bytes)
{
  NEXT (g_bytes_ref);
  release (bytes);
  return next (bytes);
}

void
g_bytes_unref (GBytes *bytes)
{
  NEXT (g_bytes_unref);
  if (bytes != NULL)
    {
      release (bytes);
      acquire (bytes);
    }
  next (bytes);
}

/* Their locks are GLib's own business, which calls them from within. */
void
g_async_queue_push (GAsyncQueue *queue, gpointer data)
{
  NEXT (g_async_queue_push);
  release (queue);
  next (queue, data);
}

gpointer
g_async_queue_pop (GAsyncQueue *queue)
{
  gpointer data;
  NEXT (g_async_queue_pop);

  data = next (queue);
  acquire (queue);
  return data;
}

gpointer
g_async_queue_timeout_pop (GAsyncQueue *queue, guint64 timeout)
{
  gpointer data;
  NEXT (g_async_queue_timeout_pop);

  data = next (queue, timeout);
  acquire (queue);
  return data;
}

gpointer
g_async_queue_try_pop (GAsyncQueue *queue)
{
  gpointer data;
  NEXT (g_async_queue_try_pop);

  data = next (queue);
  acquire (queue);
  return data;
}

/* A task goes to a worker and back under locks of GLib's own. */
static void
run_task (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  GTaskThreadFunc func = (GTaskThreadFunc) g_object_get_data (G_OBJECT (task), "pst-tsan-func");

  acquire (task);
  func (task, object, data, cancellable);
}

void
g_task_run_in_thread (GTask *task, GTaskThreadFunc func)
{
  NEXT (g_task_run_in_thread);
  g_object_set_data (G_OBJECT (task), "pst-tsan-func", (gpointer) func);
  release (task);
  next (task, run_task);
}

void
g_task_return_boolean (GTask *task, gboolean result)
{
  NEXT (g_task_return_boolean);
  release (task);
  next (task, result);
}

void
g_task_return_pointer (GTask *task, gpointer result, GDestroyNotify destroy)
{
  NEXT (g_task_return_pointer);
  release (task);
  next (task, result, destroy);
}

void
g_task_return_error (GTask *task, GError *error)
{
  NEXT (g_task_return_error);
  release (task);
  next (task, error);
}

gpointer
g_task_get_task_data (GTask *task)
{
  NEXT (g_task_get_task_data);
  acquire (task);
  return next (task);
}

gboolean
g_task_propagate_boolean (GTask *task, GError **error)
{
  NEXT (g_task_propagate_boolean);
  acquire (task);
  return next (task, error);
}

gpointer
g_task_propagate_pointer (GTask *task, GError **error)
{
  NEXT (g_task_propagate_pointer);
  acquire (task);
  return next (task, error);
}
