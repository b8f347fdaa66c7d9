/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of a transfer: one table, one function that changes it, and which of
 * those in which bytes flow or wait to it is. Messages about it come in here, too. */
#include "pst-transfer-private.h"

#define BIT(state) (1u << PST_TRANSFER_##state)
#define ACTIVE                                                                         \
  (BIT (RUNNING) | BIT (HELD_NETWORK) | BIT (HELD_THEIR_DISK) | BIT (HELD_MY_DISK)     \
   | BIT (HELD_LIMIT) | BIT (PAUSED_BY_ME) | BIT (PAUSED_BY_THEM) | BIT (FULL_MY_DISK) \
   | BIT (FULL_THEIR_DISK) | BIT (STALLED) | BIT (RECONNECTING) | BIT (CHECKING))
#define ABORTED (BIT (CANCELLED_BY_ME) | BIT (CANCELLED_BY_THEM) | BIT (FAILED))

/* Each state's name, as it stands in JSON output, and where it may lead. */
static const struct
{
  const char *name;
  guint next;
} states[] = {
  [PST_TRANSFER_PREPARING] = { "preparing", BIT (OFFERED) | ABORTED },
  [PST_TRANSFER_OFFERED] = { "offered", ACTIVE | BIT (DECLINED) | ABORTED },
  [PST_TRANSFER_RUNNING] = { "running", ACTIVE | BIT (VERIFYING) | ABORTED },
  [PST_TRANSFER_HELD_NETWORK] = { "held-network", ACTIVE | BIT (VERIFYING) | ABORTED },
  [PST_TRANSFER_HELD_THEIR_DISK] = { "held-their-disk", ACTIVE | BIT (VERIFYING) | ABORTED },
  [PST_TRANSFER_HELD_MY_DISK] = { "held-my-disk", ACTIVE | BIT (VERIFYING) | ABORTED },
  [PST_TRANSFER_HELD_LIMIT] = { "held-limit", ACTIVE | BIT (VERIFYING) | ABORTED },
  [PST_TRANSFER_PAUSED_BY_ME] = { "paused-by-me", ACTIVE | BIT (VERIFYING) | ABORTED },
  [PST_TRANSFER_PAUSED_BY_THEM] = { "paused-by-them", ACTIVE | BIT (VERIFYING) | ABORTED },
  [PST_TRANSFER_FULL_MY_DISK] = { "full-my-disk", ACTIVE | BIT (VERIFYING) | ABORTED },
  [PST_TRANSFER_FULL_THEIR_DISK] = { "full-their-disk", ACTIVE | BIT (VERIFYING) | ABORTED },
  [PST_TRANSFER_STALLED] = { "stalled", ACTIVE | BIT (VERIFYING) | ABORTED },
  [PST_TRANSFER_RECONNECTING] = { "reconnecting", ACTIVE | BIT (VERIFYING) | ABORTED },
  [PST_TRANSFER_CHECKING] = { "checking", ACTIVE | BIT (VERIFYING) | ABORTED },
  [PST_TRANSFER_VERIFYING] = { "verifying", BIT (FULL_MY_DISK) | BIT (FULL_THEIR_DISK)
                                                | BIT (RECONNECTING) | BIT (DONE) | ABORTED },
  [PST_TRANSFER_DONE] = { "done", 0 },
  [PST_TRANSFER_DECLINED] = { "declined", 0 },
  [PST_TRANSFER_CANCELLED_BY_ME] = { "cancelled-by-me", 0 },
  [PST_TRANSFER_CANCELLED_BY_THEM] = { "cancelled-by-them", 0 },
  [PST_TRANSFER_FAILED] = { "failed", 0 },
};

/**
 * pst_transfer_state_to_name:
 * @state: a state
 *
 * Returns: (transfer none): its stable, untranslated name
 */
const char *
pst_transfer_state_to_name (PstTransferState state)
{
  g_return_val_if_fail ((guint) state < G_N_ELEMENTS (states), "failed");

  return states[state].name;
}

/**
 * pst_transfer_is_finished:
 * @self: a transfer
 *
 * Returns: %TRUE if its state will not change any more
 */
