/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lives in an engine enters it, is told there what to do, and leaves.
 * The way back into the thread that draws is a PstMirror. */
#pragma once

#include "pst-engine.h"

G_BEGIN_DECLS

void pst_engine_enter (PstEngine *self);
void pst_engine_leave (PstEngine *self);
void pst_engine_run (PstEngine *self, GSourceFunc func, gpointer data, GDestroyNotify destroy);

G_END_DECLS
