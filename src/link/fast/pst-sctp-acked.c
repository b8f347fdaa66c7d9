/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the other side says of data that left, and what follows when it says
 * nothing. Losses are found as in QUIC (RFC 9002, section 6): each packet has a
 * number of its own, also when it carries what was sent before. */
#include "pst-sctp-private.h"

/* RFC 9002, section 6.1: a packet that left a round trip and an eighth before
 * one that came. */
#define LOSS_TIME_PERCENT 112
#define LOSS_LEAST_US     1000

/* Packets that only took turns are not lost: each time we were wrong, we wait for
 * twice as many. */
#define MOST_REORDERING 256

/* RFC 9002, section 6.2; what the other side may take to acknowledge: ours 20 ms,
 * others 200 ms (RFC 9260, section 6.2). Machines that are busy answer late. */
#define TIMEOUT_LEAST_US        (50 * 1000)
#define TIMEOUT_UNKNOWN_US      (500 * 1000)
#define TIMEOUT_MOST_US         (10 * G_USEC_PER_SEC)
#define PENSTOCK_ACK_DELAY_US   (25 * 1000)
#define OTHERS_ACK_DELAY_US     (200 * 1000)
#define TIMEOUT_PROBES          2
#define TIMEOUTS_UNTIL_COLLAPSE 2

typedef struct
{
  gint64 now_us;
  gint64 round_trip_us; /* of the packet that left last; -1 */
  guint64 highest_packet;
  gboolean any;
} Progress;

static void
message_release (PstOutMessage *message)
{
  if (--message->n_chunks > 0 || !message->is_done)
    return;
  g_bytes_unref (message->bytes);
  g_free (message);
}

static guint64
get_wire_bytes (const PstOutChunk *chunk)
{
  return PST_SCTP_DATA_HEADER_BYTES + pst_sctp_pad4 (chunk->n_bytes);
}

static PstOutPacket *
leave_packet (PstOutbound *out, const PstOutChunk *chunk, guint64 *number)
{
  PstOutPacket *packet;

  *number = pst_outbound_whole_number (out, chunk->packet);
  packet = pst_outbound_packet (out, *number);
  packet->n_chunks--;
  out->in_flight_bytes -= get_wire_bytes (chunk);
  return packet;
}

static void
forget_packets (PstOutbound *out)
{
  while (out->first_packet < out->next_packet
         && pst_outbound_packet (out, out->first_packet)->n_chunks == 0)
    out->first_packet++;
}

/* A piece is said to have come, for the first time. */
static void
piece_came (PstSctp *self, guint32 tsn, Progress *progress)
{
  PstOutbound *out = &self->out;
  guint32 slot = pst_outbound_slot (out, tsn);
  PstOutChunk *chunk = &out->chunks[slot];
  PstOutPacket *packet;
  guint64 number;

  if (out->states[slot] == PST_CHUNK_LOST)
    {
      /* It was only late. */
      out->n_lost--;
      out->reordering = MIN (out->reordering * 2, MOST_REORDERING);
    }
  else
    {
      packet = leave_packet (out, chunk, &number);
      pst_rate_delivered (&self->rate, &packet->mark, get_wire_bytes (chunk), progress->now_us);
      if (number >= progress->highest_packet)
        {
          progress->highest_packet = number;
          if (chunk->n_sent == 1)
            progress->round_trip_us = progress->now_us - packet->mark.sent_us;
        }
    }
  out->states[slot] = PST_CHUNK_ACKNOWLEDGED;
  out->unacknowledged_bytes -= chunk->n_bytes;
  progress->any = TRUE;
  if (pst_sctp_serial_diff (tsn, out->highest_acked_tsn) > 0)
    out->highest_acked_tsn = tsn;
}

static void
take_cumulative (PstSctp *self, guint32 cumulative_tsn, Progress *progress)
{
  PstOutbound *out = &self->out;

  while (out->acked_tsn != cumulative_tsn)
    {
      guint32 tsn = out->acked_tsn + 1;
      guint32 slot = pst_outbound_slot (out, tsn);

      if (out->states[slot] != PST_CHUNK_ACKNOWLEDGED)
        piece_came (self, tsn, progress);
      out->states[slot] = PST_CHUNK_NONE;
      message_release (out->chunks[slot].message);
      out->acked_tsn = tsn;
    }
  if (pst_sctp_serial_diff (out->lost_hint_tsn, out->acked_tsn + 1) < 0)
    out->lost_hint_tsn = out->acked_tsn + 1;
}

/* Runs must follow each other; what does not is passed over, so that the work is
 * bounded by what is under way. */
