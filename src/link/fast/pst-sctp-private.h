/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-sctp-rate.h"
#include "pst-sctp-size.h"
#include "pst-sctp-wire.h"
#include "pst-sctp.h"

G_BEGIN_DECLS

/* What a chunk that has a number is doing. */
typedef enum
{
  PST_CHUNK_NONE,
  PST_CHUNK_IN_FLIGHT,
  PST_CHUNK_LOST,         /* must go again */
  PST_CHUNK_ACKNOWLEDGED, /* beyond a gap */
} PstChunkState;

/* A message that is to be sent, until its last byte is acknowledged; or, among those
 * that have no number yet, the end of a stream. */
typedef struct
{
  GBytes *bytes; /* %NULL: the end of @stream */
  const guint8 *data;
  gsize n_bytes;
  guint32 protocol;
  guint16 stream;
  guint16 sequence;
  gboolean ordered;
  guint n_chunks;   /* numbered and not acknowledged in sequence */
  gboolean is_done; /* all of it is numbered */
} PstOutMessage;

/* A piece of it with a number (TSN). It fits the smallest packet, so that it can
 * always be sent again, whatever became of the path. */
typedef struct
{
  PstOutMessage *message;
  guint32 offset;
  guint32 packet; /* the one it left in last; lower half of its number */
  guint16 n_bytes;
  guint8 flags;
  guint8 n_sent;
} PstOutChunk;

/* A packet with data that left, until nothing in it is under way. */
typedef struct
{
  PstRateMark mark;
  guint32 n_bytes;
  guint32 n_chunks;
} PstOutPacket;

/* A piece that came before what belongs in front of it. */
typedef struct
{
  guint32 protocol;
  guint16 n_bytes;
  guint16 stream;
  guint8 flags;
  guint8 bytes[];
} PstInChunk;

#define PST_IN_MOST_CHUNKS 65536 /* gaps are told in 16 bits */

/* A stream that ends, from when all before its end has a number; one at a time. */
typedef struct
{
  gboolean is_pending;
  guint16 stream;
  guint32 last_tsn;
  gint64 next_us; /* when to ask, once @last_tsn came */
  guint n_requests;
  guint32 n_done; /* of all streams: the requests' numbers */
} PstOutReset;

typedef struct
{
  /* Rings, by number; both sizes are powers of two. */
  PstOutChunk *chunks;
  guint8 *states; /* of PstChunkState */
  guint32 n_slots;
  PstOutPacket *packets;
  guint32 n_packet_slots;

  guint32 next_tsn;
  guint32 acked_tsn;         /* all up to this came */
  guint32 highest_acked_tsn; /* of all that came */
  guint64 next_packet;
  guint64 first_packet; /* all before it are settled */
  guint64 highest_acked_packet;
  gboolean any_acked;

  PstOutReset reset;
  GQueue messages; /* of PstOutMessage, not wholly numbered */
  gsize offset;    /* into the first of them */
  guint64 ready_bytes;
  guint16 *sequences; /* by stream */

  guint64 in_flight_bytes; /* of chunks with their headers */
  guint n_lost;
  guint32 lost_hint_tsn; /* none is lost before it */
  guint64 peer_window_bytes;
  guint64 unacknowledged_bytes; /* payload, also beyond gaps */

  guint reordering;     /* packets: so much later counts as lost */
  gint64 loss_us;       /* when to look for losses again */
  gint64 timeout_us;    /* when to ask for an acknowledgement */
  gint64 unanswered_us; /* since when nothing is said of all that is under way; 0 */
  guint n_timeouts;     /* in a row */
  guint n_probes;       /* may leave whatever the window says */
  gint64 pace_us;       /* when the next packet should leave */
  gint64 peak_us;       /* before which it must not */
  gboolean is_resting;  /* a burst has left, and the next one is not due */
} PstOutbound;

typedef struct
{
  guint32 received_tsn; /* all up to this came */
  guint32 n_beyond;     /* how far the highest lies beyond it */
  PstInChunk **beyond;  /* by number: what came beyond it */
  guint64 *present;     /* a bit for each of these */
  guint64 beyond_bytes;

  PstSctpMessage *message; /* being put together */
  GQueue messages;         /* of PstSctpMessage, whole */
  guint64 message_bytes;   /* in @messages */

  gint64 came_us; /* when the last of them came; 0 */
  gboolean ack_now;
  guint n_unacked_packets;
  gint64 ack_us; /* when one is due */
  gint64 last_ack_us;
  guint32 duplicates[16];
  guint n_duplicates;
} PstInbound;

struct _PstSctp
{
  PstSctpState state;
  guint16 local_port;
  guint16 remote_port;
  guint32 local_tag;
  guint32 remote_tag;
  guint32 first_tsn;

