/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-pulse.h"

#define SECOND G_TIME_SPAN_SECOND

typedef struct
{
  PstPulse pulse;
  gint64 now_us;
  gint64 came_us;
  gint64 unanswered_us;
} Link;

static void
link_begin (Link *link, gint64 now_us)
{
  *link = (Link){ .now_us = now_us };
  pst_pulse_start (&link->pulse, now_us);
}

static gboolean
look (Link *link)
{
  link->now_us += PST_PULSE_PING_US;
  return pst_pulse_is_lost (&link->pulse, link->now_us, link->came_us, link->unanswered_us);
}

/* Looks until it is lost; gives the time that took since @since_us. */
static gint64
get_noticed_us (Link *link, gint64 since_us)
{
  for (guint i = 0; i < 100; i++)
    if (look (link))
      return link->now_us - since_us;

  return G_MAXINT64;
}

/* At whatever moment between two looks it falls silent. */
static void
test_silence (void)
{
  for (gint64 at_us = 0; at_us < PST_PULSE_PING_US; at_us += SECOND / 10)
    {
      Link link;

      link_begin (&link, 100 * SECOND);
      for (guint i = 0; i < 10; i++)
        {
          pst_pulse_hear (&link.pulse, link.now_us + at_us);
          g_assert_false (look (&link));
        }
      g_assert_cmpint (get_noticed_us (&link, link.now_us - PST_PULSE_PING_US + at_us), <=,
                       PST_PULSE_LOST_US);
    }
}

/* A frame may take longer than all patience, when its pieces keep coming. */
static void
test_slow_frame (void)
{
  Link link;

  link_begin (&link, 100 * SECOND);
  for (guint i = 0; i < 40; i++)
    {
      link.came_us = link.now_us + PST_PULSE_PING_US - SECOND / 5;
      g_assert_false (look (&link));
    }
  g_assert_cmpint (get_noticed_us (&link, link.came_us), <=, PST_PULSE_LOST_US);
}

/* We hear the other side, and it does not hear us: what left last before the
 * direction died may have been acknowledged, the next ping is not. */
static void
test_one_direction (void)
{
  for (gint64 lag_us = 0; lag_us <= SECOND / 4; lag_us += SECOND / 100)
    {
      Link link;
      gint64 dead_us;

      link_begin (&link, 100 * SECOND);
      g_assert_false (look (&link));
      dead_us = link.now_us;
      g_assert_false (look (&link));
      link.unanswered_us = link.now_us + lag_us;
      for (guint i = 0; link.now_us - dead_us < 2 * PST_PULSE_LOST_US; i++)
        {
          pst_pulse_hear (&link.pulse, link.now_us + SECOND);
          if (look (&link))
            break;
        }
      g_assert_cmpint (link.now_us - dead_us, <=, PST_PULSE_LOST_US);
    }
}

/* An acknowledgement now and then is enough. */
static void
test_slow_answers (void)
{
  Link link;

  link_begin (&link, 100 * SECOND);
  for (guint i = 0; i < 40; i++)
    {
      pst_pulse_hear (&link.pulse, link.now_us);
      link.unanswered_us = link.now_us - 4 * SECOND;
      g_assert_false (look (&link));
    }
}

/* Who stood still must hear first what waits, and be heard. */
static void
test_sleep (void)
{
  Link link;

  link_begin (&link, 100 * SECOND);
  g_assert_false (look (&link));
  link.unanswered_us = link.now_us;
  link.now_us += 3600 * SECOND;
  g_assert_false (look (&link));
  g_assert_false (look (&link));
  pst_pulse_hear (&link.pulse, link.now_us);
  link.unanswered_us = 0;
  for (guint i = 0; i < 2; i++)
    g_assert_false (look (&link));
  g_assert_cmpint (get_noticed_us (&link, link.pulse.heard_us), <=, PST_PULSE_LOST_US);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pulse/silence", test_silence);
  g_test_add_func ("/pulse/slow-frame", test_slow_frame);
  g_test_add_func ("/pulse/one-direction", test_one_direction);
  g_test_add_func ("/pulse/slow-answers", test_slow_answers);
  g_test_add_func ("/pulse/sleep", test_sleep);
  return g_test_run ();
}
