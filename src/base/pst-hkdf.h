/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PST_KEY_BYTES 32

void pst_hkdf_sha256 (const guint8 *ikm,
                      gsize ikm_bytes,
                      const guint8 *info,
                      gsize info_bytes,
                      guint8 *okm,
                      gsize okm_bytes);

G_END_DECLS
