/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-gauge-paint.h"

#include <adwaita.h>
#include <glib/gi18n.h>

typedef enum
{
  PATTERN_SLASHES,
  PATTERN_BACKSLASHES,
  PATTERN_CROSSES,
  PATTERN_ROWS,
  PATTERN_COLUMNS,
  PATTERN_DOTS
} Pattern;

/* The colours are those of libadwaita's palette that hold up on white, and on black. */
static const struct
{
  const char *label;
  const char *colour; /* NULL: that of the text */
  const char *dark_colour;
  Pattern pattern;
} holds[PST_N_HOLDS] = {
  /* Translators: what held a transfer back, in the legend of a chart */
  [PST_HOLD_PAUSED] = { NC_ ("gauge", "Paused"), NULL, NULL, PATTERN_SLASHES },
  /* Translators: what held a transfer back, in the legend of a chart */
  [PST_HOLD_NETWORK] = { NC_ ("gauge", "Network"), "purple_3", "purple_2", PATTERN_DOTS },
  /* Translators: what held a transfer back, in the legend of a chart */
  [PST_HOLD_THEIR_DISK] = { NC_ ("gauge", "Their disk"), "orange_4", "orange_3", PATTERN_ROWS },
  /* Translators: what held a transfer back, in the legend of a chart; the disk of this machine */
  [PST_HOLD_MY_DISK] = { NC_ ("gauge", "This disk"), "green_5", "green_3", PATTERN_COLUMNS },
  /* Translators: what held a transfer back, in the legend of a chart */
  [PST_HOLD_LIMIT] = { NC_ ("gauge", "Speed limit"), "brown_3", "brown_2", PATTERN_BACKSLASHES },
  /* Translators: what held a transfer back, in the legend of a chart; nothing moved at all */
  [PST_HOLD_STALLED] = { NC_ ("gauge", "Stalled"), "red_3", "red_2", PATTERN_CROSSES },
};

/* From one line of a pattern to the next, pixels; and how thick it is. */
#define PATTERN_STEP  6.0
#define PATTERN_WIDTH 1.2

struct _PstGaugeSwatch
{
  GtkWidget parent_instance;

  PstHold hold;
};

G_DEFINE_FINAL_TYPE (PstGaugeSwatch, pst_gauge_swatch, GTK_TYPE_WIDGET)

/**
 * pst_gauge_hold_label:
 * @hold: what held a transfer back
 *
 * Returns: (nullable): one or two translated words; %NULL for %PST_HOLD_NONE
 */
const char *
pst_gauge_hold_label (PstHold hold)
{
  return holds[hold].label != NULL ? g_dpgettext2 (NULL, "gauge", holds[hold].label) : NULL;
}

/**
 * pst_gauge_foreground:
 * @widget: a widget
 * @opacity: 0 to 1
 *
 * Returns: the colour of the text of @widget, so much of it
 */
GdkRGBA
pst_gauge_foreground (GtkWidget *widget, double opacity)
{
  GdkRGBA colour;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &colour);
  colour.alpha *= opacity;
  return colour;
}

/**
 * pst_gauge_colour:
 * @widget: a widget
 * @name: (nullable): one of the named colours of libadwaita
 *
 * Returns: that colour in the style of @widget; that of the text where the
 *   style has no such name
 */
GdkRGBA
pst_gauge_colour (GtkWidget *widget, const char *name)
{
  GtkStyleContext *context = gtk_widget_get_style_context (widget);
  GdkRGBA colour;

  if (name != NULL && gtk_style_context_lookup_color (context, name, &colour))
    return colour;

  return pst_gauge_foreground (widget, 1);
}

/**
 * pst_gauge_line_opacity:
 *
 * Returns: how strong lines are that only guide the eye
 */
double
pst_gauge_line_opacity (void)
{
  return adw_style_manager_get_high_contrast (adw_style_manager_get_default ()) ? 0.6 : 0.15;
}

static void
add_slanted (cairo_t *cr, double x, double y, double width, double height, gboolean back)
{
  for (double offset = -height; offset < width; offset += PATTERN_STEP)
    {
      cairo_move_to (cr, x + offset, back ? y : y + height);
      cairo_line_to (cr, x + offset + height, back ? y + height : y);
    }
}

