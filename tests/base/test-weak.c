/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-weak.h"

static void
test_goes (void)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  GWeakRef *weak = pst_weak_ref_new (object);
  GObject *got = g_weak_ref_get (weak);

  g_assert_true (got == object);
  g_object_unref (got);

  g_object_add_weak_pointer (object, (gpointer *) &object);
  g_object_unref (object);
  g_assert_null (object);
  g_assert_null (g_weak_ref_get (weak));
  pst_weak_ref_free (weak);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/weak/goes", test_goes);
  return g_test_run ();
}
