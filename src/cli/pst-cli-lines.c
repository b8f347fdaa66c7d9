/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-lines.h"

#include <string.h>

#include "pst-cli-text.h"
#include "pst-device.h"
#include "pst-escape.h"

/* Under the sizes of an offer: what a wrapped name goes on with. */
#define OFFER_MARGIN "              | "

/* The same under the names of leftovers. */
#define LEFTOVER_MARGIN "                | "

/**
 * pst_cli_lines_waiting:
 * @wait: what is waited for
 *
 * Returns: (transfer none): it in words
 */
const char *
pst_cli_lines_waiting (PstCliWait wait)
{
  static const char *const words[] = {
    [PST_CLI_WAIT_SERVER] = "Getting ready to meet…",
    [PST_CLI_WAIT_PEER] = "Waiting for the other person…",
    [PST_CLI_WAIT_SENDER] = "Looking for the other person…",
    [PST_CLI_WAIT_PAIRING] = "Checking the code…",
    [PST_CLI_WAIT_PATH] = "Looking for a path between the machines…",
    [PST_CLI_WAIT_OFFER] = "Waiting for what they send…",
    [PST_CLI_WAIT_LINK] = "The connection is lost; it is being made again…",
  };

  return words[wait];
}

/**
 * pst_cli_lines_question:
 * @question: what is asked
 *
 * Returns: (transfer none): the prompt, with a blank at its end
 */
const char *
pst_cli_lines_question (PstCliQuestion question)
{
  static const char *const words[] = {
    [PST_CLI_ASK_CODE] = "Code or link: ",
    [PST_CLI_ASK_WORDS] = "Does the other person see the same words? [y/N] ",
    [PST_CLI_ASK_ACCEPT] = "Accept? [y = all, N = none, or numbers such as 1,3-5] ",
  };

  return words[question];
}

/**
 * pst_cli_lines_route:
 * @route: how the machines reach each other
 *
 * Returns: (transfer none): it in words, to follow "Connected to …"
 */
const char *
pst_cli_lines_route (PstRoute route)
{
  switch (route)
    {
    case PST_ROUTE_LOCAL:
      return " on this network";
    case PST_ROUTE_DIRECT:
      return ", straight";
    case PST_ROUTE_RELAY:
      return " through a relay";
    case PST_ROUTE_UNKNOWN:
      break;
    }

  return "";
}

/* The columns of the first line; its colours (ECMA-48, 8.3.117) take none. */
static guint
picture_columns (const char *lines)
{
  g_autoptr (GString) first = g_string_new_len (lines, strcspn (lines, "\n"));
  char *colour;

  while ((colour = strstr (first->str, "\033[")) != NULL)
    g_string_erase (first, colour - first->str, MIN (strlen (colour), strcspn (colour, "m") + 1));

  return pst_cli_text_columns (first->str);
}

/**
 * pst_cli_lines_invite:
 * @invite: the code and its other forms
 * @columns: the terminal's width; 0 for no QR code
 *
 * A QR code wider than the terminal is left out: broken lines cannot be scanned.
 *
 * Returns: (transfer full): the lines
 */
char *
pst_cli_lines_invite (const PstCliInvite *invite, guint columns)
{
  GString *out = g_string_new (NULL);

  g_string_append_printf (out, "Code: %s\n", invite->code);
  if (invite->qr != NULL && picture_columns (invite->qr) <= columns)
    g_string_append_printf (out, "\n%s\n", invite->qr);
  if (invite->link != NULL)
    g_string_append_printf (out, "Link: %s\n", invite->link);

  g_string_append (out, "On the other machine: penstock-cli receive ");
  if (invite->server_url != NULL)
    g_string_append_printf (out, "--server %s ", invite->server_url);
  g_string_append_printf (out, "%s\n", invite->code);
  return g_string_free (out, FALSE);
}

/**
 * pst_cli_lines_connected:
 * @peer_name: (nullable): how the other person calls themselves, escaped already
 * @route: how the machines reach each other
 *
 * Returns: (transfer full): one line
 */
char *
pst_cli_lines_connected (const char *peer_name, PstRoute route)
{
  g_autofree char *inert = pst_cli_text_inert (peer_name != NULL ? peer_name : "");

  return g_strdup_printf ("Connected%s%s%s.\n", *inert != '\0' ? " to " : "", inert,
                          pst_cli_lines_route (route));
}

/**
 * pst_cli_lines_is_hidden:
 * @path: a relative path
 *
 * Returns: %TRUE if a part of @path begins with a dot, so that file managers hide it
 */
gboolean
pst_cli_lines_is_hidden (const char *path)
{
  return *path == '.' || strstr (path, "/.") != NULL;
}

