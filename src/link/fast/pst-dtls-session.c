/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One DTLS association: bytes in, bytes out. It has no thread, no clock and no
 * lock of its own; one caller at a time. */
#include "pst-dtls-session.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "pst-dtls-bio.h"
#include "pst-dtls-context.h"
#include "pst-dtls-identity.h"
#include "pst-error.h"

/* A hello that overtakes this side's start need not be sent again. Browsers'
 * fit into two datagrams. */
#define MAX_EARLY_DATAGRAMS      4
#define MAX_EARLY_DATAGRAM_BYTES 2048

/* RFC 6347, section 4.1: type, version, epoch, sequence number, length. What a
 * record sealed with AES-GCM (RFC 5288) or ChaCha20-Poly1305 (RFC 7905) holds beside
 * its content. */
#define HEADER_BYTES          13
#define VERSION_OFFSET        1
#define EPOCH_OFFSET          3
#define LENGTH_OFFSET         11
#define SEALED_LEAST_BYTES    24
#define SEALED_LEAST_BYTES_CC 16

struct _PstDtlsSession
{
  PstDtlsBio bio;
  SSL *ssl;
  PstDtlsState state;
  char *pem;
  char *peer_pem;
  GQueue early; /* of GBytes */
};

/* OpenSSL keeps errors and random numbers for each thread, until the thread
 * ends or the program does; and when the program does first, they are lost. The
 * threads that come here are not ours: they are left as if OpenSSL had never
 * been called. */
static void
leave_thread (void)
{
  OPENSSL_thread_stop ();
}

/**
 * pst_dtls_session_new:
 * @pem: (nullable): a certificate and its private key in PEM; %NULL to have a
 *   fresh one made
 * @send: takes the datagrams of the handshake
 * @user_data: for @send
 * @error: return location for a #PstError
 *
 * Makes an association by DTLS 1.2 (RFC 6347) as WebRTC has it (RFC 8827,
 * section 6.5): both sides show a certificate, which may be any.
 *
 * Returns: (transfer full) (nullable): a session in %PST_DTLS_NEW
 */
PstDtlsSession *
pst_dtls_session_new (const char *pem, PstDtlsSend send, gpointer user_data, GError **error)
{
  g_autoptr (X509) certificate = NULL;
  g_autoptr (EVP_PKEY) key = NULL;
  g_autoptr (PstDtlsSession) self = g_new0 (PstDtlsSession, 1);

  if (!(pem != NULL ? pst_dtls_identity_parse (pem, &certificate, &key, error)
                    : pst_dtls_identity_make (&certificate, &key, error)))
    {
      leave_thread ();
      return NULL;
    }

  self->bio.send = send;
  self->bio.user_data = user_data;
  self->pem = pst_dtls_identity_format (certificate);
  self->ssl = pst_dtls_context_make_ssl (certificate, key, pst_dtls_bio_new (&self->bio));
  leave_thread ();
  if (self->ssl == NULL || self->pem == NULL)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_FAILED, "DTLS cannot be set up.");
      return NULL;
    }
  return g_steal_pointer (&self);
}

/**
 * pst_dtls_session_free:
 * @self: a session
 *
 * Ends it without a word to the other side.
 */
void
pst_dtls_session_free (PstDtlsSession *self)
{
  SSL_free (self->ssl);
  g_queue_clear_full (&self->early, (GDestroyNotify) g_bytes_unref);
  g_free (self->pem);
  g_free (self->peer_pem);
  g_free (self);
}

/**
 * pst_dtls_session_get_pem:
 * @self: a session
 *
 * Returns: (transfer none): this side's certificate in PEM, without the key
 */
const char *
pst_dtls_session_get_pem (PstDtlsSession *self)
{
  return self->pem;
}

/**
 * pst_dtls_session_get_peer_pem:
 * @self: a session
 *
 * Returns: (transfer none) (nullable): the certificate whose key the other side
 *   has proved to hold, in PEM; %NULL before %PST_DTLS_CONNECTED
 */
const char *
pst_dtls_session_get_peer_pem (PstDtlsSession *self)
{
  return self->peer_pem;
}

/**
 * pst_dtls_session_get_state:
 * @self: a session
 *
 * Returns: where it stands
 */
PstDtlsState
pst_dtls_session_get_state (PstDtlsSession *self)
{
  return self->state;
}

/**
 * pst_dtls_session_get_version:
 * @self: a session
 *
 * Returns: the version on the wire, such as 0xFEFD for DTLS 1.2; zero before
 *   %PST_DTLS_CONNECTED
 */
guint
pst_dtls_session_get_version (PstDtlsSession *self)
{
  return self->peer_pem != NULL ? SSL_version (self->ssl) : 0;
}

