/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of finished transfers ↔ JSON:
 *
 *   { "version": 1, "transfers": [ { "title", "peer"?, "incoming", "state",
 *     "bytes", "time": seconds since 1970, "paths": [ file URIs ] } ] }
 *
 * Names of files may be any bytes, so they stand there as URIs. */
#include "pst-history-private.h"

#include "pst-error.h"
#include "pst-json.h"
#include "pst-snapshot.h"

#define VERSION 1

/* Longer than any name a file can have, written as a URI. */
#define MAX_TEXT_BYTES (64 * 1024)

static JsonArray *
write_paths (const char *const *paths)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; paths[i] != NULL; i++)
    {
      g_autofree char *uri = g_filename_to_uri (paths[i], NULL, NULL);

      if (uri != NULL)
        json_array_add_string_element (array, uri);
    }

  return array;
}

static JsonObject *
write_item (PstHistoryItem *item)
{
  JsonObject *object = json_object_new ();
  const char *peer_name = pst_history_item_get_peer_name (item);

  json_object_set_string_member (object, "title", pst_history_item_get_title (item));
  if (peer_name != NULL)
    json_object_set_string_member (object, "peer", peer_name);
  json_object_set_boolean_member (object, "incoming", pst_history_item_is_incoming (item));
  json_object_set_string_member (object, "state",
                                 pst_transfer_state_to_name (pst_history_item_get_state (item)));
  json_object_set_int_member (object, "bytes", pst_history_item_get_bytes (item));
  json_object_set_int_member (object, "time",
                              g_date_time_to_unix (pst_history_item_get_time (item)));
  json_object_set_array_member (object, "paths", write_paths (pst_history_item_get_paths (item)));
  return object;
}

/* Returns the text of the file. */
char *
pst_history_print (GListModel *items)
{
  g_autoptr (JsonObject) root = json_object_new ();
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr (PstHistoryItem) item = g_list_model_get_item (items, i);

      json_array_add_object_element (array, write_item (item));
    }
  json_object_set_int_member (root, "version", VERSION);
  json_object_set_array_member (root, "transfers", array);
  return pst_json_print (root);
}

static gboolean
wrong (const char *what, GError **error)
{
  g_set_error (error, PST_ERROR, PST_ERROR_FAILED, "The history has a wrong %s.", what);
  return FALSE;
}

static gboolean
read_state (JsonObject *object, PstTransferState *state, GError **error)
{
  const char *name;

  if (!pst_json_get_string (object, "state", MAX_TEXT_BYTES, &name, error))
    return FALSE;

  for (*state = PST_TRANSFER_DONE; *state <= PST_TRANSFER_FAILED; ++*state)
    if (g_str_equal (pst_transfer_state_to_name (*state), name))
      return TRUE;

  return wrong ("state", error);
}

static GDateTime *
read_time (JsonObject *object, GError **error)
{
  g_autoptr (GDateTime) utc = NULL;
  gint64 seconds;

  if (!pst_json_get_int (object, "time", &seconds, error))
    return NULL;

  utc = g_date_time_new_from_unix_utc (seconds);
  if (utc == NULL)
    wrong ("time", error);
  return utc != NULL ? g_date_time_to_local (utc) : NULL;
}

static GStrv
read_paths (JsonObject *object, GError **error)
{
  JsonArray *array = pst_json_get_array (object, "paths", PST_HISTORY_MAX_PATHS, error);
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);

  if (array == NULL)
    return NULL;

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      char *path = json_node_get_value_type (node) == G_TYPE_STRING
                       ? g_filename_from_uri (json_node_get_string (node), NULL, NULL)
                       : NULL;

      if (path == NULL)
        {
          wrong ("path", error);
          return NULL;
        }
      g_ptr_array_add (paths, path);
    }
  g_ptr_array_add (paths, NULL);
  return (GStrv) g_ptr_array_free (g_steal_pointer (&paths), FALSE);
}

static PstHistoryItem *
read_item (JsonObject *object, GError **error)
{
  g_autoptr (GDateTime) time = NULL;
  g_auto (GStrv) paths = NULL;
  const char *title, *peer_name = NULL;
  PstTransferState state;
  gboolean incoming;
  guint64 bytes;

  if (!pst_json_get_string (object, "title", MAX_TEXT_BYTES, &title, error)
      || (json_object_has_member (object, "peer")
          && !pst_json_get_string (object, "peer", MAX_TEXT_BYTES, &peer_name, error))
      || !pst_json_get_bool (object, "incoming", FALSE, &incoming, error)
      || !read_state (object, &state, error)
      || !pst_json_get_uint (object, "bytes", G_MAXINT64, &bytes, error)
      || (time = read_time (object, error)) == NULL
      || (paths = read_paths (object, error)) == NULL)
    return NULL;

  return pst_history_item_take (g_strdup (title), g_strdup (peer_name), g_steal_pointer (&paths),
                                g_steal_pointer (&time), bytes, state, incoming);
}

/* Returns the items (of PstHistoryItem), newest first, or NULL if the text is
 * not entirely what pst_history_print() would write. */
GPtrArray *
pst_history_parse (const char *text, gsize length, GError **error)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (JsonObject) root = pst_json_parse (text, length, PST_HISTORY_MAX_BYTES, error);
  JsonArray *array;
  guint64 version;

  if (root == NULL || !pst_json_get_uint (root, "version", VERSION, &version, error)
      || (array = pst_json_get_array (root, "transfers", PST_HISTORY_MAX_ITEMS, error)) == NULL)
    return NULL;

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      PstHistoryItem *item;

      if (!JSON_NODE_HOLDS_OBJECT (node))
        {
          wrong ("entry", error);
          return NULL;
        }
      item = read_item (json_node_get_object (node), error);
      if (item == NULL)
        return NULL;
      g_ptr_array_add (items, item);
    }

  return g_steal_pointer (&items);
}
