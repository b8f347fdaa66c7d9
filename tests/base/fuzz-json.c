/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stranger's text as JSON: what is taken is within the caps, also as json-glib
 * understood it, and each reader of a member bears each kind of value. */
#include "pst-json.h"

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

static void check_node (JsonNode *node, guint depth);

static void
read_member (JsonObject *object, const char *name)
{
  const char *text;
  guint64 number;
  gint64 whole;
  gboolean flag;

  if (pst_json_get_string (object, name, 32, &text, NULL))
    g_assert_true (strlen (text) <= 32 && g_utf8_validate (text, -1, NULL));
  if (pst_json_get_uint (object, name, 1000, &number, NULL))
    g_assert_true (number <= 1000 && pst_json_get_int (object, name, &whole, NULL));
  if (pst_json_get_bool (object, name, FALSE, &flag, NULL))
    g_assert_true (flag == TRUE || flag == FALSE);
  pst_json_get_array (object, name, 5, NULL);
  pst_json_get_object (object, name, NULL);
}

static void
check_object (JsonObject *object, guint depth)
{
  g_autoptr (GList) names = json_object_get_members (object);

  g_assert_cmpuint (depth, <=, PST_JSON_MAX_DEPTH);
  g_assert_cmpuint (json_object_get_size (object), <=, PST_JSON_MAX_MEMBERS);
  for (GList *l = names; l != NULL; l = l->next)
    {
      read_member (object, l->data);
      check_node (json_object_get_member (object, l->data), depth + 1);
    }
}

static void
check_node (JsonNode *node, guint depth)
{
  JsonArray *array;

  if (JSON_NODE_HOLDS_OBJECT (node))
    check_object (json_node_get_object (node), depth);
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return;

  g_assert_cmpuint (depth, <=, PST_JSON_MAX_DEPTH);
  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    check_node (json_array_get_element (array, i), depth + 1);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  const char *text = size > 0 ? (const char *) data : "";
  g_autoptr (JsonObject) object = pst_json_parse (text, size, 65536, NULL);
  g_autofree char *printed = NULL;

  if (object == NULL)
    return 0;

  check_object (object, 1);
  printed = pst_json_print (object);
  g_assert_true (g_utf8_validate (printed, -1, NULL));
  return 0;
}
