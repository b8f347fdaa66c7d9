/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The journal of a receipt (docs/protocol.md, “The journal”): what it is, and
 * what follows from its records. pst-journal-record.c has the lines. */
#include "pst-journal-private.h"

#include <sodium.h>
#include <string.h>

#include "pst-error.h"
#include "pst-name-hash.h"
#include "pst-path.h"

static void
file_free (PstJournalFile *file)
{
  g_free (file->path);
  g_free (file->part_name);
  g_free (file);
}

static PstJournal *
journal_new (void)
{
  PstJournal *self = g_new0 (PstJournal, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->files = g_ptr_array_new_with_free_func ((GDestroyNotify) file_free);
  self->by_path = g_hash_table_new (pst_name_hash, g_str_equal);
  self->by_part = g_hash_table_new (pst_name_hash, g_str_equal);
  self->folders = g_ptr_array_new_with_free_func (g_free);
  self->roots = g_hash_table_new_full (pst_name_hash, g_str_equal, g_free, g_free);
  return self;
}

/**
 * pst_journal_ref:
 * @self: a journal
 *
 * Returns: (transfer full): @self; any thread
 */
PstJournal *
pst_journal_ref (PstJournal *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * pst_journal_unref:
 * @self: (transfer full): a journal; any thread
 */
void
pst_journal_unref (PstJournal *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_hash_table_unref (self->by_path);
  g_hash_table_unref (self->by_part);
  g_hash_table_unref (self->roots);
  g_ptr_array_unref (self->files);
  g_ptr_array_unref (self->folders);
  g_free (self->head.destination);
  g_free (self->head.title);
  g_free (self);
}

/**
 * pst_journal_get_head:
 * @self: a journal
 *
 * Returns: (transfer none): what it begins with
 */
const PstJournalHead *
pst_journal_get_head (PstJournal *self)
{
  return &self->head;
}

/**
 * pst_journal_get_files:
 * @self: a journal
 *
 * Returns: (transfer none) (element-type PstJournalFile): all files, also those
 *   that were begun anew later
 */
GPtrArray *
pst_journal_get_files (PstJournal *self)
{
  return self->files;
}

/**
 * pst_journal_find_file:
 * @self: a journal
 * @path: a path of an offer
 *
 * Returns: (transfer none) (nullable): what was done last to this file
 */
const PstJournalFile *
pst_journal_find_file (PstJournal *self, const char *path)
{
  return g_hash_table_lookup (self->by_path, path);
}

/**
 * pst_journal_get_folders:
 * @self: a journal
 *
 * Returns: (transfer none) (element-type utf8): the paths of the folders that were
 *   made, as they are named in the destination, outer ones first
 */
GPtrArray *
pst_journal_get_folders (PstJournal *self)
{
  return self->folders;
}

/**
 * pst_journal_find_root:
 * @self: a journal
 * @name: a top-level folder of an offer
 *
 * Returns: (transfer none) (nullable): the name it was given in the destination
 */
const char *
pst_journal_find_root (PstJournal *self, const char *name)
{
  return g_hash_table_lookup (self->roots, name);
}

/**
 * pst_journal_get_there_bytes:
 * @self: a journal
 *
 * Returns: how many bytes of files have at least reached the disk
 */
guint64
pst_journal_get_there_bytes (PstJournal *self)
{
  guint64 n_bytes = 0;

  for (guint i = 0; i < self->files->len; i++)
    {
      const PstJournalFile *file = g_ptr_array_index (self->files, i);

      if (pst_journal_find_file (self, file->path) == file)
        n_bytes += file->whole ? file->size_bytes : file->safe_bytes;
    }

  return MIN (n_bytes, self->head.total_bytes);
}

/**
 * pst_journal_get_n_whole:
 * @self: a journal
 *
 * Returns: how many files came whole
 */
guint
pst_journal_get_n_whole (PstJournal *self)
{
  guint n = 0;

  for (guint i = 0; i < self->files->len; i++)
    {
      const PstJournalFile *file = g_ptr_array_index (self->files, i);

      n += file->whole && pst_journal_find_file (self, file->path) == file;
    }

  return n;
}

/* Takes @file. A file that is begun again takes the place of the earlier one. */
void
pst_journal_add_file (PstJournal *self, PstJournalFile *file)
{
  const PstJournalFile *before = g_hash_table_lookup (self->by_part, file->part_name);

  /* The same one, whole now: what was known of it holds. */
  if (before != NULL)
    file->safe_bytes = before->safe_bytes;
  g_ptr_array_add (self->files, file);
  g_hash_table_replace (self->by_path, file->path, file);
  g_hash_table_replace (self->by_part, file->part_name, file);
}

/* A folder of the offer was made; @name: (nullable): of a top-level one, its name
 * in the destination. */
gboolean
pst_journal_add_folder (PstJournal *self, const char *path, const char *name)
{
  const char *slash = strchr (path, '/');
  g_autofree char *root = g_strndup (path, slash != NULL ? (gsize) (slash - path) : strlen (path));

  if ((slash == NULL) != (name != NULL))
    return FALSE;
  if (name != NULL)
    g_hash_table_replace (self->roots, g_strdup (root), g_strdup (name));
  else if ((name = g_hash_table_lookup (self->roots, root)) == NULL)
    return FALSE;

  g_ptr_array_add (self->folders, g_strconcat (name, slash, NULL));
  return TRUE;
}

/**
 * pst_journal_read:
 * @text: (array length=n_bytes) (nullable): a journal as it lies on the disk
 * @n_bytes: its length
 * @n_valid_bytes: (out): up to where its records are good; more may be appended there
 * @error: return location for a %PST_ERROR_DESTINATION
 *
 * Reads a journal. Behind the last good record there may be what a power cut left
 * of the next ones; it is passed over.
 *
 * Returns: (transfer full) (nullable): the journal; %NULL if it is none, or says
 *   what no receipt says
 */
PstJournal *
pst_journal_read (const char *text, gsize n_bytes, gsize *n_valid_bytes, GError **error)
{
  g_autoptr (PstJournal) self = journal_new ();
  gsize done = 0;
  gboolean ok = n_bytes <= PST_JOURNAL_MAX_BYTES;

  while (ok && done < n_bytes)
    {
      const char *line = text + done;
      const char *end = memchr (line, '\n', MIN (n_bytes - done, PST_JOURNAL_MAX_LINE_BYTES));

      if (end == NULL || !pst_journal_is_intact (line, end - line))
        break;
      ok = pst_journal_take_record (self, line, end - line);
      done += end - line + 1;
    }

  if (!ok || done == 0)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_DESTINATION,
                           "What is noted about an unfinished transfer cannot be understood.");
      return NULL;
    }

  *n_valid_bytes = done;
  return g_steal_pointer (&self);
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(const PstEntry *const *) a)->path, (*(const PstEntry *const *) b)->path);
}

