/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session of ours against peers by somebody else: OpenSSL, set up by hand in
 * good ways and in bad ones. */
#include <openssl/err.h>

#include "dtls-wire.h"

#define ANY_CIPHER "ALL:@SECLEVEL=0"

typedef struct
{
  const char *name;
  guint rsa_bits; /* zero for P-256 */
  const char *ciphers;
  int max_version;
  gboolean no_certificate;
  gboolean connects;
} Peer;

static const Peer peers[] = {
  { "ecdsa", 0, ANY_CIPHER, 0, FALSE, TRUE },
  { "rsa", 2048, ANY_CIPHER, 0, FALSE, TRUE },
  { "chacha", 0, "ECDHE+CHACHA20", 0, FALSE, TRUE },
  { "aes-256", 0, "ECDHE+AESGCM+AES256", 0, FALSE, TRUE },
  { "weak-rsa", 1024, ANY_CIPHER, 0, FALSE, FALSE },
  { "no-certificate", 0, ANY_CIPHER, 0, TRUE, FALSE },
  { "old-version", 0, ANY_CIPHER, DTLS1_VERSION, FALSE, FALSE },
  { "no-aead", 0, "ECDHE+SHA1:@SECLEVEL=0", 0, FALSE, FALSE },
  { "no-forward-secrecy", 2048, "kRSA:@SECLEVEL=0", 0, FALSE, FALSE },
};

static int
accept_any (X509_STORE_CTX *store, void *data)
{
  return 1;
}

static void
use_identity (SSL_CTX *context, guint rsa_bits)
{
  g_autoptr (X509) certificate = NULL;
  g_autoptr (EVP_PKEY) key = NULL;
  g_autoptr (EVP_PKEY) rsa = rsa_bits > 0 ? EVP_RSA_gen (rsa_bits) : NULL;

  g_assert_true (pst_dtls_identity_make (&certificate, &key, NULL));
  if (rsa != NULL)
    {
      X509_set_pubkey (certificate, rsa);
      X509_sign (certificate, rsa, EVP_sha256 ());
    }
  g_assert_cmpint (SSL_CTX_use_certificate (context, certificate), ==, 1);
  g_assert_cmpint (SSL_CTX_use_PrivateKey (context, rsa != NULL ? rsa : key), ==, 1);
}

static SSL_CTX *
make_context (const Peer *peer)
{
  SSL_CTX *context = SSL_CTX_new (DTLS_method ());

  SSL_CTX_set_security_level (context, 0);
  SSL_CTX_set_min_proto_version (context, DTLS1_VERSION);
  SSL_CTX_set_max_proto_version (context, peer->max_version);
  SSL_CTX_set_verify (context, SSL_VERIFY_PEER, NULL);
  SSL_CTX_set_cert_verify_callback (context, accept_any, NULL);
  g_assert_cmpint (SSL_CTX_set_cipher_list (context, peer->ciphers), ==, 1);
  if (!peer->no_certificate)
    use_identity (context, peer->rsa_bits);
  return context;
}

static void
check_connected (WireEnd *ours, WireEnd *theirs)
{
  g_autoptr (X509) certificate = SSL_get1_peer_certificate (theirs->ssl);
  g_autofree char *pem = pst_dtls_identity_format (certificate);
  g_autofree char *their_pem = pst_dtls_identity_format (SSL_get_certificate (theirs->ssl));

  g_assert_cmpint (wire_end_get_state (ours), ==, PST_DTLS_CONNECTED);
  g_assert_cmpstr (pem, ==, pst_dtls_session_get_pem (ours->session));
  g_assert_cmpstr (pst_dtls_session_get_peer_pem (ours->session), ==, their_pem);
  wire_assert_passes (ours, theirs, 1400);
  wire_assert_passes (theirs, ours, 1400);
  wire_assert_passes (ours, theirs, 16000);
  wire_assert_passes (theirs, ours, 16000);
}

