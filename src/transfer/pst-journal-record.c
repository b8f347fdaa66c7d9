/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines of a journal. Each is a checksum and a JSON object, which tells what
 * it records with its member `t`; it is good as a whole or not at all. */
#include "pst-journal-private.h"

#include <sodium.h>
#include <string.h>

#include "pst-json.h"
#include "pst-path.h"

#define FORMAT_VERSION 1

/* Against torn writes, not against anybody: whoever can write here can compute it. */
#define CHECKSUM_BYTES crypto_generichash_BYTES_MIN
#define CHECKSUM_CHARS (2 * CHECKSUM_BYTES)

/* A destination as URI, three characters for each byte at most. */
#define MAX_URI_BYTES (3 * PST_PATH_MAX_BYTES + 16)

static void
checksum (const char *text, gsize n_bytes, char hex[CHECKSUM_CHARS + 1])
{
  guint8 digest[CHECKSUM_BYTES];

  crypto_generichash (digest, sizeof digest, (const guint8 *) text, n_bytes, NULL, 0);
  sodium_bin2hex (hex, CHECKSUM_CHARS + 1, digest, sizeof digest);
}

/* Whether a line, without its end, came to the disk as it was written. */
gboolean
pst_journal_is_intact (const char *line, gsize n_bytes)
{
  char hex[CHECKSUM_CHARS + 1];

  if (n_bytes <= CHECKSUM_CHARS + 1 || line[CHECKSUM_CHARS] != ' ')
    return FALSE;

  checksum (line + CHECKSUM_CHARS + 1, n_bytes - CHECKSUM_CHARS - 1, hex);
  return memcmp (line, hex, CHECKSUM_CHARS) == 0;
}

static GString *
new_record (const char *type)
{
  GString *record = g_string_new ("{\"t\":");

  pst_json_append_string (record, type);
  return record;
}

static void
add_member (GString *record, const char *name)
{
  g_string_append_c (record, ',');
  pst_json_append_string (record, name);
  g_string_append_c (record, ':');
}

static void
add_string (GString *record, const char *name, const char *value)
{
  add_member (record, name);
  pst_json_append_string (record, value);
}

static void
add_int (GString *record, const char *name, gint64 value)
{
  add_member (record, name);
  g_string_append_printf (record, "%" G_GINT64_FORMAT, value);
}

/* Takes @record. */
static char *
to_line (GString *record)
{
  char hex[CHECKSUM_CHARS + 1];

  g_string_append_c (record, '}');
  checksum (record->str, record->len, hex);
  g_string_prepend_c (record, ' ');
  g_string_prepend_len (record, hex, CHECKSUM_CHARS);
  g_string_append_c (record, '\n');
  return g_string_free (record, FALSE);
}

static void
add_hex (GString *record, const char *name, const guint8 *bytes)
{
  char hex[PST_DIGEST_CHARS + 1];

  add_string (record, name, pst_digest_print (bytes, hex));
}

/* A number of 64 bits is not always one of JSON's. */
static void
add_inode (GString *record, guint64 inode)
{
  char text[32];

  g_snprintf (text, sizeof text, "%" G_GUINT64_FORMAT, inode);
  add_string (record, "inode", text);
}

/**
 * pst_journal_write_head:
 * @head: what a journal begins with
 *
 * Returns: (transfer full): its first line
 */
char *
pst_journal_write_head (const PstJournalHead *head)
{
  GString *record = new_record ("receipt");
  g_autofree char *id = pst_journal_id_to_text (head->id);
  g_autofree char *uri = g_filename_to_uri (head->destination, NULL, NULL);

  add_int (record, "v", FORMAT_VERSION);
  add_string (record, "id", id);
  add_string (record, "to", uri);
  add_inode (record, head->inode);
  add_int (record, "began", head->began_s);
  add_string (record, "title", head->title);
  add_hex (record, "roots", head->roots);
  add_int (record, "files", head->n_files);
  add_int (record, "bytes", head->total_bytes);
  return to_line (record);
}

