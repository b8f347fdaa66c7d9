/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The least a window has to be usable with, at any size of text. */
#define APP_NARROW_WIDTH_PX  360
#define APP_NARROW_HEIGHT_PX 294

const char *const *app_narrow_languages (void);
void app_narrow_speak (const char *language);
void app_narrow_begin (const char *language);
void app_narrow_end (void);
void app_narrow_show_all (GtkWidget *widget);
void app_narrow_check (GtkWindow *window, const char *language, const char *what);

void app_narrow_check_whole (GtkWindow *window, const char *language);

G_END_DECLS