/**
 * pst_journal_hash_roots:
 * @manifest: a sealed manifest
 * @digest: (out): BLAKE2b-256 of the kinds and names of its top-level items
 *
 * Tells offers of the same things, whatever has changed in them, from others.
 */
void
pst_journal_hash_roots (PstManifest *manifest, guint8 digest[PST_DIGEST_BYTES])
{
  g_autoptr (GPtrArray) roots = g_ptr_array_new ();
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (guint i = 0; i < pst_manifest_get_n_entries (manifest); i++)
    {
      const PstEntry *entry = pst_manifest_get_entry (manifest, i);

      if (strchr (entry->path, '/') == NULL)
        g_ptr_array_add (roots, (gpointer) entry);
    }

  g_ptr_array_sort (roots, compare_entries);
  for (guint i = 0; i < roots->len; i++)
    {
      const PstEntry *entry = g_ptr_array_index (roots, i);
      guint8 kind = entry->kind;

      g_byte_array_append (bytes, &kind, 1);
      g_byte_array_append (bytes, (const guint8 *) entry->path, strlen (entry->path) + 1);
    }

  crypto_generichash (digest, PST_DIGEST_BYTES, bytes->data, bytes->len, NULL, 0);
}

/**
 * pst_journal_id_to_text:
 * @id: a journal's number
 *
 * Returns: (transfer full): it in 16 hexadecimal digits
 */
char *
pst_journal_id_to_text (guint64 id)
{
  return g_strdup_printf ("%016" G_GINT64_MODIFIER "x", id);
}

/**
 * pst_journal_id_from_text:
 * @text: any text
 * @id: (out): the number
 *
 * Returns: %TRUE if @text is 16 hexadecimal digits, in lower case
 */
gboolean
pst_journal_id_from_text (const char *text, guint64 *id)
{
  if (strlen (text) != 16 || strspn (text, "0123456789abcdef") != 16)
    return FALSE;

  *id = g_ascii_strtoull (text, NULL, 16);
  return TRUE;
}

/**
 * pst_journal_owns_part:
 * @id: a journal's number
 * @name: a file name; any bytes
 *
 * Returns: %TRUE if @name is what a partial file of that receipt is called
 */
gboolean
pst_journal_owns_part (guint64 id, const char *name)
{
  g_autofree char *text = pst_journal_id_to_text (id);
  g_autofree char *prefix = g_strconcat (PST_PATH_PARTIAL_PREFIX, text, "-", NULL);
  gsize n_digits;

  if (!g_str_has_prefix (name, prefix))
    return FALSE;

  name += strlen (prefix);
  n_digits = strspn (name, "0123456789");
  return n_digits > 0 && n_digits <= 10 && g_str_equal (name + n_digits, ".part");
}
