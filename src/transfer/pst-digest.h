/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* BLAKE2b-256 (RFC 7693), by which files are compared. */
#define PST_DIGEST_BYTES 32
#define PST_DIGEST_CHARS (2 * PST_DIGEST_BYTES)

gboolean pst_digest_parse (const char *hex, guint8 digest[PST_DIGEST_BYTES]);
const char *pst_digest_print (const guint8 digest[PST_DIGEST_BYTES],
                              char hex[PST_DIGEST_CHARS + 1]);

G_END_DECLS
