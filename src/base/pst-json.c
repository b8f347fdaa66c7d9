/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-json.h"

#include "pst-error.h"

/* json-glib's scanner is GLib's and takes far more than JSON (RFC 8259):
 * comments, single quotes, octal escapes. It also ends a string silently at an
 * escaped NUL and turns half a surrogate pair into broken UTF-8. So a text is
 * held to the letters of the grammar before the parser sees it: only then does
 * counting brackets mean anything, and every string is all that was written. */

/* Gives the UTF-16 unit of the `\uXXXX` at @p, -1 if there is none. */
static int
read_unit (const char *p, const char *end)
{
  int unit = 0;

  if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
    return -1;

  for (int i = 2; i < 6; i++)
    {
      if (!g_ascii_isxdigit (p[i]))
        return -1;
      unit = unit << 4 | g_ascii_xdigit_value (p[i]);
    }

  return unit;
}

/* Gives the length of the escape at @p, 0 if it is not acceptable. */
static gsize
escape_length (const char *p, const char *end)
{
  int unit, low;

  if (end - p < 2)
    return 0;
  if (p[1] != 'u')
    return strchr ("\"\\/bfnrt", p[1]) != NULL ? 2 : 0;

  unit = read_unit (p, end);
  if (unit <= 0)
    return 0;
  if (unit < 0xd800 || unit > 0xdfff)
    return 6;

  low = read_unit (p + 6, end);
  return unit <= 0xdbff && low >= 0xdc00 && low <= 0xdfff ? 12 : 0;
}

/* Gives the length of the string at @p with its quotes, 0 if it is not acceptable. */
static gsize
string_length (const char *p, const char *end)
{
  const char *start = p++;

  while (p < end && *p != '"')
    {
      gsize step = *p == '\\' ? escape_length (p, end) : (guint8) *p >= ' ';

      if (step == 0)
        return 0;
      p += step;
    }

  return p < end ? p + 1 - start : 0;
}

static gboolean
is_space (char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Gives the length of the string or letter at @p, 0 if it is not acceptable. */
static gsize
token_length (const char *p, const char *end)
{
  if (*p == '"')
    return string_length (p, end);

  return strchr (" \t\r\n{}[]:,+-.0123456789Eaeflnrstu", *p) != NULL;
}

/* How deep a text nests, and how many members there are so far in what is open
 * at each depth. */
typedef struct
{
  int depth;
  guint n_members[PST_JSON_MAX_DEPTH + 1];
} Nesting;

static gboolean
nesting_take (Nesting *nesting, char token)
{
  if (token == '[' || token == '{')
    {
      if (++nesting->depth > PST_JSON_MAX_DEPTH)
        return FALSE;
      nesting->n_members[nesting->depth] = 0;
    }
  else if (token == ']' || token == '}')
    nesting->depth--;
  else if (token == ':')
    return ++nesting->n_members[nesting->depth] <= PST_JSON_MAX_MEMBERS;

  return TRUE;
}

/* @text is UTF-8. One object and nothing beside it: json-glib takes several
 * values in a row, and forgets to free all but the last. */
static gboolean
is_acceptable (const char *text, gsize length)
{
  const char *end = text + length;
  Nesting nesting = { 0 };

  while (text < end && is_space (*text))
    text++;
  while (text < end && is_space (end[-1]))
    end--;
  if (text == end || *text != '{')
    return FALSE;

  for (const char *p = text; p < end;)
    {
      gsize step = token_length (p, end);

      if (step == 0 || !nesting_take (&nesting, *p))
        return FALSE;
      p += step;
      if (nesting.depth <= 0 && p < end)
        return FALSE;
    }

  return nesting.depth == 0;
}

/**
 * pst_json_parse:
 * @text: (array length=length) (nullable): text from a stranger, not NUL-terminated;
 *   may be %NULL if @length is 0
 * @length: its length in bytes
 * @max_bytes: the largest length accepted
 * @error: return location for a %PST_ERROR_PROTOCOL or %PST_ERROR_LIMIT
 *
 * Parses one JSON object. Size, nesting depth, the number of members of each
 * object and encoding are checked before the parser allocates anything, and only strict JSON (RFC 8259) is taken, without
 * `\u0000` and without halves of surrogate pairs: every string is valid UTF-8
 * and as long as it was written.
 *
 * Returns: (transfer full) (nullable): the object
 */
JsonObject *
pst_json_parse (const char *text, gsize length, gsize max_bytes, GError **error)
{
  g_autoptr (JsonParser) parser = NULL;
  JsonNode *root;

  if (length > max_bytes)
    {
      g_set_error (error, PST_ERROR, PST_ERROR_LIMIT,
                   "A message of %" G_GSIZE_FORMAT " bytes is longer than the %" G_GSIZE_FORMAT
                   " allowed.",
                   length, max_bytes);
      return NULL;
    }

  if (length == 0 || !g_utf8_validate_len (text, length, NULL) || !is_acceptable (text, length))
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL,
                           "A message is not acceptable JSON.");
      return NULL;
    }

  parser = json_parser_new_immutable ();
  if (!json_parser_load_from_data (parser, text, length, NULL)
      || (root = json_parser_get_root (parser)) == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL,
                           "A message is not a JSON object.");
      return NULL;
    }

  return json_node_dup_object (root);
}

/**
 * pst_json_print:
 * @object: an object
 *
 * Returns: (transfer full): the object as one line of strict JSON
 */
