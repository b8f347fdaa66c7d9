/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Journals on the disk. Whoever writes one holds a lock on it for as long, so that
 * no two receipts, nor a person who discards, are at the same one. */
#include "pst-journal-writer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "pst-durable.h"
#include "pst-error.h"
#include "pst-journal-finished.h"
#include "pst-journal-folder.h"

/* What waits for room at most: more than a batch of files notes at once. */
#define MAX_PENDING_BYTES (4 * 1024 * 1024)

struct _PstJournalWriter
{
  int folder_fd;
  int fd;
  guint64 id;
  char *name;
  gsize n_bytes;    /* of it are good */
  GString *pending; /* records behind them, for which there was no room yet */
  gboolean waits_for_room;
  gboolean broken; /* a record is torn: none may follow */
};

/* A journal is there with its first record, or not at all. While the folder is locked
 * nobody takes the new file for one that was left behind. */
static gboolean
begin (PstJournalWriter *self, const PstJournalHead *head)
{
  g_autofree char *id = pst_journal_id_to_text (head->id);
  g_autofree char *new_name = g_strconcat (id, PST_JOURNAL_NEW_SUFFIX, NULL);
  g_autofree char *line = pst_journal_write_head (head);

  self->fd = pst_durable_begin (self->folder_fd, new_name);
  if (self->fd < 0)
    return FALSE;
  if (flock (self->fd, LOCK_EX | LOCK_NB) == 0
      && pst_durable_finish (self->folder_fd, self->fd, new_name, self->name, line))
    {
      self->n_bytes = strlen (line);
      return TRUE;
    }

  unlinkat (self->folder_fd, self->name, 0);
  return FALSE;
}

static PstJournalWriter *
writer_new (int folder_fd, guint64 id)
{
  PstJournalWriter *self = g_new0 (PstJournalWriter, 1);

  self->folder_fd = folder_fd;
  self->id = id;
  self->name = pst_journal_to_name (id);
  self->fd = -1;
  self->pending = g_string_new (NULL);
  return self;
}

/**
 * pst_journal_writer_new:
 * @folder: the folder of journals, an absolute path; made if it is not there
 * @head: what the journal begins with
 * @error: return location for a %PST_ERROR_DESTINATION
 *
 * Begins a journal. It is on the disk when this returns. What others left behind that
 * ended while they did so is removed.
 *
 * Returns: (transfer full) (nullable): the writer, which holds the lock
 */
PstJournalWriter *
pst_journal_writer_new (const char *folder, const PstJournalHead *head, GError **error)
{
  g_autoptr (PstJournalWriter) self = NULL;
  int folder_fd = pst_journal_open_folder (folder, TRUE, error);
  gboolean ok;

  if (folder_fd < 0)
    return NULL;

  pst_journal_remove_dead (folder_fd);
  self = writer_new (folder_fd, head->id);
  flock (folder_fd, LOCK_SH | LOCK_NB);
  ok = begin (self, head) || pst_journal_fail (error, folder, errno);
  flock (folder_fd, LOCK_UN);
  return ok ? g_steal_pointer (&self) : NULL;
}

/**
 * pst_journal_writer_resume:
 * @folder: the folder of journals
 * @id: the journal's number
 * @journal: (out) (transfer full): what it says
 * @error: return location for a %PST_ERROR_DESTINATION, or a %PST_ERROR_USAGE if
 *   somebody is at it
 *
 * Goes on with a journal behind its last good record, also one whose receipt came to its
 * end without the sender hearing of that.
 *
 * Returns: (transfer full) (nullable): the writer, which holds the lock
 */
PstJournalWriter *
pst_journal_writer_resume (const char *folder, guint64 id, PstJournal **journal, GError **error)
{
  g_autoptr (PstJournalWriter) self = NULL;
  g_autoptr (PstJournal) read = NULL;
  int folder_fd = pst_journal_open_folder (folder, FALSE, error);
  gsize n_valid_bytes;

  if (folder_fd < 0)
    return NULL;

  pst_journal_remove_dead (folder_fd);
  pst_journal_reopen (folder_fd, id);
  self = writer_new (folder_fd, id);
  read = pst_journal_load_some (folder_fd, self->name, PST_JOURNAL_MAX_BYTES, &self->fd,
                                &n_valid_bytes, error);
  if (read == NULL)
    return NULL;
  if (ftruncate (self->fd, n_valid_bytes) != 0 || lseek (self->fd, 0, SEEK_END) < 0)
    {
      pst_journal_fail (error, folder, errno);
      return NULL;
    }

  self->n_bytes = n_valid_bytes;
  /* The program that began it may have ended before its name was on the disk. */
  pst_durable_sync_folder (folder_fd);
  *journal = g_steal_pointer (&read);
  return g_steal_pointer (&self);
}

