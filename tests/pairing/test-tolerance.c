/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-tolerance.h"

#define SECOND_US ((gint64) G_USEC_PER_SEC)

static const PstRendezvousLimits limits = {
  .handshake_ms = 2 * 1000,
  .idle_ms = 10 * 1000,
  .burst = 3,
  .commands_per_s = 2,
  .max_commands = 6,
  .max_unread_bytes = 100,
  .stuck_ms = 4 * 1000,
};

static guint
take_commands (PstTolerance *tolerance, gint64 now_us)
{
  guint n = 0;

  while (pst_tolerance_take_command (tolerance, now_us))
    n++;
  return n;
}

static void
test_commands (void)
{
  PstTolerance tolerance;

  pst_tolerance_init (&tolerance, &limits, SECOND_US);
  g_assert_cmpuint (take_commands (&tolerance, SECOND_US), ==, 3);
  g_assert_cmpuint (take_commands (&tolerance, SECOND_US + SECOND_US / 4), ==, 0);
  g_assert_cmpuint (take_commands (&tolerance, SECOND_US + SECOND_US / 2), ==, 1);

  /* A long rest earns a burst and no more; the sum of all ends it. */
  g_assert_cmpuint (take_commands (&tolerance, 60 * SECOND_US), ==, 2);
  g_assert_cmpuint (take_commands (&tolerance, 120 * SECOND_US), ==, 0);
}

static void
test_burst (void)
{
  PstTolerance tolerance;

  pst_tolerance_init (&tolerance, &limits, 0);
  g_assert_cmpuint (take_commands (&tolerance, 60 * SECOND_US), ==, 3);
}

static void
test_silence (void)
{
  PstTolerance tolerance;

  pst_tolerance_init (&tolerance, &limits, SECOND_US);
  g_assert_false (pst_tolerance_is_over (&tolerance, 0, 0, 3 * SECOND_US - 1));
  g_assert_true (pst_tolerance_is_over (&tolerance, 0, 0, 3 * SECOND_US));

  pst_tolerance_note_life (&tolerance, 2 * SECOND_US);
  g_assert_false (pst_tolerance_is_over (&tolerance, 0, 0, 12 * SECOND_US - 1));
  g_assert_true (pst_tolerance_is_over (&tolerance, 0, 0, 12 * SECOND_US));
}

static void
test_unread (void)
{
  PstTolerance tolerance;

  pst_tolerance_init (&tolerance, &limits, 0);
  g_assert_false (pst_tolerance_is_over (&tolerance, 150, 50, 1));
  g_assert_true (pst_tolerance_is_over (&tolerance, 151, 50, 1));
}

/* What counts is that something moves, not how much waits. */
static void
test_stuck (void)
{
  PstTolerance tolerance;

  pst_tolerance_init (&tolerance, &limits, 0);
  pst_tolerance_note_life (&tolerance, 0);
  g_assert_false (pst_tolerance_is_over (&tolerance, 50, 10, SECOND_US));
  g_assert_false (pst_tolerance_is_over (&tolerance, 50, 11, 3 * SECOND_US));
  g_assert_false (pst_tolerance_is_over (&tolerance, 60, 11, 7 * SECOND_US - 1));
  g_assert_true (pst_tolerance_is_over (&tolerance, 60, 11, 7 * SECOND_US));
}

/* Headers leave with what was sent: more than all of it is no more than all. */
static void
test_headers (void)
{
  PstTolerance tolerance;

  pst_tolerance_init (&tolerance, &limits, 0);
  pst_tolerance_note_life (&tolerance, 0);
  g_assert_false (pst_tolerance_is_over (&tolerance, 50, 70, SECOND_US));
  g_assert_false (pst_tolerance_is_over (&tolerance, 50, 70, 9 * SECOND_US));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tolerance/commands", test_commands);
  g_test_add_func ("/tolerance/burst", test_burst);
  g_test_add_func ("/tolerance/silence", test_silence);
  g_test_add_func ("/tolerance/unread", test_unread);
  g_test_add_func ("/tolerance/stuck", test_stuck);
  g_test_add_func ("/tolerance/headers", test_headers);
  return g_test_run ();
}
