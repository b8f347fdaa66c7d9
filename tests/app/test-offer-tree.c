/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "pst-offer-tree.h"

static void
append (PstManifest *manifest, PstEntryKind kind, const char *path, guint64 size_bytes)
{
  g_autoptr (GError) error = NULL;
  PstEntry entry = { .kind = kind, .path = (char *)path, .size_bytes = size_bytes };

  pst_manifest_append (manifest, &entry, &error);
  g_assert_no_error (error);
}

static PstOfferTree *
make_tree (PstManifest *manifest)
{
  g_autoptr (GError) error = NULL;

  pst_manifest_seal (manifest, &error);
  g_assert_no_error (error);

  return pst_offer_tree_new (manifest);
}

/* 0 a/, 1 a/b/, 2 a/b/one, 3 a/two, 4 a/empty/, 5 three, 6 a/b/four */
static PstOfferTree *
make_small_tree (void)
{
  g_autoptr (PstManifest) manifest = pst_manifest_new ();

  append (manifest, PST_ENTRY_FOLDER, "a", 0);
  append (manifest, PST_ENTRY_FOLDER, "a/b", 0);
  append (manifest, PST_ENTRY_FILE, "a/b/one", 1);
  append (manifest, PST_ENTRY_FILE, "a/two", 20);
  append (manifest, PST_ENTRY_FOLDER, "a/empty", 0);
  append (manifest, PST_ENTRY_FILE, "three", 300);
  append (manifest, PST_ENTRY_FILE, "a/b/four", 4000);

  return make_tree (manifest);
}

static void
assert_selection (PstOfferTree *tree, const char *expected)
{
  g_autoptr (GBytes) bytes = pst_offer_tree_dup_selection (tree);
  const guint8 *selection;

  g_assert_nonnull (bytes);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, strlen (expected));
  selection = g_bytes_get_data (bytes, NULL);
  for (guint i = 0; expected[i] != '\0'; i++)
    g_assert_cmpuint (selection[i], ==, expected[i] - '0');
}

static void
test_shape (void)
{
  g_autoptr (PstOfferTree) tree = make_small_tree ();
  guint root = pst_offer_tree_get_root (tree);

  g_assert_cmpuint (root, ==, 7);
  g_assert_cmpuint (pst_offer_tree_get_n_children (tree, root), ==, 2);
  g_assert_cmpuint (pst_offer_tree_get_child (tree, root, 0), ==, 0);
  g_assert_cmpuint (pst_offer_tree_get_child (tree, root, 1), ==, 5);
  g_assert_cmpuint (pst_offer_tree_get_n_children (tree, 0), ==, 3);
  g_assert_cmpuint (pst_offer_tree_get_child (tree, 0, 2), ==, 4);
  g_assert_cmpuint (pst_offer_tree_get_n_children (tree, 1), ==, 2);
  g_assert_cmpuint (pst_offer_tree_get_child (tree, 1, 1), ==, 6);
  g_assert_cmpuint (pst_offer_tree_get_n_children (tree, 4), ==, 0);

  g_assert_cmpstr (pst_offer_tree_get_name (tree, 0), ==, "a");
  g_assert_cmpstr (pst_offer_tree_get_name (tree, 6), ==, "four");
  g_assert_cmpuint (pst_offer_tree_get_bytes (tree, 1), ==, 4001);
  g_assert_cmpuint (pst_offer_tree_get_bytes (tree, root), ==, 4321);
  g_assert_cmpuint (pst_offer_tree_get_n_files (tree, 0), ==, 3);
  g_assert_cmpuint (pst_offer_tree_get_n_files (tree, root), ==, 4);
}

static void
count_signal (PstOfferTree *tree, gpointer user_data)
{
  ++*(guint *)user_data;
}

