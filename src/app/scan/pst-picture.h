/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-frame-source.h"

G_BEGIN_DECLS

/* A picture file as if a camera had seen it. */

/* More than any phone's camera makes, 192 MiB once unpacked: a small file that
 * claims to be a huge picture does not get memory for it. */
#define PST_PICTURE_MAX_PIXELS (64 * 1024 * 1024)
/* No picture of that many pixels needs more. */
#define PST_PICTURE_MAX_BYTES  (64 * 1024 * 1024)

gboolean pst_picture_load (GFile *file, PstFrame *frame, GCancellable *cancellable, GError **error);

G_END_DECLS
