/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "pst-meeting.h"

G_BEGIN_DECLS

#define PST_TYPE_WORMHOLE (pst_wormhole_get_type ())
G_DECLARE_FINAL_TYPE (PstWormhole, pst_wormhole, PST, WORMHOLE, GObject)

/* The application id of the file transfer ecosystem (magic-wormhole). */
#define PST_WORMHOLE_APPID "lothar.com/wormhole/text-or-file-xfer"

/* At a meeting, a side that does the same as this one answers within so long, or has
 * vanished: two rounds through a server, which is hardly ever more than a second away. */
#define PST_WORMHOLE_DOUBT_MS 5000

/* One message's JSON: sealed and in hex it stays within a frame of 64 KiB. */
#define PST_WORMHOLE_MAX_MESSAGE_BYTES (31 * 1024)

typedef enum
{
  PST_MOOD_HAPPY,
  PST_MOOD_LONELY,
  PST_MOOD_SCARY,
  PST_MOOD_ERRORY
} PstMood;

typedef enum
{
  PST_WORMHOLE_NEW,
  PST_WORMHOLE_CONNECTING, /* reaching the server, bind, allocate, claim, open */
  PST_WORMHOLE_WAITING,    /* our pake is there, theirs is not */
  PST_WORMHOLE_PAIRING,    /* keys are being agreed and confirmed */
  PST_WORMHOLE_PAIRED,     /* their version decrypted: messages flow */
  PST_WORMHOLE_CLOSED
} PstWormholeState;

/**
 * PstWormholeTiming:
 * @answer_ms: how long a server may take to accept a connection or to answer
 * @retry_first_ms: the pause before the first new attempt after a loss
 * @retry_max_ms: the longest pause, reached by doubling
 * @retry_total_ms: how long a loss may last before the pairing is done
 * @ping_ms: how often the server is asked whether it is still there
 * @close_ms: how long closing may take
 *
 * The time-outs of a #PstWormhole.
 */
typedef struct
{
  guint answer_ms;
  guint retry_first_ms;
  guint retry_max_ms;
  guint retry_total_ms;
  guint ping_ms;
  guint close_ms;
} PstWormholeTiming;

extern const PstWormholeTiming pst_wormhole_default_timing;

/* Property: "state" (PstWormholeState as int; read-only, notify on change).
 * The step to PAIRING is the one that gives whoever is there a guess at the
 * code: our `version` is out.
 *
 * Signals:
 *
 * - `code (const char *code)`: the whole code is known (host side; once)
 * - `paired (JsonObject *app_version)`: their `version` decrypted. The object
 *   is what they carry under app_versions.penstock, or NULL when the other
 *   side is a stock wormhole client.
 * - `message (JsonObject *message)`: what stands under "penstock" in their next
 *   numeric phase; in order, each once.
 * - `failed (GError *error)`: the pairing is over (PST_ERROR_WRONG_CODE,
 *   _SERVER, _NOT_FOUND, _PROTOCOL, _TAMPERED; _LIMIT where two devices meet); emitted once. The
 * mailbox has then been closed with the fitting mood as far as the server is reachable.
 *
 * After `paired`, a lost server connection is no failure: the client goes on
 * trying to come back (1 s, doubling to 10 s) for as long as it is not closed,
 * and what was sent meanwhile is delivered then. */

PstWormhole *pst_wormhole_new (const char *server_url, const char *appid);
PstWormhole *
pst_wormhole_new_for_meeting (const char *server_url, const char *appid, PstMeeting *meeting);
void pst_wormhole_set_timing (PstWormhole *self, const PstWormholeTiming *timing);
void pst_wormhole_set_app_version (PstWormhole *self, JsonObject *app_version);
void pst_wormhole_host (PstWormhole *self, const char *code, const char *nameplate, guint n_words);
void pst_wormhole_join (PstWormhole *self, const char *code);
void pst_wormhole_meet (PstWormhole *self);
const PstMeeting *pst_wormhole_get_meeting (PstWormhole *self);
PstWormholeState pst_wormhole_get_state (PstWormhole *self);
const char *pst_wormhole_get_code (PstWormhole *self);
const char *pst_wormhole_get_side (PstWormhole *self);
const char *pst_wormhole_get_peer_side (PstWormhole *self);
GBytes *pst_wormhole_derive_key (PstWormhole *self, const guint8 *purpose, gsize purpose_bytes);
void pst_wormhole_send (PstWormhole *self, JsonObject *message);
void pst_wormhole_hurry (PstWormhole *self);
void pst_wormhole_add_server (PstWormhole *self, const char *server_url);
void pst_wormhole_change_server (PstWormhole *self);
void pst_wormhole_close_async (PstWormhole *self,
                               PstMood mood,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean pst_wormhole_close_finish (PstWormhole *self, GAsyncResult *result, GError **error);

G_END_DECLS
