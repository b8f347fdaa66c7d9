/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-bundle.h"
#include "pst-gain.h"
#include "pst-order.h"
#include "pst-timer.h"
#include "pst-under-way.h"

G_BEGIN_DECLS

typedef struct
{
  guint number;
  PstChannel *channel;
  guint64 came_bytes; /* since that was last acknowledged over this link */
  gboolean failed;    /* it takes nothing more */
} PstBundleLink;

struct _PstBundle
{
  GObject parent_instance;

  GPtrArray *links; /* of PstBundleLink, the first link first */
  gboolean bundled; /* there was a second link: frames are kept and acknowledged */
  gboolean closed;
  guint64 low_mark_bytes;

  /* What leaves. */
  PstUnderWay *under_way;
  GQueue waiting; /* of GBytes: the other side could not keep it yet, or others go first */
  guint64 waiting_bytes;
  guint64 given_bytes; /* to all links, ever */

  /* What comes. */
  PstOrder *order;
  guint64 told; /* the counter last acknowledged */
  gint64 came_us;
  GSource *tell_source;

  PstGain gain;
  GSource *tick_source;
  gint64 looked_us; /* when that was last due */
  gint64 awake_us;  /* since when it is in time */
};

static inline PstBundleLink *
pst_bundle_get_link (PstBundle *self, guint place)
{
  return g_ptr_array_index (self->links, place);
}

/* pst-bundle.c */
void pst_bundle_break (PstBundle *self, const GError *error);
void pst_bundle_emit_more (PstBundle *self);
void pst_bundle_emit_let_go (PstBundle *self, guint number);

/* pst-bundle-links.c */
void pst_bundle_add_link (PstBundle *self, guint number, PstChannel *channel);
void pst_bundle_share_low_mark (PstBundle *self);
gboolean pst_bundle_look (gpointer user_data);

/* pst-bundle-send.c */
gboolean pst_bundle_send (PstBundle *self, GBytes *frame, GError **error);
void pst_bundle_send_waiting (PstBundle *self);
PstBundleLink *pst_bundle_pick (PstBundle *self);
guint64 pst_bundle_get_buffered (PstBundle *self);

/* pst-bundle-receive.c */
void pst_bundle_take_frame (PstBundle *self, PstBundleLink *link, GBytes *frame);
void pst_bundle_tell_all (PstBundle *self);

G_END_DECLS
