/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets and chunks of SCTP as they stand on the wire. */
#include <string.h>

#include "pst-sctp-wire.h"

static const PstSctpPacketHeader header = {
  .source_port = 5001,
  .destination_port = 5002,
  .tag = 0xfedcba98,
  .has_checksum = TRUE,
};

static const guint8 value[] = { 1, 2, 3, 4, 5 };

/* Three chunks: one that needs padding, an empty one, a parameter within one. */
static gsize
make_packet (guint8 *packet, gboolean has_checksum)
{
  PstSctpPacketHeader own = header;
  gsize n = PST_SCTP_PACKET_HEADER_BYTES;
  gsize param;

  n += pst_sctp_put_chunk (packet + n, PST_SCTP_ERROR, 7, value, sizeof value);
  n += pst_sctp_put_chunk (packet + n, PST_SCTP_COOKIE_ACK, 0, NULL, 0);
  param = pst_sctp_put_param (packet + n + 4, PST_SCTP_PARAM_HEARTBEAT, value, 4);
  n += pst_sctp_put_chunk (packet + n, PST_SCTP_HEARTBEAT, 0, NULL, param);
  own.has_checksum = has_checksum;
  pst_sctp_packet_write (packet, n, &own);
  return n;
}

static void
assert_chunks (PstSctpIter iter)
{
  PstSctpItem item;
  PstSctpIter params;

  g_assert_true (pst_sctp_iter_next_chunk (&iter, &item));
  g_assert_cmpuint (item.type, ==, PST_SCTP_ERROR);
  g_assert_cmpuint (item.flags, ==, 7);
  g_assert_cmpmem (item.value, item.n_bytes, value, sizeof value);
  g_assert_true (pst_sctp_iter_next_chunk (&iter, &item));
  g_assert_cmpuint (item.type, ==, PST_SCTP_COOKIE_ACK);
  g_assert_cmpuint (item.n_bytes, ==, 0);
  g_assert_true (pst_sctp_iter_next_chunk (&iter, &item));
  g_assert_cmpuint (item.type, ==, PST_SCTP_HEARTBEAT);
  params = (PstSctpIter){ item.value, item.n_bytes };
  g_assert_true (pst_sctp_iter_next_param (&params, &item));
  g_assert_cmpuint (item.type, ==, PST_SCTP_PARAM_HEARTBEAT);
  g_assert_cmpmem (item.value, item.n_bytes, value, 4);
  g_assert_false (pst_sctp_iter_next_param (&params, &item));
  g_assert_false (pst_sctp_iter_next_chunk (&iter, &item));
}

static void
test_round_trip (void)
{
  guint8 packet[128];

  for (guint with = 0; with < 2; with++)
    {
      gsize n = make_packet (packet, with);
      PstSctpPacketHeader read;
      PstSctpIter iter;

      g_assert_true (pst_sctp_packet_read (packet, n, TRUE, &read, &iter));
      g_assert_cmpuint (read.source_port, ==, header.source_port);
      g_assert_cmpuint (read.destination_port, ==, header.destination_port);
      g_assert_cmphex (read.tag, ==, header.tag);
      g_assert_cmpint (read.has_checksum, ==, with);
      assert_chunks (iter);
    }
}

/* A COOKIE ACK whose checksum was worked out apart from this code: writing and
 * reading cannot be wrong in the same way. */
static void
test_known_packet (void)
{
  static const guint8 known[] = { 0x13, 0x88, 0x13, 0x88, 0x01, 0x02, 0x03, 0x04,
                                  0xee, 0x5a, 0x51, 0xa5, 0x0b, 0x00, 0x00, 0x04 };
  guint8 packet[sizeof known];
  PstSctpPacketHeader read = { 5000, 5000, 0x01020304, TRUE };

  pst_sctp_put_chunk (packet + PST_SCTP_PACKET_HEADER_BYTES, PST_SCTP_COOKIE_ACK, 0, NULL, 0);
  pst_sctp_packet_write (packet, sizeof packet, &read);
  g_assert_cmpmem (packet, sizeof packet, known, sizeof known);
}

static void
test_checksum (void)
{
  guint8 packet[128];
  gsize n = make_packet (packet, TRUE);
  PstSctpPacketHeader read;
  PstSctpIter iter;

  for (gsize bit = 0; bit < n * 8; bit++)
    {
      packet[bit / 8] ^= (guint8) (1 << bit % 8);
      g_assert_false (pst_sctp_packet_read (packet, n, TRUE, &read, &iter));
      packet[bit / 8] ^= (guint8) (1 << bit % 8);
    }
  g_assert_true (pst_sctp_packet_read (packet, n, FALSE, &read, &iter));

  n = make_packet (packet, FALSE);
  g_assert_cmphex (pst_sctp_get32 (packet + 8), ==, 0);
  g_assert_false (pst_sctp_packet_read (packet, n, FALSE, &read, &iter));
  g_assert_true (pst_sctp_packet_read (packet, n, TRUE, &read, &iter));
}

