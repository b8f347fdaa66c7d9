/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-mailroom.h"

G_BEGIN_DECLS

/**
 * PstRendezvousLimits:
 * @max_connections: connections held at a time
 * @max_connections_per_address: of them, from one address
 * @handshake_ms: how long a connection may take to become a WebSocket
 * @idle_ms: how long a client or a mailbox may show no sign of life
 * @burst: commands a client may send at once
 * @commands_per_s: commands a second it may send in the long run
 * @max_commands: commands on one connection in all
 * @max_unread_bytes: what may wait for a client that does not read
 * @stuck_ms: how long such a client may read nothing at all
 * @mailroom: what the mailboxes may hold
 *
 * What the embedded server admits.
 */
typedef struct
{
  guint max_connections;
  guint max_connections_per_address;
  guint handshake_ms;
  guint idle_ms;
  guint burst;
  guint commands_per_s;
  guint max_commands;
  gsize max_unread_bytes;
  guint stuck_ms;
  PstMailroomLimits mailroom;
} PstRendezvousLimits;

extern const PstRendezvousLimits pst_rendezvous_default_limits;

G_END_DECLS
