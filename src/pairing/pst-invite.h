/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Code and, for a LAN server, its address ↔ `wormhole-transfer:` URI and QR code. */

/* Ten times what Penstock's own links take; a QR code holds not much more. */
#define PST_INVITE_MAX_BYTES 2048

/* ISO/IEC 18004, section 6.3.8: the light border a reader may count on. */
#define PST_INVITE_QR_QUIET_MODULES 4

char *pst_invite_to_uri (const char *code, const char *rendezvous_url);
gboolean pst_invite_parse (const char *text, char **code, char **rendezvous_url, GError **error);
char *pst_invite_to_terminal_qr (const char *uri, GError **error);
GBytes *pst_invite_to_qr_modules (const char *uri, guint *width, GError **error);

G_END_DECLS
