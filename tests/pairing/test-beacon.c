/* SPDX-License-Identifier: GPL-3.0-or-later */
/* With PST_TEST_BEACON_EXPECT=PATTERN and PST_TEST_NAMEPLATE, only hears until a
 * URL matching the pattern is found and a WebSocket to it opened: half of the
 * test between two namespaces. With PST_TEST_BEACON_SERVE, the other half. */
#include <netinet/in.h>
#include <string.h>

#include "pst-beacon.h"
#include "pst-rendezvous.h"
#include "raw-client.h"

static const char *pattern = "*";
static gboolean found;
static char *last_url;
static guint n_found;

static void
on_found (PstBeacon *beacon, const char *url)
{
  n_found++;
  if (!g_pattern_match_simple (pattern, url))
    return;

  g_free (last_url);
  last_url = g_strdup (url);
  found = TRUE;
}

static PstBeacon *
listen_for (const char *nameplate)
{
  PstBeacon *listener = pst_beacon_new_listener (nameplate);
  g_autoptr (GError) error = NULL;

  g_signal_connect (listener, "found", G_CALLBACK (on_found), NULL);
  pst_beacon_start (listener, &error);
  g_assert_no_error (error);
  return listener;
}

static PstBeacon *
announce (const char *nameplate, guint16 port)
{
  PstBeacon *announcer = pst_beacon_new_announcer (nameplate, port);
  g_autoptr (GError) error = NULL;

  pst_beacon_start (announcer, &error);
  g_assert_no_error (error);
  return announcer;
}

static char *
make_nameplate (void)
{
  return g_strdup_printf ("0%u", g_random_int_range (100000, 999999));
}

static void
test_loopback (gconstpointer data)
{
  g_autofree char *nameplate = make_nameplate ();
  g_autoptr (PstBeacon) listener = NULL;
  g_autoptr (PstBeacon) announcer = NULL;

  pattern = data;
  found = FALSE;
  listener = listen_for (nameplate);
  announcer = announce (nameplate, 4000);
  spin_until (&found);
  pst_beacon_stop (announcer);
  pst_beacon_stop (listener);
}

static void
test_other_nameplate (void)
{
  g_autoptr (PstBeacon) deaf = NULL;
  g_autoptr (PstBeacon) listener = NULL;
  g_autoptr (PstBeacon) other = NULL;
  g_autoptr (PstBeacon) announcer = NULL;
  g_autofree char *nameplate = make_nameplate ();
  guint n_before;

  pattern = "ws://127.0.0.1:4002/v1";
  found = FALSE;
  n_before = n_found;
  listener = listen_for (nameplate);
  other = announce ("01", 4001);
  announcer = announce (nameplate, 4002);
  spin_until (&found);
  g_assert_cmpuint (n_found, <=, n_before + 2);
  g_assert_nonnull (strstr (last_url, ":4002/"));
}

static gboolean
next_round (gpointer unused)
{
  g_assert_not_reached ();
  return G_SOURCE_REMOVE;
}

/* Who looks asks, and does not wait until the beacon is due. What has come is heard
 * before the time is looked at. */
static void
test_question (void)
{
  g_autofree char *nameplate = make_nameplate ();
  g_autoptr (PstBeacon) announcer = announce (nameplate, 4004);
  g_autoptr (PstBeacon) listener = NULL;
  guint source = g_timeout_add_full (G_PRIORITY_LOW, 1900, next_round, NULL, NULL);

  pattern = "ws://127.0.0.1:4004/v1";
  found = FALSE;
  listener = listen_for (nameplate);
  spin_until (&found);
  g_source_remove (source);
}

#define N_QUESTIONS 200

/* What others on the network hear and say. */
static GSocket *
make_neighbour (GSocketAddress **group)
{
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
                                             G_SOCKET_PROTOCOL_UDP, NULL);
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string ("239.255.112.115");

  *group = g_inet_socket_address_new (address, 28785);
  g_assert_true (g_socket_bind (socket, *group, TRUE, NULL));
  g_assert_true (g_socket_join_multicast_group (socket, address, FALSE, "lo", NULL));
  g_socket_set_blocking (socket, FALSE);
  return g_steal_pointer (&socket);
}

static guint
count_notices (GSocket *socket, const char *nameplate)
{
  char data[512];
  guint n = 0;
  gssize size;

  while ((size = g_socket_receive (socket, data, sizeof data, NULL, NULL)) > 0)
    n += g_strstr_len (data, size, nameplate) != NULL;
  return n;
}

