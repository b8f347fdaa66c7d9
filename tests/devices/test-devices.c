/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The devices of one user, in the file or, under with-keyring.sh, in a real keyring. */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pst-devices.h"
#include "pst-error.h"
#include "pst-vault.h"

static char *
get_file (void)
{
  return g_build_filename (g_get_user_data_dir (), "penstock", "remembered", "devices.json", NULL);
}

static void
forget_all (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) devices = pst_devices_load (NULL, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < devices->len; i++)
    {
      pst_devices_forget (((PstDevice *) g_ptr_array_index (devices, i))->name, NULL, &error);
      g_assert_no_error (error);
    }
}

static void
assert_added (const char *wish, guint8 first, const char *expected)
{
  guint8 bytes[PST_DEVICE_SECRET_BYTES] = { first };
  g_autoptr (GBytes) secret = g_bytes_new (bytes, sizeof bytes);
  g_autoptr (GError) error = NULL;
  g_autofree char *name = pst_devices_add (wish, secret, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (name, ==, expected);
}

static void
test_life (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PstDevice) anna = NULL;
  g_autoptr (PstDevice) renamed = NULL;
  g_autoptr (GPtrArray) left = NULL;

  assert_added ("anna", 1, "anna");
  assert_added ("anna", 2, "anna 2");
  assert_added (NULL, 3, "device");

  anna = pst_devices_find ("anna 2", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (anna->secret[0], ==, 2);
  g_assert_false (anna->accepts);

  g_assert_true (pst_devices_rename ("anna 2", "laptop", NULL, &error));
  g_assert_true (pst_devices_set_accepts ("laptop", TRUE, NULL, &error));
  renamed = pst_devices_find ("laptop", NULL, &error);
  g_assert_cmpint (renamed->secret[0], ==, 2);
  g_assert_true (renamed->accepts);

  g_assert_true (pst_devices_forget ("anna", NULL, &error));
  left = pst_devices_load (NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (left->len, ==, 2);
  forget_all ();
}

static void
test_refusals (void)
{
  g_autoptr (GError) error = NULL;

  assert_added ("anna", 1, "anna");
  assert_added ("bert", 2, "bert");
  g_assert_false (pst_devices_rename ("carl", "dora", NULL, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_USAGE);
  g_clear_error (&error);
  g_assert_false (pst_devices_rename ("anna", "bert", NULL, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_USAGE);
  g_clear_error (&error);
  g_assert_false (pst_devices_rename ("anna", "a\nb", NULL, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_USAGE);
  g_clear_error (&error);
  g_assert_null (pst_devices_find ("carl", NULL, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_USAGE);
  forget_all ();
}

static void
test_full (void)
{
  guint8 bytes[PST_DEVICE_SECRET_BYTES] = { 0 };
  g_autoptr (GBytes) secret = g_bytes_new (bytes, sizeof bytes);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < PST_DEVICES_MAX; i++)
    {
      g_autofree char *name = pst_devices_add ("d", secret, NULL, &error);

      g_assert_no_error (error);
    }
  g_assert_null (pst_devices_add ("d", secret, NULL, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_LIMIT);
  forget_all ();
}

/* Where the secrets are, and where they are not. */
static void
test_place (void)
{
  g_autofree char *path = get_file ();
  g_autofree char *folder = g_path_get_dirname (path);
  gboolean in_keyring = g_strcmp0 (g_getenv ("PST_KEYRING"), "none") != 0;
  struct stat info;

  assert_added ("anna", 1, "anna");
  g_assert_cmpint (pst_vault_keyring_is_there (NULL), ==, in_keyring);
  g_assert_cmpint (g_file_test (path, G_FILE_TEST_EXISTS), ==, !in_keyring);
  if (!in_keyring)
    {
      g_assert_cmpint (stat (path, &info), ==, 0);
      g_assert_cmpint (info.st_mode & 07777, ==, 0600);
      g_assert_cmpint (stat (folder, &info), ==, 0);
      g_assert_cmpint (info.st_mode & 07777, ==, 0700);
    }
  forget_all ();
}

static void
assert_refused (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (pst_devices_load (NULL, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "cannot be read"));
}

/* A file that somebody else can read, or may have put there, is not believed. */
static void
test_wrong_modes (void)
{
  g_autofree char *path = get_file ();
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *elsewhere = g_build_filename (folder, "elsewhere", NULL);
  g_autoptr (GError) error = NULL;

  g_setenv ("PST_KEYRING", "none", TRUE);
  assert_added ("anna", 1, "anna");
  g_assert_cmpint (g_chmod (path, 0640), ==, 0);
  assert_refused ();
  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
  g_assert_cmpint (g_chmod (folder, 0755), ==, 0);
  assert_refused ();
  g_assert_cmpint (g_chmod (folder, 0700), ==, 0);

  g_assert_cmpint (g_rename (path, elsewhere), ==, 0);
  g_assert_cmpint (symlink (elsewhere, path), ==, 0);
  assert_refused ();
  g_assert_cmpint (g_unlink (path), ==, 0);
  if (geteuid () == 0)
    {
      g_assert_cmpint (chown (elsewhere, 1, 1), ==, 0);
      g_assert_cmpint (g_rename (elsewhere, path), ==, 0);
      assert_refused ();
      g_assert_cmpint (g_rename (path, elsewhere), ==, 0);
    }

  /* What cannot be read is not written over. */
  g_assert_true (g_file_set_contents (path, "not a list", -1, NULL));
  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
  g_assert_false (pst_devices_forget ("anna", NULL, &error));
  g_assert_nonnull (error);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_unlink (elsewhere), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/devices/life", test_life);
  g_test_add_func ("/devices/refusals", test_refusals);
  g_test_add_func ("/devices/full", test_full);
  g_test_add_func ("/devices/place", test_place);
  if (g_strcmp0 (g_getenv ("PST_KEYRING"), "none") == 0)
    g_test_add_func ("/devices/wrong-modes", test_wrong_modes);
  return g_test_run ();
}
