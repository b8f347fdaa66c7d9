/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a receipt notes of itself, so that it can go on after the program or the
 * machine has stopped at any moment. A record never says more than what is there:
 * what it is about has happened before, or is looked for again. */
#include "pst-disk-private.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
fill_head (PstDisk *self, PstJournalHead *head)
{
  struct stat st = { 0 };

  fstat (self->dest_fd, &st);
  head->id = self->random;
  head->inode = st.st_ino;
  head->began_s = g_get_real_time () / G_USEC_PER_SEC;
  pst_journal_hash_roots (self->manifest, head->roots);
  for (guint i = 0; i < pst_manifest_get_n_entries (self->manifest); i++)
    {
      const PstEntry *entry = pst_manifest_get_entry (self->manifest, i);

      if (entry->kind != PST_ENTRY_FILE || !pst_disk_is_selected (self, i))
        continue;
      head->n_files++;
      head->total_bytes += entry->size_bytes;
    }
}

static PstJournalWriter *
begin_new (PstDisk *self, GError **error)
{
  g_autofree char *title = pst_manifest_dup_title (self->manifest);
  char *destination = realpath (self->destination, NULL);
  PstJournalHead head = { .title = title, .destination = destination };
  PstJournalWriter *journal = NULL;

  if (destination != NULL)
    {
      fill_head (self, &head);
      journal = pst_journal_writer_new (self->journals, &head, error);
    }

  free (destination);
  return journal;
}

/* Goes on with the journal of the earlier receipt, or begins one. On the disk of the files
 * it waits for room as they do. On another one it does not: what comes has room, and would
 * wait for a disk that its person does not think of. Without a journal the receipt works all
 * the same, but does not outlive the program. */
void
pst_disk_begin_journal (PstDisk *self)
{
  g_autoptr (PstJournal) former = g_steal_pointer (&self->former);

  if (former != NULL)
    self->journal = pst_journal_writer_resume (self->journals, pst_journal_get_head (former)->id,
                                               &self->former, NULL);
  if (self->journal != NULL)
    self->random = pst_journal_get_head (self->former)->id;
  else
    self->journal = begin_new (self, NULL);

  self->journal_trouble = self->journal != NULL ? PST_JOURNAL_TROUBLE_NONE
                                                : PST_JOURNAL_TROUBLE_FAILED;
  if (self->journal != NULL && pst_journal_writer_is_beside (self->journal, self->dest_fd))
    pst_journal_writer_wait_for_room (self->journal);
}

/**
 * pst_disk_get_journal_trouble:
 * @self: a receipt
 *
 * Returns: why what came may not be found by a later receipt, although that was wanted
 *   and nothing waits for it; after the end, how that was in the end
 */
PstJournalTrouble
pst_disk_get_journal_trouble (PstDisk *self)
{
  if (self->journal != NULL)
    self->journal_trouble = pst_journal_writer_get_trouble (self->journal);
  return self->journal_trouble;
}

/* The receipt is over: there is nothing to go on with, or nobody does now. */
void
pst_disk_end_journal (PstDisk *self, gboolean all_is_there)
{
  PstJournalWriter *journal = g_steal_pointer (&self->journal);

  if (journal == NULL)
    return;
  if (all_is_there)
    pst_journal_writer_remove (journal);
  else
    pst_journal_writer_free (journal);
}

/* Everything came to its end. What the sender had to give up may come another time. */
void
pst_disk_finish_journal (PstDisk *self)
{
  PstJournalWriter *journal = g_steal_pointer (&self->journal);

  self->finished = journal != NULL && self->n_abandoned == 0;
  if (self->finished)
    pst_journal_writer_finish (journal);
  else if (journal != NULL)
    pst_journal_writer_free (journal);
}

/**
 * pst_disk_get_finished:
 * @self: a receipt, after pst_disk_commit()
 * @id: (out): the journal's number
 *
 * Returns: %TRUE if a journal stays until the sender has heard of the end
 */
gboolean
pst_disk_get_finished (PstDisk *self, guint64 *id)
{
  *id = self->random;
  return self->finished;
}

/* A folder was made; @name: (nullable): of a top-level one, the name it has here. */
void
pst_disk_note_folder (PstDisk *self, const char *path, const char *name)
{
  if (self->journal != NULL)
    pst_journal_writer_take (self->journal, pst_journal_write_folder (path, name));
}

static PstJournalFile
describe (PstDisk *self, guint32 number, char *partial_name, guint64 inode)
{
  const PstEntry *entry = pst_manifest_get_entry (self->manifest, number);

  return (PstJournalFile){
    .path = entry->path,
    .size_bytes = entry->size_bytes,
    .mtime_ns = entry->mtime_ns,
    .executable = entry->executable,
    .part_name = partial_name,
    .inode = inode,
  };
}

/* The partial file was begun; once for each. */
void
pst_disk_note_part (PstDisk *self)
{
  struct stat st = { 0 };
  PstJournalFile file;

  if (self->journal == NULL || self->noted)
    return;

  fstat (self->fd, &st);
  file = describe (self, self->entry, self->partial_name, st.st_ino);
  pst_journal_writer_take (self->journal, pst_journal_write_part (&file));
  self->noted = TRUE;
}

/* So much of it as is safe has reached the disk. */
void
pst_disk_note_safe (PstDisk *self)
{
  if (self->journal != NULL)
    pst_journal_writer_take (self->journal,
                             pst_journal_write_safe (self->partial_name, self->safe_bytes));
}

/* Whole files are about to get their names. After a crash at any moment they are
 * found under the one or the other. */
void
pst_disk_note_wholes (PstDisk *self)
{
  GString *lines = g_string_new (NULL);

  for (guint i = 0; self->journal != NULL && i < self->wholes->len; i++)
    {
      Whole *whole = &g_array_index (self->wholes, Whole, i);
      PstJournalFile file = describe (self, whole->entry, whole->partial_name, whole->inode);
      g_autofree char *line = NULL;

      if (whole->noted)
        continue;
      memcpy (file.digest, whole->digest, sizeof file.digest);
      line = pst_journal_write_whole (&file);
      g_string_append (lines, line);
      whole->noted = TRUE;
    }

  pst_journal_writer_take (self->journal, g_string_free (lines, FALSE));
}

/* The first @n whole files have their final names. Until that is noted they are looked
 * for under every number. */
void
pst_disk_note_named (PstDisk *self, guint n)
{
  GString *lines = g_string_new (NULL);

  for (guint i = 0; self->journal != NULL && i < n; i++)
    {
      const Whole *whole = &g_array_index (self->wholes, Whole, i);
      g_autofree char *line = pst_journal_write_named (whole->partial_name, whole->number);

      g_string_append (lines, line);
    }

  pst_journal_writer_take (self->journal, g_string_free (lines, FALSE));
}

/**
 * pst_disk_leave:
 * @self: a receipt that will not be finished now
 *
 * Ends the receipt so that a later one can go on with it: the partial file and the
 * journal stay. Without a journal this is pst_disk_discard().
 */
void
pst_disk_leave (PstDisk *self)
{
  if (self->journal == NULL)
    {
      pst_disk_discard (self);
      return;
    }

  pst_disk_name_group (self);
  pst_disk_checkpoint (self, NULL);
  if (!pst_journal_writer_is_there (self->journal))
    {
      pst_disk_discard (self);
      return;
    }

  pst_disk_let_go_of_files (self);
  pst_disk_end_journal (self, FALSE);
}
