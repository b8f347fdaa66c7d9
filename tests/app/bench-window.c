/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether the thread that draws stays free while something is transferred, and
 * what the window costs: frames, stalls of the main loop and throughput, with a
 * window that shows an opened flow gauge and without one.
 *
 * bench-window PENSTOCK-CLI [MEBIBYTES]; the size may also come in
 * PST_BENCH_MEGABYTES. The other side is a penstock-cli of its own. */
#include <glib/gprintf.h>
#include <stdlib.h>

#include "app-end.h"
#include "frame-watch.h"
#include "pst-flow-chart.h"
#include "pst-transfer-row-private.h"
#include "pst-window-private.h"

#define DEFAULT_MEBIBYTES  1024
#define TRANSFER_TIMEOUT_S 900

/* The main loop stands still for so long in every second. */
#define BLOCK_MS    200
#define INTERVAL_MS 1000

/* What the other side sends with; there is nobody else in this network. */
#define CODE "0-adroitness-aardvark"

typedef struct
{
  const char *name;
  gboolean receives;
  gboolean has_window;
  gboolean animates; /* the gauge is drawn in every frame, not ten times a second */
  guint block_ms;
} Setting;

typedef struct
{
  const Setting *setting;
  PstEngine *engine; /* without a window */
  AppEnd end;
  PstWindow *window;
  PstAppSession *session;
  PstAppTransfer *transfer;
  GSubprocess *other;
  gboolean other_ended;
  char *folder; /* that is sent from */
  char *output;
} Run;

/* One for all: only g_application_run() can take an application down. */
static PstApplication *application;

static void
start_application (void)
{
  g_autoptr (GError) error = NULL;

  application = pst_application_new ();
  g_application_set_flags (G_APPLICATION (application),
                           G_APPLICATION_HANDLES_OPEN | G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (application), NULL, &error);
  g_assert_no_error (error);
  g_application_set_default (G_APPLICATION (application));
}

static void
on_other_ended (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  g_subprocess_wait_check_finish (G_SUBPROCESS (object), result, &error);
  g_assert_no_error (error);
  *(gboolean *) user_data = TRUE;
}

static void
start_other (Run *run, const char *const *argv)
{
  g_autoptr (GError) error = NULL;

  run->other = g_subprocess_newv (
      argv, G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error);
  g_assert_no_error (error);
  g_subprocess_wait_check_async (run->other, NULL, on_other_ended, &run->other_ended);
}

static void
open_side (Run *run)
{
  if (run->setting->has_window)
    {
      run->window = pst_window_new (application);
      g_object_add_weak_pointer (G_OBJECT (run->window), (gpointer *) &run->window);
      gtk_window_present (GTK_WINDOW (run->window));
      wait_for (gtk_widget_get_mapped (GTK_WIDGET (run->window)));
      return;
    }

  run->engine = pst_engine_new ();
  app_end_init (&run->end, run->engine);
  run->session = run->end.session;
}

static void
close_side (Run *run)
{
  if (run->window != NULL)
    {
      gtk_window_close (GTK_WINDOW (run->window));
      wait_for (run->window == NULL);
      return;
    }

  wait_for (run->end.n_closed > 0);
  app_end_clear (&run->end);
  pst_engine_unref (run->engine);
}

static void
begin_sending (Run *run, const char *cli, const char *path)
{
  const char *const paths[] = { path, NULL };
  g_autoptr (GListModel) transfers = NULL;

  if (run->window != NULL)
    {
      pst_window_send (run->window, paths);
      run->session = run->window->session;
      transfers = g_object_ref (pst_app_session_get_transfers (run->session));
      run->transfer = g_list_model_get_item (transfers, 0);
    }
  else
    {
      run->transfer = g_object_ref (app_end_send (&run->end, path));
      pst_app_session_host (run->session, NULL);
    }

  wait_for (pst_app_session_get_code (run->session) != NULL);
  start_other (run, (const char *const[]){ cli, "receive", "--yes", "--output", run->output,
                                           pst_app_session_get_code (run->session), NULL });
}

static void
begin_receiving (Run *run, const char *cli, const char *path)
{
  start_other (run, (const char *const[]){ cli, "send", "--code", CODE, path, NULL });
  if (run->window != NULL)
    {
      pst_window_join (run->window, CODE);
      run->session = run->window->session;
      wait_for (run->window->page == PST_WINDOW_PAGE_OFFER);
      run->transfer = g_object_ref (g_queue_peek_head (&run->window->offers));
    }
  else
    {
      pst_app_session_join (run->session, CODE);
      wait_for (run->end.incoming->len > 0);
      run->transfer = g_object_ref (g_ptr_array_index (run->end.incoming, 0));
    }

  pst_app_transfer_accept (run->transfer, run->output, NULL);
}

static GtkWidget *
find (GtkWidget *widget, GType type)
{
  GtkWidget *found = G_TYPE_CHECK_INSTANCE_TYPE (widget, type) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find (child, type);
  return found;
}

