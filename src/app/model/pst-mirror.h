/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PstMirror:
 *
 * The way from the engine's thread into the one that draws: a place for one
 * snapshot. A newer one replaces it, so a thread that stands still neither
 * holds up the engine nor finds a queue when it goes on.
 */
typedef struct _PstMirror PstMirror;

/* @snapshot: (transfer full) */
typedef void (*PstMirrorFunc) (gpointer snapshot, gpointer user_data);

PstMirror *pst_mirror_new (PstMirrorFunc func, gpointer user_data, GDestroyNotify destroy);
PstMirror *pst_mirror_ref (PstMirror *self);
void pst_mirror_unref (PstMirror *self);
gboolean pst_mirror_put (PstMirror *self, gpointer snapshot);
void pst_mirror_stop (PstMirror *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstMirror, pst_mirror_unref)

G_END_DECLS
