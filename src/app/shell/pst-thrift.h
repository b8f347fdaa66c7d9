/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "pst-app-transfer.h"

G_BEGIN_DECLS

/* Pauses what runs while the network costs money, and lets it go on afterwards. */
#define PST_TYPE_THRIFT (pst_thrift_get_type ())
G_DECLARE_FINAL_TYPE (PstThrift, pst_thrift, PST, THRIFT, GObject)

PstThrift *pst_thrift_new (GNetworkMonitor *monitor, GSettings *settings);
void pst_thrift_add (PstThrift *self, PstAppTransfer *transfer);
void pst_thrift_forget_all (PstThrift *self);

G_END_DECLS
