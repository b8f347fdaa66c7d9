/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <sys/socket.h>

G_BEGIN_DECLS

/**
 * PstUdpLaneStats:
 * @calls: system calls that received something
 * @received: datagrams handed over
 * @coalesced: those of them that came as part of a larger one
 * @strangers: datagrams dropped for where they came from
 * @strays: datagrams dropped because they are not DTLS
 * @overlong: datagrams that did not fit the memory laid out for them, and
 *   cost a copy
 *
 * What came in on a lane.
 */
typedef struct
{
  guint64 calls;
  guint64 received;
  guint64 coalesced;
  guint64 strangers;
  guint64 strays;
  guint64 overlong;
} PstUdpLaneStats;

/**
 * PstUdpLaneReceive:
 * @data: a datagram
 * @size: its size in bytes, at least 1
 * @block: the memory it lies in; pst_udp_block_ref() keeps it
 * @user_data: the closure
 *
 * Takes one datagram.
 */
typedef void (*PstUdpLaneReceive) (guint8 *data, gsize size, gpointer block, gpointer user_data);

/**
 * PstUdpLaneAccept:
 * @from: where a datagram came from that is not the lane's peer
 * @user_data: the closure
 *
 * Returns: whether it is to be received all the same
 */
typedef gboolean (*PstUdpLaneAccept) (const struct sockaddr *from, gpointer user_data);

typedef struct _PstUdpLane PstUdpLane;

PstUdpLane *pst_udp_lane_new (int fd, const struct sockaddr *peer, GError **error);
void pst_udp_lane_free (PstUdpLane *self);

int pst_udp_lane_get_fd (PstUdpLane *self);
gboolean pst_udp_lane_is_sound (PstUdpLane *self);
void pst_udp_lane_retire (PstUdpLane *self);
gboolean pst_udp_lane_receive (PstUdpLane *self,
                               PstUdpLaneReceive receive,
                               PstUdpLaneAccept accept,
                               gpointer user_data);
PstUdpLaneStats pst_udp_lane_get_stats (PstUdpLane *self);

gpointer pst_udp_block_ref (gpointer block);
void pst_udp_block_unref (gpointer block);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstUdpLane, pst_udp_lane_free)

G_END_DECLS
