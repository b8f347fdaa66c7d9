/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-vectors.h"
#include "pst-wordlist.h"

#include <sodium.h>
#include <string.h>

static void
check_list (guint position, const char *digest_member, const char *ends_member)
{
  g_autoptr (JsonObject) vectors = vectors_load ();
  JsonObject *check = json_object_get_object_member (vectors, "wordlist_check");
  JsonArray *ends = json_object_get_array_member (check, ends_member);
  const char *const *words = pst_wordlist_get (position);
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  g_autofree char *joined = NULL;
  guint8 digest[crypto_hash_sha256_BYTES];

  for (guint i = 0; i < PST_WORDLIST_SIZE; i++)
    g_ptr_array_add (list, (gpointer) words[i]);
  g_ptr_array_add (list, NULL);
  joined = g_strjoinv ("\n", (char **) list->pdata);

  crypto_hash_sha256 (digest, (const guint8 *) joined, strlen (joined));
  assert_hex (digest, sizeof digest, json_object_get_string_member (check, digest_member));
  g_assert_cmpstr (words[0], ==, json_array_get_string_element (ends, 0));
  g_assert_cmpstr (words[PST_WORDLIST_SIZE - 1], ==, json_array_get_string_element (ends, 1));
}

static void
test_digests (void)
{
  check_list (0, "sha256_odd_joined_newline", "odd_00_FF");
  check_list (1, "sha256_even_joined_newline", "even_00_FF");
}

static void
test_alternates (void)
{
  g_assert_true (pst_wordlist_get (2) == pst_wordlist_get (0));
  g_assert_true (pst_wordlist_get (3) == pst_wordlist_get (1));
  g_assert_true (pst_wordlist_get (0) != pst_wordlist_get (1));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wordlist/digests", test_digests);
  g_test_add_func ("/wordlist/alternates", test_alternates);
  return g_test_run ();
}
