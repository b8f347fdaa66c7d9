/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-error.h"
#include "pst-path.h"

#include <string.h>

#include "traversal.h"

static void
assert_refused (const char *path, gsize length, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (pst_path_check (path, length, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_PROTOCOL);
  if (message != NULL)
    g_assert_cmpstr (error->message, ==, message);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_false (pst_path_check (path, length, NULL));
}

static void
assert_accepted (const char *path)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (pst_path_check (path, strlen (path), &error));
  g_assert_no_error (error);
}

static void
test_traversal (void)
{
  const char *name;
  gsize n_bytes;

  for (guint i = 0; (name = traversal_get_refused (i, &n_bytes)) != NULL; i++)
    assert_refused (name, n_bytes, NULL);
  assert_refused ("", 0, "The name “” in the offer is empty.");
  assert_refused ("a\0b", 3, "The name “a\\x00b” in the offer is not valid UTF-8.");
  for (const char *const *literal = traversal_literal; *literal != NULL; literal++)
    assert_accepted (*literal);
}

static void
test_messages (void)
{
  assert_refused ("a/../b", 6,
                  "The name “a/../b” in the offer does not name something inside the offer.");
  assert_refused ("/a", 2, "The name “/a” in the offer has an empty part.");
  assert_refused (".penstock-x", 11,
                  "The name “.penstock-x” in the offer is reserved for unfinished files.");
  assert_refused ("\033[2J\n/", 6, "The name “\\u001b[2J\\n/” in the offer has an empty part.");
}

/* All legal on Linux, all written as they are, each as one single part. */
static void
test_strange_but_legal (void)
{
  static const char *const names[] = {
    "..\\..\\evil",
    "C:\\Windows",
    "C:",
    "CON",
    "nul.txt",
    "LPT1",
    "a:b",
    "two\nlines",
    "\033[2J",
    "\xe2\x80\xaegpj.exe",
    "dots...",
    "...",
    "....",
    "..a",
    ".a",
    ".ssh",
    " ",
    " a ",
    "a.",
    "-rf",
    "~",
    "%2e%2e",
    "%2e%2e%2f",
    "<b>&amp;",
    "*?\"<>|",
    "\x7f",
    "\xef\xbc\x8f",
    "\xe2\x88\x95",
    "\xef\xbf\xbe",
    "penstock-",
    ".penstock",
    "a\xcc\x81",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *below = g_strconcat ("top/", names[i], "/x", NULL);

      assert_accepted (names[i]);
      assert_accepted (below);
      g_assert_true (pst_path_check_part (names[i], strlen (names[i]), NULL));
    }
  assert_accepted ("top/.penstock-x");
}

static void
test_lengths (void)
{
  g_autofree char *longest_part = g_strnfill (PST_PATH_MAX_PART_BYTES, 'a');
  g_autofree char *long_part = g_strnfill (PST_PATH_MAX_PART_BYTES + 1, 'a');
  g_autofree char *wide_part = g_strnfill (PST_PATH_MAX_PART_BYTES + 1, 'a');
  g_autofree char *longest = g_strnfill (PST_PATH_MAX_BYTES, 'a');
  g_autofree char *too_long = g_strnfill (PST_PATH_MAX_BYTES + 1, 'a');
  g_autofree char *below = g_strconcat ("top/", long_part, NULL);

  assert_accepted (longest_part);
  assert_refused (long_part, strlen (long_part), NULL);
  assert_refused (below, strlen (below), NULL);
  /* 256 bytes, 255 characters. */
  memcpy (wide_part, "\xc3\xa9", 2);
  assert_refused (wide_part, strlen (wide_part), NULL);

  for (gsize i = 0; i < PST_PATH_MAX_BYTES; i++)
    if (i % 200 == 150)
      longest[i] = too_long[i] = '/';
  assert_accepted (longest);
  assert_refused (too_long, strlen (too_long), NULL);
}

static void
test_depth (void)
{
  GString *path = g_string_new ("a");

  for (guint i = 1; i < PST_PATH_MAX_DEPTH; i++)
    g_string_append (path, "/a");
  assert_accepted (path->str);
  g_string_append (path, "/a");
  assert_refused (path->str, path->len, NULL);
  g_string_free (path, TRUE);
}

