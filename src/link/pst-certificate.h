/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PST_FINGERPRINT_BYTES 32

gboolean pst_certificate_hash_pem (const char *pem,
                                   guint8 fingerprint[PST_FINGERPRINT_BYTES],
                                   GError **error);
gboolean pst_certificate_parse_fingerprint (const char *text,
                                            guint8 fingerprint[PST_FINGERPRINT_BYTES],
                                            GError **error);
char *pst_certificate_format_fingerprint (const guint8 fingerprint[PST_FINGERPRINT_BYTES]);

G_END_DECLS
