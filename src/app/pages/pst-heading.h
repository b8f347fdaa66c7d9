/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

gboolean pst_heading_grab_focus (GtkWidget *heading);

G_END_DECLS
