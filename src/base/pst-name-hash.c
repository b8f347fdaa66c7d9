/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a stranger chooses the keys of a hash table, g_str_hash() will not do:
 * without a secret in the hash, two hundred thousand names can be made to
 * collide, and each would be compared with all before it. */
#include "pst-name-hash.h"

#include <sodium.h>
#include <string.h>

static const guint8 *
get_key (void)
{
  static gsize ready;
  static guint8 key[crypto_shorthash_KEYBYTES];

  if (g_once_init_enter (&ready))
    {
      randombytes_buf (key, sizeof key);
      g_once_init_leave (&ready, 1);
    }

  return key;
}

/**
 * pst_name_hash_bytes:
 * @bytes: (array length=n_bytes): what to hash
 * @n_bytes: its length in bytes
 *
 * Returns: a hash under a key that is made anew each time the program runs
 */
guint
pst_name_hash_bytes (const guint8 *bytes, gsize n_bytes)
{
  guint hashes[crypto_shorthash_BYTES / sizeof (guint)];

  crypto_shorthash ((guint8 *) hashes, bytes, n_bytes, get_key ());
  return hashes[0];
}

/**
 * pst_name_hash:
 * @name: (type utf8): a string
 *
 * A #GHashFunc in place of g_str_hash(), beside g_str_equal().
 *
 * Returns: pst_name_hash_bytes() of the string
 */
guint
pst_name_hash (gconstpointer name)
{
  return pst_name_hash_bytes (name, strlen (name));
}
