/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-code.h"

#include "pst-error.h"
#include "pst-wordlist.h"

#include <sodium.h>
#include <string.h>

#define LOCAL_DIGITS 1000 /* three random ones after the zero */

static gboolean
set_bad_code (GError **error, const char *message)
{
  g_set_error_literal (error, PST_ERROR, PST_ERROR_BAD_CODE, message);
  return FALSE;
}

/* Keyboards and chat programs make other spaces and dashes of those typed. */
static gboolean
is_separator (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);

  return type == G_UNICODE_SPACE_SEPARATOR || type == G_UNICODE_DASH_PUNCTUATION;
}

/* What a person cannot see cannot be read out. Joiners stay: they are part of
 * emoji, which other programs let people choose. */
static gboolean
is_invisible (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return TRUE;
    case G_UNICODE_FORMAT:
      return c != 0x200c && c != 0x200d;
    default:
      return FALSE;
    }
}

static gboolean
check_text (const char *text, gsize length, GError **error)
{
  if (length > PST_CODE_MAX_BYTES)
    return set_bad_code (error, "This is too long to be a code.");
  if (!g_utf8_validate_len (text, length, NULL))
    return set_bad_code (error, "The code contains bytes that are not text.");

  for (const char *p = text; p < text + length; p = g_utf8_next_char (p))
    if (is_invisible (g_utf8_get_char (p)))
      return set_bad_code (error, "The code contains invisible characters; type it instead of "
                                  "pasting it.");

  return TRUE;
}

/* One case, and one dash for each run of separators; none at the start. */
static char *
fold (const char *text, gsize length)
{
  GString *folded = g_string_sized_new (length);

  for (const char *p = text; p < text + length; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (!is_separator (c))
        g_string_append_unichar (folded, c < 0x80 ? (gunichar) g_ascii_tolower (c) : c);
      else if (folded->len > 0 && folded->str[folded->len - 1] != '-')
        g_string_append_c (folded, '-');
    }

  return g_string_free (folded, FALSE);
}

static gboolean
check_nameplate (const char *code, GError **error)
{
  gsize digits = strspn (code, "0123456789");

  if (digits == 0 || (code[digits] != '-' && code[digits] != '\0'))
    return set_bad_code (error,
                         "A code starts with a number and a dash, like 7-guitarist-revenge.");
  if (digits > PST_NAMEPLATE_MAX_DIGITS)
    return set_bad_code (error, "The number at the start of the code is too long.");

  return TRUE;
}

/**
 * pst_code_parse:
 * @text: what a person typed or pasted
 * @error: return location for a %PST_ERROR_BAD_CODE, whose message says which
 *   mistake it is
 *
 * Brings a code into its one form: blanks around it go, ASCII letters become
 * lower case, each run of spaces and dashes becomes one dash. A code is a
 * number of at most %PST_NAMEPLATE_MAX_DIGITS digits and at least one word; the
 * words may be any text, since other programs let people choose them. At most
 * %PST_CODE_MAX_BYTES bytes (docs/protocol.md).
 *
 * Returns: (transfer full) (nullable): the code
 */
char *
pst_code_parse (const char *text, GError **error)
{
  g_autofree char *code = NULL;
  gsize length;

  while (g_ascii_isspace (*text))
    text++;
  for (length = strlen (text); length > 0 && g_ascii_isspace (text[length - 1]);)
    length--;

  if (!check_text (text, length, error))
    return NULL;

  code = fold (text, length);
  if (g_str_has_suffix (code, "-"))
    code[strlen (code) - 1] = '\0';

  if (*code == '\0')
    set_bad_code (error, "The code is empty.");
  else if (!check_nameplate (code, error))
    return NULL;
  else if (strchr (code, '-') == NULL)
    set_bad_code (error, "The words after the number are missing from the code.");
  else
    return g_steal_pointer (&code);

  return NULL;
}

/**
 * pst_code_is_nameplate:
 * @text: text from a stranger, such as a server
 *
 * Returns: %TRUE if @text is a number of 1 to %PST_NAMEPLATE_MAX_DIGITS digits
 */
gboolean
pst_code_is_nameplate (const char *text)
{
  gsize digits = strspn (text, "0123456789");

  return digits > 0 && digits <= PST_NAMEPLATE_MAX_DIGITS && text[digits] == '\0';
}

