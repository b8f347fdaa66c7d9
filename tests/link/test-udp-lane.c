/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-udp-lane.h"

#include "pst-udp-batch.h"
#include "udp-sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define STUN 1
#define DTLS 23

typedef struct
{
  UdpSocket agent;
  UdpSocket peer;
  UdpSocket stranger;
  PstUdpLane *lane;
  gboolean accepting;
  GPtrArray *received; /* GBytes */
} Fixture;

static void
open_lane (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fixture->lane = pst_udp_lane_new (fixture->agent.fd, (struct sockaddr *)&fixture->peer.address,
                                    &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  int family = GPOINTER_TO_INT (data);

  udp_socket_open (&fixture->agent, family);
  udp_socket_open (&fixture->peer, family);
  udp_socket_open (&fixture->stranger, family);
  fixture->received = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->lane, pst_udp_lane_free);
  g_ptr_array_unref (fixture->received);
  udp_socket_close (&fixture->agent);
  udp_socket_close (&fixture->peer);
  udp_socket_close (&fixture->stranger);
}

static void
on_data (guint8 *data, gsize size, gpointer block, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_ptr_array_add (fixture->received, g_bytes_new_with_free_func (data, size, pst_udp_block_unref,
                                                                  pst_udp_block_ref (block)));
}

static gboolean
on_stranger (const struct sockaddr *from, gpointer user_data)
{
  Fixture *fixture = user_data;
  socklen_t length = fixture->stranger.length;

  g_assert_cmpmem (from, length, &fixture->stranger.address, length);
  return fixture->accepting;
}

static gboolean
receive (Fixture *fixture)
{
  return pst_udp_lane_receive (fixture->lane, on_data, on_stranger, fixture);
}

static void
receive_until (Fixture *fixture, guint n)
{
  struct pollfd fd = { .fd = pst_udp_lane_get_fd (fixture->lane), .events = POLLIN };

  while (fixture->received->len < n)
    {
      g_assert_cmpint (poll (&fd, 1, 10000), ==, 1);
      receive (fixture);
    }
  g_assert_cmpuint (fixture->received->len, ==, n);
}

static gsize
get_size (Fixture *fixture, guint index)
{
  return g_bytes_get_size (g_ptr_array_index (fixture->received, index));
}

static void
check_agent_gets (Fixture *fixture, guint8 first, gssize size)
{
  guint8 data[2048];

  g_assert_cmpint (udp_socket_receive (&fixture->agent, data, sizeof data), ==, size);
  g_assert_cmpuint (data[0], ==, first);
}

static void
test_sorted (Fixture *fixture, gconstpointer data)
{
  udp_socket_send (&fixture->peer, &fixture->agent, DTLS, 90);
  open_lane (fixture);
  for (guint first = 0; first < 256; first++)
    udp_socket_send (&fixture->peer, &fixture->agent, (guint8)first, 100 + first);

  /* What came before the lane stays where it was. */
  check_agent_gets (fixture, DTLS, 90);
  for (guint first = 0; first < 256; first++)
    if (first < 20 || first > 63)
      check_agent_gets (fixture, (guint8)first, 100 + (gssize)first);
  g_assert_false (udp_socket_has_data (&fixture->agent));

  receive_until (fixture, 44);
  for (guint i = 0; i < 44; i++)
    g_assert_cmpuint (get_size (fixture, i), ==, 120 + i);
  g_assert_false (receive (fixture));
  g_assert_cmpuint (pst_udp_lane_get_stats (fixture->lane).strays, ==, 0);
}

