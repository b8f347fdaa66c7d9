/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-gain.h"

/* A pump that is late leaves the buffer low now and then: so many looks in a hundred
 * that found the network to be the limit make it the limit. */
#define HELD_PERCENT 75

/* Chance may hide a gain once; twice it hardly does. */
#define MAX_JUDGED 2

/* Rests double so often at most: to an hour. */
#define MAX_DOUBLED 6

static void
begin_turn (PstGain *self, gint64 begins_us)
{
  self->turn_us = begins_us;
  self->n_looks = self->n_held = 0;
}

static void
enter (PstGain *self, gint64 now_us, PstGainState state)
{
  self->state = state;
  begin_turn (self, now_us + PST_GAIN_SETTLE_US);
}

/**
 * pst_gain_start:
 * @self: (out caller-allocates): an account
 * @now_us: monotonic time
 * @n_rests: how often something went wrong with several links before; if it did, it
 *   begins with a rest
 *
 * There is one link, and there may be no more, until pst_gain_set_most_links().
 */
void
pst_gain_start (PstGain *self, gint64 now_us, guint n_rests)
{
  *self = (PstGain){ .most_links = 1, .n_links = 1, .n_rests = n_rests };
  if (n_rests > 0)
    {
      self->n_rests--;
      pst_gain_fail (self, now_us);
    }
  else
    enter (self, now_us, PST_GAIN_MEASURING);
}

/**
 * pst_gain_set_most_links:
 * @self: an account
 * @most_links: so many links there may be
 * @is_fixed: whether to have that many whatever they bring, unless it fails
 */
void
pst_gain_set_most_links (PstGain *self, guint most_links, gboolean is_fixed)
{
  self->most_links = most_links;
  self->is_fixed = is_fixed;
}

/**
 * pst_gain_set_links:
 * @self: an account
 * @now_us: monotonic time
 * @n_links: so many links there are now
 *
 * A link was made, or has ended. One that this side asked for is judged; about one
 * that the other side wanted it is for that side to judge.
 */
void
pst_gain_set_links (PstGain *self, gint64 now_us, guint n_links)
{
  gboolean is_one_more = n_links > self->n_links;

  self->n_links = n_links;
  if (self->state == PST_GAIN_RESTING)
    return;

  if (self->state == PST_GAIN_WAITING && is_one_more && !self->is_fixed)
    {
      self->n_judged = 0;
      enter (self, now_us, PST_GAIN_JUDGING);
    }
  else
    enter (self, now_us, PST_GAIN_MEASURING);
}

/**
 * pst_gain_fail:
 * @self: an account
 * @now_us: monotonic time
 *
 * A link could not be made, was lost, or brought nothing.
 */
void
pst_gain_fail (PstGain *self, gint64 now_us)
{
  self->state = PST_GAIN_RESTING;
  self->until_us = now_us + (PST_GAIN_FIRST_REST_US << MIN (self->n_rests, MAX_DOUBLED));
  self->n_rests++;
}

static PstGainAdvice
ask (PstGain *self, gint64 now_us)
{
  if (self->n_links >= self->most_links)
    {
      enter (self, now_us, PST_GAIN_MEASURING);
      return PST_GAIN_STAY;
    }

  self->state = PST_GAIN_WAITING;
  self->until_us = now_us + PST_GAIN_PATIENCE_US;
  return PST_GAIN_MORE;
}

static gboolean
is_worth (PstGain *self, guint64 rate_bps)
{
  guint parts = PST_GAIN_WORTH_PART * (self->n_links - 1);

  return rate_bps * parts >= self->rate_bps * (parts + 1);
}

static PstGainAdvice
judge (PstGain *self, gint64 now_us, guint64 rate_bps)
{
  if (is_worth (self, rate_bps))
    {
      self->rate_bps = rate_bps;
      return ask (self, now_us);
    }
  if (++self->n_judged < MAX_JUDGED)
    {
      begin_turn (self, now_us);
      return PST_GAIN_STAY;
    }

  pst_gain_fail (self, now_us);
  return PST_GAIN_FEWER;
}

/* Returns: %TRUE once for each turn in which the network was the limit; others begin anew. */
static gboolean
measure (PstGain *self, gint64 now_us, guint64 left_bytes, gboolean is_held, guint64 *rate_bps)
{
  gboolean was_held;

  if (now_us < self->turn_us)
    return FALSE;
  if (self->n_looks == 0)
    {
      self->turn_us = now_us;
      self->turn_bytes = left_bytes;
    }

  self->n_looks++;
  self->n_held += is_held;
  if (now_us - self->turn_us < PST_GAIN_TURN_US)
    return FALSE;

  was_held = self->n_held * 100 >= self->n_looks * HELD_PERCENT;
  *rate_bps = (left_bytes - self->turn_bytes) * G_USEC_PER_SEC / (now_us - self->turn_us);
  begin_turn (self, now_us);
  return was_held && *rate_bps > 0;
}

/**
 * pst_gain_look:
 * @self: an account
 * @now_us: monotonic time
 * @left_bytes: what left the buffers of all links, ever
 * @is_held: whether the network keeps this side from sending more
 *
 * To be called every %PST_GAIN_TICK_MS.
 *
 * Returns: what should be done about the number of links, if anything
 */
PstGainAdvice
pst_gain_look (PstGain *self, gint64 now_us, guint64 left_bytes, gboolean is_held)
{
  guint64 rate_bps;

  switch (self->state)
    {
    case PST_GAIN_MEASURING:
      if (self->n_links >= self->most_links)
        return PST_GAIN_STAY;
      if (self->is_fixed)
        return ask (self, now_us);
      if (!measure (self, now_us, left_bytes, is_held, &rate_bps))
        return PST_GAIN_STAY;
      self->rate_bps = rate_bps;
      return ask (self, now_us);
    case PST_GAIN_WAITING:
      if (now_us >= self->until_us)
        pst_gain_fail (self, now_us);
      return PST_GAIN_STAY;
    case PST_GAIN_JUDGING:
      return measure (self, now_us, left_bytes, is_held, &rate_bps) ? judge (self, now_us, rate_bps)
                                                                    : PST_GAIN_STAY;
    case PST_GAIN_RESTING:
    default:
      if (now_us >= self->until_us)
        enter (self, now_us, PST_GAIN_MEASURING);
      return PST_GAIN_STAY;
    }
}
