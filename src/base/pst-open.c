/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-open.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int
open_again (int path_fd, int flags)
{
  char path[32];
  struct stat st;

  if (fstat (path_fd, &st) != 0)
    return -1;
  if (S_ISLNK (st.st_mode))
    {
      errno = ELOOP;
      return -1;
    }

  g_snprintf (path, sizeof path, "/proc/self/fd/%d", path_fd);
  return open (path, flags | O_CLOEXEC);
}

/**
 * pst_open_no_link:
 * @folder_fd: a folder
 * @name: a name in it
 * @flags: as for open(), without `O_CREAT`
 *
 * Opens a file, but not what a symbolic link points to. `O_NOFOLLOW` alone does not do:
 * the document portal's file system opens files through links of its own under /proc,
 * with the flags it was given, and so refuses all of them. What is opened there is held
 * by a descriptor before it is looked at, so nobody can put a link in its place.
 *
 * Returns: a descriptor, closed on exec; -1 with `errno` set, for a link to `ELOOP`
 */
int
pst_open_no_link (int folder_fd, const char *name, int flags)
{
  int fd = openat (folder_fd, name, flags | O_NOFOLLOW | O_CLOEXEC);
  int path_fd, saved_errno;

  if (fd >= 0 || errno != ELOOP)
    return fd;

  path_fd = openat (folder_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (path_fd < 0)
    return -1;

  fd = open_again (path_fd, flags);
  saved_errno = errno;
  close (path_fd);
  errno = saved_errno;
  return fd;
}

/**
 * pst_open_folder:
 * @at_fd: a folder
 * @path: one below it, or "" for @at_fd itself
 * @flags: `O_RDONLY` or `O_PATH`
 *
 * Steps into the folders of @path one by one and follows no link: also one that a folder
 * became since it was looked at.
 *
 * Returns: a descriptor, closed on exec; -1 with `errno` set
 */
int
pst_open_folder (int at_fd, const char *path, int flags)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  int fd = fcntl (at_fd, F_DUPFD_CLOEXEC, 0);

  for (guint i = 0; fd >= 0 && parts[i] != NULL; i++)
    {
      int next_fd = openat (fd, parts[i], flags | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      int saved_errno = errno;

      close (fd);
      errno = saved_errno;
      fd = next_fd;
    }

  return fd;
}
