/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-choose.h"
#include "pst-destination.h"
#include "pst-error.h"
#include "pst-journal-writer.h"
#include "pst-leftover.h"
#include "pst-preferences.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

/* What the person chooses next, and whether it can be written to. */
static char *chosen;
static gboolean chosen_is_writable;

void
pst_choose_destination_async (GtkWindow *parent,
                              const char *current,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (parent, NULL, callback, user_data);

  if (chosen == NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Closed");
      return;
    }

  g_task_return_pointer (task, g_file_new_for_path (chosen), g_object_unref);
}

GListModel *
pst_choose_finish (GAsyncResult *result, GError **error)
{
  g_autoptr (GFile) file = g_task_propagate_pointer (G_TASK (result), error);
  GListStore *files = file != NULL ? g_list_store_new (G_TYPE_FILE) : NULL;

  if (files != NULL)
    g_list_store_append (files, file);
  return (GListModel *) files;
}

char *
pst_destination_dup_default (void)
{
  return g_strdup ("/home/anna/Downloads");
}

char *
pst_destination_dup_display (const char *path)
{
  return g_strdup (path);
}

gboolean
pst_destination_check (const char *path, GError **error)
{
  if (chosen_is_writable)
    return TRUE;

  g_set_error_literal (error, PST_ERROR, PST_ERROR_DESTINATION, "It cannot be written to.");
  return FALSE;
}

typedef struct
{
  GSettings *settings;
  GtkWidget *preferences;
} Fixture;

static gpointer
child (Fixture *fixture, const char *name)
{
  GObject *object = gtk_widget_get_template_child (fixture->preferences, PST_TYPE_PREFERENCES,
                                                   name);

  g_assert_nonnull (object);
  return object;
}

static void
run_until_idle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->settings = g_settings_new ("io.github.penstock.Penstock");
  fixture->preferences = pst_preferences_new (NULL, fixture->settings);
  gtk_window_present (GTK_WINDOW (fixture->preferences));
  run_until_idle ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  const char *const keys[] = { "display-name",       "destination", "server-url", "stun-server",
                               "turn-servers",       "relay-only",  "limit-bps",  "ask",
                               "pause-when-metered", "keep-history" };
  gpointer gone = fixture->preferences;

  g_object_add_weak_pointer (G_OBJECT (fixture->preferences), &gone);
  gtk_window_destroy (GTK_WINDOW (fixture->preferences));
  while (gone != NULL) /* what is left over may still be looked for */
    g_main_context_iteration (NULL, TRUE);

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    g_settings_reset (fixture->settings, keys[i]);
  run_until_idle ();
  g_clear_object (&fixture->settings); /* libadwaita 1.2 keeps the rows, and they keep it */
  g_clear_pointer (&chosen, g_free);
}

static void
type (Fixture *fixture, const char *row, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (child (fixture, row)), text);
  g_signal_emit_by_name (child (fixture, row), "apply");
}

static void
assert_string (Fixture *fixture, const char *key, const char *expected)
{
  g_autofree char *value = g_settings_get_string (fixture->settings, key);

  g_assert_cmpstr (value, ==, expected);
}

/* A flaw is a sentence that can be seen, and the entry says so to a screen reader. */
static void
assert_flaw (Fixture *fixture, const char *row, const char *flaw, gboolean expected)
{
  g_assert_true (gtk_widget_get_visible (child (fixture, flaw)) == expected);
  g_assert_true (gtk_widget_has_css_class (child (fixture, row), "error") == expected);
}

static void
assert_sentence (Fixture *fixture, const char *flaw)
{
  const char *title = adw_preferences_row_get_title (ADW_PREFERENCES_ROW (child (fixture, flaw)));

  g_assert_true (g_str_has_suffix (title, "."));
}

static void
test_name (Fixture *fixture, gconstpointer data)
{
  gtk_editable_set_text (GTK_EDITABLE (child (fixture, "name_row")), "Anna");
  assert_string (fixture, "display-name", "Anna");
}

