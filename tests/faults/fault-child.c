/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sends all that is in one folder into another, both sides in this process, and
 * says what a person would read. The test preloads a bad disk into it.
 *
 *   fault-child FROM TO [room FILE | vanish | truncate FILE | append FILE | remove FILE]
 *
 * With `room` the destination has little room left once the offer is accepted, and
 * much once both sides say that it is full; with `vanish` it is removed then. The
 * others change a file between its listing and its reading. The receiver keeps journals
 * where PST_FAULTY_JOURNALS says, and what it calls written is told at once. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pair.h"
#include "pst-transfer-private.h"

#define LITTLE_ROOM "700000"
#define MUCH_ROOM   "1000000000"

/* A machine under load gets there, too. */
#define DEADLINE_S 60

static struct
{
  Pair pair;
  PstTransfer *out;
  const char *what; /* to do in the middle */
  const char *file;
  gboolean done;
} run;

static void
say (const char *line)
{
  /* What stands in a buffer is lost in a power cut. */
  g_assert_cmpint (write (STDOUT_FILENO, line, strlen (line)), ==, (gssize) strlen (line));
}

static gboolean
is_full (PstTransferState state)
{
  return state == PST_TRANSFER_FULL_MY_DISK || state == PST_TRANSFER_FULL_THEIR_DISK;
}

static void
make_room (void)
{
  if (g_strcmp0 (run.what, "room") != 0 || run.done || !is_full (pst_transfer_get_state (run.out))
      || !is_full (pst_transfer_get_state (run.pair.incoming)))
    return;

  run.done = TRUE;
  g_assert_true (g_file_set_contents (run.file, MUCH_ROOM, -1, NULL));
}

static void
say_figure (const char *what, guint64 n_bytes)
{
  g_autofree char *line = g_strdup_printf ("%s %" G_GUINT64_FORMAT "\n", what, n_bytes);

  say (line);
}

/* Not what is shown, which is late: what any message may say from now on. */
static void
say_written (void)
{
  static guint64 said_bytes;
  guint64 n_bytes = run.pair.incoming->in.window.written_bytes;

  if (n_bytes > said_bytes)
    say_figure ("written", n_bytes);
  said_bytes = n_bytes;
}

static void
on_state (PstTransfer *transfer, GParamSpec *pspec, gpointer name)
{
  PstTransferState state = pst_transfer_get_state (transfer);
  const GError *error = pst_transfer_get_error (transfer);
  g_autofree char *line = NULL;

  if (!is_full (state) && !pst_transfer_is_finished (transfer))
    return;
  line = g_strdup_printf ("%s %s%s%s\n", (const char *) name, pst_transfer_state_to_name (state),
                          error != NULL ? ": " : "", error != NULL ? error->message : "");
  say (line);
  make_room ();
}

static void
change_source (void)
{
  int fd;

  if (g_strcmp0 (run.what, "truncate") == 0)
    g_assert_cmpint (truncate (run.file, 1000), ==, 0);
  else if (g_strcmp0 (run.what, "remove") == 0)
    g_assert_cmpint (unlink (run.file), ==, 0);
  else if (g_strcmp0 (run.what, "append") == 0)
    {
      fd = open (run.file, O_WRONLY | O_APPEND);
      g_assert_cmpint (write (fd, "more", 4), ==, 4);
      close (fd);
    }
}

static void
change_destination (void)
{
  const char *argv[] = { "rm", "-rf", run.pair.to, NULL };

  if (g_strcmp0 (run.what, "room") == 0)
    g_assert_true (g_file_set_contents (run.file, LITTLE_ROOM, -1, NULL));
  else if (g_strcmp0 (run.what, "vanish") == 0)
    while (g_file_test (run.pair.to, G_FILE_TEST_EXISTS))
      g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
                                   NULL, NULL, NULL, NULL));
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static PstTransfer *
offer_all (void)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (run.pair.from, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (paths, g_build_filename (run.pair.from, name, NULL));
  g_ptr_array_sort (paths, compare_paths);
  g_ptr_array_add (paths, NULL);
  return g_object_ref (pst_exchange_offer (run.pair.a, (const char *const *) paths->pdata));
}

static gboolean
too_late (gpointer unused)
{
  g_error ("the transfer did not end");
  return G_SOURCE_REMOVE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (argc, >=, 3);
  /* What it starts in turn has a good disk. */
  g_unsetenv ("LD_PRELOAD");
  pair_set_up (&run.pair, NULL);
  g_free (run.pair.from);
  g_free (run.pair.to);
  run.pair.from = g_strdup (argv[1]);
  run.pair.to = g_strdup (argv[2]);
  run.what = argc > 3 ? argv[3] : NULL;
  run.file = argc > 4 ? argv[4] : NULL;

  pst_exchange_set_journals (run.pair.b, g_getenv ("PST_FAULTY_JOURNALS"));
  g_timeout_add_seconds (DEADLINE_S, too_late, NULL);
  run.out = offer_all ();
  wait_for (run.pair.incoming != NULL);
  g_signal_connect (run.out, "notify::state", G_CALLBACK (on_state), (gpointer) "sender");
  g_signal_connect (run.pair.incoming, "notify::state", G_CALLBACK (on_state),
                    (gpointer) "receiver");
  change_source ();

  if (pst_transfer_accept (run.pair.incoming, run.pair.to, NULL, &error))
    {
      change_destination ();
      while (!pst_transfer_is_finished (run.out) || !pst_transfer_is_finished (run.pair.incoming))
        {
          g_main_context_iteration (NULL, TRUE);
          say_written ();
        }
      say_figure ("kept", pst_transfer_get_kept_bytes (run.out));
    }
  else
    {
      g_autofree char *line = g_strdup_printf ("receiver refused: %s\n", error->message);

      say (line);
      pst_transfer_decline (run.pair.incoming);
    }
  g_clear_object (&run.out);
  pair_tear_down (&run.pair, NULL);
  return 0;
}
