/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "pst-binding.h"
#include "pst-error.h"

static guint8 key[32];

static PstBinding
make_binding (void)
{
  PstBinding binding = { .key = key, .offerer_side = "0a", .answerer_side = "0b", .epoch = 7 };

  for (guint i = 0; i < sizeof key; i++)
    key[i] = i;
  memset (binding.offerer_fingerprint, 0x11, PST_FINGERPRINT_BYTES);
  memset (binding.answerer_fingerprint, 0x22, PST_FINGERPRINT_BYTES);
  return binding;
}

static char *
to_hex (GBytes *bytes)
{
  GString *hex = g_string_new (NULL);
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  for (gsize i = 0; i < size; i++)
    g_string_append_printf (hex, "%02x", data[i]);
  return g_string_free (hex, FALSE);
}

/* Computed independently (Python's hmac) from docs/protocol.md. */
static void
test_vectors (void)
{
  PstBinding binding = make_binding ();
  g_autoptr (GBytes) offerer = pst_binding_make_frame (&binding, TRUE);
  g_autoptr (GBytes) answerer = pst_binding_make_frame (&binding, FALSE);
  g_autofree char *offerer_hex = to_hex (offerer);
  g_autofree char *answerer_hex = to_hex (answerer);

  g_assert_cmpstr (offerer_hex, ==,
                   "b1cdef922be39bfa616a67848d295c5cac1bf52ee7849ba3ec12f2d3cd8d5bcb6d");
  g_assert_cmpstr (answerer_hex, ==,
                   "b13c956371fec26a27167f8ead62b30fb4ffbd2915c5db92f9f82b7154593161c9");
}

/* The same of a further link; Python computed it as well. */
static void
test_link_vector (void)
{
  PstBinding binding = make_binding ();
  g_autoptr (GBytes) offerer = NULL;
  g_autofree char *hex = NULL;

  binding.link = 3;
  offerer = pst_binding_make_frame (&binding, TRUE);
  hex = to_hex (offerer);
  g_assert_cmpstr (hex, ==, "b16d5a91f090d6894dfd600d83797bea2b0621eb90e9659e53a204b4a33ad9df59");
}

static void
assert_check (const PstBinding *binding, gboolean from_offerer, GBytes *frame, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (pst_binding_check_frame (binding, from_offerer, frame, &error), ==, code < 0);
  if (code < 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, PST_ERROR, code);
}

static void
test_check (void)
{
  PstBinding binding = make_binding ();
  g_autoptr (GBytes) offerer = pst_binding_make_frame (&binding, TRUE);
  g_autoptr (GBytes) answerer = pst_binding_make_frame (&binding, FALSE);

  assert_check (&binding, TRUE, offerer, -1);
  assert_check (&binding, FALSE, answerer, -1);
  /* Sent back to its maker. */
  assert_check (&binding, FALSE, offerer, PST_ERROR_TAMPERED);
  assert_check (&binding, TRUE, answerer, PST_ERROR_TAMPERED);
}

static void
test_every_field_counts (void)
{
  PstBinding binding = make_binding ();
  g_autoptr (GBytes) frame = pst_binding_make_frame (&binding, TRUE);
  guint8 other_key[32] = { 1 };
  PstBinding other = binding;

  other.key = other_key;
  assert_check (&other, TRUE, frame, PST_ERROR_TAMPERED);

  other = binding;
  other.link = 1;
  assert_check (&other, TRUE, frame, PST_ERROR_TAMPERED);

  other = binding;
  other.epoch++;
  assert_check (&other, TRUE, frame, PST_ERROR_TAMPERED);

  other = binding;
  other.offerer_fingerprint[31] ^= 1;
  assert_check (&other, TRUE, frame, PST_ERROR_TAMPERED);

  other = binding;
  other.answerer_fingerprint[0] ^= 0x80;
  assert_check (&other, TRUE, frame, PST_ERROR_TAMPERED);

  other = binding;
  other.offerer_side = "0c";
  assert_check (&other, TRUE, frame, PST_ERROR_TAMPERED);

  /* The same bytes, cut elsewhere. */
  other = binding;
  other.offerer_side = "0a0";
  other.answerer_side = "b";
  assert_check (&other, TRUE, frame, PST_ERROR_TAMPERED);
}

static void
test_every_bit_counts (void)
{
  PstBinding binding = make_binding ();
  g_autoptr (GBytes) frame = pst_binding_make_frame (&binding, TRUE);

  for (guint bit = 0; bit < 8 * PST_BINDING_FRAME_BYTES; bit++)
    {
      guint8 data[PST_BINDING_FRAME_BYTES];
      g_autoptr (GBytes) other = NULL;

      memcpy (data, g_bytes_get_data (frame, NULL), sizeof data);
      data[bit / 8] ^= 1 << bit % 8;
      other = g_bytes_new (data, sizeof data);
      assert_check (&binding, TRUE, other, bit < 8 ? PST_ERROR_PROTOCOL : PST_ERROR_TAMPERED);
    }
}

static void
test_wrong_length (void)
{
  PstBinding binding = make_binding ();
  g_autoptr (GBytes) frame = pst_binding_make_frame (&binding, TRUE);
  g_autoptr (GBytes) shorter = g_bytes_new_from_bytes (frame, 0, PST_BINDING_FRAME_BYTES - 1);
  guint8 data[PST_BINDING_FRAME_BYTES + 1] = { 0 };
  g_autoptr (GBytes) longer = NULL;

  memcpy (data, g_bytes_get_data (frame, NULL), PST_BINDING_FRAME_BYTES);
  longer = g_bytes_new (data, sizeof data);
  assert_check (&binding, TRUE, shorter, PST_ERROR_PROTOCOL);
  assert_check (&binding, TRUE, longer, PST_ERROR_PROTOCOL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/binding/vectors", test_vectors);
  g_test_add_func ("/binding/link-vector", test_link_vector);
  g_test_add_func ("/binding/check", test_check);
  g_test_add_func ("/binding/every-field-counts", test_every_field_counts);
  g_test_add_func ("/binding/every-bit-counts", test_every_bit_counts);
  g_test_add_func ("/binding/wrong-length", test_wrong_length);
  return g_test_run ();
}
