/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a receipt a power cut cannot take: bytes that are on the disk under a name
 * that is on the disk, and a journal there that tells where they are. */
#include "pst-disk-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* A file is noted from so many bytes on, whether they are safe or not: the end of the
 * program does not take them, and less of it is sent again sooner than it is found. */
#define NOTE_BYTES (512 * 1024)

/* So much of a file makes a checkpoint: it costs two waits for the disk, which should
 * be little beside writing. A slow disk gets less at once, so that its owner and the
 * sender see it go on. docs/performance.md has the figures. */
#define FIRST_CHECKPOINT_BYTES (1024 * 1024)
#define LEAST_CHECKPOINT_BYTES (512 * 1024)
#define MOST_CHECKPOINT_BYTES  (8 * 1024 * 1024)
#define QUICK_CHECKPOINT_US    (50 * G_TIME_SPAN_MILLISECOND)
#define SLOW_CHECKPOINT_US     (200 * G_TIME_SPAN_MILLISECOND)
#define LATEST_CHECKPOINT_US   G_TIME_SPAN_SECOND

/* For a new receipt. An earlier one may have left names that are not safe. */
void
pst_disk_begin_checkpoints (PstDisk *self)
{
  self->checkpoint_bytes = FIRST_CHECKPOINT_BYTES;
  self->names_unsafe = TRUE;
}

/* Fits the next checkpoint to how long the last one took. */
static void
follow_pace (PstDisk *self, gint64 took_us)
{
  if (took_us < QUICK_CHECKPOINT_US)
    self->checkpoint_bytes = MIN (self->checkpoint_bytes * 2, MOST_CHECKPOINT_BYTES);
  else if (took_us > SLOW_CHECKPOINT_US)
    self->checkpoint_bytes = MAX (self->checkpoint_bytes / 2, LEAST_CHECKPOINT_BYTES);
}

/* Partial files are found by their names. Without a journal nobody looks for them. */
static int
get_unsafe_names (PstDisk *self)
{
  return self->journal != NULL && self->names_unsafe ? self->dest_fd : -1;
}

static gboolean
are_names_safe (PstDisk *self, const PstDiskSync *names, GError **error)
{
  /* Some file systems cannot fsync a folder. */
  if (names->sync_errno != 0 && names->sync_errno != EINVAL)
    {
      self->damaged = TRUE;
      return pst_disk_fail (self->destination, names->sync_errno, error);
    }

  self->names_unsafe = self->names_unsafe && names->fd < 0;
  return TRUE;
}

/* If the journal cannot be synced, the files are good all the same. */
void
pst_disk_take_journal (PstDisk *self, const PstDiskSync *journal)
{
  if (journal->sync_errno != 0)
    pst_journal_writer_give_up (self->journal);
}

/* After an fsync that failed nobody knows what is on the disk, whatever a second one
 * says. */
gboolean
pst_disk_fail_synced (PstDisk *self, guint32 entry, int sync_errno, GError **error)
{
  self->damaged = TRUE;
  return pst_disk_fail (pst_manifest_get_entry (self->manifest, entry)->path, sync_errno, error);
}

/* Whether the journal could note all it was told. If not, what it tells of has to wait: a
 * name that nobody noted would be given a second time. */
gboolean
pst_disk_has_journal_room (PstDisk *self, GError **error)
{
  return !pst_journal_writer_lacks_room (self->journal)
         || pst_disk_fail (self->destination, ENOSPC, error);
}

/* The bytes first: the journal never says more than what is there. */
static gboolean
make_safe (PstDisk *self, GError **error)
{
  PstDiskSync syncs[2] = {
    { .fd = self->fd, .how = PST_DISK_SYNC_DATA },
    { .fd = get_unsafe_names (self) },
  };
  PstDiskSync journal = { .fd = pst_journal_writer_get_fd (self->journal),
                          .how = PST_DISK_SYNC_DATA };
  guint64 before;

  /* What becomes of the journal is told only once. */
  if (!pst_disk_end_group (self, error))
    return FALSE;
  pst_disk_note_part (self);
  pst_disk_sync (syncs, G_N_ELEMENTS (syncs));
  if (syncs[0].sync_errno != 0)
    return pst_disk_fail_synced (self, self->entry, syncs[0].sync_errno, error);
  if (!are_names_safe (self, &syncs[1], error))
    return FALSE;

  before = self->safe_bytes;
  self->safe_bytes = self->offset;
  self->checkpoint_us = g_get_monotonic_time ();
  pst_disk_note_safe (self);
  if (!pst_disk_has_journal_room (self, NULL))
    {
      /* Nobody would find it. The file goes on, and is safe with a later checkpoint. */
      self->safe_bytes = before;
      return TRUE;
    }
  pst_disk_sync (&journal, 1);
  pst_disk_take_journal (self, &journal);
  return TRUE;
}

