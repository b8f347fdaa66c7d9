/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-error.h"
#include "pst-flow.h"

#define MIB (G_GUINT64_CONSTANT (1024) * 1024)

static void
test_credit_room (void)
{
  PstCredit credit = { .window_bytes = 4 * MIB };

  g_assert_cmpuint (pst_credit_get_room (&credit), ==, 4 * MIB);
  credit.sent_bytes = 3 * MIB;
  g_assert_cmpuint (pst_credit_get_room (&credit), ==, MIB);
  credit.sent_bytes = 4 * MIB;
  g_assert_cmpuint (pst_credit_get_room (&credit), ==, 0);

  /* A window that shrank below what is outstanding gives no negative room. */
  credit.window_bytes = 2 * MIB;
  g_assert_cmpuint (pst_credit_get_room (&credit), ==, 0);
  g_assert_true (pst_credit_update (&credit, 4 * MIB, 3 * MIB, 0, 2 * MIB, NULL));
  g_assert_cmpuint (pst_credit_get_room (&credit), ==, MIB);

  /* What is not safe yet holds nobody up. */
  g_assert_true (pst_credit_update (&credit, 4 * MIB, 4 * MIB, 0, 2 * MIB, NULL));
  g_assert_cmpuint (pst_credit_get_room (&credit), ==, 2 * MIB);
}

static void
test_credit_hold (void)
{
  PstCredit credit = { .sent_bytes = 100, .received_bytes = 100, .taken_bytes = 10 };

  g_assert_cmpint (pst_credit_get_hold (&credit), ==, PST_HOLD_THEIR_DISK);
  credit.received_bytes = 20;
  g_assert_cmpint (pst_credit_get_hold (&credit), ==, PST_HOLD_NETWORK);
  credit.received_bytes = credit.taken_bytes = 60;
  g_assert_cmpint (pst_credit_get_hold (&credit), ==, PST_HOLD_NETWORK);
}

static void
test_credit_lies (void)
{
  static const struct
  {
    guint64 received_bytes, taken_bytes, written_bytes;
    gboolean fine;
  } cases[] = {
    { 50, 40, 30, TRUE },
    { 50, 40, 30, TRUE },
    { 101, 40, 30, FALSE },
    { 40, 41, 30, FALSE },
    { 49, 40, 30, FALSE },
    { 50, 39, 30, FALSE },
    { 50, 40, 29, FALSE },
    { 50, 40, 41, FALSE },
    { 50, 51, 30, FALSE },
    { 60, 60, 60, TRUE },
    { 60, 59, 60, FALSE },
    { 100, 100, 100, TRUE },
    { G_MAXINT64, 100, 100, FALSE },
  };
  PstCredit credit = { .sent_bytes = 100, .window_bytes = 100 };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (pst_credit_update (&credit, cases[i].received_bytes, cases[i].taken_bytes,
                                          cases[i].written_bytes, 100, &error),
                       ==, cases[i].fine);
      if (!cases[i].fine)
        g_assert_error (error, PST_ERROR, PST_ERROR_PROTOCOL);
    }
  g_assert_cmpuint (credit.written_bytes, ==, 100);
}

