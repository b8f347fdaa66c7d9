/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-failure-page.h"

#include <glib/gi18n.h>

#include "pst-heading.h"
#include "pst-narrow.h"

struct _PstFailurePage
{
  AdwBin parent_instance;

  GtkLabel *heading;
  GtkLabel *sentence;
  GtkLabel *advice;
  GtkButton *step_button;
  GtkExpander *details_expander;
  GtkLabel *details;

  PstFailureStep step;
};

enum
{
  STEP,
  DISMISSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PstFailurePage, pst_failure_page, ADW_TYPE_BIN)

static void
on_step_clicked (PstFailurePage *self)
{
  g_signal_emit (self, signals[STEP], 0, self->step);
}

static void
on_dismiss_clicked (PstFailurePage *self)
{
  g_signal_emit (self, signals[DISMISSED], 0);
}

static void
on_copy_clicked (PstFailurePage *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                          gtk_label_get_label (self->details));
}

/* A screen reader begins with what happened. */
static gboolean
pst_failure_page_grab_focus (GtkWidget *widget)
{
  return pst_heading_grab_focus (GTK_WIDGET (PST_FAILURE_PAGE (widget)->heading));
}

static void
pst_failure_page_class_init (PstFailurePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->grab_focus = pst_failure_page_grab_focus;

  signals[STEP] = g_signal_new ("step", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  signals[DISMISSED] = g_signal_new ("dismissed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/penstock/Penstock/pages/pst-failure-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PstFailurePage, heading);
  gtk_widget_class_bind_template_child (widget_class, PstFailurePage, sentence);
  gtk_widget_class_bind_template_child (widget_class, PstFailurePage, advice);
  gtk_widget_class_bind_template_child (widget_class, PstFailurePage, step_button);
  gtk_widget_class_bind_template_child (widget_class, PstFailurePage, details_expander);
  gtk_widget_class_bind_template_child (widget_class, PstFailurePage, details);
  gtk_widget_class_bind_template_callback (widget_class, on_step_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_dismiss_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_clicked);
}

static void
pst_failure_page_init (PstFailurePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  pst_narrow_buttons (GTK_WIDGET (self));
  /* The engine's words, for those who are asked for them: never translated. */
  gtk_widget_set_direction (GTK_WIDGET (self->details), GTK_TEXT_DIR_LTR);
}

/**
 * pst_failure_page_new:
 *
 * Makes a page that says nothing yet.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
pst_failure_page_new (void)
{
  return g_object_new (PST_TYPE_FAILURE_PAGE, NULL);
}

static void
show_line (GtkLabel *label, const char *text)
{
  gtk_label_set_label (label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (label), text != NULL && *text != '\0');
}

/**
 * pst_failure_page_set_error:
 * @self: a page
 * @error: what ended the connection
 * @role: who meets it here
 *
 * Says what happened and offers what can be done about it.
 */
void
pst_failure_page_set_error (PstFailurePage *self, const GError *error, PstFailureRole role)
{
  PstFailure failure;
  g_autofree char *details = NULL;
  const char *label;

  g_return_if_fail (PST_IS_FAILURE_PAGE (self));
  g_return_if_fail (error != NULL);

  failure = pst_failure_describe (error, role);
  details = pst_failure_details (error);
  label = failure.step != PST_FAILURE_STEP_NONE ? pst_failure_step_label (failure.step) : NULL;

  self->step = failure.step;
  show_line (self->heading, failure.title);
  show_line (self->sentence, failure.sentence);
  show_line (self->advice, failure.advice);
  show_line (self->details, details);
  gtk_button_set_label (self->step_button, label != NULL ? label : "");
  gtk_widget_set_visible (GTK_WIDGET (self->step_button), label != NULL);
  gtk_expander_set_expanded (self->details_expander, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->details_expander), details != NULL);
}
