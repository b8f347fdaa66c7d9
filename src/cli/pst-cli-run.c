/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-run.h"

#include <glib-unix.h>
#include <unistd.h>

#include "pst-cli-remember.h"
#include "pst-cli-text.h"
#include "pst-cli-verify.h"
#include "pst-cli-watch.h"
#include "pst-error.h"
#include "pst-invite.h"

/* Whoever presses Ctrl+C wants to leave; a goodbye to the other side takes no
 * longer than a slow round trip. After work is done there is more patience. */
#define CANCEL_TIMEOUT_S 2
#define CLOSE_TIMEOUT_S  10

static const int ending_signals[] = { SIGINT, SIGTERM, SIGHUP };

struct _PstCliRun
{
  const PstCliOptions *options;
  PstCliOutput *output;
  const PstCliRunHooks *hooks;
  gpointer user_data;

  PstSession *session;
  PstCliRemember *remember; /* NULL for a device that is remembered already */
  PstCliVerify *verify; /* NULL when it was not asked for */
  GPtrArray *watches;
  GCancellable *cancellable; /* cancelled when the run ends */
  GError *error;             /* the first that was met decides the exit status */
  gboolean was_invited;
  gboolean was_connected;
  gboolean is_trusted; /* nothing is offered or accepted before */
  gboolean rejected;   /* the person did not confirm the words */
  gboolean holds_progress;
  gboolean interrupted;
  gboolean ends_later; /* once there is a connection again */
  gboolean ending;
  gboolean over;
  guint close_timeout_id;
  guint signal_ids[G_N_ELEMENTS (ending_signals)];
};

/* A command moves files one way; what comes the other way is not its business. */
static gboolean
is_ours (PstCliRun *self, PstTransfer *transfer)
{
  return pst_transfer_is_incoming (transfer)
         == (self->options->command == PST_CLI_COMMAND_RECEIVE);
}

static PstTransfer *
transfer_at (PstCliRun *self, guint index)
{
  return pst_cli_watch_get_transfer (g_ptr_array_index (self->watches, index));
}

/**
 * pst_cli_run_has_unfinished:
 * @self: a run
 *
 * Returns: %TRUE while a transfer of the command goes on or waits
 */
