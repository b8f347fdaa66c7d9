/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "pst-app-session.h"
#include "pst-history.h"

G_BEGIN_DECLS

/* The connection, its transfers, and those of earlier days.
 *
 * Signals:
 * - `retry (PstAppTransfer *transfer)`: the same again
 * - `review (PstAppTransfer *transfer)`: show the offer and ask
 *
 * Buttons that add something are the actions of the window. */
#define PST_TYPE_TRANSFERS_PAGE (pst_transfers_page_get_type ())
G_DECLARE_FINAL_TYPE (PstTransfersPage, pst_transfers_page, PST, TRANSFERS_PAGE, AdwBin)

GtkWidget *pst_transfers_page_new (PstHistory *history);
void pst_transfers_page_set_session (PstTransfersPage *self, PstAppSession *session);

G_END_DECLS
