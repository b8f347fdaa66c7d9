/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-camera-finder.h"

#include <libportal/portal.h>
#include <unistd.h>

static void
return_no_camera (GTask *task)
{
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no camera.");
}

/* A floating reference would not survive the way through a task. */
static void
return_element (GTask *task, GstElement *element)
{
  g_task_return_pointer (task, gst_object_ref_sink (element), gst_object_unref);
}

/* v4l2src or pipewiresrc, whichever knows the first camera. */
static void
find_device (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autoptr (GstDeviceMonitor) monitor = gst_device_monitor_new ();
  GstElement *element = NULL;
  GList *devices;

  gst_device_monitor_add_filter (monitor, "Video/Source", NULL);
  if (!gst_device_monitor_start (monitor))
    {
      return_no_camera (task);
      return;
    }

  devices = gst_device_monitor_get_devices (monitor);
  for (GList *l = devices; l != NULL && element == NULL; l = l->next)
    element = gst_device_create_element (l->data, NULL);
  g_list_free_full (devices, gst_object_unref);
  gst_device_monitor_stop (monitor);

  if (element != NULL)
    return_element (task, element);
  else
    return_no_camera (task);
}

/**
 * pst_camera_find_device_async:
 * @cancellable: (nullable): ends the search
 * @callback: called in the thread-default main context
 * @user_data: for @callback
 *
 * Looks for a camera without a portal. The search blocks, so a worker does it.
 */
void
pst_camera_find_device_async (GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_name (task, "pst_camera_find_device_async");
  g_task_run_in_thread (task, find_device);
}

static void
return_remote (GTask *task, XdpPortal *portal)
{
  int fd = xdp_portal_open_pipewire_remote_for_camera (portal);
  GstElement *element = fd >= 0 ? gst_element_factory_make ("pipewiresrc", NULL) : NULL;

  if (element != NULL)
    {
      g_object_set (element, "fd", fd, NULL);
      return_element (task, element);
      return;
    }

  if (fd >= 0)
    close (fd);
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "The camera cannot be opened.");
}

/* The portal says “cancelled” when the person does not want it. */
static gboolean
is_refusal (const GError *error, GCancellable *cancellable)
{
  return (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
          && !g_cancellable_is_cancelled (cancellable))
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
}

static void
on_access (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (xdp_portal_access_camera_finish (XDP_PORTAL (object), result, &error))
    return_remote (task, XDP_PORTAL (object));
  else if (is_refusal (error, g_task_get_cancellable (task)))
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                             "The camera may not be used.");
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
on_presence (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result,
                                                              NULL);
  g_autoptr (GVariant) value = NULL;
  g_autoptr (XdpPortal) portal = NULL;
  GCancellable *cancellable = g_task_get_cancellable (task);

  if (reply != NULL)
    g_variant_get (reply, "(v)", &value);
  if (value == NULL || !g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN)
      || !g_variant_get_boolean (value))
    {
      return_no_camera (task);
      return;
    }

  portal = xdp_portal_new ();
  xdp_portal_access_camera (portal, NULL, XDP_CAMERA_FLAG_NONE, cancellable, on_access,
                            g_steal_pointer (&task));
}

/* xdp_portal_is_camera_present() blocks, and prints a warning where there is no
 * portal; this asks the same. */
static void
on_bus (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, NULL);
  GCancellable *cancellable = g_task_get_cancellable (task);

  if (bus == NULL)
    {
      return_no_camera (task);
      return;
    }

  g_dbus_connection_call (
      bus, "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop",
      "org.freedesktop.DBus.Properties", "Get",
      g_variant_new ("(ss)", "org.freedesktop.portal.Camera", "IsCameraPresent"),
      G_VARIANT_TYPE ("(v)"), G_DBUS_CALL_FLAGS_NONE, -1, cancellable, on_presence,
      g_steal_pointer (&task));
}

/**
 * pst_camera_find_portal_async:
 * @cancellable: (nullable): ends the search
 * @callback: called in the thread-default main context
 * @user_data: for @callback
 *
 * Asks the desktop's Camera portal, which may ask the person.
 */
void
pst_camera_find_portal_async (GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_name (task, "pst_camera_find_portal_async");
  g_bus_get (G_BUS_TYPE_SESSION, cancellable, on_bus, task);
}

/**
 * pst_camera_find_finish:
 * @result: what the callback got
 * @error: return location for an error: %G_IO_ERROR_NOT_FOUND without a camera,
 *   %G_IO_ERROR_PERMISSION_DENIED when it may not be used
 *
 * Returns: (transfer full): an element with the camera's pictures
 */
GstElement *
pst_camera_find_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
