/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How large packets may be: probes, and what follows when large ones vanish. */
#include "pst-sctp-size.h"

#define TIMEOUT_US 100000

/* Asks for all that is due, and answers what this path carries. */
static void
ask_and_answer (PstSctpSize *size, guint path_bytes, gint64 now_us)
{
  guint probes[64];
  guint n_probes = 0;
  guint n_bytes;

  while ((n_bytes = pst_sctp_size_take_probe (size, TIMEOUT_US, now_us)) > 0)
    {
      g_assert_cmpuint (n_probes, <, G_N_ELEMENTS (probes));
      g_assert_cmpuint (n_bytes, >, PST_SCTP_BASE_PACKET_BYTES);
      g_assert_cmpuint (n_bytes, <=, size->most_bytes);
      probes[n_probes++] = n_bytes;
    }
  for (guint i = 0; i < n_probes; i++)
    if (probes[i] <= path_bytes)
      pst_sctp_size_answered (size, probes[i]);
}

static gint64
probe_until_silent (PstSctpSize *size, guint path_bytes, gint64 now_us)
{
  guint n_turns = 0;

  for (; pst_sctp_size_get_next_us (size) != G_MAXINT64; n_turns++)
    {
      now_us = MAX (now_us, pst_sctp_size_get_next_us (size));
      ask_and_answer (size, path_bytes, now_us);
      g_assert_cmpuint (n_turns, <, 20);
    }
  return now_us;
}

