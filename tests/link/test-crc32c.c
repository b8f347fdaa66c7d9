/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The checksum of SCTP: known values, and the quick way like the plain one. */
#include <string.h>

#include "pst-crc32c.h"

#define MOST_BYTES 300

static guint32
checksum (const guint8 *bytes, gsize n_bytes)
{
  guint32 crc = ~pst_crc32c_update (PST_CRC32C_START, bytes, n_bytes);

  g_assert_cmphex (crc, ==, ~pst_crc32c_update_plain (PST_CRC32C_START, bytes, n_bytes));
  return crc;
}

/* RFC 3720, appendix B.4, whose bytes stand in the order of the wire. */
static void
test_vectors (void)
{
  static const guint8 read_command[48] = {
    [0] = 0x01,  [1] = 0xc0,  [16] = 0x14, [22] = 0x04,
    [27] = 0x14, [31] = 0x18, [32] = 0x28, [40] = 0x02,
  };
  guint8 bytes[32];

  g_assert_cmphex (checksum ((const guint8 *) "123456789", 9), ==, 0xe3069283);
  g_assert_cmphex (checksum (NULL, 0), ==, 0);
  memset (bytes, 0, sizeof bytes);
  g_assert_cmphex (checksum (bytes, sizeof bytes), ==, 0x8a9136aa);
  memset (bytes, 0xff, sizeof bytes);
  g_assert_cmphex (checksum (bytes, sizeof bytes), ==, 0x62a8ab43);
  for (guint i = 0; i < sizeof bytes; i++)
    bytes[i] = (guint8) i;
  g_assert_cmphex (checksum (bytes, sizeof bytes), ==, 0x46dd794e);
  for (guint i = 0; i < sizeof bytes; i++)
    bytes[i] = (guint8) (31 - i);
  g_assert_cmphex (checksum (bytes, sizeof bytes), ==, 0x113fdb5c);
  g_assert_cmphex (checksum (read_command, sizeof read_command), ==, 0xd9963a56);
}

/* Each length at each place; an exact copy, so that a sanitizer sees a step beyond. */
static void
test_fast_is_plain (void)
{
  for (gsize n_bytes = 0; n_bytes <= MOST_BYTES; n_bytes++)
    for (gsize shift = 0; shift < 8; shift++)
      {
        g_autofree guint8 *bytes = g_malloc (shift + n_bytes + 1);
        guint8 *exact = bytes + 1;

        for (gsize i = 0; i < shift + n_bytes; i++)
          exact[i] = (guint8) (i * 37 + n_bytes + shift);
        checksum (exact + shift, n_bytes);
      }
}

static void
test_parts (void)
{
  guint8 bytes[MOST_BYTES];
  guint32 whole;

  for (guint i = 0; i < sizeof bytes; i++)
    bytes[i] = (guint8) (i * i);
  whole = pst_crc32c_update (PST_CRC32C_START, bytes, sizeof bytes);
  for (gsize cut = 0; cut <= sizeof bytes; cut++)
    {
      guint32 crc = pst_crc32c_update (PST_CRC32C_START, bytes, cut);

      g_assert_cmphex (pst_crc32c_update (crc, bytes + cut, sizeof bytes - cut), ==, whole);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crc32c/vectors", test_vectors);
  g_test_add_func ("/crc32c/fast-is-plain", test_fast_is_plain);
  g_test_add_func ("/crc32c/parts", test_parts);
  return g_test_run ();
}
