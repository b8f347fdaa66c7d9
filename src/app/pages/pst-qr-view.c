/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-qr-view.h"

#include <glib/gi18n.h>

#include "pst-invite.h"

/* A phone at arm's length still tells modules of this size apart. */
#define MIN_MODULE_PX 3
/* Large enough for a camera across a table; more only where there is room. */
#define NATURAL_MODULE_PX 6
/* Well inside the quiet zone, of which no corner may be missed. */
#define CORNER_MODULES 1.5f

struct _PstQrView
{
  GtkWidget parent_instance;

  char *text;
  GBytes *modules; /* NULL while there is no code */
  guint n_modules; /* in a row, without the quiet zone */
};

G_DEFINE_FINAL_TYPE (PstQrView, pst_qr_view, GTK_TYPE_WIDGET)

static guint
count_with_quiet_zone (guint n_modules)
{
  return n_modules + 2 * PST_INVITE_QR_QUIET_MODULES;
}

/**
 * pst_qr_view_fit:
 * @n_modules: modules in a row, without the quiet zone
 * @room_px: pixels there are in each direction
 *
 * Computes how large a QR code can be drawn.
 *
 * Returns: pixels to a module, at least 1
 */
guint
pst_qr_view_fit (guint n_modules, guint room_px)
{
  return MAX (1, room_px / count_with_quiet_zone (n_modules));
}

static gboolean
is_dark (PstQrView *self, guint x, guint y)
{
  const guint8 *modules = g_bytes_get_data (self->modules, NULL);

  return x < self->n_modules && modules[y * self->n_modules + x] != 0;
}

/* Dark modules side by side are one rectangle: no seams, and fewer nodes. */
static void
append_row (PstQrView *self, GtkSnapshot *snapshot, guint y, const graphene_rect_t *symbol)
{
  const GdkRGBA black = { 0, 0, 0, 1 };
  float module = symbol->size.width / self->n_modules;

  for (guint x = 0; x < self->n_modules; x++)
    {
      guint n = 0;

      while (is_dark (self, x + n, y))
        n++;
      if (n > 0)
        gtk_snapshot_append_color (snapshot, &black,
                                   &GRAPHENE_RECT_INIT (symbol->origin.x + x * module,
                                                        symbol->origin.y + y * module, n * module,
                                                        module));
      x += n;
    }
}

static void
append_paper (GtkSnapshot *snapshot, const graphene_rect_t *paper, float corner)
{
  const GdkRGBA white = { 1, 1, 1, 1 };
  GskRoundedRect rounded;

  gsk_rounded_rect_init_from_rect (&rounded, paper, corner);
  gtk_snapshot_push_rounded_clip (snapshot, &rounded);
  gtk_snapshot_append_color (snapshot, &white, paper);
  gtk_snapshot_pop (snapshot);
}

static void
pst_qr_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  PstQrView *self = PST_QR_VIEW (widget);
  guint scale = gtk_widget_get_scale_factor (widget);
  guint width_px = gtk_widget_get_width (widget) * scale;
  guint height_px = gtk_widget_get_height (widget) * scale;
  guint module_px;
  guint side_px;
  graphene_rect_t paper;
  graphene_rect_t symbol;
  float quiet;

  if (self->modules == NULL)
    return;

  module_px = pst_qr_view_fit (self->n_modules, MIN (width_px, height_px));
  side_px = module_px * count_with_quiet_zone (self->n_modules);
  quiet = (float)(module_px * PST_INVITE_QR_QUIET_MODULES) / scale;
  graphene_rect_init (&paper, (float)(MAX (width_px, side_px) - side_px) / 2 / scale,
                      (float)(MAX (height_px, side_px) - side_px) / 2 / scale,
                      (float)side_px / scale, (float)side_px / scale);
  paper.origin.x = floorf (paper.origin.x * scale) / scale;
  paper.origin.y = floorf (paper.origin.y * scale) / scale;
  graphene_rect_inset_r (&paper, quiet, quiet, &symbol);

  append_paper (snapshot, &paper, CORNER_MODULES * module_px / scale);
  for (guint y = 0; y < self->n_modules; y++)
    append_row (self, snapshot, y, &symbol);
}

static void
pst_qr_view_measure (GtkWidget *widget,
                     GtkOrientation orientation,
                     int for_size,
                     int *minimum,
                     int *natural,
                     int *minimum_baseline,
                     int *natural_baseline)
{
  PstQrView *self = PST_QR_VIEW (widget);
  guint n = self->modules != NULL ? count_with_quiet_zone (self->n_modules) : 0;

  *minimum = n * MIN_MODULE_PX;
  *natural = n * NATURAL_MODULE_PX;
}

static void
pst_qr_view_finalize (GObject *object)
{
  PstQrView *self = PST_QR_VIEW (object);

  g_free (self->text);
  g_clear_pointer (&self->modules, g_bytes_unref);

  G_OBJECT_CLASS (pst_qr_view_parent_class)->finalize (object);
}

static void
pst_qr_view_class_init (PstQrViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = pst_qr_view_finalize;
  widget_class->snapshot = pst_qr_view_snapshot;
  widget_class->measure = pst_qr_view_measure;
  gtk_widget_class_set_css_name (widget_class, "qrview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
pst_qr_view_init (PstQrView *self)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("QR code of the link"), -1);
}

/**
 * pst_qr_view_new:
 *
 * Makes a view without a code.
 *
 * Returns: (transfer floating): the view
 */
GtkWidget *
pst_qr_view_new (void)
{
  return g_object_new (PST_TYPE_QR_VIEW, NULL);
}

/**
 * pst_qr_view_set_text:
 * @self: a view
 * @text: (nullable): what a reader is to read; %NULL for no code
 *
 * Sets the code. A text too long for one is shown as nothing, with a warning:
 * links are far shorter.
 */
void
pst_qr_view_set_text (PstQrView *self, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (PST_IS_QR_VIEW (self));

  if (g_strcmp0 (self->text, text) == 0)
    return;

  g_free (self->text);
  self->text = g_strdup (text);
  g_clear_pointer (&self->modules, g_bytes_unref);
  if (text != NULL)
    self->modules = pst_invite_to_qr_modules (text, &self->n_modules, &error);
  if (error != NULL)
    g_warning ("No QR code: %s", error->message);

  gtk_widget_queue_resize (GTK_WIDGET (self));
}
