/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-progress-bar.h"

#include "pst-style.h"

/* Two bars of the toolkit lie upon each other, so that the theme, high contrast
 * and assistive technology treat them as what they are. */
struct _PstProgressBar
{
  GtkWidget parent_instance;

  GtkProgressBar *sent;
  GtkProgressBar *written;
};

G_DEFINE_FINAL_TYPE (PstProgressBar, pst_progress_bar, GTK_TYPE_WIDGET)

static void
pst_progress_bar_dispose (GObject *object)
{
  PstProgressBar *self = PST_PROGRESS_BAR (object);

  g_clear_pointer ((GtkWidget **)&self->sent, gtk_widget_unparent);
  g_clear_pointer ((GtkWidget **)&self->written, gtk_widget_unparent);

  G_OBJECT_CLASS (pst_progress_bar_parent_class)->dispose (object);
}

static void
pst_progress_bar_class_init (PstProgressBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = pst_progress_bar_dispose;

  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GENERIC);
}

static GtkProgressBar *
add_bar (PstProgressBar *self, const char *css_class, GtkAccessibleRole role)
{
  GtkWidget *bar = g_object_new (GTK_TYPE_PROGRESS_BAR, "accessible-role", role, NULL);

  gtk_widget_add_css_class (bar, css_class);
  gtk_widget_set_valign (bar, GTK_ALIGN_CENTER);
  gtk_widget_set_parent (bar, GTK_WIDGET (self));
  return GTK_PROGRESS_BAR (bar);
}

static void
pst_progress_bar_init (PstProgressBar *self)
{
  pst_style_use (gtk_widget_get_display (GTK_WIDGET (self)));
  self->sent = add_bar (self, "pst-sent", GTK_ACCESSIBLE_ROLE_PRESENTATION);
  self->written = add_bar (self, "pst-written", GTK_ACCESSIBLE_ROLE_PROGRESS_BAR);
}

/**
 * pst_progress_bar_new:
 *
 * Returns: (transfer floating): an empty bar
 */
GtkWidget *
pst_progress_bar_new (void)
{
  return g_object_new (PST_TYPE_PROGRESS_BAR, NULL);
}

static double
fraction_of (guint64 bytes, guint64 total_bytes)
{
  return total_bytes > 0 ? MIN ((double)bytes / total_bytes, 1.0) : 0;
}

/**
 * pst_progress_bar_set_bytes:
 * @self: a bar
 * @written_bytes: what the other side has written
 * @sent_bytes: what has been sent
 * @total_bytes: the whole; 0 while unknown
 *
 * Shows how far it is.
 */
void
pst_progress_bar_set_bytes (PstProgressBar *self,
                            guint64 written_bytes,
                            guint64 sent_bytes,
                            guint64 total_bytes)
{
  g_return_if_fail (PST_IS_PROGRESS_BAR (self));

  gtk_progress_bar_set_fraction (self->written, fraction_of (written_bytes, total_bytes));
  gtk_progress_bar_set_fraction (self->sent, fraction_of (sent_bytes, total_bytes));
}

/**
 * pst_progress_bar_set_label:
 * @self: a bar
 * @label: what progresses, in the person's language
 *
 * Names the bar for assistive technology.
 */
void
pst_progress_bar_set_label (PstProgressBar *self, const char *label)
{
  g_return_if_fail (PST_IS_PROGRESS_BAR (self));

  gtk_accessible_update_property (GTK_ACCESSIBLE (self->written), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label, -1);
}

/**
 * pst_progress_bar_set_value_text:
 * @self: a bar
 * @text: how far it is, in the person's language
 *
 * Says the value in words for assistive technology.
 */
void
pst_progress_bar_set_value_text (PstProgressBar *self, const char *text)
{
  g_return_if_fail (PST_IS_PROGRESS_BAR (self));

  gtk_accessible_update_property (GTK_ACCESSIBLE (self->written),
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text, -1);
}

/**
 * pst_progress_bar_get_bar:
 * @self: a bar
 *
 * Returns: (transfer none): the part that assistive technology sees
 */
GtkWidget *
pst_progress_bar_get_bar (PstProgressBar *self)
{
  g_return_val_if_fail (PST_IS_PROGRESS_BAR (self), NULL);

  return GTK_WIDGET (self->written);
}

/**
 * pst_progress_bar_get_written:
 * @self: a bar
 *
 * Returns: how much of it is written, 0 to 1
 */
double
pst_progress_bar_get_written (PstProgressBar *self)
{
  g_return_val_if_fail (PST_IS_PROGRESS_BAR (self), 0);

  return gtk_progress_bar_get_fraction (self->written);
}

/**
 * pst_progress_bar_get_sent:
 * @self: a bar
 *
 * Returns: how much of it is sent, 0 to 1
 */
double
pst_progress_bar_get_sent (PstProgressBar *self)
{
  g_return_val_if_fail (PST_IS_PROGRESS_BAR (self), 0);

  return gtk_progress_bar_get_fraction (self->sent);
}
