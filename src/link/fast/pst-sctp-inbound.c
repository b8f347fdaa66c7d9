/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data that comes: put in order by its numbers (TSN), and together to messages.
 *
 * Pieces of a message have numbers in a row (RFC 9260, section 6.9), so all are
 * taken strictly in the order of their numbers, whatever stream they belong to:
 * that is the order of each stream, too, and a message that may overtake others
 * is just not early. */
#include <string.h>

#include "pst-sctp-private.h"

/* RFC 9260, section 6.2: at most 500 ms; ours is short, for the sender's clock. */
#define ACK_DELAY_US (20 * 1000)

/* An acknowledgement is due with every second packet (section 6.2). */
#define ACK_PACKETS 2

/* Among ourselves: each acknowledgement wakes threads here and there. One in an eighth
 * of the round trip is as good as many, where that is longer than the least; none waits
 * longer than a burst of the sender's. */
#define ACK_LEAST_US        1000
#define ACK_MOST_US         3000
#define ACK_ROUND_TRIP_PART 8

/* In the least time; in a longer one as many more. */
#define ACK_MOST_PACKETS 16

/* What whole messages may take while nobody takes them. */
#define MAX_WAITING_BYTES PST_SCTP_RECEIVE_WINDOW_BYTES

static void
clear_beyond (PstInbound *in)
{
  for (guint32 i = 0; in->beyond != NULL && i < PST_IN_MOST_CHUNKS; i++)
    g_free (in->beyond[i]);
  g_clear_pointer (&in->beyond, g_free);
  g_clear_pointer (&in->present, g_free);
}

void
pst_inbound_clear (PstSctp *self)
{
  PstInbound *in = &self->in;

  clear_beyond (in);
  g_clear_pointer (&in->message, pst_sctp_message_free);
  g_queue_clear_full (&in->messages, (GDestroyNotify) pst_sctp_message_free);
}

void
pst_inbound_init (PstSctp *self, guint32 first_tsn)
{
  pst_inbound_clear (self);
  self->in = (PstInbound){ .received_tsn = first_tsn - 1, .ack_us = G_MAXINT64 };
  g_queue_init (&self->in.messages);
}

static void
begin_message (PstInbound *in, const PstInChunk *piece)
{
  in->message = g_new (PstSctpMessage, 1);
  in->message->bytes = g_malloc (piece->flags & PST_SCTP_DATA_END ? MAX (piece->n_bytes, 1)
                                                                  : PST_SCTP_MAX_MESSAGE_BYTES);
  in->message->n_bytes = 0;
  in->message->stream = piece->stream;
  in->message->protocol = piece->protocol;
}

/* The next piece in order. */
static gboolean
take_piece (PstInbound *in, const PstInChunk *piece, const guint8 *bytes)
{
  gboolean begins = (piece->flags & PST_SCTP_DATA_BEGIN) != 0;

  if (begins != (in->message == NULL) || piece->stream >= PST_SCTP_N_STREAMS)
    return FALSE;
  if (begins)
    begin_message (in, piece);
  if (piece->n_bytes > PST_SCTP_MAX_MESSAGE_BYTES - in->message->n_bytes
      || piece->stream != in->message->stream)
    return FALSE;

  memcpy (in->message->bytes + in->message->n_bytes, bytes, piece->n_bytes);
  in->message->n_bytes += piece->n_bytes;
  if (piece->flags & PST_SCTP_DATA_END)
    {
      if (!begins)
        in->message->bytes = g_realloc (in->message->bytes, in->message->n_bytes);
      in->message_bytes += in->message->n_bytes;
      g_queue_push_tail (&in->messages, g_steal_pointer (&in->message));
    }
  return in->message_bytes <= MAX_WAITING_BYTES;
}

static guint32
slot_of (guint32 tsn)
{
  return tsn & (PST_IN_MOST_CHUNKS - 1);
}

static void
set_present (PstInbound *in, guint32 slot, gboolean present)
{
  guint64 bit = (guint64) 1 << (slot & 63);

  if (present)
    in->present[slot >> 6] |= bit;
  else
    in->present[slot >> 6] &= ~bit;
}

/* Takes what waited for the piece that just came. */
static gboolean
drain (PstInbound *in)
{
  gboolean ok = TRUE;

  while (ok && in->n_beyond > 0)
    {
      guint32 slot = slot_of (in->received_tsn + 1);
      g_autofree PstInChunk *piece = in->beyond[slot];

      if (piece == NULL)
        break;
      in->beyond[slot] = NULL;
      set_present (in, slot, FALSE);
      in->beyond_bytes -= sizeof *piece + piece->n_bytes;
      in->received_tsn++;
      in->n_beyond--;
      ok = take_piece (in, piece, piece->bytes);
    }
  return ok;
}

static void
note_duplicate (PstInbound *in, guint32 tsn)
{
  if (in->n_duplicates < G_N_ELEMENTS (in->duplicates))
    in->duplicates[in->n_duplicates++] = tsn;
  in->ack_now = TRUE;
}

/* A piece with a gap before it. What does not fit the window is dropped: it was
 * told so, and sends it again. */
