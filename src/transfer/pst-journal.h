/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-held.h"
#include "pst-manifest.h"

G_BEGIN_DECLS

/* The longest path, every byte of it escaped, with room for the rest. */
#define PST_JOURNAL_MAX_LINE_BYTES (64 * 1024)

/* The longest manifest, with three records for each file. */
#define PST_JOURNAL_MAX_BYTES (512 * 1024 * 1024)

#define PST_JOURNAL_MAX_TITLE_BYTES 4096

/* A name taken so many times is taken on purpose. */
#define PST_JOURNAL_MAX_NUMBER 9999

/**
 * PstJournalTrouble:
 * @PST_JOURNAL_TROUBLE_NONE: there is a journal and all is in it, or none was wanted
 * @PST_JOURNAL_TROUBLE_FULL: its disk has no room for what there is to note
 * @PST_JOURNAL_TROUBLE_FAILED: it cannot be written
 *
 * Why what comes now may not be found by a later receipt.
 */
typedef enum
{
  PST_JOURNAL_TROUBLE_NONE,
  PST_JOURNAL_TROUBLE_FULL,
  PST_JOURNAL_TROUBLE_FAILED
} PstJournalTrouble;

/**
 * PstJournalFile:
 * @path: its path in the offer
 * @size_bytes: its size in the offer
 * @mtime_ns: its time in the offer
 * @executable: as in the offer
 * @part_name: the name of its partial file, in the destination
 * @inode: that file's number
 * @safe_bytes: so much of it has certainly reached the disk
 * @whole: whether all of it came and was found to be as it was sent
 * @digest: with @whole: BLAKE2b-256 of all of it
 * @number: with @whole: -1 while it has no final name that is known of, else the
 *   number in that name, 0 for none
 *
 * What a receipt did to one file.
 */
typedef struct
{
  char *path;
  guint64 size_bytes;
  gint64 mtime_ns;
  gboolean executable;
  char *part_name;
  guint64 inode;
  guint64 safe_bytes;
  gboolean whole;
  guint8 digest[PST_DIGEST_BYTES];
  int number;
} PstJournalFile;

/**
 * PstJournalHead:
 * @id: its own random number; the names of its partial files begin with it
 * @destination: the absolute path of the folder; any bytes
 * @inode: that folder's number
 * @began_s: when it began, seconds since 1970
 * @title: what was offered, escaped for showing
 * @roots: from pst_journal_hash_roots()
 * @n_files: how many files were accepted
 * @total_bytes: their sizes together
 *
 * What a journal begins with.
 */
typedef struct
{
  guint64 id;
  char *destination;
  guint64 inode;
  gint64 began_s;
  char *title;
  guint8 roots[PST_DIGEST_BYTES];
  guint n_files;
  guint64 total_bytes;
} PstJournalHead;

/* A receipt as its journal tells it. Reference-counted, immutable. */
typedef struct _PstJournal PstJournal;

PstJournal *
pst_journal_read (const char *text, gsize n_bytes, gsize *n_valid_bytes, GError **error);
PstJournal *pst_journal_ref (PstJournal *self);
void pst_journal_unref (PstJournal *self);
const PstJournalHead *pst_journal_get_head (PstJournal *self);
GPtrArray *pst_journal_get_files (PstJournal *self);
const PstJournalFile *pst_journal_find_file (PstJournal *self, const char *path);
GPtrArray *pst_journal_get_folders (PstJournal *self);
const char *pst_journal_find_root (PstJournal *self, const char *name);
guint64 pst_journal_get_there_bytes (PstJournal *self);
guint pst_journal_get_n_whole (PstJournal *self);

/* Records, each a line to be appended. */
char *pst_journal_write_head (const PstJournalHead *head);
char *pst_journal_write_folder (const char *path, const char *name);
char *pst_journal_write_part (const PstJournalFile *file);
char *pst_journal_write_safe (const char *part_name, guint64 safe_bytes);
char *pst_journal_write_whole (const PstJournalFile *file);
char *pst_journal_write_named (const char *part_name, guint number);

void pst_journal_hash_roots (PstManifest *manifest, guint8 digest[PST_DIGEST_BYTES]);
char *pst_journal_id_to_text (guint64 id);
gboolean pst_journal_id_from_text (const char *text, guint64 *id);
gboolean pst_journal_owns_part (guint64 id, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstJournal, pst_journal_unref)

G_END_DECLS
