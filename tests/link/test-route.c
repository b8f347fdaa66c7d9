/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-route.h"

#define OURS   "candidate:1 1 UDP 2015363327 192.0.2.1 4000 typ host"
#define THEIRS "candidate:1 1 UDP 2015363327 192.0.2.2 5000 typ host"

static PstRoute
classify (const char *local_type, const char *remote_type, guint remote_port)
{
  g_autoptr (GPtrArray) local = g_ptr_array_new ();
  g_autoptr (GPtrArray) remote = g_ptr_array_new ();
  g_autofree char *local_end = pst_route_format_end ("192.0.2.1", 4000, local_type);
  g_autofree char *remote_end = pst_route_format_end ("192.0.2.2", remote_port, remote_type);

  g_ptr_array_add (local, (gpointer) OURS);
  g_ptr_array_add (remote, (gpointer) THEIRS);
  return pst_route_classify (local_end, local, remote_end, remote);
}

static void
test_classify (void)
{
  g_assert_cmpint (classify ("host", "host", 5000), ==, PST_ROUTE_LOCAL);
  g_assert_cmpint (classify ("host", "srflx", 5000), ==, PST_ROUTE_DIRECT);
  g_assert_cmpint (classify ("srflx", "host", 5000), ==, PST_ROUTE_DIRECT);
  g_assert_cmpint (classify ("host", "relay", 5000), ==, PST_ROUTE_RELAY);
  g_assert_cmpint (classify ("relay", "host", 5000), ==, PST_ROUTE_RELAY);
  g_assert_cmpint (classify ("relay", "prflx", 5000), ==, PST_ROUTE_RELAY);
}

static void
test_peer_reflexive (void)
{
  g_assert_cmpint (classify ("host", "prflx", 5000), ==, PST_ROUTE_LOCAL);
  g_assert_cmpint (classify ("prflx", "prflx", 5000), ==, PST_ROUTE_LOCAL);
  g_assert_cmpint (classify ("host", "prflx", 5001), ==, PST_ROUTE_DIRECT);
  g_assert_cmpint (classify ("host", "prflx", 500), ==, PST_ROUTE_DIRECT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/route/classify", test_classify);
  g_test_add_func ("/route/peer-reflexive", test_peer_reflexive);
  return g_test_run ();
}
