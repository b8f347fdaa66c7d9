/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Locks that GLib makes of atomic operations. Its recursive mutexes and its locks for
 * readers and writers are the C library's, which ThreadSanitizer knows. */
#include "pst-tsan.h"

/* GLib's own macros would stand in the way of what is defined here. */
#undef g_bit_lock
#undef g_bit_trylock
#undef g_bit_unlock
#undef g_once_init_enter
#undef g_once_init_leave
#undef g_pointer_bit_lock
#undef g_pointer_bit_trylock
#undef g_pointer_bit_unlock

/* A lock counts as taken behind the real one, and as given back before it. */
WRAPPER (g_mutex_lock);
void
g_mutex_lock (GMutex *mutex)
{
  NEXT (g_mutex_lock) (mutex);
  acquire (mutex);
}

WRAPPER (g_mutex_trylock);
gboolean
g_mutex_trylock (GMutex *mutex)
{
  gboolean taken = NEXT (g_mutex_trylock) (mutex);

  if (taken)
    acquire (mutex);
  return taken;
}

WRAPPER (g_mutex_unlock);
void
g_mutex_unlock (GMutex *mutex)
{
  release (mutex);
  NEXT (g_mutex_unlock) (mutex);
}

/* Waiting gives the mutex back and takes it again, within GLib. The wait with an end
 * stands in pst-tsan-time.c. */
WRAPPER (g_cond_wait);
void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  release (mutex);
  NEXT (g_cond_wait) (cond, mutex);
  acquire (mutex);
}

WRAPPER (g_bit_lock);
void
g_bit_lock (volatile gint *address, gint lock_bit)
{
  NEXT (g_bit_lock) (address, lock_bit);
  acquire ((gconstpointer) address);
}

WRAPPER (g_bit_trylock);
gboolean
g_bit_trylock (volatile gint *address, gint lock_bit)
{
  gboolean taken = NEXT (g_bit_trylock) (address, lock_bit);

  if (taken)
    acquire ((gconstpointer) address);
  return taken;
}

WRAPPER (g_bit_unlock);
void
g_bit_unlock (volatile gint *address, gint lock_bit)
{
  release ((gconstpointer) address);
  NEXT (g_bit_unlock) (address, lock_bit);
}

WRAPPER (g_pointer_bit_lock);
void
g_pointer_bit_lock (volatile void *address, gint lock_bit)
{
  NEXT (g_pointer_bit_lock) (address, lock_bit);
  acquire ((gconstpointer) address);
}

WRAPPER (g_pointer_bit_trylock);
gboolean
g_pointer_bit_trylock (volatile void *address, gint lock_bit)
{
  gboolean taken = NEXT (g_pointer_bit_trylock) (address, lock_bit);

  if (taken)
    acquire ((gconstpointer) address);
  return taken;
}

WRAPPER (g_pointer_bit_unlock);
void
g_pointer_bit_unlock (volatile void *address, gint lock_bit)
{
  release ((gconstpointer) address);
  NEXT (g_pointer_bit_unlock) (address, lock_bit);
}

WRAPPER (g_once_init_enter);
gboolean
g_once_init_enter (volatile void *location)
{
  gboolean first = NEXT (g_once_init_enter) (location);

  acquire ((gconstpointer) location);
  return first;
}

WRAPPER (g_once_init_leave);
void
g_once_init_leave (volatile void *location, gsize result)
{
  release ((gconstpointer) location);
  NEXT (g_once_init_leave) (location, result);
}

/* A class is made once, under a lock; later it is looked at without. */
WRAPPER (g_type_class_ref);
gpointer
g_type_class_ref (GType type)
{
  gboolean first = g_type_class_peek (type) == NULL;
  gpointer class = NEXT (g_type_class_ref) (type);

  if (first)
    release (class);
  acquire (class);
  return class;
}

WRAPPER (g_type_class_peek_static);
gpointer
g_type_class_peek_static (GType type)
{
  gpointer class = NEXT (g_type_class_peek_static) (type);

  acquire (class);
  return class;
}

/* The queue of a bus and of a pool of buffers. */
WRAPPER (gst_atomic_queue_push);
void
gst_atomic_queue_push (GstAtomicQueue *queue, gpointer data)
{
  release (queue);
  NEXT (gst_atomic_queue_push) (queue, data);
}

WRAPPER (gst_atomic_queue_pop);
gpointer
gst_atomic_queue_pop (GstAtomicQueue *queue)
{
  gpointer data = NEXT (gst_atomic_queue_pop) (queue);

  acquire (queue);
  return data;
}

WRAPPER (gst_atomic_queue_peek);
gpointer
gst_atomic_queue_peek (GstAtomicQueue *queue)
{
  gpointer data = NEXT (gst_atomic_queue_peek) (queue);

  acquire (queue);
  return data;
}
