/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A journal as something may have left it. Each line of the input gets the checksum
 * it should have, so that what is in it is looked at. */
#include "pst-journal.h"

#include <sodium.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

static void
append_line (GString *text, const char *line)
{
  guint8 digest[16];
  char hex[33];

  crypto_generichash (digest, sizeof digest, (const guint8 *) line, strlen (line), NULL, 0);
  sodium_bin2hex (hex, sizeof hex, digest, sizeof digest);
  g_string_append_printf (text, "%s %s\n", hex, line);
}

/* What is taken names nothing but paths that are safe and partial files of its own. */
static void
check_journal (PstJournal *journal)
{
  const PstJournalHead *head = pst_journal_get_head (journal);
  GPtrArray *files = pst_journal_get_files (journal);
  GPtrArray *folders = pst_journal_get_folders (journal);

  g_assert_true (g_path_is_absolute (head->destination));
  for (guint i = 0; i < files->len; i++)
    {
      const PstJournalFile *file = g_ptr_array_index (files, i);

      g_assert_true (pst_journal_owns_part (head->id, file->part_name));
      g_assert_cmpuint (file->safe_bytes, <=, G_MAXINT64);
    }
  for (guint i = 0; i < folders->len; i++)
    g_assert_null (strstr (g_ptr_array_index (folders, i), "/../"));
  g_assert_cmpuint (pst_journal_get_there_bytes (journal), <=, head->total_bytes);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree char *input = g_strndup (size > 0 ? (const char *) data : "", size);
  g_auto (GStrv) lines = g_strsplit (input, "\n", -1);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (PstJournal) as_it_is = NULL, with_checksums = NULL;
  gsize n_valid_bytes;

  as_it_is = pst_journal_read ((const char *) data, size, &n_valid_bytes, NULL);
  if (as_it_is != NULL)
    check_journal (as_it_is);

  for (guint i = 0; lines[i] != NULL; i++)
    append_line (text, lines[i]);
  with_checksums = pst_journal_read (text->str, text->len, &n_valid_bytes, NULL);
  if (with_checksums != NULL)
    check_journal (with_checksums);
  return 0;
}
