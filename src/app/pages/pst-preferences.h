/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "pst-app-devices.h"

G_BEGIN_DECLS

/* The settings, each with a sentence on what it does. */
#define PST_TYPE_PREFERENCES (pst_preferences_get_type ())
G_DECLARE_FINAL_TYPE (PstPreferences, pst_preferences, PST, PREFERENCES, AdwPreferencesWindow)

GtkWidget *pst_preferences_new (GtkWindow *parent, GSettings *settings);

void pst_preferences_set_devices (PstPreferences *self, PstAppDevices *devices);

G_END_DECLS
