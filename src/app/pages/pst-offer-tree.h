/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-manifest.h"

G_BEGIN_DECLS

/**
 * PstOfferCheck:
 * @PST_OFFER_CHECK_NONE: nothing of it is wanted
 * @PST_OFFER_CHECK_SOME: a part of what is inside is wanted
 * @PST_OFFER_CHECK_ALL: all of it is wanted
 *
 * How much of an entry is wanted.
 */
typedef enum
{
  PST_OFFER_CHECK_NONE,
  PST_OFFER_CHECK_SOME,
  PST_OFFER_CHECK_ALL
} PstOfferCheck;

/* The flat list of what is offered, as a tree of which parts are chosen. Entries
 * go by their index in the manifest; the root, which holds the top-level items,
 * goes by pst_offer_tree_get_root().
 *
 * Signals:
 * - `changed ()`: another choice was made */
#define PST_TYPE_OFFER_TREE (pst_offer_tree_get_type ())
G_DECLARE_FINAL_TYPE (PstOfferTree, pst_offer_tree, PST, OFFER_TREE, GObject)

PstOfferTree *pst_offer_tree_new (PstManifest *manifest);
PstManifest *pst_offer_tree_get_manifest (PstOfferTree *self);
guint pst_offer_tree_get_root (PstOfferTree *self);
const char *pst_offer_tree_get_name (PstOfferTree *self, guint entry);
guint pst_offer_tree_get_n_children (PstOfferTree *self, guint entry);
guint pst_offer_tree_get_child (PstOfferTree *self, guint entry, guint position);
guint64 pst_offer_tree_get_bytes (PstOfferTree *self, guint entry);
guint pst_offer_tree_get_n_files (PstOfferTree *self, guint entry);

PstOfferCheck pst_offer_tree_get_check (PstOfferTree *self, guint entry);
void pst_offer_tree_set_selected (PstOfferTree *self, guint entry, gboolean selected);
guint64 pst_offer_tree_get_selected_bytes (PstOfferTree *self);
guint pst_offer_tree_get_selected_files (PstOfferTree *self);
GBytes *pst_offer_tree_dup_selection (PstOfferTree *self);

G_END_DECLS
