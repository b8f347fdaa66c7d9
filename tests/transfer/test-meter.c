/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-meter.h"

#define SECOND G_USEC_PER_SEC

static void
test_rate (void)
{
  PstMeter meter;
  gint64 now_us = 1000 * SECOND;

  pst_meter_start (&meter, now_us);
  g_assert_cmpuint (pst_meter_get_rate_bps (&meter, now_us), ==, 0);
  g_assert_cmpint (pst_meter_get_time_left_us (&meter, now_us, 10), ==, -1);
  g_assert_cmpint (pst_meter_get_time_left_us (&meter, now_us, 0), ==, 0);

  for (guint i = 0; i < 100; i++)
    pst_meter_add (&meter, now_us += SECOND / 10, 1000);
  g_assert_cmpuint (pst_meter_get_rate_bps (&meter, now_us), ==, 10000);
  g_assert_cmpuint (pst_meter_get_mean_rate_bps (&meter, now_us), ==, 10000);
  g_assert_cmpint (pst_meter_get_time_left_us (&meter, now_us, 20000), ==, 2 * SECOND);
  pst_meter_add (&meter, now_us, 0);

  /* Silence: the rate falls to nothing within the window, the mean slowly. */
  g_assert_cmpuint (pst_meter_get_rate_bps (&meter, now_us + SECOND), <, 7000);
  g_assert_cmpuint (pst_meter_get_rate_bps (&meter, now_us + 4 * SECOND), ==, 0);
  g_assert_cmpuint (pst_meter_get_mean_rate_bps (&meter, now_us + 10 * SECOND), ==, 5000);
}

static void
test_first_moments (void)
{
  PstMeter meter;

  pst_meter_start (&meter, SECOND);
  pst_meter_add (&meter, SECOND, 5000);
  g_assert_cmpuint (pst_meter_get_rate_bps (&meter, SECOND), ==, 50000);
  /* Ages, and no more than a number holds. */
  g_assert_cmpint (pst_meter_get_time_left_us (&meter, SECOND, G_MAXUINT64), ==,
                   G_MAXINT64 / 2 + 1);
}

static void
test_pause (void)
{
  PstMeter meter;

  pst_meter_start (&meter, SECOND);
  pst_meter_add (&meter, 2 * SECOND, 1000);
  pst_meter_pause (&meter, 2 * SECOND);
  pst_meter_pause (&meter, 50 * SECOND);
  g_assert_cmpuint (pst_meter_get_mean_rate_bps (&meter, 90 * SECOND), ==, 1000);
  g_assert_false (pst_meter_is_stalled (&meter, 90 * SECOND));
  pst_meter_resume (&meter, 102 * SECOND);
  pst_meter_resume (&meter, 103 * SECOND);
  g_assert_cmpuint (pst_meter_get_mean_rate_bps (&meter, 103 * SECOND), ==, 500);
  g_assert_false (pst_meter_is_stalled (&meter, 103 * SECOND));
}

static void
test_stall (void)
{
  PstMeter meter;

  pst_meter_start (&meter, SECOND);
  g_assert_false (pst_meter_is_stalled (&meter, 30 * SECOND));
  g_assert_true (pst_meter_is_stalled (&meter, 31 * SECOND));
  pst_meter_add (&meter, 31 * SECOND, 1);
  g_assert_false (pst_meter_is_stalled (&meter, 60 * SECOND));
}