/* Waits until the row of the transfer lies open. Returns what draws the curve. */
static GtkWidget *
open_gauge (Run *run)
{
  PstTransferRow *row;
  GtkWidget *chart;

  wait_for (run->window->page == PST_WINDOW_PAGE_TRANSFERS);
  row = PST_TRANSFER_ROW (find (GTK_WIDGET (run->window), PST_TYPE_TRANSFER_ROW));
  wait_for (gtk_widget_get_visible (row->expand_button));
  pst_transfer_row_set_expanded (row, TRUE);
  chart = find (GTK_WIDGET (row), PST_TYPE_FLOW_CHART);
  wait_for (gtk_widget_get_mapped (chart) && gtk_revealer_get_child_revealed (row->revealer));
  return chart;
}

static void
print_times (const StallFigures *figures)
{
  g_printf (" %6u %6.1f %6.1f %6.1f %6.1f %6.1f", figures->n_ticks, figures->median_us / 1e3,
            figures->p99_us / 1e3, figures->longest_us / 1e3, figures->longest_cpu_us / 1e3,
            figures->most_cpu_us / 1e3);
}

static void
print_row (const Setting *setting, double bytes_per_us, const StallFigures *loop,
           const FrameFigures *frames)
{
  double load = 0;

  getloadavg (&load, 1);
  g_printf ("%-9s %-28s %5.1f %5.1f", setting->receives ? "receiving" : "sending", setting->name,
            load, bytes_per_us);
  print_times (loop);
  if (setting->has_window)
    {
      print_times (&frames->drawing);
      print_times (&frames->between);
    }
  g_printf ("\n");
  fflush (stdout);
}

static void
watch (Run *run)
{
  const Setting *setting = run->setting;
  GtkWidget *chart = setting->has_window ? open_gauge (run) : NULL;
  FrameFigures frames = { 0 };
  FrameWatch *frame_watch = NULL;
  StallFigures loop;
  StallWatch *stall_watch;
  guint64 n_bytes;
  gint64 started_us;

  if (setting->has_window)
    frame_watch = frame_watch_start (setting->animates ? chart : NULL, GTK_WIDGET (run->window));
  stall_watch = stall_watch_start (setting->block_ms, INTERVAL_MS);
  started_us = g_get_monotonic_time ();
  n_bytes = pst_app_transfer_get_total_bytes (run->transfer)
            - pst_app_transfer_get_written_bytes (run->transfer);
  wait_within (TRANSFER_TIMEOUT_S, pst_app_transfer_is_finished (run->transfer));

  started_us = g_get_monotonic_time () - started_us;
  loop = stall_watch_stop (stall_watch);
  if (frame_watch != NULL)
    frames = frame_watch_stop (frame_watch);
  g_assert_cmpint (pst_app_transfer_get_state (run->transfer), ==, PST_TRANSFER_DONE);
  print_row (setting, n_bytes / (double) started_us, &loop, &frames);
}

/* From the first byte that is under way to the last that is written. */
static void
measure (const Setting *setting, const char *cli, goffset n_bytes)
{
  Run run = { .setting = setting, .folder = make_folder (), .output = make_folder () };
  g_autofree char *path = make_sparse_file (run.folder, "film.mkv", n_bytes);

  open_side (&run);
  if (setting->receives)
    begin_receiving (&run, cli, path);
  else
    begin_sending (&run, cli, path);
  wait_for (pst_app_transfer_get_state (run.transfer) >= PST_TRANSFER_RUNNING);
  watch (&run);

  wait_for (run.other_ended);
  g_clear_object (&run.transfer);
  g_clear_object (&run.other);
  close_side (&run);
  remove_folder (run.folder);
  remove_folder (run.output);
  g_free (run.folder);
  g_free (run.output);
}

static void
print_head (guint mebibytes)
{
  g_printf ("%u MiB; “blocked”: the main loop stands still for %d ms in every second.\n"
            "Times in ms: how many, median, 99 %%, longest, processor time in the longest, most "
            "processor time in any; those of the main loop without the blocks.\n"
            "%-38s %5s %5s %41s %41s %41s\n",
            mebibytes, BLOCK_MS, "", "load", "MB/s", "main loop, between ticks",
            "drawing a frame", "between frames");
}

int
main (int argc, char **argv)
{
  static const Setting settings[] = {
    { "no window", FALSE, FALSE, FALSE, 0 },
    { "window", FALSE, TRUE, FALSE, 0 },
    { "window, always drawing", FALSE, TRUE, TRUE, 0 },
    { "no window, loop blocked", FALSE, FALSE, FALSE, BLOCK_MS },
    { "window, loop blocked", FALSE, TRUE, FALSE, BLOCK_MS },
    { "no window", TRUE, FALSE, FALSE, 0 },
    { "window", TRUE, TRUE, FALSE, 0 },
    { "window, always drawing", TRUE, TRUE, TRUE, 0 },
    { "no window, loop blocked", TRUE, FALSE, FALSE, BLOCK_MS },
    { "window, loop blocked", TRUE, TRUE, FALSE, BLOCK_MS },
  };
  const char *given = argc > 2 ? argv[2] : g_getenv ("PST_BENCH_MEGABYTES");
  int mebibytes = given != NULL ? atoi (given) : DEFAULT_MEBIBYTES;

  if (argc < 2 || mebibytes <= 0)
    {
      g_printerr ("Usage: bench-window PENSTOCK-CLI [MEBIBYTES]\n");
      return 2;
    }

  gtk_init ();
  adw_init ();
  start_application ();
  print_head (mebibytes);
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    measure (&settings[i], argv[1], (goffset) mebibytes << 20);
  return 0;
}
