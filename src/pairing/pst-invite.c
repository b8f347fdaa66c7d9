/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-invite.h"

#include "pst-code.h"
#include "pst-error.h"

#include <string.h>

#define SCHEME "wormhole-transfer:"

/* What the ecosystem's clients put on a server's address that names no path. */
#define DEFAULT_PATH "/v1"

static gboolean
set_bad_link (GError **error, const char *message)
{
  g_set_error_literal (error, PST_ERROR, PST_ERROR_BAD_CODE, message);
  return FALSE;
}

static char *
dup_without_default_path (const char *url)
{
  const char *authority = strstr (url, "://");
  const char *path = authority != NULL ? strchr (authority + 3, '/') : NULL;

  if (path != NULL
      && (strcmp (path, "/") == 0 || strcmp (path, DEFAULT_PATH) == 0
          || strcmp (path, DEFAULT_PATH "/") == 0))
    return g_strndup (url, path - url);

  return g_strdup (url);
}

/**
 * pst_invite_to_uri:
 * @code: a code as given by pst_code_parse() or pst_code_make()
 * @rendezvous_url: (nullable): the `ws:` or `wss:` address of a server that the
 *   other side does not know by itself; a path of `/v1` is left out, since
 *   clients add it to an address without a path
 *
 * Makes the link for a code, the `wormhole-transfer:` URI of the Magic Wormhole
 * ecosystem, with no fields other programs do not know (docs/protocol.md).
 *
 * Returns: (transfer full): the link
 */
char *
pst_invite_to_uri (const char *code, const char *rendezvous_url)
{
  g_autofree char *escaped_code = g_uri_escape_string (code, NULL, FALSE);
  g_autofree char *url = NULL;
  g_autofree char *escaped_url = NULL;

  if (rendezvous_url == NULL)
    return g_strconcat (SCHEME, escaped_code, NULL);

  url = dup_without_default_path (rendezvous_url);
  escaped_url = g_uri_escape_string (url, NULL, FALSE);

  return g_strconcat (SCHEME, escaped_code, "?rendezvous=", escaped_url, NULL);
}

static gboolean
is_printable_ascii (const char *text)
{
  for (; *text != '\0'; text++)
    if (!g_ascii_isgraph (*text))
      return FALSE;

  return TRUE;
}

static gboolean
is_server_url (const char *text)
{
  g_autoptr (GUri) uri = NULL;
  const char *host;

  if (!is_printable_ascii (text) || (uri = g_uri_parse (text, G_URI_FLAGS_NONE, NULL)) == NULL)
    return FALSE;

  host = g_uri_get_host (uri);
  return (g_str_equal (g_uri_get_scheme (uri), "ws") || g_str_equal (g_uri_get_scheme (uri), "wss"))
         && host != NULL && *host != '\0' && is_printable_ascii (host)
         && g_uri_get_port (uri) != 0 && g_uri_get_userinfo (uri) == NULL
         && g_uri_get_query (uri) == NULL && g_uri_get_fragment (uri) == NULL;
}

/* The fields of a link; each is allowed once. */
typedef struct
{
  char *rendezvous;
  char *version;
  char *role;
} Fields;

static void
fields_clear (Fields *fields)
{
  g_free (fields->rendezvous);
  g_free (fields->version);
  g_free (fields->role);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fields, fields_clear)

static char **
find_field (Fields *fields, const char *name)
{
  if (strcmp (name, "rendezvous") == 0)
    return &fields->rendezvous;
  if (strcmp (name, "version") == 0)
    return &fields->version;
  if (strcmp (name, "role") == 0)
    return &fields->role;

  return NULL;
}

