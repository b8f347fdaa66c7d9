/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Text on the clipboard that is short enough to be a code or a link. */

void pst_clipboard_text_async (GdkClipboard *clipboard,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
char *pst_clipboard_text_finish (GAsyncResult *result, GError **error);

G_END_DECLS
