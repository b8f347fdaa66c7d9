/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-hkdf.h"

#include <sodium.h>
#include <string.h>

#define HASH_BYTES crypto_auth_hmacsha256_BYTES

/**
 * pst_hkdf_sha256:
 * @ikm: (array length=ikm_bytes): the input keying material
 * @ikm_bytes: its length
 * @info: (array length=info_bytes): what the derived key is for
 * @info_bytes: its length
 * @okm: (out caller-allocates) (array length=okm_bytes): where the key goes
 * @okm_bytes: how much is wanted, at most 255 × 32 bytes
 *
 * HKDF with SHA-256 and an empty salt (RFC 5869). libsodium has it only since
 * 1.0.19. Intermediate values are wiped.
 */
void
pst_hkdf_sha256 (const guint8 *ikm,
                 gsize ikm_bytes,
                 const guint8 *info,
                 gsize info_bytes,
                 guint8 *okm,
                 gsize okm_bytes)
{
  static const guint8 no_salt[HASH_BYTES] = { 0 };
  crypto_auth_hmacsha256_state state;
  guint8 prk[HASH_BYTES];
  guint8 block[HASH_BYTES];
  gsize done = 0;

  g_return_if_fail (okm_bytes <= 255 * HASH_BYTES);

  crypto_auth_hmacsha256_init (&state, no_salt, sizeof no_salt);
  crypto_auth_hmacsha256_update (&state, ikm, ikm_bytes);
  crypto_auth_hmacsha256_final (&state, prk);

  for (guint8 i = 1; done < okm_bytes; i++)
    {
      gsize take = MIN (okm_bytes - done, HASH_BYTES);

      crypto_auth_hmacsha256_init (&state, prk, sizeof prk);
      if (i > 1)
        crypto_auth_hmacsha256_update (&state, block, sizeof block);
      crypto_auth_hmacsha256_update (&state, info, info_bytes);
      crypto_auth_hmacsha256_update (&state, &i, 1);
      crypto_auth_hmacsha256_final (&state, block);

      memcpy (okm + done, block, take);
      done += take;
    }

  sodium_memzero (&state, sizeof state);
  sodium_memzero (prk, sizeof prk);
  sodium_memzero (block, sizeof block);
}
