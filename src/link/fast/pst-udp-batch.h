/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <sys/socket.h>
#include <sys/uio.h>

G_BEGIN_DECLS

/* The most datagrams one call of pst_udp_batch_send() takes. */
#define PST_UDP_BATCH_MAX 256

/* How long a send waits for room in the socket before it drops, since the
 * last datagram that went through. */
#define PST_UDP_BATCH_PATIENCE_MS 200

/**
 * PstUdpBatchStats:
 * @sent: datagrams the kernel took
 * @joined: those of them that went as part of a larger segmented send
 * @calls: system calls that sent
 * @waits: times the socket was full and the sender waited
 * @dropped_full: datagrams dropped because the socket stayed full
 * @dropped_large: datagrams dropped because they do not fit the path
 * @dropped_error: datagrams the kernel refused for another reason
 *
 * What became of the datagrams of one sender.
 */
typedef struct
{
  guint64 sent;
  guint64 joined;
  guint64 calls;
  guint64 waits;
  guint64 dropped_full;
  guint64 dropped_large;
  guint64 dropped_error;
} PstUdpBatchStats;

typedef struct _PstUdpBatch PstUdpBatch;

PstUdpBatch *
pst_udp_batch_new (int fd, const struct sockaddr *to, socklen_t to_length, int cancel_fd);
void pst_udp_batch_free (PstUdpBatch *self);

void pst_udp_batch_set_joining (PstUdpBatch *self, gboolean joining);
gboolean pst_udp_batch_get_joining (PstUdpBatch *self);

void pst_udp_batch_send (PstUdpBatch *self, const struct iovec *datagrams, guint n_datagrams);
PstUdpBatchStats pst_udp_batch_get_stats (PstUdpBatch *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstUdpBatch, pst_udp_batch_free)

G_END_DECLS
