/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Lays children out side by side, and on as many lines as they need. Those that
 * expand share what is left of their line. */
#define PST_TYPE_WRAP_LAYOUT (pst_wrap_layout_get_type ())
G_DECLARE_FINAL_TYPE (PstWrapLayout, pst_wrap_layout, PST, WRAP_LAYOUT, GtkLayoutManager)

GtkLayoutManager *pst_wrap_layout_new (int spacing, int line_spacing);

G_END_DECLS
