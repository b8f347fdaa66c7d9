/* SPDX-License-Identifier: GPL-3.0-or-later */
/* With large text, a button of two long words is wider than a small screen, and
 * the label of a GtkButton neither breaks nor is shortened: GtkButton:can-shrink
 * is not in GTK 4.8. */
#include "pst-narrow.h"

static gboolean
is_on_button (GtkWidget *label)
{
  return gtk_widget_get_ancestor (label, GTK_TYPE_BUTTON) != NULL
         || gtk_widget_get_ancestor (label, GTK_TYPE_CHECK_BUTTON) != NULL;
}

/* GTK 4.8 asks a menu button for one size only: a label that breaks would be drawn
 * beyond it. */
static void
let_break (GtkLabel *label)
{
  if (gtk_widget_get_ancestor (GTK_WIDGET (label), GTK_TYPE_MENU_BUTTON) != NULL)
    {
      gtk_label_set_ellipsize (label, PANGO_ELLIPSIZE_END);
      return;
    }

  gtk_label_set_wrap (label, TRUE);
  gtk_label_set_wrap_mode (label, PANGO_WRAP_WORD_CHAR);
  if (gtk_widget_get_ancestor (GTK_WIDGET (label), GTK_TYPE_BUTTON) != NULL)
    gtk_label_set_justify (label, GTK_JUSTIFY_CENTER);
}

static gboolean
breaks_within_words (GtkLabel *label)
{
  return gtk_label_get_wrap (label) && gtk_label_get_wrap_mode (label) == PANGO_WRAP_WORD_CHAR;
}

static void
leave_out_hyphens (GtkLabel *label)
{
  PangoAttrList *before = gtk_label_get_attributes (label);
  g_autoptr (PangoAttrList) attributes = before != NULL ? pango_attr_list_copy (before)
                                                        : pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  gtk_label_set_attributes (label, attributes);
}

/**
 * pst_narrow_words:
 * @widget: a page, or a part of one
 *
 * Leaves hyphens out where a line ends within a word, in writing from right to
 * left. Arabic has none, and GTK 4.8 comes to two widths for a label with them,
 * depending on which way it measures, and complains. Labels that come later are
 * not among them.
 */
void
pst_narrow_words (GtkWidget *widget)
{
  if (gtk_widget_get_default_direction () != GTK_TEXT_DIR_RTL)
    return;

  if (GTK_IS_LABEL (widget) && breaks_within_words (GTK_LABEL (widget)))
    leave_out_hyphens (GTK_LABEL (widget));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    pst_narrow_words (child);
}

static void
narrow_buttons (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget) && is_on_button (widget)
      && gtk_label_get_ellipsize (GTK_LABEL (widget)) == PANGO_ELLIPSIZE_NONE)
    let_break (GTK_LABEL (widget));

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    narrow_buttons (child);
}

/**
 * pst_narrow_buttons:
 * @widget: a page, or a part of one
 *
 * Lets what is written on the buttons in @widget break into lines where there is
 * no room for one, and does what pst_narrow_words() does. Buttons that get their
 * label later are not among them.
 */
void
pst_narrow_buttons (GtkWidget *widget)
{
  narrow_buttons (widget);
  pst_narrow_words (widget);
}
