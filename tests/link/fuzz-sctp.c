/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An association and a stranger's chunks, in the middle of a conversation. The first
 * byte says how it begins; then come steps, each a byte for the kind, a byte for its
 * time, two bytes for a length and so many bytes. */
#include <string.h>

#include "sctp-hand.h"

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

#define LOCAL_TAG 0x11111111
#define FIRST_TSN 0xfffffff0 /* soon round the corner */
#define NONCE     0x22222222
#define COOKIE    0x33

/* So much fits a packet, with the headers in front of it. */
#define MAX_INPUT_BYTES 60000

/* What a step does, in its low bits. */
enum
{
  STEP_CHUNKS, /* chunks; header and checksum are right */
  STEP_PACKET, /* a packet as it is */
  STEP_SACK,   /* a SACK whose number is near ours, then the gaps */
  STEP_SEND,   /* a message of that length, or of 64 KiB */
  STEP_TIME,   /* a long time */
  STEP_DATA,   /* data whose number is near the expected one */
  STEP_SILENT, /* nothing leaves until the next step of another kind */
  STEP_CLOSE,
  N_STEPS
};

static const gint64 times_us[] = { 0, 1, 100, 1000, 10000, 60000, 500000, 11000000 };

static void
make_known (PstSctp *sctp)
{
  sctp->local_tag = LOCAL_TAG;
  memset (sctp->cookie, COOKIE, sizeof sctp->cookie);
  sctp->probe_nonce = NONCE;
  sctp->rate.random = 1;
  pst_outbound_clear (sctp);
  sctp->first_tsn = FIRST_TSN;
  pst_outbound_init (sctp);
}

static void
take_all (Hand *hand)
{
  PstSctpMessage *message;

  g_assert_cmpuint (hand->sctp->in.message_bytes, <=, 2 * PST_SCTP_RECEIVE_WINDOW_BYTES);
  while ((message = pst_sctp_take_message (hand->sctp)) != NULL)
    {
      g_assert_cmpuint (message->n_bytes, >, 0);
      g_assert_cmpuint (message->n_bytes, <=, PST_SCTP_MAX_MESSAGE_BYTES);
      g_assert_cmpuint (message->stream, <, PST_SCTP_N_STREAMS);
      pst_sctp_message_free (message);
    }
  g_assert_cmpuint (hand->sctp->in.message_bytes, ==, 0);
  while (pst_sctp_take_reset_stream (hand->sctp) >= 0)
    ;
}

/* All that it has to say now: whole packets, in a bounded number, and then it does
 * not claim that there is more. */
static void
write_all (Hand *hand)
{
  guint n = 0, n_idle = 0;

  for (;;)
    {
      gint64 next_us;
      PstSctpItem chunk;

      hand->n_bytes = pst_sctp_write_packet (hand->sctp, hand->packet, sizeof hand->packet,
                                             hand->now_us);
      if (hand->n_bytes == 0)
        {
          next_us = pst_sctp_get_next_us (hand->sctp, hand->now_us);
          if (next_us > hand->now_us)
            break;
          g_assert_cmpuint (++n_idle, <, 1000);
          continue;
        }
      g_assert_cmpuint (hand->n_bytes, <=, PST_SCTP_LARGE_PACKET_BYTES);
      g_assert_cmpuint (hand->n_bytes % 4, ==, 0);
      hand->iter = (PstSctpIter){ hand->packet + PST_SCTP_PACKET_HEADER_BYTES,
                                  hand->n_bytes - PST_SCTP_PACKET_HEADER_BYTES };
      while (pst_sctp_iter_next_chunk (&hand->iter, &chunk))
        ;
      g_assert_cmpuint (hand->iter.n_bytes, ==, 0);
      g_assert_cmpuint (++n, <, 100000);
    }
}

