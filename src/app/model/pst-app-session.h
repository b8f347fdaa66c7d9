/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "pst-app-transfer.h"
#include "pst-engine.h"
#include "pst-peer.h"
#include "pst-session.h"

G_BEGIN_DECLS

#define PST_TYPE_APP_SESSION (pst_app_session_get_type ())
G_DECLARE_FINAL_TYPE (PstAppSession, pst_app_session, PST, APP_SESSION, GObject)

/* So many transfers of ours are offered or running at once; the others wait
 * in the queue, so that what was dropped first is there first. */
#define PST_APP_SESSION_MAX_ACTIVE 4

/* A PstSession as the drawing thread sees it. Properties (read-only, notifying
 * only on change and at most ten times a second): "state" (PstSessionState as
 * int), "code", "invite-uri", "verifier", "remember" (PstRemember as int), "peer-name", "route"
 * (PstRoute as int), "server-url", "buffered-bytes", "high-mark-bytes", "low-mark-bytes",
 * "buffer-full", "buffer-growth-bps", "congested", "round-trip-us": as those of
 * PstSession.
 *
 * Signals:
 * - `transfer-added (PstAppTransfer *transfer)`: ours (queued or offered) or theirs
 * - `closed (GError *error)`: as that of PstSession; the last thing heard of it */

PstAppSession *pst_app_session_new (PstEngine *engine, const PstSessionOptions *options);
void pst_app_session_host (PstAppSession *self, const char *code);
void pst_app_session_join (PstAppSession *self, const char *code_or_link);
void pst_app_session_meet (PstAppSession *self, GBytes *device_secret, gboolean host);
void pst_app_session_remember (PstAppSession *self, gboolean wanted);
PstAppTransfer *pst_app_session_send (PstAppSession *self, const char *const *paths);
void pst_app_session_want_verifier (PstAppSession *self);
void pst_app_session_reject (PstAppSession *self);
void pst_app_session_close (PstAppSession *self);

PstSessionState pst_app_session_get_state (PstAppSession *self);
gboolean pst_app_session_is_together (PstAppSession *self);
gboolean pst_app_session_is_host (PstAppSession *self);
gboolean pst_app_session_is_busy (PstAppSession *self);
gboolean pst_app_session_is_meeting (PstAppSession *self);
PstRemember pst_app_session_get_remember (PstAppSession *self);
GBytes *pst_app_session_get_device_secret (PstAppSession *self);
const char *pst_app_session_get_code (PstAppSession *self);
const char *pst_app_session_get_invite_uri (PstAppSession *self);
const char *pst_app_session_get_verifier (PstAppSession *self);
const char *pst_app_session_get_peer_name (PstAppSession *self);
const char *pst_app_session_get_server_url (PstAppSession *self);
PstRoute pst_app_session_get_route (PstAppSession *self);
guint64 pst_app_session_get_buffered_bytes (PstAppSession *self);
guint64 pst_app_session_get_low_mark_bytes (PstAppSession *self);
guint64 pst_app_session_get_high_mark_bytes (PstAppSession *self);
gboolean pst_app_session_is_congested (PstAppSession *self);
gint64 pst_app_session_get_round_trip_us (PstAppSession *self);
GListModel *pst_app_session_get_transfers (PstAppSession *self);

G_END_DECLS
