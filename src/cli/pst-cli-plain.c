/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-output.h"

#include "pst-cli-bar.h"
#include "pst-cli-lines.h"
#include "pst-cli-text.h"

/* Often enough to see that it lives, seldom enough for a log. */
#define PROGRESS_INTERVAL_US (5 * G_USEC_PER_SEC)

struct _PstCliPlain
{
  GObject parent_instance;

  FILE *out;
  FILE *err;
  gboolean quiet;
  char *unseen_offer; /* not shown yet, because nobody was asked */

  /* What the last progress line told. */
  gboolean has_told;
  guint32 told_id;
  PstTransferState told_state;
  gint64 told_us;
};

static void pst_cli_plain_output_init (PstCliOutputInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PstCliPlain,
                               pst_cli_plain,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (PST_TYPE_CLI_OUTPUT,
                                                      pst_cli_plain_output_init))

static void
tell (PstCliPlain *self, const char *text)
{
  if (!self->quiet)
    pst_cli_lines_write (self->out, text);
}

static void
pst_cli_plain_waiting (PstCliOutput *output, PstCliWait wait)
{
  PstCliPlain *self = PST_CLI_PLAIN (output);

  tell (self, pst_cli_lines_waiting (wait));
  tell (self, "\n");
}

/* Without the code nobody can come: it is the one thing that is always needed. */
static void
pst_cli_plain_invite (PstCliOutput *output, const PstCliInvite *invite)
{
  PstCliPlain *self = PST_CLI_PLAIN (output);
  g_autofree char *lines = self->quiet ? g_strconcat (invite->code, "\n", NULL)
                                       : pst_cli_lines_invite (invite, 0);

  pst_cli_lines_write (self->out, lines);
}

static void
pst_cli_plain_connected (PstCliOutput *output, const char *peer_name, PstRoute route)
{
  g_autofree char *line = pst_cli_lines_connected (peer_name, route);

  tell (PST_CLI_PLAIN (output), line);
}

/* Where the question follows: nobody is asked about things they have not seen. */
static void
pst_cli_plain_words (PstCliOutput *output, const char *phrase)
{
  PstCliPlain *self = PST_CLI_PLAIN (output);
  g_autofree char *lines = pst_cli_lines_words (phrase);

  pst_cli_lines_write (self->quiet ? self->err : self->out, lines);
}

static void
pst_cli_plain_offer (PstCliOutput *output, const PstCliOffer *offer)
{
  PstCliPlain *self = PST_CLI_PLAIN (output);
  g_autofree char *lines = pst_cli_lines_offer (offer, 0);

  tell (self, lines);
  g_free (self->unseen_offer);
  self->unseen_offer = self->quiet ? g_steal_pointer (&lines) : NULL;
}

/* On standard error: standard output may be a file that nobody looks at. However
 * quiet it is to be, nobody is asked about things they have not seen. */
static void
pst_cli_plain_ask (PstCliOutput *output, PstCliQuestion question)
{
  PstCliPlain *self = PST_CLI_PLAIN (output);

  if (question == PST_CLI_ASK_ACCEPT && self->unseen_offer != NULL)
    pst_cli_lines_write (self->err, self->unseen_offer);
  pst_cli_lines_write (self->err, pst_cli_lines_question (question));
  g_clear_pointer (&self->unseen_offer, g_free);
}

static gboolean
is_news (PstCliPlain *self, const PstCliSnapshot *snapshot)
{
  if (!self->has_told || self->told_id != snapshot->id)
    return TRUE;
  if (snapshot->time_us - self->told_us >= PROGRESS_INTERVAL_US)
    return TRUE;

  /* What holds a running transfer back may change many times a second. */
  return self->told_state != snapshot->state
         && !(pst_cli_text_is_flowing (self->told_state)
              && pst_cli_text_is_flowing (snapshot->state));
}

static void
pst_cli_plain_progress (PstCliOutput *output, const PstCliSnapshot *snapshot)
{
  PstCliPlain *self = PST_CLI_PLAIN (output);
  g_autofree char *line = NULL;

  if (!is_news (self, snapshot))
    return;

  line = pst_cli_bar_line (snapshot);
  tell (self, line);
  self->has_told = TRUE;
  self->told_id = snapshot->id;
  self->told_state = snapshot->state;
  self->told_us = snapshot->time_us;
}