/* What of the partial file is not safe. */
static guint64
get_partial_bytes (PstDisk *self)
{
  return self->fd >= 0 ? self->offset - self->safe_bytes : 0;
}

/**
 * pst_disk_checkpoint:
 * @self: a receipt
 * @error: return location for a %PST_ERROR_DESTINATION or %PST_ERROR_DISK_FULL
 *
 * Brings what was written of the partial file to the disk, so that a later receipt
 * finds it there whatever happens to the power.
 *
 * Returns: %TRUE if nothing is unsafe any more
 */
gboolean
pst_disk_checkpoint (PstDisk *self, GError **error)
{
  gint64 began_us = g_get_monotonic_time ();

  if (get_partial_bytes (self) == 0)
    return TRUE;
  if (!make_safe (self, error))
    return FALSE;

  follow_pace (self, g_get_monotonic_time () - began_us);
  return TRUE;
}

/**
 * pst_disk_get_unsafe_bytes:
 * @self: a receipt
 *
 * Returns: how much of what was given to pst_disk_write() a power cut would take
 */
guint64
pst_disk_get_unsafe_bytes (PstDisk *self)
{
  guint64 unsafe_bytes = get_partial_bytes (self);

  /* Those that wait for room to be named may be synced already. */
  for (guint i = 0; i < self->wholes->len; i++)
    if (g_array_index (self->wholes, Whole, i).fd >= 0)
      unsafe_bytes += g_array_index (self->wholes, Whole, i).unsafe_bytes;

  return unsafe_bytes;
}

static gboolean
is_checkpoint_due (PstDisk *self)
{
  return get_partial_bytes (self) >= self->checkpoint_bytes
         || g_get_monotonic_time () - self->checkpoint_us >= LATEST_CHECKPOINT_US;
}

/* More of a file was written. */
gboolean
pst_disk_keep_up (PstDisk *self, GError **error)
{
  if (self->offset >= NOTE_BYTES)
    pst_disk_note_part (self);
  return !is_checkpoint_due (self) || pst_disk_checkpoint (self, error);
}

/* One of the files that are whole was synced. */
void
pst_disk_take_synced (PstDisk *self, guint i, int sync_errno)
{
  Whole *whole = &g_array_index (self->wholes, Whole, i);

  if (whole->fd < 0)
    return;

  whole->sync_errno = sync_errno;
  /* Naming needs descriptors of its own. */
  close (g_steal_fd (&whole->fd));
}

static guint
count_unsynced (PstDisk *self)
{
  guint n = 0;

  for (guint i = 0; i < self->wholes->len; i++)
    n += g_array_index (self->wholes, Whole, i).fd >= 0;
  return n;
}

/* The disk gets all of them to write before any is waited for. */
static void
begin_to_write (PstDisk *self)
{
  for (guint i = 0; i < self->wholes->len; i++)
    if (g_array_index (self->wholes, Whole, i).fd >= 0)
      sync_file_range (g_array_index (self->wholes, Whole, i).fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

/* Brings the files that are whole to the disk, each for itself but all at once, with
 * their names and what the journal says of them: under these names they are found until
 * others are safe. Each is told whether it is there. */
gboolean
pst_disk_sync_wholes (PstDisk *self, GError **error)
{
  guint n = self->wholes->len;
  g_autofree PstDiskSync *syncs = g_new0 (PstDiskSync, n + 2);
  PstDiskSync *names = &syncs[n], *journal = &syncs[n + 1];

  if (count_unsynced (self) == 0)
    return TRUE;

  begin_to_write (self);
  for (guint i = 0; i < n; i++)
    syncs[i].fd = g_array_index (self->wholes, Whole, i).fd;
  names->fd = get_unsafe_names (self);
  journal->fd = pst_journal_writer_get_fd (self->journal);
  journal->how = PST_DISK_SYNC_DATA;
  pst_disk_sync (syncs, n + 2);

  for (guint i = 0; i < n; i++)
    pst_disk_take_synced (self, i, syncs[i].sync_errno);
  pst_disk_take_journal (self, journal);
  return are_names_safe (self, names, error);
}

/* Brings the names of the folders to the disk, and what the journal says of them: a
 * file that was moved into one whose name a power cut takes would be lost, and one that
 * nobody knows of would be made a second time, with a number. */
gboolean
pst_disk_sync_folders (PstDisk *self, GError **error)
{
  PstDiskSync syncs[2] = {
    { .fd = get_unsafe_names (self) },
    { .fd = pst_journal_writer_get_fd (self->journal), .how = PST_DISK_SYNC_DATA },
  };

  if (self->journal == NULL)
    return TRUE;
  if (!pst_disk_has_journal_room (self, error))
    return FALSE;
  if (!pst_disk_sync_outer_folders (self, error))
    return FALSE;

  pst_disk_sync (syncs, G_N_ELEMENTS (syncs));
  pst_disk_take_journal (self, &syncs[1]);
  return are_names_safe (self, &syncs[0], error);
}
