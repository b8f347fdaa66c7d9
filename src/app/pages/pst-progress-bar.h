/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A bar of what the other side has written and, fainter behind it, what has
 * been sent already. */
#define PST_TYPE_PROGRESS_BAR (pst_progress_bar_get_type ())
G_DECLARE_FINAL_TYPE (PstProgressBar, pst_progress_bar, PST, PROGRESS_BAR, GtkWidget)

GtkWidget *pst_progress_bar_new (void);
void pst_progress_bar_set_bytes (PstProgressBar *self,
                                 guint64 written_bytes,
                                 guint64 sent_bytes,
                                 guint64 total_bytes);
void pst_progress_bar_set_label (PstProgressBar *self, const char *label);
void pst_progress_bar_set_value_text (PstProgressBar *self, const char *text);
GtkWidget *pst_progress_bar_get_bar (PstProgressBar *self);
double pst_progress_bar_get_written (PstProgressBar *self);
double pst_progress_bar_get_sent (PstProgressBar *self);

G_END_DECLS