static void
add_pattern (cairo_t *cr, Pattern pattern, double x, double y, double width, double height)
{
  /* Counted from the bottom, so that the last line stands as far from the axis everywhere. */
  for (double up = PATTERN_STEP / 2; up < height && pattern == PATTERN_ROWS; up += PATTERN_STEP)
    {
      cairo_move_to (cr, x, y + height - up);
      cairo_rel_line_to (cr, width, 0);
    }
  for (double along = PATTERN_STEP / 2; along < width && pattern == PATTERN_COLUMNS;
       along += PATTERN_STEP)
    {
      cairo_move_to (cr, x + along, y);
      cairo_rel_line_to (cr, 0, height);
    }
  for (double along = PATTERN_STEP / 2; along < width && pattern == PATTERN_DOTS;
       along += PATTERN_STEP)
    for (double up = PATTERN_STEP / 2; up < height; up += PATTERN_STEP)
      {
        cairo_move_to (cr, x + along, y + height - up);
        cairo_close_path (cr); /* with round caps, a dot */
      }

  if (pattern == PATTERN_SLASHES || pattern == PATTERN_CROSSES)
    add_slanted (cr, x, y, width, height, FALSE);
  if (pattern == PATTERN_BACKSLASHES || pattern == PATTERN_CROSSES)
    add_slanted (cr, x, y, width, height, TRUE);
}

/**
 * pst_gauge_paint_hold:
 * @cr: where to paint
 * @widget: whose style it is painted in
 * @hold: the kind of stretch; not %PST_HOLD_NONE
 * @x: left edge, pixels
 * @y: top edge, pixels
 * @width: pixels
 * @height: pixels
 *
 * Shades a stretch in which something held the transfer back.
 */
void
pst_gauge_paint_hold (
    cairo_t *cr, GtkWidget *widget, PstHold hold, double x, double y, double width, double height)
{
  AdwStyleManager *style = adw_style_manager_get_default ();
  GdkRGBA colour = pst_gauge_colour (
      widget, adw_style_manager_get_dark (style) ? holds[hold].dark_colour : holds[hold].colour);
  gboolean strong = adw_style_manager_get_high_contrast (style);
  double opacity = strong ? 0.9 : adw_style_manager_get_dark (style) ? 0.7 : 0.5;
  Pattern pattern = holds[hold].pattern;

  cairo_save (cr);
  cairo_rectangle (cr, x, y, width, height);
  cairo_clip (cr);
  cairo_set_source_rgba (cr, colour.red, colour.green, colour.blue, strong ? 0.2 : 0.12);
  cairo_paint (cr);

  cairo_set_source_rgba (cr, colour.red, colour.green, colour.blue, opacity);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_width (cr, pattern == PATTERN_DOTS ? 2 * PATTERN_WIDTH : PATTERN_WIDTH);
  add_pattern (cr, pattern, x, y, width, height);
  cairo_stroke (cr);
  cairo_restore (cr);
}

static int
get_font_height (GtkWidget *widget)
{
  PangoContext *context = gtk_widget_get_pango_context (widget);
  PangoFontMetrics *metrics = pango_context_get_metrics (context, NULL, NULL);
  int height = pango_font_metrics_get_height (metrics);

  pango_font_metrics_unref (metrics);
  return PANGO_PIXELS_CEIL (height);
}

static void
pst_gauge_swatch_measure (GtkWidget *widget,
                          GtkOrientation orientation,
                          int for_size,
                          int *minimum,
                          int *natural,
                          int *minimum_baseline,
                          int *natural_baseline)
{
  int height = get_font_height (widget);

  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? height * 3 / 2 : height;
}

static void
pst_gauge_swatch_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, width, height);
  GskRoundedRect outline;

  gsk_rounded_rect_init_from_rect (&outline, &bounds, 3);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &bounds);
  pst_gauge_paint_hold (cr, widget, PST_GAUGE_SWATCH (widget)->hold, 0, 0, width, height);
  cairo_destroy (cr);
  gtk_snapshot_pop (snapshot);
}

static void
pst_gauge_swatch_class_init (PstGaugeSwatchClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->measure = pst_gauge_swatch_measure;
  widget_class->snapshot = pst_gauge_swatch_snapshot;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
pst_gauge_swatch_init (PstGaugeSwatch *self)
{
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
}

/**
 * pst_gauge_swatch_new:
 * @hold: the kind of stretch it explains; not %PST_HOLD_NONE
 *
 * Returns: (transfer floating): a sample of its pattern
 */
GtkWidget *
pst_gauge_swatch_new (PstHold hold)
{
  PstGaugeSwatch *self = g_object_new (PST_TYPE_GAUGE_SWATCH, NULL);

  self->hold = hold;
  return GTK_WIDGET (self);
}
