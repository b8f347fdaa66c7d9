/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-error.h"
#include "pst-json.h"
#include "pst-manifest.h"
#include "pst-path.h"

#include <string.h>

#include "traversal.h"

static gboolean
append (PstManifest *self, PstEntryKind kind, const char *path, const char *target, GError **error)
{
  PstEntry entry = { kind, (char *) path, (char *) target };

  return pst_manifest_append (self, &entry, error);
}

static void
add (PstManifest *self, PstEntryKind kind, const char *path, const char *target)
{
  g_autoptr (GError) error = NULL;

  append (self, kind, path, target, &error);
  g_assert_no_error (error);
}

static void
assert_entry_refused (PstManifest *self, const PstEntry *entry, PstError code, const char *message)
{
  g_autoptr (GError) error = NULL;
  guint n_entries = pst_manifest_get_n_entries (self);

  g_assert_false (pst_manifest_append (self, entry, &error));
  g_assert_error (error, PST_ERROR, (int) code);
  if (message != NULL)
    g_assert_cmpstr (error->message, ==, message);
  g_assert_cmpuint (pst_manifest_get_n_entries (self), ==, n_entries);
}

static void
assert_refused (PstManifest *self, PstEntryKind kind, const char *path, const char *target)
{
  PstEntry entry = { kind, (char *) path, (char *) target };

  assert_entry_refused (self, &entry, PST_ERROR_PROTOCOL, NULL);
}

static void
test_entries (void)
{
  g_autoptr (PstManifest) self = pst_manifest_new ();
  g_autoptr (PstManifest) other = pst_manifest_ref (self);
  g_autoptr (GError) error = NULL;
  PstEntry file = { PST_ENTRY_FILE, (char *) "top/file", NULL, 1000, -5, TRUE };
  PstEntry second = { PST_ENTRY_FILE, (char *) "alone", NULL, 24, G_MININT64, FALSE };
  const PstEntry *entry;

  add (self, PST_ENTRY_FOLDER, "top", NULL);
  g_assert_true (pst_manifest_append (self, &file, &error));
  g_assert_true (pst_manifest_append (self, &second, &error));
  add (self, PST_ENTRY_LINK, "top/link", "file");
  g_assert_false (pst_manifest_is_sealed (self));
  g_assert_true (pst_manifest_seal (self, &error));
  g_assert_no_error (error);

  g_assert_true (pst_manifest_is_sealed (self));
  g_assert_cmpuint (pst_manifest_get_n_entries (self), ==, 4);
  g_assert_cmpuint (pst_manifest_get_n_files (self), ==, 2);
  g_assert_cmpuint (pst_manifest_get_total_bytes (self), ==, 1024);

  entry = pst_manifest_get_entry (self, 1);
  g_assert_true (entry->path != file.path);
  g_assert_cmpstr (entry->path, ==, "top/file");
  g_assert_cmpint (entry->kind, ==, PST_ENTRY_FILE);
  g_assert_cmpuint (entry->size_bytes, ==, 1000);
  g_assert_cmpint (entry->mtime_ns, ==, -5);
  g_assert_true (entry->executable);
  g_assert_null (entry->target);
  entry = pst_manifest_get_entry (self, 3);
  g_assert_cmpstr (entry->target, ==, "file");
  g_assert_cmpint (G_TYPE_FUNDAMENTAL (PST_TYPE_MANIFEST), ==, G_TYPE_BOXED);
}

static void
test_paths (void)
{
  g_autoptr (PstManifest) self = pst_manifest_new ();

  add (self, PST_ENTRY_FOLDER, "top", NULL);
  assert_refused (self, PST_ENTRY_FILE, "", NULL);
  assert_refused (self, PST_ENTRY_FILE, "..", NULL);
  assert_refused (self, PST_ENTRY_FILE, "top/../x", NULL);
  assert_refused (self, PST_ENTRY_FILE, "top/./x", NULL);
  assert_refused (self, PST_ENTRY_FILE, "/top", NULL);
  assert_refused (self, PST_ENTRY_FILE, "top/\xff", NULL);
  assert_refused (self, PST_ENTRY_FILE, ".penstock-1", NULL);
}

