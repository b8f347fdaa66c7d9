/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sender's side: list, read ahead, and hear what the receiver answers. */
#include "pst-transfer-private.h"

#include <string.h>

static void
scan_done (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstTransfer) self = user_data;
  g_autoptr (GError) error = NULL;

  self->out.reading = FALSE;
  self->out.source = pst_source_scan_finish (result, &error);
  if (pst_transfer_is_finished (self))
    {
      pst_transfer_check_settled (self);
      return;
    }
  if (self->out.source == NULL)
    {
      pst_transfer_fail (self, PST_TRANSFER_FAILED, error);
      return;
    }

  pst_transfer_set_manifest (self, pst_source_get_manifest (self->out.source));
  pst_exchange_wake (self->exchange);
}

/* Begins with listing @paths. */
PstTransfer *
pst_transfer_new_outgoing (PstExchange *exchange, guint32 id, const char *const *paths)
{
  PstTransfer *self = g_object_new (PST_TYPE_TRANSFER, NULL);

  self->exchange = exchange;
  self->id = id;
  self->out.cancellable = g_cancellable_new ();
  self->out.part_entries = g_array_new (FALSE, FALSE, sizeof (guint));
  self->out.losses = g_array_new (FALSE, FALSE, sizeof (PstLoss));
  self->out.reading = TRUE;
  pst_source_scan_async (paths, self->out.cancellable, scan_done, g_object_ref (self));
  return self;
}

/* Stops reading and lets go of everything; for dispose. */
void
pst_transfer_clear_outgoing (PstTransfer *self)
{
  g_cancellable_cancel (self->out.cancellable);
  g_clear_object (&self->out.cancellable);
  g_clear_pointer (&self->out.reader, pst_reader_unref);
  g_clear_pointer (&self->out.source, pst_source_unref);
  g_clear_pointer (&self->out.part_entries, g_array_unref);
  g_clear_pointer (&self->out.losses, g_array_unref);
  g_clear_pointer (&self->out.held, g_array_unref);
  g_queue_clear_full (&self->out.blocks, (GDestroyNotify) pst_block_free);
  pst_transfer_clear_marks (self);
}

static void
take_blocks (PstTransfer *self, GPtrArray *blocks)
{
  if (blocks->len == 0)
    self->out.read_all = TRUE;

  for (guint i = 0; i < blocks->len; i++)
    {
      PstBlock *block = g_ptr_array_index (blocks, i);

      g_queue_push_tail (&self->out.blocks, block);
      self->out.blocks_bytes += block->bytes != NULL ? g_bytes_get_size (block->bytes) : 0;
    }

  /* The queue owns them now. */
  g_ptr_array_set_free_func (blocks, NULL);
}

static void
read_done (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstTransfer) self = user_data;
  g_autoptr (GPtrArray) blocks = pst_reader_read_finish (self->out.reader, result, NULL);

  self->out.reading = FALSE;
  if (blocks == NULL || pst_transfer_is_finished (self))
    {
      pst_transfer_check_settled (self);
      return;
    }

  if (!self->out.stale)
    take_blocks (self, blocks);
  self->out.stale = FALSE;
  pst_transfer_start_reading (self);
  pst_exchange_wake (self->exchange);
}

/* Reads on unless enough is ready; idempotent. */
void
pst_transfer_start_reading (PstTransfer *self)
{
  if (self->out.reading || self->out.read_all || !pst_transfer_is_active (self)
      || self->out.blocks_bytes + PST_SOURCE_BLOCK_BYTES > PST_TRANSFER_READ_AHEAD_BYTES)
    return;

  self->out.reading = TRUE;
  pst_reader_read_async (self->out.reader, self->out.cancellable, read_done, g_object_ref (self));
}

static gboolean
is_range_known (PstTransfer *self, const PstEntryRange *range)
{
  return range->last < pst_manifest_get_n_entries (self->manifest);
}

static gboolean
is_held_known (PstTransfer *self, const PstHeld *held)
{
  guint n_held = self->out.held->len;
  const PstEntry *entry;

  if (held->entry >= pst_manifest_get_n_entries (self->manifest)
      || (n_held > 0 && held->entry <= g_array_index (self->out.held, PstHeld, n_held - 1).entry))
    return FALSE;

  entry = pst_manifest_get_entry (self->manifest, held->entry);
  return entry->kind == PST_ENTRY_FILE
         && (held->n_places == 0 || held->places[0].offset <= entry->size_bytes);
}

/* What they have from an earlier receipt. The manifest bounds how much it can be. */
static gboolean
take_held (PstTransfer *self, PstControl *control, GError **error)
{
  /* Over a new link it is said again, in case it did not arrive. */
  if (self->out.reader != NULL)
    return TRUE;

  if (self->out.held == NULL)
    self->out.held = g_array_new (FALSE, FALSE, sizeof (PstHeld));
  for (guint i = 0; i < control->held->len; i++)
    {
      const PstHeld *held = &g_array_index (control->held, PstHeld, i);

      if (!is_held_known (self, held))
        {
          g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL,
                               "The other side has something that was not offered.");
          return FALSE;
        }
      g_array_append_val (self->out.held, *held);
    }

  return TRUE;
}

