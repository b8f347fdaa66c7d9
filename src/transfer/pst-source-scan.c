/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists what is to be sent. Links inside the offer are never followed; a path
 * the person named is, because it was named. */
#include "pst-source-private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pst-error.h"
#include "pst-escape.h"
#include "pst-name-hash.h"
#include "pst-path.h"

/* Links may name links; each pass settles one more step of such a chain. */
#define LINK_PASSES 8

typedef struct
{
  PstSource *source;
  GPtrArray *links; /* of PstEntry, kept until all they may name is listed */
  GCancellable *cancellable;
} Scan;

static void
entry_free (PstEntry *entry)
{
  g_free (entry->path);
  g_free (entry->target);
  g_free (entry);
}

/**
 * pst_source_ref:
 * @self: a source
 *
 * Returns: (transfer full): @self; any thread
 */
PstSource *
pst_source_ref (PstSource *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * pst_source_unref:
 * @self: (transfer full): a source; any thread
 */
void
pst_source_unref (PstSource *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->manifest, pst_manifest_unref);
  g_clear_pointer (&self->roots, g_hash_table_unref);
  g_clear_pointer (&self->left_out, g_ptr_array_unref);
  g_free (self);
}

static PstSource *
source_new (void)
{
  PstSource *self = g_new0 (PstSource, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->manifest = pst_manifest_new ();
  self->roots = g_hash_table_new_full (pst_name_hash, g_str_equal, g_free, g_free);
  self->left_out = g_ptr_array_new_with_free_func (g_free);
  return self;
}

/**
 * pst_source_get_manifest:
 * @self: a source
 *
 * Returns: (transfer none): the list of what is offered
 */
PstManifest *
pst_source_get_manifest (PstSource *self)
{
  return self->manifest;
}

/**
 * pst_source_get_left_out:
 * @self: a source
 *
 * Returns: (transfer none) (array zero-terminated=1): a sentence fit to be
 *   shown for each thing that is not sent: sockets and devices, links that
 *   lead outside, names that are not UTF-8, what cannot be read
 */
const char *const *
pst_source_get_left_out (PstSource *self)
{
  return (const char *const *) self->left_out->pdata;
}

/* Finds the path on this machine of the top-level item that @path is in;
 * @rest is what follows it, NULL for the item itself. */
const char *
pst_source_get_root (PstSource *self, const char *path, const char **rest)
{
  const char *slash = strchr (path, '/');
  g_autofree char *name = slash != NULL ? g_strndup (path, slash - path) : g_strdup (path);

  *rest = slash != NULL ? slash + 1 : NULL;
  return g_hash_table_lookup (self->roots, name);
}

static void G_GNUC_PRINTF (3, 4)
leave_out (Scan *scan, const char *path, const char *format, ...)
{
  g_autofree char *shown = pst_escape_name (path, -1);
  g_autofree char *why = NULL;
  va_list args;

  va_start (args, format);
  why = g_strdup_vprintf (format, args);
  va_end (args);
  g_ptr_array_add (scan->source->left_out, g_strdup_printf ("“%s” %s", shown, why));
}

static gint64
get_mtime_ns (const struct stat *st)
{
  return (gint64) st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

static gboolean
append (Scan *scan, PstEntryKind kind, const char *path, const struct stat *st, GError **error)
{
  PstEntry entry = {
    .kind = kind,
    .path = (char *) path,
    .size_bytes = kind == PST_ENTRY_FILE ? st->st_size : 0,
    .mtime_ns = get_mtime_ns (st),
    .executable = kind == PST_ENTRY_FILE && (st->st_mode & S_IXUSR) != 0,
  };

  return pst_manifest_append (scan->source->manifest, &entry, error);
}

static void
remember_link (Scan *scan, int dir_fd, const char *name, const char *path, const struct stat *st)
{
  char target[PST_PATH_MAX_BYTES + 1];
  ssize_t length = readlinkat (dir_fd, name, target, sizeof target);
  PstEntry *link;

  if (length < 0 || length >= (ssize_t) sizeof target || !g_utf8_validate (target, length, NULL))
    {
      leave_out (scan, path, "is left out: where this link leads cannot be told.");
      return;
    }

  link = g_new0 (PstEntry, 1);
  link->kind = PST_ENTRY_LINK;
  link->path = g_strdup (path);
  link->target = g_strndup (target, length);
  link->mtime_ns = get_mtime_ns (st);
  g_ptr_array_add (scan->links, link);
}

static gboolean scan_folder (Scan *scan,
                             int dir_fd,
                             const char *path,
                             const struct stat *st,
                             GError **error);

static gboolean
scan_entry (Scan *scan, int dir_fd, const char *name, const char *path, GError **error)
{
  g_autoptr (GError) unfit = NULL;
  struct stat st;

  if (g_cancellable_set_error_if_cancelled (scan->cancellable, error))
    return FALSE;

  if (!pst_path_check (path, strlen (path), &unfit))
    leave_out (scan, path, "is left out: its name cannot be sent.");
  else if (fstatat (dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
    leave_out (scan, path, "is left out: %s.", g_strerror (errno));
  else if (S_ISLNK (st.st_mode))
    remember_link (scan, dir_fd, name, path, &st);
  else if (S_ISREG (st.st_mode) && faccessat (dir_fd, name, R_OK, 0) != 0)
    leave_out (scan, path, "is left out: it cannot be read (%s).", g_strerror (errno));
  else if (S_ISREG (st.st_mode))
    return append (scan, PST_ENTRY_FILE, path, &st, error);
  else if (S_ISDIR (st.st_mode))
    {
      int fd = openat (dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

      if (fd < 0)
        leave_out (scan, path, "is left out: it cannot be read (%s).", g_strerror (errno));
      else
        return scan_folder (scan, fd, path, &st, error);
    }
  else
    leave_out (scan, path, "is left out: it is neither a file nor a folder.");

  return TRUE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Takes @dir_fd. Sorted, so that the same folder makes the same offer. */
static GPtrArray *
list_names (int dir_fd)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  DIR *dir = fdopendir (dir_fd);
  struct dirent *item;

  if (dir == NULL)
    {
      if (dir_fd >= 0)
        close (dir_fd);
      return g_steal_pointer (&names);
    }
  while ((item = readdir (dir)) != NULL)
    if (strcmp (item->d_name, ".") != 0 && strcmp (item->d_name, "..") != 0)
      g_ptr_array_add (names, g_strdup (item->d_name));
  closedir (dir);

  g_ptr_array_sort (names, compare_names);
  return g_steal_pointer (&names);
}

/* Takes @dir_fd. */
static gboolean
scan_folder (Scan *scan, int dir_fd, const char *path, const struct stat *st, GError **error)
{
  g_autoptr (GPtrArray) names = list_names (fcntl (dir_fd, F_DUPFD_CLOEXEC, 0));
  gboolean ok = append (scan, PST_ENTRY_FOLDER, path, st, error);

  for (guint i = 0; ok && i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *below = g_strconcat (path, "/", name, NULL);

      ok = scan_entry (scan, dir_fd, name, below, error);
    }

  close (dir_fd);
  return ok;
}

/* Two things of the same name from different folders may be sent together. */
static char *
choose_root_name (Scan *scan, const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  char *offered = g_strdup (name);

  for (guint i = 1; g_hash_table_contains (scan->source->roots, offered); i++)
    {
      g_free (offered);
      offered = pst_path_number (name, i);
    }

  return offered;
}

/* Opens only what can be sent: opening a device may have effects of its own. */
static int
open_root (const char *path, struct stat *st)
{
  if (stat (path, st) != 0)
    return -1;
  if (!S_ISREG (st->st_mode) && !S_ISDIR (st->st_mode))
    {
      errno = EINVAL;
      return -1;
    }

  return open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

static gboolean
scan_root (Scan *scan, const char *given, GError **error)
{
  g_autofree char *path = g_canonicalize_filename (given, NULL);
  g_autofree char *shown = pst_escape_name (given, -1);
  g_autofree char *name = NULL;
  struct stat st;
  int fd = open_root (path, &st);

  if (fd < 0)
    {
      g_set_error (error, PST_ERROR, PST_ERROR_SOURCE, "“%s” cannot be sent: %s.", shown,
                   errno == EINVAL ? "it is neither a file nor a folder" : g_strerror (errno));
      return FALSE;
    }

  name = choose_root_name (scan, path);
  if (!pst_path_check (name, strlen (name), NULL))
    {
      close (fd);
      g_set_error (error, PST_ERROR, PST_ERROR_SOURCE,
                   "“%s” cannot be sent under this name; rename it and try again.", shown);
      return FALSE;
    }

  g_hash_table_insert (scan->source->roots, g_strdup (name), g_strdup (path));
  if (S_ISDIR (st.st_mode))
    return scan_folder (scan, fd, name, &st, error);

  close (fd);
  return append (scan, PST_ENTRY_FILE, name, &st, error);
}

static gboolean
append_links (Scan *scan, GError **error)
{
  PstManifest *manifest = scan->source->manifest;

  for (guint pass = 0; pass < LINK_PASSES && scan->links->len > 0; pass++)
    for (guint i = 0; i < scan->links->len;)
      {
        PstEntry *link = g_ptr_array_index (scan->links, i);

        if (!pst_manifest_link_is_inside (manifest, link->path, link->target))
          {
            i++;
            continue;
          }
        if (!pst_manifest_append (manifest, link, error))
          return FALSE;
        g_ptr_array_remove_index (scan->links, i);
      }

  for (guint i = 0; i < scan->links->len; i++)
    {
      PstEntry *link = g_ptr_array_index (scan->links, i);

      leave_out (scan, link->path, "is left out: this link leads outside of what is sent.");
    }

  return TRUE;
}

static gboolean
scan_all (Scan *scan, const char *const *paths, GError **error)
{
  for (guint i = 0; paths[i] != NULL; i++)
    if (!scan_root (scan, paths[i], error))
      return FALSE;
  if (!append_links (scan, error))
    return FALSE;

  g_ptr_array_add (scan->source->left_out, NULL);
  return pst_manifest_seal (scan->source->manifest, error);
}

/* What the manifest refuses here is not the other side's fault. */
static void
blame_source (GError *error)
{
  if (error->domain == PST_ERROR && error->code != PST_ERROR_SOURCE)
    error->code = PST_ERROR_SOURCE;
}

static void
scan_in_thread (GTask *task, gpointer object, gpointer task_data, GCancellable *cancellable)
{
  g_autoptr (PstSource) source = source_new ();
  g_autoptr (GPtrArray) links = g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);
  Scan scan = { source, links, cancellable };
  GError *error = NULL;

  if (scan_all (&scan, task_data, &error))
    {
      g_task_return_pointer (task, g_steal_pointer (&source), (GDestroyNotify) pst_source_unref);
      return;
    }

  blame_source (error);
  g_task_return_error (task, error);
}

/**
 * pst_source_scan_async:
 * @paths: (array zero-terminated=1): at least one file or folder, as the person named it
 * @cancellable: (nullable): a #GCancellable
 * @callback: called in the caller's main context
 * @user_data: for @callback
 *
 * Lists the files and folders, in a worker.
 */
void
pst_source_scan_async (const char *const *paths,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, pst_source_scan_async);
  g_task_set_task_data (task, g_strdupv ((char **) paths), (GDestroyNotify) g_strfreev);
  g_task_run_in_thread (task, scan_in_thread);
}

/**
 * pst_source_scan_finish:
 * @result: what the callback was given
 * @error: return location for a %PST_ERROR_SOURCE or %G_IO_ERROR_CANCELLED
 *
 * Returns: (transfer full) (nullable): the source, with a sealed manifest
 */
PstSource *
pst_source_scan_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
