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

/* A batch on its way to the disk and back. */
typedef struct
{
  PstDisk *disk;
  GPtrArray *ops;
  guint n_done; /* of the ops */
  guint64 n_bytes;
  guint n_files;
  gint64 took_us;
  gboolean prepared;
  gboolean ask_first;    /* whether there is room */
  gboolean full;         /* the rest waits for room … */
  guint64 missing_bytes; /* … of which so much lacks; 0: not known */
  gboolean committed;
  gboolean over;
} PstSinkBatch;

void pst_sink_op_free (PstSinkOp *op);
gsize pst_sink_op_get_size (const PstSinkOp *op);
void pst_sink_batch_free (PstSinkBatch *batch);
void
pst_sink_run_batch (GTask *task, gpointer object, gpointer task_data, GCancellable *cancellable);

G_END_DECLS
