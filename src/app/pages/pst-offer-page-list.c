/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-offer-page-private.h"

#include "pst-offer-list.h"
#include "pst-offer-row.h"

static void
setup_row (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  gtk_list_item_set_child (list_item, pst_offer_row_new ());
}

static void
bind_row (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  pst_offer_row_set_row (PST_OFFER_ROW (gtk_list_item_get_child (list_item)),
                         gtk_list_item_get_item (list_item));
}

static void
unbind_row (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  pst_offer_row_set_row (PST_OFFER_ROW (gtk_list_item_get_child (list_item)), NULL);
}

/* A click on a folder opens it, one on anything else chooses it. */
static void
row_activated (GtkListView *list, guint position, PstOfferPage *self)
{
  GListModel *model = G_LIST_MODEL (gtk_list_view_get_model (list));
  g_autoptr (GtkTreeListRow) row = g_list_model_get_item (model, position);
  g_autoptr (PstOfferItem) item = gtk_tree_list_row_get_item (row);
  guint entry = pst_offer_item_get_entry (item);

  if (gtk_tree_list_row_is_expandable (row))
    gtk_tree_list_row_set_expanded (row, !gtk_tree_list_row_get_expanded (row));
  else
    pst_offer_tree_set_selected (
        self->tree, entry, pst_offer_tree_get_check (self->tree, entry) != PST_OFFER_CHECK_ALL);
}

static GListModel *
list_inside (gpointer data, gpointer user_data)
{
  PstOfferTree *tree = pst_offer_item_get_tree (data);
  guint entry = pst_offer_item_get_entry (data);

  return pst_offer_tree_get_n_children (tree, entry) > 0 ? pst_offer_list_new (tree, entry) : NULL;
}

/* One folder alone tells nothing until it is open. */
static void
open_single_folders (GtkTreeListModel *model)
{
  for (guint i = 0; g_list_model_get_n_items (G_LIST_MODEL (model)) == i + 1; i++)
    {
      g_autoptr (GtkTreeListRow) row = gtk_tree_list_model_get_row (model, i);

      gtk_tree_list_row_set_expanded (row, TRUE);
    }
}

/* Shows the tree; rows are made for what is on the screen. */
void
pst_offer_page_fill_list (PstOfferPage *self)
{
  GListModel *top = pst_offer_list_new (self->tree, pst_offer_tree_get_root (self->tree));
  GtkTreeListModel *model = gtk_tree_list_model_new (top, FALSE, FALSE, list_inside, NULL, NULL);
  g_autoptr (GtkNoSelection) rows = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (model)));

  open_single_folders (model);
  gtk_list_view_set_model (GTK_LIST_VIEW (self->list), GTK_SELECTION_MODEL (rows));
  g_object_unref (model);
}

void
pst_offer_page_bind_list (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_callback (widget_class, row_activated);
  gtk_widget_class_bind_template_callback (widget_class, setup_row);
  gtk_widget_class_bind_template_callback (widget_class, bind_row);
  gtk_widget_class_bind_template_callback (widget_class, unbind_row);
}
