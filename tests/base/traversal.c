/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traversal.h"

#include <string.h>

/* What Linux takes, and how deep an offer may be (docs/protocol.md, Paths). */
#define MAX_PART_BYTES 255
#define MAX_BYTES      4095
#define MAX_DEPTH      128

#define NAME(text) { text, sizeof text - 1 }

static const struct
{
  const char *bytes;
  gsize n_bytes;
} refused[] = {
  NAME (""),
  /* Up, and here. */
  NAME (".."), NAME ("../x"), NAME ("a/.."), NAME ("a/../b"), NAME ("a/../../b"),
  NAME ("../../.ssh/authorized_keys"), NAME ("."), NAME ("./a"), NAME ("a/."), NAME ("a/./b"),
  /* Absolute, and empty parts. */
  NAME ("/"), NAME ("/etc/passwd"), NAME ("//a"), NAME ("a//b"), NAME ("a/"), NAME ("a//"),
  /* NUL. */
  NAME ("\0"), NAME ("a\0b"), NAME ("a\0"), NAME ("a\0/../b"),
  /* Not UTF-8: alone, too long a form, half of a pair, cut. */
  NAME ("a\xff"), NAME ("\xc0\xae\xc0\xae/x"), NAME ("a\xed\xa0\x80"), NAME ("a\xc3"),
  /* Ours. */
  NAME (".penstock-"), NAME (".penstock-1"), NAME (".penstock-1/x"),
};

const char *const traversal_refused_json[] = {
  "\\u002e\\u002e", "\\u002e\\u002e\\u002fx", "..\\/x", "\\u0000", "a\\u0000/../b",
  "\\ud800",        "a\\udc00",               "\\0",    "\\377",   "\\u002epenstock-1",
  NULL,
};

const char *const traversal_literal[] = {
  /* Paths elsewhere. */
  "..\\..\\evil", "\\\\server\\share", "C:\\Windows", "C:", "a:b", "%2e%2e", "%2e%2e%2f", "~",
  "\xef\xbc\x8f", "\xe2\x88\x95", "..\xef\xbc\x8fx",
  /* Reserved elsewhere. */
  "CON", "nul.txt", "LPT1", "aux", "*?\"<>|",
  /* Dots and blanks at an end. */
  "dots...", "...", "a.", ".a", "..a", " a ", " ",
  /* Of a shell, of a terminal. */
  "-rf", "$(x)", "two\nlines", "\033[2J", NULL,
};

/* One part too long, all too long, too many parts. */
static const char *
get_too_long (guint i, gsize *n_bytes)
{
  static char part[MAX_PART_BYTES + 2];
  static char path[MAX_BYTES + 2];
  static char deep[2 * (MAX_DEPTH + 1)];
  char *const all[] = { part, path, deep };

  if (i >= G_N_ELEMENTS (all))
    return NULL;

  memset (part, 'a', sizeof part - 1);
  for (gsize k = 0; k < sizeof path - 1; k++)
    path[k] = k % 200 == 150 ? '/' : 'a';
  for (gsize k = 0; k < sizeof deep - 1; k++)
    deep[k] = k % 2 == 1 ? '/' : 'a';
  *n_bytes = strlen (all[i]);
  return all[i];
}

const char *
traversal_get_refused (guint i, gsize *n_bytes)
{
  if (i >= G_N_ELEMENTS (refused))
    return get_too_long (i - G_N_ELEMENTS (refused), n_bytes);

  *n_bytes = refused[i].n_bytes;
  return refused[i].bytes;
}

char *
traversal_to_json (const char *name, gsize n_bytes)
{
  GString *json = g_string_new (NULL);

  for (gsize i = 0; i < n_bytes; i++)
    {
      guint8 byte = name[i];

      if (byte < 0x20 || byte == '"' || byte == '\\' || byte == 0x7f)
        g_string_append_printf (json, "\\u%04x", byte);
      else
        g_string_append_c (json, byte);
    }

  return g_string_free (json, FALSE);
}
