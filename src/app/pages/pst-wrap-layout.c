/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-wrap-layout.h"

struct _PstWrapLayout
{
  GtkLayoutManager parent_instance;

  int spacing;      /* pixels */
  int line_spacing; /* pixels */
};

G_DEFINE_FINAL_TYPE (PstWrapLayout, pst_wrap_layout, GTK_TYPE_LAYOUT_MANAGER)

static GtkSizeRequestMode
pst_wrap_layout_get_request_mode (GtkLayoutManager *manager, GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static int
child_width (GtkWidget *child, int width)
{
  int minimum, natural;

  gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, &natural, NULL, NULL);
  return MAX (minimum, MIN (natural, width));
}

static int
child_height (GtkWidget *child, int width)
{
  int natural;

  gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, width, NULL, &natural, NULL, NULL);
  return natural;
}

/* The child after the last one that fits on the line, and the line's height. */
static GtkWidget *
end_of_line (PstWrapLayout *self, GtkWidget *child, int width, int *height)
{
  gboolean first = TRUE;
  int x = 0;

  *height = 0;
  for (; child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      int room;

      if (!gtk_widget_should_layout (child))
        continue;
      room = child_width (child, width);
      if (!first && x + room > width)
        break;
      first = FALSE;
      x += room + self->spacing;
      *height = MAX (*height, child_height (child, room));
    }

  return child;
}

static int
height_for_width (PstWrapLayout *self, GtkWidget *widget, int width)
{
  GtkWidget *child = gtk_widget_get_first_child (widget);
  int total = 0;

  while (child != NULL)
    {
      int height;

      child = end_of_line (self, child, width, &height);
      total += height + (total > 0 && height > 0 ? self->line_spacing : 0);
    }

  return total;
}

static void
measure_width (PstWrapLayout *self, GtkWidget *widget, int *minimum, int *natural)
{
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      int child_minimum, child_natural;

      if (!gtk_widget_should_layout (child))
        continue;
      gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &child_minimum, &child_natural,
                          NULL, NULL);
      *minimum = MAX (*minimum, child_minimum);
      *natural += child_natural + (*natural > 0 ? self->spacing : 0);
    }
}

static void
pst_wrap_layout_measure (GtkLayoutManager *manager,
                         GtkWidget *widget,
                         GtkOrientation orientation,
                         int for_size,
                         int *minimum,
                         int *natural,
                         int *minimum_baseline,
                         int *natural_baseline)
{
  PstWrapLayout *self = PST_WRAP_LAYOUT (manager);
  int width_minimum = 0, width_natural = 0;

  measure_width (self, widget, &width_minimum, &width_natural);
  *minimum = width_minimum;
  *natural = width_natural;
  if (orientation == GTK_ORIENTATION_VERTICAL)
    *minimum = *natural = height_for_width (
        self, widget, MAX (for_size < 0 ? width_natural : for_size, width_minimum));
}

/* What a line leaves to each child on it that wants to expand. */
static int
room_to_expand (PstWrapLayout *self, GtkWidget *child, GtkWidget *end, int width)
{
  int n_expand = 0;
  int left = width + self->spacing;

  for (; child != end; child = gtk_widget_get_next_sibling (child))
    {
      if (!gtk_widget_should_layout (child))
        continue;
      left -= child_width (child, width) + self->spacing;
      n_expand += gtk_widget_compute_expand (child, GTK_ORIENTATION_HORIZONTAL);
    }

  return n_expand > 0 ? MAX (left, 0) / n_expand : 0;
}

static void
allocate_line (
    PstWrapLayout *self, GtkWidget *child, GtkWidget *end, GtkAllocation line, gboolean mirrored)
{
  int more = room_to_expand (self, child, end, line.width);
  int x = 0;

  for (; child != end; child = gtk_widget_get_next_sibling (child))
    {
      GtkAllocation place = line;

      if (!gtk_widget_should_layout (child))
        continue;
      place.width = child_width (child, line.width);
      if (gtk_widget_compute_expand (child, GTK_ORIENTATION_HORIZONTAL))
        place.width += more;
      place.x = mirrored ? line.width - x - place.width : x;
      gtk_widget_size_allocate (child, &place, -1);
      x += place.width + self->spacing;
    }
}

static void
pst_wrap_layout_allocate (
    GtkLayoutManager *manager, GtkWidget *widget, int width, int height, int baseline)
{
  PstWrapLayout *self = PST_WRAP_LAYOUT (manager);
  gboolean mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  GtkWidget *child = gtk_widget_get_first_child (widget);
  GtkAllocation line = { 0, 0, width, 0 };

  while (child != NULL)
    {
      GtkWidget *end = end_of_line (self, child, width, &line.height);

      allocate_line (self, child, end, line, mirrored);
      line.y += line.height + self->line_spacing;
      child = end;
    }
}

static void
pst_wrap_layout_class_init (PstWrapLayoutClass *klass)
{
  GtkLayoutManagerClass *layout_class = GTK_LAYOUT_MANAGER_CLASS (klass);

  layout_class->get_request_mode = pst_wrap_layout_get_request_mode;
  layout_class->measure = pst_wrap_layout_measure;
  layout_class->allocate = pst_wrap_layout_allocate;
}

static void
pst_wrap_layout_init (PstWrapLayout *self)
{
  self->spacing = self->line_spacing = 6;
}

/**
 * pst_wrap_layout_new:
 * @spacing: between children on a line, pixels
 * @line_spacing: between lines, pixels
 *
 * Returns: (transfer full): a layout manager
 */
GtkLayoutManager *
pst_wrap_layout_new (int spacing, int line_spacing)
{
  PstWrapLayout *self = g_object_new (PST_TYPE_WRAP_LAYOUT, NULL);

  self->spacing = spacing;
  self->line_spacing = line_spacing;
  return GTK_LAYOUT_MANAGER (self);
}
