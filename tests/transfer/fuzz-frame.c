/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Input: a frame as it comes from a stranger, then the same bytes as a payload
 * that was well sealed. */
#include "pst-hkdf.h"
#include "pst-parcel.h"
#include "pst-seal-private.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

static void
try_payload (GBytes *payload)
{
  PstFrameDataHeader header;
  guint8 wire[PST_FRAME_DATA_HEADER_BYTES];
  g_autoptr (GBytes) bytes = NULL;

  if (!pst_frame_read_data (payload, &header, &bytes, NULL))
    return;

  pst_frame_write_data_header (&header, wire);
  g_assert_cmpmem (wire, sizeof wire, g_bytes_get_data (payload, NULL), sizeof wire);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==,
                    g_bytes_get_size (payload) - PST_FRAME_DATA_HEADER_BYTES);
  g_assert_cmpuint (header.offset + g_bytes_get_size (bytes), >, header.offset);
}

/* What can be read is written the same. */
static void
try_parcel (GBytes *payload)
{
  const guint8 *data = g_bytes_get_data (payload, NULL);
  g_autoptr (GByteArray) again = NULL;
  guint32 transfer;
  g_autoptr (GArray) files = pst_parcel_read (payload, &transfer, NULL);

  if (files == NULL)
    return;

  again = pst_parcel_new (transfer);
  for (guint i = 0; i < files->len; i++)
    {
      const PstParcelFile *file = &g_array_index (files, PstParcelFile, i);

      pst_parcel_add (again, file->entry, file->digest, data + file->offset, file->n_bytes);
    }
  g_assert_cmpmem (again->data, again->len, data, g_bytes_get_size (payload));
}

/* As new, but a key's guarded memory, which takes six system calls, is made once. */
static PstSeal *
renew_seal (PstSeal **seal)
{
  static const guint8 key_bytes[PST_KEY_BYTES] = { 1 };
  g_autoptr (GBytes) key = g_bytes_new_static (key_bytes, sizeof key_bytes);

  if (*seal == NULL)
    *seal = pst_seal_new (key, 1);
  pst_seal_set_counter (*seal, 0);
  return *seal;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  static PstSeal *seals[2];
  PstSeal *sender = renew_seal (&seals[0]), *receiver = renew_seal (&seals[1]);
  g_autoptr (GBytes) frame = g_bytes_new_static (data, size);
  g_autoptr (GBytes) forged = NULL;
  PstFrameHeader header;
  PstFrameKind kind;

  if (pst_frame_read_header (data, size, &header, NULL))
    {
      guint8 wire[PST_FRAME_HEADER_BYTES];

      pst_frame_write_header (&header, wire);
      g_assert_cmpmem (wire, sizeof wire, data, sizeof wire);
    }

  forged = pst_seal_open (receiver, frame, &kind, NULL);
  g_assert_null (forged);

  if (size > 0 && size <= PST_FRAME_MAX_PAYLOAD_BYTES)
    {
      gsize head_bytes = data[0] % (size + 1);
      g_autoptr (GBytes) sealed = pst_seal_close (sender, PST_FRAME_DATA, data, head_bytes,
                                                  data + head_bytes, size - head_bytes);
      g_autoptr (GBytes) payload = pst_seal_open (receiver, sealed, &kind, NULL);

      g_assert_cmpmem (g_bytes_get_data (payload, NULL), g_bytes_get_size (payload), data, size);
      try_payload (payload);
      try_parcel (payload);
    }

  return 0;
}
