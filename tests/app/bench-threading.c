/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the thread of the engine is good for: throughput, and how regularly the
 * window's main loop comes round, with and without it.
 *
 * bench-threading PENSTOCK-CLI [MEBIBYTES]; the size may also come in
 * PST_BENCH_MEGABYTES. The receiver is a penstock-cli of its own. */
#include <glib/gprintf.h>
#include <stdlib.h>

#include "app-end.h"
#include "stall-watch.h"

#define DEFAULT_MEBIBYTES 1024
#define TRANSFER_TIMEOUT_S 900

/* The main loop stands still for so long in every second. */
#define BLOCK_MS    200
#define INTERVAL_MS 1000

/* So many names in one offer: what one call takes that cannot be interrupted. */
#define N_FILES 100000

typedef struct
{
  const char *name;
  PstEngine *(*make_engine) (void);
  guint block_ms;
} Setting;

typedef struct
{
  AppEnd end;
  GSubprocess *receiver;
  gboolean receiver_ended;
} Run;

static void
on_receiver_ended (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  g_subprocess_wait_check_finish (G_SUBPROCESS (object), result, &error);
  g_assert_no_error (error);
  *(gboolean *) user_data = TRUE;
}

static void
start_receiver (Run *run, const char *cli, const char *folder)
{
  g_autoptr (GError) error = NULL;

  run->receiver
      = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                          &error, cli, "receive", "--yes", "--output", folder,
                          pst_app_session_get_code (run->end.session), NULL);
  g_assert_no_error (error);
}

static void
print_row (const Setting *setting, gint64 took_us, guint64 n_bytes, const StallFigures *stalls)
{
  g_printf ("%-30s %8.1f %10.1f %10.1f %10.1f\n", setting->name,
            n_bytes / (took_us / (double) G_USEC_PER_SEC) / 1e6, stalls->median_us / 1e3,
            stalls->p99_us / 1e3, stalls->longest_us / 1e3);
  fflush (stdout);
}

/* From the first byte that is under way to the last that is written. */
static void
measure (const Setting *setting, const char *cli, goffset n_bytes)
{
  PstEngine *engine = setting->make_engine ();
  g_autofree char *output = make_folder ();
  g_autofree char *path = NULL;
  PstAppTransfer *transfer;
  StallFigures stalls;
  StallWatch *watch;
  gint64 started_us;
  Run run = { 0 };

  app_end_init (&run.end, engine);
  path = make_sparse_file (run.end.folder, "file", n_bytes);
  transfer = app_end_send (&run.end, path);
  pst_app_session_host (run.end.session, NULL);
  app_end_wait_for_code (&run.end);
  start_receiver (&run, cli, output);
  g_subprocess_wait_check_async (run.receiver, NULL, on_receiver_ended, &run.receiver_ended);
  wait_for (pst_app_transfer_get_state (transfer) >= PST_TRANSFER_RUNNING);

  started_us = g_get_monotonic_time ();
  watch = stall_watch_start (setting->block_ms, INTERVAL_MS);
  wait_within (TRANSFER_TIMEOUT_S, pst_app_transfer_is_finished (transfer));
  stalls = stall_watch_stop (watch);
  g_assert_cmpint (pst_app_transfer_get_state (transfer), ==, PST_TRANSFER_DONE);
  print_row (setting, g_get_monotonic_time () - started_us, n_bytes, &stalls);

  wait_for (run.receiver_ended && run.end.n_closed > 0);
  g_clear_object (&run.receiver);
  app_end_clear (&run.end);
  remove_folder (output);
  pst_engine_unref (engine);
}

static void
make_many_files (const char *folder)
{
  for (guint i = 0; i < N_FILES; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/A file with a name of usual length %u", folder, i);

      g_assert_true (g_file_set_contents_full (path, "", 0, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    }
}

/* Until the other side has the whole list; it is not sent then. */
static void
measure_offer (const Setting *setting, const char *cli, const char *folder)
{
  PstEngine *engine = setting->make_engine ();
  g_autofree char *output = make_folder ();
  PstAppTransfer *transfer;
  StallFigures stalls;
  StallWatch *watch;
  Run run = { 0 };

  app_end_init (&run.end, engine);
  pst_app_session_host (run.end.session, NULL);
  app_end_wait_for_code (&run.end);
  start_receiver (&run, cli, output);
  wait_for (pst_app_session_get_state (run.end.session) == PST_SESSION_CONNECTED);

  watch = stall_watch_start (0, 0);
  transfer = app_end_send (&run.end, folder);
  wait_for (pst_app_transfer_get_state (transfer) >= PST_TRANSFER_OFFERED);
  stalls = stall_watch_stop (watch);
  g_printf ("%-30s %8s %10.1f %10.1f %10.1f\n", setting->name, "", stalls.median_us / 1e3,
            stalls.p99_us / 1e3, stalls.longest_us / 1e3);

  pst_app_session_close (run.end.session);
  wait_for (run.end.n_closed > 0);
  g_subprocess_wait (run.receiver, NULL, NULL);
  g_clear_object (&run.receiver);
  app_end_clear (&run.end);
  remove_folder (output);
  pst_engine_unref (engine);
}

int
main (int argc, char **argv)
{
  static const Setting settings[] = {
    { "thread, loop free", pst_engine_new, 0 },
    { "thread, loop blocked", pst_engine_new, BLOCK_MS },
    { "no thread, loop free", pst_engine_new_here, 0 },
    { "no thread, loop blocked", pst_engine_new_here, BLOCK_MS },
  };
  const char *given = argc > 2 ? argv[2] : g_getenv ("PST_BENCH_MEGABYTES");
  goffset mebibytes = given != NULL ? atoi (given) : DEFAULT_MEBIBYTES;
  g_autofree char *folder = NULL;

  if (argc < 2 || mebibytes <= 0)
    {
      g_printerr ("Usage: bench-threading PENSTOCK-CLI [MEBIBYTES]\n");
      return 2;
    }

  g_printf ("%d MiB; “blocked”: the main loop stands still for %d ms in every second\n"
            "%-30s %8s %10s %10s %10s\n",
            (int) mebibytes, BLOCK_MS, "", "MB/s", "median ms", "99 % ms", "longest ms");
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    measure (&settings[i], argv[1], mebibytes << 20);

  folder = make_folder ();
  make_many_files (folder);
  g_printf ("\nAn offer of %d files\n", N_FILES);
  measure_offer (&settings[0], argv[1], folder);
  measure_offer (&settings[2], argv[1], folder);
  remove_folder (folder);
  return 0;
}
