/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is asked of the path, in turn: all of it, less, more, or nothing for a while. */
#include "pst-sctp-rate-private.h"

/* Startup ends when this many rounds in a row brought less than a quarter more. */
#define FULL_ROUNDS         3
#define FULL_GROWTH_PERCENT 125

/* Of the quarter more that is asked for, so much must come to begin anew. */
#define UP_FOUND_PERCENT 118
#define UP_FOUND_ROUNDS  2

/* What a path may lose in a round, in thousandths, before it counts as asked for too
 * much. Without a queue, loss is chance (a radio link loses all the time), unless it
 * is a great deal; with one, it is ours at once: near by, the queue that overflows is
 * the receiver's socket. Between the two, BBR's figure. */
#define LOSS_NO_QUEUE        80
#define LOSS_SOME_QUEUE      20
#define LOSS_LONG_QUEUE      2
#define SOME_QUEUE_PERCENT   125
#define LONG_QUEUE_PERCENT   200
#define LOSS_LEAST_PACKETS   4
#define CEILING_KEEP_PERCENT 70

/* Between asking for more and asking again. Rounds near by are so short that
 * chance decides; hence the time, too. */
#define CRUISE_LEAST_ROUNDS 4
#define CRUISE_MOST_ROUNDS  8
/* After losses, so many times as long: others share the path. Those of startup, which asks
 * for nearly three times as much, say nothing of others; the last of them are found out
 * so many rounds later. */
#define CRUISE_AFTER_LOSS   3
#define STARTUP_LOSS_ROUNDS 2

/* The round trip is looked for anew when it was not seen so long, for so long. */
#define MIN_ROUND_TRIP_US   (10 * G_USEC_PER_SEC)
#define PROBE_ROUND_TRIP_US (200 * 1000)

/* Or when so many rounds saw nothing near it: the path has become longer, so that
 * what it held is too little; or slower, so that it is too much. Near by, processors
 * that are busy are no path. */
#define LONG_ROUNDS        3
#define LONG_ROUND_FACTOR  3
#define LONG_ROUND_MORE_US (20 * 1000)

/* How long it takes back what was too much, at most. */
#define DOWN_MOST_ROUNDS 5

static void
enter (PstRate *self, PstRateMode mode)
{
  self->mode = mode;
  self->mode_round = self->n_rounds;
}

static void
enter_cruise (PstRate *self)
{
  /* Two of ours on one path must not ask for more at the same time for ever. */
  self->random = self->random * 6364136223846793005u + 1442695040888963407u;
  self->cruise_rounds = CRUISE_LEAST_ROUNDS
                        + (guint) (self->random >> 33)
                              % (CRUISE_MOST_ROUNDS - CRUISE_LEAST_ROUNDS + 1);
  if (self->ceiling_bytes != G_MAXUINT64 && self->is_shared)
    self->cruise_rounds *= CRUISE_AFTER_LOSS;
  enter (self, PST_RATE_CRUISE);
}

/* As at the beginning, but for what is known; ends after so many rounds more that
 * bring little. */
void
pst_rate_start_up_again (PstRate *self, guint full_rounds)
{
  self->is_full = FALSE;
  self->up_bandwidth_bps = 0;
  self->ceiling_bytes = G_MAXUINT64;
  self->full_bandwidth_bps = pst_max_filter_get (&self->bandwidth);
  self->full_rounds = full_rounds;
  enter (self, PST_RATE_STARTUP);
}

static guint
get_loss_limit (const PstRate *self)
{
  guint64 percent = (guint64) self->round_trip_us * 100 / (guint64) self->min_round_trip_us;

  if (percent < SOME_QUEUE_PERCENT)
    return LOSS_NO_QUEUE;
  return percent < LONG_QUEUE_PERCENT ? LOSS_SOME_QUEUE : LOSS_LONG_QUEUE;
}

static gboolean
has_lost_much (const PstRate *self)
{
  guint64 n_bytes = self->delivered_bytes - self->round_start_bytes + self->round_lost_bytes;

  return self->round_lost_bytes >= (guint64) LOSS_LEAST_PACKETS * self->packet_bytes
         && self->round_lost_bytes * 1000 > n_bytes * get_loss_limit (self);
}

/* Never below what the path holds: what is lost then is not our queue. */
static void
lower_ceiling (PstRate *self)
{
  guint64 least_bytes = MAX (pst_rate_get_path_bytes (self),
                             (guint64) LEAST_WINDOW_PACKETS * self->packet_bytes);

  self->ceiling_bytes = MAX (
      least_bytes,
      pst_rate_percent_of (MIN (self->ceiling_bytes, self->window_bytes), CEILING_KEEP_PERCENT));
}

/* Asking for more must be possible; when it cost nothing, the ceiling is gone. */
static void
enter_up (PstRate *self)
{
  self->up_bandwidth_bps = pst_max_filter_get (&self->bandwidth);
  self->ceiling_bytes = MAX (self->ceiling_bytes,
                             pst_rate_percent_of (pst_rate_get_path_bytes (self), UP_PACE_PERCENT)
                                 + (guint64) LEAST_WINDOW_PACKETS * self->packet_bytes);
  enter (self, PST_RATE_UP);
}

