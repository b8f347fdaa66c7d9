/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Where received things go. */

char *pst_destination_dup_default (void);
gboolean pst_destination_check (const char *path, GError **error);
gboolean pst_destination_get_free_bytes (const char *path, guint64 *free_bytes);
char *pst_destination_dup_display (const char *path);
gboolean pst_destination_is_sandboxed (void);

G_END_DECLS
