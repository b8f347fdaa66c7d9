/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Links that are lost and replaced, over real connections. */
#include "pst-channel.h"
#include "pst-error.h"
#include "pst-session-private.h"
#include "session-run.h"

/* Under way for a second at least, and little work. */
#define FILE_BYTES (8 << 20)
#define LIMIT_BPS  FILE_BYTES

/* The session's link, or the attempt at one, breaks off as far as this side is
 * concerned. */
static void
cut (End *end, PstError code)
{
  g_autoptr (PstPeer) peer = g_object_ref (end->session->peer);
  g_autoptr (GError) error = g_error_new_literal (PST_ERROR, code, "Cut.");

  pst_channel_emit_closed (PST_CHANNEL (peer), error);
}

static gboolean
is_linked (End *end)
{
  return end_get_state (end) == PST_SESSION_CONNECTED;
}

/* A file each way, both under way. */
static void
run_init (Run *run)
{
  PstSessionOptions options = { .limit_bps = LIMIT_BPS };

  end_open_pair_with (&run->host, &options, &run->guest, &options);
  run_begin (run, FILE_BYTES);
}

/* @data: who notices: "host", "guest" or "both". */
static void
test_cut (gconstpointer data)
{
  Run run;
  gint64 cut_us;

  run_init (&run);
  cut_us = g_get_monotonic_time ();
  if (!g_str_equal (data, "guest"))
    cut (&run.host, PST_ERROR_LOST);
  if (!g_str_equal (data, "host"))
    cut (&run.guest, PST_ERROR_LOST);
  g_assert_true (!is_linked (&run.host) || !is_linked (&run.guest));

  wait_for (run.host.session->epoch == 1 && run.guest.session->epoch == 1);
  wait_for (is_linked (&run.host) && is_linked (&run.guest));
  g_test_message ("linked again after %.2f s",
                  (double) (g_get_monotonic_time () - cut_us) / G_USEC_PER_SEC);
  run_finish (&run);
}

static void
test_again_and_again (void)
{
  Run run;

  run_init (&run);
  for (guint i = 1; i <= 3; i++)
    {
      End *end = i % 2 ? &run.host : &run.guest;

      cut (end, PST_ERROR_LOST);
      g_assert_cmpint (end_get_state (end), ==, PST_SESSION_RECONNECTING);
      wait_for (run.host.session->epoch == i && run.guest.session->epoch == i);
      wait_for (is_linked (&run.host) && is_linked (&run.guest));
    }
  run_finish (&run);
}

/* Attempts that fail are followed by others, whoever they fail for. */
static void
test_attempts_fail (void)
{
  Run run;

  run_init (&run);
  cut (&run.host, PST_ERROR_LOST);
  for (guint i = 1; i <= 2; i++)
    {
      End *end = i % 2 ? &run.host : &run.guest;

      wait_for (end->session->epoch == i && end->session->peer != NULL);
      g_assert_false (is_linked (end));
      cut (end, i % 2 ? PST_ERROR_NO_PATH : PST_ERROR_LOST);
    }
  wait_for (run.host.session->epoch == 3 && run.guest.session->epoch == 3);
  wait_for (is_linked (&run.host) && is_linked (&run.guest));
  run_finish (&run);
}

/* Only a loss is made good. */
static void
test_tampered (void)
{
  End host, guest;

  end_open_pair (&host, &guest);
  cut (&host, PST_ERROR_TAMPERED);
  end_wait_until_closed (&host, PST_ERROR_TAMPERED);
  end_wait_until_closed (&guest, PST_ERROR_TAMPERED);
  end_clear (&guest);
  end_clear (&host);
}

static PstRendezvous *
serve (guint16 port)
{
  PstRendezvous *server = pst_rendezvous_new ();
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GError) error = NULL;

  pst_rendezvous_listen (server, loopback, port, &error);
  g_assert_no_error (error);
  return server;
}

/* The server goes and forgets everything: a link does without, and a lost one is
 * replaced once the server is there again. */
