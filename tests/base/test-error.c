/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-error.h"

static void
test_names_round_trip (void)
{
  for (int i = 0; i <= PST_ERROR_LAST; i++)
    {
      g_autoptr (GError) error = g_error_new_literal (PST_ERROR, i, "x");
      PstError code = -1;

      g_assert_true (pst_error_from_name (pst_error_to_name (error), &code));
      g_assert_cmpint (code, ==, i);
    }
}

static void
test_foreign (void)
{
  g_autoptr (GError) error = g_error_new_literal (g_quark_from_string ("other"), 3, "x");
  PstError code = PST_ERROR_LOST;

  g_assert_cmpstr (pst_error_to_name (error), ==, "failed");
  g_assert_false (pst_error_from_name ("no such name", &code));
  g_assert_false (pst_error_from_name (NULL, &code));
  g_assert_cmpint (code, ==, PST_ERROR_LOST);
}

/* A number that no name stands for. */
static void
test_unknown_numbers (void)
{
  g_autoptr (GError) below = g_error_new_literal (PST_ERROR, -1, "x");
  g_autoptr (GError) beyond = g_error_new_literal (PST_ERROR, PST_ERROR_LAST + 1, "x");

  g_assert_cmpstr (pst_error_to_name (below), ==, "failed");
  g_assert_cmpstr (pst_error_to_name (beyond), ==, "failed");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/error/names-round-trip", test_names_round_trip);
  g_test_add_func ("/error/foreign", test_foreign);
  g_test_add_func ("/error/unknown-numbers", test_unknown_numbers);
  return g_test_run ();
}
