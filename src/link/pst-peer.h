/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "pst-channel.h"

G_BEGIN_DECLS

#define PST_TYPE_PEER (pst_peer_get_type ())
G_DECLARE_FINAL_TYPE (PstPeer, pst_peer, PST, PEER, GObject)

/**
 * PstPeerConfig:
 * @offerer: whether this side makes the SDP offer
 * @local_side: this side's name in the pairing (hex)
 * @remote_side: the other side's name
 * @epoch: the number of this connection within the pairing, from 0
 * @link: the number of the link within the epoch, 0 for the first
 * @bind_key: 32 bytes both sides share; the binding frames are made with it
 * @stun_server: (nullable): `stun://HOST:PORT`
 * @turn_servers: (nullable) (array zero-terminated=1): `turn://USER:PASSWORD@HOST:PORT?transport=…`
 * @relay_only: whether to use no path but through a TURN server
 * @stock: whether to use no element of our own below webrtcbin
 *
 * What a connection needs to know. pst_peer_new() copies it.
 */
typedef struct
{
  gboolean offerer;
  const char *local_side;
  const char *remote_side;
  guint32 epoch;
  guint16 link;
  GBytes *bind_key;
  const char *stun_server;
  const char *const *turn_servers;
  gboolean relay_only;
  gboolean stock;
} PstPeerConfig;

/* States go only forward. */
typedef enum
{
  PST_PEER_NEW,        /* made, not started */
  PST_PEER_CONNECTING, /* looking for a path */
  PST_PEER_SECURING,   /* a path is there; certificate and binding are being checked */
  PST_PEER_OPEN,       /* frames flow */
  PST_PEER_CLOSED      /* gone, by either side or by failure */
} PstPeerState;

typedef enum
{
  PST_ROUTE_UNKNOWN,
  PST_ROUTE_LOCAL,  /* host candidates on both sides: this network */
  PST_ROUTE_DIRECT, /* through NATs, but straight */
  PST_ROUTE_RELAY   /* through a TURN server */
} PstRoute;

/* Signals, beside those of PstChannel (which a PstPeer implements; `frame` is
 * only emitted for frames after the binding frame, in state OPEN):
 *
 * - `signal (JsonObject *message)`: hand this to the other side, sealed. The
 *   object is what stands under "penstock" in a numeric phase (docs/protocol.md).
 * - `opened (void)`: state became OPEN.
 *
 * `closed` also tells of failures before OPEN (PST_ERROR_NO_PATH,
 * PST_ERROR_TAMPERED, PST_ERROR_PROTOCOL, PST_ERROR_LOST).
 *
 * Properties: "state" (PstPeerState as int), "route" (PstRoute as int); both
 * read-only, notify only on change. */

PstPeer *pst_peer_new (const PstPeerConfig *config, GError **error);
gboolean pst_peer_start (PstPeer *self, GError **error);
gboolean pst_peer_take_signal (PstPeer *self, JsonObject *message, GError **error);
PstPeerState pst_peer_get_state (PstPeer *self);
PstRoute pst_peer_get_route (PstPeer *self);
gboolean pst_peer_has_addresses (PstPeer *self);
void pst_peer_close_async (PstPeer *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean pst_peer_close_finish (PstPeer *self, GAsyncResult *result, GError **error);

G_END_DECLS
