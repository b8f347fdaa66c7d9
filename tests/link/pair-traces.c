/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pair-traces.h"

#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#include "peer-pair.h"

static guint
count_entries (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static gboolean
tick (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* Waits until no more is there than there was; threads end a moment after whoever
 * waited for them went on. */
void
pair_traces_wait_for (const PairTraces *traces)
{
  guint source = g_timeout_add (10, tick, NULL);

  pair_wait_for (count_entries ("/proc/self/task") <= traces->n_threads);
  pair_wait_for (count_entries ("/proc/self/fd") <= traces->n_files);
  g_source_remove (source);
}

/* The first connection leaves what lasts: the registry, usrsctp's threads,
 * pools. */
static void
warm_up (void)
{
  static gboolean warm;
  Pair pair;

  if (warm)
    return;
  warm = TRUE;
  pair_open (&pair);
  pair_clear (&pair);
}

/* Looks at what lasts: usrsctp's two threads, GLib's, the main one. What is left
 * over of the warm-up ends meanwhile. */
void
pair_traces_init (PairTraces *traces)
{
  const PairTraces lasting = { .n_threads = 8, .n_files = G_MAXUINT };

  warm_up ();
  pair_traces_wait_for (&lasting);
  traces->n_threads = count_entries ("/proc/self/task");
  traces->n_files = count_entries ("/proc/self/fd");
}

/* Without what the allocator keeps for later. */
gsize
pair_get_resident_bytes (void)
{
  g_autofree char *text = NULL;
  gulong n_pages = 0;

  malloc_trim (0);
  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  g_assert_cmpint (sscanf (text, "%*u %lu", &n_pages), ==, 1);

  return n_pages * sysconf (_SC_PAGESIZE);
}