static void
test_window (void)
{
  PstWindow window = { .window_bytes = 4 * MIB };
  g_autoptr (GError) error = NULL;

  g_assert_false (pst_window_should_announce (&window));
  g_assert_true (pst_window_receive (&window, 1000, NULL));
  g_assert_false (pst_window_should_announce (&window));

  /* All that came is taken: the sender may be waiting for nothing else. */
  pst_window_take (&window, 1000);
  g_assert_true (pst_window_should_announce (&window));
  pst_window_announced (&window);
  g_assert_false (pst_window_should_announce (&window));
  g_assert_false (pst_window_has_news (&window));

  /* All that came is written: the sender may have nothing more to send. */
  pst_window_write (&window, 500);
  g_assert_true (pst_window_has_news (&window));
  g_assert_false (pst_window_should_announce (&window));
  pst_window_write (&window, 500);
  g_assert_true (pst_window_should_announce (&window));
  pst_window_announced (&window);
  g_assert_false (pst_window_should_announce (&window));

  /* An eighth received tells the sender where its bytes are. */
  g_assert_true (pst_window_receive (&window, MIB / 2, NULL));
  g_assert_true (pst_window_should_announce (&window));
  pst_window_announced (&window);
  g_assert_true (pst_window_receive (&window, 3 * MIB + MIB / 2, NULL));
  pst_window_announced (&window);

  /* An eighth taken returns credit. */
  pst_window_take (&window, MIB / 2 - 1);
  g_assert_false (pst_window_should_announce (&window));
  pst_window_take (&window, 1);
  g_assert_true (pst_window_should_announce (&window));

  /* What was taken but not announced is no credit yet, written or not. */
  pst_window_write (&window, MIB / 2);
  g_assert_false (pst_window_receive (&window, 1, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_PROTOCOL);
  pst_window_announced (&window);
  g_assert_true (pst_window_receive (&window, 1, NULL));
  g_assert_false (pst_window_receive (&window, G_MAXUINT64, NULL));
}

/* What was granted once holds, also after the window became smaller. */
static void
test_window_shrinks (void)
{
  PstWindow window = { .window_bytes = 8 * MIB };

  pst_window_announced (&window);
  window.window_bytes = MIB;
  pst_window_announced (&window);
  g_assert_true (pst_window_receive (&window, 8 * MIB, NULL));
  g_assert_false (pst_window_receive (&window, 1, NULL));
}

/* A sender that sleeps is woken by small steps; no step is larger than the most. */
static void
test_credit_steps (void)
{
  PstWindow window = { .window_bytes = 16 * MIB };

  g_assert_true (pst_window_receive (&window, PST_FLOW_MAX_CREDIT_STEP_BYTES - 1, NULL));
  g_assert_false (pst_window_should_announce (&window));
  window.sender_sleeps = TRUE;
  g_assert_true (pst_window_should_announce (&window));
  window.sender_sleeps = FALSE;
  g_assert_true (pst_window_receive (&window, 1, NULL));
  g_assert_true (pst_window_should_announce (&window));
}

static void
test_fit (void)
{
  const guint64 fast_bps = G_MAXUINT64 / 2;

  /* Nothing is known: a fast path, as long as it is. */
  g_assert_cmpuint (pst_window_fit (0, 0, 1), ==, PST_FLOW_FIRST_RATE_BPS / 10);
  g_assert_cmpuint (pst_window_fit (0, 80000, 1), ==, PST_FLOW_FIRST_RATE_BPS * 16 / 100);
  g_assert_cmpuint (pst_window_fit (0, -1, 1), ==, PST_FLOW_FIRST_RATE_BPS / 5);
  g_assert_cmpuint (pst_window_fit (0, 1, 16), ==, PST_FLOW_MIN_WINDOW_BYTES);

  /* However fast, no more than the share; however slow, no less than the least. */
  g_assert_cmpuint (pst_window_fit (fast_bps, 1000, 0), ==, PST_FLOW_MAX_WINDOW_BYTES);
  g_assert_cmpuint (pst_window_fit (fast_bps, -1, 1), ==, PST_FLOW_MAX_WINDOW_BYTES);
  g_assert_cmpuint (pst_window_fit (fast_bps, G_MAXINT64, 2), ==, PST_FLOW_MAX_WINDOW_BYTES / 2);
  g_assert_cmpuint (pst_window_fit (fast_bps, 0, PST_FLOW_MAX_RUNNING), ==,
                    PST_FLOW_MIN_WINDOW_BYTES);
  g_assert_cmpuint (pst_window_fit (fast_bps, 0, 1000), ==, PST_FLOW_MIN_WINDOW_BYTES);
  g_assert_cmpuint (pst_window_fit (1000000, 0, 1), ==, PST_FLOW_MIN_WINDOW_BYTES);

  /* Between these, twice the rate times the round trip and the disk's 50 ms. */
  g_assert_cmpuint (pst_window_fit (20000000, 50000, 1), ==, 4000000);
  g_assert_cmpuint (pst_window_fit (20000000, -1, 1), ==, 6000000);

  /* What only a disk would need is bounded, so that little is lost with a program. */
  g_assert_cmpuint (pst_window_fit (100000000, 0, 1), ==, 8 * 1024 * 1024);
  g_assert_cmpuint (pst_window_fit (100000000, 30000, 1), ==, 8 * 1024 * 1024);
  g_assert_cmpuint (pst_window_fit (100000000, 60000, 1), ==, 12000000);
}

static void
test_marks (void)
{
  PstMarks marks = { PST_FLOW_LOW_MARK_BYTES, PST_FLOW_HIGH_MARK_BYTES };

  g_assert_false (pst_marks_follow (&marks, 0, 0, 1));
  g_assert_cmpuint (marks.high_bytes, ==, PST_FLOW_HIGH_MARK_BYTES);

  /* 20 ms of the rate, within bounds. */
  g_assert_true (pst_marks_follow (&marks, 50000000, 0, 1));
  g_assert_cmpuint (marks.high_bytes, ==, 1000000);
  g_assert_cmpuint (marks.low_bytes, ==, 500000);
  g_assert_false (pst_marks_follow (&marks, 55000000, 0, 1));
  g_assert_true (pst_marks_follow (&marks, G_MAXUINT64, 0, 1));
  g_assert_cmpuint (marks.high_bytes, ==, PST_FLOW_MAX_HIGH_MARK_BYTES);

  /* They fall only once the buffer has. */
  g_assert_false (pst_marks_follow (&marks, 1000, PST_FLOW_MIN_HIGH_MARK_BYTES + 1, 1));
  g_assert_true (pst_marks_follow (&marks, 1000, PST_FLOW_MIN_HIGH_MARK_BYTES, 1));
  g_assert_cmpuint (marks.high_bytes, ==, PST_FLOW_MIN_HIGH_MARK_BYTES);
  g_assert_cmpuint (marks.low_bytes, ==, PST_FLOW_MIN_HIGH_MARK_BYTES / 2);

  /* Each of several links must have something. */
  g_assert_true (pst_marks_follow (&marks, 1000, 0, 4));
  g_assert_cmpuint (marks.high_bytes, ==, 4 * PST_FLOW_MIN_HIGH_MARK_BYTES);
}

/* Whatever the rate and the size of the frames, the limit is kept over time. */
static void
test_limit (void)
{
  static const guint64 rates_bps[] = { 1000, 65536, 1000000, 50000000 };

  for (guint i = 0; i < G_N_ELEMENTS (rates_bps); i++)
    {
      PstLimit limit = { .rate_bps = rates_bps[i], .filled_us = 1000 };
      gint64 now_us = 1000;
      guint64 sent_bytes = 0;

      while (now_us < 300 * G_USEC_PER_SEC)
        {
          gint64 wait_us = pst_limit_take (&limit, now_us, 65492);

          g_assert_cmpint (wait_us, >=, 0);
          if (wait_us == 0)
            sent_bytes += 65492;
          now_us += wait_us;
        }
      g_assert_cmpuint (sent_bytes, <=, rates_bps[i] * 301 + 65536);
      g_assert_cmpuint (sent_bytes, >=, rates_bps[i] * 298);
    }
}

static void
test_no_limit (void)
{
  PstLimit limit = { 0 };

  for (guint i = 0; i < 1000; i++)
    g_assert_cmpint (pst_limit_take (&limit, 5, 65536), ==, 0);
}

/* An idle hour does not save up for a flood. */
static void
test_limit_after_idling (void)
{
  PstLimit limit = { .rate_bps = 1000000 };
  guint64 sent_bytes = 0;

  while (pst_limit_take (&limit, G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC, 10000) == 0)
    sent_bytes += 10000;
  g_assert_cmpuint (sent_bytes, <=, 120000);
}

/* On a slow line no frame is under way for long. */
static void
test_piece (void)
{
  const gsize most = 65492;

  g_assert_cmpuint (pst_flow_fit_piece (100000000, 1000, most), ==, most);
  g_assert_cmpuint (pst_flow_fit_piece (100000000, 100000, most), ==, most);
  g_assert_cmpuint (pst_flow_fit_piece (20000, 100000, most), ==, 10000);
  g_assert_cmpuint (pst_flow_fit_piece (1, 100000, most), ==, 4096);

  /* Nothing is known of the rate yet. */
  g_assert_cmpuint (pst_flow_fit_piece (0, 1000, most), ==, most);
  g_assert_cmpuint (pst_flow_fit_piece (0, 150000, most), ==, 16384);
  g_assert_cmpuint (pst_flow_fit_piece (0, -1, most), ==, most);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow/credit-room", test_credit_room);
  g_test_add_func ("/flow/credit-hold", test_credit_hold);
  g_test_add_func ("/flow/credit-lies", test_credit_lies);
  g_test_add_func ("/flow/window", test_window);
  g_test_add_func ("/flow/window-shrinks", test_window_shrinks);
  g_test_add_func ("/flow/credit-steps", test_credit_steps);
  g_test_add_func ("/flow/fit", test_fit);
  g_test_add_func ("/flow/marks", test_marks);
  g_test_add_func ("/flow/limit", test_limit);
  g_test_add_func ("/flow/no-limit", test_no_limit);
  g_test_add_func ("/flow/limit-after-idling", test_limit_after_idling);
  g_test_add_func ("/flow/piece", test_piece);
  return g_test_run ();
}
