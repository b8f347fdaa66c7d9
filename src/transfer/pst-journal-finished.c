/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Journals of receipts that came to their end. The sender may never have heard of it, if
 * the connection ended in that moment: then the same is offered again, and nothing of it
 * is to arrive a second time. So the journal stays, under another name, until the sender
 * is known to have heard, or for a while. */
#include "pst-journal-finished.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pst-durable.h"
#include "pst-journal-folder.h"

#define SUFFIX ".finished"

typedef struct
{
  char *name;
  gint64 ended_s;
} Finished;

static void
finished_free (Finished *finished)
{
  g_free (finished->name);
  g_free (finished);
}

static char *
to_name (guint64 id)
{
  g_autofree char *text = pst_journal_id_to_text (id);

  return g_strconcat (text, SUFFIX, NULL);
}

/**
 * pst_journal_is_finished_name:
 * @name: a file name; any bytes
 * @id: (out): the journal's number
 *
 * Returns: %TRUE if @name is what the journal of a receipt is called that came to its end
 */
gboolean
pst_journal_is_finished_name (const char *name, guint64 *id)
{
  return pst_journal_parse_name (name, SUFFIX, id);
}

/**
 * pst_journal_finish:
 * @folder_fd: from pst_journal_open_folder()
 * @id: the number of a journal that is not written any more
 *
 * Its receipt came to its end. Those that ended too long ago, or are too many, go.
 */
void
pst_journal_finish (int folder_fd, guint64 id)
{
  g_autofree char *name = pst_journal_to_name (id);
  g_autofree char *finished = to_name (id);

  if (renameat (folder_fd, name, folder_fd, finished) != 0)
    unlinkat (folder_fd, name, 0);
  pst_durable_sync_folder (folder_fd);
  pst_journal_trim_finished (folder_fd);
}

/**
 * pst_journal_reopen:
 * @folder_fd: from pst_journal_open_folder()
 * @id: a journal's number
 *
 * The same is being received again: if its receipt had come to its end, it has not now.
 */
void
pst_journal_reopen (int folder_fd, guint64 id)
{
  g_autofree char *name = pst_journal_to_name (id);
  g_autofree char *finished = to_name (id);

  renameat (folder_fd, finished, folder_fd, name);
}

static GPtrArray *
list_finished (int folder_fd)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) finished_free);
  int fd = openat (folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  struct dirent *found;
  struct stat st;
  guint64 id;

  while (dir != NULL && (found = readdir (dir)) != NULL)
    if (pst_journal_is_finished_name (found->d_name, &id)
        && fstatat (folder_fd, found->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
      {
        Finished *finished = g_new (Finished, 1);

        *finished = (Finished){ g_strdup (found->d_name), st.st_mtim.tv_sec };
        g_ptr_array_add (list, finished);
      }

  if (dir != NULL)
    closedir (dir);
  else if (fd >= 0)
    close (fd);
  return list;
}

static int
compare_youth (gconstpointer a, gconstpointer b)
{
  gint64 one = (*(const Finished *const *) a)->ended_s;
  gint64 other = (*(const Finished *const *) b)->ended_s;

  return one > other ? -1 : one < other;
}

/**
 * pst_journal_trim_finished:
 * @folder_fd: from pst_journal_open_folder()
 *
 * Removes those journals of finished receipts that nobody asks for any more: all but
 * the youngest %PST_JOURNAL_MAX_FINISHED, and those older than %PST_JOURNAL_FINISHED_S.
 */
void
pst_journal_trim_finished (int folder_fd)
{
  g_autoptr (GPtrArray) list = list_finished (folder_fd);
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;

  g_ptr_array_sort (list, compare_youth);
  for (guint i = 0; i < list->len; i++)
    {
      const Finished *finished = g_ptr_array_index (list, i);

      if (i >= PST_JOURNAL_MAX_FINISHED || now_s - finished->ended_s > PST_JOURNAL_FINISHED_S)
        unlinkat (folder_fd, finished->name, 0);
    }
}

typedef struct
{
  char *folder;
  guint64 id;
} Forget;

static void
forget_free (Forget *forget)
{
  g_free (forget->folder);
  g_free (forget);
}

static void
forget_in_thread (GTask *task, gpointer object, gpointer task_data, GCancellable *cancellable)
{
  Forget *forget = task_data;
  g_autofree char *name = to_name (forget->id);
  int folder_fd = pst_journal_open_folder (forget->folder, FALSE, NULL);

  if (folder_fd >= 0)
    {
      unlinkat (folder_fd, name, 0);
      close (folder_fd);
    }
  g_task_return_boolean (task, TRUE);
}

/**
 * pst_journal_forget_async:
 * @folder: the folder of journals
 * @id: the number of a journal whose receipt came to its end
 * @callback: called in the caller's main context
 * @user_data: for @callback
 *
 * The sender has heard of the end: removes the journal, in a worker.
 */
void
pst_journal_forget_async (const char *folder,
                          guint64 id,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  /* Without a source object: the last reference may go in the worker. */
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  Forget *forget = g_new (Forget, 1);

  *forget = (Forget){ g_strdup (folder), id };
  g_task_set_source_tag (task, pst_journal_forget_async);
  g_task_set_task_data (task, forget, (GDestroyNotify) forget_free);
  g_task_run_in_thread (task, forget_in_thread);
}
