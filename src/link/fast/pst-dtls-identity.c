/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-dtls-identity.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <string.h>

#include "pst-error.h"

/* RFC 8827, section 6.5: the name says nothing about anybody. */
#define COMMON_NAME "WebRTC"

/* Clocks are wrong; nobody looks at the dates of a certificate that is only
 * known by its fingerprint, but they must make sense. */
#define DAY_S        (24 * 60 * 60L)
#define BACKDATED_S  DAY_S
#define VALID_FOR_S  (30 * DAY_S)
#define SERIAL_BYTES 8

static gboolean
set_serial (X509 *certificate)
{
  guint8 bytes[SERIAL_BYTES];
  guint64 serial;

  if (RAND_bytes (bytes, sizeof bytes) != 1)
    return FALSE;
  memcpy (&serial, bytes, sizeof serial);
  return ASN1_INTEGER_set_uint64 (X509_get_serialNumber (certificate), serial >> 1 | 1);
}

static gboolean
set_names (X509 *certificate)
{
  X509_NAME *name = X509_NAME_new ();
  gboolean ok = X509_NAME_add_entry_by_txt (name, "CN", MBSTRING_ASC, (const guint8 *) COMMON_NAME,
                                            -1, -1, 0)
                && X509_set_subject_name (certificate, name)
                && X509_set_issuer_name (certificate, name);

  X509_NAME_free (name);
  return ok;
}

static gboolean
fill_certificate (X509 *certificate, EVP_PKEY *key)
{
  return X509_set_version (certificate, X509_VERSION_3) && set_serial (certificate)
         && X509_gmtime_adj (X509_getm_notBefore (certificate), -BACKDATED_S) != NULL
         && X509_gmtime_adj (X509_getm_notAfter (certificate), VALID_FOR_S) != NULL
         && set_names (certificate) && X509_set_pubkey (certificate, key)
         && X509_sign (certificate, key, EVP_sha256 ()) > 0;
}

static gboolean
fail (const char *message, GError **error)
{
  ERR_clear_error ();
  g_set_error_literal (error, PST_ERROR, PST_ERROR_FAILED, message);
  return FALSE;
}

/**
 * pst_dtls_identity_make:
 * @certificate: (out) (transfer full): a self-signed certificate
 * @key: (out) (transfer full): its private key, on P-256
 * @error: return location for a %PST_ERROR_FAILED
 *
 * Makes a fresh identity for one connection, so that two connections of one
 * person cannot be told to be theirs by the certificate (RFC 8826, section
 * 4.3.2.3). ECDSA on P-256 is what every WebRTC peer has (RFC 8827, section 6.5).
 *
 * Returns: %TRUE if both were made
 */
gboolean
pst_dtls_identity_make (X509 **certificate, EVP_PKEY **key, GError **error)
{
  g_autoptr (EVP_PKEY) new_key = EVP_EC_gen ("P-256");
  g_autoptr (X509) new_certificate = X509_new ();

  if (new_key == NULL || new_certificate == NULL || !fill_certificate (new_certificate, new_key))
    return fail ("No certificate could be made.", error);

  *certificate = g_steal_pointer (&new_certificate);
  *key = g_steal_pointer (&new_key);
  return TRUE;
}

/**
 * pst_dtls_identity_parse:
 * @pem: one certificate and its private key, not encrypted, in PEM (RFC 7468)
 * @certificate: (out) (transfer full): the certificate
 * @key: (out) (transfer full): the private key
 * @error: return location for a %PST_ERROR_USAGE
 *
 * Returns: %TRUE if both were there and belong together
 */
gboolean
pst_dtls_identity_parse (const char *pem, X509 **certificate, EVP_PKEY **key, GError **error)
{
  g_autoptr (BIO) for_certificate = BIO_new_mem_buf (pem, -1);
  g_autoptr (BIO) for_key = BIO_new_mem_buf (pem, -1);
  g_autoptr (X509) new_certificate = PEM_read_bio_X509 (for_certificate, NULL, NULL, NULL);
  /* The passphrase is empty: nobody is asked for one on a terminal. */
  g_autoptr (EVP_PKEY) new_key = PEM_read_bio_PrivateKey (for_key, NULL, NULL, (void *) "");

  ERR_clear_error ();
  if (new_certificate == NULL || new_key == NULL
      || X509_check_private_key (new_certificate, new_key) != 1)
    {
      ERR_clear_error ();
      g_set_error_literal (error, PST_ERROR, PST_ERROR_USAGE,
                           "This is not a certificate with its private key.");
      return FALSE;
    }

  *certificate = g_steal_pointer (&new_certificate);
  *key = g_steal_pointer (&new_key);
  return TRUE;
}

/**
 * pst_dtls_identity_format:
 * @certificate: a certificate
 *
 * Returns: (transfer full) (nullable): @certificate in PEM; %NULL without memory
 */
char *
pst_dtls_identity_format (X509 *certificate)
{
  g_autoptr (BIO) bio = BIO_new (BIO_s_mem ());
  char *text;
  long n_bytes;

  if (bio == NULL || !PEM_write_bio_X509 (bio, certificate))
    {
      ERR_clear_error ();
      return NULL;
    }
  n_bytes = BIO_get_mem_data (bio, &text);
  return g_strndup (text, n_bytes);
}
