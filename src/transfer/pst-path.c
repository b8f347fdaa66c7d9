/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-path.h"

#include <string.h>

#include "pst-error.h"
#include "pst-escape.h"

/* Enough of a hostile name to recognise it in a message. */
#define SHOWN_BYTES 120

/* A longer ending is no file type: it is cut like the rest of the name. */
#define MAX_EXTENSION_BYTES 32

/* A link may climb out of the deepest folder and descend as deep again. */
#define MAX_TARGET_PARTS (2 * PST_PATH_MAX_DEPTH)

/* Gives the largest length of at most @max that ends no character of UTF-8 in half. */
static gsize
cut_length (const char *text, gsize length, gsize max)
{
  if (length <= max)
    return length;
  while (max > 0 && ((guint8) text[max] & 0xc0) == 0x80)
    max--;

  return max;
}

/* The fault_of functions give what is wrong as the end of a sentence, or NULL. */

static const char *
fault_of_text (const char *text, gsize length, gsize max_bytes)
{
  if (length == 0)
    return "is empty";
  if (length > max_bytes)
    return "is too long";
  if (!g_utf8_validate_len (text, length, NULL))
    return "is not valid UTF-8";

  return NULL;
}

static const char *
fault_of_part (const char *part, gsize length)
{
  if (length == 0)
    return "has an empty part";
  if (length > PST_PATH_MAX_PART_BYTES)
    return "has a part that is too long";
  if (part[0] == '.' && (length == 1 || (length == 2 && part[1] == '.')))
    return "does not name something inside the offer";

  return NULL;
}

static const char *
fault_of_parts (const char *path, gsize length)
{
  const char *end = path + length;
  guint depth = 0;

  for (const char *part = path, *slash; part != NULL; part = slash != NULL ? slash + 1 : NULL)
    {
      const char *fault;

      slash = memchr (part, '/', end - part);
      fault = fault_of_part (part, (slash != NULL ? slash : end) - part);
      if (fault != NULL)
        return fault;
      if (++depth > PST_PATH_MAX_DEPTH)
        return "is nested too deeply";
    }

  return NULL;
}

static const char *
fault_of_path (const char *path, gsize length)
{
  static const char prefix[] = PST_PATH_PARTIAL_PREFIX;
  const char *fault = fault_of_text (path, length, PST_PATH_MAX_BYTES);

  if (fault == NULL)
    fault = fault_of_parts (path, length);
  if (fault == NULL && length >= strlen (prefix) && memcmp (path, prefix, strlen (prefix)) == 0)
    fault = "is reserved for unfinished files";

  return fault;
}

static gboolean
judge (const char *fault, const char *name, gsize length, GError **error)
{
  g_autofree char *shown = NULL;
  gsize cut;

  if (fault == NULL)
    return TRUE;
  if (error == NULL)
    return FALSE;

  cut = cut_length (name, length, SHOWN_BYTES);
  shown = pst_escape_name (name, cut);
  g_set_error (error, PST_ERROR, PST_ERROR_PROTOCOL, "The name “%s%s” in the offer %s.", shown,
               cut < length ? "…" : "", fault);
  return FALSE;
}

/**
 * pst_path_check:
 * @path: (array length=length): a path from a stranger, in any encoding
 * @length: its length in bytes
 * @error: return location for a %PST_ERROR_PROTOCOL
 *
 * Tells whether @path names a place below a folder and nothing else: relative,
 * `/`-separated, valid UTF-8 without a NUL, at most %PST_PATH_MAX_BYTES bytes
 * and %PST_PATH_MAX_DEPTH parts; no part is empty, `.`, `..` or longer than
 * %PST_PATH_MAX_PART_BYTES bytes; the first does not begin with
 * %PST_PATH_PARTIAL_PREFIX (docs/protocol.md, “Paths”).
 *
 * All else is legal on Linux and stays as it is: line breaks, control and
 * bidirectional characters, backslashes, leading and trailing dots, names other
 * systems reserve. The sink writes such names literally; whoever shows one uses
 * pst_escape_name().
 *
 * Returns: %TRUE if @path is acceptable
 */
gboolean
pst_path_check (const char *path, gsize length, GError **error)
{
  return judge (fault_of_path (path, length), path, length, error);
}

/**
 * pst_path_check_part:
 * @part: (array length=length): one name from a stranger, in any encoding
 * @length: its length in bytes
 * @error: return location for a %PST_ERROR_PROTOCOL
 *
 * Tells whether @part can stand as one part of a path (see pst_path_check()),
 * the first one excepted: %PST_PATH_PARTIAL_PREFIX is not looked for.
 *
 * Returns: %TRUE if @part is acceptable
 */
