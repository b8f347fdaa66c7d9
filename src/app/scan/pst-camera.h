/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-frame-source.h"

G_BEGIN_DECLS

/* A camera of this machine: in a sandbox the one the portal hands out, outside
 * the first one GStreamer finds. Fails with:
 * - G_IO_ERROR_NOT_FOUND: no camera, or nobody to ask for one
 * - G_IO_ERROR_PERMISSION_DENIED: the person or the system said no
 * - G_IO_ERROR_BUSY: another program uses it
 * - G_IO_ERROR_FAILED: it stopped, was unplugged, or shows nothing */
#define PST_TYPE_CAMERA (pst_camera_get_type ())
G_DECLARE_FINAL_TYPE (PstCamera, pst_camera, PST, CAMERA, GObject)

PstFrameSource *pst_camera_new (void);
PstFrameSource *pst_camera_new_for_portal (void);
PstFrameSource *pst_camera_new_for_pipeline (const char *description);

G_END_DECLS
