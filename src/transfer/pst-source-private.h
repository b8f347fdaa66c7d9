/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-error.h"
#include "pst-source.h"
#include "pst-tally.h"

G_BEGIN_DECLS

struct _PstSource
{
  gatomicrefcount ref_count;
  PstManifest *manifest;
  GHashTable *roots;   /* name in the offer → absolute path */
  GPtrArray *left_out; /* NULL-terminated once scanned */
};

/**
 * PstSourceFolder:
 * @fd: the folder last used, or -1
 * @path: (nullable): its path in the offer
 *
 * Keeps the folder of one file open for the next one.
 */
typedef struct
{
  int fd;
  char *path;
} PstSourceFolder;

struct _PstReader
{
  gatomicrefcount ref_count;
  PstSource *source;
  guint8 *selection;
  guint n_entries;
  guint32 entry; /* the one being read, or the next to look at */
  guint64 offset;
  int fd;        /* of @entry, or -1 */
  PstHash *hash; /* of what was read of it */
  PstSourceFolder folder;

  /* Of the first file, which may be begun anew in its middle. */
  guint64 begin_offset;
  guint64 hash_offset; /* so far @hash has come already */

  GArray *held;              /* of PstHeld: what the receiver has, or NULL */
  PstTally compared;         /* of that */
  GCancellable *cancellable; /* of the read under way; not owned */
};

const char *pst_source_get_root (PstSource *self, const char *path, const char **rest);

int pst_source_open (PstSource *self, PstSourceFolder *folder, const char *path);
gboolean pst_source_is_as_listed (int fd, const PstEntry *entry);
gssize pst_source_read (int fd, guint8 *buffer, gsize enough, gsize n_bytes, guint64 offset);
void pst_source_folder_clear (PstSourceFolder *self);

GError *pst_source_explain (const PstEntry *entry, PstError code, const char *what);
GError *pst_source_explain_errno (const PstEntry *entry, int saved_errno);

void pst_reader_set_hash (PstReader *self, PstHash *hash);
GError *pst_reader_catch_up (
    PstReader *self, const PstEntry *entry, guint64 from, guint64 to, PstTally *tally);
GError *pst_reader_find_place (PstReader *self, const PstEntry *entry, const PstHeld *held);

G_END_DECLS
