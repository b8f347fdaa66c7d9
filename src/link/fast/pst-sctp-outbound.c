/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data that leaves: messages cut into pieces, pieces put into packets. */
#include <string.h>

#include "pst-sctp-private.h"

#define FIRST_SLOTS        1024
#define MOST_SLOTS         32768 /* the other side tells of gaps in 16 bits */
#define FIRST_PACKET_SLOTS 1024

/* A thread that was not let run is behind its pace. It makes up for so much, but
 * never faster than at twice the pace, so that no burst overruns a buffer. */
#define CATCH_UP_LEAST_US (5 * 1000)
#define CATCH_UP_MOST_US  (50 * 1000)
#define PEAK_PACES        2

/* RFC 9002, section 6.1.1: so many packets later, one is taken for lost. */
#define FIRST_REORDERING 3

/* Every piece fits the smallest packet. */
#define MOST_PIECE_BYTES \
  (PST_SCTP_BASE_PACKET_BYTES - PST_SCTP_PACKET_HEADER_BYTES - PST_SCTP_DATA_HEADER_BYTES)

static void
message_free (gpointer data)
{
  PstOutMessage *message = data;

  g_clear_pointer (&message->bytes, g_bytes_unref);
  g_free (message);
}

void
pst_outbound_init (PstSctp *self)
{
  PstOutbound *out = &self->out;

  out->n_slots = FIRST_SLOTS;
  out->chunks = g_new0 (PstOutChunk, out->n_slots);
  out->states = g_new0 (guint8, out->n_slots);
  out->n_packet_slots = FIRST_PACKET_SLOTS;
  out->packets = g_new0 (PstOutPacket, out->n_packet_slots);
  out->next_tsn = self->first_tsn;
  out->acked_tsn = out->highest_acked_tsn = self->first_tsn - 1;
  out->next_packet = out->first_packet = 1;
  out->sequences = g_new0 (guint16, PST_SCTP_N_STREAMS);
  out->reordering = FIRST_REORDERING;
  out->loss_us = out->timeout_us = G_MAXINT64;
  g_queue_init (&out->messages);
}

void
pst_outbound_clear (PstSctp *self)
{
  PstOutbound *out = &self->out;
  PstOutMessage *cut = g_queue_peek_head (&out->messages);

  for (guint32 tsn = out->acked_tsn + 1; tsn != out->next_tsn; tsn++)
    {
      PstOutMessage *message = out->chunks[pst_outbound_slot (out, tsn)].message;

      if (--message->n_chunks == 0 && message != cut)
        message_free (message);
    }
  out->acked_tsn = out->next_tsn - 1;
  g_queue_clear_full (&out->messages, message_free);
  g_clear_pointer (&out->chunks, g_free);
  g_clear_pointer (&out->states, g_free);
  g_clear_pointer (&out->packets, g_free);
  g_clear_pointer (&out->sequences, g_free);
}

/**
 * pst_sctp_send:
 * @self: an established association
 * @message: 1 to %PST_SCTP_MAX_MESSAGE_BYTES bytes; read until they are acknowledged
 * @stream: below %PST_SCTP_N_STREAMS
 * @protocol: the payload protocol identifier
 * @ordered: whether it must not overtake others of its stream
 *
 * Queues a message. Nothing is refused: mind pst_sctp_wants_more().
 */
void
pst_sctp_send (PstSctp *self, GBytes *message, guint16 stream, guint32 protocol, gboolean ordered)
{
  PstOutMessage *queued = g_new0 (PstOutMessage, 1);

  queued->bytes = g_bytes_ref (message);
  queued->data = g_bytes_get_data (message, &queued->n_bytes);
  queued->stream = stream;
  queued->protocol = protocol;
  queued->ordered = ordered;
  self->out.ready_bytes += queued->n_bytes;
  g_queue_push_tail (&self->out.messages, queued);
}

/**
 * pst_sctp_wants_more:
 * @self: an association
 *
 * Returns: whether less is ready to leave than should be
 */
