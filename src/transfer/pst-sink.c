/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The owner's side of a receipt: queues what came and lets one worker at a
 * time carry a batch of it to the disk, so that the order is kept without a
 * lock and a slow disk never holds up the owner's thread. */
#include "pst-sink-private.h"

#include <string.h>

#include "pst-timer.h"

/* A stranger may send a file byte by byte. Pieces below the first size that follow
 * one another wait as one step of up to the second, so that what waits costs about
 * as much memory as it has bytes. An honest sender's are hardly ever so small. */
#define SMALL_BYTES    4096
#define GATHERED_BYTES (64 * 1024)

struct _PstSink
{
  GObject parent_instance;

  PstDisk *disk;
  GQueue ops;
  guint64 pending_bytes;
  gsize many_bytes; /* what a batch in which files end may hold now */
  gboolean busy;
  gboolean full;  /* for lack of room nothing goes on but what room_timer and retries try */
  gboolean asked; /* to try again, during a try */
  guint64 missing_bytes;
  GSource *room_timer;
  gboolean ended; /* failed, committed or aborted: takes no more */
  gboolean settled;
};

enum
{
  SIGNAL_PREPARED,
  SIGNAL_WRITTEN,
  SIGNAL_FAILED,
  SIGNAL_FULL,
  SIGNAL_ROOM,
  SIGNAL_COMMITTED,
  SIGNAL_SETTLED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PstSink, pst_sink, G_TYPE_OBJECT)

static void start_batch (PstSink *self);
static void try_again (PstSink *self, gboolean ask_first);

/* Takes @op. */
static void
push_op (PstSink *self, PstSinkOp *op)
{
  self->pending_bytes += pst_sink_op_get_size (op);
  g_queue_push_tail (&self->ops, op);
  start_batch (self);
}

static void
queue_op (PstSink *self, PstSinkOpKind kind, guint32 entry, const guint8 *digest)
{
  PstSinkOp *op = g_new0 (PstSinkOp, 1);

  op->kind = kind;
  op->entry = entry;
  if (digest != NULL)
    memcpy (op->digest, digest, sizeof op->digest);
  push_op (self, op);
}

static void
queue_write (PstSink *self, guint32 entry, GBytes *bytes)
{
  PstSinkOp *op = g_new0 (PstSinkOp, 1);
  gsize n_bytes = g_bytes_get_size (bytes);

  op->kind = PST_SINK_OP_WRITE;
  op->entry = entry;
  if (n_bytes >= SMALL_BYTES)
    op->bytes = g_bytes_ref (bytes);
  else
    op->gathered = g_byte_array_append (g_byte_array_new (), g_bytes_get_data (bytes, NULL),
                                        n_bytes);
  push_op (self, op);
}

/* Returns whether @bytes went to those that wait already. */
static gboolean
gather (PstSink *self, guint32 entry, GBytes *bytes)
{
  PstSinkOp *last = g_queue_peek_tail (&self->ops);
  gsize n_bytes = g_bytes_get_size (bytes);

  if (last == NULL || last->gathered == NULL || last->entry != entry || n_bytes >= SMALL_BYTES
      || last->gathered->len + n_bytes > GATHERED_BYTES)
    return FALSE;

  g_byte_array_append (last->gathered, g_bytes_get_data (bytes, NULL), n_bytes);
  self->pending_bytes += n_bytes;
  return TRUE;
}

static void
drop_queue (PstSink *self)
{
  g_queue_clear_full (&self->ops, (GDestroyNotify) pst_sink_op_free);
  self->pending_bytes = 0;
}

/* @last: what becomes of what came: PST_SINK_OP_LEAVE or PST_SINK_OP_DISCARD. */
static void
end (PstSink *self, PstSinkOpKind last)
{
  self->ended = TRUE;
  self->full = FALSE;
  pst_timer_clear (&self->room_timer);
  pst_disk_stop (self->disk);
  drop_queue (self);
  queue_op (self, last, 0, NULL);
}

