/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-crc32c.h"

#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

/* RFC 9260, appendix A: the Castagnoli polynomial, reflected. */
#define POLYNOMIAL 0x82f63b78u

static guint32 table[256];

static void
fill_table (void)
{
  static gsize filled;

  if (!g_once_init_enter (&filled))
    return;

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      guint32 crc = i;

      for (guint bit = 0; bit < 8; bit++)
        crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
      table[i] = crc;
    }
  g_once_init_leave (&filled, 1);
}

/**
 * pst_crc32c_update_plain:
 * @crc: %PST_CRC32C_START, or what an earlier part gave
 * @bytes: (array length=n_bytes): the next part
 * @n_bytes: how many
 *
 * As pst_crc32c_update(), a byte at a time.
 *
 * Returns: the new state
 */
guint32
pst_crc32c_update_plain (guint32 crc, const guint8 *bytes, gsize n_bytes)
{
  fill_table ();
  for (gsize i = 0; i < n_bytes; i++)
    crc = crc >> 8 ^ table[(crc ^ bytes[i]) & 0xff];
  return crc;
}

#if defined(__x86_64__)
#define HAVE_FAST 1

__attribute__ ((target ("sse4.2"))) static guint32
update_fast (guint32 crc, const guint8 *bytes, gsize n_bytes)
{
  guint64 wide = crc;

  for (; n_bytes >= 8; bytes += 8, n_bytes -= 8)
    {
      guint64 word;

      memcpy (&word, bytes, sizeof word);
      wide = _mm_crc32_u64 (wide, word);
    }
  crc = (guint32) wide;
  for (; n_bytes > 0; bytes++, n_bytes--)
    crc = _mm_crc32_u8 (crc, *bytes);
  return crc;
}

static gboolean
has_fast (void)
{
  return __builtin_cpu_supports ("sse4.2") != 0;
}

#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
#define HAVE_FAST 1

static guint32
update_fast (guint32 crc, const guint8 *bytes, gsize n_bytes)
{
  for (; n_bytes >= 8; bytes += 8, n_bytes -= 8)
    {
      guint64 word;

      memcpy (&word, bytes, sizeof word);
      crc = __crc32cd (crc, word);
    }
  for (; n_bytes > 0; bytes++, n_bytes--)
    crc = __crc32cb (crc, *bytes);
  return crc;
}

static gboolean
has_fast (void)
{
  return TRUE;
}
#endif

/**
 * pst_crc32c_update:
 * @crc: %PST_CRC32C_START, or what an earlier part gave
 * @bytes: (array length=n_bytes): the next part
 * @n_bytes: how many
 *
 * Goes on with the checksum of SCTP packets (RFC 9260, appendix A), with the
 * processor's instruction for it where there is one. May be called in any thread.
 *
 * Returns: the new state; its complement is the checksum
 */
guint32
pst_crc32c_update (guint32 crc, const guint8 *bytes, gsize n_bytes)
{
#ifdef HAVE_FAST
  if (has_fast ())
    return update_fast (crc, bytes, n_bytes);
#endif
  return pst_crc32c_update_plain (crc, bytes, n_bytes);
}
