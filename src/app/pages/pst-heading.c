/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-heading.h"

/**
 * pst_heading_grab_focus:
 * @heading: a focusable label
 *
 * Moves the focus to a heading, so that a screen reader begins there. A label
 * whose text cannot be selected takes no focus by gtk_widget_grab_focus().
 *
 * Returns: %TRUE if it is in a window, for the focus to be there
 */
gboolean
pst_heading_grab_focus (GtkWidget *heading)
{
  GtkRoot *root = gtk_widget_get_root (heading);

  if (root == NULL)
    return FALSE;

  gtk_root_set_focus (root, heading);
  return TRUE;
}
