/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The HTTP heads that open a WebSocket (RFC 6455, section 4). Browsers write
 * the longest, about one KiB. */
#define PST_UPGRADE_MAX_HEAD_BYTES (8 * 1024)

/* Where mailbox servers of the ecosystem are found when a URL names no path. */
#define PST_UPGRADE_DEFAULT_PATH "/v1"

GUri *pst_upgrade_parse_url (const char *url, GError **error);
char *pst_upgrade_make_key (void);
char *pst_upgrade_print_request (GUri *uri, const char *key);
gboolean pst_upgrade_check_response (const char *head,
                                     gsize head_bytes,
                                     const char *key,
                                     GError **error);
guint pst_upgrade_check_request (const char *head, gsize head_bytes, char **key);
char *pst_upgrade_print_response (guint status, const char *key);

G_END_DECLS
