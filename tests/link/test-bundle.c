/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several links as one channel, over channels in memory that are of different speed, end,
 * or fall silent. */
#include <string.h>

#include "pst-bundle-private.h"
#include "pst-error.h"
#include "pst-memory-channel.h"

#define MAX_LINKS 4

/* One end: what leaves has counters in a row, and what comes is looked at. */
typedef struct
{
  PstBundle *bundle;
  PstMemoryChannel *links[MAX_LINKS];
  guint64 sent;
  guint64 came;
  GError *error;
  guint n_more, n_low;
  guint let_go; /* the number of the link; 0: none */
} End;

typedef struct
{
  End a, b;
} Duo;

static GBytes *
make_frame (guint64 counter, gsize n_bytes)
{
  guint8 *bytes = g_malloc0 (n_bytes);
  guint64 wire_counter = GUINT64_TO_BE (counter);

  bytes[0] = 1;
  memcpy (bytes + PST_ORDER_COUNTER_OFFSET, &wire_counter, sizeof wire_counter);
  return g_bytes_new_take (bytes, n_bytes);
}

static void
on_frame (PstChannel *channel, GBytes *frame, End *end)
{
  guint64 counter;

  g_assert_true (pst_order_read_counter (frame, &counter));
  g_assert_cmpuint (counter, ==, ++end->came);
}

static void
on_any (PstChannel *channel, GBytes *frame, End *end)
{
  end->came++;
}

static void
on_closed (PstChannel *channel, const GError *error, End *end)
{
  g_assert_null (end->error);
  end->error = g_error_copy (error);
}

static void
on_more (PstBundle *bundle, End *end)
{
  end->n_more++;
}

static void
on_low (PstChannel *channel, End *end)
{
  end->n_low++;
}

static void
on_let_go (PstBundle *bundle, guint number, End *end)
{
  end->let_go = number;
}

static void
make_bundle (End *end)
{
  end->bundle = pst_bundle_new (PST_CHANNEL (end->links[0]), 0);
  g_signal_connect (end->bundle, "frame", G_CALLBACK (on_frame), end);
  g_signal_connect (end->bundle, "closed", G_CALLBACK (on_closed), end);
  g_signal_connect (end->bundle, "buffered-amount-low", G_CALLBACK (on_low), end);
  g_signal_connect (end->bundle, "more", G_CALLBACK (on_more), end);
  g_signal_connect (end->bundle, "let-go", G_CALLBACK (on_let_go), end);
  pst_channel_set_low_mark (PST_CHANNEL (end->bundle), 256 * 1024);
}

static void
duo_add (Duo *duo, guint number)
{
  pst_memory_channel_new_pair (&duo->a.links[number], &duo->b.links[number]);
  if (number == 0)
    return;

  pst_bundle_add (duo->a.bundle, number, PST_CHANNEL (duo->a.links[number]));
  pst_bundle_add (duo->b.bundle, number, PST_CHANNEL (duo->b.links[number]));
}

static void
duo_init (Duo *duo, guint n_links)
{
  *duo = (Duo){ 0 };
  duo_add (duo, 0);
  make_bundle (&duo->a);
  make_bundle (&duo->b);
  if (n_links > 1)
    {
      pst_bundle_allow (duo->a.bundle, MAX_LINKS);
      pst_bundle_allow (duo->b.bundle, MAX_LINKS);
    }
  for (guint i = 1; i < n_links; i++)
    duo_add (duo, i);
}

static void
end_clear (End *end)
{
  g_clear_object (&end->bundle);
  g_clear_error (&end->error);
  for (guint i = 0; i < MAX_LINKS; i++)
    g_clear_object (&end->links[i]);
}

static void
duo_clear (Duo *duo)
{
  end_clear (&duo->a);
  end_clear (&duo->b);
}

static gboolean
on_timeout (gpointer condition)
{
  g_error ("waited too long for: %s", (const char *) condition);
  return G_SOURCE_REMOVE;
}

