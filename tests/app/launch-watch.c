/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "launch-watch.h"

#include <dlfcn.h>
#include <gtk/gtk.h>
#include <spawn.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__ (&name)) dlsym (RTLD_NEXT, #name))

static int n_launched; /* atomic */

pid_t
fork (void)
{
  g_atomic_int_inc (&n_launched);
  return NEXT (fork) ();
}

int
posix_spawn (pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
             const posix_spawnattr_t *attributes, char *const argv[], char *const env[])
{
  g_atomic_int_inc (&n_launched);
  return NEXT (posix_spawn) (pid, path, actions, attributes, argv, env);
}

void
g_app_info_launch_default_for_uri_async (const char *uri, GAppLaunchContext *context,
                                         GCancellable *cancellable, GAsyncReadyCallback callback,
                                         gpointer user_data)
{
  g_atomic_int_inc (&n_launched);
  NEXT (g_app_info_launch_default_for_uri_async) (uri, context, cancellable, callback, user_data);
}

/* Of the desktop, by name: its file manager, and the portal that opens things. */
void
g_dbus_connection_call (GDBusConnection *connection, const char *bus_name, const char *object_path,
                        const char *interface_name, const char *method_name, GVariant *parameters,
                        const GVariantType *reply_type, GDBusCallFlags flags, int timeout_ms,
                        GCancellable *cancellable, GAsyncReadyCallback callback,
                        gpointer user_data)
{
  if (g_strcmp0 (interface_name, "org.freedesktop.FileManager1") == 0
      || g_strcmp0 (interface_name, "org.freedesktop.portal.OpenURI") == 0)
    g_atomic_int_inc (&n_launched);
  NEXT (g_dbus_connection_call) (connection, bus_name, object_path, interface_name, method_name,
                                 parameters, reply_type, flags, timeout_ms, cancellable, callback,
                                 user_data);
}

void
launch_watch_reset (void)
{
  g_atomic_int_set (&n_launched, 0);
}

guint
launch_watch_get_n_launched (void)
{
  return g_atomic_int_get (&n_launched);
}
