/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The link of a frame that has to be given to one again. */
#define PST_UNDER_WAY_NOWHERE G_MAXUINT

/**
 * PstUnderWayFrame:
 * @counter: its place in the order
 * @link: the number of the link it was given to, or %PST_UNDER_WAY_NOWHERE
 * @given_us: when, monotonic
 * @frame: the frame
 */
typedef struct
{
  guint64 counter;
  guint link;
  gint64 given_us;
  GBytes *frame;
} PstUnderWayFrame;

/* What was given to the links of a bundle and is not acknowledged. */
typedef struct _PstUnderWay PstUnderWay;

PstUnderWay *pst_under_way_new (void);
void pst_under_way_free (PstUnderWay *self);
void pst_under_way_pass (PstUnderWay *self, GBytes *frame);
gboolean pst_under_way_has_room (const PstUnderWay *self, GBytes *frame);
void pst_under_way_add (PstUnderWay *self, gint64 now_us, guint link, GBytes *frame);
gboolean
pst_under_way_acknowledge (PstUnderWay *self, gint64 now_us, guint64 counter, GError **error);
void pst_under_way_take_back (PstUnderWay *self, guint link);
GBytes *pst_under_way_peek_back (const PstUnderWay *self);
void pst_under_way_give_again (PstUnderWay *self, gint64 now_us, guint link);
guint pst_under_way_count (const PstUnderWay *self, guint link);
gboolean pst_under_way_get_stuck (const PstUnderWay *self, guint *link, gint64 *since_us);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstUnderWay, pst_under_way_free)

G_END_DECLS
