/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of a transfer: one table, one function that changes it, and what
 * leads there: a person, a message, the end of the connection. */
#include "pst-transfer-private.h"

#include <string.h>

#include "pst-error.h"
#include "pst-escape.h"

#define BIT(state) (1u << PST_TRANSFER_##state)
#define ACTIVE                                                                         \
  (BIT (RUNNING) | BIT (HELD_NETWORK) | BIT (HELD_THEIR_DISK) | BIT (HELD_MY_DISK)     \
   | BIT (HELD_LIMIT) | BIT (PAUSED_BY_ME) | BIT (PAUSED_BY_THEM) | BIT (FULL_MY_DISK) \
   | BIT (FULL_THEIR_DISK) | BIT (STALLED) | BIT (RECONNECTING))
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

/**
 * pst_transfer_is_kept:
 * @self: a transfer
 *
 * Returns: %TRUE if it has ended before everything came, and what came can go on
 *   when the same is offered again
 */
gboolean
pst_transfer_is_kept (PstTransfer *self)
{
  return self->in.left;
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

  if (state == self->state)
    return;

  g_return_if_fail ((states[self->state].next >> state) & 1);
  self->state = state;
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
  if (self->in.checking)
    return PST_TRANSFER_HELD_MY_DISK;
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

static void
finish (PstTransfer *self, PstTransferState state, const GError *error, gboolean discard)
{
  if (pst_transfer_is_finished (self))
    return;

  if (error != NULL && self->error == NULL)
    self->error = g_error_copy (error);
  self->in.left = self->in.sink != NULL && !discard && self->exchange != NULL
                  && pst_exchange_get_journals (self->exchange) != NULL;
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

/* Whether nothing new flows yet, because one of the sides still looks at what was
 * there before. */
gboolean
pst_transfer_derive_checking (PstTransfer *self)
{
  GArray *held = self->incoming ? self->in.held : self->out.held;

  if (!pst_transfer_is_active (self) || self->paused_by_me || self->paused_by_them || self->full
      || self->unaligned)
    return FALSE;

  return self->in.checking
         || (held != NULL && self->n_decided < held->len
             && self->figures.sent_bytes == self->figures.kept_bytes);
}

/* So many bytes of what was sent are on the receiver's disk. */
void
pst_transfer_count_written (PstTransfer *self, guint64 written_bytes)
{
  guint64 there_bytes = written_bytes + self->figures.kept_bytes;

  self->figures.written_bytes = there_bytes - MIN (there_bytes, self->lost_bytes);
}

/* A file of which something is there goes on at @offset. */
void
pst_transfer_decide (PstTransfer *self, PstHeld *held, guint64 offset)
{
  held->decided = TRUE;
  held->kept_bytes = offset;
  self->n_decided++;
  self->figures.kept_bytes += offset;
  self->figures.again_files += !pst_held_is_kept (held);
}

/* Where the file goes on is to be decided anew. */
void
pst_transfer_take_back (PstTransfer *self, PstHeld *held)
{
  if (!held->decided)
    return;

  self->figures.kept_bytes -= held->kept_bytes;
  self->figures.again_files -= !pst_held_is_kept (held);
  held->decided = FALSE;
  held->kept_bytes = 0;
  self->n_decided--;
}

/* Whether an entry was accepted. */
gboolean
pst_transfer_is_selected (PstTransfer *self, guint32 entry)
{
  return self->selection == NULL || self->selection[entry];
}

/* Sums up what was offered or, once accepted, accepted. */
void
pst_transfer_count_totals (PstTransfer *self)
{
  self->figures.total_bytes = 0;
  self->figures.total_files = 0;
  for (guint i = 0; i < pst_manifest_get_n_entries (self->manifest); i++)
    {
      const PstEntry *entry = pst_manifest_get_entry (self->manifest, i);

      if (entry->kind != PST_ENTRY_FILE || !pst_transfer_is_selected (self, i))
        continue;
      self->figures.total_bytes += entry->size_bytes;
      self->figures.total_files++;
    }
}

/* The list is complete. */
void
pst_transfer_set_manifest (PstTransfer *self, PstManifest *manifest)
{
  self->manifest = pst_manifest_ref (manifest);
  g_free (self->title);
  self->title = pst_manifest_dup_title (manifest);
  pst_transfer_count_totals (self);
  pst_transfer_touch (self);
}

/* One file of many cannot be had: the others go on, the end will tell. */
void
pst_transfer_lose_file (PstTransfer *self, guint32 entry, guint64 sent_bytes, const GError *error)
{
  self->n_failed++;
  self->lost_bytes += sent_bytes;
  self->figures.sent_bytes -= sent_bytes;
  self->figures.total_bytes -= pst_manifest_get_entry (self->manifest, entry)->size_bytes;
  if (self->first_failure == NULL)
    self->first_failure = g_error_copy (error);
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

/* Called every few seconds: what shows only when nothing happens. */
void
pst_transfer_tick (PstTransfer *self)
{
  pst_transfer_refresh_credit (self);
  if (!pst_transfer_is_active (self))
    return;

  self->stalled = pst_meter_is_stalled (&self->meter, g_get_monotonic_time ());
  pst_transfer_update_active (self);
  pst_transfer_touch (self);
}

/* Whether nothing of what is under way came for so long that the link cannot be good,
 * although something comes back over it. */
gboolean
pst_transfer_is_stuck (PstTransfer *self)
{
  const PstCredit *credit = &self->out.credit;

  return !self->incoming && !self->unaligned
         && (pst_transfer_is_active (self) || self->state == PST_TRANSFER_VERIFYING)
         && pst_meter_is_stuck (&self->meter, g_get_monotonic_time (),
                                credit->sent_bytes - credit->received_bytes);
}

/* Pauses, full disks, lost links and a look at what is there count neither for the mean
 * rate nor as a stall. */
void
pst_transfer_update_meter (PstTransfer *self)
{
  gint64 now_us = g_get_monotonic_time ();

  if (self->paused_by_me || self->paused_by_them || self->full || self->unaligned
      || self->in.checking)
    pst_meter_pause (&self->meter, now_us);
  else
    pst_meter_resume (&self->meter, now_us);
  self->stalled = FALSE;
}

/* The receiver's disk has no room, or has some again. @missing_bytes: see
 * pst_transfer_get_missing_bytes(). */
void
pst_transfer_set_full (PstTransfer *self, gboolean full, guint64 missing_bytes)
{
  self->full = full;
  self->figures.missing_bytes = missing_bytes;
  pst_transfer_update_meter (self);
  /* Who hears of the state reads what lacks. */
  pst_transfer_publish (self);
  pst_transfer_update_active (self);
  pst_transfer_touch (self);
}

/* It was accepted: measuring begins. */
void
pst_transfer_start_meter (PstTransfer *self)
{
  pst_meter_start (&self->meter, g_get_monotonic_time ());
  pst_transfer_update_meter (self);
}

/* The link is gone; another may follow. A receiver that has everything needs
 * none, and an offer is still one. */
void
pst_transfer_suspend (PstTransfer *self)
{
  if (pst_transfer_is_finished (self) || self->wire_id == 0)
    return;

  self->unaligned = TRUE;
  /* Over the next link it is said anew. */
  if (self->out.reader == NULL)
    g_clear_pointer (&self->out.held, g_array_unref);
  pst_transfer_update_meter (self);
  pst_transfer_update_active (self);
  pst_transfer_touch (self);
}

/* Both sides know again what came, and who has paused. A disk that is full the
 * receiver tells of anew. */
void
pst_transfer_align (PstTransfer *self, gboolean paused_by_them)
{
  self->unaligned = FALSE;
  self->paused_by_them = paused_by_them;
  if (!self->incoming)
    {
      self->full = FALSE;
      self->figures.missing_bytes = 0;
    }
  pst_transfer_update_meter (self);
  pst_transfer_update_active (self);
  pst_transfer_touch (self);
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

static gboolean
take_cancel (PstTransfer *self, PstControl *control)
{
  g_autofree char *shown = NULL;
  g_autoptr (GError) error = NULL;

  if (control->reason == PST_ERROR_CANCELLED)
    {
      error = g_error_new_literal (PST_ERROR, PST_ERROR_CANCELLED, "The other side cancelled.");
      pst_transfer_fail (self, PST_TRANSFER_CANCELLED_BY_THEM, error);
      return TRUE;
    }

  shown = pst_escape_name (control->text != NULL ? control->text : "", -1);
  error = g_error_new (PST_ERROR, control->reason, "The other side had to stop. %s", shown);
  pst_transfer_fail (self, PST_TRANSFER_FAILED, error);
  return TRUE;
}

static void
set_paused (PstTransfer *self, gboolean *flag, gboolean paused)
{
  *flag = paused;
  pst_transfer_update_meter (self);
  pst_transfer_update_active (self);
  pst_transfer_touch (self);
  if (self->exchange != NULL)
    pst_exchange_wake (self->exchange);
}

/* A message about this transfer. Returns %FALSE if it breaks the protocol. */
gboolean
pst_transfer_take_control (PstTransfer *self, PstControl *control, GError **error)
{
  switch (control->kind)
    {
    case PST_CONTROL_CANCEL:
      return take_cancel (self, control);

    case PST_CONTROL_PAUSE:
    case PST_CONTROL_RESUME:
      if (pst_transfer_is_active (self))
        set_paused (self, &self->paused_by_them, control->kind == PST_CONTROL_PAUSE);
      return TRUE;

    default:
      return self->incoming ? pst_transfer_take_control_incoming (self, control, error)
                            : pst_transfer_take_control_outgoing (self, control, error);
    }
}

/**
 * pst_transfer_pause:
 * @self: a transfer that runs
 *
 * Stops the flow for this side's sake; the other side is told. Pausing what
 * does not run, or twice, does nothing.
 */
void
pst_transfer_pause (PstTransfer *self)
{
  PstControl control = { .kind = PST_CONTROL_PAUSE, .id = self->wire_id };

  if (!pst_transfer_is_active (self) || self->paused_by_me || self->full)
    return;

  set_paused (self, &self->paused_by_me, TRUE);
  pst_exchange_send_control (self->exchange, &control);
}

/**
 * pst_transfer_resume:
 * @self: a transfer
 *
 * Takes back pst_transfer_pause(). A pause by the other side stays. Where this
 * side's disk is full, it goes on with what room there is.
 */
void
pst_transfer_resume (PstTransfer *self)
{
  PstControl control = { .kind = PST_CONTROL_RESUME, .id = self->wire_id };

  if (self->in.sink != NULL)
    pst_sink_retry (self->in.sink);
  if (!pst_transfer_is_active (self) || !self->paused_by_me)
    return;

  set_paused (self, &self->paused_by_me, FALSE);
  pst_exchange_send_control (self->exchange, &control);
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
