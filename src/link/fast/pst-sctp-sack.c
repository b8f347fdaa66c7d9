/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is told of data that came (RFC 9260, section 3.3.4). */
#include "pst-sctp-private.h"

/* RFC 9260: two numbers of 16 bits for each run beyond the first gap. */
#define GAP_BYTES       4
#define DUPLICATE_BYTES 4

gboolean
pst_sctp_sack_is_due (const PstSctp *self, gint64 now_us)
{
  return self->in.ack_now || now_us >= self->in.ack_us;
}

/* The first number at or after @offset beyond what came in order, that is there or
 * missing; @end when there is none. A word of 64 at a time. */
static guint32
find_next (const PstInbound *in, guint32 offset, guint32 end, gboolean present)
{
  while (offset < end)
    {
      guint32 slot = (in->received_tsn + offset) & (PST_IN_MOST_CHUNKS - 1);
      guint64 word = in->present[slot >> 6];

      word = (present ? word : ~word) >> (slot & 63);
      if (word != 0)
        return MIN (offset + (guint32) __builtin_ctzll (word), end);
      offset += 64 - (slot & 63);
    }
  return end;
}

static guint
put_gaps (const PstInbound *in, guint8 *out, guint most)
{
  guint32 end = in->n_beyond + 1;
  guint32 first = 1;
  guint n = 0;

  while (n < most && in->n_beyond > 0)
    {
      guint32 last;

      first = find_next (in, first, end, TRUE);
      if (first >= end)
        break;
      last = find_next (in, first, end, FALSE);
      pst_sctp_put16 (out + n * GAP_BYTES, (guint16) first);
      pst_sctp_put16 (out + n * GAP_BYTES + 2, (guint16) (last - 1));
      n++;
      first = last;
    }
  return n;
}

static guint32
get_window_bytes (const PstInbound *in)
{
  guint64 held_bytes = in->beyond_bytes + in->message_bytes;

  return (guint32) (PST_SCTP_RECEIVE_WINDOW_BYTES
                    - MIN (held_bytes, PST_SCTP_RECEIVE_WINDOW_BYTES));
}

gsize
pst_sctp_write_sack (PstSctp *self, guint8 *out, gsize size, gint64 now_us)
{
  PstInbound *in = &self->in;
  guint n_gaps;
  gsize n = PST_SCTP_SACK_BYTES;

  if (size < PST_SCTP_SACK_BYTES + sizeof in->duplicates)
    return 0;

  n_gaps = put_gaps (in, out + n,
                     (guint) ((size - PST_SCTP_SACK_BYTES - sizeof in->duplicates) / GAP_BYTES));
  n += n_gaps * GAP_BYTES;
  for (guint i = 0; i < in->n_duplicates; i++, n += DUPLICATE_BYTES)
    pst_sctp_put32 (out + n, in->duplicates[i]);

  pst_sctp_put32 (out + 4, in->received_tsn);
  pst_sctp_put32 (out + 8, get_window_bytes (in));
  pst_sctp_put16 (out + 12, (guint16) n_gaps);
  pst_sctp_put16 (out + 14, (guint16) in->n_duplicates);

  in->ack_now = FALSE;
  in->ack_us = G_MAXINT64;
  in->last_ack_us = now_us;
  in->n_unacked_packets = 0;
  in->n_duplicates = 0;
  self->figures.sacks_sent++;
  return pst_sctp_put_chunk (out, PST_SCTP_SACK, 0, NULL, n - PST_SCTP_CHUNK_HEADER_BYTES);
}
