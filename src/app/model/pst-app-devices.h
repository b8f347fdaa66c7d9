/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "pst-device.h"

G_BEGIN_DECLS

/* A remembered device. Property: "accepts" (read-only, notifies). */
#define PST_TYPE_APP_DEVICE (pst_app_device_get_type ())
G_DECLARE_FINAL_TYPE (PstAppDevice, pst_app_device, PST, APP_DEVICE, GObject)

const char *pst_app_device_get_name (PstAppDevice *self);
gboolean pst_app_device_accepts (PstAppDevice *self);
GBytes *pst_app_device_dup_secret (PstAppDevice *self);

/* The remembered devices as the drawing thread sees them: read and changed in
 * another thread, since a keyring may wait for its person. One thing at a time, in
 * the order in which it was asked for.
 *
 * Signals:
 * - `added (const char *name)`: a device is remembered under this name
 * - `failed (GError *error)`: what was asked for last could not be done */
#define PST_TYPE_APP_DEVICES (pst_app_devices_get_type ())
G_DECLARE_FINAL_TYPE (PstAppDevices, pst_app_devices, PST, APP_DEVICES, GObject)

PstAppDevices *pst_app_devices_new (void);
GListModel *pst_app_devices_get_list (PstAppDevices *self);
PstAppDevice *pst_app_devices_find (PstAppDevices *self, const char *name);
void pst_app_devices_reload (PstAppDevices *self);
void pst_app_devices_add (PstAppDevices *self, const char *wish, GBytes *secret);
void pst_app_devices_rename (PstAppDevices *self, const char *name, const char *new_name);
void pst_app_devices_set_accepts (PstAppDevices *self, const char *name, gboolean accepts);
void pst_app_devices_forget (PstAppDevices *self, const char *name);

G_END_DECLS
