/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/app/test-portal-resume.c has the file system for which this is there. */
#include "pst-open.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
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

static void
expect_folder (int at_fd, const char *path, int flags, const char *file)
{
  int fd = pst_open_folder (at_fd, path, flags);
  struct stat st;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, !=, 0);
  g_assert_cmpint (fstatat (fd, file, &st, 0), ==, 0);
  close (fd);
}

/* Step by step, and over no link. */
static void
test_folders (void)
{
  g_autofree char *folder = g_dir_make_tmp ("pst-open-XXXXXX", NULL);
  g_autofree char *deep = g_build_filename (folder, "a", "b", NULL);
  g_autofree char *file = g_build_filename (deep, "file", NULL);
  g_autofree char *link = g_build_filename (folder, "link", NULL);
  int folder_fd = open (folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

  g_assert_cmpint (g_mkdir_with_parents (deep, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  g_assert_cmpint (symlink ("a", link), ==, 0);

  expect_folder (folder_fd, "a/b", O_RDONLY, "file");
  expect_folder (folder_fd, "a/b", O_PATH, "file");
  expect_folder (folder_fd, "", O_PATH, "a/b/file");
  g_assert_cmpint (pst_open_folder (folder_fd, "link/b", O_RDONLY), ==, -1);
  g_assert_cmpint (pst_open_folder (folder_fd, "link/b", O_PATH), ==, -1);
  g_assert_cmpint (pst_open_folder (folder_fd, "a/b/file", O_PATH), ==, -1);
  g_assert_cmpint (errno, ==, ENOTDIR);
  g_assert_cmpint (pst_open_folder (folder_fd, "a/c", O_RDONLY), ==, -1);
  g_assert_cmpint (errno, ==, ENOENT);

  close (folder_fd);
  g_unlink (link);
  g_unlink (file);
  g_rmdir (deep);
  *strrchr (deep, '/') = '\0';
  g_rmdir (deep);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/open/links", test_links);
  g_test_add_func ("/open/folders", test_folders);
  return g_test_run ();
}
