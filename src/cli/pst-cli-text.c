/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-text.h"

#include "pst-error.h"
#include "pst-escape.h"

/**
 * pst_cli_text_exit_for:
 * @error: (nullable): how it ended; %NULL for well
 *
 * Returns: the exit status that tells a script what happened
 */
PstCliExit
pst_cli_text_exit_for (const GError *error)
{
  if (error == NULL)
    return PST_CLI_EXIT_DONE;
  if (error->domain != PST_ERROR)
    return PST_CLI_EXIT_FAILED;

  switch ((PstError) error->code)
    {
    case PST_ERROR_USAGE:
    case PST_ERROR_BAD_CODE:
      return PST_CLI_EXIT_USAGE;
    case PST_ERROR_DECLINED:
      return PST_CLI_EXIT_DECLINED;
    case PST_ERROR_WRONG_CODE:
    case PST_ERROR_UNVERIFIED:
      return PST_CLI_EXIT_WRONG_CODE;
    case PST_ERROR_CANCELLED:
      return PST_CLI_EXIT_CANCELLED;
    case PST_ERROR_NOT_FOUND:
    case PST_ERROR_NO_PATH:
      return PST_CLI_EXIT_NOT_FOUND;
    case PST_ERROR_FAILED:
    case PST_ERROR_SERVER:
    case PST_ERROR_PROTOCOL:
    case PST_ERROR_TAMPERED:
    case PST_ERROR_LOST:
    case PST_ERROR_SOURCE:
    case PST_ERROR_CHANGED:
    case PST_ERROR_DESTINATION:
    case PST_ERROR_DISK_FULL:
    case PST_ERROR_LIMIT:
      break;
    }

  return PST_CLI_EXIT_FAILED;
}

/**
 * pst_cli_text_size:
 * @size_bytes: a number of bytes
 *
 * Writes a size with decimal units (1 kB is 1000 bytes, as --limit reads them)
 * and one digit after the point, rounded down so that "done" never shows early.
 *
 * Returns: (transfer full): such as `512 B`, `1.5 MB`
 */
char *
pst_cli_text_size (guint64 size_bytes)
{
  static const char *const units[] = { "kB", "MB", "GB", "TB", "PB", "EB" };
  guint unit = 0;
  guint64 tenths = size_bytes / 100;

  if (size_bytes < 1000)
    return g_strdup_printf ("%u B", (guint) size_bytes);

  for (; tenths >= 10000 && unit + 1 < G_N_ELEMENTS (units); unit++)
    tenths /= 1000;

  return g_strdup_printf ("%u.%u %s", (guint) (tenths / 10), (guint) (tenths % 10), units[unit]);
}

/**
 * pst_cli_text_rate:
 * @rate_bps: bytes a second
 *
 * Returns: (transfer full): such as `1.5 MB/s`
 */
char *
pst_cli_text_rate (guint64 rate_bps)
{
  g_autofree char *size = pst_cli_text_size (rate_bps);

  return g_strconcat (size, "/s", NULL);
}

/**
 * pst_cli_text_duration:
 * @duration_us: microseconds, not negative
 *
 * Writes a duration with its two largest units, rounded up to whole seconds.
 *
 * Returns: (transfer full): such as `12 s`, `3 min 05 s`, `2 h 10 min`, `3 d 4 h`
 */
char *
pst_cli_text_duration (gint64 duration_us)
{
  guint64 s = duration_us / G_USEC_PER_SEC + (duration_us % G_USEC_PER_SEC != 0);

  if (s < 60)
    return g_strdup_printf ("%u s", (guint) s);
  if (s < 60 * 60)
    return g_strdup_printf ("%u min %02u s", (guint) (s / 60), (guint) (s % 60));
  if (s < 24 * 60 * 60)
    return g_strdup_printf ("%u h %02u min", (guint) (s / 3600), (guint) (s / 60 % 60));

  return g_strdup_printf ("%" G_GUINT64_FORMAT " d %u h", s / 86400, (guint) (s / 3600 % 24));
}

/**
 * pst_cli_text_count:
 * @count: how many
 * @one: the noun for one
 * @many: the noun for any other number
 *
 * Returns: (transfer full): such as `1 file`, `3 files`
 */