static void
test_server_restarts (void)
{
  g_autoptr (PstRendezvous) server = serve (0);
  guint16 port = pst_rendezvous_get_port (server);
  g_autofree char *url = g_strdup_printf ("ws://127.0.0.1:%u/v1", port);
  PstSessionOptions options = { .server_url = url, .limit_bps = LIMIT_BPS };
  Run run;

  end_init (&run.host, &options);
  end_init (&run.guest, &options);
  pst_session_host (run.host.session, NULL);
  end_wait_for_code (&run.host);
  pst_session_join (run.guest.session, pst_session_get_code (run.host.session));
  wait_for (is_linked (&run.host) && is_linked (&run.guest));
  run_begin (&run, FILE_BYTES);

  g_clear_object (&server);
  cut (&run.guest, PST_ERROR_LOST);
  g_assert_cmpint (end_get_state (&run.guest), ==, PST_SESSION_RECONNECTING);
  g_assert_true (is_linked (&run.host));
  server = serve (port);
  wait_for (is_linked (&run.host) && is_linked (&run.guest)
            && run.host.session->epoch == 1 && run.guest.session->epoch == 1);
  run_finish (&run);
}

/* @left: whether the side of @transfer is the one that left. */
static void
assert_failed (PstTransfer *transfer, gboolean left, PstError code)
{
  g_assert_cmpint (pst_transfer_get_state (transfer), ==,
                   left ? PST_TRANSFER_CANCELLED_BY_ME : PST_TRANSFER_FAILED);
  if (!left)
    g_assert_error (pst_transfer_get_error (transfer), PST_ERROR, (int) code);
}

/* Who set a time for it waits no longer, and says so to the other side, in case it
 * comes back. */
static void
test_wait_over (void)
{
  PstSessionOptions patient = { 0 };
  PstSessionOptions brief = { .reconnect_wait_s = 1 };
  End host, guest;
  gint64 lost_us;

  end_open_pair_with (&host, &patient, &guest, &brief);
  /* The host says nothing of the loss, so no attempt is begun. */
  host.session->let_go = TRUE;
  lost_us = g_get_monotonic_time ();
  cut (&guest, PST_ERROR_LOST);
  end_wait_until_closed (&guest, PST_ERROR_NOT_FOUND);
  g_assert_cmpint (g_get_monotonic_time () - lost_us, >=, G_TIME_SPAN_SECOND);
  end_wait_until_closed (&host, PST_ERROR_NOT_FOUND);
  end_clear (&guest);
  end_clear (&host);
}

/* It is counted anew for each loss. */
static void
test_wait_again (void)
{
  PstSessionOptions brief = { .reconnect_wait_s = 30 };
  End host, guest;

  end_open_pair_with (&host, &brief, &guest, &brief);
  cut (&guest, PST_ERROR_LOST);
  g_assert_nonnull (guest.session->last_wait);
  wait_for (guest.session->epoch == 1 && is_linked (&host) && is_linked (&guest));
  g_assert_null (guest.session->last_wait);
  g_assert_null (host.session->last_wait);
  end_clear (&guest);
  end_clear (&host);
}

/* @data: who leaves. The link is away, so the other hears of it through the
 * mailbox. */
static void
test_leave_meanwhile (gconstpointer data)
{
  Run run;
  End *leaver = g_str_equal (data, "host") ? &run.host : &run.guest;
  End *other = g_str_equal (data, "host") ? &run.guest : &run.host;
  gint64 began_us;

  run_init (&run);
  cut (&run.host, PST_ERROR_LOST);
  cut (&run.guest, PST_ERROR_LOST);
  began_us = g_get_monotonic_time ();
  end_close (leaver);
  g_assert_cmpint (g_get_monotonic_time () - began_us, <, 4 * G_TIME_SPAN_SECOND);
  wait_within (END_CLOSE_TIMEOUT_S, other->closed);
  g_assert_error (leaver->error, PST_ERROR, PST_ERROR_CANCELLED);
  /* Nobody cancelled what was under way: the link was lost, and nobody came back. */
  g_assert_error (other->error, PST_ERROR, PST_ERROR_LOST);
  g_assert_nonnull (strstr (other->error->message, "left before"));
  assert_failed (run.there, leaver == &run.host, PST_ERROR_LOST);
  assert_failed (run.back, leaver == &run.guest, PST_ERROR_LOST);
  g_object_unref (run.there);
  g_object_unref (run.back);
  g_free (run.path_there);
  g_free (run.path_back);
  end_clear (&run.guest);
  end_clear (&run.host);
}

