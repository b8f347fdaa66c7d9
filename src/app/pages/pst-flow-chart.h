/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "pst-gauge-geometry.h"

G_BEGIN_DECLS

/* The curve of throughput over time, stretches shaded in which something held
 * the transfer back. Time runs from left to right in every language. */
#define PST_TYPE_FLOW_CHART (pst_flow_chart_get_type ())
G_DECLARE_FINAL_TYPE (PstFlowChart, pst_flow_chart, PST, FLOW_CHART, GtkWidget)

GtkWidget *pst_flow_chart_new (void);
void pst_flow_chart_set_samples (PstFlowChart *self, PstSamples *samples);
guint pst_flow_chart_get_n_snapshots (PstFlowChart *self);

G_END_DECLS
