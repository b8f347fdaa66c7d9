/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A ping this often. The look at the clock that comes with it finds a connection
 * lost when the next one would be too late, so always in under the second time.
 * Whatever comes counts as life, as pings queue behind data. */
#define PST_PULSE_PING_US (2500 * G_TIME_SPAN_MILLISECOND)
#define PST_PULSE_LOST_US (10 * G_TIME_SPAN_SECOND)

/**
 * PstPulse:
 *
 * Whether a link is alive in both directions. Plain data without a clock: every
 * call says what time it is (monotonic, microseconds).
 */
typedef struct
{
  gint64 heard_us;  /* when a frame last came */
  gint64 looked_us; /* when the clock was last looked at */
  gint64 awake_us;  /* since when it was looked at often enough */
} PstPulse;

void pst_pulse_start (PstPulse *self, gint64 now_us);
void pst_pulse_hear (PstPulse *self, gint64 now_us);
gboolean pst_pulse_is_lost (PstPulse *self, gint64 now_us, gint64 came_us, gint64 unanswered_us);

G_END_DECLS
