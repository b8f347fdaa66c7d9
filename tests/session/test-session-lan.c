/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A network where others announce the same code: the right one is found, and
 * nobody gets more guesses than are granted. */
#include <string.h>

#include "pst-beacon.h"
#include "pst-error.h"
#include "pst-notice.h"
#include "pst-rendezvous.h"
#include "pst-session-private.h"
#include "pst-wormhole.h"
#include "session-end.h"

#define NAMEPLATE  "0271"
#define CODE       NAMEPLATE "-tissue-coherence"
#define OTHER_CODE NAMEPLATE "-other-words"

/* Where beacons go (docs/protocol.md, On one network). */
#define GROUP "239.255.112.115"
#define PORT  28785

/* Sends from @address, one of loopback. */
static GSocket *
make_announcer (const char *address)
{
  g_autoptr (GSocketAddress) from = g_inet_socket_address_new_from_string (address, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
                                             G_SOCKET_PROTOCOL_UDP, &error);

  g_assert_no_error (error);
  /* Multicast leaves through the interface of the address it comes from. */
  g_socket_bind (socket, from, FALSE, &error);
  g_assert_no_error (error);
  return g_steal_pointer (&socket);
}

static void
send_beacon (GSocket *socket, const char *bytes, gsize n_bytes)
{
  g_autoptr (GSocketAddress) to = g_inet_socket_address_new_from_string (GROUP, PORT);
  g_autoptr (GError) error = NULL;

  g_socket_send_to (socket, to, bytes, n_bytes, NULL, &error);
  g_assert_no_error (error);
}

/* Says that the server with this @id is at @port of @address; so one that lies may
 * be heard before all that do not. */
static void
announce (const char *address, guint16 port, const char *id)
{
  g_autofree char *notice = pst_notice_print (NAMEPLATE, port, id);
  g_autoptr (GSocket) socket = make_announcer (address);

  send_beacon (socket, notice, strlen (notice));
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
  if (end_get_state (guest) > PST_SESSION_CONNECTED)
    wait_for (guest->closed);
  g_assert_no_error (guest->error);
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
  liar_announce (&liar, "127.0.0.3", "bb");
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
  for (guint i = 2; i <= 4; i++)
    {
      g_autofree char *address = g_strdup_printf ("127.0.0.%u", i);

      announce (address, 1, "aa");
      announce (address, 2, "bb");
    }
  check_is_found (&guest);
}

/* Somebody who says, as often as the one that listens can take (or what the right one
 * says would be lost before anybody looks) and under a few addresses, all that a
 * beacon can say, and what it cannot. */
typedef struct
{
  GSocket *sockets[3];
  GSource *source;
  guint n_rounds;
  guint max_descriptors;
} Flood;

static guint
count_descriptors (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
flood_once (Flood *flood, GSocket *socket)
{
  static const char huge[60000];
  guint n = flood->n_rounds++;
  g_autofree char *id = g_strdup_printf ("%x", n);
  g_autofree char *ours = pst_notice_print (NAMEPLATE, 1 + n % 1000, id);
  g_autofree char *other = pst_notice_print ("0999", 1 + n % 1000, id);
  g_autofree char *nested = g_strnfill (PST_BEACON_MAX_BYTES, '[');

  send_beacon (socket, ours, strlen (ours));
  send_beacon (socket, ours, strlen (ours) / 2);
  send_beacon (socket, other, strlen (other));
  send_beacon (socket, nested, PST_BEACON_MAX_BYTES);
  send_beacon (socket, huge, n % sizeof huge);
}

static gboolean
on_flood (gpointer user_data)
{
  Flood *flood = user_data;

  for (guint i = 0; i < G_N_ELEMENTS (flood->sockets); i++)
    flood_once (flood, flood->sockets[i]);
  flood->max_descriptors = MAX (flood->max_descriptors, count_descriptors ());
  return G_SOURCE_CONTINUE;
}

static void
flood_start (Flood *flood)
{
  *flood = (Flood){ .source = g_timeout_source_new (1) };
  g_source_set_priority (flood->source, G_PRIORITY_LOW);
  for (guint i = 0; i < G_N_ELEMENTS (flood->sockets); i++)
    {
      g_autofree char *address = g_strdup_printf ("127.0.0.%u", 66 + i);

      flood->sockets[i] = make_announcer (address);
    }
  g_source_set_callback (flood->source, on_flood, flood, NULL);
  g_source_attach (flood->source, NULL);
}

static void
flood_stop (Flood *flood)
{
  g_source_destroy (flood->source);
  g_source_unref (flood->source);
  for (guint i = 0; i < G_N_ELEMENTS (flood->sockets); i++)
    g_object_unref (flood->sockets[i]);
}

/* Heard long before the right one, and all the time. */
static void
test_flood (void)
{
  guint n_before = count_descriptors ();
  Flood flood;
  End guest;

  start_guest (&guest);
  flood_start (&flood);
  wait_for (flood.n_rounds > 60);
  check_is_found (&guest);
  g_assert_cmpuint (flood.max_descriptors, <, n_before + 100);
  flood_stop (&flood);
}

/* Twice as many as are granted. */
static void
test_guesses_are_counted (void)
{
  Liar liars[2 * PST_SESSION_MAX_GUESSES];
  guint n_guesses = 0;
  End guest;

  for (guint i = 0; i < G_N_ELEMENTS (liars); i++)
    liar_init (&liars[i]);
  start_guest (&guest);
  for (guint i = 0; i < G_N_ELEMENTS (liars); i++)
    {
      g_autofree char *address = g_strdup_printf ("127.0.0.%u", 2 + i);
      g_autofree char *id = g_strdup_printf ("%u", i / 2);

      liar_announce (&liars[i], address, id);
    }
  end_wait_until_closed (&guest, PST_ERROR_WRONG_CODE);
  end_clear (&guest);
  for (guint i = 0; i < G_N_ELEMENTS (liars); i++)
    {
      n_guesses += liars[i].guessed;
      liar_clear (&liars[i]);
    }
  g_assert_cmpuint (n_guesses, ==, PST_SESSION_MAX_GUESSES);
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
  g_test_add_func ("/threats/11-beacon-only-proposes/flood-before", test_flood);
  g_test_add_func ("/threats/11-beacon-only-proposes/three-guesses", test_guesses_are_counted);
  return g_test_run ();
}
