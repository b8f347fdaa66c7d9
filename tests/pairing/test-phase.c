/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-error.h"
#include "pst-phase.h"
#include "pst-vectors.h"

#include <sodium.h>
#include <string.h>

static const guint8 some_key[PST_KEY_BYTES] = { 7 };

static void
assert_opens (const guint8 *key,
              const char *side,
              const char *phase,
              GBytes *body,
              const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) plaintext = pst_phase_open (key, side, phase, body, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (plaintext, NULL), g_bytes_get_size (plaintext), text,
                   strlen (text));
}

static void
assert_refused (const guint8 *key, const char *side, const char *phase, GBytes *body)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (pst_phase_open (key, side, phase, body, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_TAMPERED);
}

/* Seals a text as the reference does, with the phase key of the vectors: it
 * opens only if ours is the same. */
static void
assert_phase_key (const guint8 *key, const char *side, const char *phase, JsonObject *derived)
{
  g_autofree char *member = g_strdup_printf ("phase_key[%s][%s]", side, phase);
  guint8 phase_key[crypto_secretbox_KEYBYTES];
  guint8 body[PST_PHASE_OVERHEAD_BYTES + 2] = { 1, 2, 3 };
  g_autoptr (GBytes) bytes = NULL;

  vectors_get_hex (derived, member, phase_key, sizeof phase_key);
  crypto_secretbox_easy (body + crypto_secretbox_NONCEBYTES, (const guint8 *) "hi", 2, body,
                         phase_key);
  bytes = g_bytes_new_static (body, sizeof body);
  assert_opens (key, side, phase, bytes, "hi");
}

static void
assert_derived (const guint8 *key, const char *purpose, JsonObject *derived, const char *member)
{
  guint8 out[PST_KEY_BYTES];

  pst_phase_derive (key, (const guint8 *) purpose, strlen (purpose), out);
  assert_hex (out, sizeof out, json_object_get_string_member (derived, member));
}

static void
check_derived (JsonObject *vector, const char *key_member, const char *derived_member)
{
  static const char *const phases[] = { "version", "0", "1" };
  JsonObject *derived = json_object_get_object_member (vector, derived_member);
  g_autofree char *transit
      = g_strconcat (json_object_get_string_member (vector, "appid"), "/transit-key", NULL);
  guint8 key[PST_KEY_BYTES];

  vectors_get_hex (vector, key_member, key, sizeof key);
  assert_derived (key, "wormhole:verifier", derived, "verifier");
  assert_derived (key, transit, derived, "transit_key");
  for (guint i = 0; i < G_N_ELEMENTS (phases); i++)
    {
      assert_phase_key (key, json_object_get_string_member (vector, "side_a"), phases[i], derived);
      assert_phase_key (key, json_object_get_string_member (vector, "side_b"), phases[i], derived);
    }
}

static void
check_version (JsonObject *vector)
{
  JsonObject *version = json_object_get_object_member (vector, "version_from_a");
  const char *side = json_object_get_string_member (vector, "side_a");
  g_autoptr (GBytes) body = vectors_hex (version, "body");
  guint8 key_a[PST_KEY_BYTES], key_b[PST_KEY_BYTES];

  vectors_get_hex (vector, "key_a", key_a, sizeof key_a);
  vectors_get_hex (vector, "key_b", key_b, sizeof key_b);
  assert_opens (key_a, side, "version", body,
                json_object_get_string_member (version, "plaintext_utf8"));
  if (json_object_get_boolean_member (version, "opens_for_b"))
    assert_opens (key_b, side, "version", body,
                  json_object_get_string_member (version, "plaintext_utf8"));
  else
    assert_refused (key_b, side, "version", body);
}

static void
test_vectors (gconstpointer member)
{
  g_autoptr (JsonObject) vectors = vectors_load ();
  JsonArray *entries = json_object_get_array_member (vectors, member);

  g_assert_cmpuint (json_array_get_length (entries), >, 0);
  for (guint i = 0; i < json_array_get_length (entries); i++)
    {
      JsonObject *vector = json_array_get_object_element (entries, i);

      check_derived (vector, "key_a", "derived_a");
      if (json_object_has_member (vector, "derived_b"))
        check_derived (vector, "key_b", "derived_b");
      check_version (vector);
    }
}

