/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-verify.h"

#include "pst-cli-answer.h"
#include "pst-error.h"

struct _PstCliVerify
{
  PstSession *session;
  PstCliOutput *output;
  PstCliPrompt *prompt;
  GCancellable *cancellable;
  gboolean json;
  PstCliVerifyDone done;
  gpointer user_data;
};

/**
 * pst_cli_verify_check:
 * @options: the command line
 * @is_interactive: whether a person sits there
 * @error: %PST_ERROR_USAGE if there is nobody to be asked
 *
 * Returns: %TRUE unless `--verify` was given where nobody can answer
 */
gboolean
pst_cli_verify_check (const PstCliOptions *options, gboolean is_interactive, GError **error)
{
  if (!options->verify || options->json || is_interactive)
    return TRUE;

  g_set_error_literal (error, PST_ERROR, PST_ERROR_USAGE,
                       "Nobody can be asked without a terminal: --verify needs one, or --json.");
  return FALSE;
}

/**
 * pst_cli_verify_new:
 * @session: the session whose words are compared
 * @output: who shows them and asks
 * @prompt: what reads the answer
 * @cancellable: cancelled when the connection has ended
 * @json: whether a program answers
 * @done: called with the answer
 * @user_data: for @done
 *
 * Returns: (transfer full): what has the words compared
 */
PstCliVerify *
pst_cli_verify_new (PstSession *session,
                    PstCliOutput *output,
                    PstCliPrompt *prompt,
                    GCancellable *cancellable,
                    gboolean json,
                    PstCliVerifyDone done,
                    gpointer user_data)
{
  PstCliVerify *self = g_new0 (PstCliVerify, 1);

  self->session = g_object_ref (session);
  self->output = g_object_ref (output);
  self->prompt = g_object_ref (prompt);
  self->cancellable = g_object_ref (cancellable);
  self->json = json;
  self->done = done;
  self->user_data = user_data;
  pst_session_want_verifier (session);
  return self;
}

static void ask (PstCliVerify *self);

/* Whoever does not answer any more has not confirmed anything. */
static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line = pst_cli_prompt_read_finish (PST_CLI_PROMPT (source), result, &error);
  PstCliVerify *self = user_data;
  PstCliAnswer answer;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  answer = line != NULL ? pst_cli_answer_read_yes_no (line, self->json) : PST_CLI_ANSWER_DECLINE;
  if (answer == PST_CLI_ANSWER_UNCLEAR)
    ask (self);
  else
    self->done (answer == PST_CLI_ANSWER_ALL, self->user_data);
}

static void
ask (PstCliVerify *self)
{
  pst_cli_output_ask (self->output, PST_CLI_ASK_WORDS);
  pst_cli_prompt_read_async (self->prompt, self->cancellable, on_answer, self);
}

static void
on_verifier (PstCliVerify *self)
{
  g_signal_handlers_disconnect_by_data (self->session, self);
  pst_cli_output_words (self->output, pst_session_get_verifier (self->session));
  ask (self);
}

/**
 * pst_cli_verify_begin:
 * @self: what has the words compared
 *
 * Shows the words, as soon as they are known, and asks. To be called once, when
 * the machines are connected.
 */
void
pst_cli_verify_begin (PstCliVerify *self)
{
  if (pst_session_get_verifier (self->session) != NULL)
    on_verifier (self);
  else
    g_signal_connect_swapped (self->session, "notify::verifier", G_CALLBACK (on_verifier), self);
}

/**
 * pst_cli_verify_free:
 * @self: (transfer full): what has the words compared
 */
void
pst_cli_verify_free (PstCliVerify *self)
{
  g_signal_handlers_disconnect_by_data (self->session, self);
  g_object_unref (self->session);
  g_object_unref (self->output);
  g_object_unref (self->prompt);
  g_object_unref (self->cancellable);
  g_free (self);
}