gboolean
pst_path_check_part (const char *part, gsize length, GError **error)
{
  const char *fault = fault_of_text (part, length, PST_PATH_MAX_PART_BYTES);

  if (fault == NULL && memchr (part, '/', length) != NULL)
    fault = "contains a slash";
  if (fault == NULL)
    fault = fault_of_part (part, length);

  return judge (fault, part, length, error);
}

/* Takes one step of a link's target from the folder @at; FALSE if it is not proper
 * or leads above the top-level item. */
static gboolean
take_step (GString *at, const char *part, gsize length)
{
  const char *slash;

  if (length == 1 && part[0] == '.')
    return TRUE;

  if (length == 2 && part[0] == '.' && part[1] == '.')
    {
      slash = strrchr (at->str, '/');
      if (slash == NULL)
        return FALSE;
      g_string_truncate (at, slash - at->str);
      return TRUE;
    }

  if (fault_of_part (part, length) != NULL)
    return FALSE;
  g_string_append_c (at, '/');
  g_string_append_len (at, part, length);
  return TRUE;
}

/**
 * pst_path_resolve_link:
 * @link_path: where a symbolic link stands, accepted by pst_path_check()
 * @target: what it contains
 *
 * Works out what a link names, going by the letters alone: `..` takes the part
 * before it away, `.` stays. That is what the kernel does only if every part
 * before a `..` is a real folder, which pst_manifest_link_is_inside() sees to.
 *
 * A link's item is the first part of its path; the item may be renamed on
 * arrival, so a target must neither leave it nor spell its name. A link that is
 * an item itself therefore never resolves.
 *
 * Returns: (transfer full) (nullable): the path that is named, relative to the
 *   offer's top; %NULL if @target is empty, absolute, too long, not valid UTF-8,
 *   has empty parts, or leaves the item of @link_path
 */
char *
pst_path_resolve_link (const char *link_path, const char *target)
{
  const char *slash = strrchr (link_path, '/');
  g_autoptr (GString) at = NULL;
  const char *part = target;
  guint n_parts = 0;

  if (slash == NULL || fault_of_text (target, strlen (target), PST_PATH_MAX_BYTES) != NULL)
    return NULL;

  at = g_string_new_len (link_path, slash - link_path);
  while (part != NULL)
    {
      gsize length = strcspn (part, "/");

      if (++n_parts > MAX_TARGET_PARTS || !take_step (at, part, length))
        return NULL;
      part = part[length] != '\0' ? part + length + 1 : NULL;
    }

  if (!pst_path_check (at->str, at->len, NULL))
    return NULL;
  return g_string_free (g_steal_pointer (&at), FALSE);
}

/* Gives the ending that tells a file's type, as GNOME Files understands it: from
 * the last dot on, neither at the start nor at the end of the name, without
 * spaces; `.tar` goes with what follows it. */
static const char *
find_extension (const char *name)
{
  const char *end = name + strlen (name);
  const char *dot = strrchr (name + 1, '.');

  if (dot == NULL || dot[1] == '\0' || strpbrk (dot, " \t\n\v\f\r") != NULL
      || end - dot > MAX_EXTENSION_BYTES)
    return end;
  if (dot - name > 4 && memcmp (dot - 4, ".tar", 4) == 0)
    return dot - 4;

  return dot;
}

/**
 * pst_path_number:
 * @name: a name accepted by pst_path_check_part()
 * @number: the number to put in
 *
 * Makes another name for something whose name is taken: `photo.jpg` becomes
 * `photo (1).jpg`, `backup.tar.gz` `backup (1).tar.gz`, `.bashrc` `.bashrc (1)`,
 * as GNOME Files does. What stands before the number is cut where the result
 * would exceed %PST_PATH_MAX_PART_BYTES bytes.
 *
 * Returns: (transfer full): the new name, again acceptable as one part
 */
char *
pst_path_number (const char *name, guint number)
{
  g_autofree char *middle = g_strdup_printf (" (%u)", number);
  const char *extension;
  gsize room, stem;

  g_return_val_if_fail (name[0] != '\0', NULL);

  extension = find_extension (name);
  room = PST_PATH_MAX_PART_BYTES - strlen (middle) - strlen (extension);
  stem = cut_length (name, extension - name, room);

  return g_strdup_printf ("%.*s%s%s", (int) stem, name, middle, extension);
}
