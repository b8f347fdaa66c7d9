/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-control.h"

#include <sodium.h>
#include <string.h>

#include "pst-flow.h"
#include "pst-frame.h"
#include "pst-json.h"
#include "pst-manifest.h"

/* What each kind carries beside "t". */
enum
{
  HAS_ID = 1 << 0,
  HAS_PART = 1 << 1,
  HAS_RANGES = 1 << 2,
  HAS_ENTRY = 1 << 3,
  HAS_PROGRESS = 1 << 4,
  HAS_WINDOW = 1 << 5,
  HAS_DIGEST = 1 << 6,
  HAS_COUNTS = 1 << 7,
  HAS_STAMP = 1 << 8,
  HAS_REASON = 1 << 9,
  HAS_MESSAGE = 1 << 10,
  HAS_NAME = 1 << 11,
  HAS_PAUSED = 1 << 12,
  HAS_PLACE = 1 << 13,
  HAS_MISSING = 1 << 14,
  HAS_AGREES = 1 << 15,
  HAS_HELD = 1 << 16,
  HAS_OFFSET = 1 << 17,
};

static const struct
{
  const char *name;
  guint has;
} kinds[PST_N_CONTROLS] = {
  [PST_CONTROL_UNKNOWN] = { NULL, 0 },
  [PST_CONTROL_HELLO] = { "hello", HAS_NAME },
  [PST_CONTROL_OFFER] = { "offer", HAS_ID | HAS_PART },
  [PST_CONTROL_ACCEPT] = { "accept", HAS_ID | HAS_RANGES | HAS_WINDOW },
  [PST_CONTROL_DECLINE] = { "decline", HAS_ID },
  [PST_CONTROL_PAUSE] = { "pause", HAS_ID },
  [PST_CONTROL_RESUME] = { "resume", HAS_ID },
  [PST_CONTROL_FULL] = { "full", HAS_ID | HAS_MISSING },
  [PST_CONTROL_ROOM] = { "room", HAS_ID },
  [PST_CONTROL_CREDIT] = { "credit", HAS_ID | HAS_PROGRESS | HAS_WINDOW },
  [PST_CONTROL_ENTRY_DONE] = { "entry-done", HAS_ID | HAS_ENTRY | HAS_DIGEST },
  [PST_CONTROL_ENTRY_FAILED] = { "entry-failed", HAS_ID | HAS_ENTRY | HAS_REASON | HAS_MESSAGE },
  [PST_CONTROL_VERIFIED] = { "verified", HAS_ID | HAS_COUNTS },
  [PST_CONTROL_CANCEL] = { "cancel", HAS_ID | HAS_REASON | HAS_MESSAGE },
  [PST_CONTROL_KEEP] = { "keep", HAS_ID | HAS_PAUSED },
  [PST_CONTROL_HAVE] = { "have", HAS_ID | HAS_PAUSED | HAS_PLACE },
  [PST_CONTROL_REMEMBER] = { "remember", HAS_AGREES },
  [PST_CONTROL_HELD] = { "held", HAS_ID | HAS_HELD },
  [PST_CONTROL_ENTRY_FROM] = { "entry-from", HAS_ID | HAS_ENTRY | HAS_OFFSET },
  [PST_CONTROL_PING] = { "ping", HAS_STAMP },
  [PST_CONTROL_PONG] = { "pong", HAS_STAMP },
  [PST_CONTROL_BYE] = { "bye", HAS_REASON },
};

static gboolean
read_uint32 (JsonObject *object, const char *member, guint32 max, guint32 *value, GError **error)
{
  guint64 number;

  if (!pst_json_get_uint (object, member, max, &number, error))
    return FALSE;

  *value = number;
  return TRUE;
}

static gboolean
read_name (JsonObject *object, PstControl *control, GError **error)
{
  const char *name;

  if (!read_uint32 (object, "v", G_MAXUINT32, &control->version, error)
      || !pst_json_get_bool (object, "resume", FALSE, &control->resumes, error))
    return FALSE;
  if (!json_object_has_member (object, "name"))
    return TRUE;
  if (!pst_json_get_string (object, "name", PST_CONTROL_MAX_NAME_BYTES, &name, error))
    return FALSE;

  control->text = g_strdup (name);
  return TRUE;
}

