/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

guint pst_name_hash (gconstpointer name);
guint pst_name_hash_bytes (const guint8 *bytes, gsize n_bytes);

G_END_DECLS
