/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Widgets as pictures, drawn by the renderer that draws the window. */

GtkWindow *app_render_window (GtkWidget *child, int width, int height);
GdkTexture *app_render_texture (GtkWidget *widget);
void app_render_settle (GtkWidget *widget);

G_END_DECLS
