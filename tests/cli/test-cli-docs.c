/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What --help tells of must be in the manual page and in every completion. */
#include "pst-cli-options.h"

static const char *const commands[] = { "send", "receive", "serve", "devices", "leftovers" };

static char *
read_data (const char *name)
{
  g_autofree char *path = g_build_filename (g_getenv ("PST_TEST_SRCDIR"), "..", "data", name, NULL);
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

/* The long options of all commands, without their dashes. */
static GHashTable *
list_options (void)
{
  g_autoptr (GRegex) regex = g_regex_new ("^  .*--([a-z-]+)", G_REGEX_MULTILINE, 0, NULL);
  GHashTable *options = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      const char *const argv[] = { "penstock-cli", commands[i], "--help", NULL };
      g_autoptr (PstCliOptions) help = pst_cli_options_parse (argv, NULL);
      g_autoptr (GMatchInfo) match = NULL;

      for (g_regex_match (regex, help->text, 0, &match); g_match_info_matches (match);
           g_match_info_next (match, NULL))
        g_hash_table_add (options, g_match_info_fetch (match, 1));
    }

  return options;
}

/* @prefix: how the file writes the dashes before an option;
 * @dash: how it writes those within. */
static void
check_file (const char *name, const char *prefix, const char *dash)
{
  g_autofree char *text = read_data (name);
  g_autoptr (GHashTable) options = list_options ();
  GHashTableIter iter;
  gpointer option;

  g_assert_cmpuint (g_hash_table_size (options), ==, 24);
  for (g_hash_table_iter_init (&iter, options); g_hash_table_iter_next (&iter, &option, NULL);)
    {
      g_auto (GStrv) words = g_strsplit (option, "-", -1);
      g_autofree char *name_there = g_strjoinv (dash, words);
      g_autofree char *whole = g_strconcat (prefix, name_there, NULL);
      g_autofree char *literal = g_regex_escape_string (whole, -1);
      g_autofree char *pattern = g_strconcat (literal, "\\b", NULL);

      if (!g_regex_match_simple (pattern, text, 0, 0))
        g_error ("%s does not tell of --%s.", name, (const char *) option);
    }
}

static void
test_manual (void)
{
  check_file ("penstock-cli.1", "\\-\\-", "\\-");
}

static void
test_completions (void)
{
  check_file ("completions/penstock-cli.bash", "--", "-");
  check_file ("completions/_penstock-cli", "--", "-");
  check_file ("completions/penstock-cli.fish", "-l ", "-");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/docs/manual", test_manual);
  g_test_add_func ("/cli/docs/completions", test_completions);
  return g_test_run ();
}
