/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One end of a connection with whoever speaks WebRTC, such as a browser:
 * `channel-peer offer|answer`. It is made of what knows webrtcbin in src/link
 * (PstPipeline), and leaves out what only another Penstock understands: the binding
 * frames, and the comparison of the certificate's fingerprint.
 *
 * Standard input and output carry JSON objects, one a line. It says
 *
 *   {"type": "description", "text": …}  for the other side: JSON with "type" and "sdp",
 *                                       all candidates in it
 *   {"type": "open"}                    the channel (number 0, made by both sides)
 *   {"type": "begin"}, {"type": "sent"} the first and the last byte of a file was queued
 *   {"type": "done"}                    a file that came is on the disk
 *   {"type": "channel", "label": …}     a further channel is open; what comes in it
 *                                       goes back
 *   {"type": "closed", "label": …}      a channel is closed
 *   {"type": "figures", …}              of the association; with GStreamer's own, nothing
 *
 * and takes the other side's description and
 *
 *   {"type": "send", "path": …}
 *   {"type": "receive", "path": …, "bytes": N}
 *   {"type": "announce", "label": …, "ordered": …}  opens a further channel
 *   {"type": "close", "label": …}                   "penstock": the one of number 0
 *   {"type": "figures"}
 *
 * It ends with its standard input. */
#include <gio/gunixinputstream.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>

#include "channel-file.h"
#include "channel-more.h"
#include "pst-pipeline-private.h"
#include "pst-signalling.h"

typedef struct
{
  gboolean offerer;
  PstHandover *handover;
  PstPipeline *pipeline;
  PstDescription *description; /* ours */
  GString *candidates;         /* ours, as lines of the description */
  ChannelFile file;
  gboolean ended;
  gboolean torn_down;
} Peer;

static void
say_description (Peer *self)
{
  g_autoptr (JsonObject) description = json_object_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *sdp = g_strconcat (self->description->sdp, self->candidates->str, NULL);
  g_autofree char *text = NULL;

  json_object_set_string_member (description, "type", self->offerer ? "offer" : "answer");
  json_object_set_string_member (description, "sdp", sdp);
  json_node_set_object (node, description);
  text = json_to_string (node, FALSE);
  channel_more_say ("description", "text", text);
}

static void
take_own_description (Peer *self, gpointer promise)
{
  g_autofree char *sdp = pst_pipeline_take_description (self->pipeline, promise);
  g_autoptr (GError) error = NULL;

  self->description = sdp != NULL ? pst_description_parse (sdp, self->offerer, &error) : NULL;
  if (self->description == NULL)
    g_error ("webrtcbin's description: %s", error != NULL ? error->message : "none");
}

static void
take_own_candidate (Peer *self, const char *text)
{
  g_autofree char *candidate = NULL;

  if (pst_candidate_parse (text, &candidate, NULL) && candidate != NULL)
    g_string_append_printf (self->candidates, "a=%s\r\n", candidate);
}

/* The other side's, with all candidates that are of use here. */
static void
take_description (Peer *self, const char *sdp)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PstDescription) description = pst_description_parse (sdp, !self->offerer, &error);
  g_auto (GStrv) lines = g_strsplit (sdp, "\r\n", -1);

  if (description == NULL)
    g_error ("The other side's description: %s", error->message);
  pst_pipeline_set_remote_description (self->pipeline, description->sdp, !self->offerer);
  if (!self->offerer)
    pst_pipeline_make_description (self->pipeline, FALSE);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *candidate = NULL;

      if (g_str_has_prefix (lines[i], "a=candidate:")
          && pst_candidate_parse (lines[i] + strlen ("a="), &candidate, NULL) && candidate != NULL)
        pst_pipeline_add_candidate (self->pipeline, candidate);
    }
  pst_pipeline_end_candidates (self->pipeline);
}

/* As PstPeer does it when a way was found. */
static void
take_route (Peer *self)
{
  pst_pipeline_set_far (self->pipeline, FALSE);
  pst_pipeline_set_route (self->pipeline, PST_ROUTE_LOCAL);
}

