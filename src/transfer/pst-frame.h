/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PST_FRAME_VERSION           1
#define PST_FRAME_HEADER_BYTES      12
#define PST_FRAME_TAG_BYTES         16
#define PST_FRAME_MAX_BYTES         65536
#define PST_FRAME_MAX_PAYLOAD_BYTES                                                               \
  (PST_FRAME_MAX_BYTES - PST_FRAME_HEADER_BYTES - PST_FRAME_TAG_BYTES)
#define PST_FRAME_DATA_HEADER_BYTES 16
#define PST_FRAME_MAX_DATA_BYTES    (PST_FRAME_MAX_PAYLOAD_BYTES - PST_FRAME_DATA_HEADER_BYTES)

typedef enum
{
  PST_FRAME_DATA = 1,
  PST_FRAME_CONTROL = 2,
  PST_FRAME_PARCEL = 3
} PstFrameKind;

/* Wire layout, big-endian: version u8, kind u8, link u16, counter u64. */
typedef struct
{
  PstFrameKind kind;
  guint16 link;
  guint64 counter;
} PstFrameHeader;

/* Wire layout of a data payload, big-endian: transfer u32, entry u32, offset
 * u64, then the bytes (at least one). */
typedef struct
{
  guint32 transfer;
  guint32 entry;
  guint64 offset;
} PstFrameDataHeader;

void pst_frame_write_header (const PstFrameHeader *header, guint8 out[PST_FRAME_HEADER_BYTES]);
gboolean pst_frame_read_header (const guint8 *frame,
                                gsize length,
                                PstFrameHeader *header,
                                GError **error);
void pst_frame_write_data_header (const PstFrameDataHeader *header,
                                  guint8 out[PST_FRAME_DATA_HEADER_BYTES]);
gboolean pst_frame_read_data (GBytes *payload,
                              PstFrameDataHeader *header,
                              GBytes **bytes,
                              GError **error);

G_END_DECLS
