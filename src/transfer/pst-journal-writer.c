/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Journals on the disk. Whoever writes one holds a lock on it for as long, so that
 * no two receipts, nor a person who discards, are at the same one. */
#include "pst-journal-writer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pst-error.h"
#include "pst-escape.h"

#define SUFFIX ".journal"

/* A journal that does not have its first record yet. */
#define NEW_SUFFIX ".new"

struct _PstJournalWriter
{
  int folder_fd;
  int fd;
  char *name;
  gboolean broken; /* a record is torn: none may follow */
};

static gboolean
fail (GError **error, const char *what, int saved_errno)
{
  g_autofree char *shown = pst_escape_name (what, -1);

  g_set_error (error, PST_ERROR, PST_ERROR_DESTINATION,
               "What came of a transfer cannot be noted in “%s”: %s.", shown,
               g_strerror (saved_errno));
  return FALSE;
}

static gboolean
refuse (GError **error, const char *name, const char *fault)
{
  g_autofree char *shown = pst_escape_name (name, -1);

  g_set_error (error, PST_ERROR, PST_ERROR_DESTINATION, "“%s” is not used: %s.", shown, fault);
  return FALSE;
}

/**
 * pst_journal_is_name:
 * @name: a file name; any bytes
 * @id: (out): the journal's number
 *
 * Returns: %TRUE if @name is what a journal is called
 */
gboolean
pst_journal_is_name (const char *name, guint64 *id)
{
  g_autofree char *text = NULL;

  if (!g_str_has_suffix (name, SUFFIX))
    return FALSE;

  text = g_strndup (name, strlen (name) - strlen (SUFFIX));
  return pst_journal_id_from_text (text, id);
}

/**
 * pst_journal_to_name:
 * @id: a journal's number
 *
 * Returns: (transfer full): its file's name
 */
char *
pst_journal_to_name (guint64 id)
{
  g_autofree char *text = pst_journal_id_to_text (id);

  return g_strconcat (text, SUFFIX, NULL);
}

/**
 * pst_journal_open_folder:
 * @folder: an absolute path
 * @make: whether to make it, readable for nobody else, if it is not there
 * @error: return location for a %PST_ERROR_DESTINATION
 *
 * Opens the folder of journals. One that belongs to somebody else, in which others
 * can write, or that is a link is refused.
 *
 * Returns: its descriptor, or -1
 */
int
pst_journal_open_folder (const char *folder, gboolean make, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (folder);
  struct stat st;
  int fd;

  if (make && g_mkdir_with_parents (parent, 0700) == 0)
    mkdir (folder, 0700);
  fd = open (folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    {
      fail (error, folder, errno);
      return -1;
    }
  if (fstat (fd, &st) == 0 && st.st_uid == geteuid () && (st.st_mode & 022) == 0)
    return fd;

  close (fd);
  refuse (error, folder, "others can write there");
  return -1;
}

static gboolean
is_ours (int fd, const char *name, struct stat *st, GError **error)
{
  if (fstat (fd, st) != 0)
    return fail (error, name, errno);
  if (!S_ISREG (st->st_mode) || st->st_uid != geteuid () || st->st_nlink != 1
      || (st->st_mode & 022) != 0)
    return refuse (error, name, "it is not a file that this program made");
  if (st->st_size > PST_JOURNAL_MAX_BYTES)
    return refuse (error, name, "it is too large");

  return TRUE;
}

static char *
read_all (int fd, gsize n_bytes, const char *name, GError **error)
{
  g_autofree char *text = g_try_malloc (n_bytes + 1);

  for (gsize done = 0; text != NULL && done < n_bytes;)
    {
      gssize n = pread (fd, text + done, n_bytes - done, done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          fail (error, name, n < 0 ? errno : EIO);
          return NULL;
        }
      done += n;
    }

  if (text == NULL)
    fail (error, name, ENOMEM);
  return g_steal_pointer (&text);
}

static PstJournal *
read_journal (int fd, const char *name, gsize most_bytes, gsize *n_valid_bytes, GError **error)
{
  g_autoptr (PstJournal) journal = NULL;
  g_autofree char *text = NULL;
  struct stat st;
  gsize n_bytes;
  guint64 id;

  if (flock (fd, LOCK_EX | LOCK_NB) != 0)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_USAGE,
                           "This transfer is being received at this moment.");
      return NULL;
    }
  if (!is_ours (fd, name, &st, error))
    return NULL;
  n_bytes = MIN ((gsize) st.st_size, most_bytes);
  if ((text = read_all (fd, n_bytes, name, error)) == NULL
      || (journal = pst_journal_read (text, n_bytes, n_valid_bytes, error)) == NULL)
    return NULL;
  if (!pst_journal_is_name (name, &id) || id != pst_journal_get_head (journal)->id)
    {
      refuse (error, name, "it is about another transfer than its name says");
      return NULL;
    }

  return g_steal_pointer (&journal);
}

