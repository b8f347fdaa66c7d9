/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "pst-gauge-geometry.h"

G_BEGIN_DECLS

/* Colours and patterns of the gauge. Each hold has a pattern of its own, so
 * that nobody has to tell them apart by colour. */

const char *pst_gauge_hold_label (PstHold hold);
GdkRGBA pst_gauge_colour (GtkWidget *widget, const char *name);
GdkRGBA pst_gauge_foreground (GtkWidget *widget, double opacity);
double pst_gauge_line_opacity (void);
void pst_gauge_paint_hold (
    cairo_t *cr, GtkWidget *widget, PstHold hold, double x, double y, double width, double height);

/* A sample of one pattern, for the legend. */
#define PST_TYPE_GAUGE_SWATCH (pst_gauge_swatch_get_type ())
G_DECLARE_FINAL_TYPE (PstGaugeSwatch, pst_gauge_swatch, PST, GAUGE_SWATCH, GtkWidget)

GtkWidget *pst_gauge_swatch_new (PstHold hold);

G_END_DECLS
