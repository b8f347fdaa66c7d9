/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many small files brought to the disk by one syncfs() of their file system, instead of
 * by an fsync() for each, which all have the disk empty its cache. Linux promises the
 * same of both (syncfs(2)), and tells of errors. */
#include "pst-disk-private.h"

#include <linux/magic.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

/* Fewer files are no group: eight are synced at the same time. */
#define GROUP_FILES 9

/* With a group goes what other programs wrote; a slow disk has so much in about a
 * second. When there is more, each file is synced for itself. */
#define MOST_DIRTY_KB (64 * 1024)

/* After a syncfs() of more than the first, so many groups do without. */
#define SLOW_GROUP_US   (250 * G_TIME_SPAN_MILLISECOND)
#define GROUPS_LEFT_OUT 16

enum
{
  FILE_SYSTEM,
  JOURNAL,
  N_SYNCS
};

/* Before this Linux syncfs() kept some errors to itself: those of the file system's
 * journal. */
#define KERNEL_MAJOR 5
#define KERNEL_MINOR 17

static gboolean
tells_errors (void)
{
  struct utsname name;
  guint major, minor;

  return uname (&name) == 0 && sscanf (name.release, "%u.%u", &major, &minor) == 2
         && (major > KERNEL_MAJOR || (major == KERNEL_MAJOR && minor >= KERNEL_MINOR));
}

/* Those on a disk of this machine that do in syncfs() what they do in fsync(): FUSE, for
 * one, does not tell its server. */
static gboolean
keeps_promise (int fd)
{
  struct statfs st;

  if (fstatfs (fd, &st) != 0)
    return FALSE;

  switch ((guint32) st.f_type)
    {
    case EXT4_SUPER_MAGIC:
    case XFS_SUPER_MAGIC:
    case BTRFS_SUPER_MAGIC:
      return TRUE;
    default:
      return FALSE;
    }
}

/* For a new receipt, whose destination was just opened: errors from now on are told. */
void
pst_disk_begin_groups (PstDisk *self)
{
  self->has_groups = tells_errors () && keeps_promise (self->dest_fd);
}

/* What waits for all disks together. */
static guint64
read_dirty_kb (void)
{
  FILE *file = fopen ("/proc/meminfo", "re");
  guint64 dirty_kb = 0;
  unsigned long kb;
  char line[128];
  guint n = 0;

  while (file != NULL && n < 2 && fgets (line, sizeof line, file) != NULL)
    if (sscanf (line, "Dirty: %lu", &kb) == 1 || sscanf (line, "Writeback: %lu", &kb) == 1)
      {
        dirty_kb += kb;
        n++;
      }

  if (file != NULL)
    fclose (file);
  return n == 2 ? dirty_kb : G_MAXUINT64;
}

/* Whether so many files or folders are brought to the disk together. */
gboolean
pst_disk_is_group (PstDisk *self, guint n)
{
  if (!self->has_groups || n < GROUP_FILES)
    return FALSE;
  if (self->n_groups_left_out > 0)
    {
      self->n_groups_left_out--;
      return FALSE;
    }

  return read_dirty_kb () <= MOST_DIRTY_KB;
}

/* Begins to bring all of the destination's file system to the disk, if that is the quicker
 * way for the files that are whole, and what the journal says of them. Others may be
 * written meanwhile. */
gboolean
pst_disk_begin_group (PstDisk *self)
{
  const PstDiskSync syncs[N_SYNCS] = {
    [FILE_SYSTEM] = { .fd = self->dest_fd, .how = PST_DISK_SYNC_FILE_SYSTEM },
    [JOURNAL] = { .fd = pst_journal_writer_get_fd (self->journal), .how = PST_DISK_SYNC_DATA },
  };

  if (!pst_disk_is_group (self, self->wholes->len))
    return FALSE;

  self->group = pst_disk_sync_begin (syncs, N_SYNCS);
  self->n_grouped = self->wholes->len;
  return TRUE;
}

/* An error may be another file's: whose it is, an fsync() of each tells. It may also be
 * that of one that was begun meanwhile, and is told only once: so there are no groups
 * after it. @is_there: (out): whether all is on the disk */
static gboolean
take_file_system (PstDisk *self, const PstDiskSync *sync, gboolean *is_there, GError **error)
{
  if (sync->took_us > SLOW_GROUP_US)
    self->n_groups_left_out = GROUPS_LEFT_OUT;
  *is_there = sync->sync_errno == 0;
  self->has_groups = self->has_groups && *is_there;
  if (sync->folder_errno == 0)
    return TRUE;

  self->damaged = TRUE;
  return pst_disk_fail (self->destination, sync->folder_errno, error);
}

/* Brings all of the destination's file system to the disk. Where that is not so, each
 * file is to be synced for itself. */
gboolean
pst_disk_sync_file_system (PstDisk *self, gboolean *is_there, GError **error)
{
  PstDiskSync sync = { .fd = self->dest_fd, .how = PST_DISK_SYNC_FILE_SYSTEM };

  pst_disk_sync (&sync, 1);
  return take_file_system (self, &sync, is_there, error);
}

/* Waits for the group that is under way, if there is one. */
gboolean
pst_disk_end_group (PstDisk *self, GError **error)
{
  PstDiskSync syncs[N_SYNCS];
  gboolean is_there, ok;

  if (self->group == NULL)
    return TRUE;

  pst_disk_sync_end (g_steal_pointer (&self->group), syncs);
  pst_disk_take_journal (self, &syncs[JOURNAL]);
  ok = take_file_system (self, &syncs[FILE_SYSTEM], &is_there, error);
  for (guint i = 0; is_there && i < self->n_grouped; i++)
    pst_disk_take_synced (self, i, 0);
  return ok;
}