static void
on_handshake_done (PstDtlsSession *self)
{
  g_autoptr (X509) certificate = SSL_get1_peer_certificate (self->ssl);

  self->peer_pem = certificate != NULL ? pst_dtls_identity_format (certificate) : NULL;
  self->state = self->peer_pem != NULL ? PST_DTLS_CONNECTED : PST_DTLS_FAILED;
}

/* Draws the conclusions from what OpenSSL answered. The thread's queue of errors
 * must have been empty before OpenSSL was called, unless the handshake is over:
 * then everything is known without. */
static void
settle (PstDtlsSession *self, int result)
{
  int code;

  if (self->state == PST_DTLS_CONNECTED)
    ERR_clear_error ();
  code = SSL_get_error (self->ssl, result);

  if (code == SSL_ERROR_ZERO_RETURN)
    self->state = PST_DTLS_CLOSED;
  else if (code == SSL_ERROR_SSL || code == SSL_ERROR_SYSCALL)
    self->state = PST_DTLS_FAILED;
  else if (self->state == PST_DTLS_CONNECTING && SSL_is_init_finished (self->ssl))
    on_handshake_done (self);
  leave_thread ();
}

/* Drives the handshake with one datagram. Application data that came along
 * stays in OpenSSL until pst_dtls_session_read(). */
static void
shake_hands (PstDtlsSession *self)
{
  guint8 byte;

  ERR_clear_error ();
  settle (self, SSL_peek (self->ssl, &byte, sizeof byte));
}

static void
keep_early (PstDtlsSession *self, const guint8 *datagram, gsize n_bytes)
{
  if (n_bytes <= MAX_EARLY_DATAGRAM_BYTES && self->early.length < MAX_EARLY_DATAGRAMS)
    g_queue_push_tail (&self->early, g_bytes_new (datagram, n_bytes));
}

static void
replay_early (PstDtlsSession *self)
{
  GBytes *bytes;

  while ((bytes = g_queue_pop_head (&self->early)) != NULL)
    {
      self->bio.input = g_bytes_get_data (bytes, &self->bio.n_input);
      if (self->state == PST_DTLS_CONNECTING)
        shake_hands (self);
      self->bio.input = NULL;
      g_bytes_unref (bytes);
    }
}

/**
 * pst_dtls_session_start:
 * @self: a session in %PST_DTLS_NEW
 * @client: whether this side speaks first
 *
 * Starts the handshake.
 */
void
pst_dtls_session_start (PstDtlsSession *self, gboolean client)
{
  g_return_if_fail (self->state == PST_DTLS_NEW);

  if (client)
    SSL_set_connect_state (self->ssl);
  else
    SSL_set_accept_state (self->ssl);
  self->state = PST_DTLS_CONNECTING;

  ERR_clear_error ();
  settle (self, SSL_do_handshake (self->ssl));
  replay_early (self);
}

/**
 * pst_dtls_session_close:
 * @self: a session
 *
 * Says goodbye to the other side, if there is one, and goes to
 * %PST_DTLS_CLOSED. A session that failed stays so.
 */
void
pst_dtls_session_close (PstDtlsSession *self)
{
  ERR_clear_error ();
  if (self->state == PST_DTLS_CONNECTED)
    SSL_shutdown (self->ssl);
  if (self->state != PST_DTLS_FAILED)
    self->state = PST_DTLS_CLOSED;
  leave_thread ();
}

/**
 * pst_dtls_session_get_timeout_us:
 * @self: a session
 *
 * Returns: in how many microseconds pst_dtls_session_handle_timeout() is due;
 *   -1 when it is not
 */
gint64
pst_dtls_session_get_timeout_us (PstDtlsSession *self)
{
  struct timeval left = { 0 };

  if (self->state != PST_DTLS_CONNECTING || !DTLSv1_get_timeout (self->ssl, &left))
    return -1;
  return (gint64) left.tv_sec * G_USEC_PER_SEC + left.tv_usec;
}

/**
 * pst_dtls_session_handle_timeout:
 * @self: a session
 *
 * Sends the last part of the handshake again if it is due. The handshake fails
 * after about three quarters of a minute without an answer.
 */
void
pst_dtls_session_handle_timeout (PstDtlsSession *self)
{
  if (self->state != PST_DTLS_CONNECTING)
    return;
  ERR_clear_error ();
  if (DTLSv1_handle_timeout (self->ssl) < 0)
    self->state = PST_DTLS_FAILED;
  leave_thread ();
}

