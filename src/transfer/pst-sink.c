/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The owner's side of a receipt: queues what came and lets one worker at a
 * time carry a batch of it to the disk, so that the order is kept without a
 * lock and a slow disk never holds up the owner's thread. */
#include "pst-sink-private.h"

#include <string.h>

#include "pst-timer.h"

struct _PstSink
{
  GObject parent_instance;

  PstDisk *disk;
  PstSinkQueue queue;
  gboolean busy;
  guint64 unsafe_bytes; /* of what was taken */
  GSource *sync_timer;  /* runs while there are any */
  gboolean sync_due;
  GSource *gather_timer; /* runs while small files wait for company */
  gboolean gathered;     /* they have waited long enough */
  gboolean full;         /* for lack of room nothing goes on but what room_timer and retries try */
  gboolean asked;        /* to try again, during a try */
  guint64 missing_bytes;
  GSource *room_timer;
  PstJournalTrouble journal_trouble;
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
  SIGNAL_JOURNAL,
  SIGNAL_COMMITTED,
  SIGNAL_SETTLED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PstSink, pst_sink, G_TYPE_OBJECT)

static void start_batch (PstSink *self);
static void try_again (PstSink *self, gboolean ask_first);

static void
queue_op (PstSink *self, PstSinkOpKind kind, guint32 entry)
{
  pst_sink_queue_add (&self->queue, kind, entry);
  start_batch (self);
}

/* @last: what becomes of what came: PST_SINK_OP_LEAVE or PST_SINK_OP_DISCARD. */
static void
end (PstSink *self, PstSinkOpKind last)
{
  self->ended = TRUE;
  self->full = FALSE;
  pst_timer_clear (&self->room_timer);
  pst_timer_clear (&self->sync_timer);
  pst_disk_stop (self->disk);
  pst_sink_queue_clear (&self->queue);
  queue_op (self, last, 0);
}

static void
settle (PstSink *self)
{
  if (self->settled)
    return;

  self->settled = TRUE;
  g_signal_emit (self, signals[SIGNAL_SETTLED], 0);
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

static gboolean
sync_now (gpointer user_data)
{
  PstSink *self = user_data;

  pst_timer_clear (&self->sync_timer);
  self->sync_due = TRUE;
  start_batch (self);
  return G_SOURCE_REMOVE;
}

/* What is written waits for company, but not for long. */
static void
plan_sync (PstSink *self)
{
  if (self->ended || self->unsafe_bytes == 0)
    pst_timer_clear (&self->sync_timer);
  else if (self->sync_timer == NULL)
    pst_timer_set (&self->sync_timer, PST_SINK_SYNC_MS, sync_now, self);
}

/* Tells what a batch brought. Of one that failed nobody knows what is safe. */
static void
tell_written (PstSink *self, PstSinkBatch *batch, gboolean failed)
{
  guint64 unsafe_bytes = self->unsafe_bytes + batch->taken_bytes;
  guint64 written_bytes = failed ? 0 : unsafe_bytes - batch->unsafe_bytes;

  self->unsafe_bytes = unsafe_bytes - written_bytes;
  if (batch->taken_bytes > 0 || written_bytes > 0 || batch->n_files > 0)
    g_signal_emit (self, signals[SIGNAL_WRITTEN], 0, batch->taken_bytes, written_bytes,
                   batch->n_files);
}

static void
tell_journal (PstSink *self, PstJournalTrouble trouble)
{
  if (self->journal_trouble == trouble)
    return;

  self->journal_trouble = trouble;
  g_signal_emit (self, signals[SIGNAL_JOURNAL], 0);
}

static void
batch_done (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstSink) self = g_object_ref (PST_SINK (object));
  PstSinkBatch *batch = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  gboolean was_ended = self->ended;

  self->busy = FALSE;
  pst_sink_queue_follow_pace (&self->queue, batch->took_us);
  if (!was_ended)
    pst_sink_queue_put_back (&self->queue, batch->ops, batch->n_done);

  if (!g_task_propagate_boolean (G_TASK (result), &error) && !was_ended)
    end (self, PST_SINK_OP_LEAVE);
  else if (batch->committed)
    self->ended = TRUE;

  tell_journal (self, batch->journal_trouble);
  if (!was_ended && batch->prepared)
    g_signal_emit (self, signals[SIGNAL_PREPARED], 0);
  if (!was_ended)
    tell_written (self, batch, error != NULL);
  if (!was_ended && error != NULL)
    g_signal_emit (self, signals[SIGNAL_FAILED], 0, error);
  else if (batch->full && !self->ended)
    wait_for_room (self, batch);
  else if (!was_ended)
    go_on (self);
  if (!was_ended && batch->committed)
    g_signal_emit (self, signals[SIGNAL_COMMITTED], 0);

  plan_sync (self);
  if (self->asked)
    pst_sink_retry (self);
  start_batch (self);
  if (batch->over || batch->committed)
    settle (self);
}

