/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-show.h"

#include <glib/gi18n.h>
#include <libportal-gtk4/portal-gtk4.h>

#include "pst-destination.h"
#include "pst-error.h"
#include "pst-escape.h"
#include "pst-launchable.h"

#define FILE_MANAGER_NAME      "org.freedesktop.FileManager1"
#define FILE_MANAGER_PATH      "/org/freedesktop/FileManager1"
#define FILE_MANAGER_INTERFACE "org.freedesktop.FileManager1"

/* A file manager that has to be started from a slow disk first takes seconds. */
#define FILE_MANAGER_TIMEOUT_MS 15000

typedef struct
{
  GtkWindow *parent; /* (nullable) */
  GPtrArray *files;  /* of GFile, at least one */
} Show;

static void
show_free (gpointer data)
{
  Show *show = data;

  g_clear_object (&show->parent);
  g_ptr_array_unref (show->files);
  g_free (show);
}

static GTask *
task_new (GtkWindow *parent, gpointer source_tag, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  Show *show = g_new0 (Show, 1);

  g_set_object (&show->parent, parent);
  show->files = g_ptr_array_new_with_free_func (g_object_unref);
  g_task_set_task_data (task, show, show_free);
  g_task_set_source_tag (task, source_tag);
  return task;
}

static char *
dup_shown_name (GFile *file)
{
  g_autofree char *name = g_file_get_basename (file);

  return pst_escape_name (name, -1);
}

/* Takes @sentence. */
static void
return_sentence (GTask *task, char *sentence)
{
  g_task_return_error (task, g_error_new_literal (PST_ERROR, PST_ERROR_FAILED, sentence));
  g_free (sentence);
}

static void
return_missing (GTask *task, const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autofree char *shown = dup_shown_name (file);

  return_sentence (task, g_strdup_printf (_ ("“%s” is not there any more."), shown));
}

/* Takes @sentence. Another library's words do not belong before a person, and a
 * person who closed the system's dialogue need not be told anything. */
static void
return_foreign (GTask *task, const GError *error, char *sentence)
{
  g_debug ("%s (%s)", sentence, error->message);
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      return_sentence (task, sentence);
      return;
    }

  g_task_return_error (task, g_error_copy (error));
  g_free (sentence);
}

static void
return_not_shown (GTask *task, const GError *error)
{
  Show *show = g_task_get_task_data (task);
  g_autofree char *shown = dup_shown_name (show->files->pdata[0]);

  return_foreign (task, error, g_strdup_printf (_ ("The folder of “%s” cannot be shown."), shown));
}

static void
return_not_opened (GTask *task, const GError *error)
{
  Show *show = g_task_get_task_data (task);
  g_autofree char *shown = dup_shown_name (show->files->pdata[0]);

  return_foreign (task, error, g_strdup_printf (_ ("There is no app to open “%s”."), shown));
}

static GAppLaunchContext *
launch_context_new (Show *show)
{
  GdkDisplay *display = show->parent != NULL ? gtk_widget_get_display (GTK_WIDGET (show->parent))
                                             : gdk_display_get_default ();

  if (display == NULL)
    return g_app_launch_context_new ();
  return G_APP_LAUNCH_CONTEXT (gdk_display_get_app_launch_context (display));
}

/* NULL when there is no window to belong to. */
static XdpParent *
portal_parent_new (Show *show)
{
  if (show->parent == NULL || !gtk_widget_get_realized (GTK_WIDGET (show->parent)))
    return NULL;
  return xdp_parent_new_gtk (show->parent);
}

static void
on_portal_shown (GObject *portal, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (xdp_portal_open_directory_finish (XDP_PORTAL (portal), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    return_not_shown (task, error);
}

/* Takes @task. The portal shows one item only. */
static void
show_by_portal (GTask *task)
{
  Show *show = g_task_get_task_data (task);
  g_autoptr (XdpPortal) portal = xdp_portal_new ();
  g_autoptr (XdpParent) parent = portal_parent_new (show);
  g_autofree char *uri = g_file_get_uri (show->files->pdata[0]);

  xdp_portal_open_directory (portal, parent, uri, XDP_OPEN_URI_FLAG_NONE, NULL, on_portal_shown,
                             task);
}

static void
on_folder_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (g_app_info_launch_default_for_uri_finish (result, &error))
    g_task_return_boolean (task, TRUE);
  else
    return_not_shown (task, error);
}

static void
on_items_shown (GObject *bus, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GAppLaunchContext) context = NULL;
  g_autoptr (GFile) folder = NULL;
  g_autofree char *uri = NULL;
  Show *show = g_task_get_task_data (task);

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &error);
  if (reply != NULL)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  g_debug ("No file manager shows items: %s", error->message);
  folder = g_file_get_parent (show->files->pdata[0]);
  uri = g_file_get_uri (folder != NULL ? folder : show->files->pdata[0]);
  context = launch_context_new (show);
  g_app_info_launch_default_for_uri_async (uri, context, NULL, on_folder_opened,
                                           g_steal_pointer (&task));
}

/* A token with which the file manager may come to the front. */
static char *
dup_token (GAppLaunchContext *context)
{
  g_autoptr (GAppInfo) manager = g_app_info_get_default_for_type ("inode/directory", FALSE);

  return manager != NULL ? g_app_launch_context_get_startup_notify_id (context, manager, NULL)
                         : NULL;
}