#define wait_for(condition)                                         \
  G_STMT_START                                                      \
  {                                                                 \
    GSource *timeout_ = g_timeout_source_new_seconds (20);          \
    g_source_set_callback (timeout_, on_timeout, #condition, NULL); \
    g_source_attach (timeout_, NULL);                               \
    while (!(condition))                                            \
      g_main_context_iteration (NULL, TRUE);                        \
    g_source_destroy (timeout_);                                    \
    g_source_unref (timeout_);                                      \
  }                                                                 \
  G_STMT_END

static void
say (End *end, guint n, gsize n_bytes)
{
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GBytes) frame = make_frame (++end->sent, n_bytes);
      g_autoptr (GError) error = NULL;

      g_assert_true (pst_channel_send (PST_CHANNEL (end->bundle), frame, &error));
      g_assert_no_error (error);
    }
}

static guint
count_under_way (End *end)
{
  guint n = pst_under_way_count (end->bundle->under_way, PST_UNDER_WAY_NOWHERE);

  for (guint i = 0; i <= PST_CHANNEL_MAX_LINK_NUMBER; i++)
    n += pst_under_way_count (end->bundle->under_way, i);
  return n;
}

/* One link: nothing is kept, nothing is said. */
static void
test_one (void)
{
  Duo duo;
  PstChannelPath path;

  duo_init (&duo, 1);
  say (&duo.a, 50, 1000);
  wait_for (duo.b.came == 50);
  g_assert_cmpuint (count_under_way (&duo.a), ==, 0);
  g_assert_cmpuint (pst_memory_channel_get_n_frames (duo.b.links[0]), ==, 0);
  pst_channel_get_path (PST_CHANNEL (duo.a.bundle), &path);
  g_assert_cmpuint (path.n_links, ==, 1);
  g_assert_cmpuint (path.most_links, ==, PST_CHANNEL_MAX_LINKS);
  g_assert_cmpint (path.came_us, ==, 0);
  pst_channel_get_path (PST_CHANNEL (duo.b.bundle), &path);
  g_assert_cmpint (path.came_us, >, 0);
  duo_clear (&duo);
}

/* Each is used, the order stays, all is acknowledged, both ways. */
static void
test_order (void)
{
  Duo duo;

  duo_init (&duo, 1);
  say (&duo.a, 20, 1000);
  wait_for (duo.b.came == 20);
  pst_bundle_allow (duo.a.bundle, MAX_LINKS);
  pst_bundle_allow (duo.b.bundle, MAX_LINKS);
  for (guint i = 1; i < MAX_LINKS; i++)
    {
      duo_add (&duo, i);
      pst_memory_channel_set_delay_ms (duo.a.links[i], i);
    }
  say (&duo.a, 300, 20000);
  say (&duo.b, 300, 100);
  wait_for (duo.b.came == duo.a.sent && duo.a.came == duo.b.sent);
  for (guint i = 0; i < MAX_LINKS; i++)
    g_assert_cmpuint (pst_memory_channel_get_n_frames (duo.a.links[i]), >, 20);
  g_assert_cmpuint (duo.a.n_low, >, 0);
  wait_for (count_under_way (&duo.a) == 0 && count_under_way (&duo.b) == 0);
  g_assert_null (duo.a.error);
  g_assert_null (duo.b.error);
  duo_clear (&duo);
}

/* One side has the next link before the other one does, and uses both: what comes over the
 * first waits for what the second will bring. */
static void
test_earlier (void)
{
  Duo duo;

  duo_init (&duo, 1);
  pst_bundle_allow (duo.a.bundle, MAX_LINKS);
  pst_bundle_allow (duo.b.bundle, MAX_LINKS);
  pst_memory_channel_new_pair (&duo.a.links[1], &duo.b.links[1]);
  pst_memory_channel_set_blocked (duo.a.links[1], TRUE);
  pst_bundle_add (duo.a.bundle, 1, PST_CHANNEL (duo.a.links[1]));
  say (&duo.a, 3, 20000);
  wait_for (pst_channel_get_buffered_amount (PST_CHANNEL (duo.a.links[0])) == 0);
  g_assert_cmpuint (duo.b.came, ==, 1);
  pst_bundle_add (duo.b.bundle, 1, PST_CHANNEL (duo.b.links[1]));
  pst_memory_channel_set_blocked (duo.a.links[1], FALSE);
  wait_for (duo.b.came == duo.a.sent && count_under_way (&duo.a) == 0);
  g_assert_null (duo.a.error);
  g_assert_null (duo.b.error);
  duo_clear (&duo);
}