static void
test_folders_first (void)
{
  g_autoptr (PstManifest) self = pst_manifest_new ();
  PstEntry orphan = { PST_ENTRY_FILE, (char *) "none/x" };

  assert_entry_refused (self, &orphan, PST_ERROR_PROTOCOL,
                        "“none/x” in the offer comes without its folder.");
  add (self, PST_ENTRY_FOLDER, "top", NULL);
  add (self, PST_ENTRY_FILE, "top/file", NULL);
  add (self, PST_ENTRY_LINK, "top/link", ".");
  assert_refused (self, PST_ENTRY_FILE, "top/sub/x", NULL);
  assert_refused (self, PST_ENTRY_FILE, "top/file/x", NULL);
  assert_refused (self, PST_ENTRY_FILE, "top/link/x", NULL);
  assert_refused (self, PST_ENTRY_FILE, "top/link/top/x", NULL);
  assert_refused (self, PST_ENTRY_FILE, "to/x", NULL);
  add (self, PST_ENTRY_FOLDER, "top/sub", NULL);
  add (self, PST_ENTRY_FILE, "top/sub/x", NULL);
}

static void
test_duplicates (void)
{
  g_autoptr (PstManifest) self = pst_manifest_new ();
  PstEntry again = { PST_ENTRY_FOLDER, (char *) "top" };

  add (self, PST_ENTRY_FOLDER, "top", NULL);
  add (self, PST_ENTRY_FOLDER, "other", NULL);
  add (self, PST_ENTRY_FILE, "top/x", NULL);
  add (self, PST_ENTRY_FILE, "other/x", NULL);
  add (self, PST_ENTRY_FILE, "x", NULL);
  assert_entry_refused (self, &again, PST_ERROR_PROTOCOL, "“top” in the offer is there twice.");
  assert_refused (self, PST_ENTRY_FOLDER, "top/x", NULL);
  assert_refused (self, PST_ENTRY_LINK, "top/x", "x");
  assert_refused (self, PST_ENTRY_FILE, "x", NULL);
  /* Different bytes are different names. */
  add (self, PST_ENTRY_FILE, "top/X", NULL);
  add (self, PST_ENTRY_FILE, "top/\xc3\xa9", NULL);
  add (self, PST_ENTRY_FILE, "top/e\xcc\x81", NULL);
}