static char *
entry_mark (const PstEntry *entry)
{
  g_autofree char *target = entry->target != NULL ? pst_escape_name (entry->target, -1) : NULL;

  return g_strconcat (entry->kind == PST_ENTRY_FOLDER ? "/" : "",
                      entry->kind == PST_ENTRY_LINK ? " → " : "",
                      entry->kind == PST_ENTRY_LINK && target != NULL ? target : "",
                      entry->executable ? "  (can be run)" : "",
                      pst_cli_lines_is_hidden (entry->path) ? "  (hidden)" : "", NULL);
}

static void
append_entry (GString *out, const PstEntry *entry, guint number, guint columns)
{
  g_autofree char *shown = pst_escape_name (entry->path, -1);
  g_autofree char *size = entry->kind == PST_ENTRY_FILE ? pst_cli_text_size (entry->size_bytes)
                                                        : g_strdup ("");
  g_autofree char *mark = entry_mark (entry);
  g_autofree char *line = g_strdup_printf ("%4u  %8s  %s%s", number, size, shown, mark);

  pst_cli_text_wrap (out, line, columns, OFFER_MARGIN);
}

static void
append_earlier (GString *out, const PstCliOffer *offer)
{
  g_autofree char *there = pst_cli_text_size (offer->there_bytes);

  if (offer->there_bytes > 0)
    g_string_append_printf (out,
                            "%s of it came earlier; it goes on from there, once that was "
                            "checked.\n",
                            there);
}

static void
append_summary (GString *out, const PstCliOffer *offer)
{
  g_autofree char *files = pst_cli_text_count (offer->n_files, "file", "files");
  g_autofree char *total = pst_cli_text_size (offer->total_bytes);
  g_autofree char *destination = pst_escape_name (offer->destination, -1);
  g_autofree char *free_size = offer->free_bytes >= 0 ? pst_cli_text_size (offer->free_bytes)
                                                      : NULL;

  g_string_append_printf (out, "%s, %s in all, into %s", files, total, destination);
  if (free_size != NULL)
    g_string_append_printf (out, " (%s free)", free_size);
  g_string_append (out, ".\n");

  append_earlier (out, offer);
  if (offer->free_bytes >= 0
      && (guint64) offer->free_bytes
             < offer->total_bytes - MIN (offer->there_bytes, offer->total_bytes))
    g_string_append (out, "There is not enough room for all of it.\n");
}

/**
 * pst_cli_lines_words:
 * @phrase: the words to compare, with blanks between them
 *
 * Returns: (transfer full): the lines
 */
char *
pst_cli_lines_words (const char *phrase)
{
  return g_strdup_printf ("Read these words to each other:\n  %s\n", phrase);
}

/**
 * pst_cli_lines_offer:
 * @offer: what is offered
 * @columns: the width to wrap at; 0 for no wrapping
 *
 * Lists everything, one line each, nothing left out: what is accepted is what
 * was shown.
 *
 * Returns: (transfer full): the lines
 */
char *
pst_cli_lines_offer (const PstCliOffer *offer, guint columns)
{
  GString *out = g_string_new ("They want to send you:\n");

  for (guint i = 0; i < offer->entries->len; i++)
    append_entry (out, g_ptr_array_index (offer->entries, i), i + 1, columns);
  append_summary (out, offer);

  return g_string_free (out, FALSE);
}

static void
append_path (GString *out, const char *path)
{
  g_autofree char *shown = pst_escape_name (path, -1);

  g_string_append_printf (out, "%s\n", shown);
}

static void
append_sentence (GString *out, const char *sentence)
{
  g_autofree char *inert = pst_cli_text_inert (sentence);

  g_string_append_printf (out, "%s\n", inert);
}

static void
append_each (GString *out, const char *const *list, void (*append) (GString *, const char *))
{
  for (guint i = 0; list != NULL && list[i] != NULL; i++)
    append (out, list[i]);
}

static void
append_kept (GString *out, const PstCliSnapshot *snapshot)
{
  g_autofree char *kept = pst_cli_text_size (snapshot->kept_bytes);
  g_autofree char *files = pst_cli_text_count (snapshot->again_files, "file", "files");

  if (snapshot->kept_bytes > 0)
    g_string_append_printf (out, "%s of it had come earlier.\n", kept);
  if (snapshot->again_files > 0)
    g_string_append_printf (out, "%s had changed since then, and began anew.\n", files);
}

static void
append_leftover (GString *out, const PstLeftover *leftover, guint columns)
{
  g_autofree char *there = pst_cli_text_size (leftover->there_bytes);
  g_autofree char *total = pst_cli_text_size (leftover->total_bytes);
  g_autofree char *title = NULL, *destination = NULL, *fault = NULL, *line = NULL;

  if (leftover->error != NULL)
    {
      fault = pst_cli_text_inert (leftover->error->message);
      line = g_strdup_printf ("%s  %s", leftover->id, fault);
    }
  else
    {
      title = pst_cli_text_inert (leftover->title);
      destination = pst_escape_name (leftover->destination, -1);
      line = g_strdup_printf ("%s  %s: %s of %s are in %s", leftover->id, title, there, total,
                              destination);
    }
  pst_cli_text_wrap (out, line, columns, LEFTOVER_MARGIN);
}

