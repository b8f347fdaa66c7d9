/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-control-private.h"
#include "pst-json.h"
#include "pst-manifest.h"

/* The two lists that messages carry: which entries are accepted, and which are
 * there from an earlier receipt. Both ascend, so that none stands twice. */

static gboolean
is_whole_number (JsonNode *node, gint64 max)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64
         && json_node_get_int (node) >= 0 && json_node_get_int (node) <= max;
}

/* One [first, last]: whole numbers, in order, behind the range before it. */
static gboolean
read_range (JsonNode *node, gint64 after, PstEntryRange *range)
{
  JsonArray *pair = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  gint64 ends[2];

  if (pair == NULL || json_array_get_length (pair) != 2)
    return FALSE;
  for (guint i = 0; i < 2; i++)
    {
      JsonNode *end = json_array_get_element (pair, i);

      if (!is_whole_number (end, PST_MANIFEST_MAX_ENTRIES - 1))
        return FALSE;
      ends[i] = json_node_get_int (end);
    }
  if (ends[0] <= after || ends[1] < ends[0])
    return FALSE;

  range->first = ends[0];
  range->last = ends[1];
  return TRUE;
}

/**
 * pst_control_read_ranges:
 * @object: an `accept`
 * @control: the message; its ranges are set, or stay %NULL where all is accepted
 * @error: return location for a %PST_ERROR_PROTOCOL
 *
 * Returns: %TRUE if they are well-formed: ascending, and none overlaps
 */
gboolean
pst_control_read_ranges (JsonObject *object, PstControl *control, GError **error)
{
  JsonArray *array;
  gint64 after = -1;

  if (!json_object_has_member (object, "entries"))
    return TRUE;
  array = pst_json_get_array (object, "entries", PST_CONTROL_MAX_RANGES, error);
  if (array == NULL)
    return FALSE;

  control->ranges = g_array_new (FALSE, FALSE, sizeof (PstEntryRange));
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      PstEntryRange range;

      if (!read_range (json_array_get_element (array, i), after, &range))
        {
          g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL,
                               "The other side's choice of entries makes no sense.");
          return FALSE;
        }
      after = range.last;
      g_array_append_val (control->ranges, range);
    }

  return TRUE;
}

static JsonArray *
write_range (const PstEntryRange *range)
{
  JsonArray *pair = json_array_sized_new (2);

  json_array_add_int_element (pair, range->first);
  json_array_add_int_element (pair, range->last);
  return pair;
}

/**
 * pst_control_write_ranges:
 * @object: an `accept` in the making
 * @control: the message
 *
 * Writes which entries are accepted; nothing where all are.
 */
void
pst_control_write_ranges (JsonObject *object, const PstControl *control)
{
  JsonArray *array;

  if (control->ranges == NULL)
    return;

  array = json_array_sized_new (control->ranges->len);
  for (guint i = 0; i < control->ranges->len; i++)
    json_array_add_array_element (array,
                                  write_range (&g_array_index (control->ranges, PstEntryRange, i)));
  json_object_set_array_member (object, "entries", array);
}

static gboolean
is_digest (JsonNode *node, guint8 digest[PST_DIGEST_BYTES])
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
         && pst_digest_parse (json_node_get_string (node), digest);
}

/* [entry], [entry, offset, digest] or the same with a nearer place behind it. */
static gboolean
read_one_held (JsonNode *node, gint64 after, PstHeld *held)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  guint length = array != NULL ? json_array_get_length (array) : 0;

  *held = (PstHeld){ .n_places = length / 2 };
  if (length % 2 == 0 || held->n_places > PST_HELD_MAX_PLACES
      || !is_whole_number (json_array_get_element (array, 0), PST_MANIFEST_MAX_ENTRIES - 1)
      || json_array_get_int_element (array, 0) <= after)
    return FALSE;

  held->entry = json_array_get_int_element (array, 0);
  for (guint i = 0; i < held->n_places; i++)
    {
      PstHeldPlace *place = &held->places[i];

      if (!is_whole_number (json_array_get_element (array, 1 + 2 * i), PST_MANIFEST_MAX_FILE_BYTES)
          || !is_digest (json_array_get_element (array, 2 + 2 * i), place->digest))
        return FALSE;
      place->offset = json_array_get_int_element (array, 1 + 2 * i);
      if (i > 0 && place->offset >= held->places[i - 1].offset)
        return FALSE;
    }

  return TRUE;
}

/**
 * pst_control_read_held:
 * @object: a `held`
 * @c: the message; what the other side has is set
 * @error: return location for a %PST_ERROR_PROTOCOL
 *
 * Returns: %TRUE if it is well-formed
 */
gboolean
pst_control_read_held (JsonObject *object, PstControl *c, GError **error)
{
  JsonArray *array = pst_json_get_array (object, "entries", PST_CONTROL_MAX_HELD, error);
  gint64 after = -1;

  if (array == NULL)
    return FALSE;

  c->held = g_array_sized_new (FALSE, FALSE, sizeof (PstHeld), json_array_get_length (array));
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      PstHeld held;

      if (!read_one_held (json_array_get_element (array, i), after, &held))
        {
          g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL,
                               "What the other side says to have makes no sense.");
          return FALSE;
        }
      after = held.entry;
      g_array_append_val (c->held, held);
    }

  return TRUE;
}

static JsonArray *
write_one_held (const PstHeld *held)
{
  JsonArray *array = json_array_new ();
  char hex[PST_DIGEST_CHARS + 1];

  json_array_add_int_element (array, held->entry);
  for (guint i = 0; i < held->n_places; i++)
    {
      const PstHeldPlace *place = &held->places[i];

      json_array_add_int_element (array, place->offset);
      json_array_add_string_element (array, pst_digest_print (place->digest, hex));
    }

  return array;
}

/**
 * pst_control_write_held:
 * @object: a `held` in the making
 * @c: the message
 *
 * Writes what this side has.
 */
void
pst_control_write_held (JsonObject *object, const PstControl *c)
{
  JsonArray *array = json_array_sized_new (c->held->len);

  for (guint i = 0; i < c->held->len; i++)
    json_array_add_array_element (array, write_one_held (&g_array_index (c->held, PstHeld, i)));
  json_object_set_array_member (object, "entries", array);
}