static void
test_kinds (void)
{
  g_autoptr (PstManifest) self = pst_manifest_new ();
  g_autofree char *longest = g_strnfill (PST_PATH_MAX_BYTES, 'a');
  g_autofree char *too_long = g_strnfill (PST_PATH_MAX_BYTES + 1, 'a');
  const PstEntry bad[] = {
    { (PstEntryKind) 3, (char *) "x" },
    { (PstEntryKind) -1, (char *) "x" },
    { PST_ENTRY_FILE, (char *) "x", (char *) "target" },
    { PST_ENTRY_FOLDER, (char *) "x", (char *) "target" },
    { PST_ENTRY_FOLDER, (char *) "x", NULL, 1 },
    { PST_ENTRY_FOLDER, (char *) "x", NULL, 0, 0, TRUE },
    { PST_ENTRY_LINK, (char *) "x", (char *) "y", 1 },
    { PST_ENTRY_LINK, (char *) "x", (char *) "y", 0, 0, TRUE },
    { PST_ENTRY_LINK, (char *) "x", NULL },
    { PST_ENTRY_LINK, (char *) "x", (char *) "" },
    { PST_ENTRY_LINK, (char *) "x", (char *) "\xff" },
    { PST_ENTRY_LINK, (char *) "x", too_long },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_entry_refused (self, &bad[i], PST_ERROR_PROTOCOL, NULL);
  add (self, PST_ENTRY_LINK, "x", longest);
}

static void
test_sizes (void)
{
  g_autoptr (PstManifest) self = pst_manifest_new ();
  PstEntry entry = { PST_ENTRY_FILE, (char *) "x", NULL, PST_MANIFEST_MAX_FILE_BYTES + 1 };

  assert_entry_refused (self, &entry, PST_ERROR_PROTOCOL, NULL);
  entry.size_bytes = G_MAXUINT64;
  assert_entry_refused (self, &entry, PST_ERROR_PROTOCOL, NULL);

  /* Seven of the largest fit below 2⁶³, the eighth is one byte too much. */
  entry.size_bytes = PST_MANIFEST_MAX_FILE_BYTES;
  for (char name[] = "a"; name[0] < 'h'; name[0]++)
    {
      entry.path = name;
      g_assert_true (pst_manifest_append (self, &entry, NULL));
    }
  entry.path = (char *) "last";
  assert_entry_refused (self, &entry, PST_ERROR_LIMIT, NULL);
  entry.size_bytes--;
  g_assert_true (pst_manifest_append (self, &entry, NULL));
  g_assert_cmpuint (pst_manifest_get_total_bytes (self), ==, PST_MANIFEST_MAX_TOTAL_BYTES);
}

static void
test_entries_cap (void)
{
  g_autoptr (PstManifest) self = pst_manifest_new ();
  PstEntry entry = { PST_ENTRY_FILE, (char *) "last" };

  for (guint i = 0; i < PST_MANIFEST_MAX_ENTRIES; i++)
    {
      char name[16];

      g_snprintf (name, sizeof name, "%u", i);
      add (self, PST_ENTRY_FOLDER, name, NULL);
    }
  assert_entry_refused (self, &entry, PST_ERROR_LIMIT, NULL);
  g_assert_true (pst_manifest_seal (self, NULL));
}

static void
test_names_cap (void)
{
  g_autoptr (PstManifest) self = pst_manifest_new ();
  g_autofree char *target = g_strnfill (PST_PATH_MAX_BYTES, 'a');
  PstEntry entry = { PST_ENTRY_LINK, NULL, target };
  gsize used = 0;

  for (guint i = 0; used + PST_PATH_MAX_BYTES + 8 <= PST_MANIFEST_MAX_NAME_BYTES; i++)
    {
      char name[16];

      g_snprintf (name, sizeof name, "%08u", i);
      add (self, PST_ENTRY_LINK, name, target);
      used += 8 + PST_PATH_MAX_BYTES;
    }

  /* The rest but one byte, then one too many, then the last. */
  target[PST_MANIFEST_MAX_NAME_BYTES - used - 2] = '\0';
  add (self, PST_ENTRY_LINK, "x", target);
  entry.path = (char *) "yz";
  entry.kind = PST_ENTRY_FILE;
  entry.target = NULL;
  assert_entry_refused (self, &entry, PST_ERROR_LIMIT, NULL);
  add (self, PST_ENTRY_FILE, "y", NULL);
  entry.path = (char *) "z";
  assert_entry_refused (self, &entry, PST_ERROR_LIMIT, NULL);
}

static void
test_empty (void)
{
  g_autoptr (PstManifest) self = pst_manifest_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (pst_manifest_seal (self, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_PROTOCOL);
  g_assert_false (pst_manifest_is_sealed (self));
}

static void
test_no_change_after_seal (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr (PstManifest) self = pst_manifest_new ();

      add (self, PST_ENTRY_FILE, "x", NULL);
      g_assert_true (pst_manifest_seal (self, NULL));
      append (self, PST_ENTRY_FILE, "y", NULL, NULL);
      return;
    }

  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*sealed*");
}

static PstManifest *
make_tree (void)
{
  PstManifest *self = pst_manifest_new ();

  add (self, PST_ENTRY_FOLDER, "top", NULL);
  add (self, PST_ENTRY_FOLDER, "top/sub", NULL);
  add (self, PST_ENTRY_FOLDER, "top/sub/deep", NULL);
  add (self, PST_ENTRY_FILE, "top/file", NULL);
  add (self, PST_ENTRY_FILE, "top/sub/file", NULL);
  add (self, PST_ENTRY_FOLDER, "other", NULL);
  add (self, PST_ENTRY_FILE, "other/file", NULL);
  add (self, PST_ENTRY_FILE, "alone", NULL);

  return self;
}

static const struct
{
  const char *path;
  const char *target;
  gboolean inside;
} links[] = {
  { "top/link", "file", TRUE },
  { "top/link", "./file", TRUE },
  { "top/link", "sub", TRUE },
  { "top/link", ".", TRUE },
  { "top/link", "sub/file", TRUE },
  { "top/link", "sub/../file", TRUE },
  { "top/link", "sub/deep/../../file", TRUE },
  { "top/sub/link", "..", TRUE },
  { "top/sub/link", "../file", TRUE },
  { "top/sub/deep/link", "../../sub/./deep", TRUE },
  /* Nothing there. */
  { "top/link", "missing", FALSE },
  { "top/link", "missing/../file", FALSE },
  { "top/link", "sub/missing", FALSE },
  { "top/link", ".x", FALSE },
  { "missing/link", "file", FALSE },
  { "top/missing/link", "../file", FALSE },
  { "top/file/link", "../file", FALSE },
  /* Through something that is no folder. */
  { "top/link", "file/..", FALSE },
  { "top/link", "file/.", FALSE },
  { "top/link", "file/../file", FALSE },
  { "top/link", "file/x", FALSE },
  /* Out of the item. */
  { "top/link", "..", FALSE },
  { "top/link", "../top/file", FALSE },
  { "top/link", "../other/file", FALSE },
  { "top/link", "../alone", FALSE },
  { "top/link", "../../etc/passwd", FALSE },
  { "top/link", "sub/../../alone", FALSE },
  { "top/link", "/etc/passwd", FALSE },
  { "link", "alone", FALSE },
  { "link", "top/file", FALSE },
  { "link", "link", FALSE },
  /* Not proper. */
  { "top/link", "sub/", FALSE },
  { "top/link", "sub//file", FALSE },
};

static void
test_links (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (links); i++)
    {
      g_autoptr (PstManifest) self = make_tree ();
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (pst_manifest_link_is_inside (self, links[i].path, links[i].target), ==,
                       links[i].inside);

      if (!append (self, PST_ENTRY_LINK, links[i].path, links[i].target, NULL))
        continue;
      g_assert_cmpint (pst_manifest_seal (self, &error), ==, links[i].inside);
      if (!links[i].inside)
        g_assert_error (error, PST_ERROR, PST_ERROR_PROTOCOL);
    }
}

