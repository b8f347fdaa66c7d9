/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-buffer-vessel.h"

#include <glib/gi18n.h>

#include "pst-gauge-geometry.h"
#include "pst-gauge-paint.h"

struct _PstBufferVessel
{
  GtkWidget parent_instance;

  guint64 buffered_bytes;
  guint64 low_mark_bytes;
  guint64 high_mark_bytes;
};

G_DEFINE_FINAL_TYPE (PstBufferVessel, pst_buffer_vessel, GTK_TYPE_WIDGET)

/* Between the vessel and the labels of its marks; of its corners; pixels. */
#define LABEL_GAP 6
#define RADIUS    5
#define MARK_TICK 4

static PangoLayout *
make_label (GtkWidget *widget, const char *text, int *width, int *height)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (widget, text);
  g_autoptr (PangoAttrList) attrs = pango_attr_list_new ();

  pango_attr_list_insert (attrs, pango_attr_scale_new (PANGO_SCALE_SMALL));
  pango_layout_set_attributes (layout, attrs);
  pango_layout_get_pixel_size (layout, width, height);
  return layout;
}

static const char *
get_title (void)
{
  /* Translators: above a small vessel that shows how full the buffer of bytes to be sent is */
  return C_ ("gauge", "Buffer");
}

static const char *
get_mark_label (gboolean high)
{
  return high
             /* Translators: a mark of the send buffer: sending stops at it */
             ? C_ ("mark of the buffer", "High")
             /* Translators: a mark of the send buffer: sending goes on at it */
             : C_ ("mark of the buffer", "Low");
}

typedef struct
{
  int line_height;
  int title_width;
  int mark_width;
  int vessel_width;
} Sizes;

static Sizes
get_sizes (GtkWidget *widget)
{
  Sizes sizes;
  int high_width, low_width;

  g_object_unref (make_label (widget, get_title (), &sizes.title_width, &sizes.line_height));
  g_object_unref (make_label (widget, get_mark_label (TRUE), &high_width, NULL));
  g_object_unref (make_label (widget, get_mark_label (FALSE), &low_width, NULL));
  sizes.mark_width = MAX (high_width, low_width);
  sizes.vessel_width = sizes.line_height * 3 / 2;
  return sizes;
}

static void
append_label (GtkSnapshot *snapshot, GtkWidget *widget, const char *text, double edge, double y)
{
  GdkRGBA colour = pst_gauge_foreground (widget, pst_gauge_line_opacity () > 0.5 ? 1 : 0.7);
  int width, height;
  g_autoptr (PangoLayout) layout = make_label (widget, text, &width, &height);
  gboolean mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;

  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (mirrored ? edge - width : edge, y));
  gtk_snapshot_append_layout (snapshot, layout, &colour);
  gtk_snapshot_restore (snapshot);
}

static void
append_fill (GtkSnapshot *snapshot, GtkWidget *widget, const graphene_rect_t *vessel)
{
  PstBufferVessel *self = PST_BUFFER_VESSEL (widget);
  double fill = vessel->size.height * pst_gauge_fill (self->buffered_bytes, self->high_mark_bytes);
  double bottom = vessel->origin.y + vessel->size.height;
  GdkRGBA water = pst_gauge_colour (widget, "accent_color"), surface = water;

  if (fill < 1)
    return;

  water.alpha = 0.4;
  gtk_snapshot_append_color (
      snapshot, &water,
      &GRAPHENE_RECT_INIT (vessel->origin.x, bottom - fill, vessel->size.width, fill));
  gtk_snapshot_append_color (
      snapshot, &surface,
      &GRAPHENE_RECT_INIT (vessel->origin.x, bottom - fill, vessel->size.width, MIN (fill, 2)));
}