static gboolean
read_part (JsonObject *object, PstControl *control, GError **error)
{
  JsonArray *entries;

  if (!read_uint32 (object, "part", PST_MANIFEST_MAX_ENTRIES, &control->part, error)
      || !pst_json_get_bool (object, "last", FALSE, &control->last, error)
      || (entries = pst_json_get_array (object, "entries", PST_MANIFEST_MAX_ENTRIES, error))
             == NULL)
    return FALSE;

  control->entries = json_array_ref (entries);
  return TRUE;
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

      if (!JSON_NODE_HOLDS_VALUE (end) || json_node_get_value_type (end) != G_TYPE_INT64)
        return FALSE;
      ends[i] = json_node_get_int (end);
    }
  if (ends[0] <= after || ends[1] < ends[0] || ends[1] >= PST_MANIFEST_MAX_ENTRIES)
    return FALSE;

  range->first = ends[0];
  range->last = ends[1];
  return TRUE;
}

static gboolean
read_ranges (JsonObject *object, PstControl *control, GError **error)
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

static gboolean
read_digest (JsonObject *object, PstControl *control, GError **error)
{
  const char *hex;

  if (!pst_json_get_uint (object, "size", PST_MANIFEST_MAX_FILE_BYTES, &control->size_bytes, error)
      || !pst_json_get_string (object, "digest", PST_DIGEST_CHARS, &hex, error))
    return FALSE;
  if (pst_digest_parse (hex, control->digest))
    return TRUE;

  g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL,
                       "The other side sent a digest that is none.");
  return FALSE;
}

static gboolean
read_reason (JsonObject *object, PstControl *control, GError **error)
{
  const char *name;

  /* A goodbye without a reason is one in peace. */
  control->in_peace = control->kind == PST_CONTROL_BYE
                      && !json_object_has_member (object, "reason");
  if (control->in_peace)
    return TRUE;
  if (!pst_json_get_string (object, "reason", PST_CONTROL_MAX_TEXT_BYTES, &name, error))
    return FALSE;
  /* A reason of a newer version is still a reason. */
  if (!pst_error_from_name (name, &control->reason))
    control->reason = PST_ERROR_FAILED;

  return TRUE;
}

static gboolean
read_message (JsonObject *object, PstControl *control, GError **error)
{
  const char *message;

  if (!json_object_has_member (object, "message"))
    return TRUE;
  if (!pst_json_get_string (object, "message", PST_CONTROL_MAX_TEXT_BYTES, &message, error))
    return FALSE;

  control->text = g_strdup (message);
  return TRUE;
}

/* How far what came has got. Who does not say what is taken counts it as written. */
static gboolean
read_written (JsonObject *object, PstControl *c, GError **error)
{
  if (!pst_json_get_uint (object, "written", G_MAXINT64, &c->written_bytes, error))
    return FALSE;

  c->taken_bytes = c->written_bytes;
  return !json_object_has_member (object, "taken")
         || pst_json_get_uint (object, "taken", G_MAXINT64, &c->taken_bytes, error);
}

/* The place stands only with an offer that was accepted. */
static gboolean
read_place (JsonObject *object, PstControl *c, GError **error)
{
  if (!read_uint32 (object, "parts", PST_MANIFEST_MAX_ENTRIES, &c->n_parts, error))
    return FALSE;

  c->accepted = json_object_has_member (object, "entry");
  return !c->accepted
         || (read_uint32 (object, "entry", PST_MANIFEST_MAX_ENTRIES, &c->entry, error)
             && pst_json_get_uint (object, "offset", PST_MANIFEST_MAX_FILE_BYTES, &c->offset, error)
             && read_written (object, c, error)
             && pst_json_get_uint (object, "window", PST_FLOW_MAX_WINDOW_BYTES, &c->window_bytes,
                                   error));
}

/* Left out where it is not known. */
static gboolean
read_missing (JsonObject *object, PstControl *c, GError **error)
{
  return !json_object_has_member (object, "missing")
         || pst_json_get_uint (object, "missing", G_MAXINT64, &c->missing_bytes, error);
}

/* It is about what a person wants, so nothing is taken for granted. */
static gboolean
read_agrees (JsonObject *object, PstControl *c, GError **error)
{
  if (json_object_has_member (object, "agrees"))
    return pst_json_get_bool (object, "agrees", FALSE, &c->agrees, error);

  g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL,
                       "The other side does not say whether it wants to be remembered.");
  return FALSE;
}

static gboolean
is_whole_number (JsonNode *node, gint64 max)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64
         && json_node_get_int (node) >= 0 && json_node_get_int (node) <= max;
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

static gboolean
read_held (JsonObject *object, PstControl *c, GError **error)
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

