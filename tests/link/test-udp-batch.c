/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-udp-batch.h"

#include "udp-sockets.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define N_MOST 200

typedef struct
{
  UdpSocket from;
  UdpSocket to;
  PstUdpBatch *batch;
  guint n;
  struct iovec vectors[N_MOST];
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  udp_socket_open (&fixture->from, GPOINTER_TO_INT (data));
  udp_socket_open (&fixture->to, GPOINTER_TO_INT (data));
  fixture->batch = pst_udp_batch_new (fixture->from.fd, (struct sockaddr *)&fixture->to.address,
                                      fixture->to.length, -1);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < fixture->n; i++)
    g_free (fixture->vectors[i].iov_base);
  pst_udp_batch_free (fixture->batch);
  udp_socket_close (&fixture->from);
  udp_socket_close (&fixture->to);
}

static void
add (Fixture *fixture, gsize size, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      guint8 *data = g_malloc (size + 1);

      g_assert_cmpuint (fixture->n, <, N_MOST);
      udp_fill (data, size, 20, fixture->n);
      fixture->vectors[fixture->n++] = (struct iovec){ data, size };
    }
}

static void
send_all (Fixture *fixture)
{
  pst_udp_batch_send (fixture->batch, fixture->vectors, fixture->n);
}

/* Exactly the datagrams from @first on, in their order. */
static void
check_arrived (Fixture *fixture, guint first, guint n)
{
  g_autofree guint8 *data = g_malloc (65536);

  for (guint i = first; i < first + n; i++)
    {
      gssize size = udp_socket_receive (&fixture->to, data, 65536);

      g_assert_cmpint (size, ==, (gssize)fixture->vectors[i].iov_len);
      udp_check (data, (gsize)size, 20, i);
    }
}

static void
check_nothing_dropped (Fixture *fixture)
{
  PstUdpBatchStats stats = pst_udp_batch_get_stats (fixture->batch);

  g_assert_cmpuint (stats.sent, ==, fixture->n);
  g_assert_cmpuint (stats.dropped_full + stats.dropped_large + stats.dropped_error, ==, 0);
}

/* Runs and shorter ends of runs, a lone byte, an empty one, and some that the
 * kernel has to cut up. */
static void
add_mixture (Fixture *fixture)
{
  add (fixture, 1437, 70);
  add (fixture, 1436, 1);
  add (fixture, 1, 3);
  add (fixture, 0, 1);
  add (fixture, 1440, 2);
  add (fixture, 15000, 4);
  add (fixture, 700, 5);
  add (fixture, 701, 1);
  add (fixture, 1, 1);
}

static void
test_joined (Fixture *fixture, gconstpointer data)
{
  if (!pst_udp_batch_get_joining (fixture->batch))
    {
      g_test_skip ("this kernel segments no datagrams");
      return;
    }

  add_mixture (fixture);
  send_all (fixture);
  check_arrived (fixture, 0, fixture->n);
  g_assert_false (udp_socket_has_data (&fixture->to));
  check_nothing_dropped (fixture);
  g_assert_cmpuint (pst_udp_batch_get_stats (fixture->batch).joined, >=, 70);
  g_assert_true (pst_udp_batch_get_joining (fixture->batch));
}

static void
test_single (Fixture *fixture, gconstpointer data)
{
  pst_udp_batch_set_joining (fixture->batch, FALSE);
  add_mixture (fixture);
  send_all (fixture);
  check_arrived (fixture, 0, fixture->n);
  g_assert_false (udp_socket_has_data (&fixture->to));
  check_nothing_dropped (fixture);
  g_assert_cmpuint (pst_udp_batch_get_stats (fixture->batch).joined, ==, 0);
}

/* Every size there is, joined with its neighbours' sizes. */
static void
test_sizes (Fixture *fixture, gconstpointer data)
{
  for (gsize size = 1; size <= 1472; size += 3)
    {
      tear_down (fixture, data);
      fixture->n = 0;
      set_up (fixture, data);
      add (fixture, size, 5);
      add (fixture, size / 2 + 1, 2);
      send_all (fixture);
      check_arrived (fixture, 0, fixture->n);
      g_assert_false (udp_socket_has_data (&fixture->to));
    }
}

