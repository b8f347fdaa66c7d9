/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-offer-list.h"

struct _PstOfferItem
{
  GObject parent_instance;

  PstOfferTree *tree;
  guint entry;
};

G_DEFINE_FINAL_TYPE (PstOfferItem, pst_offer_item, G_TYPE_OBJECT)

struct _PstOfferList
{
  GObject parent_instance;

  PstOfferTree *tree;
  guint folder;
};

static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PstOfferList,
                               pst_offer_list,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

static void
pst_offer_item_finalize (GObject *object)
{
  g_object_unref (PST_OFFER_ITEM (object)->tree);

  G_OBJECT_CLASS (pst_offer_item_parent_class)->finalize (object);
}

static void
pst_offer_item_class_init (PstOfferItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pst_offer_item_finalize;
}

static void
pst_offer_item_init (PstOfferItem *self)
{
}

/**
 * pst_offer_item_get_tree:
 * @self: an item
 *
 * Returns: (transfer none): the tree it stands in
 */
PstOfferTree *
pst_offer_item_get_tree (PstOfferItem *self)
{
  return self->tree;
}

/**
 * pst_offer_item_get_entry:
 * @self: an item
 *
 * Returns: its index in the manifest
 */
guint
pst_offer_item_get_entry (PstOfferItem *self)
{
  return self->entry;
}

static GType
get_item_type (GListModel *model)
{
  return PST_TYPE_OFFER_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  PstOfferList *self = PST_OFFER_LIST (model);

  return pst_offer_tree_get_n_children (self->tree, self->folder);
}

static gpointer
get_item (GListModel *model, guint position)
{
  PstOfferList *self = PST_OFFER_LIST (model);
  PstOfferItem *item;

  if (position >= get_n_items (model))
    return NULL;

  item = g_object_new (PST_TYPE_OFFER_ITEM, NULL);
  item->tree = g_object_ref (self->tree);
  item->entry = pst_offer_tree_get_child (self->tree, self->folder, position);

  return item;
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
pst_offer_list_finalize (GObject *object)
{
  g_object_unref (PST_OFFER_LIST (object)->tree);

  G_OBJECT_CLASS (pst_offer_list_parent_class)->finalize (object);
}

static void
pst_offer_list_class_init (PstOfferListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pst_offer_list_finalize;
}

static void
pst_offer_list_init (PstOfferList *self)
{
}

/**
 * pst_offer_list_new:
 * @tree: a tree
 * @folder: an entry of it, or its root
 *
 * Returns: (transfer full): the list of what is directly inside
 */
GListModel *
pst_offer_list_new (PstOfferTree *tree, guint folder)
{
  PstOfferList *self = g_object_new (PST_TYPE_OFFER_LIST, NULL);

  self->tree = g_object_ref (tree);
  self->folder = folder;

  return G_LIST_MODEL (self);
}
