/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define PST_TYPE_ALLOWANCE (pst_allowance_get_type ())
G_DECLARE_FINAL_TYPE (PstAllowance, pst_allowance, PST, ALLOWANCE, GIOStream)

/* A stream that stops reading when more came in than was allowed. */
GIOStream *pst_allowance_new (GIOStream *base, gsize allowance_bytes);
void pst_allowance_allow (PstAllowance *self, gsize allowance_bytes);
guint64 pst_allowance_get_left_bytes (PstAllowance *self);

G_END_DECLS
