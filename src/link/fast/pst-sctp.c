/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-sctp.h"

#include <sodium.h>

#include "pst-sctp-private.h"

/* Longer than any wired network in a house needs, and most without wires. */
#define LARGE_PACKET_ROUND_TRIP_US (5 * 1000)

/**
 * pst_sctp_new:
 * @local_port: ours
 * @remote_port: theirs
 * @most_packet_bytes: the largest packet that may ever leave, at least
 *   %PST_SCTP_BASE_PACKET_BYTES
 *
 * Returns: (transfer full): an association that has not begun
 */
PstSctp *
pst_sctp_new (guint16 local_port, guint16 remote_port, guint most_packet_bytes)
{
  PstSctp *self = g_new0 (PstSctp, 1);
  guint64 seed;

  randombytes_buf (&seed, sizeof seed);
  randombytes_buf (self->cookie, sizeof self->cookie);
  self->local_port = local_port;
  self->remote_port = remote_port;
  self->local_tag = 1 + randombytes_uniform (G_MAXUINT32);
  self->first_tsn = randombytes_random ();
  self->probe_nonce = randombytes_random ();
  self->most_packet_bytes = most_packet_bytes;
  g_queue_init (&self->reset_streams);
  pst_sctp_size_init (&self->size, PST_SCTP_BASE_PACKET_BYTES);
  pst_rate_init (&self->rate, PST_SCTP_BASE_PACKET_BYTES, seed);
  pst_inbound_init (self, 0);
  pst_outbound_init (self);
  return self;
}

/**
 * pst_sctp_free:
 * @self: (transfer full) (nullable): an association
 *
 * Lets go of it, and of all messages in it; the other side is not told.
 */
void
pst_sctp_free (PstSctp *self)
{
  if (self == NULL)
    return;

  pst_outbound_clear (self);
  pst_inbound_clear (self);
  g_queue_clear (&self->reset_streams);
  g_clear_pointer (&self->echo, g_bytes_unref);
  g_clear_pointer (&self->heartbeat_acks, g_byte_array_unref);
  g_clear_pointer (&self->reset_answer, g_bytes_unref);
  g_free (self);
}

/**
 * pst_sctp_connect:
 * @self: a new association
 * @now_us: monotonic time
 *
 * Begins; the other side must do the same.
 */
void
pst_sctp_connect (PstSctp *self, gint64 now_us)
{
  g_return_if_fail (self->state == PST_SCTP_STATE_NEW);

  self->state = PST_SCTP_STATE_COOKIE_WAIT;
  self->setup_us = now_us;
}

/* What was to be said before is not to be said any more. */
static void
enter_closed (PstSctp *self)
{
  self->state = PST_SCTP_STATE_CLOSED;
  self->init_due = self->init_ack_due = self->echo_due = self->cookie_ack_due = FALSE;
}

/**
 * pst_sctp_close:
 * @self: an association in any state
 *
 * Ends it at once; what was not acknowledged may not have come. The next packet
 * tells the other side.
 */
void
pst_sctp_close (PstSctp *self)
{
  self->abort_due |= self->state == PST_SCTP_STATE_ESTABLISHED;
  enter_closed (self);
}

/* The other side broke the protocol. */
void
pst_sctp_fail (PstSctp *self)
{
  pst_sctp_close (self);
}

/**
 * pst_sctp_get_state:
 * @self: an association
 *
 * Returns: how far it is
 */
PstSctpState
pst_sctp_get_state (const PstSctp *self)
{
  return self->state;
}

/* Large packets are for the others of ours, and for a path as short as a local
 * network is: a lost fragment costs a round trip for all of them. */
static guint
get_most_packet_bytes (const PstSctp *self)
{
  gboolean may_be_large = self->peer_is_penstock
                          && self->rate.min_round_trip_us < LARGE_PACKET_ROUND_TRIP_US;

  return may_be_large ? self->most_packet_bytes
                      : MIN (self->most_packet_bytes, PST_SCTP_WHOLE_PACKET_BYTES);
}

/* Something changed of what decides how large packets may be. */
void
pst_sctp_follow_most (PstSctp *self, gint64 now_us)
{
  guint most_packet_bytes = get_most_packet_bytes (self);

  if (self->state != PST_SCTP_STATE_ESTABLISHED || self->size.most_bytes == most_packet_bytes)
    return;
  pst_sctp_size_set_most (&self->size, most_packet_bytes, now_us);
  pst_rate_set_packet_bytes (&self->rate, self->size.packet_bytes);
}

/**
 * pst_sctp_set_most_packet_bytes:
 * @self: an association
 * @most_packet_bytes: the largest packet that may leave from now on; more than
 *   %PST_SCTP_WHOLE_PACKET_BYTES only to another Penstock, and not far away
 * @now_us: monotonic time
 */
void
pst_sctp_set_most_packet_bytes (PstSctp *self, guint most_packet_bytes, gint64 now_us)
{
  self->most_packet_bytes = most_packet_bytes;
  pst_sctp_follow_most (self, now_us);
}

