/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sctp-hand.h"

#include <string.h>

#define PORT       5000
#define TAG        0x12345678
#define WHOLE      (PST_SCTP_DATA_BEGIN | PST_SCTP_DATA_END)
#define WAIT_TURNS 100

void
hand_init (Hand *hand)
{
  *hand = (Hand){ .now_us = G_USEC_PER_SEC, .tag = TAG, .tsn = 1000 };
  hand->sctp = pst_sctp_new (PORT, PORT, PST_SCTP_BASE_PACKET_BYTES);
}

void
hand_clear (Hand *hand)
{
  g_clear_pointer (&hand->sctp, pst_sctp_free);
}

void
hand_begin (Hand *hand)
{
  hand->n_bytes = PST_SCTP_PACKET_HEADER_BYTES;
}

void
hand_put (Hand *hand, guint8 type, guint8 flags, gconstpointer value, gsize n_bytes)
{
  g_assert_cmpuint (hand->n_bytes + n_bytes + 8, <=, sizeof hand->packet);
  hand->n_bytes += pst_sctp_put_chunk (hand->packet + hand->n_bytes, type, flags, value, n_bytes);
}

/* An exact copy, so that a sanitizer sees a step beyond its end. */
void
hand_send_as (Hand *hand, guint16 source, guint16 destination, guint32 tag)
{
  const PstSctpPacketHeader header = { source, destination, tag, TRUE };
  g_autofree guint8 *exact = NULL;

  pst_sctp_packet_write (hand->packet, hand->n_bytes, &header);
  exact = g_memdup2 (hand->packet, hand->n_bytes);
  pst_sctp_receive (hand->sctp, exact, hand->n_bytes, hand->now_us);
  pst_sctp_end_burst (hand->sctp, hand->now_us);
  hand_assert_consistent (hand->sctp);
}

void
hand_send (Hand *hand)
{
  hand_send_as (hand, PORT, PORT, hand->sctp->local_tag);
}

void
hand_send_init (Hand *hand, guint8 type, guint32 tag, guint16 n_out, guint16 n_in)
{
  guint8 value[64];
  gsize n = PST_SCTP_INIT_BYTES - PST_SCTP_CHUNK_HEADER_BYTES;

  pst_sctp_put32 (value, tag);
  pst_sctp_put32 (value + 4, 1000000);
  pst_sctp_put16 (value + 8, n_out);
  pst_sctp_put16 (value + 10, n_in);
  pst_sctp_put32 (value + 12, hand->tsn);
  if (type == PST_SCTP_INIT_ACK)
    n += pst_sctp_put_param (value + n, PST_SCTP_PARAM_COOKIE, (const guint8 *) "biscuit", 7);
  hand_begin (hand);
  hand_put (hand, type, 0, value, n);
  hand_send_as (hand, PORT, PORT, type == PST_SCTP_INIT ? 0 : hand->sctp->local_tag);
}

/* The usual four messages, as a peer that is not Penstock. */
void
hand_establish (Hand *hand, guint32 window_bytes)
{
  PstSctpItem chunk;

  pst_sctp_connect (hand->sctp, hand->now_us);
  g_assert_true (hand_read (hand));
  g_assert_true (hand_find (hand, PST_SCTP_INIT, &chunk));
  hand_send_init (hand, PST_SCTP_INIT_ACK, TAG, 100, 100);
  g_assert_true (hand_read (hand));
  g_assert_true (hand_find (hand, PST_SCTP_COOKIE_ECHO, &chunk));
  g_assert_cmpmem (chunk.value, chunk.n_bytes, "biscuit", 7);
  hand_begin (hand);
  hand_put (hand, PST_SCTP_COOKIE_ACK, 0, NULL, 0);
  hand_send (hand);
  g_assert_cmpint (pst_sctp_get_state (hand->sctp), ==, PST_SCTP_STATE_ESTABLISHED);
  hand->sctp->out.peer_window_bytes = window_bytes;
}

void
hand_put_data (Hand *hand, guint32 tsn, guint8 flags, guint16 stream, gsize n_bytes)
{
  guint8 value[4096];

  g_assert_cmpuint (n_bytes, <=, sizeof value - 12);
  pst_sctp_put32 (value, tsn);
  pst_sctp_put16 (value + 4, stream);
  pst_sctp_put16 (value + 6, 0);
  pst_sctp_put32 (value + 8, 53);
  memset (value + 12, (int) (tsn & 0xff), n_bytes);
  hand_put (hand, PST_SCTP_DATA, flags, value, 12 + n_bytes);
}

void
hand_send_data (Hand *hand, guint32 tsn, guint8 flags, guint16 stream, gsize n_bytes)
{
  hand_begin (hand);
  hand_put_data (hand, tsn, flags, stream, n_bytes);
  hand_send (hand);
}

void
hand_send_sack (Hand *hand, guint32 tsn, guint32 window_bytes, const guint16 *gaps, guint n)
{
  g_autofree guint8 *value = g_malloc0 (12 + 4 * (gsize) n);

  pst_sctp_put32 (value, tsn);
  pst_sctp_put32 (value + 4, window_bytes);
  pst_sctp_put16 (value + 8, (guint16) n);
  for (guint i = 0; i < 2 * n; i++)
    pst_sctp_put16 (value + 12 + 2 * i, gaps[i]);
  hand_begin (hand);
  hand_put (hand, PST_SCTP_SACK, 0, value, 12 + 4 * (gsize) n);
  hand_send (hand);
}

