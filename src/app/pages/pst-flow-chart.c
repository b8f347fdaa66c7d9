/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-flow-chart.h"

#include "pst-gauge-paint.h"
#include "pst-text.h"

struct _PstFlowChart
{
  GtkWidget parent_instance;

  PstSamples *samples; /* of the transfer; NULL without one */
  guint n_snapshots;   /* what a hidden chart must not count up */
};

G_DEFINE_FINAL_TYPE (PstFlowChart, pst_flow_chart, GTK_TYPE_WIDGET)

/* One point of the curve and one column of the shading for so many pixels. */
#define CURVE_COLUMN   2
#define STRETCH_COLUMN 4

/* In lines of text: the curve is to be read, and still leave room for the rest. */
#define CURVE_LINES 6
#define MIN_COLUMNS 10

/* Between labels and what they belong to, pixels. */
#define LABEL_GAP 4

typedef struct
{
  graphene_rect_t plot;
  gint64 start_us;
  gint64 end_us;
  guint64 peak_bps;
} Frame;

static PangoLayout *
make_label (GtkWidget *widget, const char *text)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (widget, text != NULL ? text : "");
  g_autoptr (PangoAttrList) attrs = pango_attr_list_new ();

  pango_attr_list_insert (attrs, pango_attr_scale_new (PANGO_SCALE_SMALL));
  pango_attr_list_insert (attrs, pango_attr_font_features_new ("tnum"));
  pango_layout_set_attributes (layout, attrs);
  return layout;
}

static int
get_line_height (GtkWidget *widget)
{
  g_autoptr (PangoLayout) layout = make_label (widget, "0");
  int height;

  pango_layout_get_pixel_size (layout, NULL, &height);
  return height;
}

static void
append_label (GtkSnapshot *snapshot, GtkWidget *widget, PangoLayout *layout, double x, double y)
{
  GdkRGBA colour = pst_gauge_foreground (widget, pst_gauge_line_opacity () > 0.5 ? 1 : 0.7);

  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x, y));
  gtk_snapshot_append_layout (snapshot, layout, &colour);
  gtk_snapshot_restore (snapshot);
}

static void
append_line (GtkSnapshot *snapshot, GtkWidget *widget, double y, const Frame *frame)
{
  GdkRGBA colour = pst_gauge_foreground (widget, pst_gauge_line_opacity ());

  gtk_snapshot_append_color (
      snapshot, &colour, &GRAPHENE_RECT_INIT (frame->plot.origin.x, y, frame->plot.size.width, 1));
}

static void
append_scale (GtkSnapshot *snapshot, GtkWidget *widget, const Frame *frame)
{
  double top = frame->plot.origin.y, height = frame->plot.size.height;
  g_autofree char *peak = pst_text_rate (frame->peak_bps);
  g_autoptr (PangoLayout) layout = make_label (widget, peak);
  int line_height;

  pango_layout_get_pixel_size (layout, NULL, &line_height);
  append_label (snapshot, widget, layout, frame->plot.origin.x, top - line_height - 1);
  append_line (snapshot, widget, top, frame);
  append_line (snapshot, widget, top + height / 2, frame);
  append_line (snapshot, widget, top + height - 1, frame);
}

static char *
format_clock (gint64 time_us)
{
  guint seconds = time_us / G_USEC_PER_SEC;

  if (seconds >= 3600)
    return g_strdup_printf ("%u:%02u:%02u", seconds / 3600, seconds / 60 % 60, seconds % 60);

  return g_strdup_printf ("%u:%02u", seconds / 60, seconds % 60);
}

static int
get_label_width (GtkWidget *widget, gint64 time_us)
{
  g_autofree char *text = format_clock (time_us);
  g_autoptr (PangoLayout) layout = make_label (widget, text);
  int width;

  pango_layout_get_pixel_size (layout, &width, NULL);
  return width;
}