/* A part that is longer than any name is nowhere. */
static void
test_long_part (void)
{
  g_autoptr (PstManifest) self = make_tree ();
  g_autofree char *part = g_strnfill (PST_PATH_MAX_PART_BYTES + 1, 'a');
  g_autofree char *path = g_strdup_printf ("top/%s/link", part);

  g_assert_false (pst_manifest_link_is_inside (self, path, "../file"));
}

/* A target may end at a link, never pass through one: each alone stays inside,
 * but `up` makes `up/..` another place than the letters say. */
static void
test_chains_of_links (void)
{
  static const char *const through[] = { "up/..", "up/file", "up/../alone", "up/." };
  g_autoptr (PstManifest) good = make_tree ();
  g_autoptr (GError) error = NULL;

  add (good, PST_ENTRY_LINK, "top/first", "second");
  add (good, PST_ENTRY_LINK, "top/second", "sub/third");
  add (good, PST_ENTRY_LINK, "top/sub/third", "../first");
  add (good, PST_ENTRY_LINK, "top/self", "self");
  g_assert_true (pst_manifest_seal (good, &error));
  g_assert_no_error (error);

  for (guint i = 0; i < G_N_ELEMENTS (through); i++)
    {
      g_autoptr (PstManifest) bad = make_tree ();

      add (bad, PST_ENTRY_LINK, "top/sub/up", "..");
      add (bad, PST_ENTRY_LINK, "top/sub/evil", through[i]);
      g_assert_false (pst_manifest_seal (bad, NULL));
      g_assert_false (pst_manifest_is_sealed (bad));
    }
}

/* The sender may append what a link names after the link. */
static void
test_link_before_its_aim (void)
{
  g_autoptr (PstManifest) self = pst_manifest_new ();

  add (self, PST_ENTRY_FOLDER, "top", NULL);
  add (self, PST_ENTRY_LINK, "top/link", "late");
  g_assert_false (pst_manifest_link_is_inside (self, "top/link", "late"));
  g_assert_false (pst_manifest_seal (self, NULL));
  add (self, PST_ENTRY_FILE, "top/late", NULL);
  g_assert_true (pst_manifest_seal (self, NULL));
}

static JsonObject *
parse_part (const char *part, GError **error)
{
  g_autofree char *text = g_strconcat ("{\"e\":", part, "}", NULL);

  return pst_json_parse (text, strlen (text), G_MAXSIZE, error);
}

