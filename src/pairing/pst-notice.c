/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-notice.h"

#include <net/if.h>
#include <sodium.h>
#include <string.h>

#include "pst-beacon.h"
#include "pst-json.h"
#include "pst-meeting.h"
#include "pst-upgrade.h"

#define VERSION      1
#define MAX_ID_BYTES 32

struct _PstNotices
{
  char *nameplate; /* NULL if a device is looked for */
  guint8 secret[PST_KEY_BYTES];
  guint64 period;
  GHashTable *servers; /* set of URLs given, each with its id */
  GHashTable *sources; /* a URL up to its port → how many of them begin so */
};

static char *
print (const char *member, const char *for_whom, guint16 port, const char *id)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_int_member (object, "penstock", VERSION);
  json_object_set_string_member (object, member, for_whom);
  json_object_set_int_member (object, "port", port);
  json_object_set_string_member (object, "id", id);
  return pst_json_print (object);
}

/**
 * pst_notice_print:
 * @nameplate: the nameplate someone waits under
 * @port: where the embedded server listens
 * @id: a random id of that server, in hex
 *
 * Returns: (transfer full): a beacon (docs/protocol.md, On one network), at
 *   most %PST_BEACON_MAX_BYTES
 */
char *
pst_notice_print (const char *nameplate, guint16 port, const char *id)
{
  return print ("nameplate", nameplate, port, id);
}

/**
 * pst_notice_print_tag:
 * @tag: what the device that is waited for knows it by, see pst_meeting_make_tag()
 * @port: where the embedded server listens
 * @id: a random id of that server, in hex
 *
 * Returns: (transfer full): a beacon for one remembered device
 */
char *
pst_notice_print_tag (const char *tag, guint16 port, const char *id)
{
  return print ("tag", tag, port, id);
}

/**
 * pst_notice_print_question:
 *
 * Returns: (transfer full): what has all who announce something do so now; it does not
 *   tell who is looked for
 */
char *
pst_notice_print_question (void)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_int_member (object, "penstock", VERSION);
  json_object_set_boolean_member (object, "looking", TRUE);
  return pst_json_print (object);
}

/**
 * pst_notice_is_question:
 * @data: (array length=size): a datagram
 * @size: its length in bytes
 *
 * Returns: %TRUE for what pst_notice_print_question() printed
 */
gboolean
pst_notice_is_question (const char *data, gsize size)
{
  g_autoptr (JsonObject) object = pst_json_parse (data, size, PST_BEACON_MAX_BYTES, NULL);
  gboolean looking = FALSE;
  guint64 version;

  return object != NULL && pst_json_get_uint (object, "penstock", G_MAXINT32, &version, NULL)
         && version == VERSION && pst_json_get_bool (object, "looking", FALSE, &looking, NULL)
         && looking;
}

static char *
make_zone (guint32 scope_id)
{
  char name[IF_NAMESIZE];

  if (if_indextoname (scope_id, name) == NULL)
    return g_strdup_printf ("%u", scope_id);
  return g_uri_escape_string (name, NULL, FALSE);
}

/**
 * pst_notice_make_url:
 * @source: where a beacon came from
 * @port: the port it names
 *
 * Returns: (transfer full) (nullable): the server's URL; a link-local IPv6
 *   address comes with its zone (RFC 6874)
 */
char *
pst_notice_make_url (GSocketAddress *source, guint16 port)
{
  GInetSocketAddress *inet;
  GInetAddress *address;
  g_autofree char *text = NULL;
  g_autofree char *zone = NULL;

  if (!G_IS_INET_SOCKET_ADDRESS (source))
    return NULL;

  inet = G_INET_SOCKET_ADDRESS (source);
  address = g_inet_socket_address_get_address (inet);
  text = g_inet_address_to_string (address);
  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4)
    return g_strdup_printf ("ws://%s:%u" PST_UPGRADE_DEFAULT_PATH, text, port);
  if (!g_inet_address_get_is_link_local (address))
    return g_strdup_printf ("ws://[%s]:%u" PST_UPGRADE_DEFAULT_PATH, text, port);

  zone = make_zone (g_inet_socket_address_get_scope_id (inet));
  return g_strdup_printf ("ws://[%s%%25%s]:%u" PST_UPGRADE_DEFAULT_PATH, text, zone, port);
}

/**
 * pst_notices_new:
 * @nameplate: the nameplate looked for
 *
 * Returns: (transfer full): a memory of beacons heard for it
 */
