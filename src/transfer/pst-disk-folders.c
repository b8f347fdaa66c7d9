/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folders of a receipt on their way to the disk: many at once, since each of them
 * waits for it. */
#include "pst-disk-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pst-name-hash.h"
#include "pst-open.h"

/* Each is an open descriptor until all of them are there. */
#define FOLDERS_AT_ONCE 64

typedef struct
{
  PstDiskSync syncs[FOLDERS_AT_ONCE];
  char *paths[FOLDERS_AT_ONCE];
  guint n;
  gboolean later; /* they are synced afterwards, all together */
} Folders;

static void
folders_clear (Folders *self)
{
  for (guint i = 0; i < self->n; i++)
    {
      close (self->syncs[i].fd);
      g_free (self->paths[i]);
    }
  self->n = 0;
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Folders, folders_clear)

/* Brings those that were added to the disk. */
static gboolean
folders_sync (Folders *self, GError **error)
{
  gboolean ok = TRUE;

  if (!self->later)
    pst_disk_sync (self->syncs, self->n);
  for (guint i = 0; ok && !self->later && i < self->n; i++)
    {
      int sync_errno = self->syncs[i].sync_errno;

      /* Some file systems cannot fsync a folder. */
      ok = sync_errno == 0 || sync_errno == EINVAL
           || pst_disk_fail (self->paths[i], sync_errno, error);
    }

  folders_clear (self);
  return ok;
}

/* @time_ns: (nullable): the time it gets */
static gboolean
folders_add (Folders *self, PstDisk *disk, const char *path, const gint64 *time_ns, GError **error)
{
  int fd;

  if (self->n == FOLDERS_AT_ONCE && !folders_sync (self, error))
    return FALSE;
  fd = pst_open_folder (disk->dest_fd, path, O_RDONLY);
  if (fd < 0 && errno == EMFILE && self->n > 0)
    {
      if (!folders_sync (self, error))
        return FALSE;
      fd = pst_open_folder (disk->dest_fd, path, O_RDONLY);
    }
  if (fd < 0)
    return pst_disk_fail (path, errno, error);

  if (time_ns != NULL)
    {
      struct timespec times[2] = { { 0, UTIME_OMIT }, pst_disk_to_timespec (*time_ns) };

      futimens (fd, times);
    }
  self->syncs[self->n] = (PstDiskSync){ .fd = fd, .how = PST_DISK_SYNC_FILE };
  self->paths[self->n++] = g_strdup (path);
  return TRUE;
}

static GHashTable *
find_outer_folders (PstDisk *self)
{
  GHashTable *paths = g_hash_table_new_full (pst_name_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < pst_manifest_get_n_entries (self->manifest); i++)
    {
      const PstEntry *entry = pst_manifest_get_entry (self->manifest, i);
      g_autofree char *path = NULL;

      if (entry->kind != PST_ENTRY_FOLDER || strchr (entry->path, '/') == NULL
          || !pst_disk_is_selected (self, i))
        continue;
      path = pst_disk_local_path (self, entry->path);
      g_hash_table_add (paths, g_path_get_dirname (path));
    }

  return paths;
}

/* Those that hold others: what leads to the inner ones. */
gboolean
pst_disk_sync_outer_folders (PstDisk *self, GError **error)
{
  g_autoptr (GHashTable) paths = find_outer_folders (self);
  g_auto (Folders) folders = { .n = 0 };
  GHashTableIter iter;
  const char *path;

  g_hash_table_iter_init (&iter, paths);
  while (g_hash_table_iter_next (&iter, (gpointer *) &path, NULL))
    if (!folders_add (&folders, self, path, NULL, error))
      return FALSE;

  return folders_sync (&folders, error);
}

/* All that were accepted get their times, which making something in them had changed. */
static gboolean
finish_each (PstDisk *self, gboolean later, GError **error)
{
  g_auto (Folders) folders = { .later = later };

  for (guint i = pst_manifest_get_n_entries (self->manifest); i-- > 0;)
    {
      const PstEntry *entry = pst_manifest_get_entry (self->manifest, i);
      g_autofree char *path = NULL;

      if (entry->kind != PST_ENTRY_FOLDER || !pst_disk_is_selected (self, i))
        continue;
      path = pst_disk_local_path (self, entry->path);
      if (!folders_add (&folders, self, path, &entry->mtime_ns, error))
        return FALSE;
    }

  return folders_sync (&folders, error);
}

static guint
count_folders (PstDisk *self)
{
  guint n = 0;

  for (guint i = 0; i < pst_manifest_get_n_entries (self->manifest); i++)
    n += pst_manifest_get_entry (self->manifest, i)->kind == PST_ENTRY_FOLDER
         && pst_disk_is_selected (self, i);
  return n;
}

/* The folders get their times and are brought to the disk with what is in them: many
 * together, if that is the quicker way. */
gboolean
pst_disk_finish_folders (PstDisk *self, GError **error)
{
  gboolean is_there;

  if (!pst_disk_is_group (self, count_folders (self)))
    return finish_each (self, FALSE, error);
  if (!finish_each (self, TRUE, error) || !pst_disk_sync_file_system (self, &is_there, error))
    return FALSE;

  return is_there || finish_each (self, FALSE, error);
}
