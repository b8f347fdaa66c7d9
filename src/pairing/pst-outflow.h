/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define PST_TYPE_OUTFLOW (pst_outflow_get_type ())
G_DECLARE_FINAL_TYPE (PstOutflow, pst_outflow, PST, OUTFLOW, GFilterOutputStream)

/* A stream that knows how much has left through it. */
PstOutflow *pst_outflow_new (GOutputStream *base);
guint64 pst_outflow_get_left_bytes (PstOutflow *self);

G_END_DECLS
