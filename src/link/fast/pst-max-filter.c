/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-max-filter.h"

static void
set_best (PstMaxFilter *self, guint first, guint64 value, gint64 now_us)
{
  for (guint i = first; i < G_N_ELEMENTS (self->best); i++)
    {
      self->best[i].value = value;
      self->best[i].seen_us = now_us;
    }
}

/* Lets the best go when it is too old, and sees to it that the two behind it are
 * younger: from the second and third part of the time. */
static void
age_best (PstMaxFilter *self, guint64 value, gint64 now_us, gint64 window_us)
{
  gint64 age_us = now_us - self->best[0].seen_us;

  if (age_us > window_us)
    {
      self->best[0] = self->best[1];
      self->best[1] = self->best[2];
      set_best (self, 2, value, now_us);
      if (now_us - self->best[0].seen_us > window_us)
        {
          self->best[0] = self->best[1];
          self->best[1] = self->best[2];
        }
    }
  else if (self->best[1].seen_us == self->best[0].seen_us && age_us > window_us / 4)
    set_best (self, 1, value, now_us);
  else if (self->best[2].seen_us == self->best[1].seen_us && age_us > window_us / 2)
    set_best (self, 2, value, now_us);
}

/**
 * pst_max_filter_add:
 * @self: a filter, zeroed to begin with
 * @value: what was seen
 * @now_us: when
 * @window_us: how long it counts
 */
void
pst_max_filter_add (PstMaxFilter *self, guint64 value, gint64 now_us, gint64 window_us)
{
  if (value >= self->best[0].value || now_us - self->best[2].seen_us > window_us)
    {
      set_best (self, 0, value, now_us);
      return;
    }

  if (value >= self->best[1].value)
    set_best (self, 1, value, now_us);
  else if (value >= self->best[2].value)
    set_best (self, 2, value, now_us);
  age_best (self, value, now_us, window_us);
}

/**
 * pst_max_filter_get:
 * @self: a filter
 *
 * Returns: the greatest that still counts
 */
guint64
pst_max_filter_get (const PstMaxFilter *self)
{
  return self->best[0].value;
}
