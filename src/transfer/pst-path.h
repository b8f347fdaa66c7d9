/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Linux: NAME_MAX and PATH_MAX. */
#define PST_PATH_MAX_PART_BYTES 255
#define PST_PATH_MAX_BYTES      4095
#define PST_PATH_MAX_DEPTH      128

/* Our own partial files in a destination begin so; no offer may use it. */
#define PST_PATH_PARTIAL_PREFIX ".penstock-"

gboolean pst_path_check (const char *path, gsize length, GError **error);
gboolean pst_path_check_part (const char *part, gsize length, GError **error);
char *pst_path_resolve_link (const char *link_path, const char *target);
char *pst_path_number (const char *name, guint number);

G_END_DECLS
