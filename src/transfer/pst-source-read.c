/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the files of a source, in order, ahead of the pump. What stands in a
 * PstReader is used by one worker at a time: the next read starts only after
 * the one before has been finished in the owner's context. */
#include "pst-source-private.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/**
 * pst_block_free:
 * @block: (transfer full): a block
 */
void
pst_block_free (PstBlock *block)
{
  g_clear_pointer (&block->bytes, g_bytes_unref);
  g_clear_error (&block->error);
  pst_hash_free (block->hash);
  g_free (block);
}

/**
 * pst_reader_new:
 * @source: what to read
 * @selection: (nullable): one byte an entry, not 0 for those to read; %NULL for all
 *
 * Returns: (transfer full): a reader that stands before the first file
 */
PstReader *
pst_reader_new (PstSource *source, const guint8 *selection)
{
  PstReader *self = g_new0 (PstReader, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->source = pst_source_ref (source);
  self->n_entries = pst_manifest_get_n_entries (source->manifest);
  self->selection = g_memdup2 (selection, selection != NULL ? self->n_entries : 0);
  self->fd = self->folder.fd = -1;
  self->hash = pst_hash_new ();
  return self;
}

/**
 * pst_reader_new_at:
 * @source: what to read
 * @selection: (nullable): one byte an entry, not 0 for those to read; %NULL for all
 * @entry: a file that is to be read, or the number of entries
 * @offset: how much of it is not needed any more
 * @hash_offset: how far @hash has come, at most @offset
 * @hash: (nullable): the digest up to there, from a #PstBlock of the same file;
 *   copied; %NULL with a @hash_offset of 0
 *
 * Begins in the middle of the stream. The digest is that of the whole file all
 * the same: what lies between @hash_offset and @offset is read for it.
 *
 * Returns: (transfer full): a reader that stands before @offset
 */
PstReader *
pst_reader_new_at (PstSource *source,
                   const guint8 *selection,
                   guint32 entry,
                   guint64 offset,
                   guint64 hash_offset,
                   PstHash *hash)
{
  PstReader *self = pst_reader_new (source, selection);

  g_return_val_if_fail (hash_offset <= offset, self);

  self->entry = entry;
  self->begin_offset = offset;
  self->hash_offset = hash_offset;
  if (hash != NULL)
    pst_reader_set_hash (self, pst_hash_copy (hash));
  return self;
}

/**
 * pst_reader_set_held:
 * @self: a reader that has not read yet
 * @held: (element-type PstHeld): what the receiver has, in the order of the
 *   manifest; copied
 *
 * Has the files of which the receiver holds something compared with that: the first
 * block of each tells how much of it is the same.
 */
void
pst_reader_set_held (PstReader *self, GArray *held)
{
  self->held = g_array_copy (held);
}

/**
 * pst_reader_get_compared_bytes:
 * @self: a reader
 *
 * Tells how far the comparison with what the receiver has is: a file counts in it as
 * pst_held_get_most_bytes() says, however soon it turned out to differ. In whole pieces
 * of %PST_TALLY_PIECE_BYTES; any thread.
 *
 * Returns: the bytes
 */
guint64
pst_reader_get_compared_bytes (PstReader *self)
{
  return pst_tally_get_bytes (&self->compared);
}

static PstReader *
reader_ref (PstReader *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * pst_reader_unref:
 * @self: (transfer full): a reader; any thread
 */
void
pst_reader_unref (PstReader *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  if (self->fd >= 0)
    close (self->fd);
  pst_source_folder_clear (&self->folder);
  g_clear_pointer (&self->source, pst_source_unref);
  g_clear_pointer (&self->held, g_array_unref);
  pst_hash_free (self->hash);
  g_free (self->selection);
  g_free (self);
}

static GError *
open_file (PstReader *self, const PstEntry *entry, const PstHeld *held)
{
  guint64 hash_offset = self->hash_offset;

  self->offset = self->begin_offset;
  self->begin_offset = self->hash_offset = 0;
  self->fd = pst_source_open (self->source, &self->folder, entry->path);
  if (self->fd < 0)
    return pst_source_explain_errno (entry, errno);
  if (!pst_source_is_as_listed (self->fd, entry))
    return pst_source_explain (entry, PST_ERROR_CHANGED, "changed after it was offered");

  if (entry->size_bytes > PST_SOURCE_BLOCK_BYTES)
    posix_fadvise (self->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  return held != NULL ? pst_reader_find_place (self, entry, held)
                      : pst_reader_catch_up (self, entry, hash_offset, self->offset, NULL);
}

static GError *
explain_longer (const PstEntry *entry)
{
  return pst_source_explain (entry, PST_ERROR_CHANGED, "became longer while it was being sent");
}

/* At the end of the file one byte more is asked for: there should be none. */
static GError *
read_piece (PstReader *self, const PstEntry *entry, PstBlock *block)
{
  gsize n_bytes = MIN (entry->size_bytes - self->offset, PST_SOURCE_BLOCK_BYTES);
  gsize beyond = self->offset + n_bytes == entry->size_bytes;
  g_autofree guint8 *buffer = NULL;
  gssize n;

  if (n_bytes == 0)
    return NULL;

  buffer = g_malloc (n_bytes + beyond);
  n = pst_source_read (self->fd, buffer, n_bytes, n_bytes + beyond, self->offset);
  if (n < 0)
    return pst_source_explain_errno (entry, errno);
  if ((gsize) n < n_bytes)
    return pst_source_explain (entry, PST_ERROR_CHANGED, "became shorter while it was being sent");
  if ((gsize) n > n_bytes)
    return explain_longer (entry);

  block->hash = self->offset > 0 ? pst_hash_copy (self->hash) : NULL;
  pst_hash_add (self->hash, buffer, n_bytes);
  block->offset = self->offset;
  block->bytes = g_bytes_new_take (g_steal_pointer (&buffer), n_bytes);
  self->offset += n_bytes;
  return NULL;
}

static GError *
finish_file (PstReader *self, const PstEntry *entry, PstBlock *block)
{
  guint8 beyond;

  if (block->bytes == NULL && pst_source_read (self->fd, &beyond, 1, 1, entry->size_bytes) != 0)
    return explain_longer (entry);
  if (!pst_source_is_as_listed (self->fd, entry))
    return pst_source_explain (entry, PST_ERROR_CHANGED, "changed while it was being sent");

  pst_hash_finish (self->hash, block->digest);
  block->last = TRUE;
  return NULL;
}

static PstBlock *
read_block (PstReader *self)
{
  const PstEntry *entry = pst_manifest_get_entry (self->source->manifest, self->entry);
  PstBlock *block = g_new0 (PstBlock, 1);

  block->entry = self->entry;
  if (self->fd < 0)
    {
      const PstHeld *held = self->begin_offset == 0 ? pst_held_find (self->held, self->entry)
                                                    : NULL;

      block->error = open_file (self, entry, held);
      block->decides = held != NULL && block->error == NULL;
      block->offset = self->offset;
    }
  if (block->decides)
    return block;

  if (block->error == NULL)
    block->error = read_piece (self, entry, block);
  if (block->error == NULL && self->offset == entry->size_bytes)
    block->error = finish_file (self, entry, block);

  if (block->error != NULL)
    {
      /* What was sent of it before, so that nobody counts it as arrived. */
      block->offset = block->bytes != NULL ? block->offset : self->offset;
      g_clear_pointer (&block->bytes, g_bytes_unref);
    }
  if (block->error != NULL || block->last)
    {
      if (self->fd >= 0)
        close (g_steal_fd (&self->fd));
      self->entry++;
    }
  return block;
}

static gboolean
find_next_file (PstReader *self)
{
  while (self->entry < self->n_entries
         && (pst_manifest_get_entry (self->source->manifest, self->entry)->kind != PST_ENTRY_FILE
             || (self->selection != NULL && !self->selection[self->entry])))
    self->entry++;

  return self->entry < self->n_entries;
}

static void
read_in_thread (GTask *task, gpointer object, gpointer task_data, GCancellable *cancellable)
{
  PstReader *self = task_data;
  g_autoptr (GPtrArray) blocks = g_ptr_array_new_with_free_func ((GDestroyNotify) pst_block_free);
  gsize n_bytes = 0;

  self->cancellable = cancellable;
  while (n_bytes < PST_SOURCE_BLOCK_BYTES && blocks->len < PST_SOURCE_BATCH_BLOCKS
         && !g_cancellable_is_cancelled (cancellable) && find_next_file (self))
    {
      PstBlock *block = read_block (self);

      g_ptr_array_add (blocks, block);
      n_bytes += block->bytes != NULL ? g_bytes_get_size (block->bytes) : 0;
    }

  g_task_return_pointer (task, g_steal_pointer (&blocks), (GDestroyNotify) g_ptr_array_unref);
}

/**
 * pst_reader_read_async:
 * @self: a reader without a read under way
 * @cancellable: (nullable): a #GCancellable
 * @callback: called in the caller's main context
 * @user_data: for @callback
 *
 * Reads and hashes the next block of the stream, or several small ones, in a
 * worker. A file that differs from its entry in the manifest (size, time), or
 * changes while it is read, gives a block with an error; the stream goes on
 * with the next file.
 */
void
pst_reader_read_async (PstReader *self,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, pst_reader_read_async);
  g_task_set_task_data (task, reader_ref (self), (GDestroyNotify) pst_reader_unref);
  g_task_run_in_thread (task, read_in_thread);
}

/**
 * pst_reader_read_finish:
 * @self: a reader
 * @result: what the callback was given
 * @error: return location for %G_IO_ERROR_CANCELLED
 *
 * Returns: (transfer full) (element-type PstBlock) (nullable): the blocks; none at the end
 */
GPtrArray *
pst_reader_read_finish (PstReader *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
