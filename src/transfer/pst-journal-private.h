/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-journal.h"

G_BEGIN_DECLS

struct _PstJournal
{
  gatomicrefcount ref_count;
  PstJournalHead head;
  gboolean has_head;
  GPtrArray *files;    /* of PstJournalFile */
  GHashTable *by_path; /* path → the last of them */
  GHashTable *by_part; /* name of the partial file → the same */
  GPtrArray *folders;  /* of char *, as they are named in the destination */
  GHashTable *roots;   /* name of a top-level folder in the offer → here */
};

/* Shared by the files of this type: */

/* pst-journal.c */
void pst_journal_add_file (PstJournal *self, PstJournalFile *file);
gboolean pst_journal_add_folder (PstJournal *self, const char *path, const char *name);

/* pst-journal-record.c */
gboolean pst_journal_is_intact (const char *line, gsize n_bytes);
gboolean pst_journal_take_record (PstJournal *self, const char *line, gsize n_bytes);

G_END_DECLS