static void
test_choice (void)
{
  g_autoptr (PstOfferTree) tree = make_small_tree ();
  guint root = pst_offer_tree_get_root (tree);
  guint n_changed = 0;

  g_signal_connect (tree, "changed", G_CALLBACK (count_signal), &n_changed);
  g_assert_cmpint (pst_offer_tree_get_check (tree, root), ==, PST_OFFER_CHECK_ALL);
  g_assert_null (pst_offer_tree_dup_selection (tree));

  pst_offer_tree_set_selected (tree, root, FALSE);
  g_assert_cmpint (pst_offer_tree_get_check (tree, root), ==, PST_OFFER_CHECK_NONE);
  assert_selection (tree, "0000000");
  pst_offer_tree_set_selected (tree, 6, TRUE);
  assert_selection (tree, "1100001");
  g_assert_cmpint (pst_offer_tree_get_check (tree, 0), ==, PST_OFFER_CHECK_SOME);
  g_assert_cmpint (pst_offer_tree_get_check (tree, 1), ==, PST_OFFER_CHECK_SOME);
  g_assert_cmpint (pst_offer_tree_get_check (tree, root), ==, PST_OFFER_CHECK_SOME);
  g_assert_cmpuint (pst_offer_tree_get_selected_bytes (tree), ==, 4000);

  pst_offer_tree_set_selected (tree, 2, TRUE);
  g_assert_cmpint (pst_offer_tree_get_check (tree, 1), ==, PST_OFFER_CHECK_ALL);
  pst_offer_tree_set_selected (tree, 0, TRUE);
  assert_selection (tree, "1111101");
  g_assert_cmpuint (pst_offer_tree_get_selected_files (tree), ==, 3);
  g_assert_cmpuint (n_changed, ==, 4);

  pst_offer_tree_set_selected (tree, 3, TRUE);
  g_assert_cmpuint (n_changed, ==, 4);
  pst_offer_tree_set_selected (tree, 5, TRUE);
  g_assert_null (pst_offer_tree_dup_selection (tree));
  pst_offer_tree_set_selected (tree, 0, FALSE);
  assert_selection (tree, "0000010");
  g_assert_cmpuint (pst_offer_tree_get_selected_bytes (tree), ==, 300);
}

/* An empty folder can be wanted by itself. */
static void
test_empty_folder (void)
{
  g_autoptr (PstOfferTree) tree = make_small_tree ();

  pst_offer_tree_set_selected (tree, pst_offer_tree_get_root (tree), FALSE);
  pst_offer_tree_set_selected (tree, 4, TRUE);
  assert_selection (tree, "1000100");
  g_assert_cmpuint (pst_offer_tree_get_selected_files (tree), ==, 0);
}

#define MAX_RANDOM_ENTRIES 60

static PstManifest *
make_random_manifest (guint n_entries)
{
  PstManifest *manifest = pst_manifest_new ();

  for (guint i = 0; i < n_entries; i++)
    {
      g_autofree char *path = g_strdup_printf ("n%u", i);
      guint folder = g_test_rand_int_range (0, i + 1);

      if (folder < i && pst_manifest_get_entry (manifest, folder)->kind == PST_ENTRY_FOLDER)
        {
          g_free (path);
          path = g_strdup_printf ("%s/n%u", pst_manifest_get_entry (manifest, folder)->path, i);
        }
      if (g_test_rand_bit ())
        append (manifest, PST_ENTRY_FOLDER, path, 0);
      else
        append (manifest, PST_ENTRY_FILE, path, g_test_rand_int_range (0, 1000));
    }

  return manifest;
}

/* The naive model: walks by paths alone, and knows only which leaves are chosen. */
static gboolean
naive_contains (PstManifest *manifest, guint outer, guint inner)
{
  const char *folder;
  const char *path;

  if (outer == inner || outer == pst_manifest_get_n_entries (manifest))
    return TRUE;

  folder = pst_manifest_get_entry (manifest, outer)->path;
  path = pst_manifest_get_entry (manifest, inner)->path;
  return g_str_has_prefix (path, folder) && path[strlen (folder)] == '/';
}

static gboolean
naive_is_leaf (PstManifest *manifest, guint entry)
{
  for (guint i = 0; i < pst_manifest_get_n_entries (manifest); i++)
    if (i != entry && naive_contains (manifest, entry, i))
      return FALSE;

  return TRUE;
}

static void
naive_select (PstManifest *manifest, gboolean *chosen, guint entry, gboolean selected)
{
  for (guint i = 0; i < pst_manifest_get_n_entries (manifest); i++)
    if (naive_contains (manifest, entry, i) && naive_is_leaf (manifest, i))
      chosen[i] = selected;
}

