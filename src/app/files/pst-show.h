/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Shows what was received to the person: in the file manager, or opened. */

void pst_show_in_folder_async (GtkWindow *parent,
                               const char *const *paths,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
void pst_show_open_async (GtkWindow *parent,
                          const char *path,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
gboolean pst_show_finish (GAsyncResult *result, GError **error);

G_END_DECLS
