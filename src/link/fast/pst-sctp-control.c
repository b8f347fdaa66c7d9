/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is neither the beginning nor data: heartbeats, probes, streams that end. */
#include <string.h>

#include "pst-sctp-private.h"

/* A stranger's heartbeats are given back as they came (RFC 9260, section 8.3), so
 * many bytes of them as a packet takes; probes come several at once. */
#define MAX_HEARTBEAT_BYTES 1000

/* RFC 6525, sections 4.1 to 4.4. */
#define PARAM_OUTGOING_RESET 13
#define PARAM_ANSWER         16
#define OUTGOING_RESET_BYTES 12
#define RESULT_DONE          1
#define RESULT_DENIED        2
#define RESULT_BAD_SEQUENCE  5
#define RESULT_IN_PROGRESS   6

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

static void
answer_reset (PstSctp *self, guint32 sequence, guint8 result)
{
  guint8 answer[PST_SCTP_CHUNK_HEADER_BYTES * 2 + 8];
  gsize n_bytes;

  pst_sctp_put32 (answer + 8, sequence);
  pst_sctp_put32 (answer + 12, result);
  pst_sctp_put_param (answer + 4, PARAM_ANSWER, NULL, 8);
  n_bytes = pst_sctp_put_chunk (answer, PST_SCTP_RE_CONFIG, 0, NULL, 12);
  g_clear_pointer (&self->reset_answer, g_bytes_unref);
  self->reset_answer = g_bytes_new (answer, n_bytes);
}

/* The other side ends streams: once all that was sent on them has come. */
static guint8
reset_streams (PstSctp *self, const PstSctpItem *request)
{
  guint32 last_tsn = pst_sctp_get32 (request->value + 8);

  if (pst_sctp_serial_diff (last_tsn, self->in.received_tsn) > 0)
    return RESULT_IN_PROGRESS;

  for (gsize i = OUTGOING_RESET_BYTES; i + 2 <= request->n_bytes; i += 2)
    if (g_queue_get_length (&self->reset_streams) < PST_SCTP_N_STREAMS)
      g_queue_push_tail (&self->reset_streams,
                         GUINT_TO_POINTER (pst_sctp_get16 (request->value + i)));
  return RESULT_DONE;
}

static void
take_request (PstSctp *self, const PstSctpItem *request)
{
  guint32 sequence;
  guint8 result;

  if (request->n_bytes < 4)
    return;

  sequence = pst_sctp_get32 (request->value);
  if (sequence == self->reset_sequence - 1)
    result = self->reset_result;
  else if (sequence != self->reset_sequence)
    result = RESULT_BAD_SEQUENCE;
  else if (request->type != PARAM_OUTGOING_RESET || request->n_bytes < OUTGOING_RESET_BYTES)
    result = RESULT_DENIED;
  else
    result = reset_streams (self, request);

  if (sequence == self->reset_sequence && result != RESULT_IN_PROGRESS)
    {
      self->reset_sequence++;
      self->reset_result = result;
    }
  answer_reset (self, sequence, result);
}

/* RFC 6525. We ask for nothing ourselves: a connection has one channel, which ends
 * with it. So an answer is none of ours. */
void
pst_sctp_take_re_config (PstSctp *self, const PstSctpItem *chunk)
{
  PstSctpIter iter = { chunk->value, chunk->n_bytes };
  PstSctpItem request;

  while (pst_sctp_iter_next_param (&iter, &request))
    if (request.type != PARAM_ANSWER)
      take_request (self, &request);
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

static gsize
write_reset_answer (PstSctp *self, guint8 *out)
{
  gsize n;
  const guint8 *bytes;

  if (self->reset_answer == NULL)
    return 0;
  bytes = g_bytes_get_data (self->reset_answer, &n);
  memcpy (out, bytes, n);
  g_clear_pointer (&self->reset_answer, g_bytes_unref);
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
  return n + write_reset_answer (self, out + n);
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