static gboolean
read_members (JsonObject *object, PstControl *c, GError **error)
{
  guint has = kinds[c->kind].has;

  return (!(has & HAS_ID) || read_uint32 (object, "id", G_MAXUINT32, &c->id, error))
         && (!(has & HAS_NAME) || read_name (object, c, error))
         && (!(has & HAS_PART) || read_part (object, c, error))
         && (!(has & HAS_RANGES) || read_ranges (object, c, error))
         && (!(has & HAS_ENTRY)
             || read_uint32 (object, "entry", PST_MANIFEST_MAX_ENTRIES - 1, &c->entry, error))
         && (!(has & HAS_PROGRESS)
             || (pst_json_get_uint (object, "received", G_MAXINT64, &c->received_bytes, error)
                 && read_written (object, c, error)))
         && (!(has & HAS_WINDOW)
             || pst_json_get_uint (object, "window", PST_FLOW_MAX_WINDOW_BYTES, &c->window_bytes,
                                   error))
         && (!(has & HAS_DIGEST) || read_digest (object, c, error))
         && (!(has & HAS_COUNTS)
             || (read_uint32 (object, "files", PST_MANIFEST_MAX_ENTRIES, &c->n_files, error)
                 && read_uint32 (object, "failed", PST_MANIFEST_MAX_ENTRIES, &c->n_failed, error)))
         && (!(has & HAS_STAMP) || pst_json_get_uint (object, "n", G_MAXINT64, &c->stamp, error))
         && (!(has & HAS_REASON) || read_reason (object, c, error))
         && (!(has & HAS_MESSAGE) || read_message (object, c, error))
         && (!(has & HAS_PAUSED) || pst_json_get_bool (object, "paused", FALSE, &c->paused, error))
         && (!(has & HAS_PLACE) || read_place (object, c, error))
         && (!(has & HAS_MISSING) || read_missing (object, c, error))
         && (!(has & HAS_AGREES) || read_agrees (object, c, error))
         && (!(has & HAS_HELD) || read_held (object, c, error))
         && (!(has & HAS_OFFSET)
             || pst_json_get_uint (object, "offset", PST_MANIFEST_MAX_FILE_BYTES, &c->offset,
                                   error));
}

/**
 * pst_control_read:
 * @payload: an opened control payload
 * @control: (out caller-allocates): the message; clear with
 *   pst_control_clear(), also after a failure
 * @error: return location for a %PST_ERROR_PROTOCOL
 *
 * Reads a control message (docs/protocol.md, “Control messages”). A message of
 * a kind that is not known has the kind %PST_CONTROL_UNKNOWN and is no error.
 *
 * Returns: %TRUE if the message is well-formed
 */
gboolean
pst_control_read (GBytes *payload, PstControl *control, GError **error)
{
  g_autoptr (JsonObject) object = NULL;
  const char *text, *type;
  gsize n_bytes;

  memset (control, 0, sizeof *control);
  text = g_bytes_get_data (payload, &n_bytes);
  object = pst_json_parse (text, n_bytes, PST_FRAME_MAX_PAYLOAD_BYTES, error);
  if (object == NULL || !pst_json_get_string (object, "t", 32, &type, error))
    return FALSE;

  for (guint i = PST_CONTROL_UNKNOWN + 1; i < PST_N_CONTROLS; i++)
    if (g_str_equal (kinds[i].name, type))
      control->kind = i;

  return read_members (object, control, error);
}

static JsonArray *
write_ranges (GArray *ranges)
{
  JsonArray *array = json_array_sized_new (ranges->len);

  for (guint i = 0; i < ranges->len; i++)
    {
      PstEntryRange *range = &g_array_index (ranges, PstEntryRange, i);
      JsonArray *pair = json_array_sized_new (2);

      json_array_add_int_element (pair, range->first);
      json_array_add_int_element (pair, range->last);
      json_array_add_array_element (array, pair);
    }

  return array;
}

/* Texts may hold a long path: the reader takes so much of them. */
static void
write_text (JsonObject *object, const char *member, const char *text, gsize max_bytes)
{
  g_autofree char *cut = NULL;
  const char *end;

  if (text == NULL)
    return;

  g_utf8_validate (text, strnlen (text, max_bytes), &end);
  cut = g_strndup (text, end - text);
  json_object_set_string_member (object, member, cut);
}

static void
write_name (JsonObject *object, const PstControl *c)
{
  json_object_set_int_member (object, "v", c->version);
  if (c->resumes)
    json_object_set_boolean_member (object, "resume", TRUE);
  write_text (object, "name", c->text, PST_CONTROL_MAX_NAME_BYTES);
}

