/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding the other person, and many files at once over one connection. */
#include "pst-error.h"
#include "pst-finished.h"
#include "pst-invite.h"
#include "pst-peer.h"
#include "pst-rendezvous.h"
#include "pst-wormhole.h"
#include "session-end.h"

typedef struct
{
  PstRendezvous *rendezvous;
  char *url;
  PstSessionOptions options;
} Server;

static void
server_init (Server *server)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GError) error = NULL;

  server->rendezvous = pst_rendezvous_new ();
  pst_rendezvous_listen (server->rendezvous, loopback, 0, &error);
  g_assert_no_error (error);
  server->url
      = g_strdup_printf ("ws://127.0.0.1:%u/v1", pst_rendezvous_get_port (server->rendezvous));
  server->options = (PstSessionOptions){ .server_url = server->url };
}

static void
server_clear (Server *server)
{
  g_clear_object (&server->rendezvous);
  g_clear_pointer (&server->url, g_free);
}

/* A file goes each way; then one side leaves, which the other sees. */
static void
check_connection (End *host, End *guest)
{
  End *ends[] = { host, guest };
  gint route;

  wait_for (end_get_state (host) == PST_SESSION_CONNECTED
            && end_get_state (guest) == PST_SESSION_CONNECTED);
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      End *sender = ends[i], *receiver = ends[1 - i];
      g_autofree char *path = make_file (sender->folder, i == 0 ? "one" : "two", 100000);
      PstTransfer *transfer = send_file (sender, path);

      end_accept_all (receiver);
      wait_for (pst_transfer_is_finished (transfer));
      g_assert_cmpint (pst_transfer_get_state (transfer), ==, PST_TRANSFER_DONE);
      g_assert_true (is_same_file (path, receiver->folder, i == 0 ? "one" : "two"));
    }

  g_object_get (host->session, "route", &route, NULL);
  g_assert_cmpint (route, ==, PST_ROUTE_LOCAL);
  end_close (host);
  g_assert_no_error (host->error);
  wait_within (END_CLOSE_TIMEOUT_S, guest->closed);
  g_assert_no_error (guest->error);
}

static void
test_by_code (void)
{
  PstSessionOptions options = { .display_name = "Ann\x1b[2J" };
  End host, guest;

  end_init (&host, &options);
  end_init_default (&guest);
  pst_session_host (host.session, NULL);
  g_assert_cmpint (end_get_state (&host), ==, PST_SESSION_STARTING);
  end_wait_for_code (&host);
  g_assert_cmpint (end_get_state (&host), ==, PST_SESSION_WAITING);
  g_assert_true (g_str_has_prefix (pst_session_get_code (host.session), "0"));

  pst_session_join (guest.session, pst_session_get_code (host.session));
  wait_for (end_get_state (&guest) >= PST_SESSION_CONNECTED);
  g_assert_nonnull (pst_session_get_peer_name (guest.session));
  g_assert_null (strchr (pst_session_get_peer_name (guest.session), '\x1b'));
  check_connection (&host, &guest);
  end_clear (&guest);
  end_clear (&host);
}

/* States are gone through in order, by both. */
static void
note_state (PstSession *session, GParamSpec *pspec, GString *states)
{
  g_string_append_printf (states, "%d ", pst_session_get_state (session));
}

static void
count_up (guint *n)
{
  ++*n;
}

static void
test_states (void)
{
  g_autoptr (GString) host_states = g_string_new (NULL);
  g_autoptr (GString) guest_states = g_string_new (NULL);
  End host, guest;

  end_init_default (&host);
  end_init_default (&guest);
  g_signal_connect (host.session, "notify::state", G_CALLBACK (note_state), host_states);
  g_signal_connect (guest.session, "notify::state", G_CALLBACK (note_state), guest_states);
  pst_session_host (host.session, NULL);
  end_wait_for_code (&host);
  pst_session_join (guest.session, pst_session_get_code (host.session));
  wait_for (end_get_state (&host) == PST_SESSION_CONNECTED
            && end_get_state (&guest) == PST_SESSION_CONNECTED);
  end_clear (&guest);
  end_clear (&host);
  g_assert_cmpstr (host_states->str, ==, "1 2 3 4 5 7 8 ");
  g_assert_cmpstr (guest_states->str, ==, "1 2 3 4 5 7 8 ");
}

