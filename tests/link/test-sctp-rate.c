/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast to send: the model of the path, against paths that are simple. */
#include "pst-sctp-rate.h"

#define PACKET_BYTES 1200

static void
test_max_filter (void)
{
  PstMaxFilter filter = { 0 };

  g_assert_cmpuint (pst_max_filter_get (&filter), ==, 0);
  pst_max_filter_add (&filter, 50, 1000, 100);
  pst_max_filter_add (&filter, 30, 1030, 100);
  pst_max_filter_add (&filter, 20, 1060, 100);
  g_assert_cmpuint (pst_max_filter_get (&filter), ==, 50);
  /* The greatest is too old: the next one that is not. */
  pst_max_filter_add (&filter, 10, 1101, 100);
  g_assert_cmpuint (pst_max_filter_get (&filter), ==, 30);
  pst_max_filter_add (&filter, 70, 1102, 100);
  g_assert_cmpuint (pst_max_filter_get (&filter), ==, 70);
  /* Nothing for long: only what is new counts. */
  pst_max_filter_add (&filter, 1, 5000, 100);
  g_assert_cmpuint (pst_max_filter_get (&filter), ==, 1);
}

/* Against all values, kept: never more than the greatest of the time, never less
 * than the greatest of its last quarter. */
static void
test_max_filter_bounds (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  PstMaxFilter filter = { 0 };
  guint64 values[4000];

  for (gint64 now_us = 0; now_us < (gint64) G_N_ELEMENTS (values); now_us++)
    {
      guint64 greatest = 0;
      guint64 recent = 0;

      values[now_us] = (guint64) g_rand_int_range (random, 1, 1000);
      pst_max_filter_add (&filter, values[now_us], now_us, 100);
      for (gint64 i = MAX (now_us - 100, 0); i <= now_us; i++)
        greatest = MAX (greatest, values[i]);
      for (gint64 i = MAX (now_us - 25, 0); i <= now_us; i++)
        recent = MAX (recent, values[i]);
      g_assert_cmpuint (pst_max_filter_get (&filter), <=, greatest);
      g_assert_cmpuint (pst_max_filter_get (&filter), >=, recent);
    }
}

/* A path with a rate, a queue without end and a round trip; each packet is
 * acknowledged by itself. */
typedef struct
{
  PstRate rate;
  guint64 rate_bps;
  gint64 round_trip_us;
  guint lost_of_thousand;

  gint64 now_us;
  gint64 pace_us;
  gint64 free_us;
  guint64 in_flight_bytes;
  guint64 came_bytes;
  guint n_sent;
  GQueue under_way; /* of Sent */
} Model;

typedef struct
{
  PstRateMark mark;
  gint64 acked_us;
  gboolean lost;
} Sent;

static void
model_init (Model *model, guint64 rate_bps, gint64 round_trip_us)
{
  *model = (Model){ .rate_bps = rate_bps, .round_trip_us = round_trip_us, .now_us = 1000000 };
  g_queue_init (&model->under_way);
  pst_rate_init (&model->rate, PACKET_BYTES, 3);
}

static void
model_send (Model *model)
{
  Sent *sent = g_new0 (Sent, 1);

  pst_rate_sent (&model->rate, &sent->mark, model->in_flight_bytes, model->now_us);
  model->free_us = MAX (model->free_us, model->now_us)
                   + (gint64) (PACKET_BYTES * G_USEC_PER_SEC / model->rate_bps);
  sent->acked_us = model->free_us + model->round_trip_us;
  sent->lost = model->n_sent++ * 7919 % 1000 < model->lost_of_thousand;
  model->in_flight_bytes += PACKET_BYTES;
  model->pace_us = MAX (model->pace_us, model->now_us)
                   + (gint64) (PACKET_BYTES * G_USEC_PER_SEC / pst_rate_get_pace (&model->rate));
  g_queue_push_tail (&model->under_way, sent);
}

static void
model_acknowledge (Model *model)
{
  g_autofree Sent *sent = g_queue_pop_head (&model->under_way);

  model->in_flight_bytes -= PACKET_BYTES;
  if (sent->lost)
    {
      pst_rate_lost (&model->rate, PACKET_BYTES);
      return;
    }
  model->came_bytes += PACKET_BYTES;
  pst_rate_delivered (&model->rate, &sent->mark, PACKET_BYTES, model->now_us);
  pst_rate_acknowledged (&model->rate, model->now_us - sent->mark.sent_us, model->in_flight_bytes,
                         model->now_us);
}

static gboolean
model_may_send (const Model *model)
{
  return model->in_flight_bytes + PACKET_BYTES <= pst_rate_get_window (&model->rate);
}