/**
 * pst_code_dup_nameplate:
 * @code: a code as given by pst_code_parse() or pst_code_make()
 *
 * Returns: (transfer full): the number it starts with; all that a server sees
 */
char *
pst_code_dup_nameplate (const char *code)
{
  return g_strndup (code, strcspn (code, "-"));
}

/**
 * pst_code_is_local:
 * @code: a code as given by pst_code_parse() or pst_code_make()
 *
 * Returns: %TRUE if the code is for this network only: its number starts with
 *   0, which no public server hands out (docs/protocol.md)
 */
gboolean
pst_code_is_local (const char *code)
{
  return code[0] == '0';
}

/**
 * pst_code_make_local_nameplate:
 *
 * Makes a nameplate for this network: `0` and three random digits.
 *
 * Returns: (transfer full): the nameplate
 */
char *
pst_code_make_local_nameplate (void)
{
  return g_strdup_printf ("0%03u", randombytes_uniform (LOCAL_DIGITS));
}

/**
 * pst_code_count_words:
 * @n_words: how many words a code has as a rule, 1 to %PST_CODE_MAX_WORDS
 * @n_failed: how many codes in a row failed: somebody used other words
 *
 * Makes codes longer when somebody seems to guess: after each
 * %PST_CODE_FAILURES_A_WORD failures by a word, so that the guesses that can be
 * made in a row become ever less worth (docs/security.md).
 *
 * Returns: how many words the next code should have, at most %PST_CODE_MAX_WORDS
 */
guint
pst_code_count_words (guint n_words, guint n_failed)
{
  guint n_more = n_failed / PST_CODE_FAILURES_A_WORD;

  g_return_val_if_fail (n_words >= 1 && n_words <= PST_CODE_MAX_WORDS, PST_CODE_DEFAULT_WORDS);

  return n_words + MIN (n_more, PST_CODE_MAX_WORDS - n_words);
}

/**
 * pst_code_make:
 * @nameplate: a nameplate, for which pst_code_is_nameplate() holds
 * @n_words: how many words, 1 to %PST_CODE_MAX_WORDS
 *
 * Makes a code of random words, eight bits each.
 *
 * Returns: (transfer full): the code
 */
char *
pst_code_make (const char *nameplate, guint n_words)
{
  GString *code;

  g_return_val_if_fail (pst_code_is_nameplate (nameplate), NULL);
  g_return_val_if_fail (n_words >= 1 && n_words <= PST_CODE_MAX_WORDS, NULL);

  code = g_string_new (nameplate);
  for (guint i = 0; i < n_words; i++)
    {
      const char *const *words = pst_wordlist_get (i);

      g_string_append_c (code, '-');
      g_string_append (code, words[randombytes_uniform (PST_WORDLIST_SIZE)]);
    }

  return g_string_free (code, FALSE);
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static guint
count_dashes (const char *code)
{
  guint n = 0;

  for (; *code != '\0'; code++)
    n += *code == '-';

  return n;
}

static void
add_completions (GPtrArray *found, const char *code)
{
  const char *partial = strrchr (code, '-') + 1;
  const char *const *words = pst_wordlist_get (count_dashes (code) - 1);

  for (guint i = 0; i < PST_WORDLIST_SIZE; i++)
    if (g_str_has_prefix (words[i], partial)
        && partial - code + strlen (words[i]) <= PST_CODE_MAX_BYTES)
      g_ptr_array_add (found, g_strdup_printf ("%.*s%s", (int) (partial - code), code, words[i]));
}

/**
 * pst_code_complete:
 * @text: what has been typed of a code so far
 *
 * Lists the codes that the last, unfinished word of @text may become. A text
 * that ends with a dash or a space begins a new word; while the number is being
 * typed there is nothing to complete.
 *
 * Returns: (transfer full) (array zero-terminated=1): whole codes in the form
 *   of pst_code_parse(), sorted; maybe none
 */
char **
pst_code_complete (const char *text)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new ();

  if (check_text (text, strlen (text), NULL))
    {
      g_autofree char *code = fold (text, strlen (text));

      if (check_nameplate (code, NULL) && strchr (code, '-') != NULL)
        add_completions (found, code);
    }

  g_ptr_array_sort (found, compare_strings);
  g_ptr_array_add (found, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&found), FALSE);
}
