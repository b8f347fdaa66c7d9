/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <sys/socket.h>

G_BEGIN_DECLS

/* A socket on loopback, for tests. */
typedef struct
{
  int fd;
  struct sockaddr_storage address;
  socklen_t length;
} UdpSocket;

void udp_socket_open (UdpSocket *self, int family);
void udp_socket_close (UdpSocket *self);
void udp_socket_send (UdpSocket *self, const UdpSocket *to, guint8 first, gsize size);
gssize udp_socket_receive (UdpSocket *self, guint8 *data, gsize size);
gboolean udp_socket_has_data (UdpSocket *self);

gboolean udp_has_ipv6 (void);

void udp_fill (guint8 *data, gsize size, guint8 first, guint number);
void udp_check (const guint8 *data, gsize size, guint8 first, guint number);

G_END_DECLS
