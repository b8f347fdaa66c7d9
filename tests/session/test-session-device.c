/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two devices remember each other after a pairing, and meet without a code: on one
 * network and through a server. */
#include <string.h>

#include "pst-beacon.h"
#include "pst-error.h"
#include "pst-line.h"
#include "pst-meeting.h"
#include "pst-rendezvous.h"
#include "pst-wormhole.h"
#include "session-end.h"

static PstRemember
get_remember (End *end)
{
  return pst_session_get_remember (end->session);
}

static void
assert_nothing_kept (End *end)
{
  g_assert_null (pst_session_dup_device_secret (end->session));
}

/* Both want it, one after the other. */
static void
agree (End *one, End *other)
{
  pst_session_remember (one->session, TRUE);
  g_assert_cmpint (get_remember (one), ==, PST_REMEMBER_MY_WISH);
  assert_nothing_kept (one);
  wait_for (get_remember (other) == PST_REMEMBER_THEIR_WISH);
  assert_nothing_kept (other);
  pst_session_remember (other->session, TRUE);
  wait_for (get_remember (one) == PST_REMEMBER_AGREED);
  g_assert_cmpint (get_remember (other), ==, PST_REMEMBER_AGREED);
}

static void
test_both (void)
{
  End host, guest;
  g_autoptr (GBytes) secret = NULL;
  g_autoptr (GBytes) same = NULL;

  end_open_pair (&host, &guest);
  agree (&guest, &host);
  secret = pst_session_dup_device_secret (host.session);
  same = pst_session_dup_device_secret (guest.session);
  g_assert_cmpuint (g_bytes_get_size (secret), ==, PST_KEY_BYTES);
  g_assert_true (g_bytes_equal (secret, same));

  /* It is settled now. */
  pst_session_remember (host.session, FALSE);
  g_assert_cmpint (get_remember (&host), ==, PST_REMEMBER_AGREED);
  end_clear (&host);
  end_clear (&guest);
}

static void
test_one_only (void)
{
  End host, guest;

  end_open_pair (&host, &guest);
  pst_session_remember (host.session, TRUE);
  wait_for (get_remember (&guest) == PST_REMEMBER_THEIR_WISH);
  pst_session_remember (guest.session, FALSE);
  wait_for (get_remember (&host) == PST_REMEMBER_DECLINED);
  assert_nothing_kept (&host);
  assert_nothing_kept (&guest);

  /* Somebody may still change their mind, and then the other one decides again. */
  pst_session_remember (guest.session, TRUE);
  wait_for (get_remember (&host) == PST_REMEMBER_THEIR_WISH);
  assert_nothing_kept (&host);
  end_clear (&host);
  end_clear (&guest);
}

static GBytes *
make_secret (guint8 first)
{
  guint8 bytes[PST_KEY_BYTES] = { first };

  return g_bytes_new (bytes, sizeof bytes);
}

static void
init_at (End *end, const char *server_url)
{
  const PstSessionOptions options = { .server_url = server_url, .display_name = "test" };

  end_init (end, &options);
}

static void
assert_file_goes (End *from, End *to)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *path = make_file (folder, "file", 1000);
  PstTransfer *transfer;

  end_accept_all (to);
  transfer = send_file (from, path);
  wait_for (pst_transfer_is_finished (transfer));
  g_assert_cmpint (pst_transfer_get_state (transfer), ==, PST_TRANSFER_DONE);
  g_assert_true (is_same_file (path, to->folder, "file"));
  remove_folder (folder);
}

static void
meet (const char *server_url, gboolean guest_first)
{
  End host, guest;
  g_autoptr (GBytes) secret = make_secret (g_random_int ());

  init_at (&host, server_url);
  init_at (&guest, server_url);
  if (guest_first)
    {
      pst_session_meet (guest.session, secret, FALSE);
      wait_for (end_get_state (&guest) == PST_SESSION_WAITING);
    }
  pst_session_meet (host.session, secret, TRUE);
  wait_for (end_get_state (&host) == PST_SESSION_WAITING);
  g_assert_null (pst_session_get_code (host.session));
  if (!guest_first)
    pst_session_meet (guest.session, secret, FALSE);

  wait_for (end_get_state (&host) == PST_SESSION_CONNECTED
            && end_get_state (&guest) == PST_SESSION_CONNECTED);
  g_assert_true (pst_session_is_meeting (host.session));
  assert_file_goes (&host, &guest);

  /* They do already. */
  pst_session_remember (host.session, TRUE);
  g_assert_cmpint (get_remember (&host), ==, PST_REMEMBER_NONE);
  end_clear (&host);
  end_clear (&guest);
}

