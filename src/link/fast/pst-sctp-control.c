/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is neither the beginning nor data: heartbeats, probes, the end. */
#include <string.h>

#include "pst-sctp-private.h"

/* A stranger's heartbeats are given back as they came (RFC 9260, section 8.3), so
 * many bytes of them as a packet takes; probes come several at once. */
#define MAX_HEARTBEAT_BYTES 1000

/* A probe says its own size, and a number that a stranger cannot guess. */
#define PROBE_INFO_BYTES 8

#define PROBE_LEAST_TIMEOUT_US (100 * 1000)

void
pst_sctp_take_heartbeat (PstSctp *self, const PstSctpItem *chunk)
{
  gsize n_bytes = PST_SCTP_CHUNK_HEADER_BYTES + pst_sctp_pad4 (chunk->n_bytes);
  guint n_before;

  if (self->heartbeat_acks == NULL)
    self->heartbeat_acks = g_byte_array_new ();
  n_before = self->heartbeat_acks->len;
  if (n_before + n_bytes > MAX_HEARTBEAT_BYTES)
    return;
  g_byte_array_set_size (self->heartbeat_acks, n_before + (guint) n_bytes);
  pst_sctp_put_chunk (self->heartbeat_acks->data + n_before, PST_SCTP_HEARTBEAT_ACK, 0,
                      chunk->value, chunk->n_bytes);
}

void
pst_sctp_take_heartbeat_ack (PstSctp *self, const PstSctpItem *chunk)
{
  PstSctpIter iter = { chunk->value, chunk->n_bytes };
  PstSctpItem info;

  if (!pst_sctp_iter_next_param (&iter, &info) || info.type != PST_SCTP_PARAM_HEARTBEAT
      || info.n_bytes != PROBE_INFO_BYTES || pst_sctp_get32 (info.value + 4) != self->probe_nonce)
    return;

  if (pst_sctp_size_answered (&self->size, pst_sctp_get32 (info.value)))
    pst_rate_set_packet_bytes (&self->rate, self->size.packet_bytes);
}

static gsize
write_heartbeat_acks (PstSctp *self, guint8 *out)
{
  gsize n = self->heartbeat_acks != NULL ? self->heartbeat_acks->len : 0;

  if (n > 0)
    {
      memcpy (out, self->heartbeat_acks->data, n);
      g_byte_array_set_size (self->heartbeat_acks, 0);
    }
  return n;
}

gboolean
pst_sctp_has_answers (const PstSctp *self)
{
  return (self->heartbeat_acks != NULL && self->heartbeat_acks->len > 0)
         || self->reset_answer != NULL || self->shutdown_ack_due || self->abort_due;
}

/* All of them fit the smallest packet. */
gsize
pst_sctp_write_answers (PstSctp *self, guint8 *out)
{
  gsize n;

  if (self->abort_due)
    {
      self->abort_due = FALSE;
      return pst_sctp_put_chunk (out, PST_SCTP_ABORT, 0, NULL, 0);
    }
  if (self->shutdown_ack_due)
    {
      self->shutdown_ack_due = FALSE;
      return pst_sctp_put_chunk (out, PST_SCTP_SHUTDOWN_ACK, 0, NULL, 0);
    }
  n = write_heartbeat_acks (self, out);
  return n + pst_sctp_write_reset_answer (self, out + n);
}

/* A packet that is as large as the path might carry: a heartbeat, then padding
 * (RFC 8899, section 6.2.1). */
gsize
pst_sctp_write_probe (PstSctp *self, guint8 *out, gsize size, gint64 now_us)
{
  gint64 timeout_us = MAX (3 * self->rate.round_trip_us + 4 * self->rate.variation_us,
                           PROBE_LEAST_TIMEOUT_US);
  guint n_bytes = pst_sctp_size_take_probe (&self->size, timeout_us, now_us);
  guint8 info[PROBE_INFO_BYTES];
  gsize padding;
  gsize n;

  if (n_bytes == 0 || n_bytes - PST_SCTP_PACKET_HEADER_BYTES > size)
    return 0;

  pst_sctp_put32 (info, n_bytes);
  pst_sctp_put32 (info + 4, self->probe_nonce);
  n = PST_SCTP_CHUNK_HEADER_BYTES;
  n += pst_sctp_put_param (out + n, PST_SCTP_PARAM_HEARTBEAT, info, sizeof info);
  n = pst_sctp_put_chunk (out, PST_SCTP_HEARTBEAT, 0, NULL, n - PST_SCTP_CHUNK_HEADER_BYTES);

  padding = (n_bytes - PST_SCTP_PACKET_HEADER_BYTES - n) & ~(gsize) 3;
  memset (out + n, 0, padding);
  return n
         + pst_sctp_put_chunk (out + n, PST_SCTP_PAD, 0, NULL,
                               padding - PST_SCTP_CHUNK_HEADER_BYTES);
}
