/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A transfer as its session knows it. */
#pragma once

#include "pst-app-transfer.h"
#include "pst-resident.h"
#include "pst-snapshot.h"

G_BEGIN_DECLS

struct _PstAppTransfer
{
  GObject parent_instance;

  PstResident *resident; /* nullable: in tests nobody stands behind it */
  guint key;
  GStrv paths;
  char *destination;
  gboolean queued;
  PstTransferState state;
  PstTransferFigures figures;
  PstTransferDetails *details;
  guint n_refusals;
  PstSamples *samples;
};

/* @resident: (nullable) */
PstAppTransfer *
pst_app_transfer_new (PstResident *resident, guint key, const char *const *paths);
guint pst_app_transfer_get_key (PstAppTransfer *self);
void pst_app_transfer_update (PstAppTransfer *self,
                              const PstTransferSnapshot *snapshot,
                              gint64 time_us,
                              guint64 buffered_bytes);
void pst_app_transfer_end (PstAppTransfer *self, PstTransferState state, const GError *error);

G_END_DECLS
