/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Input: a message with a part of a list. What is accepted must be safe, and the
 * same again after it was written and read. */
#include "pst-json.h"
#include "pst-manifest.h"
#include "pst-path.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

static PstManifest *
read_message (const char *text, gsize length)
{
  g_autoptr (JsonObject) object = pst_json_parse (text, length, G_MAXSIZE, NULL);
  g_autoptr (PstManifest) manifest = pst_manifest_new ();
  JsonArray *part;

  if (object == NULL)
    return NULL;
  part = pst_json_get_array (object, "e", G_MAXUINT, NULL);
  if (part == NULL || !pst_manifest_read_part (manifest, part, NULL))
    return NULL;

  return g_steal_pointer (&manifest);
}

static gboolean
has_path (PstManifest *manifest, const char *path)
{
  for (guint i = 0; i < pst_manifest_get_n_entries (manifest); i++)
    if (strcmp (pst_manifest_get_entry (manifest, i)->path, path) == 0)
      return TRUE;

  return FALSE;
}

static void
check_entries (PstManifest *manifest)
{
  guint64 total_bytes = 0;

  for (guint i = 0; i < pst_manifest_get_n_entries (manifest); i++)
    {
      const PstEntry *entry = pst_manifest_get_entry (manifest, i);

      g_assert_true (pst_path_check (entry->path, strlen (entry->path), NULL));
      total_bytes += entry->size_bytes;
      if (entry->kind == PST_ENTRY_LINK)
        {
          g_autofree char *named = pst_path_resolve_link (entry->path, entry->target);

          g_assert_nonnull (named);
          g_assert_true (has_path (manifest, named));
        }
    }
  g_assert_cmpuint (total_bytes, ==, pst_manifest_get_total_bytes (manifest));
}

static void
read_again (PstManifest *manifest, PstManifest *again, gsize max_bytes)
{
  for (guint next = 0; next < pst_manifest_get_n_entries (manifest);)
    {
      g_autoptr (JsonObject) object = json_object_new ();
      g_autoptr (JsonObject) parsed = NULL;
      g_autofree char *text = NULL;
      guint first = next;

      json_object_set_array_member (object, "e",
                                    pst_manifest_write_part (manifest, &next, max_bytes));
      text = pst_json_print (object);
      g_assert_true (next == first + 1 || strlen (text) <= max_bytes + strlen ("{\"e\":}"));
      parsed = pst_json_parse (text, strlen (text), G_MAXSIZE, NULL);
      g_assert_nonnull (parsed);
      g_assert_true (pst_manifest_read_part (again, json_object_get_array_member (parsed, "e"),
                                             NULL));
    }
}

static void
assert_equal (PstManifest *manifest, PstManifest *other)
{
  g_assert_cmpuint (pst_manifest_get_n_entries (manifest), ==, pst_manifest_get_n_entries (other));
  for (guint i = 0; i < pst_manifest_get_n_entries (manifest); i++)
    {
      const PstEntry *a = pst_manifest_get_entry (manifest, i);
      const PstEntry *b = pst_manifest_get_entry (other, i);

      g_assert_cmpint (a->kind, ==, b->kind);
      g_assert_cmpstr (a->path, ==, b->path);
      g_assert_cmpstr (a->target, ==, b->target);
      g_assert_cmpuint (a->size_bytes, ==, b->size_bytes);
      g_assert_cmpint (a->mtime_ns, ==, b->mtime_ns);
      g_assert_cmpint (a->executable, ==, b->executable);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (PstManifest) manifest = read_message ((const char *) data, size);
  g_autoptr (PstManifest) again = pst_manifest_new ();

  if (manifest == NULL || !pst_manifest_seal (manifest, NULL))
    return 0;

  check_entries (manifest);
  read_again (manifest, again, 16 + size % 256);
  assert_equal (manifest, again);
  g_assert_true (pst_manifest_seal (again, NULL));

  return 0;
}
