/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The send buffer as a vessel: its fill, and its low and high marks. */
#define PST_TYPE_BUFFER_VESSEL (pst_buffer_vessel_get_type ())
G_DECLARE_FINAL_TYPE (PstBufferVessel, pst_buffer_vessel, PST, BUFFER_VESSEL, GtkWidget)

GtkWidget *pst_buffer_vessel_new (void);
void pst_buffer_vessel_set_bytes (PstBufferVessel *self,
                                  guint64 buffered_bytes,
                                  guint64 low_mark_bytes,
                                  guint64 high_mark_bytes);

G_END_DECLS