static gboolean
parse_field (Fields *fields, const char *text, GError **error)
{
  const char *equals = strchr (text, '=');
  g_autofree char *name = NULL;
  g_autofree char *value = NULL;
  char **slot;

  if (equals != NULL)
    {
      name = g_uri_unescape_segment (text, equals, NULL);
      value = g_uri_unescape_string (equals + 1, NULL);
    }
  if (name == NULL || value == NULL)
    return set_bad_link (error, "The link is damaged; copy it again as a whole.");

  slot = find_field (fields, name);
  if (slot == NULL)
    return set_bad_link (error, "The link asks for something this version does not know.");
  if (*slot != NULL)
    return set_bad_link (error, "The link contradicts itself.");

  *slot = g_steal_pointer (&value);
  return TRUE;
}

static gboolean
parse_query (Fields *fields, const char *query, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (query, "&", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    if (*parts[i] != '\0' && !parse_field (fields, parts[i], error))
      return FALSE;

  return TRUE;
}

/* The role says who sends; once two sides are connected, both may. */
static gboolean
check_fields (Fields *fields, GError **error)
{
  if (fields->version != NULL && strcmp (fields->version, "0") != 0)
    return set_bad_link (error, "The link is of a newer kind; this version cannot read it.");
  if (fields->role != NULL && strcmp (fields->role, "leader") != 0
      && strcmp (fields->role, "follower") != 0)
    return set_bad_link (error, "The link asks for something this version does not know.");
  if (fields->rendezvous != NULL && !is_server_url (fields->rendezvous))
    return set_bad_link (error, "The link does not name a usable server.");

  return TRUE;
}

static gboolean
parse_link (const char *link, char **code, char **rendezvous_url, GError **error)
{
  const char *path = link + strlen (SCHEME);
  const char *end = path + strcspn (path, "?");
  g_autofree char *unescaped = g_uri_unescape_segment (path, end, NULL);
  g_auto (Fields) fields = { 0 };

  if (unescaped == NULL)
    return set_bad_link (error, "The link is damaged; copy it again as a whole.");
  if (strchr (path, '#') != NULL)
    return set_bad_link (error, "The link asks for something this version does not know.");
  if (*end == '?' && !parse_query (&fields, end + 1, error))
    return FALSE;
  if (!check_fields (&fields, error))
    return FALSE;

  *code = pst_code_parse (unescaped, error);
  if (*code == NULL)
    return FALSE;

  *rendezvous_url = g_steal_pointer (&fields.rendezvous);
  return TRUE;
}

/**
 * pst_invite_parse:
 * @text: what a person typed, pasted or scanned: a link or a plain code
 * @code: (out) (transfer full): the code, as pst_code_parse() gives it
 * @rendezvous_url: (out) (transfer full) (nullable): the server the link names,
 *   as it stands there (an address without a path, or with the path `/` alone,
 *   means the path `/v1`), or %NULL
 * @error: return location for a %PST_ERROR_BAD_CODE
 *
 * Reads a link or a code; blanks around it do not matter. A link has the form
 * of pst_invite_to_uri(); other programs may add `version=0` and
 * `role=leader` or `role=follower`, anything else is refused, and so is a
 * server that is not a `ws:` or `wss:` address with a host. At most
 * %PST_INVITE_MAX_BYTES bytes. Source: Magic Wormhole URI scheme;
 * docs/protocol.md.
 *
 * Returns: %TRUE if @code and @rendezvous_url are set
 */
gboolean
pst_invite_parse (const char *text, char **code, char **rendezvous_url, GError **error)
{
  g_autofree char *stripped = NULL;

  *code = NULL;
  *rendezvous_url = NULL;
  if (strlen (text) > PST_INVITE_MAX_BYTES)
    return set_bad_link (error, "This is too long to be a code or a link.");

  stripped = g_strstrip (g_strdup (text));
  if (g_ascii_strncasecmp (stripped, SCHEME, strlen (SCHEME)) == 0)
    return parse_link (stripped, code, rendezvous_url, error);
  if (strstr (stripped, "://") != NULL)
    return set_bad_link (error, "The link is not one to receive with; such links start with "
                                "“wormhole-transfer:”.");

  *code = pst_code_parse (stripped, error);
  return *code != NULL;
}
