/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-output.h"

#include <sys/ioctl.h>
#include <unistd.h>

G_DEFINE_INTERFACE (PstCliOutput, pst_cli_output, G_TYPE_OBJECT)

static void
pst_cli_output_default_init (PstCliOutputInterface *iface)
{
}

/**
 * pst_cli_output_waiting:
 * @self: a writer
 * @wait: what is waited for now
 *
 * Tells what the connection waits for.
 */
void
pst_cli_output_waiting (PstCliOutput *self, PstCliWait wait)
{
  if (PST_CLI_OUTPUT_GET_IFACE (self)->waiting != NULL)
    PST_CLI_OUTPUT_GET_IFACE (self)->waiting (self, wait);
}

/**
 * pst_cli_output_invite:
 * @self: a writer
 * @invite: the code and its other forms
 *
 * Shows what the other person needs.
 */
void
pst_cli_output_invite (PstCliOutput *self, const PstCliInvite *invite)
{
  if (PST_CLI_OUTPUT_GET_IFACE (self)->invite != NULL)
    PST_CLI_OUTPUT_GET_IFACE (self)->invite (self, invite);
}

/**
 * pst_cli_output_connected:
 * @self: a writer
 * @peer_name: (nullable): how the other person calls themselves, escaped already
 * @route: how the machines reach each other
 *
 * Tells that the machines are connected.
 */
void
pst_cli_output_connected (PstCliOutput *self, const char *peer_name, PstRoute route)
{
  if (PST_CLI_OUTPUT_GET_IFACE (self)->connected != NULL)
    PST_CLI_OUTPUT_GET_IFACE (self)->connected (self, peer_name, route);
}

/**
 * pst_cli_output_words:
 * @self: a writer
 * @phrase: the words to compare, with blanks between them
 *
 * Shows the words that the other person must see as well.
 */
void
pst_cli_output_words (PstCliOutput *self, const char *phrase)
{
  if (PST_CLI_OUTPUT_GET_IFACE (self)->words != NULL)
    PST_CLI_OUTPUT_GET_IFACE (self)->words (self, phrase);
}

/**
 * pst_cli_output_offer:
 * @self: a writer
 * @offer: everything that is offered
 *
 * Shows an offer before it is accepted: every name and every size.
 */
void
pst_cli_output_offer (PstCliOutput *self, const PstCliOffer *offer)
{
  if (PST_CLI_OUTPUT_GET_IFACE (self)->offer != NULL)
    PST_CLI_OUTPUT_GET_IFACE (self)->offer (self, offer);
}

/**
 * pst_cli_output_ask:
 * @self: a writer
 * @question: what the person is to answer
 *
 * Asks; the answer is read elsewhere.
 */
void
pst_cli_output_ask (PstCliOutput *self, PstCliQuestion question)
{
  if (PST_CLI_OUTPUT_GET_IFACE (self)->ask != NULL)
    PST_CLI_OUTPUT_GET_IFACE (self)->ask (self, question);
}

/**
 * pst_cli_output_progress:
 * @self: a writer
 * @snapshot: a transfer that is not finished
 *
 * Tells how a transfer goes on. To be called at most ten times a second, and
 * at every change to or from a state in which nothing flows.
 */
void
pst_cli_output_progress (PstCliOutput *self, const PstCliSnapshot *snapshot)
{
  if (PST_CLI_OUTPUT_GET_IFACE (self)->progress != NULL)
    PST_CLI_OUTPUT_GET_IFACE (self)->progress (self, snapshot);
}

/**
 * pst_cli_output_done:
 * @self: a writer
 * @snapshot: a transfer in state %PST_TRANSFER_DONE
 *
 * Tells that a transfer arrived and was verified.
 */
void
pst_cli_output_done (PstCliOutput *self, const PstCliSnapshot *snapshot)
{
  if (PST_CLI_OUTPUT_GET_IFACE (self)->done != NULL)
    PST_CLI_OUTPUT_GET_IFACE (self)->done (self, snapshot);
}

/**
 * pst_cli_output_note:
 * @self: a writer
 * @sentence: valid UTF-8; names in it are escaped
 *
 * Tells something worth a line.
 */
void
pst_cli_output_note (PstCliOutput *self, const char *sentence)
{
  if (PST_CLI_OUTPUT_GET_IFACE (self)->note != NULL)
    PST_CLI_OUTPUT_GET_IFACE (self)->note (self, sentence);
}

/**
 * pst_cli_output_warning:
 * @self: a writer
 * @id: the transfer's number
 * @name: stable, for programs
 * @sentences: valid UTF-8; names in it are escaped
 *
 * Tells what is no error, but must be read however little is to be told.
 */
