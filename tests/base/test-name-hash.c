/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-name-hash.h"

#include "collide.h"

static void
test_equal (void)
{
  g_autofree char *copy = g_strdup ("a name");

  g_assert_cmpuint (pst_name_hash (copy), ==, pst_name_hash ("a name"));
  g_assert_cmpuint (pst_name_hash (copy), ==, pst_name_hash_bytes ((const guint8 *) "a name", 6));
  g_assert_cmpuint (pst_name_hash (""), ==, pst_name_hash_bytes (NULL, 0));
}

/* What collides for g_str_hash() does not here. By chance two of so many numbers
 * of 32 bits are the same once in thirty runs, nine pairs never. */
static void
test_spreads (void)
{
  g_autoptr (GHashTable) hashes = g_hash_table_new (NULL, NULL);
  g_autofree char *first = collide_make_name (0);

  for (guint i = 0; i < COLLIDE_MAX_NAMES; i++)
    {
      g_autofree char *name = collide_make_name (i);

      g_assert_cmpuint (g_str_hash (name), ==, g_str_hash (first));
      g_hash_table_add (hashes, GUINT_TO_POINTER (pst_name_hash (name)));
    }
  g_assert_cmpuint (g_hash_table_size (hashes), >, COLLIDE_MAX_NAMES - 9);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/name-hash/equal", test_equal);
  g_test_add_func ("/name-hash/spreads", test_spreads);
  return g_test_run ();
}