static void
append_tick (GtkSnapshot *snapshot, GtkWidget *widget, const Frame *frame, gint64 time_us)
{
  double right = frame->plot.origin.x + frame->plot.size.width;
  double bottom = frame->plot.origin.y + frame->plot.size.height;
  double x = frame->plot.origin.x
             + frame->plot.size.width * time_us / (frame->end_us - frame->start_us);
  g_autofree char *text = format_clock (time_us);
  g_autoptr (PangoLayout) layout = make_label (widget, text);
  GdkRGBA colour = pst_gauge_foreground (widget, pst_gauge_line_opacity ());
  int width;

  pango_layout_get_pixel_size (layout, &width, NULL);
  gtk_snapshot_append_color (snapshot, &colour,
                             &GRAPHENE_RECT_INIT (floor (x), bottom, 1, LABEL_GAP));
  append_label (snapshot, widget, layout,
                CLAMP (x - width / 2.0, frame->plot.origin.x, right - width), bottom + LABEL_GAP);
}

static void
append_time_axis (GtkSnapshot *snapshot, GtkWidget *widget, const Frame *frame)
{
  gint64 span_us = frame->end_us - frame->start_us;
  int label_width = get_label_width (widget, span_us);
  gint64 tick_us = pst_gauge_tick_us (span_us, frame->plot.size.width / (label_width * 2));

  for (gint64 time_us = 0; time_us <= span_us; time_us += tick_us)
    append_tick (snapshot, widget, frame, time_us);
}

static void
paint_stretches (cairo_t *cr, GtkWidget *widget, PstSamples *samples, const Frame *frame)
{
  guint n_columns = MAX (frame->plot.size.width / STRETCH_COLUMN, 1);
  double width = frame->plot.size.width / n_columns;
  g_autoptr (GArray) stretches = pst_gauge_stretches (samples, frame->start_us, frame->end_us,
                                                      n_columns);

  for (guint i = 0; i < stretches->len; i++)
    {
      const PstStretch *stretch = &g_array_index (stretches, PstStretch, i);

      pst_gauge_paint_hold (cr, widget, stretch->hold,
                            frame->plot.origin.x + stretch->first * width, frame->plot.origin.y,
                            (stretch->end - stretch->first) * width, frame->plot.size.height);
    }
}

static void
trace_curve (
    cairo_t *cr, const double *rates_bps, guint n_known, guint n_columns, const Frame *frame)
{
  double bottom = frame->plot.origin.y + frame->plot.size.height;

  for (guint i = 0; i < n_known; i++)
    {
      double x = frame->plot.origin.x
                 + (n_columns > 1 ? frame->plot.size.width * i / (n_columns - 1) : 0);

      cairo_line_to (cr, x, bottom - frame->plot.size.height * rates_bps[i] / frame->peak_bps);
    }
}

static void
paint_area (cairo_t *cr, const GdkRGBA *accent, const Frame *frame)
{
  double top = frame->plot.origin.y, bottom = top + frame->plot.size.height;
  cairo_pattern_t *shade = cairo_pattern_create_linear (0, top, 0, bottom);

  cairo_pattern_add_color_stop_rgba (shade, 0, accent->red, accent->green, accent->blue, 0.55);
  cairo_pattern_add_color_stop_rgba (shade, 1, accent->red, accent->green, accent->blue, 0.15);
  cairo_set_source (cr, shade);
  cairo_fill (cr);
  cairo_pattern_destroy (shade);
}

