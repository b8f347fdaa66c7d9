/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "app-end.h"
#include "app-narrow.h"
#include "offer-sample.h"
#include "pst-error.h"
#include "pst-offer-page-private.h"
#include "pst-offer-row.h"
#include "pst-text.h"

typedef struct
{
  GSettings *settings;
  char *folder;
  GtkWidget *window;
  PstOfferPage *page;
  guint n_answered;
} Fixture;

static void
note_answer (PstOfferPage *page, Fixture *fixture)
{
  fixture->n_answered++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->settings = g_settings_new ("io.github.penstock.Penstock");
  fixture->folder = make_folder ();
  g_settings_set_string (fixture->settings, "destination", fixture->folder);
  fixture->page = PST_OFFER_PAGE (pst_offer_page_new (fixture->settings));
  g_signal_connect (fixture->page, "answered", G_CALLBACK (note_answer), fixture);
  fixture->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 480, 640);
  gtk_window_set_child (GTK_WINDOW (fixture->window), GTK_WIDGET (fixture->page));
  gtk_window_present (GTK_WINDOW (fixture->window));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_add_weak_pointer (G_OBJECT (fixture->page), (gpointer *)&fixture->page);
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  wait_for (fixture->page == NULL);
  g_settings_reset (fixture->settings, "destination");
  g_object_unref (fixture->settings);
  remove_folder (fixture->folder);
  g_free (fixture->folder);
}

static gpointer
get_part (Fixture *fixture, const char *name)
{
  GObject *part = gtk_widget_get_template_child (GTK_WIDGET (fixture->page), PST_TYPE_OFFER_PAGE,
                                                 name);

  g_assert_nonnull (part);
  return part;
}

static gboolean
can_accept (Fixture *fixture)
{
  return gtk_widget_get_sensitive (get_part (fixture, "accept_button"));
}

static gboolean
has_problem (Fixture *fixture)
{
  return gtk_widget_get_visible (get_part (fixture, "problem_box"));
}

static void
show (Fixture *fixture, PstManifest *manifest)
{
  pst_offer_page_set_content (fixture->page, manifest, "Anna");
  pst_manifest_unref (manifest);
}

/* The rows that are on the screen, from the top. */
static void
find_rows (GtkWidget *widget, GPtrArray *rows)
{
  if (PST_IS_OFFER_ROW (widget) && gtk_widget_get_mapped (widget))
    g_ptr_array_add (rows, widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    find_rows (child, rows);
}

static GPtrArray *
list_rows (Fixture *fixture)
{
  GPtrArray *rows = g_ptr_array_new ();

  find_rows (get_part (fixture, "list"), rows);
  return rows;
}

static guint
count_rows (Fixture *fixture)
{
  g_autoptr (GPtrArray) rows = list_rows (fixture);

  return rows->len;
}

static gpointer
get_row_part (GPtrArray *rows, guint index, const char *name)
{
  return gtk_widget_get_template_child (g_ptr_array_index (rows, index), PST_TYPE_OFFER_ROW, name);
}

static void
test_single (Fixture *fixture, gconstpointer data)
{
  g_autofree char *title = NULL;
  g_autofree char *label = NULL;
  g_autoptr (GPtrArray) rows = NULL;

  show (fixture, offer_sample_new_single (734000000));
  g_assert_false (can_accept (fixture));
  wait_for (can_accept (fixture) && count_rows (fixture) == 1);
  g_assert_false (has_problem (fixture));

  title = g_strdup_printf ("%s Wants to Send You Files", "\xe2\x81\xa8"
                                                         "Anna\xe2\x81\xa9");
  g_assert_cmpstr (gtk_label_get_text (get_part (fixture, "title")), ==, title);
  rows = list_rows (fixture);
  label = gtk_test_accessible_check_property (
      get_row_part (rows, 0, "check"), GTK_ACCESSIBLE_PROPERTY_LABEL,
      "\xe2\x81\xa8recording.mkv\xe2\x81\xa9, 734.0\xc2\xa0MB");
  g_assert_null (label);
}

static void
test_strange (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PstManifest) manifest = offer_sample_new_strange ();
  guint n_entries = pst_manifest_get_n_entries (manifest);
  g_autoptr (GPtrArray) rows = NULL;

  pst_offer_page_set_content (fixture->page, manifest, "<b>Anna</b> & <a");
  g_assert_nonnull (strstr (gtk_label_get_text (get_part (fixture, "title")), "<b>Anna</b> & <a"));
  g_assert_false (gtk_label_get_use_markup (get_part (fixture, "title")));
  wait_for (count_rows (fixture) == n_entries);
  rows = list_rows (fixture);
  for (guint i = 0; i < n_entries; i++)
    {
      GtkLabel *name = get_row_part (rows, i, "name");
      g_autofree char *expected = pst_text_name (pst_manifest_get_entry (manifest, i)->path);

      g_assert_cmpstr (gtk_label_get_text (name), ==, expected);
      g_assert_false (gtk_label_get_use_markup (name));
      g_assert_null (strchr (gtk_label_get_text (name), '\n'));
    }
}

