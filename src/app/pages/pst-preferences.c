/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-preferences-private.h"

#include <glib/gi18n.h>

#include "pst-choose.h"
#include "pst-destination.h"
#include "pst-escape.h"
#include "pst-failure.h"
#include "pst-narrow.h"

#define BYTES_PER_MEGABYTE 1e6

enum
{
  PROP_SETTINGS = 1,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (PstPreferences, pst_preferences, ADW_TYPE_PREFERENCES_WINDOW)

/*
 * pst_preferences_show_flaw:
 * @row: what the person changed
 * @flaw: the row below it
 * @sentence: (nullable): why that cannot be, translated; %NULL if it can
 */
void
pst_preferences_show_flaw (GtkWidget *row, AdwActionRow *flaw, const char *sentence)
{
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (flaw), sentence != NULL ? sentence : "");
  gtk_widget_set_visible (GTK_WIDGET (flaw), sentence != NULL);

  if (sentence != NULL)
    {
      gtk_widget_add_css_class (row, "error");
      gtk_accessible_update_state (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_STATE_INVALID,
                                   GTK_ACCESSIBLE_INVALID_TRUE, -1);
      gtk_accessible_update_relation (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_RELATION_DESCRIBED_BY,
                                      flaw, NULL, -1);
    }
  else
    {
      gtk_widget_remove_css_class (row, "error");
      gtk_accessible_reset_state (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_STATE_INVALID);
      gtk_accessible_reset_relation (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_RELATION_DESCRIBED_BY);
    }
}

static char *
dup_destination (PstPreferences *self)
{
  g_autofree char *path = g_settings_get_string (self->settings, "destination");

  return *path != '\0' ? g_steal_pointer (&path) : pst_destination_dup_default ();
}

static void
show_destination (PstPreferences *self)
{
  g_autofree char *path = dup_destination (self);
  g_autofree char *display = path != NULL ? pst_destination_dup_display (path) : NULL;
  g_autofree char *escaped = pst_escape_name (display != NULL ? display : "", -1);
  /* LEFT-TO-RIGHT ISOLATE … POP DIRECTIONAL ISOLATE */
  g_autofree char *shown = g_strconcat ("\u2066", escaped, "\u2069", NULL);

  adw_action_row_set_subtitle (self->destination_row, shown);
}

static void
take_destination (PstPreferences *self, const char *path)
{
  g_autoptr (GError) error = NULL;

  if (pst_destination_check (path, &error))
    {
      pst_preferences_show_flaw (GTK_WIDGET (self->destination_row), self->destination_flaw, NULL);
      g_settings_set_string (self->settings, "destination", path);
    }
  else
    {
      PstFailure failure = pst_failure_describe (error, PST_FAILURE_RECEIVER);

      pst_preferences_show_flaw (GTK_WIDGET (self->destination_row), self->destination_flaw,
                                 failure.sentence);
    }
}

static void
destination_chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstPreferences) self = user_data;
  g_autoptr (GListModel) files = pst_choose_finish (result, NULL);
  g_autoptr (GFile) file = files != NULL ? g_list_model_get_item (files, 0) : NULL;
  const char *path = file != NULL ? g_file_peek_path (file) : NULL;

  /* Closed without a choice, or the window is gone. */
  if (path != NULL && self->settings != NULL)
    take_destination (self, path);
}

static void
destination_clicked_cb (PstPreferences *self)
{
  g_autofree char *current = dup_destination (self);

  pst_choose_destination_async (GTK_WINDOW (self), current, destination_chosen_cb,
                                g_object_ref (self));
}

static gboolean
get_ask_always (GValue *value, GVariant *variant, gpointer user_data)
{
  g_value_set_boolean (value, g_str_equal (g_variant_get_string (variant, NULL), "always"));
  return TRUE;
}

static GVariant *
set_ask_always (const GValue *value, const GVariantType *type, gpointer user_data)
{
  return g_variant_new_string (g_value_get_boolean (value) ? "always" : "first");
}

static gboolean
get_limit_megabytes (GValue *value, GVariant *variant, gpointer user_data)
{
  g_value_set_double (value, (double)g_variant_get_uint64 (variant) / BYTES_PER_MEGABYTE);
  return TRUE;
}