char *
pst_cli_text_count (guint count, const char *one, const char *many)
{
  return g_strdup_printf ("%u %s", count, count == 1 ? one : many);
}

/**
 * pst_cli_text_inert:
 * @text: a sentence that may hold words of the other side
 *
 * Escapes what could act on a terminal, like pst_escape_name(), but leaves
 * backslashes alone: sentences hold names that are escaped already.
 *
 * Returns: (transfer full): one line of valid UTF-8
 */
char *
pst_cli_text_inert (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "\\", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      char *shown = pst_escape_name (parts[i], -1);

      g_free (parts[i]);
      parts[i] = shown;
    }

  return g_strjoinv ("\\", parts);
}

static guint
char_columns (gunichar c)
{
  if (g_unichar_iszerowidth (c))
    return 0;

  return g_unichar_iswide (c) ? 2 : 1;
}

/**
 * pst_cli_text_columns:
 * @text: valid UTF-8
 *
 * Returns: the columns @text takes on a terminal
 */
guint
pst_cli_text_columns (const char *text)
{
  guint columns = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    columns += char_columns (g_utf8_get_char (text));

  return columns;
}

/* The bytes at the start of @text that fit into @columns. */
static gsize
fitting_bytes (const char *text, guint columns)
{
  const char *p = text;
  guint used = 0;

  for (; *p != '\0'; p = g_utf8_next_char (p))
    {
      used += char_columns (g_utf8_get_char (p));
      if (used > columns)
        break;
    }

  return p - text;
}

/**
 * pst_cli_text_cut:
 * @text: valid UTF-8
 * @max_columns: the columns there are
 *
 * Returns: (transfer full): @text, its end replaced by `…` if it is too long
 */
char *
pst_cli_text_cut (const char *text, guint max_columns)
{
  gsize kept;

  if (pst_cli_text_columns (text) <= max_columns)
    return g_strdup (text);
  if (max_columns == 0)
    return g_strdup ("");

  kept = fitting_bytes (text, max_columns - 1);
  return g_strdup_printf ("%.*s…", (int) kept, text);
}

/**
 * pst_cli_text_wrap:
 * @out: where the lines are appended
 * @text: valid UTF-8 on one line
 * @columns: the terminal's width; 0 for no wrapping
 * @margin: what every further line begins with
 *
 * Breaks a line before the terminal would. Every continuation carries
 * @margin, so that a long name cannot pass for a line of its own
 * (a name full of blanks would otherwise forge a row of the list).
 */
void
pst_cli_text_wrap (GString *out, const char *text, guint columns, const char *margin)
{
  guint margin_columns = pst_cli_text_columns (margin);
  guint room = columns;

  /* Too narrow to wrap into: whole lines are the lesser evil. */
  while (columns > margin_columns + 2 && pst_cli_text_columns (text) > room)
    {
      gsize kept = fitting_bytes (text, room);

      g_string_append_len (out, text, kept);
      g_string_append_c (out, '\n');
      g_string_append (out, margin);
      text += kept;
      room = columns - margin_columns;
    }

  g_string_append (out, text);
  g_string_append_c (out, '\n');
}

static const struct
{
  const char *outgoing;
  const char *incoming;
} state_words[] = {
  [PST_TRANSFER_PREPARING] = { "Listing the files", "Receiving the list" },
  [PST_TRANSFER_OFFERED] = { "Waiting for them to accept", "Waiting for your answer" },
  [PST_TRANSFER_RUNNING] = { "Sending", "Receiving" },
  [PST_TRANSFER_HELD_NETWORK] = { "Waiting for the network", "Waiting for the network" },
  [PST_TRANSFER_HELD_THEIR_DISK] = { "Waiting for their disk", "Waiting for their disk" },
  [PST_TRANSFER_HELD_MY_DISK] = { "Waiting for this disk", "Waiting for this disk" },
  [PST_TRANSFER_HELD_LIMIT] = { "Held to the limit you set", "Held to their limit" },
  [PST_TRANSFER_PAUSED_BY_ME] = { "Paused by you", "Paused by you" },
  [PST_TRANSFER_PAUSED_BY_THEM] = { "Paused by them", "Paused by them" },
  [PST_TRANSFER_FULL_MY_DISK] = { "This disk is full", "This disk is full" },
  [PST_TRANSFER_FULL_THEIR_DISK] = { "Their disk is full", "Their disk is full" },
  [PST_TRANSFER_STALLED] = { "Stalled: nothing gets through", "Stalled: nothing gets through" },
  [PST_TRANSFER_RECONNECTING] = { "Connection lost: reconnecting",
                                  "Connection lost: reconnecting" },
  [PST_TRANSFER_CHECKING] = { "Checking what came earlier", "Checking what came earlier" },
  [PST_TRANSFER_VERIFYING] = { "They are checking what arrived", "Checking what arrived" },
  [PST_TRANSFER_DONE] = { "Sent", "Received" },
  [PST_TRANSFER_DECLINED] = { "They declined", "Declined" },
  [PST_TRANSFER_CANCELLED_BY_ME] = { "Cancelled by you", "Cancelled by you" },
  [PST_TRANSFER_CANCELLED_BY_THEM] = { "Cancelled by them", "Cancelled by them" },
  [PST_TRANSFER_FAILED] = { "Failed", "Failed" },
};

