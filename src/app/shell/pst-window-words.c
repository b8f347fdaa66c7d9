/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words by which two people find that nobody is in between. */
#include "pst-window-private.h"

#include <glib/gi18n.h>

/**
 * pst_window_has_words:
 * @self: a window
 *
 * Returns: %TRUE if there is a connection that words to compare can be about
 */
gboolean
pst_window_has_words (PstWindow *self)
{
  return self->session != NULL
         && pst_app_session_get_state (self->session) == PST_SESSION_CONNECTED;
}

/* To be read out: large, and within reach of whoever hears the window. */
static GtkWidget *
make_label (const char *phrase)
{
  GtkWidget *label = gtk_label_new (phrase);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 24);
  gtk_widget_set_focusable (label, TRUE);
  gtk_widget_add_css_class (label, "title-2");
  return label;
}

static void
on_response (PstWindow *self, const char *response)
{
  if (strcmp (response, "differ") == 0 && self->session != NULL)
    pst_app_session_reject (self->session);
}

static void
show_words (PstWindow *self)
{
  AdwMessageDialog *dialog;

  self->words_wanted = FALSE;
  dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (
      GTK_WINDOW (self),
      /* Translators: the title of a dialog that shows six words */
      _ ("Compare Words"),
      _ ("Read these words to each other. If they differ, somebody is in between: close the "
         "connection.")));
  adw_message_dialog_set_extra_child (dialog,
                                      make_label (pst_app_session_get_verifier (self->session)));
  /* Translators: a button that closes the dialog and leaves the connection alone */
  adw_message_dialog_add_response (dialog, "close", _ ("_Close"));
  /* Translators: a button: the words on the two screens are not the same */
  adw_message_dialog_add_response (dialog, "differ", _ ("They _Differ"));
  adw_message_dialog_set_response_appearance (dialog, "differ", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (dialog, "close");
  adw_message_dialog_set_close_response (dialog, "close");
  g_signal_connect_object (self->session, "closed", G_CALLBACK (gtk_window_close), dialog,
                           G_CONNECT_SWAPPED);
  pst_window_ask (self, dialog, G_CALLBACK (on_response));
}

/* The words that were asked for are there. */
void
pst_window_note_words (PstWindow *self)
{
  if (self->words_wanted && pst_window_has_words (self))
    show_words (self);
}

/**
 * pst_window_compare_words:
 * @self: a window for which pst_window_has_words() holds
 *
 * Shows the words, as soon as they are made, and ends the connection if the person says
 * that they differ. The dialog goes with the connection.
 */
void
pst_window_compare_words (PstWindow *self)
{
  if (!pst_window_has_words (self))
    return;

  self->words_wanted = TRUE;
  if (pst_app_session_get_verifier (self->session) != NULL)
    show_words (self);
  else
    pst_app_session_want_verifier (self->session);
}
