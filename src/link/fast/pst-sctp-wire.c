/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How SCTP's packets and chunks stand on the wire (RFC 9260, section 3). */
#include "pst-sctp-wire.h"

#include <string.h>

#include "pst-crc32c.h"

#define CHECKSUM_OFFSET 8

static guint32
compute_checksum (const guint8 *packet, gsize n_bytes)
{
  static const guint8 zero[4];
  guint32 crc = pst_crc32c_update (PST_CRC32C_START, packet, CHECKSUM_OFFSET);

  crc = pst_crc32c_update (crc, zero, sizeof zero);
  return ~pst_crc32c_update (crc, packet + PST_SCTP_PACKET_HEADER_BYTES,
                             n_bytes - PST_SCTP_PACKET_HEADER_BYTES);
}

/* The checksum alone goes over the wire with its lowest byte first. */
static guint32
get_checksum (const guint8 *packet)
{
  return GUINT32_SWAP_LE_BE (pst_sctp_get32 (packet + CHECKSUM_OFFSET));
}

/**
 * pst_sctp_packet_read:
 * @packet: (array length=n_bytes): what came
 * @n_bytes: how many
 * @zero_checksum_allowed: whether the other side may leave the checksum out
 *   (RFC 9653)
 * @header: (out): what stands in front of the chunks
 * @chunks: (out): the chunks
 *
 * Returns: %TRUE if this is a packet and its checksum is right
 */
gboolean
pst_sctp_packet_read (const guint8 *packet,
                      gsize n_bytes,
                      gboolean zero_checksum_allowed,
                      PstSctpPacketHeader *header,
                      PstSctpIter *chunks)
{
  guint32 checksum;

  if (n_bytes < PST_SCTP_PACKET_HEADER_BYTES + PST_SCTP_CHUNK_HEADER_BYTES)
    return FALSE;

  header->source_port = pst_sctp_get16 (packet);
  header->destination_port = pst_sctp_get16 (packet + 2);
  header->tag = pst_sctp_get32 (packet + 4);
  checksum = get_checksum (packet);
  header->has_checksum = checksum != 0;
  chunks->bytes = packet + PST_SCTP_PACKET_HEADER_BYTES;
  chunks->n_bytes = n_bytes - PST_SCTP_PACKET_HEADER_BYTES;
  return (!header->has_checksum && zero_checksum_allowed)
         || checksum == compute_checksum (packet, n_bytes);
}

/**
 * pst_sctp_packet_write:
 * @packet: (array length=n_bytes): a packet with its chunks; the header is
 *   filled in
 * @n_bytes: how many, header and chunks
 * @header: what to write; without a checksum, it is left zero
 */
void
pst_sctp_packet_write (guint8 *packet, gsize n_bytes, const PstSctpPacketHeader *header)
{
  guint32 checksum = 0;

  pst_sctp_put16 (packet, header->source_port);
  pst_sctp_put16 (packet + 2, header->destination_port);
  pst_sctp_put32 (packet + 4, header->tag);
  if (header->has_checksum)
    checksum = compute_checksum (packet, n_bytes);
  pst_sctp_put32 (packet + CHECKSUM_OFFSET, GUINT32_SWAP_LE_BE (checksum));
}

/* Chunks and parameters alike: a length that counts the header, and padding to
 * four bytes that it does not count, which may be missing at the very end. */
static gboolean
iter_next (PstSctpIter *iter, PstSctpItem *item)
{
  gsize length;

  if (iter->n_bytes < PST_SCTP_CHUNK_HEADER_BYTES)
    return FALSE;

  length = pst_sctp_get16 (iter->bytes + 2);
  if (length < PST_SCTP_CHUNK_HEADER_BYTES || length > iter->n_bytes)
    {
      iter->n_bytes = 0;
      return FALSE;
    }

  item->value = iter->bytes + PST_SCTP_CHUNK_HEADER_BYTES;
  item->n_bytes = length - PST_SCTP_CHUNK_HEADER_BYTES;
  length = MIN (pst_sctp_pad4 (length), iter->n_bytes);
  iter->bytes += length;
  iter->n_bytes -= length;
  return TRUE;
}

/**
 * pst_sctp_iter_next_chunk:
 * @iter: what is left of a packet behind its header
 * @chunk: (out): the next chunk; it points into the packet
 *
 * Returns: %FALSE at the end, or when what is left is no chunk
 */
gboolean
pst_sctp_iter_next_chunk (PstSctpIter *iter, PstSctpItem *chunk)
{
  const guint8 *bytes = iter->bytes;

  if (!iter_next (iter, chunk))
    return FALSE;
  chunk->type = bytes[0];
  chunk->flags = bytes[1];
  return TRUE;
}

/**
 * pst_sctp_iter_next_param:
 * @iter: what is left of a chunk's parameters
 * @param: (out): the next one; it points into the packet
 *
 * Returns: %FALSE at the end, or when what is left is no parameter
 */
gboolean
pst_sctp_iter_next_param (PstSctpIter *iter, PstSctpItem *param)
{
  const guint8 *bytes = iter->bytes;

  if (!iter_next (iter, param))
    return FALSE;
  param->type = pst_sctp_get16 (bytes);
  param->flags = 0;
  return TRUE;
}

static gsize
put_rest (guint8 *out, const guint8 *value, gsize n_bytes)
{
  gsize length = PST_SCTP_CHUNK_HEADER_BYTES + n_bytes;

  pst_sctp_put16 (out + 2, (guint16) length);
  if (value != NULL && n_bytes > 0)
    memcpy (out + PST_SCTP_CHUNK_HEADER_BYTES, value, n_bytes);
  memset (out + length, 0, pst_sctp_pad4 (length) - length);
  return pst_sctp_pad4 (length);
}

/**
 * pst_sctp_put_chunk:
 * @out: room for the header, the value and up to three bytes of padding
 * @type: a #PstSctpChunkType
 * @flags: its flags
 * @value: (nullable): what follows; %NULL when it stands there already
 * @n_bytes: of @value
 *
 * Returns: how many bytes it takes, with padding
 */
gsize
pst_sctp_put_chunk (guint8 *out, guint8 type, guint8 flags, const guint8 *value, gsize n_bytes)
{
  out[0] = type;
  out[1] = flags;
  return put_rest (out, value, n_bytes);
}

/**
 * pst_sctp_put_param:
 * @out: room for the header, the value and up to three bytes of padding
 * @type: which one
 * @value: (nullable): what follows; %NULL when it stands there already
 * @n_bytes: of @value
 *
 * Returns: how many bytes it takes, with padding
 */
gsize
pst_sctp_put_param (guint8 *out, guint16 type, const guint8 *value, gsize n_bytes)
{
  pst_sctp_put16 (out, type);
  return put_rest (out, value, n_bytes);
}
