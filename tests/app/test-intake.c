/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pst-error.h"
#include "pst-intake.h"

/* Of nobody: root may read everything, so root becomes somebody else. */
#define OTHER_UID 65534

typedef struct
{
  char *dir;
  GListStore *files;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_setenv ("PST_SANDBOX", "0", TRUE);
  f->dir = g_dir_make_tmp ("penstock-intake-XXXXXX", NULL);
  g_assert_nonnull (f->dir);
  f->files = g_list_store_new (G_TYPE_FILE);
}

static void
remove_all (const char *dir)
{
  g_autoptr (GDir) names = g_dir_open (dir, 0, NULL);
  const char *name;

  while (names != NULL && (name = g_dir_read_name (names)) != NULL)
    {
      g_autofree char *path = g_build_filename (dir, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        remove_all (path);
      else
        g_unlink (path);
    }
  g_rmdir (dir);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  remove_all (f->dir);
  g_free (f->dir);
  g_object_unref (f->files);
}

static char *
add_uri (Fixture *f, const char *uri)
{
  g_autoptr (GFile) file = g_file_new_for_uri (uri);

  g_list_store_append (f->files, file);
  return g_file_get_path (file);
}

/* Names @name in the folder as something to be sent; the caller frees the path. */
static char *
add (Fixture *f, const char *name)
{
  g_autofree char *path = g_build_filename (f->dir, name, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  g_list_store_append (f->files, file);
  return g_steal_pointer (&path);
}

static char *
add_file (Fixture *f, const char *name)
{
  char *path = add (f, name);

  g_assert_true (g_file_set_contents (path, "x", 1, NULL));
  return path;
}

static char *
add_folder (Fixture *f, const char *name)
{
  char *path = add (f, name);

  g_assert_cmpint (g_mkdir (path, 0755), ==, 0);
  return path;
}

static void
assert_refused (Fixture *f, const char *sentence)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) paths = pst_intake_check (G_LIST_MODEL (f->files), &error);

  g_assert_null (paths);
  g_assert_error (error, PST_ERROR, PST_ERROR_SOURCE);
  g_assert_cmpstr (error->message, ==, sentence);
}

static void
test_order (Fixture *f, gconstpointer data)
{
  g_autofree char *b = add_file (f, "b");
  g_autofree char *folder = add_folder (f, "folder");
  g_autofree char *inside = add_file (f, "folder/a");
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) paths = pst_intake_check (G_LIST_MODEL (f->files), &error);
  const char *const expected[] = { b, folder, inside, NULL };

  g_assert_no_error (error);
  g_assert_true (g_strv_equal ((const char *const *)paths, expected));
}

static void
test_twice (Fixture *f, gconstpointer data)
{
  g_autofree char *path = add_file (f, "same");
  g_autofree char *again = add (f, "same");
  g_autofree char *roundabout = add (f, "not-there/.././same");
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) paths = pst_intake_check (G_LIST_MODEL (f->files), &error);

  g_assert_no_error (error);
  g_assert_cmpint (g_strv_length (paths), ==, 1);
  g_assert_cmpstr (paths[0], ==, path);
}

/* From different folders: the offer gives the second another name. */
static void
test_same_name (Fixture *f, gconstpointer data)
{
  g_autofree char *one = add_folder (f, "one");
  g_autofree char *two = add_folder (f, "two");
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_auto (GStrv) paths = NULL;

  g_list_store_remove_all (f->files);
  first = add_file (f, "one/name");
  second = add_file (f, "two/name");
  paths = pst_intake_check (G_LIST_MODEL (f->files), NULL);
  g_assert_cmpint (g_strv_length (paths), ==, 2);
  g_assert_cmpstr (paths[0], ==, first);
  g_assert_cmpstr (paths[1], ==, second);
}

static void
test_link (Fixture *f, gconstpointer data)
{
  g_autofree char *target = add_file (f, "target");
  g_autofree char *link = add (f, "link");
  g_autofree char *dangling = NULL;
  g_auto (GStrv) paths = NULL;

  g_assert_cmpint (symlink ("target", link), ==, 0);
  paths = pst_intake_check (G_LIST_MODEL (f->files), NULL);
  g_assert_cmpint (g_strv_length (paths), ==, 2);
  g_assert_cmpstr (paths[1], ==, link);

  dangling = add (f, "dangling");
  g_assert_cmpint (symlink ("nowhere", dangling), ==, 0);
  assert_refused (f, "“dangling” is not there any more.");
}

