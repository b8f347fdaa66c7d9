/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-history.h"

G_BEGIN_DECLS

/* Of a transfer of very many things the first are enough to find it again. */
#define PST_HISTORY_MAX_PATHS 50

/* The longest that is read: a full list with long names, and more. */
#define PST_HISTORY_MAX_BYTES (64 * 1024 * 1024)

PstHistoryItem *pst_history_item_new (PstAppTransfer *transfer, const char *peer_name);

/* The file: pst-history-file.c */
char *pst_history_print (GListModel *items);
GPtrArray *pst_history_parse (const char *text, gsize length, GError **error);

/* For both. Takes @title, @peer_name, @paths and @time. */
PstHistoryItem *pst_history_item_take (char *title,
                                       char *peer_name,
                                       GStrv paths,
                                       GDateTime *time,
                                       guint64 bytes,
                                       PstTransferState state,
                                       gboolean incoming);

G_END_DECLS
