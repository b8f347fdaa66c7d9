/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "pst-app-session.h"

G_BEGIN_DECLS

/* What flows and why it waits: throughput over time with paused stretches
 * shaded, the fill of the send buffer between its marks, sent against written.
 * Draws with GtkSnapshot only while it is mapped; has a text for screen readers. */
#define PST_TYPE_FLOW_GAUGE (pst_flow_gauge_get_type ())
G_DECLARE_FINAL_TYPE (PstFlowGauge, pst_flow_gauge, PST, FLOW_GAUGE, GtkWidget)

GtkWidget *pst_flow_gauge_new (void);
void pst_flow_gauge_set_transfer (PstFlowGauge *self,
                                  PstAppTransfer *transfer,
                                  PstAppSession *session);
char *pst_flow_gauge_describe (PstFlowGauge *self);

G_END_DECLS
