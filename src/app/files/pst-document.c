/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-document.h"

#include <limits.h>
#include <string.h>
#include <sys/xattr.h>

#define DOCUMENTS_NAME      "org.freedesktop.portal.Documents"
#define DOCUMENTS_PATH      "/org/freedesktop/portal/documents"
#define DOCUMENTS_INTERFACE "org.freedesktop.portal.Documents"

/* Answered by newer portals for the document's own file. */
#define HOST_PATH_ATTRIBUTE "user.document-portal.host-path"

/* The portal serves the mount too, so it runs and answers within a few
 * milliseconds. Two calls of this length are asked once for each document, and a
 * person does not notice them. */
#define ANSWER_TIMEOUT_MS 150

/* Host paths by document; "" for those that nobody tells. */
static GHashTable *known;
G_LOCK_DEFINE_STATIC (known);

/* Splits "/run/user/1000/doc/ID/NAME/REST"; @rest is NULL for the document
 * itself. FALSE for any other path. */
static gboolean
split (const char *path, char **id, char **document, char **rest)
{
  g_autofree char *mount = g_build_filename (g_get_user_runtime_dir (), "doc", NULL);
  const char *const mounts[] = { mount, "/run/flatpak/doc" };

  for (guint i = 0; i < G_N_ELEMENTS (mounts); i++)
    {
      gsize length = strlen (mounts[i]);
      g_auto (GStrv) parts = NULL;

      if (strncmp (path, mounts[i], length) != 0 || path[length] != '/')
        continue;
      parts = g_strsplit (path + length + 1, "/", 3);
      if (g_strv_length (parts) < 2 || *parts[0] == '\0' || *parts[1] == '\0')
        continue;

      *id = g_strdup (parts[0]);
      *document = g_build_filename (mounts[i], parts[0], parts[1], NULL);
      *rest = g_strdup (parts[2]);
      return TRUE;
    }

  return FALSE;
}

static char *
ask_attribute (const char *document)
{
  char value[PATH_MAX];
  ssize_t length = getxattr (document, HOST_PATH_ATTRIBUTE, value, sizeof value);

  /* Some versions count the terminator, others do not. */
  while (length > 0 && value[length - 1] == '\0')
    length--;
  return length > 0 && value[0] == '/' ? g_strndup (value, length) : NULL;
}

static GVariant *
call (GDBusConnection *bus, const char *method, GVariant *parameters, const char *reply_type)
{
  return g_dbus_connection_call_sync (
      bus, DOCUMENTS_NAME, DOCUMENTS_PATH, DOCUMENTS_INTERFACE, method, parameters,
      G_VARIANT_TYPE (reply_type), G_DBUS_CALL_FLAGS_NO_AUTO_START, ANSWER_TIMEOUT_MS, NULL, NULL);
}

/* Two methods: the first is allowed in a sandbox, but new; the second is old, but
 * allowed outside only. */
static char *
ask_portal (const char *id)
{
  const char *const ids[] = { id, NULL };
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) paths = NULL;
  char *path = NULL;

  if (bus == NULL)
    return NULL;

  reply = call (bus, "GetHostPaths", g_variant_new ("(^as)", ids), "(a{say})");
  if (reply != NULL)
    {
      paths = g_variant_get_child_value (reply, 0);
      g_variant_lookup (paths, id, "^ay", &path);
      return path;
    }

  reply = call (bus, "Info", g_variant_new ("(s)", id), "(aya{sas})");
  if (reply != NULL)
    g_variant_get (reply, "(^aya{sas})", &path, NULL);
  return path;
}

static char *
look_up (const char *id, const char *document)
{
  const char *cached;
  char *path;

  G_LOCK (known);
  if (known == NULL)
    known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  cached = g_hash_table_lookup (known, id);
  path = g_strdup (cached);
  G_UNLOCK (known);
  if (path != NULL)
    return path;

  path = ask_attribute (document);
  if (path == NULL)
    path = ask_portal (id);
  if (path == NULL || *path != '/')
    {
      g_free (path);
      path = g_strdup ("");
    }

  G_LOCK (known);
  g_hash_table_replace (known, g_strdup (id), g_strdup (path));
  G_UNLOCK (known);
  return path;
}

/**
 * pst_document_dup_inner_path:
 * @path: an absolute path on this machine
 *
 * Returns: (transfer full) (nullable): @path without the portal's mount and the
 *   document's number, beginning with the document's own name; %NULL if @path is
 *   none of the portal's
 */
char *
pst_document_dup_inner_path (const char *path)
{
  g_autofree char *id = NULL;
  g_autofree char *document = NULL;
  g_autofree char *rest = NULL;
  g_autofree char *name = NULL;

  if (!split (path, &id, &document, &rest))
    return NULL;

  name = g_path_get_basename (document);
  return g_build_filename (name, rest, NULL);
}

/**
 * pst_document_dup_host_path:
 * @path: an absolute path on this machine
 *
 * Asks the document portal where @path really is. The portal is asked once for
 * each document, in the calling thread and for 300 ms at most; then the answer,
 * or that there is none, is remembered.
 *
 * Returns: (transfer full) (nullable): the path outside of the sandbox, in the
 *   file system's encoding; %NULL if @path is none of the portal's or nobody
 *   tells, as the portals of before 2024 do not from within a sandbox
 */
char *
pst_document_dup_host_path (const char *path)
{
  g_autofree char *id = NULL;
  g_autofree char *document = NULL;
  g_autofree char *rest = NULL;
  g_autofree char *host = NULL;

  if (!split (path, &id, &document, &rest))
    return NULL;

  host = look_up (id, document);
  if (*host == '\0')
    return NULL;

  return g_build_filename (host, rest, NULL);
}
