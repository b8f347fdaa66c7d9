/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-error.h"
#include "pst-spake2.h"
#include "pst-vectors.h"

#include <sodium.h>
#include <string.h>

#define POINT_BYTES 32

static PstSpake2 *
new_from_vector (JsonObject *vector, const char *code_member, const char *scalar_member)
{
  guint8 scalar[PST_SPAKE2_SCALAR_BYTES];
  g_autoptr (GError) error = NULL;
  PstSpake2 *self;

  vectors_get_hex (vector, scalar_member, scalar, sizeof scalar);
  self = pst_spake2_new_with_scalar (json_object_get_string_member (vector, code_member),
                                     json_object_get_string_member (vector, "appid"), scalar,
                                     &error);
  g_assert_no_error (error);

  return self;
}

static void
assert_message (PstSpake2 *self, const char *hex)
{
  g_autoptr (GBytes) message = pst_spake2_get_message (self);

  g_assert_cmpuint (g_bytes_get_size (message), ==, PST_SPAKE2_MESSAGE_BYTES);
  assert_hex (g_bytes_get_data (message, NULL), g_bytes_get_size (message), hex);
}

static void
assert_key (PstSpake2 *self, JsonObject *vector, const char *peer_member, const char *key_member)
{
  g_autoptr (GBytes) peer = vectors_hex (vector, peer_member);
  g_autoptr (GError) error = NULL;
  guint8 key[PST_KEY_BYTES];

  g_assert_true (pst_spake2_finish (self, peer, key, &error));
  g_assert_no_error (error);
  assert_hex (key, sizeof key, json_object_get_string_member (vector, key_member));
}

/* Honest exchanges and such with two codes are the same to the two sides: each
 * gets the key that the reference got. */
static void
test_exchanges (gconstpointer member)
{
  g_autoptr (JsonObject) vectors = vectors_load ();
  JsonArray *entries = json_object_get_array_member (vectors, member);

  g_assert_cmpuint (json_array_get_length (entries), >, 0);
  for (guint i = 0; i < json_array_get_length (entries); i++)
    {
      JsonObject *vector = json_array_get_object_element (entries, i);
      g_autoptr (PstSpake2) a = new_from_vector (vector, "code_a", "scalar_a_le");
      g_autoptr (PstSpake2) b = new_from_vector (vector, "code_b", "scalar_b_le");

      assert_message (a, json_object_get_string_member (vector, "msg_a"));
      assert_message (b, json_object_get_string_member (vector, "msg_b"));
      assert_key (a, vector, "msg_b", "key_a");
      assert_key (b, vector, "msg_a", "key_b");
    }
}

static void
test_pw_to_scalar (void)
{
  g_autoptr (JsonObject) vectors = vectors_load ();
  JsonArray *entries = json_object_get_array_member (vectors, "pw_to_scalar");

  g_assert_cmpuint (json_array_get_length (entries), >, 0);
  for (guint i = 0; i < json_array_get_length (entries); i++)
    {
      JsonObject *vector = json_array_get_object_element (entries, i);
      g_autoptr (GBytes) password = vectors_hex (vector, "password_hex");
      guint8 scalar[PST_SPAKE2_SCALAR_BYTES];

      pst_spake2_password_to_scalar (g_bytes_get_data (password, NULL), g_bytes_get_size (password),
                                     scalar);
      assert_hex (scalar, sizeof scalar, json_object_get_string_member (vector, "scalar_le"));
    }
}

/* Little-endian; adds without looking at the modulus. */
static void
add_small (guint8 *number, guint n)
{
  for (gsize i = 0; i < POINT_BYTES; i++)
    {
      n += number[i];
      number[i] = n & 0xff;
      n >>= 8;
    }
}

/* number = number × 256 + byte, folded to 255 bits: 2²⁵⁵ = 19 mod p. */
static void
shift_in (guint8 *number, guint8 byte)
{
  guint over = number[31] << 1 | number[30] >> 7;

  memmove (number + 1, number, POINT_BYTES - 1);
  number[0] = byte;
  number[31] &= 0x7f;
  add_small (number, over * 19);
}

/* python-spake2: a y from the seed, counted up until it is on the curve, then
 * three doublings into the prime-order subgroup. */
