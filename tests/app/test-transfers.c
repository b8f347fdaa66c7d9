/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <adwaita.h>
#include <string.h>

#include "app-narrow.h"
#include "double-model.h"
#include "pst-error.h"
#include "pst-flow-chart.h"
#include "pst-flow-gauge.h"
#include "pst-progress-bar.h"
#include "pst-transfer-row.h"
#include "pst-transfers-page.h"

#define DEADLINE_MS 10000

/* As it is shown: between characters that keep its direction to itself. */
#define NAME "⁨film.mkv⁩"

static const char *const paths[] = { "/nowhere/film.mkv", NULL };

static const DoubleTransfer running = {
  .title = "film.mkv",
  .paths = paths,
  .state = PST_TRANSFER_RUNNING,
  .sent_bytes = 600000,
  .written_bytes = 250000,
  .total_bytes = 1000000,
  .rate_bps = 11000000,
  .mean_rate_bps = 9000000,
  .time_left_us = 180 * G_USEC_PER_SEC,
  .total_files = 1,
};

static const DoubleSession connected = {
  .state = PST_SESSION_CONNECTED,
  .peer_name = "Anna",
  .route = PST_ROUTE_LOCAL,
  .buffered_bytes = 300,
  .low_mark_bytes = 250,
  .high_mark_bytes = 500,
  .round_trip_us = 3000,
};

static gboolean
on_deadline (gpointer user_data)
{
  g_assert_not_reached ();
}

static gboolean
set_flag (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Until everything that waits at a higher priority than idle has run. */
static void
settle (void)
{
  guint deadline = g_timeout_add (DEADLINE_MS, on_deadline, NULL);
  gboolean done = FALSE;

  g_idle_add_full (G_PRIORITY_LOW, set_flag, &done, NULL);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (deadline);
}

typedef gboolean (*MatchFunc) (GtkWidget *widget, gconstpointer data);

static GtkWidget *
find (GtkWidget *widget, MatchFunc match, gconstpointer data)
{
  if (match (widget, data))
    return widget;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find (child, match, data);

      if (found != NULL)
        return found;
    }

  return NULL;
}

static gboolean
match_type (GtkWidget *widget, gconstpointer data)
{
  return G_TYPE_CHECK_INSTANCE_TYPE (widget, *(const GType *) data);
}

static GtkWidget *
find_type (GtkWidget *widget, GType type)
{
  return find (widget, match_type, &type);
}

/* What a person would call the button: its label, or the tooltip of its icon. */
static gboolean
match_button (GtkWidget *widget, gconstpointer name)
{
  return GTK_IS_BUTTON (widget)
         && (g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), name) == 0
             || g_strcmp0 (gtk_widget_get_tooltip_text (widget), name) == 0);
}

static GtkWidget *
find_button (GtkWidget *widget, const char *name)
{
  GtkWidget *button = find (widget, match_button, name);

  g_assert_nonnull (button);
  return button;
}

static gboolean
is_shown (GtkWidget *widget, GtkWidget *top)
{
  for (; widget != top; widget = gtk_widget_get_parent (widget))
    if (!gtk_widget_get_visible (widget))
      return FALSE;

  return TRUE;
}

static gboolean
match_text (GtkWidget *widget, gconstpointer text)
{
  return GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL;
}

static gboolean
shows_text (GtkWidget *widget, const char *text)
{
  GtkWidget *label = find (widget, match_text, text);

  return label != NULL && is_shown (label, widget);
}

static void
assert_accessible_name (GtkWidget *widget, const char *name)
{
  g_autofree char *difference = gtk_test_accessible_check_property (
      GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name);

  g_assert_cmpstr (difference, ==, NULL);
}

/* Every button, in the order of the columns below. */
static const char *const buttons[] = { "Pause", "Resume",         "Cancel",    "Review…",
                                       "Open",  "Show in Folder", "Try Again", "Copy Details" };

