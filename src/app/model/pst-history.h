/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "pst-app-transfer.h"

G_BEGIN_DECLS

/* The finished transfers of earlier days, kept in a file of the person's own. */

#define PST_TYPE_HISTORY_ITEM (pst_history_item_get_type ())
G_DECLARE_FINAL_TYPE (PstHistoryItem, pst_history_item, PST, HISTORY_ITEM, GObject)

const char *pst_history_item_get_title (PstHistoryItem *self);
const char *pst_history_item_get_peer_name (PstHistoryItem *self);
const char *const *pst_history_item_get_paths (PstHistoryItem *self);
GDateTime *pst_history_item_get_time (PstHistoryItem *self);
guint64 pst_history_item_get_bytes (PstHistoryItem *self);
PstTransferState pst_history_item_get_state (PstHistoryItem *self);
gboolean pst_history_item_is_incoming (PstHistoryItem *self);

/* More than anybody scrolls through. */
#define PST_HISTORY_MAX_ITEMS 200

/* A GListModel of PstHistoryItem, newest first. */
#define PST_TYPE_HISTORY (pst_history_get_type ())
G_DECLARE_FINAL_TYPE (PstHistory, pst_history, PST, HISTORY, GObject)

PstHistory *pst_history_new (GFile *file);
void pst_history_add (PstHistory *self, PstAppTransfer *transfer, const char *peer_name);
void pst_history_clear (PstHistory *self);
void pst_history_flush (PstHistory *self);

G_END_DECLS