/* Only what is under way and does not come is the link's fault. */
static void
test_stuck (void)
{
  PstMeter meter = { 0 };

  pst_meter_start (&meter, SECOND);
  pst_meter_note_arrival (&meter, 5 * SECOND);
  g_assert_false (pst_meter_is_stuck (&meter, 34 * SECOND, 1));
  g_assert_true (pst_meter_is_stuck (&meter, 35 * SECOND, 1));
  g_assert_false (pst_meter_is_stuck (&meter, 35 * SECOND, 0));

  /* Their disk stands still: what is sent comes, and is not written. */
  pst_meter_note_arrival (&meter, 60 * SECOND);
  g_assert_true (pst_meter_is_stalled (&meter, 61 * SECOND));
  g_assert_false (pst_meter_is_stuck (&meter, 61 * SECOND, 1000));

  /* It writes, though the news of what came is old. */
  pst_meter_add (&meter, 89 * SECOND, 1);
  g_assert_false (pst_meter_is_stuck (&meter, 100 * SECOND, 1000));

  /* Somebody paused; or the link was lost and is there again. */
  pst_meter_pause (&meter, 100 * SECOND);
  g_assert_false (pst_meter_is_stuck (&meter, 500 * SECOND, 1000));
  pst_meter_resume (&meter, 500 * SECOND);
  g_assert_false (pst_meter_is_stuck (&meter, 529 * SECOND, 1000));
  g_assert_true (pst_meter_is_stuck (&meter, 530 * SECOND, 1000));
}

static void
test_hold (void)
{
  PstMeter meter;

  pst_meter_start (&meter, SECOND);
  pst_meter_hold (&meter, SECOND, PST_HOLD_NETWORK);
  pst_meter_hold (&meter, 5 * SECOND, PST_HOLD_NONE);
  pst_meter_hold (&meter, 6 * SECOND, PST_HOLD_THEIR_DISK);
  g_assert_cmpint (pst_meter_take_hold (&meter, 8 * SECOND), ==, PST_HOLD_NETWORK);
  g_assert_cmpint (pst_meter_take_hold (&meter, 12 * SECOND), ==, PST_HOLD_THEIR_DISK);
}

static void
test_watch_growth (void)
{
  PstBufferWatch watch = { 0 };
  gint64 now_us = 100 * SECOND;

  g_assert_cmpint (pst_buffer_watch_get_growth_bps (&watch), ==, 0);
  for (guint i = 0; i <= 8; i++)
    pst_buffer_watch_add (&watch, now_us += SECOND / 2, i * 1000, 1000);
  g_assert_cmpint (pst_buffer_watch_get_growth_bps (&watch), ==, 2000);
  for (guint i = 8; i-- > 0;)
    pst_buffer_watch_add (&watch, now_us += SECOND / 2, i * 1000, 0);
  g_assert_cmpint (pst_buffer_watch_get_growth_bps (&watch), ==, -2000);

  /* After a long silence only what is there counts. */
  pst_buffer_watch_add (&watch, now_us += 100 * SECOND, 0, 0);
  g_assert_cmpint (pst_buffer_watch_get_growth_bps (&watch), ==, 0);
}

static void
test_watch_congestion (void)
{
  PstBufferWatch watch = { 0 };
  gint64 now_us = 100 * SECOND;
  guint64 full_bytes = PST_FLOW_HIGH_MARK_BYTES;

  pst_buffer_watch_add (&watch, now_us, full_bytes, full_bytes);
  g_assert_false (pst_buffer_watch_is_congested (&watch, PST_FLOW_LOW_MARK_BYTES));

  /* A full buffer alone is a fast disk, not a congested path. */
  for (guint i = 0; i < 10; i++)
    pst_buffer_watch_add (&watch, now_us += SECOND / 2, full_bytes, 1000000);
  g_assert_false (pst_buffer_watch_is_congested (&watch, PST_FLOW_LOW_MARK_BYTES));

  for (guint i = 0; i < 3; i++)
    pst_buffer_watch_add (&watch, now_us += SECOND / 2, full_bytes, 100000);
  g_assert_true (pst_buffer_watch_is_congested (&watch, PST_FLOW_LOW_MARK_BYTES));

  /* Nothing waits: nothing is congested. */
  pst_buffer_watch_add (&watch, now_us += SECOND / 2, 0, 0);
  g_assert_false (pst_buffer_watch_is_congested (&watch, PST_FLOW_LOW_MARK_BYTES));
}

