/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-sctp-rate.h"

/* Gains are in percent. Startup: 4·ln 2, the least that doubles in a round
 * (draft-ietf-ccwg-bbr, section 2.4); the others as there. */
#define STARTUP_PACE_PERCENT 277
#define DRAIN_PACE_PERCENT   50
#define UP_PACE_PERCENT      125
#define DOWN_PACE_PERCENT    75
#define WINDOW_PERCENT       200
/* Just what the path carries; less while a queue stands in it, until it is gone. */
#define CRUISE_PACE_PERCENT 100
#define QUEUED_PACE_PERCENT 95
#define QUEUE_LEAST_US      (5 * 1000)
#define DOWN_MOST_ROUNDS    5

/* RFC 6928: ten packets to begin with. */
#define FIRST_WINDOW_PACKETS 10
#define LEAST_WINDOW_PACKETS 4

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

/* The memory of the best rate: long enough to outlast a cycle, short enough to
 * follow a path that becomes slower. */
#define BANDWIDTH_ROUNDS   10
#define BANDWIDTH_LEAST_US (500 * 1000)

/* The round trip is looked for anew when it was not seen so long, for so long. */
#define MIN_ROUND_TRIP_US        (10 * G_USEC_PER_SEC)
#define PROBE_ROUND_TRIP_US      (200 * 1000)
#define PROBE_ROUND_TRIP_PERCENT 50

/* Or when so many rounds saw nothing near it: the path has become longer, so that
 * what it held is too little; or slower, so that it is too much. Near by, processors
 * that are busy are no path. */
#define LONG_ROUNDS        3
#define LONG_ROUND_FACTOR  3
#define LONG_ROUND_MORE_US (20 * 1000)

/* Threads of both machines take turns on their processors: near by, the round
 * trip of an idle path says too little about how much must be under way. But what
 * is under way beyond what the path holds lies in the receiver's socket, which takes
 * 212,992 bytes on a stock system, counted with what each packet costs beside its
 * bytes: some 90 of the usual ones. */
#define LEAST_BUSY_US      1500
#define MOST_SURPLUS_BYTES (80 * 1024)

/* Packets leave in bursts of so much time: fewer wake-ups, long enough for one
 * call to the kernel to take many, too short to overrun a socket's buffer. Where the
 * path is slow, of so many bytes, within a time that no queue feels. */
#define QUANTUM_LEAST_US 1000
#define QUANTUM_MOST_US  2500
#define QUANTUM_BYTES    (24 * 1024)

#define SRTT_UNKNOWN_US (100 * 1000)

static guint64
percent_of (guint64 value, guint percent)
{
  return value * percent / 100;
}

/* What the path holds when nothing queues. A rate is measured over a round trip at
 * least, so with the first one the round trip is known. */
static guint64
get_path_bytes (const PstRate *self)
{
  guint64 rate_bps = pst_max_filter_get (&self->bandwidth);

  if (rate_bps == 0)
    return (guint64) FIRST_WINDOW_PACKETS * self->packet_bytes;
  return rate_bps * (guint64) self->min_round_trip_us / G_USEC_PER_SEC;
}

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
static void
start_up_again (PstRate *self, guint full_rounds)
{
  self->is_full = FALSE;
  self->up_bandwidth_bps = 0;
  self->ceiling_bytes = G_MAXUINT64;
  self->full_bandwidth_bps = pst_max_filter_get (&self->bandwidth);
  self->full_rounds = full_rounds;
  enter (self, PST_RATE_STARTUP);
}

/**
 * pst_rate_init:
 * @self: uninitialised
 * @packet_bytes: how large packets are now
 * @seed: any number; two senders should have different ones
 */
void
pst_rate_init (PstRate *self, guint packet_bytes, guint64 seed)
{
  *self = (PstRate){
    .packet_bytes = packet_bytes,
    .window_bytes = (guint64) FIRST_WINDOW_PACKETS * packet_bytes,
    .ceiling_bytes = G_MAXUINT64,
    .min_round_trip_us = G_MAXINT64,
    .random = seed,
  };
}

/**
 * pst_rate_set_packet_bytes:
 * @self: a rate
 * @packet_bytes: how large packets are from now on
 */
void
pst_rate_set_packet_bytes (PstRate *self, guint packet_bytes)
{
  self->packet_bytes = packet_bytes;
  self->window_bytes = MAX (self->window_bytes, (guint64) LEAST_WINDOW_PACKETS * packet_bytes);
}

