/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions as the window sees them: real ones, in an engine of their own. */
#include "app-end.h"

#include <glib/gstdio.h>
#include <string.h>

#include "pst-error.h"
#include "pst-resident.h"

#define STAND_STILL_S 2

static const char *const gone[] = { "/nowhere/to-be-found", NULL };

static PstTransferState
state_of (PstAppTransfer *transfer)
{
  return pst_app_transfer_get_state (transfer);
}

static void
wait_until_state (PstAppTransfer *transfer, PstTransferState state)
{
  wait_for (state_of (transfer) == state || pst_app_transfer_is_finished (transfer));
  if (state_of (transfer) != state && pst_app_transfer_get_error (transfer) != NULL)
    g_test_message ("ended: %s", pst_app_transfer_get_error (transfer)->message);
  g_assert_cmpint (state_of (transfer), ==, state);
}

static PstAppTransfer *
wait_for_offer (AppEnd *end, guint index)
{
  PstAppTransfer *transfer;

  wait_for (end->incoming->len > index);
  transfer = g_ptr_array_index (end->incoming, index);
  wait_until_state (transfer, PST_TRANSFER_OFFERED);
  return transfer;
}

static void
test_both_ways (void)
{
  g_autoptr (PstEngine) engine = pst_engine_new ();
  AppEnd host, guest;
  AppEnd *ends[] = { &host, &guest };

  app_end_open_pair (&host, &guest, engine);
  g_assert_true (pst_app_session_is_host (host.session));
  g_assert_false (pst_app_session_is_host (guest.session));
  g_assert_cmpint (pst_app_session_get_route (host.session), ==, PST_ROUTE_LOCAL);
  g_assert_cmpuint (pst_app_session_get_high_mark_bytes (host.session), >, 0);
  host.accepts = guest.accepts = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      AppEnd *sender = ends[i], *receiver = ends[1 - i];
      const char *name = i == 0 ? "one" : "two";
      g_autofree char *path = make_file (sender->folder, name, 3000000);
      g_autofree char *expected = g_build_filename (receiver->folder, name, NULL);
      PstAppTransfer *transfer = app_end_send (sender, path);
      PstAppTransfer *theirs;

      g_assert_cmpstr (pst_app_transfer_get_title (transfer), ==, name);
      g_assert_true (pst_app_session_is_busy (sender->session));
      wait_until_state (transfer, PST_TRANSFER_DONE);
      theirs = g_ptr_array_index (receiver->incoming, 0);
      wait_until_state (theirs, PST_TRANSFER_DONE);
      g_assert_true (is_same_file (path, receiver->folder, name));
      g_assert_cmpuint (pst_app_transfer_get_written_bytes (transfer), ==, 3000000);
      g_assert_cmpuint (pst_app_transfer_get_total_bytes (theirs), ==, 3000000);
      g_assert_cmpuint (pst_app_transfer_get_done_files (theirs), ==, 1);
      g_assert_cmpstr (pst_app_transfer_get_result_paths (theirs)[0], ==, expected);
      g_assert_cmpstr (pst_app_transfer_get_destination (theirs), ==, receiver->folder);
      g_assert_nonnull (pst_app_transfer_get_manifest (transfer));
      g_assert_no_error (pst_app_transfer_get_error (transfer));
      g_assert_false (pst_app_session_is_busy (sender->session));
    }

  g_assert_cmpuint (g_list_model_get_n_items (pst_app_session_get_transfers (host.session)), ==, 2);
  pst_app_session_close (host.session);
  pst_app_session_close (host.session);
  wait_for (host.n_closed > 0 && guest.n_closed > 0);
  g_assert_no_error (host.error);
  g_assert_no_error (guest.error);
  g_assert_null (pst_app_session_send (host.session, gone));
  app_end_clear (&guest);
  app_end_clear (&host);
}

static void
note_begin (PstAppTransfer *transfer, GParamSpec *pspec, GPtrArray *order)
{
  if (!pst_app_transfer_is_queued (transfer) && !g_ptr_array_find (order, transfer, NULL))
    g_ptr_array_add (order, transfer);
}

