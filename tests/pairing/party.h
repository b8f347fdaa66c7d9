/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One side of a pairing and what became of it, a server for two of them, a peer
 * made by hand, and a server that is not to be trusted. */
#pragma once

#include "pst-rendezvous.h"
#include "pst-spake2.h"
#include "pst-wormhole.h"
#include "raw-client.h"

G_BEGIN_DECLS

/* Waits that a test can afford. */
extern const PstWormholeTiming party_quick;

typedef struct
{
  PstWormhole *wormhole;
  gboolean has_code;
  gboolean paired;
  gboolean failed;
  gboolean closed;
  gboolean enough; /* as many messages as wanted */
  gint64 peer_v;
  guint n_wanted;
  GString *messages;
  GError *error;
} Party;

Party *party_new (const char *url, int v);
void party_free (Party *party);
void party_send (Party *party, int n);
void party_close (Party *party, PstMood mood);
void party_pair (Party *host, Party *guest);
void party_assert_failed (Party *party, int code);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Party, party_free)

/* Serves on loopback; @url: where, may be NULL. */
PstRendezvous *party_serve (guint16 port, char **url);

/* A client that opens the mailbox behind a code, says what the test wants, and
 * with raw_peer_join() has come to a key. */
RawClient *raw_peer_open (const char *url, const char *code);
GBytes *raw_peer_await_pake (RawClient *raw);
void raw_peer_add_pake (RawClient *raw, PstSpake2 *agreement);
RawClient *raw_peer_join (const char *url, const char *code, guint8 *key);
void raw_peer_add (RawClient *raw, const char *phase, GBytes *body);
void raw_peer_add_sealed (RawClient *raw, const guint8 *key, const char *phase, const char *text);

/* Says what a test tells it to, to whoever connects. */
typedef struct
{
  GSocketService *service;
  SoupWebsocketConnection *websocket;
  const char *const *lines;
  const char *raw; /* instead of a WebSocket */
  GBytes *flood;   /* behind the lines, as bytes of the WebSocket */
  gboolean holds; /* does not hang up behind `raw` */
  guint n_incoming;
  GPtrArray *held;
  char *url;
} HostileServer;

void hostile_server_start (HostileServer *self);
void hostile_server_stop (HostileServer *self);

G_END_DECLS
