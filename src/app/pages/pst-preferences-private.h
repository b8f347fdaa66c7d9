/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-preferences.h"

G_BEGIN_DECLS

struct _PstPreferences
{
  AdwPreferencesWindow parent_instance;

  GSettings *settings;

  AdwEntryRow *name_row;
  AdwActionRow *destination_row;
  GtkButton *destination_button;
  AdwActionRow *destination_flaw;
  GtkSwitch *ask_switch;
  GtkSpinButton *limit_spin;
  GtkSwitch *metered_switch;
  GtkSwitch *history_switch;

  AdwPreferencesGroup *devices_group;
  AdwPreferencesGroup *devices_list;
  PstAppDevices *devices; /* nullable */
  GPtrArray *device_rows; /* of GtkWidget, not owned */

  AdwPreferencesGroup *leftovers_group;
  char *leftovers;          /* the folder of journals */
  GPtrArray *leftover_rows; /* of GtkWidget, not owned */

  AdwComboRow *server_row;
  AdwEntryRow *server_entry;
  AdwActionRow *server_flaw;
  AdwActionRow *server_explanation;
  AdwEntryRow *stun_entry;
  AdwActionRow *stun_flaw;
  AdwPreferencesGroup *turn_group;
  GPtrArray *turn_rows; /* of GtkWidget, in the order of the setting */
  AdwEntryRow *turn_entry;
  AdwActionRow *turn_flaw;
  AdwActionRow *relay_only_row;
  GtkSwitch *relay_only_switch;
};

/* pst-preferences.c */
void pst_preferences_show_flaw (GtkWidget *row, AdwActionRow *flaw, const char *sentence);

/* pst-preferences-devices.c */
void pst_preferences_class_init_devices (GtkWidgetClass *klass);
void pst_preferences_dispose_devices (PstPreferences *self);

/* pst-preferences-leftovers.c */
void pst_preferences_class_init_leftovers (GtkWidgetClass *klass);
void pst_preferences_init_leftovers (PstPreferences *self);
void pst_preferences_dispose_leftovers (PstPreferences *self);

/* pst-preferences-network.c */
void pst_preferences_class_init_network (GtkWidgetClass *klass);
void pst_preferences_init_network (PstPreferences *self);
void pst_preferences_bind_network (PstPreferences *self);

G_END_DECLS
