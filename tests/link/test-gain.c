/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many links there should be, over paths of the test's own making. */
#include "pst-gain.h"

#define MOST 8

/* A path, and one end's time. */
typedef struct
{
  PstGain gain;
  gint64 now_us;
  guint64 left_bytes;
  guint n_links;
  guint64 rates[MOST + 1]; /* with so many links */
  gboolean is_held;
  guint n_more, n_fewer;
} World;

static void
world_init (World *world, guint n_rests)
{
  *world = (World){ .n_links = 1, .is_held = TRUE };
  pst_gain_start (&world->gain, 0, n_rests);
  pst_gain_set_most_links (&world->gain, MOST, FALSE);
}

static void
set_links (World *world, guint n_links)
{
  world->n_links = n_links;
  pst_gain_set_links (&world->gain, world->now_us, n_links);
}

static PstGainAdvice
look (World *world)
{
  PstGainAdvice advice;

  world->now_us += PST_GAIN_TICK_MS * G_TIME_SPAN_MILLISECOND;
  world->left_bytes += world->rates[world->n_links] * PST_GAIN_TICK_MS / 1000;
  advice = pst_gain_look (&world->gain, world->now_us, world->left_bytes, world->is_held);
  world->n_more += advice == PST_GAIN_MORE;
  world->n_fewer += advice == PST_GAIN_FEWER;
  return advice;
}

/* Does what it is told to, at once. */
static void
run (World *world, guint seconds)
{
  for (guint i = 0; i < seconds * 1000 / PST_GAIN_TICK_MS; i++)
    switch (look (world))
      {
      case PST_GAIN_MORE:
        set_links (world, world->n_links + 1);
        break;
      case PST_GAIN_FEWER:
        set_links (world, world->n_links - 1);
        break;
      case PST_GAIN_STAY:
      default:
        break;
      }
}

/* Each link brings as much: as many as there may be. */
static void
test_all (void)
{
  World world;

  world_init (&world, 0);
  for (guint n = 1; n <= MOST; n++)
    world.rates[n] = n * 300000;
  run (&world, 30);
  g_assert_cmpuint (world.n_links, ==, MOST);
  run (&world, 600);
  g_assert_cmpuint (world.n_links, ==, MOST);
  g_assert_cmpuint (world.n_fewer, ==, 0);
}

/* Near by, processors are the limit: a second one is tried and let go of, and seldom
 * tried again. */
static void
test_none (void)
{
  World world;

  world_init (&world, 0);
  for (guint n = 1; n <= MOST; n++)
    world.rates[n] = 30000000;
  run (&world, 30);
  g_assert_cmpuint (world.n_more, ==, 1);
  g_assert_cmpuint (world.n_fewer, ==, 1);
  g_assert_cmpuint (world.n_links, ==, 1);
  run (&world, 3600);
  g_assert_cmpuint (world.n_links, ==, 1);
  g_assert_cmpuint (world.n_more, <=, 6);
}

/* The first few help. */
static void
test_some (void)
{
  World world;

  world_init (&world, 0);
  for (guint n = 1; n <= MOST; n++)
    world.rates[n] = MIN (n, 3) * 5000000;
  run (&world, 30);
  g_assert_cmpuint (world.n_links, ==, 3);
  g_assert_cmpuint (world.n_more, ==, 3);
  g_assert_cmpuint (world.n_fewer, ==, 1);
}

/* A third of the gain is enough, and less is not. */
static void
test_worth (void)
{
  for (guint n = 1; n < MOST; n++)
    for (gint more = -1; more <= 1; more += 2)
      {
        World world;

        world_init (&world, 0);
        for (guint i = 1; i <= n; i++)
          world.rates[i] = i * 3000000;
        for (guint i = n + 1; i <= MOST; i++)
          world.rates[i] = world.rates[n] + 1000000 + more * 100000;
        run (&world, 6 * (n + 1));
        g_assert_cmpuint (world.n_links, >=, more > 0 ? n + 1 : n);
        if (more < 0)
          g_assert_cmpuint (world.n_links, ==, n);
      }
}

