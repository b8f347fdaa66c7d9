/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-preferences-private.h"

#include <glib/gi18n.h>

#include "pst-address.h"

/* The server that Magic Wormhole's own programs meet at. It speaks no TLS; all
 * that it passes on is sealed with keys it does not have. */
#define PUBLIC_SERVER_URL "ws://relay.magic-wormhole.io:4000/v1"

/* The positions in the model of the row. */
typedef enum
{
  SERVER_NONE,
  SERVER_PUBLIC,
  SERVER_OTHER
} Server;

typedef gboolean (*CheckFunc) (const char *text, GError **error);

/* What was typed, if it can be used; otherwise the person is told why not. */
static char *
dup_checked (AdwEntryRow *entry, AdwActionRow *flaw, CheckFunc check)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (entry))));
  g_autoptr (GError) error = NULL;

  if (!check (text, &error))
    g_clear_pointer (&text, g_free);
  pst_preferences_show_flaw (GTK_WIDGET (entry), flaw, error != NULL ? error->message : NULL);

  return g_steal_pointer (&text);
}

static const char *
explain_server (Server server)
{
  switch (server)
    {
    case SERVER_NONE:
      return _ ("You find each other without any server, but only on the same network.");
    case SERVER_PUBLIC:
      return _ ("It learns the network addresses of both of you, the times, and the number that "
                "the code begins with. It does not learn the words of the code, nor any file or "
                "the name of one.");
    case SERVER_OTHER:
    default:
      return _ ("Both of you need the same server. Whoever runs it learns the network addresses of "
                "both of you, the times, and the number that the code begins with. They do not "
                "learn the words of the code, nor any file or the name of one.");
    }
}

static Server
server_of_url (const char *url)
{
  if (*url == '\0')
    return SERVER_NONE;

  return g_str_equal (url, PUBLIC_SERVER_URL) ? SERVER_PUBLIC : SERVER_OTHER;
}

static void
show_explanation (PstPreferences *self)
{
  Server server = adw_combo_row_get_selected (self->server_row);

  gtk_widget_set_visible (GTK_WIDGET (self->server_entry), server == SERVER_OTHER);
  adw_action_row_set_subtitle (self->server_explanation, explain_server (server));
}

static void
show_server (PstPreferences *self)
{
  g_autofree char *url = g_settings_get_string (self->settings, "server-url");
  Server server = server_of_url (url);

  if (server == SERVER_OTHER)
    gtk_editable_set_text (GTK_EDITABLE (self->server_entry), url);
  adw_combo_row_set_selected (self->server_row, server);
  show_explanation (self);
}

static void
server_selected_cb (PstPreferences *self)
{
  Server server = adw_combo_row_get_selected (self->server_row);

  /* Another server counts from when its address was confirmed. */
  if (self->settings != NULL && server == SERVER_NONE)
    g_settings_set_string (self->settings, "server-url", "");
  else if (self->settings != NULL && server == SERVER_PUBLIC)
    g_settings_set_string (self->settings, "server-url", PUBLIC_SERVER_URL);

  pst_preferences_show_flaw (GTK_WIDGET (self->server_entry), self->server_flaw, NULL);
  show_explanation (self);
}

static void
server_changed_cb (PstPreferences *self)
{
  pst_preferences_show_flaw (GTK_WIDGET (self->server_entry), self->server_flaw, NULL);
}

static void
server_apply_cb (PstPreferences *self)
{
  g_autofree char *url = dup_checked (self->server_entry, self->server_flaw,
                                      pst_address_check_server);

  if (url != NULL)
    g_settings_set_string (self->settings, "server-url", url);
}

static void
show_stun (PstPreferences *self)
{
  g_autofree char *url = g_settings_get_string (self->settings, "stun-server");

  gtk_editable_set_text (GTK_EDITABLE (self->stun_entry), url);
}

static void
stun_changed_cb (PstPreferences *self)
{
  pst_preferences_show_flaw (GTK_WIDGET (self->stun_entry), self->stun_flaw, NULL);
}

static gboolean
check_stun_or_none (const char *text, GError **error)
{
  return *text == '\0' || pst_address_check_stun (text, error);
}

static void
stun_apply_cb (PstPreferences *self)
{
  g_autofree char *url = dup_checked (self->stun_entry, self->stun_flaw, check_stun_or_none);

  if (url != NULL)
    g_settings_set_string (self->settings, "stun-server", url);
}

/* Relays. */

static void
remove_turn_cb (PstPreferences *self, GtkButton *button)
{
  g_auto (GStrv) urls = g_settings_get_strv (self->settings, "turn-servers");
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) left = NULL;
  const char *removed = g_object_get_data (G_OBJECT (button), "url");

  for (guint i = 0; urls[i] != NULL; i++)
    if (!g_str_equal (urls[i], removed))
      g_strv_builder_add (builder, urls[i]);
  left = g_strv_builder_end (builder);

  gtk_widget_grab_focus (GTK_WIDGET (self->turn_entry)); /* the button is about to go */
  g_settings_set_strv (self->settings, "turn-servers", (const char *const *)left);
}

static GtkWidget *
new_turn_row (PstPreferences *self, const char *url)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_button_new_from_icon_name ("user-trash-symbolic");
  g_autofree char *shown = pst_address_dup_turn_display (url);
  /* Translators: %s is the address of a relay */
  g_autofree char *label = g_strdup_printf (_ ("Remove %s"), shown);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), shown);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, _ ("Remove This Relay"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  g_object_set_data_full (G_OBJECT (button), "url", g_strdup (url), g_free);
  g_signal_connect_object (button, "clicked", G_CALLBACK (remove_turn_cb), self, G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);

  return row;
}