/* Without checksums the kernel refuses to segment. */
static void
test_refused (Fixture *fixture, gconstpointer data)
{
  int yes = 1;

  g_assert_cmpint (setsockopt (fixture->from.fd, SOL_SOCKET, SO_NO_CHECK, &yes, sizeof yes), ==, 0);
  add (fixture, 1000, 10);
  add (fixture, 900, 10);
  send_all (fixture);
  check_arrived (fixture, 0, fixture->n);
  g_assert_false (udp_socket_has_data (&fixture->to));
  check_nothing_dropped (fixture);
  g_assert_cmpuint (pst_udp_batch_get_stats (fixture->batch).joined, ==, 0);
  g_assert_false (pst_udp_batch_get_joining (fixture->batch));
}

/* Larger than UDP can carry: dropped alone. */
static void
test_too_large (Fixture *fixture, gconstpointer data)
{
  PstUdpBatchStats stats;

  add (fixture, 1000, 3);
  add (fixture, 66000, 1);
  add (fixture, 1000, 3);
  send_all (fixture);
  check_arrived (fixture, 0, 3);
  check_arrived (fixture, 4, 3);
  stats = pst_udp_batch_get_stats (fixture->batch);
  g_assert_cmpuint (stats.sent, ==, 6);
  g_assert_cmpuint (stats.dropped_large, ==, 1);
  g_assert_cmpuint (stats.dropped_full + stats.dropped_error, ==, 0);
}

/* The answer of a port nobody listens on is no reason to drop. */
static void
test_refused_port (Fixture *fixture, gconstpointer data)
{
  struct pollfd error = { .fd = fixture->from.fd };

  g_assert_cmpint (
      connect (fixture->from.fd, (struct sockaddr *)&fixture->to.address, fixture->to.length), ==,
      0);
  pst_udp_batch_free (fixture->batch);
  fixture->batch = pst_udp_batch_new (fixture->from.fd, NULL, 0, -1);
  udp_socket_close (&fixture->to);
  add (fixture, 100, 1);
  send_all (fixture);
  g_assert_cmpint (poll (&error, 1, 10000), ==, 1);
  send_all (fixture);
  g_assert_cmpuint (pst_udp_batch_get_stats (fixture->batch).sent, ==, 2);
  g_assert_cmpuint (pst_udp_batch_get_stats (fixture->batch).dropped_error, ==, 0);
  udp_socket_open (&fixture->to, GPOINTER_TO_INT (data));
}

static gboolean
enter_small_network (int mtu)
{
  struct ifreq lo = { .ifr_name = "lo" };
  int fd;
  gboolean done;

  if (unshare (CLONE_NEWNET) != 0 && unshare (CLONE_NEWUSER | CLONE_NEWNET) != 0)
    return FALSE;

  fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  lo.ifr_mtu = mtu;
  done = ioctl (fd, SIOCSIFMTU, &lo) == 0;
  lo.ifr_flags = IFF_UP | IFF_RUNNING;
  done = done && ioctl (fd, SIOCSIFFLAGS, &lo) == 0;
  close (fd);

  return done;
}

static void
check_small_mtu (void)
{
  Fixture fixture = { .n = 0 };
  PstUdpBatchStats stats;

  set_up (&fixture, GINT_TO_POINTER (AF_INET));
  add (&fixture, 1200, 4);
  add (&fixture, 1437, 4);
  add (&fixture, 15000, 2);
  add (&fixture, 1272, 4);
  send_all (&fixture);
  check_arrived (&fixture, 0, 4);
  check_arrived (&fixture, 8, 6);
  g_assert_false (udp_socket_has_data (&fixture.to));
  stats = pst_udp_batch_get_stats (fixture.batch);
  g_assert_cmpuint (stats.dropped_large, ==, 4);
  g_assert_cmpuint (stats.sent, ==, 10);
  g_assert_cmpuint (stats.joined, ==, 8);
  tear_down (&fixture, NULL);
}

/* What was to be one packet is not sent in pieces where it does not fit; what
 * was to be cut up is; and joining goes on below the limit. */