static void
keep_piece (
    PstInbound *in, guint32 tsn, const PstInChunk *piece, const guint8 *bytes, gint64 now_us)
{
  guint32 distance = tsn - in->received_tsn;
  guint32 slot = slot_of (tsn);
  PstInChunk *copy;

  in->ack_now = TRUE;
  if (distance >= PST_IN_MOST_CHUNKS
      || in->beyond_bytes + sizeof *piece + piece->n_bytes > PST_SCTP_RECEIVE_WINDOW_BYTES)
    return;
  if (in->beyond == NULL)
    {
      in->beyond = g_new0 (PstInChunk *, PST_IN_MOST_CHUNKS);
      in->present = g_new0 (guint64, PST_IN_MOST_CHUNKS / 64);
    }
  if (in->beyond[slot] != NULL)
    {
      note_duplicate (in, tsn);
      return;
    }

  copy = g_malloc (sizeof *piece + piece->n_bytes);
  *copy = *piece;
  memcpy (copy->bytes, bytes, piece->n_bytes);
  in->beyond[slot] = copy;
  in->came_us = now_us;
  set_present (in, slot, TRUE);
  in->beyond_bytes += sizeof *piece + piece->n_bytes;
  in->n_beyond = MAX (in->n_beyond, distance);
}

void
pst_sctp_take_data (PstSctp *self, const PstSctpItem *chunk, gint64 now_us)
{
  const gsize head_bytes = PST_SCTP_DATA_HEADER_BYTES - PST_SCTP_CHUNK_HEADER_BYTES;
  PstInbound *in = &self->in;
  PstInChunk piece;
  guint32 tsn;

  if (chunk->n_bytes <= head_bytes)
    {
      pst_sctp_fail (self); /* section 3.3.1: data without data */
      return;
    }

  tsn = pst_sctp_get32 (chunk->value);
  piece.stream = pst_sctp_get16 (chunk->value + 4);
  piece.protocol = pst_sctp_get32 (chunk->value + 8);
  piece.n_bytes = (guint16) (chunk->n_bytes - head_bytes);
  piece.flags = chunk->flags;
  if (chunk->flags & PST_SCTP_DATA_IMMEDIATE)
    in->ack_now = TRUE;

  if (pst_sctp_serial_diff (tsn, in->received_tsn) <= 0)
    note_duplicate (in, tsn);
  else if (tsn != in->received_tsn + 1)
    keep_piece (in, tsn, &piece, chunk->value + head_bytes, now_us);
  else
    {
      in->received_tsn++;
      in->came_us = now_us;
      if (in->n_beyond > 0)
        {
          in->n_beyond--;
          in->ack_now = TRUE;
        }
      if (!take_piece (in, &piece, chunk->value + head_bytes) || !drain (in))
        pst_sctp_fail (self);
    }
}

/* A packet with data came. */
void
pst_inbound_end_packet (PstSctp *self, gint64 now_us)
{
  PstInbound *in = &self->in;

  in->n_unacked_packets++;
  if (in->ack_us == G_MAXINT64)
    in->ack_us = now_us + ACK_DELAY_US;
  if (in->n_beyond > 0 || (in->n_unacked_packets >= ACK_PACKETS && !self->peer_is_penstock))
    in->ack_now = TRUE;
}

/**
 * pst_sctp_owes_sack:
 * @self: an association
 *
 * Somebody who counts acknowledgements, and opens their window by one packet for each,
 * must get as many as the RFC says, also when many packets come together.
 *
 * Returns: whether a packet must be written before the next one is received
 */
gboolean
pst_sctp_owes_sack (const PstSctp *self)
{
  return self->in.ack_now && !self->peer_is_penstock && self->state == PST_SCTP_STATE_ESTABLISHED;
}

/* A part of the round trip that nobody notices. */
static gint64
get_ack_interval_us (const PstSctp *self)
{
  gint64 least_us = self->rate.min_round_trip_us;

  return least_us == G_MAXINT64 ? ACK_LEAST_US
                                : CLAMP (least_us / ACK_ROUND_TRIP_PART, ACK_LEAST_US, ACK_MOST_US);
}

/**
 * pst_sctp_end_burst:
 * @self: an association
 * @now_us: monotonic time
 *
 * All packets that came together were given to it. Among ourselves one
 * acknowledgement for all of them is enough, and one in a millisecond (on long paths
 * in up to three), unless the sender asks or many came; others get theirs every second
 * packet, since they count acknowledgements.
 */
void
pst_sctp_end_burst (PstSctp *self, gint64 now_us)
{
  PstInbound *in = &self->in;
  gint64 interval_us = get_ack_interval_us (self);
  gint64 soon_us = in->last_ack_us + interval_us;

  if (in->n_unacked_packets < ACK_PACKETS)
    return;
  if (in->n_unacked_packets >= ACK_MOST_PACKETS * interval_us / ACK_LEAST_US
      || now_us >= soon_us)
    in->ack_now = TRUE;
  else
    in->ack_us = MIN (in->ack_us, soon_us);
}

/**
 * pst_sctp_take_message:
 * @self: an association
 *
 * Returns: (transfer full) (nullable): the next message that came
 */
PstSctpMessage *
pst_sctp_take_message (PstSctp *self)
{
  PstSctpMessage *message = g_queue_pop_head (&self->in.messages);

  if (message != NULL)
    self->in.message_bytes -= message->n_bytes;
  return message;
}

/**
 * pst_sctp_message_free:
 * @message: a message; bytes that were taken from it must be %NULL
 */
void
pst_sctp_message_free (PstSctpMessage *message)
{
  g_free (message->bytes);
  g_free (message);
}
