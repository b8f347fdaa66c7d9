/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <time.h>

#include "pst-disk.h"
#include "pst-journal-writer.h"
#include "pst-tally.h"

G_BEGIN_DECLS

#define MAX_NUMBER PST_JOURNAL_MAX_NUMBER

typedef enum
{
  PST_DISK_SYNC_FILE,       /* fsync() */
  PST_DISK_SYNC_DATA,       /* fdatasync() is enough */
  PST_DISK_SYNC_FILE_SYSTEM /* syncfs(): all that is on it, then fsync() of the folder */
} PstDiskSyncHow;

/* What is to be brought to the disk, and what became of that. */
typedef struct
{
  int fd;
  PstDiskSyncHow how;
  int sync_errno; /* 0 once it is there */

  /* Of a file system: */
  int folder_errno; /* of the folder's fsync() */
  gint64 took_us;   /* for the syncfs() */
} PstDiskSync;

/* What is brought to the disk meanwhile. */
typedef struct _PstDiskSyncing PstDiskSyncing;

/* A whole and checked file that waits for its fsync and its final name. */
typedef struct
{
  int fd; /* -1 once it is synced */
  guint32 entry;
  char *partial_name;
  guint64 inode;
  guint8 digest[PST_DIGEST_BYTES];
  int sync_errno; /* 0 if it is on the disk */
  guint number;   /* in its final name */
  gboolean noted; /* the journal was told */
  guint64 unsafe_bytes;
} Whole;

struct _PstDisk
{
  gatomicrefcount ref_count;
  PstManifest *manifest;
  guint8 *selection;
  char *destination;
  int dest_fd;
  guint64 random;
  GHashTable *root_names; /* name in the offer → name here, for top-level folders */
  GPtrArray *results;     /* paths of what arrived, top-level items only */

  char *journals;            /* their folder; NULL: none is written */
  PstJournalWriter *journal; /* NULL before pst_disk_prepare() and once it is over */
  PstJournalTrouble journal_trouble;
  PstJournal *former; /* an earlier receipt that goes on */
  GArray *held;       /* of PstHeld: what is there of it */
  GHashTable *there;  /* entry → There: the same, as it lies on the disk */
  gint stopped;       /* atomic: nobody waits for it any more */
  PstTally to_look;   /* what there is to hash of it, and how much is hashed */
  PstTally looked;
  guint n_parts;     /* partial files so far; their names count them */
  guint n_abandoned; /* files that were given up */

  int fd; /* of the partial file, or -1 */
  guint32 entry;
  guint64 offset;
  PstHash *hash; /* of what came of it */
  char *partial_name;
  gboolean noted;           /* the journal knows of it */
  guint64 safe_bytes;       /* of it are on the disk, and the journal knows that */
  gint64 checkpoint_us;     /* when that was last so, or the file was begun */
  guint64 checkpoint_bytes; /* so many more, and they are brought there */
  gboolean names_unsafe;    /* names were made in the destination since its last fsync */
  guint next_entry;         /* files before it have begun or were left out */
  GArray *wholes;           /* of Whole */
  guint n_named;            /* that pst_disk_name_files() has not told of yet */
  gboolean damaged;         /* something that came is lost: no second try */
  gboolean has_groups;      /* many files may be synced by syncfs() */
  PstDiskSyncing *group;    /* one that is under way, or NULL: … */
  guint n_grouped;          /* … the first of the wholes */
  guint n_groups_left_out;  /* so many more do without */

  /* How far the steps over all entries came: after a full disk they go on there. */
  guint n_prepared;
  guint n_linked;
  gboolean finished;  /* a journal tells so until the sender has heard it */
  gboolean committed; /* all is there: nothing of it is taken away any more */

  int dir_fd; /* of the folder last used, or -1 */
  char *dir_path;
};

/* Shared by the files of this type: */

/* pst-disk.c */
gboolean pst_disk_is_selected (PstDisk *self, guint32 entry);
gboolean pst_disk_fail (const char *name, int saved_errno, GError **error);
char *pst_disk_local_path (PstDisk *self, const char *path);
int pst_disk_get_parent_fd (PstDisk *self, const char *path);
void pst_disk_add_result (PstDisk *self, const char *name);
const char *pst_disk_last_part (const char *path);
struct timespec pst_disk_to_timespec (gint64 time_ns);

/* pst-disk-file.c */
void pst_disk_drop_files (PstDisk *self);
void pst_disk_name_group (PstDisk *self);
void pst_disk_let_go_of_files (PstDisk *self);

/* pst-disk-folders.c */
gboolean pst_disk_sync_outer_folders (PstDisk *self, GError **error);
gboolean pst_disk_finish_folders (PstDisk *self, GError **error);

/* pst-disk-group.c */
void pst_disk_begin_groups (PstDisk *self);
gboolean pst_disk_is_group (PstDisk *self, guint n);
gboolean pst_disk_begin_group (PstDisk *self);
gboolean pst_disk_end_group (PstDisk *self, GError **error);
gboolean pst_disk_sync_file_system (PstDisk *self, gboolean *is_there, GError **error);

/* pst-disk-journal.c */
void pst_disk_begin_journal (PstDisk *self);
void pst_disk_end_journal (PstDisk *self, gboolean all_is_there);
void pst_disk_finish_journal (PstDisk *self);
void pst_disk_note_folder (PstDisk *self, const char *path, const char *name);
void pst_disk_note_part (PstDisk *self);
void pst_disk_note_safe (PstDisk *self);
void pst_disk_note_wholes (PstDisk *self);
void pst_disk_note_named (PstDisk *self, guint n);

/* pst-disk-resume.c */
void pst_disk_look (PstDisk *self);
void pst_disk_forget_there (PstDisk *self);
gboolean pst_disk_is_there (PstDisk *self, guint32 entry);
gboolean pst_disk_finish_there (PstDisk *self,
                                guint32 entry,
                                const guint8 digest[PST_DIGEST_BYTES],
                                GError **error);

/* pst-disk-safe.c */
void pst_disk_begin_checkpoints (PstDisk *self);
void pst_disk_take_journal (PstDisk *self, const PstDiskSync *journal);
void pst_disk_take_synced (PstDisk *self, guint i, int sync_errno);
gboolean pst_disk_has_journal_room (PstDisk *self, GError **error);
gboolean pst_disk_sync_folders (PstDisk *self, GError **error);
gboolean pst_disk_sync_wholes (PstDisk *self, GError **error);
gboolean pst_disk_keep_up (PstDisk *self, GError **error);
gboolean pst_disk_fail_synced (PstDisk *self, guint32 entry, int sync_errno, GError **error);

/* pst-disk-sync.c */
void pst_disk_sync (PstDiskSync *syncs, guint n_syncs);
PstDiskSyncing *pst_disk_sync_begin (const PstDiskSync *syncs, guint n_syncs);
void pst_disk_sync_end (PstDiskSyncing *syncing, PstDiskSync *syncs);

G_END_DECLS
