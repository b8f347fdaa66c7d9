/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-seal-private.h"

#include <sodium.h>
#include <string.h>

#include "pst-error.h"
#include "pst-hkdf.h"

#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES

G_STATIC_ASSERT (PST_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
G_STATIC_ASSERT (PST_FRAME_TAG_BYTES == crypto_aead_xchacha20poly1305_ietf_ABYTES);

struct _PstSeal
{
  guint8 *key;     /* in guarded, locked memory that is wiped when it is freed */
  guint64 counter; /* of the last frame closed or opened; 0 before the first */
  guint16 link;
};

/**
 * pst_seal_purpose:
 * @sending_side: the name in the pairing (hex text) of the side whose frames are meant
 * @epoch: the number of the connection within the pairing, from 0
 *
 * Gives what the frame key of one direction of one connection is derived for
 * (HKDF's info): `penstock:v1:frames:` ‖ SHA-256 of @sending_side ‖ @epoch as
 * 32 bits, big-endian (docs/protocol.md, “Keys”). No two directions and no
 * two connections share a key, so a counter may begin anew with each.
 *
 * Returns: (transfer full): the purpose
 */
GBytes *
pst_seal_purpose (const char *sending_side, guint32 epoch)
{
  static const char label[] = "penstock:v1:frames:";
  guint8 digest[crypto_hash_sha256_BYTES];
  guint32 wire_epoch = GUINT32_TO_BE (epoch);
  GByteArray *purpose = g_byte_array_new ();

  crypto_hash_sha256 (digest, (const guint8 *) sending_side, strlen (sending_side));
  g_byte_array_append (purpose, (const guint8 *) label, strlen (label));
  g_byte_array_append (purpose, digest, sizeof digest);
  g_byte_array_append (purpose, (const guint8 *) &wire_epoch, sizeof wire_epoch);

  return g_byte_array_free_to_bytes (purpose);
}

/**
 * pst_seal_new:
 * @key: %PST_KEY_BYTES bytes, derived for pst_seal_purpose(); copied
 * @link: the number of the link the frames travel on
 *
 * Makes one direction of one link: use it either to close frames or to open
 * them, and never make a second one for closing with the same key and link, or
 * nonces repeat.
 *
 * Returns: (transfer full): the seal
 */
PstSeal *
pst_seal_new (GBytes *key, guint16 link)
{
  PstSeal *self;

  g_return_val_if_fail (g_bytes_get_size (key) == PST_KEY_BYTES, NULL);

  if (sodium_init () < 0)
    g_error ("libsodium cannot be initialised");

  self = g_new0 (PstSeal, 1);
  self->link = link;
  self->key = sodium_malloc (PST_KEY_BYTES);
  if (self->key == NULL)
    g_error ("There is no memory for a key");
  memcpy (self->key, g_bytes_get_data (key, NULL), PST_KEY_BYTES);
  sodium_mprotect_readonly (self->key);

  return self;
}

/**
 * pst_seal_free:
 * @self: (nullable): a seal
 *
 * Wipes the key and frees @self.
 */
void
pst_seal_free (PstSeal *self)
{
  if (self == NULL)
    return;

  sodium_free (self->key);
  g_free (self);
}

/* For tests. */
void
pst_seal_set_counter (PstSeal *self, guint64 counter)
{
  self->counter = counter;
}

/* The link and the counter as they stand on the wire, then zeros. */
static void
make_nonce (const PstFrameHeader *header, guint8 nonce[NONCE_BYTES])
{
  guint16 wire_link = GUINT16_TO_BE (header->link);
  guint64 wire_counter = GUINT64_TO_BE (header->counter);

  memset (nonce, 0, NONCE_BYTES);
  memcpy (nonce, &wire_link, sizeof wire_link);
  memcpy (nonce + sizeof wire_link, &wire_counter, sizeof wire_counter);
}

/**
 * pst_seal_close:
 * @self: the sending direction
 * @kind: what the payload is
 * @head: (array length=head_bytes) (nullable): the payload's first bytes
 * @head_bytes: how many
 * @body: (array length=body_bytes) (nullable): the payload's other bytes
 * @body_bytes: how many; head and body together are 1 to
 *   %PST_FRAME_MAX_PAYLOAD_BYTES bytes
 *
 * Makes a frame: header ‖ payload under XChaCha20-Poly1305
 * (draft-irtf-cfrg-xchacha-03) ‖ tag, with the header as associated data. The
 * nonce is the link (16 bits) ‖ the counter (64 bits, big-endian both, from 1)
 * ‖ zeros. The payload is copied once.
 *
 * Returns: (transfer full) (nullable): the frame; %NULL only when all 2⁶⁴−1
 *   counters of this key are used up
 */
GBytes *
pst_seal_close (PstSeal *self,
                PstFrameKind kind,
                const guint8 *head,
                gsize head_bytes,
                const guint8 *body,
                gsize body_bytes)
{
  PstFrameHeader header = { kind, self->link, self->counter + 1 };
  guint8 nonce[NONCE_BYTES];
  guint8 *frame, *payload;
  gsize payload_bytes = head_bytes + body_bytes;

  g_return_val_if_fail (head_bytes <= PST_FRAME_MAX_PAYLOAD_BYTES, NULL);
  g_return_val_if_fail (body_bytes <= PST_FRAME_MAX_PAYLOAD_BYTES - head_bytes, NULL);
  g_return_val_if_fail (payload_bytes > 0, NULL);

  if (self->counter == G_MAXUINT64)
    return NULL;
  self->counter++;

  frame = g_malloc (PST_FRAME_HEADER_BYTES + payload_bytes + PST_FRAME_TAG_BYTES);
  payload = frame + PST_FRAME_HEADER_BYTES;
  pst_frame_write_header (&header, frame);
  if (head_bytes > 0)
    memcpy (payload, head, head_bytes);
  if (body_bytes > 0)
    memcpy (payload + head_bytes, body, body_bytes);

  make_nonce (&header, nonce);
  crypto_aead_xchacha20poly1305_ietf_encrypt (payload, NULL, payload, payload_bytes, frame,
                                              PST_FRAME_HEADER_BYTES, NULL, nonce, self->key);

  return g_bytes_new_take (frame, PST_FRAME_HEADER_BYTES + payload_bytes + PST_FRAME_TAG_BYTES);
}

static gboolean
check_header (PstSeal *self, const PstFrameHeader *header, GError **error)
{
  if (header->link != self->link)
    g_set_error_literal (error, PST_ERROR, PST_ERROR_TAMPERED,
                         "A frame came over a link it was not sent on.");
  else if (header->counter <= self->counter)
    g_set_error_literal (error, PST_ERROR, PST_ERROR_TAMPERED,
                         "A frame came twice or in the wrong order.");
  else
    return TRUE;

  return FALSE;
}

/**
 * pst_seal_open:
 * @self: the receiving direction
 * @frame: a whole frame from a stranger
 * @kind: (out): what the payload is; left alone on failure
 * @error: return location for a %PST_ERROR_PROTOCOL if the frame is malformed,
 *   or a %PST_ERROR_TAMPERED if its link is not that of @self, its counter not
 *   greater than that of the last frame opened, or its tag wrong
 *
 * Checks and opens a frame made by pst_seal_close(). Channels keep the order,
 * so a counter that does not grow is a replay. @self is unchanged on failure;
 * still, after one the connection is not to be trusted any more.
 *
 * Returns: (transfer full) (nullable): the payload, at least one byte
 */
GBytes *
pst_seal_open (PstSeal *self, GBytes *frame, PstFrameKind *kind, GError **error)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (frame, &length);
  g_autofree guint8 *payload = NULL;
  guint8 nonce[NONCE_BYTES];
  PstFrameHeader header;
  gsize sealed_bytes;

  if (!pst_frame_read_header (data, length, &header, error) || !check_header (self, &header, error))
    return NULL;

  sealed_bytes = length - PST_FRAME_HEADER_BYTES;
  payload = g_malloc (sealed_bytes - PST_FRAME_TAG_BYTES);
  make_nonce (&header, nonce);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt (
          payload, NULL, NULL, data + PST_FRAME_HEADER_BYTES, sealed_bytes, data,
          PST_FRAME_HEADER_BYTES, nonce, self->key)
      != 0)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_TAMPERED,
                           "A frame was changed on its way or is not from the other side.");
      return NULL;
    }

  self->counter = header.counter;
  *kind = header.kind;
  return g_bytes_new_take (g_steal_pointer (&payload), sealed_bytes - PST_FRAME_TAG_BYTES);
}
