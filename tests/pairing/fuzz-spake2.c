/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever the message, the key agreement ends once, with a key or an error. */
#include "pst-error.h"
#include "pst-spake2.h"

#include <sodium.h>

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  static const guint8 scalar[PST_SPAKE2_SCALAR_BYTES] = { 5, 4, 3, 2, 1 };
  g_autoptr (PstSpake2) self
      = pst_spake2_new_with_scalar ("4-purple-sausages", "app", scalar, NULL);
  g_autoptr (GBytes) message = g_bytes_new_static (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) second_error = NULL;
  guint8 key[PST_KEY_BYTES];

  if (pst_spake2_finish (self, message, key, &error))
    g_assert_true (size == PST_SPAKE2_MESSAGE_BYTES && !sodium_is_zero (key, sizeof key));
  else
    g_assert_true (g_error_matches (error, PST_ERROR, PST_ERROR_TAMPERED)
                   && sodium_is_zero (key, sizeof key));

  g_assert_false (pst_spake2_finish (self, message, key, &second_error));
  g_assert_true (g_error_matches (second_error, PST_ERROR, PST_ERROR_PROTOCOL));

  return 0;
}
