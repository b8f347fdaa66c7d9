/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of a source where they lie: opened without following what became a link,
 * read, and compared with what was offered. */
#include "pst-source-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pst-escape.h"
#include "pst-open.h"

/* A folder of the offer. What a person named may be a link, what is below it not. */
static int
open_folder (PstSource *self, const char *path)
{
  const char *rest;
  int root_fd = open (pst_source_get_root (self, path, &rest), O_PATH | O_DIRECTORY | O_CLOEXEC);
  int fd, saved_errno;

  if (root_fd < 0 || rest == NULL)
    return root_fd;

  fd = pst_open_folder (root_fd, rest, O_PATH);
  saved_errno = errno;
  close (root_fd);
  errno = saved_errno;
  return fd;
}

/* Forgets the folder. */
void
pst_source_folder_clear (PstSourceFolder *self)
{
  if (self->fd >= 0)
    close (g_steal_fd (&self->fd));
  g_clear_pointer (&self->path, g_free);
}

/* The first @n_bytes of a path, kept open until another folder is wanted. */
static int
get_folder_fd (PstSource *self, PstSourceFolder *folder, const char *path, gsize n_bytes)
{
  if (folder->fd >= 0 && strncmp (path, folder->path, n_bytes) == 0
      && folder->path[n_bytes] == '\0')
    return folder->fd;

  pst_source_folder_clear (folder);
  folder->path = g_strndup (path, n_bytes);
  folder->fd = open_folder (self, folder->path);
  return folder->fd;
}

/* Opens a file of the offer for reading. Returns -1 with errno set if it cannot be. */
int
pst_source_open (PstSource *self, PstSourceFolder *folder, const char *path)
{
  const char *slash = strrchr (path, '/'), *rest;
  int folder_fd;

  if (slash == NULL)
    return open (pst_source_get_root (self, path, &rest), O_RDONLY | O_CLOEXEC | O_NONBLOCK);

  folder_fd = get_folder_fd (self, folder, path, slash - path);
  return folder_fd >= 0 ? pst_open_no_link (folder_fd, slash + 1, O_RDONLY | O_NONBLOCK) : -1;
}

/* Whether nothing about a file has changed since it was offered. */
gboolean
pst_source_is_as_listed (int fd, const PstEntry *entry)
{
  struct stat st;

  return fstat (fd, &st) == 0 && S_ISREG (st.st_mode) && (guint64) st.st_size == entry->size_bytes
         && (gint64) st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec == entry->mtime_ns;
}

/* Reads until there is @enough, the file ends or reading fails, and up to @n_bytes. */
gssize
pst_source_read (int fd, guint8 *buffer, gsize enough, gsize n_bytes, guint64 offset)
{
  gsize done = 0;

  while (done < enough)
    {
      gssize n = pread (fd, buffer + done, n_bytes - done, offset + done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return -1;
      if (n == 0)
        break;
      done += n;
    }

  return done;
}

/* What is wrong with a file, as a person is told. */
GError *
pst_source_explain (const PstEntry *entry, PstError code, const char *what)
{
  g_autofree char *shown = pst_escape_name (entry->path, -1);

  return g_error_new (PST_ERROR, code, "“%s” %s.", shown, what);
}

/* The same for a system call that failed. */
GError *
pst_source_explain_errno (const PstEntry *entry, int saved_errno)
{
  g_autofree char *what = NULL;

  if (saved_errno == ENOENT || saved_errno == ENOTDIR || saved_errno == ELOOP)
    return pst_source_explain (entry, PST_ERROR_CHANGED, "vanished before it was sent");

  what = g_strdup_printf ("cannot be read: %s", g_strerror (saved_errno));
  return pst_source_explain (entry, PST_ERROR_SOURCE, what);
}
