/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "pst-digest.h"
#include "pst-frame.h"

G_BEGIN_DECLS

#define PST_PARCEL_HEADER_BYTES 4
#define PST_PARCEL_RECORD_BYTES (4 + 4 + PST_DIGEST_BYTES)

/**
 * PstParcelFile:
 * @entry: the file's number in the manifest
 * @digest: its BLAKE2b-256
 * @offset: where in the payload its bytes begin
 * @n_bytes: how many they are
 *
 * A whole file in a parcel. Wire layout, big-endian: transfer u32, then for each file
 * entry u32, length u32, digest, bytes.
 */
typedef struct
{
  guint32 entry;
  guint8 digest[PST_DIGEST_BYTES];
  gsize offset;
  gsize n_bytes;
} PstParcelFile;

GByteArray *pst_parcel_new (guint32 transfer);
void pst_parcel_add (GByteArray *parcel,
                     guint32 entry,
                     const guint8 digest[PST_DIGEST_BYTES],
                     const guint8 *bytes,
                     gsize n_bytes);
GArray *pst_parcel_read (GBytes *payload, guint32 *transfer, GError **error);

G_END_DECLS