/**
 * pst_sctp_take_reset_stream:
 * @self: an association
 *
 * Returns: the next stream that the other side ended; -1: none
 */
int
pst_sctp_take_reset_stream (PstSctp *self)
{
  if (g_queue_is_empty (&self->reset_streams))
    return -1;
  return GPOINTER_TO_INT (g_queue_pop_head (&self->reset_streams));
}

static void
take_end (PstSctp *self, const PstSctpItem *chunk)
{
  if (self->state == PST_SCTP_STATE_NEW)
    return;
  self->shutdown_ack_due = chunk->type == PST_SCTP_SHUTDOWN;
  enter_closed (self);
}

/* Returns whether the chunk was data. */
static gboolean
take_chunk (PstSctp *self, const PstSctpItem *chunk, gint64 now_us)
{
  gboolean established = self->state == PST_SCTP_STATE_ESTABLISHED;

  switch (chunk->type)
    {
    case PST_SCTP_INIT_ACK:
      pst_sctp_take_init_ack (self, chunk, now_us);
      break;
    case PST_SCTP_COOKIE_ECHO:
      pst_sctp_take_cookie_echo (self, chunk, now_us);
      break;
    case PST_SCTP_COOKIE_ACK:
      pst_sctp_take_cookie_ack (self, now_us);
      break;
    case PST_SCTP_ABORT:
    case PST_SCTP_SHUTDOWN:
    case PST_SCTP_SHUTDOWN_ACK:
    case PST_SCTP_SHUTDOWN_COMPLETE:
      take_end (self, chunk);
      break;
    case PST_SCTP_DATA:
      if (established)
        pst_sctp_take_data (self, chunk, now_us);
      return established;
    case PST_SCTP_SACK:
      if (established)
        pst_sctp_take_sack (self, chunk, now_us);
      break;
    case PST_SCTP_HEARTBEAT:
      if (established)
        pst_sctp_take_heartbeat (self, chunk);
      break;
    case PST_SCTP_HEARTBEAT_ACK:
      if (established)
        pst_sctp_take_heartbeat_ack (self, chunk);
      break;
    case PST_SCTP_RE_CONFIG:
      if (established)
        pst_sctp_take_re_config (self, chunk);
      break;
    default:
      /* What is not known, or of no use here (ERROR, PAD), is passed over: all
       * we offer is known. */
      break;
    }
  return FALSE;
}

/* An INIT stands alone in its packet, whose tag is 0 (RFC 9260, section 8.5.1);
 * all others carry ours. */
static gboolean
is_for_us (const PstSctp *self, const PstSctpPacketHeader *header, const PstSctpItem *first)
{
  if (header->source_port != self->remote_port || header->destination_port != self->local_port)
    return FALSE;
  if (first->type == PST_SCTP_INIT)
    return header->tag == 0 && header->has_checksum;
  return header->tag == self->local_tag;
}

/**
 * pst_sctp_receive:
 * @self: an association
 * @packet: (array length=n_bytes): what came; a stranger's bytes
 * @n_bytes: how many
 * @now_us: monotonic time
 *
 * Takes a packet. What is not one of this association is passed over. Afterwards,
 * pst_sctp_take_message() and the state tell what it brought, and after the last
 * packet of a burst pst_sctp_end_burst() must be called.
 */
void
pst_sctp_receive (PstSctp *self, const guint8 *packet, gsize n_bytes, gint64 now_us)
{
  PstSctpPacketHeader header;
  PstSctpIter iter;
  PstSctpItem chunk;
  gboolean any_data = FALSE;

  if (self->state == PST_SCTP_STATE_CLOSED)
    return;
  if (!pst_sctp_packet_read (packet, n_bytes, TRUE, &header, &iter)
      || !pst_sctp_iter_next_chunk (&iter, &chunk) || !is_for_us (self, &header, &chunk))
    {
      self->figures.packets_refused++;
      return;
    }

  self->figures.packets_received++;
  if (chunk.type == PST_SCTP_INIT)
    {
      pst_sctp_take_init (self, &chunk);
      return;
    }
  do
    any_data |= take_chunk (self, &chunk, now_us);
  while (self->state != PST_SCTP_STATE_CLOSED && pst_sctp_iter_next_chunk (&iter, &chunk));
  if (any_data)
    pst_inbound_end_packet (self, now_us);
}

static gsize
finish_packet (PstSctp *self, guint8 *packet, gsize n, guint32 tag, gboolean with_checksum)
{
  const PstSctpPacketHeader header = {
    .source_port = self->local_port,
    .destination_port = self->remote_port,
    .tag = tag,
    .has_checksum = with_checksum || !self->zero_checksum,
  };

  pst_sctp_packet_write (packet, n, &header);
  self->figures.packets_sent++;
  return n;
}