static void
pst_cli_plain_done (PstCliOutput *output, const PstCliSnapshot *snapshot)
{
  g_autofree char *lines = pst_cli_lines_done (snapshot);

  tell (PST_CLI_PLAIN (output), lines);
}

static void
pst_cli_plain_note (PstCliOutput *output, const char *sentence)
{
  g_autofree char *inert = pst_cli_text_inert (sentence);
  g_autofree char *line = g_strconcat (inert, "\n", NULL);

  tell (PST_CLI_PLAIN (output), line);
}

static void
pst_cli_plain_warning (PstCliOutput *output, guint32 id, const char *name, const char *sentences)
{
  g_autofree char *line = pst_cli_lines_warning (sentences);

  pst_cli_lines_write (PST_CLI_PLAIN (output)->err, line);
}

static void
pst_cli_plain_remembered (PstCliOutput *output, const char *name)
{
  g_autofree char *line = pst_cli_lines_remembered (name);

  tell (PST_CLI_PLAIN (output), line);
}

/* Whoever is quiet still asked for the list. */
static void
pst_cli_plain_devices (PstCliOutput *output, GPtrArray *devices)
{
  g_autofree char *lines = pst_cli_lines_devices (devices);

  pst_cli_lines_write (PST_CLI_PLAIN (output)->out, lines);
}

static void
pst_cli_plain_serving (PstCliOutput *output, const char *const *urls)
{
  for (guint i = 0; urls[i] != NULL; i++)
    {
      g_autofree char *line = g_strdup_printf ("Serving at %s\n", urls[i]);

      tell (PST_CLI_PLAIN (output), line);
    }
}

/* What is asked for is not left out, however quiet it is to be. */
static void
pst_cli_plain_leftovers (PstCliOutput *output, GPtrArray *leftovers)
{
  g_autofree char *lines = pst_cli_lines_leftovers (leftovers, 0);

  pst_cli_lines_write (PST_CLI_PLAIN (output)->out, lines);
}

static void
pst_cli_plain_failed (PstCliOutput *output, const GError *error, int exit_status)
{
  g_autofree char *line = pst_cli_lines_error (error);

  pst_cli_lines_write (PST_CLI_PLAIN (output)->err, line);
}

static void
pst_cli_plain_output_init (PstCliOutputInterface *iface)
{
  iface->waiting = pst_cli_plain_waiting;
  iface->invite = pst_cli_plain_invite;
  iface->connected = pst_cli_plain_connected;
  iface->words = pst_cli_plain_words;
  iface->offer = pst_cli_plain_offer;
  iface->ask = pst_cli_plain_ask;
  iface->progress = pst_cli_plain_progress;
  iface->done = pst_cli_plain_done;
  iface->note = pst_cli_plain_note;
  iface->warning = pst_cli_plain_warning;
  iface->remembered = pst_cli_plain_remembered;
  iface->devices = pst_cli_plain_devices;
  iface->serving = pst_cli_plain_serving;
  iface->leftovers = pst_cli_plain_leftovers;
  iface->failed = pst_cli_plain_failed;
}

static void
pst_cli_plain_finalize (GObject *object)
{
  g_free (PST_CLI_PLAIN (object)->unseen_offer);
  G_OBJECT_CLASS (pst_cli_plain_parent_class)->finalize (object);
}

static void
pst_cli_plain_class_init (PstCliPlainClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pst_cli_plain_finalize;
}

static void
pst_cli_plain_init (PstCliPlain *self)
{
}

/**
 * pst_cli_plain_new:
 * @out: where everything goes but errors, warnings and questions
 * @err: where these go
 * @quiet: write only codes, questions, errors and warnings
 *
 * Makes the writer for logs and pipes: lines that stay, one at each change and
 * otherwise one every five seconds.
 *
 * Returns: (transfer full): a writer
 */
PstCliOutput *
pst_cli_plain_new (FILE *out, FILE *err, gboolean quiet)
{
  PstCliPlain *self = g_object_new (PST_TYPE_CLI_PLAIN, NULL);

  self->out = out;
  self->err = err;
  self->quiet = quiet;
  return PST_CLI_OUTPUT (self);
}
