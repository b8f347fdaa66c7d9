/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-code-text.h"

#include "pst-code.h"
#include "pst-invite.h"
#include "pst-wordlist.h"

#include <glib/gi18n.h>
#include <string.h>

#define SCHEME  "wormhole-transfer:"
#define EXAMPLE "7-guitarist-revenge"

/* Why a text is what it is; each has one sentence. */
typedef enum
{
  REASON_NONE,
  REASON_TOO_LONG,
  REASON_INVISIBLE,
  REASON_FOREIGN_LINK,
  REASON_NO_NUMBER,
  REASON_LONG_NUMBER,
  REASON_NO_WORDS,
  REASON_HALF_WORD,
  REASON_BROKEN_LINK,
  REASON_UNKNOWN_WORD
} Reason;

typedef struct
{
  PstCodeText verdict;
  Reason reason;
  char *word; /* the one that is not complete or not known */
} Judgement;

static void
judgement_clear (Judgement *judgement)
{
  g_free (judgement->word);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Judgement, judgement_clear)

static void
decide (Judgement *judgement, PstCodeText verdict, Reason reason)
{
  judgement->verdict = verdict;
  judgement->reason = reason;
}

static gboolean
parses (const char *text)
{
  g_autofree char *code = NULL;
  g_autofree char *rendezvous_url = NULL;

  return pst_invite_parse (text, &code, &rendezvous_url, NULL);
}

static gboolean
is_prefix_of_scheme (const char *text)
{
  return g_ascii_strncasecmp (SCHEME, text, strlen (text)) == 0;
}

/* Spelled right or only begun, in the list of this place or of the next one:
 * other programs let people choose their words' order. */
static gboolean
is_known (const char *word, gboolean begun_is_enough)
{
  for (guint list = 0; list < 2; list++)
    {
      const char *const *words = pst_wordlist_get (list);

      for (guint i = 0; i < PST_WORDLIST_SIZE; i++)
        if (begun_is_enough ? g_str_has_prefix (words[i], word) : g_str_equal (words[i], word))
          return TRUE;
    }

  return FALSE;
}

/* @last_is_open: the last word may still grow. */
static void
judge_words (Judgement *judgement, char **words, gboolean last_is_open)
{
  for (guint i = 0; words[i] != NULL; i++)
    {
      gboolean is_open = words[i + 1] == NULL && last_is_open;

      if (is_known (words[i], FALSE))
        continue;

      judgement->word = g_strdup (words[i]);
      if (is_open && is_known (words[i], TRUE))
        decide (judgement, PST_CODE_TEXT_UNFINISHED, REASON_HALF_WORD);
      else
        decide (judgement, PST_CODE_TEXT_UNUSUAL, REASON_UNKNOWN_WORD);
      return;
    }

  decide (judgement, PST_CODE_TEXT_READY, REASON_NONE);
}

static gboolean
ends_with_separator (const char *text)
{
  const char *last = g_utf8_find_prev_char (text, text + strlen (text));
  GUnicodeType type = g_unichar_type (g_utf8_get_char (last));

  return type == G_UNICODE_SPACE_SEPARATOR || type == G_UNICODE_DASH_PUNCTUATION;
}

static gboolean
has_invisible (const char *text)
{
  for (; *text != '\0'; text = g_utf8_next_char (text))
    switch (g_unichar_type (g_utf8_get_char (text)))
      {
      case G_UNICODE_CONTROL:
      case G_UNICODE_FORMAT:
      case G_UNICODE_LINE_SEPARATOR:
      case G_UNICODE_PARAGRAPH_SEPARATOR:
        return TRUE;
      default:
        break;
      }

  return FALSE;
}

/* What does not parse as a code. */
static void
judge_refused (Judgement *judgement, const char *text)
{
  gsize digits = strspn (text, "0123456789");

  if (strlen (text) > PST_CODE_MAX_BYTES)
    decide (judgement, PST_CODE_TEXT_WRONG, REASON_TOO_LONG);
  else if (digits > PST_NAMEPLATE_MAX_DIGITS)
    decide (judgement, PST_CODE_TEXT_WRONG, REASON_LONG_NUMBER);
  else if (digits == 0)
    decide (judgement, PST_CODE_TEXT_WRONG, REASON_NO_NUMBER);
  else if (has_invisible (text))
    decide (judgement, PST_CODE_TEXT_WRONG, REASON_INVISIBLE);
  else if (text[digits] == '\0' || ends_with_separator (text))
    decide (judgement, PST_CODE_TEXT_UNFINISHED, REASON_NO_WORDS);
  else
    decide (judgement, PST_CODE_TEXT_WRONG, REASON_NO_NUMBER);
}