static const struct
{
  PstTransferState state;
  gboolean incoming;
  gboolean queued;
  const char *shown; /* one letter for each button: x where it is to be seen */
  const char *words;
  gboolean bar;
} states[] = {
  { PST_TRANSFER_PREPARING, FALSE, TRUE, "--x-----", "Waiting in the queue", FALSE },
  { PST_TRANSFER_PREPARING, FALSE, FALSE, "--x-----", "Preparing", FALSE },
  { PST_TRANSFER_OFFERED, FALSE, FALSE, "--x-----", "Waiting for them", FALSE },
  { PST_TRANSFER_OFFERED, TRUE, FALSE, "---x----", "Waiting for your answer", FALSE },
  { PST_TRANSFER_RUNNING, FALSE, FALSE, "x-x-----", "Sending", TRUE },
  { PST_TRANSFER_RUNNING, TRUE, FALSE, "x-x-----", "Receiving", TRUE },
  { PST_TRANSFER_HELD_NETWORK, FALSE, FALSE, "x-x-----", "Waiting for the network", TRUE },
  { PST_TRANSFER_HELD_THEIR_DISK, FALSE, FALSE, "x-x-----", "Waiting for their disk", TRUE },
  { PST_TRANSFER_HELD_MY_DISK, FALSE, FALSE, "x-x-----", "Waiting for this disk", TRUE },
  { PST_TRANSFER_HELD_LIMIT, FALSE, FALSE, "x-x-----", "limit", TRUE },
  { PST_TRANSFER_STALLED, FALSE, FALSE, "x-x-----", "Nothing has arrived", TRUE },
  { PST_TRANSFER_PAUSED_BY_ME, FALSE, FALSE, "-xx-----", "Paused by you", TRUE },
  { PST_TRANSFER_PAUSED_BY_THEM, FALSE, FALSE, "--x-----", "Paused by them", TRUE },
  { PST_TRANSFER_FULL_MY_DISK, TRUE, FALSE, "-xx-----", "This disk is full", TRUE },
  { PST_TRANSFER_FULL_THEIR_DISK, FALSE, FALSE, "--x-----", "Their disk is full", TRUE },
  { PST_TRANSFER_RECONNECTING, FALSE, FALSE, "--x-----", "Reconnecting", TRUE },
  { PST_TRANSFER_CHECKING, FALSE, FALSE, "x-x-----", "Checking what came earlier", TRUE },
  { PST_TRANSFER_VERIFYING, FALSE, FALSE, "--x-----", "checking", TRUE },
  { PST_TRANSFER_DONE, FALSE, FALSE, "--------", "Sent", FALSE },
  { PST_TRANSFER_DONE, TRUE, FALSE, "----xx--", "Received", FALSE },
  { PST_TRANSFER_DECLINED, FALSE, FALSE, "------x-", "Declined by them", FALSE },
  { PST_TRANSFER_CANCELLED_BY_ME, FALSE, FALSE, "------x-", "Cancelled by you", FALSE },
  { PST_TRANSFER_CANCELLED_BY_THEM, TRUE, FALSE, "--------", "Cancelled by them", FALSE },
  { PST_TRANSFER_FAILED, FALSE, FALSE, "------xx", "Disk", FALSE },
  { PST_TRANSFER_FAILED, TRUE, FALSE, "-------x", "Disk", FALSE },
};

static DoubleTransfer
make_fields (guint i)
{
  DoubleTransfer fields = running;

  fields.state = states[i].state;
  fields.incoming = states[i].incoming;
  fields.queued = states[i].queued;
  if (fields.state == PST_TRANSFER_DONE)
    fields.result_paths = paths;
  if (fields.state == PST_TRANSFER_FAILED)
    fields.error = g_error_new_literal (PST_ERROR, PST_ERROR_DISK_FULL, "No room.");
  return fields;
}

static void
test_row_states (void)
{
  g_autoptr (PstAppTransfer) transfer = double_transfer_new (&running);
  GtkWidget *row = g_object_ref_sink (pst_transfer_row_new (transfer, NULL));

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      DoubleTransfer fields = make_fields (i);

      g_test_message ("state %d", states[i].state);
      double_transfer_set (transfer, &fields);
      settle ();
      for (guint k = 0; k < G_N_ELEMENTS (buttons); k++)
        g_assert_cmpint (is_shown (find_button (row, buttons[k]), row), ==,
                         states[i].shown[k] == 'x');
      g_assert_true (shows_text (row, states[i].words));
      g_assert_cmpint (is_shown (find_type (row, PST_TYPE_PROGRESS_BAR), row), ==, states[i].bar);
    }

  g_object_unref (row);
}

