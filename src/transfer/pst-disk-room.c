/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A receipt on a disk that is full: whether it can go on, and what it lacks. */
#include "pst-disk-private.h"

#include <sys/statvfs.h>

#include "pst-error.h"

/**
 * pst_disk_can_retry:
 * @self: a receipt
 * @error: what a step of it failed with
 *
 * Returns: %TRUE if only room lacks and nothing of what came is lost: the same
 *   step can be tried again
 */
gboolean
pst_disk_can_retry (PstDisk *self, const GError *error)
{
  return !self->damaged && g_error_matches (error, PST_ERROR, PST_ERROR_DISK_FULL);
}

/* Whole blocks, as a disk counts them. */
static guint64
round_up (guint64 size_bytes, guint64 block_bytes)
{
  return (size_bytes + block_bytes - 1) / block_bytes * block_bytes;
}

/* What the files still need that are not written yet. */
static guint64
count_left_bytes (PstDisk *self, guint64 block_bytes)
{
  guint64 left_bytes = 0;

  if (self->fd >= 0)
    left_bytes += round_up (pst_manifest_get_entry (self->manifest, self->entry)->size_bytes
                                - self->offset,
                            block_bytes);
  for (guint i = self->next_entry; i < pst_manifest_get_n_entries (self->manifest); i++)
    if (pst_disk_is_selected (self, i))
      left_bytes += round_up (pst_manifest_get_entry (self->manifest, i)->size_bytes
                                  - pst_held_get_most_bytes (self->held, i),
                              block_bytes);

  return left_bytes;
}

/**
 * pst_disk_get_missing_bytes:
 * @self: a receipt
 *
 * Compares what is still to be written with the room there is.
 *
 * Returns: the bytes that have to become free; 0 if all fits or nobody knows
 */
guint64
pst_disk_get_missing_bytes (PstDisk *self)
{
  struct statvfs st;
  guint64 free_bytes, left_bytes;

  if (fstatvfs (self->dest_fd, &st) != 0 || st.f_frsize == 0)
    return 0;

  free_bytes = (guint64) st.f_bavail * st.f_frsize;
  left_bytes = count_left_bytes (self, st.f_frsize);
  return left_bytes - MIN (left_bytes, free_bytes);
}