/* What else is the limit, a person's or a disk's, no link changes. */
static void
test_not_held (void)
{
  World world;

  world_init (&world, 0);
  world.rates[1] = 1000000;
  world.is_held = FALSE;
  run (&world, 60);
  g_assert_cmpuint (world.n_more, ==, 0);

  /* A moment is not enough, and nothing moves. */
  world.is_held = TRUE;
  run (&world, 1);
  world.is_held = FALSE;
  run (&world, 10);
  g_assert_cmpuint (world.n_more, ==, 0);
  world.is_held = TRUE;
  world.rates[1] = 0;
  run (&world, 10);
  g_assert_cmpuint (world.n_more, ==, 0);
}

/* A link that finds no path is tried again after a minute, then after two. */
static void
test_failing (void)
{
  World world;
  gint64 first_us = 0;

  world_init (&world, 0);
  world.rates[1] = 1000000;
  while (world.n_more < 3)
    if (look (&world) == PST_GAIN_MORE)
      {
        if (world.n_more == 1)
          first_us = world.now_us;
        pst_gain_fail (&world.gain, world.now_us);
      }
  g_assert_cmpint (world.now_us - first_us, >=, 3 * PST_GAIN_FIRST_REST_US);
  g_assert_cmpint (world.now_us - first_us, <=, 4 * PST_GAIN_FIRST_REST_US);
}

/* Nobody answers: it does not wait for ever. */
static void
test_unanswered (void)
{
  World world;

  world_init (&world, 0);
  world.rates[1] = 1000000;
  while (look (&world) != PST_GAIN_MORE)
    ;
  for (guint i = 0; i < 90 * 1000 / PST_GAIN_TICK_MS; i++)
    look (&world);
  g_assert_cmpuint (world.n_more, ==, 1);
  for (guint i = 0; i < 20 * 1000 / PST_GAIN_TICK_MS; i++)
    look (&world);
  g_assert_cmpuint (world.n_more, ==, 2);
}

/* After one that was lost, a new connection takes its time. */
static void
test_lost_before (void)
{
  World world;

  world_init (&world, 2);
  for (guint n = 1; n <= MOST; n++)
    world.rates[n] = n * 1000000;
  run (&world, 119);
  g_assert_cmpuint (world.n_more, ==, 0);
  run (&world, 6);
  g_assert_cmpuint (world.n_more, >, 0);
}

/* The other side wanted a link: it is that side's to judge. */
static void
test_theirs (void)
{
  World world;

  world_init (&world, 0);
  for (guint n = 1; n <= MOST; n++)
    world.rates[n] = 1000000;
  set_links (&world, 2);
  run (&world, 12);
  g_assert_cmpuint (world.n_more, ==, 1);
  g_assert_cmpuint (world.n_fewer, ==, 1);
  g_assert_cmpuint (world.n_links, ==, 2);
}

/* So many, whatever they bring; but one that fails is not made again at once. */
static void
test_fixed (void)
{
  World world;

  world_init (&world, 0);
  pst_gain_set_most_links (&world.gain, 4, TRUE);
  world.is_held = FALSE;
  run (&world, 2);
  g_assert_cmpuint (world.n_links, ==, 4);
  run (&world, 60);
  g_assert_cmpuint (world.n_fewer, ==, 0);
  pst_gain_fail (&world.gain, world.now_us);
  set_links (&world, 3);
  run (&world, 30);
  g_assert_cmpuint (world.n_links, ==, 3);
  run (&world, 60);
  g_assert_cmpuint (world.n_links, ==, 4);
}

/* Nobody said how many there may be. */
static void
test_one (void)
{
  World world;

  world_init (&world, 0);
  pst_gain_set_most_links (&world.gain, 1, TRUE);
  world.rates[1] = 1000000;
  run (&world, 60);
  g_assert_cmpuint (world.n_more, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gain/all", test_all);
  g_test_add_func ("/gain/none", test_none);
  g_test_add_func ("/gain/some", test_some);
  g_test_add_func ("/gain/worth", test_worth);
  g_test_add_func ("/gain/not-held", test_not_held);
  g_test_add_func ("/gain/failing", test_failing);
  g_test_add_func ("/gain/unanswered", test_unanswered);
  g_test_add_func ("/gain/lost-before", test_lost_before);
  g_test_add_func ("/gain/theirs", test_theirs);
  g_test_add_func ("/gain/fixed", test_fixed);
  g_test_add_func ("/gain/one", test_one);
  return g_test_run ();
}
