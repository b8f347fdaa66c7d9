/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-address.h"

#include <glib/gi18n.h>

#include "pst-error.h"
#include "pst-escape.h"
#include "pst-server-uri.h"

static gboolean
refuse (GError **error, const char *sentence)
{
  g_set_error_literal (error, PST_ERROR, PST_ERROR_USAGE, sentence);
  return FALSE;
}

/**
 * pst_address_check_server:
 * @text: what was typed
 * @error: return location for a %PST_ERROR_USAGE with a translated sentence
 *
 * Returns: %TRUE if @text is the address of a rendezvous server
 */
gboolean
pst_address_check_server (const char *text, GError **error)
{
  g_autoptr (GUri) uri = pst_server_uri_parse_websocket (text);

  return uri != NULL
         || refuse (error, _ ("This is not the address of a rendezvous server; it should look like "
                              "wss://meet.example.org/v1."));
}

/**
 * pst_address_check_stun:
 * @text: what was typed
 * @error: return location for a %PST_ERROR_USAGE with a translated sentence
 *
 * Returns: %TRUE if @text is the address of a STUN server
 */
gboolean
pst_address_check_stun (const char *text, GError **error)
{
  g_autoptr (GUri) uri = pst_server_uri_parse_stun (text);

  return uri != NULL
         || refuse (error, _ ("This is not the address of a STUN server; it should look like "
                              "stun://stun.example.org:3478."));
}

/**
 * pst_address_check_turn:
 * @text: what was typed
 * @error: return location for a %PST_ERROR_USAGE with a translated sentence; it
 *   does not repeat @text, which may hold a password
 *
 * Returns: %TRUE if @text is the address of a TURN server with user and password
 */
gboolean
pst_address_check_turn (const char *text, GError **error)
{
  g_autoptr (GUri) uri = pst_server_uri_parse_turn (text);

  if (pst_server_uri_is_turn_over_tls (text))
    return refuse (error, _ ("Relays over TLS are not supported; use turn://, because what is sent "
                             "is encrypted end to end in any case."));

  return uri != NULL
         || refuse (
             error,
             /* Translators: please translate USER and PASSWORD, and nothing else of the address */
             _ ("This is not the address of a relay; it should look like "
                "turn://USER:PASSWORD@turn.example.org:3478."));
}

/**
 * pst_address_dup_turn_display:
 * @text: the address of a TURN server
 *
 * Returns: (transfer full): @text as anybody may see it on the screen: without
 *   the password, left to right in any language; “?” if it is no such address
 */
char *
pst_address_dup_turn_display (const char *text)
{
  g_autoptr (GUri) uri = pst_server_uri_parse_turn (text);
  g_autofree char *open = uri != NULL ? g_uri_to_string_partial (uri, G_URI_HIDE_PASSWORD) : NULL;
  g_autofree char *shown = pst_escape_name (open != NULL ? open : "?", -1);

  /* LEFT-TO-RIGHT ISOLATE … POP DIRECTIONAL ISOLATE */
  return g_strconcat ("\u2066", shown, "\u2069", NULL);
}
