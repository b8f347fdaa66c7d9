/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "pst-offer-tree.h"

G_BEGIN_DECLS

/* An entry of an offer; made only for what is on the screen. */
#define PST_TYPE_OFFER_ITEM (pst_offer_item_get_type ())
G_DECLARE_FINAL_TYPE (PstOfferItem, pst_offer_item, PST, OFFER_ITEM, GObject)

PstOfferTree *pst_offer_item_get_tree (PstOfferItem *self);
guint pst_offer_item_get_entry (PstOfferItem *self);

/* What is directly inside one folder of an offer, or at its top: a GListModel of
 * PstOfferItem that never changes. */
#define PST_TYPE_OFFER_LIST (pst_offer_list_get_type ())
G_DECLARE_FINAL_TYPE (PstOfferList, pst_offer_list, PST, OFFER_LIST, GObject)

GListModel *pst_offer_list_new (PstOfferTree *tree, guint folder);

G_END_DECLS
