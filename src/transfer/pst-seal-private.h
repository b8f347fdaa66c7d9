/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-seal.h"

G_BEGIN_DECLS

/* For tests alone: nobody sends enough frames to see a counter end. */
void pst_seal_set_counter (PstSeal *self, guint64 counter);

G_END_DECLS
