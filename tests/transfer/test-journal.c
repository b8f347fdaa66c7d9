/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-journal.h"

#include <json-glib/json-glib.h>
#include <sodium.h>
#include <string.h>

#include "pst-error.h"

#define ID   G_GUINT64_CONSTANT (0x0123456789abcdef)
#define PART ".penstock-0123456789abcdef-0.part"
#define HEAD                                                                                       \
  "{\"t\":\"receipt\",\"v\":1,\"id\":\"0123456789abcdef\",\"to\":\"file:///tmp\",\"inode\":\"1\"," \
  "\"began\":1,\"title\":\"x\",\"roots\":\"" DIGEST "\",\"files\":1,\"bytes\":9}"
#define DIGEST       "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define FILE_MEMBERS "\"p\":\"a/b\",\"s\":9,\"m\":-5,\"part\":\"" PART "\",\"inode\":\"7\""

static const PstJournalHead head = {
  .id = ID,
  .destination = (char *) "/tmp/\xff odd\n",
  .inode = G_MAXUINT64,
  .began_s = 1700000000,
  .title = (char *) "things",
  .roots = { 1, 2, 3 },
  .n_files = 3,
  .total_bytes = 2000,
};

static const PstJournalFile file = {
  .path = (char *) "folder/файл \"1\"",
  .size_bytes = 1000,
  .mtime_ns = -5,
  .executable = TRUE,
  .part_name = (char *) PART,
  .inode = 42,
  .digest = { 9, 8, 7 },
};

/* Takes @line. */
static void
append (GString *text, char *line)
{
  g_string_append (text, line);
  g_free (line);
}

/* Ends of the lines of make_text(). */
static GString *
make_text (void)
{
  GString *text = g_string_new (NULL);

  append (text, pst_journal_write_head (&head));
  append (text, pst_journal_write_folder ("folder", "folder (2)"));
  append (text, pst_journal_write_folder ("folder/inner", NULL));
  append (text, pst_journal_write_part (&file));
  append (text, pst_journal_write_safe (PART, 600));
  append (text, pst_journal_write_whole (&file));
  append (text, pst_journal_write_named (PART, 3));
  return text;
}

static PstJournal *
read_text (const char *text, gsize n_bytes, gsize *n_valid_bytes)
{
  g_autoptr (GError) error = NULL;
  PstJournal *journal = pst_journal_read (text, n_bytes, n_valid_bytes, &error);

  if (journal == NULL)
    g_assert_error (error, PST_ERROR, PST_ERROR_DESTINATION);
  else
    g_assert_no_error (error);
  return journal;
}

static void
test_whole (void)
{
  g_autoptr (GString) text = make_text ();
  gsize n_valid_bytes = 0;
  g_autoptr (PstJournal) journal = read_text (text->str, text->len, &n_valid_bytes);
  const PstJournalHead *read = pst_journal_get_head (journal);
  const PstJournalFile *found = pst_journal_find_file (journal, file.path);

  g_assert_cmpuint (n_valid_bytes, ==, text->len);
  g_assert_cmpuint (read->id, ==, ID);
  g_assert_cmpstr (read->destination, ==, head.destination);
  g_assert_cmpuint (read->inode, ==, head.inode);
  g_assert_cmpint (read->began_s, ==, head.began_s);
  g_assert_cmpstr (read->title, ==, "things");
  g_assert_cmpmem (read->roots, sizeof read->roots, head.roots, sizeof head.roots);
  g_assert_cmpuint (read->n_files, ==, 3);
  g_assert_cmpuint (read->total_bytes, ==, 2000);

  g_assert_nonnull (found);
  g_assert_true (found->whole && found->executable);
  g_assert_cmpint (found->number, ==, 3);
  g_assert_cmpuint (found->inode, ==, 42);
  g_assert_cmpint (found->mtime_ns, ==, -5);
  g_assert_cmpmem (found->digest, sizeof found->digest, file.digest, sizeof file.digest);
  g_assert_cmpuint (pst_journal_get_there_bytes (journal), ==, 1000);
  g_assert_cmpuint (pst_journal_get_n_whole (journal), ==, 1);
  g_assert_cmpstr (pst_journal_find_root (journal, "folder"), ==, "folder (2)");
  g_assert_cmpuint (pst_journal_get_folders (journal)->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (pst_journal_get_folders (journal), 1), ==,
                   "folder (2)/inner");
  g_assert_null (pst_journal_find_file (journal, "folder"));
}

