/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "pst-device.h"

G_BEGIN_DECLS

/* The remembered devices of this user, in the keyring or, where none runs, in a
 * file. All of these block, and may wait for a person who unlocks the keyring.
 *
 * Environment: PST_KEYRING=none keeps to the file. */

GPtrArray *pst_devices_load (GCancellable *cancellable, GError **error);
PstDevice *pst_devices_find (const char *name, GCancellable *cancellable, GError **error);
char *pst_devices_add (const char *wish, GBytes *secret, GCancellable *cancellable, GError **error);
gboolean pst_devices_rename (const char *name,
                             const char *new_name,
                             GCancellable *cancellable,
                             GError **error);
gboolean pst_devices_set_accepts (const char *name,
                                  gboolean accepts,
                                  GCancellable *cancellable,
                                  GError **error);
gboolean pst_devices_forget (const char *name, GCancellable *cancellable, GError **error);

G_END_DECLS
