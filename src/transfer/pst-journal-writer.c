/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Journals on the disk. Whoever writes one holds a lock on it for as long, so that
 * no two receipts, nor a person who discards, are at the same one. */
#include "pst-journal-writer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pst-durable.h"
#include "pst-error.h"
#include "pst-journal-finished.h"
#include "pst-journal-folder.h"

/* What waits for room at most: more than a batch of files notes at once, and some
 * ten thousand files where nobody else waits for it. */
#define MAX_PENDING_BYTES (4 * 1024 * 1024)

struct _PstJournalWriter
{
  int folder_fd;
  int fd; /* -1 until there was room for the first record */
  guint64 id;
  char *name;
  gsize n_bytes;    /* of it are good */
  GString *pending; /* records behind them, for which there was no room yet */
  gboolean waits_for_room;
  gboolean broken; /* a record is torn: none may follow */
  PstJournalTrouble trouble;
};

static gboolean
is_full (int saved_errno)
{
  return saved_errno == ENOSPC || saved_errno == EDQUOT;
}

static gboolean
begin_locked (PstJournalWriter *self, const char *new_name)
{
  int fd = pst_durable_begin (self->folder_fd, new_name);
  int saved_errno;

  if (fd < 0)
    return FALSE;
  if (flock (fd, LOCK_EX | LOCK_NB) == 0
      && pst_durable_finish (self->folder_fd, fd, new_name, self->name, self->pending->str))
    {
      self->fd = fd;
      return TRUE;
    }

  saved_errno = errno;
  unlinkat (self->folder_fd, self->name, 0);
  close (fd);
  errno = saved_errno;
  return FALSE;
}

/* A journal is there with its first record, or not at all. While the folder is locked
 * nobody takes the new file for one that was left behind. */
static gboolean
begin (PstJournalWriter *self)
{
  g_autofree char *id = pst_journal_id_to_text (self->id);
  g_autofree char *new_name = g_strconcat (id, PST_JOURNAL_NEW_SUFFIX, NULL);
  gboolean ok;
  int saved_errno;

  flock (self->folder_fd, LOCK_SH | LOCK_NB);
  ok = begin_locked (self, new_name);
  saved_errno = errno;
  flock (self->folder_fd, LOCK_UN);
  errno = saved_errno;
  return ok;
}

/* Writes all that waits, or nothing; %FALSE and errno if that cannot be. */
static gboolean
write_out (PstJournalWriter *self)
{
  int saved_errno;

  if (self->fd < 0)
    return begin (self);
  if (pst_durable_append (self->fd, self->pending->str))
    return TRUE;

  saved_errno = errno;
  /* If that cannot be undone, a record is torn for ever. */
  errno = ftruncate (self->fd, self->n_bytes) == 0 ? saved_errno : EIO;
  return FALSE;
}

/* What cannot be written for lack of room leaves nothing behind, and waits for it. */
static gboolean
write_pending (PstJournalWriter *self)
{
  if (write_out (self))
    {
      self->n_bytes += self->pending->len;
      self->trouble = PST_JOURNAL_TROUBLE_NONE;
      g_string_truncate (self->pending, 0);
      return TRUE;
    }

  self->trouble = is_full (errno) ? PST_JOURNAL_TROUBLE_FULL : PST_JOURNAL_TROUBLE_FAILED;
  self->broken = !is_full (errno) || self->pending->len > MAX_PENDING_BYTES;
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
 * Begins a journal. It is on the disk when this returns, or once there is room for it:
 * see pst_journal_writer_get_trouble(). What others left behind that ended while they did
 * so is removed.
 *
 * Returns: (transfer full) (nullable): the writer, which holds the lock
 */
PstJournalWriter *
pst_journal_writer_new (const char *folder, const PstJournalHead *head, GError **error)
{
  g_autoptr (PstJournalWriter) self = NULL;
  g_autofree char *line = pst_journal_write_head (head);
  int folder_fd = pst_journal_open_folder (folder, TRUE, error);

  if (folder_fd < 0)
    return NULL;

  pst_journal_remove_dead (folder_fd);
  self = writer_new (folder_fd, head->id);
  g_string_append (self->pending, line);
  if (write_pending (self) || !self->broken)
    return g_steal_pointer (&self);

  pst_journal_fail (error, folder, errno);
  return NULL;
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

/**
 * pst_journal_writer_wait_for_room:
 * @self: a writer
 *
 * Has pst_journal_writer_lacks_room() tell of records that find no room: whoever writes to
 * the same disk has to wait for it anyway.
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
 * Returns: %TRUE if records still wait for room, and the caller with them
 */
gboolean
pst_journal_writer_lacks_room (PstJournalWriter *self)
{
  if (self == NULL || self->broken || self->pending->len == 0)
    return FALSE;

  return !write_pending (self) && !self->broken && self->waits_for_room;
}

/**
 * pst_journal_writer_get_trouble:
 * @self: a writer
 *
 * Returns: why the journal does not tell all it was told, although nobody waits for that
 */
PstJournalTrouble
pst_journal_writer_get_trouble (PstJournalWriter *self)
{
  return self->broken || !self->waits_for_room ? self->trouble : PST_JOURNAL_TROUBLE_NONE;
}

/**
 * pst_journal_writer_is_there:
 * @self: a writer
 *
 * Tries to write what waits.
 *
 * Returns: %TRUE if anybody would find the journal, be it with less than there is to note
 */
gboolean
pst_journal_writer_is_there (PstJournalWriter *self)
{
  pst_journal_writer_lacks_room (self);
  return self->fd >= 0;
}

/**
 * pst_journal_writer_take:
 * @self: (nullable): a writer; %NULL notes nothing
 * @line: (transfer full): a record
 *
 * Appends a record. It survives the end of the program at once, and a power cut
 * once the file was synced. One that finds no room waits with those behind it, and is
 * tried again with each; when one cannot be written for another reason none follows. What
 * is noted stays true in any case. See pst_journal_writer_get_trouble().
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
 * Returns: what is to be synced, or -1 if there is nothing yet
 */
int
pst_journal_writer_get_fd (PstJournalWriter *self)
{
  return self != NULL ? self->fd : -1;
}

/**
 * pst_journal_writer_is_beside:
 * @self: a writer
 * @folder_fd: a folder
 *
 * Returns: %TRUE if both share what room there is
 */
gboolean
pst_journal_writer_is_beside (PstJournalWriter *self, int folder_fd)
{
  struct stat journals, folder;

  return fstat (self->folder_fd, &journals) == 0 && fstat (folder_fd, &folder) == 0
         && journals.st_dev == folder.st_dev;
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
  self->trouble = PST_JOURNAL_TROUBLE_FAILED;
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
