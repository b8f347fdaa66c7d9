/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes what was accepted: the folders, the links, and in pst-disk-file.c the
 * files. Every step goes through a file descriptor of the folder before it and
 * follows no link. */
#include "pst-disk-private.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "pst-durable.h"
#include "pst-error.h"
#include "pst-escape.h"
#include "pst-journal-folder.h"
#include "pst-name-hash.h"
#include "pst-open.h"
#include "pst-path.h"

/**
 * pst_disk_ref:
 * @self: a receipt
 *
 * Returns: (transfer full): @self; any thread
 */
PstDisk *
pst_disk_ref (PstDisk *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * pst_disk_unref:
 * @self: (transfer full): a receipt; any thread
 *
 * Frees the receipt with the last reference. A partial file is removed, unless a
 * journal tells of it.
 */
void
pst_disk_unref (PstDisk *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  if (self->journal != NULL)
    pst_disk_leave (self);
  pst_disk_drop_files (self);
  pst_disk_forget_there (self);
  g_free (self->journals);
  g_clear_pointer (&self->wholes, g_array_unref);
  if (self->dir_fd >= 0)
    close (self->dir_fd);
  close (self->dest_fd);
  g_clear_pointer (&self->manifest, pst_manifest_unref);
  g_clear_pointer (&self->root_names, g_hash_table_unref);
  g_clear_pointer (&self->results, g_ptr_array_unref);
  g_free (self->dir_path);
  g_free (self->selection);
  g_free (self->destination);
  pst_hash_free (self->hash);
  g_free (self);
}

/* Whether an entry was accepted. */
gboolean
pst_disk_is_selected (PstDisk *self, guint32 entry)
{
  return self->selection == NULL || self->selection[entry];
}

/* Makes an error of an errno; @name: what was written, from a stranger. */
gboolean
pst_disk_fail (const char *name, int saved_errno, GError **error)
{
  g_autofree char *shown = pst_escape_name (name, -1);

  if (saved_errno == ENOSPC || saved_errno == EDQUOT)
    g_set_error (error, PST_ERROR, PST_ERROR_DISK_FULL,
                 "There is no room left for “%s”; free some space and try again.", shown);
  else
    g_set_error (error, PST_ERROR, PST_ERROR_DESTINATION, "“%s” cannot be written: %s.", shown,
                 g_strerror (saved_errno));
  return FALSE;
}

static gboolean
has_room (PstDisk *self, GError **error)
{
  guint64 there_bytes = self->former != NULL ? pst_journal_get_there_bytes (self->former) : 0;
  guint64 needed_bytes = 0, free_bytes;
  struct statvfs st;

  for (guint i = 0; i < pst_manifest_get_n_entries (self->manifest); i++)
    if (pst_disk_is_selected (self, i))
      needed_bytes += pst_manifest_get_entry (self->manifest, i)->size_bytes;

  if (fstatvfs (self->dest_fd, &st) != 0)
    return TRUE;
  free_bytes = (guint64) st.f_bavail * st.f_frsize;
  needed_bytes -= MIN (there_bytes, needed_bytes);
  if (needed_bytes > free_bytes)
    {
      g_autofree char *needed = g_format_size (needed_bytes);
      g_autofree char *available = g_format_size (free_bytes);
      g_autofree char *shown = pst_escape_name (self->destination, -1);

      g_set_error (error, PST_ERROR, PST_ERROR_DISK_FULL,
                   "%s are needed, but only %s are free in “%s”; free some space or choose "
                   "another folder.",
                   needed, available, shown);
      return FALSE;
    }

  return TRUE;
}

/**
 * pst_disk_new:
 * @manifest: (transfer none): a sealed manifest
 * @selection: (nullable): one byte an entry, not 0 for those to write; the
 *   folders around a chosen entry must be chosen; %NULL for all
 * @destination: an existing folder
 * @error: return location for a %PST_ERROR_DESTINATION or %PST_ERROR_DISK_FULL
 *
 * Checks that the destination can be written and has room. Writes nothing.
 *
 * Returns: (transfer full) (nullable): the receipt
 */
PstDisk *
pst_disk_new (PstManifest *manifest,
              const guint8 *selection,
              const char *destination,
              GError **error)
{
  return pst_disk_new_kept (manifest, selection, destination, NULL, NULL, error);
}

/**
 * pst_disk_new_kept:
 * @manifest: (transfer none): a sealed manifest
 * @selection: (nullable): see pst_disk_new()
 * @destination: an existing folder
 * @journals: (nullable): the folder of journals, an absolute path; %NULL for a
 *   receipt that does not outlive the program
 * @former: (nullable): the journal of an earlier receipt of the same things into
 *   the same folder
 * @error: return location for a %PST_ERROR_DESTINATION or %PST_ERROR_DISK_FULL
 *
 * Does what pst_disk_new() does, for a receipt that a later one can go on with and
 * that may itself go on with an earlier one.
 *
 * Returns: (transfer full) (nullable): the receipt
 */
PstDisk *
pst_disk_new_kept (PstManifest *manifest,
                   const guint8 *selection,
                   const char *destination,
                   const char *journals,
                   PstJournal *former,
                   GError **error)
{
  int dest_fd = open (destination, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autoptr (PstDisk) self = NULL;

  if (dest_fd < 0 || faccessat (dest_fd, ".", W_OK | X_OK, AT_EACCESS) != 0)
    {
      pst_disk_fail (destination, errno, error);
      if (dest_fd >= 0)
        close (dest_fd);
      return NULL;
    }

  self = g_new0 (PstDisk, 1);
  self->hash = pst_hash_new ();
  g_atomic_ref_count_init (&self->ref_count);
  self->manifest = pst_manifest_ref (manifest);
  self->selection = g_memdup2 (selection,
                               selection != NULL ? pst_manifest_get_n_entries (manifest) : 0);
  self->destination = g_strdup (destination);
  self->dest_fd = dest_fd;
  self->journals = g_strdup (journals);
  self->former = former != NULL ? pst_journal_ref (former) : NULL;
  self->root_names = g_hash_table_new_full (pst_name_hash, g_str_equal, g_free, g_free);
  self->results = g_ptr_array_new_with_free_func (g_free);
  self->wholes = g_array_new (FALSE, FALSE, sizeof (Whole));
  self->fd = self->dir_fd = -1;
  pst_disk_begin_checkpoints (self);
  pst_disk_begin_groups (self);
  randombytes_buf (&self->random, sizeof self->random);

  return has_room (self, error) ? g_steal_pointer (&self) : NULL;
}

/* The name a path has here: its top-level folder may have got a number. */
char *
pst_disk_local_path (PstDisk *self, const char *path)
{
  const char *slash = strchr (path, '/');
  g_autofree char *root = slash != NULL ? g_strndup (path, slash - path) : g_strdup (path);
  const char *name = g_hash_table_lookup (self->root_names, root);

  return g_strconcat (name != NULL ? name : root, slash, NULL);
}

/* The folder a path is in, kept until another is wanted; -1 and errno if it is gone. */
int
pst_disk_get_parent_fd (PstDisk *self, const char *path)
{
  const char *slash = strrchr (path, '/');
  g_autofree char *parent = slash != NULL ? g_strndup (path, slash - path) : NULL;

  if (parent == NULL)
    return self->dest_fd;
  if (self->dir_fd >= 0 && g_str_equal (parent, self->dir_path))
    return self->dir_fd;

  if (self->dir_fd >= 0)
    close (self->dir_fd);
  g_free (self->dir_path);
  self->dir_path = g_steal_pointer (&parent);
  self->dir_fd = pst_open_folder (self->dest_fd, self->dir_path, O_RDONLY);
  return self->dir_fd;
}

/* The name a path ends with. */
const char *
pst_disk_last_part (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash != NULL ? slash + 1 : path;
}

/* A top-level item stands under @name. */
void
pst_disk_add_result (PstDisk *self, const char *name)
{
  g_ptr_array_add (self->results, g_build_filename (self->destination, name, NULL));
}

/* A top-level folder that the earlier receipt made. */
static gboolean
find_root_folder (PstDisk *self, const char *name)
{
  const char *here = self->former != NULL ? pst_journal_find_root (self->former, name) : NULL;
  int fd = here != NULL ? pst_open_folder (self->dest_fd, here, O_RDONLY) : -1;

  if (fd < 0)
    return FALSE;

  close (fd);
  pst_disk_add_result (self, here);
  g_hash_table_insert (self->root_names, g_strdup (name), g_strdup (here));
  return TRUE;
}

/* Other top-level folders are always new: a taken name gets a number. */
static gboolean
make_root_folder (PstDisk *self, const char *name, GError **error)
{
  if (find_root_folder (self, name))
    return TRUE;

  for (guint i = 0; i <= MAX_NUMBER; i++)
    {
      g_autofree char *candidate = i == 0 ? g_strdup (name) : pst_path_number (name, i);

      if (mkdirat (self->dest_fd, candidate, 0777) == 0)
        {
          pst_disk_note_folder (self, name, candidate);
          pst_disk_add_result (self, candidate);
          g_hash_table_insert (self->root_names, g_strdup (name), g_steal_pointer (&candidate));
          return TRUE;
        }
      if (errno != EEXIST)
        break;
    }

  return pst_disk_fail (name, errno, error);
}

static gboolean
make_folder (PstDisk *self, const PstEntry *entry, GError **error)
{
  g_autofree char *path = pst_disk_local_path (self, entry->path);
  int parent_fd;

  if (strchr (entry->path, '/') == NULL)
    return make_root_folder (self, entry->path, error);

  parent_fd = pst_disk_get_parent_fd (self, path);
  /* Two names may be one where case does not count; both land in the same
   * folder, and no file replaces another. A link there is refused on opening. */
  if (parent_fd >= 0 && mkdirat (parent_fd, pst_disk_last_part (path), 0777) == 0)
    pst_disk_note_folder (self, entry->path, NULL);
  else if (parent_fd < 0 || errno != EEXIST)
    return pst_disk_fail (entry->path, errno, error);

  return TRUE;
}

/**
 * pst_disk_prepare:
 * @self: a receipt
 * @error: return location for a %PST_ERROR_DESTINATION or %PST_ERROR_DISK_FULL
 *
 * Makes the chosen folders, and looks at what an earlier receipt left: what
 * pst_disk_get_held() then gives goes on with pst_disk_continue_file() or begins
 * anew with pst_disk_restart_file(). What a full disk refused can be tried again.
 *
 * Returns: %TRUE if they are there
 */
gboolean
pst_disk_prepare (PstDisk *self, GError **error)
{
  if (self->journals != NULL && self->journal == NULL)
    pst_disk_begin_journal (self);

  for (; self->n_prepared < pst_manifest_get_n_entries (self->manifest); self->n_prepared++)
    {
      const PstEntry *entry = pst_manifest_get_entry (self->manifest, self->n_prepared);

      if (entry->kind == PST_ENTRY_FOLDER && pst_disk_is_selected (self, self->n_prepared)
          && !make_folder (self, entry, error))
        return FALSE;
    }

  if (!pst_disk_sync_folders (self, error))
    return FALSE;
  pst_disk_look (self);
  return TRUE;
}

/* For futimens(); @time_ns may be before 1970. */
struct timespec
pst_disk_to_timespec (gint64 time_ns)
{
  gint64 rest_ns = time_ns % 1000000000;

  /* The kernel wants 0 ≤ tv_nsec also before 1970. */
  if (rest_ns < 0)
    rest_ns += 1000000000;
  return (struct timespec){ (time_ns - rest_ns) / 1000000000, rest_ns };
}

/* The earlier receipt made it before it ended. Leaves errno as it was. */
static gboolean
is_link_there (PstDisk *self, const PstEntry *entry, int parent_fd, const char *name)
{
  char target[PST_PATH_MAX_BYTES + 1];
  int saved_errno = errno;
  gssize n_bytes = self->former != NULL && errno == EEXIST
                       ? readlinkat (parent_fd, name, target, sizeof target)
                       : -1;

  errno = saved_errno;
  return n_bytes >= 0 && (gsize) n_bytes == strlen (entry->target)
         && memcmp (target, entry->target, n_bytes) == 0;
}

static gboolean
make_link (PstDisk *self, const PstEntry *entry, GError **error)
{
  g_autofree char *path = pst_disk_local_path (self, entry->path);
  struct timespec times[2] = { { 0, UTIME_OMIT }, pst_disk_to_timespec (entry->mtime_ns) };
  int parent_fd = pst_disk_get_parent_fd (self, path);

  if (parent_fd < 0
      || (symlinkat (entry->target, parent_fd, pst_disk_last_part (path)) != 0
          && !is_link_there (self, entry, parent_fd, pst_disk_last_part (path))))
    return pst_disk_fail (entry->path, errno, error);

  utimensat (parent_fd, pst_disk_last_part (path), times, AT_SYMLINK_NOFOLLOW);
  return TRUE;
}

/**
 * pst_disk_commit:
 * @self: a receipt whose files are all finished
 * @error: return location for a %PST_ERROR_DESTINATION or %PST_ERROR_DISK_FULL
 *
 * Makes the links, gives the folders their times, and brings every folder to
 * the disk: after this, what arrived survives a power cut. What a full disk
 * refused can be tried again.
 *
 * Returns: %TRUE if all is on the disk
 */
gboolean
pst_disk_commit (PstDisk *self, GError **error)
{
  guint n_entries = pst_manifest_get_n_entries (self->manifest);

  for (; self->n_linked < n_entries; self->n_linked++)
    {
      const PstEntry *entry = pst_manifest_get_entry (self->manifest, self->n_linked);

      if (entry->kind == PST_ENTRY_LINK && pst_disk_is_selected (self, self->n_linked)
          && !make_link (self, entry, error))
        return FALSE;
    }

  if (!pst_disk_finish_folders (self, error))
    return FALSE;
  if (!pst_durable_sync_folder (self->dest_fd))
    return pst_disk_fail (self->destination, errno, error);

  pst_disk_finish_journal (self);
  self->committed = TRUE;
  return TRUE;
}

/**
 * pst_disk_discard:
 * @self: a receipt that will not be finished, or was a moment ago
 *
 * Removes the partial file and those folders made here that are still empty, also
 * those of an earlier receipt it went on with, and the journal. Whole files stay.
 * After pst_disk_commit() everything does: a folder that is empty was sent so.
 */
void
pst_disk_discard (PstDisk *self)
{
  if (self->committed)
    return;

  pst_disk_name_group (self);
  pst_disk_drop_files (self);
  if (self->journal != NULL)
    pst_journal_remove_parts (self->dest_fd, self->random, NULL);
  pst_disk_end_journal (self, TRUE);

  for (guint i = pst_manifest_get_n_entries (self->manifest); i-- > 0;)
    {
      const PstEntry *entry = pst_manifest_get_entry (self->manifest, i);
      g_autofree char *root = g_strndup (entry->path, strcspn (entry->path, "/"));
      g_autofree char *path = pst_disk_local_path (self, entry->path);
      int parent_fd;

      if (entry->kind != PST_ENTRY_FOLDER || !g_hash_table_contains (self->root_names, root))
        continue;
      parent_fd = pst_disk_get_parent_fd (self, path);
      if (parent_fd >= 0)
        unlinkat (parent_fd, pst_disk_last_part (path), AT_REMOVEDIR);
    }
}

/**
 * pst_disk_dup_results:
 * @self: a receipt
 *
 * Returns: (transfer full) (array zero-terminated=1): the paths of the
 *   top-level items that arrived so far
 */
char **
pst_disk_dup_results (PstDisk *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < self->results->len; i++)
    g_strv_builder_add (builder, g_ptr_array_index (self->results, i));

  return g_strv_builder_end (builder);
}
