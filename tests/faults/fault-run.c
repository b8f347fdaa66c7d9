/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fault-run.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PARTIAL_PREFIX ".penstock-"

/* Of each kind, of sizes around those that matter; more than one batch. */
static void
make_source (FaultRun *run)
{
  static const struct
  {
    const char *name;
    gsize n_bytes;
  } files[] = {
    { "alone", 70000 },      { "tree/empty", 0 },        { "tree/one", 1 },
    { "tree/in/a", 4096 },   { "tree/in/big", 1400000 }, { "tree/in/deep/z", 65492 },
    { "tree/in/b", 300000 }, { "tree/last", 5000 },
  };
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autofree char *deep = g_build_filename (run->from, "tree", "in", "deep", NULL);
  g_autofree char *link = g_build_filename (run->from, "tree", "link", NULL);

  g_assert_cmpint (g_mkdir_with_parents (deep, 0755), ==, 0);
  g_assert_cmpint (symlink ("in/a", link), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (run->from, files[i].name, NULL);
      g_autofree char *bytes = g_malloc (files[i].n_bytes + 1);

      /* No zeros: what was never written reads as one. */
      for (gsize k = 0; k < files[i].n_bytes; k++)
        bytes[k] = g_rand_int_range (rand, 1, 256);
      g_assert_true (g_file_set_contents (path, bytes, files[i].n_bytes, NULL));
    }
}

static void
run_tool (const char *tool, const char *option, const char *path)
{
  const char *argv[] = { tool, option, path, NULL };

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
}

void
fault_set_up (FaultRun *run, gconstpointer unused)
{
  run->dir = g_dir_make_tmp ("pst-fault-XXXXXX", NULL);
  run->from = g_build_filename (run->dir, "from", NULL);
  run->to = g_build_filename (run->dir, "to", NULL);
  run->state = g_build_filename (run->dir, "state", NULL);
  run->room = g_build_filename (run->dir, "room", NULL);
  make_source (run);
  fault_begin (run);
}

void
fault_tear_down (FaultRun *run, gconstpointer unused)
{
  run_tool ("rm", "-rf", run->dir);
  g_free (run->dir);
  g_free (run->from);
  g_free (run->to);
  g_free (run->state);
  g_free (run->room);
  g_free (run->said);
}

/* An empty destination, and no journals. */
void
fault_begin (FaultRun *run)
{
  g_autofree char *tmp = g_build_filename (run->dir, "tmp", NULL);

  run_tool ("rm", "-rf", run->to);
  run_tool ("rm", "-rf", run->state);
  run_tool ("rm", "-rf", tmp);
  g_assert_cmpint (g_mkdir (run->to, 0755), ==, 0);
  g_assert_cmpint (g_mkdir (run->state, 0755), ==, 0);
  g_assert_cmpint (g_mkdir (tmp, 0755), ==, 0);
}

/* Sends everything. @settings: variables of the bad disk, without their prefix;
 * @what: (nullable): see fault-child.c */
void
fault_go (FaultRun *run, const char *const *settings, const char *const *what)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_auto (GStrv) env = g_get_environ ();
  g_autofree char *tmp = g_build_filename (run->dir, "tmp", NULL);
  g_autofree char *said_on_the_side = NULL;
  g_autoptr (GError) error = NULL;

  env = g_environ_setenv (env, "LD_PRELOAD", g_getenv ("PST_FAULTY_DISK"), TRUE);
  env = g_environ_setenv (env, "TMPDIR", tmp, TRUE);
  env = g_environ_setenv (env, "LC_ALL", "C.UTF-8", TRUE);
  for (; *settings != NULL; settings++)
    {
      g_auto (GStrv) parts = g_strsplit (*settings, "=", 2);
      g_autofree char *name = g_strconcat ("PST_FAULTY_", parts[0], NULL);

      env = g_environ_setenv (env, name, parts[1], TRUE);
    }
  g_ptr_array_add (argv, (gpointer) g_getenv ("PST_FAULT_CHILD"));
  g_ptr_array_add (argv, run->from);
  g_ptr_array_add (argv, run->to);
  for (; what != NULL && *what != NULL; what++)
    g_ptr_array_add (argv, (gpointer) *what);
  g_ptr_array_add (argv, NULL);

  g_clear_pointer (&run->said, g_free);
  g_spawn_sync (run->dir, (char **) argv->pdata, env, G_SPAWN_DEFAULT, NULL, NULL, &run->said,
                &said_on_the_side, &run->status, &error);
  g_assert_no_error (error);
  if (*said_on_the_side != '\0')
    g_test_message ("%s", said_on_the_side);
}

