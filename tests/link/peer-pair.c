/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer-pair.h"

static const guint8 bind_key[32] = "the key both sides know, 31 + 1";

static gboolean
on_timeout (gpointer condition)
{
  g_error ("waited too long for: %s", (const char *) condition);
  return G_SOURCE_REMOVE;
}

GSource *
pair_start_timeout (const char *condition)
{
  GSource *source = g_timeout_source_new_seconds (PAIR_TIMEOUT_S);

  g_source_set_callback (source, on_timeout, (gpointer) condition, NULL);
  g_source_attach (source, NULL);
  return source;
}

PstPeerConfig
pair_config (gboolean offerer)
{
  static GBytes *key;

  if (key == NULL)
    key = g_bytes_new_static (bind_key, sizeof bind_key);

  return (PstPeerConfig){
    .offerer = offerer,
    .local_side = offerer ? "0a" : "0b",
    .remote_side = offerer ? "0b" : "0a",
    .bind_key = key,
  };
}

static void
on_opened (PstPeer *peer, PairEnd *end)
{
  g_assert_false (end->opened);
  g_assert_null (end->closed);
  end->opened = TRUE;
}

static void
on_closed (PstPeer *peer, const GError *error, PairEnd *end)
{
  g_assert_nonnull (error);
  g_assert_null (end->closed);
  g_assert_cmpint (pst_peer_get_state (peer), ==, PST_PEER_CLOSED);
  end->closed = g_error_copy (error);
  g_test_message ("closed: %s", error->message);
}

static void
on_frame (PstPeer *peer, GBytes *frame, PairEnd *end)
{
  g_assert_cmpint (pst_peer_get_state (peer), ==, PST_PEER_OPEN);
  end->n_frames++;
}

static void
on_signal (PstPeer *peer, JsonObject *message, PairEnd *end)
{
  g_ptr_array_add (end->sent, json_object_ref (message));
}

static void
init_end (PairEnd *end, const PstPeerConfig *config)
{
  g_autoptr (GError) error = NULL;

  *end = (PairEnd){ 0 };
  end->peer = pst_peer_new (config, &error);
  g_assert_no_error (error);
  end->sent = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  g_signal_connect (end->peer, "opened", G_CALLBACK (on_opened), end);
  g_signal_connect (end->peer, "closed", G_CALLBACK (on_closed), end);
  g_signal_connect (end->peer, "frame", G_CALLBACK (on_frame), end);
  g_signal_connect (end->peer, "signal", G_CALLBACK (on_signal), end);
}

void
pair_init (Pair *pair, const PstPeerConfig *offerer, const PstPeerConfig *answerer)
{
  init_end (&pair->offerer, offerer);
  init_end (&pair->answerer, answerer);
}

void
pair_init_default (Pair *pair)
{
  PstPeerConfig offerer = pair_config (TRUE);
  PstPeerConfig answerer = pair_config (FALSE);

  pair_init (pair, &offerer, &answerer);
}

static void
forward (PstPeer *peer, JsonObject *message, PstPeer *other)
{
  g_autoptr (GError) error = NULL;

  pst_peer_take_signal (other, message, &error);
  g_assert_no_error (error);
}

/* Has what each side signals taken by the other. */
void
pair_join_signals (Pair *pair)
{
  g_signal_connect_object (pair->offerer.peer, "signal", G_CALLBACK (forward), pair->answerer.peer,
                           0);
  g_signal_connect_object (pair->answerer.peer, "signal", G_CALLBACK (forward), pair->offerer.peer,
                           0);
}

static void
replay (PairEnd *from, PstPeer *to)
{
  for (guint i = 0; i < from->sent->len; i++)
    forward (from->peer, g_ptr_array_index (from->sent, i), to);
}

/* Has what was signalled before they were joined taken by the other. */
void
pair_replay_signals (Pair *pair)
{
  replay (&pair->offerer, pair->answerer.peer);
  replay (&pair->answerer, pair->offerer.peer);
}

void
pair_start (Pair *pair)
{
  g_autoptr (GError) error = NULL;

  pst_peer_start (pair->answerer.peer, &error);
  g_assert_no_error (error);
  pst_peer_start (pair->offerer.peer, &error);
  g_assert_no_error (error);
}

/* Gives two peers with an open connection. */
void
pair_open (Pair *pair)
{
  pair_init_default (pair);
  pair_join_signals (pair);
  pair_start (pair);
  pair_wait_for (pair->offerer.opened && pair->answerer.opened);
}

/* So many of the largest frames, whether there is room or not. */
void
pair_fill (PstPeer *peer, guint n_frames)
{
  g_autoptr (GBytes) frame = g_bytes_new_take (g_malloc0 (65536), 65536);

  for (guint i = 0; i < n_frames; i++)
    g_assert_true (pst_channel_send (PST_CHANNEL (peer), frame, NULL));
}

static void
on_peer_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (pst_peer_close_finish (PST_PEER (source), result, &error));
  g_assert_no_error (error);
  *(gboolean *) user_data = TRUE;
}

void
pair_close (PstPeer *peer)
{
  gboolean done = FALSE;

  pst_peer_close_async (peer, on_peer_closed, &done);
  g_assert_cmpint (pst_peer_get_state (peer), ==, PST_PEER_CLOSED);
  pair_wait_for (done);
}

static void
clear_end (PairEnd *end)
{
  if (end->peer != NULL)
    pair_close (end->peer);
  g_clear_object (&end->peer);
  g_clear_error (&end->closed);
  g_clear_pointer (&end->sent, g_ptr_array_unref);
}

void
pair_clear (Pair *pair)
{
  clear_end (&pair->offerer);
  clear_end (&pair->answerer);
}
