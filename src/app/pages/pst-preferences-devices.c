/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of remembered devices: each is a row that opens. */
#include "pst-preferences-private.h"

#include <glib/gi18n.h>

#include "pst-narrow.h"

#define DEVICE_KEY "penstock-device"

static const char *
get_name (GtkWidget *widget)
{
  return pst_app_device_get_name (g_object_get_data (G_OBJECT (widget), DEVICE_KEY));
}

/* @widget is about @device from now on. */
static void
belong_to (GtkWidget *widget, PstAppDevice *device)
{
  g_object_set_data_full (G_OBJECT (widget), DEVICE_KEY, g_object_ref (device), g_object_unref);
}

static void
on_name_changed (AdwEntryRow *row)
{
  const char *name = gtk_editable_get_text (GTK_EDITABLE (row));

  if (pst_device_check_name (name, NULL))
    gtk_widget_remove_css_class (GTK_WIDGET (row), "error");
  else
    gtk_widget_add_css_class (GTK_WIDGET (row), "error");
}

static void
on_name_applied (AdwEntryRow *row, PstPreferences *self)
{
  const char *name = gtk_editable_get_text (GTK_EDITABLE (row));

  if (pst_device_check_name (name, NULL))
    pst_app_devices_rename (self->devices, get_name (GTK_WIDGET (row)), name);
  else
    gtk_editable_set_text (GTK_EDITABLE (row), get_name (GTK_WIDGET (row)));
}

static GtkWidget *
make_name_row (PstPreferences *self, PstAppDevice *device)
{
  GtkWidget *row = adw_entry_row_new ();

  /* Translators: a field for what a device is to be called */
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Name"));
  gtk_editable_set_text (GTK_EDITABLE (row), pst_app_device_get_name (device));
  adw_entry_row_set_show_apply_button (ADW_ENTRY_ROW (row), TRUE);
  belong_to (row, device);
  g_signal_connect (row, "changed", G_CALLBACK (on_name_changed), NULL);
  g_signal_connect (row, "apply", G_CALLBACK (on_name_applied), self);
  return row;
}

static gboolean
on_accepts_set (GtkSwitch *toggle, gboolean accepts, PstPreferences *self)
{
  PstAppDevice *device = g_object_get_data (G_OBJECT (toggle), DEVICE_KEY);

  if (pst_app_device_accepts (device) != accepts)
    pst_app_devices_set_accepts (self->devices, pst_app_device_get_name (device), accepts);
  return FALSE;
}

static GtkWidget *
make_accepts_row (PstPreferences *self, PstAppDevice *device)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *toggle = gtk_switch_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Receive Without Asking"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row),
                               _ ("Whatever this device sends is saved at once"));
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  gtk_widget_set_valign (toggle, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), toggle);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), toggle);
  belong_to (toggle, device);
  g_object_bind_property (device, "accepts", toggle, "active", G_BINDING_SYNC_CREATE);
  g_signal_connect (toggle, "state-set", G_CALLBACK (on_accepts_set), self);
  return row;
}

static void
on_forget (GtkButton *button, PstPreferences *self)
{
  pst_app_devices_forget (self->devices, get_name (GTK_WIDGET (button)));
}

static GtkWidget *
make_forget_row (PstPreferences *self, PstAppDevice *device)
{
  GtkWidget *row = adw_action_row_new ();
  /* Translators: a button: a device is to be remembered no more */
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_Forget"));

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Forget This Device"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row),
                               _ ("To meet it again, you need a code as for anybody else"));
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "destructive-action");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  belong_to (button, device);
  g_signal_connect (button, "clicked", G_CALLBACK (on_forget), self);
  return row;
}

static GtkWidget *
make_device_row (PstPreferences *self, PstAppDevice *device)
{
  GtkWidget *row = adw_expander_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), pst_app_device_get_name (device));
  adw_expander_row_add_row (ADW_EXPANDER_ROW (row), make_name_row (self, device));
  adw_expander_row_add_row (ADW_EXPANDER_ROW (row), make_accepts_row (self, device));
  adw_expander_row_add_row (ADW_EXPANDER_ROW (row), make_forget_row (self, device));
  pst_narrow_words (row);
  return row;
}

/* A switch may show what could not be kept. */
static void
on_failed (PstPreferences *self)
{
  adw_preferences_window_add_toast (
      ADW_PREFERENCES_WINDOW (self),
      adw_toast_new (_ ("Remembered devices cannot be read or changed. Unlock the keyring, then "
                        "try again.")));
}

static void
show_devices (PstPreferences *self)
{
  GListModel *list = pst_app_devices_get_list (self->devices);
  guint n_devices = g_list_model_get_n_items (list);

  for (guint i = 0; i < self->device_rows->len; i++)
    adw_preferences_group_remove (self->devices_list, g_ptr_array_index (self->device_rows, i));
  g_ptr_array_set_size (self->device_rows, 0);

  for (guint i = 0; i < n_devices; i++)
    {
      g_autoptr (PstAppDevice) device = g_list_model_get_item (list, i);
      GtkWidget *row = make_device_row (self, device);

      adw_preferences_group_add (self->devices_list, row);
      g_ptr_array_add (self->device_rows, row);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->devices_list), n_devices > 0);
}

/*
 * pst_preferences_class_init_devices:
 * @klass: the class
 */
void
pst_preferences_class_init_devices (GtkWidgetClass *klass)
{
  gtk_widget_class_bind_template_child (klass, PstPreferences, devices_group);
  gtk_widget_class_bind_template_child (klass, PstPreferences, devices_list);
}

/*
 * pst_preferences_dispose_devices:
 * @self: the preferences
 */
void
pst_preferences_dispose_devices (PstPreferences *self)
{
  g_clear_object (&self->devices);
  g_clear_pointer (&self->device_rows, g_ptr_array_unref);
}

/**
 * pst_preferences_set_devices:
 * @self: new preferences
 * @devices: the remembered devices
 *
 * Lists them, to be renamed and forgotten; reads them anew, since other programs
 * may have changed them.
 */
void
pst_preferences_set_devices (PstPreferences *self, PstAppDevices *devices)
{
  g_return_if_fail (self->devices == NULL);

  self->devices = g_object_ref (devices);
  self->device_rows = g_ptr_array_new ();
  g_signal_connect_object (pst_app_devices_get_list (devices), "items-changed",
                           G_CALLBACK (show_devices), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (devices, "failed", G_CALLBACK (on_failed), self, G_CONNECT_SWAPPED);
  show_devices (self);
  pst_app_devices_reload (devices);
}
