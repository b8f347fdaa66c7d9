/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-wormhole-private.h"

#include "pst-error.h"
#include "pst-timer.h"

static void
on_line_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstWormhole) self = PST_WORMHOLE (user_data);
  g_autoptr (GPtrArray) tasks = g_steal_pointer (&self->close_tasks);
  g_autoptr (GError) error = g_steal_pointer (&self->error);

  pst_line_close_finish (PST_LINE (source), result, NULL);
  self->line_closed = TRUE;
  if (error != NULL)
    pst_wormhole_emit_failed (self, error);
  for (guint i = 0; tasks != NULL && i < tasks->len; i++)
    g_task_return_boolean (g_ptr_array_index (tasks, i), TRUE);
}

static void
close_line (PstWormhole *self, PstMood mood)
{
  pst_timer_clear (&self->doubt);
  pst_wormhole_set_state (self, PST_WORMHOLE_CLOSED);
  g_clear_pointer (&self->agreement, pst_spake2_free);
  pst_line_close_async (self->line, mood, on_line_closed, g_object_ref (self));
}

/* A guess that failed looks like a typing mistake: both are told as such. */
static PstMood
get_mood (const GError *error)
{
  return g_error_matches (error, PST_ERROR, PST_ERROR_WRONG_CODE)
                 || g_error_matches (error, PST_ERROR, PST_ERROR_TAMPERED)
             ? PST_MOOD_SCARY
             : PST_MOOD_ERRORY;
}

void
pst_wormhole_fail (PstWormhole *self, GError *error)
{
  if (self->state == PST_WORMHOLE_CLOSED)
    {
      g_error_free (error);
      return;
    }

  self->error = error;
  close_line (self, get_mood (error));
}

/**
 * pst_wormhole_close_async:
 * @self: a wormhole
 * @mood: how it went
 * @callback: called when done
 * @user_data: for @callback
 *
 * Releases the nameplate and closes the mailbox, as far as the server can be
 * reached within the time for it; on a wormhole that failed, waits for that
 * end. `failed` is not emitted for what happens afterwards.
 */
void
pst_wormhole_close_async (PstWormhole *self,
                          PstMood mood,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, pst_wormhole_close_async);
  if (self->line_closed)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  if (self->close_tasks == NULL)
    self->close_tasks = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (self->close_tasks, g_steal_pointer (&task));
  if (self->state != PST_WORMHOLE_CLOSED)
    close_line (self, mood);
}

/**
 * pst_wormhole_close_finish:
 * @self: a wormhole
 * @result: what the callback got
 * @error: unused; closing does not fail
 *
 * Returns: %TRUE
 */
gboolean
pst_wormhole_close_finish (PstWormhole *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
