/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The worker's side of a receipt: the steps of one batch, one after the other. It
 * touches nothing of the sink's. */
#include "pst-sink-private.h"

void
pst_sink_batch_free (PstSinkBatch *batch)
{
  g_clear_pointer (&batch->ops, g_ptr_array_unref);
  g_clear_pointer (&batch->disk, pst_disk_unref);
  g_free (batch);
}

static gboolean
name_files (PstSinkBatch *batch, GError **error)
{
  guint n_files;
  gboolean ok = pst_disk_name_files (batch->disk, &n_files, error);

  batch->n_files += n_files;
  return ok;
}

/* Where more follows, the disk may be at these files while that is written. */
static gboolean
begin_to_name (PstSinkBatch *batch, GError **error)
{
  guint n_files;
  gboolean ok = pst_disk_begin_to_name (batch->disk, &n_files, error);

  batch->n_files += n_files;
  return ok;
}

static gboolean
run_op (PstSinkBatch *batch, const PstSinkOp *op, GError **error)
{
  gsize n_bytes = pst_sink_op_get_size (op);

  switch (op->kind)
    {
    case PST_SINK_OP_PREPARE:
      batch->prepared = pst_disk_prepare (batch->disk, error);
      return batch->prepared;

    case PST_SINK_OP_WRITE:
      if (!pst_disk_write (batch->disk, op->entry, pst_sink_op_get_data (op), n_bytes, error))
        return FALSE;
      batch->taken_bytes += n_bytes;
      return TRUE;

    case PST_SINK_OP_FINISH_FILE:
      return pst_disk_finish_file (batch->disk, op->entry, op->digest, error);

    case PST_SINK_OP_ABANDON_FILE:
      pst_disk_abandon_file (batch->disk);
      return TRUE;

    case PST_SINK_OP_CONTINUE_FILE:
      return pst_disk_continue_file (batch->disk, op->entry, op->offset, error);

    case PST_SINK_OP_RESTART_FILE:
      pst_disk_restart_file (batch->disk, op->entry);
      return TRUE;

    case PST_SINK_OP_COMMIT:
      batch->committed = name_files (batch, error) && pst_disk_commit (batch->disk, error);
      return batch->committed;

    case PST_SINK_OP_LEAVE:
      pst_disk_leave (batch->disk);
      batch->over = TRUE;
      return TRUE;

    case PST_SINK_OP_DISCARD:
      pst_disk_discard (batch->disk);
      batch->over = TRUE;
      return TRUE;
    }

  g_assert_not_reached ();
}

static gboolean
run_ops (PstSinkBatch *batch, GError **error)
{
  for (; batch->n_done < batch->ops->len; batch->n_done++)
    if (!run_op (batch, g_ptr_array_index (batch->ops, batch->n_done), error))
      {
        /* What is whole is kept all the same. */
        name_files (batch, NULL);
        return FALSE;
      }

  if (batch->more && !batch->syncs)
    return begin_to_name (batch, error);
  return name_files (batch, error) && (!batch->syncs || pst_disk_checkpoint (batch->disk, error));
}

/* Whether to wait for room after an error; without one, before anything is tried. */
static gboolean
find_full (PstSinkBatch *batch, const GError *error)
{
  if (error != NULL && !pst_disk_can_retry (batch->disk, error))
    return FALSE;

  batch->missing_bytes = pst_disk_get_missing_bytes (batch->disk);
  batch->full = error != NULL || batch->missing_bytes > 0;
  return batch->full;
}

/* In a worker: what is to be done, until something fails. */
void
pst_sink_run_batch (GTask *task, gpointer object, gpointer task_data, GCancellable *cancellable)
{
  PstSinkBatch *batch = task_data;
  gint64 began_us = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;
  gboolean ok = (batch->ask_first && find_full (batch, NULL)) || run_ops (batch, &error)
                || find_full (batch, error);

  batch->took_us = g_get_monotonic_time () - began_us;
  batch->unsafe_bytes = pst_disk_get_unsafe_bytes (batch->disk);
  batch->journal_trouble = pst_disk_get_journal_trouble (batch->disk);
  if (ok)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}
