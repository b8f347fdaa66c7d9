/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "channel-more.h"

#include <json-glib/json-glib.h>
#include <stdio.h>

#include "pst-sctp-elements.h"
#include "pst-pipeline-private.h"

static GMutex lock;
static GPtrArray *channels; /* of GstWebRTCDataChannel */

static void
print_object (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);
  g_autofree char *text = json_to_string (node, FALSE);
  g_autofree char *line = g_strconcat (text, "\n", NULL);

  /* One call, for threads take turns. */
  fputs (line, stdout);
  fflush (stdout);
}

/* Prints a line; @name may be %NULL. From any thread. */
void
channel_more_say (const char *type, const char *name, const char *value)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "type", type);
  if (name != NULL)
    json_object_set_string_member (object, name, value);
  print_object (object);
}

static void
say_of (const char *type, GstWebRTCDataChannel *channel)
{
  g_autofree char *label = NULL;

  g_object_get (channel, "label", &label, NULL);
  channel_more_say (type, "label", label);
}

static void
on_open (GstWebRTCDataChannel *channel, gpointer user_data)
{
  say_of ("channel", channel);
}

static void
on_close (GstWebRTCDataChannel *channel, gpointer user_data)
{
  say_of ("closed", channel);
}

static void
on_message (GstWebRTCDataChannel *channel, GBytes *message, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!gst_webrtc_data_channel_send_data_full (channel, message, &error))
    g_error ("A message cannot be given back: %s", error->message);
}

/* The name of one that the other side announces is not known yet. */
static void
keep (GstWebRTCDataChannel *channel)
{
  g_mutex_lock (&lock);
  g_ptr_array_add (channels, g_object_ref (channel));
  g_mutex_unlock (&lock);
  g_signal_connect (channel, "on-close", G_CALLBACK (on_close), NULL);
}

/* Before anything can come in the channel, whoever announces it. */
static void
on_prepare (GstElement *webrtc,
            GstWebRTCDataChannel *channel,
            gboolean is_local,
            gpointer user_data)
{
  keep (channel);
  g_signal_connect (channel, "on-open", G_CALLBACK (on_open), NULL);
  g_signal_connect (channel, "on-message-data", G_CALLBACK (on_message), NULL);
}

/* Keeps the channel of @pipeline, and those that either side announces. */
void
channel_more_watch (PstPipeline *pipeline)
{
  channels = g_ptr_array_new_with_free_func (g_object_unref);
  keep (pipeline->channel);
  g_signal_connect (pipeline->webrtc, "prepare-data-channel", G_CALLBACK (on_prepare), NULL);
}

/* Opens a channel that the other side is told of in band. */
void
channel_more_announce (PstPipeline *pipeline, const char *label, gboolean ordered)
{
  g_autoptr (GstStructure) options = gst_structure_new ("options", "ordered", G_TYPE_BOOLEAN,
                                                        ordered, NULL);
  g_autoptr (GstWebRTCDataChannel) channel = NULL;

  g_signal_emit_by_name (pipeline->webrtc, "create-data-channel", label, options, &channel);
  if (channel == NULL)
    g_error ("webrtcbin makes no channel.");
}

static GstWebRTCDataChannel *
find (const char *label)
{
  GstWebRTCDataChannel *found = NULL;

  g_mutex_lock (&lock);
  for (guint i = 0; i < channels->len && found == NULL; i++)
    {
      g_autofree char *name = NULL;

      g_object_get (channels->pdata[i], "label", &name, NULL);
      if (g_strcmp0 (name, label) == 0)
        found = g_object_ref (channels->pdata[i]);
    }
  g_mutex_unlock (&lock);
  return found;
}

void
channel_more_close (const char *label)
{
  g_autoptr (GstWebRTCDataChannel) channel = find (label);

  if (channel == NULL)
    g_error ("There is no channel “%s”.", label);
  gst_webrtc_data_channel_close (channel);
}

/* No channel may outlive its pipeline. */
void
channel_more_end (void)
{
  g_mutex_lock (&lock);
  g_ptr_array_set_size (channels, 0);
  g_mutex_unlock (&lock);
}

static GstElement *
find_encoder (PstPipeline *pipeline)
{
  g_autoptr (GstIterator) iterator = gst_bin_iterate_all_by_element_factory_name (
      GST_BIN (pipeline->webrtc), "sctpenc");
  GValue item = G_VALUE_INIT;
  GstElement *encoder = NULL;

  if (gst_iterator_next (iterator, &item) == GST_ITERATOR_OK)
    encoder = g_value_dup_object (&item);
  g_value_unset (&item);
  return encoder;
}

void
channel_more_say_figures (PstPipeline *pipeline)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (GstElement) encoder = find_encoder (pipeline);
  PstSctpFigures figures;

  json_object_set_string_member (object, "type", "figures");
  if (PST_IS_SCTP_ENC (encoder))
    {
      pst_sctp_enc_get_figures (PST_SCTP_ENC (encoder), &figures);
      json_object_set_int_member (object, "sent", (gint64) figures.packets_sent);
      json_object_set_int_member (object, "received", (gint64) figures.packets_received);
      json_object_set_int_member (object, "refused", (gint64) figures.packets_refused);
      json_object_set_int_member (object, "sent_again", (gint64) figures.chunks_sent_again);
      json_object_set_int_member (object, "timeouts", (gint64) figures.timeouts);
      json_object_set_int_member (object, "sacks", (gint64) figures.sacks_sent);
      json_object_set_int_member (object, "packet_bytes", figures.packet_bytes);
      json_object_set_int_member (object, "round_trip_us", figures.round_trip_us);
      json_object_set_int_member (object, "least_round_trip_us", figures.least_round_trip_us);
      json_object_set_int_member (object, "pace_bps", (gint64) figures.pace_bps);
      json_object_set_int_member (object, "window_bytes", (gint64) figures.window_bytes);
      json_object_set_boolean_member (object, "peer_is_penstock", figures.peer_is_penstock);
    }
  print_object (object);
}