static gsize
write_chunks (PstSctp *self, guint8 *out, gsize size, gint64 now_us)
{
  gsize n = pst_sctp_write_answers (self, out);

  if (self->state != PST_SCTP_STATE_ESTABLISHED)
    return n;
  n += pst_sctp_write_reset_request (self, out + n, now_us);
  if (pst_sctp_sack_is_due (self, now_us))
    n += pst_sctp_write_sack (self, out + n, size - n, now_us);
  return n + pst_outbound_write (self, out + n, size - n, now_us);
}

/**
 * pst_sctp_write_packet:
 * @self: an association
 * @packet: (array length=size): room for a packet
 * @size: at least the largest packet that is allowed
 * @now_us: monotonic time
 *
 * Writes the next packet that should leave now. Call it until it gives 0, after
 * each time that something was given to the association, and when the time that
 * pst_sctp_get_next_us() says has come.
 *
 * Returns: how long the packet is; 0: none
 */
gsize
pst_sctp_write_packet (PstSctp *self, guint8 *packet, gsize size, gint64 now_us)
{
  guint8 *out = packet + PST_SCTP_PACKET_HEADER_BYTES;
  gsize room;
  guint32 tag;
  gsize n;

  pst_outbound_check_time (self, now_us);
  n = pst_sctp_write_setup (self, out, &tag, now_us);
  if (n > 0)
    return finish_packet (self, packet, PST_SCTP_PACKET_HEADER_BYTES + n, tag, TRUE);

  room = MIN (size, self->size.packet_bytes) - PST_SCTP_PACKET_HEADER_BYTES;
  n = write_chunks (self, out, room, now_us);
  if (n == 0 && self->state == PST_SCTP_STATE_ESTABLISHED)
    n = pst_sctp_write_probe (self, out, size - PST_SCTP_PACKET_HEADER_BYTES, now_us);
  if (n == 0)
    return 0;
  return finish_packet (self, packet, PST_SCTP_PACKET_HEADER_BYTES + n, self->remote_tag, FALSE);
}

/**
 * pst_sctp_write_ack:
 * @self: an association
 * @packet: (array length=size): room for a packet
 * @size: at least %PST_SCTP_BASE_PACKET_BYTES
 * @now_us: monotonic time
 *
 * Writes the acknowledgement that is due at once, by itself: for whoever received, so
 * that nobody else is woken for it. Where more should leave with it, pst_sctp_write_packet()
 * does.
 *
 * Returns: how long the packet is; 0: none
 */
gsize
pst_sctp_write_ack (PstSctp *self, guint8 *packet, gsize size, gint64 now_us)
{
  gsize room = MIN (size, self->size.packet_bytes) - PST_SCTP_PACKET_HEADER_BYTES;
  gsize n;

  if (self->state != PST_SCTP_STATE_ESTABLISHED || !self->in.ack_now || pst_sctp_has_answers (self)
      || pst_outbound_get_next_us (self, now_us) <= now_us)
    return 0;

  n = pst_sctp_write_sack (self, packet + PST_SCTP_PACKET_HEADER_BYTES, room, now_us);
  if (n == 0)
    return 0;
  return finish_packet (self, packet, PST_SCTP_PACKET_HEADER_BYTES + n, self->remote_tag, FALSE);
}

/**
 * pst_sctp_get_next_us:
 * @self: an association that has no packet to write now
 * @now_us: monotonic time
 *
 * Returns: when it has one unless something comes in before; %G_MAXINT64: never
 */
gint64
pst_sctp_get_next_us (PstSctp *self, gint64 now_us)
{
  gint64 next_us = pst_sctp_get_setup_us (self);

  if (pst_sctp_has_answers (self))
    return now_us;
  if (self->state != PST_SCTP_STATE_ESTABLISHED)
    return next_us;
  next_us = MIN (next_us, self->in.ack_now ? now_us : self->in.ack_us);
  next_us = MIN (next_us, pst_outbound_get_timeout_us (self));
  next_us = MIN (next_us, pst_sctp_get_reset_us (self));
  next_us = MIN (next_us, pst_sctp_size_get_next_us (&self->size));
  return MIN (next_us, pst_outbound_get_next_us (self, now_us));
}

/**
 * pst_sctp_get_figures:
 * @self: an association
 * @figures: (out): what it did and what it knows of the path
 */
void
pst_sctp_get_figures (const PstSctp *self, PstSctpFigures *figures)
{
  *figures = self->figures;
  figures->peer_is_penstock = self->peer_is_penstock;
  figures->packet_bytes = self->size.packet_bytes;
  figures->round_trip_us = self->rate.round_trip_us;
  figures->least_round_trip_us = self->rate.min_round_trip_us;
  figures->window_bytes = pst_rate_get_window (&self->rate);
  figures->in_flight_bytes = self->out.in_flight_bytes;
  figures->pace_bps = pst_rate_get_pace (&self->rate);
  figures->lost_bytes = self->rate.lost_bytes;
  figures->came_us = self->in.came_us;
  figures->unanswered_us = self->out.unanswered_us;
}