static void
settle (PstSink *self)
{
  if (self->settled)
    return;

  self->settled = TRUE;
  g_signal_emit (self, signals[SIGNAL_SETTLED], 0);
}

/* What was not done is to be done first. */
static void
put_back (PstSink *self, PstSinkBatch *batch)
{
  while (batch->ops->len > batch->n_done)
    {
      PstSinkOp *op = g_ptr_array_steal_index (batch->ops, batch->ops->len - 1);

      self->pending_bytes += pst_sink_op_get_size (op);
      g_queue_push_head (&self->ops, op);
    }
}

static gboolean
look_for_room (gpointer user_data)
{
  try_again (user_data, TRUE);
  return G_SOURCE_CONTINUE;
}

static void
wait_for_room (PstSink *self, PstSinkBatch *batch)
{
  gboolean is_news = !self->full || self->missing_bytes != batch->missing_bytes;

  put_back (self, batch);
  self->missing_bytes = batch->missing_bytes;
  if (!self->full)
    pst_timer_set (&self->room_timer, PST_SINK_ROOM_MS, look_for_room, self);
  self->full = TRUE;
  if (is_news)
    g_signal_emit (self, signals[SIGNAL_FULL], 0, self->missing_bytes);
}

static void
go_on (PstSink *self)
{
  if (!self->full)
    return;

  self->full = FALSE;
  pst_timer_clear (&self->room_timer);
  g_signal_emit (self, signals[SIGNAL_ROOM], 0);
}

/* Fits the next batch to how long the last one took. */
static void
follow_pace (PstSink *self, gint64 took_us)
{
  if (took_us < PST_SINK_QUICK_US)
    self->many_bytes = MIN (self->many_bytes * 2, PST_SINK_MANY_BYTES);
  else if (took_us > PST_SINK_SLOW_US)
    self->many_bytes = MAX (self->many_bytes / 2, PST_SINK_BATCH_BYTES);
}

static void
batch_done (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstSink) self = g_object_ref (PST_SINK (object));
  PstSinkBatch *batch = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  gboolean was_ended = self->ended;

  self->busy = FALSE;
  follow_pace (self, batch->took_us);
  if (!was_ended)
    for (guint i = 0; i < batch->ops->len; i++)
      self->pending_bytes -= pst_sink_op_get_size (g_ptr_array_index (batch->ops, i));

  if (!g_task_propagate_boolean (G_TASK (result), &error) && !was_ended)
    end (self, PST_SINK_OP_LEAVE);
  else if (batch->committed)
    self->ended = TRUE;

  if (!was_ended && batch->prepared)
    g_signal_emit (self, signals[SIGNAL_PREPARED], 0);
  if (!was_ended && (batch->n_bytes > 0 || batch->n_files > 0))
    g_signal_emit (self, signals[SIGNAL_WRITTEN], 0, batch->n_bytes, batch->n_files);
  if (!was_ended && error != NULL)
    g_signal_emit (self, signals[SIGNAL_FAILED], 0, error);
  else if (batch->full && !self->ended)
    wait_for_room (self, batch);
  else if (!was_ended)
    go_on (self);
  if (!was_ended && batch->committed)
    g_signal_emit (self, signals[SIGNAL_COMMITTED], 0);

  if (self->asked)
    pst_sink_retry (self);
  start_batch (self);
  if (batch->over || batch->committed)
    settle (self);
}

/* Takes what makes one batch off the queue. */
static PstSinkBatch *
take_batch (PstSink *self)
{
  PstSinkBatch *batch = g_new0 (PstSinkBatch, 1);
  gsize n_bytes = 0;
  guint n_ends = 0;
  PstSinkOp *op;

  batch->disk = pst_disk_ref (self->disk);
  batch->ops = g_ptr_array_new_with_free_func ((GDestroyNotify) pst_sink_op_free);
  while (batch->ops->len < PST_SINK_BATCH_OPS
         && n_bytes < (n_ends > 1 ? self->many_bytes : PST_SINK_BATCH_BYTES)
         && (op = g_queue_pop_head (&self->ops)) != NULL)
    {
      g_ptr_array_add (batch->ops, op);
      n_bytes += pst_sink_op_get_size (op);
      n_ends += op->kind == PST_SINK_OP_FINISH_FILE;
    }

  return batch;
}

