/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The system calls below stand in for the library's: they tell in which order they
 * came, and one of them fails when it is told to. */
#include "pst-durable.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct
{
  GString *order;
  guint n_calls;
  guint failing; /* the call of this number, from 1 */
  gboolean on;
} calls;

/* Returns whether it is to fail. */
static gboolean
note (const char *what)
{
  g_string_append (calls.order, what);
  errno = EIO;
  return ++calls.n_calls == calls.failing;
}

/* Half of it, and every other time nothing. */
ssize_t
write (int fd, const void *bytes, size_t n_bytes)
{
  if (!calls.on || fd < 3)
    return syscall (SYS_write, fd, bytes, n_bytes);
  if (note ("w"))
    return -1;
  if (calls.n_calls % 2 == 0)
    {
      errno = EINTR;
      return -1;
    }
  return syscall (SYS_write, fd, bytes, (n_bytes + 1) / 2);
}

int
fsync (int fd)
{
  struct stat st;

  g_assert_cmpint (fstat (fd, &st), ==, 0);
  return calls.on && note (S_ISDIR (st.st_mode) ? "F" : "f") ? -1 : (int) syscall (SYS_fsync, fd);
}

int
renameat (int old_fd, const char *old, int fd, const char *name)
{
  return calls.on && note ("r") ? -1 : (int) syscall (SYS_renameat2, old_fd, old, fd, name, 0);
}

/* ThreadSanitizer makes a folder for its reports, before it can be told of anything. */
__attribute__ ((no_sanitize_thread)) int
mkdir (const char *path, mode_t mode)
{
  return calls.on && note ("m") ? -1 : (int) syscall (SYS_mkdirat, AT_FDCWD, path, mode);
}

typedef struct
{
  char *dir;
  int fd;
} Fixture;

static void
begin (guint failing)
{
  g_string_truncate (calls.order, 0);
  calls.n_calls = 0;
  calls.failing = failing;
  calls.on = TRUE;
}

static void
set_up (Fixture *f, gconstpointer unused)
{
  calls.order = g_string_new (NULL);
  f->dir = g_dir_make_tmp ("pst-durable-XXXXXX", NULL);
  f->fd = open (f->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  const char *argv[] = { "rm", "-rf", f->dir, NULL };

  calls.on = FALSE;
  close (f->fd);
  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
  g_string_free (calls.order, TRUE);
  g_free (f->dir);
}

static gboolean
write_small (Fixture *f, const char *text)
{
  int fd = pst_durable_begin (f->fd, "new");
  gboolean ok;

  g_assert_cmpint (fd, >=, 0);
  ok = pst_durable_finish (f->fd, fd, "new", "name", text);
  close (fd);
  return ok;
}

static void
assert_content (Fixture *f, const char *content)
{
  g_autofree char *path = g_build_filename (f->dir, "name", NULL);
  g_autofree char *temporary = g_build_filename (f->dir, "new", NULL);
  g_autofree char *found = NULL;
  struct stat st;

  g_assert_false (g_file_test (temporary, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_get_contents (path, &found, NULL, NULL));
  g_assert_cmpstr (found, ==, content);
  g_assert_cmpint (g_stat (path, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 0777, ==, 0600);
}

/* The bytes, then the name, then the folder; short and interrupted writes go on. */
static void
test_order (Fixture *f, gconstpointer unused)
{
  begin (0);
  g_assert_true (write_small (f, "12345678"));
  g_assert_true (g_str_has_suffix (calls.order->str, "wfrF"));
  g_assert_cmpuint (strspn (calls.order->str, "w"), ==, calls.order->len - 3);
  assert_content (f, "12345678");
}

/* Whichever call fails: what was there before is there, or the new, and nothing else. */
static void
test_failures (Fixture *f, gconstpointer unused)
{
  guint n_calls;

  begin (0);
  g_assert_true (write_small (f, "before"));
  begin (0);
  g_assert_true (write_small (f, "before"));
  n_calls = calls.n_calls;
  for (guint i = 1; i <= n_calls; i++)
    {
      begin (i);
      g_assert_false (write_small (f, "after!"));
      g_assert_cmpint (errno, ==, EIO);
      assert_content (f, i < n_calls ? "before" : "after!");
    }
}

static void
test_taken (Fixture *f, gconstpointer unused)
{
  int fd = pst_durable_begin (f->fd, "new");

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (pst_durable_begin (f->fd, "new"), ==, -1);
  g_assert_cmpint (errno, ==, EEXIST);
  close (fd);
}

/* Each folder's name is on the disk before the next is made in it. */
static void
test_folder (Fixture *f, gconstpointer unused)
{
  g_autofree char *path = g_build_filename (f->dir, "a", "b", "c", NULL);
  g_autofree char *file = g_build_filename (f->dir, "file", NULL);
  g_autofree char *below = g_build_filename (file, "d", NULL);

  begin (0);
  g_assert_true (pst_durable_make_folder (path));
  g_assert_cmpstr (calls.order->str, ==, "mmmFmFmF");
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_DIR));

  begin (0);
  g_assert_true (pst_durable_make_folder (path));
  g_assert_cmpstr (calls.order->str, ==, "m");

  calls.on = FALSE;
  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  begin (0);
  g_assert_false (pst_durable_make_folder (below));
  g_assert_cmpint (errno, ==, ENOTDIR);
}

#define ADD(name, func) g_test_add ("/durable/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("order", test_order);
  ADD ("failures", test_failures);
  ADD ("taken", test_taken);
  ADD ("folder", test_folder);
  return g_test_run ();
}
