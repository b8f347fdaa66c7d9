/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-scanner.h"

#include "pst-picture.h"

#define INTERVAL_US (G_USEC_PER_SEC / PST_SCANNER_MAX_PER_SECOND)

struct _PstScanner
{
  GObject parent_instance;

  gint64 last_us;
  gboolean started;
  gboolean in_flight;
  gboolean light;
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (PstScanner, pst_scanner, G_TYPE_OBJECT)

enum
{
  SIGNAL_SCANNED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* A picture and what was seen in it. */
typedef struct
{
  GFile *file; /* NULL for a camera's picture */
  PstFrame frame;
  PstScanInk ink;
  PstScanOutcome outcome;
  char *text;
} Look;

static void
look_free (gpointer data)
{
  Look *look = data;

  g_clear_object (&look->file);
  pst_frame_clear (&look->frame);
  g_free (look->text);
  g_free (look);
}

static void
look_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Look *look = data;

  if (!g_task_return_error_if_cancelled (task))
    {
      look->outcome = pst_scan_read (&look->frame, look->ink, &look->text);
      g_task_return_boolean (task, TRUE);
    }
}

static void
looked (GObject *object, GAsyncResult *result, gpointer user_data)
{
  PstScanner *self = PST_SCANNER (object);
  Look *look = g_task_get_task_data (G_TASK (result));

  self->in_flight = FALSE;
  if (g_task_propagate_boolean (G_TASK (result), NULL))
    g_signal_emit (self, signals[SIGNAL_SCANNED], 0, look->outcome, look->text);
}

/**
 * pst_scanner_offer:
 * @self: the scanner
 * @frame: a picture; its pixels are referenced
 * @now_us: the monotonic time
 *
 * Has a look at a picture, unless the last one is still being looked at or was
 * begun less than a %PST_SCANNER_MAX_PER_SECOND-th of a second ago. Dark and
 * light codes take turns.
 *
 * Returns: %TRUE if `scanned` will follow
 */
gboolean
pst_scanner_offer (PstScanner *self, const PstFrame *frame, gint64 now_us)
{
  g_autoptr (GTask) task = NULL;
  Look *look;

  if (self->in_flight || (self->started && now_us - self->last_us < INTERVAL_US))
    return FALSE;

  look = g_new0 (Look, 1);
  look->frame = *frame;
  g_bytes_ref (look->frame.pixels);
  look->ink = self->light ? PST_SCAN_INK_LIGHT : PST_SCAN_INK_DARK;

  self->last_us = now_us;
  self->started = self->in_flight = TRUE;
  self->light = !self->light;

  task = g_task_new (self, self->cancellable, looked, NULL);
  g_task_set_name (task, "pst_scanner_offer");
  g_task_set_task_data (task, look, look_free);
  g_task_run_in_thread (task, look_in_thread);
  return TRUE;
}

/**
 * pst_scanner_cancel:
 * @self: the scanner
 *
 * The picture that is being looked at does not matter any more: no `scanned`
 * follows for it.
 */
void
pst_scanner_cancel (PstScanner *self)
{
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  self->cancellable = g_cancellable_new ();
}

static void
pst_scanner_dispose (GObject *object)
{
  PstScanner *self = PST_SCANNER (object);

  g_clear_object (&self->cancellable);

  G_OBJECT_CLASS (pst_scanner_parent_class)->dispose (object);
}

static void
pst_scanner_class_init (PstScannerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = pst_scanner_dispose;

  signals[SIGNAL_SCANNED] = g_signal_new ("scanned", PST_TYPE_SCANNER, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_STRING);
}

static void
pst_scanner_init (PstScanner *self)
{
  self->cancellable = g_cancellable_new ();
}

/**
 * pst_scanner_new:
 *
 * Returns: (transfer full): a scanner
 */
PstScanner *
pst_scanner_new (void)
{
  return g_object_new (PST_TYPE_SCANNER, NULL);
}

static void
read_file_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Look *look = data;
  GError *error = NULL;

  if (!pst_picture_load (look->file, &look->frame, cancellable, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  look->outcome = pst_scan_read (&look->frame, PST_SCAN_INK_ANY, &look->text);
  g_task_return_boolean (task, TRUE);
}

/**
 * pst_scanner_read_file_async:
 * @file: a picture
 * @cancellable: (nullable): ends the reading
 * @callback: called in the thread-default main context
 * @user_data: for @callback
 *
 * Looks for codes in a picture file, in a worker.
 */
void
pst_scanner_read_file_async (GFile *file,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Look *look = g_new0 (Look, 1);

  g_task_set_name (task, "pst_scanner_read_file_async");
  look->file = g_object_ref (file);
  g_task_set_task_data (task, look, look_free);
  g_task_run_in_thread (task, read_file_in_thread);
}

/**
 * pst_scanner_read_file_finish:
 * @result: what the callback got
 * @outcome: (out): what was seen
 * @text: (out) (transfer full) (nullable): as pst_scan_read() gives it
 * @error: return location for an error, as that of pst_picture_load()
 *
 * Returns: %TRUE if the file is a picture and was looked at
 */
gboolean
pst_scanner_read_file_finish (GAsyncResult *result,
                              PstScanOutcome *outcome,
                              char **text,
                              GError **error)
{
  Look *look = g_task_get_task_data (G_TASK (result));

  *text = NULL;
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;

  *outcome = look->outcome;
  *text = g_steal_pointer (&look->text);
  return TRUE;
}