void
pst_cli_output_warning (PstCliOutput *self, guint32 id, const char *name, const char *sentences)
{
  if (PST_CLI_OUTPUT_GET_IFACE (self)->warning != NULL)
    PST_CLI_OUTPUT_GET_IFACE (self)->warning (self, id, name, sentences);
}

/**
 * pst_cli_output_remembered:
 * @self: a writer
 * @name: what the other device is called here
 *
 * Tells that the two devices remember each other now.
 */
void
pst_cli_output_remembered (PstCliOutput *self, const char *name)
{
  if (PST_CLI_OUTPUT_GET_IFACE (self)->remembered != NULL)
    PST_CLI_OUTPUT_GET_IFACE (self)->remembered (self, name);
}

/**
 * pst_cli_output_devices:
 * @self: a writer
 * @devices: (element-type PstDevice): all that are remembered
 *
 * Lists the remembered devices. Their secrets are not shown.
 */
void
pst_cli_output_devices (PstCliOutput *self, GPtrArray *devices)
{
  if (PST_CLI_OUTPUT_GET_IFACE (self)->devices != NULL)
    PST_CLI_OUTPUT_GET_IFACE (self)->devices (self, devices);
}

/**
 * pst_cli_output_serving:
 * @self: a writer
 * @urls: (array zero-terminated=1): where the server can be reached
 *
 * Tells that the rendezvous server runs.
 */
void
pst_cli_output_serving (PstCliOutput *self, const char *const *urls)
{
  if (PST_CLI_OUTPUT_GET_IFACE (self)->serving != NULL)
    PST_CLI_OUTPUT_GET_IFACE (self)->serving (self, urls);
}

/**
 * pst_cli_output_leftovers:
 * @self: a writer
 * @leftovers: (element-type PstLeftover): what was received in part only
 *
 * Lists what can go on, or be discarded.
 */
void
pst_cli_output_leftovers (PstCliOutput *self, GPtrArray *leftovers)
{
  if (PST_CLI_OUTPUT_GET_IFACE (self)->leftovers != NULL)
    PST_CLI_OUTPUT_GET_IFACE (self)->leftovers (self, leftovers);
}

/**
 * pst_cli_output_failed:
 * @self: a writer
 * @error: what went wrong
 * @exit_status: the status the program will end with
 *
 * Tells why it does not go on.
 */
void
pst_cli_output_failed (PstCliOutput *self, const GError *error, int exit_status)
{
  if (PST_CLI_OUTPUT_GET_IFACE (self)->failed != NULL)
    PST_CLI_OUTPUT_GET_IFACE (self)->failed (self, error, exit_status);
}

/**
 * pst_cli_output_closed:
 * @self: a writer
 * @exit_status: the status the program ends with
 *
 * Ends the output: nothing follows.
 */
void
pst_cli_output_closed (PstCliOutput *self, int exit_status)
{
  if (PST_CLI_OUTPUT_GET_IFACE (self)->closed != NULL)
    PST_CLI_OUTPUT_GET_IFACE (self)->closed (self, exit_status);
}

/* Widths beyond this are a mistake of the terminal, or nobody's wish. */
#define MAX_COLUMNS      500
#define FALLBACK_COLUMNS 80

static guint
get_columns (void)
{
  struct winsize size = { 0 };

  if (ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
    return FALLBACK_COLUMNS;

  return MIN (size.ws_col, MAX_COLUMNS);
}

static gboolean
can_redraw (void)
{
  const char *term = g_getenv ("TERM");

  return isatty (STDOUT_FILENO) && term != NULL && !g_str_equal (term, "dumb");
}

/* https://no-color.org: the variable counts when it is set and not empty. */
static gboolean
wants_colour (void)
{
  const char *no_colour = g_getenv ("NO_COLOR");

  return no_colour == NULL || *no_colour == '\0';
}

/**
 * pst_cli_output_new_for_streams:
 * @json: whether JSON lines are wanted
 * @quiet: whether only what is needed is wanted
 *
 * Chooses the writer that fits standard output.
 *
 * Returns: (transfer full): a writer
 */
PstCliOutput *
pst_cli_output_new_for_streams (gboolean json, gboolean quiet)
{
  if (json)
    return pst_cli_json_new (stdout);
  if (quiet || !can_redraw ())
    return pst_cli_plain_new (stdout, stderr, quiet);

  return pst_cli_terminal_new (stdout, stderr, wants_colour (), get_columns);
}