gboolean
pst_sctp_wants_more (const PstSctp *self)
{
  return self->out.ready_bytes < PST_SCTP_READY_BYTES;
}

/**
 * pst_sctp_is_low:
 * @self: an association
 *
 * Returns: whether so little is ready to leave that somebody should be woken for more
 */
gboolean
pst_sctp_is_low (const PstSctp *self)
{
  return self->out.ready_bytes < PST_SCTP_READY_BYTES / 2;
}

static void
grow_slots (PstOutbound *out)
{
  guint32 n_slots = out->n_slots * 2;
  PstOutChunk *chunks = g_new0 (PstOutChunk, n_slots);
  guint8 *states = g_new0 (guint8, n_slots);

  for (guint32 tsn = out->acked_tsn + 1; tsn != out->next_tsn; tsn++)
    {
      chunks[tsn & (n_slots - 1)] = out->chunks[pst_outbound_slot (out, tsn)];
      states[tsn & (n_slots - 1)] = out->states[pst_outbound_slot (out, tsn)];
    }
  g_free (out->chunks);
  g_free (out->states);
  out->chunks = chunks;
  out->states = states;
  out->n_slots = n_slots;
}

static void
grow_packets (PstOutbound *out)
{
  guint32 n_slots = out->n_packet_slots * 2;
  PstOutPacket *packets = g_new0 (PstOutPacket, n_slots);

  for (guint64 number = out->first_packet; number < out->next_packet; number++)
    packets[number & (n_slots - 1)] = *pst_outbound_packet (out, number);
  g_free (out->packets);
  out->packets = packets;
  out->n_packet_slots = n_slots;
}

/* Packets are filled by pieces of the same size, each at most as long as the
 * smallest packet takes. */
static gsize
get_piece_bytes (guint packet_bytes)
{
  gsize room = packet_bytes - PST_SCTP_PACKET_HEADER_BYTES;
  gsize n = (room + PST_SCTP_DATA_HEADER_BYTES + MOST_PIECE_BYTES - 1)
            / (PST_SCTP_DATA_HEADER_BYTES + MOST_PIECE_BYTES);

  return ((room / n) & ~(gsize) 3) - PST_SCTP_DATA_HEADER_BYTES;
}

static gboolean
may_send_new (const PstOutbound *out)
{
  return !g_queue_is_empty ((GQueue *) &out->messages) && !pst_sctp_is_held (out)
         && out->next_tsn - out->acked_tsn - 1 < MOST_SLOTS
         && (out->in_flight_bytes < out->peer_window_bytes || out->in_flight_bytes == 0);
}

/* How much of @left bytes goes into @room; 0: better nothing. The last piece of a packet
 * takes what is too little for one more. */
static gsize
fit_piece (const PstSctp *self, gsize room, gsize left)
{
  gsize piece_bytes = get_piece_bytes (self->size.packet_bytes);
  gsize wanted = MIN (left, piece_bytes);
  gsize fits;

  if (room < PST_SCTP_DATA_HEADER_BYTES + 4)
    return 0;
  fits = MIN ((room - PST_SCTP_DATA_HEADER_BYTES) & ~(gsize) 3, MOST_PIECE_BYTES);
  if (fits < wanted / 2)
    return 0;
  if (fits < wanted + PST_SCTP_DATA_HEADER_BYTES + piece_bytes / 2)
    return MIN (left, fits);
  return wanted;
}

/* Gives the next piece of the first message a number, if it fits; new ones may
 * be sent, so the slots are fewer than the most when they grow. */
