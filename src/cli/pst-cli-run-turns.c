/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-run-private.h"
#include "pst-error.h"
#include "pst-invite.h"

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

/**
 * pst_cli_run_take_verdict:
 * @is_same: whether the person confirmed that both see the same words
 * @user_data: the run
 *
 * A PstCliVerifyDone: the work begins, or all of it ends.
 */
void
pst_cli_run_take_verdict (gboolean is_same, gpointer user_data)
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
  pst_cli_run_take_offers (self, n_before);
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

/**
 * pst_cli_run_follow_session:
 * @self: a run
 *
 * Has every turn of the session shown, and the command's work begun at the right one.
 */
void
pst_cli_run_follow_session (PstCliRun *self)
{
  g_signal_connect (self->session, "notify::state", G_CALLBACK (on_session_state), self);
}
