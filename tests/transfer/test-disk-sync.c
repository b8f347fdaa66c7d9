/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The threads that help with fsync, and those that ask them at the same time. Made for
 * ThreadSanitizer (build-aux/tsan); nothing here reaches a disk. */
#include <sys/mman.h>
#include <unistd.h>

#include "pst-disk-private.h"

#define RECEIPTS 3
#define ROUNDS   100
#define MOST     40

/* A file whose fsync costs nothing; some are not there, which counts as done. */
static void
open_file (PstDiskSync *one, guint i)
{
  *one = (PstDiskSync){ .fd = -1, .how = i % 3, .sync_errno = -1 };
  if (i % 7 == 6)
    return;
  one->fd = memfd_create ("disk-sync", MFD_CLOEXEC);
  g_assert_cmpint (one->fd, >=, 0);
}

static void
sync_files (guint n_files)
{
  PstDiskSync syncs[MOST];

  for (guint i = 0; i < n_files; i++)
    open_file (&syncs[i], i);
  pst_disk_sync (syncs, n_files);
  for (guint i = 0; i < n_files; i++)
    {
      g_assert_cmpint (syncs[i].sync_errno, ==, 0);
      if (syncs[i].fd >= 0)
        close (syncs[i].fd);
    }
}

static gpointer
run_receipt (gpointer unused)
{
  for (guint i = 0; i < ROUNDS; i++)
    sync_files (i % MOST);
  return NULL;
}

static void
test_at_once (void)
{
  GThread *receipts[RECEIPTS];

  for (guint i = 0; i < RECEIPTS; i++)
    receipts[i] = g_thread_new ("receipt", run_receipt, NULL);
  for (guint i = 0; i < RECEIPTS; i++)
    g_thread_join (receipts[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/disk-sync/at-once", test_at_once);
  return g_test_run ();
}
