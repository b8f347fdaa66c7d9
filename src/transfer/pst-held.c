/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-held.h"

static int
compare (gconstpointer a, gconstpointer b)
{
  guint32 one = ((const PstHeld *) a)->entry, other = ((const PstHeld *) b)->entry;

  return one < other ? -1 : one > other;
}

/**
 * pst_held_find:
 * @held: (nullable) (element-type PstHeld): in ascending order of entries
 * @entry: a file's number in the manifest
 *
 * Returns: (transfer none) (nullable): what is there of that file
 */
PstHeld *
pst_held_find (GArray *held, guint32 entry)
{
  PstHeld key = { .entry = entry };
  guint index;

  if (held == NULL || !g_array_binary_search (held, &key, compare, &index))
    return NULL;

  return &g_array_index (held, PstHeld, index);
}

/**
 * pst_held_has_place:
 * @self: what is there of a file
 * @offset: bytes from its beginning
 *
 * Returns: %TRUE if the file can go on at @offset
 */
gboolean
pst_held_has_place (const PstHeld *self, guint64 offset)
{
  for (guint i = 0; i < self->n_places; i++)
    if (self->places[i].offset == offset)
      return TRUE;

  return FALSE;
}

/**
 * pst_held_is_kept:
 * @self: what is there of a file
 *
 * Returns: %TRUE if the sender has said that it goes on from there
 */
gboolean
pst_held_is_kept (const PstHeld *self)
{
  /* Of an empty file nothing can differ. */
  return self->decided && pst_held_has_place (self, self->kept_bytes);
}

/**
 * pst_held_get_most_bytes:
 * @held: (nullable) (element-type PstHeld): in ascending order of entries
 * @entry: a file's number in the manifest
 *
 * Returns: the bytes of that file that are there, and need not be sent unless they
 *   turn out to be others
 */
guint64
pst_held_get_most_bytes (GArray *held, guint32 entry)
{
  const PstHeld *found = pst_held_find (held, entry);

  return found != NULL && found->n_places > 0 ? found->places[0].offset : 0;
}

/**
 * pst_held_sum_most_bytes:
 * @held: (nullable) (element-type PstHeld): in ascending order of entries
 * @n_entries: how many entries of the manifest to look at
 *
 * Returns: what pst_held_get_most_bytes() says of all of these together
 */
guint64
pst_held_sum_most_bytes (GArray *held, guint32 n_entries)
{
  guint64 sum_bytes = 0;

  for (guint i = 0; held != NULL && i < held->len; i++)
    {
      const PstHeld *file = &g_array_index (held, PstHeld, i);

      if (file->entry < n_entries && file->n_places > 0)
        sum_bytes += file->places[0].offset;
    }

  return sum_bytes;
}

/**
 * pst_held_get_kept_bytes:
 * @held: (nullable) (element-type PstHeld): in ascending order of entries
 * @entry: a file's number in the manifest
 *
 * Returns: the bytes of that file that were not sent because they were there
 */
guint64
pst_held_get_kept_bytes (GArray *held, guint32 entry)
{
  const PstHeld *found = pst_held_find (held, entry);

  return found != NULL && found->decided ? found->kept_bytes : 0;
}
