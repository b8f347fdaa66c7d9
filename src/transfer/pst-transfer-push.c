/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a sender gives the pump, one frame at a time: its offer, then the files in their
 * order. Small ones share a frame where the other side understands that. */
#include "pst-transfer-private.h"

#include <string.h>

#include "pst-parcel.h"

/* Lists come to their ends in any order, but numbers rise on the wire: ours is
 * taken when the other side begins to hear of it. */
static gboolean
push_offer (PstTransfer *self)
{
  g_auto (PstControl) control = { .kind = PST_CONTROL_OFFER };

  if (self->wire_id == 0)
    self->wire_id = pst_exchange_take_wire_id (self->exchange);

  g_array_append_val (self->out.part_entries, self->out.next_manifest_entry);
  control.id = self->wire_id;
  control.part = self->out.next_part++;
  control.entries = pst_manifest_write_part (self->manifest, &self->out.next_manifest_entry,
                                             PST_TRANSFER_OFFER_PART_BYTES);
  control.last = self->out.next_manifest_entry == pst_manifest_get_n_entries (self->manifest);
  pst_exchange_send_control (self->exchange, &control);

  if (control.last)
    {
      self->out.offered = TRUE;
      pst_transfer_set_state (self, PST_TRANSFER_OFFERED);
    }
  return TRUE;
}

static gsize
get_size (const PstBlock *block)
{
  return block->bytes != NULL ? g_bytes_get_size (block->bytes) : 0;
}

static void
drop_block (PstTransfer *self)
{
  g_autoptr (PstBlock) block = g_queue_pop_head (&self->out.blocks);

  self->out.block_offset = 0;
  self->out.blocks_bytes -= get_size (block);
  pst_transfer_start_reading (self);
}

/* Nothing of it is left to be read, sent or given up. */
void
pst_transfer_verify_when_all_sent (PstTransfer *self)
{
  if (self->figures.done_files + self->n_failed == self->figures.total_files)
    pst_transfer_update_active (self);
}

static void
count_end_of_file (PstTransfer *self)
{
  self->figures.done_files++;
  pst_transfer_verify_when_all_sent (self);
}

static void
push_end_of_file (PstTransfer *self, const PstBlock *block)
{
  PstControl control = {
    .kind = PST_CONTROL_ENTRY_DONE,
    .id = self->wire_id,
    .entry = block->entry,
    .size_bytes = pst_manifest_get_entry (self->manifest, block->entry)->size_bytes,
  };

  memcpy (control.digest, block->digest, sizeof control.digest);
  pst_exchange_send_control (self->exchange, &control);
  count_end_of_file (self);
}

static void
push_failed_file (PstTransfer *self, const PstBlock *block)
{
  PstControl control = {
    .kind = PST_CONTROL_ENTRY_FAILED,
    .id = self->wire_id,
    .entry = block->entry,
    .reason = block->error->code,
    .text = block->error->message,
  };

  PstLoss loss = { block->entry, block->offset };

  pst_exchange_send_control (self->exchange, &control);
  g_array_append_val (self->out.losses, loss);
  pst_transfer_lose_file (self, block->entry, block->offset, block->error);
  pst_transfer_verify_when_all_sent (self);
}

/* A file of which they have something begins. */
static void
push_place (PstTransfer *self, const PstBlock *block)
{
  PstHeld *held = pst_held_find (self->out.held, block->entry);
  PstControl control = {
    .kind = PST_CONTROL_ENTRY_FROM,
    .id = self->wire_id,
    .entry = block->entry,
    .offset = block->offset,
  };

  pst_exchange_send_control (self->exchange, &control);
  self->figures.sent_bytes += block->offset;
  pst_transfer_decide (self, held, block->offset);
  pst_transfer_count_written (self, self->out.credit.written_bytes);
}

/* Whether so many bytes may go now. */
static PstHold
ask_for_leave (PstTransfer *self, gsize n_bytes)
{
  if (pst_credit_get_room (&self->out.credit) < n_bytes)
    return pst_credit_get_hold (&self->out.credit);
  if (pst_exchange_take_limit (self->exchange, n_bytes) > 0)
    return PST_HOLD_LIMIT;

  if (self->out.credit.sent_bytes == self->out.credit.received_bytes)
    pst_meter_note_arrival (&self->meter, g_get_monotonic_time ());
  return PST_HOLD_NONE;
}

static void
count_sent (PstTransfer *self, gsize n_bytes)
{
  self->out.credit.sent_bytes += n_bytes;
  self->figures.sent_bytes += n_bytes;
}

