/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ends of a transfer: well, by a person on either side, by a failure, or with
 * the connection. */
#include "pst-transfer-private.h"

#include "pst-error.h"
#include "pst-escape.h"

/**
 * pst_transfer_is_kept:
 * @self: a transfer
 *
 * Returns: %TRUE if it has ended before everything came, and all that came can go on
 *   when the same is offered again
 */
gboolean
pst_transfer_is_kept (PstTransfer *self)
{
  return self->in.left;
}

static void
finish (PstTransfer *self, PstTransferState state, const GError *error, gboolean discard)
{
  if (pst_transfer_is_finished (self))
    return;

  if (error != NULL && self->error == NULL)
    self->error = g_error_copy (error);
  self->in.left = self->in.sink != NULL && !discard && self->exchange != NULL
                  && pst_exchange_get_journals (self->exchange) != NULL
                  && self->figures.journal_trouble == PST_JOURNAL_TROUBLE_NONE;
  if (self->incoming)
    pst_transfer_stop_incoming (self, discard);
  else
    g_cancellable_cancel (self->out.cancellable);
  pst_transfer_set_state (self, state);
}

/* Ends the transfer on this side only. What came can go on another time, unless a
 * person did not want it any more. */
void
pst_transfer_fail (PstTransfer *self, PstTransferState state, const GError *error)
{
  finish (self, state, error, state != PST_TRANSFER_FAILED);
}

/* Ends the transfer on both sides because of something on this one. */
void
pst_transfer_abort (PstTransfer *self, const GError *error)
{
  PstControl control = {
    .kind = PST_CONTROL_CANCEL,
    .id = self->wire_id,
    .reason = error->domain == PST_ERROR ? (PstError) error->code : PST_ERROR_FAILED,
    .text = error->message,
  };

  if (self->exchange != NULL)
    pst_exchange_send_control (self->exchange, &control);
  pst_transfer_fail (self, PST_TRANSFER_FAILED, error);
}

/* Everything that could be had is committed. */
void
pst_transfer_end_verified (PstTransfer *self)
{
  g_autoptr (GError) error = NULL;

  if (self->n_failed == 0)
    {
      pst_transfer_set_state (self, PST_TRANSFER_DONE);
      return;
    }

  error = g_error_copy (self->first_failure);
  if (self->n_failed > 1)
    g_prefix_error (&error, "%u files did not arrive. The first: ", self->n_failed);
  pst_transfer_fail (self, PST_TRANSFER_FAILED, error);
}

/* The connection is gone for good. @error: (nullable): why; %NULL for a goodbye. */
void
pst_transfer_disconnect (PstTransfer *self, const GError *error)
{
  if (!pst_transfer_is_finished (self))
    {
      gboolean cancelled = g_error_matches (error, PST_ERROR, PST_ERROR_CANCELLED);
      gboolean left = error == NULL || cancelled;

      finish (self, left ? PST_TRANSFER_CANCELLED_BY_THEM : PST_TRANSFER_FAILED, error, cancelled);
    }
  self->exchange = NULL;
}

/* The other side ended it. */
void
pst_transfer_take_cancel (PstTransfer *self, const PstControl *control)
{
  g_autofree char *shown = NULL;
  g_autoptr (GError) error = NULL;

  if (control->reason == PST_ERROR_CANCELLED)
    {
      error = g_error_new_literal (PST_ERROR, PST_ERROR_CANCELLED, "The other side cancelled.");
      pst_transfer_fail (self, PST_TRANSFER_CANCELLED_BY_THEM, error);
      return;
    }

  shown = pst_escape_name (control->text != NULL ? control->text : "", -1);
  error = g_error_new (PST_ERROR, control->reason, "The other side had to stop. %s", shown);
  pst_transfer_fail (self, PST_TRANSFER_FAILED, error);
}

/**
 * pst_transfer_cancel:
 * @self: a transfer
 *
 * Ends a transfer on both sides. Files that already arrived whole stay; what came
 * of others is discarded, unless the connection is lost: who cancels then gives up
 * the connection, not the files. A finished transfer is left alone.
 */
void
pst_transfer_cancel (PstTransfer *self)
{
  g_autoptr (GError) error = g_error_new_literal (PST_ERROR, PST_ERROR_CANCELLED, "You cancelled.");
  PstControl control = { .kind = PST_CONTROL_CANCEL,
                         .id = self->wire_id,
                         .reason = PST_ERROR_CANCELLED };

  if (pst_transfer_is_finished (self))
    return;

  if (self->exchange != NULL && (self->incoming || self->out.next_part > 0))
    pst_exchange_send_control (self->exchange, &control);
  finish (self, PST_TRANSFER_CANCELLED_BY_ME, error, !self->unaligned);
}

/**
 * pst_transfer_leave:
 * @self: a transfer
 *
 * Ends a transfer on both sides because this program has to end. What came stays
 * and can go on another time. A finished transfer is left alone.
 */
void
pst_transfer_leave (PstTransfer *self)
{
  g_autoptr (GError) error = g_error_new_literal (PST_ERROR, PST_ERROR_LOST,
                                                  "The program was ended in the middle.");

  if (pst_transfer_is_finished (self))
    return;
  if (self->incoming || self->out.next_part > 0)
    pst_transfer_abort (self, error);
  else
    pst_transfer_fail (self, PST_TRANSFER_FAILED, error);
}