/* A further link ends, with what is under way: that comes over the others. */
static void
test_cut (void)
{
  Duo duo;

  duo_init (&duo, 3);
  pst_memory_channel_cut_after (duo.a.links[2], 5);
  say (&duo.a, 100, 20000);
  say (&duo.b, 100, 1000);
  wait_for (duo.b.came == duo.a.sent && duo.a.came == duo.b.sent);
  g_assert_cmpuint (duo.a.let_go, ==, 2);
  g_assert_cmpuint (duo.b.let_go, ==, 2);
  g_assert_cmpuint (pst_bundle_get_n_links (duo.a.bundle), ==, 2);
  g_assert_null (duo.a.error);
  g_assert_null (duo.b.error);
  duo_clear (&duo);
}

/* It takes nothing more, without a word. */
static void
test_refuses (void)
{
  Duo duo;

  duo_init (&duo, 3);
  pst_memory_channel_refuse (duo.a.links[1]);
  say (&duo.a, 100, 20000);
  wait_for (duo.b.came == duo.a.sent);
  g_assert_cmpuint (duo.a.let_go, ==, 1);
  duo_clear (&duo);
}

/* It carries nothing more, without a word: after some seconds it is done without. What
 * the other side had under way over it comes once that was told. */
static void
test_silent (void)
{
  Duo duo;

  duo_init (&duo, 3);
  pst_memory_channel_set_blocked (duo.a.links[1], TRUE);
  pst_memory_channel_set_blocked (duo.b.links[1], TRUE);
  say (&duo.a, 100, 20000);
  say (&duo.b, 100, 20000);
  wait_for (duo.a.let_go == 1);
  pst_bundle_remove (duo.b.bundle, 1);
  wait_for (duo.b.came == duo.a.sent && duo.a.came == duo.b.sent);
  g_assert_null (duo.a.error);
  g_assert_null (duo.b.error);
  duo_clear (&duo);
}

/* A link ends with much under way: it goes again little by little, what is new waits behind
 * it, and it does not look as if nobody read. */
static void
test_much_again (void)
{
  const guint n = 300;
  Duo duo;

  duo_init (&duo, 2);
  pst_memory_channel_set_blocked (duo.a.links[0], TRUE);
  pst_memory_channel_set_blocked (duo.a.links[1], TRUE);
  say (&duo.a, n, 40000);
  pst_memory_channel_cut (duo.a.links[1]);
  g_assert_cmpuint (pst_under_way_count (duo.a.bundle->under_way, PST_UNDER_WAY_NOWHERE), >=,
                    n / 2 - 1);
  g_assert_cmpuint (pst_channel_get_buffered_amount (PST_CHANNEL (duo.a.bundle)), <=,
                    (n / 2 + 1) * 40000);
  say (&duo.a, 1, 40000);
  g_assert_cmpuint (duo.a.bundle->waiting.length, ==, 1);
  pst_memory_channel_set_blocked (duo.a.links[0], FALSE);
  wait_for (duo.b.came == duo.a.sent);
  g_assert_null (duo.b.error);
  duo_clear (&duo);
}

/* With the first link all is lost. */
static void
test_first (void)
{
  Duo duo;

  duo_init (&duo, 3);
  pst_memory_channel_cut (duo.a.links[0]);
  g_assert_error (duo.a.error, PST_ERROR, PST_ERROR_LOST);
  g_assert_error (duo.b.error, PST_ERROR, PST_ERROR_LOST);
  duo_clear (&duo);
}

