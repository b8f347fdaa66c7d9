/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/app/test-portal-resume.c has the file system for which this is there. */
#include "pst-open.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

static void
test_links (void)
{
  g_autofree char *folder = g_dir_make_tmp ("pst-open-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "file", NULL);
  g_autofree char *link = g_build_filename (folder, "link", NULL);
  int folder_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int fd;

  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  g_assert_cmpint (symlink ("file", link), ==, 0);

  fd = pst_open_no_link (folder_fd, "file", O_RDONLY);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, !=, 0);
  close (fd);
  g_assert_cmpint (pst_open_no_link (folder_fd, "link", O_RDONLY), ==, -1);
  g_assert_cmpint (errno, ==, ELOOP);
  g_assert_cmpint (pst_open_no_link (folder_fd, "nothing", O_RDONLY), ==, -1);
  g_assert_cmpint (errno, ==, ENOENT);

  close (folder_fd);
  g_unlink (link);
  g_unlink (file);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/open/links", test_links);
  return g_test_run ();
}
