/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-manifest.h"

G_BEGIN_DECLS

/* A list of transfers keeps every running one and so many finished ones … */
#define PST_FINISHED_MAX 100

/* … as long as their lists of files together take no more than this: one of the
 * longest fits, and who offers and cancels again and again fills no memory. */
#define PST_FINISHED_MAX_BYTES (64 * 1024 * 1024)

/* What was counted so far, from the newest on; zeroed to begin with. */
typedef struct
{
  guint n;
  gsize bytes;
} PstFinished;

gboolean pst_finished_fits (PstFinished *self, PstManifest *manifest);

G_END_DECLS
