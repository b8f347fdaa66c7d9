/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PST_DTLS_MAX_RECORD_BYTES:
 *
 * The most that one record carries (RFC 6347, section 4.1, by way of RFC 5246,
 * section 6.2.1).
 */
#define PST_DTLS_MAX_RECORD_BYTES 16384

/**
 * PST_DTLS_MAX_OVERHEAD_BYTES:
 *
 * How many bytes longer a datagram may be than what it carries: the record's
 * header, an explicit nonce and an authentication tag, rounded up.
 */
#define PST_DTLS_MAX_OVERHEAD_BYTES 40

/**
 * PST_DTLS_MAX_HANDSHAKE_BYTES:
 *
 * No datagram of a handshake is longer: it passes wherever IPv6 does, with room
 * for a relay's header.
 */
#define PST_DTLS_MAX_HANDSHAKE_BYTES 1200

/**
 * PstDtlsState:
 * @PST_DTLS_NEW: not started
 * @PST_DTLS_CLOSED: the other side, or this one, closed the association
 * @PST_DTLS_FAILED: the handshake or the association failed for good
 * @PST_DTLS_CONNECTING: in the handshake
 * @PST_DTLS_CONNECTED: application data goes both ways
 *
 * Where an association stands. The values are those that webrtcbin expects of
 * the property `connection-state`.
 */
typedef enum
{
  PST_DTLS_NEW,
  PST_DTLS_CLOSED,
  PST_DTLS_FAILED,
  PST_DTLS_CONNECTING,
  PST_DTLS_CONNECTED
} PstDtlsState;

typedef struct _PstDtlsSession PstDtlsSession;

/**
 * PstDtlsSend:
 * @datagram: (array length=n_bytes): what goes to the other side
 * @n_bytes: its size
 * @user_data: as given to pst_dtls_session_new()
 *
 * Takes a datagram that the session made of its own accord: a part of the
 * handshake, or an alert. Called from within the session's functions; must not
 * call any of them.
 */
typedef void (*PstDtlsSend) (const guint8 *datagram, gsize n_bytes, gpointer user_data);

PstDtlsSession *
pst_dtls_session_new (const char *pem, PstDtlsSend send, gpointer user_data, GError **error);
void pst_dtls_session_free (PstDtlsSession *self);
const char *pst_dtls_session_get_pem (PstDtlsSession *self);
const char *pst_dtls_session_get_peer_pem (PstDtlsSession *self);
PstDtlsState pst_dtls_session_get_state (PstDtlsSession *self);
guint pst_dtls_session_get_version (PstDtlsSession *self);

void pst_dtls_session_start (PstDtlsSession *self, gboolean client);
void pst_dtls_session_close (PstDtlsSession *self);
gint64 pst_dtls_session_get_timeout_us (PstDtlsSession *self);
void pst_dtls_session_handle_timeout (PstDtlsSession *self);

gsize pst_dtls_session_seal (
    PstDtlsSession *self, const guint8 *data, gsize n_bytes, guint8 *datagram, gsize room_bytes);
gsize pst_dtls_session_open (PstDtlsSession *self, guint8 *datagram, gsize n_bytes);
gsize pst_dtls_session_read (PstDtlsSession *self, guint8 *data, gsize room_bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstDtlsSession, pst_dtls_session_free)

G_END_DECLS
