/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-application-private.h"
#include "pst-window-private.h"

#include <glib/gi18n.h>

#include "pst-ask.h"

/* The least the schema takes. */
#define MIN_WIDTH_PX  360
#define MIN_HEIGHT_PX 294

static void
save_size (PstWindow *self)
{
  int width;
  int height;

  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  g_settings_set_boolean (self->settings, "window-maximized",
                          gtk_window_is_maximized (GTK_WINDOW (self)));
  g_settings_set_int (self->settings, "window-width", MAX (width, MIN_WIDTH_PX));
  g_settings_set_int (self->settings, "window-height", MAX (height, MIN_HEIGHT_PX));
}

/**
 * pst_window_restore_size:
 * @self: a window that was not shown yet
 *
 * Gives the window the size it had when it was last closed.
 */
void
pst_window_restore_size (PstWindow *self)
{
  gtk_window_set_default_size (GTK_WINDOW (self),
                               g_settings_get_int (self->settings, "window-width"),
                               g_settings_get_int (self->settings, "window-height"));
  if (g_settings_get_boolean (self->settings, "window-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
}

/* Not left to GTK 4.8: while it tells its answer, it outlives its parent, and
 * looks for it when it goes. */
static void
drop_question (PstWindow *self)
{
  GtkWindow *question = self->question;

  if (question == NULL)
    return;

  g_clear_weak_pointer (&self->question);
  gtk_window_set_transient_for (question, NULL);
  gtk_window_destroy (question);
}

/* The window goes at once, and the application sees the session off. Hidden until
 * then, it would be in the way of GTK 4.8: on X11, whatever the window system says
 * of a hidden window has GDK compute its size in an idle callback, which is not
 * removed when the window is destroyed, and GtkWindow leaves its handler of
 * GdkToplevel::compute-size connected, which would be called after it was freed. */
static void
leave (PstWindow *self)
{
  g_autoptr (PstAppSession) session = self->session != NULL ? g_object_ref (self->session) : NULL;

  save_size (self);
  drop_question (self);
  pst_window_clear_session (self);
  if (session != NULL)
    pst_window_end_session (self, session);
}

/**
 * pst_window_end_session:
 * @self: a window that has nothing to do with @session any more
 * @session: a session
 *
 * Has the application say goodbye to the other side.
 */
void
pst_window_end_session (PstWindow *self, PstAppSession *session)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));

  pst_application_see_off (PST_APPLICATION (application), session);
}

/**
 * pst_window_close_now:
 * @self: a window
 *
 * Closes the window without a question.
 */
void
pst_window_close_now (PstWindow *self)
{
  if (!pst_window_is_open (self))
    return;

  leave (self);
  gtk_window_destroy (GTK_WINDOW (self));
}

/**
 * pst_window_ask:
 * @self: a window
 * @dialog: (transfer full): a dialog of this window
 * @on_response: called with @self and the response
 *
 * Shows a question. There is one at a time: the newest.
 */
void
pst_window_ask (PstWindow *self, AdwMessageDialog *dialog, GCallback on_response)
{
  g_signal_connect_object (dialog, "response", on_response, self, G_CONNECT_SWAPPED);
  drop_question (self);
  g_set_weak_pointer (&self->question, GTK_WINDOW (dialog));
  pst_ask_present (dialog);
}

static void
ask (PstWindow *self, const char *heading, const char *yes, GCallback on_response)
{
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (self), heading,
      _ ("Transfers are still running. Files that are not complete will be lost."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "keep", _ ("_Keep Transferring"),
                                    "stop", yes, NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "stop",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "keep");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "keep");
  pst_window_ask (self, ADW_MESSAGE_DIALOG (dialog), on_response);
}

static void
on_close_response (PstWindow *self, const char *response)
{
  if (strcmp (response, "stop") == 0)
    pst_window_close_now (self);
}

/* What only waits for somebody to come is quickly offered again. */
static gboolean
is_worth_asking (PstWindow *self)
{
  return self->session != NULL && pst_app_session_is_together (self->session)
         && pst_app_session_is_busy (self->session);
}

/**
 * pst_window_close_request:
 * @window: a window
 *
 * Asks while something runs.
 *
 * Returns: %TRUE if the window stays for now
 */
gboolean
pst_window_close_request (GtkWindow *window)
{
  PstWindow *self = PST_WINDOW (window);

  if (is_worth_asking (self))
    {
      gtk_window_present (window);
      ask (self, _ ("Stop and Close?"), _ ("_Stop and Close"), G_CALLBACK (on_close_response));
      return TRUE;
    }

  leave (self);
  return FALSE;
}

static void
disconnect (PstWindow *self)
{
  if (self->session != NULL)
    pst_app_session_close (self->session);
}

static void
on_disconnect_response (PstWindow *self, const char *response)
{
  if (strcmp (response, "stop") == 0)
    disconnect (self);
}

/**
 * pst_window_disconnect_asking:
 * @self: a window
 *
 * Ends the connection, after a question while something runs. What was
 * transferred stays to be seen.
 */
void
pst_window_disconnect_asking (PstWindow *self)
{
  if (is_worth_asking (self))
    ask (self, _ ("Stop and Disconnect?"), _ ("_Stop and Disconnect"),
         G_CALLBACK (on_disconnect_response));
  else
    disconnect (self);
}
