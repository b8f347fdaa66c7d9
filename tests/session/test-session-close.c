/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of sessions: in every state, soon, and without a trace. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "pst-error.h"
#include "pst-rendezvous.h"
#include "session-end.h"

/* More than a connection carries while a test looks at it; it need only fit. */
#define HUGE_BYTES (G_GINT64_CONSTANT (2) << 30)

/* docs/protocol.md gives ten seconds; a busy machine takes a little longer. */
#define LOST_TIMEOUT_S 12

static guint
count_entries (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* Threads that wait for more work are no trace. */
static guint
count_threads (void)
{
  g_thread_pool_stop_unused_threads ();
  return count_entries ("/proc/self/task");
}

/* The first connection leaves what lasts: the registry, usrsctp's threads, the
 * one that makes threads for pools. */
static void
warm_up (void)
{
  g_autofree char *path = NULL;
  static gboolean warm;
  End host, guest;
  PstTransfer *transfer;

  if (warm)
    return;
  warm = TRUE;
  end_open_pair (&host, &guest);
  guest.accepts = TRUE;
  path = make_file (host.folder, "warm", 1 << 20);
  transfer = send_file (&host, path);
  wait_for (pst_transfer_is_finished (transfer));
  end_clear (&guest);
  end_clear (&host);
}

/* The main thread, GLib's two, usrsctp's two, the spawner and one that waits for
 * work: they come and go by themselves. */
#define LASTING_THREADS 7

typedef struct
{
  guint n_files;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  warm_up ();
  wait_for (count_threads () <= LASTING_THREADS);
  fixture->n_files = count_entries ("/proc/self/fd");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  wait_for (count_threads () <= LASTING_THREADS);
  wait_for (count_entries ("/proc/self/fd") <= fixture->n_files);
}

static void
test_new (Fixture *fixture, gconstpointer data)
{
  End end;

  end_init_default (&end);
  end_close (&end);
  g_assert_error (end.error, PST_ERROR, PST_ERROR_CANCELLED);
  end_clear (&end);
}

/* Dropped without a word; nothing may be left of it either. */
static void
test_abandoned (Fixture *fixture, gconstpointer data)
{
  PstSessionOptions options = { 0 };
  PstSession *unused = pst_session_new (&options);
  PstSession *host = pst_session_new (&options);
  PstSession *guest = pst_session_new (&options);

  pst_session_host (host, NULL);
  wait_for (pst_session_get_code (host) != NULL);
  pst_session_join (guest, "0123-tissue-coherence");
  g_object_unref (unused);
  g_object_unref (host);
  g_object_unref (guest);
}

static void
test_starting (Fixture *fixture, gconstpointer data)
{
  End host;

  end_init_default (&host);
  pst_session_host (host.session, NULL);
  g_assert_cmpint (end_get_state (&host), ==, PST_SESSION_STARTING);
  end_close (&host);
  g_assert_error (host.error, PST_ERROR, PST_ERROR_CANCELLED);
  end_clear (&host);
}

static void
test_waiting_host (Fixture *fixture, gconstpointer data)
{
  End host;

  end_init_default (&host);
  pst_session_host (host.session, NULL);
  end_wait_for_code (&host);
  g_assert_cmpint (end_get_state (&host), ==, PST_SESSION_WAITING);
  end_clear (&host);
}

static void
test_waiting_guest (Fixture *fixture, gconstpointer data)
{
  End guest;

  end_init_default (&guest);
  pst_session_join (guest.session, "0123-tissue-coherence");
  g_assert_cmpint (end_get_state (&guest), ==, PST_SESSION_WAITING);
  end_clear (&guest);
}

/* Nobody else keeps the code that was left: another may take its number. */
static void
test_waiting_at_server (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PstRendezvous) server = pst_rendezvous_new ();
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autofree char *url = NULL;
  PstSessionOptions options = { 0 };

  g_assert_true (pst_rendezvous_listen (server, loopback, 0, NULL));
  options.server_url = url
      = g_strdup_printf ("ws://127.0.0.1:%u/v1", pst_rendezvous_get_port (server));
  for (guint i = 0; i < 3; i++)
    {
      End host;

      end_init (&host, &options);
      pst_session_host (host.session, "7-tissue-coherence");
      end_wait_for_code (&host);
      end_clear (&host);
    }
}

/* Closes one side as soon as it comes to a state, from inside the notification. */
typedef struct
{
  PstSessionState state;
  gboolean host;
} At;

static void
ignore_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_assert_true (pst_session_close_finish (PST_SESSION (source), result, NULL));
}

static void
close_at (PstSession *session, GParamSpec *pspec, const At *at)
{
  if (pst_session_get_state (session) == at->state)
    pst_session_close_async (session, ignore_closed, NULL);
}

