/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "pst-rendezvous-limits.h"

G_BEGIN_DECLS

#define PST_TYPE_RENDEZVOUS (pst_rendezvous_get_type ())
G_DECLARE_FINAL_TYPE (PstRendezvous, pst_rendezvous, PST, RENDEZVOUS, GObject)

/* The embedded mailbox server. One address of NULL listens on every interface,
 * IPv4 and IPv6; port 0 takes a free one. */
PstRendezvous *pst_rendezvous_new (void);
void pst_rendezvous_set_limits (PstRendezvous *self, const PstRendezvousLimits *limits);
gboolean
pst_rendezvous_listen (PstRendezvous *self, GInetAddress *address, guint16 port, GError **error);
guint16 pst_rendezvous_get_port (PstRendezvous *self);
guint pst_rendezvous_get_n_connections (PstRendezvous *self);
void pst_rendezvous_stop (PstRendezvous *self);

G_END_DECLS
