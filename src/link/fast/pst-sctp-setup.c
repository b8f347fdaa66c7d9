/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How an association begins (RFC 9260, section 5): both sides ask at once. */
#include <sodium.h>
#include <string.h>

#include "pst-sctp-private.h"

/* Below a DTLS connection that just came to be, the first packet is lost only when
 * the other side was not there yet: a short wait, doubled each time. */
#define FIRST_WAIT_US   (200 * 1000)
#define LONGEST_WAIT_US (3 * G_USEC_PER_SEC)

/* RFC 9653, section 4: DTLS sees to it that nothing is changed under way. */
#define ERROR_DETECTION_DTLS 1

/* The longest cookie that is echoed; it must fit the smallest packet. */
#define MAX_COOKIE_BYTES 1100

static gsize
put_init (const PstSctp *self, guint8 *out, guint8 type)
{
  static const guint8 extensions[] = { PST_SCTP_RE_CONFIG };
  guint8 method[4];
  gsize n = PST_SCTP_INIT_BYTES;

  pst_sctp_put32 (out + 4, self->local_tag);
  pst_sctp_put32 (out + 8, PST_SCTP_RECEIVE_WINDOW_BYTES);
  pst_sctp_put16 (out + 12, PST_SCTP_N_STREAMS);
  pst_sctp_put16 (out + 14, PST_SCTP_N_STREAMS);
  pst_sctp_put32 (out + 16, self->first_tsn);

  pst_sctp_put32 (method, ERROR_DETECTION_DTLS);
  n += pst_sctp_put_param (out + n, PST_SCTP_PARAM_EXTENSIONS, extensions, sizeof extensions);
  n += pst_sctp_put_param (out + n, PST_SCTP_PARAM_ZERO_CHECKSUM, method, sizeof method);
  n += pst_sctp_put_param (out + n, PST_SCTP_PARAM_PENSTOCK, NULL, 0);
  if (type == PST_SCTP_INIT_ACK)
    n += pst_sctp_put_param (out + n, PST_SCTP_PARAM_COOKIE, self->cookie, sizeof self->cookie);

  return pst_sctp_put_chunk (out, type, 0, NULL, n - PST_SCTP_CHUNK_HEADER_BYTES);
}

static gboolean
names (const PstSctpItem *extensions, guint8 type)
{
  return memchr (extensions->value, type, extensions->n_bytes) != NULL;
}

/* What INIT and INIT ACK have in common. */
static gboolean
take_peer (PstSctp *self, const PstSctpItem *chunk, GBytes **cookie)
{
  PstSctpIter params;
  PstSctpItem param;
  guint32 tag;
  guint16 peer_takes;

  if (chunk->n_bytes < PST_SCTP_INIT_BYTES - PST_SCTP_CHUNK_HEADER_BYTES)
    return FALSE;
  tag = pst_sctp_get32 (chunk->value);
  peer_takes = pst_sctp_get16 (chunk->value + 10);
  if (tag == 0 || peer_takes == 0 || pst_sctp_get16 (chunk->value + 8) == 0)
    return FALSE;

  self->remote_tag = tag;
  self->out.peer_window_bytes = pst_sctp_get32 (chunk->value + 4);
  self->peer_is_penstock = FALSE;
  self->zero_checksum = FALSE;
  self->peer_resets_streams = FALSE;
  self->reset_sequence = pst_sctp_get32 (chunk->value + 12);
  pst_inbound_init (self, self->reset_sequence);

  params.bytes = chunk->value + PST_SCTP_INIT_BYTES - PST_SCTP_CHUNK_HEADER_BYTES;
  params.n_bytes = chunk->n_bytes - (PST_SCTP_INIT_BYTES - PST_SCTP_CHUNK_HEADER_BYTES);
  while (pst_sctp_iter_next_param (&params, &param))
    switch (param.type)
      {
      case PST_SCTP_PARAM_COOKIE:
        if (cookie != NULL && *cookie == NULL && param.n_bytes <= MAX_COOKIE_BYTES)
          *cookie = g_bytes_new (param.value, param.n_bytes);
        break;
      case PST_SCTP_PARAM_ZERO_CHECKSUM:
        self->zero_checksum = param.n_bytes == 4
                              && pst_sctp_get32 (param.value) == ERROR_DETECTION_DTLS;
        break;
      case PST_SCTP_PARAM_EXTENSIONS:
        self->peer_resets_streams |= names (&param, PST_SCTP_RE_CONFIG);
        break;
      case PST_SCTP_PARAM_PENSTOCK:
        self->peer_is_penstock = TRUE;
        break;
      default:
        break;
      }
  return TRUE;
}