/* Both do the same, and none of them more than the other. */
static void
meet_alike (gboolean host)
{
  End one, other;
  g_autoptr (GBytes) secret = make_secret (g_random_int ());

  init_at (&one, NULL);
  init_at (&other, NULL);
  pst_session_meet (one.session, secret, host);
  pst_session_meet (other.session, secret, host);
  wait_for (end_get_state (&one) == PST_SESSION_CONNECTED
            && end_get_state (&other) == PST_SESSION_CONNECTED);
  assert_file_goes (&one, &other);
  assert_file_goes (&other, &one);
  end_clear (&one);
  end_clear (&other);
}

static void
init_receiver (End *end)
{
  const PstSessionOptions options = { .display_name = "test", .only_receives = TRUE };

  end_init (end, &options);
}

/* Two that only receive would wait for each other for ever: both are told so. */
static void
test_nobody_sends (void)
{
  End one, other;
  g_autoptr (GBytes) secret = make_secret (g_random_int ());

  init_receiver (&one);
  init_receiver (&other);
  pst_session_meet (one.session, secret, FALSE);
  pst_session_meet (other.session, secret, FALSE);
  wait_for (one.closed && other.closed);
  g_assert_error (one.error, PST_ERROR, PST_ERROR_USAGE);
  g_assert_error (other.error, PST_ERROR, PST_ERROR_USAGE);
  g_assert_cmpstr (one.error->message, ==,
                   "Both sides wait to receive something; one of the two has to send.");
  g_assert_cmpstr (other.error->message, ==, one.error->message);
  end_clear (&one);
  end_clear (&other);
}

/* One that only receives meets one that can send. */
static void
test_one_receives (void)
{
  End one, other;
  g_autoptr (GBytes) secret = make_secret (g_random_int ());

  init_receiver (&one);
  init_at (&other, NULL);
  pst_session_meet (one.session, secret, FALSE);
  pst_session_meet (other.session, secret, FALSE);
  wait_for (end_get_state (&one) == PST_SESSION_CONNECTED
            && end_get_state (&other) == PST_SESSION_CONNECTED);
  assert_file_goes (&other, &one);
  end_clear (&one);
  end_clear (&other);
}

static void
test_both_wait (void)
{
  meet_alike (TRUE);
}

static void
test_both_look (void)
{
  meet_alike (FALSE);
}

static void
test_nearby (void)
{
  meet (NULL, FALSE);
  meet (NULL, TRUE);
}

typedef struct
{
  PstRendezvous *rendezvous;
  char *url;
} Server;

static void
server_init (Server *server)
{
  g_autoptr (GError) error = NULL;

  server->rendezvous = pst_rendezvous_new ();
  pst_rendezvous_listen (server->rendezvous, NULL, 0, &error);
  g_assert_no_error (error);
  server->url = g_strdup_printf ("ws://127.0.0.1:%u/v1",
                                 pst_rendezvous_get_port (server->rendezvous));
}

static void
server_clear (Server *server)
{
  pst_rendezvous_stop (server->rendezvous);
  g_object_unref (server->rendezvous);
  g_free (server->url);
}

/* One side meets at a place of the server only; the other one as a session does. */
typedef struct
{
  PstWormhole *wormhole;
  gboolean paired;
  gboolean failed;
} Lone;

static void
on_lone_paired (PstWormhole *wormhole, JsonObject *version, Lone *lone)
{
  lone->paired = TRUE;
}

static void
on_lone_failed (PstWormhole *wormhole, const GError *error, Lone *lone)
{
  lone->failed = TRUE;
}

static void
lone_init (Lone *lone, const char *url, GBytes *secret, PstMeetingRole role, int days, guint number)
{
  guint64 period = pst_meeting_period (g_get_real_time () / G_USEC_PER_SEC
                                       + days * PST_MEETING_PERIOD_S);
  g_autofree char *place = pst_meeting_server_place (period, number);
  PstMeeting *meeting = pst_meeting_new (g_bytes_get_data (secret, NULL), place, role);

  *lone = (Lone){ pst_wormhole_new_for_meeting (url, PST_WORMHOLE_APPID, meeting) };
  g_signal_connect (lone->wormhole, "paired", G_CALLBACK (on_lone_paired), lone);
  g_signal_connect (lone->wormhole, "failed", G_CALLBACK (on_lone_failed), lone);
  pst_wormhole_meet (lone->wormhole);
  wait_for (pst_wormhole_get_state (lone->wormhole) == PST_WORMHOLE_WAITING);
}

static void
on_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

static void
lone_clear (Lone *lone)
{
  gboolean closed = FALSE;

  pst_wormhole_close_async (lone->wormhole, PST_MOOD_HAPPY, on_closed, &closed);
  wait_for (closed);
  g_object_unref (lone->wormhole);
}

