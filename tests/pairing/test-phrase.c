/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-phase.h"
#include "pst-phrase.h"
#include "pst-vectors.h"
#include "pst-wordlist.h"

#include <sodium.h>
#include <string.h>

/* Made with the reference implementation of Argon2 (libargon2); the first two from
 * verifiers of vectors/spake2.json. */
static const struct
{
  const char *verifier;
  const char *phrase;
} cases[] = {
  { "0f186561c0fca2a6a03d410955458757ff81305d46f2b21a1be8149ea4162b52",
    "integrate pluto hurricane playhouse aggregate classic" },
  { "5ced150fde59a84bd69f768cafa31b286bc99a437c0738d8c924d01e689da8cf",
    "pandora ringbolt burlington upset autopsy revenge" },
  { "0000000000000000000000000000000000000000000000000000000000000000",
    "bravado newborn millionaire banjo amusement southward" },
};

static void
test_vectors (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint8 verifier[PST_KEY_BYTES];
      g_autofree char *phrase = NULL;

      g_assert_cmpint (sodium_hex2bin (verifier, sizeof verifier, cases[i].verifier,
                                       strlen (cases[i].verifier), NULL, NULL, NULL),
                       ==, 0);
      phrase = pst_phrase_make (verifier);
      g_assert_cmpstr (phrase, ==, cases[i].phrase);
    }
}

/* From the key of an exchange, as a session does it. */
static void
test_from_key (void)
{
  g_autoptr (JsonObject) vectors = vectors_load ();
  JsonObject *vector
      = json_array_get_object_element (json_object_get_array_member (vectors, "exchanges"), 0);
  guint8 key[PST_KEY_BYTES], verifier[PST_KEY_BYTES];
  g_autofree char *phrase = NULL;

  vectors_get_hex (vector, "key_a", key, sizeof key);
  pst_phase_derive (key, (const guint8 *) PST_PHRASE_PURPOSE, strlen (PST_PHRASE_PURPOSE),
                    verifier);
  phrase = pst_phrase_make (verifier);
  g_assert_cmpstr (phrase, ==, cases[0].phrase);
}

static void
test_alternates (void)
{
  const guint8 verifier[PST_KEY_BYTES] = { 1 };
  g_autofree char *phrase = pst_phrase_make (verifier);
  g_auto (GStrv) words = g_strsplit (phrase, " ", -1);

  g_assert_cmpuint (g_strv_length (words), ==, PST_PHRASE_WORDS);
  for (guint i = 0; i < PST_PHRASE_WORDS; i++)
    {
      gboolean is_there = FALSE;

      for (guint j = 0; j < PST_WORDLIST_SIZE; j++)
        is_there |= strcmp (pst_wordlist_get (i)[j], words[i]) == 0;
      g_assert_true (is_there);
    }
}

/* Somebody in between has another key with each of the two. */
static void
test_any_change (void)
{
  guint8 verifier[PST_KEY_BYTES] = { 0 };
  g_autofree char *phrase = pst_phrase_make (verifier);
  g_autofree char *other = NULL;

  verifier[PST_KEY_BYTES - 1] ^= 1;
  other = pst_phrase_make (verifier);
  g_assert_cmpstr (phrase, !=, other);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/phrase/vectors", test_vectors);
  g_test_add_func ("/phrase/from-key", test_from_key);
  g_test_add_func ("/phrase/alternates", test_alternates);
  g_test_add_func ("/phrase/any-change", test_any_change);
  return g_test_run ();
}
