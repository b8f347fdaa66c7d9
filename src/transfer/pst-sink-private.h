/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-sink.h"

G_BEGIN_DECLS

typedef enum
{
  PST_SINK_OP_PREPARE,
  PST_SINK_OP_WRITE,
  PST_SINK_OP_FINISH_FILE,
  PST_SINK_OP_ABANDON_FILE,
  PST_SINK_OP_CONTINUE_FILE,
  PST_SINK_OP_RESTART_FILE,
  PST_SINK_OP_COMMIT,
  PST_SINK_OP_LEAVE,
  PST_SINK_OP_DISCARD
} PstSinkOpKind;

/* One step: of a write, @bytes or @gathered. */
typedef struct
{
  PstSinkOpKind kind;
  guint32 entry;
  guint64 offset;
  GBytes *bytes;
  GByteArray *gathered; /* instead */
  guint8 digest[PST_DIGEST_BYTES];
} PstSinkOp;

typedef struct
{
  GQueue ops;
  guint64 pending_bytes; /* of them and of the batch that is out */
  gsize queued_bytes;    /* of them alone */
  guint n_ends;          /* of files, among them */
  guint n_others;        /* neither ends nor writes */
  gsize many_bytes;      /* what a batch in which files end may hold now */
} PstSinkQueue;

/* A batch on its way to the disk and back. */
typedef struct
{
  PstDisk *disk;
  GPtrArray *ops;
  guint n_done;         /* of the ops */
  gboolean syncs;       /* in the end all that was written */
  gboolean more;        /* another one follows at once */
  guint64 taken_bytes;  /* by the file system, in this batch */
  guint64 unsafe_bytes; /* of all batches, that a power cut would take */
  guint n_files;
  gint64 took_us;
  gboolean prepared;
  gboolean ask_first;    /* whether there is room */
  gboolean full;         /* the rest waits for room … */
  guint64 missing_bytes; /* … of which so much lacks; 0: not known */
  PstJournalTrouble journal_trouble;
  gboolean committed;
  gboolean over;
} PstSinkBatch;

/* pst-sink-queue.c */
void pst_sink_op_free (PstSinkOp *op);
gsize pst_sink_op_get_size (const PstSinkOp *op);
const guint8 *pst_sink_op_get_data (const PstSinkOp *op);
void pst_sink_queue_init (PstSinkQueue *self);
void pst_sink_queue_clear (PstSinkQueue *self);
PstSinkOp *pst_sink_queue_add (PstSinkQueue *self, PstSinkOpKind kind, guint32 entry);
void pst_sink_queue_add_bytes (PstSinkQueue *self, guint32 entry, GBytes *bytes);
void pst_sink_queue_take (PstSinkQueue *self, GPtrArray *ops);
void pst_sink_queue_put_back (PstSinkQueue *self, GPtrArray *ops, guint n_done);
void pst_sink_queue_follow_pace (PstSinkQueue *self, gint64 took_us);
gboolean pst_sink_queue_may_gather (const PstSinkQueue *self);

/* pst-sink-batch.c */
void pst_sink_batch_free (PstSinkBatch *batch);
void
pst_sink_run_batch (GTask *task, gpointer object, gpointer task_data, GCancellable *cancellable);

G_END_DECLS
