/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "pst-mailroom.h"

G_BEGIN_DECLS

#define PST_TYPE_RENDEZVOUS (pst_rendezvous_get_type ())
G_DECLARE_FINAL_TYPE (PstRendezvous, pst_rendezvous, PST, RENDEZVOUS, GObject)

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

/* The embedded mailbox server. One address of NULL listens on every interface,
 * IPv4 and IPv6; port 0 takes a free one. */
PstRendezvous *pst_rendezvous_new (void);
void pst_rendezvous_set_limits (PstRendezvous *self, const PstRendezvousLimits *limits);
gboolean pst_rendezvous_listen (PstRendezvous *self,
                                GInetAddress *address,
                                guint16 port,
                                GError **error);
guint16 pst_rendezvous_get_port (PstRendezvous *self);
guint pst_rendezvous_get_n_connections (PstRendezvous *self);
void pst_rendezvous_stop (PstRendezvous *self);

G_END_DECLS
