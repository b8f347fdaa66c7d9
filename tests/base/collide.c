/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "collide.h"

#include <string.h>

static guint n_compared;

/* The program's own, so the one that its static libraries are linked with. */
gboolean (g_str_equal) (gconstpointer one, gconstpointer other)
{
  g_atomic_int_inc (&n_compared);
  return strcmp (one, other) == 0;
}

/* How many times two strings were compared since it was asked last. */
guint
collide_count_compared (void)
{
  guint n = g_atomic_int_get (&n_compared);

  g_atomic_int_add (&n_compared, -(int) n);
  return n;
}

/* 33 · 'E' + 'z' = 33 · 'F' + 'Y' */
char *
collide_make_name (guint n)
{
  GString *name = g_string_new (NULL);

  g_assert_cmpuint (n, <, COLLIDE_MAX_NAMES);
  for (guint bit = 1; bit < COLLIDE_MAX_NAMES; bit <<= 1)
    g_string_append (name, n & bit ? "Ez" : "FY");

  return g_string_free (name, FALSE);
}
