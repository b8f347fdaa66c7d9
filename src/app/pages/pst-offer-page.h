/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "pst-app-transfer.h"

G_BEGIN_DECLS

/* What they want to send, before anything is written.
 *
 * Properties: "settings" is the GSettings with the key "destination".
 *
 * Signals:
 * - `answered ()`: accepted or declined, by this page or by anybody else, or gone */
#define PST_TYPE_OFFER_PAGE (pst_offer_page_get_type ())
G_DECLARE_FINAL_TYPE (PstOfferPage, pst_offer_page, PST, OFFER_PAGE, AdwBin)

GtkWidget *pst_offer_page_new (GSettings *settings);
void
pst_offer_page_set_transfer (PstOfferPage *self, PstAppTransfer *transfer, const char *peer_name);
PstAppTransfer *pst_offer_page_get_transfer (PstOfferPage *self);
void pst_offer_page_accept (PstOfferPage *self);

G_END_DECLS