/* The next packet that it sends now. */
gboolean
hand_read (Hand *hand)
{
  PstSctpPacketHeader header;

  hand->n_bytes = pst_sctp_write_packet (hand->sctp, hand->packet, sizeof hand->packet,
                                         hand->now_us);
  if (hand->n_bytes == 0)
    return FALSE;
  g_assert_true (pst_sctp_packet_read (hand->packet, hand->n_bytes, FALSE, &header, &hand->iter));
  g_assert_cmpuint (header.source_port, ==, PORT);
  g_assert_cmpuint (header.destination_port, ==, PORT);
  hand_assert_consistent (hand->sctp);
  return TRUE;
}

/* In the packet that was read last, behind what was found before. */
gboolean
hand_find (Hand *hand, guint8 type, PstSctpItem *chunk)
{
  while (pst_sctp_iter_next_chunk (&hand->iter, chunk))
    if (chunk->type == type)
      return TRUE;
  return FALSE;
}

/* Passes over all that it has to say now. */
guint
hand_drain (Hand *hand)
{
  guint n = 0;

  while (hand_read (hand))
    n++;
  return n;
}

/* Lets time go on until it says such a thing. */
gboolean
hand_wait_for (Hand *hand, guint8 type, PstSctpItem *chunk)
{
  for (guint i = 0; i < WAIT_TURNS; i++)
    {
      gint64 next_us;

      while (hand_read (hand))
        if (hand_find (hand, type, chunk))
          return TRUE;
      next_us = pst_sctp_get_next_us (hand->sctp, hand->now_us);
      if (next_us == G_MAXINT64)
        return FALSE;
      hand->now_us = MAX (hand->now_us + 1, next_us);
    }
  return FALSE;
}

static void
assert_outbound (const PstSctp *sctp)
{
  const PstOutbound *out = &sctp->out;
  guint64 in_flight_bytes = 0;
  guint64 unacknowledged_bytes = 0;
  guint64 n_in_flight = 0;
  guint64 n_packet_chunks = 0;
  guint n_lost = 0;

  g_assert_cmpuint (out->next_tsn - out->acked_tsn - 1, <=, out->n_slots);
  for (guint32 tsn = out->acked_tsn + 1; tsn != out->next_tsn; tsn++)
    {
      guint32 slot = pst_outbound_slot (out, tsn);
      const PstOutChunk *chunk = &out->chunks[slot];

      g_assert_cmpint (out->states[slot], !=, PST_CHUNK_NONE);
      if (out->states[slot] != PST_CHUNK_ACKNOWLEDGED)
        unacknowledged_bytes += chunk->n_bytes;
      n_lost += out->states[slot] == PST_CHUNK_LOST;
      if (out->states[slot] == PST_CHUNK_LOST)
        g_assert_cmpint (pst_sctp_serial_diff (tsn, out->lost_hint_tsn), >=, 0);
      if (out->states[slot] != PST_CHUNK_IN_FLIGHT)
        continue;
      n_in_flight++;
      in_flight_bytes += PST_SCTP_DATA_HEADER_BYTES + pst_sctp_pad4 (chunk->n_bytes);
    }
  for (guint64 number = out->first_packet; number < out->next_packet; number++)
    n_packet_chunks += pst_outbound_packet (out, number)->n_chunks;
  g_assert_cmpuint (out->in_flight_bytes, ==, in_flight_bytes);
  g_assert_cmpuint (out->unacknowledged_bytes, ==, unacknowledged_bytes);
  g_assert_cmpuint (out->n_lost, ==, n_lost);
  g_assert_cmpuint (n_packet_chunks, ==, n_in_flight);
  g_assert_cmpuint (out->n_slots, <=, 32768);
  g_assert_cmpuint (out->n_packet_slots, <=, 65536);
  if (out->acked_tsn + 1 == out->next_tsn)
    g_assert_cmpint (out->timeout_us, ==, G_MAXINT64);
}

static void
assert_inbound (const PstSctp *sctp)
{
  const PstInbound *in = &sctp->in;
  guint64 n_bytes = 0;

  g_assert_cmpuint (in->n_beyond, <, PST_IN_MOST_CHUNKS);
  for (guint32 i = 0; in->beyond != NULL && i < PST_IN_MOST_CHUNKS; i++)
    {
      guint32 slot = (in->received_tsn + i) & (PST_IN_MOST_CHUNKS - 1);
      const PstInChunk *piece = in->beyond[slot];

      g_assert_cmpint ((in->present[slot >> 6] >> (slot & 63)) & 1, ==, piece != NULL);
      if (piece == NULL)
        continue;
      g_assert_cmpuint (i, >, 1);
      g_assert_cmpuint (i, <=, in->n_beyond);
      n_bytes += sizeof *piece + piece->n_bytes;
    }
  g_assert_cmpuint (in->beyond_bytes, ==, n_bytes);
  g_assert_cmpuint (in->beyond_bytes, <=, PST_SCTP_RECEIVE_WINDOW_BYTES);
  g_assert_cmpuint (g_queue_get_length ((GQueue *) &sctp->reset_streams), <=, PST_SCTP_N_STREAMS);
  if (sctp->heartbeat_acks != NULL)
    g_assert_cmpuint (sctp->heartbeat_acks->len, <=, 1000);
}

/* What must hold after each step, whatever came. Slow: all of it is counted. */
void
hand_assert_consistent (const PstSctp *sctp)
{
  if (sctp->state == PST_SCTP_STATE_CLOSED)
    return; /* nothing of it is used any more */
  assert_outbound (sctp);
  assert_inbound (sctp);
}
