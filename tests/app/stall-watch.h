/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How regularly a main context comes round: a timer at 60 Hz in it, as a
 * window that draws would be, and the time between its ticks. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * StallTime:
 * @us: on the clock
 * @cpu_us: for which the calling thread had a processor
 *
 * A point in time, or the time between two of them. What a thread did not do
 * itself, but waited for or was kept from by others, is the difference.
 */
typedef struct
{
  gint64 us;
  gint64 cpu_us;
} StallTime;

/**
 * StallFigures:
 * @n_ticks: how often the timer came
 * @median_us: time between two ticks
 * @p99_us: of a hundred times between ticks, one is longer
 * @longest_us: the longest, what the watched program did to itself included
 * @longest_cpu_us: the processor time in it
 * @most_cpu_us: the most processor time between any two ticks
 *
 * What was seen.
 */
typedef struct
{
  guint n_ticks;
  gint64 median_us;
  gint64 p99_us;
  gint64 longest_us;
  gint64 longest_cpu_us;
  gint64 most_cpu_us;
} StallFigures;

typedef struct _StallWatch StallWatch;

StallWatch *stall_watch_start (guint block_ms, guint every_ms);
StallFigures stall_watch_stop (StallWatch *self);
StallTime stall_time_now (void);
StallTime stall_time_between (StallTime from, StallTime to);
StallFigures stall_figures_take (GArray *times);

G_END_DECLS