static PstHold
push_data (PstTransfer *self, PstBlock *block)
{
  PstFrameDataHeader header = { self->wire_id, block->entry,
                                block->offset + self->out.block_offset };
  gsize size;
  const guint8 *bytes = g_bytes_get_data (block->bytes, &size);
  gsize n_bytes = MIN (size - self->out.block_offset,
                       pst_exchange_get_piece_bytes (self->exchange));
  PstHold hold = ask_for_leave (self, n_bytes);

  if (hold != PST_HOLD_NONE)
    return hold;

  if (self->out.block_offset == 0)
    pst_transfer_note_mark (self, block);
  pst_exchange_send_data (self->exchange, &header, bytes + self->out.block_offset, n_bytes);
  self->out.block_offset += n_bytes;
  count_sent (self, n_bytes);
  return PST_HOLD_NONE;
}

/* Whether the block is a whole file, of which nothing has gone. */
static gboolean
is_whole_file (PstTransfer *self, const PstBlock *block)
{
  return block->error == NULL && !block->decides && block->last && block->offset == 0
         && get_size (block) == pst_manifest_get_entry (self->manifest, block->entry)->size_bytes;
}

/* How many of the files that are ready go into one frame. Without credit for a second
 * one the first goes alone, or waits. */
static guint
count_for_parcel (PstTransfer *self, gsize *n_bytes)
{
  gsize most_bytes = pst_exchange_get_piece_bytes (self->exchange);
  guint64 room_bytes = pst_credit_get_room (&self->out.credit);
  gsize parcel_bytes = PST_PARCEL_HEADER_BYTES;
  GList *l = self->out.blocks.head;
  guint n = 0;

  *n_bytes = 0;
  if (self->out.block_offset > 0 || !pst_exchange_peer_takes_parcels (self->exchange))
    return 0;
  for (; l != NULL && is_whole_file (self, l->data); l = l->next, n++)
    {
      gsize size = get_size (l->data);

      parcel_bytes += PST_PARCEL_RECORD_BYTES + size;
      if (parcel_bytes > most_bytes || (n > 0 && *n_bytes + size > room_bytes))
        break;
      *n_bytes += size;
    }

  return n;
}

static PstHold
push_parcel (PstTransfer *self, guint n, gsize n_bytes)
{
  g_autoptr (GByteArray) parcel = NULL;
  PstHold hold = ask_for_leave (self, n_bytes);

  if (hold != PST_HOLD_NONE)
    return hold;

  parcel = pst_parcel_new (self->wire_id);
  for (GList *l = self->out.blocks.head; n-- > 0; l = l->next)
    {
      const PstBlock *block = l->data;

      pst_parcel_add (parcel, block->entry, block->digest,
                      block->bytes != NULL ? g_bytes_get_data (block->bytes, NULL) : NULL,
                      get_size (block));
    }
  pst_exchange_send_parcel (self->exchange, parcel);
  count_sent (self, n_bytes);
  return PST_HOLD_NONE;
}

static PstHold
push_files (PstTransfer *self, guint n, gsize n_bytes)
{
  PstHold hold = push_parcel (self, n, n_bytes);

  for (; hold == PST_HOLD_NONE && n > 0; n--)
    {
      drop_block (self);
      count_end_of_file (self);
    }
  return hold;
}

static gboolean
is_block_sent (PstTransfer *self, const PstBlock *block)
{
  return self->out.block_offset == get_size (block);
}

static PstHold
push_block (PstTransfer *self, gboolean has_room)
{
  PstBlock *block = g_queue_peek_head (&self->out.blocks);
  PstHold hold = PST_HOLD_NONE;
  gsize n_bytes;
  guint n_files;

  /* The ends of empty files wait for room like everything else. */
  if (!has_room)
    return PST_HOLD_NETWORK;
  n_files = count_for_parcel (self, &n_bytes);
  if (n_files > 0)
    return push_files (self, n_files, n_bytes);

  if (block->error != NULL)
    push_failed_file (self, block);
  else if (block->decides)
    push_place (self, block);
  else if (!is_block_sent (self, block))
    hold = push_data (self, block);

  if (hold != PST_HOLD_NONE || !is_block_sent (self, block))
    return hold;

  if (block->last)
    push_end_of_file (self, block);
  drop_block (self);
  return PST_HOLD_NONE;
}

/* Called by the pump: hands one frame, or the end of one file, to the
 * exchange if credit, buffer and limit allow. Returns whether it did. */
gboolean
pst_transfer_push (PstTransfer *self, gboolean has_room)
{
  PstHold hold;

  if (self->incoming || self->manifest == NULL || self->unaligned
      || pst_transfer_is_finished (self))
    return FALSE;
  if (!self->out.offered)
    return has_room && push_offer (self);
  if (!pst_transfer_is_active (self) || self->out.reader == NULL || self->paused_by_me
      || self->paused_by_them)
    return FALSE;

  hold = g_queue_is_empty (&self->out.blocks) ? PST_HOLD_MY_DISK : push_block (self, has_room);
  pst_meter_hold (&self->meter, g_get_monotonic_time (), hold);
  pst_transfer_touch (self);
  return hold == PST_HOLD_NONE;
}
