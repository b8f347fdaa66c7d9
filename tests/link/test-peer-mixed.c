/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One side uses our elements below its connection, the other one GStreamer's. */
#include <gst/gst.h>

#include "pair-child.h"
#include "pst-peer-private.h"
#include "pst-pipeline-private.h"

#define N_FRAMES 600

typedef struct
{
  gboolean offerer;
  gboolean stock;
  gboolean stock_child;
} Mix;

/* In mixed order, every size at and around what matters. */
static gsize
size_of (guint number)
{
  static const gsize sizes[] = { 1, 2, 1199, 1200, 1201, 4096, 16384, 65535, 65536 };

  return number % 4 == 0 ? sizes[number / 4 % G_N_ELEMENTS (sizes)] : 1 + number * 7919 % 9000;
}

static GBytes *
make_frame (guint number)
{
  gsize size = size_of (number);
  guint8 *data = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (number * 31 + i * 7);
  return g_bytes_new_take (data, size);
}

static void
on_frame (PstPeer *peer, GBytes *frame, guint *n_came)
{
  g_autoptr (GBytes) expected = make_frame ((*n_came)++);

  g_assert_true (g_bytes_equal (frame, expected));
}

static void
count_ours (const GValue *item, gpointer user_data)
{
  const char *type = G_OBJECT_TYPE_NAME (g_value_get_object (item));

  *(guint *) user_data += g_str_has_prefix (type, "PstSctp");
}

/* The test tests what it says it does. */
static void
assert_elements (PstPeer *peer, gboolean stock)
{
  g_autoptr (GstIterator) elements = gst_bin_iterate_recurse (GST_BIN (peer->pipeline->webrtc));
  guint n = 0;

  g_assert_cmpint (gst_iterator_foreach (elements, count_ours, &n), ==, GST_ITERATOR_DONE);
  g_assert_cmpuint (n, ==, stock ? 0 : 2);
}

static void
test_mix (gconstpointer data)
{
  const Mix *mix = data;
  PstPeerConfig offerer = pair_config (TRUE);
  PstPeerConfig answerer = pair_config (FALSE);
  PairChild child;
  PairEnd *end;
  guint n_came = 0;
  guint n_sent = 0;
  Pair pair;

  offerer.stock = answerer.stock = mix->stock;
  pair_init (&pair, &offerer, &answerer);
  end = mix->offerer ? &pair.offerer : &pair.answerer;
  pair_child_spawn_echo (&child, end, !mix->offerer, mix->stock_child);
  g_assert_true (pst_peer_start (end->peer, NULL));
  pair_wait_for (end->opened);
  assert_elements (end->peer, mix->stock);
  g_signal_connect (end->peer, "frame", G_CALLBACK (on_frame), &n_came);
  while (n_sent < N_FRAMES)
    {
      g_autoptr (GBytes) frame = make_frame (n_sent);

      pair_wait_for (n_sent - n_came < 40);
      g_assert_true (pst_channel_send (PST_CHANNEL (end->peer), frame, NULL));
      n_sent++;
    }
  pair_wait_for (n_came == N_FRAMES);
  pair_close (end->peer);
  pair_child_kill (&child);
  pair_clear (&pair);
}

/* With a GStreamer that nobody tried them with, ours stay out of its way. */
static void
open_with_unproven_version (void)
{
  Pair pair;

  g_setenv ("PST_LINK_GSTREAMER", "1.98", TRUE);
  pair_open (&pair);
  assert_elements (pair.offerer.peer, TRUE);
  assert_elements (pair.answerer.peer, TRUE);
  pair_close (pair.offerer.peer);
  pair_clear (&pair);
}

static void
test_unproven_version (void)
{
  if (g_test_subprocess ())
    {
      open_with_unproven_version ();
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*The fast path cannot be used*GStreamer 1.98*");
}

int
main (int argc, char **argv)
{
  static const Mix mixes[] = {
    { TRUE, FALSE, FALSE }, { TRUE, FALSE, TRUE },  { FALSE, FALSE, TRUE },
    { TRUE, TRUE, FALSE },  { FALSE, TRUE, FALSE },
  };

  g_test_init (&argc, &argv, NULL);
  g_unsetenv ("PST_LINK_STOCK");
  /* Here it is tried, whether it is proven or not. */
  g_setenv ("PST_LINK_GSTREAMER", "1.22", TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (mixes); i++)
    {
      g_autofree char *path = g_strdup_printf (
          "/peer-mixed/%s-%s-other-%s", mixes[i].stock ? "stock" : "fast",
          mixes[i].offerer ? "offerer" : "answerer", mixes[i].stock_child ? "stock" : "fast");

      g_test_add_data_func (path, &mixes[i], test_mix);
    }
  g_test_add_func ("/peer-mixed/unproven-version", test_unproven_version);
  return g_test_run ();
}
