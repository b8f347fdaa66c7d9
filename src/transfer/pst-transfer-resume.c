/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sender's side when a link was replaced: back to what the receiver has. The
 * digests of whole files go on all the same: while bytes are under way, the state
 * of the digest before each block is kept. */
#include "pst-transfer-private.h"

static void
mark_free (PstMark *mark)
{
  pst_hash_free (mark->hash);
  g_free (mark);
}

/* The first byte of @block is about to go. */
void
pst_transfer_note_mark (PstTransfer *self, PstBlock *block)
{
  PstMark *mark;

  if (block->hash == NULL)
    return;

  mark = g_new (PstMark, 1);
  *mark = (PstMark){ block->entry, block->offset, self->out.credit.sent_bytes,
                     g_steal_pointer (&block->hash) };
  g_queue_push_tail (&self->out.marks, mark);
}

/* Of the marks before what arrived the last one is enough. */
void
pst_transfer_trim_marks (PstTransfer *self)
{
  GQueue *marks = &self->out.marks;

  while (marks->length > 1
         && ((PstMark *) marks->head->next->data)->stream_bytes <= self->out.credit.received_bytes)
    mark_free (g_queue_pop_head (marks));
}

/* Forgets all marks. */
void
pst_transfer_clear_marks (PstTransfer *self)
{
  g_queue_clear_full (&self->out.marks, (GDestroyNotify) mark_free);
}

/* Keeps the one mark from which reading goes on, if there is one. */
static PstMark *
keep_mark (PstTransfer *self, guint32 entry, guint64 offset)
{
  PstMark *found = NULL;

  for (GList *l = self->out.marks.tail; l != NULL && found == NULL; l = l->prev)
    {
      PstMark *mark = l->data;

      if (mark->entry == entry && mark->offset <= offset)
        {
          found = mark;
          g_queue_delete_link (&self->out.marks, l);
          break;
        }
    }

  pst_transfer_clear_marks (self);
  if (found != NULL)
    g_queue_push_tail (&self->out.marks, found);
  return found;
}

/* What stands before a place in the stream. */
typedef struct
{
  guint n_done;
  guint n_lost;
  guint64 received_bytes;
} Before;

static void
sum_up (PstTransfer *self, guint32 entry, guint64 offset, Before *before)
{
  GArray *losses = self->out.losses;

  /* What was kept of a file was not sent; nor was it, before that was said. */
  *before = (Before){
    .received_bytes = offset > 0 ? offset - pst_held_get_kept_bytes (self->out.held, entry) : 0,
  };
  for (guint32 i = 0; i < entry; i++)
    {
      const PstEntry *file = pst_manifest_get_entry (self->manifest, i);
      const PstLoss *loss = before->n_lost < losses->len
                                ? &g_array_index (losses, PstLoss, before->n_lost)
                                : NULL;

      if (file->kind != PST_ENTRY_FILE || !pst_transfer_is_selected (self, i))
        continue;
      if (loss != NULL && loss->entry == i)
        {
          before->n_lost++;
          before->received_bytes += loss->lost_bytes - pst_held_get_kept_bytes (self->out.held, i);
          continue;
        }
      before->n_done++;
      before->received_bytes += file->size_bytes - pst_held_get_kept_bytes (self->out.held, i);
    }
}

static gboolean
is_place (PstTransfer *self, const PstControl *have)
{
  guint n_entries = pst_manifest_get_n_entries (self->manifest);
  const PstEntry *entry;

  if (have->entry >= n_entries)
    return have->entry == n_entries && have->offset == 0;

  entry = pst_manifest_get_entry (self->manifest, have->entry);
  return entry->kind == PST_ENTRY_FILE && pst_transfer_is_selected (self, have->entry)
         && have->offset <= entry->size_bytes
         && (have->offset == 0
             || have->offset >= pst_held_get_kept_bytes (self->out.held, have->entry));
}

static gboolean
refuse (GError **error)
{
  g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL,
                       "The other side claims to have what was never sent.");
  return FALSE;
}

/* Files given up of which the other side has not heard may fare better now. */
static void
take_back_losses (PstTransfer *self, guint n_kept)
{
  GArray *losses = self->out.losses;

  for (guint i = n_kept; i < losses->len; i++)
    {
      const PstLoss *loss = &g_array_index (losses, PstLoss, i);

      self->lost_bytes -= loss->lost_bytes;
      self->figures.total_bytes += pst_manifest_get_entry (self->manifest, loss->entry)->size_bytes;
    }
  g_array_set_size (losses, n_kept);
  self->n_failed = n_kept;
  if (n_kept == 0)
    g_clear_error (&self->first_failure);
}