char *
pst_json_print (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);
  g_autofree char *text = json_to_string (node, FALSE);
  GString *strict;

  /* json-glib 1.6 escapes all control characters but this one. */
  if (strchr (text, 0x1f) == NULL)
    return g_steal_pointer (&text);

  strict = g_string_new (text);
  g_string_replace (strict, "\x1f", "\\u001f", 0);
  return g_string_free (strict, FALSE);
}

/**
 * pst_json_append_string:
 * @text: JSON in the making
 * @value: UTF-8
 *
 * Appends @value as a string of strict JSON: where many objects of a known form are
 * written that is much cheaper than pst_json_print().
 */
void
pst_json_append_string (GString *text, const char *value)
{
  g_string_append_c (text, '"');
  for (const char *rest = value; *rest != '\0'; rest++)
    {
      guchar c = *rest;

      if (c == '"' || c == '\\')
        g_string_append_c (text, '\\');
      if (c < 0x20)
        g_string_append_printf (text, "\\u%04x", c);
      else
        g_string_append_c (text, c);
    }
  g_string_append_c (text, '"');
}

static JsonNode *
get_node (JsonObject *object, const char *member, GError **error)
{
  JsonNode *node = json_object_get_member (object, member);

  if (node == NULL)
    g_set_error (error, PST_ERROR, PST_ERROR_PROTOCOL, "A message lacks “%s”.", member);

  return node;
}

static gboolean
wrong_type (const char *member, GError **error)
{
  g_set_error (error, PST_ERROR, PST_ERROR_PROTOCOL, "“%s” in a message has a wrong value.",
               member);
  return FALSE;
}

/**
 * pst_json_get_string:
 * @object: an object from pst_json_parse()
 * @member: the member's name
 * @max_bytes: the longest value accepted
 * @value: (out) (transfer none): the value, owned by @object
 * @error: return location for a %PST_ERROR_PROTOCOL
 *
 * Returns: %TRUE if @member is a string of at most @max_bytes without a NUL
 */
gboolean
pst_json_get_string (JsonObject *object,
                     const char *member,
                     gsize max_bytes,
                     const char **value,
                     GError **error)
{
  JsonNode *node = get_node (object, member, error);

  if (node == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING
      || strlen (json_node_get_string (node)) > max_bytes)
    return wrong_type (member, error);

  *value = json_node_get_string (node);
  return TRUE;
}

/**
 * pst_json_get_int:
 * @object: an object from pst_json_parse()
 * @member: the member's name
 * @value: (out): the value
 * @error: return location for a %PST_ERROR_PROTOCOL
 *
 * Returns: %TRUE if @member is a whole number
 */
gboolean
pst_json_get_int (JsonObject *object, const char *member, gint64 *value, GError **error)
{
  JsonNode *node = get_node (object, member, error);

  if (node == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64)
    return wrong_type (member, error);

  *value = json_node_get_int (node);
  return TRUE;
}

/**
 * pst_json_get_uint:
 * @object: an object from pst_json_parse()
 * @member: the member's name
 * @max: the largest value accepted, at most %G_MAXINT64
 * @value: (out): the value
 * @error: return location for a %PST_ERROR_PROTOCOL
 *
 * Returns: %TRUE if @member is a whole number from 0 to @max
 */
gboolean
pst_json_get_uint (JsonObject *object,
                   const char *member,
                   guint64 max,
                   guint64 *value,
                   GError **error)
{
  gint64 number;

  if (!pst_json_get_int (object, member, &number, error))
    return FALSE;
  if (number < 0 || (guint64) number > max)
    return wrong_type (member, error);

  *value = number;
  return TRUE;
}

/**
 * pst_json_get_bool:
 * @object: an object from pst_json_parse()
 * @member: the member's name
 * @fallback: the value when @member is missing
 * @value: (out): the value
 * @error: return location for a %PST_ERROR_PROTOCOL
 *
 * Returns: %TRUE if @member is missing, true or false
 */
gboolean
pst_json_get_bool (JsonObject *object,
                   const char *member,
                   gboolean fallback,
                   gboolean *value,
                   GError **error)
{
  JsonNode *node = json_object_get_member (object, member);

  *value = fallback;
  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return wrong_type (member, error);

  *value = json_node_get_boolean (node);
  return TRUE;
}

/**
 * pst_json_get_array:
 * @object: an object from pst_json_parse()
 * @member: the member's name
 * @max_length: the greatest number of elements accepted
 * @error: return location for a %PST_ERROR_PROTOCOL
 *
 * Returns: (transfer none) (nullable): the array, owned by @object
 */
JsonArray *
pst_json_get_array (JsonObject *object, const char *member, guint max_length, GError **error)
{
  JsonNode *node = get_node (object, member, error);

  if (node == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_ARRAY (node)
      || json_array_get_length (json_node_get_array (node)) > max_length)
    {
      wrong_type (member, error);
      return NULL;
    }

  return json_node_get_array (node);
}

/**
 * pst_json_get_object:
 * @object: an object from pst_json_parse()
 * @member: the member's name
 * @error: return location for a %PST_ERROR_PROTOCOL
 *
 * Returns: (transfer none) (nullable): the inner object, owned by @object
 */
JsonObject *
pst_json_get_object (JsonObject *object, const char *member, GError **error)
{
  JsonNode *node = get_node (object, member, error);

  if (node == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      wrong_type (member, error);
      return NULL;
    }

  return json_node_get_object (node);
}