static void
send_batch (PstSink *self, gboolean ask_first)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, batch_done, NULL);
  PstSinkBatch *batch = g_new0 (PstSinkBatch, 1);

  batch->disk = pst_disk_ref (self->disk);
  batch->ops = g_ptr_array_new_with_free_func ((GDestroyNotify) pst_sink_op_free);
  pst_sink_queue_take (&self->queue, batch->ops);
  batch->syncs = self->sync_due;
  batch->more = !g_queue_is_empty (&self->queue.ops);
  batch->ask_first = ask_first;
  self->sync_due = self->gathered = FALSE;
  self->busy = TRUE;
  pst_timer_clear (&self->gather_timer);
  g_task_set_source_tag (task, send_batch);
  g_task_set_task_data (task, batch, (GDestroyNotify) pst_sink_batch_free);
  g_task_run_in_thread (task, pst_sink_run_batch);
}

static gboolean
stop_gathering (gpointer user_data)
{
  PstSink *self = user_data;

  pst_timer_clear (&self->gather_timer);
  self->gathered = TRUE;
  start_batch (self);
  return G_SOURCE_REMOVE;
}

static void
start_batch (PstSink *self)
{
  gboolean must_sync = self->sync_due && !self->ended;

  if (self->busy || self->full || (!must_sync && g_queue_is_empty (&self->queue.ops)))
    return;

  if (must_sync || self->gathered || !pst_sink_queue_may_gather (&self->queue))
    send_batch (self, FALSE);
  else if (self->gather_timer == NULL)
    pst_timer_set (&self->gather_timer, PST_SINK_GATHER_MS, stop_gathering, self);
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

  pst_sink_queue_clear (&self->queue);
  pst_timer_clear (&self->room_timer);
  pst_timer_clear (&self->sync_timer);
  pst_timer_clear (&self->gather_timer);
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
                                          NULL, NULL, G_TYPE_NONE, 3, G_TYPE_UINT64, G_TYPE_UINT64,
                                          G_TYPE_UINT);
  signals[SIGNAL_FAILED] = g_signal_new ("failed", PST_TYPE_SINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                         NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
  signals[SIGNAL_FULL] = g_signal_new ("full", PST_TYPE_SINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                       NULL, G_TYPE_NONE, 1, G_TYPE_UINT64);
  signals[SIGNAL_ROOM] = g_signal_new ("room", PST_TYPE_SINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                       NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_JOURNAL] = g_signal_new ("journal", PST_TYPE_SINK, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_COMMITTED] = g_signal_new ("committed", PST_TYPE_SINK, G_SIGNAL_RUN_LAST, 0, NULL,
                                            NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_SETTLED] = g_signal_new ("settled", PST_TYPE_SINK, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 0);
}

static void
pst_sink_init (PstSink *self)
{
  pst_sink_queue_init (&self->queue);
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
  queue_op (self, PST_SINK_OP_PREPARE, 0);
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
  if (self->ended)
    return;

  pst_sink_queue_add_bytes (&self->queue, entry, bytes);
  start_batch (self);
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
  PstSinkOp *op;

  if (self->ended)
    return;

  op = pst_sink_queue_add (&self->queue, PST_SINK_OP_FINISH_FILE, entry);
  memcpy (op->digest, digest, sizeof op->digest);
  start_batch (self);
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
    queue_op (self, PST_SINK_OP_ABANDON_FILE, entry);
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

  op = pst_sink_queue_add (&self->queue, PST_SINK_OP_CONTINUE_FILE, entry);
  op->offset = offset;
  start_batch (self);
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
    queue_op (self, PST_SINK_OP_RESTART_FILE, entry);
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
    queue_op (self, PST_SINK_OP_COMMIT, 0);
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
 * pst_sink_get_looked:
 * @self: a sink
 * @total_bytes: (out): what there is to look at; 0 while that is not known
 *
 * Returns: see pst_disk_get_looked()
 */
guint64
pst_sink_get_looked (PstSink *self, guint64 *total_bytes)
{
  return pst_disk_get_looked (self->disk, total_bytes);
}

/**
 * pst_sink_get_finished:
 * @self: a sink that has committed
 * @id: (out): the journal's number
 *
 * Returns: see pst_disk_get_finished()
 */
gboolean
pst_sink_get_finished (PstSink *self, guint64 *id)
{
  return pst_disk_get_finished (self->disk, id);
}

/**
 * pst_sink_get_journal_trouble:
 * @self: a sink
 *
 * Returns: see pst_disk_get_journal_trouble()
 */
PstJournalTrouble
pst_sink_get_journal_trouble (PstSink *self)
{
  return self->journal_trouble;
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
 * Returns: the bytes given to pst_sink_write() that are not with the file system yet
 */
guint64
pst_sink_get_pending_bytes (PstSink *self)
{
  return self->queue.pending_bytes;
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
