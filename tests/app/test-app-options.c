/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program's own command line, where no window is needed to answer. */
#include <gio/gio.h>

#include <string.h>

static int
run (GSubprocessLauncher *launcher, const char *option, char **out, char **err)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = g_subprocess_launcher_spawn (
      launcher, &error, g_getenv ("PST_TEST_APP"), option, NULL);

  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, out, err, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));

  return g_subprocess_get_exit_status (process);
}

/* No display, no bus, no settings: as in a bare container. */
static GSubprocessLauncher *
make_launcher (void)
{
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                                             | G_SUBPROCESS_FLAGS_STDERR_PIPE);

  g_subprocess_launcher_unsetenv (launcher, "DISPLAY");
  g_subprocess_launcher_unsetenv (launcher, "WAYLAND_DISPLAY");
  g_subprocess_launcher_unsetenv (launcher, "GSETTINGS_SCHEMA_DIR");
  g_subprocess_launcher_setenv (launcher, "XDG_DATA_DIRS", "/nonexistent", TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_DATA_HOME", "/nonexistent", TRUE);
  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent",
                                TRUE);
  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C.UTF-8", TRUE);

  return launcher;
}

static void
test_version (void)
{
  g_autoptr (GSubprocessLauncher) launcher = make_launcher ();
  g_autofree char *out = NULL;
  g_autofree char *err = NULL;

  g_assert_cmpint (run (launcher, "--version", &out, &err), ==, 0);
  g_assert_cmpstr (out, ==, "penstock " PST_VERSION "\n");
  g_assert_cmpstr (err, ==, "");
}

static void
test_unknown_option (void)
{
  g_autoptr (GSubprocessLauncher) launcher = make_launcher ();
  g_autofree char *out = NULL;
  g_autofree char *err = NULL;

  g_assert_cmpint (run (launcher, "--no-such-option", &out, &err), !=, 0);
  g_assert_nonnull (strstr (err, "--no-such-option"));
}

static void
test_missing_settings (void)
{
  g_autoptr (GSubprocessLauncher) launcher = make_launcher ();
  g_autofree char *out = NULL;
  g_autofree char *err = NULL;

  g_assert_cmpint (run (launcher, NULL, &out, &err), ==, 1);
  g_assert_nonnull (strstr (err, "io.github.penstock.Penstock.gschema.xml"));
  g_assert_cmpint (strchr (err, '\n')[1], ==, '\0');
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app-options/version", test_version);
  g_test_add_func ("/app-options/unknown-option", test_unknown_option);
  g_test_add_func ("/app-options/missing-settings", test_missing_settings);
  return g_test_run ();
}
