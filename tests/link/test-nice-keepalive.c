/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nice-ends.h"
#include "pst-fast.h"

#include <nice/debug.h>

/* libnice sends a check every 25 s (0.1.21) or 5 s. */
#define PATIENCE_US (60 * G_USEC_PER_SEC)

static gint n_checks; /* atomic; valid STUN that an agent got */

static void
on_log (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
  if (g_strstr_len (message, -1, "Valid STUN packet received") != NULL)
    g_atomic_int_inc (&n_checks);
}

static void
send_both_ways (NiceEnds *ends, guint number)
{
  static const gsize sizes[] = { 1437, 1437, 1437, 1437, 1437, 700, 15000, 1437 };

  for (guint i = 0; i < 2; i++)
    nice_ends_push (&ends->ends[i], 0, number * G_N_ELEMENTS (sizes), G_N_ELEMENTS (sizes), sizes);
}

/* Checks go on being made and answered while data comes beside them: a check
 * of each end, and the answer to it. */
static void
test_keepalive (void)
{
  static const char *const addresses[2][2] = { { "127.0.0.1", NULL }, { "127.0.0.3", NULL } };
  gint64 end_us = g_get_monotonic_time () + PATIENCE_US;
  NiceEnds ends = { 0 };
  guint round = 0;

  nice_ends_open (&ends, addresses);
  nice_ends_make_elements (&ends);
  nice_ends_connect (&ends);
  do
    send_both_ways (&ends, round++);
  while (nice_ends_get_stat (ends.ends[0].src, "by-lane") < 100
         || nice_ends_get_stat (ends.ends[1].src, "by-lane") < 100);

  g_atomic_int_set (&n_checks, 0);
  while (g_atomic_int_get (&n_checks) < 4)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end_us);
      send_both_ways (&ends, round++);
      nice_ends_rest (&ends, 50);
    }

  for (guint i = 0; i < 2; i++)
    g_assert_cmpuint (nice_ends_get_state (&ends.ends[i]), ==, NICE_COMPONENT_STATE_READY);
  nice_ends_close (&ends);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  nice_debug_enable (FALSE);
  g_log_set_handler ("libnice", G_LOG_LEVEL_DEBUG, on_log, NULL);
  g_assert_true (pst_fast_use (TRUE, &error));

  g_test_add_func ("/nice/keepalive", test_keepalive);

  return g_test_run ();
}
