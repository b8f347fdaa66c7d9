/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The greatest of what was seen within a time. Three candidates are enough to
 * have a next one when the greatest grows too old. */
typedef struct
{
  struct
  {
    guint64 value;
    gint64 seen_us;
  } best[3];
} PstMaxFilter;

void pst_max_filter_add (PstMaxFilter *self, guint64 value, gint64 now_us, gint64 window_us);
guint64 pst_max_filter_get (const PstMaxFilter *self);

G_END_DECLS
