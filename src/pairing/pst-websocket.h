/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* WebSockets with every read capped: by libsoup for a frame, by a PstAllowance for
 * what comes before the first and between two whole messages. */
void pst_websocket_connect_async (GUri *uri,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
SoupWebsocketConnection *pst_websocket_connect_finish (GAsyncResult *result, GError **error);
void pst_websocket_accept_async (GSocketConnection *connection,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
SoupWebsocketConnection *pst_websocket_accept_finish (GAsyncResult *result, GError **error);
void pst_websocket_renew (SoupWebsocketConnection *websocket);
guint64 pst_websocket_get_left_bytes (SoupWebsocketConnection *websocket);

G_END_DECLS
