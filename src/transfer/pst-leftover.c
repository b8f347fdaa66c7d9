/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is left of receipts that did not come to their end: found, listed and
 * discarded through their journals. */
#include "pst-leftover.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pst-disk-private.h"
#include "pst-error.h"
#include "pst-escape.h"
#include "pst-journal-finished.h"
#include "pst-journal-folder.h"
#include "pst-open.h"

G_DEFINE_BOXED_TYPE (PstLeftover, pst_leftover, pst_leftover_copy, pst_leftover_free)

/**
 * pst_leftover_copy:
 * @self: a leftover
 *
 * Returns: (transfer full): a copy
 */
PstLeftover *
pst_leftover_copy (const PstLeftover *self)
{
  PstLeftover *copy = g_memdup2 (self, sizeof *self);

  copy->id = g_strdup (self->id);
  copy->title = g_strdup (self->title);
  copy->destination = g_strdup (self->destination);
  copy->error = self->error != NULL ? g_error_copy (self->error) : NULL;
  return copy;
}

/**
 * pst_leftover_free:
 * @self: (transfer full): a leftover
 */
void
pst_leftover_free (PstLeftover *self)
{
  g_free (self->id);
  g_free (self->title);
  g_free (self->destination);
  g_clear_error (&self->error);
  g_free (self);
}

/**
 * pst_leftover_dup_folder:
 *
 * Returns: (transfer full): where the programs of a person keep their journals,
 *   $XDG_STATE_HOME/penstock/receipts
 */
char *
pst_leftover_dup_folder (void)
{
  return g_build_filename (g_get_user_state_dir (), "penstock", "receipts", NULL);
}

/* The names of the journals in a folder; none if there is no folder. @finished_too: also
 * of receipts that came to their end. */
static GPtrArray *
list_names (int folder_fd, gboolean finished_too)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  int fd = openat (folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  struct dirent *found;
  guint64 id;

  while (dir != NULL && (found = readdir (dir)) != NULL)
    if (pst_journal_is_name (found->d_name, &id)
        || (finished_too && pst_journal_is_finished_name (found->d_name, &id)))
      g_ptr_array_add (names, g_strdup (found->d_name));

  if (dir != NULL)
    closedir (dir);
  else if (fd >= 0)
    close (fd);
  return names;
}

/* What is there, with what is in partial files behind what is known to be safe. */
static guint64
count_there_bytes (PstJournal *journal)
{
  const PstJournalHead *head = pst_journal_get_head (journal);
  GPtrArray *files = pst_journal_get_files (journal);
  int dest_fd = open (head->destination, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  guint64 n_bytes = pst_journal_get_there_bytes (journal);

  for (guint i = 0; dest_fd >= 0 && i < files->len; i++)
    {
      const PstJournalFile *file = g_ptr_array_index (files, i);
      struct stat st;

      if (!file->whole && pst_journal_find_file (journal, file->path) == file
          && fstatat (dest_fd, file->part_name, &st, AT_SYMLINK_NOFOLLOW) == 0
          && S_ISREG (st.st_mode) && (guint64) st.st_size > file->safe_bytes)
        n_bytes += MIN ((guint64) st.st_size, file->size_bytes) - file->safe_bytes;
    }

  if (dest_fd >= 0)
    close (dest_fd);
  return MIN (n_bytes, head->total_bytes);
}

static void
describe (PstLeftover *self, PstJournal *journal)
{
  const PstJournalHead *head = pst_journal_get_head (journal);

  self->title = g_strdup (head->title);
  self->destination = g_strdup (head->destination);
  self->began_s = head->began_s;
  self->n_files = head->n_files;
  self->n_whole_files = pst_journal_get_n_whole (journal);
  self->total_bytes = head->total_bytes;
  self->there_bytes = count_there_bytes (journal);
}

/* Returns: (nullable): %NULL if somebody is at it */
static PstLeftover *
look_at (int folder_fd, const char *name)
{
  g_autoptr (PstLeftover) self = g_new0 (PstLeftover, 1);
  g_autoptr (PstJournal) journal = NULL;
  int fd;

  self->id = g_strndup (name, strcspn (name, "."));
  journal = pst_journal_load (folder_fd, name, &fd, &self->error);
  if (journal != NULL)
    {
      describe (self, journal);
      close (fd);
    }
  return g_error_matches (self->error, PST_ERROR, PST_ERROR_USAGE) ? NULL : g_steal_pointer (&self);
}

static int
compare_age (gconstpointer a, gconstpointer b)
{
  const PstLeftover *one = *(const PstLeftover *const *) a;
  const PstLeftover *other = *(const PstLeftover *const *) b;

  if (one->began_s != other->began_s)
    return one->began_s < other->began_s ? -1 : 1;
  return strcmp (one->id, other->id);
}

/**
 * pst_leftover_list:
 * @folder: the folder of journals
 * @error: return location for a %PST_ERROR_DESTINATION
 *
 * Lists what is left of receipts at which nobody is, the oldest first. Blocks.
 *
 * Returns: (transfer full) (element-type PstLeftover) (nullable): the list; empty
 *   if there is no such folder
 */
GPtrArray *
pst_leftover_list (const char *folder, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) pst_leftover_free);
  g_autoptr (GPtrArray) names = NULL;
  int folder_fd;

  if (!g_file_test (folder, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&list);
  folder_fd = pst_journal_open_folder (folder, FALSE, error);
  if (folder_fd < 0)
    return NULL;

  names = list_names (folder_fd, FALSE);
  for (guint i = 0; i < names->len; i++)
    {
      PstLeftover *leftover = look_at (folder_fd, g_ptr_array_index (names, i));

      if (leftover != NULL)
        g_ptr_array_add (list, leftover);
    }
  close (folder_fd);

  g_ptr_array_sort (list, compare_age);
  return g_steal_pointer (&list);
}