static void
take_gaps (PstSctp *self, const guint8 *gaps, guint n_gaps, Progress *progress)
{
  PstOutbound *out = &self->out;
  guint32 end = 0;

  for (guint i = 0; i < n_gaps; i++, gaps += 4)
    {
      guint32 first = pst_sctp_get16 (gaps);
      guint32 last = pst_sctp_get16 (gaps + 2);

      if (first <= end || last < first || last >= out->next_tsn - out->acked_tsn)
        continue;
      end = last;
      for (guint32 offset = first; offset <= last; offset++)
        {
          guint8 state = out->states[pst_outbound_slot (out, out->acked_tsn + offset)];

          if (state == PST_CHUNK_IN_FLIGHT || state == PST_CHUNK_LOST)
            piece_came (self, out->acked_tsn + offset, progress);
        }
    }
}

static void
mark_lost (PstSctp *self, guint32 tsn)
{
  PstOutbound *out = &self->out;
  guint32 slot = pst_outbound_slot (out, tsn);
  guint64 number;

  leave_packet (out, &out->chunks[slot], &number);
  out->states[slot] = PST_CHUNK_LOST;
  if (out->n_lost++ == 0 || pst_sctp_serial_diff (tsn, out->lost_hint_tsn) < 0)
    out->lost_hint_tsn = tsn;
}

static void
apply_size (PstSctp *self)
{
  pst_rate_set_packet_bytes (&self->rate, self->size.packet_bytes);
}

/* All pieces of a packet are lost with it: its size counts once. */
static void
declare_lost (PstSctp *self, guint32 tsn, PstOutPacket *packet, gint64 now_us)
{
  pst_rate_lost (&self->rate,
                 get_wire_bytes (&self->out.chunks[pst_outbound_slot (&self->out, tsn)]));
  if (pst_sctp_size_lost (&self->size, packet->n_bytes, now_us))
    {
      apply_size (self);
      pst_rate_excuse_losses (&self->rate);
    }
  packet->n_bytes = 0;
  mark_lost (self, tsn);
}

static gint64
get_loss_time_us (const PstSctp *self)
{
  return MAX (self->rate.round_trip_us * LOSS_TIME_PERCENT / 100, LOSS_LEAST_US);
}

/* Looks at all that is under way and left before something that came. */
static void
find_losses (PstSctp *self, guint32 end_tsn, gint64 now_us)
{
  PstOutbound *out = &self->out;
  gint64 wait_us = get_loss_time_us (self);

  out->loss_us = G_MAXINT64;
  for (guint32 tsn = out->acked_tsn + 1; tsn != end_tsn; tsn++)
    {
      guint32 slot = pst_outbound_slot (out, tsn);
      guint64 number;
      PstOutPacket *packet;

      if (out->states[slot] != PST_CHUNK_IN_FLIGHT)
        continue;
      number = pst_outbound_whole_number (out, out->chunks[slot].packet);
      if (number >= out->highest_acked_packet)
        continue;
      packet = pst_outbound_packet (out, number);
      if (out->highest_acked_packet - number >= out->reordering
          || packet->mark.sent_us + wait_us <= now_us)
        declare_lost (self, tsn, packet, now_us);
      else
        out->loss_us = MIN (out->loss_us, packet->mark.sent_us + wait_us);
    }
  forget_packets (out);
}

/* The other side said that it had this, and takes it back (RFC 9260, section
 * 6.2.1); only the first can stop everything. */
static void
check_reneging (PstSctp *self, guint n_gaps, const guint8 *gaps)
{
  PstOutbound *out = &self->out;
  guint32 slot = pst_outbound_slot (out, out->acked_tsn + 1);

  if (out->acked_tsn + 1 == out->next_tsn || out->states[slot] != PST_CHUNK_ACKNOWLEDGED)
    return;
  out->states[slot] = PST_CHUNK_LOST;
  out->unacknowledged_bytes += out->chunks[slot].n_bytes;
  if (out->n_lost++ == 0 || pst_sctp_serial_diff (out->acked_tsn + 1, out->lost_hint_tsn) < 0)
    out->lost_hint_tsn = out->acked_tsn + 1;
}

static void
take_duplicates (PstSctp *self, guint n_duplicates)
{
  if (n_duplicates > 0)
    self->out.reordering = MIN (self->out.reordering + n_duplicates, MOST_REORDERING);
}

static void
after_progress (PstSctp *self, const Progress *progress)
{
  PstOutbound *out = &self->out;

  out->n_timeouts = 0;
  out->n_probes = 0;
  out->unanswered_us = out->acked_tsn + 1 == out->next_tsn ? 0 : progress->now_us;
  if (progress->highest_packet > out->highest_acked_packet)
    out->highest_acked_packet = progress->highest_packet;
  pst_outbound_set_timeout (self, progress->now_us);
}

