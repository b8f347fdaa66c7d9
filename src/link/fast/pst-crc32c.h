/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

guint32 pst_crc32c_update (guint32 crc, const guint8 *bytes, gsize n_bytes);

/* For tests: the way without the processor's help. */
guint32 pst_crc32c_update_plain (guint32 crc, const guint8 *bytes, gsize n_bytes);

/* Of a whole packet: start with this, complement the end. */
#define PST_CRC32C_START 0xffffffffu

G_END_DECLS