/* More than the other side can keep waits here, and counts as buffered. */
static void
test_window (void)
{
  const guint n = PST_ORDER_MAX_BYTES / 40000 + 50;
  Duo duo;

  duo_init (&duo, 2);
  pst_memory_channel_set_blocked (duo.a.links[0], TRUE);
  pst_memory_channel_set_blocked (duo.a.links[1], TRUE);
  say (&duo.a, n, 40000);
  g_assert_false (g_queue_is_empty (&duo.a.bundle->waiting));
  g_assert_cmpuint (pst_channel_get_buffered_amount (PST_CHANNEL (duo.a.bundle)), >=,
                    (guint64) n * 40000);
  pst_memory_channel_set_blocked (duo.a.links[0], FALSE);
  pst_memory_channel_set_blocked (duo.a.links[1], FALSE);
  wait_for (duo.b.came == duo.a.sent);
  g_assert_null (duo.b.error);
  duo_clear (&duo);
}

/* What @b says to @a over its first link, past its bundle. */
static void
say_raw (Duo *duo, const void *bytes, gsize n_bytes)
{
  g_autoptr (GBytes) frame = g_bytes_new (bytes, n_bytes);

  pst_channel_send (PST_CHANNEL (duo->b.links[0]), frame, NULL);
}

static void
say_came (Duo *duo, guint64 counter)
{
  guint8 bytes[9] = { 0xb2 };
  guint64 wire_counter = GUINT64_TO_BE (counter);

  memcpy (bytes + 1, &wire_counter, sizeof wire_counter);
  say_raw (duo, bytes, sizeof bytes);
}

static void
say_counter (Duo *duo, guint64 counter, gsize n_bytes)
{
  g_autoptr (GBytes) frame = make_frame (counter, n_bytes);

  pst_channel_send (PST_CHANNEL (duo->b.links[0]), frame, NULL);
}

static void
expect_error (Duo *duo, int code)
{
  wait_for (duo->a.error != NULL);
  g_assert_error (duo->a.error, PST_ERROR, code);
  duo_clear (duo);
}

/* Whoever does not keep to it. */
static void
test_hostile (void)
{
  Duo duo;

  duo_init (&duo, 2);
  say_came (&duo, 1); /* nothing was sent */
  expect_error (&duo, PST_ERROR_PROTOCOL);

  duo_init (&duo, 2);
  say_raw (&duo, "\xb2too short", 10);
  expect_error (&duo, PST_ERROR_PROTOCOL);

  duo_init (&duo, 2);
  say_counter (&duo, PST_ORDER_MAX_FRAMES + 1, 100);
  expect_error (&duo, PST_ERROR_LIMIT);

  duo_init (&duo, 2);
  for (guint i = 0; i < PST_ORDER_MAX_BYTES / 65536 + 2; i++)
    say_counter (&duo, 2 + i, 65536);
  expect_error (&duo, PST_ERROR_LIMIT);

  /* As much as one link may have had under way, and no more. */
  duo_init (&duo, 2);
  for (guint i = 0; i < PST_ORDER_MAX_BYTES / 65536 + 2; i++)
    say_counter (&duo, 1, 65536);
  expect_error (&duo, PST_ERROR_PROTOCOL);
}

/* Where there can be only one link, an acknowledgement is a frame that makes no sense, and
 * the seal will say so. */
static void
test_not_allowed (void)
{
  Duo duo;

  duo_init (&duo, 1);
  g_signal_handlers_disconnect_by_func (duo.a.bundle, on_frame, &duo.a);
  g_signal_connect (duo.a.bundle, "frame", G_CALLBACK (on_any), &duo.a);
  say_came (&duo, 0);
  wait_for (duo.a.came == 1);
  duo_clear (&duo);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bundle/one", test_one);
  g_test_add_func ("/bundle/order", test_order);
  g_test_add_func ("/bundle/earlier", test_earlier);
  g_test_add_func ("/bundle/cut", test_cut);
  g_test_add_func ("/bundle/refuses", test_refuses);
  g_test_add_func ("/bundle/silent", test_silent);
  g_test_add_func ("/bundle/much-again", test_much_again);
  g_test_add_func ("/bundle/first", test_first);
  g_test_add_func ("/bundle/window", test_window);
  g_test_add_func ("/bundle/hostile", test_hostile);
  g_test_add_func ("/bundle/not-allowed", test_not_allowed);
  return g_test_run ();
}