static guint
derive_element (GBytes *seed, guint8 *element)
{
  static const char info[] = "SPAKE2 arbitrary element";
  guint8 okm[48];
  guint8 y[POINT_BYTES] = { 0 };

  pst_hkdf_sha256 (g_bytes_get_data (seed, NULL), g_bytes_get_size (seed), (const guint8 *) info,
                   strlen (info), okm, sizeof okm);
  for (gsize i = 0; i < sizeof okm; i++)
    shift_in (y, okm[i]);
  g_assert_cmpuint (y[31], <, 0x7f);

  for (guint n = 0;; n++)
    {
      if (crypto_core_ed25519_add (element, y, y) == 0)
        {
          g_assert_cmpint (crypto_core_ed25519_add (element, element, element), ==, 0);
          g_assert_cmpint (crypto_core_ed25519_add (element, element, element), ==, 0);
          return n;
        }
      add_small (y, 1);
    }
}

static void
test_arbitrary_element (void)
{
  g_autoptr (JsonObject) vectors = vectors_load ();
  JsonObject *constants = json_object_get_object_member (vectors, "constants");
  JsonArray *entries = json_object_get_array_member (vectors, "arbitrary_element");
  g_autoptr (GBytes) symmetric = g_bytes_new_static ("symmetric", strlen ("symmetric"));
  guint8 element[POINT_BYTES];

  g_assert_cmpuint (json_array_get_length (entries), >, 0);
  for (guint i = 0; i < json_array_get_length (entries); i++)
    {
      JsonObject *vector = json_array_get_object_element (entries, i);
      g_autoptr (GBytes) seed = vectors_hex (vector, "seed_hex");

      g_assert_cmpuint (derive_element (seed, element), ==,
                        json_object_get_int_member (vector, "increments"));
      assert_hex (element, sizeof element, json_object_get_string_member (vector, "element"));
    }

  derive_element (symmetric, element);
  assert_hex (element, sizeof element, json_object_get_string_member (constants, "blinding_S"));
}

/* Refused with the one sentence, the key stays zero, and there is no second
 * try, not even with a good message. */
static void
assert_refused (const char *code, const guint8 *scalar, GBytes *message, GBytes *good_message)
{
  static const guint8 zero[PST_KEY_BYTES] = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) second_error = NULL;
  g_autoptr (PstSpake2) self
      = pst_spake2_new_with_scalar (code, "lothar.com/wormhole/text-or-file-xfer", scalar, &error);
  guint8 key[PST_KEY_BYTES];

  g_assert_no_error (error);
  memset (key, 0xaa, sizeof key);
  g_assert_false (pst_spake2_finish (self, message, key, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_TAMPERED);
  g_assert_cmpmem (key, sizeof key, zero, sizeof zero);

  memset (key, 0xaa, sizeof key);
  g_assert_false (pst_spake2_finish (self, good_message, key, &second_error));
  g_assert_error (second_error, PST_ERROR, PST_ERROR_PROTOCOL);
  g_assert_cmpmem (key, sizeof key, zero, sizeof zero);
}

static GBytes *
load_good_message (JsonObject *vectors)
{
  JsonArray *exchanges = json_object_get_array_member (vectors, "exchanges");

  return vectors_hex (json_array_get_object_element (exchanges, 0), "msg_b");
}

static void
get_scalar (JsonObject *vector, guint8 *scalar)
{
  g_autoptr (GBytes) entropy = vectors_hex (vector, "my_entropy_be64");
  const guint8 *big_endian = g_bytes_get_data (entropy, NULL);
  guint8 wide[crypto_core_ed25519_NONREDUCEDSCALARBYTES];

  g_assert_cmpuint (g_bytes_get_size (entropy), ==, sizeof wide);
  for (gsize i = 0; i < sizeof wide; i++)
    wide[i] = big_endian[sizeof wide - 1 - i];
  crypto_core_ed25519_scalar_reduce (scalar, wide);
}

/* The vectors are a file: those that count must stay in it. */
static void
assert_named (JsonArray *entries, const char *name)
{
  for (guint i = 0; i < json_array_get_length (entries); i++)
    if (g_str_equal (json_object_get_string_member (json_array_get_object_element (entries, i),
                                                    "name"),
                     name))
      return;

  g_error ("There is no vector “%s”.", name);
}

