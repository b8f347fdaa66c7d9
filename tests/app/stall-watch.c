/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stall-watch.h"

#include <time.h>

#define TICK_US (G_USEC_PER_SEC / 60)

struct _StallWatch
{
  GSource *tick_source;
  GSource *block_source; /* NULL when the loop is left free */
  gint64 block_us;
  gint64 due_us;    /* of the next tick */
  StallTime ticked; /* the last one, or the end of a block */
  GArray *times;    /* of StallTime: between ticks */
};

static gint
compare (gconstpointer a, gconstpointer b)
{
  gint64 one = ((const StallTime *)a)->us, two = ((const StallTime *)b)->us;

  return (one > two) - (one < two);
}

StallTime
stall_time_now (void)
{
  struct timespec cpu = { 0 };

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &cpu);
  return (StallTime){ g_get_monotonic_time (), cpu.tv_sec * G_USEC_PER_SEC + cpu.tv_nsec / 1000 };
}

StallTime
stall_time_between (StallTime from, StallTime to)
{
  return (StallTime){ to.us - from.us, to.cpu_us - from.cpu_us };
}

static gboolean
on_tick (gpointer user_data)
{
  StallWatch *self = user_data;
  StallTime now = stall_time_now ();
  StallTime between = stall_time_between (self->ticked, now);

  g_array_append_val (self->times, between);
  self->ticked = now;
  /* As a screen would: what was missed is not made up for. */
  self->due_us += TICK_US * (1 + MAX (0, now.us - self->due_us) / TICK_US);
  g_source_set_ready_time (self->tick_source, self->due_us);
  return G_SOURCE_CONTINUE;
}

/* The time blocked on purpose says nothing about the engine: the count begins
 * anew after it. */
static gboolean
on_block (gpointer user_data)
{
  StallWatch *self = user_data;

  g_usleep (self->block_us);
  self->ticked = stall_time_now ();
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs tick_funcs = { .dispatch = dispatch };

/* Watches the default main context; blocks it for @block_ms in every @every_ms. */
StallWatch *
stall_watch_start (guint block_ms, guint every_ms)
{
  StallWatch *self = g_new0 (StallWatch, 1);

  self->times = g_array_new (FALSE, FALSE, sizeof (StallTime));
  self->block_us = block_ms * G_TIME_SPAN_MILLISECOND;
  self->ticked = stall_time_now ();
  self->due_us = self->ticked.us + TICK_US;
  self->tick_source = g_source_new (&tick_funcs, sizeof (GSource));
  g_source_set_callback (self->tick_source, on_tick, self, NULL);
  g_source_set_ready_time (self->tick_source, self->due_us);
  g_source_attach (self->tick_source, NULL);
  if (block_ms > 0)
    {
      self->block_source = g_timeout_source_new (every_ms);
      g_source_set_callback (self->block_source, on_block, self, NULL);
      g_source_attach (self->block_source, NULL);
    }
  return self;
}

static StallTime
quantile (GArray *sorted, guint percent)
{
  if (sorted->len == 0)
    return (StallTime){ 0 };

  return g_array_index (sorted, StallTime, (sorted->len - 1) * percent / 100);
}

/* Figures of @times, which is freed: of StallTime, in any order. */
StallFigures
stall_figures_take (GArray *times)
{
  StallFigures figures = { .n_ticks = times->len };

  g_array_sort (times, compare);
  figures.median_us = quantile (times, 50).us;
  figures.p99_us = quantile (times, 99).us;
  figures.longest_us = quantile (times, 100).us;
  figures.longest_cpu_us = quantile (times, 100).cpu_us;
  for (guint i = 0; i < times->len; i++)
    figures.most_cpu_us = MAX (figures.most_cpu_us, g_array_index (times, StallTime, i).cpu_us);
  g_array_unref (times);
  return figures;
}

/* Ends the watch, and frees it. */
StallFigures
stall_watch_stop (StallWatch *self)
{
  StallFigures figures = stall_figures_take (self->times);

  g_source_destroy (self->tick_source);
  g_source_unref (self->tick_source);
  if (self->block_source != NULL)
    {
      g_source_destroy (self->block_source);
      g_source_unref (self->block_source);
    }
  g_free (self);
  return figures;
}
