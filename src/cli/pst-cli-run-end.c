/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-run-private.h"

#include <glib-unix.h>
#include <unistd.h>

#include "pst-cli-text.h"
#include "pst-error.h"

/* Whoever presses Ctrl+C wants to leave; a goodbye to the other side takes no
 * longer than a slow round trip. After work is done there is more patience. */
#define CANCEL_TIMEOUT_S 2
#define CLOSE_TIMEOUT_S  10

static const int ending_signals[PST_CLI_RUN_N_SIGNALS] = { SIGINT, SIGTERM, SIGHUP };

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
  g_autoptr (GError) error = g_error_new_literal (PST_ERROR, PST_ERROR_CANCELLED,
                                                  "You cancelled it.");

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
  pst_cli_run_leave_transfers (self);
  pst_cli_run_end (self);
  return G_SOURCE_CONTINUE;
}

/**
 * pst_cli_run_follow_end:
 * @self: a run
 *
 * Watches for the end of the session, and for the signals that ask for it.
 */
void
pst_cli_run_follow_end (PstCliRun *self)
{
  g_signal_connect (self->session, "closed", G_CALLBACK (on_session_closed), self);
  for (guint i = 0; i < G_N_ELEMENTS (ending_signals); i++)
    self->signal_ids[i] = g_unix_signal_add (
        ending_signals[i], ending_signals[i] == SIGINT ? on_signal : on_termination, self);
}

/**
 * pst_cli_run_forget_end:
 * @self: a run
 *
 * Gives the signals back.
 */
void
pst_cli_run_forget_end (PstCliRun *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (ending_signals); i++)
    g_source_remove (self->signal_ids[i]);
  g_clear_handle_id (&self->close_timeout_id, g_source_remove);
}
