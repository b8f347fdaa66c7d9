/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-answer.h"

#include "collide.h"
#include "traversal.h"

static const PstEntry entries[] = {
  { PST_ENTRY_FILE, "a.txt", NULL, 1 },
  { PST_ENTRY_FOLDER, "d", NULL, 0 },
  { PST_ENTRY_FILE, "d/one", NULL, 1 },
  { PST_ENTRY_FOLDER, "d/sub", NULL, 0 },
  { PST_ENTRY_FILE, "d/sub/two", NULL, 1 },
  { PST_ENTRY_FILE, "dd", NULL, 1 },
};

static const struct
{
  const char *line;
  PstCliAnswer answer;
  const char *selection; /* for SOME */
} texts[] = {
  { "y", PST_CLI_ANSWER_ALL, NULL },
  { " YES ", PST_CLI_ANSWER_ALL, NULL },
  { "n", PST_CLI_ANSWER_DECLINE, NULL },
  { "No", PST_CLI_ANSWER_DECLINE, NULL },
  { "", PST_CLI_ANSWER_DECLINE, NULL },
  { "maybe", PST_CLI_ANSWER_UNCLEAR, NULL },
  { "0", PST_CLI_ANSWER_UNCLEAR, NULL },
  { "7", PST_CLI_ANSWER_UNCLEAR, NULL },
  { "1-7", PST_CLI_ANSWER_UNCLEAR, NULL },
  { "3-1", PST_CLI_ANSWER_UNCLEAR, NULL },
  { "1-", PST_CLI_ANSWER_UNCLEAR, NULL },
  { "-1", PST_CLI_ANSWER_UNCLEAR, NULL },
  { "1y", PST_CLI_ANSWER_UNCLEAR, NULL },
  { ",", PST_CLI_ANSWER_UNCLEAR, NULL },
  { "99999999999999999999", PST_CLI_ANSWER_UNCLEAR, NULL },
  { "1", PST_CLI_ANSWER_SOME, "100000" },
  { "1,6", PST_CLI_ANSWER_SOME, "100001" },
  { "1 6", PST_CLI_ANSWER_SOME, "100001" },
  { "2", PST_CLI_ANSWER_SOME, "011110" },
  { "4", PST_CLI_ANSWER_SOME, "010110" },
  { "5", PST_CLI_ANSWER_SOME, "010110" },
  { "5-6", PST_CLI_ANSWER_SOME, "010111" },
}, jsons[] = {
  { "{\"accept\":true}", PST_CLI_ANSWER_ALL, NULL },
  { "{\"accept\":false}", PST_CLI_ANSWER_DECLINE, NULL },
  { "{\"accept\":[0,5]}", PST_CLI_ANSWER_SOME, "100001" },
  { "{\"accept\":[4]}", PST_CLI_ANSWER_SOME, "010110" },
  { "{\"accept\":[]}", PST_CLI_ANSWER_UNCLEAR, NULL },
  { "{\"accept\":[6]}", PST_CLI_ANSWER_UNCLEAR, NULL },
  { "{\"accept\":[-1]}", PST_CLI_ANSWER_UNCLEAR, NULL },
  { "{\"accept\":[\"0\"]}", PST_CLI_ANSWER_UNCLEAR, NULL },
  { "{\"accept\":[[0]]}", PST_CLI_ANSWER_UNCLEAR, NULL },
  { "{\"accept\":[0.5]}", PST_CLI_ANSWER_UNCLEAR, NULL },
  { "{\"accept\":null}", PST_CLI_ANSWER_UNCLEAR, NULL },
  { "{\"accept\":\"y\"}", PST_CLI_ANSWER_UNCLEAR, NULL },
  { "{\"accept\":{}}", PST_CLI_ANSWER_UNCLEAR, NULL },
  { "{}", PST_CLI_ANSWER_UNCLEAR, NULL },
  { "[]", PST_CLI_ANSWER_UNCLEAR, NULL },
  { "y", PST_CLI_ANSWER_UNCLEAR, NULL },
  { "", PST_CLI_ANSWER_UNCLEAR, NULL },
};

static void
check_selection (const guint8 *selection, const char *expected)
{
  for (guint i = 0; expected[i] != '\0'; i++)
    g_assert_cmpint (selection[i], ==, expected[i] - '0');
}

static GPtrArray *
list_entries (void)
{
  GPtrArray *list = g_ptr_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    g_ptr_array_add (list, (gpointer) &entries[i]);
  return list;
}

static void
test_text (void)
{
  g_autoptr (GPtrArray) list = list_entries ();

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      guint8 selection[G_N_ELEMENTS (entries)] = { 0 };

      g_test_message ("%s", texts[i].line);
      g_assert_cmpint (pst_cli_answer_read_text (texts[i].line, list, selection), ==,
                       texts[i].answer);
      if (texts[i].selection != NULL)
        check_selection (selection, texts[i].selection);
    }
}

static void
test_json (void)
{
  g_autoptr (GPtrArray) list = list_entries ();

  for (guint i = 0; i < G_N_ELEMENTS (jsons); i++)
    {
      guint8 selection[G_N_ELEMENTS (entries)] = { 0 };

      g_test_message ("%s", jsons[i].line);
      g_assert_cmpint (pst_cli_answer_read_json (jsons[i].line, list, selection), ==,
                       jsons[i].answer);
      if (jsons[i].selection != NULL)
        check_selection (selection, jsons[i].selection);
    }
}