/* Takes @task. */
static void
show_by_file_manager (GTask *task, GDBusConnection *bus)
{
  Show *show = g_task_get_task_data (task);
  g_autoptr (GAppLaunchContext) context = launch_context_new (show);
  g_autofree char *token = dup_token (context);
  GVariantBuilder uris;

  g_variant_builder_init (&uris, G_VARIANT_TYPE ("as"));
  for (guint i = 0; i < show->files->len; i++)
    g_variant_builder_add_value (
        &uris, g_variant_new_take_string (g_file_get_uri (show->files->pdata[i])));

  g_dbus_connection_call (bus, FILE_MANAGER_NAME, FILE_MANAGER_PATH, FILE_MANAGER_INTERFACE,
                          "ShowItems", g_variant_new ("(ass)", &uris, token != NULL ? token : ""),
                          NULL, G_DBUS_CALL_FLAGS_NONE, FILE_MANAGER_TIMEOUT_MS, NULL,
                          on_items_shown, task);
}

static void
on_bus_to_show (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, &error);

  if (bus == NULL)
    return_not_shown (task, error);
  else if (pst_destination_is_sandboxed ())
    show_by_portal (g_steal_pointer (&task));
  else
    show_by_file_manager (g_steal_pointer (&task), bus);
}

/* Takes @task. */
static void
show_in_folder (GTask *task)
{
  g_bus_get (G_BUS_TYPE_SESSION, NULL, on_bus_to_show, task);
}

static void
on_portal_opened (GObject *portal, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (xdp_portal_open_uri_finish (XDP_PORTAL (portal), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    return_not_opened (task, error);
}

static void
on_bus_to_open (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, &error);
  g_autoptr (XdpPortal) portal = NULL;
  g_autoptr (XdpParent) parent = NULL;
  g_autofree char *uri = NULL;
  Show *show = g_task_get_task_data (task);

  if (bus == NULL)
    {
      return_not_opened (task, error);
      return;
    }

  portal = xdp_portal_new ();
  parent = portal_parent_new (show);
  uri = g_file_get_uri (show->files->pdata[0]);
  xdp_portal_open_uri (portal, parent, uri, XDP_OPEN_URI_FLAG_NONE, NULL, on_portal_opened,
                       g_steal_pointer (&task));
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (g_app_info_launch_default_for_uri_finish (result, &error))
    g_task_return_boolean (task, TRUE);
  else
    return_not_opened (task, error);
}

/* Takes @task. */
static void
open_by_default (GTask *task)
{
  Show *show = g_task_get_task_data (task);
  g_autoptr (GAppLaunchContext) context = launch_context_new (show);
  g_autofree char *uri = g_file_get_uri (show->files->pdata[0]);

  g_app_info_launch_default_for_uri_async (uri, context, NULL, on_opened, task);
}

static void
on_kind_known (GObject *file, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInfo) info = g_file_query_info_finish (G_FILE (file), result, &error);
  gboolean sandboxed = pst_destination_is_sandboxed ();

  if (info == NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return_missing (task, g_file_peek_path (G_FILE (file)));
  else if (info == NULL)
    return_not_opened (task, error);
  else if (pst_launchable_check (info))
    show_in_folder (g_steal_pointer (&task));
  else if (!sandboxed)
    open_by_default (g_steal_pointer (&task));
  else if (g_file_info_get_file_type (info) == G_FILE_TYPE_DIRECTORY)
    /* The portal opens files only. */
    show_in_folder (g_steal_pointer (&task));
  else
    g_bus_get (G_BUS_TYPE_SESSION, NULL, on_bus_to_open, g_steal_pointer (&task));
}

/**
 * pst_show_in_folder_async:
 * @parent: (nullable): the window that asks
 * @paths: (array zero-terminated=1): at least one absolute path, in the file
 *   system's encoding
 * @callback: called in the caller's main context
 * @user_data: for @callback
 *
 * Shows those of @paths that are still there in the file manager, selected. In a
 * sandbox the portal selects the first of them; without a file manager that can
 * select, the folder of the first is opened.
 */
void
pst_show_in_folder_async (GtkWindow *parent,
                          const char *const *paths,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Show *show;

  g_return_if_fail (paths != NULL && paths[0] != NULL);

  task = task_new (parent, pst_show_in_folder_async, callback, user_data);
  show = g_task_get_task_data (task);
  for (guint i = 0; paths[i] != NULL; i++)
    if (g_file_test (paths[i], G_FILE_TEST_EXISTS))
      g_ptr_array_add (show->files, g_file_new_for_path (paths[i]));

  if (show->files->len == 0)
    return_missing (task, paths[0]);
  else
    show_in_folder (g_steal_pointer (&task));
}

/**
 * pst_show_open_async:
 * @parent: (nullable): the window that asks
 * @path: an absolute path, in the file system's encoding
 * @callback: called in the caller's main context
 * @user_data: for @callback
 *
 * Opens what was received with the application for its kind. What came from a
 * stranger is never run by one click: programs, scripts, starters and whatever
 * else may be executed are shown in their folder instead.
 */
void
pst_show_open_async (GtkWindow *parent,
                     const char *path,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  g_autoptr (GTask) task = task_new (parent, pst_show_open_async, callback, user_data);
  Show *show = g_task_get_task_data (task);
  GFile *file = g_file_new_for_path (path);

  g_ptr_array_add (show->files, file);
  g_file_query_info_async (file, PST_LAUNCHABLE_ATTRIBUTES, G_FILE_QUERY_INFO_NONE,
                           G_PRIORITY_DEFAULT, NULL, on_kind_known, g_steal_pointer (&task));
}

/**
 * pst_show_finish:
 * @result: what the callback was given
 * @error: return location for a %PST_ERROR_FAILED, its message a translated
 *   sentence, or %G_IO_ERROR_CANCELLED: the person closed the system's dialogue
 *
 * Returns: %TRUE if another program was asked to show it
 */
gboolean
pst_show_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
