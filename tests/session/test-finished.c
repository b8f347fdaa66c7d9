/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-finished.h"

/* A list of about so many bytes. */
static PstManifest *
make_manifest (gsize n_bytes)
{
  PstManifest *manifest = pst_manifest_new ();
  g_autofree char *part = g_strnfill (240, 'n');

  for (guint i = 0; pst_manifest_get_memory_bytes (manifest) < n_bytes; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s%u", part, i);
      PstEntry entry = { PST_ENTRY_FILE, name, NULL, 1, 1, FALSE };
      g_autoptr (GError) error = NULL;

      pst_manifest_append (manifest, &entry, &error);
      g_assert_no_error (error);
    }

  return manifest;
}

static void
test_bounds (void)
{
  g_autoptr (PstManifest) small = make_manifest (1000);
  g_autoptr (PstManifest) large = make_manifest (PST_FINISHED_MAX_BYTES / 4);
  PstFinished many = { 0 }, few = { 0 }, newest = { .bytes = PST_FINISHED_MAX_BYTES };

  for (guint i = 0; i < PST_FINISHED_MAX; i++)
    g_assert_true (pst_finished_fits (&many, i % 2 == 0 ? small : NULL));
  g_assert_false (pst_finished_fits (&many, NULL));

  for (guint i = 0; i < 3; i++)
    g_assert_true (pst_finished_fits (&few, large));
  g_assert_false (pst_finished_fits (&few, large));
  g_assert_false (pst_finished_fits (&few, NULL));

  g_assert_true (pst_finished_fits (&newest, large));
  g_assert_false (pst_finished_fits (&newest, small));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/finished/bounds", test_bounds);

  return g_test_run ();
}
