/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-answer.h"

#include <string.h>

#include "pst-json.h"
#include "pst-name-hash.h"

/* The indices of the longest manifest there may be, with their commas. */
#define MAX_ANSWER_BYTES (PST_MANIFEST_MAX_ENTRIES * 8 + 64)

static const PstEntry *
entry_at (GPtrArray *entries, guint index)
{
  return g_ptr_array_index (entries, index);
}

static gboolean
is_within (const char *path, const char *folder)
{
  gsize length = strlen (folder);

  return strncmp (path, folder, length) == 0 && path[length] == '/';
}

/* A folder means everything in it; and what is in a folder needs the folder.
 * Folders stand before what is in them, so one pass each way is enough. */
static void
complete_selection (GPtrArray *entries, guint8 *selection)
{
  g_autoptr (GHashTable) needed = g_hash_table_new_full (pst_name_hash, g_str_equal, g_free, NULL);
  const char *folder = NULL;

  for (guint i = 0; i < entries->len; i++)
    {
      const PstEntry *entry = entry_at (entries, i);

      if (folder != NULL && is_within (entry->path, folder))
        selection[i] = 1;
      else if (selection[i] && entry->kind == PST_ENTRY_FOLDER)
        folder = entry->path;
    }

  for (guint i = entries->len; i-- > 0;)
    {
      const char *path = entry_at (entries, i)->path;
      const char *slash = strrchr (path, '/');

      if (g_hash_table_contains (needed, path))
        selection[i] = 1;
      if (selection[i] && slash != NULL)
        g_hash_table_add (needed, g_strndup (path, slash - path));
    }
}

static gboolean
read_number (const char **text, guint max, guint *number)
{
  guint64 value;
  gsize digits = strspn (*text, "0123456789");
  g_autofree char *word = g_strndup (*text, digits);

  if (!g_ascii_string_to_unsigned (word, 10, 1, max, &value, NULL))
    return FALSE;

  *text += digits;
  *number = (guint) value;
  return TRUE;
}

/* `N` or `N-M`, counted from one as they are shown. */
static gboolean
read_range (const char *text, guint n_entries, guint8 *selection)
{
  guint first, last;

  if (!read_number (&text, n_entries, &first))
    return FALSE;
  last = first;
  if (*text == '-')
    {
      text++;
      if (!read_number (&text, n_entries, &last) || last < first)
        return FALSE;
    }

  memset (selection + first - 1, 1, last - first + 1);
  return *text == '\0';
}

static gboolean
read_ranges (const char *text, guint n_entries, guint8 *selection)
{
  g_auto (GStrv) words = g_strsplit_set (text, ", \t", -1);
  gboolean any = FALSE;

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (*words[i] == '\0')
        continue;
      if (!read_range (words[i], n_entries, selection))
        return FALSE;
      any = TRUE;
    }

  return any;
}

static gboolean
is_word (const char *text, const char *letter, const char *word)
{
  return g_ascii_strcasecmp (text, letter) == 0 || g_ascii_strcasecmp (text, word) == 0;
}

/* What stands under `accept`; %NULL if @line is no such object. */
static JsonNode *
read_accept (const char *line)
{
  g_autoptr (JsonObject) object = pst_json_parse (line, strlen (line), MAX_ANSWER_BYTES, NULL);

  return object != NULL ? json_object_dup_member (object, "accept") : NULL;
}

static gboolean
is_boolean (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN;
}

/**
 * pst_cli_answer_read_yes_no:
 * @line: what a person typed, or a program wrote
 * @json: whether it was a program
 *
 * Reads `y` or `n` (also an empty line), or `{"accept":true}` or
 * `{"accept":false}`.
 *
 * Returns: the answer; never %PST_CLI_ANSWER_SOME
 */
PstCliAnswer
pst_cli_answer_read_yes_no (const char *line, gboolean json)
{
  g_autofree char *text = g_strstrip (g_strdup (line));
  g_autoptr (JsonNode) accept = json ? read_accept (line) : NULL;
  gboolean is_yes = json ? accept != NULL && is_boolean (accept) && json_node_get_boolean (accept)
                         : is_word (text, "y", "yes");
  gboolean is_no = json ? accept != NULL && is_boolean (accept) && !is_yes
                        : *text == '\0' || is_word (text, "n", "no");

  if (is_yes)
    return PST_CLI_ANSWER_ALL;
  return is_no ? PST_CLI_ANSWER_DECLINE : PST_CLI_ANSWER_UNCLEAR;
}

/**
 * pst_cli_answer_read_text:
 * @line: what a person typed
 * @entries: (element-type PstEntry): what was offered
 * @selection: (out caller-allocates): one byte for each entry, 1 for wanted;
 *   filled for %PST_CLI_ANSWER_SOME only
 *
 * Reads `y`, `n` (also an empty line) or the numbers of entries, counted from
 * one as the list shows them. A folder stands for everything in it.
 *
 * Returns: the answer
 */
PstCliAnswer
pst_cli_answer_read_text (const char *line, GPtrArray *entries, guint8 *selection)
{
  g_autofree char *text = g_strstrip (g_strdup (line));

  if (*text == '\0' || is_word (text, "n", "no"))
    return PST_CLI_ANSWER_DECLINE;
  if (is_word (text, "y", "yes"))
    return PST_CLI_ANSWER_ALL;

  memset (selection, 0, entries->len);
  if (!read_ranges (text, entries->len, selection))
    return PST_CLI_ANSWER_UNCLEAR;

  complete_selection (entries, selection);
  return PST_CLI_ANSWER_SOME;
}

static gboolean
read_indices (JsonArray *indices, guint n_entries, guint8 *selection)
{
  for (guint i = 0; i < json_array_get_length (indices); i++)
    {
      JsonNode *node = json_array_get_element (indices, i);
      gint64 index;

      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64)
        return FALSE;
      index = json_node_get_int (node);
      if (index < 0 || index >= n_entries)
        return FALSE;
      selection[index] = 1;
    }

  return json_array_get_length (indices) > 0;
}

/**
 * pst_cli_answer_read_json:
 * @line: what a program wrote
 * @entries: (element-type PstEntry): what was offered
 * @selection: (out caller-allocates): as for pst_cli_answer_read_text()
 *
 * Reads `{"accept":true}`, `{"accept":false}` or `{"accept":[0,2]}`, the
 * indices counted from zero as in the `offer` line (docs/cli-json.md).
 *
 * Returns: the answer
 */
PstCliAnswer
pst_cli_answer_read_json (const char *line, GPtrArray *entries, guint8 *selection)
{
  g_autoptr (JsonNode) accept = read_accept (line);

  if (accept == NULL)
    return PST_CLI_ANSWER_UNCLEAR;
  if (is_boolean (accept))
    return json_node_get_boolean (accept) ? PST_CLI_ANSWER_ALL : PST_CLI_ANSWER_DECLINE;
  if (!JSON_NODE_HOLDS_ARRAY (accept))
    return PST_CLI_ANSWER_UNCLEAR;

  memset (selection, 0, entries->len);
  if (!read_indices (json_node_get_array (accept), entries->len, selection))
    return PST_CLI_ANSWER_UNCLEAR;

  complete_selection (entries, selection);
  return PST_CLI_ANSWER_SOME;
}
