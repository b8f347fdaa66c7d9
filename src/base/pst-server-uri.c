/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-server-uri.h"

#include <string.h>

/**
 * pst_server_uri_parse_websocket:
 * @text: `ws://HOST[:PORT][/PATH]` or `wss://…` (RFC 6455, section 3); an IPv6 zone as
 *   `%25ZONE`
 *
 * Returns: (transfer full) (nullable): the address; %NULL if it is none, or holds a user,
 *   a password or a fragment
 */
GUri *
pst_server_uri_parse_websocket (const char *text)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_NONE, NULL);
  const char *scheme = uri != NULL ? g_uri_get_scheme (uri) : NULL;
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;

  if (host == NULL || *host == '\0' || strpbrk (host, " \r\n\t/") != NULL
      || (!g_str_equal (scheme, "ws") && !g_str_equal (scheme, "wss"))
      || g_uri_get_userinfo (uri) != NULL || g_uri_get_fragment (uri) != NULL
      || g_uri_get_port (uri) == 0)
    return NULL;

  return g_steal_pointer (&uri);
}

static GUri *
parse (const char *text, const char *scheme)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED, NULL);

  if (uri == NULL || !g_str_equal (g_uri_get_scheme (uri), scheme) || g_uri_get_host (uri) == NULL
      || *g_uri_get_host (uri) == '\0' || *g_uri_get_path (uri) != '\0'
      || g_uri_get_fragment (uri) != NULL)
    return NULL;

  return g_steal_pointer (&uri);
}

/**
 * pst_server_uri_parse_stun:
 * @text: `stun://HOST[:PORT]`
 *
 * Returns: (transfer full) (nullable): the address; %NULL if it is none
 */
GUri *
pst_server_uri_parse_stun (const char *text)
{
  g_autoptr (GUri) uri = parse (text, "stun");

  if (uri == NULL || g_uri_get_userinfo (uri) != NULL || g_uri_get_query (uri) != NULL)
    return NULL;

  return g_steal_pointer (&uri);
}

static gboolean
is_transport (const char *query)
{
  return query == NULL || g_str_equal (query, "transport=udp")
         || g_str_equal (query, "transport=tcp");
}

/**
 * pst_server_uri_parse_turn:
 * @text: `turn://USER:PASSWORD@HOST[:PORT][?transport=udp|tcp]`; do not repeat it in
 *   a message, as it holds a password
 *
 * Returns: (transfer full) (nullable): the address; %NULL if it is none
 */
GUri *
pst_server_uri_parse_turn (const char *text)
{
  g_autoptr (GUri) uri = parse (text, "turn");

  if (uri == NULL || g_uri_get_user (uri) == NULL || *g_uri_get_user (uri) == '\0'
      || g_uri_get_password (uri) == NULL || !is_transport (g_uri_get_query (uri)))
    return NULL;

  return g_steal_pointer (&uri);
}

/**
 * pst_server_uri_is_turn_over_tls:
 * @text: anything
 *
 * Returns: whether it asks for what is not supported; what is sent is encrypted end to
 *   end in any case
 */
gboolean
pst_server_uri_is_turn_over_tls (const char *text)
{
  return g_ascii_strncasecmp (text, "turns:", strlen ("turns:")) == 0;
}
