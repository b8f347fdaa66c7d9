/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is the same for every association of the process. */
#include "pst-dtls-context.h"

#include <openssl/err.h>

#include "pst-dtls-session.h"

/* Forward secrecy and authenticated encryption only (RFC 8827, section 6.5).
 * AES with 128 bits first, as processors do it fastest. With RSA for peers
 * that have such a certificate: GStreamer before 1.28. */
#define CIPHERS                                                \
  "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:" \
  "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:" \
  "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384"
#define GROUPS "X25519:P-256:P-384"

/* Nothing here is protected by it, but peers may insist on the extension of
 * RFC 5764. */
#define SRTP_PROFILES "SRTP_AES128_CM_SHA1_80"

/* 112 bits: RSA of 2048, SHA-256. */
#define SECURITY_LEVEL    2
#define MIN_SECURITY_BITS 112

/* RFC 6347, section 4.2.4.1, starts at a second and goes on to a minute. Here
 * ICE has just shown that the path is alive, and a person is waiting. */
#define FIRST_TIMEOUT_US   400000
#define LONGEST_TIMEOUT_US 4000000

/* Whose certificate it is, only the caller knows: by the fingerprint that came
 * through the signalling (RFC 8122). Names, issuers and dates mean nothing. */
static int
accept_certificate (X509_STORE_CTX *store, void *unused)
{
  X509 *certificate = X509_STORE_CTX_get0_cert (store);
  EVP_PKEY *key = certificate != NULL ? X509_get0_pubkey (certificate) : NULL;

  if (key != NULL && EVP_PKEY_get_security_bits (key) >= MIN_SECURITY_BITS)
    return 1;

  X509_STORE_CTX_set_error (store, X509_V_ERR_EE_KEY_TOO_SMALL);
  return 0;
}

static unsigned int
next_timeout (SSL *ssl, unsigned int last_us)
{
  return last_us == 0 ? FIRST_TIMEOUT_US : MIN (2 * last_us, LONGEST_TIMEOUT_US);
}

static SSL_CTX *
make_context (void)
{
  SSL_CTX *context = SSL_CTX_new (DTLS_method ());

  SSL_CTX_set_security_level (context, SECURITY_LEVEL);
  /* SSL_CTX_set_tlsext_use_srtp is the one that gives zero for success. */
  if (!SSL_CTX_set_min_proto_version (context, DTLS1_2_VERSION)
      || !SSL_CTX_set_max_proto_version (context, DTLS1_2_VERSION)
      || !SSL_CTX_set_cipher_list (context, CIPHERS) || !SSL_CTX_set1_groups_list (context, GROUPS)
      || SSL_CTX_set_tlsext_use_srtp (context, SRTP_PROFILES) != 0)
    g_error ("OpenSSL lacks what DTLS needs.");

  SSL_CTX_set_options (context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION
                                    | SSL_OP_NO_QUERY_MTU | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode (context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify (context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
  SSL_CTX_set_cert_verify_callback (context, accept_certificate, NULL);
  SSL_CTX_set_read_ahead (context, 1);
  return context;
}

/*
 * pst_dtls_context_make_ssl:
 * @certificate: this side's certificate
 * @key: its private key
 * @bio: (transfer full): where datagrams come from and go to
 *
 * Returns: (transfer full) (nullable): one association, not started
 */
SSL *
pst_dtls_context_make_ssl (X509 *certificate, EVP_PKEY *key, BIO *bio)
{
  static gsize context;
  SSL *ssl;

  if (g_once_init_enter (&context))
    g_once_init_leave (&context, (gsize) make_context ());

  ssl = SSL_new ((SSL_CTX *) context);
  if (ssl == NULL)
    {
      BIO_free_all (bio);
      return NULL;
    }
  SSL_set_bio (ssl, bio, bio);
  SSL_set_mtu (ssl, PST_DTLS_MAX_HANDSHAKE_BYTES);
  DTLS_set_timer_cb (ssl, next_timeout);
  if (!SSL_use_certificate (ssl, certificate) || !SSL_use_PrivateKey (ssl, key))
    g_clear_pointer (&ssl, SSL_free);
  return ssl;
}