/* An answer counts entries; whatever names something means nothing. */
static void
test_traversal (void)
{
  g_autoptr (GPtrArray) list = list_entries ();
  const char *name;
  gsize n_bytes;

  for (guint i = 0; (name = traversal_get_refused (i, &n_bytes)) != NULL; i++)
    {
      guint8 selection[G_N_ELEMENTS (entries)] = { 0 };
      g_autofree char *written = traversal_to_json (name, n_bytes);
      g_autofree char *one = g_strdup_printf ("{\"accept\":[\"%s\"]}", written);
      g_autofree char *whole = g_strdup_printf ("{\"accept\":\"%s\"}", written);

      g_assert_cmpint (pst_cli_answer_read_json (one, list, selection), ==,
                       PST_CLI_ANSWER_UNCLEAR);
      g_assert_cmpint (pst_cli_answer_read_json (whole, list, selection), ==,
                       PST_CLI_ANSWER_UNCLEAR);
      /* Nothing at all is a no. */
      g_assert_cmpint (pst_cli_answer_read_text (name, list, selection), ==,
                       name[0] == '\0' ? PST_CLI_ANSWER_DECLINE : PST_CLI_ANSWER_UNCLEAR);
      check_selection (selection, "000000");
    }
}

static void
test_yes_no (void)
{
  static const struct
  {
    const char *line;
    PstCliAnswer as_text, as_json;
  } lines[] = {
    { "y", PST_CLI_ANSWER_ALL, PST_CLI_ANSWER_UNCLEAR },
    { " YES ", PST_CLI_ANSWER_ALL, PST_CLI_ANSWER_UNCLEAR },
    { "n", PST_CLI_ANSWER_DECLINE, PST_CLI_ANSWER_UNCLEAR },
    { "No", PST_CLI_ANSWER_DECLINE, PST_CLI_ANSWER_UNCLEAR },
    { "", PST_CLI_ANSWER_DECLINE, PST_CLI_ANSWER_UNCLEAR },
    { "1", PST_CLI_ANSWER_UNCLEAR, PST_CLI_ANSWER_UNCLEAR },
    { "{\"accept\":true}", PST_CLI_ANSWER_UNCLEAR, PST_CLI_ANSWER_ALL },
    { "{\"accept\":false}", PST_CLI_ANSWER_UNCLEAR, PST_CLI_ANSWER_DECLINE },
    { "{\"accept\":[0]}", PST_CLI_ANSWER_UNCLEAR, PST_CLI_ANSWER_UNCLEAR },
    { "{\"accept\":1}", PST_CLI_ANSWER_UNCLEAR, PST_CLI_ANSWER_UNCLEAR },
    { "{\"accept\":null}", PST_CLI_ANSWER_UNCLEAR, PST_CLI_ANSWER_UNCLEAR },
    { "{}", PST_CLI_ANSWER_UNCLEAR, PST_CLI_ANSWER_UNCLEAR },
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_test_message ("%s", lines[i].line);
      g_assert_cmpint (pst_cli_answer_read_yes_no (lines[i].line, FALSE), ==, lines[i].as_text);
      g_assert_cmpint (pst_cli_answer_read_yes_no (lines[i].line, TRUE), ==, lines[i].as_json);
    }
}

/* A folder's name is looked up as often as there are entries, and not compared
 * with all others. */
static void
test_colliding_names (void)
{
  const guint n_names = 2048;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  g_autofree PstEntry *colliding = g_new0 (PstEntry, 2 * n_names);
  g_autofree guint8 *selection = g_new0 (guint8, 2 * n_names);
  g_autofree char *line = g_strdup_printf ("%u-%u", n_names + 1, 2 * n_names);
  guint n_compared;

  for (guint i = 0; i < 2 * n_names; i++)
    {
      g_autofree char *folder = collide_make_name (i % n_names);
      gboolean is_folder = i < n_names;

      colliding[i].kind = is_folder ? PST_ENTRY_FOLDER : PST_ENTRY_FILE;
      colliding[i].path = g_strconcat (folder, is_folder ? NULL : "/file", NULL);
      g_ptr_array_add (names, colliding[i].path);
      g_ptr_array_add (list, &colliding[i]);
    }
  collide_count_compared ();
  g_assert_cmpint (pst_cli_answer_read_text (line, list, selection), ==, PST_CLI_ANSWER_SOME);
  n_compared = collide_count_compared ();
  g_assert_cmpuint (n_compared, >=, n_names);
  g_assert_cmpuint (n_compared, <, 10 * n_names);
  for (guint i = 0; i < 2 * n_names; i++)
    g_assert_cmpint (selection[i], ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/answer/text", test_text);
  g_test_add_func ("/cli/answer/json", test_json);
  g_test_add_func ("/threats/10-traversal/answer", test_traversal);
  g_test_add_func ("/cli/answer/yes-no", test_yes_no);
  g_test_add_func ("/cli/answer/colliding-names", test_colliding_names);
  return g_test_run ();
}
