/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-max-filter.h"

G_BEGIN_DECLS

typedef enum
{
  PST_RATE_STARTUP,   /* doubles each round trip until the path is full */
  PST_RATE_DRAIN,     /* lets go what startup put too much into the path */
  PST_RATE_UP,        /* asks for more */
  PST_RATE_DOWN,      /* takes back what was too much */
  PST_RATE_CRUISE,    /* just what the path carries */
  PST_RATE_PROBE_RTT, /* empties the path, to see how long it is */
} PstRateMode;

/* What a packet remembers of when it left. */
typedef struct
{
  gint64 sent_us;
  gint64 first_sent_us;
  gint64 delivered_us;
  guint64 delivered_bytes;
  gboolean app_limited;
} PstRateMark;

/**
 * PstRate:
 *
 * How fast to send, and how much may be under way: a model of the path out of
 * two figures, the rate at which it delivers and its round trip, kept up to date
 * from acknowledgements (draft-ietf-ccwg-bbr; what differs stands in
 * docs/fast-path.md). Loss alone slows it only where it is much. Pure: the
 * time is told to it, always monotonic, in microseconds.
 */
typedef struct
{
  PstRateMode mode;
  guint packet_bytes;

  /* The path. */
  PstMaxFilter bandwidth; /* bytes a second */
  PstMaxFilter surplus;   /* bytes acknowledged at once beyond the rate */
  gint64 round_trip_us;   /* smoothed */
  gint64 variation_us;
  gint64 min_round_trip_us;
  gint64 min_seen_us;

  /* What is known of deliveries. */
  guint64 delivered_bytes;
  gint64 delivered_us;
  gint64 first_sent_us;
  guint64 app_limited_until_bytes; /* 0: not */

  /* The sample of the acknowledgement at hand. */
  gboolean has_sample;
  PstRateMark sample;
  guint64 sample_start_bytes;

  /* Rounds: one ends when what was sent after its start is acknowledged. */
  guint64 round_end_bytes;
  guint64 n_rounds;
  gint64 round_least_us; /* of its round trips; 0: none yet */
  guint long_rounds;     /* in a row */
  guint64 round_lost_bytes;
  guint64 round_start_bytes;
  guint64 mode_round;
  guint cruise_rounds;
  guint64 random;

  guint64 full_bandwidth_bps;
  guint64 up_bandwidth_bps; /* before more was asked for */
  guint full_rounds;
  gboolean is_full;
  guint64 startup_round; /* the last one */

  gint64 surplus_start_us;
  guint64 surplus_bytes;

  guint64 window_bytes;
  guint64 ceiling_bytes; /* where loss began */
  gboolean is_shared;    /* that loss was not of startup alone */
  gint64 probe_round_trip_until_us;
  gboolean probes_empty; /* the path must be, since nothing of it is known */

  guint64 lost_bytes; /* ever */
} PstRate;

void pst_rate_init (PstRate *self, guint packet_bytes, guint64 seed);
void pst_rate_set_packet_bytes (PstRate *self, guint packet_bytes);
void pst_rate_sent (PstRate *self, PstRateMark *mark, guint64 in_flight_bytes, gint64 now_us);
void pst_rate_delivered (PstRate *self, const PstRateMark *mark, guint64 n_bytes, gint64 now_us);
void pst_rate_lost (PstRate *self, guint64 n_bytes);
void
pst_rate_acknowledged (PstRate *self, gint64 round_trip_us, guint64 in_flight_bytes, gint64 now_us);
void pst_rate_app_limited (PstRate *self, guint64 in_flight_bytes);
void pst_rate_excuse_losses (PstRate *self);
void pst_rate_collapsed (PstRate *self);

guint64 pst_rate_get_window (const PstRate *self);
guint64 pst_rate_get_pace (const PstRate *self);
gint64 pst_rate_get_quantum_us (const PstRate *self);

G_END_DECLS