static void
judge_code (Judgement *judgement, const char *text)
{
  g_autofree char *code = pst_code_parse (text, NULL);
  g_auto (GStrv) parts = NULL;

  if (code == NULL)
    {
      judge_refused (judgement, text);
      return;
    }

  parts = g_strsplit (code, "-", -1);
  judge_words (judgement, parts + 1, !ends_with_separator (text));
}

static void
judge_link (Judgement *judgement, const char *text)
{
  if (strlen (text) > PST_INVITE_MAX_BYTES)
    decide (judgement, PST_CODE_TEXT_WRONG, REASON_TOO_LONG);
  else if (parses (text))
    decide (judgement, PST_CODE_TEXT_READY, REASON_NONE);
  else
    decide (judgement, PST_CODE_TEXT_UNFINISHED, REASON_BROKEN_LINK);
}

static void
judge (Judgement *judgement, const char *raw)
{
  const char *text = raw;

  while (g_ascii_isspace (*text))
    text++;

  if (*text == '\0')
    decide (judgement, PST_CODE_TEXT_EMPTY, REASON_NONE);
  else if (!g_utf8_validate (text, -1, NULL))
    decide (judgement, PST_CODE_TEXT_WRONG, REASON_INVISIBLE);
  else if (g_ascii_strncasecmp (text, SCHEME, strlen (SCHEME)) == 0)
    judge_link (judgement, text);
  else if (is_prefix_of_scheme (text))
    decide (judgement, PST_CODE_TEXT_UNFINISHED, REASON_NO_NUMBER);
  else if (strstr (text, "://") != NULL)
    decide (judgement, PST_CODE_TEXT_WRONG, REASON_FOREIGN_LINK);
  else
    judge_code (judgement, text);
}

/**
 * pst_code_text_judge:
 * @text: what stands where a code belongs
 *
 * Judges a text as far as it has been typed.
 *
 * Returns: how far it is
 */
PstCodeText
pst_code_text_judge (const char *text)
{
  g_auto (Judgement) judgement = { 0 };

  judge (&judgement, text);
  return judgement.verdict;
}

/* Words and examples read from left to right in every language. */
static char *
explain_with (const char *format, const char *latin)
{
  g_autofree char *isolated = g_strconcat ("\u2066", latin, "\u2069", NULL);
  g_auto (GStrv) around = g_strsplit (format, "%s", 2);

  return g_strconcat (around[0], isolated, around[1], NULL);
}

static char *
explain (const Judgement *judgement)
{
  switch (judgement->reason)
    {
    case REASON_TOO_LONG:
      return g_strdup (_ ("This is too long to be a code or a link."));
    case REASON_INVISIBLE:
      return g_strdup (
          _ ("The code contains invisible characters. Type it instead of pasting it."));
    case REASON_FOREIGN_LINK:
      /* Translators: %s is how such links start: wormhole-transfer: */
      return explain_with (_ ("This link is not one to receive with. Such links start with “%s”."),
                           SCHEME);
    case REASON_NO_NUMBER:
      /* Translators: %s is an example of a code */
      return explain_with (_ ("This is not a code. A code starts with a number, like %s."),
                           EXAMPLE);
    case REASON_LONG_NUMBER:
      return g_strdup (_ ("The number at the start of the code is too long."));
    case REASON_NO_WORDS:
      /* Translators: %s is an example of a code */
      return explain_with (_ ("The words after the number are missing. A code looks like %s."),
                           EXAMPLE);
    case REASON_HALF_WORD:
      /* Translators: %s is the beginning of a word of a code */
      return explain_with (_ ("The last word is not complete: “%s”."), judgement->word);
    case REASON_BROKEN_LINK:
      return g_strdup (_ ("The link is incomplete or damaged. Copy it again as a whole."));
    case REASON_UNKNOWN_WORD:
      /* Translators: %s is a word that a person typed as part of a code */
      return explain_with (_ ("Penstock’s codes do not use the word “%s”. Check the spelling."),
                           judgement->word);
    case REASON_NONE:
    default:
      return NULL;
    }
}

/**
 * pst_code_text_explain:
 * @text: what stands where a code belongs
 * @finished: whether the person seems to be done with it, as after pasting it
 *   or pressing Enter; as long as they type, a text that may become a code is
 *   no mistake
 *
 * Says what is wrong with a text, in the person's language.
 *
 * Returns: (transfer full) (nullable): one or two plain sentences; %NULL when
 *   there is nothing to say
 */
char *
pst_code_text_explain (const char *text, gboolean finished)
{
  g_auto (Judgement) judgement = { 0 };

  judge (&judgement, text);
  if (judgement.verdict == PST_CODE_TEXT_UNFINISHED && !finished)
    return NULL;

  return explain (&judgement);
}