/* More than may be under way at once, asked for before there was anybody: they
 * begin in order, one is taken out, nobody jumps the queue. */
static void
test_queue (void)
{
  g_autoptr (PstEngine) engine = pst_engine_new ();
  g_autoptr (GPtrArray) order = g_ptr_array_new ();
  PstAppTransfer *transfers[PST_APP_SESSION_MAX_ACTIVE + 3];
  char *paths[G_N_ELEMENTS (transfers)];
  const guint dropped = PST_APP_SESSION_MAX_ACTIVE + 1;
  AppEnd host, guest;

  app_end_init (&host, engine);
  app_end_init (&guest, engine);
  for (guint i = 0; i < G_N_ELEMENTS (transfers); i++)
    {
      g_autofree char *name = g_strdup_printf ("file-%u", i);

      paths[i] = make_file (host.folder, name, 200000);
      transfers[i] = app_end_send (&host, paths[i]);
      g_signal_connect (transfers[i], "notify::queued", G_CALLBACK (note_begin), order);
    }

  pst_app_session_host (host.session, NULL);
  app_end_wait_for_code (&host);
  pst_app_session_join (guest.session, pst_app_session_get_code (host.session));
  for (guint i = 0; i < PST_APP_SESSION_MAX_ACTIVE; i++)
    wait_for_offer (&guest, i);
  wait_for (state_of (transfers[PST_APP_SESSION_MAX_ACTIVE - 1]) == PST_TRANSFER_OFFERED);
  for (guint i = PST_APP_SESSION_MAX_ACTIVE; i < G_N_ELEMENTS (transfers); i++)
    {
      g_assert_true (pst_app_transfer_is_queued (transfers[i]));
      g_assert_cmpint (state_of (transfers[i]), ==, PST_TRANSFER_PREPARING);
    }

  pst_app_transfer_cancel (transfers[dropped]);
  wait_until_state (transfers[dropped], PST_TRANSFER_CANCELLED_BY_ME);
  g_assert_error (pst_app_transfer_get_error (transfers[dropped]), PST_ERROR, PST_ERROR_CANCELLED);
  g_assert_false (pst_app_transfer_is_queued (transfers[dropped]));

  guest.accepts = TRUE;
  for (guint i = 0; i < PST_APP_SESSION_MAX_ACTIVE; i++)
    pst_app_transfer_accept (g_ptr_array_index (guest.incoming, i), guest.folder, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (transfers); i++)
    {
      g_autofree char *name = g_path_get_basename (paths[i]);

      wait_until_state (transfers[i],
                        i == dropped ? PST_TRANSFER_CANCELLED_BY_ME : PST_TRANSFER_DONE);
      g_assert_true (is_same_file (paths[i], guest.folder, name) == (i != dropped));
    }
  g_assert_cmpuint (guest.incoming->len, ==, G_N_ELEMENTS (transfers) - 1);
  g_ptr_array_remove (order, transfers[dropped]);
  for (guint i = 0, k = 0; i < G_N_ELEMENTS (transfers); i++)
    if (i != dropped)
      g_assert_true (g_ptr_array_index (order, k++) == transfers[i]);

  for (guint i = 0; i < G_N_ELEMENTS (transfers); i++)
    g_free (paths[i]);
  app_end_clear (&guest);
  app_end_clear (&host);
}