static gboolean
is_valid_sack (const PstSctp *self, const PstSctpItem *chunk, guint n_gaps, guint n_duplicates)
{
  guint32 cumulative_tsn = pst_sctp_get32 (chunk->value);

  return chunk->n_bytes >= 12 + 4 * ((gsize) n_gaps + n_duplicates)
         && pst_sctp_serial_diff (cumulative_tsn, self->out.acked_tsn) >= 0
         && pst_sctp_serial_diff (cumulative_tsn, self->out.next_tsn) < 0;
}

/* An acknowledgement (RFC 9260, section 6.2.1). One that is older than what is
 * known, or of what was never sent, says nothing. */
void
pst_sctp_take_sack (PstSctp *self, const PstSctpItem *chunk, gint64 now_us)
{
  Progress progress = { .now_us = now_us, .round_trip_us = -1 };
  PstOutbound *out = &self->out;
  guint n_gaps;
  guint n_duplicates;

  if (chunk->n_bytes < 12)
    return;
  n_gaps = pst_sctp_get16 (chunk->value + 8);
  n_duplicates = pst_sctp_get16 (chunk->value + 10);
  if (!is_valid_sack (self, chunk, n_gaps, n_duplicates))
    return;

  out->peer_window_bytes = pst_sctp_get32 (chunk->value + 4);
  take_cumulative (self, pst_sctp_get32 (chunk->value), &progress);
  take_gaps (self, chunk->value + 12, n_gaps, &progress);
  check_reneging (self, n_gaps, chunk->value + 12);
  take_duplicates (self, n_duplicates);
  if (progress.any)
    after_progress (self, &progress);
  if (n_gaps > 0 || out->loss_us != G_MAXINT64)
    find_losses (self, out->highest_acked_tsn + 1, now_us);
  forget_packets (out);
  pst_rate_acknowledged (&self->rate, progress.round_trip_us, out->in_flight_bytes, now_us);
  pst_sctp_follow_most (self, now_us);
}

/* Nothing is said of what left last until this time. */
void
pst_outbound_set_timeout (PstSctp *self, gint64 now_us)
{
  PstOutbound *out = &self->out;
  gint64 wait_us = TIMEOUT_UNKNOWN_US;

  if (out->in_flight_bytes == 0)
    {
      out->timeout_us = G_MAXINT64;
      return;
    }
  if (self->rate.round_trip_us > 0)
    wait_us = self->rate.round_trip_us + 4 * self->rate.variation_us
              + (self->peer_is_penstock ? PENSTOCK_ACK_DELAY_US : OTHERS_ACK_DELAY_US);
  wait_us = MAX (wait_us, TIMEOUT_LEAST_US) << MIN (out->n_timeouts, 10);
  out->timeout_us = now_us + MIN (wait_us, TIMEOUT_MOST_US);
}

gint64
pst_outbound_get_timeout_us (const PstSctp *self)
{
  return MIN (self->out.timeout_us, self->out.loss_us);
}

/* Once: what left first goes again, to be told of. Again: all of it counts as lost. */
static void
on_timeout (PstSctp *self, gint64 now_us)
{
  PstOutbound *out = &self->out;
  gboolean all = ++out->n_timeouts >= TIMEOUTS_UNTIL_COLLAPSE;
  guint n_marked = 0;

  self->figures.timeouts++;
  for (guint32 tsn = out->acked_tsn + 1; tsn != out->next_tsn; tsn++)
    if (out->states[pst_outbound_slot (out, tsn)] == PST_CHUNK_IN_FLIGHT
        && (all || n_marked++ < TIMEOUT_PROBES))
      mark_lost (self, tsn);
  forget_packets (out);
  out->n_probes = TIMEOUT_PROBES;
  if (all)
    {
      pst_rate_collapsed (&self->rate);
      if (pst_sctp_size_black_hole (&self->size, now_us))
        apply_size (self);
    }
  pst_outbound_set_timeout (self, now_us);
  if (out->timeout_us == G_MAXINT64)
    out->timeout_us = now_us
                      + MIN ((gint64) TIMEOUT_UNKNOWN_US << MIN (out->n_timeouts, 10),
                             TIMEOUT_MOST_US);
}

/* Sees to all that is due by now. */
void
pst_outbound_check_time (PstSctp *self, gint64 now_us)
{
  PstOutbound *out = &self->out;

  if (now_us >= out->loss_us)
    find_losses (self, out->next_tsn, now_us);
  if (now_us >= out->timeout_us)
    on_timeout (self, now_us);
}
