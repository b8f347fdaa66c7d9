/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The remembered devices as the drawing thread sees them. */
#include "pst-app-devices.h"

static void
on_items_changed (GListModel *list, guint position, guint removed, guint added, guint *n)
{
  (*n)++;
}

static void
on_added (PstAppDevices *devices, const char *name, char **last)
{
  g_free (*last);
  *last = g_strdup (name);
}

static void
on_failed (PstAppDevices *devices, const GError *error, guint *n)
{
  (*n)++;
}

#define wait_for(condition) \
  while (!(condition))      \
  g_main_context_iteration (NULL, TRUE)

static void
test_life (void)
{
  g_autoptr (PstAppDevices) devices = pst_app_devices_new ();
  GListModel *list = pst_app_devices_get_list (devices);
  guint8 bytes[PST_DEVICE_SECRET_BYTES] = { 5 };
  g_autoptr (GBytes) secret = g_bytes_new (bytes, sizeof bytes);
  g_autoptr (GBytes) kept = NULL;
  g_autofree char *last = NULL;
  guint n_changes = 0;
  guint n_failures = 0;
  PstAppDevice *device;

  g_signal_connect (list, "items-changed", G_CALLBACK (on_items_changed), &n_changes);
  g_signal_connect (devices, "added", G_CALLBACK (on_added), &last);
  g_signal_connect (devices, "failed", G_CALLBACK (on_failed), &n_failures);

  /* Asked for at once, done one after the other. */
  pst_app_devices_reload (devices);
  pst_app_devices_add (devices, "Ann", secret);
  pst_app_devices_add (devices, "Ann", secret);
  wait_for (g_strcmp0 (last, "Ann 2") == 0);
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, 2);
  device = pst_app_devices_find (devices, "Ann");
  kept = pst_app_device_dup_secret (device);
  g_assert_true (g_bytes_equal (kept, secret));
  g_assert_false (pst_app_device_accepts (device));

  /* A row that stands there stays. */
  n_changes = 0;
  pst_app_devices_set_accepts (devices, "Ann", TRUE);
  wait_for (pst_app_device_accepts (device));
  g_assert_cmpuint (n_changes, ==, 0);

  pst_app_devices_rename (devices, "Ann 2", "Laptop");
  wait_for (pst_app_devices_find (devices, "Laptop") != NULL);
  pst_app_devices_rename (devices, "Laptop", "Ann");
  wait_for (n_failures == 1);
  g_assert_nonnull (pst_app_devices_find (devices, "Laptop"));

  pst_app_devices_forget (devices, "Laptop");
  pst_app_devices_forget (devices, "Ann");
  wait_for (g_list_model_get_n_items (list) == 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_setenv ("PST_KEYRING", "none", TRUE);
  g_test_add_func ("/app/devices/life", test_life);
  return g_test_run ();
}