static void
check_full (PstRate *self)
{
  guint64 rate_bps = pst_max_filter_get (&self->bandwidth);

  if (self->is_full || self->sample.app_limited)
    return;

  if (rate_bps >= pst_rate_percent_of (self->full_bandwidth_bps, FULL_GROWTH_PERCENT))
    {
      self->full_bandwidth_bps = rate_bps;
      self->full_rounds = 0;
    }
  else
    self->full_rounds++;
  self->is_full = self->full_rounds >= FULL_ROUNDS;
}

static void
check_round_trip (PstRate *self)
{
  gboolean is_long = self->min_round_trip_us != G_MAXINT64 && self->mode != PST_RATE_PROBE_RTT
                     && self->round_least_us > LONG_ROUND_FACTOR * self->min_round_trip_us
                     && self->round_least_us > self->min_round_trip_us + LONG_ROUND_MORE_US;

  self->long_rounds = is_long ? self->long_rounds + 1 : 0;
  self->round_least_us = 0;
}

/* What was sent after the last one began is acknowledged. */
void
pst_rate_end_round (PstRate *self)
{
  self->n_rounds++;
  check_round_trip (self);
  if (!self->is_full)
    self->startup_round = self->n_rounds;
  check_full (self);
  if (has_lost_much (self))
    {
      lower_ceiling (self);
      self->is_shared = self->n_rounds - self->startup_round > STARTUP_LOSS_ROUNDS;
      self->is_full = TRUE;
      if (self->mode == PST_RATE_UP)
        enter (self, PST_RATE_DOWN);
    }
  self->round_lost_bytes = 0;
  self->round_start_bytes = self->delivered_bytes;
  self->round_end_bytes = self->delivered_bytes;
}

/* More was asked for, and what came of it is known a round later. When it was nearly
 * all, the path has become faster, and asking for a quarter more each time would take
 * long to find out how much. */
static void
cruise (PstRate *self, guint64 rounds)
{
  guint64 rate_bps = pst_max_filter_get (&self->bandwidth);

  if (self->up_bandwidth_bps > 0
      && rate_bps >= pst_rate_percent_of (self->up_bandwidth_bps, UP_FOUND_PERCENT))
    pst_rate_start_up_again (self, FULL_ROUNDS - 1);
  else if (rounds >= self->cruise_rounds)
    enter_up (self);
  else if (rounds >= UP_FOUND_ROUNDS)
    self->up_bandwidth_bps = 0;
}

static void
update_mode (PstRate *self, guint64 in_flight_bytes, gint64 now_us)
{
  guint64 path_bytes = pst_rate_get_path_bytes (self);
  guint64 rounds = self->n_rounds - self->mode_round;

  switch (self->mode)
    {
    case PST_RATE_STARTUP:
      if (self->is_full)
        enter (self, PST_RATE_DRAIN);
      break;
    case PST_RATE_DRAIN:
      if (in_flight_bytes <= path_bytes || rounds > FULL_ROUNDS)
        enter_cruise (self);
      break;
    case PST_RATE_UP:
      if (rounds >= 1
          && (in_flight_bytes >= pst_rate_percent_of (path_bytes, UP_PACE_PERCENT) || rounds > 2))
        {
          self->ceiling_bytes = G_MAXUINT64;
          enter (self, PST_RATE_DOWN);
        }
      break;
    case PST_RATE_DOWN:
      if (in_flight_bytes <= path_bytes || rounds >= DOWN_MOST_ROUNDS)
        enter_cruise (self);
      break;
    case PST_RATE_CRUISE:
      cruise (self, rounds);
      break;
    case PST_RATE_PROBE_RTT:
      if (now_us >= self->probe_round_trip_until_us && rounds >= 1)
        {
          self->min_seen_us = now_us;
          if (self->is_full)
            enter_cruise (self);
          else
            enter (self, PST_RATE_STARTUP);
        }
      break;
    }
}

static void
check_min_round_trip (PstRate *self, gint64 now_us)
{
  if (self->mode == PST_RATE_PROBE_RTT || self->min_round_trip_us == G_MAXINT64
      || (now_us - self->min_seen_us < MIN_ROUND_TRIP_US && self->long_rounds < LONG_ROUNDS))
    return;

  /* The path may have become longer: the next samples say how long. */
  self->probes_empty = self->long_rounds >= LONG_ROUNDS;
  self->long_rounds = 0;
  self->min_round_trip_us = G_MAXINT64;
  pst_rate_take_round_trip (self, self->round_trip_us, now_us);
  self->probe_round_trip_until_us = now_us + PROBE_ROUND_TRIP_US;
  enter (self, PST_RATE_PROBE_RTT);
}

/* Brings the mode up to date, once an acknowledgement is taken in. */
void
pst_rate_follow_mode (PstRate *self, guint64 in_flight_bytes, gint64 now_us)
{
  check_min_round_trip (self, now_us);
  update_mode (self, in_flight_bytes, now_us);
}