static void
test_kinds (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GtkTreeListRow) folder = NULL;

  show (fixture, offer_sample_new_mixed ());
  wait_for (count_rows (fixture) == 2);
  folder = g_list_model_get_item (
      G_LIST_MODEL (gtk_list_view_get_model (get_part (fixture, "list"))), 0);
  gtk_tree_list_row_set_expanded (folder, TRUE);
  wait_for (count_rows (fixture) == 7);

  rows = list_rows (fixture);
  g_assert_nonnull (strstr (gtk_label_get_text (get_row_part (rows, 1, "name")), ".hidden"));
  g_assert_nonnull (strstr (gtk_label_get_text (get_row_part (rows, 3, "detail")), "sand.jpg"));
  g_assert_true (gtk_widget_get_visible (get_row_part (rows, 3, "detail")));
  g_assert_cmpstr (gtk_label_get_text (get_row_part (rows, 5, "detail")), ==, "Program");
  g_assert_false (gtk_widget_get_visible (get_row_part (rows, 6, "detail")));
}

/* Hidden ones are like the others; none is left out, however deep it is. */
static void
test_whole_list (Fixture *fixture, gconstpointer data)
{
  static const char *const paths[] = { ".ssh", ".ssh/authorized_keys", ".ssh/d", ".ssh/d/.e" };
  PstManifest *manifest = pst_manifest_new ();
  g_autoptr (GString) shown = g_string_new (NULL);
  GListModel *model;
  g_autoptr (GPtrArray) rows = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    offer_sample_append (manifest, i % 2 == 0 ? PST_ENTRY_FOLDER : PST_ENTRY_FILE, paths[i], NULL,
                         i % 2);
  g_assert_true (pst_manifest_seal (manifest, NULL));
  show (fixture, manifest);
  wait_for (count_rows (fixture) >= 1);
  model = G_LIST_MODEL (gtk_list_view_get_model (get_part (fixture, "list")));
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (GtkTreeListRow) row = g_list_model_get_item (model, i);

      gtk_tree_list_row_set_expanded (row, TRUE);
    }
  wait_for (count_rows (fixture) == G_N_ELEMENTS (paths));
  rows = list_rows (fixture);
  for (guint i = 0; i < rows->len; i++)
    g_string_append_printf (shown, "%s\n", gtk_label_get_text (get_row_part (rows, i, "name")));
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *name = g_path_get_basename (paths[i]);
      g_autofree char *expected = pst_text_name (name);

      g_assert_nonnull (strstr (shown->str, expected));
    }
}

static void
test_choice (Fixture *fixture, gconstpointer data)
{
  GtkCheckButton *all = get_part (fixture, "all_check");
  g_autoptr (GPtrArray) rows = NULL;
  GtkCheckButton *folder;
  PstOfferTree *tree;

  show (fixture, offer_sample_new_mixed ());
  tree = pst_offer_page_get_tree (fixture->page);
  wait_for (can_accept (fixture) && count_rows (fixture) == 2);
  rows = list_rows (fixture);
  folder = get_row_part (rows, 0, "check");
  g_assert_true (gtk_check_button_get_active (all));

  pst_offer_tree_set_selected (tree, 3, FALSE);
  g_assert_true (gtk_check_button_get_inconsistent (folder));
  g_assert_true (gtk_check_button_get_inconsistent (all));
  g_assert_true (can_accept (fixture));

  gtk_widget_activate (GTK_WIDGET (folder));
  g_assert_cmpint (pst_offer_tree_get_check (tree, 0), ==, PST_OFFER_CHECK_ALL);
  g_assert_false (gtk_check_button_get_inconsistent (folder));
  g_assert_true (gtk_check_button_get_active (folder));
  gtk_widget_activate (GTK_WIDGET (folder));
  g_assert_cmpint (pst_offer_tree_get_check (tree, 0), ==, PST_OFFER_CHECK_NONE);
  g_assert_true (can_accept (fixture));

  gtk_widget_activate (get_row_part (rows, 1, "check"));
  g_assert_false (can_accept (fixture));
  g_assert_false (gtk_check_button_get_active (all));
  gtk_widget_activate (GTK_WIDGET (all));
  g_assert_true (can_accept (fixture));
  g_assert_true (gtk_check_button_get_active (folder));
}