/* What is offered while there is no link is offered over the next one. */
static void
test_offer_meanwhile (void)
{
  g_autofree char *path = NULL;
  PstTransfer *transfer;
  End host, guest;

  end_open_pair (&host, &guest);
  guest.accepts = TRUE;
  cut (&guest, PST_ERROR_LOST);
  wait_for (end_get_state (&host) == PST_SESSION_RECONNECTING);
  path = make_file (host.folder, "late", 1000);
  transfer = send_file (&host, path);
  g_object_ref (transfer);
  wait_for (run_is_done (transfer));
  g_assert_true (is_same_file (path, guest.folder, "late"));
  g_object_unref (transfer);
  end_clear (&guest);
  end_clear (&host);
}

static void
say (End *end, const char *type, gint64 epoch)
{
  g_autoptr (JsonObject) message = json_object_new ();

  json_object_set_string_member (message, "t", type);
  json_object_set_int_member (message, "epoch", epoch);
  pst_wormhole_send (end->session->wormhole, message);
}

/* @data: a message that an honest side does not send now. */
static void
test_out_of_turn (gconstpointer data)
{
  const char *type = data;

  for (guint by_offerer = 0; by_offerer < 2; by_offerer++)
    {
      End host, guest;
      End *liar;

      end_open_pair (&host, &guest);
      liar = pst_session_is_offerer (host.session) == (gboolean) by_offerer ? &host : &guest;
      say (liar, type, 1);
      end_wait_until_closed (liar == &host ? &guest : &host, PST_ERROR_PROTOCOL);
      end_wait_until_closed (liar, PST_ERROR_PROTOCOL);
      end_clear (&guest);
      end_clear (&host);
    }
}

/* What belongs to a link that is gone is passed over. */
static void
test_late (void)
{
  End host, guest;

  end_open_pair (&host, &guest);
  cut (&host, PST_ERROR_LOST);
  wait_for (host.session->epoch == 1 && guest.session->epoch == 1 && is_linked (&host)
            && is_linked (&guest));
  for (guint i = 0; i < 2; i++)
    {
      say (i == 0 ? &host : &guest, "again", 0);
      say (i == 0 ? &host : &guest, "sdp", 0);
      say (i == 0 ? &host : &guest, "ice", 0);
    }
  /* One after the other: what comes behind them shows that they were taken. */
  say (&host, "again", 1);
  wait_for (host.session->epoch == 2 && guest.session->epoch == 2 && is_linked (&host)
            && is_linked (&guest));
  end_clear (&guest);
  end_clear (&host);
}

/* Nobody can make a side begin links without end. */
static void
test_too_often (void)
{
  End host, guest;
  End *answerer;

  end_open_pair (&host, &guest);
  answerer = pst_session_is_offerer (host.session) ? &guest : &host;
  answerer->session->turn_us = g_get_monotonic_time ();
  answerer->session->n_epochs = PST_SESSION_MAX_EPOCHS;
  cut (&host, PST_ERROR_LOST);
  end_wait_until_closed (answerer, PST_ERROR_LIMIT);
  wait_for (host.closed && guest.closed);
  end_clear (&guest);
  end_clear (&host);
}

/* Two that have paired and look for a path; each has told the other where it is. */
static void
begin_first (End *host, End *guest)
{
  end_init_default (host);
  end_init_default (guest);
  pst_session_host (host->session, NULL);
  end_wait_for_code (host);
  pst_session_join (guest->session, pst_session_get_code (host->session));
  wait_for (host->session->peer != NULL && pst_peer_has_addresses (host->session->peer)
            && guest->session->peer != NULL && pst_peer_has_addresses (guest->session->peer));
  g_assert_null (host->session->exchange);
  g_assert_null (guest->session->exchange);
}

