/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app-notifier.h"

#include <string.h>

#define BUS_NAME "org.freedesktop.Notifications"

static const char introspection[]
    = "<node><interface name='org.freedesktop.Notifications'>"
      "<method name='Notify'>"
      "<arg type='s' direction='in'/><arg type='u' direction='in'/><arg type='s' direction='in'/>"
      "<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='as' direction='in'/>"
      "<arg type='a{sv}' direction='in'/><arg type='i' direction='in'/>"
      "<arg type='u' direction='out'/></method>"
      "<method name='GetCapabilities'><arg type='as' direction='out'/></method>"
      "<method name='CloseNotification'><arg type='u' direction='in'/></method>"
      "</interface></node>";

static void
remember (AppNotifier *self, GVariant *parameters)
{
  const char *summary, *body;
  g_autofree const char **actions = NULL;

  g_variant_get (parameters, "(&su&s&s&s^a&sa{sv}i)", NULL, NULL, NULL, &summary, &body, &actions,
                 NULL, NULL);
  g_ptr_array_add (self->summaries, g_strdup (summary));
  g_ptr_array_add (self->bodies, g_strdup (body));
  for (guint i = 0; actions[i] != NULL; i++)
    g_ptr_array_add (self->actions, g_strdup (actions[i]));
}

static void
on_call (GDBusConnection *connection,
         const char *sender,
         const char *object_path,
         const char *interface_name,
         const char *method_name,
         GVariant *parameters,
         GDBusMethodInvocation *invocation,
         gpointer user_data)
{
  AppNotifier *self = user_data;

  if (strcmp (method_name, "Notify") == 0)
    {
      remember (self, parameters);
      g_dbus_method_invocation_return_value (invocation,
                                             g_variant_new ("(u)", self->summaries->len));
      return;
    }

  if (strcmp (method_name, "GetCapabilities") == 0)
    {
      const char *const capabilities[] = { "actions", "body", NULL };

      g_dbus_method_invocation_return_value (invocation, g_variant_new ("(^as)", capabilities));
      return;
    }

  self->n_closed++;
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static void
on_acquired (GDBusConnection *connection, const char *name, gpointer user_data)
{
  ((AppNotifier *)user_data)->ready = TRUE;
}

void
app_notifier_start (AppNotifier *self)
{
  static const GDBusInterfaceVTable vtable = { on_call, NULL, NULL };
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (introspection, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (node);
  self->summaries = g_ptr_array_new_with_free_func (g_free);
  self->bodies = g_ptr_array_new_with_free_func (g_free);
  self->actions = g_ptr_array_new_with_free_func (g_free);
  self->connection = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  g_assert_no_error (error);
  self->object = g_dbus_connection_register_object (
      self->connection, "/org/freedesktop/Notifications", node->interfaces[0], &vtable, self, NULL,
      &error);
  g_assert_no_error (error);
  self->owner = g_bus_own_name_on_connection (self->connection, BUS_NAME, 0, on_acquired, NULL,
                                              self, NULL);
  while (!self->ready)
    g_main_context_iteration (NULL, TRUE);
}

void
app_notifier_stop (AppNotifier *self)
{
  g_bus_unown_name (self->owner);
  g_dbus_connection_unregister_object (self->connection, self->object);
  g_clear_object (&self->connection);
  g_ptr_array_unref (self->summaries);
  g_ptr_array_unref (self->bodies);
  g_ptr_array_unref (self->actions);
}

gboolean
app_notifier_has (AppNotifier *self, const char *summary_part)
{
  for (guint i = 0; i < self->summaries->len; i++)
    if (strstr (g_ptr_array_index (self->summaries, i), summary_part) != NULL)
      return TRUE;

  return FALSE;
}