static void
test_largest_answered (void)
{
  static const struct
  {
    guint most_bytes;
    guint path_bytes;
    guint expected_bytes;
  } paths[] = {
    { 1435, 65535, 1435 }, { 1435, 1434, 1415 },  { 1435, 1400, 1380 },    { 1435, 1300, 1280 },
    { 1435, 1279, 1200 },  { 1200, 65535, 1200 }, { 14700, 65535, 14700 }, { 14700, 9000, 8800 },
    { 14700, 1500, 1435 }, { 14700, 1200, 1200 }, { 5000, 65535, 1435 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      PstSctpSize size;

      pst_sctp_size_init (&size, PST_SCTP_BASE_PACKET_BYTES);
      g_assert_cmpint (pst_sctp_size_get_next_us (&size), ==, G_MAXINT64);
      pst_sctp_size_set_most (&size, paths[i].most_bytes, 1000);
      probe_until_silent (&size, paths[i].path_bytes, 1000);
      g_assert_cmpuint (size.packet_bytes, ==, paths[i].expected_bytes);
    }
}

/* A probe that was lost with others is sent again, and no more than a few times. */
static void
test_lost_probes (void)
{
  PstSctpSize size;
  guint n_probes = 0;

  pst_sctp_size_init (&size, PST_SCTP_BASE_PACKET_BYTES);
  pst_sctp_size_set_most (&size, PST_SCTP_WHOLE_PACKET_BYTES, 1000);
  ask_and_answer (&size, 0, 1000);
  ask_and_answer (&size, 65535, 1000 + TIMEOUT_US / 2); /* too early */
  g_assert_cmpuint (size.packet_bytes, ==, PST_SCTP_BASE_PACKET_BYTES);
  ask_and_answer (&size, 65535, 1000 + TIMEOUT_US);
  g_assert_cmpuint (size.packet_bytes, ==, PST_SCTP_WHOLE_PACKET_BYTES);

  pst_sctp_size_init (&size, PST_SCTP_BASE_PACKET_BYTES);
  pst_sctp_size_set_most (&size, PST_SCTP_WHOLE_PACKET_BYTES, 1000);
  for (gint64 now_us = 1000; now_us < 100 * TIMEOUT_US; now_us += TIMEOUT_US / 4)
    while (pst_sctp_size_take_probe (&size, TIMEOUT_US, now_us) > 0)
      n_probes++;
  g_assert_cmpuint (n_probes, <=, 3 * 4);
}

/* Once a larger one came back, smaller ones need no answer. */
static void
test_largest_first (void)
{
  PstSctpSize size;

  pst_sctp_size_init (&size, PST_SCTP_BASE_PACKET_BYTES);
  pst_sctp_size_set_most (&size, PST_SCTP_WHOLE_PACKET_BYTES, 1000);
  ask_and_answer (&size, 0, 1000);
  g_assert_true (pst_sctp_size_answered (&size, PST_SCTP_WHOLE_PACKET_BYTES));
  g_assert_cmpuint (pst_sctp_size_take_probe (&size, TIMEOUT_US, 1000 + TIMEOUT_US), ==, 0);
  g_assert_cmpint (pst_sctp_size_get_next_us (&size), ==, G_MAXINT64);
}

/* What nobody asked for, or what is not allowed any more. */
static void
test_false_answers (void)
{
  PstSctpSize size;

  pst_sctp_size_init (&size, PST_SCTP_BASE_PACKET_BYTES);
  pst_sctp_size_set_most (&size, PST_SCTP_WHOLE_PACKET_BYTES, 1000);
  g_assert_false (pst_sctp_size_answered (&size, PST_SCTP_WHOLE_PACKET_BYTES));
  ask_and_answer (&size, 0, 1000);
  g_assert_false (pst_sctp_size_answered (&size, 0));
  g_assert_false (pst_sctp_size_answered (&size, G_MAXUINT));
  g_assert_false (pst_sctp_size_answered (&size, 1434));
  g_assert_false (pst_sctp_size_answered (&size, PST_SCTP_LARGE_PACKET_BYTES));
  g_assert_cmpuint (size.packet_bytes, ==, PST_SCTP_BASE_PACKET_BYTES);
  g_assert_true (pst_sctp_size_answered (&size, 1380));
  g_assert_false (pst_sctp_size_answered (&size, 1280)); /* smaller */
  g_assert_cmpuint (size.packet_bytes, ==, 1380);
}

static void
init_large (PstSctpSize *size)
{
  pst_sctp_size_init (size, PST_SCTP_BASE_PACKET_BYTES);
  pst_sctp_size_set_most (size, PST_SCTP_LARGE_PACKET_BYTES, 1000);
  probe_until_silent (size, 65535, 1000);
  g_assert_cmpuint (size->packet_bytes, ==, PST_SCTP_LARGE_PACKET_BYTES);
}

static void
test_large_lost (void)
{
  PstSctpSize size;
  gint64 now_us = 10000;
  gint64 rest_us;

  init_large (&size);
  /* Small ones do not matter; nor does a single large one, now and then. */
  g_assert_false (pst_sctp_size_lost (&size, 1200, now_us));
  g_assert_false (pst_sctp_size_lost (&size, 1200, now_us));
  for (guint i = 0; i < 5; i++)
    g_assert_false (pst_sctp_size_lost (&size, 14000, now_us += 2 * G_USEC_PER_SEC));
  g_assert_true (pst_sctp_size_lost (&size, 14000, now_us += G_USEC_PER_SEC / 2));
  g_assert_cmpuint (size.packet_bytes, ==, PST_SCTP_WHOLE_PACKET_BYTES);
  g_assert_false (pst_sctp_size_lost (&size, 14000, now_us));

  /* They are tried again, after longer and longer. */
  rest_us = pst_sctp_size_get_next_us (&size) - now_us;
  g_assert_cmpint (rest_us, >, G_USEC_PER_SEC);
  now_us = probe_until_silent (&size, 65535, now_us);
  g_assert_cmpuint (size.packet_bytes, ==, PST_SCTP_LARGE_PACKET_BYTES);
  pst_sctp_size_lost (&size, 14000, now_us);
  g_assert_true (pst_sctp_size_lost (&size, 14000, now_us));
  g_assert_cmpint (pst_sctp_size_get_next_us (&size) - now_us, >=, 2 * rest_us);
}

/* The usual course: first what any path may take, then, once the route is known to
 * be near, more. What was found before still holds. */
static void
test_large_later (void)
{
  PstSctpSize size;

  pst_sctp_size_init (&size, PST_SCTP_BASE_PACKET_BYTES);
  pst_sctp_size_set_most (&size, PST_SCTP_WHOLE_PACKET_BYTES, 1000);
  probe_until_silent (&size, 65535, 1000);
  pst_sctp_size_set_most (&size, PST_SCTP_LARGE_PACKET_BYTES, 2000);
  g_assert_cmpuint (size.packet_bytes, ==, PST_SCTP_WHOLE_PACKET_BYTES);
  probe_until_silent (&size, 65535, 2000);
  g_assert_cmpuint (size.packet_bytes, ==, PST_SCTP_LARGE_PACKET_BYTES);
  pst_sctp_size_lost (&size, 14000, 3000);
  g_assert_true (pst_sctp_size_lost (&size, 14000, 4000));
  g_assert_cmpuint (size.packet_bytes, ==, PST_SCTP_WHOLE_PACKET_BYTES);

  /* And back, as the route became another. */
  init_large (&size);
  pst_sctp_size_set_most (&size, PST_SCTP_WHOLE_PACKET_BYTES, 2000);
  g_assert_cmpuint (size.packet_bytes, <=, PST_SCTP_WHOLE_PACKET_BYTES);
  probe_until_silent (&size, 65535, 2000);
  g_assert_cmpuint (size.packet_bytes, ==, PST_SCTP_WHOLE_PACKET_BYTES);
}

static void
test_black_hole (void)
{
  PstSctpSize size;
  gint64 now_us = 5000;

  init_large (&size);
  g_assert_true (pst_sctp_size_black_hole (&size, now_us));
  g_assert_cmpuint (size.packet_bytes, ==, PST_SCTP_BASE_PACKET_BYTES);
  g_assert_false (pst_sctp_size_black_hole (&size, now_us));
  g_assert_cmpint (pst_sctp_size_get_next_us (&size), >, now_us + G_USEC_PER_SEC);
  probe_until_silent (&size, 1300, now_us);
  g_assert_cmpuint (size.packet_bytes, ==, 1280);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sctp-size/largest-answered", test_largest_answered);
  g_test_add_func ("/sctp-size/lost-probes", test_lost_probes);
  g_test_add_func ("/sctp-size/largest-first", test_largest_first);
  g_test_add_func ("/sctp-size/false-answers", test_false_answers);
  g_test_add_func ("/sctp-size/large-lost", test_large_lost);
  g_test_add_func ("/sctp-size/large-later", test_large_later);
  g_test_add_func ("/sctp-size/black-hole", test_black_hole);
  return g_test_run ();
}
