/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How questions are put, so that a hasty Enter does no harm. */
#include "pst-ask.h"

static void
on_default_widget (GtkWindow *dialog)
{
  GtkWidget *button = gtk_window_get_default_widget (dialog);

  if (button != NULL)
    gtk_widget_grab_focus (button);
}

/**
 * pst_ask_present:
 * @dialog: a question with a default response
 *
 * Shows a question; Enter gives its default response. The dialog itself sees to
 * that only until it finds that its buttons have to stand one below the other:
 * those are others, and of these the uppermost is focused, which is the last one
 * that was added.
 */
void
pst_ask_present (AdwMessageDialog *dialog)
{
  g_return_if_fail (ADW_IS_MESSAGE_DIALOG (dialog));

  g_signal_connect (dialog, "notify::default-widget", G_CALLBACK (on_default_widget), NULL);
  gtk_window_present (GTK_WINDOW (dialog));
}
