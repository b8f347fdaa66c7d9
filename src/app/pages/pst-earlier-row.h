/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "pst-history.h"

G_BEGIN_DECLS

/* One finished transfer of earlier days. */
#define PST_TYPE_EARLIER_ROW (pst_earlier_row_get_type ())
G_DECLARE_FINAL_TYPE (PstEarlierRow, pst_earlier_row, PST, EARLIER_ROW, AdwActionRow)

GtkWidget *pst_earlier_row_new (PstHistoryItem *item);

G_END_DECLS
