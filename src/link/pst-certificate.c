/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-certificate.h"

#include <sodium.h>
#include <string.h>

#include "pst-error.h"

#define PEM_BEGIN "-----BEGIN CERTIFICATE-----"
#define PEM_END   "-----END CERTIFICATE-----"

/* DTLS certificates are self-signed and about 1 KB; this leaves room for large
 * RSA keys and stops before anything absurd. */
#define MAX_PEM_BYTES 65536

#define HASH_NAME "sha-256 "

static gboolean
bad_certificate (GError **error)
{
  g_set_error_literal (error, PST_ERROR, PST_ERROR_TAMPERED,
                       "The other side's certificate cannot be read.");
  return FALSE;
}

static gboolean
is_base64 (const char *text)
{
  return text[strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                            "0123456789+/=\r\n")] == '\0';
}

/**
 * pst_certificate_hash_pem:
 * @pem: one certificate in PEM (RFC 7468, section 5), at most 64 KiB
 * @fingerprint: (out caller-allocates): the hash
 * @error: return location for a %PST_ERROR_TAMPERED
 *
 * Hashes the DER form of a certificate with SHA-256: the value that stands in
 * `a=fingerprint` (RFC 8122, section 5).
 *
 * Returns: %TRUE if @pem is one certificate's envelope around base64
 */
gboolean
pst_certificate_hash_pem (const char *pem,
                          guint8 fingerprint[PST_FINGERPRINT_BYTES],
                          GError **error)
{
  g_autofree char *base64 = NULL;
  g_autofree guint8 *der = NULL;
  const char *begin;
  const char *end;
  gsize der_bytes;

  if (strnlen (pem, MAX_PEM_BYTES + 1) > MAX_PEM_BYTES)
    return bad_certificate (error);

  begin = strstr (pem, PEM_BEGIN);
  if (begin == NULL)
    return bad_certificate (error);
  begin += strlen (PEM_BEGIN);
  end = strstr (begin, PEM_END);
  if (end == NULL || strstr (end, PEM_BEGIN) != NULL)
    return bad_certificate (error);

  base64 = g_strndup (begin, end - begin);
  if (!is_base64 (base64))
    return bad_certificate (error);
  der = g_base64_decode (base64, &der_bytes);
  if (der_bytes == 0)
    return bad_certificate (error);

  crypto_hash_sha256 (fingerprint, der, der_bytes);
  return TRUE;
}

/**
 * pst_certificate_parse_fingerprint:
 * @text: the value of an `a=fingerprint` attribute
 * @fingerprint: (out caller-allocates): the hash
 * @error: return location for a %PST_ERROR_PROTOCOL
 *
 * Reads `sha-256 AB:CD:…` (RFC 8122, section 5). The name of the hash and the
 * digits may be of either case.
 *
 * Returns: %TRUE if @text is a SHA-256 fingerprint and nothing else
 */
gboolean
pst_certificate_parse_fingerprint (const char *text,
                                   guint8 fingerprint[PST_FINGERPRINT_BYTES],
                                   GError **error)
{
  const char *hex = text + strlen (HASH_NAME);
  gboolean ok = g_ascii_strncasecmp (text, HASH_NAME, strlen (HASH_NAME)) == 0
                && strlen (hex) == 3 * PST_FINGERPRINT_BYTES - 1;

  for (guint i = 0; ok && i < PST_FINGERPRINT_BYTES; i++, hex += 3)
    {
      int high = g_ascii_xdigit_value (hex[0]);
      int low = g_ascii_xdigit_value (hex[1]);

      ok = high >= 0 && low >= 0 && (hex[2] == ':' || hex[2] == '\0');
      fingerprint[i] = (high & 0xf) << 4 | (low & 0xf);
    }

  if (!ok)
    g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL,
                         "The other side's certificate fingerprint is not a SHA-256 one.");
  return ok;
}

/**
 * pst_certificate_format_fingerprint:
 * @fingerprint: a hash
 *
 * Returns: (transfer full): the value of an `a=fingerprint` attribute
 */
char *
pst_certificate_format_fingerprint (const guint8 fingerprint[PST_FINGERPRINT_BYTES])
{
  GString *text = g_string_new (HASH_NAME);

  for (guint i = 0; i < PST_FINGERPRINT_BYTES; i++)
    g_string_append_printf (text, "%s%02X", i == 0 ? "" : ":", fingerprint[i]);

  return g_string_free (text, FALSE);
}
