/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-application-private.h"

#include <glib/gi18n.h>

#include "pst-narrow.h"
#include "pst-preferences.h"

/* On the screen, also when the desktop asks and there was no window. */
static GtkWindow *
present_parent (gpointer application)
{
  GtkWindow *parent = GTK_WINDOW (pst_application_ensure_window (PST_APPLICATION (application)));

  gtk_window_present (parent);
  return parent;
}

static void
on_preferences (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWidget *preferences = pst_preferences_new (
      present_parent (user_data), pst_application_get_settings (PST_APPLICATION (user_data)));

  pst_preferences_set_devices (PST_PREFERENCES (preferences), PST_APPLICATION (user_data)->devices);
  gtk_window_present (GTK_WINDOW (preferences));
}

static void
present_from (gpointer application, const char *file, const char *id)
{
  g_autofree char *path = g_strconcat ("/io/github/penstock/Penstock/shell/", file, NULL);
  g_autoptr (GtkBuilder) builder = gtk_builder_new_from_resource (path);
  GtkWindow *window = GTK_WINDOW (gtk_builder_get_object (builder, id));

  pst_narrow_words (GTK_WIDGET (window));
  gtk_window_set_transient_for (window, present_parent (application));
  gtk_window_present (window);
}

static void
on_shortcuts (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  present_from (user_data, "pst-shortcuts.ui", "shortcuts");
}

static void
on_help (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  present_from (user_data, "pst-help.ui", "help");
}

static void
on_about (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  adw_show_about_window (
      present_parent (user_data), "application-name", "Penstock", "application-icon",
      PST_APPLICATION_ID, "version", PST_VERSION, "developer-name", _ ("The Penstock contributors"),
      "comments", _ ("Send files straight to someone"), "license-type", GTK_LICENSE_GPL_3_0,
      /* Translators: your names, one a line; they are shown in the About window */
      "translator-credits", _ ("translator-credits"), NULL);
}

static void
on_quit (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (user_data));

  if (window == NULL)
    {
      g_application_quit (G_APPLICATION (user_data));
      return;
    }

  while (gtk_window_get_transient_for (window) != NULL)
    window = gtk_window_get_transient_for (window);
  gtk_window_close (window); /* asks, says goodbye */
}

/* Without a window, there is no offer to be answered any more. */
static void
answer (gpointer application, GVariant *parameter, gboolean accept)
{
  PstWindow *window = pst_application_find_window (PST_APPLICATION (application));

  if (window != NULL)
    pst_window_answer (window, g_variant_get_string (parameter, NULL), accept);
}

static void
on_accept (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  answer (user_data, parameter, TRUE);
}

static void
on_decline (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  answer (user_data, parameter, FALSE);
}

/**
 * pst_application_install_actions:
 * @self: the application
 *
 * Adds the application's actions and all keys that no widget needs first.
 */
void
pst_application_install_actions (PstApplication *self)
{
  static const GActionEntry entries[] = {
    { "preferences", on_preferences },
    { "shortcuts", on_shortcuts },
    { "help", on_help },
    { "about", on_about },
    { "quit", on_quit },
    { "accept", on_accept, "s" },
    { "decline", on_decline, "s" },
  };
  static const struct
  {
    const char *action;
    const char *keys[2];
  } keys[] = {
    { "win.open", { "<Control>o" } },
    { "win.open-folder", { "<Control>d" } },
    { "win.receive", { "<Control>r" } },
    { "win.close", { "<Control>w" } },
    { "app.preferences", { "<Control>comma" } },
    { "app.shortcuts", { "<Control>question" } },
    { "app.help", { "F1" } },
    { "app.quit", { "<Control>q" } },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), keys[i].action, keys[i].keys);
}
