/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-peer-private.h"

#include <string.h>

#include "pst-error.h"

#define BIND_KEY_BYTES 32

static GUri *
parse_server (const char *text, const char *scheme)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED, NULL);

  if (uri == NULL || !g_str_equal (g_uri_get_scheme (uri), scheme) || g_uri_get_host (uri) == NULL
      || *g_uri_get_host (uri) == '\0' || *g_uri_get_path (uri) != '\0'
      || g_uri_get_fragment (uri) != NULL)
    return NULL;

  return g_steal_pointer (&uri);
}

static gboolean
check_stun_server (const char *text, GError **error)
{
  g_autoptr (GUri) uri = parse_server (text, "stun");

  if (uri != NULL && g_uri_get_userinfo (uri) == NULL && g_uri_get_query (uri) == NULL)
    return TRUE;

  g_set_error (error, PST_ERROR, PST_ERROR_USAGE,
               "“%s” is not the address of a STUN server; it should look like "
               "stun://stun.example.org:3478.",
               text);
  return FALSE;
}

/* The address holds a password, so it is not repeated in messages. */
static gboolean
check_turn_server (const char *text, GError **error)
{
  g_autoptr (GUri) uri = parse_server (text, "turn");
  const char *query = uri != NULL ? g_uri_get_query (uri) : NULL;

  if (g_ascii_strncasecmp (text, "turns:", strlen ("turns:")) == 0)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_USAGE,
                           "Relays (TURN servers) over TLS are not supported; use turn:// — what "
                           "is sent is encrypted end to end in any case.");
      return FALSE;
    }

  if (uri != NULL && g_uri_get_user (uri) != NULL && *g_uri_get_user (uri) != '\0'
      && g_uri_get_password (uri) != NULL
      && (query == NULL || g_str_equal (query, "transport=udp")
          || g_str_equal (query, "transport=tcp")))
    return TRUE;

  g_set_error_literal (error, PST_ERROR, PST_ERROR_USAGE,
                       "The address of the relay (TURN server) is not usable; it should look like "
                       "turn://USER:PASSWORD@turn.example.org:3478?transport=udp.");
  return FALSE;
}

/*
 * pst_peer_check_config:
 * @config: what pst_peer_new() was given
 * @error: return location for a %PST_ERROR_USAGE, or %PST_ERROR_NO_PATH when
 *   only relays are allowed and none is given
 *
 * Returns: %TRUE if a connection can be tried with it
 */
gboolean
pst_peer_check_config (const PstPeerConfig *config, GError **error)
{
  gboolean has_relay = config->turn_servers != NULL && config->turn_servers[0] != NULL;

  g_return_val_if_fail (config->local_side != NULL && config->remote_side != NULL, FALSE);
  g_return_val_if_fail (g_bytes_get_size (config->bind_key) == BIND_KEY_BYTES, FALSE);

  if (config->relay_only && !has_relay)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_NO_PATH,
                           "Only relays may be used, but no relay (TURN server) is set.");
      return FALSE;
    }
  if (config->stun_server != NULL && !check_stun_server (config->stun_server, error))
    return FALSE;
  for (guint i = 0; has_relay && config->turn_servers[i] != NULL; i++)
    if (!check_turn_server (config->turn_servers[i], error))
      return FALSE;

  return TRUE;
}
