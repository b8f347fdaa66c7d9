/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "pst-app-session.h"

G_BEGIN_DECLS

/* One transfer: what, how far, why it waits, and what can be done; opened, its
 * flow gauge. Signals: `retry ()`, `review ()`. */
#define PST_TYPE_TRANSFER_ROW (pst_transfer_row_get_type ())
G_DECLARE_FINAL_TYPE (PstTransferRow, pst_transfer_row, PST, TRANSFER_ROW, GtkListBoxRow)

GtkWidget *pst_transfer_row_new (PstAppTransfer *transfer, PstAppSession *session);
PstAppTransfer *pst_transfer_row_get_transfer (PstTransferRow *self);
void pst_transfer_row_set_expanded (PstTransferRow *self, gboolean expanded);
gboolean pst_transfer_row_get_expanded (PstTransferRow *self);

G_END_DECLS