static PstOfferCheck
naive_check (PstManifest *manifest, const gboolean *chosen, guint entry)
{
  gboolean any = FALSE;
  gboolean all = TRUE;

  for (guint i = 0; i < pst_manifest_get_n_entries (manifest); i++)
    if (naive_contains (manifest, entry, i) && naive_is_leaf (manifest, i))
      {
        any |= chosen[i];
        all &= chosen[i];
      }

  if (!any)
    return PST_OFFER_CHECK_NONE;
  return all ? PST_OFFER_CHECK_ALL : PST_OFFER_CHECK_SOME;
}

static void
assert_like_naive (PstOfferTree *tree, const gboolean *chosen)
{
  PstManifest *manifest = pst_offer_tree_get_manifest (tree);
  guint n_entries = pst_manifest_get_n_entries (manifest);
  g_autoptr (GBytes) bytes = pst_offer_tree_dup_selection (tree);
  const guint8 *selection = bytes != NULL ? g_bytes_get_data (bytes, NULL) : NULL;
  guint64 selected_bytes = 0;
  guint selected_files = 0;

  for (guint i = 0; i <= n_entries; i++)
    {
      PstOfferCheck check = naive_check (manifest, chosen, i);

      g_assert_cmpint (pst_offer_tree_get_check (tree, i), ==, check);
      if (i < n_entries)
        g_assert_cmpint (selection == NULL || selection[i], ==, check != PST_OFFER_CHECK_NONE);
    }

  for (guint i = 0; i < n_entries; i++)
    if (chosen[i])
      {
        selected_bytes += pst_manifest_get_entry (manifest, i)->size_bytes;
        selected_files += pst_manifest_get_entry (manifest, i)->kind == PST_ENTRY_FILE;
      }
  g_assert_cmpuint (pst_offer_tree_get_selected_bytes (tree), ==, selected_bytes);
  g_assert_cmpuint (pst_offer_tree_get_selected_files (tree), ==, selected_files);
}

/* Each entry stands exactly once in the tree, directly inside its folder. */
static void
assert_shape_like_naive (PstOfferTree *tree)
{
  PstManifest *manifest = pst_offer_tree_get_manifest (tree);
  guint root = pst_offer_tree_get_root (tree);
  g_autofree guint *n_seen = g_new0 (guint, root);

  for (guint i = 0; i <= root; i++)
    for (guint j = 0; j < pst_offer_tree_get_n_children (tree, i); j++)
      {
        guint child = pst_offer_tree_get_child (tree, i, j);
        const char *path = pst_manifest_get_entry (manifest, child)->path;
        g_autofree char *folder = g_path_get_dirname (path);

        n_seen[child]++;
        g_assert_cmpstr (folder, ==, i == root ? "." : pst_manifest_get_entry (manifest, i)->path);
        g_assert_true (j == 0 || pst_offer_tree_get_child (tree, i, j - 1) < child);
      }

  for (guint i = 0; i < root; i++)
    g_assert_cmpuint (n_seen[i], ==, 1);
}

static void
test_random (void)
{
  for (guint round = 0; round < 60; round++)
    {
      guint n_entries = g_test_rand_int_range (1, MAX_RANDOM_ENTRIES);
      g_autoptr (PstManifest) manifest = make_random_manifest (n_entries);
      g_autoptr (PstOfferTree) tree = make_tree (manifest);
      g_autofree gboolean *chosen = g_new0 (gboolean, n_entries);

      assert_shape_like_naive (tree);
      naive_select (manifest, chosen, n_entries, TRUE);
      for (guint step = 0; step < 20; step++)
        {
          guint entry = g_test_rand_int_range (0, n_entries + 1);
          gboolean selected = g_test_rand_bit ();

          assert_like_naive (tree, chosen);
          pst_offer_tree_set_selected (tree, entry, selected);
          naive_select (manifest, chosen, entry, selected);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/offer-tree/shape", test_shape);
  g_test_add_func ("/offer-tree/choice", test_choice);
  g_test_add_func ("/offer-tree/empty-folder", test_empty_folder);
  g_test_add_func ("/offer-tree/random", test_random);

  return g_test_run ();
}