static void
test_switches (Fixture *fixture, gconstpointer data)
{
  g_autofree char *ask = NULL;

  g_assert_true (gtk_switch_get_active (child (fixture, "ask_switch")));
  gtk_switch_set_active (child (fixture, "ask_switch"), FALSE);
  ask = g_settings_get_string (fixture->settings, "ask");
  g_assert_cmpstr (ask, ==, "first");
  g_settings_set_string (fixture->settings, "ask", "always");
  g_assert_true (gtk_switch_get_active (child (fixture, "ask_switch")));

  gtk_switch_set_active (child (fixture, "metered_switch"), TRUE);
  g_assert_true (g_settings_get_boolean (fixture->settings, "pause-when-metered"));
  gtk_switch_set_active (child (fixture, "history_switch"), FALSE);
  g_assert_false (g_settings_get_boolean (fixture->settings, "keep-history"));
}

static void
test_limit (Fixture *fixture, gconstpointer data)
{
  GtkSpinButton *spin = child (fixture, "limit_spin");

  gtk_spin_button_set_value (spin, 2.5);
  g_assert_cmpuint (g_settings_get_uint64 (fixture->settings, "limit-bps"), ==, 2500000);
  gtk_spin_button_set_value (spin, 0);
  g_assert_cmpuint (g_settings_get_uint64 (fixture->settings, "limit-bps"), ==, 0);

  /* The largest that can be chosen is within the range of the setting. */
  gtk_spin_button_set_value (spin, 1e12);
  g_assert_cmpuint (
      g_settings_get_uint64 (fixture->settings, "limit-bps"), ==,
      (guint64) (gtk_adjustment_get_upper (gtk_spin_button_get_adjustment (spin)) * 1e6));

  /* A limit set elsewhere is shown, and not rounded because it was shown. */
  g_settings_set_uint64 (fixture->settings, "limit-bps", 123456);
  g_assert_cmpfloat_with_epsilon (gtk_spin_button_get_value (spin), 0.1, 0.05);
  g_assert_cmpuint (g_settings_get_uint64 (fixture->settings, "limit-bps"), ==, 123456);
}

static void
choose (Fixture *fixture, const char *path, gboolean writable)
{
  g_free (chosen);
  chosen = g_strdup (path);
  chosen_is_writable = writable;
  g_signal_emit_by_name (child (fixture, "destination_button"), "clicked");
  run_until_idle ();
}

static void
test_destination (Fixture *fixture, gconstpointer data)
{
  AdwActionRow *row = child (fixture, "destination_row");

  g_assert_nonnull (strstr (adw_action_row_get_subtitle (row), "/home/anna/Downloads"));

  choose (fixture, NULL, TRUE);
  assert_string (fixture, "destination", "");

  choose (fixture, "/home/anna/A & <b>B", TRUE);
  assert_string (fixture, "destination", "/home/anna/A & <b>B");
  g_assert_nonnull (strstr (adw_action_row_get_subtitle (row), "A & <b>B"));
  assert_flaw (fixture, "destination_row", "destination_flaw", FALSE);

  choose (fixture, "/usr", FALSE);
  assert_string (fixture, "destination", "/home/anna/A & <b>B");
  assert_flaw (fixture, "destination_row", "destination_flaw", TRUE);

  choose (fixture, "/home/anna", TRUE);
  assert_string (fixture, "destination", "/home/anna");
  assert_flaw (fixture, "destination_row", "destination_flaw", FALSE);
}