static void
test_watch_drain (void)
{
  PstBufferWatch watch = { 0 };
  gint64 now_us = 100 * SECOND;

  /* The first three seconds say nothing. */
  for (guint i = 0; i < 6; i++, now_us += SECOND / 2)
    {
      pst_buffer_watch_add (&watch, now_us, 0, 1000000);
      g_assert_cmpuint (pst_buffer_watch_get_drain_bps (&watch), ==, 0);
    }
  pst_buffer_watch_add (&watch, now_us, 0, 3000000);
  g_assert_cmpuint (pst_buffer_watch_get_drain_bps (&watch), ==, 2000000);
  pst_buffer_watch_add (&watch, now_us += SECOND / 2, 0, 1000000);
  g_assert_cmpuint (pst_buffer_watch_get_drain_bps (&watch), ==, 6000000);
  pst_buffer_watch_add (&watch, now_us += 2 * SECOND, 0, 0);
  g_assert_cmpuint (pst_buffer_watch_get_drain_bps (&watch), ==, 0);
}

static void
test_peak_rate (void)
{
  PstMeter meter;
  gint64 now_us = 100 * SECOND;

  pst_meter_start (&meter, now_us);
  pst_meter_add (&meter, now_us, 5000000);
  g_assert_cmpuint (pst_meter_get_peak_rate_bps (&meter, now_us + 2 * SECOND), ==, 0);

  /* The best tenth of a second counts, for three seconds. */
  pst_meter_add (&meter, now_us += 3 * SECOND, 1000000);
  pst_meter_add (&meter, now_us += SECOND, 2000000);
  pst_meter_add (&meter, now_us + SECOND / 20, 1000000);
  pst_meter_add (&meter, now_us += SECOND, 500000);
  g_assert_cmpuint (pst_meter_get_peak_rate_bps (&meter, now_us), ==, 30000000);
  g_assert_cmpuint (pst_meter_get_peak_rate_bps (&meter, now_us + 5 * SECOND / 2), ==, 5000000);
  g_assert_cmpuint (pst_meter_get_peak_rate_bps (&meter, now_us + 9 * SECOND), ==, 0);
}

static void
test_path (void)
{
  PstPathWatch watch = { 0 };
  gint64 now_us = 100 * SECOND;

  /* The first look only begins. */
  pst_path_watch_add (&watch, now_us, 10000000, 5000000);
  g_assert_false (pst_path_watch_is_congested (&watch, -1, -1));

  pst_path_watch_add (&watch, now_us += SECOND, 20000000, 5200000);
  g_assert_false (pst_path_watch_is_congested (&watch, -1, -1));
  pst_path_watch_add (&watch, now_us += SECOND, 30000000, 5500000);
  g_assert_true (pst_path_watch_is_congested (&watch, -1, -1));
  pst_path_watch_add (&watch, now_us += SECOND / 10, 40000000, 5500000);
  g_assert_true (pst_path_watch_is_congested (&watch, -1, -1));
  pst_path_watch_add (&watch, now_us += SECOND / 2, 40000000, 5500000);
  g_assert_false (pst_path_watch_is_congested (&watch, -1, -1));

  /* A few bytes prove nothing. */
  pst_path_watch_add (&watch, now_us += SECOND, 40000100, 5500050);
  g_assert_false (pst_path_watch_is_congested (&watch, -1, -1));

  /* A queue: twice the way, and 20 ms of it. */
  g_assert_false (pst_path_watch_is_congested (&watch, 10000, 1000));
  g_assert_false (pst_path_watch_is_congested (&watch, 190000, 100000));
  g_assert_true (pst_path_watch_is_congested (&watch, 201000, 100000));
  g_assert_false (pst_path_watch_is_congested (&watch, 201000, -1));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/meter/rate", test_rate);
  g_test_add_func ("/meter/first-moments", test_first_moments);
  g_test_add_func ("/meter/pause", test_pause);
  g_test_add_func ("/meter/stall", test_stall);
  g_test_add_func ("/meter/stuck", test_stuck);
  g_test_add_func ("/meter/hold", test_hold);
  g_test_add_func ("/meter/watch-growth", test_watch_growth);
  g_test_add_func ("/meter/watch-congestion", test_watch_congestion);
  g_test_add_func ("/meter/peak-rate", test_peak_rate);
  g_test_add_func ("/meter/watch-drain", test_watch_drain);
  g_test_add_func ("/meter/path", test_path);
  return g_test_run ();
}