/* Both people see the same words, and others the next time. */
static void
test_verifier (void)
{
  g_autofree char *before = NULL;

  for (guint i = 0; i < 2; i++)
    {
      guint n_notified = 0;
      End host, guest;

      end_init_default (&host);
      end_init_default (&guest);
      g_signal_connect_swapped (host.session, "notify::verifier", G_CALLBACK (count_up),
                                &n_notified);
      pst_session_host (host.session, "0271-tissue-coherence");
      end_wait_for_code (&host);
      g_assert_null (pst_session_get_verifier (host.session));
      pst_session_join (guest.session, pst_session_get_code (host.session));
      pst_session_want_verifier (host.session);
      wait_for (pst_session_get_verifier (host.session) != NULL);
      /* Also by who wants them later, or twice. */
      g_assert_null (pst_session_get_verifier (guest.session));
      pst_session_want_verifier (guest.session);
      pst_session_want_verifier (guest.session);
      wait_for (pst_session_get_verifier (host.session) != NULL
                && pst_session_get_verifier (guest.session) != NULL);
      g_assert_cmpuint (n_notified, ==, 1);
      g_assert_cmpstr (pst_session_get_verifier (host.session), ==,
                       pst_session_get_verifier (guest.session));
      g_assert_cmpstr (pst_session_get_verifier (host.session), !=, before);
      g_free (before);
      before = g_strdup (pst_session_get_verifier (host.session));
      end_clear (&guest);
      end_clear (&host);
    }
}

static void
test_by_link (void)
{
  g_autofree char *code = NULL;
  g_autofree char *url = NULL;
  End host, guest;

  end_init_default (&host);
  end_init_default (&guest);
  pst_session_host (host.session, NULL);
  end_wait_for_code (&host);
  g_assert_true (pst_invite_parse (pst_session_get_invite_uri (host.session), &code, &url, NULL));
  g_assert_cmpstr (code, ==, pst_session_get_code (host.session));
  g_assert_nonnull (url);

  pst_session_join (guest.session, pst_session_get_invite_uri (host.session));
  check_connection (&host, &guest);
  end_clear (&guest);
  end_clear (&host);
}

static void
test_by_server (void)
{
  Server server;
  End host, guest;

  server_init (&server);
  end_init (&host, &server.options);
  end_init (&guest, &server.options);
  pst_session_host (host.session, NULL);
  end_wait_for_code (&host);
  g_assert_false (g_str_has_prefix (pst_session_get_code (host.session), "0"));

  pst_session_join (guest.session, pst_session_get_code (host.session));
  check_connection (&host, &guest);
  end_clear (&guest);
  end_clear (&host);
  server_clear (&server);
}

/* The code decides where: one of this network is never asked for at a server. */
static void
test_local_code_beside_server (void)
{
  PstSessionOptions options = { .server_url = "ws://127.0.0.1:1/v1" };
  End host, guest;

  end_init_default (&host);
  end_init (&guest, &options);
  pst_session_host (host.session, "0271-tissue-coherence");
  end_wait_for_code (&host);
  g_assert_cmpstr (pst_session_get_code (host.session), ==, "0271-tissue-coherence");
  pst_session_join (guest.session, "0271-tissue-coherence");
  check_connection (&host, &guest);
  end_clear (&guest);
  end_clear (&host);
}

/* @data: "server", or NULL for this network. */
static void
test_wrong_code (gconstpointer data)
{
  g_autofree char *wrong = NULL;
  Server server;
  End host, guest;

  server_init (&server);
  if (data == NULL)
    server.options.server_url = NULL;
  end_init (&host, &server.options);
  end_init (&guest, &server.options);
  pst_session_host (host.session, NULL);
  end_wait_for_code (&host);
  wrong = end_dup_wrong_code (&host);
  pst_session_join (guest.session, wrong);
  end_wait_until_closed (&host, PST_ERROR_WRONG_CODE);
  end_wait_until_closed (&guest, PST_ERROR_WRONG_CODE);
  end_clear (&guest);
  end_clear (&host);
  server_clear (&server);
}

static void
check_join_fails (const PstSessionOptions *options, const char *code, int error)
{
  End guest;

  end_init (&guest, options);
  pst_session_join (guest.session, code);
  end_wait_until_closed (&guest, error);
  end_clear (&guest);
}

static void
check_host_fails (const PstSessionOptions *options, const char *code, int error)
{
  End host;

  end_init (&host, options);
  pst_session_host (host.session, code);
  end_wait_until_closed (&host, error);
  end_clear (&host);
}