static guint
count_all (const guint8 *packet, gsize n_bytes)
{
  PstSctpPacketHeader read;
  PstSctpIter iter;
  PstSctpItem chunk;
  guint n = 0;

  if (!pst_sctp_packet_read (packet, n_bytes, TRUE, &read, &iter))
    return 0;
  for (; pst_sctp_iter_next_chunk (&iter, &chunk); n++)
    {
      PstSctpIter params = { chunk.value, chunk.n_bytes };
      PstSctpItem param;

      g_assert_true (chunk.n_bytes == 0
                     || (chunk.value >= packet && chunk.value + chunk.n_bytes <= packet + n_bytes));
      while (pst_sctp_iter_next_param (&params, &param))
        g_assert_true (param.value + param.n_bytes <= chunk.value + chunk.n_bytes);
    }
  return n;
}

/* Only whole chunks are seen, whose padding may be missing at the end. */
static void
test_truncated (void)
{
  guint8 packet[128];
  gsize n = make_packet (packet, FALSE);

  for (gsize cut = 0; cut <= n; cut++)
    {
      g_autofree guint8 *exact = g_memdup2 (packet, cut);
      guint expected = (cut >= 21) + (cut >= 28) + (cut >= n);

      g_assert_cmpuint (count_all (exact, cut), ==, expected);
    }
}

/* Each length that a chunk can claim. */
static void
test_lengths (void)
{
  guint8 packet[128];
  gsize n = make_packet (packet, FALSE);
  gsize room = n - PST_SCTP_PACKET_HEADER_BYTES;

  for (guint length = 0; length <= G_MAXUINT16; length++)
    {
      PstSctpPacketHeader read;
      PstSctpIter iter;
      PstSctpItem chunk;
      gboolean valid = length >= 4 && length <= room;

      pst_sctp_put16 (packet + PST_SCTP_PACKET_HEADER_BYTES + 2, (guint16) length);
      g_assert_true (pst_sctp_packet_read (packet, n, TRUE, &read, &iter));
      g_assert_cmpint (pst_sctp_iter_next_chunk (&iter, &chunk), ==, valid);
      if (valid)
        g_assert_cmpuint (iter.n_bytes, ==, room - MIN (pst_sctp_pad4 (length), room));
      else
        g_assert_false (pst_sctp_iter_next_chunk (&iter, &chunk));
      if (length < 2 * n)
        count_all (packet, n);
    }
}

static void
test_padding (void)
{
  for (gsize n_bytes = 0; n_bytes <= 9; n_bytes++)
    {
      guint8 out[32];
      gsize whole = 4 + (n_bytes + 3) / 4 * 4;
      guint8 bytes[9];

      memset (out, 0xaa, sizeof out);
      memset (bytes, 0x55, sizeof bytes);
      g_assert_cmpuint (pst_sctp_put_chunk (out, 1, 2, bytes, n_bytes), ==, whole);
      g_assert_cmpuint (pst_sctp_get16 (out + 2), ==, 4 + n_bytes);
      for (gsize i = 4; i < sizeof out; i++)
        g_assert_cmphex (out[i], ==, i < 4 + n_bytes ? 0x55 : i < whole ? 0 : 0xaa);
    }
}

static void
test_serials (void)
{
  g_assert_cmpint (pst_sctp_serial_diff (1, 0xffffffff), ==, 2);
  g_assert_cmpint (pst_sctp_serial_diff (0xffffffff, 1), ==, -2);
  g_assert_cmpint (pst_sctp_serial_diff (5, 5), ==, 0);
  g_assert_cmpint (pst_sctp_serial_diff (0x80000000, 1), >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sctp-wire/round-trip", test_round_trip);
  g_test_add_func ("/sctp-wire/known-packet", test_known_packet);
  g_test_add_func ("/sctp-wire/checksum", test_checksum);
  g_test_add_func ("/sctp-wire/truncated", test_truncated);
  g_test_add_func ("/threats/18-lengths/sctp-chunk", test_lengths);
  g_test_add_func ("/sctp-wire/padding", test_padding);
  g_test_add_func ("/sctp-wire/serials", test_serials);
  return g_test_run ();
}