/* What cannot be written for lack of room leaves nothing behind, where it is waited for. */
static void
write_pending (PstJournalWriter *self)
{
  gboolean is_full;

  if (pst_durable_append (self->fd, self->pending->str))
    {
      self->n_bytes += self->pending->len;
      g_string_truncate (self->pending, 0);
      return;
    }

  is_full = errno == ENOSPC || errno == EDQUOT;
  self->broken = !self->waits_for_room || !is_full || self->pending->len > MAX_PENDING_BYTES
                 || ftruncate (self->fd, self->n_bytes) != 0;
}

/**
 * pst_journal_writer_wait_for_room:
 * @self: a writer
 *
 * Has records wait that find no room, in place of giving up: pst_journal_writer_lacks_room()
 * tells of them. Whoever writes to the same disk has to wait for room anyway.
 */
void
pst_journal_writer_wait_for_room (PstJournalWriter *self)
{
  self->waits_for_room = TRUE;
}

/**
 * pst_journal_writer_lacks_room:
 * @self: (nullable): a writer
 *
 * Tries to write what waits.
 *
 * Returns: %TRUE if records still wait for room
 */
gboolean
pst_journal_writer_lacks_room (PstJournalWriter *self)
{
  if (self == NULL || self->broken || self->pending->len == 0)
    return FALSE;

  write_pending (self);
  return !self->broken && self->pending->len > 0;
}

/**
 * pst_journal_writer_take:
 * @self: (nullable): a writer; %NULL notes nothing
 * @line: (transfer full): a record
 *
 * Appends a record. It survives the end of the program at once, and a power cut
 * once the file was synced. When a record cannot be written none follows: what is
 * noted up to there stays true. See pst_journal_writer_wait_for_room().
 */
void
pst_journal_writer_take (PstJournalWriter *self, char *line)
{
  g_autofree char *owned = line;

  if (self == NULL || self->broken)
    return;

  g_string_append (self->pending, line);
  write_pending (self);
}

/**
 * pst_journal_writer_get_fd:
 * @self: (nullable): a writer
 *
 * Returns: what is to be synced, or -1
 */
int
pst_journal_writer_get_fd (PstJournalWriter *self)
{
  return self != NULL ? self->fd : -1;
}

/**
 * pst_journal_writer_give_up:
 * @self: a writer whose file could not be synced
 *
 * No record follows: nobody knows which of those before it are there.
 */
void
pst_journal_writer_give_up (PstJournalWriter *self)
{
  self->broken = TRUE;
}

/**
 * pst_journal_writer_remove:
 * @self: (transfer full): a writer
 *
 * Removes the journal: there is nothing left to go on with.
 */
void
pst_journal_writer_remove (PstJournalWriter *self)
{
  unlinkat (self->folder_fd, self->name, 0);
  pst_durable_sync_folder (self->folder_fd);
  pst_journal_writer_free (self);
}

/**
 * pst_journal_writer_finish:
 * @self: (transfer full): a writer
 *
 * Ends a journal whose receipt came to its end; see pst_journal_finish().
 */
void
pst_journal_writer_finish (PstJournalWriter *self)
{
  pst_journal_finish (self->folder_fd, self->id);
  pst_journal_writer_free (self);
}

/**
 * pst_journal_writer_free:
 * @self: (transfer full): a writer
 *
 * Lets go of the journal, which stays.
 */
void
pst_journal_writer_free (PstJournalWriter *self)
{
  if (self->fd >= 0)
    close (self->fd);
  close (self->folder_fd);
  g_string_free (self->pending, TRUE);
  g_free (self->name);
  g_free (self);
}
