/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A good element plus each point of small order: of eight cosets one is good.
 * Built twice: with the library as it is, and with one that checks no subgroup
 * (weak-sodium.c). */
#include "pst-error.h"
#include "pst-spake2.h"

#include <sodium.h>
#include <string.h>

#define ORDER_8_HEX "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"

static gboolean
is_accepted (const guint8 *message)
{
  static const guint8 scalar[PST_SPAKE2_SCALAR_BYTES] = { 2 };
  g_autoptr (PstSpake2) self
      = pst_spake2_new_with_scalar ("4-purple-sausages", "app", scalar, NULL);
  g_autoptr (GBytes) bytes = g_bytes_new_static (message, PST_SPAKE2_MESSAGE_BYTES);
  g_autoptr (GError) error = NULL;
  guint8 key[PST_KEY_BYTES];

  if (pst_spake2_finish (self, bytes, key, &error))
    return TRUE;

  g_assert_error (error, PST_ERROR, PST_ERROR_TAMPERED);
  return FALSE;
}

static void
test_cosets (void)
{
  g_autoptr (PstSpake2) peer = pst_spake2_new ("4-purple-sausages", "app", NULL);
  g_autoptr (GBytes) good = pst_spake2_get_message (peer);
  guint8 order_8[crypto_core_ed25519_BYTES];
  guint8 message[PST_SPAKE2_MESSAGE_BYTES];

  sodium_hex2bin (order_8, sizeof order_8, ORDER_8_HEX, strlen (ORDER_8_HEX), NULL, NULL, NULL);
  memcpy (message, g_bytes_get_data (good, NULL), sizeof message);
  g_assert_true (is_accepted (message));

  for (guint i = 1; i < 8; i++)
    {
      g_assert_cmpint (crypto_core_ed25519_add (message + 1, message + 1, order_8), ==, 0);
      g_assert_false (is_accepted (message));
    }

  g_assert_cmpint (crypto_core_ed25519_add (message + 1, message + 1, order_8), ==, 0);
  g_assert_cmpmem (message, sizeof message, g_bytes_get_data (good, NULL), sizeof message);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/threats/07-bad-points/cosets", test_cosets);
  return g_test_run ();
}
