/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The receiver's side: take the offer, check every frame against the manifest
 * before it reaches the disk, give credit for what the disk took and say what is safe
 * on it. */
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

static gboolean
out_of_turn (GError **error, const char *what)
{
  g_set_error (error, PST_ERROR, PST_ERROR_PROTOCOL, "The other side sent %s.", what);
  return FALSE;
}

static gboolean
take_offer (PstTransfer *self, PstControl *control, GError **error)
{
  g_autoptr (PstManifest) manifest = pst_manifest_ref (self->manifest);

  if (self->state != PST_TRANSFER_PREPARING || control->part != self->in.next_part)
    return out_of_turn (error, "parts of an offer out of order");
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

/* Stands on the next file that is to come, or behind the last. */
void
pst_transfer_find_next_file (PstTransfer *self)
{
  guint n_entries = pst_manifest_get_n_entries (self->manifest);

  self->in.offset = 0;
  while (self->in.entry < n_entries
         && (pst_manifest_get_entry (self->manifest, self->in.entry)->kind != PST_ENTRY_FILE
             || !pst_transfer_is_selected (self, self->in.entry)))
    self->in.entry++;

  if (self->in.entry == n_entries)
    {
      self->in.complete = TRUE;
      pst_sink_commit (self->in.sink);
      pst_transfer_update_active (self);
    }
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

/* What is there of the file whose turn it is, until the sender has said where that
 * goes on. */
static PstHeld *
get_undecided (PstTransfer *self)
{
  PstHeld *held = pst_held_find (self->in.held, self->in.entry);

  return held != NULL && !held->decided ? held : NULL;
}

/* Over a new link nothing comes before the sender has asked what came. */
static gboolean
is_receiving (PstTransfer *self)
{
  return pst_transfer_is_active (self) && self->in.answered && !self->in.complete
         && !self->unaligned;
}

/* A piece of a file. Only the next bytes of the file whose turn it is will do. */
gboolean
pst_transfer_take_data (PstTransfer *self,
                        const PstFrameDataHeader *header,
                        GBytes *bytes,
                        GError **error)
{
  gsize n_bytes = g_bytes_get_size (bytes);
  const PstEntry *entry;

  if (!self->incoming || !is_receiving (self))
    return out_of_turn (error, "data that was not asked for");
  if (header->entry != self->in.entry || get_undecided (self) != NULL)
    return out_of_turn (error, "data of a file whose turn it is not");
  entry = pst_manifest_get_entry (self->manifest, header->entry);
  if (header->offset != self->in.offset)
    return out_of_turn (error, "data for a wrong place in a file");
  if (n_bytes > entry->size_bytes - self->in.offset)
    return out_of_turn (error, "more of a file than it had declared");
  if (!pst_window_receive (&self->in.window, n_bytes, error))
    return FALSE;

  self->in.offset += n_bytes;
  self->figures.sent_bytes += n_bytes;
  pst_sink_write (self->in.sink, header->entry, bytes);
  send_credit (self);
  hold_by_disk (self);
  return TRUE;
}

static gboolean
take_entry_done (PstTransfer *self, PstControl *control, GError **error)
{
  const PstEntry *entry;

  if (control->entry != self->in.entry || get_undecided (self) != NULL)
    return out_of_turn (error, "the end of a file whose turn it is not");
  entry = pst_manifest_get_entry (self->manifest, control->entry);
  if (control->size_bytes != entry->size_bytes || self->in.offset != entry->size_bytes)
    return out_of_turn (error, "the end of a file too early");

  pst_sink_finish_file (self->in.sink, control->entry, control->digest);
  self->in.entry++;
  pst_transfer_find_next_file (self);
  return TRUE;
}

/* Where a file goes on of which something is there. Over a new link that is said
 * again if nothing of the file has come. */
static gboolean
take_entry_from (PstTransfer *self, PstControl *control, GError **error)
{
  PstHeld *held = pst_held_find (self->in.held, control->entry);

  if (held == NULL || control->entry != self->in.entry || self->in.offset > 0
      || (held->decided && control->offset != held->kept_bytes)
      || (control->offset > 0 && !pst_held_has_place (held, control->offset)))
    return out_of_turn (error, "a place to go on at that is none");
  if (held->decided)
    return TRUE;

  pst_transfer_decide (self, held, control->offset);
  self->in.offset = control->offset;
  if (pst_held_is_kept (held))
    pst_sink_continue_file (self->in.sink, control->entry, control->offset);
  else
    pst_sink_restart_file (self->in.sink, control->entry);

  self->figures.sent_bytes += control->offset;
  pst_transfer_count_written (self, self->in.window.written_bytes);
  pst_transfer_touch (self);
  return TRUE;
}

static gboolean
take_entry_failed (PstTransfer *self, PstControl *control, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autofree char *shown = NULL;

  if (control->entry != self->in.entry)
    return out_of_turn (error, "the failure of a file whose turn it is not");

  shown = pst_escape_name (control->text != NULL ? control->text : "", -1);
  failure = g_error_new (PST_ERROR, control->reason, "The other side could not send a file. %s",
                         shown);
  pst_sink_abandon_file (self->in.sink, control->entry);
  pst_transfer_lose_file (self, control->entry, self->in.offset, failure);
  self->in.entry++;
  pst_transfer_find_next_file (self);
  return TRUE;
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
    return out_of_turn (error, "a question about its offer out of turn");

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
  if (control->kind == PST_CONTROL_ENTRY_FROM && is_receiving (self))
    return take_entry_from (self, control, error);
  if (control->kind == PST_CONTROL_ENTRY_DONE && is_receiving (self))
    return take_entry_done (self, control, error);
  if (control->kind == PST_CONTROL_ENTRY_FAILED && is_receiving (self))
    return take_entry_failed (self, control, error);

  return out_of_turn (error, "a message about its offer out of turn");
}
