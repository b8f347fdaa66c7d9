/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-signalling.h"

#include "pst-error.h"
#include "pst-json.h"

#define HASH                                                                                      \
  "FC:DE:1C:DE:AB:17:04:F5:DD:0F:5F:36:65:D9:F1:3B:F5:DB:A0:B3:C1:E4:3D:27:97:75:DD:D8:95:B1:35:" \
  "83"
#define SESSION     "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE data\r\n"
#define MEDIA       "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n"
#define SETUP       "a=setup:actpass\r\n"
#define UFRAG       "a=ice-ufrag:Ab1+\r\n"
#define PASSWORD    "a=ice-pwd:abcdefghijklmnopqrstuv\r\n"
#define MID         "a=mid:data\r\n"
#define FINGERPRINT "a=fingerprint:sha-256 " HASH "\r\n"
#define PORT        "a=sctp-port:5000\r\n"
#define OFFER       SESSION MEDIA SETUP UFRAG PASSWORD MID FINGERPRINT PORT

static void
test_description (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PstDescription) description = pst_description_parse (OFFER, TRUE, &error);
  g_autoptr (PstDescription) again = NULL;
  g_autofree char *hash = NULL;

  g_assert_no_error (error);
  hash = pst_certificate_format_fingerprint (description->fingerprint);
  g_assert_cmpstr (hash, ==, "sha-256 " HASH);

  again = pst_description_parse (description->sdp, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again->sdp, ==, description->sdp);
}

/* Names, tools, addresses and unknown attributes do not pass. */
static void
test_written_anew (void)
{
  g_autoptr (PstDescription) description = pst_description_parse (
      "v=0\r\no=alice 1 2 IN IP4 laptop.example.org\r\ns=secret\r\nt=0 0\r\na=tool:x\r\n"
      "m=application 4321 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 192.0.2.9\r\n" SETUP UFRAG
          PASSWORD MID FINGERPRINT "a=fingerprint:sha-1 AA:BB\r\na=x-unknown:1\r\n"
      "a=max-message-size:99999999999999999999\r\na=sctp-port:0\r\n",
      TRUE, NULL);

  g_assert_nonnull (description);
  g_assert_null (strstr (description->sdp, "alice"));
  g_assert_null (strstr (description->sdp, "laptop"));
  g_assert_null (strstr (description->sdp, "secret"));
  g_assert_null (strstr (description->sdp, "tool"));
  g_assert_null (strstr (description->sdp, "192.0.2.9"));
  g_assert_null (strstr (description->sdp, "sha-1"));
  g_assert_null (strstr (description->sdp, "x-unknown"));
  g_assert_null (strstr (description->sdp, "max-message-size"));
  g_assert_nonnull (strstr (description->sdp, "a=sctp-port:5000\r\n"));
}

static void
test_answer (void)
{
  static const char answer[] = SESSION MEDIA
      "a=setup:active\r\n" UFRAG PASSWORD MID FINGERPRINT PORT;
  g_autoptr (PstDescription) description = pst_description_parse (answer, FALSE, NULL);

  g_assert_nonnull (description);
  g_assert_null (pst_description_parse (answer, TRUE, NULL));
  g_assert_null (pst_description_parse (OFFER, FALSE, NULL));
}

static void
assert_bad_description (const char *sdp)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (pst_description_parse (sdp, TRUE, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_PROTOCOL);
}