static void
test_at_state (Fixture *fixture, gconstpointer data)
{
  const At *at = data;
  End host, guest;

  end_init_default (&host);
  end_init_default (&guest);
  g_signal_connect (at->host ? host.session : guest.session, "notify::state",
                    G_CALLBACK (close_at), (gpointer) at);
  pst_session_host (host.session, NULL);
  end_wait_for_code (&host);
  pst_session_join (guest.session, pst_session_get_code (host.session));
  wait_for (at->host ? host.closed : guest.closed);
  g_assert_cmpint (end_get_state (at->host ? &host : &guest), ==, PST_SESSION_CLOSED);
  /* The other side hears of it, once both know each other. */
  if (at->state >= PST_SESSION_CONNECTING)
    wait_within (END_CLOSE_TIMEOUT_S, host.closed && guest.closed);
  end_clear (&guest);
  end_clear (&host);
}

/* Nothing more can leave: the buffer is full, or, where the receiver is so slow
 * that its credit ends before that, all that it gave credit for is under way. */
static gboolean
is_backed_up (End *end, PstTransfer *transfer)
{
  PstTransferState state = pst_transfer_get_state (transfer);
  gboolean full;

  g_object_get (end->session, "buffer-full", &full, NULL);
  return full || state == PST_TRANSFER_HELD_NETWORK || state == PST_TRANSFER_HELD_THEIR_DISK;
}

static PstTransfer *
send_huge (End *end)
{
  g_autofree char *path = make_sparse_file (end->folder, "huge", HUGE_BYTES);

  return send_file (end, path);
}

/* @data: who leaves, "host" or "guest"; the host is the one who sends. */
static void
test_running (Fixture *fixture, gconstpointer data)
{
  End host, guest;
  End *leaver = g_str_equal (data, "host") ? &host : &guest;
  End *other = g_str_equal (data, "host") ? &guest : &host;
  g_autoptr (PstTransfer) sent = NULL;
  g_autoptr (PstTransfer) received = NULL;

  end_open_pair (&host, &guest);
  guest.accepts = TRUE;
  sent = g_object_ref (send_huge (&host));
  wait_for (pst_transfer_get_written_bytes (sent) > 0 && is_backed_up (&host, sent));
  received = g_object_ref (g_ptr_array_index (guest.incoming, 0));
  end_close (leaver);
  wait_within (END_CLOSE_TIMEOUT_S, other->closed);
  g_assert_error (leaver->error, PST_ERROR, PST_ERROR_CANCELLED);
  g_assert_error (other->error, PST_ERROR, PST_ERROR_CANCELLED);
  g_assert_cmpint (pst_transfer_get_state (sent), ==,
                   leaver == &host ? PST_TRANSFER_CANCELLED_BY_ME : PST_TRANSFER_CANCELLED_BY_THEM);
  g_assert_cmpint (pst_transfer_get_state (received), ==,
                   leaver == &host ? PST_TRANSFER_CANCELLED_BY_THEM : PST_TRANSFER_CANCELLED_BY_ME);
  end_clear (&guest);
  end_clear (&host);
}

/* @data: whose person finds that the words differ; the host is the one who sends. */
static void
test_rejected (Fixture *fixture, gconstpointer data)
{
  End host, guest;
  End *doubter = g_str_equal (data, "host") ? &host : &guest;
  g_autoptr (PstTransfer) sent = NULL;
  g_autoptr (PstTransfer) received = NULL;

  end_open_pair (&host, &guest);
  guest.accepts = TRUE;
  sent = g_object_ref (send_huge (&host));
  wait_for (pst_transfer_get_written_bytes (sent) > 0 && is_backed_up (&host, sent));
  received = g_object_ref (g_ptr_array_index (guest.incoming, 0));
  pst_session_reject (doubter->session);
  g_assert_cmpint (pst_transfer_get_state (doubter == &host ? sent : received), ==,
                   PST_TRANSFER_CANCELLED_BY_ME);
  pst_session_reject (doubter->session);
  wait_within (END_CLOSE_TIMEOUT_S, host.closed && guest.closed);
  g_assert_error (host.error, PST_ERROR, PST_ERROR_UNVERIFIED);
  g_assert_error (guest.error, PST_ERROR, PST_ERROR_UNVERIFIED);
  g_assert_error (pst_transfer_get_error (doubter == &host ? received : sent), PST_ERROR,
                  PST_ERROR_UNVERIFIED);
  end_clear (&guest);
  end_clear (&host);
}

/* Both at once. */
static void
test_both (Fixture *fixture, gconstpointer data)
{
  End host, guest;

  end_open_pair (&host, &guest);
  pst_session_close_async (host.session, ignore_closed, NULL);
  pst_session_close_async (guest.session, ignore_closed, NULL);
  wait_within (END_CLOSE_TIMEOUT_S, host.closed && guest.closed);
  g_assert_no_error (host.error);
  g_assert_no_error (guest.error);
  end_clear (&guest);
  end_clear (&host);
}

typedef struct
{
  End host;
  PstTransfer *transfer;
  GSubprocess *process;
} Stopped;

static void
child_stop (GSubprocess *process)
{
  siginfo_t info;

  g_subprocess_send_signal (process, SIGSTOP);
  g_assert_cmpint (waitid (P_PID, atoi (g_subprocess_get_identifier (process)), &info,
                           WSTOPPED | WNOWAIT),
                   ==, 0);
}

