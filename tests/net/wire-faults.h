/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* Parts of the frames, 0 to 1. */
typedef struct
{
  double duplicate; /* come twice, the second time late */
  double reorder;   /* come late */
  double corrupt;   /* come changed */
  gint64 late_us;   /* how late at most */
} PstWireFaults;

gboolean pst_wire_corrupt (guint8 *frame, gsize length, GRand *chance);