/* However often somebody asks: the beacon of the start and two answers take their time. */
static void
test_question_flood (void)
{
  static const char question[] = "{\"penstock\":1,\"looking\":true}";
  g_autofree char *nameplate = make_nameplate ();
  g_autoptr (GSocketAddress) group = NULL;
  g_autoptr (GSocket) neighbour = make_neighbour (&group);
  gint64 began_us = g_get_monotonic_time ();
  g_autoptr (PstBeacon) announcer = announce (nameplate, 4005);
  struct ip_mreqn loopback = { .imr_ifindex = 1 };
  guint n = 0;

  g_assert_cmpint (setsockopt (g_socket_get_fd (neighbour), IPPROTO_IP, IP_MULTICAST_IF, &loopback,
                               sizeof loopback),
                   ==, 0);
  for (guint i = 0; i < N_QUESTIONS || n < 3; i++)
    {
      g_socket_send_to (neighbour, group, question, strlen (question), NULL, NULL);
      g_main_context_iteration (NULL, FALSE);
      n += count_notices (neighbour, nameplate);
    }
  g_assert_cmpint (g_get_monotonic_time () - began_us, >=, (gint64) (n - 1) * 249 * 1000);
}

static gboolean
set_flag (gpointer flag)
{
  *(gboolean *) flag = TRUE;
  return G_SOURCE_REMOVE;
}

/* However much is heard, what draws a window has its turn. */
static void
test_flood_waits (void)
{
  g_autofree char *nameplate = make_nameplate ();
  g_autoptr (PstBeacon) listener = NULL;
  g_autoptr (PstBeacon) announcer = NULL;
  gboolean drawn = FALSE;

  pattern = "*";
  found = FALSE;
  listener = listen_for (nameplate);
  announcer = announce (nameplate, 4003);
  g_idle_add_full (G_PRIORITY_HIGH_IDLE + 20, set_flag, &drawn, NULL);
  while (!drawn)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (found);
  spin_until (&found);
}

static void
test_addresses (void)
{
  GList *addresses = pst_beacon_list_addresses ();

  for (GList *l = addresses; l != NULL; l = l->next)
    {
      g_assert_false (g_inet_address_get_is_loopback (l->data));
      g_assert_false (g_inet_address_get_is_link_local (l->data));
    }
  g_list_free_full (addresses, g_object_unref);
}

static int
serve (const char *nameplate)
{
  g_autoptr (PstRendezvous) server = pst_rendezvous_new ();
  g_autoptr (PstBeacon) announcer = NULL;
  gboolean never = FALSE;

  g_assert_true (pst_rendezvous_listen (server, NULL, 0, NULL));
  announcer = announce (nameplate, pst_rendezvous_get_port (server));
  while (!never)
    g_main_context_iteration (NULL, TRUE);
  return 0;
}

static int
expect (const char *wanted, const char *nameplate)
{
  g_autoptr (PstBeacon) listener = listen_for (nameplate);
  g_autoptr (RawClient) client = NULL;
  g_autofree char *greeting = NULL;

  pattern = wanted;
  spin_until (&found);
  g_print ("# %s\n", last_url);
  client = raw_client_connect (last_url);
  greeting = raw_client_next (client);
  g_assert_nonnull (strstr (greeting, "welcome"));
  return 0;
}

int
main (int argc, char **argv)
{
  const char *wanted = g_getenv ("PST_TEST_BEACON_EXPECT");
  const char *nameplate = g_getenv ("PST_TEST_NAMEPLATE");

  if (g_getenv ("PST_TEST_BEACON_SERVE") != NULL)
    return serve (nameplate);
  if (wanted != NULL)
    return expect (wanted, nameplate);

  g_test_init (&argc, &argv, NULL);
  g_setenv ("PST_BEACON_LOOPBACK", "1", TRUE);
  g_test_add_data_func ("/beacon/loopback", "ws://127.0.0.1:4000/v1", test_loopback);
  g_test_add_func ("/beacon/other-nameplate", test_other_nameplate);
  g_test_add_func ("/beacon/question", test_question);
  g_test_add_func ("/beacon/question-flood", test_question_flood);
  g_test_add_func ("/beacon/flood-waits", test_flood_waits);
  g_test_add_func ("/beacon/addresses", test_addresses);
  return g_test_run ();
}
