/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What GLib frees, reads and writes for our code counts as done by our code: a table
 * that two threads change at once is found as if it were a variable. What GLib does
 * for others is not looked at. */
#include "pst-tsan.h"

#include <malloc.h>

/* Newer GLib's macros would stand in the way of what is defined here. */
#undef g_free
#undef g_string_append
#undef g_string_append_len
#undef g_string_truncate

/* FUNCTION (START, …) of the type RESULT, with PARAMETERS, reads or writes SIZE bytes
 * from START on. */
#define TOUCHES(how, result, function, parameters, size, start, ...) \
  WRAPS (function, FALSE);                                           \
  result function parameters                                         \
  {                                                                  \
    gpointer caller = __builtin_return_address (0);                  \
                                                                     \
    if (start != NULL && pst_tsan_is_ours (caller))                  \
      how (start, size, caller);                                     \
    return NEXT (function) (start, ##__VA_ARGS__);                   \
  }
#define READS(...)  TOUCHES (__tsan_read_range_pc, __VA_ARGS__)
#define WRITES(...) TOUCHES (__tsan_write_range_pc, __VA_ARGS__)

/* clang-format off */
WRITES (void, g_free, (gpointer p), malloc_usable_size (p), p)

/* Nobody knows a table from within: its first byte stands for all. */
WRITES (gboolean, g_hash_table_add, (GHashTable *t, gpointer k), 1, t, k)
WRITES (gboolean, g_hash_table_insert, (GHashTable *t, gpointer k, gpointer v), 1, t, k, v)
WRITES (gboolean, g_hash_table_replace, (GHashTable *t, gpointer k, gpointer v), 1, t, k, v)
WRITES (gboolean, g_hash_table_remove, (GHashTable *t, gconstpointer k), 1, t, k)
WRITES (void, g_hash_table_remove_all, (GHashTable *t), 1, t)
WRITES (gboolean, g_hash_table_steal, (GHashTable *t, gconstpointer k), 1, t, k)
WRITES (gboolean, g_hash_table_steal_extended,
        (GHashTable *t, gconstpointer k, gpointer *old_k, gpointer *old_v), 1, t, k, old_k, old_v)
READS (gboolean, g_hash_table_contains, (GHashTable *t, gconstpointer k), 1, t, k)
READS (gpointer, g_hash_table_lookup, (GHashTable *t, gconstpointer k), 1, t, k)
READS (gboolean, g_hash_table_lookup_extended,
       (GHashTable *t, gconstpointer k, gpointer *old_k, gpointer *old_v), 1, t, k, old_k, old_v)
READS (guint, g_hash_table_size, (GHashTable *t), 1, t)

#define QUEUE sizeof (GQueue)
WRITES (void, g_queue_push_head, (GQueue *q, gpointer d), QUEUE, q, d)
WRITES (void, g_queue_push_head_link, (GQueue *q, GList *l), QUEUE, q, l)
WRITES (void, g_queue_push_tail, (GQueue *q, gpointer d), QUEUE, q, d)
WRITES (void, g_queue_push_tail_link, (GQueue *q, GList *l), QUEUE, q, l)
WRITES (gpointer, g_queue_pop_head, (GQueue *q), QUEUE, q)
WRITES (GList *, g_queue_pop_head_link, (GQueue *q), QUEUE, q)
WRITES (gpointer, g_queue_pop_tail, (GQueue *q), QUEUE, q)
WRITES (GList *, g_queue_pop_tail_link, (GQueue *q), QUEUE, q)
WRITES (void, g_queue_delete_link, (GQueue *q, GList *l), QUEUE, q, l)
WRITES (void, g_queue_unlink, (GQueue *q, GList *l), QUEUE, q, l)
WRITES (gboolean, g_queue_remove, (GQueue *q, gconstpointer d), QUEUE, q, d)
WRITES (void, g_queue_clear, (GQueue *q), QUEUE, q)
WRITES (void, g_queue_clear_full, (GQueue *q, GDestroyNotify f), QUEUE, q, f)
WRITES (void, g_queue_init, (GQueue *q), QUEUE, q)
READS (GList *, g_queue_find, (GQueue *q, gconstpointer d), QUEUE, q, d)
READS (gboolean, g_queue_is_empty, (GQueue *q), QUEUE, q)
READS (guint, g_queue_get_length, (GQueue *q), QUEUE, q)
READS (gpointer, g_queue_peek_head, (GQueue *q), QUEUE, q)
READS (gpointer, g_queue_peek_tail, (GQueue *q), QUEUE, q)

#define ARRAY sizeof (GArray)
WRITES (GArray *, g_array_append_vals, (GArray *a, gconstpointer d, guint n), ARRAY, a, d, n)
WRITES (GArray *, g_array_remove_index, (GArray *a, guint i), ARRAY, a, i)
WRITES (GArray *, g_array_remove_range, (GArray *a, guint i, guint n), ARRAY, a, i, n)
WRITES (GArray *, g_array_set_size, (GArray *a, guint n), ARRAY, a, n)
WRITES (GByteArray *, g_byte_array_append, (GByteArray *a, const guint8 *d, guint n), ARRAY, a, d, n)
WRITES (GByteArray *, g_byte_array_remove_range, (GByteArray *a, guint i, guint n), ARRAY, a, i, n)
WRITES (GByteArray *, g_byte_array_set_size, (GByteArray *a, guint n), ARRAY, a, n)
WRITES (void, g_ptr_array_add, (GPtrArray *a, gpointer d), ARRAY, a, d)
WRITES (void, g_ptr_array_insert, (GPtrArray *a, gint i, gpointer d), ARRAY, a, i, d)
WRITES (gboolean, g_ptr_array_remove, (GPtrArray *a, gpointer d), ARRAY, a, d)
WRITES (gboolean, g_ptr_array_remove_fast, (GPtrArray *a, gpointer d), ARRAY, a, d)
WRITES (gpointer, g_ptr_array_remove_index, (GPtrArray *a, guint i), ARRAY, a, i)
WRITES (gpointer, g_ptr_array_remove_index_fast, (GPtrArray *a, guint i), ARRAY, a, i)
WRITES (gpointer, g_ptr_array_steal_index, (GPtrArray *a, guint i), ARRAY, a, i)
WRITES (void, g_ptr_array_set_size, (GPtrArray *a, gint n), ARRAY, a, n)

#define STRING sizeof (GString)
WRITES (GString *, g_string_append, (GString *s, const char *t), STRING, s, t)
WRITES (GString *, g_string_append_len, (GString *s, const char *t, gssize n), STRING, s, t, n)
WRITES (GString *, g_string_truncate, (GString *s, gsize n), STRING, s, n)
WRITES (GString *, g_string_erase, (GString *s, gssize i, gssize n), STRING, s, i, n)
/* clang-format on */
