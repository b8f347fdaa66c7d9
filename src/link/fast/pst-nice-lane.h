/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-nice-out.h"
#include "pst-nice-pair.h"
#include "pst-udp-lane.h"

G_BEGIN_DECLS

typedef struct _PstNiceLane PstNiceLane;

PstNiceLane *pst_nice_lane_new (PstNicePair *pair, GMainContext *context, PstNiceOut *out);
void pst_nice_lane_free (PstNiceLane *self);
gboolean pst_nice_lane_open (PstNiceLane *self, GError **error);
void pst_nice_lane_close (PstNiceLane *self, const gint *stopping);
gboolean pst_nice_lane_is_open (PstNiceLane *self);
gboolean pst_nice_lane_is_sound (PstNiceLane *self);
gboolean pst_nice_lane_is_ready (PstNiceLane *self);
void pst_nice_lane_let_gather (PstNiceLane *self);
void pst_nice_lane_read (PstNiceLane *self);
PstUdpLaneStats pst_nice_lane_get_stats (PstNiceLane *self);

G_END_DECLS
