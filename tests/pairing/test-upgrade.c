/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-error.h"
#include "pst-upgrade.h"

#define KEY "dGhlIHNhbXBsZSBub25jZQ=="

#define SWITCH(extra)                                                                 \
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" \
  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" extra "\r\n"

#define REQUEST(path, extra)                                                  \
  "GET " path " HTTP/1.1\r\nHost: 192.168.1.2:4000\r\nUpgrade: websocket\r\n" \
  "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Key: " KEY "\r\n"         \
  "Sec-WebSocket-Version: 13\r\n" extra "\r\n"

static void
assert_status (const char *head, guint status)
{
  g_autofree char *key = NULL;

  g_assert_cmpuint (pst_upgrade_check_request (head, strlen (head), &key), ==, status);
  g_assert_cmpstr (key, ==, status == 101 ? KEY : NULL);
}

static void
test_requests (void)
{
  assert_status (REQUEST ("/v1", ""), 101);
  assert_status (REQUEST ("/v1", "Origin: http://192.168.1.2:4000\r\n"), 101);
  assert_status (REQUEST ("/v1", "Sec-WebSocket-Extensions: permessage-deflate\r\n"), 101);
  assert_status (REQUEST ("/", ""), 404);
  assert_status (REQUEST ("/v1/x", ""), 404);
  assert_status ("GET /v1 HTTP/1.1\r\nHost: x\r\n\r\n", 400);
  assert_status ("\r\n", 400);
  assert_status ("\x16\x03\x01\r\n\r\n", 400);
}

