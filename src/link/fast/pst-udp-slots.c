/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-udp-slots.h"

#include <string.h>

#define BLOCK_BYTES 65536

/* So many calls in a row with nothing large before the slots get smaller. */
#define CALLS_BEFORE_SMALLER 64

/* For packets of an Ethernet's MTU, for the largest that SCTP sends, and for
 * whatever the kernel may have coalesced. */
static const gsize slot_bytes[] = { 2048, 16384, BLOCK_BYTES };

typedef struct
{
  gpointer block;
  struct iovec vectors[2]; /* the slot, and where the rest of an overlong one goes */
} Slot;

struct _PstUdpSlots
{
  gpointer block; /* being laid out */
  gsize used_bytes;
  guint size_class;
  guint n_slots;
  Slot slots[PST_UDP_SLOTS_MAX];
  gsize largest_bytes; /* since the last call */
  guint n_small;
  guint8 *spill;
};

/**
 * pst_udp_block_ref:
 * @block: the memory of a received datagram
 *
 * May be called in any thread.
 *
 * Returns: (transfer full): @block
 */
gpointer
pst_udp_block_ref (gpointer block)
{
  return g_atomic_rc_box_acquire (block);
}

/**
 * pst_udp_block_unref:
 * @block: (transfer full): the memory of a received datagram
 *
 * May be called in any thread.
 */
void
pst_udp_block_unref (gpointer block)
{
  g_atomic_rc_box_release (block);
}

/**
 * pst_udp_slots_new:
 *
 * Lays out memory for recvmmsg(2): many small datagrams share one block of 64
 * KiB, which lives until the last of them is done with, without a copy. How
 * large a slot is follows what arrives. A datagram which is larger than its
 * slot is whole all the same, for the price of a copy.
 *
 * Returns: (transfer full): the slots
 */
PstUdpSlots *
pst_udp_slots_new (void)
{
  PstUdpSlots *self = g_new0 (PstUdpSlots, 1);

  /* Address space only, as long as nothing is overlong. */
  self->spill = g_malloc ((gsize) PST_UDP_SLOTS_MAX * PST_UDP_DATAGRAM_MAX);
  return self;
}

static void
drop_slots (PstUdpSlots *self)
{
  for (guint i = 0; i < self->n_slots; i++)
    pst_udp_block_unref (self->slots[i].block);
  self->n_slots = 0;
  g_clear_pointer (&self->block, pst_udp_block_unref);
}

/**
 * pst_udp_slots_free:
 * @self: (transfer full): slots; what was taken from them stays
 */
void
pst_udp_slots_free (PstUdpSlots *self)
{
  drop_slots (self);
  g_free (self->spill);
  g_free (self);
}

static void
set_size_class (PstUdpSlots *self, guint size_class)
{
  self->n_small = 0;
  if (size_class == self->size_class)
    return;

  drop_slots (self);
  self->size_class = size_class;
}

/* Up at once, down after a while. */
static void
follow_sizes (PstUdpSlots *self)
{
  guint fitting = 0;

  while (slot_bytes[fitting] < self->largest_bytes)
    fitting++;

  if (fitting > self->size_class)
    set_size_class (self, fitting);
  else if (fitting == self->size_class)
    self->n_small = 0;
  else if (++self->n_small >= CALLS_BEFORE_SMALLER)
    set_size_class (self, self->size_class - 1);
}

static void
add_slot (PstUdpSlots *self)
{
  Slot *slot = &self->slots[self->n_slots];
  gsize size = slot_bytes[self->size_class];

  if (self->block != NULL && self->used_bytes + size > BLOCK_BYTES)
    g_clear_pointer (&self->block, pst_udp_block_unref);
  if (self->block == NULL)
    {
      self->block = g_atomic_rc_box_alloc (BLOCK_BYTES);
      self->used_bytes = 0;
    }

  slot->block = pst_udp_block_ref (self->block);
  slot->vectors[0].iov_base = (guint8 *) self->block + self->used_bytes;
  slot->vectors[0].iov_len = size;
  slot->vectors[1].iov_base = self->spill + (gsize) self->n_slots * PST_UDP_DATAGRAM_MAX;
  slot->vectors[1].iov_len = PST_UDP_DATAGRAM_MAX;
  self->used_bytes += size;
  self->n_slots++;
}

/**
 * pst_udp_slots_fill:
 * @self: slots
 *
 * Gets ready for a call.
 *
 * Returns: how many datagrams may be received
 */
guint
pst_udp_slots_fill (PstUdpSlots *self)
{
  guint wanted = self->size_class == G_N_ELEMENTS (slot_bytes) - 1 ? 8 : PST_UDP_SLOTS_MAX;

  while (self->n_slots < wanted)
    add_slot (self);

  return wanted;
}

/**
 * pst_udp_slots_get_vectors:
 * @self: slots, filled
 * @index: which
 *
 * Returns: (transfer none): two vectors for a message
 */
struct iovec *
pst_udp_slots_get_vectors (PstUdpSlots *self, guint index)
{
  return self->slots[index].vectors;
}

/**
 * pst_udp_slots_take:
 * @self: slots
 * @index: which
 * @size_bytes: how much was received in its vectors
 * @block: (out) (transfer full): what to hold on to
 * @copied: (out): whether it took a copy to make it one piece
 *
 * Returns: what was received, as long as @block is held
 */
guint8 *
pst_udp_slots_take (
    PstUdpSlots *self, guint index, gsize size_bytes, gpointer *block, gboolean *copied)
{
  Slot *slot = &self->slots[index];
  gsize first = slot->vectors[0].iov_len;
  guint8 *whole;

  self->largest_bytes = MAX (self->largest_bytes, size_bytes);
  *copied = size_bytes > first;
  if (!*copied)
    {
      *block = g_steal_pointer (&slot->block);
      return slot->vectors[0].iov_base;
    }

  whole = g_atomic_rc_box_alloc (size_bytes);
  memcpy (whole, slot->vectors[0].iov_base, first);
  memcpy (whole + first, slot->vectors[1].iov_base, size_bytes - first);
  g_clear_pointer (&slot->block, pst_udp_block_unref);
  *block = whole;
  return whole;
}

/**
 * pst_udp_slots_taken:
 * @self: slots
 * @n_slots: how many were received into, from the first on; each of them has
 *   been taken
 *
 * Ends a call: what was not used serves the next one.
 */
void
pst_udp_slots_taken (PstUdpSlots *self, guint n_slots)
{
  guint n_left = self->n_slots - n_slots;

  memmove (self->slots, self->slots + n_slots, n_left * sizeof *self->slots);
  for (guint i = 0; i < n_left; i++)
    self->slots[i].vectors[1].iov_base = self->spill + (gsize) i * PST_UDP_DATAGRAM_MAX;
  self->n_slots = n_left;

  follow_sizes (self);
  self->largest_bytes = 0;
}