/* Afterwards all is as it was, and a lane can be opened again. */
static void
test_again (Fixture *fixture, gconstpointer data)
{
  for (guint round = 0; round < 20; round++)
    {
      open_lane (fixture);
      udp_socket_send (&fixture->peer, &fixture->agent, DTLS, 100);
      udp_socket_send (&fixture->peer, &fixture->agent, STUN, 100);
      pst_udp_lane_retire (fixture->lane);
      udp_socket_send (&fixture->peer, &fixture->agent, DTLS, 101);
      receive_until (fixture, round + 1);
      g_assert_cmpuint (get_size (fixture, round), ==, 100);
      g_clear_pointer (&fixture->lane, pst_udp_lane_free);
      udp_socket_send (&fixture->peer, &fixture->agent, DTLS, 102);

      check_agent_gets (fixture, STUN, 100);
      check_agent_gets (fixture, DTLS, 101);
      check_agent_gets (fixture, DTLS, 102);
    }
}

static void
test_strangers (Fixture *fixture, gconstpointer data)
{
  open_lane (fixture);
  udp_socket_send (&fixture->stranger, &fixture->agent, DTLS, 100);
  udp_socket_send (&fixture->peer, &fixture->agent, DTLS, 200);
  receive_until (fixture, 1);
  g_assert_cmpuint (get_size (fixture, 0), ==, 200);
  g_assert_cmpuint (pst_udp_lane_get_stats (fixture->lane).strangers, ==, 1);

  fixture->accepting = TRUE;
  udp_socket_send (&fixture->stranger, &fixture->agent, DTLS, 100);
  receive_until (fixture, 2);
  udp_socket_send (&fixture->stranger, &fixture->agent, STUN, 100);
  check_agent_gets (fixture, STUN, 100);
}

static void
send_batch (Fixture *fixture, gsize size, guint n, guint from_number)
{
  g_autoptr (PstUdpBatch) batch = pst_udp_batch_new (
      fixture->peer.fd, (struct sockaddr *)&fixture->agent.address, fixture->agent.length, -1);
  g_autofree guint8 *data = g_malloc (size * n);
  struct iovec vectors[PST_UDP_BATCH_MAX];

  for (guint i = 0; i < n; i++)
    {
      udp_fill (data + i * size, size, DTLS, from_number + i);
      vectors[i] = (struct iovec){ data + i * size, size };
    }
  pst_udp_batch_send (batch, vectors, n);
}

/* Small, large, coalesced: all whole, whatever the lane expected, and still
 * whole when everything has arrived. */
static void
test_sizes (Fixture *fixture, gconstpointer data)
{
  static const gsize sizes[] = { 1, 100, 1437, 15000, 1437, 60000, 20, 15000 };
  guint n = 0;

  open_lane (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      send_batch (fixture, sizes[i], 5, n);
      receive_until (fixture, n += 5);
    }

  for (guint i = 0; i < n; i++)
    {
      gsize size;
      const guint8 *bytes = g_bytes_get_data (g_ptr_array_index (fixture->received, i), &size);

      g_assert_cmpuint (size, ==, sizes[i / 5]);
      udp_check (bytes, size, DTLS, i);
    }
}

/* After large ones the memory is laid out for small ones again. */
static void
test_layout (Fixture *fixture, gconstpointer data)
{
  PstUdpLaneStats stats;
  guint n = 0;

  open_lane (fixture);
  for (guint round = 0; round < 3; round++)
    {
      send_batch (fixture, 15000, 4, 0);
      receive_until (fixture, n += 4);
      for (guint i = 0; i < 300; i++)
        {
          udp_socket_send (&fixture->peer, &fixture->agent, DTLS, 1000);
          receive_until (fixture, ++n);
        }
    }

  stats = pst_udp_lane_get_stats (fixture->lane);
  g_assert_cmpuint (stats.received, ==, n);
  g_assert_cmpuint (stats.overlong, >=, 3);
}

static void
test_coalesced (Fixture *fixture, gconstpointer data)
{
  open_lane (fixture);
  send_batch (fixture, 1437, 40, 0);
  receive_until (fixture, 40);
  if (pst_udp_lane_get_stats (fixture->lane).coalesced == 0)
    g_test_skip ("this kernel coalesces no datagrams");
  else
    g_assert_cmpuint (pst_udp_lane_get_stats (fixture->lane).calls, <, 10);
}

