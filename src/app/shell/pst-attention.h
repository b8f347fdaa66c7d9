/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "pst-app-transfer.h"

G_BEGIN_DECLS

/* What the desktop hears of transfers: notifications while the person looks
 * elsewhere, and that the machine must not sleep. */
#define PST_TYPE_ATTENTION (pst_attention_get_type ())
G_DECLARE_FINAL_TYPE (PstAttention, pst_attention, PST, ATTENTION, GObject)

PstAttention *pst_attention_new (GtkApplication *application, GtkWindow *window);
void pst_attention_add (PstAttention *self, PstAppTransfer *transfer, const char *peer_name);
void pst_attention_forget_all (PstAttention *self);
PstAppTransfer *pst_attention_find (PstAttention *self, const char *id);
gboolean pst_attention_is_inhibiting (PstAttention *self);

G_END_DECLS
