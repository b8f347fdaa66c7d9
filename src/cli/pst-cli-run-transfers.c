/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-run-private.h"
#include "pst-cli-text.h"
#include "pst-cli-watch.h"

/* A command moves files one way; what comes the other way is not its business. */
static gboolean
is_ours (PstCliRun *self, PstTransfer *transfer)
{
  return pst_transfer_is_incoming (transfer) == (self->options->command == PST_CLI_COMMAND_RECEIVE);
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

/* An offer is also declined when it cannot be accepted; that was told already. */
static gboolean
is_told (PstCliRun *self, const PstCliSnapshot *snapshot)
{
  return self->interrupted || self->rejected
         || (self->error != NULL && snapshot->state == PST_TRANSFER_DECLINED);
}

/* What can only matter if it does not arrive; once for each. */
static void
tell_trouble (PstCliRun *self, PstCliWatch *watch, const PstCliSnapshot *snapshot)
{
  g_autofree char *folder = NULL;
  g_autofree char *sentences = NULL;

  if (snapshot->state == PST_TRANSFER_DONE || !pst_cli_watch_has_new_trouble (watch))
    return;

  folder = pst_leftover_dup_folder ();
  sentences = pst_cli_text_journal_trouble (snapshot->journal_trouble, folder);
  pst_cli_output_warning (self->output, snapshot->id,
                          snapshot->journal_trouble == PST_JOURNAL_TROUBLE_FULL ? "journal-full"
                                                                                : "journal-failed",
                          sentences);
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
  if (is_ours (self, transfer))
    tell_trouble (self, watch, &snapshot);
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

/**
 * pst_cli_run_follow_transfers:
 * @self: a run
 *
 * Has every transfer of the session shown, and passed to the command's hooks.
 */
void
pst_cli_run_follow_transfers (PstCliRun *self)
{
  g_signal_connect (self->session, "transfer-added", G_CALLBACK (on_transfer_added), self);
}

/**
 * pst_cli_run_take_offers:
 * @self: a run in which the other side is trusted now
 * @n_transfers: how many transfers there were before
 *
 * What of them was offered meanwhile has its turn now.
 */
void
pst_cli_run_take_offers (PstCliRun *self, guint n_transfers)
{
  for (guint i = 0; i < n_transfers; i++)
    if (is_offer (transfer_at (self, i)))
      take_offer (self, transfer_at (self, i));
}

/**
 * pst_cli_run_leave_transfers:
 * @self: a run
 *
 * Ends the command's transfers so that what came is kept for another time.
 */
void
pst_cli_run_leave_transfers (PstCliRun *self)
{
  for (guint i = 0; i < self->watches->len; i++)
    if (is_ours (self, transfer_at (self, i)))
      pst_transfer_leave (transfer_at (self, i));
}