static void
test_selection (void)
{
  static const guint8 wanted[] = { 0, 1 };
  g_autoptr (PstEngine) engine = pst_engine_new ();
  g_autoptr (GBytes) selection = g_bytes_new_static (wanted, sizeof wanted);
  g_autofree char *one = NULL, *two = NULL;
  PstAppTransfer *transfer, *theirs;
  AppEnd host, guest;

  app_end_open_pair (&host, &guest, engine);
  one = make_file (host.folder, "one", 1000);
  two = make_file (host.folder, "two", 2000);
  transfer = pst_app_session_send (host.session, (const char *const[]){ one, two, NULL });
  g_assert_cmpstr (pst_app_transfer_get_title (transfer), ==, "2 items");
  theirs = wait_for_offer (&guest, 0);
  g_assert_cmpstr (pst_app_transfer_get_title (theirs), ==, "2 items");
  g_assert_cmpuint (pst_manifest_get_n_entries (pst_app_transfer_get_manifest (theirs)), ==, 2);
  pst_app_transfer_accept (theirs, guest.folder, selection);
  wait_until_state (transfer, PST_TRANSFER_DONE);
  wait_until_state (theirs, PST_TRANSFER_DONE);
  g_assert_cmpuint (pst_app_transfer_get_total_bytes (theirs), ==, 2000);
  g_assert_false (is_same_file (one, guest.folder, "one"));
  g_assert_true (is_same_file (two, guest.folder, "two"));
  app_end_clear (&guest);
  app_end_clear (&host);
}

static void
note_refusal (PstAppTransfer *transfer, const GError *error, GPtrArray *refusals)
{
  g_assert_cmpint (state_of (transfer), ==, PST_TRANSFER_OFFERED);
  g_ptr_array_add (refusals, g_error_copy (error));
}

/* Root may write anywhere; into a file nobody. */
static void
test_refused_destination (void)
{
  g_autoptr (PstEngine) engine = pst_engine_new ();
  g_autoptr (GPtrArray) refusals = g_ptr_array_new_with_free_func ((GDestroyNotify) g_error_free);
  g_autofree char *path = NULL;
  PstAppTransfer *transfer, *theirs;
  AppEnd host, guest;

  app_end_open_pair (&host, &guest, engine);
  path = make_file (host.folder, "file", 1000);
  transfer = app_end_send (&host, path);
  theirs = wait_for_offer (&guest, 0);
  g_signal_connect (theirs, "accept-failed", G_CALLBACK (note_refusal), refusals);
  for (guint i = 0; i < 2; i++)
    {
      pst_app_transfer_accept (theirs, i == 0 ? path : gone[0], NULL);
      wait_for (refusals->len == i + 1);
      g_assert_error ((GError *) g_ptr_array_index (refusals, i), PST_ERROR,
                      PST_ERROR_DESTINATION);
      g_assert_null (pst_app_transfer_get_destination (theirs));
    }

  pst_app_transfer_accept (theirs, guest.folder, NULL);
  wait_until_state (transfer, PST_TRANSFER_DONE);
  g_assert_true (is_same_file (path, guest.folder, "file"));
  g_assert_cmpuint (refusals->len, ==, 2);

  transfer = app_end_send (&host, path);
  theirs = wait_for_offer (&guest, 1);
  pst_app_transfer_decline (theirs);
  wait_until_state (transfer, PST_TRANSFER_DECLINED);
  wait_until_state (theirs, PST_TRANSFER_DECLINED);
  app_end_clear (&guest);
  app_end_clear (&host);
}

/* Larger than what arrives before somebody can press a button. */
#define LONG_BYTES (G_GINT64_CONSTANT (4) << 30)

static PstAppTransfer *
start_long (AppEnd *sender, AppEnd *receiver)
{
  g_autofree char *path = make_sparse_file (sender->folder, "long", LONG_BYTES);
  PstAppTransfer *transfer = app_end_send (sender, path);

  receiver->accepts = TRUE;
  wait_for (pst_app_transfer_get_written_bytes (transfer) > 0);
  return transfer;
}