/* What a full disk needs stands below the bar, for as long as it is full. */
static void
test_row_full (void)
{
  DoubleTransfer fields = running;
  g_autoptr (PstAppTransfer) transfer = double_transfer_new (&fields);
  GtkWidget *row = g_object_ref_sink (pst_transfer_row_new (transfer, NULL));

  fields.state = PST_TRANSFER_FULL_MY_DISK;
  fields.incoming = TRUE;
  fields.missing_bytes = 1200000000;
  double_transfer_set (transfer, &fields);
  settle ();
  g_assert_true (shows_text (row, "Free 1.2\xc2\xa0GB more, then it goes on by itself."));
  fields.missing_bytes = 0;
  double_transfer_set (transfer, &fields);
  settle ();
  g_assert_true (shows_text (row, "Free some space, then it goes on by itself."));
  fields.state = PST_TRANSFER_FULL_THEIR_DISK;
  fields.incoming = FALSE;
  fields.missing_bytes = 5000000;
  double_transfer_set (transfer, &fields);
  settle ();
  g_assert_true (
      shows_text (row, "Ask them to free 5.0\xc2\xa0MB more, then it goes on by itself."));
  double_transfer_set (transfer, &running);
  settle ();
  g_assert_false (shows_text (row, "by itself"));

  g_object_unref (row);
}

/* That it could not go on is said for as long as that is so and matters. */
static void
test_row_not_noted (void)
{
  DoubleTransfer fields = running;
  g_autoptr (PstAppTransfer) transfer = double_transfer_new (&fields);
  GtkWidget *row = g_object_ref_sink (pst_transfer_row_new (transfer, NULL));

  fields.incoming = TRUE;
  fields.journal_trouble = PST_JOURNAL_TROUBLE_FULL;
  fields.again_files = 2;
  double_transfer_set (transfer, &fields);
  settle ();
  g_assert_true (shows_text (row, "/penstock/receipts"));
  g_assert_true (
      shows_text (row, "If this breaks off, it may have to begin anew. Free some space"));
  fields.journal_trouble = PST_JOURNAL_TROUBLE_FAILED;
  double_transfer_set (transfer, &fields);
  settle ();
  g_assert_true (shows_text (row, "Check that the folder is yours alone"));
  fields.state = PST_TRANSFER_DONE;
  double_transfer_set (transfer, &fields);
  settle ();
  g_assert_false (shows_text (row, "breaks off"));
  fields.state = PST_TRANSFER_RUNNING;
  fields.journal_trouble = PST_JOURNAL_TROUBLE_NONE;
  double_transfer_set (transfer, &fields);
  settle ();
  g_assert_false (shows_text (row, "breaks off"));
  g_assert_true (shows_text (row, "begin anew"));

  g_object_unref (row);
}

/* Of a small file nothing is safe until all of it is: that is no figure for a person. */
static void
test_row_verifying (void)
{
  DoubleTransfer fields = running;
  g_autoptr (PstAppTransfer) transfer = double_transfer_new (&fields);
  GtkWidget *row = g_object_ref_sink (pst_transfer_row_new (transfer, NULL));

  fields.state = PST_TRANSFER_VERIFYING;
  fields.written_bytes = 0;
  fields.sent_bytes = fields.total_bytes = 1000;
  double_transfer_set (transfer, &fields);
  settle ();
  g_assert_false (shows_text (row, " of "));
  g_assert_true (shows_text (row, "1.0\xc2\xa0kB"));

  g_object_unref (row);
}

/* A transfer that goes on says so, and what of it does not. */
static void
test_row_goes_on (void)
{
  DoubleTransfer fields = running;
  g_autoptr (PstAppTransfer) transfer = double_transfer_new (&fields);
  GtkWidget *row = g_object_ref_sink (pst_transfer_row_new (transfer, NULL));

  g_assert_false (shows_text (row, "earlier"));
  fields.state = PST_TRANSFER_CHECKING;
  double_transfer_set (transfer, &fields);
  settle ();
  g_assert_true (shows_text (row, "Checking what came earlier…"));
  g_assert_false (shows_text (row, " of "));
  fields.checked_bytes = 300000000;
  fields.to_check_bytes = 1200000000;
  double_transfer_set (transfer, &fields);
  settle ();
  g_assert_true (shows_text (row, "300.0\xc2\xa0MB of 1.2\xc2\xa0GB"));

  fields.state = PST_TRANSFER_RUNNING;
  fields.kept_bytes = 1200000000;
  fields.again_files = 2;
  double_transfer_set (transfer, &fields);
  settle ();
  g_assert_true (shows_text (row, "Sending"));
  g_assert_true (shows_text (row, "1.2\xc2\xa0GB came earlier"));
  g_assert_true (
      shows_text (row, "2 files have changed since they came earlier: they begin anew."));

  fields.state = PST_TRANSFER_DONE;
  double_transfer_set (transfer, &fields);
  settle ();
  g_assert_true (shows_text (row, "1.2\xc2\xa0GB came earlier"));
  g_object_unref (row);
}