static void
test_hkdf (void)
{
  g_autoptr (JsonObject) vectors = vectors_load ();
  JsonArray *entries = json_object_get_array_member (vectors, "hkdf");

  g_assert_cmpuint (json_array_get_length (entries), >, 0);
  for (guint i = 0; i < json_array_get_length (entries); i++)
    {
      JsonObject *vector = json_array_get_object_element (entries, i);
      g_autoptr (GBytes) ikm = vectors_hex (vector, "ikm");
      g_autoptr (GBytes) info = vectors_hex (vector, "info_hex");
      gsize okm_bytes = json_object_get_int_member (vector, "L");
      g_autofree guint8 *okm = g_malloc (okm_bytes);

      pst_hkdf_sha256 (g_bytes_get_data (ikm, NULL), g_bytes_get_size (ikm),
                       g_bytes_get_data (info, NULL), g_bytes_get_size (info), okm, okm_bytes);
      assert_hex (okm, okm_bytes, json_object_get_string_member (vector, "okm"));
    }
}

/* The construction itself: nonce, authenticator and text in that order. */
static void
test_secretbox (void)
{
  g_autoptr (JsonObject) vectors = vectors_load ();
  JsonArray *entries = json_object_get_array_member (vectors, "secretbox");

  g_assert_cmpuint (json_array_get_length (entries), >, 0);
  for (guint i = 0; i < json_array_get_length (entries); i++)
    {
      JsonObject *vector = json_array_get_object_element (entries, i);
      g_autoptr (GBytes) body = vectors_hex (vector, "nonce_and_box");
      const guint8 *data = g_bytes_get_data (body, NULL);
      gsize plaintext_bytes = g_bytes_get_size (body) - PST_PHASE_OVERHEAD_BYTES;
      g_autofree guint8 *plaintext = g_malloc (plaintext_bytes);
      guint8 key[crypto_secretbox_KEYBYTES];

      vectors_get_hex (vector, "key", key, sizeof key);
      g_assert_cmpint (crypto_secretbox_open_easy (plaintext, data + crypto_secretbox_NONCEBYTES,
                                                   plaintext_bytes + crypto_secretbox_MACBYTES,
                                                   data, key),
                       ==, 0);
      assert_hex (plaintext, plaintext_bytes, json_object_get_string_member (vector, "plaintext"));
    }
}

static void
test_round_trip (void)
{
  g_autoptr (GBytes) text = g_bytes_new_static ("text", 4);
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0);
  g_autoptr (GBytes) body = pst_phase_seal (some_key, "0123456789", "0", text);
  g_autoptr (GBytes) again = pst_phase_seal (some_key, "0123456789", "0", text);
  g_autoptr (GBytes) empty_body = pst_phase_seal (some_key, "0123456789", "0", empty);

  g_assert_cmpuint (g_bytes_get_size (body), ==, 4 + PST_PHASE_OVERHEAD_BYTES);
  g_assert_false (g_bytes_equal (body, again));
  assert_opens (some_key, "0123456789", "0", body, "text");
  assert_opens (some_key, "0123456789", "0", empty_body, "");
}

static void
test_other_place (void)
{
  static const guint8 other_key[PST_KEY_BYTES] = { 8 };
  g_autoptr (GBytes) text = g_bytes_new_static ("text", 4);
  g_autoptr (GBytes) body = pst_phase_seal (some_key, "0123456789", "0", text);

  assert_refused (some_key, "0123456789", "1", body);
  assert_refused (some_key, "9876543210", "0", body);
  assert_refused (other_key, "0123456789", "0", body);
}

static void
test_any_change (void)
{
  g_autoptr (GBytes) text = g_bytes_new_static ("text", 4);
  g_autoptr (GBytes) body = pst_phase_seal (some_key, "a", "0", text);
  gsize size;
  g_autofree guint8 *data = g_bytes_unref_to_data (g_bytes_ref (body), &size);

  for (gsize i = 0; i < size; i++)
    {
      g_autoptr (GBytes) shorter = g_bytes_new (data, i);
      g_autoptr (GBytes) changed = NULL;

      data[i] ^= 1;
      changed = g_bytes_new (data, size);
      data[i] ^= 1;
      assert_refused (some_key, "a", "0", shorter);
      assert_refused (some_key, "a", "0", changed);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_data_func ("/phase/exchanges", "exchanges", test_vectors);
  g_test_add_data_func ("/phase/wrong-password", "wrong_password", test_vectors);
  g_test_add_func ("/phase/hkdf", test_hkdf);
  g_test_add_func ("/phase/secretbox", test_secretbox);
  g_test_add_func ("/phase/round-trip", test_round_trip);
  g_test_add_func ("/phase/other-place", test_other_place);
  g_test_add_func ("/phase/any-change", test_any_change);
  return g_test_run ();
}
