/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-pipeline-private.h"

#include <nice/agent.h>

/* A relay that does not answer is not waited for. */
#define RELAY_TIMEOUT_MS 1000

/* webrtcbin's thread answers within milliseconds, unless it hangs. */
#define CATCH_UP_TIMEOUT_US (500 * G_TIME_SPAN_MILLISECOND)

static void
disconnect_handlers (PstPipeline *self)
{
  for (guint i = 0; i < self->handlers->len; i++)
    {
      PstPipelineHandler *handler = &g_array_index (self->handlers, PstPipelineHandler, i);

      g_signal_handler_disconnect (handler->object, handler->id);
      g_object_unref (handler->object);
    }
  g_array_set_size (self->handlers, 0);
}

static void
on_agent_closed (GObject *source, GAsyncResult *result, gpointer over)
{
  *(gboolean *) over = TRUE;
}

static gboolean
on_relay_timeout (gpointer over)
{
  *(gboolean *) over = TRUE;
  return G_SOURCE_REMOVE;
}

/* From 1.28 on, webrtcbin closes its agent when it stops; twice is once too often. */
static gboolean
closes_agent (PstPipeline *self)
{
  return g_signal_lookup ("close", G_OBJECT_TYPE (self->webrtc)) != 0;
}

/* A relay keeps for minutes what it set aside for us, unless it is told. From 0.1.23
 * on, an agent that closes has no streams any more: whoever uses them has stopped. */
static void
leave_relays (PstPipeline *self)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GSource) timeout = g_timeout_source_new (RELAY_TIMEOUT_MS);
  g_autoptr (GObject) ice = NULL;
  g_autoptr (GObject) agent = NULL;
  gboolean over = FALSE;

  g_object_get (self->webrtc, "ice-agent", &ice, NULL);
  g_object_get (ice, "agent", &agent, NULL);
  g_source_set_callback (timeout, on_relay_timeout, &over, NULL);
  g_source_attach (timeout, context);

  /* The answer comes here; in vain once this context is gone. */
  g_main_context_push_thread_default (context);
  nice_agent_close_async (NICE_AGENT (agent), on_agent_closed, &over);
  while (!over)
    g_main_context_iteration (context, TRUE);
  g_source_destroy (timeout);
  g_main_context_pop_thread_default (context);
}

static void
flush_pad (const GValue *item, gpointer pad_name)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (g_value_get_object (item), pad_name);

  gst_pad_send_event (pad, gst_event_new_flush_start ());
}

/* Whoever is inside the pad is waited for. */
static void
flush_and_drain_pad (const GValue *item, gpointer pad_name)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (g_value_get_object (item), pad_name);

  flush_pad (item, pad_name);
  GST_PAD_STREAM_LOCK (pad);
  GST_PAD_STREAM_UNLOCK (pad);
}

static void
for_each (PstPipeline *self, const char *factory, GstIteratorForeachFunction func, const char *pad)
{
  g_autoptr (GstIterator) iterator = gst_bin_iterate_all_by_element_factory_name (
      GST_BIN (self->webrtc), factory);

  while (gst_iterator_foreach (iterator, func, (gpointer) pad) == GST_ITERATOR_RESYNC)
    gst_iterator_resync (iterator);
}

/* A full SCTP buffer holds the sending element's thread in a wait that a change
 * of state does not end; a flush does. The receiving element takes its pads away
 * before it stops to listen, and aborts the program when data comes for one that
 * is gone (gstsctpdec.c, on_receive()): so it hears nothing any more first. */
static void
flush_sctp (PstPipeline *self)
{
  for_each (self, "sctpenc", flush_pad, "src");
  for_each (self, "sctpdec", flush_and_drain_pad, "sink");
}

static void
stop_element (const GValue *item, gpointer user_data)
{
  gst_element_set_state (g_value_get_object (item), GST_STATE_NULL);
}

/* webrtcbin's thread may start an element while the pipeline stops, behind the
 * back of the change of state. That thread has ended by now. */
static void
stop_stragglers (PstPipeline *self)
{
  g_autoptr (GstIterator) iterator = gst_bin_iterate_recurse (GST_BIN (self->pipeline));

  while (gst_iterator_foreach (iterator, stop_element, NULL) == GST_ITERATOR_RESYNC)
    gst_iterator_resync (iterator);
}

static void
on_caught_up (GstPromise *promise, gpointer answers)
{
  g_async_queue_push (answers, GINT_TO_POINTER (TRUE));
}

/* webrtcbin's thread does what it is asked in order. If it is stopped while it
 * still sets a description, it leaves sockets behind; so the last of its tasks
 * is waited for. */
static void
let_catch_up (PstPipeline *self)
{
  GAsyncQueue *answers = g_async_queue_new ();
  GstPromise *promise = gst_promise_new_with_change_func (
      on_caught_up, g_async_queue_ref (answers), (GDestroyNotify) g_async_queue_unref);

  g_signal_emit_by_name (self->webrtc, "get-stats", NULL, promise);
  (void) g_async_queue_timeout_pop (answers, CATCH_UP_TIMEOUT_US);
  /* An answer that comes too late, or never, is none. */
  gst_promise_interrupt (promise);
  gst_promise_unref (promise);
  g_async_queue_unref (answers);
}

static void
release (PstPipeline *self)
{
  let_catch_up (self);

  /* A channel must not outlive its bin. */
  g_clear_object (&self->channel);
  g_clear_object (&self->ice);
  g_clear_object (&self->dtls);
  g_clear_object (&self->sctp);

  flush_sctp (self);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  stop_stragglers (self);
  if (self->has_relays && !closes_agent (self))
    leave_relays (self);

  gst_clear_object (&self->webrtc);
  gst_clear_object (&self->pipeline);
  g_array_unref (self->handlers);
  pst_handover_unref (self->handover);
}

static gpointer
tear_down (gpointer data)
{
  PstPipeline *self = data;
  g_autoptr (GTask) done = g_steal_pointer (&self->done);

  release (self);
  g_free (self);

  if (done != NULL)
    g_task_return_boolean (done, TRUE);
  return NULL;
}

/**
 * pst_pipeline_tear_down:
 * @self: (transfer full): a pipeline whose handover was stopped
 * @done: (transfer full) (nullable): returns %TRUE when nothing is left; a task
 *   without a source object, as its last reference may go in another thread
 *
 * Ends the pipeline in a thread of its own, because its threads may be slow to
 * let go; where there is no memory for one, in this one. The other side is not told.
 */
void
pst_pipeline_tear_down (PstPipeline *self, GTask *done)
{
  GThread *thread;

  disconnect_handlers (self);
  self->done = done;
  thread = g_thread_try_new ("pst-teardown", tear_down, self, NULL);
  if (thread != NULL)
    g_thread_unref (thread);
  else
    tear_down (self);
}
