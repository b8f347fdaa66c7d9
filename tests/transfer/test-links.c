/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said about further links of a channel: only where both sides can have some, and
 * not without end. */
#include "pair.h"

#include "pst-error.h"
#include "pst-exchange-private.h"

#define HELLO_LINKS "{\"t\":\"hello\",\"v\":1,\"links\":4}"

typedef struct
{
  guint n;
  guint number;
  gboolean wanted;
  JsonObject *signal; /* owned */
} Told;

static void
on_link (PstExchange *exchange, guint number, gboolean wanted, JsonObject *signal, Told *told)
{
  told->n++;
  told->number = number;
  told->wanted = wanted;
  g_clear_pointer (&told->signal, json_object_unref);
  told->signal = signal != NULL ? json_object_ref (signal) : NULL;
}

static void
set_up (Pair *pair, gconstpointer data)
{
  pst_memory_channel_set_most_links (GPOINTER_TO_UINT (data));
  pair_set_up (pair, NULL);
}

static void
set_up_hostile (Pair *pair, gconstpointer data)
{
  pst_memory_channel_set_most_links (GPOINTER_TO_UINT (data));
  pair_set_up_hostile (pair, NULL);
}

static void
test_said (Pair *pair, gconstpointer data)
{
  g_autoptr (JsonObject) signal = json_object_new ();
  Told told = { 0 };

  g_signal_connect (pair->b, "link", G_CALLBACK (on_link), &told);
  wait_for (pst_exchange_get_peer_most_links (pair->a) == GPOINTER_TO_UINT (data)
            && pst_exchange_get_peer_most_links (pair->b) == GPOINTER_TO_UINT (data));
  pst_exchange_say_link (pair->a, 2, TRUE, NULL);
  wait_for (told.n == 1);
  g_assert_cmpuint (told.number, ==, 2);
  g_assert_true (told.wanted);
  g_assert_null (told.signal);

  json_object_set_string_member (signal, "t", "sdp");
  pst_exchange_say_link (pair->a, 3, FALSE, signal);
  wait_for (told.n == 2);
  g_assert_cmpuint (told.number, ==, 3);
  g_assert_false (told.wanted);
  g_assert_cmpstr (json_object_get_string_member (told.signal, "t"), ==, "sdp");

  pst_exchange_say_link (pair->a, 3, FALSE, NULL);
  wait_for (told.n == 3);
  g_assert_false (told.wanted);
  g_assert_null (told.signal);
}

/* An exchange whose channel has one link says nothing of links, and hears of none. */
static void
test_one (Pair *pair, gconstpointer data)
{
  wait_for (pair->a->greeted && pair->b->greeted);
  g_assert_cmpuint (pst_exchange_get_peer_most_links (pair->a), ==, 0);
  pst_exchange_say_link (pair->a, 1, TRUE, NULL);
  wait_for (pair->closed_b);
  g_assert_error (pair->error_b, PST_ERROR, PST_ERROR_PROTOCOL);
}

/* The other side did not say that it can have several. */
static void
test_not_theirs (Pair *pair, gconstpointer data)
{
  hostile_say (pair, "{\"t\":\"hello\",\"v\":1}");
  hostile_say (pair, "{\"t\":\"link\",\"n\":1}");
  wait_for (pair->closed_a);
  g_assert_error (pair->error_a, PST_ERROR, PST_ERROR_PROTOCOL);
}

static void
say_often (Pair *pair, guint n)
{
  hostile_say (pair, HELLO_LINKS);
  for (guint i = 0; i < n; i++)
    hostile_say (pair, "{\"t\":\"link\",\"n\":1}");
}

static void
test_cap (Pair *pair, gconstpointer data)
{
  Told told = { 0 };

  g_signal_connect (pair->a, "link", G_CALLBACK (on_link), &told);
  say_often (pair, PST_EXCHANGE_MAX_ABOUT_LINKS);
  wait_for (told.n == PST_EXCHANGE_MAX_ABOUT_LINKS);
  g_assert_false (pair->closed_a);
}

static void
test_over_cap (Pair *pair, gconstpointer data)
{
  say_often (pair, PST_EXCHANGE_MAX_ABOUT_LINKS + 1);
  wait_for (pair->closed_a);
  g_assert_error (pair->error_a, PST_ERROR, PST_ERROR_LIMIT);
}

#define LINKS(n) GUINT_TO_POINTER (n)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/links/said", Pair, LINKS (4), set_up, test_said, pair_tear_down);
  g_test_add ("/links/one", Pair, LINKS (0), set_up, test_one, pair_tear_down);
  g_test_add ("/links/not-theirs", Pair, LINKS (4), set_up_hostile, test_not_theirs,
              pair_tear_down);
  g_test_add ("/links/cap", Pair, LINKS (4), set_up_hostile, test_cap, pair_tear_down);
  g_test_add ("/links/over-cap", Pair, LINKS (4), set_up_hostile, test_over_cap, pair_tear_down);
  return g_test_run ();
}
