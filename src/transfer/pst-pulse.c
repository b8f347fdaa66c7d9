/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-pulse.h"

/* The ping that begins a silence leaves a little after the look at the clock. */
#define ANSWER_SLACK_US (500 * G_TIME_SPAN_MILLISECOND)

#define SILENCE_US (PST_PULSE_LOST_US - PST_PULSE_PING_US)

/**
 * pst_pulse_start:
 * @self: a pulse
 * @now_us: monotonic time
 *
 * The link is there.
 */
void
pst_pulse_start (PstPulse *self, gint64 now_us)
{
  self->heard_us = self->looked_us = self->awake_us = now_us;
}

/**
 * pst_pulse_hear:
 * @self: a pulse
 * @now_us: monotonic time
 *
 * A frame came.
 */
void
pst_pulse_hear (PstPulse *self, gint64 now_us)
{
  self->heard_us = now_us;
}

/* If this look is late, we were not running (stopped, asleep), and what came
 * meanwhile still waits to be heard. */
static void
notice_sleep (PstPulse *self, gint64 now_us)
{
  if (now_us - self->looked_us > 2 * PST_PULSE_PING_US)
    self->awake_us = now_us;
  self->looked_us = now_us;
}

/**
 * pst_pulse_is_lost:
 * @self: a pulse
 * @now_us: monotonic time; must be asked every %PST_PULSE_PING_US
 * @came_us: when the link last got a piece of a frame, however slowly the whole
 *   frame comes; 0: not known
 * @unanswered_us: since when something is on its way to the other side of which
 *   that has acknowledged nothing; 0: nothing is, or it is not known
 *
 * A direction is dead when nothing comes through it: nothing of the other side's,
 * or nothing of ours, which their acknowledgements tell. Before the next look it
 * would be dead for %PST_PULSE_LOST_US.
 *
 * Returns: %TRUE if the link must be given up
 */
gboolean
pst_pulse_is_lost (PstPulse *self, gint64 now_us, gint64 came_us, gint64 unanswered_us)
{
  gint64 heard_us;

  notice_sleep (self, now_us);
  heard_us = MAX (MAX (self->heard_us, came_us), self->awake_us);
  if (now_us - heard_us >= SILENCE_US)
    return TRUE;

  return unanswered_us > 0
         && now_us - MAX (unanswered_us, self->awake_us) >= SILENCE_US - ANSWER_SLACK_US;
}