/* @data: who finds no path at first: "host", "guest" or "both". */
static void
test_first_fails (gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autoptr (PstTransfer) transfer = NULL;
  End host, guest;

  begin_first (&host, &guest);
  if (!g_str_equal (data, "guest"))
    cut (&host, PST_ERROR_NO_PATH);
  if (!g_str_equal (data, "host"))
    cut (&guest, PST_ERROR_LOST);
  wait_for (is_linked (&host) && is_linked (&guest));
  g_assert_cmpuint (host.session->epoch, ==, 1);
  g_assert_cmpuint (guest.session->epoch, ==, 1);
  g_assert_null (host.session->last_wait);
  g_assert_null (guest.session->last_wait);

  guest.accepts = TRUE;
  path = make_file (host.folder, "late", 1000);
  transfer = g_object_ref (send_file (&host, path));
  wait_for (run_is_done (transfer));
  end_clear (&guest);
  end_clear (&host);
}

/* Who has failed twice says so, and is not waited for. */
static void
test_first_fails_twice (void)
{
  End host, guest;

  begin_first (&host, &guest);
  cut (&host, PST_ERROR_NO_PATH);
  wait_for (guest.session->epoch == 1 && guest.session->peer != NULL);
  g_assert_cmpint (end_get_state (&guest), ==, PST_SESSION_CONNECTING);
  cut (&guest, PST_ERROR_NO_PATH);
  end_wait_until_closed (&guest, PST_ERROR_NO_PATH);
  end_wait_until_closed (&host, PST_ERROR_NO_PATH);
  end_clear (&guest);
  end_clear (&host);
}

/* The other side is not waited for without end. */
static void
test_first_alone (void)
{
  End host, guest;

  begin_first (&host, &guest);
  /* It says nothing of having let go. */
  host.session->let_go = TRUE;
  cut (&guest, PST_ERROR_NO_PATH);
  g_assert_nonnull (guest.session->last_wait);
  g_source_set_ready_time (guest.session->last_wait, 0);
  end_wait_until_closed (&guest, PST_ERROR_NO_PATH);
  wait_for (host.closed);
  end_clear (&guest);
  end_clear (&host);
}

/* Nobody is kept at trying by the other side. */
static void
test_first_too_often (void)
{
  End host, guest;

  begin_first (&host, &guest);
  cut (&host, PST_ERROR_NO_PATH);
  wait_for (guest.session->epoch == 1 && guest.session->peer != NULL);
  say (&host, "again", 1);
  end_wait_until_closed (&guest, PST_ERROR_LOST);
  wait_for (host.closed);
  end_clear (&guest);
  end_clear (&host);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/session/again/cut/host", "host", test_cut);
  g_test_add_data_func ("/session/again/cut/guest", "guest", test_cut);
  g_test_add_data_func ("/session/again/cut/both", "both", test_cut);
  g_test_add_func ("/session/again/again-and-again", test_again_and_again);
  g_test_add_func ("/session/again/attempts-fail", test_attempts_fail);
  g_test_add_func ("/session/again/tampered", test_tampered);
  g_test_add_func ("/session/again/server-restarts", test_server_restarts);
  g_test_add_data_func ("/session/again/leave/host", "host", test_leave_meanwhile);
  g_test_add_data_func ("/session/again/leave/guest", "guest", test_leave_meanwhile);
  g_test_add_func ("/session/again/wait-over", test_wait_over);
  g_test_add_func ("/session/again/wait-again", test_wait_again);
  g_test_add_func ("/session/again/offer-meanwhile", test_offer_meanwhile);
  g_test_add_data_func ("/session/again/out-of-turn/again", "again", test_out_of_turn);
  g_test_add_data_func ("/session/again/out-of-turn/sdp", "sdp", test_out_of_turn);
  g_test_add_func ("/session/again/late", test_late);
  g_test_add_func ("/session/again/too-often", test_too_often);
  g_test_add_data_func ("/session/again/first-fails/host", "host", test_first_fails);
  g_test_add_data_func ("/session/again/first-fails/guest", "guest", test_first_fails);
  g_test_add_data_func ("/session/again/first-fails/both", "both", test_first_fails);
  g_test_add_func ("/session/again/first-fails/twice", test_first_fails_twice);
  g_test_add_func ("/session/again/first-fails/alone", test_first_alone);
  g_test_add_func ("/session/again/first-fails/too-often", test_first_too_often);
  return g_test_run ();
}
