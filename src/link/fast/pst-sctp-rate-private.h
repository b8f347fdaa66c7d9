/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-sctp-rate.h"

G_BEGIN_DECLS

/* RFC 6928: ten packets to begin with. */
#define FIRST_WINDOW_PACKETS 10
#define LEAST_WINDOW_PACKETS 4

/* What more is asked for, in percent (draft-ietf-ccwg-bbr, section 2.4). */
#define UP_PACE_PERCENT 125

/* Shared by the files of this type: */

static inline guint64
pst_rate_percent_of (guint64 value, guint percent)
{
  return value * percent / 100;
}

/* pst-sctp-rate.c */
guint64 pst_rate_get_path_bytes (const PstRate *self);
void pst_rate_take_round_trip (PstRate *self, gint64 round_trip_us, gint64 now_us);

/* pst-sctp-rate-mode.c */
void pst_rate_start_up_again (PstRate *self, guint full_rounds);
void pst_rate_end_round (PstRate *self);
void pst_rate_follow_mode (PstRate *self, guint64 in_flight_bytes, gint64 now_us);

G_END_DECLS