static gboolean
read_part (PstManifest *self, const char *part, GError **error)
{
  g_autoptr (JsonObject) object = parse_part (part, error);

  return object != NULL
         && pst_manifest_read_part (self, json_object_get_array_member (object, "e"), error);
}

static void
test_read (void)
{
  g_autoptr (PstManifest) self = pst_manifest_new ();
  g_autoptr (GError) error = NULL;
  const PstEntry *entry;

  g_assert_true (read_part (self, "[]", &error));
  g_assert_true (read_part (self,
                            "[{\"p\":\"top\",\"k\":\"d\",\"m\":-1,\"new\":[]},"
                            "{\"p\":\"top/x\",\"k\":\"f\",\"m\":1700000000123456789,"
                            "\"s\":5,\"x\":true}]",
                            &error));
  g_assert_true (read_part (self,
                            "[{\"p\":\"top/y\",\"k\":\"l\",\"m\":0,\"l\":\"x\"},"
                            "{\"p\":\"top/z\",\"k\":\"f\",\"m\":0,\"s\":0,\"x\":false}]",
                            &error));
  g_assert_no_error (error);
  g_assert_true (pst_manifest_seal (self, NULL));

  entry = pst_manifest_get_entry (self, 1);
  g_assert_cmpint (entry->mtime_ns, ==, G_GINT64_CONSTANT (1700000000123456789));
  g_assert_cmpuint (entry->size_bytes, ==, 5);
  g_assert_true (entry->executable);
  g_assert_false (pst_manifest_get_entry (self, 3)->executable);

  g_assert_false (read_part (self, "[{\"p\":\"a\",\"k\":\"d\",\"m\":0}]", &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_PROTOCOL);
}

static void
test_read_refusals (void)
{
  static const char *const parts[] = {
    "[7]",
    "[null]",
    "[[]]",
    "[\"top\"]",
    "[{}]",
    "[{\"k\":\"d\",\"m\":0}]",
    "[{\"p\":\"a\",\"m\":0}]",
    "[{\"p\":\"a\",\"k\":\"d\"}]",
    "[{\"p\":7,\"k\":\"d\",\"m\":0}]",
    "[{\"p\":null,\"k\":\"d\",\"m\":0}]",
    "[{\"p\":[\"a\"],\"k\":\"d\",\"m\":0}]",
    "[{\"p\":\"a\",\"k\":0,\"m\":0}]",
    "[{\"p\":\"a\",\"k\":\"\",\"m\":0}]",
    "[{\"p\":\"a\",\"k\":\"q\",\"m\":0}]",
    "[{\"p\":\"a\",\"k\":\"dd\",\"m\":0}]",
    "[{\"p\":\"a\",\"k\":\"d\",\"m\":\"0\"}]",
    "[{\"p\":\"a\",\"k\":\"d\",\"m\":1.5}]",
    "[{\"p\":\"a\",\"k\":\"d\",\"m\":0,\"s\":0}]",
    "[{\"p\":\"a\",\"k\":\"d\",\"m\":0,\"x\":false}]",
    "[{\"p\":\"a\",\"k\":\"d\",\"m\":0,\"l\":\"b\"}]",
    "[{\"p\":\"a\",\"k\":\"f\",\"m\":0}]",
    "[{\"p\":\"a\",\"k\":\"f\",\"m\":0,\"s\":-1}]",
    "[{\"p\":\"a\",\"k\":\"f\",\"m\":0,\"s\":1e3}]",
    "[{\"p\":\"a\",\"k\":\"f\",\"m\":0,\"s\":\"1\"}]",
    "[{\"p\":\"a\",\"k\":\"f\",\"m\":0,\"s\":true}]",
    "[{\"p\":\"a\",\"k\":\"f\",\"m\":0,\"s\":1152921504606846977}]",
    "[{\"p\":\"a\",\"k\":\"f\",\"m\":0,\"s\":9223372036854775808}]",
    "[{\"p\":\"a\",\"k\":\"f\",\"m\":0,\"s\":18446744073709551616}]",
    "[{\"p\":\"a\",\"k\":\"f\",\"m\":0,\"s\":1,\"x\":1}]",
    "[{\"p\":\"a\",\"k\":\"f\",\"m\":0,\"s\":1,\"l\":\"b\"}]",
    "[{\"p\":\"a\",\"k\":\"l\",\"m\":0}]",
    "[{\"p\":\"a\",\"k\":\"l\",\"m\":0,\"l\":7}]",
    "[{\"p\":\"a\",\"k\":\"l\",\"m\":0,\"l\":\"\"}]",
    "[{\"p\":\"a\",\"k\":\"l\",\"m\":0,\"l\":\"b\",\"s\":0}]",
    "[{\"p\":\"a\",\"k\":\"d\",\"m\":0},{\"p\":\"a\",\"k\":\"d\",\"m\":0}]",
  };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autoptr (PstManifest) self = pst_manifest_new ();
      g_autoptr (GError) error = NULL;

      g_assert_false (read_part (self, parts[i], &error));
      g_assert_error (error, PST_ERROR, PST_ERROR_PROTOCOL);
    }
}