/* Theirs crossed ours (section 5.2.1), or came first. Once the association
 * stands, none is answered: a restart is not for data channels. */
void
pst_sctp_take_init (PstSctp *self, const PstSctpItem *chunk)
{
  if (self->state != PST_SCTP_STATE_COOKIE_WAIT && self->state != PST_SCTP_STATE_COOKIE_ECHOED)
    return;
  if (self->state == PST_SCTP_STATE_COOKIE_WAIT && !take_peer (self, chunk, NULL))
    return;

  self->knows_peer = TRUE;
  self->init_ack_due = TRUE;
}

void
pst_sctp_take_init_ack (PstSctp *self, const PstSctpItem *chunk, gint64 now_us)
{
  g_autoptr (GBytes) cookie = NULL;

  if (self->state != PST_SCTP_STATE_COOKIE_WAIT || !take_peer (self, chunk, &cookie)
      || cookie == NULL)
    return;

  self->knows_peer = TRUE;
  self->echo = g_steal_pointer (&cookie);
  self->state = PST_SCTP_STATE_COOKIE_ECHOED;
  self->init_due = FALSE;
  self->echo_due = TRUE;
  self->n_setups = 0;
  self->setup_us = now_us;
}

static void
establish (PstSctp *self, gint64 now_us)
{
  self->state = PST_SCTP_STATE_ESTABLISHED;
  self->init_due = self->init_ack_due = self->echo_due = FALSE;
  g_clear_pointer (&self->echo, g_bytes_unref);
  pst_sctp_set_most_packet_bytes (self, self->most_packet_bytes, now_us);
}

void
pst_sctp_take_cookie_echo (PstSctp *self, const PstSctpItem *chunk, gint64 now_us)
{
  if (!self->knows_peer || chunk->n_bytes != sizeof self->cookie
      || sodium_memcmp (chunk->value, self->cookie, sizeof self->cookie) != 0)
    return;

  self->cookie_ack_due = TRUE;
  if (self->state < PST_SCTP_STATE_ESTABLISHED)
    establish (self, now_us);
}

void
pst_sctp_take_cookie_ack (PstSctp *self, gint64 now_us)
{
  if (self->state == PST_SCTP_STATE_COOKIE_ECHOED)
    establish (self, now_us);
}

static void
set_wait (PstSctp *self, gint64 now_us)
{
  gint64 wait_us = FIRST_WAIT_US << MIN (self->n_setups, 8);

  self->n_setups++;
  self->setup_us = now_us + MIN (wait_us, LONGEST_WAIT_US);
}

/* Writes the next chunk of the beginning, each in a packet of its own. */
gsize
pst_sctp_write_setup (PstSctp *self, guint8 *out, guint32 *tag, gint64 now_us)
{
  *tag = self->remote_tag;
  if (self->state < PST_SCTP_STATE_ESTABLISHED && self->state > PST_SCTP_STATE_NEW
      && now_us >= self->setup_us)
    {
      self->init_due = self->state == PST_SCTP_STATE_COOKIE_WAIT;
      self->echo_due = !self->init_due;
      set_wait (self, now_us);
    }

  if (self->init_ack_due)
    {
      self->init_ack_due = FALSE;
      return put_init (self, out, PST_SCTP_INIT_ACK);
    }
  if (self->init_due)
    {
      self->init_due = FALSE;
      *tag = 0;
      return put_init (self, out, PST_SCTP_INIT);
    }
  if (self->echo_due)
    {
      gsize n_bytes;
      const guint8 *bytes = g_bytes_get_data (self->echo, &n_bytes);

      self->echo_due = FALSE;
      return pst_sctp_put_chunk (out, PST_SCTP_COOKIE_ECHO, 0, bytes, n_bytes);
    }
  if (self->cookie_ack_due)
    {
      self->cookie_ack_due = FALSE;
      return pst_sctp_put_chunk (out, PST_SCTP_COOKIE_ACK, 0, NULL, 0);
    }
  return 0;
}

/* When there is something for pst_sctp_write_setup(). */
gint64
pst_sctp_get_setup_us (const PstSctp *self)
{
  if (self->init_ack_due || self->init_due || self->echo_due || self->cookie_ack_due)
    return G_MININT64;
  if (self->state == PST_SCTP_STATE_COOKIE_WAIT || self->state == PST_SCTP_STATE_COOKIE_ECHOED)
    return self->setup_us;
  return G_MAXINT64;
}