static void
test_rejected_messages (void)
{
  g_autoptr (JsonObject) vectors = vectors_load ();
  g_autoptr (GBytes) good = load_good_message (vectors);
  JsonArray *entries = json_object_get_array_member (vectors, "reject_peer_messages");

  assert_named (entries, "identity");
  assert_named (entries, "order-2 point");
  assert_named (entries, "order-4 point");
  assert_named (entries, "mixed order 2L");
  assert_named (entries, "reflection of own message");
  assert_named (entries, "empty");
  for (guint i = 0; i < json_array_get_length (entries); i++)
    {
      JsonObject *vector = json_array_get_object_element (entries, i);
      g_autoptr (GBytes) message = vectors_hex (vector, "msg");
      guint8 scalar[PST_SPAKE2_SCALAR_BYTES];

      g_test_message ("%s", json_object_get_string_member (vector, "name"));
      get_scalar (vector, scalar);
      assert_refused (json_object_get_string_member (vector, "code"), scalar, message, good);
    }
}

static void
test_one_byte_more (void)
{
  g_autoptr (JsonObject) vectors = vectors_load ();
  g_autoptr (GBytes) good = load_good_message (vectors);
  guint8 scalar[PST_SPAKE2_SCALAR_BYTES] = { 2 };
  guint8 longer[PST_SPAKE2_MESSAGE_BYTES + 1] = { 0 };
  g_autoptr (GBytes) message = NULL;

  memcpy (longer, g_bytes_get_data (good, NULL), PST_SPAKE2_MESSAGE_BYTES);
  message = g_bytes_new_static (longer, sizeof longer);
  assert_refused ("4-purple-sausages", scalar, message, good);
}

/* The sides of the asymmetric variant, A and B, and none. */
static void
test_wrong_prefix (void)
{
  static const guint8 prefixes[] = { 'A', 'B', 0 };
  g_autoptr (JsonObject) vectors = vectors_load ();
  g_autoptr (GBytes) good = load_good_message (vectors);
  guint8 scalar[PST_SPAKE2_SCALAR_BYTES] = { 2 };
  guint8 changed[PST_SPAKE2_MESSAGE_BYTES];

  memcpy (changed, g_bytes_get_data (good, NULL), sizeof changed);
  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    {
      g_autoptr (GBytes) message = NULL;

      changed[0] = prefixes[i];
      message = g_bytes_new (changed, sizeof changed);
      assert_refused ("4-purple-sausages", scalar, message, good);
    }
}

static void
test_fresh (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PstSpake2) a = pst_spake2_new ("7-x", "app", &error);
  g_autoptr (PstSpake2) b = pst_spake2_new ("7-x", "app", &error);
  g_autoptr (GBytes) message_a = pst_spake2_get_message (a);
  g_autoptr (GBytes) message_b = pst_spake2_get_message (b);
  guint8 key_a[PST_KEY_BYTES], key_b[PST_KEY_BYTES];

  g_assert_no_error (error);
  g_assert_false (g_bytes_equal (message_a, message_b));
  g_assert_true (pst_spake2_finish (a, message_b, key_a, &error));
  g_assert_true (pst_spake2_finish (b, message_a, key_b, &error));
  g_assert_cmpmem (key_a, sizeof key_a, key_b, sizeof key_b);
}

static void
test_refused_inputs (void)
{
  static const guint8 zero[PST_SPAKE2_SCALAR_BYTES] = { 0 };
  g_autoptr (GError) not_text = NULL;
  g_autoptr (GError) no_secret = NULL;

  g_assert_null (pst_spake2_new ("7-\xff", "app", &not_text));
  g_assert_error (not_text, PST_ERROR, PST_ERROR_BAD_CODE);
  g_assert_null (pst_spake2_new_with_scalar ("7-x", "app", zero, &no_secret));
  g_assert_error (no_secret, PST_ERROR, PST_ERROR_FAILED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/spake2/pw-to-scalar", test_pw_to_scalar);
  g_test_add_func ("/spake2/arbitrary-element", test_arbitrary_element);
  g_test_add_data_func ("/spake2/exchanges", "exchanges", test_exchanges);
  g_test_add_data_func ("/spake2/wrong-password", "wrong_password", test_exchanges);
  g_test_add_func ("/threats/07-bad-points/vectors", test_rejected_messages);
  g_test_add_func ("/threats/07-bad-points/length", test_one_byte_more);
  g_test_add_func ("/threats/07-bad-points/prefix", test_wrong_prefix);
  g_test_add_func ("/spake2/fresh", test_fresh);
  g_test_add_func ("/spake2/refused-inputs", test_refused_inputs);
  return g_test_run ();
}
