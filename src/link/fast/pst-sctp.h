/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* RFC 8841, section 6.1: what a peer that names no maximum may be sent. */
#define PST_SCTP_MAX_MESSAGE_BYTES 65536

/* What may have come out of order, for want of something before it: enough for
 * 100 MB/s over 150 ms, and all that a stranger can make us hold. */
#define PST_SCTP_RECEIVE_WINDOW_BYTES (16 * 1024 * 1024)

/* Beyond what the path takes, so much is kept ready to leave: two frames and a
 * few control messages, which must not wait behind more. */
#define PST_SCTP_READY_BYTES (192 * 1024)

/* Of streams we open, and let the other side open. */
#define PST_SCTP_N_STREAMS 1024

typedef enum
{
  PST_SCTP_STATE_NEW,
  PST_SCTP_STATE_COOKIE_WAIT,
  PST_SCTP_STATE_COOKIE_ECHOED,
  PST_SCTP_STATE_ESTABLISHED,
  PST_SCTP_STATE_CLOSED,
} PstSctpState;

/* A message that came; free it with pst_sctp_message_free(), or take @bytes. */
typedef struct
{
  guint8 *bytes;
  gsize n_bytes;
  guint16 stream;
  guint32 protocol; /* payload protocol identifier, RFC 8831, section 8 */
} PstSctpMessage;

void pst_sctp_message_free (PstSctpMessage *message);

typedef struct
{
  guint64 packets_sent;
  guint64 packets_received;
  guint64 chunks_sent_again;
  guint64 sacks_sent;
  guint64 packets_refused; /* wrong checksum, tag, port */
  guint64 timeouts;
  guint64 sent_bytes; /* of data, with what was sent again */
  gboolean peer_is_penstock;
  guint packet_bytes;
  gint64 round_trip_us; /* 0: not known */
  gint64 least_round_trip_us;
  guint64 window_bytes;
  guint64 in_flight_bytes;
  guint64 pace_bps;
  guint64 lost_bytes;
  gint64 came_us;       /* when data last came that was not there yet; 0: never */
  gint64 unanswered_us; /* since when data waits of which none is acknowledged; 0 */
} PstSctpFigures;

/**
 * PstSctp:
 *
 * One end of one SCTP association (RFC 9260) as data channels need it (RFC 8831,
 * section 5): it takes packets in and gives packets out. Pure: no I/O, no thread,
 * no clock, no lock; the time is told to it, always monotonic, in microseconds.
 *
 * It leaves out what a data channel over DTLS does not use: several addresses,
 * restarts, cookies that need no memory, I-DATA, partial reliability (messages
 * are always sent until they arrive).
 */
typedef struct _PstSctp PstSctp;

PstSctp *pst_sctp_new (guint16 local_port, guint16 remote_port, guint most_packet_bytes);
void pst_sctp_free (PstSctp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstSctp, pst_sctp_free)

void pst_sctp_connect (PstSctp *self, gint64 now_us);
void pst_sctp_close (PstSctp *self);
PstSctpState pst_sctp_get_state (const PstSctp *self);
void pst_sctp_set_most_packet_bytes (PstSctp *self, guint most_packet_bytes, gint64 now_us);

void
pst_sctp_send (PstSctp *self, GBytes *message, guint16 stream, guint32 protocol, gboolean ordered);
void pst_sctp_reset_stream (PstSctp *self, guint16 stream);
gboolean pst_sctp_wants_more (const PstSctp *self);
gboolean pst_sctp_is_low (const PstSctp *self);

void pst_sctp_receive (PstSctp *self, const guint8 *packet, gsize n_bytes, gint64 now_us);
gboolean pst_sctp_owes_sack (const PstSctp *self);
void pst_sctp_end_burst (PstSctp *self, gint64 now_us);
PstSctpMessage *pst_sctp_take_message (PstSctp *self);
int pst_sctp_take_reset_stream (PstSctp *self);

gsize pst_sctp_write_ack (PstSctp *self, guint8 *packet, gsize size, gint64 now_us);
gsize pst_sctp_write_packet (PstSctp *self, guint8 *packet, gsize size, gint64 now_us);
gint64 pst_sctp_get_next_us (PstSctp *self, gint64 now_us);

void pst_sctp_get_figures (const PstSctp *self, PstSctpFigures *figures);

G_END_DECLS
