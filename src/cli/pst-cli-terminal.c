/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-output.h"

#include "pst-cli-bar.h"
#include "pst-cli-lines.h"
#include "pst-cli-text.h"

/* ECMA-48: CR, then EL 0 (erase to the end of the line). */
#define CLEAR_LINE "\r\033[K"

struct _PstCliTerminal
{
  GObject parent_instance;

  FILE *out;
  FILE *err;
  gboolean colour;
  guint (*get_columns) (void);

  char *status;       /* the line that is redrawn; NULL when there is none */
  gboolean has_shown; /* one transfer at a time has the line */
  guint32 shown_id;
};

static void pst_cli_terminal_output_init (PstCliOutputInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PstCliTerminal,
                               pst_cli_terminal,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (PST_TYPE_CLI_OUTPUT,
                                                      pst_cli_terminal_output_init))

/* A full last column would make the terminal wrap. */
static guint
status_columns (PstCliTerminal *self)
{
  guint columns = self->get_columns ();

  return columns > 1 ? columns - 1 : 1;
}

static void
set_status (PstCliTerminal *self, const char *status)
{
  g_autofree char *text = NULL;

  if (g_strcmp0 (self->status, status) == 0)
    return;

  text = g_strconcat (CLEAR_LINE, status, NULL);
  pst_cli_lines_write (self->out, text);
  g_free (self->status);
  self->status = g_strdup (status);
}

static void
clear_status (PstCliTerminal *self)
{
  if (self->status != NULL)
    pst_cli_lines_write (self->out, CLEAR_LINE);
  g_clear_pointer (&self->status, g_free);
}

static void
tell (PstCliTerminal *self, const char *lines)
{
  clear_status (self);
  pst_cli_lines_write (self->out, lines);
}

static void
pst_cli_terminal_waiting (PstCliOutput *output, PstCliWait wait)
{
  PstCliTerminal *self = PST_CLI_TERMINAL (output);
  g_autofree char *status = pst_cli_text_cut (pst_cli_lines_waiting (wait), status_columns (self));

  set_status (self, status);
}

static void
pst_cli_terminal_invite (PstCliOutput *output, const PstCliInvite *invite)
{
  PstCliTerminal *self = PST_CLI_TERMINAL (output);
  g_autofree char *lines = pst_cli_lines_invite (invite, self->get_columns ());

  tell (self, lines);
}

static void
pst_cli_terminal_connected (PstCliOutput *output, const char *peer_name, PstRoute route)
{
  g_autofree char *line = pst_cli_lines_connected (peer_name, route);

  tell (PST_CLI_TERMINAL (output), line);
}

static void
pst_cli_terminal_words (PstCliOutput *output, const char *phrase)
{
  g_autofree char *lines = pst_cli_lines_words (phrase);

  tell (PST_CLI_TERMINAL (output), lines);
}

static void
pst_cli_terminal_offer (PstCliOutput *output, const PstCliOffer *offer)
{
  PstCliTerminal *self = PST_CLI_TERMINAL (output);
  g_autofree char *lines = pst_cli_lines_offer (offer, self->get_columns ());

  tell (self, lines);
}

/* The question is a status: if it is never answered, what follows replaces it. */
static void
pst_cli_terminal_ask (PstCliOutput *output, PstCliQuestion question)
{
  PstCliTerminal *self = PST_CLI_TERMINAL (output);

  clear_status (self);
  set_status (self, pst_cli_lines_question (question));
}

static void
pst_cli_terminal_progress (PstCliOutput *output, const PstCliSnapshot *snapshot)
{
  PstCliTerminal *self = PST_CLI_TERMINAL (output);
  g_autofree char *bar = NULL;

  if (self->has_shown && self->shown_id != snapshot->id)
    return;

  bar = pst_cli_bar_draw (snapshot, status_columns (self), self->colour);
  set_status (self, bar);
  self->has_shown = TRUE;
  self->shown_id = snapshot->id;
}

static void
pst_cli_terminal_done (PstCliOutput *output, const PstCliSnapshot *snapshot)
{
  PstCliTerminal *self = PST_CLI_TERMINAL (output);
  g_autofree char *lines = pst_cli_lines_done (snapshot);

  tell (self, lines);
  self->has_shown = FALSE;
}

