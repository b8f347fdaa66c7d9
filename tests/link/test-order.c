/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What leaves over several links and comes back into one order. */
#include <string.h>

#include "pst-error.h"
#include "pst-order.h"
#include "pst-under-way.h"

static GBytes *
make_frame (guint64 counter, gsize n_bytes)
{
  guint8 *bytes = g_malloc0 (n_bytes);
  guint64 wire_counter = GUINT64_TO_BE (counter);

  memcpy (bytes + PST_ORDER_COUNTER_OFFSET, &wire_counter, sizeof wire_counter);
  return g_bytes_new_take (bytes, n_bytes);
}

static void
put (PstOrder *order, guint64 counter, gsize n_bytes, int code)
{
  g_autoptr (GBytes) frame = make_frame (counter, n_bytes);
  g_autoptr (GError) error = NULL;

  if (pst_order_put (order, frame, &error))
    g_assert_cmpint (code, ==, -1);
  else
    g_assert_error (error, PST_ERROR, code);
}

#define OK -1

static void
expect (PstOrder *order, guint64 first, guint64 last)
{
  for (guint64 i = first; i <= last; i++)
    {
      g_autoptr (GBytes) frame = pst_order_take (order);
      guint64 counter;

      g_assert_nonnull (frame);
      g_assert_true (pst_order_read_counter (frame, &counter));
      g_assert_cmpuint (counter, ==, i);
      g_assert_cmpuint (pst_order_get_came (order), ==, i);
    }
  g_assert_null (pst_order_take (order));
}

static void
test_sorted (void)
{
  g_autoptr (PstOrder) order = pst_order_new ();

  put (order, 1, 100, OK);
  expect (order, 1, 1);
  put (order, 4, 100, OK);
  put (order, 3, 100, OK);
  expect (order, 2, 1); /* nothing yet */
  put (order, 2, 100, OK);
  expect (order, 2, 4);
}

/* It begins where the only link had come to. */
static void
test_passed (void)
{
  g_autoptr (PstOrder) order = pst_order_new ();
  g_autoptr (GBytes) passed = make_frame (41, 40);
  g_autoptr (GBytes) tiny = g_bytes_new_static ("short", 5);

  pst_order_pass (order, passed);
  pst_order_pass (order, tiny); /* the seal will say so */
  g_assert_cmpuint (pst_order_get_came (order), ==, 41);
  put (order, 42, 100, OK);
  expect (order, 42, 42);
}

static void
test_too_short (void)
{
  g_autoptr (PstOrder) order = pst_order_new ();

  put (order, 1, PST_ORDER_HEAD_BYTES, OK);
  expect (order, 1, 1);
  for (gsize n_bytes = 1; n_bytes < PST_ORDER_HEAD_BYTES; n_bytes++)
    {
      g_autoptr (GBytes) frame = g_bytes_new_static ("a short one", n_bytes);
      g_autoptr (GError) error = NULL;

      g_assert_false (pst_order_put (order, frame, &error));
      g_assert_error (error, PST_ERROR, PST_ERROR_PROTOCOL);
    }
}

/* Nothing comes twice, before its turn or after, unless a link may have ended. */
static void
test_again (void)
{
  g_autoptr (PstOrder) order = pst_order_new ();

  put (order, 1, 100, OK);
  expect (order, 1, 1);
  put (order, 3, 100, OK);
  put (order, 0, 100, PST_ERROR_PROTOCOL);
  put (order, 1, 100, PST_ERROR_PROTOCOL);
  put (order, 3, 100, PST_ERROR_PROTOCOL);

  pst_order_expect_again (order);
  put (order, 1, 100, OK);
  put (order, 3, 100, OK);
  put (order, 2, 100, OK);
  expect (order, 2, 3);
}

/* And then no more than one window. */
static void
test_again_and_again (void)
{
  g_autoptr (PstOrder) order = pst_order_new ();
  const gsize n_bytes = 65536;
  const guint n = PST_ORDER_MAX_BYTES / (n_bytes + PST_ORDER_FRAME_COST_BYTES);

  put (order, 1, 100, OK);
  expect (order, 1, 1);
  pst_order_expect_again (order);
  for (guint i = 0; i < n; i++)
    put (order, 1, n_bytes, OK);
  put (order, 1, n_bytes, PST_ERROR_PROTOCOL);
}

static void
test_bytes (void)
{
  g_autoptr (PstOrder) order = pst_order_new ();
  const gsize n_bytes = 65536;
  const guint n = PST_ORDER_MAX_BYTES / (n_bytes + PST_ORDER_FRAME_COST_BYTES);

  for (guint i = 0; i < n; i++)
    put (order, i + 2, n_bytes, OK);
  put (order, n + 2, n_bytes, PST_ERROR_LIMIT);
  put (order, 1, 100, OK);
  expect (order, 1, n + 1);
  put (order, n + 2, n_bytes, OK);
}

static void
test_frames (void)
{
  g_autoptr (PstOrder) order = pst_order_new ();
  const gsize cost_bytes = PST_ORDER_HEAD_BYTES + PST_ORDER_FRAME_COST_BYTES;
  guint n;

  put (order, PST_ORDER_MAX_FRAMES + 1, PST_ORDER_HEAD_BYTES, PST_ERROR_LIMIT);
  put (order, G_MAXUINT64, PST_ORDER_HEAD_BYTES, PST_ERROR_LIMIT);
  for (n = 1; n <= PST_ORDER_MAX_BYTES / cost_bytes; n++)
    put (order, n + 1, PST_ORDER_HEAD_BYTES, OK);
  put (order, n + 1, PST_ORDER_HEAD_BYTES, PST_ERROR_LIMIT);
}