static void
paint_curve (cairo_t *cr, GtkWidget *widget, PstSamples *samples, const Frame *frame)
{
  guint n_columns = MAX (frame->plot.size.width / CURVE_COLUMN, 2);
  g_autofree double *rates_bps = g_new0 (double, n_columns);
  guint n_known = pst_gauge_curve (samples, frame->start_us, frame->end_us, rates_bps, n_columns);
  double bottom = frame->plot.origin.y + frame->plot.size.height, end_x, end_y;
  GdkRGBA accent = pst_gauge_colour (widget, "accent_color");

  if (n_known == 0)
    return;

  trace_curve (cr, rates_bps, n_known, n_columns, frame);
  cairo_get_current_point (cr, &end_x, &end_y);
  cairo_line_to (cr, end_x, bottom);
  cairo_line_to (cr, frame->plot.origin.x, bottom);
  cairo_close_path (cr);
  paint_area (cr, &accent, frame);

  trace_curve (cr, rates_bps, n_known, n_columns, frame);
  gdk_cairo_set_source_rgba (cr, &accent);
  cairo_set_line_width (cr, 1.8);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke (cr);
}

/* A thinned store forgets peaks that its counter remembers, and a column shows
 * a mean: what stands at the top is what the curve can reach. */
static Frame
make_frame (PstFlowChart *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  int line_height = get_line_height (widget);
  Frame frame;

  frame.plot = GRAPHENE_RECT_INIT (0, line_height + 1, gtk_widget_get_width (widget),
                                   gtk_widget_get_height (widget) - 2 * line_height - LABEL_GAP
                                       - 1);
  pst_gauge_span (self->samples, &frame.start_us, &frame.end_us);
  frame.peak_bps = pst_gauge_nice_peak (
      self->samples != NULL ? pst_samples_get_peak_bps (self->samples) : 0);
  return frame;
}

static void
pst_flow_chart_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  PstFlowChart *self = PST_FLOW_CHART (widget);
  Frame frame = make_frame (self);

  self->n_snapshots++;
  if (frame.plot.size.height < 1 || frame.plot.size.width < 1)
    return;

  append_scale (snapshot, widget, &frame);
  append_time_axis (snapshot, widget, &frame);
  if (self->samples == NULL || pst_samples_get_n (self->samples) == 0)
    return;

  gtk_snapshot_push_clip (snapshot, &frame.plot);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &frame.plot);
  paint_stretches (cr, widget, self->samples, &frame);
  paint_curve (cr, widget, self->samples, &frame);
  cairo_destroy (cr);
  gtk_snapshot_pop (snapshot);
}

static void
pst_flow_chart_measure (GtkWidget *widget,
                        GtkOrientation orientation,
                        int for_size,
                        int *minimum,
                        int *natural,
                        int *minimum_baseline,
                        int *natural_baseline)
{
  int line_height = get_line_height (widget);

  if (orientation == GTK_ORIENTATION_VERTICAL)
    *minimum = *natural = (CURVE_LINES + 2) * line_height + LABEL_GAP + 1;
  else
    *minimum = *natural = MIN_COLUMNS * line_height / 2;
}

static void
pst_flow_chart_class_init (PstFlowChartClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->measure = pst_flow_chart_measure;
  widget_class->snapshot = pst_flow_chart_snapshot;
  /* The gauge around it says in words what it shows. */
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
pst_flow_chart_init (PstFlowChart *self)
{
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
}

/**
 * pst_flow_chart_new:
 *
 * Returns: (transfer floating): an empty chart
 */
GtkWidget *
pst_flow_chart_new (void)
{
  return g_object_new (PST_TYPE_FLOW_CHART, NULL);
}

/**
 * pst_flow_chart_set_samples:
 * @self: a chart
 * @samples: (nullable): what a transfer did; must live until others are set
 *
 * Sets what is drawn.
 */
void
pst_flow_chart_set_samples (PstFlowChart *self, PstSamples *samples)
{
  g_return_if_fail (PST_IS_FLOW_CHART (self));

  self->samples = samples;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/**
 * pst_flow_chart_get_n_snapshots:
 * @self: a chart
 *
 * Returns: how often it was drawn
 */
guint
pst_flow_chart_get_n_snapshots (PstFlowChart *self)
{
  g_return_val_if_fail (PST_IS_FLOW_CHART (self), 0);

  return self->n_snapshots;
}
