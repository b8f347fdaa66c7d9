/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several whole files in one frame: what each frame costs beside its bytes, small files
 * share. */
#include "pst-parcel.h"

#include <string.h>

#include "pst-error.h"

static void
put (GByteArray *parcel, guint32 value)
{
  value = GUINT32_TO_BE (value);
  g_byte_array_append (parcel, (const guint8 *) &value, sizeof value);
}

static guint32
take (const guint8 *in)
{
  guint32 value;

  memcpy (&value, in, sizeof value);
  return GUINT32_FROM_BE (value);
}

/**
 * pst_parcel_new:
 * @transfer: the transfer's number
 *
 * Returns: (transfer full): a parcel without files, which is not to be sent
 */
GByteArray *
pst_parcel_new (guint32 transfer)
{
  GByteArray *parcel = g_byte_array_sized_new (PST_FRAME_MAX_PAYLOAD_BYTES);

  put (parcel, transfer);
  return parcel;
}

/**
 * pst_parcel_add:
 * @parcel: a parcel; with the file and its %PST_PARCEL_RECORD_BYTES it must stay within
 *   %PST_FRAME_MAX_PAYLOAD_BYTES
 * @entry: the file's number in the manifest
 * @digest: its BLAKE2b-256
 * @bytes: (array length=n_bytes) (nullable): the whole file
 * @n_bytes: its size; may be 0
 *
 * Adds a file (docs/protocol.md, “Frames”).
 */
void
pst_parcel_add (GByteArray *parcel,
                guint32 entry,
                const guint8 digest[PST_DIGEST_BYTES],
                const guint8 *bytes,
                gsize n_bytes)
{
  g_return_if_fail (n_bytes <= PST_FRAME_MAX_PAYLOAD_BYTES);
  g_return_if_fail (parcel->len + PST_PARCEL_RECORD_BYTES + n_bytes <= PST_FRAME_MAX_PAYLOAD_BYTES);

  put (parcel, entry);
  put (parcel, n_bytes);
  g_byte_array_append (parcel, digest, PST_DIGEST_BYTES);
  if (n_bytes > 0)
    g_byte_array_append (parcel, bytes, n_bytes);
}

static gboolean
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL, message);
  return FALSE;
}

/* Takes one file from @data, behind the @done bytes of those before it. */
static gboolean
read_file (const guint8 *data, gsize length, gsize done, PstParcelFile *file, GError **error)
{
  if (length - done < PST_PARCEL_RECORD_BYTES)
    return refuse (error, "A parcel from the other side ends too early.");

  file->entry = take (data + done);
  file->n_bytes = take (data + done + 4);
  memcpy (file->digest, data + done + 8, PST_DIGEST_BYTES);
  file->offset = done + PST_PARCEL_RECORD_BYTES;
  return file->n_bytes <= length - file->offset
         || refuse (error, "A file in a parcel from the other side is cut off.");
}

/**
 * pst_parcel_read:
 * @payload: the payload of a parcel, from pst_seal_open()
 * @transfer: (out): the transfer's number
 * @error: return location for a %PST_ERROR_PROTOCOL
 *
 * Takes a parcel apart, as a whole or not at all. Whether transfer and entries exist
 * and are as long, the caller checks.
 *
 * Returns: (transfer full) (element-type PstParcelFile) (nullable): its files, at least
 *   one
 */
GArray *
pst_parcel_read (GBytes *payload, guint32 *transfer, GError **error)
{
  gsize length, done = PST_PARCEL_HEADER_BYTES;
  const guint8 *data = g_bytes_get_data (payload, &length);
  g_autoptr (GArray) files = NULL;

  if (length <= PST_PARCEL_HEADER_BYTES)
    {
      refuse (error, "A parcel from the other side holds no files.");
      return NULL;
    }

  files = g_array_new (FALSE, FALSE, sizeof (PstParcelFile));
  while (done < length)
    {
      PstParcelFile file;

      if (!read_file (data, length, done, &file, error))
        return NULL;
      g_array_append_val (files, file);
      done = file.offset + file.n_bytes;
    }

  *transfer = take (data);
  return g_steal_pointer (&files);
}