/* @limit_bytes: how much the program sends at most in this time. */
static void
model_run (Model *model, gint64 for_us, guint64 limit_bytes)
{
  gint64 until_us = model->now_us + for_us;

  while (model->now_us < until_us)
    {
      const Sent *first = g_queue_peek_head (&model->under_way);
      gint64 next_us = first != NULL ? first->acked_us : until_us;

      if (limit_bytes >= PACKET_BYTES && model_may_send (model))
        next_us = MIN (next_us, MAX (model->pace_us, model->now_us));
      model->now_us = MIN (next_us, until_us);
      if (first != NULL && first->acked_us <= model->now_us)
        model_acknowledge (model);
      if (limit_bytes >= PACKET_BYTES && model_may_send (model) && model->pace_us <= model->now_us)
        {
          model_send (model);
          limit_bytes -= PACKET_BYTES;
          if (limit_bytes < PACKET_BYTES)
            pst_rate_app_limited (&model->rate, model->in_flight_bytes);
        }
      g_assert_cmpuint (pst_rate_get_pace (&model->rate), >, 0);
      g_assert_cmpuint (pst_rate_get_window (&model->rate), >=, PACKET_BYTES);
    }
}

static void
model_clear (Model *model)
{
  g_queue_clear_full (&model->under_way, g_free);
}

static guint64
measured_bps (const Model *model)
{
  return pst_max_filter_get (&model->rate.bandwidth);
}

static void
assert_near (guint64 value, guint64 expected, guint percent)
{
  g_assert_cmpuint (value, >=, expected * (100 - percent) / 100);
  g_assert_cmpuint (value, <=, expected * (100 + percent) / 100);
}

