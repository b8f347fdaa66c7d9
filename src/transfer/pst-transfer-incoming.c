/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The receiver's side: take the offer, give credit for what the disk took and say what
 * is safe on it. */
#include "pst-transfer-private.h"

#include <string.h>

#include "pst-escape.h"

/* The first part of an offer is about to be taken. */
PstTransfer *
pst_transfer_new_incoming (PstExchange *exchange, guint32 id)
{
  PstTransfer *self = g_object_new (PST_TYPE_TRANSFER, NULL);

  self->exchange = exchange;
  self->id = self->wire_id = id;
  self->incoming = TRUE;
  self->manifest = pst_manifest_new ();
  return self;
}

/* Stops writing. @discard: whether the partial file goes, or stays for later. */
void
pst_transfer_stop_incoming (PstTransfer *self, gboolean discard)
{
  if (self->in.sink == NULL)
    return;
  if (discard)
    pst_sink_abort (self->in.sink);
  else
    pst_sink_leave (self->in.sink);
}

gboolean
pst_transfer_refuse (GError **error, const char *what)
{
  g_set_error (error, PST_ERROR, PST_ERROR_PROTOCOL, "The other side sent %s.", what);
  return FALSE;
}

static gboolean
take_offer (PstTransfer *self, PstControl *control, GError **error)
{
  g_autoptr (PstManifest) manifest = pst_manifest_ref (self->manifest);

  if (self->state != PST_TRANSFER_PREPARING || control->part != self->in.next_part)
    return pst_transfer_refuse (error, "parts of an offer out of order");
  self->in.next_part++;

  if (!pst_manifest_read_part (manifest, control->entries, error))
    return FALSE;
  if (!control->last)
    return TRUE;
  if (!pst_manifest_seal (manifest, error))
    return FALSE;

  pst_manifest_unref (self->manifest);
  pst_transfer_set_manifest (self, manifest);
  pst_transfer_find_formers (self);
  return TRUE;
}

void
pst_transfer_fit_window (PstTransfer *self)
{
  self->in.window.window_bytes = pst_window_fit (
      pst_meter_get_peak_rate_bps (&self->meter, g_get_monotonic_time ()),
      pst_exchange_get_round_trip_us (self->exchange),
      pst_exchange_count_receiving (self->exchange));
  self->in.window.sender_sleeps = pst_exchange_sender_sleeps (self->exchange);
}

static void
tell_credit (PstTransfer *self)
{
  PstControl control = { .kind = PST_CONTROL_CREDIT, .id = self->wire_id };

  pst_transfer_fit_window (self);
  control.received_bytes = self->in.window.received_bytes;
  control.taken_bytes = self->in.window.taken_bytes;
  control.written_bytes = self->in.window.written_bytes;
  control.window_bytes = self->in.window.window_bytes;
  pst_exchange_send_control (self->exchange, &control);
  pst_window_announced (&self->in.window);
}

static void
send_credit (PstTransfer *self)
{
  if (pst_window_should_announce (&self->in.window) && self->exchange != NULL)
    tell_credit (self);
}

/* The figures of a slow transfer change by less than is told at once: from time to time
 * the sender must know whether the line is slow, or the disk. */
void
pst_transfer_refresh_credit (PstTransfer *self)
{
  if (self->in.sink != NULL && self->exchange != NULL && !self->unaligned
      && !pst_transfer_is_finished (self) && pst_window_has_news (&self->in.window))
    tell_credit (self);
}

static void
hold_by_disk (PstTransfer *self)
{
  guint64 pending_bytes = pst_sink_get_pending_bytes (self->in.sink);
  PstHold hold = pending_bytes > self->in.window.window_bytes / 2 ? PST_HOLD_MY_DISK
                                                                  : PST_HOLD_NONE;

  pst_meter_hold (&self->meter, g_get_monotonic_time (), hold);
  pst_transfer_touch (self);
}

/* Bytes came, and are on their way to the disk. */
void
pst_transfer_tell_arrival (PstTransfer *self)
{
  send_credit (self);
  hold_by_disk (self);
}

/* The rate is that of what the disk takes: what is safe on it comes in jumps. */
static void
sink_written (
    PstSink *sink, guint64 taken_bytes, guint64 written_bytes, guint n_files, gpointer user_data)
{
  PstTransfer *self = user_data;

  self->stalled = FALSE;
  pst_window_take (&self->in.window, taken_bytes);
  pst_window_write (&self->in.window, written_bytes);
  pst_transfer_count_written (self, self->in.window.written_bytes);
  self->figures.done_files += n_files;
  pst_meter_add (&self->meter, g_get_monotonic_time (), taken_bytes);
  send_credit (self);
  hold_by_disk (self);
}