static void
assert_name_refused (const char *json)
{
  g_autofree char *part = g_strdup_printf ("[{\"p\":\"a\",\"k\":\"d\",\"m\":0},"
                                           "{\"p\":\"%s\",\"k\":\"d\",\"m\":0}]",
                                           json);
  g_autoptr (PstManifest) self = pst_manifest_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (read_part (self, part, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_PROTOCOL);
}

/* As the other side would bring them, and as this side would. */
static void
test_traversal (void)
{
  const char *name;
  gsize n_bytes;

  for (guint i = 0; (name = traversal_get_refused (i, &n_bytes)) != NULL; i++)
    {
      g_autofree char *json = traversal_to_json (name, n_bytes);
      g_autoptr (PstManifest) self = pst_manifest_new ();

      assert_name_refused (json);
      add (self, PST_ENTRY_FOLDER, "a", NULL);
      if (memchr (name, '\0', n_bytes) == NULL)
        assert_refused (self, PST_ENTRY_FILE, name, NULL);
    }
  for (const char *const *json = traversal_refused_json; *json != NULL; json++)
    assert_name_refused (*json);
}

/* As what a link names: nothing of it is there, or it is outside. */
static void
test_traversal_by_link (void)
{
  const char *name;
  gsize n_bytes;

  for (guint i = 0; (name = traversal_get_refused (i, &n_bytes)) != NULL; i++)
    {
      g_autoptr (PstManifest) self = pst_manifest_new ();
      PstEntry link = { PST_ENTRY_LINK, (char *) "top/link", (char *) name };

      /* The one that stays: the folder it is in. */
      if (g_str_equal (name, ".") || memchr (name, '\0', n_bytes) != NULL)
        continue;
      add (self, PST_ENTRY_FOLDER, "top", NULL);
      g_assert_false (pst_manifest_append (self, &link, NULL) && pst_manifest_seal (self, NULL));
    }
}

static void
test_read_strange_but_legal (void)
{
  static const char *const names[] = {
    "..\\\\..\\\\evil", "C:\\\\x", "CON",  "nul.txt", "dots...", "...",
    "two\\nlines",      "\\u202e", ".ssh", " ",       "~",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *part = g_strdup_printf ("[{\"p\":\"%s\",\"k\":\"d\",\"m\":0}]", names[i]);
      g_autoptr (PstManifest) self = pst_manifest_new ();
      g_autoptr (GError) error = NULL;

      g_assert_true (read_part (self, part, &error));
      g_assert_no_error (error);
      g_assert_null (strchr (pst_manifest_get_entry (self, 0)->path, '/'));
    }
}

static void
test_write (void)
{
  g_autoptr (PstManifest) self = pst_manifest_new ();
  PstEntry file = { PST_ENTRY_FILE, (char *) "top/f", NULL, 5, -7, TRUE };
  g_autoptr (JsonArray) part = NULL;
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *text = NULL;
  guint next = 0;

  add (self, PST_ENTRY_FOLDER, "top", NULL);
  g_assert_true (pst_manifest_append (self, &file, NULL));
  add (self, PST_ENTRY_FILE, "top/g", NULL);
  add (self, PST_ENTRY_LINK, "top/l", "f");
  part = pst_manifest_write_part (self, &next, 1000);
  g_assert_cmpuint (next, ==, 4);

  json_object_set_array_member (object, "e", g_steal_pointer (&part));
  text = pst_json_print (object);
  g_assert_cmpstr (text, ==,
                   "{\"e\":[{\"p\":\"top\",\"k\":\"d\",\"m\":0},"
                   "{\"p\":\"top/f\",\"k\":\"f\",\"s\":5,\"m\":-7,\"x\":true},"
                   "{\"p\":\"top/g\",\"k\":\"f\",\"s\":0,\"m\":0},"
                   "{\"p\":\"top/l\",\"k\":\"l\",\"m\":0,\"l\":\"f\"}]}");
}

static char *
print_array (JsonArray *array)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *text = NULL;

  json_object_set_array_member (object, "e", json_array_ref (array));
  text = pst_json_print (object);
  return g_strndup (text + strlen ("{\"e\":"), strlen (text) - strlen ("{\"e\":}"));
}

