/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The system's file dialogues, through the portal in a sandbox. A person who
 * closes one without choosing is G_IO_ERROR_CANCELLED, nothing to talk about. */

void pst_choose_files_async (GtkWindow *parent, GAsyncReadyCallback callback, gpointer user_data);
void pst_choose_folders_async (GtkWindow *parent, GAsyncReadyCallback callback, gpointer user_data);
void pst_choose_image_async (GtkWindow *parent, GAsyncReadyCallback callback, gpointer user_data);
void pst_choose_destination_async (GtkWindow *parent,
                                   const char *current,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
GListModel *pst_choose_finish (GAsyncResult *result, GError **error); /* of GFile */

G_END_DECLS