static void
list_in_thread (GTask *task, gpointer object, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  GPtrArray *list = pst_leftover_list (task_data, &error);

  if (list != NULL)
    g_task_return_pointer (task, list, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

/**
 * pst_leftover_list_async:
 * @folder: the folder of journals
 * @callback: called in the caller's main context
 * @user_data: for @callback
 *
 * Does what pst_leftover_list() does, in a worker.
 */
void
pst_leftover_list_async (const char *folder, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);

  g_task_set_source_tag (task, pst_leftover_list_async);
  g_task_set_task_data (task, g_strdup (folder), g_free);
  g_task_run_in_thread (task, list_in_thread);
}

/**
 * pst_leftover_list_finish:
 * @result: what the callback was given
 * @error: return location for a %PST_ERROR_DESTINATION
 *
 * Returns: (transfer full) (element-type PstLeftover) (nullable): the list
 */
GPtrArray *
pst_leftover_list_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
remove_folders (int dest_fd, PstJournal *journal)
{
  GPtrArray *folders = pst_journal_get_folders (journal);
  struct stat st;

  if (fstat (dest_fd, &st) != 0 || st.st_ino != pst_journal_get_head (journal)->inode)
    return;

  for (guint i = folders->len; i-- > 0;)
    {
      const char *path = g_ptr_array_index (folders, i);
      g_autofree char *parent = g_path_get_dirname (path);
      int parent_fd = pst_open_folder (dest_fd, parent, O_RDONLY);

      if (parent_fd < 0)
        continue;
      unlinkat (parent_fd, pst_disk_last_part (path), AT_REMOVEDIR);
      close (parent_fd);
    }
}

/* What was received is removed first: as long as that fails the journal knows it. */
static gboolean
remove_received (PstJournal *journal, GError **error)
{
  const PstJournalHead *head = pst_journal_get_head (journal);
  int dest_fd = open (head->destination, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

  if (dest_fd < 0 && errno != ENOENT && errno != ENOTDIR)
    {
      g_autofree char *shown = pst_escape_name (head->destination, -1);

      g_set_error (error, PST_ERROR, PST_ERROR_DESTINATION,
                   "What was received into “%s” cannot be removed: %s.", shown, g_strerror (errno));
      return FALSE;
    }
  /* A folder that is gone took it along. */
  if (dest_fd < 0)
    return TRUE;

  pst_journal_remove_parts (dest_fd, head->id, NULL);
  remove_folders (dest_fd, journal);
  close (dest_fd);
  return TRUE;
}

/**
 * pst_leftover_discard:
 * @folder: the folder of journals
 * @id: which one
 * @error: return location for a %PST_ERROR_USAGE if there is none or somebody is at
 *   it, or a %PST_ERROR_DESTINATION
 *
 * Removes the partial files of a receipt and those of its folders that are still
 * empty, then its journal. Whole files stay. Of a journal that cannot be
 * understood only itself is removed. Blocks.
 *
 * Returns: %TRUE if it is gone
 */
gboolean
pst_leftover_discard (const char *folder, const char *id, GError **error)
{
  g_autoptr (PstJournal) journal = NULL;
  g_autoptr (GError) fault = NULL;
  g_autofree char *name = NULL;
  guint64 number;
  int folder_fd, fd = -1;
  gboolean ok;

  if (!pst_journal_id_from_text (id, &number))
    {
      g_autofree char *shown = pst_escape_name (id, -1);

      g_set_error (error, PST_ERROR, PST_ERROR_USAGE,
                   "“%s” is not an unfinished transfer; their list says what they are called.",
                   shown);
      return FALSE;
    }
  folder_fd = pst_journal_open_folder (folder, FALSE, error);
  if (folder_fd < 0)
    return FALSE;

  name = pst_journal_to_name (number);
  journal = pst_journal_load (folder_fd, name, &fd, &fault);
  ok = journal != NULL ? remove_received (journal, error)
                       : !g_error_matches (fault, PST_ERROR, PST_ERROR_USAGE);
  if (!ok && journal == NULL)
    g_propagate_error (error, g_steal_pointer (&fault));
  if (ok && unlinkat (folder_fd, name, 0) != 0)
    {
      g_set_error (error, PST_ERROR, PST_ERROR_USAGE, "There is no unfinished transfer “%s”.", id);
      ok = FALSE;
    }
  if (fd >= 0)
    close (fd);
  close (folder_fd);
  return ok;
}

typedef struct
{
  char *folder;
  guint8 roots[PST_DIGEST_BYTES];
} Search;

static void
search_free (Search *search)
{
  g_free (search->folder);
  g_free (search);
}

static int
compare_youth (gconstpointer a, gconstpointer b)
{
  gint64 one = pst_journal_get_head ((*(PstFormer *const *) a)->journal)->began_s;
  gint64 other = pst_journal_get_head ((*(PstFormer *const *) b)->journal)->began_s;

  return one > other ? -1 : one < other;
}

static void
former_free (PstFormer *former)
{
  pst_journal_unref (former->journal);
  g_free (former);
}

/* Returns: (nullable): what the journal is about, if that is what is looked for */
static PstFormer *
compare_with (Search *search, int folder_fd, const char *name)
{
  g_autoptr (PstJournal) head = pst_journal_load_head (folder_fd, name);
  g_autoptr (PstJournal) journal = NULL;
  PstFormer *former;
  int fd;

  if (head == NULL
      || memcmp (pst_journal_get_head (head)->roots, search->roots, sizeof search->roots) != 0)
    return NULL;
  journal = pst_journal_load (folder_fd, name, &fd, NULL);
  if (journal == NULL)
    return NULL;

  close (fd);

  former = g_new0 (PstFormer, 1);
  former->there_bytes = count_there_bytes (journal);
  former->journal = g_steal_pointer (&journal);
  return former;
}

static void
find_in_thread (GTask *task, gpointer object, gpointer task_data, GCancellable *cancellable)
{
  Search *search = task_data;
  GPtrArray *found = g_ptr_array_new_with_free_func ((GDestroyNotify) former_free);
  int folder_fd = pst_journal_open_folder (search->folder, FALSE, NULL);
  g_autoptr (GPtrArray) names = NULL;

  if (folder_fd >= 0)
    pst_journal_trim_finished (folder_fd);
  names = folder_fd >= 0 ? list_names (folder_fd, TRUE) : g_ptr_array_new ();
  for (guint i = 0; i < names->len; i++)
    {
      PstFormer *former = compare_with (search, folder_fd, g_ptr_array_index (names, i));

      if (former != NULL)
        g_ptr_array_add (found, former);
    }

  if (folder_fd >= 0)
    close (folder_fd);
  g_ptr_array_sort (found, compare_youth);
  g_task_return_pointer (task, found, (GDestroyNotify) g_ptr_array_unref);
}

/**
 * pst_leftover_find_async:
 * @folder: the folder of journals
 * @manifest: an offer
 * @callback: called in the caller's main context
 * @user_data: for @callback
 *
 * Looks, in a worker, for earlier receipts of the same things, also those that came to
 * their end without the sender hearing of it.
 */
void
pst_leftover_find_async (const char *folder,
                         PstManifest *manifest,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  Search *search = g_new0 (Search, 1);

  search->folder = g_strdup (folder);
  pst_journal_hash_roots (manifest, search->roots);
  g_task_set_source_tag (task, pst_leftover_find_async);
  g_task_set_task_data (task, search, (GDestroyNotify) search_free);
  g_task_run_in_thread (task, find_in_thread);
}

/**
 * pst_leftover_find_finish:
 * @result: what the callback was given
 *
 * Returns: (transfer full) (element-type PstFormer): what was found, the youngest
 *   first
 */
GPtrArray *
pst_leftover_find_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
