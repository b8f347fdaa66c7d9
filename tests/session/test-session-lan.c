/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A network where others announce the same code: the right one is found, and
 * nobody gets more guesses than are granted. */
#include <string.h>

#include "pst-beacon.h"
#include "pst-error.h"
#include "pst-notice.h"
#include "pst-rendezvous.h"
#include "pst-wormhole.h"
#include "session-end.h"

#define NAMEPLATE  "0271"
#define CODE       NAMEPLATE "-tissue-coherence"
#define OTHER_CODE NAMEPLATE "-other-words"

/* Where beacons go (docs/protocol.md, On one network). */
#define GROUP "239.255.112.115"
#define PORT  28785

/* Says that the server with this @id is at @port of @address, an address of
 * loopback; so one that lies may be heard before all that do not. */
static void
announce (const char *address, guint16 port, const char *id)
{
  g_autofree char *notice = pst_notice_print (NAMEPLATE, port, id);
  g_autoptr (GSocketAddress) from = g_inet_socket_address_new_from_string (address, 0);
  g_autoptr (GSocketAddress) to = g_inet_socket_address_new_from_string (GROUP, PORT);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
                                             G_SOCKET_PROTOCOL_UDP, &error);

  g_assert_no_error (error);
  /* Multicast leaves through the interface of the address it comes from. */
  g_socket_bind (socket, from, FALSE, &error);
  g_assert_no_error (error);
  g_socket_send_to (socket, to, notice, strlen (notice), NULL, &error);
  g_assert_no_error (error);
}

/* Runs the key agreement with other words. */
typedef struct
{
  PstRendezvous *rendezvous;
  PstWormhole *wormhole;
  gboolean ready;
  gboolean guessed; /* the other side's `version` came, and did not open */
  gboolean ended;
} Liar;

static void
on_liar_code (PstWormhole *wormhole, const char *code, Liar *liar)
{
  liar->ready = TRUE;
}

static void
on_liar_failed (PstWormhole *wormhole, const GError *error, Liar *liar)
{
  liar->guessed = g_error_matches (error, PST_ERROR, PST_ERROR_WRONG_CODE);
}

static void
liar_init (Liar *liar)
{
  g_autofree char *url = NULL;
  g_autoptr (GError) error = NULL;

  *liar = (Liar){ .rendezvous = pst_rendezvous_new () };
  pst_rendezvous_listen (liar->rendezvous, NULL, 0, &error);
  g_assert_no_error (error);
  url = g_strdup_printf ("ws://127.0.0.1:%u/v1", pst_rendezvous_get_port (liar->rendezvous));
  liar->wormhole = pst_wormhole_new (url, PST_WORMHOLE_APPID);
  g_signal_connect (liar->wormhole, "code", G_CALLBACK (on_liar_code), liar);
  g_signal_connect (liar->wormhole, "failed", G_CALLBACK (on_liar_failed), liar);
  pst_wormhole_host (liar->wormhole, OTHER_CODE, NULL, 0);
  wait_for (liar->ready);
}

static void
on_liar_closed (GObject *source, GAsyncResult *result, gpointer liar)
{
  ((Liar *) liar)->ended = TRUE;
}

static void
liar_clear (Liar *liar)
{
  pst_wormhole_close_async (liar->wormhole, PST_MOOD_LONELY, on_liar_closed, liar);
  wait_for (liar->ended);
  g_clear_object (&liar->wormhole);
  g_clear_object (&liar->rendezvous);
}

static void
liar_announce (Liar *liar, const char *address, const char *id)
{
  announce (address, pst_rendezvous_get_port (liar->rendezvous), id);
}

