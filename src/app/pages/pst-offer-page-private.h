/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-offer-page.h"
#include "pst-offer-place.h"
#include "pst-offer-tree.h"

G_BEGIN_DECLS

struct _PstOfferPage
{
  AdwBin parent_instance;

  GSettings *settings;
  PstAppTransfer *transfer;
  char *peer_name;
  PstOfferTree *tree;    /* NULL until the list is complete */
  PstOfferPlace *place;  /* NULL until it is known */
  GCancellable *probing; /* NULL while nothing is being found out */
  GError *refusal;       /* why the last try to accept did not work */
  gboolean accepting;    /* from the button to the answer of the transfer */
  gboolean answered;

  GtkWidget *stack;
  GtkWidget *waiting_title;
  GtkWidget *title;
  GtkWidget *summary;
  GtkWidget *earlier;
  GtkWidget *place_label;
  GtkWidget *free_label;
  GtkWidget *problem_box;
  GtkWidget *problem;
  GtkWidget *all_check;
  GtkWidget *selected;
  GtkWidget *list;
  GtkWidget *answers;
  GtkWidget *decline_button;
  GtkWidget *accept_button;
};

void pst_offer_page_set_content (PstOfferPage *self, PstManifest *manifest, const char *peer_name);
PstOfferTree *pst_offer_page_get_tree (PstOfferPage *self);

/* -show: what the page says */
gboolean pst_offer_page_has_choice (PstOfferPage *self);
gboolean pst_offer_page_can_accept (PstOfferPage *self);
void pst_offer_page_show_offer (PstOfferPage *self);
void pst_offer_page_refresh (PstOfferPage *self);
void pst_offer_page_toggle_all (PstOfferPage *self);

/* -list: the tree in it */
void pst_offer_page_fill_list (PstOfferPage *self);
void pst_offer_page_bind_list (GtkWidgetClass *widget_class);

G_END_DECLS
