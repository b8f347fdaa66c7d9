/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nice-ends.h"

#include <string.h>

#define PATIENCE_US (20 * G_USEC_PER_SEC)

/* More must not be on the way, or the kernel drops it; the least it has room
 * for is 212,992 bytes, of which small datagrams take 768 each. */
#define WINDOW_DATAGRAMS 64
#define WINDOW_BYTES     60000

/* --- what arrives --- */

static void
check_content (const guint8 *data, gsize size, guint number)
{
  for (gsize i = NICE_ENDS_NUMBERED_BYTES; i < size; i++)
    g_assert_cmpuint (data[i], ==, (guint8) (number + i * 7));
}

static void
note_datagram (NiceEnd *end, const guint8 *data, gsize size)
{
  guint number, stream = size > 1 ? data[1] : 0;

  end->n_received++;
  end->n_bytes += size;
  if (end->counting || size < NICE_ENDS_NUMBERED_BYTES)
    return;

  memcpy (&number, data + 4, sizeof number);
  g_assert_cmpuint (stream, <, NICE_ENDS_STREAMS);
  check_content (data, size, number);
  if (number >= end->seen[stream]->len)
    g_ptr_array_set_size (end->seen[stream], (int) number + 1);
  g_assert_null (g_ptr_array_index (end->seen[stream], number));
  g_ptr_array_index (end->seen[stream], number) = GSIZE_TO_POINTER (size);
}

static gboolean
take_buffer (GstBuffer **buffer, guint index, gpointer user_data)
{
  g_auto (GstBufferMapInfo) map = GST_MAP_INFO_INIT;

  g_assert_true (gst_buffer_map (*buffer, &map, GST_MAP_READ));
  note_datagram (user_data, map.data, map.size);
  return TRUE;
}

static GstFlowReturn
chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  NiceEnd *end = gst_pad_get_element_private (pad);

  g_mutex_lock (&end->ends->lock);
  take_buffer (&buffer, 0, end);
  g_cond_broadcast (&end->ends->changed);
  g_mutex_unlock (&end->ends->lock);
  gst_buffer_unref (buffer);

  return GST_FLOW_OK;
}

static GstFlowReturn
chain_list (GstPad *pad, GstObject *parent, GstBufferList *list)
{
  NiceEnd *end = gst_pad_get_element_private (pad);

  g_mutex_lock (&end->ends->lock);
  end->n_lists++;
  gst_buffer_list_foreach (list, take_buffer, end);
  g_cond_broadcast (&end->ends->changed);
  g_mutex_unlock (&end->ends->lock);
  gst_buffer_list_unref (list);

  return GST_FLOW_OK;
}

/* --- agents --- */

