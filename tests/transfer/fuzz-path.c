/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Input: a path, a NUL, a link's target. Whatever comes out must be acceptable. */
#include "pst-path.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

static void
try_target (const char *path, const char *target)
{
  g_autofree char *named = pst_path_resolve_link (path, target);

  if (named == NULL)
    return;

  g_assert_true (pst_path_check (named, strlen (named), NULL));
  g_assert_true (strcspn (named, "/") == strcspn (path, "/"));
  g_assert_true (strncmp (named, path, strcspn (path, "/")) == 0);
}

static void
try_number (const char *name, guint number)
{
  g_autofree char *numbered = pst_path_number (name, number);
  g_autofree char *middle = g_strdup_printf (" (%u)", number);

  g_assert_true (pst_path_check_part (numbered, strlen (numbered), NULL));
  /* A name as long as names may be can end with the number already. */
  g_assert_true (strlen (name) == PST_PATH_MAX_PART_BYTES || strcmp (numbered, name) != 0);
  g_assert_nonnull (strstr (numbered, middle));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  const guint8 *nul = size > 0 ? memchr (data, 0, size) : NULL;
  gsize length = nul != NULL ? (gsize) (nul - data) : size;
  g_autofree char *path = g_strndup ((const char *) data, length);
  g_autofree char *target = nul != NULL ? g_strndup ((const char *) nul + 1, size - length - 1)
                                        : g_strdup (path);
  g_autoptr (GError) error = NULL;

  /* Whole, so that a NUL is seen. */
  if (nul != NULL)
    g_assert_false (pst_path_check ((const char *) data, size, NULL));

  if (pst_path_check (path, length, &error))
    {
      g_assert_false (g_path_is_absolute (path));
      g_assert_null (strstr (path, "/../"));
      try_target (path, target);
    }
  else
    g_assert_true (g_utf8_validate (error->message, -1, NULL));

  if (pst_path_check_part (path, length, NULL))
    {
      try_number (path, 1);
      try_number (path, G_MAXUINT);
    }

  return 0;
}