static gboolean
is_same (const char *one, const char *other)
{
  g_autofree char *a = NULL, *b = NULL;
  gsize n_a, n_b;
  struct stat st_a, st_b;

  if (g_lstat (one, &st_a) != 0 || g_lstat (other, &st_b) != 0
      || (st_a.st_mode & S_IFMT) != (st_b.st_mode & S_IFMT))
    return FALSE;
  if (S_ISDIR (st_a.st_mode))
    return TRUE;
  if (S_ISLNK (st_a.st_mode))
    {
      a = g_file_read_link (one, NULL);
      b = g_file_read_link (other, NULL);
      return g_strcmp0 (a, b) == 0;
    }
  return g_file_get_contents (one, &a, &n_a, NULL) && g_file_get_contents (other, &b, &n_b, NULL)
         && n_a == n_b && memcmp (a, b, n_a) == 0;
}

typedef void (*VisitFunc) (FaultRun *run, const char *path, guint *n);

static void
visit_all (FaultRun *run, const char *top, const char *path, VisitFunc visit, guint *n)
{
  g_autofree char *folder = g_build_filename (top, path, NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *below = *path != '\0' ? g_build_filename (path, name, NULL)
                                             : g_strdup (name);
      g_autofree char *full = g_build_filename (top, below, NULL);

      visit (run, below, n);
      if (g_file_test (full, G_FILE_TEST_IS_DIR) && !g_file_test (full, G_FILE_TEST_IS_SYMLINK))
        visit_all (run, top, below, visit, n);
    }
}

static void
check_one (FaultRun *run, const char *path, guint *n)
{
  g_autofree char *sent = g_build_filename (run->from, path, NULL);
  g_autofree char *got = g_build_filename (run->to, path, NULL);

  if (g_str_has_prefix (path, PARTIAL_PREFIX))
    return;
  (*n)++;
  if (!is_same (sent, got))
    g_error ("“%s” is not what was sent. Said: %s", path, run->said);
}

static void
count_one (FaultRun *run, const char *path, guint *n)
{
  (*n)++;
}

static void
count_partial (FaultRun *run, const char *path, guint *n)
{
  *n += g_str_has_prefix (path, PARTIAL_PREFIX);
}

/* Whatever has a final name is what was sent. Returns how many such names there are. */
guint
fault_check_whole (FaultRun *run)
{
  guint n = 0;

  visit_all (run, run->to, "", check_one, &n);
  return n;
}

guint
fault_count_source (FaultRun *run)
{
  guint n = 0;

  visit_all (run, run->from, "", count_one, &n);
  return n;
}

guint
fault_count_partial (FaultRun *run)
{
  guint n = 0;

  visit_all (run, run->to, "", count_partial, &n);
  return n;
}

/* All names in the folder where the journals are, but those of receipts that came to
 * their end; none if there is no such folder. */
guint
fault_count_journals (FaultRun *run)
{
  g_autofree char *folder = g_build_filename (run->state, "receipts", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    n += !g_str_has_suffix (name, ".finished");
  return n;
}

/* The last figure of that name that the last child said, or 0. */
guint64
fault_get_said (FaultRun *run, const char *what)
{
  g_autofree char *start = g_strconcat (what, " ", NULL);
  const char *line = g_strrstr (run->said, start);

  return line != NULL ? strtoull (line + strlen (start), NULL, 10) : 0;
}