static PstOutChunk *
cut_piece (PstSctp *self, gsize room)
{
  PstOutbound *out = &self->out;
  PstOutMessage *message = g_queue_peek_head (&out->messages);
  gsize left = message->n_bytes - out->offset;
  gsize n_bytes = fit_piece (self, room, left);
  PstOutChunk *chunk;

  if (n_bytes == 0)
    return NULL;

  if (out->next_tsn - out->acked_tsn - 1 >= out->n_slots)
    grow_slots (out);
  chunk = &out->chunks[pst_outbound_slot (out, out->next_tsn)];
  *chunk = (PstOutChunk){ .message = message,
                          .offset = (guint32) out->offset,
                          .n_bytes = (guint16) n_bytes };
  chunk->flags = (out->offset == 0 ? PST_SCTP_DATA_BEGIN : 0)
                 | (n_bytes == left ? PST_SCTP_DATA_END : 0)
                 | (message->ordered ? 0 : PST_SCTP_DATA_UNORDERED);
  if (out->offset == 0 && message->ordered)
    message->sequence = out->sequences[message->stream]++;
  message->n_chunks++;
  out->offset += n_bytes;
  out->ready_bytes -= n_bytes;
  out->unacknowledged_bytes += n_bytes;
  if (n_bytes == left)
    {
      message->is_done = TRUE;
      g_queue_pop_head (&out->messages);
      out->offset = 0;
    }
  return chunk;
}

static gboolean
find_lost (PstOutbound *out, guint32 *tsn)
{
  for (*tsn = out->n_lost > 0 ? out->lost_hint_tsn : out->next_tsn; *tsn != out->next_tsn; (*tsn)++)
    if (out->states[pst_outbound_slot (out, *tsn)] == PST_CHUNK_LOST)
      {
        out->lost_hint_tsn = *tsn;
        return TRUE;
      }
  return FALSE;
}

/* The next piece for a packet with @room left: first what was lost. */
static PstOutChunk *
next_piece (PstSctp *self, gsize room, guint32 *tsn)
{
  PstOutbound *out = &self->out;
  PstOutChunk *chunk;

  if (find_lost (out, tsn))
    {
      chunk = &out->chunks[pst_outbound_slot (out, *tsn)];
      if (PST_SCTP_DATA_HEADER_BYTES + pst_sctp_pad4 (chunk->n_bytes) > room)
        return NULL;
      out->n_lost--;
      out->lost_hint_tsn++;
      self->figures.chunks_sent_again++;
      return chunk;
    }
  if (!may_send_new (out))
    return NULL;

  *tsn = out->next_tsn;
  chunk = cut_piece (self, room);
  if (chunk != NULL)
    {
      out->next_tsn++;
      pst_sctp_take_ends (self);
    }
  return chunk;
}

static gsize
put_piece (PstSctp *self, guint8 *bytes, PstOutChunk *chunk, guint32 tsn)
{
  PstOutbound *out = &self->out;
  gsize n = PST_SCTP_DATA_HEADER_BYTES + chunk->n_bytes;

  pst_sctp_put32 (bytes + 4, tsn);
  pst_sctp_put16 (bytes + 8, chunk->message->stream);
  pst_sctp_put16 (bytes + 10, chunk->message->sequence);
  pst_sctp_put32 (bytes + 12, chunk->message->protocol);
  memcpy (bytes + PST_SCTP_DATA_HEADER_BYTES, chunk->message->data + chunk->offset, chunk->n_bytes);
  n = pst_sctp_put_chunk (bytes, PST_SCTP_DATA, chunk->flags, NULL,
                          n - PST_SCTP_CHUNK_HEADER_BYTES);

  chunk->packet = (guint32) out->next_packet;
  chunk->n_sent += chunk->n_sent < G_MAXUINT8 ? 1 : 0;
  out->states[pst_outbound_slot (out, tsn)] = PST_CHUNK_IN_FLIGHT;
  return n;
}

static gint64
get_pace_us (const PstOutbound *out)
{
  return MAX (out->pace_us, out->peak_us);
}

