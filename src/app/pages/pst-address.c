/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-address.h"

#include <glib/gi18n.h>

#include "pst-error.h"
#include "pst-escape.h"
#include "pst-upgrade.h"

static gboolean
refuse (GError **error, const char *sentence)
{
  g_set_error_literal (error, PST_ERROR, PST_ERROR_USAGE, sentence);
  return FALSE;
}

/* As the link does: it would refuse anything else only when somebody waits. */
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
 * pst_address_check_server:
 * @text: what was typed
 * @error: return location for a %PST_ERROR_USAGE with a translated sentence
 *
 * Returns: %TRUE if @text is the address of a rendezvous server
 */
gboolean
pst_address_check_server (const char *text, GError **error)
{
  g_autoptr (GUri) uri = pst_upgrade_parse_url (text, NULL);

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
  g_autoptr (GUri) uri = parse (text, "stun");

  return (uri != NULL && g_uri_get_userinfo (uri) == NULL && g_uri_get_query (uri) == NULL)
         || refuse (error, _ ("This is not the address of a STUN server; it should look like "
                              "stun://stun.example.org:3478."));
}

static gboolean
is_transport (const char *query)
{
  return query == NULL || g_str_equal (query, "transport=udp")
         || g_str_equal (query, "transport=tcp");
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
  g_autoptr (GUri) uri = parse (text, "turn");
  g_autofree char *scheme = g_uri_parse_scheme (text);

  if (g_strcmp0 (scheme, "turns") == 0)
    return refuse (error, _ ("Relays over TLS are not supported; use turn://, because what is sent "
                             "is encrypted end to end in any case."));

  return (uri != NULL && g_uri_get_user (uri) != NULL && *g_uri_get_user (uri) != '\0'
          && g_uri_get_password (uri) != NULL && is_transport (g_uri_get_query (uri)))
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
  g_autoptr (GUri) uri = parse (text, "turn");
  g_autofree char *open = uri != NULL ? g_uri_to_string_partial (uri, G_URI_HIDE_PASSWORD) : NULL;
  g_autofree char *shown = pst_escape_name (open != NULL ? open : "?", -1);

  /* LEFT-TO-RIGHT ISOLATE … POP DIRECTIONAL ISOLATE */
  return g_strconcat ("\u2066", shown, "\u2069", NULL);
}
