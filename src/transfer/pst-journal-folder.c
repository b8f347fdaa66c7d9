/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folder of journals: which are in it, which of them are believed, and what of
 * them is removed. */
#include "pst-journal-folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pst-durable.h"
#include "pst-error.h"
#include "pst-escape.h"
#include "pst-journal-finished.h"

#define SUFFIX ".journal"

/* Says that something cannot be noted. */
gboolean
pst_journal_fail (GError **error, const char *what, int saved_errno)
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
 * pst_journal_parse_name:
 * @name: a file name; any bytes
 * @suffix: what ends those that are meant
 * @id: (out): the journal's number
 *
 * Returns: %TRUE if @name is a number with @suffix behind it
 */
gboolean
pst_journal_parse_name (const char *name, const char *suffix, guint64 *id)
{
  g_autofree char *text = NULL;

  if (!g_str_has_suffix (name, suffix))
    return FALSE;

  text = g_strndup (name, strlen (name) - strlen (suffix));
  return pst_journal_id_from_text (text, id);
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
  return pst_journal_parse_name (name, SUFFIX, id);
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
  struct stat st;
  int fd;

  if (make)
    pst_durable_make_folder (folder);
  fd = open (folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    {
      pst_journal_fail (error, folder, errno);
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
    return pst_journal_fail (error, name, errno);
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
          pst_journal_fail (error, name, n < 0 ? errno : EIO);
          return NULL;
        }
      done += n;
    }

  if (text == NULL)
    pst_journal_fail (error, name, ENOMEM);
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
  if ((!pst_journal_is_name (name, &id) && !pst_journal_is_finished_name (name, &id))
      || id != pst_journal_get_head (journal)->id)
    {
      refuse (error, name, "it is about another transfer than its name says");
      return NULL;
    }

  return g_steal_pointer (&journal);
}

/* Reads at most @most_bytes of a journal that nobody is at. @n_valid_bytes: (out): up
 * to where its records are good. */
PstJournal *
pst_journal_load_some (int folder_fd,
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
      pst_journal_fail (error, name, errno);
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

  return pst_journal_load_some (folder_fd, name, PST_JOURNAL_MAX_BYTES, fd, &n_valid_bytes, error);
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
  PstJournal *journal = pst_journal_load_some (folder_fd, name, PST_JOURNAL_MAX_LINE_BYTES, &fd,
                                               &n_valid_bytes, NULL);

  if (journal != NULL)
    close (fd);
  return journal;
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

static gboolean
is_new_name (const char *name)
{
  g_autofree char *text = NULL;
  guint64 id;

  if (!g_str_has_suffix (name, PST_JOURNAL_NEW_SUFFIX))
    return FALSE;

  text = g_strndup (name, strlen (name) - strlen (PST_JOURNAL_NEW_SUFFIX));
  return pst_journal_id_from_text (text, &id);
}

/* Removes what was to become a journal, unless somebody is at it or it is none of ours. */
static void
remove_if_dead (int folder_fd, const char *name)
{
  int fd = openat (folder_fd, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  struct stat st;

  if (fd < 0)
    return;

  if (flock (fd, LOCK_EX | LOCK_NB) == 0 && is_ours (fd, name, &st, NULL))
    unlinkat (folder_fd, name, 0);
  close (fd);
}

/**
 * pst_journal_remove_dead:
 * @folder_fd: from pst_journal_open_folder()
 *
 * Removes journals that never got their name, as their program ended early. Whoever
 * makes one has a shared lock on the folder meanwhile: then nothing is removed.
 */
void
pst_journal_remove_dead (int folder_fd)
{
  int fd = openat (folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) == 0 ? fdopendir (fd) : NULL;
  struct dirent *found;

  if (dir == NULL)
    {
      if (fd >= 0)
        close (fd);
      return;
    }

  while ((found = readdir (dir)) != NULL)
    if (is_new_name (found->d_name))
      remove_if_dead (folder_fd, found->d_name);
  closedir (dir);
}
