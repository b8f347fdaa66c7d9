/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Remembered devices ↔ JSON, as they are kept:
 *
 *   { "version": 1, "devices": [ { "name", "secret": 64 hex digits, "accepts",
 *     "since": seconds since 1970 } ] } */
#include "pst-device.h"

#include <sodium.h>
#include <string.h>

#include "pst-error.h"
#include "pst-json.h"

#define VERSION 1

/* Names may be written with six bytes for each of theirs. */
#define MAX_BYTES (PST_DEVICES_MAX * (6 * PST_DEVICE_MAX_NAME_BYTES + 256) + 256)

/**
 * pst_device_list_new:
 *
 * Returns: (transfer full) (element-type PstDevice): an empty list
 */
GPtrArray *
pst_device_list_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) pst_device_free);
}

/**
 * pst_device_list_find:
 * @list: (element-type PstDevice): devices
 * @name: a name
 *
 * Returns: (transfer none) (nullable): the device of that name
 */
PstDevice *
pst_device_list_find (GPtrArray *list, const char *name)
{
  for (guint i = 0; i < list->len; i++)
    {
      PstDevice *device = g_ptr_array_index (list, i);

      if (g_str_equal (device->name, name))
        return device;
    }

  return NULL;
}

static gboolean
wrong (const char *what, GError **error)
{
  g_set_error (error, PST_ERROR, PST_ERROR_FAILED, "The list of remembered devices has a wrong %s.",
               what);
  return FALSE;
}

static gboolean
read_secret (JsonObject *object, PstDevice *device, GError **error)
{
  const char *hex;
  gsize n_bytes;

  if (!pst_json_get_string (object, "secret", 2 * PST_DEVICE_SECRET_BYTES, &hex, error))
    return FALSE;

  return (strlen (hex) == 2 * PST_DEVICE_SECRET_BYTES
          && sodium_hex2bin (device->secret, sizeof device->secret, hex, strlen (hex), NULL,
                             &n_bytes, NULL)
                 == 0
          && n_bytes == PST_DEVICE_SECRET_BYTES)
         || wrong ("secret", error);
}

static gboolean
read_device (JsonNode *node, GPtrArray *list, GError **error)
{
  g_autoptr (PstDevice) device = g_new0 (PstDevice, 1);
  JsonObject *object;
  const char *name;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return wrong ("entry", error);

  object = json_node_get_object (node);
  if (!pst_json_get_string (object, "name", PST_DEVICE_MAX_NAME_BYTES, &name, error)
      || !pst_device_check_name (name, error) || !read_secret (object, device, error)
      || !pst_json_get_bool (object, "accepts", FALSE, &device->accepts, error)
      || !pst_json_get_int (object, "since", &device->since_s, error))
    return FALSE;
  if (pst_device_list_find (list, name) != NULL)
    return wrong ("name: it stands there twice", error);

  device->name = g_strdup (name);
  g_ptr_array_add (list, g_steal_pointer (&device));
  return TRUE;
}

/**
 * pst_device_list_parse:
 * @text: what pst_device_list_print() wrote
 * @length: its length in bytes
 * @error: return location for an error of %PST_ERROR
 *
 * Returns: (transfer full) (nullable) (element-type PstDevice): the devices
 */
GPtrArray *
pst_device_list_parse (const char *text, gsize length, GError **error)
{
  g_autoptr (GPtrArray) list = pst_device_list_new ();
  g_autoptr (JsonObject) root = pst_json_parse (text, length, MAX_BYTES, error);
  JsonArray *array;
  guint64 version;

  if (root == NULL || !pst_json_get_uint (root, "version", G_MAXUINT32, &version, error)
      || (array = pst_json_get_array (root, "devices", PST_DEVICES_MAX, error)) == NULL)
    return NULL;
  if (version != VERSION)
    {
      wrong ("version", error);
      return NULL;
    }

  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!read_device (json_array_get_element (array, i), list, error))
      return NULL;

  return g_steal_pointer (&list);
}

static JsonObject *
write_device (const PstDevice *device)
{
  JsonObject *object = json_object_new ();
  char hex[2 * PST_DEVICE_SECRET_BYTES + 1];

  json_object_set_string_member (object, "name", device->name);
  json_object_set_string_member (
      object, "secret", sodium_bin2hex (hex, sizeof hex, device->secret, sizeof device->secret));
  json_object_set_boolean_member (object, "accepts", device->accepts);
  json_object_set_int_member (object, "since", device->since_s);
  sodium_memzero (hex, sizeof hex);
  return object;
}

/**
 * pst_device_list_print:
 * @list: (element-type PstDevice): devices
 *
 * Returns: (transfer full): them as they are kept; holds their secrets
 */
char *
pst_device_list_print (GPtrArray *list)
{
  g_autoptr (JsonObject) root = json_object_new ();
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < list->len; i++)
    json_array_add_object_element (array, write_device (g_ptr_array_index (list, i)));
  json_object_set_int_member (root, "version", VERSION);
  json_object_set_array_member (root, "devices", array);
  return pst_json_print (root);
}