static gpointer
run_loop (gpointer user_data)
{
  NiceEnds *self = user_data;

  g_main_context_push_thread_default (self->context);
  g_main_loop_run (self->loop);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

static void
on_changed (NiceEnds *self)
{
  g_mutex_lock (&self->lock);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

static void
add_address (NiceAgent *agent, const char *text)
{
  NiceAddress address;

  nice_address_init (&address);
  g_assert_true (nice_address_set_from_string (&address, text));
  g_assert_true (nice_agent_add_local_address (agent, &address));
}

static void
open_end (NiceEnds *self, guint index, const char *const addresses[2])
{
  NiceEnd *end = &self->ends[index];

  end->ends = self;
  for (guint i = 0; i < NICE_ENDS_STREAMS; i++)
    end->seen[i] = g_ptr_array_new ();
  end->agent = nice_agent_new (self->context, NICE_COMPATIBILITY_RFC5245);
  g_object_set (end->agent, "ice-tcp", FALSE, "keepalive-conncheck", TRUE, "controlling-mode",
                index == 0, "upnp", FALSE, NULL);
  for (guint i = 0; i < 2 && addresses[i] != NULL; i++)
    add_address (end->agent, addresses[i]);
  end->stream = nice_agent_add_stream (end->agent, 1);
  g_signal_connect_swapped (end->agent, "component-state-changed", G_CALLBACK (on_changed), self);
  g_signal_connect_swapped (end->agent, "candidate-gathering-done", G_CALLBACK (on_changed), self);
}

/* Two agents, each with the given addresses; no elements yet. */
void
nice_ends_open (NiceEnds *self, const char *const addresses[2][2])
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->thread = g_thread_new ("agents", run_loop, self);
  for (guint i = 0; i < 2; i++)
    open_end (self, i, addresses[i]);
}

/* --- elements --- */

static GstPad *
make_pad (NiceEnd *end, const char *name, GstPadDirection direction)
{
  GstPad *pad = gst_pad_new (name, direction);

  gst_pad_set_element_private (pad, end);
  if (direction == GST_PAD_SINK)
    {
      gst_pad_set_chain_function (pad, chain);
      gst_pad_set_chain_list_function (pad, chain_list);
    }
  g_assert_true (gst_pad_set_active (pad, TRUE));

  return pad;
}

static GstElement *
make_element (NiceEnd *end, const char *name)
{
  GstElement *element = gst_element_factory_make (name, NULL);

  g_assert_nonnull (element);
  gst_object_ref_sink (element);
  g_object_set (element, "agent", end->agent, "stream", end->stream, "component", 1, NULL);
  return element;
}

static void
start_out (NiceEnd *end)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (end->out, gst_event_new_stream_start ("test"));
  gst_pad_push_event (end->out, gst_event_new_segment (&segment));
}

static void
make_end_elements (NiceEnd *end)
{
  g_autoptr (GstPad) sink_pad = NULL;
  g_autoptr (GstPad) src_pad = NULL;

  end->sink = make_element (end, "nicesink");
  g_object_set (end->sink, "async", FALSE, "enable-last-sample", FALSE, "sync", FALSE, NULL);
  end->src = make_element (end, "nicesrc");
  end->out = make_pad (end, "out", GST_PAD_SRC);
  end->in = make_pad (end, "in", GST_PAD_SINK);
  sink_pad = gst_element_get_static_pad (end->sink, "sink");
  src_pad = gst_element_get_static_pad (end->src, "src");
  g_assert_cmpint (gst_pad_link (end->out, sink_pad), ==, GST_PAD_LINK_OK);
  g_assert_cmpint (gst_pad_link (src_pad, end->in), ==, GST_PAD_LINK_OK);
  gst_element_set_state (end->src, GST_STATE_PLAYING);
  gst_element_set_state (end->sink, GST_STATE_PLAYING);
  start_out (end);
}

/* A sink and a source at each end, as webrtcbin makes them, and playing. */
void
nice_ends_make_elements (NiceEnds *self)
{
  for (guint i = 0; i < 2; i++)
    make_end_elements (&self->ends[i]);
}

/* --- connecting --- */

guint
nice_ends_get_state (NiceEnd *end)
{
  return nice_agent_get_component_state (end->agent, end->stream, 1);
}

static void
wait_until_gathered (NiceEnd *end)
{
  gint64 end_us = g_get_monotonic_time () + PATIENCE_US;
  GSList *candidates;

  g_mutex_lock (&end->ends->lock);
  while ((candidates = nice_agent_get_local_candidates (end->agent, end->stream, 1)) == NULL)
    g_assert_true (g_cond_wait_until (&end->ends->changed, &end->ends->lock, end_us));
  g_mutex_unlock (&end->ends->lock);
  g_slist_free_full (candidates, (GDestroyNotify) nice_candidate_free);
}

static void
introduce (NiceEnd *from, NiceEnd *to)
{
  g_autofree char *ufrag = NULL;
  g_autofree char *password = NULL;
  GSList *candidates = nice_agent_get_local_candidates (from->agent, from->stream, 1);

  g_assert_true (nice_agent_get_local_credentials (from->agent, from->stream, &ufrag, &password));
  g_assert_true (nice_agent_set_remote_credentials (to->agent, to->stream, ufrag, password));
  g_assert_cmpint (nice_agent_set_remote_candidates (to->agent, to->stream, 1, candidates), >, 0);
  g_slist_free_full (candidates, (GDestroyNotify) nice_candidate_free);
}

