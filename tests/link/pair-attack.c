/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pair-attack.h"

#include "pst-peer-private.h"
#include "pst-pipeline-private.h"

void
attacker_withhold_binding (PstPeer *peer)
{
  peer->proved = TRUE;
}

void
attacker_shorten_timeout (PstPeer *peer, guint timeout_ms)
{
  pst_peer_set_connect_timeout (peer, timeout_ms);
}

/* As if the time to connect had passed. */
void
attacker_end_patience (PstPeer *peer)
{
  g_assert_nonnull (peer->connect_timeout);
  g_source_set_ready_time (peer->connect_timeout, 0);
}

gboolean
attacker_is_writable (PstPeer *peer)
{
  return peer->writable;
}

void
attacker_send_frame (PstPeer *peer)
{
  g_autoptr (GBytes) frame = g_bytes_new_static ("not a binding", 13);

  g_assert_true (pst_pipeline_send (peer->pipeline, frame, NULL));
}

void
attacker_send_text (PstPeer *peer)
{
  g_assert_true (gst_webrtc_data_channel_send_string_full (peer->pipeline->channel, "text", NULL));
}

void
attacker_open_channel (PstPeer *peer)
{
  g_autoptr (GstWebRTCDataChannel) channel = NULL;

  g_signal_emit_by_name (peer->pipeline->webrtc, "create-data-channel", "other", NULL, &channel);
  g_assert_nonnull (channel);
}