static void
keep_pace (PstSctp *self, gsize n_bytes, gint64 now_us)
{
  PstOutbound *out = &self->out;
  gint64 catch_up_us = CLAMP (self->rate.round_trip_us, CATCH_UP_LEAST_US, CATCH_UP_MOST_US);
  gint64 took_us = (gint64) (n_bytes * G_USEC_PER_SEC / pst_rate_get_pace (&self->rate));

  out->pace_us = MAX (out->pace_us, now_us - catch_up_us) + took_us;
  out->peak_us = MAX (out->peak_us, now_us - pst_rate_get_quantum_us (&self->rate))
                 + took_us / PEAK_PACES;
  /* What comes in meanwhile, acknowledgements most of all, must not have a burst leave
   * packet by packet. */
  out->is_resting = get_pace_us (out) - pst_rate_get_quantum_us (&self->rate) > now_us;
}

static gboolean
has_room (const PstSctp *self, gint64 now_us)
{
  const PstOutbound *out = &self->out;
  guint64 window_bytes = pst_rate_get_window (&self->rate);

  if (out->n_probes > 0)
    return TRUE;
  return (out->in_flight_bytes == 0
          || out->in_flight_bytes + self->size.packet_bytes <= window_bytes)
         && (!out->is_resting || get_pace_us (out) <= now_us);
}

static gboolean
has_data (const PstOutbound *out)
{
  return out->n_lost > 0 || may_send_new (out);
}

static void
account_packet (PstSctp *self, gsize n_bytes, guint n_chunks, gint64 now_us)
{
  PstOutbound *out = &self->out;
  PstOutPacket *packet;

  if (out->next_packet - out->first_packet >= out->n_packet_slots)
    grow_packets (out);
  packet = pst_outbound_packet (out, out->next_packet++);
  packet->n_bytes = (guint32) n_bytes;
  packet->n_chunks = n_chunks;
  pst_rate_sent (&self->rate, &packet->mark, out->in_flight_bytes, now_us);
  out->in_flight_bytes += n_bytes;
  self->figures.sent_bytes += n_bytes;
  out->n_probes -= out->n_probes > 0 ? 1 : 0;
  keep_pace (self, n_bytes, now_us);
  if (out->timeout_us == G_MAXINT64)
    pst_outbound_set_timeout (self, now_us);
  if (out->unanswered_us == 0)
    out->unanswered_us = now_us;
}

/* Fills what is left of a packet with data, if data may leave now; for an
 * established association, as the next. Bytes in
 * flight are those of pieces with their headers. */
gsize
pst_outbound_write (PstSctp *self, guint8 *bytes, gsize size, gint64 now_us)
{
  PstOutbound *out = &self->out;
  guint8 *last = NULL;
  gboolean is_last;
  gboolean is_full;
  PstOutChunk *chunk;
  guint32 tsn;
  guint n_chunks = 0;
  gsize n = 0;

  if (!has_data (out) || !has_room (self, now_us))
    return 0;

  while ((chunk = next_piece (self, size - n, &tsn)) != NULL)
    {
      last = bytes + n;
      n += put_piece (self, last, chunk, tsn);
      n_chunks++;
    }
  if (n == 0)
    return 0;

  account_packet (self, n, n_chunks, now_us);
  is_last = !has_data (out);
  is_full = out->in_flight_bytes + self->size.packet_bytes > pst_rate_get_window (&self->rate);
  /* Nothing follows before an acknowledgement (RFC 7053, section 4). */
  if (is_last || is_full)
    last[1] |= PST_SCTP_DATA_IMMEDIATE;
  if (is_last && !is_full)
    pst_rate_app_limited (&self->rate, out->in_flight_bytes);
  return n;
}

/* When data may leave, if nothing comes in until then. */
gint64
pst_outbound_get_next_us (PstSctp *self, gint64 now_us)
{
  PstOutbound *out = &self->out;

  if (!has_data (out))
    return G_MAXINT64;
  if (has_room (self, now_us))
    return now_us;
  if (out->in_flight_bytes + self->size.packet_bytes > pst_rate_get_window (&self->rate))
    return G_MAXINT64;
  return get_pace_us (out);
}
