/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* A QR code: dark on white with its quiet zone in every style, as large as there
 * is room for, whole pixels to a module. */
#define PST_TYPE_QR_VIEW (pst_qr_view_get_type ())
G_DECLARE_FINAL_TYPE (PstQrView, pst_qr_view, PST, QR_VIEW, GtkWidget)

GtkWidget *pst_qr_view_new (void);
void pst_qr_view_set_text (PstQrView *self, const char *text);
guint pst_qr_view_fit (guint n_modules, guint room_px);

G_END_DECLS