static void
send_batch (PstSink *self, gboolean ask_first)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, batch_done, NULL);
  PstSinkBatch *batch = take_batch (self);

  self->busy = TRUE;
  batch->ask_first = ask_first;
  g_task_set_source_tag (task, send_batch);
  g_task_set_task_data (task, batch, (GDestroyNotify) pst_sink_batch_free);
  g_task_run_in_thread (task, pst_sink_run_batch);
}

static void
start_batch (PstSink *self)
{
  if (!self->busy && !self->full && !g_queue_is_empty (&self->ops))
    send_batch (self, FALSE);
}

/* Nothing may be queued: files that are whole may wait for their names alone. */
static void
try_again (PstSink *self, gboolean ask_first)
{
  if (!self->busy && self->full)
    send_batch (self, ask_first);
}

static void
pst_sink_finalize (GObject *object)
{
  PstSink *self = PST_SINK (object);

  drop_queue (self);
  pst_timer_clear (&self->room_timer);
  g_clear_pointer (&self->disk, pst_disk_unref);

  G_OBJECT_CLASS (pst_sink_parent_class)->finalize (object);
}

static void
pst_sink_class_init (PstSinkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = pst_sink_finalize;

  signals[SIGNAL_PREPARED] = g_signal_new ("prepared", PST_TYPE_SINK, G_SIGNAL_RUN_LAST, 0, NULL,
                                           NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_WRITTEN] = g_signal_new ("written", PST_TYPE_SINK, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT64, G_TYPE_UINT);
  signals[SIGNAL_FAILED] = g_signal_new ("failed", PST_TYPE_SINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                         NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
  signals[SIGNAL_FULL] = g_signal_new ("full", PST_TYPE_SINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                       NULL, G_TYPE_NONE, 1, G_TYPE_UINT64);
  signals[SIGNAL_ROOM] = g_signal_new ("room", PST_TYPE_SINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                       NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_COMMITTED] = g_signal_new ("committed", PST_TYPE_SINK, G_SIGNAL_RUN_LAST, 0, NULL,
                                            NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_SETTLED] = g_signal_new ("settled", PST_TYPE_SINK, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 0);
}

static void
pst_sink_init (PstSink *self)
{
  g_queue_init (&self->ops);
  self->many_bytes = PST_SINK_BATCH_BYTES;
}

/**
 * pst_sink_new:
 * @disk: a receipt that nothing else uses
 *
 * Makes a sink and begins with the folders.
 *
 * Returns: (transfer full): the sink
 */
PstSink *
pst_sink_new (PstDisk *disk)
{
  PstSink *self = g_object_new (PST_TYPE_SINK, NULL);

  self->disk = pst_disk_ref (disk);
  queue_op (self, PST_SINK_OP_PREPARE, 0, NULL);
  return self;
}

/**
 * pst_sink_write:
 * @self: a sink
 * @entry: the file's number in the manifest
 * @bytes: what follows what was given of it before
 *
 * Queues bytes of a file. After the end of the sink this does nothing.
 */
void
pst_sink_write (PstSink *self, guint32 entry, GBytes *bytes)
{
  if (!self->ended && !gather (self, entry, bytes))
    queue_write (self, entry, bytes);
}

/**
 * pst_sink_finish_file:
 * @self: a sink
 * @entry: the file's number in the manifest
 * @digest: BLAKE2b-256 of the whole file
 *
 * Queues the end of a file: check, fsync, final name.
 */
void
pst_sink_finish_file (PstSink *self, guint32 entry, const guint8 digest[PST_DIGEST_BYTES])
{
  if (!self->ended)
    queue_op (self, PST_SINK_OP_FINISH_FILE, entry, digest);
}

/**
 * pst_sink_abandon_file:
 * @self: a sink
 * @entry: the file's number in the manifest
 *
 * Queues the removal of a file's partial file: it will not be finished.
 */
void
pst_sink_abandon_file (PstSink *self, guint32 entry)
{
  if (!self->ended)
    queue_op (self, PST_SINK_OP_ABANDON_FILE, entry, NULL);
}

/**
 * pst_sink_continue_file:
 * @self: a sink
 * @entry: the number of a file of which something is held
 * @offset: one of its places
 *
 * Queues that the file goes on there.
 */
void
pst_sink_continue_file (PstSink *self, guint32 entry, guint64 offset)
{
  PstSinkOp *op;

  if (self->ended)
    return;

  op = g_new0 (PstSinkOp, 1);
  op->kind = PST_SINK_OP_CONTINUE_FILE;
  op->entry = entry;
  op->offset = offset;
  push_op (self, op);
}

/**
 * pst_sink_restart_file:
 * @self: a sink
 * @entry: the number of a file of which something is held
 *
 * Queues that the file begins anew.
 */
void
pst_sink_restart_file (PstSink *self, guint32 entry)
{
  if (!self->ended)
    queue_op (self, PST_SINK_OP_RESTART_FILE, entry, NULL);
}

/**
 * pst_sink_commit:
 * @self: a sink
 *
 * Queues the end of the receipt: links, folder times, folders to the disk.
 */
void
pst_sink_commit (PstSink *self)
{
  if (!self->ended)
    queue_op (self, PST_SINK_OP_COMMIT, 0, NULL);
}

/**
 * pst_sink_retry:
 * @self: a sink
 *
 * Goes on after #PstSink::full, whatever room there seems to be. Otherwise this
 * does nothing.
 */
void
pst_sink_retry (PstSink *self)
{
  self->asked = self->busy && self->full;
  try_again (self, FALSE);
}

/**
 * pst_sink_abort:
 * @self: a sink
 *
 * Ends the receipt: what is queued is dropped, the partial file removed. Whole
 * files stay. #PstSink::settled follows.
 */
void
pst_sink_abort (PstSink *self)
{
  if (!self->ended)
    end (self, PST_SINK_OP_DISCARD);
}

/**
 * pst_sink_leave:
 * @self: a sink
 *
 * Ends the receipt: what is queued is dropped, what is written stays for a later
 * receipt if there is a journal; see pst_disk_leave(). #PstSink::settled follows.
 */
void
pst_sink_leave (PstSink *self)
{
  if (!self->ended)
    end (self, PST_SINK_OP_LEAVE);
}

/**
 * pst_sink_get_held:
 * @self: a sink that is prepared
 *
 * Returns: (transfer none) (nullable) (element-type PstHeld): see pst_disk_get_held()
 */
GArray *
pst_sink_get_held (PstSink *self)
{
  return pst_disk_get_held (self->disk);
}

/**
 * pst_sink_is_settled:
 * @self: a sink
 *
 * Returns: %TRUE once no worker is at it any more and none will be
 */
gboolean
pst_sink_is_settled (PstSink *self)
{
  return self->settled;
}

/**
 * pst_sink_get_pending_bytes:
 * @self: a sink
 *
 * Returns: the bytes given to pst_sink_write() that are not on the disk yet
 */
guint64
pst_sink_get_pending_bytes (PstSink *self)
{
  return self->pending_bytes;
}

/**
 * pst_sink_dup_results:
 * @self: a sink that has settled
 *
 * Returns: (transfer full) (array zero-terminated=1): see pst_disk_dup_results()
 */
char **
pst_sink_dup_results (PstSink *self)
{
  return pst_disk_dup_results (self->disk);
}