static void
test_bad_descriptions (void)
{
  g_autofree char *filler = g_strnfill (PST_SIGNALLING_MAX_SDP_BYTES, 'x');
  g_autofree char *huge = g_strconcat (OFFER "a=x:", filler, "\r\n", NULL);
  g_autofree char *long_token = g_strnfill (257, 'a');
  g_autofree char *long_ufrag = g_strconcat (SESSION MEDIA SETUP "a=ice-ufrag:", long_token,
                                             "\r\n" PASSWORD MID FINGERPRINT PORT, NULL);
  const char *const bad[] = {
    "",
    "nonsense",
    SESSION,
    huge,
    long_ufrag,
    /* Medias. */
    OFFER MEDIA,
    SESSION "m=audio 9 UDP/TLS/RTP/SAVPF 96\r\n" SETUP UFRAG PASSWORD MID FINGERPRINT PORT,
    OFFER "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n",
    SESSION "m=application 9 TCP/DTLS/SCTP webrtc-datachannel\r\n" SETUP UFRAG PASSWORD MID
        FINGERPRINT PORT,
    SESSION "m=application 9 DTLS/SCTP 5000\r\n" SETUP UFRAG PASSWORD MID FINGERPRINT PORT,
    SESSION "m=application 9 UDP/DTLS/SCTP a b\r\n" SETUP UFRAG PASSWORD MID FINGERPRINT PORT,
    /* Fingerprints. */
    SESSION MEDIA SETUP UFRAG PASSWORD MID PORT,
    OFFER FINGERPRINT,
    OFFER "a=fingerprint:SHA-256 00:11\r\n",
    SESSION FINGERPRINT MEDIA SETUP UFRAG PASSWORD MID FINGERPRINT PORT,
    SESSION FINGERPRINT MEDIA SETUP UFRAG PASSWORD MID PORT,
    SESSION MEDIA SETUP UFRAG PASSWORD MID "a=fingerprint:sha-256 00:11\r\n" PORT,
    SESSION MEDIA SETUP UFRAG PASSWORD MID "a=fingerprint:sha-1 00:11\r\n" PORT,
    /* Attributes. */
    SESSION MEDIA UFRAG PASSWORD MID FINGERPRINT PORT,
    SESSION MEDIA "a=setup:holdconn\r\n" UFRAG PASSWORD MID FINGERPRINT PORT,
    SESSION MEDIA SETUP PASSWORD MID FINGERPRINT PORT,
    SESSION MEDIA SETUP UFRAG UFRAG PASSWORD MID FINGERPRINT PORT,
    SESSION MEDIA SETUP "a=ice-ufrag:abc\r\n" PASSWORD MID FINGERPRINT PORT,
    SESSION MEDIA SETUP "a=ice-ufrag:ab cd\r\n" PASSWORD MID FINGERPRINT PORT,
    SESSION MEDIA SETUP UFRAG MID FINGERPRINT PORT,
    SESSION MEDIA SETUP UFRAG "a=ice-pwd:short\r\n" MID FINGERPRINT PORT,
    SESSION MEDIA SETUP UFRAG PASSWORD FINGERPRINT PORT,
    SESSION MEDIA SETUP UFRAG PASSWORD "a=mid\r\n" FINGERPRINT PORT,
    SESSION MEDIA SETUP UFRAG PASSWORD "a=mid:a%sb\r\n" FINGERPRINT PORT,
    SESSION MEDIA SETUP UFRAG PASSWORD MID MID FINGERPRINT PORT,
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_bad_description (bad[i]);
}

static void
assert_candidate (const char *text, const char *expected)
{
  g_autofree char *candidate = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (pst_candidate_parse (text, &candidate, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (candidate, ==, expected);
}

static void
test_candidates (void)
{
  assert_candidate ("candidate:1 1 UDP 2015363327 192.0.2.1 4000 typ host",
                    "candidate:1 1 UDP 2015363327 192.0.2.1 4000 typ host");
  assert_candidate ("candidate:7 1 udp 1 2001:DB8:0::1 4000 typ srflx raddr 10.0.0.1 rport 9 x y",
                    "candidate:7 1 UDP 1 2001:db8::1 4000 typ srflx");
  assert_candidate ("candidate:7 1 udp 1 192.0.2.1 4000 typ relay",
                    "candidate:7 1 UDP 1 192.0.2.1 4000 typ relay");
}

static void
test_useless_candidates (void)
{
  assert_candidate ("candidate:1 1 UDP 1 fe80::1 4000 typ host", NULL);
  assert_candidate ("candidate:1 1 UDP 1 127.0.0.1 4000 typ host", NULL);
  assert_candidate ("candidate:1 1 UDP 1 ::1 4000 typ host", NULL);
  assert_candidate ("candidate:1 1 UDP 1 0.0.0.0 4000 typ host", NULL);
  assert_candidate ("candidate:1 1 UDP 1 224.0.0.251 4000 typ host", NULL);
  assert_candidate ("candidate:1 1 UDP 1 ff02::fb 4000 typ host", NULL);
  assert_candidate ("candidate:1 1 UDP 1 intranet.example.org 4000 typ host", NULL);
  assert_candidate ("candidate:1 1 UDP 1 5a1b2c3d.local 4000 typ host", NULL);
  assert_candidate ("candidate:1 1 TCP 1 192.0.2.1 9 typ host tcptype active", NULL);
  assert_candidate ("candidate:1 1 TCP 1 192.0.2.1 9 typ host", NULL);
  assert_candidate ("candidate:1 2 UDP 1 192.0.2.1 4000 typ host", NULL);
  assert_candidate ("candidate:1 1 UDP 1 192.0.2.1 0 typ host", NULL);
}

static void
test_bad_candidates (void)
{
  g_autofree char *filler = g_strnfill (PST_SIGNALLING_MAX_CANDIDATE_BYTES, 'x');
  g_autofree char *huge = g_strconcat ("candidate:1 1 UDP 1 192.0.2.1 4000 typ host ", filler,
                                       NULL);
  const char *const bad[] = {
    "",
    "candidate:",
    "a=candidate:1 1 UDP 1 192.0.2.1 4000 typ host",
    "candidate:1 1 UDP 1 192.0.2.1 4000 typ",
    "candidate:1 1 UDP 1 192.0.2.1 4000 host typ",
    "candidate:1 1 UDP 1 192.0.2.1 4000 typ other",
    "candidate: 1 UDP 1 192.0.2.1 4000 typ host",
    "candidate:% 1 UDP 1 192.0.2.1 4000 typ host",
    "candidate:123456789012345678901234567890123 1 UDP 1 192.0.2.1 4000 typ host",
    "candidate:1 0 UDP 1 192.0.2.1 4000 typ host",
    "candidate:1 x UDP 1 192.0.2.1 4000 typ host",
    "candidate:1 257 UDP 1 192.0.2.1 4000 typ host",
    "candidate:1 1 UDP 0 192.0.2.1 4000 typ host",
    "candidate:1 1 UDP -1 192.0.2.1 4000 typ host",
    "candidate:1 1 UDP 2147483648 192.0.2.1 4000 typ host",
    "candidate:1 1 UDP 1 192.0.2.1 65536 typ host",
    "candidate:1 1 UDP 1 192.0.2.1 +1 typ host",
    "candidate:1  1 UDP 1 192.0.2.1 4000 typ host",
    huge,
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *candidate = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_false (pst_candidate_parse (bad[i], &candidate, &error));
      g_assert_error (error, PST_ERROR, PST_ERROR_PROTOCOL);
      g_assert_null (candidate);
    }
}

static PstSignal *
take (PstSignalling *signalling, const char *text, GError **error)
{
  g_autoptr (JsonObject) message = pst_json_parse (text, strlen (text), 100000, NULL);

  g_assert_nonnull (message);
  return pst_signalling_take (signalling, message, error);
}

static void
assert_refused (PstSignalling *signalling, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (take (signalling, text, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_PROTOCOL);
}

static void
assert_taken (PstSignalling *signalling, const char *text, guint n_candidates, gboolean end)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PstSignal) signal = take (signalling, text, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (signal->candidates), ==, n_candidates);
  g_assert_cmpint (signal->end, ==, end);
}

static void
test_round_trip (void)
{
  g_autoptr (PstSignalling) offerer = pst_signalling_new (TRUE, 3);
  g_autoptr (PstSignalling) answerer = pst_signalling_new (FALSE, 3);
  g_autoptr (PstDescription) description = pst_description_parse (OFFER, TRUE, NULL);
  g_autoptr (JsonObject) offer = pst_signalling_make_description (offerer, description);
  const char *const candidates[] = { "candidate:1 1 UDP 1 192.0.2.1 4000 typ host", NULL };
  g_autoptr (JsonObject) ice = pst_signalling_make_candidates (offerer, candidates, TRUE);
  g_autofree char *ice_text = pst_json_print (ice);
  g_autoptr (PstSignal) signal = pst_signalling_take (answerer, offer, NULL);

  g_assert_cmpstr (json_object_get_string_member (offer, "kind"), ==, "offer");
  g_assert_cmpstr (signal->description->sdp, ==, description->sdp);
  g_assert_cmpmem (signal->description->fingerprint, PST_FINGERPRINT_BYTES,
                   description->fingerprint, PST_FINGERPRINT_BYTES);
  g_assert_cmpstr (ice_text, ==,
                   "{\"t\":\"ice\",\"epoch\":3,\"c\":[{\"m\":0,\"c\":\"candidate:1 1 UDP 1 "
                   "192.0.2.1 4000 typ host\"}],\"end\":true}");
  assert_taken (answerer, ice_text, 1, TRUE);
}

static void
test_answer_round_trip (void)
{
  g_autoptr (PstSignalling) offerer = pst_signalling_new (TRUE, 3);
  g_autoptr (PstSignalling) answerer = pst_signalling_new (FALSE, 3);
  g_autoptr (PstDescription) description = pst_description_parse (
      SESSION MEDIA "a=setup:active\r\n" UFRAG PASSWORD MID FINGERPRINT PORT, FALSE, NULL);
  g_autoptr (JsonObject) answer = pst_signalling_make_description (answerer, description);
  g_autoptr (PstSignal) signal = pst_signalling_take (offerer, answer, NULL);

  g_assert_cmpstr (json_object_get_string_member (answer, "kind"), ==, "answer");
  g_assert_nonnull (signal);
  g_assert_cmpstr (signal->description->sdp, ==, description->sdp);
}

static void
test_order (void)
{
  g_autoptr (PstSignalling) answerer = pst_signalling_new (FALSE, 0);
  g_autoptr (PstSignalling) offerer = pst_signalling_new (TRUE, 0);
  g_autoptr (PstDescription) description = pst_description_parse (OFFER, TRUE, NULL);
  g_autoptr (JsonObject) offer = pst_signalling_make_description (offerer, description);
  g_autofree char *text = pst_json_print (offer);

  /* An offer is not for the offerer; a second one is for nobody. */
  assert_refused (offerer, text);
  assert_taken (answerer, text, 0, FALSE);
  assert_refused (answerer, text);

  /* Nothing comes after the end. */
  assert_taken (answerer, "{\"t\":\"ice\",\"epoch\":0,\"c\":[],\"end\":true}", 0, TRUE);
  assert_refused (answerer, "{\"t\":\"ice\",\"epoch\":0,\"c\":[],\"end\":true}");
}

static void
test_bad_messages (void)
{
  g_autoptr (PstSignalling) signalling = pst_signalling_new (FALSE, 1);
  const char *const bad[] = {
    "{}",
    "{\"t\":\"sdp\"}",
    "{\"t\":1,\"epoch\":1}",
    "{\"t\":\"bye\",\"epoch\":1}",
    "{\"t\":\"sdp\",\"epoch\":1}",
    "{\"t\":\"sdp\",\"epoch\":1,\"kind\":\"offer\"}",
    "{\"t\":\"sdp\",\"epoch\":1,\"kind\":\"pranswer\",\"sdp\":\"\"}",
    "{\"t\":\"sdp\",\"epoch\":1,\"kind\":\"offer\",\"sdp\":\"\"}",
    "{\"t\":\"sdp\",\"epoch\":1,\"kind\":\"offer\",\"sdp\":{}}",
    "{\"t\":\"ice\",\"epoch\":1}",
    "{\"t\":\"ice\",\"epoch\":1,\"c\":{}}",
    "{\"t\":\"ice\",\"epoch\":1,\"c\":[],\"end\":1}",
    "{\"t\":\"ice\",\"epoch\":1,\"c\":[1]}",
    "{\"t\":\"ice\",\"epoch\":1,\"c\":[{}]}",
    "{\"t\":\"ice\",\"epoch\":1,\"c\":[{\"m\":0,\"c\":\"candidate:\"}]}",
    ("{\"t\":\"ice\",\"epoch\":1,"
     "\"c\":[{\"m\":1,\"c\":\"candidate:1 1 UDP 1 192.0.2.1 4000 typ host\"}]}"),
    /* Of other epochs. */
    "{\"t\":\"ice\",\"c\":[]}",
    "{\"t\":\"ice\",\"epoch\":0,\"c\":[]}",
    "{\"t\":\"ice\",\"epoch\":2,\"c\":[]}",
    "{\"t\":\"ice\",\"epoch\":-1,\"c\":[]}",
    "{\"t\":\"ice\",\"epoch\":4294967296,\"c\":[]}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_refused (signalling, bad[i]);
}

static char *
make_ice (guint n, guint candidate_bytes)
{
  GString *text = g_string_new ("{\"t\":\"ice\",\"epoch\":0,\"c\":[");

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GString) candidate = g_string_new (
          "candidate:1 1 UDP 1 192.0.2.1 4000 typ host generation ");

      while (candidate->len < candidate_bytes)
        g_string_append_c (candidate, '0');
      g_string_append_printf (text, "%s{\"m\":0,\"c\":\"%s\"}", i > 0 ? "," : "", candidate->str);
    }
  g_string_append (text, "]}");
  return g_string_free (text, FALSE);
}

static void
test_limits (void)
{
  g_autoptr (PstSignalling) signalling = pst_signalling_new (FALSE, 0);
  g_autofree char *most = make_ice (PST_SIGNALLING_MAX_CANDIDATES_A_MESSAGE, 512);
  g_autofree char *too_many = make_ice (PST_SIGNALLING_MAX_CANDIDATES_A_MESSAGE + 1, 100);
  g_autofree char *too_long = make_ice (1, 513);
  g_autofree char *one = make_ice (1, 512);

  assert_refused (signalling, too_many);
  assert_refused (signalling, too_long);
  g_clear_pointer (&signalling, pst_signalling_free);

  signalling = pst_signalling_new (FALSE, 0);
  for (guint i = 0; i < PST_SIGNALLING_MAX_CANDIDATES; i += PST_SIGNALLING_MAX_CANDIDATES_A_MESSAGE)
    assert_taken (signalling, most, PST_SIGNALLING_MAX_CANDIDATES_A_MESSAGE, FALSE);
  assert_refused (signalling, one);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/signalling/description", test_description);
  g_test_add_func ("/signalling/written-anew", test_written_anew);
  g_test_add_func ("/signalling/answer", test_answer);
  g_test_add_func ("/signalling/bad-descriptions", test_bad_descriptions);
  g_test_add_func ("/signalling/candidates", test_candidates);
  g_test_add_func ("/signalling/useless-candidates", test_useless_candidates);
  g_test_add_func ("/signalling/bad-candidates", test_bad_candidates);
  g_test_add_func ("/signalling/round-trip", test_round_trip);
  g_test_add_func ("/signalling/answer-round-trip", test_answer_round_trip);
  g_test_add_func ("/signalling/order", test_order);
  g_test_add_func ("/signalling/bad-messages", test_bad_messages);
  g_test_add_func ("/signalling/limits", test_limits);
  return g_test_run ();
}