static guint
count_lines (const char *text, gsize n_bytes)
{
  guint n = 0;

  for (gsize i = 0; i < n_bytes; i++)
    n += text[i] == '\n';
  return n;
}

/* Cut off anywhere, also with zeros or another's bytes behind: what was whole counts,
 * and nothing else. */
static void
test_torn (void)
{
  g_autoptr (GString) text = make_text ();
  gsize first = strcspn (text->str, "\n") + 1;

  for (gsize cut = 0; cut <= text->len; cut++)
    for (guint how = 0; how < 3; how++)
      {
        g_autofree char *torn = g_strndup (text->str, text->len);
        gsize n_valid_bytes = 0, length = how == 0 ? cut : text->len;
        g_autoptr (PstJournal) journal = NULL;

        memset (torn + cut, how == 1 ? 0 : '\n', text->len - cut);
        journal = read_text (torn, length, &n_valid_bytes);
        if (cut < first - 1)
          {
            g_assert_null (journal);
            continue;
          }
        /* A line that lost only its end, and got one, is whole. */
        if (how == 2 && text->str[cut] == '\n')
          g_assert_cmpuint (n_valid_bytes, ==, cut + 1);
        else if (cut >= first)
          g_assert_cmpuint (n_valid_bytes, <=, cut);
        if (journal != NULL)
          g_assert_cmpuint (count_lines (torn, n_valid_bytes), >=, 1);
      }
}

/* Each bit of a journal may be another: what follows it does not count. */
static void
test_flipped (void)
{
  g_autoptr (GString) text = make_text ();

  for (gsize i = 0; i < text->len; i++)
    {
      gsize n_valid_bytes = 0;
      g_autoptr (PstJournal) journal = NULL;

      text->str[i] ^= 1 << (i % 8);
      journal = read_text (text->str, text->len, &n_valid_bytes);
      g_assert_true (journal == NULL || n_valid_bytes <= i);
      text->str[i] ^= 1 << (i % 8);
    }
}

static char *
with_checksum (const char *json)
{
  guint8 digest[16];
  char hex[33];

  crypto_generichash (digest, sizeof digest, (const guint8 *) json, strlen (json), NULL, 0);
  sodium_bin2hex (hex, sizeof hex, digest, sizeof digest);
  return g_strdup_printf ("%s %s\n", hex, json);
}

/* Good checksums, but what they are of no receipt would have written. */
static const char *const bad[] = {
  HEAD,
  "[]",
  "{}",
  "{\"t\":5}",
  "{\"t\":\"folder\"}",
  "{\"t\":\"folder\",\"p\":\"../x\",\"as\":\"x\"}",
  "{\"t\":\"folder\",\"p\":\"x\",\"as\":\"..\"}",
  "{\"t\":\"folder\",\"p\":\"x\",\"as\":\"y/z\"}",
  "{\"t\":\"folder\",\"p\":\"x\"}",
  "{\"t\":\"folder\",\"p\":\"x/y\",\"as\":\"z\"}",
  "{\"t\":\"folder\",\"p\":\"x/y\"}",
  "{\"t\":\"part\"}",
  "{\"t\":\"part\",\"p\":\"/etc/passwd\",\"s\":9,\"m\":0,\"part\":\"" PART "\",\"inode\":\"7\"}",
  "{\"t\":\"part\",\"p\":\"a\",\"s\":-1,\"m\":0,\"part\":\"" PART "\",\"inode\":\"7\"}",
  "{\"t\":\"part\",\"p\":\"a\",\"s\":9,\"m\":0,\"part\":\"a\",\"inode\":\"7\"}",
  "{\"t\":\"part\",\"p\":\"a\",\"s\":9,\"m\":0,"
  "\"part\":\".penstock-0123456789abcdee-0.part\",\"inode\":\"7\"}",
  "{\"t\":\"part\",\"p\":\"a\",\"s\":9,\"m\":0,"
  "\"part\":\".penstock-0123456789abcdef-0.part/../x\",\"inode\":\"7\"}",
  "{\"t\":\"part\",\"p\":\"a\",\"s\":9,\"m\":0,\"part\":\"" PART "\",\"inode\":7}",
  "{\"t\":\"part\",\"p\":\"a\",\"s\":9,\"m\":0,\"part\":\"" PART "\",\"inode\":\"-7\"}",
  "{\"t\":\"whole\"," FILE_MEMBERS "}",
  "{\"t\":\"whole\"," FILE_MEMBERS ",\"digest\":\"00\"}",
  "{\"t\":\"safe\",\"part\":\"" PART "\",\"n\":1}",
  "{\"t\":\"named\",\"part\":\"" PART "\",\"n\":1}",
};