gboolean
pst_cli_run_has_unfinished (PstCliRun *self)
{
  for (guint i = 0; i < self->watches->len; i++)
    if (is_ours (self, transfer_at (self, i)) && !pst_transfer_is_finished (transfer_at (self, i)))
      return TRUE;

  return FALSE;
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

/* An offer is also declined when it cannot be accepted; that was told already. */
static gboolean
is_told (PstCliRun *self, const PstCliSnapshot *snapshot)
{
  return self->interrupted || self->rejected
         || (self->error != NULL && snapshot->state == PST_TRANSFER_DECLINED);
}

static void
on_transfer_finished (PstCliRun *self, PstTransfer *transfer, const PstCliSnapshot *snapshot)
{
  g_autoptr (GError) outcome = pst_cli_text_outcome (snapshot->state, snapshot->incoming,
                                                     pst_transfer_get_error (transfer));

  if (outcome == NULL)
    pst_cli_output_done (self->output, snapshot);
  else if (!is_told (self, snapshot))
    pst_cli_run_note_error (self, outcome);
  if (pst_transfer_is_kept (transfer))
    pst_cli_output_note (self->output, "What came is kept. To go on, have the same sent into "
                                       "the same folder.");

  if (self->hooks->finished != NULL)
    self->hooks->finished (self, transfer, self->user_data);
}

static gboolean
is_offer (PstTransfer *transfer)
{
  return pst_transfer_is_incoming (transfer)
         && pst_transfer_get_state (transfer) == PST_TRANSFER_OFFERED;
}

static void
take_offer (PstCliRun *self, PstTransfer *transfer)
{
  if (self->hooks->offered != NULL && self->is_trusted && !self->ending)
    self->hooks->offered (self, transfer, self->user_data);
}

/* An offer is shown by the hook, with all that is in it. */
static void
on_watch_changed (PstCliWatch *watch, PstCliRun *self)
{
  PstTransfer *transfer = pst_cli_watch_get_transfer (watch);
  PstCliSnapshot snapshot;

  pst_cli_watch_fill (watch, &snapshot);
  if (is_offer (transfer))
    take_offer (self, transfer);
  else if (!is_ours (self, transfer))
    return;
  else if (pst_transfer_is_finished (transfer))
    on_transfer_finished (self, transfer, &snapshot);
  else if (!self->holds_progress && !self->ending)
    pst_cli_output_progress (self->output, &snapshot);
}

static void
on_transfer_added (PstSession *session, PstTransfer *transfer, PstCliRun *self)
{
  PstCliWatch *watch = pst_cli_watch_new (session, transfer);

  g_ptr_array_add (self->watches, watch);
  g_signal_connect (watch, "changed", G_CALLBACK (on_watch_changed), self);
  pst_cli_watch_start (watch);
}

static void
show_invite (PstCliRun *self)
{
  const char *link = pst_session_get_invite_uri (self->session);
  g_autofree char *qr = link != NULL ? pst_invite_to_terminal_qr (link, NULL) : NULL;
  PstCliInvite invite = {
    .code = pst_session_get_code (self->session),
    .link = link,
    .qr = g_get_charset (NULL) ? qr : NULL, /* it is drawn with blocks of Unicode */
    .server_url = self->options->server_url,
  };

  if (!self->was_invited && invite.code != NULL)
    pst_cli_output_invite (self->output, &invite);
  self->was_invited = TRUE;
}

static void
begin_work (PstCliRun *self)
{
  if (self->remember != NULL)
    pst_cli_remember_begin (self->remember);
  if (self->options->command == PST_CLI_COMMAND_RECEIVE && self->watches->len == 0)
    pst_cli_output_waiting (self->output, PST_CLI_WAIT_OFFER);
  if (self->hooks->connected != NULL)
    self->hooks->connected (self, self->user_data);
}

static void
reject (PstCliRun *self)
{
  g_autoptr (GError) error = g_error_new_literal (
      PST_ERROR, PST_ERROR_UNVERIFIED,
      "You did not confirm that the words are the same, so the connection was ended.");

  pst_cli_run_note_error (self, error);
  self->rejected = TRUE;
  pst_session_reject (self->session);
}

/* What was offered meanwhile has its turn now. */
static void
on_verified (gboolean is_same, gpointer user_data)
{
  PstCliRun *self = user_data;
  guint n_before = self->watches->len;

  pst_cli_run_hold_progress (self, FALSE);
  if (!is_same)
    {
      reject (self);
      return;
    }

  self->is_trusted = TRUE;
  begin_work (self);
  for (guint i = 0; i < n_before; i++)
    if (is_offer (transfer_at (self, i)))
      take_offer (self, transfer_at (self, i));
}

static void
show_connected (PstCliRun *self)
{
  int route = PST_ROUTE_UNKNOWN;

  g_object_get (self->session, "route", &route, NULL);
  pst_cli_output_connected (self->output, pst_session_get_peer_name (self->session), route);
  if (self->was_connected)
    return;

  self->was_connected = TRUE;
  if (self->verify == NULL)
    {
      begin_work (self);
      return;
    }

  pst_cli_run_hold_progress (self, TRUE);
  pst_cli_verify_begin (self->verify);
}

static void
show_waiting (PstCliRun *self)
{
  if (self->options->command == PST_CLI_COMMAND_SEND)
    show_invite (self);

  pst_cli_output_waiting (self->output, self->options->command == PST_CLI_COMMAND_SEND
                                            ? PST_CLI_WAIT_PEER
                                            : PST_CLI_WAIT_SENDER);
}

static void
show_reconnected (PstCliRun *self)
{
  show_connected (self);
  if (self->ends_later)
    pst_cli_run_end (self);
}

static void
on_session_state (PstSession *session, GParamSpec *pspec, PstCliRun *self)
{
  if (self->ending)
    return;

  switch (pst_session_get_state (session))
    {
    case PST_SESSION_STARTING:
      pst_cli_output_waiting (self->output, PST_CLI_WAIT_SERVER);
      break;
    case PST_SESSION_WAITING:
      show_waiting (self);
      break;
    case PST_SESSION_PAIRING:
      pst_cli_output_waiting (self->output, PST_CLI_WAIT_PAIRING);
      break;
    case PST_SESSION_CONNECTING:
      pst_cli_output_waiting (self->output, PST_CLI_WAIT_PATH);
      break;
    case PST_SESSION_CONNECTED:
      show_reconnected (self);
      break;
    case PST_SESSION_RECONNECTING:
      pst_cli_output_waiting (self->output, PST_CLI_WAIT_LINK);
      break;
    case PST_SESSION_NEW:
    case PST_SESSION_CLOSING:
    case PST_SESSION_CLOSED:
      break;
    }
}

static void
note_early_end (PstCliRun *self)
{
  g_autoptr (GError) error = g_error_new_literal (
      PST_ERROR, PST_ERROR_LOST,
      self->watches->len == 0 ? "The other side ended the connection before anything was sent."
                              : "The other side ended the connection before it was done.");

  pst_cli_run_note_error (self, error);
}

/* What transfers have told already is not told again: after a transfer that
 * ended well the way in which the connection goes does not matter. */
static void
on_session_closed (PstSession *session, const GError *error, PstCliRun *self)
{
  gboolean had_enough = self->watches->len > 0 && !pst_cli_run_has_unfinished (self);

  self->over = TRUE;
  g_cancellable_cancel (self->cancellable);
  if (self->ending || self->error != NULL || had_enough)
    return;

  if (error != NULL)
    pst_cli_run_note_error (self, error);
  else
    note_early_end (self);
}

static gboolean
on_close_timeout (gpointer user_data)
{
  PstCliRun *self = user_data;

  self->close_timeout_id = 0;
  self->over = TRUE;
  return G_SOURCE_REMOVE;
}

/**
 * pst_cli_run_end:
 * @self: a run
 *
 * Closes the session, which cancels what still runs; pst_cli_run_wait() returns
 * when it is closed, or after a bounded time. Calling it again does nothing.
 *
 * While the connection is being made again, the other side may not know yet how
 * it went: then this waits for it, unless the person wants to leave.
 */
void
pst_cli_run_end (PstCliRun *self)
{
  if (self->ending)
    return;

  if (!self->interrupted && pst_session_get_state (self->session) == PST_SESSION_RECONNECTING)
    {
      self->ends_later = TRUE;
      return;
    }

  self->ending = TRUE;
  g_cancellable_cancel (self->cancellable);
  if (self->remember != NULL)
    pst_cli_remember_end (self->remember);
  if (pst_session_get_state (self->session) == PST_SESSION_NEW)
    {
      self->over = TRUE;
      return;
    }

  self->close_timeout_id = g_timeout_add_seconds (
      self->interrupted ? CANCEL_TIMEOUT_S : CLOSE_TIMEOUT_S, on_close_timeout, self);
  pst_session_close_async (self->session, NULL, NULL);
}

/* The second time nothing is waited for: not for the other side, and not for
 * threads that may hang. */
static void
interrupt (PstCliRun *self)
{
  g_autoptr (GError) error
      = g_error_new_literal (PST_ERROR, PST_ERROR_CANCELLED, "You cancelled it.");

  if (self->interrupted)
    {
      pst_cli_output_closed (self->output, PST_CLI_EXIT_CANCELLED);
      _exit (PST_CLI_EXIT_CANCELLED);
    }

  self->interrupted = TRUE;
  if (!self->ending)
    pst_cli_run_note_error (self, error);
}

static gboolean
on_signal (gpointer user_data)
{
  interrupt (user_data);
  pst_cli_run_end (user_data);
  return G_SOURCE_CONTINUE;
}

/* The machine or the desktop is shut down: what came is kept for another time. */
static gboolean
on_termination (gpointer user_data)
{
  PstCliRun *self = user_data;

  interrupt (self);
  for (guint i = 0; i < self->watches->len; i++)
    if (is_ours (self, transfer_at (self, i)))
      pst_transfer_leave (transfer_at (self, i));
  pst_cli_run_end (self);
  return G_SOURCE_CONTINUE;
}

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
                                       options->json, on_verified, self);
  if (options->device == NULL)
    self->remember = pst_cli_remember_new (options, self->session, output);
  g_signal_connect (self->session, "notify::state", G_CALLBACK (on_session_state), self);
  g_signal_connect (self->session, "transfer-added", G_CALLBACK (on_transfer_added), self);
  g_signal_connect (self->session, "closed", G_CALLBACK (on_session_closed), self);
  for (guint i = 0; i < G_N_ELEMENTS (ending_signals); i++)
    self->signal_ids[i] = g_unix_signal_add (
        ending_signals[i], ending_signals[i] == SIGINT ? on_signal : on_termination, self);
  return self;
}

/**
 * pst_cli_run_free:
 * @self: (transfer full): a run
 */
void
pst_cli_run_free (PstCliRun *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (ending_signals); i++)
    g_source_remove (self->signal_ids[i]);
  g_clear_handle_id (&self->close_timeout_id, g_source_remove);
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
