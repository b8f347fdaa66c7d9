/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gio/gdesktopappinfo.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "pst-error.h"
#include "pst-launchable.h"
#include "pst-show.h"

#define DEADLINE_S 30

static const char file_manager_xml[] = "<node><interface name='org.freedesktop.FileManager1'>"
                                       "<method name='ShowItems'><arg type='as' "
                                       "direction='in'/><arg type='s' direction='in'/></method>"
                                       "</interface></node>";

/* A file manager on a bus of its own, and an application for texts, both of which
 * only remember what they were asked. */
static struct
{
  GTestDBus *dbus;
  GDBusConnection *bus;
  guint object_id;
  guint name_id;
  gboolean refuses;
  GStrv shown;
  char *dir;
  char *opened;
} bench;

static gboolean
on_deadline (gpointer user_data)
{
  g_error ("Nothing happened within %d s", DEADLINE_S);
  return G_SOURCE_REMOVE;
}

static void
on_method (GDBusConnection *bus,
           const char *sender,
           const char *path,
           const char *interface,
           const char *method,
           GVariant *parameters,
           GDBusMethodInvocation *invocation,
           gpointer user_data)
{
  if (bench.refuses)
    {
      g_dbus_method_invocation_return_dbus_error (invocation, "org.example.No", "no");
      return;
    }

  g_clear_pointer (&bench.shown, g_strfreev);
  g_variant_get (parameters, "(^ass)", &bench.shown, NULL);
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static const GDBusInterfaceVTable vtable = { .method_call = on_method };

static void
on_name (GDBusConnection *bus, const char *name, gpointer user_data)
{
  *(gboolean *)user_data = TRUE;
}

/* Handlers of kinds: a script that writes down what it was given. */
static void
install_application (const char *name, const char *type)
{
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "applications", NULL);
  g_autofree char *desktop = g_strdup_printf ("%s/%s.desktop", folder, name);
  g_autofree char *script = g_strdup_printf ("%s/%s.sh", bench.dir, name);
  g_autofree char *text = g_strdup_printf ("#!/bin/sh\nprintf '%%s' \"$1\" > '%s.part'\n"
                                           "mv '%s.part' '%s'\n",
                                           bench.opened, bench.opened, bench.opened);
  g_autofree char *entry = g_strdup_printf ("[Desktop Entry]\nType=Application\nName=%s\n"
                                            "Exec=%s %%u\nMimeType=%s;\n",
                                            name, script, type);
  g_autofree char *id = g_strdup_printf ("%s.desktop", name);
  g_autoptr (GDesktopAppInfo) info = NULL;
  g_autoptr (GError) error = NULL;

  g_mkdir_with_parents (folder, 0755);
  g_assert_true (g_file_set_contents (script, text, -1, NULL));
  g_chmod (script, 0755);
  g_assert_true (g_file_set_contents (desktop, entry, -1, NULL));
  info = g_desktop_app_info_new_from_filename (desktop);
  g_assert_nonnull (info);
  g_app_info_set_as_default_for_type (G_APP_INFO (info), type, &error);
  g_assert_no_error (error);
}

static void
own_name (void)
{
  gboolean owned = FALSE;
  guint deadline = g_timeout_add_seconds (DEADLINE_S, on_deadline, NULL);

  bench.name_id = g_bus_own_name_on_connection (bench.bus, "org.freedesktop.FileManager1", 0,
                                                on_name, NULL, &owned, NULL);
  while (!owned)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (deadline);
}

static void
set_up_bench (void)
{
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (file_manager_xml, NULL);

  bench.dbus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bench.dbus);
  bench.bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  g_assert_nonnull (bench.bus);
  bench.object_id = g_dbus_connection_register_object (
      bench.bus, "/org/freedesktop/FileManager1", node->interfaces[0], &vtable, NULL, NULL, NULL);
  own_name ();

  bench.opened = g_build_filename (bench.dir, "opened", NULL);
  install_application ("pst-test-text", "text/plain");
  install_application ("pst-test-folder", "inode/directory");
  install_application ("pst-test-desktop", "application/x-desktop");
  install_application ("pst-test-exe", "application/x-ms-dos-executable");
}

static void
remove_all (const char *dir)
{
  g_autoptr (GDir) names = g_dir_open (dir, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (names)) != NULL)
    {
      g_autofree char *path = g_build_filename (dir, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        remove_all (path);
      else
        g_unlink (path);
    }
  g_rmdir (dir);
}

