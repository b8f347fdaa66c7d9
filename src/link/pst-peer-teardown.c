/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-peer-private.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pst-error.h"
#include "pst-weak.h"

/* A caller that waits for the end never waits longer, whatever GStreamer's
 * threads do; what is left of them then ends in the background. */
#define CLOSE_TIMEOUT_MS 2000

static void
complete_closing (PstPeer *self)
{
  g_autoptr (GPtrArray) closing = g_steal_pointer (&self->closing);

  self->closing = g_ptr_array_new_with_free_func (g_object_unref);
  pst_timer_clear (&self->close_timeout);
  for (guint i = 0; i < closing->len; i++)
    g_task_return_boolean (g_ptr_array_index (closing, i), TRUE);
}

#ifdef __GLIBC__
static void
end_at_once (int status, void *unused)
{
  fflush (NULL);
  _exit (status);
}
#endif

/* When the program ends, libraries clean up behind themselves, and a thread that is
 * still in one of them (OpenSSL, as a rule) brings the program down. So they do not:
 * what is asked for last is done first. Other C libraries than GNU's do not tell with
 * which status. */
static void
leave_libraries_alone (void)
{
  static gsize once;

  if (g_once_init_enter (&once))
    {
#ifdef __GLIBC__
      on_exit (end_at_once, NULL);
#endif
      g_once_init_leave (&once, 1);
    }
}

static gboolean
on_close_timeout (gpointer user_data)
{
  g_autoptr (PstPeer) self = g_object_ref (user_data);

  g_message ("The threads of a connection take their time to end.");
  leave_libraries_alone ();
  complete_closing (self);
  return G_SOURCE_REMOVE;
}

static void
on_torn_down (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GWeakRef *weak = user_data;
  g_autoptr (PstPeer) self = g_weak_ref_get (weak);

  if (self != NULL)
    {
      self->tearing_down = FALSE;
      complete_closing (self);
    }
  pst_weak_ref_free (weak);
}

/* The task has no source object: its last reference may go in the other
 * thread, where an object of ours must not end. */
static GTask *
new_teardown_task (PstPeer *self)
{
  return g_task_new (NULL, NULL, on_torn_down, pst_weak_ref_new (self));
}

/* Ends everything that moves by itself. May be called twice. */
void
pst_peer_tear_down (PstPeer *self)
{
  pst_timer_clear (&self->connect_timeout);
  pst_timer_clear (&self->candidate_timeout);
  pst_timer_clear (&self->far_timeout);
  pst_timer_clear (&self->late_timeout);
  pst_handover_stop (self->handover);

  if (self->pipeline == NULL)
    return;

  self->tearing_down = TRUE;
  pst_pipeline_tear_down (g_steal_pointer (&self->pipeline), new_teardown_task (self));
}

/**
 * pst_peer_close_async:
 * @self: a peer in any state
 * @callback: (nullable): called when the connection is gone
 * @user_data: for @callback
 *
 * Ends the connection at once. What is still buffered is thrown away, and the
 * other side is not told: say goodbye before. The state becomes
 * %PST_PEER_CLOSED before this returns; #PstChannel::closed is not emitted for
 * a close of one's own. It takes two seconds at most and may be called again.
 */
void
pst_peer_close_async (PstPeer *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (PST_IS_PEER (self));

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, pst_peer_close_async);
  if (self->state != PST_PEER_CLOSED)
    {
      pst_peer_tear_down (self);
      pst_peer_set_state (self, PST_PEER_CLOSED);
    }

  if (!self->tearing_down)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  g_ptr_array_add (self->closing, g_steal_pointer (&task));
  if (self->close_timeout == NULL)
    pst_timer_set (&self->close_timeout, CLOSE_TIMEOUT_MS, on_close_timeout, self);
}

/**
 * pst_peer_close_finish:
 * @self: a peer
 * @result: what the callback was given
 * @error: return location for an error; none is ever set
 *
 * Returns: %TRUE
 */
gboolean
pst_peer_close_finish (PstPeer *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
