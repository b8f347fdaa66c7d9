/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-hkdf.h"

#include <sodium.h>
#include <string.h>

/* RFC 5869, appendix A.3: SHA-256 without salt and info. */
static void
test_rfc5869_a3 (void)
{
  guint8 ikm[22], okm[42];
  char hex[sizeof okm * 2 + 1];

  memset (ikm, 0x0b, sizeof ikm);
  pst_hkdf_sha256 (ikm, sizeof ikm, (const guint8 *) "", 0, okm, sizeof okm);
  sodium_bin2hex (hex, sizeof hex, okm, sizeof okm);
  g_assert_cmpstr (hex, ==,
                   "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
                   "9d201395faa4b61a96c8");
}

static void
test_short (void)
{
  guint8 okm[4];
  char hex[9];

  pst_hkdf_sha256 ((const guint8 *) "\x01", 1, (const guint8 *) "\x02", 1, okm, sizeof okm);
  sodium_bin2hex (hex, sizeof hex, okm, sizeof okm);
  g_assert_cmpstr (hex, ==, "f4a855e4");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/hkdf/rfc5869-a3", test_rfc5869_a3);
  g_test_add_func ("/hkdf/short", test_short);
  return g_test_run ();
}
