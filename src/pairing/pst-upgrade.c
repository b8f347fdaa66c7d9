/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-upgrade.h"

#include <gio/gio.h>
#include <libsoup/soup.h>

#include "pst-error.h"
#include "pst-server-uri.h"

/* RFC 6455, section 1.3. */
#define ACCEPT_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define KEY_BYTES   16

/**
 * pst_upgrade_parse_url:
 * @url: `ws://HOST[:PORT][/PATH]` or `wss://…`; an IPv6 zone as `%25ZONE`
 * @error: return location for a %PST_ERROR_USAGE
 *
 * Without a path, %PST_UPGRADE_DEFAULT_PATH is taken. User, password and
 * fragment are not allowed.
 *
 * Returns: (transfer full) (nullable): the parsed URL
 */
GUri *
pst_upgrade_parse_url (const char *url, GError **error)
{
  g_autoptr (GUri) uri = pst_server_uri_parse_websocket (url);
  const char *path;

  if (uri == NULL)
    {
      g_set_error (error, PST_ERROR, PST_ERROR_USAGE,
                   "“%s” is not the address of a rendezvous server; it looks like "
                   "ws://HOST:PORT or wss://HOST.",
                   url);
      return NULL;
    }

  path = g_uri_get_path (uri);
  if (*path != '\0' && strcmp (path, "/") != 0)
    return g_steal_pointer (&uri);

  return g_uri_build (G_URI_FLAGS_NONE, g_uri_get_scheme (uri), NULL, g_uri_get_host (uri),
                      g_uri_get_port (uri), PST_UPGRADE_DEFAULT_PATH, g_uri_get_query (uri), NULL);
}

/**
 * pst_upgrade_make_key:
 *
 * Returns: (transfer full): a fresh `Sec-WebSocket-Key`
 */
char *
pst_upgrade_make_key (void)
{
  guint32 random[KEY_BYTES / sizeof (guint32)];

  /* It only shows that the answer belongs to this request: nothing secret. */
  for (guint i = 0; i < G_N_ELEMENTS (random); i++)
    random[i] = g_random_int ();

  return g_base64_encode ((const guchar *) random, sizeof random);
}

static char *
make_accept (const char *key)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  guint8 digest[20];
  gsize digest_bytes = sizeof digest;

  g_checksum_update (checksum, (const guchar *) key, -1);
  g_checksum_update (checksum, (const guchar *) ACCEPT_GUID, -1);
  g_checksum_get_digest (checksum, digest, &digest_bytes);

  return g_base64_encode (digest, digest_bytes);
}

/* A zone means something on this machine only (RFC 6874, section 3). */
static char *
print_host (GUri *uri)
{
  const char *host = g_uri_get_host (uri);
  g_autofree char *bare = g_strndup (host, strcspn (host, "%"));
  gboolean is_ipv6 = strchr (bare, ':') != NULL;
  g_autofree char *bracketed = is_ipv6 ? g_strdup_printf ("[%s]", bare) : g_strdup (bare);

  if (g_uri_get_port (uri) < 0)
    return g_steal_pointer (&bracketed);
  return g_strdup_printf ("%s:%d", bracketed, g_uri_get_port (uri));
}

/**
 * pst_upgrade_print_request:
 * @uri: from pst_upgrade_parse_url()
 * @key: from pst_upgrade_make_key()
 *
 * Returns: (transfer full): the head of the request that opens a WebSocket
 */
char *
pst_upgrade_print_request (GUri *uri, const char *key)
{
  g_autofree char *host = print_host (uri);
  g_autofree char *path = g_uri_escape_string (g_uri_get_path (uri), "/", FALSE);
  const char *query = g_uri_get_query (uri);
  g_autofree char *escaped_query = query != NULL ? g_uri_escape_string (query, "=&", FALSE)
                                                 : g_strdup ("");

  return g_strdup_printf ("GET %s%s%s HTTP/1.1\r\n"
                          "Host: %s\r\n"
                          "Upgrade: websocket\r\n"
                          "Connection: Upgrade\r\n"
                          "Sec-WebSocket-Key: %s\r\n"
                          "Sec-WebSocket-Version: 13\r\n"
                          "\r\n",
                          path, query != NULL ? "?" : "", escaped_query, host, key);
}

static gboolean
has_token (SoupMessageHeaders *headers, const char *name, const char *token)
{
  const char *list = soup_message_headers_get_list (headers, name);

  return list != NULL && soup_header_contains (list, token);
}

/* soup_headers_parse_*() take the head without the empty line that ends it. */
static int
strip_end (const char *head, gsize head_bytes)
{
  return (int) (head_bytes >= 2 ? head_bytes - 2 : 0);
}

/**
 * pst_upgrade_check_response:
 * @head: (array length=head_bytes): a server's answer up to its empty line
 * @head_bytes: at most %PST_UPGRADE_MAX_HEAD_BYTES
 * @key: the key of the request
 * @error: return location for a %PST_ERROR_SERVER
 *
 * Anything but a switch to a WebSocket for this very request is refused,
 * redirects too: a server that could send us elsewhere could send us anywhere.
 *
 * Returns: %TRUE if a WebSocket is open now
 */