/**
 * pst_cli_text_state:
 * @state: what a transfer is doing
 * @incoming: whether it comes from the other side
 *
 * Returns: (transfer none): the state in words, with why it waits
 */
const char *
pst_cli_text_state (PstTransferState state, gboolean incoming)
{
  g_return_val_if_fail (state < G_N_ELEMENTS (state_words), "");

  return incoming ? state_words[state].incoming : state_words[state].outgoing;
}

/**
 * pst_cli_text_is_flowing:
 * @state: what a transfer is doing
 *
 * Returns: %TRUE while bytes flow, however much they are held back
 */
gboolean
pst_cli_text_is_flowing (PstTransferState state)
{
  return state >= PST_TRANSFER_RUNNING && state <= PST_TRANSFER_HELD_LIMIT;
}

/**
 * pst_cli_text_is_held:
 * @state: what a transfer is doing
 *
 * Returns: %TRUE if a running transfer waits for something at this moment
 */
gboolean
pst_cli_text_is_held (PstTransferState state)
{
  return state >= PST_TRANSFER_HELD_NETWORK && state <= PST_TRANSFER_RECONNECTING;
}

/**
 * pst_cli_text_journal_trouble:
 * @trouble: one there is
 * @folder: the folder of journals
 *
 * Returns: (transfer full): what that may lead to, and what to do
 */
char *
pst_cli_text_journal_trouble (PstJournalTrouble trouble, const char *folder)
{
  g_autofree char *shown = pst_escape_name (folder, -1);

  return trouble == PST_JOURNAL_TROUBLE_FULL
             ? g_strdup_printf ("There is no room in “%s” to note what has arrived. If this "
                                "breaks off, it may have to begin anew. Free some space there.",
                                shown)
             : g_strdup_printf ("What has arrived cannot be noted in “%s”. If this breaks off, it "
                                "may have to begin anew. Check that the folder is yours alone "
                                "and can be written.",
                                shown);
}

/**
 * pst_cli_text_outcome:
 * @state: how a transfer ended
 * @incoming: whether it came from the other side
 * @error: (nullable): what the transfer gives as its error
 *
 * Makes one error of the many ways in which a transfer can end.
 *
 * Returns: (transfer full) (nullable): the error; %NULL if it went well or goes on
 */
GError *
pst_cli_text_outcome (PstTransferState state, gboolean incoming, const GError *error)
{
  switch (state)
    {
    case PST_TRANSFER_DECLINED:
      return g_error_new_literal (PST_ERROR, PST_ERROR_DECLINED,
                                  incoming ? "You declined what was offered."
                                           : "The other person declined.");
    case PST_TRANSFER_CANCELLED_BY_ME:
      return g_error_new_literal (PST_ERROR, PST_ERROR_CANCELLED, "You cancelled the transfer.");
    case PST_TRANSFER_CANCELLED_BY_THEM:
      return g_error_new_literal (PST_ERROR, PST_ERROR_CANCELLED,
                                  "The other person cancelled the transfer.");
    case PST_TRANSFER_FAILED:
      return error != NULL
                 ? g_error_copy (error)
                 : g_error_new_literal (PST_ERROR, PST_ERROR_FAILED, "The transfer failed.");
    default:
      return NULL;
    }
}
