/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What every path carries that carries WebRTC (RFC 8831, section 5). */
#define PST_SCTP_BASE_PACKET_BYTES 1200
/* A datagram of IPv4 without fragments on Ethernet, less 28 bytes of headers and
 * 37 that DTLS adds with AES-GCM (RFC 5288: 8 of nonce, 16 of tag). */
#define PST_SCTP_WHOLE_PACKET_BYTES 1435
/* A DTLS record holds 16,384 bytes (RFC 6347); ten fragments of Ethernet. */
#define PST_SCTP_LARGE_PACKET_BYTES 14700

/**
 * PstSctpSize:
 *
 * How large packets may be on this path (RFC 8899, with padded heartbeats as
 * probes): the greatest size whose probe was answered. Pure.
 */
typedef struct
{
  guint packet_bytes; /* now */
  guint whole_bytes;  /* the greatest known to travel without fragments */
  guint most_bytes;   /* allowed */
  struct
  {
    guint n_bytes;
    guint n_tries;
    gboolean answered;
  } probes[6];
  guint n_probes;
  gint64 next_us;
  gint64 lost_us; /* of a large packet */
  gint64 rest_us; /* how long large packets are left alone */
} PstSctpSize;

void pst_sctp_size_init (PstSctpSize *self, guint most_bytes);
void pst_sctp_size_set_most (PstSctpSize *self, guint most_bytes, gint64 now_us);
guint pst_sctp_size_take_probe (PstSctpSize *self, gint64 timeout_us, gint64 now_us);
gint64 pst_sctp_size_get_next_us (const PstSctpSize *self);
gboolean pst_sctp_size_answered (PstSctpSize *self, guint n_bytes);
gboolean pst_sctp_size_lost (PstSctpSize *self, guint n_bytes, gint64 now_us);
gboolean pst_sctp_size_black_hole (PstSctpSize *self, gint64 now_us);

G_END_DECLS
