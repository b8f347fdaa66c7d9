/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reference counts: who drops the last reference comes after all others who dropped
 * one, and frees what they used. Those others are in no order. */
#include "pst-tsan.h"

/* GLib's own macros would stand in the way of what is defined here. */
#undef g_atomic_ref_count_dec
#undef g_atomic_rc_box_release
#undef g_object_unref

/* FALSE: it may be the last one. */
static gboolean
drop_one_of_many (gint *count)
{
  gint n = g_atomic_int_get (count);

  while (n > 1)
    if (__atomic_compare_exchange_n (count, &n, n - 1, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
      return TRUE;
  return FALSE;
}

/* Elements, pads and buffers are held by many for moments: none of these is to order
 * two threads. Nothing here uses toggle references, which GLib would tell of. */
WRAPPER (g_object_unref);
void
g_object_unref (gpointer object)
{
  release (object);
  if (object != NULL && drop_one_of_many ((gint *) &((GObject *) object)->ref_count))
    return;
  acquire (object);
  NEXT (g_object_unref) (object);
}

WRAPPER (gst_mini_object_unref);
void
gst_mini_object_unref (GstMiniObject *object)
{
  release (object);
  if (object != NULL && drop_one_of_many (&object->refcount))
    return;
  acquire (object);
  NEXT (gst_mini_object_unref) (object);
}

/* Of others only GLib knows where they count, and so which reference is the last. */
#define DROPS(function, type)  \
  WRAPPER (function);          \
  void function (type counted) \
  {                            \
    release (counted);         \
    acquire (counted);         \
    NEXT (function) (counted); \
  }

DROPS (g_array_unref, GArray *)
DROPS (g_async_queue_unref, GAsyncQueue *)
DROPS (g_atomic_rc_box_release, gpointer)
DROPS (g_byte_array_unref, GByteArray *)
DROPS (g_bytes_unref, GBytes *)
DROPS (g_closure_unref, GClosure *)
DROPS (g_hash_table_unref, GHashTable *)
DROPS (g_main_context_unref, GMainContext *)
DROPS (g_main_loop_unref, GMainLoop *)
DROPS (g_ptr_array_unref, GPtrArray *)
DROPS (g_source_unref, GSource *)
DROPS (g_variant_unref, GVariant *)

WRAPPER (g_atomic_ref_count_dec);
gboolean
g_atomic_ref_count_dec (gatomicrefcount *count)
{
  gboolean last;

  release (count);
  last = NEXT (g_atomic_ref_count_dec) (count);
  if (last)
    acquire (count);
  return last;
}

WRAPPER (g_atomic_rc_box_release_full);
void
g_atomic_rc_box_release_full (gpointer box, GDestroyNotify clear)
{
  release (box);
  acquire (box);
  NEXT (g_atomic_rc_box_release_full) (box, clear);
}
