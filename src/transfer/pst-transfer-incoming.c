/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The receiver's side: take the offer, let a person choose, check every frame
 * against the manifest before it reaches the disk, give credit for what is
 * written. */
#include "pst-transfer-private.h"

#include <stdlib.h>
#include <string.h>

#include "pst-escape.h"
#include "pst-name-hash.h"

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

static void
show_offer (PstTransfer *self)
{
  pst_transfer_set_state (self, PST_TRANSFER_OFFERED);
  pst_exchange_transfer_offered (self->exchange, self);
}

static void
formers_found (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstTransfer) self = user_data;

  self->in.formers = pst_leftover_find_finish (result);
  if (!pst_transfer_is_finished (self))
    show_offer (self);
}

/* The offer is complete. It is shown once it is known what is there of it. */
static void
find_formers (PstTransfer *self)
{
  const char *journals = pst_exchange_get_journals (self->exchange);

  if (journals != NULL && pst_exchange_peer_resumes (self->exchange))
    pst_leftover_find_async (journals, self->manifest, formers_found, g_object_ref (self));
  else
    show_offer (self);
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
  find_formers (self);
  return TRUE;
}

/* Stands on the next file that is to come, or behind the last. */
static void
find_next_file (PstTransfer *self)
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

static void
fit_window (PstTransfer *self)
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

  fit_window (self);
  control.received_bytes = self->in.window.received_bytes;
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
  const PstWindow *window = &self->in.window;

  if (self->in.sink != NULL && self->exchange != NULL && !self->unaligned
      && !pst_transfer_is_finished (self)
      && (window->received_bytes != window->announced_received_bytes
          || window->written_bytes != window->announced_written_bytes))
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

static void
sink_written (PstSink *sink, guint64 n_bytes, guint n_files, gpointer user_data)
{
  PstTransfer *self = user_data;

  self->stalled = FALSE;
  pst_window_write (&self->in.window, n_bytes);
  pst_transfer_count_written (self, self->in.window.written_bytes);
  self->figures.done_files += n_files;
  pst_meter_add (&self->meter, g_get_monotonic_time (), n_bytes);
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

  self->results = pst_sink_dup_results (sink);
  if (self->exchange != NULL)
    pst_exchange_send_control (self->exchange, &control);
  pst_transfer_end_verified (self);
}

/* The folders around a chosen entry are chosen with it. */
static guint8 *
complete_selection (PstManifest *manifest, const guint8 *selection)
{
  guint n_entries = pst_manifest_get_n_entries (manifest);
  g_autoptr (GHashTable) folders = g_hash_table_new_full (pst_name_hash, g_str_equal, g_free, NULL);
  guint8 *complete = g_new0 (guint8, n_entries);

  /* Folders stand before what is in them, so backwards finds all. */
  for (guint i = n_entries; i-- > 0;)
    {
      const PstEntry *entry = pst_manifest_get_entry (manifest, i);
      const char *slash = strrchr (entry->path, '/');

      if (!selection[i] && !g_hash_table_contains (folders, entry->path))
        continue;
      complete[i] = 1;
      if (slash != NULL)
        g_hash_table_add (folders, g_strndup (entry->path, slash - entry->path));
    }

  return complete;
}

static GArray *
selection_to_ranges (const guint8 *selection, guint n_entries)
{
  GArray *ranges = g_array_new (FALSE, FALSE, sizeof (PstEntryRange));

  for (guint32 i = 0; i < n_entries; i++)
    {
      PstEntryRange range = { i, i };

      if (!selection[i])
        continue;
      while (i + 1 < n_entries && selection[i + 1])
        range.last = ++i;
      g_array_append_val (ranges, range);
    }

  return ranges;
}

/* What is there is said in parts before the answer. */
static void
say_held (PstTransfer *self)
{
  guint n_held = self->in.held != NULL ? self->in.held->len : 0;

  for (guint i = 0; i < n_held; i += PST_CONTROL_MAX_HELD)
    {
      g_auto (PstControl) control = { .kind = PST_CONTROL_HELD, .id = self->wire_id };

      control.held = g_array_new (FALSE, FALSE, sizeof (PstHeld));
      g_array_append_vals (control.held, &g_array_index (self->in.held, PstHeld, i),
                           MIN (n_held - i, PST_CONTROL_MAX_HELD));
      pst_exchange_send_control (self->exchange, &control);
    }
}

static void
say_accept (PstTransfer *self)
{
  g_auto (PstControl) control = {
    .kind = PST_CONTROL_ACCEPT,
    .id = self->wire_id,
    .window_bytes = self->in.window.window_bytes,
  };

  if (self->selection != NULL)
    control.ranges
        = selection_to_ranges (self->selection, pst_manifest_get_n_entries (self->manifest));
  say_held (self);
  pst_exchange_send_control (self->exchange, &control);
  pst_window_announced (&self->in.window);
}

/* It is known what is there: the other side may send. Between two links it is told
 * when it asks. */
static void
answer (PstTransfer *self)
{
  PstControl pause = { .kind = PST_CONTROL_PAUSE, .id = self->wire_id };

  self->in.checking = FALSE;
  self->in.answered = TRUE;
  pst_transfer_update_meter (self);
  pst_transfer_update_active (self);
  fit_window (self);
  if (!self->unaligned)
    {
      say_accept (self);
      if (self->paused_by_me)
        pst_exchange_send_control (self->exchange, &pause);
    }
  find_next_file (self);
  pst_transfer_touch (self);
}

static void
sink_prepared (PstSink *sink, gpointer user_data)
{
  PstTransfer *self = user_data;

  if (!self->in.checking)
    return;
  if (pst_sink_get_held (sink) != NULL)
    self->in.held = g_array_ref (pst_sink_get_held (sink));
  answer (self);
}