static void
send_full (PstTransfer *self)
{
  PstControl control = {
    .kind = self->full ? PST_CONTROL_FULL : PST_CONTROL_ROOM,
    .id = self->wire_id,
    .missing_bytes = self->figures.missing_bytes,
  };

  /* Before the answer there is nothing to hold up. */
  if (self->exchange != NULL && self->in.answered)
    pst_exchange_send_control (self->exchange, &control);
}

static void
sink_full (PstSink *sink, guint64 missing_bytes, gpointer user_data)
{
  PstTransfer *self = user_data;

  pst_transfer_set_full (self, TRUE, missing_bytes);
  send_full (self);
}

static void
sink_room (PstSink *sink, gpointer user_data)
{
  PstTransfer *self = user_data;

  pst_transfer_set_full (self, FALSE, 0);
  send_full (self);
}

static void
sink_journal (PstSink *sink, gpointer user_data)
{
  PstTransfer *self = user_data;

  if (pst_transfer_is_finished (self))
    return;

  self->figures.journal_trouble = pst_sink_get_journal_trouble (sink);
  pst_transfer_touch (self);
}

static void
sink_failed (PstSink *sink, const GError *error, gpointer user_data)
{
  pst_transfer_abort (user_data, error);
}

static void
sink_committed (PstSink *sink, gpointer user_data)
{
  PstTransfer *self = user_data;
  PstControl control = {
    .kind = PST_CONTROL_VERIFIED,
    .id = self->wire_id,
    .n_files = self->figures.done_files,
    .n_failed = self->n_failed,
  };
  guint64 journal_id;

  self->results = pst_sink_dup_results (sink);
  if (self->exchange != NULL)
    {
      pst_exchange_send_control (self->exchange, &control);
      if (pst_sink_get_finished (sink, &journal_id))
        pst_exchange_forget_when_heard (self->exchange, journal_id);
    }
  pst_transfer_end_verified (self);
}

void
pst_transfer_start_receiving (PstTransfer *self, PstDisk *disk)
{
  self->in.sink = pst_sink_new (disk);
  g_signal_connect_object (self->in.sink, "written", G_CALLBACK (sink_written), self, 0);
  g_signal_connect_object (self->in.sink, "failed", G_CALLBACK (sink_failed), self, 0);
  g_signal_connect_object (self->in.sink, "full", G_CALLBACK (sink_full), self, 0);
  g_signal_connect_object (self->in.sink, "room", G_CALLBACK (sink_room), self, 0);
  g_signal_connect_object (self->in.sink, "journal", G_CALLBACK (sink_journal), self, 0);
  g_signal_connect_object (self->in.sink, "committed", G_CALLBACK (sink_committed), self, 0);
  g_signal_connect_object (self->in.sink, "settled", G_CALLBACK (pst_transfer_check_settled), self,
                           G_CONNECT_SWAPPED);

  pst_transfer_start_meter (self);
  pst_transfer_count_totals (self);
  pst_transfer_set_state (self, pst_transfer_derive_active (self));
}

/* The sender asks over a new link what came over those before. All that came is
 * written or will be, so it goes on behind that. */
static gboolean
take_keep (PstTransfer *self, PstControl *control, GError **error)
{
  PstControl have = {
    .kind = PST_CONTROL_HAVE,
    .id = self->wire_id,
    .paused = self->paused_by_me,
    .n_parts = self->in.next_part,
    .accepted = self->in.answered,
    .entry = self->in.entry,
    .offset = self->in.offset,
    .taken_bytes = self->in.window.taken_bytes,
    .written_bytes = self->in.window.written_bytes,
  };

  if (!self->unaligned)
    return pst_transfer_refuse (error, "a question about its offer out of turn");

  pst_transfer_align (self, control->paused);
  if (have.accepted)
    {
      pst_transfer_fit_window (self);
      pst_transfer_say_accept (self);
    }
  have.window_bytes = self->in.window.window_bytes;
  pst_exchange_send_control (self->exchange, &have);
  if (self->full)
    send_full (self);
  return TRUE;
}

/* A message about a transfer of theirs; the kinds both directions know are
 * already taken. */
gboolean
pst_transfer_take_control_incoming (PstTransfer *self, PstControl *control, GError **error)
{
  if (control->kind == PST_CONTROL_OFFER)
    return take_offer (self, control, error);
  if (control->kind == PST_CONTROL_KEEP)
    return take_keep (self, control, error);
  if (control->kind == PST_CONTROL_ENTRY_FROM || control->kind == PST_CONTROL_ENTRY_DONE
      || control->kind == PST_CONTROL_ENTRY_FAILED)
    return pst_transfer_take_file_control (self, control, error);

  return pst_transfer_refuse (error, "a message about its offer out of turn");
}