/**
 * pst_rate_sent:
 * @self: a rate
 * @mark: (out): what the packet must remember
 * @in_flight_bytes: what was under way before it
 * @now_us: when it leaves
 */
void
pst_rate_sent (PstRate *self, PstRateMark *mark, guint64 in_flight_bytes, gint64 now_us)
{
  if (in_flight_bytes == 0)
    self->first_sent_us = self->delivered_us = now_us;

  mark->sent_us = now_us;
  mark->first_sent_us = self->first_sent_us;
  mark->delivered_us = self->delivered_us;
  mark->delivered_bytes = self->delivered_bytes;
  mark->app_limited = self->app_limited_until_bytes != 0;
}

/**
 * pst_rate_delivered:
 * @self: a rate
 * @mark: what the packet that brought the bytes remembers
 * @n_bytes: bytes that were acknowledged for the first time
 * @now_us: the time of the acknowledgement
 *
 * Of all packets that one acknowledgement names, the last sent tells most.
 */
void
pst_rate_delivered (PstRate *self, const PstRateMark *mark, guint64 n_bytes, gint64 now_us)
{
  if (!self->has_sample)
    self->sample_start_bytes = self->delivered_bytes;
  self->delivered_bytes += n_bytes;
  self->delivered_us = now_us;
  if (!self->has_sample || mark->sent_us >= self->sample.sent_us)
    self->sample = *mark;
  self->has_sample = TRUE;
}

/**
 * pst_rate_lost:
 * @self: a rate
 * @n_bytes: bytes that are taken for lost
 */
void
pst_rate_lost (PstRate *self, guint64 n_bytes)
{
  self->round_lost_bytes += n_bytes;
  self->lost_bytes += n_bytes;
}

static void
update_round_trip (PstRate *self, gint64 round_trip_us, gint64 now_us)
{
  gint64 difference_us;

  if (round_trip_us < 0)
    return;

  round_trip_us = MAX (round_trip_us, 1);
  if (self->round_least_us == 0 || round_trip_us < self->round_least_us)
    self->round_least_us = round_trip_us;
  if (self->round_trip_us == 0)
    {
      self->round_trip_us = round_trip_us;
      self->variation_us = round_trip_us / 2;
    }
  difference_us = round_trip_us - self->round_trip_us;
  self->round_trip_us = MAX (self->round_trip_us + difference_us / 8, 1);
  self->variation_us += (ABS (difference_us) - self->variation_us) / 4;
  if (round_trip_us <= self->min_round_trip_us)
    {
      self->min_round_trip_us = round_trip_us;
      self->min_seen_us = now_us;
    }
}

static void
update_bandwidth (PstRate *self, gint64 now_us)
{
  gint64 sending_us = self->sample.sent_us - self->sample.first_sent_us;
  gint64 acknowledging_us = now_us - self->sample.delivered_us;
  gint64 interval_us = MAX (sending_us, acknowledging_us);
  guint64 n_bytes = self->delivered_bytes - self->sample.delivered_bytes;
  guint64 rate_bps;

  self->first_sent_us = self->sample.sent_us;
  /* Faster than the path can answer: acknowledgements that were held up. */
  if (interval_us <= 0 || interval_us < self->min_round_trip_us)
    return;

  rate_bps = n_bytes * G_USEC_PER_SEC / (guint64) interval_us;
  if (!self->sample.app_limited || rate_bps >= pst_max_filter_get (&self->bandwidth))
    pst_max_filter_add (&self->bandwidth, rate_bps, now_us,
                        MAX (BANDWIDTH_ROUNDS * self->round_trip_us, BANDWIDTH_LEAST_US));
}

/* Acknowledgements come in bunches (batches of packets, Wi-Fi): as much more must
 * be under way as a bunch brings beyond the rate. */
