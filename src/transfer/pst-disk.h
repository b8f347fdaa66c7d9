/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "pst-held.h"
#include "pst-journal.h"
#include "pst-manifest.h"
#include "pst-source.h"

G_BEGIN_DECLS

/* One receipt on disk, from the first folder to the last fsync. Everything
 * here blocks; one thread at a time may use it. */
typedef struct _PstDisk PstDisk;

PstDisk *pst_disk_new (PstManifest *manifest,
                       const guint8 *selection,
                       const char *destination,
                       GError **error);
PstDisk *pst_disk_new_kept (PstManifest *manifest,
                            const guint8 *selection,
                            const char *destination,
                            const char *journals,
                            PstJournal *former,
                            GError **error);
PstDisk *pst_disk_ref (PstDisk *self);
void pst_disk_unref (PstDisk *self);
gboolean pst_disk_prepare (PstDisk *self, GError **error);
gboolean
pst_disk_write (PstDisk *self, guint32 entry, const guint8 *bytes, gsize n_bytes, GError **error);
gboolean pst_disk_finish_file (PstDisk *self,
                               guint32 entry,
                               const guint8 digest[PST_DIGEST_BYTES],
                               GError **error);
gboolean pst_disk_checkpoint (PstDisk *self, GError **error);
guint64 pst_disk_get_unsafe_bytes (PstDisk *self);
gboolean pst_disk_name_files (PstDisk *self, guint *n_files, GError **error);
gboolean pst_disk_begin_to_name (PstDisk *self, guint *n_files, GError **error);
void pst_disk_abandon_file (PstDisk *self);
gboolean pst_disk_commit (PstDisk *self, GError **error);
GArray *pst_disk_get_held (PstDisk *self);
guint64 pst_disk_get_looked (PstDisk *self, guint64 *total_bytes);
gboolean pst_disk_continue_file (PstDisk *self, guint32 entry, guint64 offset, GError **error);
void pst_disk_restart_file (PstDisk *self, guint32 entry);
void pst_disk_stop (PstDisk *self);
gboolean pst_disk_get_finished (PstDisk *self, guint64 *id);
PstJournalTrouble pst_disk_get_journal_trouble (PstDisk *self);
void pst_disk_leave (PstDisk *self);
void pst_disk_discard (PstDisk *self);
char **pst_disk_dup_results (PstDisk *self);

/* pst-disk-room.c */
gboolean pst_disk_can_retry (PstDisk *self, const GError *error);
guint64 pst_disk_get_missing_bytes (PstDisk *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstDisk, pst_disk_unref)

G_END_DECLS