static void
send_message (Hand *hand, gsize n_bytes)
{
  g_autoptr (GBytes) bytes = NULL;

  if (pst_sctp_get_state (hand->sctp) != PST_SCTP_STATE_ESTABLISHED
      || !pst_sctp_wants_more (hand->sctp))
    return;
  n_bytes = n_bytes == 0 ? PST_SCTP_MAX_MESSAGE_BYTES : MIN (n_bytes, PST_SCTP_MAX_MESSAGE_BYTES);
  bytes = g_bytes_new_take (g_malloc0 (n_bytes), n_bytes);
  pst_sctp_send (hand->sctp, bytes, n_bytes % 8, 53, n_bytes % 2 == 0);
}

static void
put_near (Hand *hand, guint8 type, guint8 flags, guint32 base, const guint8 *data, gsize n_bytes)
{
  g_autofree guint8 *value = g_memdup2 (data, n_bytes);

  if (n_bytes < 4)
    return;
  pst_sctp_put32 (value, base + pst_sctp_get32 (value));
  hand_begin (hand);
  hand_put (hand, type, flags, value, n_bytes);
  hand_send (hand);
}

static void
do_step (Hand *hand, guint8 kind, const guint8 *data, gsize n_bytes)
{
  switch (kind % N_STEPS)
    {
    case STEP_CHUNKS:
      hand_begin (hand);
      if (n_bytes > 0)
        memcpy (hand->packet + hand->n_bytes, data, n_bytes);
      hand->n_bytes += n_bytes;
      hand_send_as (hand, 5000, 5000,
                    n_bytes > 0 && data[0] == PST_SCTP_INIT ? 0 : hand->sctp->local_tag);
      break;
    case STEP_PACKET:
      pst_sctp_receive (hand->sctp, data, n_bytes, hand->now_us);
      hand_assert_consistent (hand->sctp);
      break;
    case STEP_SACK:
      put_near (hand, PST_SCTP_SACK, 0, hand->sctp->out.acked_tsn, data, n_bytes);
      break;
    case STEP_DATA:
      put_near (hand, PST_SCTP_DATA, kind >> 3, hand->sctp->in.received_tsn, data, n_bytes);
      break;
    case STEP_SEND:
      send_message (hand, n_bytes > 1 ? pst_sctp_get16 (data) : 0);
      break;
    case STEP_TIME:
      hand->now_us += 70 * G_USEC_PER_SEC;
      break;
    case STEP_CLOSE:
      if (kind == 0xff)
        pst_sctp_close (hand->sctp);
      break;
    default:
      break;
    }
}

static void
run_steps (Hand *hand, const guint8 *data, gsize size)
{
  while (size >= 4)
    {
      guint8 kind = data[0];
      gsize n_bytes = MIN (pst_sctp_get16 (data + 2), size - 4);
      g_autofree guint8 *exact = g_memdup2 (data + 4, n_bytes);

      hand->now_us += times_us[data[1] % G_N_ELEMENTS (times_us)];
      do_step (hand, kind, exact, n_bytes);
      take_all (hand);
      if (kind % N_STEPS != STEP_SILENT)
        {
          write_all (hand);
          hand_assert_consistent (hand->sctp);
        }
      data += 4 + n_bytes;
      size -= 4 + n_bytes;
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree Hand *hand = NULL;

  if (size < 1 || size > MAX_INPUT_BYTES)
    return 0;

  hand = g_new0 (Hand, 1);
  hand_init (hand);
  make_known (hand->sctp);
  if (data[0] & 1)
    hand_establish (hand, 1 << 20);
  else
    pst_sctp_connect (hand->sctp, hand->now_us);
  if (data[0] & 2)
    pst_sctp_set_most_packet_bytes (hand->sctp, 1435, hand->now_us);
  if (data[0] & 4)
    {
      hand->sctp->peer_is_penstock = TRUE;
      pst_sctp_set_most_packet_bytes (hand->sctp, PST_SCTP_LARGE_PACKET_BYTES, hand->now_us);
    }
  hand->sctp->zero_checksum = (data[0] & 8) != 0;
  run_steps (hand, data + 1, size - 1);
  hand_clear (hand);
  return 0;
}
