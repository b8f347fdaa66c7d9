/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How far the links of a bundle may be apart: what came over the others waits for what
 * the slowest brings. It is as much as the greatest window (docs/protocol.md, “Flow
 * control”), so that no link has to wait because of it while another one is
 * silent for a moment; each frame counts for what it costs to keep it as well. */
#define PST_ORDER_MAX_BYTES        (16 * 1024 * 1024)
#define PST_ORDER_FRAME_COST_BYTES 1024
#define PST_ORDER_MAX_FRAMES       (PST_ORDER_MAX_BYTES / PST_ORDER_FRAME_COST_BYTES)

/* docs/protocol.md, “Frames”: the head of a frame, and where its counter stands. */
#define PST_ORDER_HEAD_BYTES     12
#define PST_ORDER_COUNTER_OFFSET 4

/* What came over several links, on its way back into one order. */
typedef struct _PstOrder PstOrder;

gboolean pst_order_read_counter (GBytes *frame, guint64 *counter);
gsize pst_order_get_cost (GBytes *frame);

PstOrder *pst_order_new (void);
void pst_order_free (PstOrder *self);
void pst_order_pass (PstOrder *self, GBytes *frame);
gboolean pst_order_put (PstOrder *self, GBytes *frame, GError **error);
GBytes *pst_order_take (PstOrder *self);
guint64 pst_order_get_came (const PstOrder *self);
void pst_order_expect_again (PstOrder *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstOrder, pst_order_free)

G_END_DECLS
