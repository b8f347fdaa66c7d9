/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a transfer counts: what was offered, accepted, sent and written, what was
 * there before, and what cannot be had; and when that is told. */
#include "pst-transfer-private.h"

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

/* Brings the rates up to date; after the end they stay. */
void
pst_transfer_measure (PstTransfer *self)
{
  gint64 now_us = g_get_monotonic_time ();
  PstFigures *figures = &self->figures;
  guint64 left_bytes = figures->total_bytes - MIN (figures->total_bytes, figures->written_bytes);
  gboolean finished = pst_transfer_is_finished (self);
  gboolean still = finished || self->unaligned || self->full;

  if (self->meter.started_us == 0 || (finished && self->measured))
    return;

  figures->mean_rate_bps = pst_meter_get_mean_rate_bps (&self->meter, now_us);
  figures->rate_bps = still ? 0 : pst_meter_get_rate_bps (&self->meter, now_us);
  figures->time_left_us = still && left_bytes > 0
                              ? -1
                              : pst_meter_get_time_left_us (&self->meter, now_us, left_bytes);
  self->measured = finished;
}

static gboolean
figures_due (gpointer user_data)
{
  PstTransfer *self = user_data;

  g_clear_pointer (&self->figures_source, g_source_unref);
  if (pst_transfer_is_active (self))
    {
      self->hold = pst_meter_take_hold (&self->meter, g_get_monotonic_time ());
      pst_transfer_update_active (self);
    }
  pst_transfer_publish (self);
  pst_transfer_tell_check (self);
  return G_SOURCE_REMOVE;
}

/* Something changed: tell so within a tenth of a second. */
void
pst_transfer_touch (PstTransfer *self)
{
  if (self->figures_source != NULL)
    return;

  self->figures_source = g_timeout_source_new (PST_TRANSFER_FIGURES_MS);
  g_source_set_callback (self->figures_source, figures_due, g_object_ref (self), g_object_unref);
  g_source_attach (self->figures_source, g_main_context_get_thread_default ());
}
