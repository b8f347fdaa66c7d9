/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-phase.h"

#include "pst-error.h"

#include <sodium.h>
#include <string.h>

#define PURPOSE_PREFIX       "wormhole:phase:"
#define PURPOSE_PREFIX_BYTES (sizeof PURPOSE_PREFIX - 1)

G_STATIC_ASSERT (PST_KEY_BYTES == crypto_secretbox_KEYBYTES);
G_STATIC_ASSERT (PST_PHASE_OVERHEAD_BYTES
                 == crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES);

/**
 * pst_phase_derive:
 * @key: the key both sides agreed on
 * @purpose: (array length=purpose_bytes): what the derived key is for
 * @purpose_bytes: its length
 * @out: (out caller-allocates): the derived key
 *
 * HKDF-SHA-256 with an empty salt, the purpose as its info: how every key of a
 * pairing comes from the agreed one (Magic Wormhole client protocol,
 * "Deriving keys"; docs/protocol.md).
 */
void
pst_phase_derive (const guint8 key[PST_KEY_BYTES],
                  const guint8 *purpose,
                  gsize purpose_bytes,
                  guint8 out[PST_KEY_BYTES])
{
  pst_hkdf_sha256 (key, PST_KEY_BYTES, purpose, purpose_bytes, out, PST_KEY_BYTES);
}

static void
derive_phase_key (const guint8 *key, const char *side, const char *phase, guint8 *out)
{
  guint8 purpose[PURPOSE_PREFIX_BYTES + 2 * crypto_hash_sha256_BYTES];
  guint8 *hashes = purpose + PURPOSE_PREFIX_BYTES;

  memcpy (purpose, PURPOSE_PREFIX, PURPOSE_PREFIX_BYTES);
  crypto_hash_sha256 (hashes, (const guint8 *) side, strlen (side));
  crypto_hash_sha256 (hashes + crypto_hash_sha256_BYTES, (const guint8 *) phase, strlen (phase));

  pst_phase_derive (key, purpose, sizeof purpose, out);
}

/**
 * pst_phase_seal:
 * @key: the key both sides agreed on
 * @side: the side that sends, as it stands in the mailbox
 * @phase: the phase, as it stands in the mailbox
 * @plaintext: what to seal
 *
 * Seals one phase: a random 24-byte nonce, then XSalsa20-Poly1305 under the key
 * of this side and phase (Magic Wormhole client protocol; docs/protocol.md).
 *
 * Returns: (transfer full): the body, %PST_PHASE_OVERHEAD_BYTES longer than
 *   @plaintext
 */
GBytes *
pst_phase_seal (const guint8 key[PST_KEY_BYTES],
                const char *side,
                const char *phase,
                GBytes *plaintext)
{
  guint8 phase_key[PST_KEY_BYTES];
  gsize size;
  const guint8 *data = g_bytes_get_data (plaintext, &size);
  gsize body_bytes = size + PST_PHASE_OVERHEAD_BYTES;
  guint8 *body = g_malloc (body_bytes);

  randombytes_buf (body, crypto_secretbox_NONCEBYTES);
  derive_phase_key (key, side, phase, phase_key);
  crypto_secretbox_easy (body + crypto_secretbox_NONCEBYTES, data, size, body, phase_key);
  sodium_memzero (phase_key, sizeof phase_key);

  return g_bytes_new_take (body, body_bytes);
}

/**
 * pst_phase_open:
 * @key: the key both sides agreed on
 * @side: the side that sent, as it stands in the mailbox
 * @phase: the phase, as it stands in the mailbox
 * @body: what came; the caller has capped its length
 * @error: return location for a %PST_ERROR_TAMPERED
 *
 * Opens what pst_phase_seal() sealed. A body sealed by another side, for
 * another phase or under another key does not open.
 *
 * Returns: (transfer full) (nullable): the plaintext
 */
GBytes *
pst_phase_open (const guint8 key[PST_KEY_BYTES],
                const char *side,
                const char *phase,
                GBytes *body,
                GError **error)
{
  guint8 phase_key[PST_KEY_BYTES];
  gsize size;
  const guint8 *data = g_bytes_get_data (body, &size);
  g_autofree guint8 *plaintext = NULL;
  int result = -1;

  if (size >= PST_PHASE_OVERHEAD_BYTES)
    {
      derive_phase_key (key, side, phase, phase_key);
      plaintext = g_malloc (size - PST_PHASE_OVERHEAD_BYTES);
      result = crypto_secretbox_open_easy (plaintext, data + crypto_secretbox_NONCEBYTES,
                                           size - crypto_secretbox_NONCEBYTES, data, phase_key);
      sodium_memzero (phase_key, sizeof phase_key);
    }

  if (result != 0)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_TAMPERED,
                           "A message is not sealed with the key of this connection; someone may "
                           "have changed it on its way.");
      return NULL;
    }

  return g_bytes_new_take (g_steal_pointer (&plaintext), size - PST_PHASE_OVERHEAD_BYTES);
}