static void
test_pause (void)
{
  g_autoptr (PstEngine) engine = pst_engine_new ();
  PstAppTransfer *transfer, *theirs;
  PstSamples *samples;
  AppEnd host, guest;
  guint64 before_bytes;
  gboolean was_paused = FALSE;

  app_end_open_pair (&host, &guest, engine);
  transfer = start_long (&host, &guest);
  theirs = g_ptr_array_index (guest.incoming, 0);
  pst_app_transfer_pause (transfer);
  wait_until_state (transfer, PST_TRANSFER_PAUSED_BY_ME);
  wait_until_state (theirs, PST_TRANSFER_PAUSED_BY_THEM);
  before_bytes = pst_app_transfer_get_written_bytes (transfer);
  pst_app_transfer_resume (transfer);
  wait_for (pst_app_transfer_get_written_bytes (transfer) > before_bytes + (8 << 20));
  g_assert_cmpint (state_of (theirs), !=, PST_TRANSFER_PAUSED_BY_THEM);

  samples = pst_app_transfer_get_samples (transfer);
  g_assert_cmpuint (pst_samples_get_peak_bps (samples), >, 0);
  for (guint i = 0; i < pst_samples_get_n (samples); i++)
    was_paused |= pst_samples_get (samples, i)->state == PST_TRANSFER_PAUSED_BY_ME;
  g_assert_true (was_paused);

  pst_app_transfer_cancel (theirs);
  wait_until_state (theirs, PST_TRANSFER_CANCELLED_BY_ME);
  wait_until_state (transfer, PST_TRANSFER_CANCELLED_BY_THEM);
  app_end_clear (&guest);
  app_end_clear (&host);
}

static void
test_wrong_code (void)
{
  g_autoptr (PstEngine) engine = pst_engine_new ();
  g_autofree char *wrong = NULL, *path = NULL;
  PstAppTransfer *transfer;
  const char *code;
  AppEnd host, guest;

  app_end_init (&host, engine);
  app_end_init (&guest, engine);
  path = make_file (host.folder, "file", 1000);
  transfer = app_end_send (&host, path);
  pst_app_session_host (host.session, NULL);
  app_end_wait_for_code (&host);
  code = pst_app_session_get_code (host.session);
  wrong = g_strdup_printf ("%.*s-wrong", (int) (strrchr (code, '-') - code), code);
  pst_app_session_join (guest.session, wrong);
  wait_for (host.n_closed > 0 && guest.n_closed > 0);
  g_assert_error (host.error, PST_ERROR, PST_ERROR_WRONG_CODE);
  g_assert_error (guest.error, PST_ERROR, PST_ERROR_WRONG_CODE);
  g_assert_cmpint (state_of (transfer), ==, PST_TRANSFER_FAILED);
  g_assert_error (pst_app_transfer_get_error (transfer), PST_ERROR, PST_ERROR_WRONG_CODE);
  app_end_clear (&guest);
  app_end_clear (&host);
}

/* Left by its owner in every state, it goes in its own thread; the engine waits
 * for it. */
static void
test_unref_early (void)
{
  for (PstSessionState state = PST_SESSION_NEW; state <= PST_SESSION_WAITING; state++)
    {
      PstEngine *engine = pst_engine_new ();
      AppEnd end;

      app_end_init (&end, engine);
      if (state > PST_SESSION_NEW)
        pst_app_session_host (end.session, NULL);
      wait_for (pst_app_session_get_state (end.session) >= state || end.n_closed > 0);
      app_end_clear (&end);
      pst_engine_unref (engine);
    }
}

static void
test_unref_meeting (void)
{
  for (PstSessionState state = PST_SESSION_PAIRING; state <= PST_SESSION_CONNECTED; state++)
    {
      g_autoptr (PstEngine) engine = pst_engine_new ();
      AppEnd host, guest;

      app_end_init (&host, engine);
      app_end_init (&guest, engine);
      pst_app_session_host (host.session, NULL);
      app_end_wait_for_code (&host);
      pst_app_session_join (guest.session, pst_app_session_get_code (host.session));
      wait_for (pst_app_session_get_state (guest.session) >= state);
      app_end_clear (&guest);
      if (state == PST_SESSION_CONNECTED)
        {
          wait_for (host.n_closed > 0);
          g_assert_null (host.error);
        }
      app_end_clear (&host);
    }
}

static void
test_unref_running (void)
{
  g_autoptr (PstEngine) engine = pst_engine_new ();
  g_autoptr (PstAppTransfer) transfer = NULL;
  PstAppTransfer *theirs;
  AppEnd host, guest;

  app_end_open_pair (&host, &guest, engine);
  transfer = g_object_ref (start_long (&host, &guest));
  theirs = g_ptr_array_index (guest.incoming, 0);
  app_end_clear (&host);
  g_assert_cmpint (state_of (transfer), ==, PST_TRANSFER_CANCELLED_BY_ME);
  pst_app_transfer_cancel (transfer);
  pst_app_transfer_resume (transfer);
  wait_until_state (theirs, PST_TRANSFER_CANCELLED_BY_THEM);
  wait_for (guest.n_closed > 0);
  g_assert_cmpuint (guest.n_closed, ==, 1);
  app_end_clear (&guest);
}

