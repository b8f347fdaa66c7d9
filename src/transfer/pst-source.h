/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "pst-frame.h"
#include "pst-hash.h"
#include "pst-held.h"
#include "pst-manifest.h"

G_BEGIN_DECLS

/* Whole frames, so that no short one stands between two blocks; large enough
 * that a thread's hand-over costs little beside the reading. */
#define PST_SOURCE_BLOCK_BYTES (8 * PST_FRAME_MAX_DATA_BYTES)

/* One hand-over of small files: as many as a block has bytes for, or this many. */
#define PST_SOURCE_BATCH_BLOCKS 64

/* What is offered: the manifest and where its entries stand on this machine.
 * Reference-counted and immutable, so that workers may share it. */
typedef struct _PstSource PstSource;

PstSource *pst_source_ref (PstSource *self);
void pst_source_unref (PstSource *self);
PstManifest *pst_source_get_manifest (PstSource *self);
const char *const *pst_source_get_left_out (PstSource *self);
void pst_source_scan_async (const char *const *paths,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
PstSource *pst_source_scan_finish (GAsyncResult *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstSource, pst_source_unref)

/**
 * PstBlock:
 * @entry: the entry's number in the manifest
 * @offset: where in the file @bytes begin; with @error, how much of it went before
 * @bytes: (nullable): what was read
 * @last: whether the file ends with this block
 * @digest: with @last, the BLAKE2b-256 of the whole file
 * @error: (nullable): why the file cannot be sent; nothing more of it follows
 * @decides: whether this tells where a file goes on that is held: at @offset
 * @hash: (nullable): the digest of what is before @bytes, for pst_reader_new_at();
 *   %NULL at the beginning of a file
 *
 * A piece of the stream of files.
 */
typedef struct
{
  guint32 entry;
  guint64 offset;
  GBytes *bytes;
  gboolean last;
  guint8 digest[PST_DIGEST_BYTES];
  GError *error;
  gboolean decides;
  PstHash *hash;
} PstBlock;

void pst_block_free (PstBlock *block);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstBlock, pst_block_free)

/* Reads the chosen files one after the other, in a worker. */
typedef struct _PstReader PstReader;

PstReader *pst_reader_new (PstSource *source, const guint8 *selection);
PstReader *pst_reader_new_at (PstSource *source,
                              const guint8 *selection,
                              guint32 entry,
                              guint64 offset,
                              guint64 hash_offset,
                              PstHash *hash);
void pst_reader_set_held (PstReader *self, GArray *held);
guint64 pst_reader_get_compared_bytes (PstReader *self);
void pst_reader_unref (PstReader *self);
void pst_reader_read_async (PstReader *self,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
GPtrArray *pst_reader_read_finish (PstReader *self, GAsyncResult *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstReader, pst_reader_unref)

G_END_DECLS