/**
 * pst_journal_write_folder:
 * @path: its path in the offer
 * @name: (nullable): of a top-level folder only: its name in the destination
 *
 * Returns: (transfer full): the record of a folder that was made
 */
char *
pst_journal_write_folder (const char *path, const char *name)
{
  GString *record = new_record ("folder");

  add_string (record, "p", path);
  if (name != NULL)
    add_string (record, "as", name);
  return to_line (record);
}

static GString *
new_file_record (const char *type, const PstJournalFile *file)
{
  GString *record = new_record (type);

  add_string (record, "p", file->path);
  add_int (record, "s", file->size_bytes);
  add_int (record, "m", file->mtime_ns);
  if (file->executable)
    {
      add_member (record, "x");
      g_string_append (record, "true");
    }
  add_string (record, "part", file->part_name);
  add_inode (record, file->inode);
  return record;
}

/**
 * pst_journal_write_part:
 * @file: a file that has begun to come
 *
 * Returns: (transfer full): the record of its partial file
 */
char *
pst_journal_write_part (const PstJournalFile *file)
{
  return to_line (new_file_record ("part", file));
}

/**
 * pst_journal_write_safe:
 * @part_name: the name of a partial file
 * @safe_bytes: so much of it has reached the disk
 *
 * Returns: (transfer full): the record of that
 */
char *
pst_journal_write_safe (const char *part_name, guint64 safe_bytes)
{
  GString *record = new_record ("safe");

  add_string (record, "part", part_name);
  add_int (record, "n", safe_bytes);
  return to_line (record);
}

/**
 * pst_journal_write_whole:
 * @file: a file that came whole; it is about to get its final name
 *
 * Returns: (transfer full): the record of it
 */
char *
pst_journal_write_whole (const PstJournalFile *file)
{
  GString *record = new_file_record ("whole", file);

  add_hex (record, "digest", file->digest);
  return to_line (record);
}

/**
 * pst_journal_write_named:
 * @part_name: what its partial file was called
 * @number: the number in its final name, 0 for none
 *
 * Returns: (transfer full): the record of a file that has got its final name
 */
char *
pst_journal_write_named (const char *part_name, guint number)
{
  GString *record = new_record ("named");

  add_string (record, "part", part_name);
  add_int (record, "n", number);
  return to_line (record);
}

static gboolean
get_hex (JsonObject *object, const char *member, guint8 *bytes)
{
  const char *hex;

  return pst_json_get_string (object, member, PST_DIGEST_CHARS, &hex, NULL)
         && pst_digest_parse (hex, bytes);
}

static gboolean
get_inode (JsonObject *object, guint64 *inode)
{
  const char *text;

  return pst_json_get_string (object, "inode", 20, &text, NULL)
         && g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, inode, NULL);
}

static gboolean
take_head (PstJournal *self, JsonObject *object)
{
  PstJournalHead *head = &self->head;
  const char *id, *uri, *title;
  guint64 version, n_files;

  if (self->has_head || !pst_json_get_uint (object, "v", FORMAT_VERSION, &version, NULL)
      || version != FORMAT_VERSION || !pst_json_get_string (object, "id", 16, &id, NULL)
      || !pst_journal_id_from_text (id, &head->id)
      || !pst_json_get_string (object, "to", MAX_URI_BYTES, &uri, NULL)
      || !get_inode (object, &head->inode)
      || !pst_json_get_int (object, "began", &head->began_s, NULL)
      || !pst_json_get_string (object, "title", PST_JOURNAL_MAX_TITLE_BYTES, &title, NULL)
      || !get_hex (object, "roots", head->roots)
      || !pst_json_get_uint (object, "files", PST_MANIFEST_MAX_ENTRIES, &n_files, NULL)
      || !pst_json_get_uint (object, "bytes", PST_MANIFEST_MAX_TOTAL_BYTES, &head->total_bytes,
                             NULL))
    return FALSE;

  head->n_files = n_files;
  head->title = g_strdup (title);
  head->destination = g_filename_from_uri (uri, NULL, NULL);
  self->has_head = TRUE;
  return head->destination != NULL && g_path_is_absolute (head->destination);
}