/* Each says but one thing wrong. */
static void
test_wrong_requests (void)
{
  static const struct
  {
    const char *right;
    const char *wrong;
  } changes[] = {
    { "GET", "POST" },
    { "Upgrade: websocket", "Upgrade: h2c" },
    { "Upgrade: websocket\r\n", "" },
    { "keep-alive, Upgrade", "keep-alive" },
    { "Version: 13", "Version: 8" },
    { "Sec-WebSocket-Key: " KEY "\r\n", "" },
    { KEY, "dGhlIHNhbXBsZQ==" },
    { KEY, "dGhlIHNhbXBsZSBub25jZTIx" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      GString *head = g_string_new (REQUEST ("/v1", ""));
      g_autofree char *text = NULL;

      g_assert_cmpuint (g_string_replace (head, changes[i].right, changes[i].wrong, 1), ==, 1);
      text = g_string_free (head, FALSE);
      assert_status (text, 400);
    }
}

/* What a parser that stops at a NUL would not see. */
static void
test_nul (void)
{
  static const char request[] = REQUEST ("/v1", "X: \0\r\n");
  static const char response[] = SWITCH ("X: \0\r\n");
  g_autofree char *key = NULL;

  g_assert_cmpuint (pst_upgrade_check_request (request, sizeof request - 1, &key), ==, 400);
  g_assert_null (key);
  g_assert_false (pst_upgrade_check_response (response, sizeof response - 1, KEY, NULL));
}

static void
test_origins (void)
{
  assert_status (REQUEST ("/v1", "Origin: http://evil.example\r\n"), 403);
  assert_status (REQUEST ("/v1", "Origin: http://192.168.1.2:4001\r\n"), 403);
  assert_status (REQUEST ("/v1", "Origin: https://192.168.1.2:4000\r\n"), 403);
  assert_status (REQUEST ("/v1", "Origin: null\r\n"), 403);
  assert_status (REQUEST ("/v1", "Origin: \r\n"), 403);
  assert_status (REQUEST ("/", "Origin: http://evil.example\r\n"), 403);
  /* There is no address that it could be a page of. */
  assert_status ("GET /v1 HTTP/1.1\r\nOrigin: http://\r\n\r\n", 403);
  assert_status ("GET /v1 HTTP/1.1\r\nHost: [\r\nOrigin: http://[\r\n\r\n", 403);
}

/* A page whose name was made to point here has its own name as Host. */
static void
test_rebinding (void)
{
  assert_status ("GET /v1 HTTP/1.1\r\nHost: evil.example:4000\r\nUpgrade: websocket\r\n"
                 "Origin: http://evil.example:4000\r\nConnection: Upgrade\r\n"
                 "Sec-WebSocket-Key: " KEY "\r\nSec-WebSocket-Version: 13\r\n\r\n",
                 403);
}

/* The example of RFC 6455, section 1.3. */
static void
test_responses (void)
{
  g_autofree char *good = pst_upgrade_print_response (101, KEY);
  g_autofree char *refusal = pst_upgrade_print_response (403, NULL);
  const char *redirect = "HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\n\r\n";
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (strstr (good, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
  g_assert_true (pst_upgrade_check_response (good, strlen (good), KEY, &error));
  g_assert_no_error (error);
  g_assert_false (
      pst_upgrade_check_response (good, strlen (good), "AAAAAAAAAAAAAAAAAAAAAA==", NULL));
  g_assert_false (pst_upgrade_check_response (refusal, strlen (refusal), KEY, NULL));
  g_assert_false (pst_upgrade_check_response ("SSH-2.0-x\r\n\r\n", 13, KEY, NULL));
  g_assert_false (pst_upgrade_check_response (redirect, strlen (redirect), KEY, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_SERVER);
}

static void
test_key (void)
{
  g_autofree char *key = pst_upgrade_make_key ();
  g_autofree char *other = pst_upgrade_make_key ();
  g_autoptr (GUri) uri = pst_upgrade_parse_url ("ws://192.0.2.7:4000", NULL);
  g_autofree char *request = pst_upgrade_print_request (uri, key);
  g_autofree char *taken = NULL;

  g_assert_cmpstr (key, !=, other);
  g_assert_cmpuint (pst_upgrade_check_request (request, strlen (request), &taken), ==, 101);
  g_assert_cmpstr (taken, ==, key);
}

/* A server must not choose what was not offered. */
static void
test_extensions (void)
{
  const char *plain = SWITCH ("");
  const char *extended = SWITCH ("Sec-WebSocket-Extensions: permessage-deflate\r\n");
  g_autoptr (GError) error = NULL;

  g_assert_true (pst_upgrade_check_response (plain, strlen (plain), KEY, NULL));
  g_assert_false (pst_upgrade_check_response (extended, strlen (extended), KEY, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_SERVER);
}

static void
assert_request (const char *url, const char *start, const char *host)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GUri) uri = pst_upgrade_parse_url (url, &error);
  g_autofree char *request = NULL;
  g_autofree char *host_line = g_strdup_printf ("\r\nHost: %s\r\n", host);

  g_assert_no_error (error);
  request = pst_upgrade_print_request (uri, KEY);
  g_assert_true (g_str_has_prefix (request, start));
  g_assert_nonnull (strstr (request, host_line));
}

static void
test_urls (void)
{
  assert_request ("ws://h:4000", "GET /v1 HTTP", "h:4000");
  assert_request ("wss://h/", "GET /v1 HTTP", "h");
  assert_request ("WS://h/other?a=b%20c", "GET /other?a=b%20c HTTP", "h");
  assert_request ("ws://[::1]:5/v1", "GET /v1 HTTP", "[::1]:5");
  assert_request ("ws://[fe80::1%25eth0]:5/v1", "GET /v1 HTTP", "[fe80::1]:5");
  assert_request ("ws://h/a%0d%0ab", "GET /a%0D%0Ab HTTP", "h");
}

static void
test_bad_urls (void)
{
  const char *bad[] = { "",         "x",         "http://h", "ws://",         "ws://h:0",
                        "ws://h:x", "ws://u@h/", "ws://h#f", "ws://a%0d%0ab", "ws://h:70000" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (pst_upgrade_parse_url (bad[i], &error));
      g_assert_error (error, PST_ERROR, PST_ERROR_USAGE);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/upgrade/requests", test_requests);
  g_test_add_func ("/upgrade/wrong-requests", test_wrong_requests);
  g_test_add_func ("/upgrade/nul", test_nul);
  g_test_add_func ("/threats/23-embedded-server/origin", test_origins);
  g_test_add_func ("/threats/23-embedded-server/rebinding", test_rebinding);
  g_test_add_func ("/upgrade/responses", test_responses);
  g_test_add_func ("/upgrade/key", test_key);
  g_test_add_func ("/upgrade/extensions", test_extensions);
  g_test_add_func ("/upgrade/urls", test_urls);
  g_test_add_func ("/upgrade/bad-urls", test_bad_urls);
  return g_test_run ();
}
