/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Names of which g_str_hash() makes the same number, 2¹⁴ of them, and how often
 * g_str_equal() was called, by a table for instance. */
#define COLLIDE_MAX_NAMES (1u << 14)

char *collide_make_name (guint n);
guint collide_count_compared (void);

G_END_DECLS