static GVariant *
set_limit_bps (const GValue *value, const GVariantType *type, gpointer user_data)
{
  return g_variant_new_uint64 ((guint64)(g_value_get_double (value) * BYTES_PER_MEGABYTE + 0.5));
}

static void
pst_preferences_constructed (GObject *object)
{
  PstPreferences *self = PST_PREFERENCES (object);

  G_OBJECT_CLASS (pst_preferences_parent_class)->constructed (object);

  g_settings_bind (self->settings, "display-name", self->name_row, "text", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind_with_mapping (self->settings, "ask", self->ask_switch, "active",
                                G_SETTINGS_BIND_DEFAULT, get_ask_always, set_ask_always, NULL,
                                NULL);
  g_settings_bind_with_mapping (self->settings, "limit-bps", self->limit_spin, "value",
                                G_SETTINGS_BIND_DEFAULT, get_limit_megabytes, set_limit_bps, NULL,
                                NULL);
  g_settings_bind (self->settings, "pause-when-metered", self->metered_switch, "active",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, "keep-history", self->history_switch, "active",
                   G_SETTINGS_BIND_DEFAULT);

  g_signal_connect_object (self->settings, "changed::destination", G_CALLBACK (show_destination),
                           self, G_CONNECT_SWAPPED);
  show_destination (self);
  pst_preferences_bind_network (self);
}

static void
pst_preferences_set_property (GObject *object,
                              guint property_id,
                              const GValue *value,
                              GParamSpec *pspec)
{
  PstPreferences *self = PST_PREFERENCES (object);

  switch (property_id)
    {
    case PROP_SETTINGS:
      self->settings = g_value_dup_object (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
pst_preferences_dispose (GObject *object)
{
  PstPreferences *self = PST_PREFERENCES (object);

  pst_preferences_dispose_devices (self);
  pst_preferences_dispose_leftovers (self);
  g_clear_object (&self->settings);
  g_clear_pointer (&self->turn_rows, g_ptr_array_unref);

  G_OBJECT_CLASS (pst_preferences_parent_class)->dispose (object);
}

static void
pst_preferences_class_init (PstPreferencesClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->constructed = pst_preferences_constructed;
  object_class->set_property = pst_preferences_set_property;
  object_class->dispose = pst_preferences_dispose;

  properties[PROP_SETTINGS] = g_param_spec_object ("settings", NULL, NULL, G_TYPE_SETTINGS,
                                                   G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY
                                                       | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/penstock/Penstock/pages/pst-preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, PstPreferences, name_row);
  gtk_widget_class_bind_template_child (widget_class, PstPreferences, destination_row);
  gtk_widget_class_bind_template_child (widget_class, PstPreferences, destination_button);
  gtk_widget_class_bind_template_child (widget_class, PstPreferences, destination_flaw);
  gtk_widget_class_bind_template_child (widget_class, PstPreferences, ask_switch);
  gtk_widget_class_bind_template_child (widget_class, PstPreferences, limit_spin);
  gtk_widget_class_bind_template_child (widget_class, PstPreferences, metered_switch);
  gtk_widget_class_bind_template_child (widget_class, PstPreferences, history_switch);
  gtk_widget_class_bind_template_callback (widget_class, destination_clicked_cb);
  pst_preferences_class_init_devices (widget_class);
  pst_preferences_class_init_leftovers (widget_class);
  pst_preferences_class_init_network (widget_class);
}

static void
pst_preferences_init (PstPreferences *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  pst_narrow_words (GTK_WIDGET (self));
  pst_preferences_init_network (self);
  pst_preferences_init_leftovers (self);
}

/**
 * pst_preferences_new:
 * @parent: (nullable): the window it belongs to
 * @settings: the settings of Penstock
 *
 * What can be checked is checked before it is written to @settings: an address
 * that no connection could use, or a folder that cannot be written to, is
 * refused with a sentence.
 *
 * Returns: (transfer floating): a window for all settings; the caller presents it
 */
GtkWidget *
pst_preferences_new (GtkWindow *parent, GSettings *settings)
{
  g_return_val_if_fail (G_IS_SETTINGS (settings), NULL);

  return g_object_new (PST_TYPE_PREFERENCES, "settings", settings, "transient-for", parent, "modal",
                       parent != NULL, NULL);
}
