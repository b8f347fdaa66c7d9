/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-peer-private.h"

#include "pst-error.h"
#include "pst-server-uri.h"

#define BIND_KEY_BYTES 32

static gboolean
check_stun_server (const char *text, GError **error)
{
  g_autoptr (GUri) uri = pst_server_uri_parse_stun (text);

  if (uri != NULL)
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
  g_autoptr (GUri) uri = pst_server_uri_parse_turn (text);

  if (pst_server_uri_is_turn_over_tls (text))
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_USAGE,
                           "Relays (TURN servers) over TLS are not supported; use turn:// — what "
                           "is sent is encrypted end to end in any case.");
      return FALSE;
    }

  if (uri != NULL)
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
