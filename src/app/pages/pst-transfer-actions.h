/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-app-transfer.h"

G_BEGIN_DECLS

/* What a person can do about a transfer. */
typedef enum
{
  PST_ACTION_PAUSE = 1 << 0,
  PST_ACTION_RESUME = 1 << 1,
  PST_ACTION_CANCEL = 1 << 2,
  PST_ACTION_REVIEW = 1 << 3,
  PST_ACTION_OPEN = 1 << 4,
  PST_ACTION_SHOW = 1 << 5,
  PST_ACTION_COPY_DETAILS = 1 << 6,
  PST_ACTION_RETRY = 1 << 7
} PstTransferActions;

/* How far a transfer is, and of that what has only been sent. */
typedef struct
{
  guint64 done_bytes;
  guint64 sent_bytes;
  guint64 total_bytes; /* 0 while it is not known */
} PstProgress;

PstTransferActions pst_transfer_actions (PstAppTransfer *transfer);
gboolean pst_transfer_has_progress (PstAppTransfer *transfer);
PstProgress pst_transfer_progress (PstAppTransfer *transfer);
char *pst_transfer_figures (PstAppTransfer *transfer);
GIcon *pst_transfer_kind_icon (PstAppTransfer *transfer);

G_END_DECLS