static void
test_small_mtu (void)
{
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_passed ();
      return;
    }

  if (enter_small_network (1300))
    check_small_mtu ();
}

/* --- a socket that fills up --- */

typedef struct
{
  int fds[2];
  int cancel;
  PstUdpBatch *batch;
  guint8 data[N_MOST];
  struct iovec vectors[N_MOST];
} Full;

static void
set_up_full (Full *full, gconstpointer data)
{
  int least = 1;

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, full->fds), ==, 0);
  g_assert_cmpint (setsockopt (full->fds[0], SOL_SOCKET, SO_SNDBUF, &least, sizeof least), ==, 0);
  full->cancel = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  full->batch = pst_udp_batch_new (full->fds[0], NULL, 0, full->cancel);
  for (guint i = 0; i < N_MOST; i++)
    {
      full->data[i] = (guint8)i;
      full->vectors[i] = (struct iovec){ &full->data[i], 1 };
    }
}

static void
tear_down_full (Full *full, gconstpointer data)
{
  pst_udp_batch_free (full->batch);
  close (full->fds[0]);
  close (full->fds[1]);
  close (full->cancel);
}

static gpointer
read_all (gpointer user_data)
{
  Full *full = user_data;

  for (guint i = 0; i < N_MOST; i++)
    {
      guint8 byte;

      g_assert_cmpint (recv (full->fds[1], &byte, 1, 0), ==, 1);
      g_assert_cmpuint (byte, ==, i);
    }

  return NULL;
}

static void
test_waits (Full *full, gconstpointer data)
{
  g_autoptr (GThread) reader = g_thread_new ("reader", read_all, full);
  PstUdpBatchStats stats;

  pst_udp_batch_send (full->batch, full->vectors, N_MOST);
  stats = pst_udp_batch_get_stats (full->batch);
  g_assert_cmpuint (stats.sent, ==, N_MOST);
  g_assert_cmpuint (stats.dropped_full + stats.dropped_error, ==, 0);
  g_thread_join (g_steal_pointer (&reader));
}

static void
test_stays_full (Full *full, gconstpointer data)
{
  PstUdpBatchStats stats;

  pst_udp_batch_send (full->batch, full->vectors, N_MOST);
  stats = pst_udp_batch_get_stats (full->batch);
  g_assert_cmpuint (stats.waits, >, 0);
  g_assert_cmpuint (stats.dropped_full, >, 0);
  g_assert_cmpuint (stats.sent + stats.dropped_full, ==, N_MOST);
}

static void
test_cancelled (Full *full, gconstpointer data)
{
  PstUdpBatchStats stats;

  g_assert_cmpint (eventfd_write (full->cancel, 1), ==, 0);
  pst_udp_batch_send (full->batch, full->vectors, N_MOST);
  stats = pst_udp_batch_get_stats (full->batch);
  g_assert_cmpuint (stats.waits, ==, 1);
  g_assert_cmpuint (stats.sent + stats.dropped_full, ==, N_MOST);
}

static void
add_test (const char *name, int family, void (*test) (Fixture *, gconstpointer))
{
  g_autofree char *path = g_strdup_printf ("/udp-batch/%s/%s", family == AF_INET6 ? "ipv6" : "ipv4",
                                           name);

  g_test_add (path, Fixture, GINT_TO_POINTER (family), set_up, test, tear_down);
}

static void
add_tests (int family)
{
  add_test ("joined", family, test_joined);
  add_test ("single", family, test_single);
  add_test ("sizes", family, test_sizes);
  add_test ("too-large", family, test_too_large);
  add_test ("refused-port", family, test_refused_port);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add_tests (AF_INET);
  if (udp_has_ipv6 ())
    add_tests (AF_INET6);
  add_test ("refused", AF_INET, test_refused);
  g_test_add_func ("/udp-batch/small-mtu", test_small_mtu);
  g_test_add ("/udp-batch/waits", Full, NULL, set_up_full, test_waits, tear_down_full);
  g_test_add ("/udp-batch/stays-full", Full, NULL, set_up_full, test_stays_full, tear_down_full);
  g_test_add ("/udp-batch/cancelled", Full, NULL, set_up_full, test_cancelled, tear_down_full);

  return g_test_run ();
}
