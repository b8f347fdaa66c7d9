/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The power goes at the receiver, before any of its calls that change the disk, and
 * what was not synced is lost, whole or in part. What has a final name then is what
 * was sent, and what was acknowledged is there. */
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "fault-run.h"

/* So many of the calls are tried in a run of all tests. */
#define USUAL_POINTS 10

static const char *const keeps[] = { "lost", "names", "random:1", "all", "random:2", "random:3" };
#define USUAL_KEEPS 3

static guint
count_calls (FaultRun *run)
{
  g_autofree char *path = g_build_filename (run->dir, "count", NULL);
  g_autofree char *dirs = g_strconcat ("DIRS=", run->to, NULL);
  g_autofree char *count = g_strconcat ("COUNT=", path, NULL);
  const char *settings[] = { dirs, "CUT=0", "KEEP=all", count, NULL };
  g_autofree char *text = NULL;

  fault_go (run, settings, NULL);
  g_assert_cmpint (run->status, ==, 0);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return strtoul (text, NULL, 10);
}

/* @at: before which call; 0: after the end */
static void
check_cut (FaultRun *run, guint at, const char *how)
{
  g_autofree char *dirs = g_strconcat ("DIRS=", run->to, NULL);
  g_autofree char *cut = g_strdup_printf ("CUT=%u", at);
  g_autofree char *keep = g_strconcat ("KEEP=", how, NULL);
  const char *settings[] = { dirs, cut, keep, NULL };
  gboolean acknowledged;
  guint n_there;

  g_test_message ("before call %u, %s", at, how);
  fault_begin (run);
  fault_go (run, settings, NULL);
  /* Calls differ a little from run to run: the last may not be reached. */
  g_assert_true (WIFSIGNALED (run->status) ? WTERMSIG (run->status) == SIGKILL
                                           : WEXITSTATUS (run->status) == 0);
  n_there = fault_check_whole (run);
  acknowledged = strstr (run->said, "receiver done") != NULL
                 || strstr (run->said, "sender done") != NULL;
  if (at == 0)
    g_assert_true (acknowledged);
  if (acknowledged)
    g_assert_cmpuint (n_there, ==, fault_count_source (run));
}

static void
test_power_cut (FaultRun *run, gconstpointer unused)
{
  gboolean every = g_getenv ("PST_POWER_CUT") != NULL;
  guint n_calls = count_calls (run);
  guint step = every ? 1 : MAX (n_calls / USUAL_POINTS, 1);
  guint n_keeps = every ? G_N_ELEMENTS (keeps) : USUAL_KEEPS;

  g_assert_cmpuint (n_calls, >, 30);
  g_test_message ("%u calls", n_calls);
  for (guint k = 0; k < n_keeps; k++)
    check_cut (run, 0, keeps[k]);
  /* Each way of keeping begins elsewhere, so that together they try more calls. */
  for (guint k = 0; k < n_keeps; k++)
    for (guint at = 1 + k * step / n_keeps; at <= n_calls; at += step)
      check_cut (run, at, keeps[k]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/faults/power-cut", FaultRun, NULL, fault_set_up, test_power_cut, fault_tear_down);
  return g_test_run ();
}