static void
wait_until_ready (NiceEnd *end)
{
  gint64 end_us = g_get_monotonic_time () + PATIENCE_US;

  g_mutex_lock (&end->ends->lock);
  while (nice_ends_get_state (end) != NICE_COMPONENT_STATE_READY)
    g_assert_true (g_cond_wait_until (&end->ends->changed, &end->ends->lock, end_us));
  g_mutex_unlock (&end->ends->lock);
}

/* Lets the agents find each other. */
void
nice_ends_connect (NiceEnds *self)
{
  for (guint i = 0; i < 2; i++)
    g_assert_true (nice_agent_gather_candidates (self->ends[i].agent, self->ends[i].stream));
  for (guint i = 0; i < 2; i++)
    wait_until_gathered (&self->ends[i]);
  introduce (&self->ends[0], &self->ends[1]);
  introduce (&self->ends[1], &self->ends[0]);
  for (guint i = 0; i < 2; i++)
    wait_until_ready (&self->ends[i]);
}

static char *
find_foundation (GSList *candidates, const char *address)
{
  char *foundation = NULL;

  for (GSList *l = candidates; l != NULL && foundation == NULL; l = l->next)
    {
      NiceCandidate *candidate = l->data;
      char text[NICE_ADDRESS_STRING_LEN];

      nice_address_to_string (&candidate->addr, text);
      if (g_str_equal (text, address))
        foundation = g_strdup (candidate->foundation);
    }

  g_assert_nonnull (foundation);
  g_slist_free_full (candidates, (GDestroyNotify) nice_candidate_free);
  return foundation;
}

static const char *const switched[2][2] = { { "127.0.0.1", "127.0.0.2" },
                                            { "127.0.0.3", "127.0.0.4" } };

/* Has both ends use another pair: of ends made with 127.0.0.1 and .2 on one
 * side and .3 and .4 on the other, the first or the second of each. */
void
nice_ends_select (NiceEnds *self, guint address)
{
  for (guint i = 0; i < 2; i++)
    {
      NiceEnd *end = &self->ends[i];
      g_autofree char *local = find_foundation (
          nice_agent_get_local_candidates (end->agent, end->stream, 1), switched[i][address]);
      g_autofree char *remote = find_foundation (
          nice_agent_get_remote_candidates (end->agent, end->stream, 1), switched[1 - i][address]);

      g_assert_true (nice_agent_set_selected_pair (end->agent, end->stream, 1, local, remote));
    }
}

/* --- sending --- */

/* A datagram that looks like DTLS; from NICE_ENDS_NUMBERED_BYTES on it says
 * which it is. */
GstBuffer *
nice_ends_make_datagram (guint stream, guint number, gsize size)
{
  guint8 *data = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (number + i * 7);
  data[0] = 23;
  if (size > 1)
    data[1] = (guint8) stream;
  if (size >= NICE_ENDS_NUMBERED_BYTES)
    memcpy (data + 4, &number, sizeof number);

  return gst_buffer_new_wrapped (data, size);
}

static GstBufferList *
make_list (guint stream, guint number, guint n, const gsize *sizes, guint *n_taken)
{
  GstBufferList *list = gst_buffer_list_new ();
  gsize total = 0;
  guint i;

  for (i = 0; i < n && i < WINDOW_DATAGRAMS / NICE_ENDS_STREAMS
              && (i == 0 || total + sizes[i] <= WINDOW_BYTES / NICE_ENDS_STREAMS);
       i++)
    {
      total += sizes[i];
      gst_buffer_list_add (list, nice_ends_make_datagram (stream, number + i, sizes[i]));
    }

  *n_taken = i;
  return list;
}

