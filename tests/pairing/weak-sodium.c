/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stands in for a libsodium that lets points outside the prime-order subgroup
 * pass, as releases up to 1.0.20 do for some (CVE-2025-69277). */
#include <glib.h>
#include <sodium.h>
#include <string.h>

int __wrap_crypto_core_ed25519_is_valid_point (const unsigned char *point);
int __wrap_crypto_scalarmult_ed25519_noclamp (unsigned char *result,
                                              const unsigned char *scalar,
                                              const unsigned char *point);

int
__wrap_crypto_core_ed25519_is_valid_point (const unsigned char *point)
{
  return 1;
}

/* Double and add; addition asks only that the points be on the curve. */
int
__wrap_crypto_scalarmult_ed25519_noclamp (unsigned char *result,
                                          const unsigned char *scalar,
                                          const unsigned char *point)
{
  guint8 sum[crypto_core_ed25519_BYTES] = { 1 };

  for (int bit = 254; bit >= 0; bit--)
    {
      g_assert_cmpint (crypto_core_ed25519_add (sum, sum, sum), ==, 0);
      if (scalar[bit / 8] >> (bit % 8) & 1)
        g_assert_cmpint (crypto_core_ed25519_add (sum, sum, point), ==, 0);
    }

  memcpy (result, sum, sizeof sum);
  return 0;
}
