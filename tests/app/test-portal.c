/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The portals' way of everything in src/app/files, against real portals. This
 * process is two: the program, and the desktop behind the portals. See
 * tests/ui/with-portals.py, which starts both kinds of run: outside of a sandbox,
 * and in one. */
#include <libportal/portal.h>

#include "pst-choose.h"
#include "pst-destination.h"
#include "pst-error.h"
#include "pst-intake.h"
#include "pst-show.h"

#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define DEADLINE_S  30
#define PORTAL_PATH "/org/freedesktop/portal/desktop"

#define REQUEST_INTERFACE "org.freedesktop.impl.portal.Request"

enum
{
  ANSWER_OK,
  ANSWER_CANCELLED,
  ANSWER_OTHER,
  ANSWER_NONE /* the dialogue stands open until it is closed */
};

/* The person at the desktop: what is going to be answered, and what was asked. */
static struct
{
  GDBusConnection *bus;
  guint32 answer;
  const char *const *names; /* below the host folder, for the file chooser */
  char *title;
  GVariant *options;
  guint n_dialogues;
  GStrv shown;
  guint n_shown;
  guint n_waiting; /* names still to be owned */
  GDBusNodeInfo *node;
  GDBusMethodInvocation *open_dialogue;
  guint request_id; /* the object by which it is closed */
  guint n_closed;
} desktop;

static const char *host_dir;
static gboolean inside;

static const char backend_xml[]
    = "<node>"
      "<interface name='org.freedesktop.impl.portal.FileChooser'>"
      "<method name='OpenFile'>"
      "<arg type='o' direction='in'/><arg type='s' direction='in'/><arg type='s' direction='in'/>"
      "<arg type='s' direction='in'/><arg type='a{sv}' direction='in'/>"
      "<arg type='u' direction='out'/><arg type='a{sv}' direction='out'/>"
      "</method></interface>"
      "<interface name='org.freedesktop.impl.portal.AppChooser'>"
      "<method name='ChooseApplication'>"
      "<arg type='o' direction='in'/><arg type='s' direction='in'/><arg type='s' direction='in'/>"
      "<arg type='as' direction='in'/><arg type='a{sv}' direction='in'/>"
      "<arg type='u' direction='out'/><arg type='a{sv}' direction='out'/>"
      "</method></interface>"
      "<interface name='org.freedesktop.impl.portal.Access'>"
      "<method name='AccessDialog'>"
      "<arg type='o' direction='in'/><arg type='s' direction='in'/><arg type='s' direction='in'/>"
      "<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='s' direction='in'/>"
      "<arg type='a{sv}' direction='in'/>"
      "<arg type='u' direction='out'/><arg type='a{sv}' direction='out'/>"
      "</method></interface>"
      "<interface name='" REQUEST_INTERFACE "'><method name='Close'/></interface>"
      "<interface name='org.freedesktop.FileManager1'>"
      "<method name='ShowItems'><arg type='as' direction='in'/><arg type='s' "
      "direction='in'/></method>"
      "</interface>"
      "</node>";

static char *
host_path (const char *name)
{
  return g_build_filename (host_dir, name, NULL);
}

static char *
host_uri (const char *name)
{
  g_autofree char *path = host_path (name);

  return g_filename_to_uri (path, NULL, NULL);
}

static void
answer_files (GVariantBuilder *results)
{
  GVariantBuilder uris;

  g_variant_builder_init (&uris, G_VARIANT_TYPE ("as"));
  for (guint i = 0; desktop.names != NULL && desktop.names[i] != NULL; i++)
    g_variant_builder_add_value (&uris, g_variant_new_take_string (host_uri (desktop.names[i])));
  g_variant_builder_add (results, "{sv}", "uris", g_variant_builder_end (&uris));
  g_variant_builder_add (results, "{sv}", "writable", g_variant_new_boolean (TRUE));
}

/* What the portal has of a dialogue that stands open: a way to close it. */
static void
on_request_method (GDBusConnection *bus,
                   const char *sender,
                   const char *path,
                   const char *interface,
                   const char *method,
                   GVariant *parameters,
                   GDBusMethodInvocation *invocation,
                   gpointer user_data)
{
  GVariantBuilder results;

  desktop.n_closed++;
  g_dbus_method_invocation_return_value (invocation, NULL);
  g_variant_builder_init (&results, G_VARIANT_TYPE_VARDICT);
  g_dbus_method_invocation_return_value (
      g_steal_pointer (&desktop.open_dialogue),
      g_variant_new ("(ua{sv})", (guint32)ANSWER_OTHER, &results));
  g_dbus_connection_unregister_object (desktop.bus, desktop.request_id);
}

