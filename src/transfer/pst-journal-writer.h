/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-journal.h"

G_BEGIN_DECLS

/* One journal that is being written. Everything here blocks; one thread at a time
 * may use it. */
typedef struct _PstJournalWriter PstJournalWriter;

PstJournalWriter *
pst_journal_writer_new (const char *folder, const PstJournalHead *head, GError **error);
PstJournalWriter *
pst_journal_writer_resume (const char *folder, guint64 id, PstJournal **journal, GError **error);
void pst_journal_writer_wait_for_room (PstJournalWriter *self);
gboolean pst_journal_writer_lacks_room (PstJournalWriter *self);
PstJournalTrouble pst_journal_writer_get_trouble (PstJournalWriter *self);
gboolean pst_journal_writer_is_there (PstJournalWriter *self);
gboolean pst_journal_writer_is_beside (PstJournalWriter *self, int folder_fd);
void pst_journal_writer_take (PstJournalWriter *self, char *line);
int pst_journal_writer_get_fd (PstJournalWriter *self);
void pst_journal_writer_give_up (PstJournalWriter *self);
void pst_journal_writer_remove (PstJournalWriter *self);
void pst_journal_writer_finish (PstJournalWriter *self);
void pst_journal_writer_free (PstJournalWriter *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstJournalWriter, pst_journal_writer_free)

G_END_DECLS