static void
test_server (Fixture *fixture, gconstpointer data)
{
  AdwComboRow *row = child (fixture, "server_row");

  g_assert_cmpuint (adw_combo_row_get_selected (row), ==, 0);
  g_assert_false (gtk_widget_get_visible (child (fixture, "server_entry")));

  adw_combo_row_set_selected (row, 1);
  assert_string (fixture, "server-url", "ws://relay.magic-wormhole.io:4000/v1");

  /* Nothing changes before the address is confirmed, or when it cannot be one. */
  adw_combo_row_set_selected (row, 2);
  g_assert_true (gtk_widget_get_visible (child (fixture, "server_entry")));
  assert_string (fixture, "server-url", "ws://relay.magic-wormhole.io:4000/v1");
  type (fixture, "server_entry", "http://meet.example.org");
  assert_string (fixture, "server-url", "ws://relay.magic-wormhole.io:4000/v1");
  assert_flaw (fixture, "server_entry", "server_flaw", TRUE);
  assert_sentence (fixture, "server_flaw");

  gtk_editable_set_text (GTK_EDITABLE (child (fixture, "server_entry")), "wss://meet");
  assert_flaw (fixture, "server_entry", "server_flaw", FALSE);
  type (fixture, "server_entry", " wss://meet.example.org/v1 ");
  assert_string (fixture, "server-url", "wss://meet.example.org/v1");
  g_assert_cmpuint (adw_combo_row_get_selected (row), ==, 2);

  adw_combo_row_set_selected (row, 0);
  assert_string (fixture, "server-url", "");
  g_assert_false (gtk_widget_get_visible (child (fixture, "server_entry")));

  g_settings_set_string (fixture->settings, "server-url", "wss://other.example.org");
  g_assert_cmpuint (adw_combo_row_get_selected (row), ==, 2);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (child (fixture, "server_entry"))), ==,
                   "wss://other.example.org");
}

static void
test_stun (Fixture *fixture, gconstpointer data)
{
  type (fixture, "stun_entry", "stun://stun.example.org:3478");
  assert_string (fixture, "stun-server", "stun://stun.example.org:3478");

  type (fixture, "stun_entry", "stun.example.org");
  assert_string (fixture, "stun-server", "stun://stun.example.org:3478");
  assert_flaw (fixture, "stun_entry", "stun_flaw", TRUE);
  assert_sentence (fixture, "stun_flaw");

  type (fixture, "stun_entry", "");
  assert_string (fixture, "stun-server", "");
  assert_flaw (fixture, "stun_entry", "stun_flaw", FALSE);
}

static GtkWidget *
find_button (GtkWidget *widget)
{
  GtkWidget *found = NULL;

  if (GTK_IS_BUTTON (widget))
    return widget;
  for (GtkWidget *next = gtk_widget_get_first_child (widget); next != NULL && found == NULL;
       next = gtk_widget_get_next_sibling (next))
    found = find_button (next);
  return found;
}

static void
assert_n_turns (Fixture *fixture, guint expected)
{
  g_auto (GStrv) urls = g_settings_get_strv (fixture->settings, "turn-servers");

  g_assert_cmpuint (g_strv_length (urls), ==, expected);
}

static void
test_turn (Fixture *fixture, gconstpointer data)
{
  GtkWidget *relay_only_row = child (fixture, "relay_only_row");

  g_assert_false (gtk_widget_get_sensitive (relay_only_row));

  type (fixture, "turn_entry", "turn://turn.example.org");
  assert_n_turns (fixture, 0);
  assert_flaw (fixture, "turn_entry", "turn_flaw", TRUE);
  assert_sentence (fixture, "turn_flaw");

  type (fixture, "turn_entry", "turn://me:secret@turn.example.org:3478");
  assert_n_turns (fixture, 1);
  assert_flaw (fixture, "turn_entry", "turn_flaw", FALSE);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (child (fixture, "turn_entry"))), ==, "");
  g_assert_true (gtk_widget_get_sensitive (relay_only_row));

  type (fixture, "turn_entry", "turn://me:secret@turn.example.org:3478");
  assert_n_turns (fixture, 1);
  assert_flaw (fixture, "turn_entry", "turn_flaw", TRUE);

  type (fixture, "turn_entry", "turn://me:secret@two.example.org?transport=tcp");
  assert_n_turns (fixture, 2);

  gtk_switch_set_active (child (fixture, "relay_only_switch"), TRUE);
  g_assert_true (g_settings_get_boolean (fixture->settings, "relay-only"));

  for (guint left = 2; left > 0; left--)
    {
      g_signal_emit_by_name (find_button (child (fixture, "turn_group")), "clicked");
      assert_n_turns (fixture, left - 1);
    }
  g_assert_null (find_button (child (fixture, "turn_group")));

  /* Still on, and can be switched off: nobody is shown without being asked. */
  g_assert_true (g_settings_get_boolean (fixture->settings, "relay-only"));
  g_assert_true (gtk_widget_get_sensitive (relay_only_row));
  gtk_switch_set_active (child (fixture, "relay_only_switch"), FALSE);
  g_assert_false (gtk_widget_get_sensitive (relay_only_row));
}