static void
update_surplus (PstRate *self, guint64 n_bytes, gint64 now_us)
{
  guint64 rate_bps = pst_max_filter_get (&self->bandwidth);
  guint64 expected_bytes = rate_bps * (guint64) (now_us - self->surplus_start_us) / G_USEC_PER_SEC;

  if (self->surplus_bytes <= expected_bytes)
    {
      self->surplus_start_us = now_us;
      self->surplus_bytes = expected_bytes = 0;
    }
  self->surplus_bytes += n_bytes;
  pst_max_filter_add (&self->surplus,
                      MIN (self->surplus_bytes - expected_bytes, self->window_bytes), now_us,
                      MAX (BANDWIDTH_ROUNDS * self->round_trip_us, BANDWIDTH_LEAST_US));
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
  guint64 least_bytes = MAX (get_path_bytes (self),
                             (guint64) LEAST_WINDOW_PACKETS * self->packet_bytes);

  self->ceiling_bytes = MAX (least_bytes, percent_of (MIN (self->ceiling_bytes, self->window_bytes),
                                                      CEILING_KEEP_PERCENT));
}

/* Asking for more must be possible; when it cost nothing, the ceiling is gone. */
static void
enter_up (PstRate *self)
{
  self->up_bandwidth_bps = pst_max_filter_get (&self->bandwidth);
  self->ceiling_bytes = MAX (self->ceiling_bytes,
                             percent_of (get_path_bytes (self), UP_PACE_PERCENT)
                                 + (guint64) LEAST_WINDOW_PACKETS * self->packet_bytes);
  enter (self, PST_RATE_UP);
}

static void
check_full (PstRate *self)
{
  guint64 rate_bps = pst_max_filter_get (&self->bandwidth);

  if (self->is_full || self->sample.app_limited)
    return;

  if (rate_bps >= percent_of (self->full_bandwidth_bps, FULL_GROWTH_PERCENT))
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

static void
on_round_end (PstRate *self)
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
      && rate_bps >= percent_of (self->up_bandwidth_bps, UP_FOUND_PERCENT))
    start_up_again (self, FULL_ROUNDS - 1);
  else if (rounds >= self->cruise_rounds)
    enter_up (self);
  else if (rounds >= UP_FOUND_ROUNDS)
    self->up_bandwidth_bps = 0;
}

static void
update_mode (PstRate *self, guint64 in_flight_bytes, gint64 now_us)
{
  guint64 path_bytes = get_path_bytes (self);
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
          && (in_flight_bytes >= percent_of (path_bytes, UP_PACE_PERCENT) || rounds > 2))
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
  update_round_trip (self, self->round_trip_us, now_us);
  self->probe_round_trip_until_us = now_us + PROBE_ROUND_TRIP_US;
  enter (self, PST_RATE_PROBE_RTT);
}

static guint64
get_target (const PstRate *self)
{
  guint64 rate_bps = pst_max_filter_get (&self->bandwidth);
  guint64 target_bytes = percent_of (get_path_bytes (self), WINDOW_PERCENT);

  target_bytes += MIN (pst_max_filter_get (&self->surplus), MOST_SURPLUS_BYTES);
  target_bytes = MAX (target_bytes,
                      MIN (rate_bps * LEAST_BUSY_US / G_USEC_PER_SEC, MOST_SURPLUS_BYTES));
  return MAX (target_bytes, (guint64) LEAST_WINDOW_PACKETS * self->packet_bytes);
}

static void
update_window (PstRate *self, guint64 n_bytes)
{
  guint64 target_bytes = get_target (self);

  if (self->is_full)
    self->window_bytes = MIN (self->window_bytes + n_bytes, target_bytes);
  else if (self->window_bytes < target_bytes
           || self->delivered_bytes < (guint64) FIRST_WINDOW_PACKETS * self->packet_bytes)
    self->window_bytes += n_bytes;
}

/**
 * pst_rate_acknowledged:
 * @self: a rate that was told of all that one acknowledgement said
 * @round_trip_us: of the packet it names that left last; -1 when unknown
 * @in_flight_bytes: what is still under way
 * @now_us: when it came
 *
 * Brings the model up to date.
 */
void
pst_rate_acknowledged (PstRate *self, gint64 round_trip_us, guint64 in_flight_bytes, gint64 now_us)
{
  guint64 n_bytes;

  update_round_trip (self, round_trip_us, now_us);
  if (!self->has_sample)
    return;

  self->has_sample = FALSE;
  n_bytes = self->delivered_bytes - self->sample_start_bytes;
  if (self->delivered_bytes > self->app_limited_until_bytes)
    self->app_limited_until_bytes = 0;

  update_bandwidth (self, now_us);
  update_surplus (self, n_bytes, now_us);
  if (self->sample.delivered_bytes >= self->round_end_bytes)
    on_round_end (self);
  check_min_round_trip (self, now_us);
  update_mode (self, in_flight_bytes, now_us);
  update_window (self, n_bytes);
}

