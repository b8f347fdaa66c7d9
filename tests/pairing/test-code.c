/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-code.h"
#include "pst-error.h"
#include "pst-wordlist.h"

#include <string.h>

static void
assert_parses (const char *text, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *code = pst_code_parse (text, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (code, ==, expected);
}

/* The message must tell this mistake from the others. */
static void
assert_refused (const char *text, const char *part_of_message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (pst_code_parse (text, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_BAD_CODE);
  g_assert_nonnull (strstr (error->message, part_of_message));
}

static void
test_parse (void)
{
  assert_parses ("4-purple-sausages", "4-purple-sausages");
  assert_parses (" \t4-purple-sausages \r\n", "4-purple-sausages");
  assert_parses ("4 Purple  SAUSAGES", "4-purple-sausages");
  assert_parses ("--4- -purple--sausages-", "4-purple-sausages");
  assert_parses ("4\u2013purple\u00a0sausages\u3000", "4-purple-sausages");
  assert_parses ("0412-one", "0412-one");
  assert_parses ("123456789-one-two-three-four-five", "123456789-one-two-three-four-five");
  assert_parses ("7-CAFÉ", "7-cafÉ");
  assert_parses ("8-\U0001F469\u200d\U0001F4BB-\U0001F649",
                 "8-\U0001F469\u200d\U0001F4BB-\U0001F649");
  assert_parses ("9-\u0645\u06cc\u200c\u062e", "9-\u0645\u06cc\u200c\u062e");
}

static void
test_parse_limit (void)
{
  g_autofree char *words = g_strnfill (PST_CODE_MAX_BYTES - 2, 'w');
  g_autofree char *fits = g_strconcat ("4-", words, NULL);
  g_autofree char *padded = g_strconcat ("   ", fits, "\n", NULL);
  g_autofree char *too_long = g_strconcat (fits, "w", NULL);

  assert_parses (fits, fits);
  assert_parses (padded, fits);
  assert_refused (too_long, "too long to be a code");
}

static void
test_refusals (void)
{
  assert_refused ("", "empty");
  assert_refused ("  \n", "empty");
  assert_refused (" - ", "empty");
  assert_refused ("4-purple\xff", "not text");
  assert_refused ("4-purple\xe2\x80", "not text");
  assert_refused ("4-purple\tsausages", "invisible");
  assert_refused ("4-purple\033[31m", "invisible");
  assert_refused ("4-purple\xc2\x85!", "invisible");
  assert_refused ("4-purple\u2028x", "invisible");
  assert_refused ("4-purple\u2029x", "invisible");
  assert_refused ("4-purple\u202ex", "invisible");
  assert_refused ("\ufeff4-purple", "invisible");
  assert_refused ("purple-sausages", "starts with a number");
  assert_refused ("4purple-sausages", "starts with a number");
  assert_refused ("4.5-purple", "starts with a number");
  assert_refused ("+4-purple", "starts with a number");
  assert_refused ("٤-purple", "starts with a number");
  assert_refused ("1234567890-purple", "number at the start of the code is too long");
  assert_refused ("4", "words after the number are missing");
  assert_refused ("4-", "words after the number are missing");
}

static void
test_nameplates (void)
{
  g_autofree char *nameplate = pst_code_dup_nameplate ("412-purple-sausages");

  g_assert_cmpstr (nameplate, ==, "412");
  g_assert_true (pst_code_is_local ("0412-purple"));
  g_assert_false (pst_code_is_local ("412-purple"));
  g_assert_true (pst_code_is_nameplate ("0"));
  g_assert_true (pst_code_is_nameplate ("123456789"));
  g_assert_false (pst_code_is_nameplate (""));
  g_assert_false (pst_code_is_nameplate ("1234567890"));
  g_assert_false (pst_code_is_nameplate ("4-"));
  g_assert_false (pst_code_is_nameplate (" 4"));
}

static void
test_local_nameplates (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < 1000; i++)
    {
      char *nameplate = pst_code_make_local_nameplate ();

      g_assert_cmpuint (strlen (nameplate), ==, 4);
      g_assert_true (pst_code_is_nameplate (nameplate));
      g_assert_true (pst_code_is_local (nameplate));
      g_hash_table_add (seen, nameplate);
    }

  /* Of 1000 draws from 1000, 632 differ on average; fewer than 500 never. */
  g_assert_cmpuint (g_hash_table_size (seen), >, 500);
}

static gboolean
is_word (guint position, const char *text)
{
  const char *const *words = pst_wordlist_get (position);

  for (guint i = 0; i < PST_WORDLIST_SIZE; i++)
    if (g_str_equal (words[i], text))
      return TRUE;

  return FALSE;
}

static void
test_make (void)
{
  for (guint n = 1; n <= PST_CODE_MAX_WORDS; n++)
    {
      g_autofree char *code = pst_code_make ("123456789", n);
      g_auto (GStrv) parts = g_strsplit (code, "-", -1);

      assert_parses (code, code);
      g_assert_cmpuint (g_strv_length (parts), ==, 1 + n);
      g_assert_cmpstr (parts[0], ==, "123456789");
      for (guint i = 0; i < n; i++)
        g_assert_true (is_word (i, parts[1 + i]));
    }
}

static void
test_make_differs (void)
{
  g_autofree char *one = pst_code_make ("4", PST_CODE_MAX_WORDS);
  g_autofree char *other = pst_code_make ("4", PST_CODE_MAX_WORDS);

  g_assert_cmpstr (one, !=, other);
}

static void
assert_completions (const char *text, const char *expected)
{
  g_auto (GStrv) found = pst_code_complete (text);
  g_autofree char *joined = g_strjoinv (" ", found);

  g_assert_cmpstr (joined, ==, expected);
}

static void
test_complete (void)
{
  /* One list, then the other; sorted, though the list is not. */
  assert_completions ("4-ap", "4-apollo 4-applicant");
  assert_completions ("4-adroitness-ad", "4-adroitness-adrift 4-adroitness-adult");
  assert_completions ("4-adroitness-adrift-adr", "4-adroitness-adrift-adroitness");
  assert_completions ("4-adroitness", "4-adroitness");
  assert_completions (" 4 ADROITNESS Adr", "4-adroitness-adrift");
  assert_completions ("4-own-words-adv", "4-own-words-adviser");
}

static void
test_complete_next_word (void)
{
  g_auto (GStrv) found = pst_code_complete ("4-adroitness-");

  g_assert_cmpuint (g_strv_length (found), ==, PST_WORDLIST_SIZE);
  g_assert_cmpstr (found[0], ==, "4-adroitness-aardvark");
  for (guint i = 1; i < PST_WORDLIST_SIZE; i++)
    g_assert_cmpint (strcmp (found[i - 1], found[i]), <, 0);
}

static void
test_complete_nothing (void)
{
  g_autofree char *words = g_strnfill (PST_CODE_MAX_BYTES - strlen ("4--zulu"), 'w');
  g_autofree char *full = g_strconcat ("4-", words, "-zulu", NULL);
  g_autofree char *fits = g_strconcat ("4-", words, "-zul", NULL);
  g_autofree char *too_long = g_strconcat ("4-w", words, "-zul", NULL);

  assert_completions ("", "");
  assert_completions ("4", "");
  assert_completions ("adr", "");
  assert_completions ("x-adr", "");
  assert_completions ("1234567890-adr", "");
  assert_completions ("4-xyzzy", "");
  assert_completions ("4-adr\xff", "");
  assert_completions ("4-adr\n", "");

  assert_completions (fits, full);
  assert_completions (too_long, "");
}

static void
test_count_words (void)
{
  static const struct
  {
    guint n_words, n_failed, n;
  } counts[] = {
    { 3, 0, 3 },   { 3, 1, 3 },   { 3, 2, 4 },          { 3, 3, 4 },   { 3, 4, 5 }, { 3, 25, 15 },
    { 3, 26, 16 }, { 3, 27, 16 }, { 3, G_MAXUINT, 16 }, { 16, 2, 16 }, { 1, 2, 2 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    g_assert_cmpuint (pst_code_count_words (counts[i].n_words, counts[i].n_failed), ==,
                      counts[i].n);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/code/parse", test_parse);
  g_test_add_func ("/code/parse-limit", test_parse_limit);
  g_test_add_func ("/code/refusals", test_refusals);
  g_test_add_func ("/code/nameplates", test_nameplates);
  g_test_add_func ("/code/local-nameplates", test_local_nameplates);
  g_test_add_func ("/code/make", test_make);
  g_test_add_func ("/code/make-differs", test_make_differs);
  g_test_add_func ("/code/complete", test_complete);
  g_test_add_func ("/code/complete-next-word", test_complete_next_word);
  g_test_add_func ("/code/complete-nothing", test_complete_nothing);
  g_test_add_func ("/code/count-words", test_count_words);
  return g_test_run ();
}