/* The guest finds a host whose clock is in the period before or after. */
static void
test_clocks (void)
{
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;
  guint64 period = pst_meeting_period (now_s);
  int days = pst_meeting_other_period (now_s) > period ? 1 : -1;
  g_autoptr (GBytes) secret = make_secret (1);
  Server server;
  Lone host;
  End guest;

  server_init (&server);
  lone_init (&host, server.url, secret, PST_MEETING_HOST, days, 0);
  init_at (&guest, server.url);
  pst_session_meet (guest.session, secret, FALSE);
  wait_for (host.paired);
  end_clear (&guest);
  lone_clear (&host);
  server_clear (&server);
}

/* At a server, too, both may wait. */
static void
test_both_wait_at_server (void)
{
  g_autoptr (GBytes) secret = make_secret (5);
  Server server;
  Lone other;
  End host;

  server_init (&server);
  lone_init (&other, server.url, secret, PST_MEETING_HOST, 0, 0);
  init_at (&host, server.url);
  pst_session_meet (host.session, secret, TRUE);
  wait_for (other.paired);
  wait_for (end_get_state (&host) >= PST_SESSION_CONNECTING);
  end_clear (&host);
  lone_clear (&other);
  server_clear (&server);
}

static void
on_claimed (PstLine *line, const char *nameplate, gboolean *claimed)
{
  *claimed = TRUE;
}

/* A host of today at the first place, which has begun and does not answer any more. */
static PstLine *
vanish_at (const char *url, GBytes *secret)
{
  guint64 period = pst_meeting_period (g_get_real_time () / G_USEC_PER_SEC);
  g_autofree char *place = pst_meeting_server_place (period, 0);
  g_autoptr (PstMeeting) meeting = pst_meeting_new (g_bytes_get_data (secret, NULL), place,
                                                    PST_MEETING_HOST);
  g_autoptr (GBytes) pake = g_bytes_new_static ("{}", 2);
  PstLine *line = pst_line_new (url, PST_WORMHOLE_APPID, pst_meeting_get_side (meeting));
  gboolean claimed = FALSE;

  g_signal_connect (line, "claimed", G_CALLBACK (on_claimed), &claimed);
  pst_line_start_at (line, pst_meeting_get_mailbox (meeting));
  wait_for (claimed);
  pst_line_add (line, "abilities", pake);
  return line;
}

/* An earlier host that vanished still has its place: the next one is used, and the
 * guest looks there as well. */
static void
test_spoilt_place (void)
{
  g_autoptr (GBytes) secret = make_secret (2);
  g_autoptr (PstLine) vanished = NULL;
  gboolean closed = FALSE;
  Server server;
  Lone guest;
  End host;

  server_init (&server);
  vanished = vanish_at (server.url, secret);
  init_at (&host, server.url);
  pst_session_meet (host.session, secret, TRUE);
  wait_for (end_get_state (&host) == PST_SESSION_WAITING);
  lone_init (&guest, server.url, secret, PST_MEETING_GUEST, 0, 1);
  wait_for (guest.paired);
  wait_for (end_get_state (&host) >= PST_SESSION_CONNECTING);
  end_clear (&host);
  lone_clear (&guest);
  pst_line_close_async (vanished, PST_MOOD_LONELY, on_closed, &closed);
  wait_for (closed);
  server_clear (&server);
}

/* A server that is away keeps nobody from meeting on one network. */
static void
test_server_away (void)
{
  meet ("ws://127.0.0.1:9/v1", FALSE);
}

/* The other side has forgotten this one, and so has another secret or none. */
static void
test_forgotten (void)
{
  g_autoptr (GBytes) secret = make_secret (3);
  g_autoptr (GBytes) other = make_secret (4);
  End host, guest;

  init_at (&host, NULL);
  init_at (&guest, NULL);
  pst_session_meet (host.session, other, TRUE);
  pst_session_meet (guest.session, secret, FALSE);
  end_wait_until_closed (&guest, PST_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (guest.error->message, "forgotten"));
  g_assert_cmpint (end_get_state (&host), ==, PST_SESSION_WAITING);
  end_clear (&host);
  end_clear (&guest);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/device/remember-both", test_both);
  g_test_add_func ("/session/device/remember-one-only", test_one_only);
  g_test_add_func ("/session/device/nearby", test_nearby);
  g_test_add_func ("/session/device/nobody-sends", test_nobody_sends);
  g_test_add_func ("/session/device/one-receives", test_one_receives);
  g_test_add_func ("/session/device/both-wait", test_both_wait);
  g_test_add_func ("/session/device/both-look", test_both_look);
  g_test_add_func ("/session/device/both-wait-at-server", test_both_wait_at_server);
  g_test_add_func ("/session/device/clocks", test_clocks);
  g_test_add_func ("/session/device/spoilt-place", test_spoilt_place);
  g_test_add_func ("/session/device/server-away", test_server_away);
  g_test_add_func ("/session/device/forgotten", test_forgotten);
  return g_test_run ();
}