/* A phone's width, with every row shown. */
static void
test_narrow (Fixture *fixture, gconstpointer data)
{
  int minimum;

  type (fixture, "turn_entry",
        "turn://me:secret@a-rather-long-name.example.org:3478?transport=udp");
  type (fixture, "stun_entry", "nonsense");
  choose (fixture, "/a/path/that/is/rather/long/and/has/to/be/broken/into/lines", FALSE);
  adw_combo_row_set_selected (child (fixture, "server_row"), 2);
  type (fixture, "server_entry", "nonsense");

  /* The window without the shadow that it draws itself. */
  gtk_widget_measure (gtk_widget_get_first_child (fixture->preferences), GTK_ORIENTATION_HORIZONTAL,
                      -1, &minimum, NULL, NULL, NULL);
  g_assert_cmpint (minimum, <=, 360);
}

/* A receipt that stopped in the middle; the path of its partial file. */
static char *
leave_over (void)
{
  g_autofree char *folder = pst_leftover_dup_folder ();
  g_autofree char *destination = g_dir_make_tmp ("pst-preferences-XXXXXX", NULL);
  g_autofree char *bytes = g_malloc0 (1000000);
  g_autofree char *part = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (PstJournalWriter) writer = NULL;
  PstJournalHead head = {
    .id = 0x1234,
    .destination = destination,
    .began_s = 1,
    .title = (char *) "A <long> film",
    .n_files = 1,
    .total_bytes = 4000000,
  };
  PstJournalFile file = {
    .path = (char *) "film",
    .size_bytes = 4000000,
    .part_name = (char *) ".penstock-0000000000001234-0.part",
  };
  struct stat st;

  part = g_build_filename (destination, file.part_name, NULL);
  g_assert_true (g_file_set_contents (part, bytes, 1000000, NULL));
  g_assert_cmpint (stat (destination, &st), ==, 0);
  head.inode = st.st_ino;
  g_assert_cmpint (stat (part, &st), ==, 0);
  file.inode = st.st_ino;
  writer = pst_journal_writer_new (folder, &head, &error);
  g_assert_no_error (error);
  pst_journal_writer_take (writer, pst_journal_write_part (&file));
  pst_journal_writer_take (writer, pst_journal_write_safe (file.part_name, 1000000));
  return g_steal_pointer (&part);
}

static GtkWidget *
find_type (GtkWidget *widget, GType type)
{
  if (g_type_is_a (G_OBJECT_TYPE (widget), type))
    return widget;

  for (GtkWidget *c = gtk_widget_get_first_child (widget); c != NULL;
       c = gtk_widget_get_next_sibling (c))
    {
      GtkWidget *found = find_type (c, type);

      if (found != NULL)
        return found;
    }

  return NULL;
}

static void
answer (Fixture *fixture, const char *response)
{
  GListModel *toplevels = gtk_window_get_toplevels ();

  g_signal_emit_by_name (find_type (child (fixture, "leftovers_group"), GTK_TYPE_BUTTON),
                         "clicked");
  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GtkWidget) dialog = g_list_model_get_item (toplevels, i);

      if (ADW_IS_MESSAGE_DIALOG (dialog))
        {
          adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), response);
          gtk_window_destroy (GTK_WINDOW (dialog));
          return;
        }
    }
  g_assert_not_reached ();
}