static void
write_part (JsonObject *object, const PstControl *c)
{
  json_object_set_int_member (object, "part", c->part);
  json_object_set_boolean_member (object, "last", c->last);
  json_object_set_array_member (object, "entries", json_array_ref (c->entries));
}

static void
write_digest (JsonObject *object, const PstControl *c)
{
  char hex[PST_DIGEST_CHARS + 1];

  json_object_set_int_member (object, "size", c->size_bytes);
  json_object_set_string_member (object, "digest", pst_digest_print (c->digest, hex));
}

static void
write_reason (JsonObject *object, const PstControl *c)
{
  GError reason = { PST_ERROR, c->reason, NULL };

  if (c->kind == PST_CONTROL_BYE && c->in_peace)
    return;
  json_object_set_string_member (object, "reason", pst_error_to_name (&reason));
}

static void
write_written (JsonObject *object, const PstControl *c)
{
  json_object_set_int_member (object, "written", c->written_bytes);
  if (c->taken_bytes > c->written_bytes)
    json_object_set_int_member (object, "taken", c->taken_bytes);
}

static void
write_place (JsonObject *object, const PstControl *c)
{
  json_object_set_int_member (object, "parts", c->n_parts);
  if (!c->accepted)
    return;

  json_object_set_int_member (object, "entry", c->entry);
  json_object_set_int_member (object, "offset", c->offset);
  write_written (object, c);
  json_object_set_int_member (object, "window", c->window_bytes);
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

static void
write_held (JsonObject *object, const PstControl *c)
{
  JsonArray *array = json_array_sized_new (c->held->len);

  for (guint i = 0; i < c->held->len; i++)
    json_array_add_array_element (array, write_one_held (&g_array_index (c->held, PstHeld, i)));
  json_object_set_array_member (object, "entries", array);
}

static void
write_members (JsonObject *object, const PstControl *c)
{
  guint has = kinds[c->kind].has;

  if (has & HAS_ID)
    json_object_set_int_member (object, "id", c->id);
  if (has & HAS_NAME)
    write_name (object, c);
  if (has & HAS_PART)
    write_part (object, c);
  if ((has & HAS_RANGES) && c->ranges != NULL)
    json_object_set_array_member (object, "entries", write_ranges (c->ranges));
  if (has & HAS_ENTRY)
    json_object_set_int_member (object, "entry", c->entry);
  if (has & HAS_PROGRESS)
    {
      json_object_set_int_member (object, "received", c->received_bytes);
      write_written (object, c);
    }
  if (has & HAS_WINDOW)
    json_object_set_int_member (object, "window", c->window_bytes);
  if (has & HAS_DIGEST)
    write_digest (object, c);
  if (has & HAS_COUNTS)
    {
      json_object_set_int_member (object, "files", c->n_files);
      json_object_set_int_member (object, "failed", c->n_failed);
    }
  if (has & HAS_STAMP)
    json_object_set_int_member (object, "n", c->stamp);
  if (has & HAS_REASON)
    write_reason (object, c);
  if (has & HAS_MESSAGE)
    write_text (object, "message", c->text, PST_CONTROL_MAX_TEXT_BYTES);
  if (has & HAS_PAUSED)
    json_object_set_boolean_member (object, "paused", c->paused);
  if (has & HAS_PLACE)
    write_place (object, c);
  if ((has & HAS_MISSING) && c->missing_bytes > 0)
    json_object_set_int_member (object, "missing", c->missing_bytes);
  if (has & HAS_AGREES)
    json_object_set_boolean_member (object, "agrees", c->agrees);
  if (has & HAS_HELD)
    write_held (object, c);
  if (has & HAS_OFFSET)
    json_object_set_int_member (object, "offset", c->offset);
}

/**
 * pst_control_write:
 * @control: a message of a known kind
 *
 * Returns: (transfer full): its payload, JSON without a trailing NUL
 */
GBytes *
pst_control_write (const PstControl *control)
{
  g_autoptr (JsonObject) object = json_object_new ();
  char *text;

  g_return_val_if_fail (kinds[control->kind].name != NULL, NULL);

  json_object_set_string_member (object, "t", kinds[control->kind].name);
  write_members (object, control);
  text = pst_json_print (object);
  return g_bytes_new_take (text, strlen (text));
}

/**
 * pst_control_clear:
 * @control: a message
 *
 * Frees what @control holds and zeroes it.
 */
void
pst_control_clear (PstControl *control)
{
  g_clear_pointer (&control->entries, json_array_unref);
  g_clear_pointer (&control->ranges, g_array_unref);
  g_clear_pointer (&control->held, g_array_unref);
  g_free (control->text);
  memset (control, 0, sizeof *control);
}