/* Each part is as long as it may be and no longer, whatever must be escaped,
 * and all parts together give the same list again. */
static void
test_parts (void)
{
  static const gsize limits[] = { 0, 2, 40, 41, 42, 43, 100, 1000, 65000, 1000000 };
  g_autoptr (PstManifest) self = pst_manifest_new ();

  for (gunichar c = 1; c < 0x400; c++)
    {
      char name[8] = { 0 };

      g_unichar_to_utf8 (c, name);
      if (c != '/' && c != '.')
        add (self, PST_ENTRY_FOLDER, name, NULL);
    }
  g_assert_true (pst_manifest_seal (self, NULL));

  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      g_autoptr (PstManifest) again = pst_manifest_new ();
      gsize last_bytes = 0;

      for (guint next = 0, first = 0; next < pst_manifest_get_n_entries (self); first = next)
        {
          g_autoptr (JsonArray) part = pst_manifest_write_part (self, &next, limits[i]);
          g_autofree char *text = print_array (part);
          gsize length = strlen (text);

          g_assert_cmpuint (json_array_get_length (part), ==, next - first);
          if (next - first > 1)
            g_assert_cmpuint (length, <=, limits[i]);
          else
            g_assert_cmpuint (length, >, 0);
          /* Its first entry did not fit into the part before. */
          if (first > 0)
            {
              g_autoptr (JsonArray) alone = json_array_new ();
              g_autofree char *entry = NULL;

              json_array_add_element (alone, json_array_dup_element (part, 0));
              entry = print_array (alone);
              g_assert_cmpuint (last_bytes + strlen (entry) - 1, >, limits[i]);
            }
          last_bytes = length;
          g_assert_true (read_part (again, text, NULL));
        }

      g_assert_cmpuint (pst_manifest_get_n_entries (again), ==, pst_manifest_get_n_entries (self));
      for (guint j = 0; j < pst_manifest_get_n_entries (self); j++)
        g_assert_cmpstr (pst_manifest_get_entry (again, j)->path, ==,
                         pst_manifest_get_entry (self, j)->path);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/manifest/entries", test_entries);
  g_test_add_func ("/manifest/paths", test_paths);
  g_test_add_func ("/manifest/folders-first", test_folders_first);
  g_test_add_func ("/manifest/duplicates", test_duplicates);
  g_test_add_func ("/manifest/kinds", test_kinds);
  g_test_add_func ("/threats/18-lengths/manifest", test_sizes);
  g_test_add_func ("/manifest/entries-cap", test_entries_cap);
  g_test_add_func ("/manifest/names-cap", test_names_cap);
  g_test_add_func ("/manifest/empty", test_empty);
  g_test_add_func ("/manifest/no-change-after-seal", test_no_change_after_seal);
  g_test_add_func ("/manifest/links", test_links);
  g_test_add_func ("/manifest/long-part", test_long_part);
  g_test_add_func ("/manifest/chains-of-links", test_chains_of_links);
  g_test_add_func ("/manifest/link-before-its-aim", test_link_before_its_aim);
  g_test_add_func ("/manifest/read", test_read);
  g_test_add_func ("/threats/18-lengths/read", test_read_refusals);
  g_test_add_func ("/threats/10-traversal/manifest", test_traversal);
  g_test_add_func ("/threats/10-traversal/link", test_traversal_by_link);
  g_test_add_func ("/manifest/read-strange-but-legal", test_read_strange_but_legal);
  g_test_add_func ("/manifest/write", test_write);
  g_test_add_func ("/manifest/parts", test_parts);
  return g_test_run ();
}
