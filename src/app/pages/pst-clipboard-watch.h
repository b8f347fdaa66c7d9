/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Looks at the clipboard each time a person comes to a widget: when it comes onto
 * the screen, and when its window becomes the active one.
 *
 * Signals:
 * - `read (const char *text)`: what is on it; %NULL when that is no text that could
 *   be a code or a link */
#define PST_TYPE_CLIPBOARD_WATCH (pst_clipboard_watch_get_type ())
G_DECLARE_FINAL_TYPE (PstClipboardWatch, pst_clipboard_watch, PST, CLIPBOARD_WATCH, GObject)

PstClipboardWatch *pst_clipboard_watch_new (GtkWidget *widget);

G_END_DECLS