/* Focus goes to the check of a row, so that Space is the check's own, and the
 * arrows are the row's. */
static void
test_focus (Fixture *fixture, gconstpointer data)
{
  GtkWidget *list = get_part (fixture, "list");
  g_autoptr (GPtrArray) rows = NULL;

  show (fixture, offer_sample_new_mixed ());
  wait_for (count_rows (fixture) == 2);
  rows = list_rows (fixture);
  g_assert_true (gtk_widget_grab_focus (GTK_WIDGET (fixture->page)));
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (fixture->window))
                 == get_part (fixture, "title"));
  g_assert_true (gtk_widget_child_focus (list, GTK_DIR_TAB_FORWARD));
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (fixture->window))
                 == get_row_part (rows, 0, "check"));
  g_assert_true (gtk_widget_grab_focus (gtk_widget_get_parent (g_ptr_array_index (rows, 1))));
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (fixture->window))
                 == get_row_part (rows, 1, "check"));
}

static void
test_no_space (Fixture *fixture, gconstpointer data)
{
  PstManifest *manifest = offer_sample_new_mixed ();

  show (fixture, offer_sample_new_single (PST_MANIFEST_MAX_FILE_BYTES));
  wait_for (has_problem (fixture));
  g_assert_false (can_accept (fixture));
  g_assert_nonnull (strstr (gtk_label_get_text (get_part (fixture, "problem")), "space"));

  show (fixture, manifest);
  wait_for (can_accept (fixture));
  g_assert_false (has_problem (fixture));
}

/* Root may write anywhere; into a file nobody. */
static void
test_unwritable (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = make_file (fixture->folder, "no folder", 1);

  g_settings_set_string (fixture->settings, "destination", path);
  show (fixture, offer_sample_new_mixed ());
  wait_for (has_problem (fixture));
  g_assert_false (can_accept (fixture));
  g_assert_nonnull (strstr (gtk_label_get_text (get_part (fixture, "problem")), "written"));

  g_settings_set_string (fixture->settings, "destination", fixture->folder);
  wait_for (can_accept (fixture));
  g_assert_false (has_problem (fixture));
}

static PstAppTransfer *
offer_files (Fixture *fixture, AppEnd *host, AppEnd *guest, PstEngine *engine)
{
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;

  app_end_open_pair (host, guest, engine);
  one = make_file (host->folder, "one", 1000);
  two = make_file (host->folder, "two", 2000);
  pst_app_session_send (host->session, (const char *const[]){ one, two, NULL });
  wait_for (guest->incoming->len > 0);

  return g_ptr_array_index (guest->incoming, 0);
}

static void
test_accept (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PstEngine) engine = pst_engine_new ();
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;
  AppEnd host, guest;
  PstAppTransfer *transfer = offer_files (fixture, &host, &guest, engine);

  pst_offer_page_set_transfer (fixture->page, transfer, "Anna");
  g_assert_true (pst_offer_page_get_transfer (fixture->page) == transfer);
  wait_for (can_accept (fixture));
  pst_offer_tree_set_selected (pst_offer_page_get_tree (fixture->page), 0, FALSE);
  g_assert_cmpuint (fixture->n_answered, ==, 0);

  g_signal_emit_by_name (get_part (fixture, "accept_button"), "clicked");
  g_assert_false (can_accept (fixture));
  wait_for (pst_app_transfer_is_finished (transfer));
  g_assert_cmpint (pst_app_transfer_get_state (transfer), ==, PST_TRANSFER_DONE);
  g_assert_cmpuint (fixture->n_answered, ==, 1);
  one = g_build_filename (fixture->folder, "one", NULL);
  two = g_build_filename (fixture->folder, "two", NULL);
  g_assert_false (g_file_test (one, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (two, G_FILE_TEST_IS_REGULAR));

  pst_offer_page_set_transfer (fixture->page, NULL, NULL);
  app_end_clear (&guest);
  app_end_clear (&host);
}