/**
 * pst_rate_app_limited:
 * @self: a rate
 * @in_flight_bytes: what is under way
 *
 * There was nothing to send though there was room: what is measured from now
 * on says nothing about the path, until all that is under way has come.
 */
void
pst_rate_app_limited (PstRate *self, guint64 in_flight_bytes)
{
  self->app_limited_until_bytes = MAX (self->delivered_bytes + in_flight_bytes, 1);
}

/**
 * pst_rate_collapsed:
 * @self: a rate
 *
 * Nothing came back for so long that the path may be gone: begin anew, gently.
 */
void
pst_rate_collapsed (PstRate *self)
{
  self->window_bytes = (guint64) LEAST_WINDOW_PACKETS * self->packet_bytes;
  self->bandwidth = (PstMaxFilter){ 0 };
  start_up_again (self, 0);
}

/**
 * pst_rate_excuse_losses:
 * @self: a rate
 *
 * What was lost of late had another cause than the rate (the size of packets).
 */
void
pst_rate_excuse_losses (PstRate *self)
{
  self->round_lost_bytes = 0;
  start_up_again (self, 0);
}

/**
 * pst_rate_get_window:
 * @self: a rate
 *
 * Returns: how many bytes may be under way
 */
guint64
pst_rate_get_window (const PstRate *self)
{
  guint64 window_bytes = MIN (self->window_bytes, self->ceiling_bytes);

  if (self->mode == PST_RATE_PROBE_RTT && self->probes_empty)
    window_bytes = 0;
  else if (self->mode == PST_RATE_PROBE_RTT)
    window_bytes = MIN (window_bytes, percent_of (get_path_bytes (self), PROBE_ROUND_TRIP_PERCENT));
  return MAX (window_bytes, (guint64) LEAST_WINDOW_PACKETS * self->packet_bytes);
}

static gboolean
has_queue (const PstRate *self)
{
  gint64 queue_us = self->round_trip_us - self->min_round_trip_us;

  return queue_us > QUEUE_LEAST_US && queue_us > self->min_round_trip_us / 4;
}

/**
 * pst_rate_get_pace:
 * @self: a rate
 *
 * Returns: at how many bytes a second packets should leave; never 0
 */
guint64
pst_rate_get_pace (const PstRate *self)
{
  static const guint percent[] = {
    [PST_RATE_STARTUP] = STARTUP_PACE_PERCENT, [PST_RATE_DRAIN] = DRAIN_PACE_PERCENT,
    [PST_RATE_UP] = UP_PACE_PERCENT,           [PST_RATE_DOWN] = DOWN_PACE_PERCENT,
    [PST_RATE_CRUISE] = CRUISE_PACE_PERCENT,   [PST_RATE_PROBE_RTT] = CRUISE_PACE_PERCENT,
  };
  guint64 rate_bps = pst_max_filter_get (&self->bandwidth);
  gint64 round_trip_us = self->round_trip_us > 0 ? self->round_trip_us : SRTT_UNKNOWN_US;

  if (self->mode == PST_RATE_CRUISE && has_queue (self))
    return MAX (percent_of (rate_bps, QUEUED_PACE_PERCENT), self->packet_bytes);

  /* Before the first measurement, and as long as startup goes faster than it. */
  if (!self->is_full)
    rate_bps = MAX (rate_bps, (guint64) FIRST_WINDOW_PACKETS * self->packet_bytes * G_USEC_PER_SEC
                                  / (guint64) round_trip_us);
  return MAX (percent_of (rate_bps, percent[self->mode]), self->packet_bytes);
}

/**
 * pst_rate_get_quantum_us:
 * @self: a rate
 *
 * Returns: how far packets may leave ahead of their pace, so that they leave
 *   together
 */
gint64
pst_rate_get_quantum_us (const PstRate *self)
{
  guint64 rate_bps = pst_max_filter_get (&self->bandwidth);

  if (rate_bps == 0)
    return QUANTUM_LEAST_US;
  return CLAMP ((gint64) ((guint64) QUANTUM_BYTES * G_USEC_PER_SEC / rate_bps), QUANTUM_LEAST_US,
                QUANTUM_MOST_US);
}