/**
 * pst_dtls_session_seal:
 * @self: a session
 * @data: (array length=n_bytes): what to send
 * @n_bytes: its size, from 1 to %PST_DTLS_MAX_RECORD_BYTES
 * @datagram: (array length=room_bytes): where the datagram goes
 * @room_bytes: at least @n_bytes + %PST_DTLS_MAX_OVERHEAD_BYTES
 *
 * Makes one datagram with one record of application data.
 *
 * Returns: the datagram's size; zero if there is none, because the session is
 *   not in %PST_DTLS_CONNECTED or @n_bytes is out of its limits
 */
gsize
pst_dtls_session_seal (
    PstDtlsSession *self, const guint8 *data, gsize n_bytes, guint8 *datagram, gsize room_bytes)
{
  int result;

  if (self->state != PST_DTLS_CONNECTED || n_bytes == 0 || n_bytes > PST_DTLS_MAX_RECORD_BYTES
      || room_bytes < n_bytes + PST_DTLS_MAX_OVERHEAD_BYTES)
    return 0;

  self->bio.sealed = datagram;
  self->bio.sealed_room = room_bytes;
  self->bio.n_sealed = 0;
  result = SSL_write (self->ssl, data, n_bytes);
  self->bio.sealed = NULL;
  if (result <= 0)
    settle (self, result);
  return self->bio.n_sealed;
}

static guint
read_number (const guint8 *bytes)
{
  return (guint) bytes[0] << 8 | bytes[1];
}

/* OpenSSL (3.0.22 at least) gives up a connection for a sealed record that is too
 * short to be one, which anybody can forge; and when it does not like a header, it
 * takes the record's content for the next one. So it sees only records of the right
 * shape; the first other one ends the datagram. */
static gsize
count_sound_bytes (PstDtlsSession *self, const guint8 *datagram, gsize n_bytes)
{
  int nid = SSL_CIPHER_get_cipher_nid (SSL_get_current_cipher (self->ssl));
  guint least = nid == NID_chacha20_poly1305 ? SEALED_LEAST_BYTES_CC : SEALED_LEAST_BYTES;
  gsize offset = 0;

  while (n_bytes - offset >= HEADER_BYTES)
    {
      const guint8 *header = datagram + offset;
      guint length = read_number (header + LENGTH_OFFSET);

      if (read_number (header + VERSION_OFFSET) != (guint) SSL_version (self->ssl)
          || length > n_bytes - offset - HEADER_BYTES
          || (length < least && read_number (header + EPOCH_OFFSET) != 0))
        break;
      offset += HEADER_BYTES + length;
    }
  return offset;
}

/**
 * pst_dtls_session_open:
 * @self: a session
 * @datagram: (array length=n_bytes): what came from the other side; overwritten
 *   with what is returned
 * @n_bytes: its size
 *
 * Takes a datagram. Anything may be in it; what is not from the other side is
 * dropped without a trace. Afterwards pst_dtls_session_read() gives the rest, if
 * there is more in it than one record.
 *
 * Returns: how many bytes of application data are now in @datagram, mostly one
 *   record's; zero if none
 */
gsize
pst_dtls_session_open (PstDtlsSession *self, guint8 *datagram, gsize n_bytes)
{
  int result = 0;

  if (n_bytes > G_MAXINT)
    return 0;

  if (self->state == PST_DTLS_CONNECTED)
    n_bytes = count_sound_bytes (self, datagram, n_bytes);
  if (n_bytes == 0)
    return 0;

  self->bio.input = datagram;
  self->bio.n_input = n_bytes;
  if (self->state == PST_DTLS_CONNECTED)
    {
      /* OpenSSL has copied the whole datagram before it writes to it. */
      result = SSL_read (self->ssl, datagram, n_bytes);
      if (result <= 0)
        settle (self, result);
    }
  else if (self->state == PST_DTLS_CONNECTING)
    shake_hands (self);
  else if (self->state == PST_DTLS_NEW)
    keep_early (self, datagram, n_bytes);
  self->bio.input = NULL;

  return MAX (result, 0);
}

/**
 * pst_dtls_session_read:
 * @self: a session
 * @data: (array length=room_bytes): where the record goes
 * @room_bytes: at least %PST_DTLS_MAX_RECORD_BYTES
 *
 * Gives application data that came with the last datagrams besides what
 * pst_dtls_session_open() gave: further records of one datagram, and those
 * that came with the end of the handshake. Call it until it gives nothing.
 *
 * Returns: how many bytes are in @data, one record's; zero if there are none
 */
gsize
pst_dtls_session_read (PstDtlsSession *self, guint8 *data, gsize room_bytes)
{
  int result;

  if (self->state != PST_DTLS_CONNECTED || !SSL_has_pending (self->ssl))
    return 0;

  result = SSL_read (self->ssl, data, MIN (room_bytes, G_MAXINT));
  if (result <= 0)
    settle (self, result);
  return MAX (result, 0);
}