/* What is left of a receipt is listed, and goes when the person says so. */
static void
test_leftovers (Fixture *fixture, gconstpointer data)
{
  g_autofree char *part = leave_over ();
  g_autofree char *destination = g_path_get_dirname (part);
  GtkWidget *group, *row;

  set_up (fixture, data);
  group = child (fixture, "leftovers_group");
  while (!gtk_widget_get_visible (group))
    g_main_context_iteration (NULL, TRUE);
  row = find_type (group, ADW_TYPE_ACTION_ROW);
  g_assert_cmpstr (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)), ==, "A <long> film");
  g_assert_true (g_str_has_prefix (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), "1.0"));
  g_assert_nonnull (strstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), destination));

  answer (fixture, "keep");
  run_until_idle ();
  g_assert_true (g_file_test (part, G_FILE_TEST_EXISTS));

  answer (fixture, "discard");
  while (gtk_widget_get_visible (group))
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (find_type (group, ADW_TYPE_ACTION_ROW));
  g_assert_cmpint (g_rmdir (destination), ==, 0);
}

/* Remembered devices: */

static GtkWidget *
find_titled (GtkWidget *widget, const char *title)
{
  if (ADW_IS_PREFERENCES_ROW (widget)
      && g_strcmp0 (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget)), title) == 0)
    return widget;

  for (GtkWidget *c = gtk_widget_get_first_child (widget); c != NULL;
       c = gtk_widget_get_next_sibling (c))
    {
      GtkWidget *found = find_titled (c, title);

      if (found != NULL)
        return found;
    }

  return NULL;
}

#define wait_until(condition) \
  while (!(condition))        \
  g_main_context_iteration (NULL, TRUE)

static PstAppDevices *
remember (const char *const *names)
{
  PstAppDevices *devices = pst_app_devices_new ();
  guint8 bytes[PST_DEVICE_SECRET_BYTES] = { 7 };
  g_autoptr (GBytes) secret = g_bytes_new (bytes, sizeof bytes);

  for (guint i = 0; names[i] != NULL; i++)
    pst_app_devices_add (devices, names[i], secret);
  wait_until (g_list_model_get_n_items (pst_app_devices_get_list (devices))
              == g_strv_length ((GStrv) names));
  return devices;
}

static void
forget_all (PstAppDevices *devices)
{
  GListModel *list = pst_app_devices_get_list (devices);

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (PstAppDevice) device = g_list_model_get_item (list, i);

      pst_app_devices_forget (devices, pst_app_device_get_name (device));
    }
  wait_until (g_list_model_get_n_items (list) == 0);
}

/* Nobody is remembered: there is an empty list no more than a wrong one. */
static void
test_devices_none (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PstAppDevices) devices = pst_app_devices_new ();

  pst_preferences_set_devices (PST_PREFERENCES (fixture->preferences), devices);
  run_until_idle ();
  g_assert_false (gtk_widget_get_visible (child (fixture, "devices_list")));
}

/* Each is listed under its name, whatever stands in it. */
static void
test_devices_list (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "Ann", "<b>Bob</b> & Co", NULL };
  g_autoptr (PstAppDevices) devices = remember (names);
  GtkWidget *list = child (fixture, "devices_list");

  pst_preferences_set_devices (PST_PREFERENCES (fixture->preferences), devices);
  g_assert_true (gtk_widget_get_visible (list));
  for (guint i = 0; names[i] != NULL; i++)
    {
      GtkWidget *row = find_titled (list, names[i]);

      g_assert_true (ADW_IS_EXPANDER_ROW (row));
      g_assert_false (adw_preferences_row_get_use_markup (ADW_PREFERENCES_ROW (row)));
    }
  forget_all (devices);
  g_assert_false (gtk_widget_get_visible (list));
}