/* The shown name is cut, and not in the middle of a character. */
static void
test_long_names_in_messages (void)
{
  g_autoptr (GError) error = NULL;
  GString *path = g_string_new ("/");

  for (guint i = 0; i < 1000; i++)
    g_string_append (path, "\xe2\x82\xac");
  g_assert_false (pst_path_check (path->str, path->len, &error));
  g_assert_cmpuint (strlen (error->message), <, 200);
  g_assert_nonnull (strstr (error->message, "€…”"));
  g_assert_null (strstr (error->message, "\\x"));
  g_string_free (path, TRUE);
}

/* Nowhere in it does a character begin. */
static void
test_cut_without_characters (void)
{
  g_autofree char *name = g_strnfill (1000, '\x80');
  g_autoptr (GError) error = NULL;

  g_assert_false (pst_path_check_part (name, 1000, &error));
  g_assert_nonnull (strstr (error->message, "“…”"));
}

static void
test_part (void)
{
  g_autofree char *longest = g_strnfill (PST_PATH_MAX_PART_BYTES, 'a');
  g_autofree char *long_part = g_strnfill (PST_PATH_MAX_PART_BYTES + 1, 'a');
  g_autoptr (GError) error = NULL;

  g_assert_true (pst_path_check_part ("a", 1, &error));
  g_assert_true (pst_path_check_part (longest, strlen (longest), &error));
  g_assert_true (pst_path_check_part (".penstock-x", 11, &error));
  g_assert_no_error (error);
  g_assert_false (pst_path_check_part ("", 0, NULL));
  g_assert_false (pst_path_check_part (".", 1, NULL));
  g_assert_false (pst_path_check_part ("..", 2, NULL));
  g_assert_false (pst_path_check_part ("a\0", 2, NULL));
  g_assert_false (pst_path_check_part ("\xff", 1, NULL));
  g_assert_false (pst_path_check_part (long_part, strlen (long_part), NULL));
  g_assert_false (pst_path_check_part ("a/b", 3, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_PROTOCOL);
}

static const struct
{
  const char *link_path;
  const char *target;
  const char *named;
} links[] = {
  { "top/link", "file", "top/file" },
  { "top/link", "sub/file", "top/sub/file" },
  { "top/link", "./file", "top/file" },
  { "top/link", ".", "top" },
  { "top/sub/link", "..", "top" },
  { "top/sub/link", "../file", "top/file" },
  { "top/a/b/link", "../../c/d", "top/c/d" },
  { "top/a/link", "../a/./b/../c", "top/a/c" },
  { "top/link", "link", "top/link" },
  { "top/link", "...", "top/..." },
  { "top/link", ".a", "top/.a" },
  { "top/link", "a\\b", "top/a\\b" },
  /* Leaves its item, be it to come back. */
  { "top/link", "..", NULL },
  { "top/link", "../top/file", NULL },
  { "top/a/link", "../../x", NULL },
  { "top/link", "a/../../x", NULL },
  /* An item itself: the name could be another's on arrival. */
  { "link", "link", NULL },
  { "link", "file", NULL },
  { "link", ".", NULL },
  { "link", "..", NULL },
  /* Not proper. */
  { "top/link", "", NULL },
  { "top/link", "/", NULL },
  { "top/link", "/etc/passwd", NULL },
  { "top/link", "a//b", NULL },
  { "top/link", "a/", NULL },
  { "top/sub/link", "../", NULL },
  { "top/link", "\xff", NULL },
};

static void
test_links (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (links); i++)
    {
      g_autofree char *named = pst_path_resolve_link (links[i].link_path, links[i].target);

      g_assert_cmpstr (named, ==, links[i].named);
    }
}

static char *
repeat (const char *text, guint times)
{
  GString *all = g_string_new (NULL);

  while (times-- > 0)
    g_string_append (all, text);

  return g_string_free (all, FALSE);
}