/* Takes connections, as the system does that by itself, and says nothing. */
static GSocket *
make_silent_server (guint16 *port)
{
  g_autoptr (GInetAddress) any = g_inet_address_new_any (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (any, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
                                             G_SOCKET_PROTOCOL_TCP, &error);

  g_assert_no_error (error);
  g_socket_bind (socket, address, FALSE, &error);
  g_assert_no_error (error);
  g_socket_listen (socket, &error);
  g_assert_no_error (error);
  bound = g_socket_get_local_address (socket, &error);
  g_assert_no_error (error);
  *port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  return g_steal_pointer (&socket);
}

static void
start_guest (End *guest)
{
  end_init_default (guest);
  pst_session_join (guest->session, CODE);
  g_assert_cmpint (end_get_state (guest), ==, PST_SESSION_WAITING);
}

/* The right one is there as well, and is found in the end. */
static void
check_is_found (End *guest)
{
  End host;

  end_init_default (&host);
  pst_session_host (host.session, CODE);
  wait_for (end_get_state (guest) >= PST_SESSION_CONNECTED);
  g_assert_cmpint (end_get_state (guest), ==, PST_SESSION_CONNECTED);
  wait_for (end_get_state (&host) == PST_SESSION_CONNECTED);
  end_clear (guest);
  end_clear (&host);
}

/* One that lies, under both addresses a server may have. */
static void
test_liar (void)
{
  Liar liars[2];
  End guest;

  for (guint i = 0; i < G_N_ELEMENTS (liars); i++)
    liar_init (&liars[i]);
  start_guest (&guest);
  liar_announce (&liars[0], "127.0.0.1", "aa");
  liar_announce (&liars[1], "127.0.0.2", "aa");
  wait_for (liars[0].guessed);
  check_is_found (&guest);
  for (guint i = 0; i < G_N_ELEMENTS (liars); i++)
    liar_clear (&liars[i]);
}

static void
test_silent (void)
{
  guint16 port;
  g_autoptr (GSocket) silent = make_silent_server (&port);
  End guest;

  start_guest (&guest);
  announce ("127.0.0.1", port, "aa");
  announce ("127.0.0.2", port, "aa");
  announce ("127.0.0.3", port, "bb");
  announce ("127.0.0.4", port, "bb");
  check_is_found (&guest);
}

/* One that lies and one that keeps silent, both heard first. */
static void
test_liar_and_silent (void)
{
  guint16 port;
  g_autoptr (GSocket) silent = make_silent_server (&port);
  Liar liar;
  End guest;

  liar_init (&liar);
  start_guest (&guest);
  announce ("127.0.0.1", port, "aa");
  liar_announce (&liar, "127.0.0.1", "bb");
  announce ("127.0.0.2", port, "aa");
  check_is_found (&guest);
  g_assert_true (liar.guessed);
  liar_clear (&liar);
}

/* Nothing but silence: the person is told in the end. */
static void
test_only_silent (void)
{
  guint16 port;
  g_autoptr (GSocket) silent = make_silent_server (&port);
  End guest;

  start_guest (&guest);
  announce ("127.0.0.1", port, "aa");
  wait_for (guest.closed);
  g_assert_error (guest.error, PST_ERROR, PST_ERROR_SERVER);
  end_clear (&guest);
}

/* Nothing listens there: no guess is made, and the right one is found. */
static void
test_unreachable (void)
{
  End guest;

  start_guest (&guest);
  for (guint i = 1; i <= 2; i++)
    {
      g_autofree char *address = g_strdup_printf ("127.0.0.%u", i);

      announce (address, 1, "aa");
      announce (address, 2, "bb");
    }
  check_is_found (&guest);
}

/* As many as are believed, each at as many addresses. */
static void
test_guesses_are_counted (void)
{
  Liar liars[PST_BEACON_MAX_FOUND * PST_BEACON_MAX_URLS];
  guint n_guesses = 0;
  End guest;

  for (guint i = 0; i < G_N_ELEMENTS (liars); i++)
    liar_init (&liars[i]);
  start_guest (&guest);
  for (guint i = 0; i < G_N_ELEMENTS (liars); i++)
    {
      g_autofree char *address = g_strdup_printf ("127.0.0.%u", 1 + i % PST_BEACON_MAX_URLS);
      g_autofree char *id = g_strdup_printf ("%u", i / PST_BEACON_MAX_URLS);

      liar_announce (&liars[i], address, id);
    }
  end_wait_until_closed (&guest, PST_ERROR_WRONG_CODE);
  end_clear (&guest);
  for (guint i = 0; i < G_N_ELEMENTS (liars); i++)
    {
      n_guesses += liars[i].guessed;
      liar_clear (&liars[i]);
    }
  g_assert_cmpuint (n_guesses, ==, PST_BEACON_MAX_FOUND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/threats/11-beacon-only-proposes/liar", test_liar);
  g_test_add_func ("/session/lan/silent", test_silent);
  g_test_add_func ("/threats/11-beacon-only-proposes/liar-and-silent", test_liar_and_silent);
  g_test_add_func ("/session/lan/only-silent", test_only_silent);
  g_test_add_func ("/session/lan/unreachable", test_unreachable);
  g_test_add_func ("/threats/11-beacon-only-proposes/three-guesses", test_guesses_are_counted);
  return g_test_run ();
}
