/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fsync of many at once. Each of them waits for a commit of the file system's
 * journal and then for the disk to empty its cache; those that wait at the same time
 * wait for the same one. */
#include "pst-disk-private.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* So many threads help, for all receipts together. */
#define SYNC_THREADS 8

/* What several threads share: each takes the next one. */
struct _PstDiskSyncing
{
  gatomicrefcount ref_count;
  PstDiskSync *syncs;
  PstDiskSync *owned; /* the same, if they are */
  guint n_syncs;
  guint next; /* atomic */
  GMutex mutex;
  GCond cond;
  guint n_done;
};

static int
sync_once (const PstDiskSync *one)
{
  switch (one->how)
    {
    case PST_DISK_SYNC_FILE:
      return fsync (one->fd);
    case PST_DISK_SYNC_DATA:
      return fdatasync (one->fd);
    case PST_DISK_SYNC_FILE_SYSTEM:
      return syncfs (one->fd);
    }

  g_assert_not_reached ();
}

/* After a file system its folder is synced by itself, too: that tells if the file system
 * has failed meanwhile. */
static void
sync_one (PstDiskSync *one)
{
  gint64 began_us = g_get_monotonic_time ();

  one->sync_errno = one->fd < 0 || TEMP_FAILURE_RETRY (sync_once (one)) == 0 ? 0 : errno;
  one->took_us = g_get_monotonic_time () - began_us;
  if (one->how == PST_DISK_SYNC_FILE_SYSTEM && one->sync_errno == 0)
    one->folder_errno = TEMP_FAILURE_RETRY (fsync (one->fd)) == 0 ? 0 : errno;
}

static PstDiskSyncing *
sync_new (PstDiskSync *syncs, guint n_syncs)
{
  PstDiskSyncing *sync = g_new0 (PstDiskSyncing, 1);

  g_atomic_ref_count_init (&sync->ref_count);
  sync->syncs = syncs;
  sync->n_syncs = n_syncs;
  g_mutex_init (&sync->mutex);
  g_cond_init (&sync->cond);
  return sync;
}

static PstDiskSyncing *
sync_ref (PstDiskSyncing *sync)
{
  g_atomic_ref_count_inc (&sync->ref_count);
  return sync;
}

static void
sync_unref (PstDiskSyncing *sync)
{
  if (!g_atomic_ref_count_dec (&sync->ref_count))
    return;

  g_mutex_clear (&sync->mutex);
  g_cond_clear (&sync->cond);
  g_free (sync->owned);
  g_free (sync);
}

/* Who comes when all are taken touches none of them: they may be gone. */
static void
sync_some (PstDiskSyncing *sync)
{
  guint n_done = 0, i;

  while ((i = g_atomic_int_add (&sync->next, 1)) < sync->n_syncs)
    {
      sync_one (&sync->syncs[i]);
      n_done++;
    }

  g_mutex_lock (&sync->mutex);
  sync->n_done += n_done;
  if (sync->n_done == sync->n_syncs)
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
wait_for_all (PstDiskSyncing *sync)
{
  g_mutex_lock (&sync->mutex);
  while (sync->n_done < sync->n_syncs)
    g_cond_wait (&sync->cond, &sync->mutex);
  g_mutex_unlock (&sync->mutex);
}

static guint
count_open (const PstDiskSync *syncs, guint n_syncs)
{
  guint n = 0;

  for (guint i = 0; i < n_syncs; i++)
    n += syncs[i].fd >= 0;
  return n;
}

/* Brings each of @syncs to the disk, or says in it why not; those without a descriptor
 * count as done. The caller does all that nobody helps with, be it that the helpers are
 * at another, slower disk or that there are none. */
void
pst_disk_sync (PstDiskSync *syncs, guint n_syncs)
{
  PstDiskSyncing *sync = sync_new (syncs, n_syncs);
  guint n_open = count_open (syncs, n_syncs);

  for (guint i = 1; i < MIN (n_open, SYNC_THREADS); i++)
    g_thread_pool_push (get_helpers (), sync_ref (sync), NULL);
  sync_some (sync);
  wait_for_all (sync);
  sync_unref (sync);
}

/* Begins to bring each of @syncs to the disk, as far as there are helpers. Their
 * descriptors must stay until pst_disk_sync_end(). */
PstDiskSyncing *
pst_disk_sync_begin (const PstDiskSync *syncs, guint n_syncs)
{
  PstDiskSync *owned = g_memdup2 (syncs, n_syncs * sizeof *syncs);
  PstDiskSyncing *sync = sync_new (owned, n_syncs);

  sync->owned = owned;
  for (guint i = 0; i < MIN (count_open (syncs, n_syncs), SYNC_THREADS); i++)
    g_thread_pool_push (get_helpers (), sync_ref (sync), NULL);
  return sync;
}

/* Does what nobody helped with, waits for the rest, and tells what became of it. Takes
 * @syncing. */
void
pst_disk_sync_end (PstDiskSyncing *syncing, PstDiskSync *syncs)
{
  sync_some (syncing);
  wait_for_all (syncing);
  memcpy (syncs, syncing->owned, syncing->n_syncs * sizeof *syncs);
  sync_unref (syncing);
}
