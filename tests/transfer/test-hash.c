/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sodium.h>
#include <string.h>

#include "pst-hash.h"

#define N_BYTES 200000

static void
assert_digest (const guint8 *digest, const char *hex)
{
  char found[PST_DIGEST_CHARS + 1];

  g_assert_cmpstr (pst_digest_print (digest, found), ==, hex);
}

static void
assert_as_sodium (const guint8 *digest, const guint8 *bytes, gsize n_bytes)
{
  guint8 expected[PST_DIGEST_BYTES];

  crypto_generichash (expected, sizeof expected, bytes, n_bytes, NULL, 0);
  g_assert_cmpmem (digest, PST_DIGEST_BYTES, expected, sizeof expected);
}

static void
test_known (void)
{
  g_autoptr (PstHash) hash = pst_hash_new ();
  guint8 digest[PST_DIGEST_BYTES];

  pst_hash_finish (hash, digest);
  assert_digest (digest, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");

  pst_hash_restart (hash);
  pst_hash_add (hash, "abc", 3);
  pst_hash_finish (hash, digest);
  assert_digest (digest, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

/* However it is cut, and wherever it is looked at, it is what libsodium makes of it. */
static void
test_pieces (void)
{
  g_autofree guint8 *bytes = g_malloc (N_BYTES);
  g_autoptr (PstHash) hash = pst_hash_new ();
  guint8 digest[PST_DIGEST_BYTES];
  gsize done = 0;

  randombytes_buf (bytes, N_BYTES);
  while (done < N_BYTES)
    {
      gsize n_bytes = (gsize) g_test_rand_int_range (0, 5000);

      n_bytes = MIN (n_bytes, N_BYTES - done);
      pst_hash_add (hash, bytes + done, n_bytes);
      done += n_bytes;
      pst_hash_read (hash, digest);
      assert_as_sodium (digest, bytes, done);
    }
  pst_hash_finish (hash, digest);
  assert_as_sodium (digest, bytes, N_BYTES);
}

static void
test_copy (void)
{
  g_autoptr (PstHash) hash = pst_hash_new ();
  g_autoptr (PstHash) copy = NULL;
  guint8 digest[PST_DIGEST_BYTES];

  pst_hash_add (hash, "ab", 2);
  copy = pst_hash_copy (hash);
  pst_hash_add (hash, "d", 1);
  pst_hash_add (copy, "c", 1);
  pst_hash_finish (copy, digest);
  assert_as_sodium (digest, (const guint8 *) "abc", 3);
  pst_hash_finish (hash, digest);
  assert_as_sodium (digest, (const guint8 *) "abd", 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (sodium_init () < 0)
    return 1;
  g_test_add_func ("/transfer/hash/known", test_known);
  g_test_add_func ("/transfer/hash/pieces", test_pieces);
  g_test_add_func ("/transfer/hash/copy", test_copy);
  return g_test_run ();
}
