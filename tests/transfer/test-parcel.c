/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-parcel.h"

#include <string.h>

#include "pst-error.h"

static const guint8 digest[PST_DIGEST_BYTES] = { 0xd0, 0xd1 };

static GBytes *
make_parcel (void)
{
  GByteArray *parcel = pst_parcel_new (0x01020304);

  pst_parcel_add (parcel, 5, digest, (const guint8 *) "abc", 3);
  pst_parcel_add (parcel, 6, digest, NULL, 0);
  pst_parcel_add (parcel, 0x11121314, digest, (const guint8 *) "d", 1);
  return g_byte_array_free_to_bytes (parcel);
}

static void
test_bytes (void)
{
  static const guint8 wire[] = { 1, 2, 3, 4, 0, 0, 0, 5, 0, 0, 0, 3, 0xd0, 0xd1, 0 };
  g_autoptr (GBytes) payload = make_parcel ();
  const guint8 *data = g_bytes_get_data (payload, NULL);

  g_assert_cmpuint (g_bytes_get_size (payload), ==,
                    PST_PARCEL_HEADER_BYTES + 3 * PST_PARCEL_RECORD_BYTES + 4);
  g_assert_cmpmem (data, sizeof wire, wire, sizeof wire);
  g_assert_cmpmem (data + PST_PARCEL_HEADER_BYTES + PST_PARCEL_RECORD_BYTES, 7, "abc\0\0\0\6", 7);
}

static void
assert_file (GBytes *payload, const PstParcelFile *file, guint32 entry, const char *bytes)
{
  const guint8 *data = g_bytes_get_data (payload, NULL);

  g_assert_cmpuint (file->entry, ==, entry);
  g_assert_cmpmem (file->digest, sizeof file->digest, digest, sizeof digest);
  g_assert_cmpmem (data + file->offset, file->n_bytes, bytes, strlen (bytes));
}

static void
test_files (void)
{
  g_autoptr (GBytes) payload = make_parcel ();
  g_autoptr (GError) error = NULL;
  guint32 transfer;
  g_autoptr (GArray) files = pst_parcel_read (payload, &transfer, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (transfer, ==, 0x01020304);
  g_assert_cmpuint (files->len, ==, 3);
  assert_file (payload, &g_array_index (files, PstParcelFile, 0), 5, "abc");
  assert_file (payload, &g_array_index (files, PstParcelFile, 1), 6, "");
  assert_file (payload, &g_array_index (files, PstParcelFile, 2), 0x11121314, "d");
}

static void
assert_refused (GBytes *payload)
{
  g_autoptr (GError) error = NULL;
  guint32 transfer;

  g_assert_null (pst_parcel_read (payload, &transfer, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_PROTOCOL);
}

/* Where one file ends, the parcel may end. */
static gboolean
is_whole (gsize length)
{
  const gsize first = PST_PARCEL_HEADER_BYTES + PST_PARCEL_RECORD_BYTES + 3;

  return length == first || length == first + PST_PARCEL_RECORD_BYTES;
}

static void
test_cut (void)
{
  g_autoptr (GBytes) whole = make_parcel ();

  for (gsize length = 0; length < g_bytes_get_size (whole); length++)
    {
      g_autoptr (GBytes) cut = g_bytes_new (g_bytes_get_data (whole, NULL), length);

      if (!is_whole (length))
        assert_refused (cut);
    }
}

static void
test_lengths (void)
{
  static const guint32 lengths[] = { 2, 5, PST_FRAME_MAX_PAYLOAD_BYTES, G_MAXINT32, G_MAXUINT32 };

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autoptr (GByteArray) parcel = pst_parcel_new (1);
      guint32 length = GUINT32_TO_BE (lengths[i]);
      g_autoptr (GBytes) payload = NULL;

      pst_parcel_add (parcel, 0, digest, (const guint8 *) "abc", 3);
      memcpy (parcel->data + PST_PARCEL_HEADER_BYTES + 4, &length, sizeof length);
      payload = g_bytes_new (parcel->data, parcel->len);
      assert_refused (payload);
    }
}

static void
test_full (void)
{
  const gsize n_bytes = PST_FRAME_MAX_PAYLOAD_BYTES - PST_PARCEL_HEADER_BYTES
                        - PST_PARCEL_RECORD_BYTES;
  g_autofree guint8 *bytes = g_malloc0 (n_bytes);
  GByteArray *parcel = pst_parcel_new (1);
  g_autoptr (GBytes) payload = NULL;
  g_autoptr (GArray) files = NULL;
  guint32 transfer;

  pst_parcel_add (parcel, 0, digest, bytes, n_bytes);
  payload = g_byte_array_free_to_bytes (parcel);
  g_assert_cmpuint (g_bytes_get_size (payload), ==, PST_FRAME_MAX_PAYLOAD_BYTES);
  files = pst_parcel_read (payload, &transfer, NULL);
  g_assert_cmpuint (files->len, ==, 1);
  g_assert_cmpuint (g_array_index (files, PstParcelFile, 0).n_bytes, ==, n_bytes);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/parcel/bytes", test_bytes);
  g_test_add_func ("/parcel/files", test_files);
  g_test_add_func ("/parcel/cut", test_cut);
  g_test_add_func ("/parcel/lengths", test_lengths);
  g_test_add_func ("/parcel/full", test_full);
  return g_test_run ();
}