static void
tear_down_bench (void)
{
  remove_all (bench.dir);
  g_free (bench.dir);
  g_free (bench.opened);
  g_strfreev (bench.shown);
  g_bus_unown_name (bench.name_id);
  g_dbus_connection_unregister_object (bench.bus, bench.object_id);
  g_clear_object (&bench.bus);
  g_test_dbus_down (bench.dbus);
  g_object_unref (bench.dbus);
}

static char *
make (const char *name, const char *contents, int mode)
{
  char *path = g_build_filename (bench.dir, name, NULL);

  g_assert_true (g_file_set_contents (path, contents, -1, NULL));
  g_assert_cmpint (g_chmod (path, mode), ==, 0);
  return path;
}

static void
on_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_set_object ((GAsyncResult **)user_data, result);
}

static gboolean
finish (GAsyncResult **result, GError **error)
{
  guint deadline = g_timeout_add_seconds (DEADLINE_S, on_deadline, NULL);
  gboolean ok;

  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (deadline);
  ok = pst_show_finish (*result, error);
  g_clear_object (result);
  return ok;
}

static gboolean
show_in_folder (const char *const *paths, GError **error)
{
  GAsyncResult *result = NULL;

  g_clear_pointer (&bench.shown, g_strfreev);
  pst_show_in_folder_async (NULL, paths, on_result, &result);
  return finish (&result, error);
}

static gboolean
open_path (const char *path, GError **error)
{
  GAsyncResult *result = NULL;

  g_clear_pointer (&bench.shown, g_strfreev);
  g_unlink (bench.opened);
  pst_show_open_async (NULL, path, on_result, &result);
  return finish (&result, error);
}

static void
assert_shown (const char *path)
{
  g_autofree char *uri = g_filename_to_uri (path, NULL, NULL);

  g_assert_nonnull (bench.shown);
  g_assert_cmpint (g_strv_length (bench.shown), ==, 1);
  g_assert_cmpstr (bench.shown[0], ==, uri);
}

static void
on_change (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, gpointer data)
{
}

/* The handler is a program of its own and takes its time. */
static void
assert_opened (const char *path)
{
  g_autofree char *uri = g_filename_to_uri (path, NULL, NULL);
  g_autofree char *given = NULL;
  g_autoptr (GFile) dir = g_file_new_for_path (bench.dir);
  g_autoptr (GFileMonitor) monitor = g_file_monitor_directory (dir, 0, NULL, NULL);
  guint deadline = g_timeout_add_seconds (DEADLINE_S, on_deadline, NULL);

  g_signal_connect (monitor, "changed", G_CALLBACK (on_change), NULL);
  while (!g_file_get_contents (bench.opened, &given, NULL, NULL))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (deadline);

  if (!g_str_equal (given, path))
    g_assert_cmpstr (given, ==, uri);
}

