/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PstEngine:
 *
 * The thread that sessions live in, apart from the one that draws. Made and
 * released in the thread that draws; sessions hold a reference to it.
 */
typedef struct _PstEngine PstEngine;

PstEngine *pst_engine_new (void);
PstEngine *pst_engine_new_here (void);
PstEngine *pst_engine_ref (PstEngine *self);
void pst_engine_unref (PstEngine *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstEngine, pst_engine_unref)

G_END_DECLS