/* What was said of files from that place on is said anew. */
static void
take_back_places (PstTransfer *self, guint32 entry, guint64 offset)
{
  GArray *held = self->out.held;

  for (guint i = held != NULL ? held->len : 0; i-- > 0;)
    {
      PstHeld *file = &g_array_index (held, PstHeld, i);

      if (file->entry < entry || (file->entry == entry && offset > 0))
        break;
      pst_transfer_take_back (self, file);
    }
}

/* Reading begins anew; what is ready and what is being read is dropped. */
static void
read_from (PstTransfer *self, guint32 entry, guint64 offset)
{
  PstMark *mark = keep_mark (self, entry, offset);

  g_queue_clear_full (&self->out.blocks, (GDestroyNotify) pst_block_free);
  self->out.blocks_bytes = 0;
  self->out.block_offset = 0;
  self->out.read_all = FALSE;
  self->out.stale = self->out.reading;
  pst_reader_unref (self->out.reader);
  self->out.reader = pst_reader_new_at (self->out.source, self->selection, entry, offset,
                                        mark != NULL ? mark->offset : 0,
                                        mark != NULL ? mark->hash : NULL);
  if (self->out.held != NULL)
    pst_reader_set_held (self->out.reader, self->out.held);
  /* A file that goes on in its middle is not compared again. */
  self->check.base_bytes = pst_held_sum_most_bytes (self->out.held, entry + (offset > 0));
}

/* Whether what was said of the file's place may not have arrived. */
static gboolean
is_place_due (PstTransfer *self, const PstControl *have)
{
  const PstHeld *held = pst_held_find (self->out.held, have->entry);

  return held != NULL && held->decided && have->offset == 0;
}

static gboolean
rewind_files (PstTransfer *self, const PstControl *have, GError **error)
{
  PstCredit *credit = &self->out.credit;
  guint n_ended = self->figures.done_files + self->n_failed;
  gboolean all_came;
  Before before;

  if (self->out.reader == NULL || !is_place (self, have))
    return refuse (error);
  sum_up (self, have->entry, have->offset, &before);
  if (before.received_bytes > credit->sent_bytes || before.n_done + before.n_lost > n_ended
      || !pst_credit_update (credit, before.received_bytes, have->taken_bytes, have->written_bytes,
                             have->window_bytes, NULL))
    return refuse (error);

  all_came = before.received_bytes == credit->sent_bytes && before.n_done + before.n_lost == n_ended
             && !is_place_due (self, have);
  credit->sent_bytes = before.received_bytes;
  self->figures.done_files = before.n_done;
  take_back_losses (self, before.n_lost);
  if (!all_came)
    {
      take_back_places (self, have->entry, have->offset);
      read_from (self, have->entry, have->offset);
    }
  self->figures.sent_bytes = credit->sent_bytes + self->figures.kept_bytes - self->lost_bytes;
  pst_transfer_count_written (self, credit->written_bytes);
  return TRUE;
}

/* A number of which the other side has never heard is not used again: others may
 * have risen above it. */
static gboolean
rewind_offer (PstTransfer *self, const PstControl *have, GError **error)
{
  /* Who looked already at what is there had all of them. */
  if (self->out.reader != NULL || have->n_parts > self->out.next_part
      || (self->check.by_them && have->n_parts < self->out.next_part))
    return refuse (error);
  if (have->n_parts == self->out.next_part)
    return TRUE;

  if (have->n_parts == 0)
    self->wire_id = 0;
  self->out.offered = FALSE;
  self->out.next_part = have->n_parts;
  self->out.next_manifest_entry = g_array_index (self->out.part_entries, guint, have->n_parts);
  g_array_set_size (self->out.part_entries, have->n_parts);
  return TRUE;
}

/* Goes back to what the other side has, after which sending goes on. */
gboolean
pst_transfer_rewind (PstTransfer *self, const PstControl *have, GError **error)
{
  return have->accepted ? rewind_files (self, have, error) : rewind_offer (self, have, error);
}

/* A new link: asks what came over those before. */
void
pst_transfer_keep (PstTransfer *self)
{
  PstControl keep = { .kind = PST_CONTROL_KEEP, .id = self->wire_id, .paused = self->paused_by_me };

  if (!self->incoming && self->unaligned && !pst_transfer_is_finished (self))
    pst_exchange_send_control (self->exchange, &keep);
}