static void
test_row_names (void)
{
  DoubleTransfer fields = running;
  g_autoptr (PstAppTransfer) transfer = NULL;
  GtkWidget *row;

  fields.title = "a\xe2\x80\xae<b>.mkv"; /* a character that turns the text round, and markup */
  transfer = double_transfer_new (&fields);
  row = g_object_ref_sink (pst_transfer_row_new (transfer, NULL));

  g_assert_false (shows_text (row, "\xe2\x80\xae"));
  g_assert_true (shows_text (row, "<b>.mkv"));
  fields.title = "film.mkv";
  double_transfer_set (transfer, &fields);
  settle ();
  assert_accessible_name (find_button (row, "Pause"), "Pause " NAME);
  assert_accessible_name (find_button (row, "Cancel"), "Cancel " NAME);
  assert_accessible_name (find_button (row, "Show in Folder"), "Show " NAME " in Folder");
  assert_accessible_name (find_button (row, "Details"), "Details of " NAME);

  g_object_unref (row);
}

#define HOSTILE "<b>x</b> & <a href='y'>"

/* None of the labels takes what a stranger wrote for markup. */
static guint
count_hostile (GtkWidget *widget)
{
  guint n = 0;

  if (GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), "x</b> &") != NULL)
    {
      g_assert_nonnull (strstr (gtk_label_get_text (GTK_LABEL (widget)), HOSTILE));
      g_assert_false (gtk_label_get_use_markup (GTK_LABEL (widget)));
      n++;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_hostile (child);

  return n;
}

static void
test_markup (void)
{
  static const char *const left_out[] = { HOSTILE, NULL };
  DoubleSession session_fields = connected;
  DoubleTransfer fields = running;
  g_autoptr (PstHistory) history = double_history_new ();
  g_autoptr (PstAppSession) session = NULL;
  g_autoptr (PstAppTransfer) transfer = NULL;
  GtkWidget *page = g_object_ref_sink (pst_transfers_page_new (history));

  session_fields.peer_name = HOSTILE;
  session = double_session_new (&session_fields);
  fields.title = HOSTILE;
  transfer = double_transfer_new (&fields);
  double_session_add (session, transfer);
  double_history_add (history, HOSTILE, HOSTILE, TRUE, PST_TRANSFER_DONE, 1000);
  pst_transfers_page_set_session (PST_TRANSFERS_PAGE (page), session);
  fields.left_out = left_out;
  double_transfer_set (transfer, &fields);
  settle ();
  gtk_expander_set_expanded (GTK_EXPANDER (find_type (page, GTK_TYPE_EXPANDER)), TRUE);

  /* Whom one is connected to; the row's name and what was left out; the earlier
   * one's name and whom it came from. */
  g_assert_cmpuint (count_hostile (page), ==, 5);
  pst_transfers_page_set_session (PST_TRANSFERS_PAGE (page), NULL);
  g_object_unref (page);
}

static void
test_row_progress (void)
{
  g_autoptr (PstAppTransfer) transfer = double_transfer_new (&running);
  GtkWidget *row = g_object_ref_sink (pst_transfer_row_new (transfer, NULL));
  PstProgressBar *bar = PST_PROGRESS_BAR (find_type (row, PST_TYPE_PROGRESS_BAR));
  g_autofree char *difference = NULL;

  g_assert_cmpfloat (pst_progress_bar_get_written (bar), ==, 0.25);
  g_assert_cmpfloat (pst_progress_bar_get_sent (bar), ==, 0.6);
  g_assert_true (shows_text (row, "250"));
  g_assert_true (shows_text (row, "11.0"));
  g_assert_true (shows_text (row, "3 minutes left"));
  assert_accessible_name (pst_progress_bar_get_bar (bar), NAME);
  difference = gtk_test_accessible_check_property (GTK_ACCESSIBLE (pst_progress_bar_get_bar (bar)),
                                                   GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, "");
  g_assert_nonnull (difference);

  g_object_unref (row);
}

static void
on_signal (guint *count)
{
  (*count)++;
}