static void
test_bad (void)
{
  g_autofree char *first = with_checksum (HEAD);

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *line = with_checksum (bad[i]);
      g_autofree char *text = g_strconcat (first, line, NULL);
      gsize n_valid_bytes;
      g_autoptr (PstJournal) journal = read_text (text, strlen (text), &n_valid_bytes);

      if (journal != NULL)
        g_error ("took %s", bad[i]);
    }
}

/* One of each kind, in the order in which they may stand. */
static const char *const records[] = {
  HEAD,
  "{\"t\":\"folder\",\"p\":\"a\",\"as\":\"a (1)\"}",
  "{\"t\":\"part\"," FILE_MEMBERS ",\"x\":true}",
  "{\"t\":\"safe\",\"part\":\"" PART "\",\"n\":5}",
  "{\"t\":\"whole\"," FILE_MEMBERS ",\"digest\":\"" DIGEST "\"}",
  "{\"t\":\"named\",\"part\":\"" PART "\",\"n\":2}",
};

/* Whether a journal is taken that has the records before @n, and @json. */
static gboolean
is_taken (guint n, const char *json)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (PstJournal) journal = NULL;
  gsize n_valid_bytes;

  for (guint i = 0; i < n; i++)
    append (text, with_checksum (records[i]));
  append (text, with_checksum (json));
  journal = read_text (text->str, text->len, &n_valid_bytes);
  return journal != NULL;
}

static char *
without_member (const char *json, const char *member)
{
  g_autoptr (JsonNode) root = json_from_string (json, NULL);

  json_object_remove_member (json_node_get_object (root), member);
  return json_to_string (root, FALSE);
}

static char *
with_other_kind (const char *json, const char *member)
{
  g_autoptr (JsonNode) root = json_from_string (json, NULL);

  json_object_set_array_member (json_node_get_object (root), member, json_array_new ());
  return json_to_string (root, FALSE);
}

/* Each member of each record lacks, or is of another kind. */
static void
test_each_member (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (records); i++)
    {
      g_autoptr (JsonNode) root = json_from_string (records[i], NULL);
      g_autoptr (GList) members = json_object_get_members (json_node_get_object (root));

      g_assert_true (is_taken (i, records[i]));
      for (GList *l = members; l != NULL; l = l->next)
        {
          g_autofree char *lacking = without_member (records[i], l->data);
          g_autofree char *other = with_other_kind (records[i], l->data);

          g_assert_false (is_taken (i, other));
          g_assert_cmpint (is_taken (i, lacking), ==, g_str_equal (l->data, "x"));
        }
    }
}

static void
test_plain_file (void)
{
  PstJournalFile plain = file;
  g_autofree char *line = NULL;

  plain.executable = FALSE;
  line = pst_journal_write_part (&plain);
  g_assert_null (strstr (line, "\"x\""));
}