static void
leave_open (GVariant *parameters, GDBusMethodInvocation *invocation)
{
  static const GDBusInterfaceVTable request_vtable = { .method_call = on_request_method };
  const char *handle = NULL;

  g_variant_get_child (parameters, 0, "&o", &handle);
  desktop.open_dialogue = invocation;
  desktop.request_id = g_dbus_connection_register_object (
      desktop.bus, handle, g_dbus_node_info_lookup_interface (desktop.node, REQUEST_INTERFACE),
      &request_vtable, NULL, NULL, NULL);
  g_assert_cmpuint (desktop.request_id, >, 0);
}

static void
on_method (GDBusConnection *bus,
           const char *sender,
           const char *path,
           const char *interface,
           const char *method,
           GVariant *parameters,
           GDBusMethodInvocation *invocation,
           gpointer user_data)
{
  GVariantBuilder results;
  gsize n_parameters = g_variant_n_children (parameters);

  if (g_str_equal (method, "ShowItems"))
    {
      desktop.n_shown++;
      g_clear_pointer (&desktop.shown, g_strfreev);
      g_variant_get (parameters, "(^ass)", &desktop.shown, NULL);
      g_dbus_method_invocation_return_value (invocation, NULL);
      return;
    }

  desktop.n_dialogues++;
  g_clear_pointer (&desktop.options, g_variant_unref);
  desktop.options = g_variant_get_child_value (parameters, n_parameters - 1);
  g_clear_pointer (&desktop.title, g_free);
  if (!g_str_equal (method, "ChooseApplication"))
    g_variant_get_child (parameters, 3, "s", &desktop.title);

  if (desktop.answer == ANSWER_NONE)
    {
      leave_open (parameters, invocation);
      return;
    }

  g_variant_builder_init (&results, G_VARIANT_TYPE_VARDICT);
  if (g_str_equal (method, "OpenFile") && desktop.answer == ANSWER_OK)
    answer_files (&results);
  g_dbus_method_invocation_return_value (invocation,
                                         g_variant_new ("(ua{sv})", desktop.answer, &results));
}

static const GDBusInterfaceVTable vtable = { .method_call = on_method };

static gboolean
on_deadline (gpointer user_data)
{
  g_error ("Nothing happened within %d s", DEADLINE_S);
  return G_SOURCE_REMOVE;
}

static void
on_name (GDBusConnection *bus, const char *name, gpointer user_data)
{
  desktop.n_waiting--;
}

/* On a connection of its own, so that it is another program to the portals. */
static void
start_desktop (void)
{
  const char *const names[] = { g_getenv ("PST_TEST_BACKEND"), "org.freedesktop.FileManager1" };
  GDBusNodeInfo *node = g_dbus_node_info_new_for_xml (backend_xml, NULL);
  guint deadline = g_timeout_add_seconds (DEADLINE_S, on_deadline, NULL);

  desktop.bus = g_dbus_connection_new_for_address_sync (
      g_getenv ("DBUS_SESSION_BUS_ADDRESS"),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, NULL);
  g_assert_nonnull (desktop.bus);
  desktop.node = node;

  for (guint i = 0; node->interfaces[i] != NULL; i++)
    {
      GDBusInterfaceInfo *info = node->interfaces[i];
      const char *path = g_str_equal (info->name, "org.freedesktop.FileManager1")
                             ? "/org/freedesktop/FileManager1"
                             : PORTAL_PATH;

      /* Each dialogue has one of its own. */
      if (g_str_equal (info->name, REQUEST_INTERFACE))
        continue;
      g_assert_cmpuint (
          g_dbus_connection_register_object (desktop.bus, path, info, &vtable, NULL, NULL, NULL), >,
          0);
    }

  desktop.n_waiting = G_N_ELEMENTS (names);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_bus_own_name_on_connection (desktop.bus, names[i], 0, on_name, NULL, NULL, NULL);
  while (desktop.n_waiting > 0)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (deadline);
}

