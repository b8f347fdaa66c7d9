/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-error.h"
#include "pst-frame.h"

#include <string.h>

#define SHORTEST_BYTES (PST_FRAME_HEADER_BYTES + 1 + PST_FRAME_TAG_BYTES)

static void
test_header_bytes (void)
{
  static const guint8 wire[PST_FRAME_HEADER_BYTES]
      = { 1, 2, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a };
  PstFrameHeader header = { PST_FRAME_CONTROL, 0x0102, G_GUINT64_CONSTANT (0x030405060708090a) };
  guint8 frame[SHORTEST_BYTES] = { 0 };
  PstFrameHeader again = { 0 };
  g_autoptr (GError) error = NULL;

  pst_frame_write_header (&header, frame);
  g_assert_cmpmem (frame, PST_FRAME_HEADER_BYTES, wire, sizeof wire);

  g_assert_true (pst_frame_read_header (frame, sizeof frame, &again, &error));
  g_assert_no_error (error);
  g_assert_cmpint (again.kind, ==, PST_FRAME_CONTROL);
  g_assert_cmpuint (again.link, ==, header.link);
  g_assert_cmpuint (again.counter, ==, header.counter);
}

static void
assert_header_refused (const guint8 *frame, gsize length)
{
  g_autoptr (GError) error = NULL;
  PstFrameHeader header;

  g_assert_false (pst_frame_read_header (frame, length, &header, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_PROTOCOL);
}

static void
test_header_lengths (void)
{
  PstFrameHeader header = { PST_FRAME_DATA, 0, 1 };
  g_autofree guint8 *frame = g_malloc0 (PST_FRAME_MAX_BYTES + 1);

  pst_frame_write_header (&header, frame);
  for (gsize length = 0; length < SHORTEST_BYTES; length++)
    assert_header_refused (frame, length);
  g_assert_true (pst_frame_read_header (frame, SHORTEST_BYTES, &header, NULL));
  g_assert_true (pst_frame_read_header (frame, PST_FRAME_MAX_BYTES, &header, NULL));
  assert_header_refused (frame, PST_FRAME_MAX_BYTES + 1);
}

static void
test_header_values (void)
{
  for (guint value = 0; value < 256; value++)
    {
      guint8 frame[SHORTEST_BYTES] = { 1, 1 };
      PstFrameHeader header;

      frame[0] = value;
      if (value != PST_FRAME_VERSION)
        assert_header_refused (frame, sizeof frame);

      frame[0] = PST_FRAME_VERSION;
      frame[1] = value;
      if (value == PST_FRAME_DATA || value == PST_FRAME_CONTROL || value == PST_FRAME_PARCEL)
        g_assert_true (pst_frame_read_header (frame, sizeof frame, &header, NULL));
      else
        assert_header_refused (frame, sizeof frame);
    }
}

static GBytes *
make_data (guint64 offset, gsize n_bytes)
{
  PstFrameDataHeader header = { 0x01020304, 0x05060708, offset };
  guint8 *payload = g_malloc0 (PST_FRAME_DATA_HEADER_BYTES + n_bytes);

  pst_frame_write_data_header (&header, payload);
  memset (payload + PST_FRAME_DATA_HEADER_BYTES, 'x', n_bytes);
  return g_bytes_new_take (payload, PST_FRAME_DATA_HEADER_BYTES + n_bytes);
}

static void
test_data (void)
{
  static const guint8 wire[] = { 1,    2,    3,    4,    5,    6,    7,    8,   0x11,
                                 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 'x', 'x' };
  g_autoptr (GBytes) payload = make_data (G_GUINT64_CONSTANT (0x1112131415161718), 2);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  PstFrameDataHeader header;

  g_assert_cmpmem (g_bytes_get_data (payload, NULL), g_bytes_get_size (payload), wire,
                   sizeof wire);
  g_assert_true (pst_frame_read_data (payload, &header, &bytes, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (header.transfer, ==, 0x01020304);
  g_assert_cmpuint (header.entry, ==, 0x05060708);
  g_assert_cmpuint (header.offset, ==, G_GUINT64_CONSTANT (0x1112131415161718));
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "xx", 2);
  /* A slice, no copy. */
  g_assert_true ((const guint8 *) g_bytes_get_data (bytes, NULL)
                 == (const guint8 *) g_bytes_get_data (payload, NULL)
                        + PST_FRAME_DATA_HEADER_BYTES);
}

static void
assert_data_refused (GBytes *payload)
{
  g_autoptr (GError) error = NULL;
  PstFrameDataHeader header;
  GBytes *bytes = NULL;

  g_assert_false (pst_frame_read_data (payload, &header, &bytes, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_PROTOCOL);
  g_assert_null (bytes);
}

static void
test_data_lengths (void)
{
  g_autoptr (GBytes) whole = make_data (0, 1);

  for (gsize length = 0; length <= PST_FRAME_DATA_HEADER_BYTES; length++)
    {
      g_autoptr (GBytes) cut = g_bytes_new (g_bytes_get_data (whole, NULL), length);

      assert_data_refused (cut);
    }
}

static void
test_data_overflow (void)
{
  g_autoptr (GBytes) last = make_data (G_MAXUINT64 - 10, 10);
  g_autoptr (GBytes) beyond = make_data (G_MAXUINT64 - 10, 11);
  g_autoptr (GBytes) bytes = NULL;
  PstFrameDataHeader header;

  g_assert_true (pst_frame_read_data (last, &header, &bytes, NULL));
  assert_data_refused (beyond);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/frame/header-bytes", test_header_bytes);
  g_test_add_func ("/frame/header-lengths", test_header_lengths);
  g_test_add_func ("/frame/header-values", test_header_values);
  g_test_add_func ("/frame/data", test_data);
  g_test_add_func ("/frame/data-lengths", test_data_lengths);
  g_test_add_func ("/threats/18-lengths/frame", test_data_overflow);
  return g_test_run ();
}
