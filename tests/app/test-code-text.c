/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-code-text.h"

#include <string.h>

static void
assert_judged (const char *text, PstCodeText expected)
{
  g_autofree char *shown = g_strescape (text, NULL);

  g_test_message ("%s", shown);
  g_assert_cmpint (pst_code_text_judge (text), ==, expected);
}

/* The sentence must tell this mistake from the others. */
static void
assert_explained (const char *text, gboolean finished, const char *part)
{
  g_autofree char *sentence = pst_code_text_explain (text, finished);
  g_autofree char *shown = g_strescape (text, NULL);

  g_test_message ("%s: %s", shown, sentence != NULL ? sentence : "-");
  if (part == NULL)
    g_assert_null (sentence);
  else
    {
      g_assert_nonnull (sentence);
      g_assert_nonnull (strstr (sentence, part));
    }
}

static void
test_judge (void)
{
  assert_judged ("", PST_CODE_TEXT_EMPTY);
  assert_judged (" \n", PST_CODE_TEXT_EMPTY);
  assert_judged ("4", PST_CODE_TEXT_UNFINISHED);
  assert_judged ("4-", PST_CODE_TEXT_UNFINISHED);
  assert_judged ("4-adr", PST_CODE_TEXT_UNFINISHED);
  assert_judged ("4-adroitness", PST_CODE_TEXT_READY);
  assert_judged ("4-adroitness-", PST_CODE_TEXT_READY);
  assert_judged ("4-adroitness-adri", PST_CODE_TEXT_UNFINISHED);
  assert_judged (" 4 Adroitness ADRIFT\n", PST_CODE_TEXT_READY);
  assert_judged ("4-adroitness-adrift-adroitness", PST_CODE_TEXT_READY);
  assert_judged ("4-adrift-adroitness", PST_CODE_TEXT_READY);
  assert_judged ("purple", PST_CODE_TEXT_WRONG);
  assert_judged ("4.5", PST_CODE_TEXT_WRONG);
  assert_judged ("1234567890", PST_CODE_TEXT_WRONG);
  assert_judged ("4-adroit\xff", PST_CODE_TEXT_WRONG);
  assert_judged ("4-adroit\u202eness", PST_CODE_TEXT_WRONG);
}

/* Other programs let people choose their words. */
static void
test_own_words (void)
{
  assert_judged ("4-xyzzy", PST_CODE_TEXT_UNUSUAL);
  assert_judged ("4-adroitness-xyzzy", PST_CODE_TEXT_UNUSUAL);
  assert_judged ("4-adroitnes-adrift", PST_CODE_TEXT_UNUSUAL);
  assert_judged ("4-adr-", PST_CODE_TEXT_UNUSUAL);
  assert_judged ("2026-11-25", PST_CODE_TEXT_UNUSUAL);
  assert_judged ("8-\U0001F469\u200d\U0001F4BB", PST_CODE_TEXT_UNUSUAL);
}

static void
test_links (void)
{
  assert_judged ("w", PST_CODE_TEXT_UNFINISHED);
  assert_judged ("wormhole-transfer", PST_CODE_TEXT_UNFINISHED);
  assert_judged ("Wormhole-Transfer:", PST_CODE_TEXT_UNFINISHED);
  assert_judged ("wormhole-transfer:4", PST_CODE_TEXT_UNFINISHED);
  assert_judged ("wormhole-transfer:4-xyzzy", PST_CODE_TEXT_READY);
  assert_judged ("wormhole-transfer:4-a-b?rendezvous=ws%3A%2F%2F10.0.0.1%3A4000",
                 PST_CODE_TEXT_READY);
  assert_judged ("wormhole-transfer:4-a-b?what=", PST_CODE_TEXT_UNFINISHED);
  assert_judged ("https://example.org/4-a-b", PST_CODE_TEXT_WRONG);
  assert_judged ("worm", PST_CODE_TEXT_UNFINISHED);
  assert_judged ("worms", PST_CODE_TEXT_WRONG);
}

static void
test_too_long (void)
{
  g_autofree char *words = g_strnfill (3000, 'w');
  g_autofree char *code = g_strconcat ("4-", words, NULL);
  g_autofree char *link = g_strconcat ("wormhole-transfer:4-", words, NULL);

  assert_explained (code, FALSE, "too long");
  assert_explained (link, FALSE, "too long");
}

/* Every beginning of what can be received with passes without a word. */
static void
test_no_complaint_while_typing (void)
{
  const char *const texts[] = { "4-adroitness-adrift-adroitness", "0412 adroitness adrift",
                                "wormhole-transfer:4-a-b?rendezvous=ws%3A%2F%2F10.0.0.1%3A4000" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    for (gsize n = 0; n <= strlen (texts[i]); n++)
      {
        g_autofree char *begun = g_strndup (texts[i], n);

        assert_explained (begun, FALSE, NULL);
      }
}

static void
test_explain_while_typing (void)
{
  assert_explained ("purple", FALSE, "starts with a number");
  assert_explained ("4-xyz", FALSE, "\u2066xyz\u2069");
  assert_explained ("4-xyz-adrift", FALSE, "\u2066xyz\u2069");
  assert_explained ("4-adroitnes-adrift", FALSE, "\u2066adroitnes\u2069");
  assert_explained ("1234567890", FALSE, "number at the start of the code is too long");
  assert_explained ("https://example.org", FALSE, "not one to receive with");
  assert_explained ("4-a\tb", FALSE, "invisible");
}

static void
test_explain_finished (void)
{
  assert_explained ("", TRUE, NULL);
  assert_explained ("4-adroitness-adrift", TRUE, NULL);
  assert_explained ("4", TRUE, "words after the number are missing");
  assert_explained ("4-", TRUE, "words after the number are missing");
  assert_explained ("4-adroitness-adri", TRUE, "not complete: “\u2066adri\u2069”");
  assert_explained ("worm", TRUE, "starts with a number");
  assert_explained ("wormhole-transfer:4", TRUE, "incomplete or damaged");
  assert_explained ("wormhole-transfer:4-a-b?rendezvous=http%3A%2F%2Fx", TRUE,
                    "incomplete or damaged");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/code-text/judge", test_judge);
  g_test_add_func ("/code-text/own-words", test_own_words);
  g_test_add_func ("/code-text/links", test_links);
  g_test_add_func ("/code-text/too-long", test_too_long);
  g_test_add_func ("/code-text/no-complaint-while-typing", test_no_complaint_while_typing);
  g_test_add_func ("/code-text/explain-while-typing", test_explain_while_typing);
  g_test_add_func ("/code-text/explain-finished", test_explain_finished);
  return g_test_run ();
}