static PstJournal *
load (int folder_fd,
      const char *name,
      gsize most_bytes,
      int *fd,
      gsize *n_valid_bytes,
      GError **error)
{
  PstJournal *journal;

  *fd = openat (folder_fd, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (*fd < 0)
    {
      fail (error, name, errno);
      return NULL;
    }

  journal = read_journal (*fd, name, most_bytes, n_valid_bytes, error);
  if (journal == NULL)
    close (g_steal_fd (fd));
  return journal;
}

/**
 * pst_journal_load:
 * @folder_fd: from pst_journal_open_folder()
 * @name: a name in that folder
 * @fd: (out): its descriptor, which holds the lock until it is closed; -1 if it
 *   was refused
 * @error: return location for a %PST_ERROR_DESTINATION, or a %PST_ERROR_USAGE if
 *   somebody is at it
 *
 * Reads a journal that nobody is at.
 *
 * Returns: (transfer full) (nullable): the journal
 */
PstJournal *
pst_journal_load (int folder_fd, const char *name, int *fd, GError **error)
{
  gsize n_valid_bytes;

  return load (folder_fd, name, PST_JOURNAL_MAX_BYTES, fd, &n_valid_bytes, error);
}

/**
 * pst_journal_load_head:
 * @folder_fd: from pst_journal_open_folder()
 * @name: a name in that folder
 *
 * Reads the beginning of a journal that nobody is at: a journal may be long, and its
 * first record tells whether the rest is of interest.
 *
 * Returns: (transfer full) (nullable): a journal of which only the head is to be used
 */
PstJournal *
pst_journal_load_head (int folder_fd, const char *name)
{
  gsize n_valid_bytes;
  int fd;
  PstJournal *journal = load (folder_fd, name, PST_JOURNAL_MAX_LINE_BYTES, &fd, &n_valid_bytes,
                              NULL);

  if (journal != NULL)
    close (fd);
  return journal;
}

static gboolean
write_all (int fd, const char *text)
{
  gsize n_bytes = strlen (text);

  for (gsize done = 0; done < n_bytes;)
    {
      gssize n = write (fd, text + done, n_bytes - done);

      if (n < 0 && errno != EINTR)
        return FALSE;
      done += MAX (n, 0);
    }

  return TRUE;
}

/* A journal is there with its first record, or not at all. */
static gboolean
begin (PstJournalWriter *self, const PstJournalHead *head)
{
  g_autofree char *id = pst_journal_id_to_text (head->id);
  g_autofree char *new_name = g_strconcat (id, NEW_SUFFIX, NULL);
  g_autofree char *line = pst_journal_write_head (head);

  self->fd = openat (self->folder_fd, new_name,
                     O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (self->fd < 0)
    return FALSE;
  if (flock (self->fd, LOCK_EX | LOCK_NB) == 0 && write_all (self->fd, line)
      && fdatasync (self->fd) == 0
      && renameat (self->folder_fd, new_name, self->folder_fd, self->name) == 0)
    {
      fsync (self->folder_fd);
      return TRUE;
    }

  unlinkat (self->folder_fd, new_name, 0);
  return FALSE;
}

static PstJournalWriter *
writer_new (int folder_fd, guint64 id)
{
  PstJournalWriter *self = g_new0 (PstJournalWriter, 1);

  self->folder_fd = folder_fd;
  self->name = pst_journal_to_name (id);
  self->fd = -1;
  return self;
}

/**
 * pst_journal_writer_new:
 * @folder: the folder of journals, an absolute path; made if it is not there
 * @head: what the journal begins with
 * @error: return location for a %PST_ERROR_DESTINATION
 *
 * Begins a journal. It is on the disk when this returns.
 *
 * Returns: (transfer full) (nullable): the writer, which holds the lock
 */
PstJournalWriter *
pst_journal_writer_new (const char *folder, const PstJournalHead *head, GError **error)
{
  g_autoptr (PstJournalWriter) self = NULL;
  int folder_fd = pst_journal_open_folder (folder, TRUE, error);

  if (folder_fd < 0)
    return NULL;

  self = writer_new (folder_fd, head->id);
  if (begin (self, head))
    return g_steal_pointer (&self);

  fail (error, folder, errno);
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
 * Goes on with a journal behind its last good record.
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

  self = writer_new (folder_fd, id);
  read = load (folder_fd, self->name, PST_JOURNAL_MAX_BYTES, &self->fd, &n_valid_bytes, error);
  if (read == NULL)
    return NULL;
  if (ftruncate (self->fd, n_valid_bytes) != 0 || lseek (self->fd, 0, SEEK_END) < 0)
    {
      fail (error, folder, errno);
      return NULL;
    }

  *journal = g_steal_pointer (&read);
  return g_steal_pointer (&self);
}

/**
 * pst_journal_writer_take:
 * @self: (nullable): a writer; %NULL notes nothing
 * @line: (transfer full): a record
 *
 * Appends a record. It survives the end of the program at once, and a power cut
 * once the file was synced. When a record cannot be written none follows: what is
 * noted up to there stays true.
 */
void
pst_journal_writer_take (PstJournalWriter *self, char *line)
{
  g_autofree char *owned = line;

  if (self != NULL && !self->broken)
    self->broken = !write_all (self->fd, line);
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
 * pst_journal_writer_remove:
 * @self: (transfer full): a writer
 *
 * Removes the journal: there is nothing left to go on with.
 */
void
pst_journal_writer_remove (PstJournalWriter *self)
{
  unlinkat (self->folder_fd, self->name, 0);
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
  g_free (self->name);
  g_free (self);
}

static gboolean
is_own_part (int dest_fd, guint64 id, const char *name)
{
  struct stat st;

  return pst_journal_owns_part (id, name) && fstatat (dest_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0
         && S_ISREG (st.st_mode) && st.st_uid == geteuid ();
}

/**
 * pst_journal_remove_parts:
 * @dest_fd: the destination
 * @id: a journal's number
 * @kept: (nullable) (element-type filename): names that stay
 *
 * Removes the partial files of that receipt. Nothing else is touched, whatever the
 * journal says.
 */
void
pst_journal_remove_parts (int dest_fd, guint64 id, GHashTable *kept)
{
  int fd = openat (dest_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  struct dirent *found;

  if (dir == NULL)
    {
      if (fd >= 0)
        close (fd);
      return;
    }

  while ((found = readdir (dir)) != NULL)
    if (is_own_part (dest_fd, id, found->d_name)
        && (kept == NULL || !g_hash_table_contains (kept, found->d_name)))
      unlinkat (dest_fd, found->d_name, 0);
  closedir (dir);
}