static void
test_unref_closing (void)
{
  g_autoptr (PstEngine) engine = pst_engine_new ();
  AppEnd host, guest;

  app_end_open_pair (&host, &guest, engine);
  pst_app_session_close (host.session);
  wait_for (pst_app_session_get_state (host.session) == PST_SESSION_CLOSING);
  app_end_clear (&host);
  wait_for (guest.n_closed > 0);
  app_end_clear (&guest);
}

static void
test_close_running (void)
{
  g_autoptr (PstEngine) engine = pst_engine_new ();
  g_autofree char *path = NULL;
  PstAppTransfer *transfer, *theirs, *queued = NULL;
  AppEnd host, guest;

  app_end_open_pair (&host, &guest, engine);
  transfer = start_long (&host, &guest);
  theirs = g_ptr_array_index (guest.incoming, 0);
  guest.accepts = FALSE;
  path = make_file (host.folder, "file", 1000);
  for (guint i = 0; i < PST_APP_SESSION_MAX_ACTIVE; i++)
    queued = app_end_send (&host, path);
  wait_for_offer (&guest, PST_APP_SESSION_MAX_ACTIVE - 1);
  g_assert_true (pst_app_transfer_is_queued (queued));

  pst_app_session_close (host.session);
  wait_for (host.n_closed > 0 && guest.n_closed > 0);
  g_assert_error (host.error, PST_ERROR, PST_ERROR_CANCELLED);
  g_assert_cmpint (state_of (transfer), ==, PST_TRANSFER_CANCELLED_BY_ME);
  g_assert_cmpint (state_of (queued), ==, PST_TRANSFER_CANCELLED_BY_ME);
  g_assert_cmpint (state_of (theirs), ==, PST_TRANSFER_CANCELLED_BY_THEM);
  app_end_clear (&guest);
  app_end_clear (&host);
}

/* What lies on the receiver's disk, under whatever name. */
static goffset
count_bytes (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  goffset n_bytes = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      GStatBuf status;

      if (g_stat (path, &status) == 0)
        n_bytes += status.st_size;
    }

  return n_bytes;
}

