/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-escape.h"

static const struct
{
  const char *name;
  const char *shown;
} cases[] = {
  { "", "" },
  { "plain name.txt", "plain name.txt" },
  { "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d", "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d" },
  { "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb",
    "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb" },
  { "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae", "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae" },
  { "two\nlines", "two\\nlines" },
  { "\033[2Jgone", "\\u001b[2Jgone" },
  { "photo\xe2\x80\xaegpj.exe", "photo\\u202egpj.exe" },
  { "isolate\xe2\x81\xa6", "isolate\\u2066" },
  { "\xef\xbb\xbf"
    "bom",
    "\\ufeff"
    "bom" },
  { "line\xe2\x80\xa8sep", "line\\u2028sep" },
  { "tag\xf3\xa0\x81\x81", "tag\\U000e0041" },
  { "c1\xc2\x9b", "c1\\u009b" },
  { "carriage\rreturn\ttab\x7f", "carriage\\u000dreturn\\u0009tab\\u007f" },
  { "embed\xe2\x80\xaa"
    "pop\xe2\x80\xac",
    "embed\\u202a"
    "pop\\u202c" },
  { "mark\xe2\x80\x8f\xd8\x9c", "mark\\u200f\\u061c" },
  { "forged\\n", "forged\\\\n" },
  { "bad\xff\xc3", "bad\\xff\\xc3" },
  { "<b>&amp;</b>", "<b>&amp;</b>" },
};

static void
test_table (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *shown = pst_escape_name (cases[i].name, -1);

      g_assert_cmpstr (shown, ==, cases[i].shown);
      g_assert_true (g_utf8_validate (shown, -1, NULL));
    }
}

static void
test_nul (void)
{
  g_autofree char *shown = pst_escape_name ("a\0b", 3);

  g_assert_cmpstr (shown, ==, "a\\x00b");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/threats/03-shown-escaped/table", test_table);
  g_test_add_func ("/escape/nul", test_nul);
  return g_test_run ();
}
