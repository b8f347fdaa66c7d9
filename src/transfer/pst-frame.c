/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-frame.h"

#include "pst-error.h"

static guint8 *
put (guint8 *out, guint64 value, gsize n_bytes)
{
  for (gsize i = 0; i < n_bytes; i++)
    out[i] = value >> (8 * (n_bytes - 1 - i));

  return out + n_bytes;
}

static guint64
take (const guint8 **in, gsize n_bytes)
{
  guint64 value = 0;

  while (n_bytes-- > 0)
    value = value << 8 | *(*in)++;

  return value;
}

static gboolean
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL, message);
  return FALSE;
}

/**
 * pst_frame_write_header:
 * @header: what to write
 * @out: (out caller-allocates): where it goes, %PST_FRAME_HEADER_BYTES bytes
 *
 * Writes the start of a frame, which stands open on the wire but is covered by
 * the frame's tag (docs/protocol.md, “Frames”).
 */
void
pst_frame_write_header (const PstFrameHeader *header, guint8 out[PST_FRAME_HEADER_BYTES])
{
  out = put (out, PST_FRAME_VERSION, 1);
  out = put (out, header->kind, 1);
  out = put (out, header->link, 2);
  put (out, header->counter, 8);
}

/**
 * pst_frame_read_header:
 * @frame: (array length=length): a whole frame from a stranger
 * @length: its length in bytes
 * @header: (out caller-allocates): what its header says; unspecified on failure
 * @error: return location for a %PST_ERROR_PROTOCOL
 *
 * Checks a frame's length (a header, at least one byte of payload and a tag, at
 * most %PST_FRAME_MAX_BYTES in all), version and kind, and reads the header.
 * Nothing in it is trustworthy before pst_seal_open() has checked the tag.
 *
 * Returns: %TRUE if the header is acceptable
 */
gboolean
pst_frame_read_header (const guint8 *frame, gsize length, PstFrameHeader *header, GError **error)
{
  guint64 version;

  if (length < PST_FRAME_HEADER_BYTES + 1 + PST_FRAME_TAG_BYTES)
    return refuse (error, "A frame from the other side is too short.");
  if (length > PST_FRAME_MAX_BYTES)
    return refuse (error, "A frame from the other side is too long.");

  version = take (&frame, 1);
  header->kind = take (&frame, 1);
  header->link = take (&frame, 2);
  header->counter = take (&frame, 8);

  if (version != PST_FRAME_VERSION)
    return refuse (error, "The other side sends frames of another version of Penstock.");
  if (header->kind != PST_FRAME_DATA && header->kind != PST_FRAME_CONTROL
      && header->kind != PST_FRAME_PARCEL)
    return refuse (error, "A frame from the other side is of no known kind.");

  return TRUE;
}

/**
 * pst_frame_write_data_header:
 * @header: what to write
 * @out: (out caller-allocates): where it goes, %PST_FRAME_DATA_HEADER_BYTES bytes
 *
 * Writes the start of a data frame's payload (docs/protocol.md, “Frames”); at
 * least one and at most %PST_FRAME_MAX_DATA_BYTES bytes of the entry follow it.
 */
void
pst_frame_write_data_header (const PstFrameDataHeader *header,
                             guint8 out[PST_FRAME_DATA_HEADER_BYTES])
{
  out = put (out, header->transfer, 4);
  out = put (out, header->entry, 4);
  put (out, header->offset, 8);
}

/**
 * pst_frame_read_data:
 * @payload: the payload of a data frame, from pst_seal_open()
 * @header: (out caller-allocates): where its bytes belong; unspecified on failure
 * @bytes: (out) (transfer full): its bytes, at least one; they share the memory
 *   of @payload. Left alone on failure
 * @error: return location for a %PST_ERROR_PROTOCOL
 *
 * Takes a data frame's payload apart. The end of the bytes, offset + length, is
 * sure not to overflow; whether transfer and entry exist and the bytes fit into
 * the entry, the caller checks.
 *
 * Returns: %TRUE if the payload is acceptable
 */
gboolean
pst_frame_read_data (GBytes *payload, PstFrameDataHeader *header, GBytes **bytes, GError **error)
{
  gsize length;
  const guint8 *in = g_bytes_get_data (payload, &length);

  if (length <= PST_FRAME_DATA_HEADER_BYTES)
    return refuse (error, "A data frame from the other side holds no data.");

  header->transfer = take (&in, 4);
  header->entry = take (&in, 4);
  header->offset = take (&in, 8);

  length -= PST_FRAME_DATA_HEADER_BYTES;
  if (header->offset > G_MAXUINT64 - length)
    return refuse (error, "A data frame from the other side lies beyond any file’s end.");

  *bytes = g_bytes_new_from_bytes (payload, PST_FRAME_DATA_HEADER_BYTES, length);
  return TRUE;
}