static void
test_link_limits (void)
{
  g_autofree char *up_and_down = repeat ("a/../", PST_PATH_MAX_DEPTH - 1);
  g_autofree char *longest = g_strconcat (up_and_down, "a/b", NULL);
  g_autofree char *too_long = g_strconcat (up_and_down, "a/../b", NULL);
  g_autofree char *deep = repeat ("a/", PST_PATH_MAX_DEPTH - 1);
  g_autofree char *too_deep = g_strconcat (deep, "a", NULL);
  g_autofree char *long_part = g_strnfill (PST_PATH_MAX_PART_BYTES + 1, 'a');
  g_autofree char *wide = repeat ("aaaaaaa/", PST_PATH_MAX_BYTES / 8 + 1);
  g_autofree char *named = pst_path_resolve_link ("top/link", longest);

  g_assert_cmpstr (named, ==, "top/a/b");
  g_assert_null (pst_path_resolve_link ("top/link", too_long));
  g_assert_null (pst_path_resolve_link ("top/link", too_deep));
  g_assert_null (pst_path_resolve_link ("top/link", long_part));
  g_assert_null (pst_path_resolve_link ("top/link", wide));
}

static const struct
{
  const char *name;
  guint number;
  const char *numbered;
} numbers[] = {
  { "photo.jpg", 1, "photo (1).jpg" },
  { "photo", 2, "photo (2)" },
  { "photo.tar.gz", 1, "photo (1).tar.gz" },
  { "photo.tar.zst", 7, "photo (7).tar.zst" },
  { "photo.backup.png", 1, "photo.backup (1).png" },
  { "photo.tar", 1, "photo (1).tar" },
  { ".tar.gz", 1, ".tar (1).gz" },
  { ".bashrc", 1, ".bashrc (1)" },
  { ".config.json", 1, ".config (1).json" },
  { "a", 10, "a (10)" },
  { "ends.", 1, "ends. (1)" },
  { "...", 1, "... (1)" },
  { "vol. 2 of it", 1, "vol. 2 of it (1)" },
  { "photo (1).jpg", 2, "photo (1) (2).jpg" },
  { "\xc3\xa9.\xc3\xa9", 1, "\xc3\xa9 (1).\xc3\xa9" },
  { "a.0123456789012345678901234567890", 1, "a (1).0123456789012345678901234567890" },
  { "a.01234567890123456789012345678901", 1, "a.01234567890123456789012345678901 (1)" },
  { "a", G_MAXUINT, "a (4294967295)" },
};

static void
test_numbers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autofree char *numbered = pst_path_number (numbers[i].name, numbers[i].number);

      g_assert_cmpstr (numbered, ==, numbers[i].numbered);
    }
}

/* Cuts before the number, at a character's edge, and keeps the ending. */
static void
test_number_cuts (void)
{
  for (guint pad = 0; pad < 3; pad++)
    {
      GString *name = g_string_new ("aa");
      g_autofree char *numbered = NULL;

      g_string_truncate (name, pad);
      while (name->len < PST_PATH_MAX_PART_BYTES - 7)
        g_string_append (name, "\xe2\x82\xac");
      g_string_append (name, ".jpg");
      g_assert_true (pst_path_check_part (name->str, name->len, NULL));

      numbered = pst_path_number (name->str, 12);
      g_assert_true (pst_path_check_part (numbered, strlen (numbered), NULL));
      g_assert_cmpuint (strlen (numbered), >=, PST_PATH_MAX_PART_BYTES - 2);
      g_assert_true (g_str_has_suffix (numbered, "\xe2\x82\xac (12).jpg"));
      g_string_free (name, TRUE);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/threats/10-traversal/path", test_traversal);
  g_test_add_func ("/threats/03-shown-escaped/messages", test_messages);
  g_test_add_func ("/path/strange-but-legal", test_strange_but_legal);
  g_test_add_func ("/path/lengths", test_lengths);
  g_test_add_func ("/path/depth", test_depth);
  g_test_add_func ("/path/long-names-in-messages", test_long_names_in_messages);
  g_test_add_func ("/path/cut-without-characters", test_cut_without_characters);
  g_test_add_func ("/path/part", test_part);
  g_test_add_func ("/path/links", test_links);
  g_test_add_func ("/path/link-limits", test_link_limits);
  g_test_add_func ("/path/numbers", test_numbers);
  g_test_add_func ("/path/number-cuts", test_number_cuts);
  return g_test_run ();
}