static void
test_nobody_announces (void)
{
  PstSessionOptions nearby = { 0 };

  check_join_fails (&nearby, "0123-tissue-coherence", PST_ERROR_NOT_FOUND);
}

static void
test_nobody_waits (void)
{
  Server server;

  server_init (&server);
  check_join_fails (&server.options, "7-tissue-coherence", PST_ERROR_NOT_FOUND);
  server_clear (&server);
}

static void
test_no_server (void)
{
  PstSessionOptions options = { .server_url = "ws://127.0.0.1:1/v1" };

  check_join_fails (&options, "7-tissue-coherence", PST_ERROR_SERVER);
  check_host_fails (&options, NULL, PST_ERROR_SERVER);
}

static void
test_misuse (void)
{
  static const char *const malformed[] = { "", " ", "tissue", "7", "7-", "-tissue", "1234567890-tissue",
                                           "wormhole-transfer:", "https://example.org/", "7-\xff" };
  PstSessionOptions nearby = { 0 };
  PstSessionOptions by_server = { .server_url = "ws://127.0.0.1:1/v1" };

  check_host_fails (&by_server, "07-tissue-coherence", PST_ERROR_USAGE);
  check_host_fails (&nearby, "7-tissue-coherence", PST_ERROR_USAGE);
  check_join_fails (&nearby, "7-tissue-coherence", PST_ERROR_USAGE);
  for (guint i = 0; i < G_N_ELEMENTS (malformed); i++)
    check_join_fails (&nearby, malformed[i], PST_ERROR_BAD_CODE);
  check_host_fails (&nearby, "0", PST_ERROR_BAD_CODE);
}

static void
set_true (PstWormhole *wormhole, gpointer value, gboolean *flag)
{
  *flag = TRUE;
}

static void
on_wormhole_closed (GObject *source, GAsyncResult *result, gpointer closed)
{
  *(gboolean *) closed = TRUE;
}

/* Another program of the ecosystem: the keys agree, nothing else does. */
static void
test_stock_client (gconstpointer data)
{
  gboolean hosts = data != NULL;
  g_autoptr (PstWormhole) stock = NULL;
  gboolean has_code = FALSE, paired = FALSE, closed = FALSE;
  Server server;
  End end;

  server_init (&server);
  end_init (&end, &server.options);
  stock = pst_wormhole_new (server.url, PST_WORMHOLE_APPID);
  g_signal_connect (stock, "code", G_CALLBACK (set_true), &has_code);
  g_signal_connect (stock, "paired", G_CALLBACK (set_true), &paired);
  if (hosts)
    {
      pst_wormhole_host (stock, NULL, NULL, 2);
      wait_for (has_code);
      pst_session_join (end.session, pst_wormhole_get_code (stock));
    }
  else
    {
      pst_session_host (end.session, NULL);
      end_wait_for_code (&end);
      pst_wormhole_join (stock, pst_session_get_code (end.session));
    }
  end_wait_until_closed (&end, PST_ERROR_PROTOCOL);
  g_assert_true (paired);
  pst_wormhole_close_async (stock, PST_MOOD_ERRORY, on_wormhole_closed, &closed);
  wait_for (closed);
  end_clear (&end);
  server_clear (&server);
}

/* Many at once: how many of each direction, and how large each is. So much does
 * not fit into what the buffers hold, not by far. */
#define N_EACH_WAY 4
#define BIG_BYTES  (12 * 1024 * 1024)

typedef struct
{
  PstTransfer *transfers[2 * N_EACH_WAY];
  guint n;
  guint n_done;
} Crowd;

static void
on_crowd_state (PstTransfer *transfer, GParamSpec *pspec, Crowd *crowd)
{
  if (pst_transfer_get_state (transfer) != PST_TRANSFER_DONE)
    return;

  if (crowd->n_done++ == 0)
    for (guint i = 0; i < crowd->n; i++)
      {
        guint64 written_bytes = pst_transfer_get_written_bytes (crowd->transfers[i]);

        g_test_message ("when the first is done, %u has %" G_GUINT64_FORMAT, i, written_bytes);
        g_assert_cmpuint (written_bytes, >, 0);
      }
}

static void
crowd_send (Crowd *crowd, End *end, const char *name)
{
  g_autofree char *path = make_file (end->folder, name, BIG_BYTES);
  PstTransfer *transfer = send_file (end, path);

  g_signal_connect (transfer, "notify::state", G_CALLBACK (on_crowd_state), crowd);
  crowd->transfers[crowd->n++] = g_object_ref (transfer);
}

