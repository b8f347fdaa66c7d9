/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-signalling.h"

#include <gio/gio.h>
#include <string.h>

#include "pst-error.h"

/* RFC 8839, section 5.1: “candidate:” foundation component transport priority
 * address port “typ” type, then pairs of names and values. */
enum
{
  FIELD_FOUNDATION,
  FIELD_COMPONENT,
  FIELD_TRANSPORT,
  FIELD_PRIORITY,
  FIELD_ADDRESS,
  FIELD_PORT,
  FIELD_TYP,
  FIELD_TYPE,
  N_FIELDS
};

#define PREFIX   "candidate:"
#define ICE_CHAR "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/"

static gboolean
is_number (const char *text, guint64 min, guint64 max)
{
  return g_ascii_string_to_unsigned (text, 10, min, max, NULL, NULL);
}

static gboolean
is_foundation (const char *text)
{
  gsize length = strlen (text);

  return length >= 1 && length <= 32 && strspn (text, ICE_CHAR) == length;
}

static gboolean
is_type (const char *type)
{
  static const char *const types[] = { "host", "srflx", "prflx", "relay", NULL };

  return g_strv_contains (types, type);
}

static gboolean
is_well_formed (const GStrv fields)
{
  return g_strv_length (fields) >= N_FIELDS && is_foundation (fields[FIELD_FOUNDATION])
         && is_number (fields[FIELD_COMPONENT], 1, 256)
         && is_number (fields[FIELD_PRIORITY], 1, G_MAXINT32)
         && is_number (fields[FIELD_PORT], 0, G_MAXUINT16)
         && g_str_equal (fields[FIELD_TYP], "typ") && is_type (fields[FIELD_TYPE]);
}

/* Names (mDNS among them) would be looked up for a stranger. Link-local
 * addresses mean nothing without the interface, which candidates do not carry
 * (RFC 6874). Loopback, multicast and “any” are never another machine. */
static GInetAddress *
parse_address (const char *text)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (text);

  if (address == NULL || g_inet_address_get_is_any (address)
      || g_inet_address_get_is_loopback (address) || g_inet_address_get_is_multicast (address)
      || (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6
          && g_inet_address_get_is_link_local (address)))
    return NULL;

  return g_steal_pointer (&address);
}

/**
 * pst_candidate_parse:
 * @text: a candidate (RFC 8839, section 5.1), from a stranger or from webrtcbin
 * @candidate: (out) (nullable) (transfer full): the candidate, written anew
 *   without related address and extensions; %NULL if it is well formed, but of
 *   no use: not over UDP, not the first component, or not the address of
 *   another machine
 * @error: return location for a %PST_ERROR_PROTOCOL
 *
 * Returns: %TRUE if @text is well formed
 */
gboolean
pst_candidate_parse (const char *text, char **candidate, GError **error)
{
  g_auto (GStrv) fields = NULL;
  g_autoptr (GInetAddress) address = NULL;
  g_autofree char *address_text = NULL;

  *candidate = NULL;
  if (strnlen (text, PST_SIGNALLING_MAX_CANDIDATE_BYTES + 1) <= PST_SIGNALLING_MAX_CANDIDATE_BYTES
      && g_str_has_prefix (text, PREFIX))
    fields = g_strsplit (text + strlen (PREFIX), " ", -1);

  if (fields == NULL || !is_well_formed (fields))
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL,
                           "The other side sent a network address that is not one.");
      return FALSE;
    }

  address = parse_address (fields[FIELD_ADDRESS]);
  if (address == NULL || g_ascii_strcasecmp (fields[FIELD_TRANSPORT], "udp") != 0
      || !g_str_equal (fields[FIELD_COMPONENT], "1")
      || !is_number (fields[FIELD_PORT], 1, G_MAXUINT16))
    return TRUE;

  address_text = g_inet_address_to_string (address);
  *candidate = g_strdup_printf (PREFIX "%s 1 UDP %s %s %s typ %s", fields[FIELD_FOUNDATION],
                                fields[FIELD_PRIORITY], address_text, fields[FIELD_PORT],
                                fields[FIELD_TYPE]);
  return TRUE;
}