static void
test_paths (void)
{
  static const struct
  {
    guint64 rate_bps;
    gint64 round_trip_us;
  } paths[] = {
    { 8000, 300000 },     { 125000, 40000 },  { 1250000, 20000 },
    { 12500000, 100000 }, { 12500000, 1000 }, { 50000000, 5000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      Model model;
      gint64 serial_us = (gint64) (PACKET_BYTES * G_USEC_PER_SEC / paths[i].rate_bps);
      gint64 for_us = MAX (400 * (paths[i].round_trip_us + serial_us), 2 * G_USEC_PER_SEC);
      guint64 path_bytes;

      model_init (&model, paths[i].rate_bps, paths[i].round_trip_us);
      model_run (&model, for_us, G_MAXUINT64);
      path_bytes = paths[i].rate_bps * (guint64) (paths[i].round_trip_us + serial_us)
                   / G_USEC_PER_SEC;
      g_test_message ("%" G_GUINT64_FORMAT " B/s: measured %" G_GUINT64_FORMAT
                      ", came %" G_GUINT64_FORMAT ", window %" G_GUINT64_FORMAT
                      " of %" G_GUINT64_FORMAT,
                      paths[i].rate_bps, measured_bps (&model), model.came_bytes,
                      pst_rate_get_window (&model.rate), path_bytes);
      assert_near (measured_bps (&model), paths[i].rate_bps, 10);
      g_assert_cmpint (model.rate.min_round_trip_us, >=, paths[i].round_trip_us);
      g_assert_true (model.rate.is_full);
      g_assert_cmpuint (model.came_bytes, >=,
                        paths[i].rate_bps * (guint64) for_us / G_USEC_PER_SEC * 80 / 100);
      /* Enough to fill the path, and no queue without end. */
      g_assert_cmpuint (pst_rate_get_window (&model.rate), >=, path_bytes * 9 / 10);
      g_assert_cmpuint (model.in_flight_bytes, <=,
                        MAX (3 * path_bytes, paths[i].rate_bps / 200 + 8 * PACKET_BYTES));
      model_clear (&model);
    }
}

/* A packet takes seconds, and several of them queue: one a second leaves even so. */
static void
test_slowest (void)
{
  Model model;
  guint n_queued = 0;

  model_init (&model, 1000, 100000);
  for (guint i = 0; i < 2000; i++)
    {
      model_run (&model, G_USEC_PER_SEC, G_MAXUINT64);
      g_assert_cmpuint (pst_rate_get_pace (&model.rate), >=, PACKET_BYTES);
      /* A longer way of a sudden looks like a queue. */
      if (model.rate.mode == PST_RATE_CRUISE && i % 50 == 0)
        model.round_trip_us = i % 100 == 0 ? 5 * G_USEC_PER_SEC : 100000;
      n_queued += model.rate.mode == PST_RATE_CRUISE
                  && model.rate.round_trip_us > 2 * model.rate.min_round_trip_us;
    }
  g_assert_cmpuint (n_queued, >, 0);
  g_assert_cmpuint (model.came_bytes, >=, 2000 * 1000 * 80 / 100);
  model_clear (&model);
}

static void
test_slower_and_faster (void)
{
  Model model;

  model_init (&model, 10000000, 20000);
  model_run (&model, 2 * G_USEC_PER_SEC, G_MAXUINT64);
  assert_near (measured_bps (&model), 10000000, 10);
  model.rate_bps = 2000000;
  model_run (&model, 4 * G_USEC_PER_SEC, G_MAXUINT64);
  assert_near (measured_bps (&model), 2000000, 10);
  model.rate_bps = 10000000;
  model_run (&model, 10 * G_USEC_PER_SEC, G_MAXUINT64);
  assert_near (measured_bps (&model), 10000000, 10);
  model_clear (&model);
}

/* A program that has little to send says nothing about the path. */
static void
test_app_limited (void)
{
  Model model;

  model_init (&model, 5000000, 20000);
  model_run (&model, 2 * G_USEC_PER_SEC, G_MAXUINT64);
  for (guint i = 0; i < 100; i++)
    model_run (&model, 100000, 5 * PACKET_BYTES);
  g_assert_cmpuint (measured_bps (&model), >=, 4500000);
  model_clear (&model);
}

/* Chance is not congestion; much loss is. */
static void
test_loss (void)
{
  Model model;

  model_init (&model, 5000000, 20000);
  model.lost_of_thousand = 10;
  model_run (&model, 3 * G_USEC_PER_SEC, G_MAXUINT64);
  g_assert_cmpuint (model.came_bytes, >=, 15000000 * 85 / 100);
  g_assert_cmpuint (model.rate.lost_bytes, >, 0);
  g_assert_cmpuint (model.rate.ceiling_bytes, ==, G_MAXUINT64);

  model.lost_of_thousand = 80;
  model_run (&model, G_USEC_PER_SEC, G_MAXUINT64);
  g_assert_cmpuint (model.rate.ceiling_bytes, <, G_MAXUINT64);
  /* Never below what the path holds. */
  g_assert_cmpuint (pst_rate_get_window (&model.rate), >=, 5000000 / 50 * 8 / 10);
  model_clear (&model);
}

static void
run_until_mode (Model *model, PstRateMode mode)
{
  for (guint i = 0; i < 1000 && model->rate.mode != mode; i++)
    model_run (model, 10000, G_MAXUINT64);
  g_assert_cmpint (model->rate.mode, ==, mode);
}

static guint64
count_cruise_rounds (Model *model)
{
  guint64 begin;

  run_until_mode (model, PST_RATE_CRUISE);
  begin = model->rate.n_rounds;
  model->lost_of_thousand = 0;
  run_until_mode (model, PST_RATE_UP);
  return model->rate.n_rounds - begin;
}

/* What startup loses by asking for far too much does not keep it from asking again; what
 * is lost later does, for a while. */
static void
test_asks_again (void)
{
  Model model;

  model_init (&model, 20000000, 100000);
  model.lost_of_thousand = 200;
  g_assert_cmpuint (count_cruise_rounds (&model), <=, 9);

  model.lost_of_thousand = 200;
  run_until_mode (&model, PST_RATE_DOWN);
  g_assert_cmpuint (model.rate.ceiling_bytes, <, G_MAXUINT64);
  g_assert_cmpuint (count_cruise_rounds (&model), >=, 12);
  model_clear (&model);
}

static void
test_collapse (void)
{
  Model model;
  guint64 before_bytes;

  model_init (&model, 5000000, 20000);
  model_run (&model, 2 * G_USEC_PER_SEC, G_MAXUINT64);
  pst_rate_collapsed (&model.rate);
  g_assert_cmpuint (pst_rate_get_window (&model.rate), <=, 4 * PACKET_BYTES);
  model_run (&model, G_USEC_PER_SEC, G_MAXUINT64);
  before_bytes = model.came_bytes;
  model_run (&model, G_USEC_PER_SEC, G_MAXUINT64);
  g_assert_cmpuint (model.came_bytes - before_bytes, >=, 4500000);
  model_clear (&model);
}

/* A burst is short where the path is fast, and never long enough for a queue to feel. */
static void
test_quantum (void)
{
  static const struct
  {
    guint64 rate_bps;
    gint64 least_us;
    gint64 most_us;
  } paths[] = { { 100000000, 1000, 1000 }, { 12500000, 1800, 2300 }, { 1000000, 2500, 2500 } };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      Model model;

      model_init (&model, paths[i].rate_bps, 20000);
      g_assert_cmpint (pst_rate_get_quantum_us (&model.rate), ==, 1000);
      model_run (&model, 2 * G_USEC_PER_SEC, G_MAXUINT64);
      g_assert_cmpint (pst_rate_get_quantum_us (&model.rate), >=, paths[i].least_us);
      g_assert_cmpint (pst_rate_get_quantum_us (&model.rate), <=, paths[i].most_us);
      model_clear (&model);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sctp-rate/max-filter", test_max_filter);
  g_test_add_func ("/sctp-rate/max-filter-bounds", test_max_filter_bounds);
  g_test_add_func ("/sctp-rate/paths", test_paths);
  g_test_add_func ("/sctp-rate/slowest", test_slowest);
  g_test_add_func ("/sctp-rate/slower-and-faster", test_slower_and_faster);
  g_test_add_func ("/sctp-rate/app-limited", test_app_limited);
  g_test_add_func ("/sctp-rate/loss", test_loss);
  g_test_add_func ("/sctp-rate/asks-again", test_asks_again);
  g_test_add_func ("/sctp-rate/collapse", test_collapse);
  g_test_add_func ("/sctp-rate/quantum", test_quantum);
  return g_test_run ();
}