/* A name that cannot be one is marked, and does not replace the old one. */
static void
test_devices_rename (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "Ann", "Bob", NULL };
  g_autoptr (PstAppDevices) devices = remember (names);
  GtkWidget *list = child (fixture, "devices_list");
  GtkWidget *entry;

  pst_preferences_set_devices (PST_PREFERENCES (fixture->preferences), devices);
  entry = find_titled (find_titled (list, "Ann"), "Name");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "Ann");
  gtk_editable_set_text (GTK_EDITABLE (entry), "");
  g_assert_true (gtk_widget_has_css_class (entry, "error"));
  g_signal_emit_by_name (entry, "apply");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "Ann");
  g_assert_false (gtk_widget_has_css_class (entry, "error"));

  gtk_editable_set_text (GTK_EDITABLE (entry), "Laptop");
  g_signal_emit_by_name (entry, "apply");
  wait_until (pst_app_devices_find (devices, "Laptop") != NULL);
  g_assert_null (find_titled (list, "Ann"));
  g_assert_nonnull (find_titled (list, "Laptop"));
  g_assert_nonnull (find_titled (list, "Bob"));
  forget_all (devices);
}

/* Off until the person turns it on, for one device alone. */
static void
test_devices_accepts (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "Ann", "Bob", NULL };
  g_autoptr (PstAppDevices) devices = remember (names);
  GtkWidget *list = child (fixture, "devices_list");
  GtkWidget *row, *toggle;

  pst_preferences_set_devices (PST_PREFERENCES (fixture->preferences), devices);
  row = find_titled (find_titled (list, "Ann"), "Receive Without Asking");
  toggle = find_type (row, GTK_TYPE_SWITCH);
  g_assert_false (gtk_switch_get_active (GTK_SWITCH (toggle)));
  gtk_switch_set_active (GTK_SWITCH (toggle), TRUE);
  wait_until (pst_app_device_accepts (pst_app_devices_find (devices, "Ann")));
  g_assert_true (gtk_switch_get_active (GTK_SWITCH (toggle)));
  g_assert_false (pst_app_device_accepts (pst_app_devices_find (devices, "Bob")));

  gtk_switch_set_active (GTK_SWITCH (toggle), FALSE);
  wait_until (!pst_app_device_accepts (pst_app_devices_find (devices, "Ann")));
  forget_all (devices);
}

static void
test_devices_forget (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "Ann", "Bob", NULL };
  g_autoptr (PstAppDevices) devices = remember (names);
  GtkWidget *list = child (fixture, "devices_list");
  GtkWidget *row;

  pst_preferences_set_devices (PST_PREFERENCES (fixture->preferences), devices);
  row = find_titled (find_titled (list, "Ann"), "Forget This Device");
  g_signal_emit_by_name (find_type (row, GTK_TYPE_BUTTON), "clicked");
  wait_until (pst_app_devices_find (devices, "Ann") == NULL);
  g_assert_null (find_titled (list, "Ann"));
  g_assert_nonnull (find_titled (list, "Bob"));
  forget_all (devices);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_autofree char *home = g_dir_make_tmp ("pst-preferences-XXXXXX", NULL);

  /* Not G_TEST_OPTION_ISOLATE_DIRS, which hides what GTK needs for its icons. */
  g_setenv ("XDG_DATA_HOME", home, TRUE);
  g_setenv ("XDG_STATE_HOME", home, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_setenv ("PST_KEYRING", "none", TRUE);
  adw_init ();

  ADD ("/preferences/name", test_name);
  ADD ("/preferences/switches", test_switches);
  ADD ("/preferences/limit", test_limit);
  ADD ("/preferences/destination", test_destination);
  ADD ("/preferences/server", test_server);
  ADD ("/preferences/stun", test_stun);
  ADD ("/preferences/turn", test_turn);
  ADD ("/preferences/narrow", test_narrow);
  ADD ("/preferences/devices/none", test_devices_none);
  ADD ("/preferences/devices/list", test_devices_list);
  ADD ("/preferences/devices/rename", test_devices_rename);
  ADD ("/preferences/devices/accepts", test_devices_accepts);
  ADD ("/preferences/devices/forget", test_devices_forget);
  g_test_add ("/preferences/leftovers", Fixture, NULL, NULL, test_leftovers, tear_down);

  return g_test_run ();
}