static void
test_row_buttons (void)
{
  g_autoptr (PstAppTransfer) transfer = double_transfer_new (&running);
  GtkWidget *row = g_object_ref_sink (pst_transfer_row_new (transfer, NULL));
  guint n_retry = 0, n_review = 0;

  g_signal_connect_swapped (row, "retry", G_CALLBACK (on_signal), &n_retry);
  g_signal_connect_swapped (row, "review", G_CALLBACK (on_signal), &n_review);
  g_signal_emit_by_name (find_button (row, "Pause"), "clicked");
  g_signal_emit_by_name (find_button (row, "Resume"), "clicked");
  g_signal_emit_by_name (find_button (row, "Cancel"), "clicked");
  g_signal_emit_by_name (find_button (row, "Try Again"), "clicked");
  g_signal_emit_by_name (find_button (row, "Review…"), "clicked");

  g_assert_cmpuint (double_transfer_get_calls (transfer).n_paused, ==, 1);
  g_assert_cmpuint (double_transfer_get_calls (transfer).n_resumed, ==, 1);
  g_assert_cmpuint (double_transfer_get_calls (transfer).n_cancelled, ==, 1);
  g_assert_cmpuint (n_retry, ==, 1);
  g_assert_cmpuint (n_review, ==, 1);

  g_object_unref (row);
}

static void
test_row_left_out (void)
{
  static const char *const left_out[] = { "a.socket", "b\n.socket", NULL };
  DoubleTransfer fields = running;
  g_autoptr (PstAppTransfer) transfer = double_transfer_new (&running);
  GtkWidget *row = g_object_ref_sink (pst_transfer_row_new (transfer, NULL));

  g_assert_false (is_shown (find_type (row, GTK_TYPE_EXPANDER), row));
  fields.left_out = left_out;
  double_transfer_set (transfer, &fields);
  settle ();
  g_assert_true (is_shown (find_type (row, GTK_TYPE_EXPANDER), row));
  g_assert_true (shows_text (row, "2 items were left out"));
  g_assert_null (find (row, match_text, "b\n"));

  g_object_unref (row);
}

static void
test_row_failure (void)
{
  DoubleTransfer fields = running;
  g_autoptr (PstAppTransfer) transfer = double_transfer_new (&running);
  GtkWidget *row = g_object_ref_sink (pst_transfer_row_new (transfer, NULL));

  fields.state = PST_TRANSFER_FAILED;
  fields.error = g_error_new_literal (PST_ERROR, PST_ERROR_DISK_FULL, "No room.");
  double_transfer_set (transfer, &fields);
  settle ();
  g_assert_true (shows_text (row, "Ask them"));

  g_object_unref (row);
}

static void
add_sample (PstAppTransfer *transfer, double seconds, PstTransferState state)
{
  PstSample sample = { .time_us = seconds * G_USEC_PER_SEC, .rate_bps = 9000000, .state = state };

  double_transfer_sample (transfer, &sample);
}

typedef struct
{
  GtkWidget *window;
  PstAppSession *session;
  PstAppTransfer *transfer;
  GtkWidget *page;
  GtkWidget *row;
  PstFlowChart *chart;
} Desk;

static void
set_up (Desk *desk, gconstpointer data)
{
  desk->session = double_session_new (&connected);
  desk->transfer = double_transfer_new (&running);
  double_session_add (desk->session, desk->transfer);
  desk->page = pst_transfers_page_new (NULL);
  pst_transfers_page_set_session (PST_TRANSFERS_PAGE (desk->page), desk->session);
  desk->row = find_type (desk->page, PST_TYPE_TRANSFER_ROW);
  desk->chart = PST_FLOW_CHART (find_type (desk->page, PST_TYPE_FLOW_CHART));
  desk->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (desk->window), 480, 900);
  gtk_window_set_child (GTK_WINDOW (desk->window), desk->page);
  gtk_window_present (GTK_WINDOW (desk->window));
}

static void
tear_down (Desk *desk, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (desk->window));
  g_object_unref (desk->transfer);
  g_object_unref (desk->session);
}

static void
wait_for_snapshots (PstFlowChart *chart, guint n_snapshots)
{
  guint deadline = g_timeout_add (DEADLINE_MS, on_deadline, NULL);

  while (pst_flow_chart_get_n_snapshots (chart) < n_snapshots)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (deadline);
}