  gboolean peer_is_penstock;
  gboolean zero_checksum;       /* the other side needs none */
  gboolean peer_resets_streams; /* it understands RE-CONFIG */

  /* Setting up. */
  guint8 cookie[16];
  gboolean knows_peer; /* its INIT came: the cookie may come back */
  GBytes *echo;        /* the cookie to return */
  gint64 setup_us;     /* when to ask again */
  guint n_setups;
  gboolean init_due;
  gboolean init_ack_due;
  gboolean echo_due;
  gboolean cookie_ack_due;
  gboolean shutdown_ack_due;
  gboolean abort_due;

  /* Answers that are due, whole chunks. */
  GByteArray *heartbeat_acks; /* (nullable) */
  GBytes *reset_answer;
  guint32 reset_sequence; /* the next request's */
  guint8 reset_result;    /* of the last */
  GQueue reset_streams;   /* of GUINT_TO_POINTER, not yet taken */

  PstOutbound out;
  PstInbound in;
  PstRate rate;
  PstSctpSize size;
  guint most_packet_bytes;
  guint32 probe_nonce;

  PstSctpFigures figures;
};

/* pst-sctp-setup.c */
void pst_sctp_take_init (PstSctp *self, const PstSctpItem *chunk);
void pst_sctp_take_init_ack (PstSctp *self, const PstSctpItem *chunk, gint64 now_us);
void pst_sctp_take_cookie_echo (PstSctp *self, const PstSctpItem *chunk, gint64 now_us);
void pst_sctp_take_cookie_ack (PstSctp *self, gint64 now_us);
gsize pst_sctp_write_setup (PstSctp *self, guint8 *out, guint32 *tag, gint64 now_us);
gint64 pst_sctp_get_setup_us (const PstSctp *self);

/* pst-sctp-control.c */
void pst_sctp_take_heartbeat (PstSctp *self, const PstSctpItem *chunk);
void pst_sctp_take_heartbeat_ack (PstSctp *self, const PstSctpItem *chunk);
gsize pst_sctp_write_answers (PstSctp *self, guint8 *out);
gsize pst_sctp_write_probe (PstSctp *self, guint8 *out, gsize size, gint64 now_us);
gboolean pst_sctp_has_answers (const PstSctp *self);

/* pst-sctp-reset.c */
void pst_sctp_take_re_config (PstSctp *self, const PstSctpItem *chunk);
gsize pst_sctp_write_reset_answer (PstSctp *self, guint8 *out);
gsize pst_sctp_write_reset_request (PstSctp *self, guint8 *bytes, gint64 now_us);
gint64 pst_sctp_get_reset_us (const PstSctp *self);
void pst_sctp_take_ends (PstSctp *self);
gboolean pst_sctp_is_held (const PstOutbound *out);

/* pst-sctp-outbound.c */
void pst_outbound_init (PstSctp *self);
void pst_outbound_clear (PstSctp *self);
gsize pst_outbound_write (PstSctp *self, guint8 *out, gsize size, gint64 now_us);
gint64 pst_outbound_get_next_us (PstSctp *self, gint64 now_us);

/* pst-sctp-acked.c */
void pst_sctp_take_sack (PstSctp *self, const PstSctpItem *chunk, gint64 now_us);
void pst_outbound_check_time (PstSctp *self, gint64 now_us);
void pst_outbound_set_timeout (PstSctp *self, gint64 now_us);
gint64 pst_outbound_get_timeout_us (const PstSctp *self);

/* pst-sctp-inbound.c */
void pst_inbound_init (PstSctp *self, guint32 first_tsn);
void pst_inbound_clear (PstSctp *self);
void pst_sctp_take_data (PstSctp *self, const PstSctpItem *chunk, gint64 now_us);
void pst_inbound_end_packet (PstSctp *self, gint64 now_us);

/* pst-sctp-sack.c */
gboolean pst_sctp_sack_is_due (const PstSctp *self, gint64 now_us);
gsize pst_sctp_write_sack (PstSctp *self, guint8 *out, gsize size, gint64 now_us);

/* pst-sctp.c */
void pst_sctp_fail (PstSctp *self);
void pst_sctp_follow_most (PstSctp *self, gint64 now_us);

static inline guint32
pst_outbound_slot (const PstOutbound *out, guint32 tsn)
{
  return tsn & (out->n_slots - 1);
}

static inline PstOutPacket *
pst_outbound_packet (const PstOutbound *out, guint64 number)
{
  return &out->packets[number & (out->n_packet_slots - 1)];
}

/* The whole number from its lower half: it lies near the newest. */
static inline guint64
pst_outbound_whole_number (const PstOutbound *out, guint32 lower)
{
  return out->next_packet - (guint32) ((guint32) out->next_packet - lower);
}

G_END_DECLS