/* It makes its folder in that of the host, since it may be killed. */
static GSubprocess *
child_spawn (End *host)
{
  g_autofree char *program = g_test_build_filename (G_TEST_BUILT, "session-child", NULL);
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  g_subprocess_launcher_setenv (launcher, "TMPDIR", host->folder, TRUE);
  process = g_subprocess_launcher_spawn (launcher, &error, program,
                                         pst_session_get_code (host->session), NULL);
  g_assert_no_error (error);
  return process;
}

/* A program that stands still while this side cannot send any more. */
static void
stopped_init (Stopped *stopped)
{
  end_init_default (&stopped->host);
  pst_session_host (stopped->host.session, NULL);
  end_wait_for_code (&stopped->host);
  stopped->process = child_spawn (&stopped->host);
  wait_for (end_get_state (&stopped->host) == PST_SESSION_CONNECTED);
  stopped->transfer = g_object_ref (send_huge (&stopped->host));
  wait_for (pst_transfer_get_written_bytes (stopped->transfer) > 0);
  child_stop (stopped->process);
  wait_for (is_backed_up (&stopped->host, stopped->transfer));
}

static void
stopped_clear (Stopped *stopped)
{
  g_subprocess_force_exit (stopped->process);
  g_subprocess_wait (stopped->process, NULL, NULL);
  g_clear_object (&stopped->process);
  g_clear_object (&stopped->transfer);
  end_clear (&stopped->host);
}

/* The loss is noticed in time; the session and the transfer wait for a new link. */
static void
wait_until_lost (Stopped *stopped)
{
  wait_within (LOST_TIMEOUT_S, end_get_state (&stopped->host) != PST_SESSION_CONNECTED);
  g_assert_cmpint (end_get_state (&stopped->host), ==, PST_SESSION_RECONNECTING);
  g_assert_cmpint (pst_transfer_get_state (stopped->transfer), ==, PST_TRANSFER_RECONNECTING);
}

static void
test_stopped (Fixture *fixture, gconstpointer data)
{
  Stopped stopped;

  stopped_init (&stopped);
  end_close (&stopped.host);
  g_assert_error (stopped.host.error, PST_ERROR, PST_ERROR_CANCELLED);
  stopped_clear (&stopped);
}

/* It goes on as if nothing had been, and so does the transfer. */
static void
test_continued (Fixture *fixture, gconstpointer data)
{
  Stopped stopped;
  guint64 written_bytes;

  stopped_init (&stopped);
  wait_until_lost (&stopped);
  written_bytes = pst_transfer_get_written_bytes (stopped.transfer);
  g_subprocess_send_signal (stopped.process, SIGCONT);
  wait_for (end_get_state (&stopped.host) == PST_SESSION_CONNECTED);
  wait_for (pst_transfer_get_written_bytes (stopped.transfer) > written_bytes + (16 << 20));
  end_close (&stopped.host);
  g_subprocess_wait (stopped.process, NULL, NULL);
  stopped_clear (&stopped);
}

static void
test_killed (Fixture *fixture, gconstpointer data)
{
  Stopped stopped;

  stopped_init (&stopped);
  g_subprocess_force_exit (stopped.process);
  wait_until_lost (&stopped);
  end_close (&stopped.host);
  g_assert_error (stopped.host.error, PST_ERROR, PST_ERROR_CANCELLED);
  g_assert_cmpint (pst_transfer_get_state (stopped.transfer), ==, PST_TRANSFER_CANCELLED_BY_ME);
  stopped_clear (&stopped);
}

int
main (int argc, char **argv)
{
  static const At at[] = {
    { PST_SESSION_PAIRING, TRUE },    { PST_SESSION_PAIRING, FALSE },
    { PST_SESSION_CONNECTING, TRUE }, { PST_SESSION_CONNECTING, FALSE },
    { PST_SESSION_CONNECTED, TRUE },  { PST_SESSION_CONNECTED, FALSE },
  };

  g_test_init (&argc, &argv, NULL);
#define ADD(path, data, test)                                                                     \
  g_test_add ("/session/close/" path, Fixture, data, set_up, test, tear_down)
  ADD ("new", NULL, test_new);
  ADD ("abandoned", NULL, test_abandoned);
  ADD ("starting", NULL, test_starting);
  ADD ("waiting/host", NULL, test_waiting_host);
  ADD ("waiting/guest", NULL, test_waiting_guest);
  ADD ("waiting/at-server", NULL, test_waiting_at_server);
  for (guint i = 0; i < G_N_ELEMENTS (at); i++)
    {
      g_autofree char *path
          = g_strdup_printf ("/session/close/at-state-%d/%s", at[i].state, at[i].host ? "host" : "guest");

      g_test_add (path, Fixture, &at[i], set_up, test_at_state, tear_down);
    }
  ADD ("running/host", "host", test_running);
  ADD ("running/guest", "guest", test_running);
  ADD ("rejected/host", "host", test_rejected);
  ADD ("rejected/guest", "guest", test_rejected);
  ADD ("both", NULL, test_both);
  ADD ("stopped", NULL, test_stopped);
  ADD ("continued", NULL, test_continued);
  ADD ("killed", NULL, test_killed);
  return g_test_run ();
}
