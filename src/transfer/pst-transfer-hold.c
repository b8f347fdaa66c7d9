/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What holds a transfer back: people, a full disk, a lost link, and what shows only
 * when nothing happens. */
#include "pst-transfer-private.h"

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
      || pst_transfer_is_checking (self))
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
  self->check.told_us = 0;
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

/* The other side paused, or takes that back. */
void
pst_transfer_take_pause (PstTransfer *self, gboolean paused)
{
  if (pst_transfer_is_active (self))
    set_paused (self, &self->paused_by_them, paused);
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
