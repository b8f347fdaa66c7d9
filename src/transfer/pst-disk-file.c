/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of a receipt. A file grows under a name of our own in the
 * destination folder and gets its final name, never replacing anything, when
 * it is whole, checked and on the disk. */
#include "pst-disk-private.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pst-error.h"
#include "pst-escape.h"
#include "pst-path.h"

/* The kernel is told to begin writing after this many bytes, so that a checkpoint and
 * the final fsync find little left to do. */
#define WRITE_BEHIND_BYTES (2 * 1024 * 1024)

static void
remove_partial (PstDisk *self, int fd, char *partial_name)
{
  if (fd >= 0)
    close (fd);
  unlinkat (self->dest_fd, partial_name, 0);
  g_free (partial_name);
}

/* Removes those that have no final name yet. */
static void
drop_wholes (PstDisk *self)
{
  pst_disk_end_group (self, NULL);
  for (guint i = 0; i < self->wholes->len; i++)
    {
      Whole *whole = &g_array_index (self->wholes, Whole, i);

      remove_partial (self, whole->fd, whole->partial_name);
    }
  g_array_set_size (self->wholes, 0);
}

/* Where there are no links either, an empty file of our own takes the name
 * first, and only that is replaced. */
static gboolean
rename_over_own (PstDisk *self, const char *partial_name, int parent_fd, const char *name)
{
  int fd = openat (parent_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

  if (fd < 0)
    return FALSE;
  close (fd);
  if (renameat (self->dest_fd, partial_name, parent_fd, name) == 0)
    return TRUE;

  unlinkat (parent_fd, name, 0);
  return FALSE;
}

/* Moves a partial file to @name without replacing; EEXIST if it is taken. */
static gboolean
rename_partial (PstDisk *self, const char *partial_name, int parent_fd, const char *name)
{
  if (renameat2 (self->dest_fd, partial_name, parent_fd, name, RENAME_NOREPLACE) == 0)
    return TRUE;
  if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
    return FALSE;

  /* Not every file system knows RENAME_NOREPLACE (NFS, some FUSE). A link
   * never replaces; its second name is then removed. */
  if (linkat (self->dest_fd, partial_name, parent_fd, name, 0) == 0)
    {
      unlinkat (self->dest_fd, partial_name, 0);
      return TRUE;
    }
  return errno != EEXIST && rename_over_own (self, partial_name, parent_fd, name);
}

static gboolean
name_file (PstDisk *self, Whole *whole, GError **error)
{
  const PstEntry *entry = pst_manifest_get_entry (self->manifest, whole->entry);
  g_autofree char *path = pst_disk_local_path (self, entry->path);
  int parent_fd = pst_disk_get_parent_fd (self, path);

  for (guint i = 0; parent_fd >= 0 && i <= MAX_NUMBER; i++)
    {
      g_autofree char *name = i == 0 ? g_strdup (pst_disk_last_part (path))
                                     : pst_path_number (pst_disk_last_part (path), i);

      if (rename_partial (self, whole->partial_name, parent_fd, name))
        {
          whole->number = i;
          if (parent_fd == self->dest_fd)
            pst_disk_add_result (self, name);
          return TRUE;
        }
      if (errno != EEXIST)
        break;
    }

  return pst_disk_fail (entry->path, errno, error);
}

static gboolean
is_synced (PstDisk *self, const Whole *whole, GError **error)
{
  return whole->sync_errno == 0
         || pst_disk_fail_synced (self, whole->entry, whole->sync_errno, error);
}

/* Names the first @n of those that are whole, in their order, until one cannot be. */
static gboolean
name_first (PstDisk *self, guint n, GError **error)
{
  guint n_named = 0;

  while (n_named < n)
    {
      Whole *whole = &g_array_index (self->wholes, Whole, n_named);

      if (!is_synced (self, whole, error) || !name_file (self, whole, error))
        break;
      n_named++;
    }

  pst_disk_note_named (self, n_named);
  for (guint i = 0; i < n_named; i++)
    g_free (g_array_index (self->wholes, Whole, i).partial_name);
  if (n_named > 0)
    g_array_remove_range (self->wholes, 0, n_named);
  self->n_named += n_named;
  return n_named == n;
}

/* Waits for the group that is under way, and names its files. */
static gboolean
name_group (PstDisk *self, GError **error)
{
  guint n = 0;

  if (!pst_disk_end_group (self, error))
    return FALSE;
  while (n < self->wholes->len && g_array_index (self->wholes, Whole, n).fd < 0)
    n++;
  return name_first (self, n, error);
}

static gboolean
name_rest (PstDisk *self, gboolean may_wait, GError **error)
{
  pst_disk_note_wholes (self);
  if (self->wholes->len > 0 && !pst_disk_has_journal_room (self, error))
    return FALSE;
  if (pst_disk_begin_group (self) && (may_wait || !pst_disk_end_group (self, error)))
    return may_wait;

  return pst_disk_sync_wholes (self, error) && name_first (self, self->wholes->len, error);
}

/* Syncs and names those that are whole. @may_wait: whether a group of them may be under
 * way afterwards. What cannot be named waits for room, if that is what lacks, with those
 * behind it; otherwise they are removed. */
static gboolean
name_wholes (PstDisk *self, gboolean may_wait, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (name_group (self, &failure) && name_rest (self, may_wait, &failure))
    return TRUE;

  if (!pst_disk_can_retry (self, failure))
    drop_wholes (self);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static int
make_partial (PstDisk *self, const PstEntry *entry)
{
  return TEMP_FAILURE_RETRY (openat (self->dest_fd, self->partial_name,
                                     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                     entry->executable ? 0777 : 0666));
}

static gboolean
open_partial (PstDisk *self, guint32 entry_number, GError **error)
{
  const PstEntry *entry = pst_manifest_get_entry (self->manifest, entry_number);

  self->partial_name = g_strdup_printf (
      PST_PATH_PARTIAL_PREFIX "%016" G_GINT64_MODIFIER "x-%u.part", self->random, self->n_parts++);
  self->fd = make_partial (self, entry);
  /* Those that wait for the end of their batch hold descriptors. */
  if (self->fd < 0 && errno == EMFILE && self->wholes->len > 0)
    {
      if (!name_wholes (self, FALSE, error))
        {
          g_clear_pointer (&self->partial_name, g_free);
          return FALSE;
        }
      self->fd = make_partial (self, entry);
    }
  if (self->fd < 0)
    {
      int saved_errno = errno;

      g_clear_pointer (&self->partial_name, g_free);
      return pst_disk_fail (entry->path, saved_errno, error);
    }

  self->names_unsafe = TRUE;
  self->entry = entry_number;
  self->next_entry = entry_number + 1;
  self->offset = 0;
  self->noted = FALSE;
  self->safe_bytes = 0;
  self->checkpoint_us = g_get_monotonic_time ();
  pst_hash_restart (self->hash);
  return TRUE;
}

/**
 * pst_disk_write:
 * @self: a receipt
 * @entry: the file's number in the manifest
 * @bytes: (array length=n_bytes): what follows what was written of it before
 * @n_bytes: how much; the caller has checked that the file is not longer
 * @error: return location for a %PST_ERROR_DESTINATION or %PST_ERROR_DISK_FULL
 *
 * Appends to the file's partial file, which is made with the first bytes. What a
 * full disk refused can be tried again, with the same bytes.
 *
 * Returns: %TRUE if all was written
 */
gboolean
pst_disk_write (PstDisk *self, guint32 entry, const guint8 *bytes, gsize n_bytes, GError **error)
{
  const char *path = pst_manifest_get_entry (self->manifest, entry)->path;
  guint64 behind_bytes;

  if (self->fd < 0 && !open_partial (self, entry, error))
    return FALSE;
  g_return_val_if_fail (self->entry == entry, FALSE);

  for (gsize done = 0; done < n_bytes;)
    {
      gssize n = pwrite (self->fd, bytes + done, n_bytes - done, self->offset + done);

      if (n < 0 && errno != EINTR)
        return pst_disk_fail (path, errno, error);
      done += MAX (n, 0);
    }

  pst_hash_add (self->hash, bytes, n_bytes);
  behind_bytes = self->offset % WRITE_BEHIND_BYTES + n_bytes;
  self->offset += n_bytes;
  if (behind_bytes >= WRITE_BEHIND_BYTES)
    sync_file_range (self->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
  return pst_disk_keep_up (self, error);
}

static gboolean
is_as_sent (PstDisk *self, const PstEntry *entry, const guint8 *digest, GError **error)
{
  guint8 found[PST_DIGEST_BYTES];
  g_autofree char *shown = NULL;

  pst_hash_finish (self->hash, found);
  if (self->offset == entry->size_bytes && sodium_memcmp (found, digest, sizeof found) == 0)
    return TRUE;

  shown = pst_escape_name (entry->path, -1);
  g_set_error (error, PST_ERROR, PST_ERROR_TAMPERED,
               "“%s” did not arrive as it was sent and was not kept.", shown);
  return FALSE;
}

/**
 * pst_disk_finish_file:
 * @self: a receipt
 * @entry_number: the file's number in the manifest
 * @digest: BLAKE2b-256 of the whole file, from the sender
 * @error: return location for a %PST_ERROR_TAMPERED, %PST_ERROR_DESTINATION or
 *   %PST_ERROR_DISK_FULL
 *
 * Checks the file. pst_disk_name_files() gives it its final name. What a full
 * disk refused can be tried again.
 *
 * Returns: %TRUE if the file is as it was sent
 */
gboolean
pst_disk_finish_file (PstDisk *self,
                      guint32 entry_number,
                      const guint8 digest[PST_DIGEST_BYTES],
                      GError **error)
{
  const PstEntry *entry = pst_manifest_get_entry (self->manifest, entry_number);
  struct timespec times[2] = { { 0, UTIME_OMIT }, pst_disk_to_timespec (entry->mtime_ns) };
  Whole whole;
  struct stat st = { 0 };

  if (pst_disk_is_there (self, entry_number))
    return pst_disk_finish_there (self, entry_number, digest, error);
  /* An empty file has no bytes to be opened by. */
  if (self->fd < 0 && !open_partial (self, entry_number, error))
    return FALSE;
  g_return_val_if_fail (self->entry == entry_number, FALSE);

  if (!is_as_sent (self, entry, digest, error))
    {
      pst_disk_abandon_file (self);
      return FALSE;
    }
  futimens (self->fd, times);

  fstat (self->fd, &st);
  whole.inode = st.st_ino;
  memcpy (whole.digest, digest, sizeof whole.digest);
  whole.fd = g_steal_fd (&self->fd);
  whole.entry = entry_number;
  whole.partial_name = g_steal_pointer (&self->partial_name);
  whole.sync_errno = EINPROGRESS;
  whole.noted = FALSE;
  whole.unsafe_bytes = self->offset - self->safe_bytes;
  g_array_append_val (self->wholes, whole);
  return TRUE;
}

/**
 * pst_disk_name_files:
 * @self: a receipt
 * @n_files: (out): how many got their names
 * @error: return location for a %PST_ERROR_DESTINATION or %PST_ERROR_DISK_FULL
 *
 * Brings the files that were finished since the last call to the disk and
 * gives them their final names. Where a name is taken, it gets a number. Those
 * that a full disk refused a name wait for the next call.
 *
 * Returns: %TRUE if all of them stand under a final name
 */
gboolean
pst_disk_name_files (PstDisk *self, guint *n_files, GError **error)
{
  gboolean ok = name_wholes (self, FALSE, error);

  *n_files = self->n_named;
  self->n_named = 0;
  return ok;
}

/**
 * pst_disk_begin_to_name:
 * @self: a receipt that more files come to
 * @n_files: (out): how many got their names
 * @error: return location for a %PST_ERROR_DESTINATION or %PST_ERROR_DISK_FULL
 *
 * Does what pst_disk_name_files() does, but need not wait for the disk: it may be at the
 * files that were finished since the last call while others are written. The next call
 * of one of the two waits for that and names them.
 *
 * Returns: %TRUE if nothing went wrong so far
 */
gboolean
pst_disk_begin_to_name (PstDisk *self, guint *n_files, GError **error)
{
  gboolean ok = name_wholes (self, TRUE, error);

  *n_files = self->n_named;
  self->n_named = 0;
  return ok;
}

/* Names the group that is under way: what came whole before the end stays. */
void
pst_disk_name_group (PstDisk *self)
{
  if (self->group != NULL)
    name_wholes (self, FALSE, NULL);
}

/**
 * pst_disk_abandon_file:
 * @self: a receipt
 *
 * Removes the partial file, if there is one: the file will not be finished.
 */
void
pst_disk_abandon_file (PstDisk *self)
{
  self->n_abandoned++;
  if (self->fd < 0)
    return;

  remove_partial (self, g_steal_fd (&self->fd), g_steal_pointer (&self->partial_name));
}

/* Lets go of whatever has no final name yet; it stays. */
void
pst_disk_let_go_of_files (PstDisk *self)
{
  pst_disk_end_group (self, NULL);
  for (guint i = 0; i < self->wholes->len; i++)
    {
      Whole *whole = &g_array_index (self->wholes, Whole, i);

      if (whole->fd >= 0)
        close (whole->fd);
      g_free (whole->partial_name);
    }
  g_array_set_size (self->wholes, 0);
  if (self->fd >= 0)
    close (g_steal_fd (&self->fd));
  g_clear_pointer (&self->partial_name, g_free);
}

/* Removes whatever has no final name yet. */
void
pst_disk_drop_files (PstDisk *self)
{
  pst_disk_abandon_file (self);
  drop_wholes (self);
}