/* Like a gate across the pipe: a line through the vessel that stands out a little. */
static void
append_mark (GtkSnapshot *snapshot,
             GtkWidget *widget,
             const graphene_rect_t *vessel,
             gboolean high,
             const Sizes *sizes)
{
  PstBufferVessel *self = PST_BUFFER_VESSEL (widget);
  gboolean mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  guint64 mark_bytes = high ? self->high_mark_bytes : self->low_mark_bytes;
  double level = pst_gauge_fill (mark_bytes, self->high_mark_bytes);
  double y = floor (vessel->origin.y + vessel->size.height * (1 - level));
  double left = vessel->origin.x - (mirrored ? MARK_TICK : 0);
  double right = vessel->origin.x + vessel->size.width;
  GdkRGBA colour = pst_gauge_foreground (widget, 0.7);

  gtk_snapshot_append_color (snapshot, &colour,
                             &GRAPHENE_RECT_INIT (left, y, vessel->size.width + MARK_TICK, 1));
  append_label (snapshot, widget, get_mark_label (high),
                mirrored ? vessel->origin.x - LABEL_GAP : right + LABEL_GAP,
                y - sizes->line_height / 2.0);
}

static void
append_outline (GtkSnapshot *snapshot, GtkWidget *widget, const GskRoundedRect *outline)
{
  double opacity = MAX (pst_gauge_line_opacity (), 0.3);
  GdkRGBA colour = pst_gauge_foreground (widget, opacity);

  gtk_snapshot_append_border (snapshot, outline, (float[]){ 1, 1, 1, 1 },
                              (GdkRGBA[]){ colour, colour, colour, colour });
}

static void
pst_buffer_vessel_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  Sizes sizes = get_sizes (widget);
  gboolean mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  graphene_rect_t vessel = GRAPHENE_RECT_INIT (mirrored ? width - sizes.vessel_width : 0,
                                               sizes.line_height + 1, sizes.vessel_width,
                                               height - 2 * sizes.line_height - 5);
  GskRoundedRect outline;

  if (vessel.size.height < 1)
    return;

  append_label (snapshot, widget, get_title (), mirrored ? width : 0, 0);
  gsk_rounded_rect_init_from_rect (&outline, &vessel, RADIUS);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  append_fill (snapshot, widget, &vessel);
  gtk_snapshot_pop (snapshot);
  append_outline (snapshot, widget, &outline);
  append_mark (snapshot, widget, &vessel, TRUE, &sizes);
  append_mark (snapshot, widget, &vessel, FALSE, &sizes);
}

static void
pst_buffer_vessel_measure (GtkWidget *widget,
                           GtkOrientation orientation,
                           int for_size,
                           int *minimum,
                           int *natural,
                           int *minimum_baseline,
                           int *natural_baseline)
{
  Sizes sizes = get_sizes (widget);

  if (orientation == GTK_ORIENTATION_VERTICAL)
    *minimum = *natural = 6 * sizes.line_height;
  else
    *minimum = *natural = MAX (sizes.title_width,
                               sizes.vessel_width + LABEL_GAP + sizes.mark_width);
}

static void
pst_buffer_vessel_class_init (PstBufferVesselClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->measure = pst_buffer_vessel_measure;
  widget_class->snapshot = pst_buffer_vessel_snapshot;
  /* The gauge around it says in words what it shows. */
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
pst_buffer_vessel_init (PstBufferVessel *self)
{
}

/**
 * pst_buffer_vessel_new:
 *
 * Returns: (transfer floating): an empty vessel
 */
GtkWidget *
pst_buffer_vessel_new (void)
{
  return g_object_new (PST_TYPE_BUFFER_VESSEL, NULL);
}

/**
 * pst_buffer_vessel_set_bytes:
 * @self: a vessel
 * @buffered_bytes: what waits in the buffer
 * @low_mark_bytes: where sending goes on
 * @high_mark_bytes: where sending stops; 0 without a connection
 *
 * Sets what is drawn.
 */
void
pst_buffer_vessel_set_bytes (PstBufferVessel *self,
                             guint64 buffered_bytes,
                             guint64 low_mark_bytes,
                             guint64 high_mark_bytes)
{
  g_return_if_fail (PST_IS_BUFFER_VESSEL (self));

  if (self->buffered_bytes == buffered_bytes && self->low_mark_bytes == low_mark_bytes
      && self->high_mark_bytes == high_mark_bytes)
    return;

  self->buffered_bytes = buffered_bytes;
  self->low_mark_bytes = low_mark_bytes;
  self->high_mark_bytes = high_mark_bytes;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
