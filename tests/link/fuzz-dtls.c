/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams for a session. The first byte of the input says what for: see the
 * flags. Then come datagrams, each after its length in two bytes, big end
 * first. */
#include <openssl/err.h>
#include <string.h>

#include "dtls-wire.h"

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

/* The session is the client, the handshake is over, and the datagrams are not
 * fed as they are but turn over bits of real ones. */
#define FLAG_CLIENT    0x01
#define FLAG_CONNECTED 0x02
#define FLAG_MUTATE    0x04

typedef struct
{
  const guint8 *data;
  gsize size;
} Input;

static gboolean
next_datagram (Input *input, const guint8 **datagram, gsize *n_bytes)
{
  if (input->size < 2)
    return FALSE;
  *n_bytes = MIN ((gsize)input->data[0] << 8 | input->data[1], input->size - 2);
  *datagram = input->data + 2;
  input->data += 2 + *n_bytes;
  input->size -= 2 + *n_bytes;
  return TRUE;
}

/* The other end's next datagram, with bits turned over. */
static void
take_mutated (WireEnd *end, WireEnd *other, const guint8 *mask, gsize n_mask)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autofree guint8 *datagram = NULL;
  gsize n_bytes;

  if (other->out.length == 0 && wire_end_get_state (other) == PST_DTLS_CONNECTED)
    wire_end_send (other, (const guint8 *)"something", 9);
  bytes = g_queue_pop_head (&other->out);
  if (bytes == NULL)
    return;

  n_bytes = g_bytes_get_size (bytes);
  datagram = g_memdup2 (g_bytes_get_data (bytes, NULL), n_bytes);
  for (gsize i = 0; i < MIN (n_bytes, n_mask); i++)
    datagram[i] ^= mask[i];
  wire_end_take (end, datagram, n_bytes);
}

static void
feed (WireEnd *end, WireEnd *other, Input *input, gboolean mutate)
{
  const guint8 *datagram;
  gsize n_bytes;

  while (next_datagram (input, &datagram, &n_bytes))
    {
      if (mutate)
        take_mutated (end, other, datagram, n_bytes);
      else
        wire_end_take (end, datagram, n_bytes);
      wire_pass_time (G_USEC_PER_SEC / 10);
      pst_dtls_session_handle_timeout (end->session);
      wire_carry (end, other, NULL);
      g_assert_cmpuint (ERR_peek_error (), ==, 0);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  guint8 flags = size > 0 ? data[0] : 0;
  Input input = { data + 1, size > 0 ? size - 1 : 0 };
  WireEnd end;
  WireEnd other;

  wire_end_init (&end, NULL);
  wire_end_init (&other, NULL);
  pst_dtls_session_start (end.session, (flags & FLAG_CLIENT) != 0);
  pst_dtls_session_start (other.session, (flags & FLAG_CLIENT) == 0);
  if (flags & FLAG_CONNECTED)
    wire_settle (&end, &other);

  feed (&end, &other, &input, (flags & FLAG_MUTATE) != 0);

  g_assert_true ((wire_end_get_state (&end) == PST_DTLS_CONNECTED)
                 <= (pst_dtls_session_get_peer_pem (end.session) != NULL));
  wire_end_clear (&end);
  wire_end_clear (&other);
  return 0;
}
