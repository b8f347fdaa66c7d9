/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "udp-sockets.h"

#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS 10000

static void
set_loopback (UdpSocket *self, int family)
{
  struct sockaddr_in *in4 = (gpointer)&self->address;
  struct sockaddr_in6 *in6 = (gpointer)&self->address;

  memset (&self->address, 0, sizeof self->address);
  self->address.ss_family = (sa_family_t)family;
  self->length = family == AF_INET6 ? sizeof *in6 : sizeof *in4;
  if (family == AF_INET6)
    in6->sin6_addr = in6addr_loopback;
  else
    in4->sin_addr.s_addr = htonl (INADDR_LOOPBACK);
}

/* Binds to a port of its own on loopback. */
void
udp_socket_open (UdpSocket *self, int family)
{
  int bytes = 4 * 1024 * 1024;

  set_loopback (self, family);
  self->fd = socket (family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (self->fd, >=, 0);
  g_assert_cmpint (bind (self->fd, (struct sockaddr *)&self->address, self->length), ==, 0);
  g_assert_cmpint (getsockname (self->fd, (struct sockaddr *)&self->address, &self->length), ==, 0);
  (void)setsockopt (self->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

void
udp_socket_close (UdpSocket *self)
{
  close (self->fd);
  self->fd = -1;
}

void
udp_socket_send (UdpSocket *self, const UdpSocket *to, guint8 first, gsize size)
{
  g_autofree guint8 *data = g_malloc0 (size);

  data[0] = first;
  g_assert_cmpint (
      sendto (self->fd, data, size, 0, (const struct sockaddr *)&to->address, to->length), ==,
      (gssize)size);
}

static gboolean
wait_for_data (UdpSocket *self, int timeout_ms)
{
  struct pollfd fd = { .fd = self->fd, .events = POLLIN };

  return poll (&fd, 1, timeout_ms) == 1;
}

/* Waits for one datagram; fails the test when none comes. */
gssize
udp_socket_receive (UdpSocket *self, guint8 *data, gsize size)
{
  g_assert_true (wait_for_data (self, PATIENCE_MS));
  return recv (self->fd, data, size, MSG_DONTWAIT);
}

gboolean
udp_socket_has_data (UdpSocket *self)
{
  return wait_for_data (self, 0);
}

/* Bytes that tell one datagram from any other. */
void
udp_fill (guint8 *data, gsize size, guint8 first, guint number)
{
  for (gsize i = 0; i < size; i++)
    data[i] = (guint8)(number * 31 + number / 256 + i * 7);
  if (size > 0)
    data[0] = first;
}

void
udp_check (const guint8 *data, gsize size, guint8 first, guint number)
{
  g_autofree guint8 *expected = g_malloc (size + 1);

  udp_fill (expected, size, first, number);
  g_assert_cmpmem (data, size, expected, size);
}

gboolean
udp_has_ipv6 (void)
{
  struct sockaddr_in6 loopback = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
  int fd = socket (AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  gboolean can = fd >= 0 && bind (fd, (struct sockaddr *)&loopback, sizeof loopback) == 0;

  if (fd >= 0)
    close (fd);
  return can;
}