gboolean
pst_transfer_is_finished (PstTransfer *self)
{
  return states[self->state].next == 0;
}

/* Whether it was accepted and bytes flow or wait to. */
gboolean
pst_transfer_is_active (PstTransfer *self)
{
  return (ACTIVE >> self->state) & 1;
}

/* The one place where the state changes. */
void
pst_transfer_set_state (PstTransfer *self, PstTransferState state)
{
  gboolean was_active = pst_transfer_is_active (self);
  gboolean was_checking = self->state == PST_TRANSFER_CHECKING;

  if (state == self->state)
    return;

  g_return_if_fail ((states[self->state].next >> state) & 1);
  self->state = state;
  if (was_checking)
    pst_transfer_update_meter (self);
  /* Who hears of the beginning or the end reads the figures of that moment. */
  if (!was_active || !pst_transfer_is_active (self))
    pst_transfer_publish (self);
  g_object_notify (G_OBJECT (self), "state");

  if (pst_transfer_is_finished (self))
    pst_transfer_check_settled (self);
}

static PstTransferState
derive_full (PstTransfer *self)
{
  return self->incoming ? PST_TRANSFER_FULL_MY_DISK : PST_TRANSFER_FULL_THEIR_DISK;
}

/* The state of one that was accepted and of which something is left to be sent. */
PstTransferState
pst_transfer_derive_active (PstTransfer *self)
{
  static const PstTransferState held[PST_N_HOLDS] = {
    [PST_HOLD_NONE] = PST_TRANSFER_RUNNING,
    [PST_HOLD_NETWORK] = PST_TRANSFER_HELD_NETWORK,
    [PST_HOLD_THEIR_DISK] = PST_TRANSFER_HELD_THEIR_DISK,
    [PST_HOLD_MY_DISK] = PST_TRANSFER_HELD_MY_DISK,
    [PST_HOLD_LIMIT] = PST_TRANSFER_HELD_LIMIT,
  };

  if (self->unaligned)
    return PST_TRANSFER_RECONNECTING;
  if (self->paused_by_me)
    return PST_TRANSFER_PAUSED_BY_ME;
  if (self->paused_by_them)
    return PST_TRANSFER_PAUSED_BY_THEM;
  if (self->full)
    return derive_full (self);
  if (pst_transfer_is_checking (self))
    return PST_TRANSFER_CHECKING;
  if (self->stalled)
    return PST_TRANSFER_STALLED;
  return held[self->hold];
}

/* Whether all has left here or, of theirs, has come. */
static gboolean
is_all_sent (PstTransfer *self)
{
  if (self->incoming)
    return self->in.complete;

  return self->out.reader != NULL
         && self->figures.done_files + self->n_failed == self->figures.total_files;
}

/* The state of one of which nothing is left to be sent: pauses count no more,
 * and a receiver needs no link. */
static PstTransferState
derive_sent (PstTransfer *self)
{
  if (self->unaligned && !self->incoming)
    return PST_TRANSFER_RECONNECTING;
  if (self->full)
    return derive_full (self);
  return PST_TRANSFER_VERIFYING;
}

/* Something that holds it back came or went. */
void
pst_transfer_update_active (PstTransfer *self)
{
  if (pst_transfer_is_active (self) || self->state == PST_TRANSFER_VERIFYING)
    pst_transfer_set_state (self, is_all_sent (self) ? derive_sent (self)
                                                     : pst_transfer_derive_active (self));
}

/* A message about this transfer. Returns %FALSE if it breaks the protocol. */
gboolean
pst_transfer_take_control (PstTransfer *self, PstControl *control, GError **error)
{
  switch (control->kind)
    {
    case PST_CONTROL_CANCEL:
      pst_transfer_take_cancel (self, control);
      return TRUE;

    case PST_CONTROL_PAUSE:
    case PST_CONTROL_RESUME:
      pst_transfer_take_pause (self, control->kind == PST_CONTROL_PAUSE);
      return TRUE;

    case PST_CONTROL_CHECKING:
      return pst_transfer_take_checking (self, control, error);

    default:
      return self->incoming ? pst_transfer_take_control_incoming (self, control, error)
                            : pst_transfer_take_control_outgoing (self, control, error);
    }
}