static void
plan (guint32 answer, const char *const *names)
{
  desktop.answer = answer;
  desktop.names = names;
  desktop.n_dialogues = 0;
  desktop.n_closed = 0;
  desktop.n_shown = 0;
  g_clear_pointer (&desktop.shown, g_strfreev);
  g_clear_pointer (&desktop.options, g_variant_unref);
}

static gboolean
get_option (const char *name)
{
  gboolean value = FALSE;

  g_variant_lookup (desktop.options, name, "b", &value);
  return value;
}

static void
on_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_set_object ((GAsyncResult **)user_data, result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  guint deadline = g_timeout_add_seconds (DEADLINE_S, on_deadline, NULL);

  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (deadline);
  return *result;
}

static GListModel *
finish_choice (GAsyncResult **result, GError **error)
{
  GListModel *files = pst_choose_finish (wait_for (result), error);

  g_clear_object (result);
  return files;
}

/* What a person reads of a path that a chooser handed out. In a sandbox older
 * portals do not tell where it is; its own name must do then. */
static void
assert_display (const char *path, const char *name)
{
  g_autofree char *shown = pst_destination_dup_display (path);
  g_autofree char *expected = g_strdup_printf ("~/host/%s", name);

  if (inside && !g_str_equal (shown, expected))
    g_assert_cmpstr (shown, ==, name);
  else
    g_assert_cmpstr (shown, ==, expected);
}

static void
test_files (void)
{
  static const char *const names[] = { "letter.txt", "second.txt", NULL };
  g_autoptr (GListModel) files = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) paths = NULL;
  g_autofree char *text = NULL;
  const char *letter;
  GAsyncResult *result = NULL;

  plan (ANSWER_OK, names);
  pst_choose_files_async (NULL, on_result, &result);
  files = finish_choice (&result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (desktop.n_dialogues, ==, 1);
  g_assert_cmpstr (desktop.title, ==, "Choose Files to Send");
  g_assert_true (get_option ("multiple"));
  g_assert_false (get_option ("directory"));
  g_assert_cmpuint (g_list_model_get_n_items (files), ==, 2);

  paths = pst_intake_check (files, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_strv_length (paths), ==, 2);
  g_assert_cmpint (g_str_has_prefix (paths[0], host_dir), !=, inside);
  /* GTK does not keep the order. */
  letter = g_str_has_suffix (paths[0], "/letter.txt") ? paths[0] : paths[1];
  g_assert_true (g_file_get_contents (letter, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "Dear Ada,\n");
  assert_display (letter, "letter.txt");
}

static void
test_folders (void)
{
  static const char *const names[] = { "Pictures", NULL };
  g_autoptr (GListModel) files = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) paths = NULL;
  g_autofree char *below = NULL;
  g_autofree char *text = NULL;
  GAsyncResult *result = NULL;

  plan (ANSWER_OK, names);
  pst_choose_folders_async (NULL, on_result, &result);
  files = finish_choice (&result, &error);
  g_assert_no_error (error);
  g_assert_true (get_option ("multiple"));
  g_assert_true (get_option ("directory"));

  paths = pst_intake_check (files, &error);
  g_assert_no_error (error);
  below = g_build_filename (paths[0], "inside.txt", NULL);
  g_assert_true (g_file_get_contents (below, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "inside\n");
  assert_display (below, "Pictures/inside.txt");
}

static void
test_image (void)
{
  static const char *const names[] = { "letter.txt", NULL };
  g_autoptr (GListModel) files = NULL;
  g_autoptr (GVariant) filters = NULL;
  g_autofree char *printed = NULL;
  GAsyncResult *result = NULL;

  plan (ANSWER_OK, names);
  pst_choose_image_async (NULL, on_result, &result);
  files = finish_choice (&result, NULL);
  g_assert_nonnull (files);
  g_assert_false (get_option ("multiple"));
  filters = g_variant_lookup_value (desktop.options, "filters", NULL);
  g_assert_nonnull (filters);
  printed = g_variant_print (filters, FALSE);
  g_assert_nonnull (strstr (printed, "image/*"));
}

/* The chosen folder can be written to, and looking leaves nothing there. */
static void
test_destination (void)
{
  static const char *const names[] = { "Pictures", NULL };
  g_autoptr (GListModel) files = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) folder = NULL;
  g_autoptr (GDir) dir = NULL;
  g_autofree char *path = NULL;
  const char *current = NULL;
  guint64 free_bytes = 0;
  GAsyncResult *result = NULL;

  plan (ANSWER_OK, names);
  pst_choose_destination_async (NULL, g_get_home_dir (), on_result, &result);
  files = finish_choice (&result, &error);
  g_assert_no_error (error);
  g_assert_false (get_option ("multiple"));
  g_assert_true (get_option ("directory"));
  /* Before version 4 the portal kept it to itself. */
  if (g_variant_lookup (desktop.options, "current_folder", "^&ay", &current))
    g_assert_cmpstr (current, ==, g_get_home_dir ());

  folder = g_list_model_get_item (files, 0);
  path = g_file_get_path (folder);
  g_assert_true (pst_destination_check (path, &error));
  g_assert_no_error (error);
  g_assert_true (pst_destination_get_free_bytes (path, &free_bytes));
  g_assert_cmpuint (free_bytes, >, 0);
  assert_display (path, "Pictures");

  dir = g_dir_open (path, 0, NULL);
  g_assert_cmpstr (g_dir_read_name (dir), ==, "inside.txt");
  g_assert_null (g_dir_read_name (dir));
}

