/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-frame-source.h"

G_BEGIN_DECLS

/* Pictures of QR codes, as a camera may see them. */

void pst_qr_frame_init (PstFrame *frame, guint width, guint height, guint8 shade);
void pst_qr_frame_draw (
    PstFrame *frame, const char *text, guint module_pixels, guint x, guint y, double degrees);
void pst_qr_frame_invert (PstFrame *frame);
void pst_qr_frame_save (const PstFrame *frame, const char *path);

G_END_DECLS
