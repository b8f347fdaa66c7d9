/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-digest.h"

#include <sodium.h>
#include <string.h>

/**
 * pst_digest_parse:
 * @hex: a text
 * @digest: (out): the digest it stands for
 *
 * Returns: %TRUE if it is one, with exactly %PST_DIGEST_CHARS digits
 */
gboolean
pst_digest_parse (const char *hex, guint8 digest[PST_DIGEST_BYTES])
{
  gsize n_bytes;

  return strlen (hex) == PST_DIGEST_CHARS
         && sodium_hex2bin (digest, PST_DIGEST_BYTES, hex, PST_DIGEST_CHARS, NULL, &n_bytes, NULL)
                == 0
         && n_bytes == PST_DIGEST_BYTES;
}

/**
 * pst_digest_print:
 * @digest: a digest
 * @hex: (out): room for its digits
 *
 * Returns: (transfer none): @hex, in lower case
 */
const char *
pst_digest_print (const guint8 digest[PST_DIGEST_BYTES], char hex[PST_DIGEST_CHARS + 1])
{
  return sodium_bin2hex (hex, PST_DIGEST_CHARS + 1, digest, PST_DIGEST_BYTES);
}