/* The folder goes while the offer is open: the page says so and stays open. */
static void
test_folder_goes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PstEngine) engine = pst_engine_new ();
  g_autoptr (GError) error = g_error_new_literal (PST_ERROR, PST_ERROR_LIMIT, "scattered");
  AppEnd host, guest;
  PstAppTransfer *transfer = offer_files (fixture, &host, &guest, engine);

  pst_offer_page_set_transfer (fixture->page, transfer, NULL);
  wait_for (can_accept (fixture));
  remove_folder (fixture->folder);
  pst_offer_page_accept (fixture->page);
  wait_for (has_problem (fixture));
  g_assert_false (can_accept (fixture));
  g_assert_cmpint (pst_app_transfer_get_state (transfer), ==, PST_TRANSFER_OFFERED);

  g_free (fixture->folder);
  fixture->folder = make_folder ();
  g_settings_set_string (fixture->settings, "destination", fixture->folder);
  wait_for (can_accept (fixture));
  g_signal_emit_by_name (transfer, "accept-failed", error);
  g_assert_true (has_problem (fixture));
  g_assert_nonnull (strstr (gtk_label_get_text (get_part (fixture, "problem")), "scattered"));
  g_assert_true (can_accept (fixture));
  g_assert_cmpuint (fixture->n_answered, ==, 0);

  g_signal_emit_by_name (get_part (fixture, "decline_button"), "clicked");
  wait_for (fixture->n_answered == 1);
  g_assert_cmpint (pst_app_transfer_get_state (transfer), ==, PST_TRANSFER_DECLINED);
  g_assert_false (can_accept (fixture));
  app_end_clear (&guest);
  app_end_clear (&host);
}

/* The other side thinks better of it. */
static void
test_withdrawn (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PstEngine) engine = pst_engine_new ();
  AppEnd host, guest;
  PstAppTransfer *transfer = offer_files (fixture, &host, &guest, engine);

  pst_offer_page_set_transfer (fixture->page, transfer, "Anna");
  wait_for (can_accept (fixture));
  pst_app_session_close (host.session);
  wait_for (fixture->n_answered == 1);
  g_assert_true (pst_app_transfer_is_finished (transfer));
  app_end_clear (&guest);
  app_end_clear (&host);
}

/* With letters twice as large, an entry's size goes below its name: neither has
 * to be scrolled to. */
static void
test_narrow (Fixture *fixture, gconstpointer data)
{
  GtkWidget *list = get_part (fixture, "list");
  int margins = 2 * 12, minimum, natural;

  app_narrow_begin ("en");
  show (fixture, offer_sample_new_single (734000000));
  wait_for (count_rows (fixture) == 1);
  gtk_widget_measure (list, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, &natural, NULL, NULL);
  g_assert_cmpint (minimum, <=, APP_NARROW_WIDTH_PX - margins);
  g_assert_cmpint (natural, >, APP_NARROW_WIDTH_PX - margins);
  app_narrow_end ();
}

#define ADD_AT(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
#define ADD(name, function)    ADD_AT ("/offer-page/" name, function)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("single", test_single);
  ADD_AT ("/threats/01-whole-list-first/window", test_whole_list);
  ADD_AT ("/threats/03-shown-escaped/window", test_strange);
  ADD_AT ("/threats/12-markup/offer", test_strange);
  ADD ("kinds", test_kinds);
  ADD ("choice", test_choice);
  ADD ("focus", test_focus);
  ADD_AT ("/threats/21-room-first/window", test_no_space);
  ADD ("unwritable", test_unwritable);
  ADD ("accept", test_accept);
  ADD ("folder-goes", test_folder_goes);
  ADD ("narrow", test_narrow);
  ADD ("withdrawn", test_withdrawn);

  return g_test_run ();
}