static void
start_receiving (PstTransfer *self, PstDisk *disk)
{
  self->in.sink = pst_sink_new (disk);
  g_signal_connect_object (self->in.sink, "prepared", G_CALLBACK (sink_prepared), self, 0);
  g_signal_connect_object (self->in.sink, "written", G_CALLBACK (sink_written), self, 0);
  g_signal_connect_object (self->in.sink, "failed", G_CALLBACK (sink_failed), self, 0);
  g_signal_connect_object (self->in.sink, "full", G_CALLBACK (sink_full), self, 0);
  g_signal_connect_object (self->in.sink, "room", G_CALLBACK (sink_room), self, 0);
  g_signal_connect_object (self->in.sink, "committed", G_CALLBACK (sink_committed), self, 0);
  g_signal_connect_object (self->in.sink, "settled", G_CALLBACK (pst_transfer_check_settled), self,
                           G_CONNECT_SWAPPED);

  pst_transfer_start_meter (self);
  pst_transfer_count_totals (self);
  pst_transfer_set_state (self, pst_transfer_derive_active (self));
}

/* The earlier receipt into that folder, if there is one. */
static PstFormer *
find_former (PstTransfer *self, const char *destination)
{
  char *real = realpath (destination, NULL);
  PstFormer *found = NULL;

  for (guint i = 0; real != NULL && self->in.formers != NULL && i < self->in.formers->len; i++)
    {
      PstFormer *former = g_ptr_array_index (self->in.formers, i);

      if (found == NULL && g_str_equal (pst_journal_get_head (former->journal)->destination, real))
        found = former;
    }

  free (real);
  return found;
}

/**
 * pst_transfer_get_there_bytes:
 * @self: an incoming transfer
 * @destination: an existing folder
 *
 * Tells about how much of what is offered is in @destination from an earlier receipt
 * that did not come to its end. Whether it is the same is found out once the offer
 * is accepted.
 *
 * Returns: the bytes; 0 if there was no such receipt, never 0 if there was
 */
guint64
pst_transfer_get_there_bytes (PstTransfer *self, const char *destination)
{
  const PstFormer *former = find_former (self, destination);

  return former != NULL ? MAX (former->there_bytes, 1) : 0;
}

/**
 * pst_transfer_accept:
 * @self: an incoming transfer that is offered
 * @destination: an existing folder that can be written
 * @selection: (nullable) (array): one byte for each entry of the manifest, not
 *   0 for those wanted; %NULL for all. Folders around a wanted entry are
 *   wanted, too.
 * @error: return location for a %PST_ERROR_DESTINATION, %PST_ERROR_DISK_FULL,
 *   %PST_ERROR_LIMIT or %PST_ERROR_USAGE
 *
 * Lets the other side send, once what is there of an earlier receipt of the same
 * things into the same folder has been looked at. After an error the transfer is
 * still offered, and another destination can be tried.
 *
 * Returns: %TRUE if it was accepted
 */
gboolean
pst_transfer_accept (PstTransfer *self,
                     const char *destination,
                     const guint8 *selection,
                     GError **error)
{
  g_autoptr (GArray) ranges = NULL;
  g_autofree guint8 *complete = NULL;
  g_autoptr (PstDisk) disk = NULL;
  PstFormer *former;

  if (!self->incoming || self->state != PST_TRANSFER_OFFERED)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_USAGE,
                           "There is no offer to accept any more.");
      return FALSE;
    }

  if (selection != NULL)
    {
      complete = complete_selection (self->manifest, selection);
      ranges = selection_to_ranges (complete, pst_manifest_get_n_entries (self->manifest));
    }
  if (ranges != NULL && ranges->len > PST_CONTROL_MAX_RANGES)
    {
      g_set_error (error, PST_ERROR, PST_ERROR_LIMIT,
                   "This choice is too scattered; choose whole folders or fewer single files.");
      return FALSE;
    }

  former = find_former (self, destination);
  disk = pst_disk_new_kept (self->manifest, complete, destination,
                            pst_exchange_get_journals (self->exchange),
                            former != NULL ? former->journal : NULL, error);
  if (disk == NULL)
    return FALSE;

  self->selection = g_steal_pointer (&complete);
  self->in.checking = former != NULL;
  start_receiving (self, disk);
  if (!self->in.checking)
    answer (self);
  return TRUE;
}

/**
 * pst_transfer_decline:
 * @self: an incoming transfer that is offered
 *
 * Refuses the offer. Anything else is left alone.
 */
void
pst_transfer_decline (PstTransfer *self)
{
  PstControl control = { .kind = PST_CONTROL_DECLINE, .id = self->wire_id };
  g_autoptr (GError) error = g_error_new_literal (PST_ERROR, PST_ERROR_DECLINED, "You declined.");

  if (!self->incoming || self->state != PST_TRANSFER_OFFERED)
    return;

  pst_exchange_send_control (self->exchange, &control);
  pst_transfer_fail (self, PST_TRANSFER_DECLINED, error);
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
  find_next_file (self);
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

  held->decided = TRUE;
  held->kept_bytes = control->offset;
  self->in.offset = control->offset;
  if (pst_held_is_kept (held))
    pst_sink_continue_file (self->in.sink, control->entry, control->offset);
  else
    pst_sink_restart_file (self->in.sink, control->entry);

  self->figures.sent_bytes += control->offset;
  pst_transfer_count_kept (self, self->in.held, control->entry + 1);
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
  find_next_file (self);
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
    .written_bytes = self->in.window.written_bytes,
  };

  if (!self->unaligned)
    return out_of_turn (error, "a question about its offer out of turn");

  pst_transfer_align (self, control->paused);
  if (have.accepted)
    {
      fit_window (self);
      say_accept (self);
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
