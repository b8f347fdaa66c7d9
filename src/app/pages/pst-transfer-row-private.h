/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-flow-gauge.h"
#include "pst-progress-bar.h"
#include "pst-transfer-row.h"

G_BEGIN_DECLS

struct _PstTransferRow
{
  GtkListBoxRow parent_instance;

  PstAppTransfer *transfer;
  PstAppSession *session;
  GSignalGroup *signals;
  guint update_source;
  gboolean expanded;
  gboolean has_kind;
  char *trouble; /* what a button could not do */

  GtkImage *kind_icon;
  GtkImage *direction_icon;
  GtkLabel *title_label;
  GtkLabel *state_label;
  GtkWidget *pause_button;
  GtkWidget *resume_button;
  GtkWidget *cancel_button;
  GtkWidget *expand_button;
  PstProgressBar *bar;
  GtkLabel *figures_label;
  GtkLabel *message_label;
  GtkWidget *buttons;
  GtkWidget *review_button;
  GtkWidget *open_button;
  GtkWidget *show_button;
  GtkWidget *retry_button;
  GtkWidget *copy_button;
  GtkExpander *left_out;
  GtkLabel *left_out_label;
  GtkRevealer *revealer;
  GtkWidget *details;
  PstFlowGauge *gauge;
};

void pst_transfer_row_update (PstTransferRow *self);
void pst_transfer_row_update_message (PstTransferRow *self);

G_END_DECLS