static void
pst_cli_terminal_note (PstCliOutput *output, const char *sentence)
{
  g_autofree char *inert = pst_cli_text_inert (sentence);
  g_autofree char *line = g_strconcat (inert, "\n", NULL);

  tell (PST_CLI_TERMINAL (output), line);
}

static void
pst_cli_terminal_warning (PstCliOutput *output, guint32 id, const char *name, const char *sentences)
{
  PstCliTerminal *self = PST_CLI_TERMINAL (output);
  g_autofree char *line = pst_cli_lines_warning (sentences);

  clear_status (self);
  pst_cli_lines_write (self->err, line);
}

static void
pst_cli_terminal_remembered (PstCliOutput *output, const char *name)
{
  g_autofree char *line = pst_cli_lines_remembered (name);

  tell (PST_CLI_TERMINAL (output), line);
}

static void
pst_cli_terminal_devices (PstCliOutput *output, GPtrArray *devices)
{
  g_autofree char *lines = pst_cli_lines_devices (devices);

  tell (PST_CLI_TERMINAL (output), lines);
}

static void
pst_cli_terminal_serving (PstCliOutput *output, const char *const *urls)
{
  for (guint i = 0; urls[i] != NULL; i++)
    {
      g_autofree char *line = g_strdup_printf ("Serving at %s\n", urls[i]);

      tell (PST_CLI_TERMINAL (output), line);
    }
}

static void
pst_cli_terminal_leftovers (PstCliOutput *output, GPtrArray *leftovers)
{
  PstCliTerminal *self = PST_CLI_TERMINAL (output);
  g_autofree char *lines = pst_cli_lines_leftovers (leftovers, self->get_columns ());

  tell (self, lines);
}

/* Not coloured on a standard error that may be a file. */
static void
pst_cli_terminal_failed (PstCliOutput *output, const GError *error, int exit_status)
{
  PstCliTerminal *self = PST_CLI_TERMINAL (output);
  g_autofree char *line = pst_cli_lines_error (error);

  clear_status (self);
  pst_cli_lines_write (self->err, line);
  self->has_shown = FALSE;
}

static void
pst_cli_terminal_closed (PstCliOutput *output, int exit_status)
{
  clear_status (PST_CLI_TERMINAL (output));
}

static void
pst_cli_terminal_output_init (PstCliOutputInterface *iface)
{
  iface->waiting = pst_cli_terminal_waiting;
  iface->invite = pst_cli_terminal_invite;
  iface->connected = pst_cli_terminal_connected;
  iface->words = pst_cli_terminal_words;
  iface->offer = pst_cli_terminal_offer;
  iface->ask = pst_cli_terminal_ask;
  iface->progress = pst_cli_terminal_progress;
  iface->done = pst_cli_terminal_done;
  iface->note = pst_cli_terminal_note;
  iface->warning = pst_cli_terminal_warning;
  iface->remembered = pst_cli_terminal_remembered;
  iface->devices = pst_cli_terminal_devices;
  iface->serving = pst_cli_terminal_serving;
  iface->leftovers = pst_cli_terminal_leftovers;
  iface->failed = pst_cli_terminal_failed;
  iface->closed = pst_cli_terminal_closed;
}

static void
pst_cli_terminal_finalize (GObject *object)
{
  g_free (PST_CLI_TERMINAL (object)->status);
  G_OBJECT_CLASS (pst_cli_terminal_parent_class)->finalize (object);
}

static void
pst_cli_terminal_class_init (PstCliTerminalClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pst_cli_terminal_finalize;
}

static void
pst_cli_terminal_init (PstCliTerminal *self)
{
}

/**
 * pst_cli_terminal_new:
 * @out: the terminal
 * @err: where errors and warnings go
 * @colour: whether colours may be used
 * @get_columns: gives the width at this moment; it may change
 *
 * Makes the writer for a person at a terminal: a line at the bottom is redrawn,
 * what matters stays above it.
 *
 * Returns: (transfer full): a writer
 */
PstCliOutput *
pst_cli_terminal_new (FILE *out, FILE *err, gboolean colour, guint (*get_columns) (void))
{
  PstCliTerminal *self = g_object_new (PST_TYPE_CLI_TERMINAL, NULL);

  self->out = out;
  self->err = err;
  self->colour = colour;
  self->get_columns = get_columns;
  return PST_CLI_OUTPUT (self);
}