PstNotices *
pst_notices_new (const char *nameplate)
{
  PstNotices *self = g_new0 (PstNotices, 1);

  self->nameplate = g_strdup (nameplate);
  self->servers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->sources = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

/**
 * pst_notices_new_for_device:
 * @secret: what this machine shares with the device looked for
 * @period: the period that is now, see pst_meeting_period()
 *
 * Returns: (transfer full): a memory of beacons heard of that device
 */
PstNotices *
pst_notices_new_for_device (const guint8 secret[PST_KEY_BYTES], guint64 period)
{
  PstNotices *self = pst_notices_new (NULL);

  memcpy (self->secret, secret, PST_KEY_BYTES);
  self->period = period;
  return self;
}

/**
 * pst_notices_free:
 * @self: (transfer full): a memory
 *
 * Frees it.
 */
void
pst_notices_free (PstNotices *self)
{
  sodium_memzero (self->secret, sizeof self->secret);
  g_free (self->nameplate);
  g_hash_table_unref (self->servers);
  g_hash_table_unref (self->sources);
  g_free (self);
}

/* The other machine's clock may be in the period before or after. */
static gboolean
is_tag (PstNotices *self, const char *tag, const char *id)
{
  for (guint64 period = MAX (self->period, 1) - 1; period <= self->period + 1; period++)
    {
      g_autofree char *right = pst_meeting_make_tag (self->secret, period, id);

      if (strcmp (tag, right) == 0)
        return TRUE;
    }

  return FALSE;
}

static gboolean
is_for_us (PstNotices *self, JsonObject *object, const char *id)
{
  const char *member = self->nameplate != NULL ? "nameplate" : "tag";
  const char *text;

  if (!pst_json_get_string (object, member, PST_BEACON_MAX_BYTES, &text, NULL))
    return FALSE;

  return self->nameplate != NULL ? strcmp (text, self->nameplate) == 0 : is_tag (self, text, id);
}

static gboolean
parse (PstNotices *self, const char *data, gsize size, guint16 *port, char **id)
{
  g_autoptr (JsonObject) object = pst_json_parse (data, size, PST_BEACON_MAX_BYTES, NULL);
  const char *text;
  guint64 version, number;

  if (object == NULL || !pst_json_get_uint (object, "penstock", G_MAXINT32, &version, NULL)
      || version != VERSION || !pst_json_get_uint (object, "port", G_MAXUINT16, &number, NULL)
      || number == 0 || !pst_json_get_string (object, "id", MAX_ID_BYTES, &text, NULL)
      || *text == '\0' || !is_for_us (self, object, text))
    return FALSE;

  *port = number;
  *id = g_strdup (text);
  return TRUE;
}

/* By where it came from, not by what it says of itself: ids can be repeated, and any
 * number of them made up. */
static gboolean
remember (PstNotices *self, const char *id, const char *url)
{
  g_autofree char *server = g_strdup_printf ("%s %s", url, id);
  g_autofree char *source = g_strndup (url, strrchr (url, ':') - url);
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->sources, source));

  if (n >= PST_BEACON_MAX_URLS_OF_SOURCE || g_hash_table_size (self->servers) >= PST_BEACON_MAX_URLS
      || !g_hash_table_add (self->servers, g_steal_pointer (&server)))
    return FALSE;

  g_hash_table_insert (self->sources, g_steal_pointer (&source), GUINT_TO_POINTER (n + 1));
  return TRUE;
}

/**
 * pst_notices_hear:
 * @self: a memory
 * @data: (array length=size): a datagram
 * @size: its length in bytes
 * @source: where it came from
 * @id: (out) (optional): the server's id, if there is one
 *
 * Returns: (transfer full) (nullable): a server's URL not given before with this id; %NULL
 *   for what is not a beacon, not for us, known, or one too many
 */
char *
pst_notices_hear (PstNotices *self, const char *data, gsize size, GSocketAddress *source, char **id)
{
  g_autofree char *server_id = NULL;
  g_autofree char *url = NULL;
  guint16 port;

  if (!parse (self, data, size, &port, &server_id))
    return NULL;
  url = pst_notice_make_url (source, port);
  if (url == NULL || !remember (self, server_id, url))
    return NULL;

  if (id != NULL)
    *id = g_steal_pointer (&server_id);
  return g_steal_pointer (&url);
}