static gboolean
quit_loop (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

/* The context of the window is not iterated meanwhile. */
static void
stand_still (void)
{
  g_autoptr (GMainContext) elsewhere = g_main_context_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (elsewhere, FALSE);
  g_autoptr (GSource) timer = g_timeout_source_new_seconds (STAND_STILL_S);

  g_source_set_callback (timer, quit_loop, loop, NULL);
  g_source_attach (timer, elsewhere);
  g_main_loop_run (loop);
}

static void
count (guint *n)
{
  ++*n;
}

/* The engine goes on while the window stands still, and leaves one snapshot
 * behind, not a queue of them. */
static void
test_window_stands_still (void)
{
  g_autoptr (PstEngine) engine = pst_engine_new ();
  guint n_notified = 0, n_sampled = 0;
  PstAppTransfer *transfer;
  goffset before_bytes, after_bytes;
  guint64 shown_bytes;
  AppEnd host, guest;

  app_end_open_pair (&host, &guest, engine);
  transfer = start_long (&host, &guest);
  g_signal_connect_swapped (transfer, "notify::written-bytes", G_CALLBACK (count), &n_notified);
  g_signal_connect_swapped (transfer, "sampled", G_CALLBACK (count), &n_sampled);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  n_notified = n_sampled = 0;
  shown_bytes = pst_app_transfer_get_written_bytes (transfer);

  before_bytes = count_bytes (guest.folder);
  stand_still ();
  after_bytes = count_bytes (guest.folder);
  g_test_message ("%" G_GOFFSET_FORMAT " bytes came meanwhile", after_bytes - before_bytes);
  g_assert_cmpint (after_bytes - before_bytes, >, 1 << 20);
  g_assert_cmpuint (pst_app_transfer_get_written_bytes (transfer), ==, shown_bytes);

  /* One turn of the loop shows what is newest; a queue would show 20 times. */
  wait_for (n_notified > 0);
  g_assert_cmpuint (n_notified, ==, 1);
  g_assert_cmpuint (n_sampled, ==, 1);
  g_assert_cmpuint (pst_app_transfer_get_written_bytes (transfer), >, shown_bytes + (1 << 20));
  app_end_clear (&guest);
  app_end_clear (&host);
}

static void
note_time (GArray *times_us)
{
  gint64 now_us = g_get_monotonic_time ();

  g_array_append_val (times_us, now_us);
}

/* Ten a second, whatever the engine does. By the engine's clock that is exact;
 * by ours, the first may have come late and the last early. */
#define N_TIMES     40
#define N_UNCERTAIN 5

static void
test_rate_of_changes (void)
{
  g_autoptr (PstEngine) engine = pst_engine_new ();
  g_autoptr (GArray) times_us = g_array_new (FALSE, FALSE, sizeof (gint64));
  PstAppTransfer *transfer;
  PstSamples *samples;
  AppEnd host, guest;

  app_end_open_pair (&host, &guest, engine);
  transfer = start_long (&host, &guest);
  g_signal_connect_swapped (transfer, "notify::written-bytes", G_CALLBACK (note_time), times_us);
  wait_for (times_us->len >= N_TIMES);
  g_assert_cmpint (g_array_index (times_us, gint64, N_TIMES - 1)
                       - g_array_index (times_us, gint64, 0),
                   >=, (N_TIMES - 1 - N_UNCERTAIN) * PST_RESIDENT_INTERVAL_US);

  samples = pst_app_transfer_get_samples (transfer);
  g_assert_cmpuint (pst_samples_get_n (samples), >=, N_TIMES / 2);
  for (guint i = 1; i < pst_samples_get_n (samples); i++)
    {
      const PstSample *one = pst_samples_get (samples, i - 1);
      const PstSample *two = pst_samples_get (samples, i);

      g_assert_true (one->state != two->state
                     || two->time_us - one->time_us >= PST_RESIDENT_INTERVAL_US);
    }
  app_end_clear (&guest);
  app_end_clear (&host);
}

/* The other way round: a session in the caller's context behaves the same. */
static void
test_here (void)
{
  g_autoptr (PstEngine) engine = pst_engine_new_here ();
  g_autofree char *path = NULL;
  AppEnd host, guest;

  app_end_open_pair (&host, &guest, engine);
  guest.accepts = TRUE;
  path = make_file (host.folder, "file", 500000);
  wait_until_state (app_end_send (&host, path), PST_TRANSFER_DONE);
  g_assert_true (is_same_file (path, guest.folder, "file"));
  pst_app_session_close (host.session);
  wait_for (host.n_closed > 0 && guest.n_closed > 0);
  app_end_clear (&guest);
  app_end_clear (&host);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/app-session/both-ways", test_both_ways);
  g_test_add_func ("/app-session/queue", test_queue);
  g_test_add_func ("/app-session/selection", test_selection);
  g_test_add_func ("/app-session/refused-destination", test_refused_destination);
  g_test_add_func ("/app-session/pause", test_pause);
  g_test_add_func ("/app-session/wrong-code", test_wrong_code);
  g_test_add_func ("/app-session/unref-early", test_unref_early);
  g_test_add_func ("/app-session/unref-meeting", test_unref_meeting);
  g_test_add_func ("/app-session/unref-running", test_unref_running);
  g_test_add_func ("/app-session/unref-closing", test_unref_closing);
  g_test_add_func ("/app-session/close-running", test_close_running);
  g_test_add_func ("/app-session/window-stands-still", test_window_stands_still);
  g_test_add_func ("/app-session/rate-of-changes", test_rate_of_changes);
  g_test_add_func ("/app-session/here", test_here);
  return g_test_run ();
}