static void
wait_ms (guint ms)
{
  gboolean done = FALSE;

  g_timeout_add (ms, set_flag, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
}

/* Hidden, the gauge costs nothing: it is neither drawn nor told of anything. */
static void
test_gauge_hidden (Desk *desk, gconstpointer data)
{
  GtkWidget *gauge = find_type (desk->page, PST_TYPE_FLOW_GAUGE);
  guint sampled = g_signal_lookup ("sampled", PST_TYPE_APP_TRANSFER);
  guint n_snapshots;

  settle ();
  g_assert_false (gtk_widget_get_mapped (gauge));
  g_assert_false (g_signal_has_handler_pending (desk->transfer, sampled, 0, FALSE));
  add_sample (desk->transfer, 1, PST_TRANSFER_RUNNING);
  wait_ms (300);
  g_assert_cmpuint (pst_flow_chart_get_n_snapshots (desk->chart), ==, 0);

  pst_transfer_row_set_expanded (PST_TRANSFER_ROW (desk->row), TRUE);
  wait_for_snapshots (desk->chart, 1);
  g_assert_true (g_signal_has_handler_pending (desk->transfer, sampled, 0, FALSE));
  n_snapshots = pst_flow_chart_get_n_snapshots (desk->chart);
  add_sample (desk->transfer, 2, PST_TRANSFER_RUNNING);
  wait_for_snapshots (desk->chart, n_snapshots + 1);

  pst_transfer_row_set_expanded (PST_TRANSFER_ROW (desk->row), FALSE);
  settle ();
  g_assert_false (g_signal_has_handler_pending (desk->transfer, sampled, 0, FALSE));
  n_snapshots = pst_flow_chart_get_n_snapshots (desk->chart);
  for (guint i = 0; i < 20; i++)
    add_sample (desk->transfer, 3 + i, PST_TRANSFER_RUNNING);
  wait_ms (300);
  g_assert_cmpuint (pst_flow_chart_get_n_snapshots (desk->chart), ==, n_snapshots);
}

/* Whatever is told how often, it is drawn at most ten times a second. */
static void
test_gauge_calm (Desk *desk, gconstpointer data)
{
  gint64 start_us;
  guint n_snapshots, n_told = 0;

  pst_transfer_row_set_expanded (PST_TRANSFER_ROW (desk->row), TRUE);
  wait_for_snapshots (desk->chart, 1);
  wait_ms (300);
  n_snapshots = pst_flow_chart_get_n_snapshots (desk->chart);
  start_us = g_get_monotonic_time ();
  while (g_get_monotonic_time () - start_us < G_USEC_PER_SEC)
    {
      add_sample (desk->transfer, 1 + n_told++ / 100.0, PST_TRANSFER_RUNNING);
      wait_ms (5);
    }

  g_assert_cmpuint (n_told, >, 20);
  n_snapshots = pst_flow_chart_get_n_snapshots (desk->chart) - n_snapshots;
  g_assert_cmpuint (n_snapshots, >=, 1);
  g_assert_cmpuint (n_snapshots, <=,
                    10 * (g_get_monotonic_time () - start_us) / G_USEC_PER_SEC + 1);
}

static void
assert_says (PstFlowGauge *gauge, const char *words)
{
  g_autofree char *description = pst_flow_gauge_describe (gauge);

  g_test_message ("%s", description);
  g_assert_nonnull (strstr (description, words));
}

static void
test_gauge_words (Desk *desk, gconstpointer data)
{
  PstFlowGauge *gauge = PST_FLOW_GAUGE (find_type (desk->page, PST_TYPE_FLOW_GAUGE));
  DoubleTransfer fields = running;
  g_autofree char *difference = NULL;
  g_autofree char *description = NULL;

  add_sample (desk->transfer, 0, PST_TRANSFER_RUNNING);
  add_sample (desk->transfer, 10, PST_TRANSFER_PAUSED_BY_ME);
  add_sample (desk->transfer, 15, PST_TRANSFER_HELD_THEIR_DISK);
  add_sample (desk->transfer, 18, PST_TRANSFER_RUNNING);
  pst_transfer_row_set_expanded (PST_TRANSFER_ROW (desk->row), TRUE);
  wait_for_snapshots (desk->chart, 1);

  assert_says (gauge, "Paused: 5 seconds.");
  assert_says (gauge, "Their disk: 3 seconds.");
  assert_says (gauge, "between its marks");
  assert_says (gauge, "Round trip: 3");
  assert_says (gauge, "sent");
  assert_says (gauge, "at most");
  description = pst_flow_gauge_describe (gauge);
  difference = gtk_test_accessible_check_property (
      GTK_ACCESSIBLE (gauge), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description);
  g_assert_cmpstr (difference, ==, NULL);
  g_assert_true (shows_text (GTK_WIDGET (gauge), "Paused: 5 seconds"));
  g_assert_false (shows_text (GTK_WIDGET (gauge), "Speed limit"));

  fields.state = PST_TRANSFER_DONE;
  double_transfer_set (desk->transfer, &fields);
  assert_says (gauge, "On average");
  wait_ms (300);
  g_assert_false (shows_text (GTK_WIDGET (gauge), "Round Trip"));
}

static void
test_gauge_width (Desk *desk, gconstpointer data)
{
  GtkWidget *gauge = find_type (desk->page, PST_TYPE_FLOW_GAUGE);
  int minimum;

  add_sample (desk->transfer, 0, PST_TRANSFER_HELD_THEIR_DISK);
  add_sample (desk->transfer, 20, PST_TRANSFER_RUNNING);
  pst_transfer_row_set_expanded (PST_TRANSFER_ROW (desk->row), TRUE);
  wait_for_snapshots (desk->chart, 1);
  gtk_widget_measure (gauge, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  g_assert_cmpint (minimum, <=, 300);
  gtk_widget_measure (desk->page, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  g_assert_cmpint (minimum, <=, 360);
}

static void
assert_expanded (GtkWidget *button, gboolean expanded)
{
  g_autofree char *difference = gtk_test_accessible_check_state (
      GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_STATE_EXPANDED, expanded);

  g_assert_cmpstr (difference, ==, NULL);
}

static void
test_row_expands (Desk *desk, gconstpointer data)
{
  GtkWidget *button = find_button (desk->row, "Details");

  assert_expanded (button, FALSE);
  g_signal_emit_by_name (button, "clicked");
  assert_expanded (button, TRUE);
  g_assert_true (pst_transfer_row_get_expanded (PST_TRANSFER_ROW (desk->row)));
  g_signal_emit_by_name (gtk_widget_get_parent (desk->row), "row-activated", desk->row);
  g_assert_false (pst_transfer_row_get_expanded (PST_TRANSFER_ROW (desk->row)));
}

static void
test_page_order (Desk *desk, gconstpointer data)
{
  GtkListBox *list = GTK_LIST_BOX (gtk_widget_get_parent (desk->row));
  GListStore *store = G_LIST_STORE (pst_app_session_get_transfers (desk->session));
  g_autoptr (PstAppTransfer) second = double_transfer_new (&running);
  g_autoptr (PstAppTransfer) third = double_transfer_new (&running);
  PstAppTransfer *expected[] = { third, second, desk->transfer };

  double_session_add (desk->session, second);
  double_session_add (desk->session, third);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_true (
        pst_transfer_row_get_transfer (PST_TRANSFER_ROW (gtk_list_box_get_row_at_index (list, i)))
        == expected[i]);

  /* The oldest goes: the lowest row. */
  g_list_store_remove (store, 0);
  g_assert_null (gtk_list_box_get_row_at_index (list, 2));
  g_assert_true (
      pst_transfer_row_get_transfer (PST_TRANSFER_ROW (gtk_list_box_get_row_at_index (list, 1)))
      == second);
}

static void
test_page_connection (Desk *desk, gconstpointer data)
{
  DoubleSession over = connected;

  g_assert_true (shows_text (desk->page, "Connected to ⁨Anna⁩"));
  g_assert_true (shows_text (desk->page, "Encrypted end to end"));
  g_assert_true (shows_text (desk->page, "On this network"));
  g_assert_true (is_shown (find_button (desk->page, "Disconnect"), desk->page));
  g_assert_false (is_shown (find_button (desk->page, "Receive"), desk->page));

  over.state = PST_SESSION_CLOSED;
  double_session_set (desk->session, &over);
  settle ();
  g_assert_true (shows_text (desk->page, "Connection Ended"));
  g_assert_false (shows_text (desk->page, "Encrypted end to end"));
  g_assert_false (is_shown (find_button (desk->page, "Disconnect"), desk->page));
  g_assert_true (is_shown (find_button (desk->page, "Receive"), desk->page));

  g_assert_true (gtk_widget_grab_focus (desk->page));
  g_assert_true (match_text (gtk_window_get_focus (GTK_WINDOW (desk->window)), "Connection Ended"));
}

static void
test_page_empty (void)
{
  g_autoptr (PstAppSession) session = double_session_new (&connected);
  GtkWidget *page = g_object_ref_sink (pst_transfers_page_new (NULL));

  g_assert_false (shows_text (page, "Drop files here"));
  pst_transfers_page_set_session (PST_TRANSFERS_PAGE (page), session);
  g_assert_true (shows_text (page, "Drop files here"));
  pst_transfers_page_set_session (PST_TRANSFERS_PAGE (page), NULL);
  g_assert_true (shows_text (page, "You are not connected"));

  g_object_unref (page);
}

static void
test_page_history (void)
{
  g_autoptr (PstHistory) history = double_history_new ();
  GtkWidget *page = g_object_ref_sink (pst_transfers_page_new (history));

  g_assert_false (shows_text (page, "Earlier"));
  double_history_add (history, "<i>Photos", "Bob & Eve", TRUE, PST_TRANSFER_DONE, 812000000);
  double_history_add (history, "tax.pdf", NULL, FALSE, PST_TRANSFER_FAILED, 1000);
  settle ();
  g_assert_true (shows_text (page, "Earlier"));
  g_assert_true (shows_text (page, "<i>Photos"));
  g_assert_true (shows_text (page, "From ⁨Bob & Eve⁩"));
  g_assert_true (shows_text (page, "Failed"));
  assert_accessible_name (find_button (page, "Show in Folder"), "Show ⁨<i>Photos⁩ in Folder");

  pst_history_clear (history);
  settle ();
  g_assert_false (shows_text (page, "Earlier"));

  g_object_unref (page);
}

/* With letters twice as large, in a language, whatever state it is in. */
static void
test_page_narrow (gconstpointer language)
{
  static const char *const names[] = { "pipe", "socket", NULL };
  g_autoptr (PstHistory) history = double_history_new ();
  g_autoptr (PstAppSession) session = double_session_new (&connected);
  g_autoptr (PstAppTransfer) transfer = double_transfer_new (&running);
  GtkWidget *window = gtk_window_new (), *page;

  app_narrow_begin (language);
  double_history_add (history, "film.mkv", "Anna", TRUE, PST_TRANSFER_DONE, 1000000);
  page = pst_transfers_page_new (history);
  double_session_add (session, transfer);
  pst_transfers_page_set_session (PST_TRANSFERS_PAGE (page), session);
  add_sample (transfer, 0, PST_TRANSFER_HELD_THEIR_DISK);
  gtk_window_set_child (GTK_WINDOW (window), page);
  gtk_window_present (GTK_WINDOW (window));

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      DoubleTransfer fields = make_fields (i);

      fields.left_out = names;
      fields.journal_trouble = PST_JOURNAL_TROUBLE_FAILED;
      double_transfer_set (transfer, &fields);
      settle ();
      app_narrow_show_all (page);
      app_narrow_check (GTK_WINDOW (window), language, states[i].words);
    }

  gtk_window_destroy (GTK_WINDOW (window));
  app_narrow_end ();
}

static void
add_narrow (void)
{
  const char *const *languages = app_narrow_languages ();

  for (guint i = 0; languages[i] != NULL; i++)
    {
      g_autofree char *path = g_strconcat ("/transfers/page/narrow/", languages[i], NULL);

      g_test_add_data_func (path, languages[i], test_page_narrow);
    }
}

#define ADD_DESK(path, func) g_test_add (path, Desk, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);

  g_test_add_func ("/transfers/row/states", test_row_states);
  g_test_add_func ("/transfers/row/full", test_row_full);
  g_test_add_func ("/transfers/row/not-noted", test_row_not_noted);
  g_test_add_func ("/transfers/row/goes-on", test_row_goes_on);
  g_test_add_func ("/transfers/row/verifying", test_row_verifying);
  g_test_add_func ("/transfers/row/names", test_row_names);
  g_test_add_func ("/threats/12-markup/transfers", test_markup);
  g_test_add_func ("/transfers/row/progress", test_row_progress);
  g_test_add_func ("/transfers/row/buttons", test_row_buttons);
  g_test_add_func ("/transfers/row/left-out", test_row_left_out);
  g_test_add_func ("/transfers/row/failure", test_row_failure);
  ADD_DESK ("/transfers/row/expands", test_row_expands);
  ADD_DESK ("/transfers/gauge/hidden", test_gauge_hidden);
  ADD_DESK ("/transfers/gauge/calm", test_gauge_calm);
  ADD_DESK ("/transfers/gauge/words", test_gauge_words);
  ADD_DESK ("/transfers/gauge/width", test_gauge_width);
  ADD_DESK ("/transfers/page/order", test_page_order);
  ADD_DESK ("/transfers/page/connection", test_page_connection);
  g_test_add_func ("/transfers/page/empty", test_page_empty);
  g_test_add_func ("/transfers/page/history", test_page_history);
  add_narrow ();

  return g_test_run ();
}