static gboolean
is_path (const char *path)
{
  return pst_path_check (path, strlen (path), NULL);
}

static gboolean
take_folder (PstJournal *self, JsonObject *object)
{
  const char *path, *name = NULL;

  if (!pst_json_get_string (object, "p", PST_PATH_MAX_BYTES, &path, NULL) || !is_path (path))
    return FALSE;
  if (json_object_has_member (object, "as")
      && (!pst_json_get_string (object, "as", PST_PATH_MAX_PART_BYTES, &name, NULL)
          || !is_path (name) || strchr (name, '/') != NULL))
    return FALSE;

  return pst_journal_add_folder (self, path, name);
}

static gboolean
take_file (PstJournal *self, JsonObject *object, gboolean whole)
{
  g_autofree PstJournalFile *file = g_new0 (PstJournalFile, 1);
  const char *path, *part_name;

  if (!pst_json_get_string (object, "p", PST_PATH_MAX_BYTES, &path, NULL) || !is_path (path)
      || !pst_json_get_uint (object, "s", PST_MANIFEST_MAX_FILE_BYTES, &file->size_bytes, NULL)
      || !pst_json_get_int (object, "m", &file->mtime_ns, NULL)
      || !pst_json_get_bool (object, "x", FALSE, &file->executable, NULL)
      || !pst_json_get_string (object, "part", PST_PATH_MAX_PART_BYTES, &part_name, NULL)
      || !pst_journal_owns_part (self->head.id, part_name) || !get_inode (object, &file->inode)
      || (whole && !get_hex (object, "digest", file->digest)))
    return FALSE;

  file->path = g_strdup (path);
  file->part_name = g_strdup (part_name);
  file->whole = whole;
  file->number = -1;
  pst_journal_add_file (self, g_steal_pointer (&file));
  return TRUE;
}

static PstJournalFile *
find_part (PstJournal *self, JsonObject *object)
{
  const char *part_name;

  if (!pst_json_get_string (object, "part", PST_PATH_MAX_PART_BYTES, &part_name, NULL))
    return NULL;

  return g_hash_table_lookup (self->by_part, part_name);
}

static gboolean
take_safe (PstJournal *self, JsonObject *object)
{
  PstJournalFile *file = find_part (self, object);

  return file != NULL && pst_json_get_uint (object, "n", file->size_bytes, &file->safe_bytes, NULL);
}

static gboolean
take_named (PstJournal *self, JsonObject *object)
{
  PstJournalFile *file = find_part (self, object);
  guint64 number;

  if (file == NULL || !file->whole
      || !pst_json_get_uint (object, "n", PST_JOURNAL_MAX_NUMBER, &number, NULL))
    return FALSE;

  file->number = number;
  return TRUE;
}

/* Takes what a good line records; FALSE if it cannot be so. What a newer version
 * records beside is passed over. */
gboolean
pst_journal_take_record (PstJournal *self, const char *line, gsize n_bytes)
{
  g_autoptr (JsonObject) object = pst_json_parse (
      line + CHECKSUM_CHARS + 1, n_bytes - CHECKSUM_CHARS - 1, PST_JOURNAL_MAX_LINE_BYTES, NULL);
  const char *type;

  if (object == NULL || !pst_json_get_string (object, "t", 32, &type, NULL))
    return FALSE;

  if (g_str_equal (type, "receipt"))
    return take_head (self, object);
  if (!self->has_head)
    return FALSE;
  if (g_str_equal (type, "folder"))
    return take_folder (self, object);
  if (g_str_equal (type, "part") || g_str_equal (type, "whole"))
    return take_file (self, object, g_str_equal (type, "whole"));
  if (g_str_equal (type, "safe"))
    return take_safe (self, object);
  if (g_str_equal (type, "named"))
    return take_named (self, object);

  return TRUE;
}
