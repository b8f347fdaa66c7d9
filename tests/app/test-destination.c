/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pst-destination.h"
#include "pst-error.h"

#define OTHER_UID 65534

static char *
make_folder (void)
{
  char *dir = g_dir_make_tmp ("penstock-destination-XXXXXX", NULL);

  g_assert_nonnull (dir);
  return dir;
}

static void
assert_refused (const char *path, int code, const char *format)
{
  g_autofree char *shown = pst_destination_dup_display (path);
  g_autoptr (GString) sentence = g_string_new (format);
  g_autoptr (GError) error = NULL;

  g_string_replace (sentence, "%s", shown, 0);
  g_assert_false (pst_destination_check (path, &error));
  g_assert_error (error, PST_ERROR, code);
  g_assert_cmpstr (error->message, ==, sentence->str);
}

static guint
count_names (const char *dir)
{
  g_autoptr (GDir) names = g_dir_open (dir, 0, NULL);
  guint n_names = 0;

  while (g_dir_read_name (names) != NULL)
    n_names++;
  return n_names;
}

static void
test_writable (void)
{
  g_autofree char *dir = make_folder ();
  g_autoptr (GError) error = NULL;

  g_assert_true (pst_destination_check (dir, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (count_names (dir), ==, 0);
  g_assert_cmpint (g_rmdir (dir), ==, 0);
}

static void
test_missing (void)
{
  g_autofree char *dir = make_folder ();
  g_autofree char *gone = g_build_filename (dir, "gone", NULL);

  assert_refused (gone, PST_ERROR_DESTINATION, "The folder “%s” does not exist.");
  g_setenv ("PST_SANDBOX", "1", TRUE);
  assert_refused (gone, PST_ERROR_DESTINATION, "Penstock has no access to the folder “%s” yet.");
  g_setenv ("PST_SANDBOX", "0", TRUE);
  g_assert_false (g_file_test (gone, G_FILE_TEST_EXISTS));
  g_rmdir (dir);
}

static void
test_no_folder (void)
{
  g_autofree char *dir = make_folder ();
  g_autofree char *file = g_build_filename (dir, "a \xe2\x80\xae file\n", NULL);

  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  assert_refused (file, PST_ERROR_DESTINATION, "“%s” is not a folder.");
  g_unlink (file);
  g_rmdir (dir);
}

static void
test_not_allowed (void)
{
  g_autofree char *dir = make_folder ();
  gboolean root = geteuid () == 0;

  g_assert_cmpint (g_chmod (dir, 0555), ==, 0);
  if (root)
    g_assert_cmpint (seteuid (OTHER_UID), ==, 0);
  assert_refused (dir, PST_ERROR_DESTINATION, "You are not allowed to save files in “%s”.");
  if (root)
    g_assert_cmpint (seteuid (0), ==, 0);
  g_rmdir (dir);
}

/* /proc has no files without a name, and nobody may make one with a name: the way
 * round for old file systems ends in a sentence too. */
static void
test_proc (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (pst_destination_check ("/proc", &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_DESTINATION);
  g_assert_true (g_str_has_prefix (error->message, "The folder “/proc”")
                 || g_str_has_prefix (error->message, "Files cannot be saved in “/proc”")
                 || g_str_has_prefix (error->message, "You are not allowed"));
}

/* The exit status of a process with mounts of its own. */
static int
in_namespace (const char *dir, const char *options, gboolean fill)
{
  unsigned long flags = g_str_equal (options, "ro") ? MS_RDONLY : 0;

  if (unshare (CLONE_NEWNS) != 0 || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0
      || mount ("tmpfs", dir, "tmpfs", flags, fill ? "size=64k,nr_inodes=3" : NULL) != 0)
    return 77;

  if (!fill)
    {
      assert_refused (dir, PST_ERROR_DESTINATION,
                      "Files cannot be saved in “%s”: it is read-only.");
      return 0;
    }

  for (guint i = 0; i < 8; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%u", dir, i);

      g_mkdir (path, 0755);
    }
  assert_refused (dir, PST_ERROR_DISK_FULL, "There is no space left in “%s”.");
  return 0;
}

static void
test_in_namespace (gconstpointer data)
{
  g_autofree char *dir = NULL;
  int status;
  pid_t pid;

  if (geteuid () != 0)
    {
      g_test_skip ("needs root, for a mount of its own");
      return;
    }

  dir = make_folder ();
  pid = fork ();
  if (pid == 0)
    _exit (in_namespace (dir, data, g_str_equal (data, "full")));

  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_rmdir (dir);
  g_assert_true (WIFEXITED (status));
  if (WEXITSTATUS (status) == 77)
    g_test_skip ("no mount namespaces here");
  else
    g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

static void
test_free_bytes (void)
{
  g_autofree char *dir = make_folder ();
  struct statvfs fs;
  guint64 free_bytes = 1;
  guint64 now;

  g_assert_true (pst_destination_get_free_bytes (dir, &free_bytes));
  g_assert_cmpint (statvfs (dir, &fs), ==, 0);
  now = (guint64) fs.f_bavail * fs.f_frsize;
  /* Others write meanwhile. */
  g_assert_cmpuint (free_bytes, >, now / 2);
  g_assert_cmpuint (free_bytes / 2, <, now);

  g_rmdir (dir);
  g_assert_false (pst_destination_get_free_bytes (dir, &free_bytes));
  g_assert_cmpuint (free_bytes, ==, 0);
  /* Knows nothing of blocks. */
  g_assert_false (pst_destination_get_free_bytes ("/proc", &free_bytes));
}

static void
assert_display (const char *path, const char *expected)
{
  g_autofree char *shown = pst_destination_dup_display (path);

  g_assert_cmpstr (shown, ==, expected);
}

static void
test_display (void)
{
  const char *home = g_get_home_dir ();
  g_autofree char *inside = g_build_filename (home, "Music", NULL);
  g_autofree char *beside = g_strconcat (home, "less", NULL);

  assert_display (home, "~");
  assert_display (inside, "~/Music");
  assert_display (beside, beside);
  assert_display ("/srv/a\nb", "/srv/a\\nb");
  assert_display ("/srv/\xe2\x80\xae", "/srv/\\u202e");
  assert_display ("/srv/\xff", "/srv/\\xff");
}

/* Nobody answers here, and it must not take long. */
static void
test_display_document (void)
{
  g_autofree char *document = g_build_filename (g_get_user_runtime_dir (), "doc", "4f2a",
                                                "Pictures", NULL);
  g_autofree char *below = g_build_filename (document, "2026", "May", NULL);
  g_autofree char *unfinished = g_build_filename (g_get_user_runtime_dir (), "doc", "4f2a", NULL);
  gint64 begin_us = g_get_monotonic_time ();

  assert_display (document, "Pictures");
  assert_display (below, "Pictures/2026/May");
  assert_display ("/run/flatpak/doc/77/Mail", "Mail");
  assert_display (unfinished, unfinished);
  g_assert_cmpint (g_get_monotonic_time () - begin_us, <, 2 * G_USEC_PER_SEC);
}

static void
test_sandboxed (void)
{
  g_assert_false (pst_destination_is_sandboxed ());
  g_setenv ("PST_SANDBOX", "1", TRUE);
  g_assert_true (pst_destination_is_sandboxed ());
  g_unsetenv ("PST_SANDBOX");
  g_assert_cmpint (pst_destination_is_sandboxed (), ==, access ("/.flatpak-info", F_OK) == 0);
  g_setenv ("PST_SANDBOX", "0", TRUE);
}

/* main() gave this process a home of its own, without a folder in it. */
static void
test_default (void)
{
  g_autofree char *downloads = g_build_filename (g_get_home_dir (), "Downloads", NULL);
  g_autofree char *fallback = pst_destination_dup_default ();
  g_autofree char *sandboxed = NULL;
  g_autofree char *found = NULL;

  g_assert_cmpstr (fallback, ==, g_get_home_dir ());

  g_setenv ("PST_SANDBOX", "1", TRUE);
  sandboxed = pst_destination_dup_default ();
  g_assert_cmpstr (sandboxed, ==, downloads);
  g_assert_false (g_file_test (downloads, G_FILE_TEST_EXISTS));
  g_setenv ("PST_SANDBOX", "0", TRUE);

  g_assert_cmpint (g_mkdir_with_parents (downloads, 0755), ==, 0);
  found = pst_destination_dup_default ();
  g_assert_cmpstr (found, ==, downloads);
  g_rmdir (downloads);
}

/* As the desktop's own settings name it. Older versions of GLib look for those where
 * the environment says, newer ones in the folder that this test was given. */
static void
test_default_special (void)
{
  const char *dir = g_get_user_config_dir ();
  g_autofree char *config = g_build_filename (dir, "user-dirs.dirs", NULL);
  g_autofree char *path = NULL;

  g_assert_cmpint (g_mkdir_with_parents (dir, 0755), ==, 0);
  g_assert_true (g_file_set_contents (config, "XDG_DOWNLOAD_DIR=\"/srv/Geladen\"\n", -1, NULL));
  g_setenv ("XDG_CONFIG_HOME", dir, TRUE);
  g_reload_user_special_dirs_cache ();
  path = pst_destination_dup_default ();
  g_assert_cmpstr (path, ==, "/srv/Geladen");

  g_unlink (config);
}

int
main (int argc, char **argv)
{
  g_setenv ("PST_SANDBOX", "0", TRUE);
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/destination/writable", test_writable);
  g_test_add_func ("/destination/missing", test_missing);
  g_test_add_func ("/destination/no-folder", test_no_folder);
  g_test_add_func ("/destination/not-allowed", test_not_allowed);
  g_test_add_func ("/destination/proc", test_proc);
  g_test_add_data_func ("/destination/read-only", "ro", test_in_namespace);
  g_test_add_data_func ("/destination/full", "full", test_in_namespace);
  g_test_add_func ("/destination/free-bytes", test_free_bytes);
  g_test_add_func ("/destination/display", test_display);
  g_test_add_func ("/destination/display-document", test_display_document);
  g_test_add_func ("/destination/sandboxed", test_sandboxed);
  g_test_add_func ("/destination/default", test_default);
  g_test_add_func ("/destination/default-special", test_default_special);

  return g_test_run ();
}
