/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "pst-certificate.h"
#include "pst-error.h"

/* Made with “openssl req -x509”; “openssl x509 -fingerprint -sha256” gave the
 * fingerprint. */
static const char body[]
    = "MIIBdTCCARugAwIBAgIUDTshHWmHjc58+UzkvNbe9ZJUUp8wCgYIKoZIzj0EAwIw\n"
      "DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjMwMjAzMTdaGA8yMTI2MTAzMDAyMDMx\n"
      "N1owDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABBG7\n"
      "iX9Xobkznh6qTxRts4SZgJXlMh71lGmQg2tXh4RFJMAmH26G6p5RT4XCrfeLkigR\n"
      "U2mKI5TBP3cR6r7LuyCjUzBRMB0GA1UdDgQWBBQzC6QVwju4Xdc760Ioaa3R6MML\n"
      "oTAfBgNVHSMEGDAWgBQzC6QVwju4Xdc760Ioaa3R6MMLoTAPBgNVHRMBAf8EBTAD\n"
      "AQH/MAoGCCqGSM49BAMCA0gAMEUCICC/Z1bHfBdGhKE57BCEJBfS+7FswD330QY+\n"
      "C4qMkbMFAiEAic0Cg5HWRHzPb1ikOVDFRkyZ0X6dRKlAPtzn/TCtG6k=\n";

#define BEGIN "-----BEGIN CERTIFICATE-----\n"
#define END   "-----END CERTIFICATE-----\n"
#define FINGERPRINT                                                                                \
  "FC:DE:1C:DE:AB:17:04:F5:DD:0F:5F:36:65:D9:F1:3B:F5:DB:A0:B3:C1:E4:3D:27:97:75:DD:D8:95:B1:35:83"

static void
test_hash (void)
{
  g_autofree char *pem = g_strconcat (BEGIN, body, END, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  guint8 fingerprint[PST_FINGERPRINT_BYTES];

  g_assert_true (pst_certificate_hash_pem (pem, fingerprint, &error));
  g_assert_no_error (error);
  text = pst_certificate_format_fingerprint (fingerprint);
  g_assert_cmpstr (text, ==, "sha-256 " FINGERPRINT);
}

static void
assert_bad_pem (const char *pem)
{
  g_autoptr (GError) error = NULL;
  guint8 fingerprint[PST_FINGERPRINT_BYTES];

  g_assert_false (pst_certificate_hash_pem (pem, fingerprint, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_TAMPERED);
}

static void
test_bad_pem (void)
{
  g_autofree char *two = g_strconcat (BEGIN, body, END, BEGIN, body, END, NULL);
  g_autofree char *filler = g_strnfill (70000, 'A');
  g_autofree char *huge = g_strconcat (BEGIN, filler, END, NULL);

  assert_bad_pem ("");
  assert_bad_pem (body);
  assert_bad_pem (BEGIN);
  assert_bad_pem (END BEGIN);
  assert_bad_pem (BEGIN END);
  assert_bad_pem (BEGIN "AAAA!AAAA\n" END);
  assert_bad_pem (BEGIN "Proc-Type: 4,ENCRYPTED\n" END);
  assert_bad_pem (two);
  assert_bad_pem (huge);
}

static void
test_fingerprint (void)
{
  g_autofree char *lower = g_ascii_strdown ("SHA-256 " FINGERPRINT, -1);
  g_autofree char *text = NULL;
  guint8 one[PST_FINGERPRINT_BYTES];
  guint8 other[PST_FINGERPRINT_BYTES];

  g_assert_true (pst_certificate_parse_fingerprint ("sha-256 " FINGERPRINT, one, NULL));
  g_assert_true (pst_certificate_parse_fingerprint (lower, other, NULL));
  g_assert_cmpmem (one, sizeof one, other, sizeof other);
  text = pst_certificate_format_fingerprint (one);
  g_assert_cmpstr (text, ==, "sha-256 " FINGERPRINT);
}

static void
assert_bad_fingerprint (const char *text)
{
  g_autoptr (GError) error = NULL;
  guint8 fingerprint[PST_FINGERPRINT_BYTES];

  g_assert_false (pst_certificate_parse_fingerprint (text, fingerprint, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_PROTOCOL);
}

static void
test_bad_fingerprint (void)
{
  const gsize start = strlen ("sha-256 ");
  const gsize length = strlen (FINGERPRINT);

  assert_bad_fingerprint ("");
  assert_bad_fingerprint ("sha-256");
  assert_bad_fingerprint ("sha-256 ");
  assert_bad_fingerprint ("sha-1 " FINGERPRINT);
  assert_bad_fingerprint ("sha-256  " FINGERPRINT);
  assert_bad_fingerprint ("sha-256 " FINGERPRINT " ");
  assert_bad_fingerprint ("sha-256 " FINGERPRINT ":00");

  /* Any one character replaced. */
  for (gsize i = start; i < start + length; i++)
    {
      g_autofree char *text = g_strdup ("sha-256 " FINGERPRINT);

      text[i] = 'G';
      assert_bad_fingerprint (text);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/certificate/hash", test_hash);
  g_test_add_func ("/certificate/bad-pem", test_bad_pem);
  g_test_add_func ("/certificate/fingerprint", test_fingerprint);
  g_test_add_func ("/certificate/bad-fingerprint", test_bad_fingerprint);
  return g_test_run ();
}
