/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-application-private.h"

#include <glib-unix.h>

#include "pst-window-private.h"

static void
on_ended (PstApplication *self, const GError *error, PstAppSession *session)
{
  g_signal_handlers_disconnect_by_data (session, self);
  g_ptr_array_remove (self->ending, session);
  g_application_release (G_APPLICATION (self));
}

/**
 * pst_application_see_off:
 * @self: the application
 * @session: a session that no window shows any more
 *
 * Says goodbye to the other side, behind the person's back. The program does
 * not end before that is done, and opens a new window meanwhile if it is asked to.
 */
void
pst_application_see_off (PstApplication *self, PstAppSession *session)
{
  if (pst_app_session_get_state (session) == PST_SESSION_CLOSED)
    return;

  g_application_hold (G_APPLICATION (self));
  g_ptr_array_add (self->ending, g_object_ref (session));
  g_signal_connect_object (session, "closed", G_CALLBACK (on_ended), self, G_CONNECT_SWAPPED);
  pst_app_session_close (session);
}

static void
close_windows (PstApplication *self)
{
  PstWindow *window;

  while ((window = pst_application_find_window (self)) != NULL)
    pst_window_close_now (window);
}

/* Nobody is there to be asked. What comes a second time ends the program at
 * once: the source is gone, and with it GLib's handler. */
static gboolean
on_signal (PstApplication *self, guint i)
{
  self->signal_sources[i] = 0;
  close_windows (self);
  if (self->ending->len == 0)
    g_application_quit (G_APPLICATION (self));

  return G_SOURCE_REMOVE;
}

static gboolean
on_interrupt (gpointer user_data)
{
  return on_signal (user_data, 0);
}

static gboolean
on_terminate (gpointer user_data)
{
  return on_signal (user_data, 1);
}

static gboolean
on_hang_up (gpointer user_data)
{
  return on_signal (user_data, 2);
}

/**
 * pst_application_watch_signals:
 * @self: the application
 *
 * Has the program end in peace when the system or a terminal wants it to.
 */
void
pst_application_watch_signals (PstApplication *self)
{
  self->signal_sources[0] = g_unix_signal_add (SIGINT, on_interrupt, self);
  self->signal_sources[1] = g_unix_signal_add (SIGTERM, on_terminate, self);
  self->signal_sources[2] = g_unix_signal_add (SIGHUP, on_hang_up, self);
}

/**
 * pst_application_end:
 * @self: the application, which is being shut down
 *
 * Lets go of all that lives in the engine, and waits until what is to be kept
 * is on the disk.
 */
void
pst_application_end (PstApplication *self)
{
  for (guint i = 0; i < PST_APPLICATION_N_SIGNALS; i++)
    g_clear_handle_id (&self->signal_sources[i], g_source_remove);
  close_windows (self);
  g_ptr_array_set_size (self->ending, 0);
  pst_history_flush (self->history);
}
