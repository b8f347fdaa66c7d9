/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "pst-hkdf.h"

G_BEGIN_DECLS

#define PST_TYPE_BEACON (pst_beacon_get_type ())
G_DECLARE_FINAL_TYPE (PstBeacon, pst_beacon, PST, BEACON, GObject)

/* Announces or hears rendezvous servers on the LAN.
 *
 * Signal of a listener:
 * - `found (const char *url, const char *id)`: a server that announces the nameplate
 *   or is the device listened for, as `ws://ADDRESS:PORT/v1`, and the id it says it has,
 *   each pair once. At most PST_BEACON_MAX_URLS are given, and of them at most
 *   PST_BEACON_MAX_URLS_OF_SOURCE that were heard from one address. The link-local address
 *   of an IPv6 neighbour keeps its zone (`%25eth0`); pst_wormhole_new() takes it so.
 *
 * Environment: PST_BEACON_LOOPBACK=1 confines beacons to the loopback
 * interface, for tests; Linux carries only those of IPv4 there. */

/* Whoever floods a network with false beacons takes a few places for each address they
 * have there, and leaves the others to the right server. Three at one address: this
 * program itself may announce as well, and another one may have begun anew. */
#define PST_BEACON_MAX_URLS           32
#define PST_BEACON_MAX_URLS_OF_SOURCE 3

#define PST_BEACON_MAX_BYTES 512

PstBeacon *pst_beacon_new_announcer (const char *nameplate, guint16 server_port);
PstBeacon *pst_beacon_new_listener (const char *nameplate);
PstBeacon *pst_beacon_new_device_announcer (const char *tag, const char *id, guint16 server_port);
PstBeacon *pst_beacon_new_device_listener (const guint8 secret[PST_KEY_BYTES], guint64 period);
char *pst_beacon_make_id (void);
gboolean pst_beacon_start (PstBeacon *self, GError **error);
void pst_beacon_stop (PstBeacon *self);

/* The addresses of this machine that others on its networks may reach (no
 * loopback, no link-local), best first; for invite links. */
GList *pst_beacon_list_addresses (void);

G_END_DECLS