static void
test_cancelled (void)
{
  static const char *const none[] = { NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) empty = NULL;
  GAsyncResult *result = NULL;

  plan (ANSWER_CANCELLED, NULL);
  pst_choose_files_async (NULL, on_result, &result);
  g_assert_null (finish_choice (&result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  plan (ANSWER_OK, none);
  pst_choose_files_async (NULL, on_result, &result);
  g_assert_null (finish_choice (&result, &empty));
  g_assert_error (empty, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Closing the window while its dialogue is open ends the choice, once. */
static void
test_parent_closed (void)
{
  GtkWidget *window = gtk_window_new ();
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  plan (ANSWER_CANCELLED, NULL);
  gtk_window_present (GTK_WINDOW (window));
  pst_choose_files_async (GTK_WINDOW (window), on_result, &result);
  gtk_window_destroy (GTK_WINDOW (window));
  g_assert_null (finish_choice (&result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* A dialogue of another program goes with the window it belongs to, whether it
 * stands there already or not. */
static void
close_parent (gboolean at_once)
{
  GtkWidget *window = gtk_window_new ();
  guint deadline = g_timeout_add_seconds (DEADLINE_S, on_deadline, NULL);
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  plan (ANSWER_NONE, NULL);
  gtk_window_present (GTK_WINDOW (window));
  pst_choose_files_async (GTK_WINDOW (window), on_result, &result);
  while (!at_once && desktop.n_dialogues == 0)
    g_main_context_iteration (NULL, TRUE);
  gtk_window_destroy (GTK_WINDOW (window));
  g_assert_null (finish_choice (&result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  while (desktop.n_closed == 0)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (deadline);
}

static void
test_goes_with_parent (void)
{
  close_parent (FALSE);
}

static void
test_goes_with_parent_at_once (void)
{
  close_parent (TRUE);
}

/* The path on this side of what stands in the host's folder under @name: the
 * person chooses it. */
static char *
obtain (const char *name, gboolean is_folder)
{
  const char *const names[] = { name, NULL };
  g_autoptr (GListModel) files = NULL;
  g_autoptr (GFile) file = NULL;
  GAsyncResult *result = NULL;

  plan (ANSWER_OK, names);
  if (is_folder)
    pst_choose_folders_async (NULL, on_result, &result);
  else
    pst_choose_files_async (NULL, on_result, &result);
  files = finish_choice (&result, NULL);
  g_assert_nonnull (files);
  file = g_list_model_get_item (files, 0);
  return g_file_get_path (file);
}

static gboolean
finish_show (GAsyncResult **result, GError **error)
{
  gboolean ok = pst_show_finish (wait_for (result), error);

  g_clear_object (result);
  return ok;
}

/* The file manager is told the host's path, not the document's; older portals do so
 * for documents only, not for what is inside of them. */
static void
assert_shown (const char *name)
{
  g_autofree char *uri = host_uri (name);

  g_assert_cmpuint (desktop.n_shown, ==, 1);
  g_assert_cmpint (g_strv_length (desktop.shown), ==, 1);
  if (inside && strchr (name, '/') != NULL && !g_str_equal (desktop.shown[0], uri))
    {
      g_autofree char *end = g_strconcat ("/", name, NULL);

      g_assert_nonnull (strstr (desktop.shown[0], "/run/doc/"));
      g_assert_true (g_str_has_suffix (desktop.shown[0], end));
    }
  else
    {
      g_assert_cmpstr (desktop.shown[0], ==, uri);
    }
}

static void
test_show (void)
{
  g_autofree char *folder = obtain ("Pictures", TRUE);
  g_autofree char *path = g_build_filename (folder, "inside.txt", NULL);
  g_autofree char *gone = g_build_filename (folder, "gone", NULL);
  const char *const paths[] = { gone, path, NULL };
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  plan (ANSWER_OK, NULL);
  pst_show_in_folder_async (NULL, paths, on_result, &result);
  if (!finish_show (&result, &error) && pst_destination_is_sandboxed ())
    {
      /* The portal asks the kernel where a descriptor of the document portal
       * leads; where / is no mount of its own, as in a chroot, it cannot. */
      g_test_skip (error->message);
      return;
    }
  g_assert_no_error (error);
  assert_shown ("Pictures/inside.txt");
  g_assert_cmpuint (desktop.n_dialogues, ==, 0);
}

static void
test_open (void)
{
  g_autofree char *path = obtain ("letter.txt", FALSE);
  g_autoptr (GError) cancelled = NULL;
  g_autoptr (GError) failed = NULL;
  const char *type = NULL;
  GAsyncResult *result = NULL;

  plan (ANSWER_CANCELLED, NULL);
  pst_show_open_async (NULL, path, on_result, &result);
  g_assert_false (finish_show (&result, &cancelled));
  g_assert_error (cancelled, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (desktop.n_dialogues, ==, 1);
  g_assert_true (g_variant_lookup (desktop.options, "content_type", "&s", &type));
  g_assert_cmpstr (type, ==, "text/plain");

  plan (ANSWER_OTHER, NULL);
  pst_show_open_async (NULL, path, on_result, &result);
  g_assert_false (finish_show (&result, &failed));
  g_assert_error (failed, PST_ERROR, PST_ERROR_FAILED);
  g_assert_cmpstr (failed->message, ==, "There is no app to open “letter.txt”.");
}

static void
test_open_folder (void)
{
  g_autofree char *path = obtain ("Pictures", TRUE);
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  plan (ANSWER_OK, NULL);
  pst_show_open_async (NULL, path, on_result, &result);
  g_assert_true (finish_show (&result, &error));
  g_assert_no_error (error);
  assert_shown ("Pictures");
}

static void
test_never_run (void)
{
  g_autofree char *path = obtain ("program", FALSE);
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  plan (ANSWER_OK, NULL);
  pst_show_open_async (NULL, path, on_result, &result);
  g_assert_true (finish_show (&result, &error));
  g_assert_no_error (error);
  assert_shown ("program");
  g_assert_cmpuint (desktop.n_dialogues, ==, 0);
}

/* Only in a sandbox can the host's path not be seen at all. */
static void
test_hidden (void)
{
  g_autoptr (GListStore) files = g_list_store_new (G_TYPE_FILE);
  g_autofree char *path = host_path ("letter.txt");
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) unseen = NULL;

  if (!inside)
    {
      g_test_skip ("outside of a sandbox nothing is hidden");
      return;
    }

  g_list_store_append (files, file);
  g_assert_null (pst_intake_check (G_LIST_MODEL (files), &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_SOURCE);
  g_assert_cmpstr (error->message, ==,
                   "Penstock has no access to “letter.txt”. Use Choose Files or Choose Folder.");

  g_assert_false (pst_destination_check (host_dir, &unseen));
  g_assert_error (unseen, PST_ERROR, PST_ERROR_DESTINATION);
  g_assert_cmpstr (unseen->message, ==, "Penstock has no access to the folder “~/host” yet.");
}

/* A path of the document portal, met outside of a sandbox. */
static void
test_document_outside (void)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  g_autofree char *path = host_path ("second.txt");
  g_autoptr (GUnixFDList) fds = g_unix_fd_list_new ();
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *document = NULL;
  g_autofree char *shown = NULL;
  const char *id;
  int fd;

  if (inside)
    {
      g_test_skip ("in a sandbox the person's choice makes the document");
      return;
    }

  fd = open (path, O_PATH | O_CLOEXEC);
  g_assert_cmpint (g_unix_fd_list_append (fds, fd, NULL), ==, 0);
  close (fd);
  reply = g_dbus_connection_call_with_unix_fd_list_sync (
      bus, "org.freedesktop.portal.Documents", "/org/freedesktop/portal/documents",
      "org.freedesktop.portal.Documents", "Add", g_variant_new ("(hbb)", 0, TRUE, FALSE),
      G_VARIANT_TYPE ("(s)"), 0, -1, fds, NULL, NULL, &error);
  g_assert_no_error (error);
  g_variant_get (reply, "(&s)", &id);

  document = g_build_filename (g_get_user_runtime_dir (), "doc", id, "second.txt", NULL);
  g_assert_true (g_file_test (document, G_FILE_TEST_IS_REGULAR));
  shown = pst_destination_dup_display (document);
  g_assert_cmpstr (shown, ==, "~/host/second.txt");
}

static gboolean
ask_for_camera (XdpPortal *portal, guint32 answer, GError **error)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  g_autoptr (GVariant) reply = NULL;
  GAsyncResult *result = NULL;
  gboolean allowed;

  /* The portal remembers the answer; this person forgets it. */
  reply = g_dbus_connection_call_sync (
      bus, "org.freedesktop.impl.portal.PermissionStore",
      "/org/freedesktop/impl/portal/PermissionStore", "org.freedesktop.impl.portal.PermissionStore",
      "Delete", g_variant_new ("(ss)", "devices", "camera"), NULL, 0, -1, NULL, NULL);

  plan (answer, NULL);
  xdp_portal_access_camera (portal, NULL, XDP_CAMERA_FLAG_NONE, NULL, on_result, &result);
  allowed = xdp_portal_access_camera_finish (portal, wait_for (&result), error);
  g_clear_object (&result);
  g_assert_cmpuint (desktop.n_dialogues, ==, 1);
  return allowed;
}

/* What the scan room meets: yes, no, and no camera at all. */
static void
test_camera (void)
{
  g_autoptr (XdpPortal) portal = xdp_portal_new ();
  g_autoptr (GError) none = NULL;
  g_autoptr (GError) denied = NULL;
  g_autoptr (GError) failed = NULL;

  g_assert_true (ask_for_camera (portal, ANSWER_OK, &none));
  g_assert_no_error (none);
  g_assert_false (ask_for_camera (portal, ANSWER_CANCELLED, &denied));
  g_assert_error (denied, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (ask_for_camera (portal, ANSWER_OTHER, &failed));
  g_assert_error (failed, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  g_assert_false (xdp_portal_is_camera_present (portal));
}

static void
test_sandboxed (void)
{
  g_assert_true (pst_destination_is_sandboxed ());
  g_assert_cmpint (inside, ==, g_getenv ("PST_SANDBOX") == NULL);
  g_assert_cmpint (g_file_test (host_dir, G_FILE_TEST_EXISTS), !=, inside);
}

int
main (int argc, char **argv)
{
  int status;

  host_dir = g_getenv ("PST_TEST_HOST_DIR");
  inside = access ("/.flatpak-info", F_OK) == 0;
  gtk_test_init (&argc, &argv, NULL);
  g_assert_nonnull (host_dir);
  start_desktop ();

  g_test_add_func ("/portal/sandboxed", test_sandboxed);
  g_test_add_func ("/portal/files", test_files);
  g_test_add_func ("/portal/folders", test_folders);
  g_test_add_func ("/portal/image", test_image);
  g_test_add_func ("/portal/destination", test_destination);
  g_test_add_func ("/portal/cancelled", test_cancelled);
  g_test_add_func ("/portal/parent-closed", test_parent_closed);
  g_test_add_func ("/portal/goes-with-parent", test_goes_with_parent);
  g_test_add_func ("/portal/goes-with-parent/at-once", test_goes_with_parent_at_once);
  g_test_add_func ("/portal/show", test_show);
  g_test_add_func ("/portal/open", test_open);
  g_test_add_func ("/portal/open-folder", test_open_folder);
  g_test_add_func ("/portal/never-run", test_never_run);
  g_test_add_func ("/portal/hidden", test_hidden);
  g_test_add_func ("/portal/document-outside", test_document_outside);
  g_test_add_func ("/portal/camera", test_camera);

  status = g_test_run ();
  g_clear_object (&desktop.bus);
  return status;
}
