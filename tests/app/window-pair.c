/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "window-pair.h"

#include <glib/gstdio.h>

/* Pairing, a path and one small file, on a loaded machine. */
#define WAIT_TIMEOUT_S 60

static PstApplication *application;

static gboolean
on_timeout (gpointer user_data)
{
  *(gboolean *)user_data = TRUE;
  return G_SOURCE_CONTINUE;
}

void
window_pair_wait (WindowPair *pair, WindowPairCondition condition, const char *name)
{
  gboolean timed_out = FALSE;
  guint timeout = g_timeout_add_seconds (WAIT_TIMEOUT_S, on_timeout, &timed_out);

  while (!condition (pair) && !timed_out)
    g_main_context_iteration (NULL, TRUE);
  if (timed_out)
    g_error ("%s did not happen.", name);
  g_source_remove (timeout);
}

/* Only g_application_run() can take it down again. */
PstApplication *
window_pair_start (void)
{
  g_autoptr (GError) error = NULL;

  application = pst_application_new ();
  g_application_set_flags (G_APPLICATION (application),
                           G_APPLICATION_HANDLES_OPEN | G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (application), NULL, &error);
  g_assert_no_error (error);
  g_application_set_default (G_APPLICATION (application));

  return application;
}

static PstWindow *
open_window (PstWindow **pointer)
{
  PstWindow *window = pst_window_new (application);

  g_set_weak_pointer (pointer, window);
  gtk_window_present (GTK_WINDOW (window));
  return window;
}

void
window_pair_setup (WindowPair *pair, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  pair->dir = g_dir_make_tmp ("pst-window-XXXXXX", &error);
  g_assert_no_error (error);
  pair->file = g_build_filename (pair->dir, "letter.txt", NULL);
  g_file_set_contents (pair->file, "Dear reader,\n", -1, &error);
  g_assert_no_error (error);

  pair->application = application;
  g_settings_set_string (pst_application_get_settings (application), "destination", pair->dir);
  open_window (&pair->host);
  open_window (&pair->guest);
}

gboolean
window_pair_is_host_gone (WindowPair *pair)
{
  return pair->host == NULL;
}

gboolean
window_pair_is_guest_gone (WindowPair *pair)
{
  return pair->guest == NULL;
}

static void
remove_file (WindowPair *pair, const char *name)
{
  g_autofree char *path = g_build_filename (pair->dir, name, NULL);

  g_remove (path);
}

void
window_pair_teardown (WindowPair *pair, gconstpointer data)
{
  if (pair->host != NULL)
    gtk_window_close (GTK_WINDOW (pair->host));
  wait_for (pair, window_pair_is_host_gone);
  if (pair->guest != NULL)
    gtk_window_close (GTK_WINDOW (pair->guest));
  wait_for (pair, window_pair_is_guest_gone);

  remove_file (pair, "letter (1).txt");
  remove_file (pair, "letter (2).txt");
  g_remove (pair->file);
  g_assert_cmpint (g_rmdir (pair->dir), ==, 0);
  g_free (pair->file);
  g_free (pair->dir);
}

gboolean
window_pair_has_code (WindowPair *pair)
{
  return pair->host->session != NULL
         && pst_app_session_get_state (pair->host->session) == PST_SESSION_WAITING
         && pst_app_session_get_invite_uri (pair->host->session) != NULL;
}

gboolean
window_pair_is_asked (WindowPair *pair)
{
  return pair->guest->page == PST_WINDOW_PAGE_OFFER;
}

void
window_pair_send (WindowPair *pair)
{
  const char *const paths[] = { pair->file, NULL };

  pst_window_send (pair->host, paths);
}

/* Up to the question whether to accept the letter. */
void
window_pair_connect (WindowPair *pair)
{
  window_pair_send (pair);
  g_assert_cmpint (pair->host->page, ==, PST_WINDOW_PAGE_WAITING);
  wait_for (pair, window_pair_has_code);
  g_assert_cmpint (pair->host->page, ==, PST_WINDOW_PAGE_WAITING);
  pst_window_join (pair->guest, pst_app_session_get_invite_uri (pair->host->session));
  g_assert_cmpint (pair->guest->page, ==, PST_WINDOW_PAGE_RECEIVE);
  wait_for (pair, window_pair_is_asked);
}

void
window_pair_activate (PstWindow *window, const char *action)
{
  g_action_group_activate_action (G_ACTION_GROUP (window), action, NULL);
}
