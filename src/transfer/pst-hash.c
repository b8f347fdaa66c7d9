/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-hash.h"

#include <gcrypt.h>
#include <string.h>

/* libgcrypt's plain C is twice as fast on AMD's processors as what it and libsodium
 * do with vectors of 256 bits (docs/performance.md; others were not measured). Its
 * choice is made once for the process, in which nobody else has much to hash; where
 * libsecret used it before, this is slower and nothing else. Where only the algorithms
 * of FIPS 140 are allowed BLAKE2b would not be there. */
static void
begin (void)
{
  if (gcry_control (GCRYCTL_INITIALIZATION_FINISHED_P))
    return;

  gcry_control (GCRYCTL_NO_FIPS_MODE);
  gcry_control (GCRYCTL_DISABLE_HWF, "intel-avx2", NULL);
  gcry_check_version (NULL);
  gcry_control (GCRYCTL_DISABLE_SECMEM, 0);
  gcry_control (GCRYCTL_INITIALIZATION_FINISHED, 0);
}

/* As with g_malloc(), there is nothing to be done without memory. */
static PstHash *
take (PstHash *hash, gcry_error_t error)
{
  if (error != 0)
    g_error ("A digest cannot be made: %s", gcry_strerror (error));
  return hash;
}

/**
 * pst_hash_prepare:
 *
 * Has libgcrypt look at this machine now, for which it opens files: for main(), as it ends
 * the program where that fails, and before somebody else uses it.
 */
void
pst_hash_prepare (void)
{
  static gsize ready;

  if (g_once_init_enter (&ready))
    {
      begin ();
      g_once_init_leave (&ready, 1);
    }
}

/**
 * pst_hash_new:
 *
 * Returns: (transfer full): a digest (BLAKE2b-256, RFC 7693, without a key) of nothing so far
 */
PstHash *
pst_hash_new (void)
{
  PstHash *self = NULL;
  gcry_error_t error;

  pst_hash_prepare ();
  error = gcry_md_open (&self, GCRY_MD_BLAKE2B_256, 0);
  return take (self, error);
}

/**
 * pst_hash_copy:
 * @self: a digest
 *
 * Returns: (transfer full): another one that has come as far
 */
PstHash *
pst_hash_copy (PstHash *self)
{
  PstHash *copy = NULL;
  gcry_error_t error = gcry_md_copy (&copy, self);

  return take (copy, error);
}

/**
 * pst_hash_free:
 * @self: (transfer full) (nullable): a digest
 */
void
pst_hash_free (PstHash *self)
{
  gcry_md_close (self);
}

/**
 * pst_hash_restart:
 * @self: a digest, also a finished one
 *
 * Forgets what was added.
 */
void
pst_hash_restart (PstHash *self)
{
  gcry_md_reset (self);
}

/**
 * pst_hash_add:
 * @self: a digest
 * @bytes: (array length=n_bytes): what comes next
 * @n_bytes: how much
 */
void
pst_hash_add (PstHash *self, gconstpointer bytes, gsize n_bytes)
{
  gcry_md_write (self, bytes, n_bytes);
}

/**
 * pst_hash_read:
 * @self: a digest
 * @digest: (out): of what was added so far; more may follow
 */
void
pst_hash_read (PstHash *self, guint8 digest[PST_DIGEST_BYTES])
{
  g_autoptr (PstHash) copy = pst_hash_copy (self);

  pst_hash_finish (copy, digest);
}

/**
 * pst_hash_finish:
 * @self: a digest, to which nothing more is added before pst_hash_restart()
 * @digest: (out): of all that was added
 */
void
pst_hash_finish (PstHash *self, guint8 digest[PST_DIGEST_BYTES])
{
  memcpy (digest, gcry_md_read (self, GCRY_MD_BLAKE2B_256), PST_DIGEST_BYTES);
}
