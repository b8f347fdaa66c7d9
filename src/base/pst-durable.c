/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/**
 * pst_durable_append:
 * @fd: a file open for writing
 * @text: what to write at its position
 *
 * Writes all of @text. It survives the end of the program, and a power cut once @fd
 * is synced.
 *
 * Returns: %TRUE if all was written; otherwise a part of it may have been
 */
gboolean
pst_durable_append (int fd, const char *text)
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

/**
 * pst_durable_begin:
 * @folder_fd: a folder
 * @temporary: a name in it that is free
 *
 * Makes an empty file, readable for nobody else, that pst_durable_finish() is to fill.
 *
 * Returns: its descriptor, open for reading and appending; -1 on failure
 */
int
pst_durable_begin (int folder_fd, const char *temporary)
{
  return openat (folder_fd, temporary,
                 O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
}

/**
 * pst_durable_finish:
 * @folder_fd: the folder
 * @fd: from pst_durable_begin(); it stays open
 * @temporary: what the file is called
 * @name: what it is to be called; a file of that name is replaced
 * @text: what is to be in it
 *
 * Fills the file, brings it to the disk, and only then gives it its name: whoever
 * looks, and whenever the power goes, @name is the whole new file or what it was
 * before. On failure the temporary file is removed.
 *
 * Returns: %TRUE if the file and its name would survive a power cut
 */
gboolean
pst_durable_finish (
    int folder_fd, int fd, const char *temporary, const char *name, const char *text)
{
  int saved_errno;

  if (pst_durable_append (fd, text) && TEMP_FAILURE_RETRY (fsync (fd)) == 0
      && renameat (folder_fd, temporary, folder_fd, name) == 0)
    return pst_durable_sync_folder (folder_fd);

  saved_errno = errno;
  unlinkat (folder_fd, temporary, 0);
  errno = saved_errno;
  return FALSE;
}

/**
 * pst_durable_sync_folder:
 * @folder_fd: a folder, open for reading
 *
 * Brings to the disk what was made, renamed and removed in the folder. Some file
 * systems cannot be asked for that: there it counts as done.
 *
 * Returns: %TRUE if it is there
 */
gboolean
pst_durable_sync_folder (int folder_fd)
{
  return TEMP_FAILURE_RETRY (fsync (folder_fd)) == 0 || errno == EINVAL;
}

static gboolean
sync_parent (const char *path)
{
  g_autofree char *parent = g_path_get_dirname (path);
  int fd = open (parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean ok = fd >= 0 && pst_durable_sync_folder (fd);
  int saved_errno = errno;

  if (fd >= 0)
    close (fd);
  errno = saved_errno;
  return ok;
}

/**
 * pst_durable_make_folder:
 * @path: an absolute path
 *
 * Makes the folder, readable for nobody else, and those above it, unless they are
 * there.
 *
 * Returns: %TRUE if something of that name is there, and would survive a power cut as
 *   far as it was made here
 */
gboolean
pst_durable_make_folder (const char *path)
{
  g_autofree char *parent = g_path_get_dirname (path);

  if (mkdir (path, S_IRWXU) == 0)
    return sync_parent (path);
  if (errno == EEXIST)
    return TRUE;
  if (errno != ENOENT || g_str_equal (parent, path))
    return FALSE;

  return pst_durable_make_folder (parent)
         && (mkdir (path, S_IRWXU) == 0 ? sync_parent (path) : errno == EEXIST);
}