static void
test_crowd (void)
{
  Crowd crowd = { 0 };
  End host, guest;

  end_open_pair (&host, &guest);
  for (guint i = 0; i < N_EACH_WAY; i++)
    {
      g_autofree char *out = g_strdup_printf ("out%u", i);
      g_autofree char *back = g_strdup_printf ("back%u", i);

      crowd_send (&crowd, &host, out);
      crowd_send (&crowd, &guest, back);
    }
  wait_for (host.incoming->len == N_EACH_WAY && guest.incoming->len == N_EACH_WAY);
  end_accept_all (&host);
  end_accept_all (&guest);
  wait_within (4 * END_TIMEOUT_S, crowd.n_done == crowd.n);

  for (guint i = 0; i < N_EACH_WAY; i++)
    {
      g_autofree char *out = g_strdup_printf ("out%u", i);
      g_autofree char *back = g_strdup_printf ("back%u", i);
      g_autofree char *out_path = g_build_filename (host.folder, out, NULL);
      g_autofree char *back_path = g_build_filename (guest.folder, back, NULL);

      g_assert_true (is_same_file (out_path, guest.folder, out));
      g_assert_true (is_same_file (back_path, host.folder, back));
    }
  for (guint i = 0; i < crowd.n; i++)
    g_object_unref (crowd.transfers[i]);
  end_clear (&guest);
  end_clear (&host);
}

static void
check_list (End *end, PstTransfer *running)
{
  GListModel *transfers = pst_session_get_transfers (end->session);
  gboolean has_running = FALSE;
  guint n_finished = 0;

  for (guint i = 0; i < g_list_model_get_n_items (transfers); i++)
    {
      g_autoptr (PstTransfer) transfer = g_list_model_get_item (transfers, i);

      n_finished += pst_transfer_is_finished (transfer);
      has_running |= transfer == running;
    }
  /* The last one finished after it was looked for too many. */
  g_assert_cmpuint (n_finished, <=, PST_FINISHED_MAX + 1);
  g_assert_true (has_running);
}

/* Whatever comes and goes, the list holds the running one, and not too many
 * finished ones. */
static void
test_list_is_bounded (void)
{
  g_autofree char *first_path = NULL;
  PstTransfer *first;
  End host, guest;

  end_open_pair (&host, &guest);
  first_path = make_file (host.folder, "first", 1);
  first = send_file (&host, first_path);
  wait_for (guest.incoming->len == 1);
  guest.accepts = TRUE;

  for (guint i = 0; i < PST_FINISHED_MAX + 20; i++)
    {
      g_autofree char *name = g_strdup_printf ("tiny%u", i);
      g_autofree char *path = make_file (host.folder, name, i % 3);
      PstTransfer *transfer = send_file (&host, path);

      g_object_add_weak_pointer (G_OBJECT (transfer), (gpointer *) &transfer);
      wait_for (pst_transfer_is_finished (transfer));
      g_assert_cmpint (pst_transfer_get_state (transfer), ==, PST_TRANSFER_DONE);
      g_object_remove_weak_pointer (G_OBJECT (transfer), (gpointer *) &transfer);
    }
  check_list (&host, first);
  check_list (&guest, g_ptr_array_index (guest.incoming, 0));
  end_clear (&guest);
  end_clear (&host);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/by-code", test_by_code);
  g_test_add_func ("/session/states", test_states);
  g_test_add_func ("/session/verifier", test_verifier);
  g_test_add_func ("/session/by-link", test_by_link);
  g_test_add_func ("/session/by-server", test_by_server);
  g_test_add_func ("/session/local-code-beside-server", test_local_code_beside_server);
  g_test_add_data_func ("/session/wrong-code/nearby", NULL, test_wrong_code);
  g_test_add_data_func ("/session/wrong-code/server", "server", test_wrong_code);
  g_test_add_func ("/session/nobody-announces", test_nobody_announces);
  g_test_add_func ("/session/nobody-waits", test_nobody_waits);
  g_test_add_func ("/session/no-server", test_no_server);
  g_test_add_func ("/session/misuse", test_misuse);
  g_test_add_data_func ("/session/stock-client/joins", NULL, test_stock_client);
  g_test_add_data_func ("/session/stock-client/hosts", "hosts", test_stock_client);
  g_test_add_func ("/session/crowd", test_crowd);
  g_test_add_func ("/session/list-is-bounded", test_list_is_bounded);
  return g_test_run ();
}