static void
test_several (void)
{
  g_autofree char *one = make ("one", "1", 0644);
  g_autofree char *two = make ("two \n %20 ü", "2", 0644);
  g_autofree char *gone = g_build_filename (bench.dir, "gone", NULL);
  const char *const paths[] = { gone, one, two, NULL };
  g_autofree char *uri = g_filename_to_uri (two, NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (show_in_folder (paths, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_strv_length (bench.shown), ==, 2);
  g_assert_cmpstr (bench.shown[1], ==, uri);
}

static void
test_gone (void)
{
  g_autofree char *gone = g_build_filename (bench.dir, "go\nne", NULL);
  const char *const paths[] = { gone, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) open_error = NULL;

  g_assert_false (show_in_folder (paths, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, "“go\\nne” is not there any more.");
  g_assert_null (bench.shown);

  g_assert_false (open_path (gone, &open_error));
  g_assert_error (open_error, PST_ERROR, PST_ERROR_FAILED);
  g_assert_cmpstr (open_error->message, ==, "“go\\nne” is not there any more.");
}

/* A file manager that knows no ShowItems, or none at all: the folder is opened. */
static void
test_fallback (void)
{
  g_autofree char *path = make ("here", "1", 0644);
  const char *const paths[] = { path, NULL };
  g_autoptr (GError) error = NULL;

  g_unlink (bench.opened);
  bench.refuses = TRUE;
  g_assert_true (show_in_folder (paths, &error));
  bench.refuses = FALSE;
  g_assert_no_error (error);
  assert_opened (bench.dir);

  g_unlink (bench.opened);
  g_bus_unown_name (bench.name_id);
  g_assert_true (show_in_folder (paths, &error));
  g_assert_no_error (error);
  assert_opened (bench.dir);
  own_name ();
}

static void
test_open (void)
{
  g_autofree char *path = make ("letter.txt", "Dear Ada,\n", 0644);
  g_autoptr (GError) error = NULL;

  g_assert_true (open_path (path, &error));
  g_assert_no_error (error);
  assert_opened (path);
  g_assert_null (bench.shown);
}

static void
test_open_folder (void)
{
  g_autofree char *path = g_build_filename (bench.dir, "folder", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (path, 0755), ==, 0);
  g_assert_true (open_path (path, &error));
  g_assert_no_error (error);
  assert_opened (path);
}

static void
test_open_unknown (void)
{
  g_autofree char *path = make ("data.pst-no-such-kind", "\x01\x02\xff\xfe", 0644);
  g_autoptr (GError) error = NULL;

  g_assert_false (open_path (path, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, "There is no app to open “data.pst-no-such-kind”.");
}

typedef struct
{
  const char *name;
  const char *contents;
  int mode;
} Stranger;

/* There are handlers for some of these kinds: none of them may start. */
static void
test_never_run (gconstpointer data)
{
  const Stranger *stranger = data;
  g_autofree char *path = make (stranger->name, stranger->contents, stranger->mode);
  g_autofree char *ran = g_build_filename (bench.dir, "ran", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (open_path (path, &error));
  g_assert_no_error (error);
  assert_shown (path);
  g_assert_false (g_file_test (bench.opened, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (ran, G_FILE_TEST_EXISTS));
  g_unlink (path);
}

static const Stranger strangers[] = {
  { "script", "#!/bin/sh\ntouch ran\n", 0755 },
  { "script.sh", "#!/bin/sh\ntouch ran\n", 0644 },
  { "photo.jpg", "\xff\xd8\xff", 0755 },
  { "program",
    "\x7f"
    "ELF\x02\x01\x01",
    0644 },
  { "starter.desktop", "[Desktop Entry]\nType=Application\nName=a\nExec=touch ran\n", 0644 },
  { "report.pdf.desktop", "[Desktop Entry]\nType=Application\nName=a\nExec=touch ran\n", 0644 },
  { "setup.exe", "MZ\x90", 0644 },
  { "run.py", "#!/usr/bin/python3\n", 0644 },
  { "run.jar", "PK\x03\x04", 0644 },
};

static void
test_link_to_program (void)
{
  g_autofree char *program = make ("real", "#!/bin/sh\ntouch ran\n", 0755);
  g_autofree char *link = g_build_filename (bench.dir, "harmless.txt", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (symlink ("real", link), ==, 0);
  g_assert_true (open_path (link, &error));
  g_assert_no_error (error);
  assert_shown (link);
}

/* What cannot be told is not opened. */
static void
test_unknown_is_launchable (void)
{
  g_autoptr (GFileInfo) info = g_file_info_new ();

  g_file_info_set_attribute_uint32 (info, G_FILE_ATTRIBUTE_STANDARD_TYPE, G_FILE_TYPE_REGULAR);
  g_assert_true (pst_launchable_check (info));
  g_file_info_set_content_type (info, "image/png");
  g_assert_false (pst_launchable_check (info));
  g_file_info_set_attribute_uint32 (info, G_FILE_ATTRIBUTE_STANDARD_TYPE, G_FILE_TYPE_SPECIAL);
  g_assert_true (pst_launchable_check (info));
}

/* The kinds of files are the system's, the applications for them are ours. */
static void
use_own_home (void)
{
  const char *const names[] = { "HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME" };

  bench.dir = g_dir_make_tmp ("penstock-show-XXXXXX", NULL);
  g_assert_nonnull (bench.dir);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (bench.dir, ".home", names[i], NULL);

      g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
      g_setenv (names[i], path, TRUE);
    }
}

int
main (int argc, char **argv)
{
  int status;

  g_setenv ("PST_SANDBOX", "0", TRUE);
  use_own_home ();
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/show/several", test_several);
  g_test_add_func ("/show/gone", test_gone);
  g_test_add_func ("/show/fallback", test_fallback);
  g_test_add_func ("/show/open", test_open);
  g_test_add_func ("/show/open-folder", test_open_folder);
  g_test_add_func ("/show/open-unknown", test_open_unknown);
  for (guint i = 0; i < G_N_ELEMENTS (strangers); i++)
    {
      g_autofree char *path = g_strconcat ("/threats/15-never-opened/kinds/", strangers[i].name, NULL);

      g_test_add_data_func (path, &strangers[i], test_never_run);
    }
  g_test_add_func ("/threats/15-never-opened/link-to-program", test_link_to_program);
  g_test_add_func ("/show/unknown-is-launchable", test_unknown_is_launchable);

  set_up_bench ();
  status = g_test_run ();
  tear_down_bench ();
  return status;
}
