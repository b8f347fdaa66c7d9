/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

void pst_narrow_buttons (GtkWidget *widget);
void pst_narrow_words (GtkWidget *widget);

G_END_DECLS
