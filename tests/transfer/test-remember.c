/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What two people want to be remembered reaches the other side, also when the link
 * goes, and no stranger can ask without end. */
#include "pair.h"

#include "pst-error.h"

typedef struct
{
  guint n;
  gboolean agrees;
} Wishes;

static void
on_remember (PstExchange *exchange, gboolean agrees, Wishes *heard)
{
  heard->n++;
  heard->agrees = agrees;
}

static void
test_said (Pair *pair, gconstpointer unused)
{
  Wishes heard = { 0 };

  g_signal_connect (pair->b, "remember", G_CALLBACK (on_remember), &heard);
  pst_exchange_remember (pair->a, TRUE);
  wait_for (heard.n == 1 && heard.agrees);
  pst_exchange_remember (pair->a, FALSE);
  wait_for (heard.n == 2 && !heard.agrees);
}

/* It is lost with the link, and said over the next. */
static void
test_said_again (Pair *pair, gconstpointer unused)
{
  Wishes heard_by_a = { 0 };
  Wishes heard_by_b = { 0 };

  g_signal_connect (pair->a, "remember", G_CALLBACK (on_remember), &heard_by_a);
  g_signal_connect (pair->b, "remember", G_CALLBACK (on_remember), &heard_by_b);
  pair_cut (pair);
  pst_exchange_remember (pair->a, TRUE);
  pair_mend (pair);
  wait_for (heard_by_b.n == 1 && heard_by_b.agrees);
  g_assert_cmpuint (heard_by_a.n, ==, 0);
}

static void
hear_often (Pair *pair, guint n)
{
  hostile_say (pair, "{\"t\":\"hello\",\"v\":1}");
  for (guint i = 0; i < n; i++)
    hostile_say (pair, "{\"t\":\"remember\",\"agrees\":true}");
}

static void
test_cap (Pair *pair, gconstpointer unused)
{
  Wishes heard = { 0 };

  g_signal_connect (pair->a, "remember", G_CALLBACK (on_remember), &heard);
  hear_often (pair, PST_EXCHANGE_MAX_REMEMBER);
  wait_for (heard.n == PST_EXCHANGE_MAX_REMEMBER);
  g_assert_false (pair->closed_a);
}

static void
test_over_cap (Pair *pair, gconstpointer unused)
{
  hear_often (pair, PST_EXCHANGE_MAX_REMEMBER + 1);
  wait_for (pair->closed_a);
  g_assert_error (pair->error_a, PST_ERROR, PST_ERROR_LIMIT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/remember/said", Pair, NULL, pair_set_up, test_said, pair_tear_down);
  g_test_add ("/remember/said-again", Pair, NULL, pair_set_up, test_said_again, pair_tear_down);
  g_test_add ("/remember/cap", Pair, NULL, pair_set_up_hostile, test_cap, pair_tear_down);
  g_test_add ("/remember/over-cap", Pair, NULL, pair_set_up_hostile, test_over_cap,
              pair_tear_down);
  return g_test_run ();
}
