/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-sctp-rate-private.h"

/* Gains are in percent. Startup: 4·ln 2, the least that doubles in a round
 * (draft-ietf-ccwg-bbr, section 2.4); the others as there. */
#define STARTUP_PACE_PERCENT 277
#define DRAIN_PACE_PERCENT   50
#define DOWN_PACE_PERCENT    75
#define WINDOW_PERCENT       200
/* Just what the path carries; less while a queue stands in it, until it is gone. */
#define CRUISE_PACE_PERCENT 100
#define QUEUED_PACE_PERCENT 95
#define QUEUE_LEAST_US      (5 * 1000)

/* The memory of the best rate: long enough to outlast a cycle, short enough to
 * follow a path that becomes slower. */
#define BANDWIDTH_ROUNDS   10
#define BANDWIDTH_LEAST_US (500 * 1000)

/* While the round trip is looked for anew. */
#define PROBE_ROUND_TRIP_PERCENT 50

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

/* What the path holds when nothing queues. A rate is measured over a round trip at
 * least, so with the first one the round trip is known. */
guint64
pst_rate_get_path_bytes (const PstRate *self)
{
  guint64 rate_bps = pst_max_filter_get (&self->bandwidth);

  if (rate_bps == 0)
    return (guint64) FIRST_WINDOW_PACKETS * self->packet_bytes;
  return rate_bps * (guint64) self->min_round_trip_us / G_USEC_PER_SEC;
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

/* A sample; -1: there is none. */
void
pst_rate_take_round_trip (PstRate *self, gint64 round_trip_us, gint64 now_us)
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

static guint64
get_target (const PstRate *self)
{
  guint64 rate_bps = pst_max_filter_get (&self->bandwidth);
  guint64 target_bytes = pst_rate_percent_of (pst_rate_get_path_bytes (self), WINDOW_PERCENT);

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

  pst_rate_take_round_trip (self, round_trip_us, now_us);
  if (!self->has_sample)
    return;

  self->has_sample = FALSE;
  n_bytes = self->delivered_bytes - self->sample_start_bytes;
  if (self->delivered_bytes > self->app_limited_until_bytes)
    self->app_limited_until_bytes = 0;

  update_bandwidth (self, now_us);
  update_surplus (self, n_bytes, now_us);
  if (self->sample.delivered_bytes >= self->round_end_bytes)
    pst_rate_end_round (self);
  pst_rate_follow_mode (self, in_flight_bytes, now_us);
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
  pst_rate_start_up_again (self, 0);
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
  pst_rate_start_up_again (self, 0);
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
    window_bytes = MIN (window_bytes, pst_rate_percent_of (pst_rate_get_path_bytes (self),
                                                           PROBE_ROUND_TRIP_PERCENT));
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
    return MAX (pst_rate_percent_of (rate_bps, QUEUED_PACE_PERCENT), self->packet_bytes);

  /* Before the first measurement, and as long as startup goes faster than it. */
  if (!self->is_full)
    rate_bps = MAX (rate_bps, (guint64) FIRST_WINDOW_PACKETS * self->packet_bytes * G_USEC_PER_SEC
                                  / (guint64) round_trip_us);
  return MAX (pst_rate_percent_of (rate_bps, percent[self->mode]), self->packet_bytes);
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
