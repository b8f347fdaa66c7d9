/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What goes downstream in one list, at most (and a system call's worth more). */
#define PST_NICE_OUT_BUFFERS 64
#define PST_NICE_OUT_BYTES   (256 * 1024)

typedef struct _PstNiceOut PstNiceOut;

PstNiceOut *pst_nice_out_new (GstPad *pad);
void pst_nice_out_free (PstNiceOut *self);
void pst_nice_out_take (PstNiceOut *self, GstBuffer *buffer, gsize size);
guint pst_nice_out_get_length (PstNiceOut *self);
gboolean pst_nice_out_is_full (PstNiceOut *self);
void pst_nice_out_push (PstNiceOut *self);
void pst_nice_out_stop (PstNiceOut *self);
guint64 pst_nice_out_get_n_lists (PstNiceOut *self);

G_END_DECLS
