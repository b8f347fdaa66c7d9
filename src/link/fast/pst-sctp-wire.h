/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* RFC 9260, section 3; PAD: RFC 4820; RE-CONFIG: RFC 6525. */
typedef enum
{
  PST_SCTP_DATA = 0,
  PST_SCTP_INIT = 1,
  PST_SCTP_INIT_ACK = 2,
  PST_SCTP_SACK = 3,
  PST_SCTP_HEARTBEAT = 4,
  PST_SCTP_HEARTBEAT_ACK = 5,
  PST_SCTP_ABORT = 6,
  PST_SCTP_SHUTDOWN = 7,
  PST_SCTP_SHUTDOWN_ACK = 8,
  PST_SCTP_ERROR = 9,
  PST_SCTP_COOKIE_ECHO = 10,
  PST_SCTP_COOKIE_ACK = 11,
  PST_SCTP_SHUTDOWN_COMPLETE = 14,
  PST_SCTP_RE_CONFIG = 130,
  PST_SCTP_PAD = 132,
} PstSctpChunkType;

#define PST_SCTP_DATA_END       0x01
#define PST_SCTP_DATA_BEGIN     0x02
#define PST_SCTP_DATA_UNORDERED 0x04
#define PST_SCTP_DATA_IMMEDIATE 0x08 /* RFC 9260, section 3.3.1: acknowledge at once */

#define PST_SCTP_PACKET_HEADER_BYTES 12
#define PST_SCTP_CHUNK_HEADER_BYTES  4
#define PST_SCTP_DATA_HEADER_BYTES   16
#define PST_SCTP_INIT_BYTES          20
#define PST_SCTP_SACK_BYTES          16

/* Parameters of INIT and INIT ACK. */
#define PST_SCTP_PARAM_HEARTBEAT     0x0001
#define PST_SCTP_PARAM_COOKIE        0x0007
#define PST_SCTP_PARAM_ZERO_CHECKSUM 0x8001 /* RFC 9653 */
#define PST_SCTP_PARAM_EXTENSIONS    0x8008 /* RFC 5061 */
/* Ours: “I acknowledge a whole burst at once, and so may you; and I can take
 * large packets.” The highest bits tell all others to pass over it in silence. */
#define PST_SCTP_PARAM_PENSTOCK 0xbf50

static inline guint16
pst_sctp_get16 (const guint8 *bytes)
{
  return (guint16) (bytes[0] << 8 | bytes[1]);
}

static inline guint32
pst_sctp_get32 (const guint8 *bytes)
{
  return (guint32) bytes[0] << 24 | (guint32) bytes[1] << 16 | (guint32) bytes[2] << 8 | bytes[3];
}

static inline void
pst_sctp_put16 (guint8 *bytes, guint16 value)
{
  bytes[0] = (guint8) (value >> 8);
  bytes[1] = (guint8) value;
}

static inline void
pst_sctp_put32 (guint8 *bytes, guint32 value)
{
  pst_sctp_put16 (bytes, (guint16) (value >> 16));
  pst_sctp_put16 (bytes + 2, (guint16) value);
}

static inline gsize
pst_sctp_pad4 (gsize n_bytes)
{
  return (n_bytes + 3) & ~(gsize) 3;
}

/* How far serial number @a is after @b (RFC 1982); negative: before. */
static inline gint32
pst_sctp_serial_diff (guint32 a, guint32 b)
{
  return (gint32) (a - b);
}

typedef struct
{
  guint16 source_port;
  guint16 destination_port;
  guint32 tag;
  gboolean has_checksum; /* it is not zero */
} PstSctpPacketHeader;

/* A chunk, or a parameter in one: the same layout but for the type. */
typedef struct
{
  guint16 type;
  guint8 flags;        /* of chunks */
  const guint8 *value; /* behind the header */
  gsize n_bytes;       /* of the value */
} PstSctpItem;

typedef struct
{
  const guint8 *bytes;
  gsize n_bytes;
} PstSctpIter;

gboolean pst_sctp_packet_read (const guint8 *packet,
                               gsize n_bytes,
                               gboolean zero_checksum_allowed,
                               PstSctpPacketHeader *header,
                               PstSctpIter *chunks);
void pst_sctp_packet_write (guint8 *packet, gsize n_bytes, const PstSctpPacketHeader *header);

gboolean pst_sctp_iter_next_chunk (PstSctpIter *iter, PstSctpItem *chunk);
gboolean pst_sctp_iter_next_param (PstSctpIter *iter, PstSctpItem *param);

gsize
pst_sctp_put_chunk (guint8 *out, guint8 type, guint8 flags, const guint8 *value, gsize n_bytes);
gsize pst_sctp_put_param (guint8 *out, guint16 type, const guint8 *value, gsize n_bytes);

G_END_DECLS
