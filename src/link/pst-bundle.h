/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-channel.h"

G_BEGIN_DECLS

#define PST_TYPE_BUNDLE (pst_bundle_get_type ())
G_DECLARE_FINAL_TYPE (PstBundle, pst_bundle, PST, BUNDLE, GObject)

/* Signals, beside those of PstChannel, which a PstBundle implements:
 *
 * - `more (void)`: one more link may help; see pst_bundle_add() and pst_bundle_fail().
 * - `let-go (guint number)`: this link brings nothing, or has ended, and the bundle does
 *   without it from now on. */

PstBundle *pst_bundle_new (PstChannel *first, guint n_rests);
guint pst_bundle_get_most_links (void);
void pst_bundle_allow (PstBundle *self, guint most_links);
void pst_bundle_add (PstBundle *self, guint number, PstChannel *channel);
void pst_bundle_remove (PstBundle *self, guint number);
void pst_bundle_fail (PstBundle *self);
guint pst_bundle_get_n_links (PstBundle *self);

G_END_DECLS