static void
test_missing (Fixture *f, gconstpointer data)
{
  g_autofree char *there = add_file (f, "there");
  g_autofree char *gone = add (f, "gone\nfor \xe2\x80\xae good");
  g_autofree char *below = NULL;

  assert_refused (f, "“gone\\nfor \\u202e good” is not there any more.");

  g_list_store_remove (f->files, 1);
  below = add (f, "there/below");
  assert_refused (f, "“below” is not there any more.");
}

static void
test_missing_in_sandbox (Fixture *f, gconstpointer data)
{
  g_autofree char *gone = add (f, "hidden");

  g_setenv ("PST_SANDBOX", "1", TRUE);
  assert_refused (f, "Penstock has no access to “hidden”. Use Choose Files or Choose Folder.");
}

static void
test_strange_names (Fixture *f, gconstpointer data)
{
  g_autofree char *line = add_file (f, "two\nlines");
  g_autofree char *turned = add_file (f, "\xe2\x80\xaegpj.exe");
  g_auto (GStrv) paths = pst_intake_check (G_LIST_MODEL (f->files), NULL);
  g_autofree char *bytes = NULL;

  g_assert_cmpint (g_strv_length (paths), ==, 2);
  g_assert_cmpstr (paths[0], ==, line);
  g_assert_cmpstr (paths[1], ==, turned);

  bytes = add_file (f, "caf\xe9");
  assert_refused (f, "“caf\\xe9” cannot be sent under this name. Rename it first.");
}

static void
test_root (Fixture *f, gconstpointer data)
{
  g_autofree char *root = add_uri (f, "file:///");

  assert_refused (f, "“/” cannot be sent under this name. Rename it first.");
}

static void
test_kinds (Fixture *f, gconstpointer data)
{
  g_autofree char *fifo = add (f, "fifo");
  g_autofree char *device = NULL;

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  assert_refused (f, "“fifo” is neither a file nor a folder.");

  g_list_store_remove_all (f->files);
  device = add_uri (f, "file:///dev/null");
  assert_refused (f, "“null” is neither a file nor a folder.");
}

static void
test_not_here (Fixture *f, gconstpointer data)
{
  g_autofree char *none = add_uri (f, "x-elsewhere://host/share/plan.odt");

  g_assert_null (none);
  assert_refused (f, "“plan.odt” is not on this machine. Copy it here first.");
}

static void
test_unreadable (Fixture *f, gconstpointer data)
{
  g_autofree char *file = add_file (f, "secret");
  g_autofree char *folder = NULL;
  gboolean root = geteuid () == 0;

  g_assert_cmpint (g_chmod (f->dir, 0755), ==, 0);
  g_assert_cmpint (g_chmod (file, 0), ==, 0);
  if (root)
    g_assert_cmpint (seteuid (OTHER_UID), ==, 0);
  assert_refused (f, "You are not allowed to read “secret”.");
  if (root)
    g_assert_cmpint (seteuid (0), ==, 0);

  g_list_store_remove_all (f->files);
  folder = add_folder (f, "closed");
  g_assert_cmpint (g_chmod (folder, 0), ==, 0);
  if (root)
    g_assert_cmpint (seteuid (OTHER_UID), ==, 0);
  assert_refused (f, "You are not allowed to read “closed”.");
  if (root)
    g_assert_cmpint (seteuid (0), ==, 0);
  g_assert_cmpint (g_chmod (folder, 0755), ==, 0);
}

static void
test_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  assert_refused (f, "Nothing that can be sent was dropped.");
  g_assert_null (pst_intake_check (NULL, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_SOURCE);

  g_setenv ("PST_SANDBOX", "1", TRUE);
  assert_refused (f, "Folders cannot be dropped here. Use Choose Folder.");
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/intake/order", test_order);
  ADD ("/intake/twice", test_twice);
  ADD ("/intake/same-name", test_same_name);
  ADD ("/intake/link", test_link);
  ADD ("/intake/missing", test_missing);
  ADD ("/intake/missing-in-sandbox", test_missing_in_sandbox);
  ADD ("/intake/strange-names", test_strange_names);
  ADD ("/intake/root", test_root);
  ADD ("/intake/kinds", test_kinds);
  ADD ("/intake/not-here", test_not_here);
  ADD ("/intake/unreadable", test_unreadable);
  ADD ("/intake/nothing", test_nothing);

  return g_test_run ();
}