/* Waits until @n datagrams in all have arrived. */
gboolean
nice_ends_wait_received (NiceEnd *to, guint n)
{
  gint64 end_us = g_get_monotonic_time () + PATIENCE_US;
  gboolean arrived = TRUE;

  g_mutex_lock (&to->ends->lock);
  while (to->n_received < n && arrived)
    arrived = g_cond_wait_until (&to->ends->changed, &to->ends->lock, end_us);
  g_mutex_unlock (&to->ends->lock);

  return arrived;
}

guint
nice_ends_count_received (NiceEnd *to)
{
  guint n;

  g_mutex_lock (&to->ends->lock);
  n = to->n_received;
  g_mutex_unlock (&to->ends->lock);

  return n;
}

static gboolean
has_seen (NiceEnd *end, guint stream, guint number)
{
  return number < end->seen[stream]->len && g_ptr_array_index (end->seen[stream], number) != NULL;
}

/* Waits until the @n datagrams from @number on are there, each as large as it left. */
static void
wait_seen (NiceEnd *to, guint stream, guint number, guint n, const gsize *sizes)
{
  gint64 end_us = g_get_monotonic_time () + PATIENCE_US;

  g_mutex_lock (&to->ends->lock);
  for (guint i = 0; i < n; i++)
    {
      while (!has_seen (to, stream, number + i))
        if (!g_cond_wait_until (&to->ends->changed, &to->ends->lock, end_us))
          g_error ("datagram %u of %u has not arrived", number + i, stream);
      g_assert_cmpuint (GPOINTER_TO_SIZE (g_ptr_array_index (to->seen[stream], number + i)), ==,
                        sizes[i]);
    }
  g_mutex_unlock (&to->ends->lock);
}

/* Sends @n numbered datagrams to the other end, so many at a time that the
 * kernel need not drop any, and waits until each has arrived. */
void
nice_ends_push (NiceEnd *from, guint stream, guint first_number, guint n, const gsize *sizes)
{
  NiceEnd *to = &from->ends->ends[from == &from->ends->ends[0] ? 1 : 0];

  for (guint done = 0, taken; done < n; done += taken)
    {
      GstBufferList *list = make_list (stream, first_number + done, n - done, sizes + done, &taken);

      g_assert_cmpint (gst_pad_push_list (from->out, list), ==, GST_FLOW_OK);
      wait_seen (to, stream, first_number + done, taken, sizes + done);
    }
}

/* Leaves the machine to others until something happens, or for a while. */
void
nice_ends_rest (NiceEnds *self, guint most_ms)
{
  gint64 end_us = g_get_monotonic_time () + (gint64) most_ms * 1000;

  g_mutex_lock (&self->lock);
  g_cond_wait_until (&self->changed, &self->lock, end_us);
  g_mutex_unlock (&self->lock);
}

guint64
nice_ends_get_stat (GstElement *element, const char *name)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 value = 0;

  g_object_get (element, "stats", &stats, NULL);
  g_assert_true (gst_structure_get_uint64 (stats, name, &value));
  return value;
}

/* --- the end --- */

static void
clear_element (GstElement **element)
{
  if (*element != NULL)
    gst_element_set_state (*element, GST_STATE_NULL);
  gst_clear_object (element);
}

static void
clear_pad (GstPad **pad)
{
  if (*pad != NULL)
    gst_pad_set_active (*pad, FALSE);
  gst_clear_object (pad);
}

static void
close_end (NiceEnd *end)
{
  clear_element (&end->sink);
  clear_element (&end->src);
  clear_pad (&end->out);
  clear_pad (&end->in);
  for (guint i = 0; i < NICE_ENDS_STREAMS; i++)
    g_clear_pointer (&end->seen[i], g_ptr_array_unref);
}

static gboolean
quit_loop (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

/* From inside: the thread may not run the loop yet. */
static void
stop_thread (NiceEnds *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, quit_loop, self->loop, NULL);
  g_source_attach (source, self->context);
  g_thread_join (self->thread);
}

void
nice_ends_close (NiceEnds *self)
{
  for (guint i = 0; i < 2; i++)
    close_end (&self->ends[i]);
  stop_thread (self);
  for (guint i = 0; i < 2; i++)
    g_clear_object (&self->ends[i].agent);
  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
}
