/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/* Finds the element whose pictures are those of a camera; asks the person where
 * the system wants that. */

void pst_camera_find_device_async (GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
void pst_camera_find_portal_async (GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
GstElement *pst_camera_find_finish (GAsyncResult *result, GError **error);

G_END_DECLS