static void
on_event (PstHandoverKind kind, gpointer data, gpointer user_data)
{
  Peer *self = user_data;

  switch (kind)
    {
    case PST_HANDOVER_DESCRIPTION:
      take_own_description (self, data);
      break;
    case PST_HANDOVER_CANDIDATE:
      take_own_candidate (self, data);
      break;
    case PST_HANDOVER_GATHERING:
      if (pst_pipeline_has_gathered (self->pipeline))
        pst_handover_push (self->handover, PST_HANDOVER_GATHERED, NULL, NULL);
      break;
    case PST_HANDOVER_GATHERED:
      say_description (self);
      break;
    case PST_HANDOVER_ROUTE:
      take_route (self);
      break;
    case PST_HANDOVER_OPENED:
      channel_more_say ("open", NULL, NULL);
      break;
    case PST_HANDOVER_FRAME:
      if (channel_file_take (&self->file, data))
        channel_more_say ("done", NULL, NULL);
      break;
    case PST_HANDOVER_LOW:
      if (channel_file_pump (&self->file))
        channel_more_say ("sent", NULL, NULL);
      break;
    case PST_HANDOVER_OVERFLOW:
      g_error ("More came than the disk took.");
    case PST_HANDOVER_FAILURE:
      g_error ("%s failed.", (char *) data);
    case PST_HANDOVER_REPLY:
      if (pst_pipeline_is_refusal (data))
        g_error ("webrtcbin refused a description.");
      break;
    case PST_HANDOVER_ENDED:     /* told by "closed" */
    case PST_HANDOVER_VIOLATION: /* a channel that only a stranger announces */
    case PST_HANDOVER_TRANSPORT:
      break;
    }
}

static void
send_file (Peer *self, const char *path)
{
  channel_more_say ("begin", NULL, NULL);
  if (channel_file_send (&self->file, path))
    channel_more_say ("sent", NULL, NULL);
}

static void
take_line (Peer *self, JsonObject *line)
{
  const char *type = json_object_get_string_member (line, "type");

  if (g_str_equal (type, "offer") || g_str_equal (type, "answer"))
    take_description (self, json_object_get_string_member (line, "sdp"));
  else if (g_str_equal (type, "send"))
    send_file (self, json_object_get_string_member (line, "path"));
  else if (g_str_equal (type, "receive"))
    channel_file_receive (&self->file, json_object_get_string_member (line, "path"),
                          (guint64) json_object_get_int_member (line, "bytes"));
  else if (g_str_equal (type, "announce"))
    channel_more_announce (self->pipeline, json_object_get_string_member (line, "label"),
                           json_object_get_boolean_member (line, "ordered"));
  else if (g_str_equal (type, "close"))
    channel_more_close (json_object_get_string_member (line, "label"));
  else if (g_str_equal (type, "figures"))
    channel_more_say_figures (self->pipeline);
  else
    g_error ("“%s” is not understood.", type);
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GDataInputStream *input = G_DATA_INPUT_STREAM (source);
  Peer *self = user_data;
  g_autofree char *line = g_data_input_stream_read_line_finish (input, result, NULL, NULL);
  g_autoptr (JsonNode) node = line != NULL ? json_from_string (line, NULL) : NULL;

  self->ended = node == NULL;
  if (self->ended)
    return;
  take_line (self, json_node_get_object (node));
  g_data_input_stream_read_line_async (input, G_PRIORITY_DEFAULT, NULL, on_line, self);
}

static void
on_torn_down (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ((Peer *) user_data)->torn_down = TRUE;
}

static void
end (Peer *self)
{
  channel_more_end ();
  pst_handover_stop (self->handover);
  pst_pipeline_tear_down (g_steal_pointer (&self->pipeline),
                          g_task_new (NULL, NULL, on_torn_down, self));
  while (!self->torn_down)
    g_main_context_iteration (NULL, TRUE);
  g_clear_pointer (&self->handover, pst_handover_unref);
  g_clear_pointer (&self->description, pst_description_free);
  g_string_free (self->candidates, TRUE);
}

static void
begin (Peer *self)
{
  g_autoptr (GError) error = NULL;

  if (!pst_pipeline_check_installed (&error))
    g_error ("%s", error->message);
  self->candidates = g_string_new (NULL);
  self->handover = pst_handover_new (on_event, self);
  self->pipeline = pst_pipeline_new (self->handover, NULL, NULL, FALSE, FALSE, &error);
  if (self->pipeline == NULL)
    g_error ("%s", error->message);
  channel_file_init (&self->file, self->pipeline);
  channel_more_watch (self->pipeline);
  if (self->offerer)
    pst_pipeline_make_description (self->pipeline, TRUE);
}

int
main (int argc, char **argv)
{
  Peer self = { .offerer = g_strcmp0 (argv[1], "offer") == 0 };
  g_autoptr (GInputStream) stream = g_unix_input_stream_new (0, FALSE);
  g_autoptr (GDataInputStream) input = g_data_input_stream_new (stream);

  /* Goes with its test, also while it is stopped. */
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  begin (&self);
  g_data_input_stream_read_line_async (input, G_PRIORITY_DEFAULT, NULL, on_line, &self);
  while (!self.ended)
    g_main_context_iteration (NULL, TRUE);
  end (&self);
  return 0;
}
