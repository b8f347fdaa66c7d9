/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Streams that end (RFC 6525): each side ends those it sends on, and a channel is closed
 * when both have (RFC 8831, section 6.7). */
#include <string.h>

#include "pst-sctp-private.h"

/* RFC 6525, sections 4.1 to 4.4. */
#define PARAM_OUTGOING_RESET 13
#define PARAM_ANSWER         16
#define OUTGOING_RESET_BYTES 12
#define RESULT_NOTHING_TO_DO 0
#define RESULT_DONE          1
#define RESULT_DENIED        2
#define RESULT_OTHER_FIRST   4
#define RESULT_BAD_SEQUENCE  5
#define RESULT_IN_PROGRESS   6

/* Between asking and asking again; twice as long each time. Who has not answered after
 * the last never will. */
#define LEAST_WAIT_US (200 * 1000)
#define MOST_REQUESTS 8

static void
answer_request (PstSctp *self, guint32 sequence, guint8 result)
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
  answer_request (self, sequence, result);
}

gsize
pst_sctp_write_reset_answer (PstSctp *self, guint8 *out)
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

static PstOutMessage *
peek_end (PstOutbound *out)
{
  PstOutMessage *message = g_queue_peek_head (&out->messages);

  return message != NULL && message->bytes == NULL ? message : NULL;
}

/* An end that is the next in the queue: all that was to be sent before it has its number. */
void
pst_sctp_take_ends (PstSctp *self)
{
  PstOutbound *out = &self->out;
  PstOutMessage *end;

  while (!out->reset.is_pending && (end = peek_end (out)) != NULL)
    {
      g_queue_pop_head (&out->messages);
      out->reset.is_pending = self->peer_resets_streams;
      out->reset.stream = end->stream;
      out->reset.last_tsn = out->next_tsn - 1;
      out->reset.next_us = G_MININT64;
      out->reset.n_requests = 0;
      g_free (end);
    }
}

/**
 * pst_sctp_reset_stream:
 * @self: an association
 * @stream: below %PST_SCTP_N_STREAMS
 *
 * Ends a stream, once all that was queued for it before has come: the other side is
 * told, and what is queued for it from now on begins anew.
 */
void
pst_sctp_reset_stream (PstSctp *self, guint16 stream)
{
  PstOutMessage *end = g_new0 (PstOutMessage, 1);

  end->stream = stream;
  g_queue_push_tail (&self->out.messages, end);
  pst_sctp_take_ends (self);
}

/* Whether the next message must wait for the answer to a request. */
gboolean
pst_sctp_is_held (const PstOutbound *out)
{
  const PstOutMessage *next = g_queue_peek_head ((GQueue *) &out->messages);

  return out->reset.is_pending && next != NULL
         && (next->bytes == NULL || next->stream == out->reset.stream);
}

static void
finish_reset (PstSctp *self, gboolean done)
{
  PstOutbound *out = &self->out;

  if (done)
    out->sequences[out->reset.stream] = 0;
  out->reset.is_pending = FALSE;
  out->reset.n_done++;
  pst_sctp_take_ends (self);
}

static void
take_answer (PstSctp *self, const PstSctpItem *answer)
{
  PstOutbound *out = &self->out;
  guint32 result;

  if (!out->reset.is_pending || out->reset.n_requests == 0 || answer->n_bytes < 8
      || pst_sctp_get32 (answer->value) != self->first_tsn + out->reset.n_done)
    return;

  /* Otherwise the same is asked again, after a while. */
  result = pst_sctp_get32 (answer->value + 4);
  if (result != RESULT_IN_PROGRESS && result != RESULT_OTHER_FIRST)
    finish_reset (self, result == RESULT_DONE || result == RESULT_NOTHING_TO_DO);
}

void
pst_sctp_take_re_config (PstSctp *self, const PstSctpItem *chunk)
{
  PstSctpIter iter = { chunk->value, chunk->n_bytes };
  PstSctpItem param;

  while (pst_sctp_iter_next_param (&iter, &param))
    if (param.type == PARAM_ANSWER)
      take_answer (self, &param);
    else
      take_request (self, &param);
}

/* When the end of a stream is to be asked for; not before all that belongs to it came. */
gint64
pst_sctp_get_reset_us (const PstSctp *self)
{
  const PstOutbound *out = &self->out;

  if (!out->reset.is_pending || pst_sctp_serial_diff (out->reset.last_tsn, out->acked_tsn) > 0)
    return G_MAXINT64;
  return out->reset.next_us;
}

static void
set_wait (PstSctp *self, gint64 now_us)
{
  PstOutbound *out = &self->out;
  gint64 wait_us = MAX (self->rate.round_trip_us + 4 * self->rate.variation_us, LEAST_WAIT_US);

  out->reset.next_us = now_us + (wait_us << out->reset.n_requests);
  out->reset.n_requests++;
}

/* Asks for the end of a stream, if that is due. */
gsize
pst_sctp_write_reset_request (PstSctp *self, guint8 *bytes, gint64 now_us)
{
  PstOutbound *out = &self->out;
  guint8 *value = bytes + 2 * PST_SCTP_CHUNK_HEADER_BYTES;

  if (now_us < pst_sctp_get_reset_us (self))
    return 0;
  if (out->reset.n_requests == MOST_REQUESTS)
    {
      finish_reset (self, FALSE);
      return 0;
    }

  set_wait (self, now_us);
  pst_sctp_put32 (value, self->first_tsn + out->reset.n_done);
  pst_sctp_put32 (value + 4, self->reset_sequence - 1);
  pst_sctp_put32 (value + 8, out->reset.last_tsn);
  pst_sctp_put16 (value + OUTGOING_RESET_BYTES, out->reset.stream);
  pst_sctp_put_param (bytes + PST_SCTP_CHUNK_HEADER_BYTES, PARAM_OUTGOING_RESET, NULL,
                      OUTGOING_RESET_BYTES + 2);
  return pst_sctp_put_chunk (bytes, PST_SCTP_RE_CONFIG, 0, NULL,
                             PST_SCTP_CHUNK_HEADER_BYTES + OUTGOING_RESET_BYTES + 2);
}