/**
 * pst_cli_lines_leftovers:
 * @leftovers: (element-type PstLeftover): what was received in part only
 * @columns: the width to wrap at; 0 for no wrapping
 *
 * Returns: (transfer full): one line each, and what to do about them
 */
char *
pst_cli_lines_leftovers (GPtrArray *leftovers, guint columns)
{
  GString *out = g_string_new (leftovers->len == 0 ? "Everything arrived completely.\n" : NULL);

  for (guint i = 0; i < leftovers->len; i++)
    append_leftover (out, g_ptr_array_index (leftovers, i), columns);
  if (leftovers->len > 0)
    g_string_append (out, "To go on, have the same sent into the same folder. To remove what "
                          "came: penstock-cli leftovers --discard ID\n");

  return g_string_free (out, FALSE);
}

/**
 * pst_cli_lines_done:
 * @snapshot: a transfer that arrived
 *
 * Returns: (transfer full): what was moved, how fast, and where it is now
 */
char *
pst_cli_lines_done (const PstCliSnapshot *snapshot)
{
  GString *out = g_string_new (NULL);
  g_autofree char *files = pst_cli_text_count (snapshot->total_files, "file", "files");
  g_autofree char *size = pst_cli_text_size (snapshot->total_bytes);
  g_autofree char *rate = pst_cli_text_rate (snapshot->mean_rate_bps);

  g_string_append_printf (out, "%s %s, %s, at %s.\n",
                          pst_cli_text_state (PST_TRANSFER_DONE, snapshot->incoming), files, size,
                          rate);
  append_kept (out, snapshot);
  append_each (out, snapshot->left_out, append_sentence);
  append_each (out, snapshot->result_paths, append_path);

  return g_string_free (out, FALSE);
}

/**
 * pst_cli_lines_remembered:
 * @name: what the other device is called here
 *
 * Returns: (transfer full): one line
 */
char *
pst_cli_lines_remembered (const char *name)
{
  return g_strdup_printf ("The two devices remember each other; the other one is “%s” here.\n",
                          name);
}

static void
append_device (GString *out, const PstDevice *device)
{
  g_autoptr (GDateTime) since = g_date_time_new_from_unix_local (device->since_s);
  g_autofree char *date = since != NULL ? g_date_time_format (since, "%Y-%m-%d") : NULL;

  g_string_append (out, device->name);
  if (date != NULL)
    g_string_append_printf (out, "  (since %s)", date);
  if (device->accepts)
    g_string_append (out, "  (accepted without asking)");
  g_string_append_c (out, '\n');
}

/**
 * pst_cli_lines_devices:
 * @devices: (element-type PstDevice): all that are remembered
 *
 * Returns: (transfer full): a line for each
 */
char *
pst_cli_lines_devices (GPtrArray *devices)
{
  GString *out = g_string_new (devices->len == 0 ? "No device is remembered.\n" : NULL);

  for (guint i = 0; i < devices->len; i++)
    append_device (out, g_ptr_array_index (devices, i));

  return g_string_free (out, FALSE);
}

/**
 * pst_cli_lines_warning:
 * @sentences: what to beware of
 *
 * Returns: (transfer full): one line for standard error
 */
char *
pst_cli_lines_warning (const char *sentences)
{
  g_autofree char *inert = pst_cli_text_inert (sentences);

  return g_strdup_printf ("penstock-cli: Warning: %s\n", inert);
}

/**
 * pst_cli_lines_error:
 * @error: what went wrong
 *
 * Returns: (transfer full): one line for standard error
 */
char *
pst_cli_lines_error (const GError *error)
{
  g_autofree char *sentence = pst_cli_text_inert (error->message);

  return g_strdup_printf ("penstock-cli: %s\n", sentence);
}

/**
 * pst_cli_lines_write:
 * @file: standard output or standard error
 * @text: valid UTF-8
 *
 * Writes @text in the terminal's character set, at once. After the first
 * failure (the reader is gone) nothing more is written to @file.
 */
void
pst_cli_lines_write (FILE *file, const char *text)
{
  const char *charset;
  g_autofree char *converted = NULL;

  if (ferror (file))
    return;
  if (!g_get_charset (&charset))
    converted = g_convert_with_fallback (text, -1, charset, "UTF-8", "?", NULL, NULL, NULL);

  fputs (converted != NULL ? converted : text, file);
  fflush (file);
}