/* What one side may send, the other side can keep. */
static void
test_ends_agree (void)
{
  g_autoptr (PstOrder) order = pst_order_new ();
  g_autoptr (PstUnderWay) under_way = pst_under_way_new ();
  guint64 counter;

  for (counter = 1;; counter++)
    {
      g_autoptr (GBytes) frame = make_frame (counter, 12 + counter % 3000);

      if (!pst_under_way_has_room (under_way, frame))
        break;
      pst_under_way_add (under_way, 0, counter % 2, frame);
      if (counter > 1)
        put (order, counter, 12 + counter % 3000, OK);
    }
  g_assert_cmpuint (counter, >, 1000);
  put (order, 1, 13, OK);
  expect (order, 1, counter - 1);
}

static void
add (PstUnderWay *under_way, gint64 now_us, guint link, guint64 counter)
{
  g_autoptr (GBytes) frame = make_frame (counter, 1000);

  pst_under_way_add (under_way, now_us, link, frame);
}

static void
acknowledge (PstUnderWay *under_way, gint64 now_us, guint64 counter)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (pst_under_way_acknowledge (under_way, now_us, counter, &error));
  g_assert_no_error (error);
}

static void
test_acknowledged (void)
{
  g_autoptr (PstUnderWay) under_way = pst_under_way_new ();
  g_autoptr (GBytes) passed = make_frame (1, 1000);
  g_autoptr (GError) error = NULL;

  pst_under_way_pass (under_way, passed);
  add (under_way, 0, 0, 2);
  add (under_way, 0, 1, 3);
  add (under_way, 0, 1, 4);
  g_assert_cmpuint (pst_under_way_count (under_way, 0), ==, 1);
  g_assert_cmpuint (pst_under_way_count (under_way, 1), ==, 2);

  acknowledge (under_way, 0, 1);
  g_assert_cmpuint (pst_under_way_count (under_way, 0), ==, 1);
  acknowledge (under_way, 0, 3);
  g_assert_cmpuint (pst_under_way_count (under_way, 0), ==, 0);
  g_assert_cmpuint (pst_under_way_count (under_way, 1), ==, 1);
  acknowledge (under_way, 0, 2); /* it was overtaken */
  g_assert_cmpuint (pst_under_way_count (under_way, 1), ==, 1);

  g_assert_false (pst_under_way_acknowledge (under_way, 0, 5, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_PROTOCOL);
  acknowledge (under_way, 0, 4);
  g_assert_cmpuint (pst_under_way_count (under_way, 1), ==, 0);
}

static void
expect_back (PstUnderWay *under_way, guint64 counter)
{
  GBytes *frame = pst_under_way_peek_back (under_way);
  guint64 back;

  g_assert_true (pst_order_read_counter (frame, &back));
  g_assert_cmpuint (back, ==, counter);
}

/* Links end, one after the other: what they had goes again in its order, but for what is
 * acknowledged meanwhile. */
static void
test_back (void)
{
  g_autoptr (PstUnderWay) under_way = pst_under_way_new ();
  gint64 since_us;
  guint link;

  for (guint64 i = 1; i <= 9; i++)
    add (under_way, 0, i % 3, i);
  g_assert_null (pst_under_way_peek_back (under_way));
  pst_under_way_take_back (under_way, 2);
  expect_back (under_way, 2);
  pst_under_way_take_back (under_way, 1);
  expect_back (under_way, 1);
  g_assert_cmpuint (pst_under_way_count (under_way, PST_UNDER_WAY_NOWHERE), ==, 6);
  g_assert_false (pst_under_way_get_stuck (under_way, &link, &since_us));

  pst_under_way_give_again (under_way, 7, 0);
  expect_back (under_way, 2);
  g_assert_true (pst_under_way_get_stuck (under_way, &link, &since_us));
  g_assert_cmpuint (link, ==, 0);
  g_assert_cmpint (since_us, ==, 7);
  acknowledge (under_way, 8, 4);
  expect_back (under_way, 5);
  pst_under_way_give_again (under_way, 9, 0);
  expect_back (under_way, 7);
  acknowledge (under_way, 9, 9);
  g_assert_null (pst_under_way_peek_back (under_way));
}

static void
test_stuck (void)
{
  g_autoptr (PstUnderWay) under_way = pst_under_way_new ();
  gint64 since_us;
  guint link;

  g_assert_false (pst_under_way_get_stuck (under_way, &link, &since_us));
  add (under_way, 10, 3, 1);
  add (under_way, 20, 5, 2);
  g_assert_true (pst_under_way_get_stuck (under_way, &link, &since_us));
  g_assert_cmpuint (link, ==, 3);
  g_assert_cmpint (since_us, ==, 10);
  acknowledge (under_way, 50, 1);
  g_assert_true (pst_under_way_get_stuck (under_way, &link, &since_us));
  g_assert_cmpuint (link, ==, 5);
  g_assert_cmpint (since_us, ==, 50);
  acknowledge (under_way, 60, 2);
  g_assert_false (pst_under_way_get_stuck (under_way, &link, &since_us));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/order/sorted", test_sorted);
  g_test_add_func ("/order/passed", test_passed);
  g_test_add_func ("/order/too-short", test_too_short);
  g_test_add_func ("/order/again", test_again);
  g_test_add_func ("/order/again-and-again", test_again_and_again);
  g_test_add_func ("/order/bytes", test_bytes);
  g_test_add_func ("/order/frames", test_frames);
  g_test_add_func ("/order/ends-agree", test_ends_agree);
  g_test_add_func ("/under-way/acknowledged", test_acknowledged);
  g_test_add_func ("/under-way/back", test_back);
  g_test_add_func ("/under-way/stuck", test_stuck);
  return g_test_run ();
}
