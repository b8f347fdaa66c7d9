/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-run-private.h"

#include <unistd.h>

#include "pst-cli-text.h"

/* A person at a terminal ends it when it is enough. */
static guint
get_wait_s (const PstCliOptions *options)
{
  if (options->wait_s != PST_CLI_WAIT_UNSET)
    return options->wait_s;
  return isatty (STDIN_FILENO) || isatty (STDOUT_FILENO) ? 0 : PST_CLI_UNATTENDED_WAIT_S;
}

static PstSession *
make_session (const PstCliOptions *options)
{
  g_autofree char *journals = pst_leftover_dup_folder ();
  const PstSessionOptions session_options = {
    .server_url = options->server_url,
    .stun_server = options->stun_server,
    .turn_servers = (const char *const *) options->turn_servers,
    .relay_only = options->relay_only,
    .stock = options->stock,
    .limit_bps = options->limit_bps,
    .n_words = options->n_words,
    .reconnect_wait_s = get_wait_s (options),
    .display_name = g_get_user_name (),
    .only_receives = options->command == PST_CLI_COMMAND_RECEIVE,
    .journals = journals,
  };

  return pst_session_new (&session_options);
}

/**
 * pst_cli_run_new:
 * @options: the command line; must outlive the run
 * @output: who is told what happens
 * @prompt: what reads the answers
 * @hooks: what the command does at the turns; must outlive the run
 * @user_data: for the hooks
 *
 * Makes a session that is neither hosted nor joined yet, and takes over
 * SIGINT, SIGTERM and SIGHUP: the first cancels, where it is not the person who
 * wants it (the last two) so that what came can go on; the second ends at once.
 *
 * Returns: (transfer full): one run of a command
 */
PstCliRun *
pst_cli_run_new (const PstCliOptions *options,
                 PstCliOutput *output,
                 PstCliPrompt *prompt,
                 const PstCliRunHooks *hooks,
                 gpointer user_data)
{
  PstCliRun *self = g_new0 (PstCliRun, 1);

  self->options = options;
  self->output = g_object_ref (output);
  self->hooks = hooks;
  self->user_data = user_data;
  self->watches = g_ptr_array_new_with_free_func (g_object_unref);
  self->cancellable = g_cancellable_new ();
  self->session = make_session (options);
  self->is_trusted = !options->verify;
  if (options->verify)
    self->verify = pst_cli_verify_new (self->session, output, prompt, self->cancellable,
                                       options->json, pst_cli_run_take_verdict, self);
  if (options->device == NULL)
    self->remember = pst_cli_remember_new (options, self->session, output);
  pst_cli_run_follow_session (self);
  pst_cli_run_follow_transfers (self);
  pst_cli_run_follow_end (self);
  return self;
}

/**
 * pst_cli_run_free:
 * @self: (transfer full): a run
 */
void
pst_cli_run_free (PstCliRun *self)
{
  pst_cli_run_forget_end (self);
  g_clear_pointer (&self->remember, pst_cli_remember_free);
  g_clear_pointer (&self->verify, pst_cli_verify_free);
  g_ptr_array_unref (self->watches);
  g_signal_handlers_disconnect_by_data (self->session, self);
  g_object_unref (self->session);
  g_object_unref (self->cancellable);
  g_object_unref (self->output);
  g_clear_error (&self->error);
  g_free (self);
}

/**
 * pst_cli_run_note_error:
 * @self: a run
 * @error: what went wrong
 *
 * Tells of an error. The first one decides the exit status.
 */
void
pst_cli_run_note_error (PstCliRun *self, const GError *error)
{
  pst_cli_output_failed (self->output, error, pst_cli_text_exit_for (error));
  if (self->error == NULL)
    self->error = g_error_copy (error);
}

/**
 * pst_cli_run_get_session:
 * @self: a run
 *
 * Returns: (transfer none): its session
 */
PstSession *
pst_cli_run_get_session (PstCliRun *self)
{
  return self->session;
}

/**
 * pst_cli_run_get_output:
 * @self: a run
 *
 * Returns: (transfer none): who is told what happens
 */
PstCliOutput *
pst_cli_run_get_output (PstCliRun *self)
{
  return self->output;
}

/**
 * pst_cli_run_get_cancellable:
 * @self: a run
 *
 * Returns: (transfer none): is cancelled when the run ends
 */
GCancellable *
pst_cli_run_get_cancellable (PstCliRun *self)
{
  return self->cancellable;
}

/**
 * pst_cli_run_hold_progress:
 * @self: a run
 * @hold: %TRUE while a question stands on the screen, which must stay readable
 */
void
pst_cli_run_hold_progress (PstCliRun *self, gboolean hold)
{
  self->holds_progress = hold;
}

/**
 * pst_cli_run_wait:
 * @self: a run
 *
 * Runs the default main context until the session is closed.
 *
 * Returns: the exit status
 */
int
pst_cli_run_wait (PstCliRun *self)
{
  PstCliExit status;

  while (!self->over)
    g_main_context_iteration (NULL, TRUE);

  status = pst_cli_text_exit_for (self->error);
  pst_cli_output_closed (self->output, status);
  return status;
}