static const char *
hint_relay_only (gboolean has_relay, gboolean relay_only)
{
  if (!has_relay && relay_only)
    return _ ("No relay is left: nothing can connect until you add one or turn this off");
  if (!has_relay)
    return _ ("Add a relay first");

  return _ ("Others do not learn this machine’s addresses, only the relay does");
}

/* Never switched off on its own: somebody relies on not being seen. */
static void
show_relay_only (PstPreferences *self)
{
  gboolean has_relay = self->turn_rows->len > 0;
  gboolean relay_only = g_settings_get_boolean (self->settings, "relay-only");

  gtk_widget_set_sensitive (GTK_WIDGET (self->relay_only_row), has_relay || relay_only);
  adw_action_row_set_subtitle (self->relay_only_row, hint_relay_only (has_relay, relay_only));
}

static void
show_turns (PstPreferences *self)
{
  g_auto (GStrv) urls = g_settings_get_strv (self->settings, "turn-servers");

  for (guint i = 0; i < self->turn_rows->len; i++)
    adw_preferences_group_remove (self->turn_group, g_ptr_array_index (self->turn_rows, i));
  g_ptr_array_set_size (self->turn_rows, 0);

  for (guint i = 0; urls[i] != NULL; i++)
    {
      GtkWidget *row = new_turn_row (self, urls[i]);

      adw_preferences_group_add (self->turn_group, row);
      g_ptr_array_add (self->turn_rows, row);
    }

  show_relay_only (self);
}

static void
turn_changed_cb (PstPreferences *self)
{
  pst_preferences_show_flaw (GTK_WIDGET (self->turn_entry), self->turn_flaw, NULL);
}

static void
turn_apply_cb (PstPreferences *self)
{
  g_auto (GStrv) urls = g_settings_get_strv (self->settings, "turn-servers");
  g_autofree char *url = dup_checked (self->turn_entry, self->turn_flaw, pst_address_check_turn);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) longer = NULL;

  if (url == NULL)
    return;
  if (g_strv_contains ((const char *const *)urls, url))
    {
      pst_preferences_show_flaw (GTK_WIDGET (self->turn_entry), self->turn_flaw,
                                 _ ("This relay is in the list already."));
      return;
    }

  g_strv_builder_addv (builder, (const char **)urls);
  g_strv_builder_add (builder, url);
  longer = g_strv_builder_end (builder);
  g_settings_set_strv (self->settings, "turn-servers", (const char *const *)longer);
  gtk_editable_set_text (GTK_EDITABLE (self->turn_entry), "");
}

/*
 * pst_preferences_class_init_network:
 * @klass: the class with its template
 *
 * Binds what of the template this file knows.
 */
void
pst_preferences_class_init_network (GtkWidgetClass *klass)
{
  gtk_widget_class_bind_template_child (klass, PstPreferences, server_row);
  gtk_widget_class_bind_template_child (klass, PstPreferences, server_entry);
  gtk_widget_class_bind_template_child (klass, PstPreferences, server_flaw);
  gtk_widget_class_bind_template_child (klass, PstPreferences, server_explanation);
  gtk_widget_class_bind_template_child (klass, PstPreferences, stun_entry);
  gtk_widget_class_bind_template_child (klass, PstPreferences, stun_flaw);
  gtk_widget_class_bind_template_child (klass, PstPreferences, turn_group);
  gtk_widget_class_bind_template_child (klass, PstPreferences, turn_entry);
  gtk_widget_class_bind_template_child (klass, PstPreferences, turn_flaw);
  gtk_widget_class_bind_template_child (klass, PstPreferences, relay_only_row);
  gtk_widget_class_bind_template_child (klass, PstPreferences, relay_only_switch);
  gtk_widget_class_bind_template_callback (klass, server_selected_cb);
  gtk_widget_class_bind_template_callback (klass, server_changed_cb);
  gtk_widget_class_bind_template_callback (klass, server_apply_cb);
  gtk_widget_class_bind_template_callback (klass, stun_changed_cb);
  gtk_widget_class_bind_template_callback (klass, stun_apply_cb);
  gtk_widget_class_bind_template_callback (klass, turn_changed_cb);
  gtk_widget_class_bind_template_callback (klass, turn_apply_cb);
}

/*
 * pst_preferences_init_network:
 * @self: preferences whose template was just made
 */
void
pst_preferences_init_network (PstPreferences *self)
{
  self->turn_rows = g_ptr_array_new ();
}

/*
 * pst_preferences_bind_network:
 * @self: preferences that have their settings
 *
 * Shows the settings of the network, and goes on showing them.
 */
void
pst_preferences_bind_network (PstPreferences *self)
{
  g_settings_bind (self->settings, "relay-only", self->relay_only_switch, "active",
                   G_SETTINGS_BIND_DEFAULT | G_SETTINGS_BIND_NO_SENSITIVITY);

  g_signal_connect_object (self->settings, "changed::server-url", G_CALLBACK (show_server), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->settings, "changed::stun-server", G_CALLBACK (show_stun), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->settings, "changed::turn-servers", G_CALLBACK (show_turns), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->settings, "changed::relay-only", G_CALLBACK (show_relay_only),
                           self, G_CONNECT_SWAPPED);
  show_server (self);
  show_stun (self);
  show_turns (self);
}