/* DTLS with a check behind it, as a network card's driver may join them. */
static void
send_with_check (Fixture *fixture)
{
  guint8 data[2][200] = { { DTLS }, { STUN } };
  struct iovec vectors[] = { { data[0], 200 }, { data[1], 100 } };
  g_autoptr (PstUdpBatch) batch = pst_udp_batch_new (
      fixture->peer.fd, (struct sockaddr *)&fixture->agent.address, fixture->agent.length, -1);

  pst_udp_batch_send (batch, vectors, 2);
}

/* A check is never taken for data. */
static void
test_stray (Fixture *fixture, gconstpointer data)
{
  open_lane (fixture);
  for (guint i = 1; i <= 3; i++)
    {
      send_with_check (fixture);
      receive_until (fixture, i);
      g_assert_cmpuint (get_size (fixture, i - 1), ==, 200);
    }

  while (receive (fixture))
    ;
  g_assert_cmpuint (fixture->received->len, ==, 3);
  g_assert_true (pst_udp_lane_is_sound (fixture->lane));
}

static gboolean
is_at_time (gint64 time_us)
{
  return g_get_monotonic_time () >= time_us;
}

/* When they come all the same, the lane says that it is no good. */
static void
test_unsound (Fixture *fixture, gconstpointer data)
{
  gint64 end_us = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  guint n = 0;

  open_lane (fixture);
  send_with_check (fixture);
  receive_until (fixture, ++n);
  if (pst_udp_lane_get_stats (fixture->lane).strays == 0)
    {
      g_test_skip ("this kernel joins nothing");
      return;
    }

  while (pst_udp_lane_is_sound (fixture->lane) && !is_at_time (end_us))
    {
      send_with_check (fixture);
      receive_until (fixture, ++n);
    }
  g_assert_false (pst_udp_lane_is_sound (fixture->lane));
}

static void
check_refused (int fd, const UdpSocket *peer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PstUdpLane) lane = pst_udp_lane_new (fd, (const struct sockaddr *)&peer->address,
                                                  &error);

  g_assert_null (lane);
  g_assert_nonnull (error);
}

/* Nothing changes when there can be no lane. */
static void
test_refused (Fixture *fixture, gconstpointer data)
{
  UdpSocket other;
  int shared;
  socklen_t length = sizeof shared;

  udp_socket_open (&other, GPOINTER_TO_INT (data) == AF_INET ? AF_INET6 : AF_INET);
  check_refused (fixture->agent.fd, &other);
  check_refused (-1, &fixture->peer);
  udp_socket_close (&other);

  g_assert_cmpint (getsockopt (fixture->agent.fd, SOL_SOCKET, SO_REUSEPORT, &shared, &length), ==,
                   0);
  g_assert_false (shared);
  udp_socket_send (&fixture->peer, &fixture->agent, DTLS, 100);
  check_agent_gets (fixture, DTLS, 100);
}

static void
add_test (const char *name, int family, void (*test) (Fixture *, gconstpointer))
{
  g_autofree char *path = g_strdup_printf ("/udp-lane/%s/%s", family == AF_INET6 ? "ipv6" : "ipv4",
                                           name);

  g_test_add (path, Fixture, GINT_TO_POINTER (family), set_up, test, tear_down);
}

static void
add_tests (int family)
{
  add_test ("sorted", family, test_sorted);
  add_test ("again", family, test_again);
  add_test ("strangers", family, test_strangers);
  add_test ("sizes", family, test_sizes);
  add_test ("layout", family, test_layout);
  add_test ("coalesced", family, test_coalesced);
  add_test ("stray", family, test_stray);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add_tests (AF_INET);
  add_test ("unsound", AF_INET, test_unsound);
  if (udp_has_ipv6 ())
    {
      add_tests (AF_INET6);
      add_test ("refused", AF_INET, test_refused);
    }

  return g_test_run ();
}