static void
meet (const Peer *peer, gboolean client)
{
  SSL_CTX *context = make_context (peer);
  WireEnd ours;
  WireEnd theirs;

  wire_end_init (&ours, NULL);
  wire_end_init_foreign (&theirs, context, !client);
  wire_connect (client ? &ours : &theirs, client ? &theirs : &ours);
  if (peer->connects)
    check_connected (&ours, &theirs);
  else
    g_assert_cmpint (wire_end_get_state (&ours), ==, PST_DTLS_FAILED);
  g_assert_cmpuint (ours.longest, <=, PST_DTLS_MAX_HANDSHAKE_BYTES);

  wire_end_clear (&ours);
  wire_end_clear (&theirs);
  SSL_CTX_free (context);
}

static void
test_peer (gconstpointer data)
{
  const Peer *peer = data;

  /* A server without a certificate cannot be made. */
  if (!peer->no_certificate)
    meet (peer, TRUE);
  meet (peer, FALSE);
}

static void
set_up_pair (WireEnd *ours, WireEnd *theirs, SSL_CTX *context)
{
  wire_end_init (ours, NULL);
  wire_end_init_foreign (theirs, context, TRUE);
  wire_connect (theirs, ours);
  g_assert_cmpint (wire_end_get_state (ours), ==, PST_DTLS_CONNECTED);
}

static void
test_renegotiation (void)
{
  SSL_CTX *context = make_context (&peers[0]);
  WireEnd ours;
  WireEnd theirs;

  set_up_pair (&ours, &theirs, context);
  g_assert_cmpint (SSL_renegotiate (theirs.ssl), ==, 1);
  SSL_do_handshake (theirs.ssl);
  g_assert_cmpuint (theirs.out.length, >, 0);
  wire_carry (&theirs, &ours, NULL);
  g_assert_cmpint (wire_end_get_state (&ours), ==, PST_DTLS_CONNECTED);
  /* The answer is a warning, and no handshake. */
  g_assert_cmpuint (ours.out.length, <=, 1);

  wire_end_clear (&ours);
  wire_end_clear (&theirs);
  SSL_CTX_free (context);
}

static void
test_close_notify (void)
{
  SSL_CTX *context = make_context (&peers[0]);
  WireEnd ours;
  WireEnd theirs;

  set_up_pair (&ours, &theirs, context);
  SSL_shutdown (theirs.ssl);
  wire_carry (&theirs, &ours, NULL);
  g_assert_cmpint (wire_end_get_state (&ours), ==, PST_DTLS_CLOSED);

  wire_end_clear (&ours);
  wire_end_clear (&theirs);
  SSL_CTX_free (context);
}

/* An alert that ends the handshake: unexpected_message (RFC 5246, section 7.2). */
static void
test_fatal_alert (void)
{
  static const guint8 alert[] = { 21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 10 };
  WireEnd ours;

  wire_end_init (&ours, NULL);
  pst_dtls_session_start (ours.session, TRUE);
  wire_end_take (&ours, alert, sizeof alert);
  g_assert_cmpint (wire_end_get_state (&ours), ==, PST_DTLS_FAILED);
  wire_end_take (&ours, alert, sizeof alert);
  g_assert_cmpint (wire_end_get_state (&ours), ==, PST_DTLS_FAILED);
  wire_end_clear (&ours);
}

/* After the handshake, the same alert could be anybody's. */
static void
test_forged_alert (void)
{
  static const guint8 alert[] = { 21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 99, 0, 2, 2, 10 };
  SSL_CTX *context = make_context (&peers[0]);
  WireEnd ours;
  WireEnd theirs;

  set_up_pair (&ours, &theirs, context);
  wire_end_take (&ours, alert, sizeof alert);
  g_assert_cmpint (wire_end_get_state (&ours), ==, PST_DTLS_CONNECTED);
  wire_assert_passes (&theirs, &ours, 100);

  wire_end_clear (&ours);
  wire_end_clear (&theirs);
  SSL_CTX_free (context);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    {
      g_autofree char *path = g_strconcat ("/link/dtls-foreign/", peers[i].name, NULL);
      g_test_add_data_func (path, &peers[i], test_peer);
    }
  g_test_add_func ("/link/dtls-foreign/renegotiation", test_renegotiation);
  g_test_add_func ("/link/dtls-foreign/close-notify", test_close_notify);
  g_test_add_func ("/link/dtls-foreign/fatal-alert", test_fatal_alert);
  g_test_add_func ("/link/dtls-foreign/forged-alert", test_forged_alert);

  return g_test_run ();
}
