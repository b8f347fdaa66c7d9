/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "pst-offer-list.h"

G_BEGIN_DECLS

/* One entry of an offer: whether it is wanted, its name, what it is, its size.
 * Focus is its check's; the arrow keys open and close a folder. */
#define PST_TYPE_OFFER_ROW (pst_offer_row_get_type ())
G_DECLARE_FINAL_TYPE (PstOfferRow, pst_offer_row, PST, OFFER_ROW, AdwBin)

GtkWidget *pst_offer_row_new (void);
void pst_offer_row_set_row (PstOfferRow *self, GtkTreeListRow *row);
void pst_offer_row_toggle (PstOfferRow *self);

G_END_DECLS