gboolean
pst_upgrade_check_response (const char *head, gsize head_bytes, const char *key, GError **error)
{
  g_autoptr (SoupMessageHeaders) headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  g_autofree char *accept = make_accept (key);
  guint status = 0;

  if (memchr (head, '\0', head_bytes) != NULL
      || !soup_headers_parse_response (head, strip_end (head, head_bytes), headers, NULL, &status,
                                       NULL))
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_SERVER, "It does not answer in HTTP.");
      return FALSE;
    }
  if (status != SOUP_STATUS_SWITCHING_PROTOCOLS || !has_token (headers, "Upgrade", "websocket")
      || g_strcmp0 (soup_message_headers_get_one (headers, "Sec-WebSocket-Accept"), accept) != 0
      || soup_message_headers_get_list (headers, "Sec-WebSocket-Extensions") != NULL)
    {
      g_set_error (error, PST_ERROR, PST_ERROR_SERVER, "It offers no mailboxes (HTTP status %u).",
                   status);
      return FALSE;
    }

  return TRUE;
}

/* Web pages reach servers on the LAN through their visitors' browsers, which
 * always name the page's origin. Only a page of this very address may connect,
 * and only by number: a name can be made to point anywhere. */
static gboolean
is_foreign (SoupMessageHeaders *headers)
{
  const char *origin = soup_message_headers_get_list (headers, "Origin");
  const char *host = soup_message_headers_get_list (headers, "Host");
  g_autofree char *own = NULL;
  g_autoptr (GUri) uri = NULL;

  if (origin == NULL)
    return FALSE;

  own = g_strdup_printf ("http://%s", host != NULL ? host : "");
  uri = g_uri_parse (own, G_URI_FLAGS_NONE, NULL);
  return uri == NULL || g_uri_get_host (uri) == NULL
         || !g_hostname_is_ip_address (g_uri_get_host (uri)) || strcmp (origin, own) != 0;
}

static gboolean
is_key (const char *key)
{
  g_autofree guchar *raw = NULL;
  gsize raw_bytes = 0;

  if (key == NULL || strlen (key) != 24)
    return FALSE;
  raw = g_base64_decode (key, &raw_bytes);
  return raw_bytes == KEY_BYTES;
}

/**
 * pst_upgrade_check_request:
 * @head: (array length=head_bytes): a client's request up to its empty line
 * @head_bytes: at most %PST_UPGRADE_MAX_HEAD_BYTES
 * @key: (out) (transfer full) (nullable): its key, for the answer
 *
 * Decides on a request to the embedded server. Extensions are never agreed to:
 * a compressed frame can be far larger than any cap on what arrives.
 *
 * Returns: the HTTP status to answer with: 101 if it may become a WebSocket
 */
guint
pst_upgrade_check_request (const char *head, gsize head_bytes, char **key)
{
  g_autoptr (SoupMessageHeaders) headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  g_autofree char *method = NULL;
  g_autofree char *path = NULL;

  *key = NULL;
  if (memchr (head, '\0', head_bytes) != NULL
      || soup_headers_parse_request (head, strip_end (head, head_bytes), headers, &method, &path,
                                     NULL)
             != SOUP_STATUS_OK)
    return SOUP_STATUS_BAD_REQUEST;
  if (is_foreign (headers))
    return SOUP_STATUS_FORBIDDEN;
  if (strcmp (path, PST_UPGRADE_DEFAULT_PATH) != 0)
    return SOUP_STATUS_NOT_FOUND;
  if (strcmp (method, "GET") != 0 || !has_token (headers, "Upgrade", "websocket")
      || !has_token (headers, "Connection", "upgrade")
      || g_strcmp0 (soup_message_headers_get_one (headers, "Sec-WebSocket-Version"), "13") != 0
      || !is_key (soup_message_headers_get_one (headers, "Sec-WebSocket-Key")))
    return SOUP_STATUS_BAD_REQUEST;

  *key = g_strdup (soup_message_headers_get_one (headers, "Sec-WebSocket-Key"));
  return SOUP_STATUS_SWITCHING_PROTOCOLS;
}

/**
 * pst_upgrade_print_response:
 * @status: an HTTP status
 * @key: (nullable): the client's key if @status is 101
 *
 * Returns: (transfer full): the head of the answer
 */
char *
pst_upgrade_print_response (guint status, const char *key)
{
  g_autofree char *accept = NULL;

  if (status != SOUP_STATUS_SWITCHING_PROTOCOLS)
    return g_strdup_printf ("HTTP/1.1 %u %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                            status, soup_status_get_phrase (status));

  accept = make_accept (key);
  return g_strdup_printf ("HTTP/1.1 101 Switching Protocols\r\n"
                          "Upgrade: websocket\r\n"
                          "Connection: Upgrade\r\n"
                          "Sec-WebSocket-Accept: %s\r\n"
                          "\r\n",
                          accept);
}
