/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fsync of many small files. Each of them waits for a commit of the file
 * system's journal and then for the disk to empty its cache; those that wait
 * at the same time wait for the same one. */
#include "pst-disk-private.h"

#include <errno.h>
#include <unistd.h>

/* So many threads help, for all receipts together. */
#define SYNC_THREADS 8

/* Files that several threads share: each takes the next one. */
typedef struct
{
  gatomicrefcount ref_count;
  Whole *wholes;
  guint n_wholes;
  guint n_tasks;  /* the same, and one more where there is a journal */
  int journal_fd; /* or -1 */
  guint next; /* atomic */
  GMutex mutex;
  GCond cond;
  guint n_done;
} Sync;

static void
sync_whole (Whole *whole)
{
  /* It was synced before, and waits for room for its name. */
  if (whole->fd < 0)
    return;

  whole->sync_errno = TEMP_FAILURE_RETRY (fsync (whole->fd)) == 0 ? 0 : errno;
  /* Naming needs descriptors of its own. */
  close (g_steal_fd (&whole->fd));
}

static Sync *
sync_new (GArray *wholes, int journal_fd)
{
  Sync *sync = g_new0 (Sync, 1);

  g_atomic_ref_count_init (&sync->ref_count);
  sync->wholes = (Whole *) wholes->data;
  sync->n_wholes = wholes->len;
  sync->n_tasks = wholes->len + (journal_fd >= 0);
  sync->journal_fd = journal_fd;
  g_mutex_init (&sync->mutex);
  g_cond_init (&sync->cond);
  return sync;
}

static Sync *
sync_ref (Sync *sync)
{
  g_atomic_ref_count_inc (&sync->ref_count);
  return sync;
}

static void
sync_unref (Sync *sync)
{
  if (!g_atomic_ref_count_dec (&sync->ref_count))
    return;

  g_mutex_clear (&sync->mutex);
  g_cond_clear (&sync->cond);
  g_free (sync);
}

/* Who comes when all are taken touches none of them: they may be gone. */
static void
sync_some (Sync *sync)
{
  guint n_done = 0, i;

  while ((i = g_atomic_int_add (&sync->next, 1)) < sync->n_tasks)
    {
      if (i < sync->n_wholes)
        sync_whole (&sync->wholes[i]);
      else /* if that fails, the files are good all the same */
        fdatasync (sync->journal_fd);
      n_done++;
    }

  g_mutex_lock (&sync->mutex);
  sync->n_done += n_done;
  if (sync->n_done == sync->n_tasks)
    g_cond_signal (&sync->cond);
  g_mutex_unlock (&sync->mutex);
}

static void
help (gpointer data, gpointer unused)
{
  sync_some (data);
  sync_unref (data);
}

static GThreadPool *
get_helpers (void)
{
  static gsize helpers;

  if (g_once_init_enter (&helpers))
    g_once_init_leave (&helpers, (gsize) g_thread_pool_new (help, NULL, SYNC_THREADS, FALSE, NULL));
  return (GThreadPool *) helpers;
}

static void
wait_for_all (Sync *sync)
{
  g_mutex_lock (&sync->mutex);
  while (sync->n_done < sync->n_tasks)
    g_cond_wait (&sync->cond, &sync->mutex);
  g_mutex_unlock (&sync->mutex);
}

/* Brings every one of @wholes (of Whole) to the disk, or says in it why not;
 * their descriptors are closed then. So does it with a journal, unless @journal_fd
 * is -1.
 * The caller does all that nobody helps with, be it that the helpers are at
 * another, slower disk or that there are none. */
void
pst_disk_sync_wholes (GArray *wholes, int journal_fd)
{
  Sync *sync;

  if (wholes->len == 0)
    return;

  sync = sync_new (wholes, journal_fd);
  for (guint i = 1; i < MIN (sync->n_tasks, SYNC_THREADS); i++)
    g_thread_pool_push (get_helpers (), sync_ref (sync), NULL);
  sync_some (sync);
  wait_for_all (sync);
  sync_unref (sync);
}