static gboolean
take_accept (PstTransfer *self, PstControl *control, GError **error)
{
  guint n_entries = pst_manifest_get_n_entries (self->manifest);

  /* Over a new link an answer is said again, in case it did not arrive. */
  if (self->out.reader != NULL)
    return TRUE;

  if (control->ranges != NULL)
    self->selection = g_new0 (guint8, n_entries);
  for (guint i = 0; control->ranges != NULL && i < control->ranges->len; i++)
    {
      const PstEntryRange *range = &g_array_index (control->ranges, PstEntryRange, i);

      if (!is_range_known (self, range))
        {
          g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL,
                               "The other side accepted something that was not offered.");
          return FALSE;
        }
      memset (self->selection + range->first, 1, range->last - range->first + 1);
    }

  self->check.by_them = FALSE;
  self->check.total_bytes = pst_held_sum_most_bytes (self->out.held, G_MAXUINT32);
  self->out.credit.window_bytes = control->window_bytes;
  self->out.reader = pst_reader_new (self->out.source, self->selection);
  if (self->out.held != NULL)
    pst_reader_set_held (self->out.reader, self->out.held);
  pst_transfer_start_meter (self);
  pst_transfer_count_totals (self);
  pst_transfer_set_state (self, pst_transfer_derive_active (self));
  pst_transfer_verify_when_all_sent (self);
  pst_transfer_start_reading (self);
  pst_transfer_touch (self);
  return TRUE;
}

static gboolean
take_credit (PstTransfer *self, PstControl *control, GError **error)
{
  guint64 before_bytes = self->out.credit.taken_bytes;
  guint64 came_before_bytes = self->out.credit.received_bytes;

  if (!pst_credit_update (&self->out.credit, control->received_bytes, control->taken_bytes,
                          control->written_bytes, control->window_bytes, error))
    return FALSE;

  self->stalled = FALSE;
  if (self->out.credit.received_bytes > came_before_bytes)
    pst_meter_note_arrival (&self->meter, g_get_monotonic_time ());
  pst_transfer_trim_marks (self);
  pst_transfer_count_written (self, control->written_bytes);
  pst_meter_add (&self->meter, g_get_monotonic_time (), control->taken_bytes - before_bytes);
  pst_transfer_touch (self);
  pst_exchange_wake (self->exchange);
  return TRUE;
}

/* Like a pause, it says nothing of a transfer that does not run. */
static gboolean
take_full (PstTransfer *self, PstControl *control, gboolean accepted)
{
  if (accepted)
    pst_transfer_set_full (self, control->kind == PST_CONTROL_FULL, control->missing_bytes);
  return TRUE;
}

static void
take_decline (PstTransfer *self)
{
  g_autoptr (GError) error = g_error_new_literal (PST_ERROR, PST_ERROR_DECLINED,
                                                  "The other side declined.");

  pst_transfer_fail (self, PST_TRANSFER_DECLINED, error);
}

/* They have the whole offer, as far as is known here, and are to answer it: a person
 * does, or what is there from an earlier receipt is looked at before. */
gboolean
pst_transfer_awaits_answer (PstTransfer *self)
{
  return self->out.offered && self->out.reader == NULL
         && (self->state == PST_TRANSFER_OFFERED || pst_transfer_is_active (self));
}

/* Everything is sent. Where a link went, the receiver may know it before us; and
 * of a choice without files it may have said nothing that arrived but the end. */
static gboolean
may_be_verified (PstTransfer *self, PstControl *control)
{
  if (self->state == PST_TRANSFER_VERIFYING)
    return control->n_failed == self->n_failed;
  if (!self->unaligned)
    return FALSE;
  if (pst_transfer_awaits_answer (self))
    return control->n_files == 0 && control->n_failed == 0;

  return self->out.reader != NULL && control->n_failed == self->n_failed
         && self->figures.done_files + self->n_failed == self->figures.total_files;
}

static void
take_verified (PstTransfer *self)
{
  if (pst_transfer_awaits_answer (self))
    {
      self->figures.total_bytes = self->figures.total_files = 0;
      pst_transfer_set_state (self, PST_TRANSFER_RECONNECTING);
    }
  pst_transfer_set_state (self, PST_TRANSFER_VERIFYING);
  pst_transfer_end_verified (self);
}

static gboolean
take_have (PstTransfer *self, PstControl *control, GError **error)
{
  if (!pst_transfer_rewind (self, control, error))
    return FALSE;

  pst_transfer_align (self, control->paused);
  if (self->out.reader != NULL)
    {
      pst_transfer_verify_when_all_sent (self);
      pst_transfer_start_reading (self);
    }
  pst_exchange_wake (self->exchange);
  return TRUE;
}

/* A message about a transfer of ours; the kinds both directions know are
 * already taken. */
gboolean
pst_transfer_take_control_outgoing (PstTransfer *self, PstControl *control, GError **error)
{
  gboolean accepted = self->out.reader != NULL;
  gboolean awaits_answer = pst_transfer_awaits_answer (self);
  gboolean may_answer = awaits_answer || (self->unaligned && accepted);

  if (control->kind == PST_CONTROL_HELD && may_answer)
    return take_held (self, control, error);

  if (control->kind == PST_CONTROL_ACCEPT && may_answer)
    return take_accept (self, control, error);

  if (control->kind == PST_CONTROL_HAVE && self->unaligned)
    return take_have (self, control, error);

  if (control->kind == PST_CONTROL_CREDIT && accepted)
    return take_credit (self, control, error);

  if (control->kind == PST_CONTROL_FULL || control->kind == PST_CONTROL_ROOM)
    return take_full (self, control, accepted);

  if (control->kind == PST_CONTROL_DECLINE && awaits_answer && !self->check.by_them)
    {
      take_decline (self);
      return TRUE;
    }
  if (control->kind == PST_CONTROL_VERIFIED && may_be_verified (self, control))
    {
      take_verified (self);
      return TRUE;
    }

  g_set_error (error, PST_ERROR, PST_ERROR_PROTOCOL,
               "The other side answered an offer out of turn.");
  return FALSE;
}
