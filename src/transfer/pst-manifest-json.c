/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-manifest.h"

#include <string.h>

#include "pst-error.h"
#include "pst-json.h"
#include "pst-path.h"

/* docs/protocol.md, “Entries”: p path, k kind, s size in bytes (files only), m
 * modification time in nanoseconds since 1970, x executable (files only, left out
 * if not), l target (links only). The names are short because there are many. */

static const char *const kinds[] = {
  [PST_ENTRY_FILE] = "f",
  [PST_ENTRY_FOLDER] = "d",
  [PST_ENTRY_LINK] = "l",
};

static JsonObject *
write_entry (const PstEntry *entry)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "p", entry->path);
  json_object_set_string_member (object, "k", kinds[entry->kind]);
  if (entry->kind == PST_ENTRY_FILE)
    json_object_set_int_member (object, "s", entry->size_bytes);
  json_object_set_int_member (object, "m", entry->mtime_ns);
  if (entry->executable)
    json_object_set_boolean_member (object, "x", TRUE);
  if (entry->target != NULL)
    json_object_set_string_member (object, "l", entry->target);

  return object;
}

/**
 * pst_manifest_write_part:
 * @self: a manifest
 * @next_index: (inout): the first entry to write, below
 *   pst_manifest_get_n_entries(); afterwards the first that was not written
 * @max_bytes: how long the part may be when printed
 *
 * Writes the entries from @next_index on, as many as fit: the array prints to at
 * most @max_bytes, however many characters must be escaped, unless its first
 * entry alone is longer.
 *
 * Returns: (transfer full): an array of at least one entry
 */
JsonArray *
pst_manifest_write_part (PstManifest *self, guint *next_index, gsize max_bytes)
{
  guint n_entries = pst_manifest_get_n_entries (self);
  JsonArray *part;
  gsize used = strlen ("[]");

  g_return_val_if_fail (*next_index < n_entries, NULL);

  part = json_array_new ();
  for (; *next_index < n_entries; (*next_index)++)
    {
      g_autoptr (JsonObject) object = write_entry (pst_manifest_get_entry (self, *next_index));
      g_autofree char *text = pst_json_print (object);
      gsize comma = json_array_get_length (part) > 0;

      used += comma + strlen (text);
      if (used > max_bytes && comma)
        break;
      json_array_add_object_element (part, g_steal_pointer (&object));
    }

  return part;
}

static gboolean
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL, message);
  return FALSE;
}

static gboolean
read_kind (JsonObject *object, PstEntryKind *kind, GError **error)
{
  const char *name;

  if (!pst_json_get_string (object, "k", 1, &name, error))
    return FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (kinds[i], name) == 0)
      {
        *kind = i;
        return TRUE;
      }

  return refuse (error, "An entry of the offer is neither a file nor a folder nor a link.");
}

static gboolean
read_file (JsonObject *object, PstEntry *entry, GError **error)
{
  if (json_object_has_member (object, "l"))
    return refuse (error, "An entry of the offer points somewhere but is no link.");

  return pst_json_get_uint (object, "s", PST_MANIFEST_MAX_FILE_BYTES, &entry->size_bytes, error)
         && pst_json_get_bool (object, "x", FALSE, &entry->executable, error);
}

static gboolean
read_other (JsonObject *object, PstEntry *entry, GError **error)
{
  if (json_object_has_member (object, "s") || json_object_has_member (object, "x"))
    return refuse (error, "An entry of the offer has what only a file can have.");
  if (entry->kind == PST_ENTRY_LINK)
    return pst_json_get_string (object, "l", PST_PATH_MAX_BYTES, (const char **) &entry->target,
                                error);
  if (json_object_has_member (object, "l"))
    return refuse (error, "An entry of the offer points somewhere but is no link.");

  return TRUE;
}

/* @entry borrows its strings from @object. */
static gboolean
read_entry (JsonObject *object, PstEntry *entry, GError **error)
{
  if (!pst_json_get_string (object, "p", PST_PATH_MAX_BYTES, (const char **) &entry->path, error)
      || !read_kind (object, &entry->kind, error)
      || !pst_json_get_int (object, "m", &entry->mtime_ns, error))
    return FALSE;

  return entry->kind == PST_ENTRY_FILE ? read_file (object, entry, error)
                                       : read_other (object, entry, error);
}

/**
 * pst_manifest_read_part:
 * @self: the manifest that is being received
 * @part: an array from the other side, out of a message from pst_json_parse()
 *   (which sees to it that no string hides a NUL)
 * @error: return location for a %PST_ERROR_PROTOCOL or %PST_ERROR_LIMIT
 *
 * Appends the entries of a part, each checked as pst_manifest_append() does.
 * Members that are not known are passed over. On failure some entries may have
 * been appended; the offer is then to be refused as a whole.
 *
 * Returns: %TRUE if all entries of the part are acceptable
 */
gboolean
pst_manifest_read_part (PstManifest *self, JsonArray *part, GError **error)
{
  if (pst_manifest_is_sealed (self))
    return refuse (error, "A list of files goes on after its end.");

  for (guint i = 0; i < json_array_get_length (part); i++)
    {
      JsonNode *node = json_array_get_element (part, i);
      PstEntry entry = { 0 };

      if (!JSON_NODE_HOLDS_OBJECT (node))
        return refuse (error, "An entry of the offer is not acceptable.");
      if (!read_entry (json_node_get_object (node), &entry, error)
          || !pst_manifest_append (self, &entry, error))
        return FALSE;
    }

  return TRUE;
}
