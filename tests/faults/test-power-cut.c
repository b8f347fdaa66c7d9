/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The power goes at the receiver, before any of its calls that change the disk, and
 * what was not synced is lost, whole or in part: of what it received and of what it
 * noted. What has a final name then is what was sent; what was acknowledged is there,
 * and is found by the program that comes after it. */
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "fault-run.h"

/* So many of the calls are tried in a run of all tests. */
#define USUAL_POINTS 10

/* Several checkpoints of one file. */
#define LARGE_BYTES (7 * 512 * 1024)

static const char *const keeps[] = { "lost", "names", "random:1", "all", "random:2", "random:3" };
#define USUAL_KEEPS 3

/* Small files, so many that several batches of them are synced as groups, and others are
 * written meanwhile. */
#define N_SMALL     40
#define SMALL_BYTES 30000

/* How often something had been acknowledged when the power went. */
static guint n_acknowledged;

static void
make_large (FaultRun *run)
{
  g_autofree char *path = g_build_filename (run->from, "tree", "in", "large", NULL);
  g_autofree char *bytes = g_strnfill (LARGE_BYTES, 'l');

  for (guint i = 0; i < LARGE_BYTES; i += 1024)
    bytes[i] = 'a' + i / 1024 % 26;
  g_assert_true (g_file_set_contents (path, bytes, LARGE_BYTES, NULL));
}

static void
make_many (FaultRun *run)
{
  g_autofree char *bytes = g_malloc (SMALL_BYTES);
  g_autofree char *folder = g_build_filename (run->from, "tree", "many", NULL);

  g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);
  for (guint i = 0; i < N_SMALL; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%02u", folder, i);

      memset (bytes, 'A' + i, SMALL_BYTES);
      g_assert_true (g_file_set_contents (path, bytes, SMALL_BYTES, NULL));
    }
}

/* @more: what becomes of the power; the journals are in any case where the next child
 * finds them. */
static void
go (FaultRun *run, const char *const *more)
{
  g_autofree char *dirs = g_strdup_printf ("DIRS=%s:%s", run->to, run->state);
  g_autofree char *journals = g_strdup_printf ("JOURNALS=%s/receipts", run->state);
  g_autoptr (GPtrArray) settings = g_ptr_array_new ();

  g_ptr_array_add (settings, journals);
  if (*more != NULL)
    g_ptr_array_add (settings, dirs);
  for (; *more != NULL; more++)
    g_ptr_array_add (settings, (gpointer) *more);
  g_ptr_array_add (settings, NULL);
  fault_go (run, (const char *const *) settings->pdata, NULL);
}

static guint
count_calls (FaultRun *run)
{
  g_autofree char *path = g_build_filename (run->dir, "count", NULL);
  g_autofree char *count = g_strconcat ("COUNT=", path, NULL);
  const char *more[] = { "CUT=0", "KEEP=all", count, NULL };
  g_autofree char *text = NULL;

  go (run, more);
  g_assert_cmpint (run->status, ==, 0);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return strtoul (text, NULL, 10);
}

/* Folders that were made and not noted yet. */
static void
remove_empty_folders (FaultRun *run)
{
  const char *argv[] = {
    "find", run->to, "-mindepth", "1", "-type", "d", "-empty", "-delete", NULL
  };

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
}

/* The power comes again, and so do both people. */
static void
go_on (FaultRun *run)
{
  const char *more[] = { NULL };
  guint64 written_bytes = fault_get_said (run, "written"), kept_bytes;

  if (written_bytes == 0)
    remove_empty_folders (run);
  go (run, more);
  g_assert_cmpint (run->status, ==, 0);
  g_assert_nonnull (strstr (run->said, "receiver done"));
  kept_bytes = fault_get_said (run, "kept");
  g_test_message ("%" G_GUINT64_FORMAT " bytes were written, %" G_GUINT64_FORMAT " are kept",
                  written_bytes, kept_bytes);
  g_assert_cmpuint (kept_bytes, >=, written_bytes);
  n_acknowledged += written_bytes > 0;

  g_assert_cmpuint (fault_check_whole (run), ==, fault_count_source (run));
  g_assert_cmpuint (fault_count_partial (run), ==, 0);
  g_assert_cmpuint (fault_count_journals (run), ==, 0);
}

/* @at: before which call; 0: after the end */
static void
check_cut (FaultRun *run, guint at, const char *how)
{
  g_autofree char *cut = g_strdup_printf ("CUT=%u", at);
  g_autofree char *keep = g_strconcat ("KEEP=", how, NULL);
  const char *more[] = { cut, keep, NULL };
  gboolean acknowledged, heard;
  guint n_there;

  g_test_message ("before call %u, %s", at, how);
  fault_begin (run);
  go (run, more);
  /* Calls differ a little from run to run: the last may not be reached. */
  g_assert_true (WIFSIGNALED (run->status) ? WTERMSIG (run->status) == SIGKILL
                                           : WEXITSTATUS (run->status) == 0);
  n_there = fault_check_whole (run);
  heard = strstr (run->said, "sender done") != NULL;
  acknowledged = heard || strstr (run->said, "receiver done") != NULL;
  if (at == 0)
    g_assert_true (acknowledged);
  if (acknowledged)
    g_assert_cmpuint (n_there, ==, fault_count_source (run));

  /* Until the sender has heard that all is there, it may offer it again: nothing arrives
   * a second time. */
  if (!heard)
    go_on (run);
}

static void
test_power_cut (FaultRun *run, gconstpointer unused)
{
  gboolean every = g_getenv ("PST_POWER_CUT") != NULL;
  guint n_keeps = every ? G_N_ELEMENTS (keeps) : USUAL_KEEPS;
  guint n_calls, step;

  make_large (run);
  make_many (run);
  n_calls = count_calls (run);
  step = every ? 1 : MAX (n_calls / USUAL_POINTS, 1);
  g_assert_cmpuint (n_calls, >, 30);
  g_test_message ("%u calls", n_calls);
  for (guint k = 0; k < n_keeps; k++)
    check_cut (run, 0, keeps[k]);
  /* Each way of keeping begins elsewhere, so that together they try more calls. */
  for (guint k = 0; k < n_keeps; k++)
    for (guint at = 1 + k * step / n_keeps; at <= n_calls; at += step)
      check_cut (run, at, keeps[k]);
  g_assert_cmpuint (n_acknowledged, >, n_keeps);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/faults/power-cut", FaultRun, NULL, fault_set_up, test_power_cut, fault_tear_down);
  return g_test_run ();
}
