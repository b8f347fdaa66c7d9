/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-vectors.h"

#include <sodium.h>
#include <string.h>

JsonObject *
vectors_load (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("PST_TEST_SRCDIR"), "pairing", "vectors",
                                            "spake2.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) error = NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);

  return json_node_dup_object (json_parser_get_root (parser));
}

GBytes *
vectors_hex (JsonObject *object, const char *member)
{
  const char *hex = json_object_get_string_member (object, member);
  gsize size = strlen (hex) / 2;
  guint8 *data = g_malloc (size + 1);

  g_assert_cmpint (sodium_hex2bin (data, size + 1, hex, strlen (hex), NULL, &size, NULL), ==, 0);
  g_assert_cmpuint (size, ==, strlen (hex) / 2);

  return g_bytes_new_take (data, size);
}

void
vectors_get_hex (JsonObject *object, const char *member, guint8 *out, gsize out_bytes)
{
  g_autoptr (GBytes) bytes = vectors_hex (object, member);

  g_assert_cmpuint (g_bytes_get_size (bytes), ==, out_bytes);
  memcpy (out, g_bytes_get_data (bytes, NULL), out_bytes);
}

void
assert_hex (const guint8 *data, gsize size, const char *hex)
{
  g_autofree char *ours = g_malloc (size * 2 + 1);

  sodium_bin2hex (ours, size * 2 + 1, data, size);
  g_assert_cmpstr (ours, ==, hex);
}
