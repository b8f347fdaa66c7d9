/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-transfer.h"

G_BEGIN_DECLS

#define PST_TYPE_SESSION (pst_session_get_type ())
G_DECLARE_FINAL_TYPE (PstSession, pst_session, PST, SESSION, GObject)

typedef enum
{
  PST_SESSION_NEW,
  PST_SESSION_STARTING,     /* own server, beacon or the named server are being reached */
  PST_SESSION_WAITING,      /* the code is shown (host) or being looked for (guest) */
  PST_SESSION_PAIRING,      /* keys are being agreed */
  PST_SESSION_CONNECTING,   /* a path is being looked for and secured */
  PST_SESSION_CONNECTED,    /* transfers flow */
  PST_SESSION_RECONNECTING, /* the link is lost and being replaced; transfers wait */
  PST_SESSION_CLOSING,
  PST_SESSION_CLOSED
} PstSessionState;

/**
 * PstRemember:
 * @PST_REMEMBER_NONE: nobody has asked
 * @PST_REMEMBER_MY_WISH: this person wants to, the other one has not answered
 * @PST_REMEMBER_THEIR_WISH: the other person wants to, this one has not answered
 * @PST_REMEMBER_DECLINED: one of the two does not want to
 * @PST_REMEMBER_AGREED: both want to
 *
 * Whether two devices that were paired with a code are to remember each other.
 */
typedef enum
{
  PST_REMEMBER_NONE,
  PST_REMEMBER_MY_WISH,
  PST_REMEMBER_THEIR_WISH,
  PST_REMEMBER_DECLINED,
  PST_REMEMBER_AGREED
} PstRemember;

/**
 * PstSessionOptions:
 * @server_url: (nullable): mailbox server to pair through; %NULL for the LAN only
 * @stun_server: (nullable): `stun://HOST:PORT`
 * @turn_servers: (nullable) (array zero-terminated=1): `turn://USER:PASSWORD@HOST:PORT`
 * @relay_only: use no path but through a TURN server
 * @stock: use no element of our own below webrtcbin; it holds for all sessions of the
 *   process, the last one made decides
 * @limit_bps: bytes a second this side sends at most; 0 for no limit
 * @n_words: words in a code made here; 0 for the default
 * @reconnect_wait_s: for how many seconds a lost link is looked for at a time, at most
 *   %PST_SESSION_MAX_RECONNECT_WAIT_S; 0 for as long as nobody ends it
 * @display_name: (nullable): the name shown to the other person
 * @only_receives: whether this side will never send anything: two such sides end the
 *   session with %PST_ERROR_USAGE, since they would wait for each other
 * @journals: (nullable): the folder where receipts are noted, so that they can go on
 *   after the end of the program, an absolute path; %NULL to forget them then
 *
 * The settings of a session; pst_session_new() copies them.
 */
typedef struct
{
  const char *server_url;
  const char *stun_server;
  const char *const *turn_servers;
  gboolean relay_only;
  gboolean stock;
  guint64 limit_bps;
  guint n_words;
  guint reconnect_wait_s;
  const char *display_name;
  gboolean only_receives;
  const char *journals;
} PstSessionOptions;

#define PST_SESSION_MAX_RECONNECT_WAIT_S (30 * 24 * 3600)

/* Properties (read-only, notify on change): "state" (PstSessionState as int),
 * "code", "invite-uri", "verifier", "remember" (PstRemember as int), "route" (PstRoute
 * as int), and those of
 * PstExchange: "peer-name", "buffered-bytes", "high-mark-bytes", "low-mark-bytes",
 * "buffer-full", "buffer-growth-bps", "congested", "round-trip-us".
 *
 * Signals:
 * - `transfer-added (PstTransfer *transfer)`: ours or theirs
 * - `closed (GError *error)`: the session is over; error is NULL when both
 *   sides ended it in peace, PST_ERROR_CANCELLED when they left meanwhile. */

PstSession *pst_session_new (const PstSessionOptions *options);
void pst_session_host (PstSession *self, const char *code);
void pst_session_join (PstSession *self, const char *code_or_link);
void pst_session_meet (PstSession *self, GBytes *device_secret, gboolean host);
void pst_session_want_verifier (PstSession *self);
void pst_session_remember (PstSession *self, gboolean wanted);
PstRemember pst_session_get_remember (PstSession *self);
GBytes *pst_session_dup_device_secret (PstSession *self);
gboolean pst_session_is_meeting (PstSession *self);
PstTransfer *pst_session_send (PstSession *self, const char *const *paths);
PstSessionState pst_session_get_state (PstSession *self);
const char *pst_session_get_code (PstSession *self);
const char *pst_session_get_invite_uri (PstSession *self);
const char *pst_session_get_verifier (PstSession *self);
const char *pst_session_get_peer_name (PstSession *self);
const char *pst_session_get_server_url (PstSession *self);
GListModel *pst_session_get_transfers (PstSession *self);
void pst_session_reject (PstSession *self);
void pst_session_close_async (PstSession *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean pst_session_close_finish (PstSession *self, GAsyncResult *result, GError **error);

G_END_DECLS
