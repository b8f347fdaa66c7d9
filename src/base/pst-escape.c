/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-escape.h"

#include <string.h>

/* Marks that reorder or hide text: Unicode TR #36, section 2.2 (bidirectional
 * text spoofing), and the zero-width characters that make two names look alike. */
static gboolean
is_deceptive (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_UNASSIGNED:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      break;
    default:
      return FALSE;
    }

  /* The zero-width joiner and non-joiner are letters' neighbours in emoji and
   * in Persian; they hide nothing. */
  return c != 0x200d && c != 0x200c;
}

/**
 * pst_escape_name:
 * @name: a name from a stranger, in any encoding
 * @length: its length in bytes, or -1 if it is NUL-terminated
 *
 * Makes a name fit to be shown to a person: control characters, bidirectional
 * overrides, invisible characters and bytes that are not UTF-8 become visible
 * escapes (`\n`, `\u202e`, `\xff`); a backslash becomes `\\`, so that an escape
 * cannot be forged. The result is valid UTF-8 on one line. It is not markup.
 *
 * Returns: (transfer full): the text to show
 */
char *
pst_escape_name (const char *name, gssize length)
{
  const char *end = name + (length < 0 ? (gssize) strlen (name) : length);
  GString *out = g_string_sized_new (end - name);

  while (name < end)
    {
      gunichar c = g_utf8_get_char_validated (name, end - name);

      if (c == (gunichar) -1 || c == (gunichar) -2)
        {
          g_string_append_printf (out, "\\x%02x", (guint8) *name++);
          continue;
        }

      if (c == '\n')
        g_string_append (out, "\\n");
      else if (c == '\\')
        g_string_append (out, "\\\\");
      else if (is_deceptive (c))
        g_string_append_printf (out, c > 0xffff ? "\\U%08x" : "\\u%04x", c);
      else
        g_string_append_unichar (out, c);

      name = g_utf8_next_char (name);
    }

  return g_string_free (out, FALSE);
}
