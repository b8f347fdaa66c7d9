/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What waits for the disk, in order, and how much of it goes there at once. */
#include <string.h>

#include "pst-sink-private.h"

/* A stranger may send a file byte by byte. Pieces below the first size that follow
 * one another wait as one step of up to the second, so that what waits costs about
 * as much memory as it has bytes. An honest sender's are hardly ever so small. */
#define SMALL_BYTES    4096
#define GATHERED_BYTES (64 * 1024)

void
pst_sink_op_free (PstSinkOp *op)
{
  g_clear_pointer (&op->bytes, g_bytes_unref);
  g_clear_pointer (&op->gathered, g_byte_array_unref);
  g_free (op);
}

gsize
pst_sink_op_get_size (const PstSinkOp *op)
{
  if (op->gathered != NULL)
    return op->gathered->len;
  return op->bytes != NULL ? g_bytes_get_size (op->bytes) : 0;
}

const guint8 *
pst_sink_op_get_data (const PstSinkOp *op)
{
  return op->gathered != NULL ? op->gathered->data : g_bytes_get_data (op->bytes, NULL);
}

void
pst_sink_queue_init (PstSinkQueue *self)
{
  g_queue_init (&self->ops);
  self->pending_bytes = 0;
  self->queued_bytes = 0;
  self->n_ends = self->n_others = 0;
  self->many_bytes = PST_SINK_BATCH_BYTES;
}

/* Drops what is queued. */
void
pst_sink_queue_clear (PstSinkQueue *self)
{
  g_queue_clear_full (&self->ops, (GDestroyNotify) pst_sink_op_free);
  self->pending_bytes = 0;
  self->queued_bytes = 0;
  self->n_ends = self->n_others = 0;
}

/* A step comes to those that are queued (1), or goes (-1). */
static void
count (PstSinkQueue *self, const PstSinkOp *op, int n)
{
  self->queued_bytes += n * (gssize) pst_sink_op_get_size (op);
  self->n_ends += op->kind == PST_SINK_OP_FINISH_FILE ? n : 0;
  self->n_others += op->kind != PST_SINK_OP_FINISH_FILE && op->kind != PST_SINK_OP_WRITE ? n : 0;
}

/* Appends a step, which is to be filled. */
PstSinkOp *
pst_sink_queue_add (PstSinkQueue *self, PstSinkOpKind kind, guint32 entry)
{
  PstSinkOp *op = g_new0 (PstSinkOp, 1);

  op->kind = kind;
  op->entry = entry;
  count (self, op, 1);
  g_queue_push_tail (&self->ops, op);
  return op;
}

/* Returns whether @bytes went to those that wait already. */
static gboolean
gather (PstSinkQueue *self, guint32 entry, GBytes *bytes)
{
  PstSinkOp *last = g_queue_peek_tail (&self->ops);
  gsize n_bytes = g_bytes_get_size (bytes);

  if (last == NULL || last->gathered == NULL || last->entry != entry || n_bytes >= SMALL_BYTES
      || last->gathered->len + n_bytes > GATHERED_BYTES)
    return FALSE;

  g_byte_array_append (last->gathered, g_bytes_get_data (bytes, NULL), n_bytes);
  return TRUE;
}

/* Appends a write. */
void
pst_sink_queue_add_bytes (PstSinkQueue *self, guint32 entry, GBytes *bytes)
{
  gsize n_bytes = g_bytes_get_size (bytes);
  PstSinkOp *op;

  self->pending_bytes += n_bytes;
  self->queued_bytes += n_bytes;
  if (gather (self, entry, bytes))
    return;

  op = pst_sink_queue_add (self, PST_SINK_OP_WRITE, entry);
  if (n_bytes >= SMALL_BYTES)
    op->bytes = g_bytes_ref (bytes);
  else
    op->gathered = g_byte_array_append (g_byte_array_new (), g_bytes_get_data (bytes, NULL),
                                        n_bytes);
}

/* Moves what makes one batch to @ops. Its bytes are still pending. */
void
pst_sink_queue_take (PstSinkQueue *self, GPtrArray *ops)
{
  gsize n_bytes = 0;
  guint n_ends = 0;
  PstSinkOp *op;

  while (ops->len < PST_SINK_BATCH_OPS
         && n_bytes < (n_ends > 1 ? self->many_bytes : PST_SINK_BATCH_BYTES)
         && (op = g_queue_pop_head (&self->ops)) != NULL)
    {
      g_ptr_array_add (ops, op);
      count (self, op, -1);
      n_bytes += pst_sink_op_get_size (op);
      n_ends += op->kind == PST_SINK_OP_FINISH_FILE;
    }
}

/* A batch is back, of which @n_done steps were done: the others come first again. */
void
pst_sink_queue_put_back (PstSinkQueue *self, GPtrArray *ops, guint n_done)
{
  for (guint i = 0; i < n_done; i++)
    self->pending_bytes -= pst_sink_op_get_size (g_ptr_array_index (ops, i));
  while (ops->len > n_done)
    {
      PstSinkOp *op = g_ptr_array_steal_index (ops, ops->len - 1);

      count (self, op, 1);
      g_queue_push_head (&self->ops, op);
    }
}

/* Fits the next batch to how long the last one took. */
void
pst_sink_queue_follow_pace (PstSinkQueue *self, gint64 took_us)
{
  if (took_us < PST_SINK_QUICK_US)
    self->many_bytes = MIN (self->many_bytes * 2, PST_SINK_MANY_BYTES);
  else if (took_us > PST_SINK_SLOW_US)
    self->many_bytes = MAX (self->many_bytes / 2, PST_SINK_BATCH_BYTES);
}

/* Whether what is queued may wait for more to share a sync: small files, and not many. */
gboolean
pst_sink_queue_may_gather (const PstSinkQueue *self)
{
  return self->n_ends > 0 && self->n_others == 0 && self->queued_bytes < PST_SINK_BATCH_BYTES
         && self->ops.length < PST_SINK_BATCH_OPS;
}