/* What is larger, longer, earlier or later than can be. */
static void
test_beyond (void)
{
  static const struct
  {
    guint n;
    const char *json;
  } beyond[] = {
    { 0, "{\"t\":\"receipt\",\"v\":0,\"id\":\"0123456789abcdef\",\"to\":\"file:///tmp\","
         "\"inode\":\"1\",\"began\":1,\"title\":\"x\",\"roots\":\"" DIGEST "\",\"files\":1,"
         "\"bytes\":9}" },
    { 0, "{\"t\":\"receipt\",\"v\":1,\"id\":\"0123456789abcde\",\"to\":\"file:///tmp\","
         "\"inode\":\"1\",\"began\":1,\"title\":\"x\",\"roots\":\"" DIGEST "\",\"files\":1,"
         "\"bytes\":9}" },
    { 0, "{\"t\":\"receipt\",\"v\":1,\"id\":\"0123456789abcdef\",\"to\":\"file:///tmp\","
         "\"inode\":\"18446744073709551616\",\"began\":1,\"title\":\"x\",\"roots\":\"" DIGEST
         "\",\"files\":1,\"bytes\":9}" },
    { 0, "{\"t\":\"receipt\",\"v\":1,\"id\":\"0123456789abcdef\",\"to\":\"file:///tmp\","
         "\"inode\":\"1\",\"began\":1,\"title\":\"x\",\"roots\":\"" DIGEST
         "\",\"files\":200001,\"bytes\":9}" },
    { 2, "{\"t\":\"part\",\"p\":\"a/b\",\"s\":1152921504606846977,\"m\":-5,\"part\":\"" PART
         "\",\"inode\":\"7\"}" },
    { 3, "{\"t\":\"safe\",\"part\":\"" PART "\",\"n\":10}" },
    { 3, "{\"t\":\"safe\",\"part\":\".penstock-0123456789abcdef-1.part\",\"n\":1}" },
    { 3, "{\"t\":\"named\",\"part\":\"" PART "\",\"n\":2}" },
    { 5, "{\"t\":\"named\",\"part\":\"" PART "\",\"n\":10000}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (beyond); i++)
    if (is_taken (beyond[i].n, beyond[i].json))
      g_error ("took %s", beyond[i].json);
}

static const char *const bad_heads[] = {
  "{\"t\":\"part\"," FILE_MEMBERS "}",
  "{\"t\":\"receipt\"}",
  "{\"t\":\"receipt\",\"v\":2,\"id\":\"0123456789abcdef\",\"to\":\"file:///tmp\",\"inode\":\"1\","
  "\"began\":1,\"title\":\"x\",\"roots\":\"" DIGEST "\",\"files\":1,\"bytes\":9}",
  "{\"t\":\"receipt\",\"v\":1,\"id\":\"0123456789ABCDEF\",\"to\":\"file:///tmp\",\"inode\":\"1\","
  "\"began\":1,\"title\":\"x\",\"roots\":\"" DIGEST "\",\"files\":1,\"bytes\":9}",
  "{\"t\":\"receipt\",\"v\":1,\"id\":\"0123456789abcdef\",\"to\":\"http://x/tmp\",\"inode\":\"1\","
  "\"began\":1,\"title\":\"x\",\"roots\":\"" DIGEST "\",\"files\":1,\"bytes\":9}",
  "{\"t\":\"receipt\",\"v\":1,\"id\":\"0123456789abcdef\",\"to\":\"tmp\",\"inode\":\"1\","
  "\"began\":1,\"title\":\"x\",\"roots\":\"" DIGEST "\",\"files\":1,\"bytes\":9}",
};

static void
test_bad_heads (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_heads); i++)
    {
      g_autofree char *text = with_checksum (bad_heads[i]);
      gsize n_valid_bytes;
      g_autoptr (PstJournal) journal = read_text (text, strlen (text), &n_valid_bytes);

      if (journal != NULL)
        g_error ("took %s", bad_heads[i]);
    }
}

/* Good lines in an order in which nothing was done. */
static void
test_order (void)
{
  g_autofree char *first = with_checksum (HEAD);
  g_autofree char *part = with_checksum ("{\"t\":\"part\"," FILE_MEMBERS "}");
  g_autofree char *named = with_checksum ("{\"t\":\"named\",\"part\":\"" PART "\",\"n\":0}");
  g_autofree char *beyond = with_checksum ("{\"t\":\"safe\",\"part\":\"" PART "\",\"n\":10}");
  g_autofree char *newer = with_checksum ("{\"t\":\"moon\",\"phase\":3}");
  g_autofree char *good = g_strconcat (first, newer, part, NULL);
  g_autofree char *too_early = g_strconcat (good, named, NULL);
  g_autofree char *too_much = g_strconcat (good, beyond, NULL);
  gsize n_valid_bytes;
  g_autoptr (PstJournal) journal = read_text (good, strlen (good), &n_valid_bytes);

  g_assert_nonnull (journal);
  g_assert_null (read_text (too_early, strlen (too_early), &n_valid_bytes));
  g_assert_null (read_text (too_much, strlen (too_much), &n_valid_bytes));
}

