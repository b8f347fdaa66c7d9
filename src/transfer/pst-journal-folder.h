/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-journal.h"

G_BEGIN_DECLS

/* What a journal is called that does not have its first record yet. */
#define PST_JOURNAL_NEW_SUFFIX ".new"

int pst_journal_open_folder (const char *folder, gboolean make, GError **error);
PstJournal *pst_journal_load (int folder_fd, const char *name, int *fd, GError **error);
PstJournal *pst_journal_load_head (int folder_fd, const char *name);
gboolean pst_journal_parse_name (const char *name, const char *suffix, guint64 *id);
gboolean pst_journal_is_name (const char *name, guint64 *id);
char *pst_journal_to_name (guint64 id);
void pst_journal_remove_parts (int dest_fd, guint64 id, GHashTable *kept);
void pst_journal_remove_dead (int folder_fd);

/* For pst-journal-writer.c. */
PstJournal *pst_journal_load_some (int folder_fd,
                                   const char *name,
                                   gsize most_bytes,
                                   int *fd,
                                   gsize *n_valid_bytes,
                                   GError **error);
gboolean pst_journal_fail (GError **error, const char *what, int saved_errno);

G_END_DECLS
