/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A peer in a process of its own: `peer-child offerer|answerer [BYTES|echo]`. Its
 * signalling goes through standard input and output, a JSON object a line. When
 * BYTES came, it answers with one frame; or it gives each frame back. It ends with its standard
 * input. */
#include <gio/gunixinputstream.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>

#include "peer-pair.h"

static PstPeer *peer;
static gboolean ended;
static gboolean is_echo;
static guint64 expected_bytes;
static guint64 received_bytes;

static void
on_signal (PstPeer *from, JsonObject *message)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), message);
  g_autofree char *text = json_to_string (node, FALSE);

  puts (text);
  fflush (stdout);
}

static void
on_frame (PstPeer *from, GBytes *frame)
{
  g_autoptr (GBytes) answer = g_bytes_new_static ("all", 3);
  guint64 before_bytes = received_bytes;

  if (is_echo)
    {
      pst_channel_send (PST_CHANNEL (from), frame, NULL);
      return;
    }
  received_bytes += g_bytes_get_size (frame);
  if (before_bytes < expected_bytes && received_bytes >= expected_bytes)
    pst_channel_send (PST_CHANNEL (from), answer, NULL);
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GDataInputStream *input = G_DATA_INPUT_STREAM (source);
  g_autofree char *line = g_data_input_stream_read_line_finish (input, result, NULL, NULL);
  g_autoptr (JsonNode) node = line != NULL ? json_from_string (line, NULL) : NULL;

  if (node == NULL)
    {
      ended = TRUE;
      return;
    }
  pst_peer_take_signal (peer, json_node_get_object (node), NULL);
  g_data_input_stream_read_line_async (input, G_PRIORITY_DEFAULT, NULL, on_line, NULL);
}

int
main (int argc, char **argv)
{
  PstPeerConfig config = pair_config (g_strcmp0 (argv[1], "offerer") == 0);
  g_autoptr (GInputStream) stream = g_unix_input_stream_new (0, FALSE);
  g_autoptr (GDataInputStream) input = g_data_input_stream_new (stream);

  /* Goes with its test, also while it is stopped. */
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  is_echo = argc > 2 && g_str_equal (argv[2], "echo");
  if (argc > 2)
    expected_bytes = g_ascii_strtoull (argv[2], NULL, 10);
  peer = pst_peer_new (&config, NULL);
  g_signal_connect (peer, "frame", G_CALLBACK (on_frame), NULL);
  g_signal_connect (peer, "signal", G_CALLBACK (on_signal), NULL);
  if (!pst_peer_start (peer, NULL))
    return 1;

  g_data_input_stream_read_line_async (input, G_PRIORITY_DEFAULT, NULL, on_line, NULL);
  while (!ended)
    g_main_context_iteration (NULL, TRUE);

  pair_close (peer);
  g_object_unref (peer);
  return 0;
}