/* The last word about a file is the one that counts. */
static void
test_again (void)
{
  g_autoptr (GString) text = make_text ();
  PstJournalFile again = file;
  gsize n_valid_bytes;
  g_autoptr (PstJournal) journal = NULL;

  again.part_name = (char *) ".penstock-0123456789abcdef-1.part";
  again.size_bytes = 700;
  append (text, pst_journal_write_part (&again));
  append (text, pst_journal_write_safe (again.part_name, 500));
  journal = read_text (text->str, text->len, &n_valid_bytes);
  g_assert_cmpstr (pst_journal_find_file (journal, file.path)->part_name, ==, again.part_name);
  g_assert_cmpuint (pst_journal_get_there_bytes (journal), ==, 500);
  g_assert_cmpuint (pst_journal_get_n_whole (journal), ==, 0);
}

static PstManifest *
make_manifest (const char *const *paths)
{
  PstManifest *manifest = pst_manifest_new ();

  for (guint i = 0; paths[i] != NULL; i++)
    {
      gboolean is_folder = g_str_has_suffix (paths[i], "dir");
      PstEntry entry = { is_folder ? PST_ENTRY_FOLDER : PST_ENTRY_FILE,
                         (char *) paths[i],
                         NULL,
                         is_folder ? 0 : i,
                         i,
                         FALSE };

      g_assert_true (pst_manifest_append (manifest, &entry, NULL));
    }
  g_assert_true (pst_manifest_seal (manifest, NULL));
  return manifest;
}

/* The same things are the same whatever is in them, and in any order. */
static void
test_roots (void)
{
  static const char *const lists[][5] = {
    { "a", "dir", "dir/1", NULL }, { "dir", "dir/2", "a", NULL },
    { "a", "dir", "b", NULL },     { "a", NULL },
    { "dir", "a", NULL },
  };
  static const gboolean same[] = { TRUE, TRUE, FALSE, FALSE, TRUE };
  guint8 first[PST_DIGEST_BYTES], other[PST_DIGEST_BYTES];

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autoptr (PstManifest) manifest = make_manifest (lists[i]);

      pst_journal_hash_roots (manifest, i == 0 ? first : other);
      if (i > 0)
        g_assert_cmpint (memcmp (first, other, sizeof first) == 0, ==, same[i]);
    }
}

static void
test_names (void)
{
  static const char *const foreign[] = {
    "",
    ".penstock-",
    ".penstock-0123456789abcdef-.part",
    ".penstock-0123456789abcdef-0.part.",
    ".penstock-0123456789abcdef-0",
    ".penstock-0123456789abcdef-0x.part",
    ".penstock-0123456789abcdef-00000000000.part",
    ".penstock-0123456789abcdee-0.part",
    ".penstock-0123456789ABCDEF-0.part",
    "x" PART,
  };
  guint64 id;

  g_assert_true (pst_journal_owns_part (ID, PART));
  g_assert_true (pst_journal_owns_part (ID, ".penstock-0123456789abcdef-4294967295.part"));
  for (guint i = 0; i < G_N_ELEMENTS (foreign); i++)
    g_assert_false (pst_journal_owns_part (ID, foreign[i]));

  g_assert_true (pst_journal_id_from_text ("0123456789abcdef", &id));
  g_assert_cmpuint (id, ==, ID);
  g_assert_false (pst_journal_id_from_text ("0123456789abcde", &id));
  g_assert_false (pst_journal_id_from_text ("0123456789abcdeg", &id));
  g_assert_false (pst_journal_id_from_text ("0123456789abcdef0", &id));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/journal/whole", test_whole);
  g_test_add_func ("/journal/torn", test_torn);
  g_test_add_func ("/journal/flipped", test_flipped);
  g_test_add_func ("/journal/bad", test_bad);
  g_test_add_func ("/journal/each-member", test_each_member);
  g_test_add_func ("/journal/plain-file", test_plain_file);
  g_test_add_func ("/journal/beyond", test_beyond);
  g_test_add_func ("/journal/bad-heads", test_bad_heads);
  g_test_add_func ("/journal/order", test_order);
  g_test_add_func ("/journal/again", test_again);
  g_test_add_func ("/journal/roots", test_roots);
  g_test_add_func ("/journal/names", test_names);
  return g_test_run ();
}
