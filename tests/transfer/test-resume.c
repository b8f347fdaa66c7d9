/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A receipt ends in the middle and the same is offered again to a new exchange: what
 * arrives is what is sent, and what was there is not sent again. */
#include "pair.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pst-error.h"
#include "pst-journal-finished.h"
#include "pst-journal-folder.h"
#include "pst-journal-writer.h"
#include "pst-transfer-private.h"

#define MIB (1024 * 1024)

/* So long that it is not over when some of it is there. */
#define LONG_BYTES (12 * MIB)

#define state_is(transfer, STATE) (pst_transfer_get_state (transfer) == PST_TRANSFER_##STATE)

static char *
journals_of (Pair *pair)
{
  return g_build_filename (pair->dir, "state", "receipts", NULL);
}

static void
set_up (Pair *pair, gconstpointer unused)
{
  g_autofree char *journals = NULL;

  pair_set_up (pair, NULL);
  journals = journals_of (pair);
  pst_exchange_set_journals (pair->b, journals);
}

/* Both programs are gone, and others are there. */
static void
restart (Pair *pair)
{
  g_autofree char *journals = journals_of (pair);
  g_autoptr (GError) error = g_error_new_literal (PST_ERROR, PST_ERROR_LOST, "Gone.");

  pst_exchange_close (pair->a, error);
  pst_exchange_close (pair->b, error);
  wait_for (pst_exchange_is_settled (pair->a) && pst_exchange_is_settled (pair->b));
  g_clear_object (&pair->incoming);
  pair_renew (pair);
  pst_exchange_set_journals (pair->b, journals);
}

static PstTransfer *
offer_again (Pair *pair, const char *name)
{
  PstTransfer *out = g_object_ref (pair_offer (pair, name));

  pair_accept (pair);
  return out;
}

/* Offers a thing and ends both sides when so much of it is in the file. */
static void
receive_in_part (Pair *pair, const char *name, guint64 n_bytes)
{
  g_autoptr (PstTransfer) out = NULL;

  /* Slow enough to be ended in the middle. */
  pst_memory_channel_set_delay_ms (pair->channel_a, 2);
  out = offer_again (pair, name);
  /* The figure that is shown is late, and what ends in order is synced first. */
  wait_for_long (pair->incoming->in.window.taken_bytes >= n_bytes);
  g_assert_no_error (pst_transfer_get_error (pair->incoming));
  g_assert_false (pst_transfer_is_finished (pair->incoming));
  restart (pair);
}

static guint
count_journals (Pair *pair)
{
  g_autofree char *journals = journals_of (pair);

  return g_file_test (journals, G_FILE_TEST_EXISTS) ? count_names (journals) : 0;
}

/* The last journal goes once the receiver knows that the sender has heard. */
static void
finish (Pair *pair, PstTransfer *out)
{
  wait_for_long (pst_transfer_is_finished (out) && pst_transfer_is_finished (pair->incoming));
  g_assert_no_error (pst_transfer_get_error (out));
  g_assert_no_error (pst_transfer_get_error (pair->incoming));
  g_assert_true (state_is (out, DONE) && state_is (pair->incoming, DONE));
  g_assert_cmpuint (pst_transfer_get_kept_bytes (out), ==,
                    pst_transfer_get_kept_bytes (pair->incoming));
  g_assert_cmpuint (pst_transfer_get_again_files (out), ==,
                    pst_transfer_get_again_files (pair->incoming));
  g_assert_cmpuint (pst_transfer_get_sent_bytes (out), ==, pst_transfer_get_total_bytes (out));
  g_assert_cmpuint (pst_transfer_get_written_bytes (out), ==, pst_transfer_get_total_bytes (out));
  g_assert_cmpuint (pst_transfer_get_written_bytes (pair->incoming), ==,
                    pst_transfer_get_total_bytes (out));
}

static void
assert_same (Pair *pair, const char *name, const char *as)
{
  g_autofree char *sent = g_build_filename (pair->from, name, NULL);
  g_autofree char *got = g_build_filename (pair->to, as, NULL);
  g_autofree char *quoted_sent = g_shell_quote (sent);
  g_autofree char *quoted_got = g_shell_quote (got);
  g_autofree char *command = g_strdup_printf ("diff -r %s %s", quoted_sent, quoted_got);
  int status;

  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, &status, NULL));
  g_assert_true (g_spawn_check_wait_status (status, NULL));
}

/* The one name in a folder that is a partial file. */
static char *
find_partial (Pair *pair)
{
  g_autoptr (GDir) dir = g_dir_open (pair->to, 0, NULL);
  char *found = NULL;
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, ".penstock-"))
      {
        g_assert_null (found);
        found = g_build_filename (pair->to, name, NULL);
      }
  return found;
}

/* The sender says that what is there is looked at, before it has an answer. */
static void
note_checking (PstTransfer *transfer, GParamSpec *pspec, gboolean *checked_early)
{
  *checked_early |= state_is (transfer, CHECKING) && transfer->out.reader == NULL;
}

static void
test_continue (Pair *pair, gconstpointer unused)
{
  g_autofree char *path = pair_make_file (pair, "long", 20 * MIB);
  g_autofree char *partial = NULL;
  g_autoptr (PstTransfer) out = NULL;
  gboolean checked_early = FALSE;
  struct stat st;

  receive_in_part (pair, "long", 10 * MIB);
  g_assert_cmpuint (count_journals (pair), ==, 1);
  partial = find_partial (pair);
  g_assert_cmpint (stat (partial, &st), ==, 0);

  out = g_object_ref (pair_offer (pair, "long"));
  wait_for (pair->incoming != NULL);
  g_assert_cmpuint (pst_transfer_get_there_bytes (pair->incoming, pair->to), ==, st.st_size);
  g_assert_cmpuint (pst_transfer_get_there_bytes (pair->incoming, pair->from), ==, 0);
  g_assert_cmpuint (pst_transfer_get_formers (pair->incoming)->len, ==, 1);
  g_signal_connect (out, "notify::state", G_CALLBACK (note_checking), &checked_early);
  pair_accept (pair);
  g_assert_true (state_is (pair->incoming, CHECKING));
  finish (pair, out);
  g_assert_true (checked_early);
  g_assert_cmpuint (pst_transfer_get_kept_bytes (out), ==, st.st_size);
  g_assert_cmpuint (pst_transfer_get_again_files (out), ==, 0);
  assert_same (pair, "long", "long");
  g_assert_cmpuint (count_names (pair->to), ==, 1);
  wait_for (count_journals (pair) == 0);
}

/* A power cut took what was not safe: it goes on from what was. */
static void
test_power_cut (Pair *pair, gconstpointer shorter)
{
  static const char zeros[4096];
  g_autofree char *path = pair_make_file (pair, "long", 20 * MIB);
  g_autofree char *partial = NULL;
  g_autoptr (PstTransfer) out = NULL;
  struct stat st;
  int fd;

  receive_in_part (pair, "long", 12 * MIB);
  partial = find_partial (pair);
  fd = g_open (partial, O_WRONLY, 0);
  g_assert_cmpint (fstat (fd, &st), ==, 0);
  if (shorter != NULL)
    g_assert_cmpint (ftruncate (fd, 9 * MIB), ==, 0);
  else
    g_assert_cmpint (pwrite (fd, zeros, sizeof zeros, st.st_size - 2 * (gint64) sizeof zeros), ==,
                     sizeof zeros);
  close (fd);

  out = offer_again (pair, "long");
  finish (pair, out);
  if (shorter != NULL)
    g_assert_cmpuint (pst_transfer_get_kept_bytes (out), ==, 9 * MIB);
  else
    g_assert_cmpuint (pst_transfer_get_kept_bytes (out), <, st.st_size);
  assert_same (pair, "long", "long");
  g_assert_cmpuint (count_names (pair->to), ==, 1);
}

/* The source is another now; @with_time: as its time shows. */
static void
test_changed (Pair *pair, gconstpointer with_time)
{
  g_autofree char *path = pair_make_file (pair, "long", LONG_BYTES);
  g_autoptr (PstTransfer) out = NULL;
  struct timespec times[2];
  struct stat st;

  g_assert_cmpint (stat (path, &st), ==, 0);
  receive_in_part (pair, "long", 2 * MIB);
  g_free (pair_make_file (pair, "long", LONG_BYTES));
  times[0] = st.st_atim;
  times[1] = st.st_mtim;
  times[1].tv_sec += with_time != NULL ? 10 : 0;
  g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);

  out = offer_again (pair, "long");
  finish (pair, out);
  g_assert_cmpuint (pst_transfer_get_kept_bytes (out), ==, 0);
  g_assert_cmpuint (pst_transfer_get_again_files (out), ==, 1);
  assert_same (pair, "long", "long");
  g_assert_cmpuint (count_names (pair->to), ==, 1);
  wait_for (count_journals (pair) == 0);
}

static void
make_tree (Pair *pair)
{
  g_autofree char *folder = pair_make_folder (pair, "tree");
  g_autofree char *inner = pair_make_folder (pair, "tree/inner");
  g_autofree char *bare = pair_make_folder (pair, "tree/bare");
  g_autofree char *link = g_build_filename (folder, "link", NULL);

  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *name = g_strdup_printf ("tree/%s%02u", i % 3 == 0 ? "inner/" : "", i);

      g_free (pair_make_file (pair, name, i % 7 == 0 ? 0 : 100000));
    }
  g_free (pair_make_file (pair, "tree/zlong", LONG_BYTES));
  g_assert_cmpint (symlink ("zlong", link), ==, 0);
}

/* What was whole is not sent again, and has no second copy. */
static void
test_committed (Pair *pair, gconstpointer unused)
{
  g_autoptr (PstTransfer) out = NULL;

  make_tree (pair);
  receive_in_part (pair, "tree", 3 * MIB);
  out = offer_again (pair, "tree");
  finish (pair, out);
  g_assert_cmpuint (pst_transfer_get_kept_bytes (out), >=, 3 * MIB - 512 * 1024);
  g_assert_cmpuint (pst_transfer_get_again_files (out), ==, 0);
  g_assert_cmpuint (pst_transfer_get_done_files (pair->incoming), ==, 21);
  assert_same (pair, "tree", "tree");
  g_assert_cmpuint (count_names (pair->to), ==, 1);
  wait_for (count_journals (pair) == 0);
  g_assert_cmpuint (g_strv_length (pst_transfer_get_result_paths (pair->incoming)), ==, 1);
}

/* A person has written into one whole file and taken another away, and one of the
 * sender's has changed: nobody's bytes are lost. */
static void
test_touched (Pair *pair, gconstpointer unused)
{
  g_autofree char *mine = g_build_filename (pair->to, "tree", "01", NULL);
  g_autofree char *gone = g_build_filename (pair->to, "tree", "02", NULL);
  g_autofree char *theirs = g_build_filename (pair->from, "tree", "04", NULL);
  g_autofree char *kept = NULL;
  g_autoptr (PstTransfer) out = NULL;

  make_tree (pair);
  receive_in_part (pair, "tree", 3 * MIB);
  g_assert_true (g_file_set_contents (mine, "mine", 4, NULL));
  g_assert_cmpint (g_unlink (gone), ==, 0);
  g_assert_true (g_file_set_contents (theirs, "new", 3, NULL));
  out = offer_again (pair, "tree");
  finish (pair, out);

  g_assert_cmpuint (pst_transfer_get_again_files (out), ==, 1);
  g_assert_true (g_file_get_contents (mine, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, "mine");
  assert_same (pair, "tree/01", "tree/01 (1)");
  assert_same (pair, "tree/02", "tree/02");
  assert_same (pair, "tree/04", "tree/04 (1)");
  assert_same (pair, "tree/zlong", "tree/zlong");
  g_assert_cmpuint (count_names (pair->to), ==, 1);
}

/* So many that what is there is said in several messages. */
static void
test_many (Pair *pair, gconstpointer unused)
{
  g_autofree char *folder = pair_make_folder (pair, "many");
  g_autoptr (PstTransfer) out = NULL;

  for (guint i = 0; i < 5000; i++)
    {
      g_autofree char *name = g_strdup_printf ("many/%u", i);

      g_free (pair_make_file (pair, name, i % 10 == 0 ? 0 : i % 500));
    }
  out = offer_again (pair, "many");
  wait_for_long (pst_transfer_get_done_files (pair->incoming) >= 2000);
  g_assert_false (pst_transfer_is_finished (pair->incoming));
  g_clear_object (&out);
  restart (pair);

  out = offer_again (pair, "many");
  wait_for_long (pst_transfer_is_finished (out) && pst_transfer_is_finished (pair->incoming));
  finish (pair, out);
  g_assert_cmpuint (pst_transfer_get_kept_bytes (out), >, 100000);
  assert_same (pair, "many", "many");
  g_assert_cmpuint (count_names (pair->to), ==, 1);
}

/* The link goes while a receipt goes on, after each number of frames. */
static gboolean
cut_at (guint64 n_frames, gboolean at_a)
{
  gboolean was_cut;
  Pair pair = { 0 };
  g_autofree char *theirs = NULL;
  g_autoptr (PstTransfer) out = NULL;

  set_up (&pair, NULL);
  make_tree (&pair);
  receive_in_part (&pair, "tree", 3 * MIB);
  theirs = g_build_filename (pair.from, "tree", "04", NULL);
  g_assert_true (g_file_set_contents (theirs, "new", 3, NULL));
  pst_memory_channel_cut_after (at_a ? pair.channel_a : pair.channel_b, n_frames);
  out = g_object_ref (pair_offer (&pair, "tree"));
  wait_for (pair.incoming != NULL || pair.lost_a);
  was_cut = pair.lost_a;
  if (pair.lost_a)
    pair_mend (&pair);
  pair_accept (&pair);
  wait_for_long (pair.lost_a
                 || (pst_transfer_is_finished (out) && pst_transfer_is_finished (pair.incoming)));
  was_cut |= pair.lost_a;
  if (pair.lost_a)
    pair_mend (&pair);
  finish (&pair, out);
  g_test_message ("kept %" G_GUINT64_FORMAT, pst_transfer_get_kept_bytes (out));
  g_assert_cmpuint (pst_transfer_get_again_files (out), ==, 1);
  assert_same (&pair, "tree/04", "tree/04 (1)");
  assert_same (&pair, "tree/zlong", "tree/zlong");
  g_assert_cmpuint (count_names (pair.to), ==, 1);
  g_assert_false (pair.closed_a || pair.closed_b);
  pair_tear_down (&pair, NULL);
  return was_cut;
}

static void
test_every_frame (gconstpointer at_a)
{
  guint n_steps = g_test_slow () ? 1 : 37;
  guint64 n = 1;

  while (cut_at (n, at_a != NULL))
    {
      g_test_message ("cut after %" G_GUINT64_FORMAT " frames", n);
      n += n_steps;
    }
}

/* @how: who did not want it any more. */
static void
test_cancelled (Pair *pair, gconstpointer by_sender)
{
  g_autofree char *path = pair_make_file (pair, "long", LONG_BYTES);
  g_autoptr (PstTransfer) out = offer_again (pair, "long");

  wait_for (pst_transfer_get_written_bytes (pair->incoming) > MIB);
  pst_transfer_cancel (by_sender != NULL ? out : pair->incoming);
  wait_for (pst_transfer_is_finished (out) && pst_transfer_is_finished (pair->incoming));
  wait_for (pst_exchange_is_settled (pair->a) && pst_exchange_is_settled (pair->b));
  g_assert_false (pst_transfer_is_kept (pair->incoming));
  g_assert_cmpuint (count_names (pair->to), ==, 0);
  g_assert_cmpuint (count_journals (pair), ==, 0);
}

/* A program that has to end, on one side or the other; or a person who gives up a
 * connection that is lost. */
static void
test_left (Pair *pair, gconstpointer how)
{
  g_autofree char *path = pair_make_file (pair, "long", LONG_BYTES);
  g_autoptr (PstTransfer) out = offer_again (pair, "long");
  g_autoptr (PstTransfer) in = NULL;

  wait_for (pst_transfer_get_written_bytes (pair->incoming) > MIB);
  in = g_object_ref (pair->incoming);
  if (GPOINTER_TO_INT (how) == 2)
    {
      pair_cut (pair);
      pst_transfer_cancel (in);
    }
  else
    pst_transfer_leave (how != NULL ? out : in);
  wait_for (pst_transfer_is_finished (in)
            && (GPOINTER_TO_INT (how) == 2 || pst_transfer_is_finished (out)));
  g_assert_true (pst_transfer_is_kept (in));
  g_clear_object (&out);
  restart (pair);

  out = offer_again (pair, "long");
  finish (pair, out);
  g_assert_cmpuint (pst_transfer_get_kept_bytes (out), >, MIB);
  assert_same (pair, "long", "long");
}

static void
make_beside (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, "x", 1, NULL));
  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
}

static gboolean
is_beside (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* Everything has its name and the sender never hears of it: offered again, nothing
 * arrives a second time, but what is gone or another now. @what: becomes of it meanwhile */
static void
test_unheard (Pair *pair, gconstpointer what)
{
  g_autofree char *folder = pair_make_folder (pair, "tree");
  g_autofree char *got = g_build_filename (pair->to, "tree", "one", NULL);
  g_autofree char *sent = pair_make_file (pair, "tree/one", MIB), *kept = NULL;
  g_autofree char *other = pair_make_file (pair, "tree/two", 100);
  g_autoptr (PstTransfer) out = offer_again (pair, "tree");

  pst_memory_channel_set_delay_ms (pair->channel_b, 300);
  wait_for (state_is (pair->incoming, DONE));
  pair_cut (pair);
  g_assert_false (pst_transfer_is_finished (out));
  g_assert_cmpuint (count_journals (pair), ==, 1);
  g_clear_object (&out);
  restart (pair);
  if (g_strcmp0 (what, "gone") == 0)
    g_assert_cmpint (g_unlink (got), ==, 0);
  else if (g_strcmp0 (what, "other") == 0)
    g_assert_true (g_file_set_contents (got, "mine", 4, NULL));

  out = offer_again (pair, "tree");
  finish (pair, out);
  g_assert_cmpuint (pst_transfer_get_kept_bytes (out), ==, what == NULL ? MIB + 100 : 100);
  assert_same (pair, "tree/one", g_strcmp0 (what, "other") == 0 ? "tree/one (1)" : "tree/one");
  g_assert_cmpuint (count_names (pair->to), ==, 1);
  g_assert_true (g_file_get_contents (got, &kept, NULL, NULL));
  g_assert_cmpint (g_str_equal (kept, "mine"), ==, g_strcmp0 (what, "other") == 0);
  wait_for (count_journals (pair) == 0);
}

static void
make_finished (const char *journals, guint number, gint64 age_s)
{
  g_autofree char *name = g_strdup_printf ("%016x.finished", number);
  g_autofree char *path = g_build_filename (journals, name, NULL);
  gint64 ended_s = g_get_real_time () / G_USEC_PER_SEC - age_s;
  struct timespec times[2] = { { 0, UTIME_OMIT }, { ended_s, 0 } };

  make_beside (journals, name);
  g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
}

/* Those that nobody asks for any more go by themselves. */
static void
test_finished_expire (Pair *pair, gconstpointer unused)
{
  g_autofree char *journals = journals_of (pair);
  g_autoptr (GPtrArray) list = NULL;
  int folder_fd;

  g_assert_cmpint (g_mkdir_with_parents (journals, 0700), ==, 0);
  make_finished (journals, 0, PST_JOURNAL_FINISHED_S + 60);
  make_finished (journals, 1, PST_JOURNAL_FINISHED_S - 60);
  folder_fd = pst_journal_open_folder (journals, FALSE, NULL);
  pst_journal_trim_finished (folder_fd);
  g_assert_false (is_beside (journals, "0000000000000000.finished"));
  g_assert_true (is_beside (journals, "0000000000000001.finished"));
  for (guint i = 0; i < PST_JOURNAL_MAX_FINISHED; i++)
    make_finished (journals, 2 + i, 0);
  pst_journal_trim_finished (folder_fd);
  close (folder_fd);
  g_assert_false (is_beside (journals, "0000000000000001.finished"));
  g_assert_cmpuint (count_names (journals), ==, PST_JOURNAL_MAX_FINISHED);
  list = pst_leftover_list (journals, NULL);
  g_assert_cmpuint (list->len, ==, 0);
}

/* A transfer that goes on is paused before it has begun to. */
static void
test_paused (Pair *pair, gconstpointer unused)
{
  g_autofree char *path = pair_make_file (pair, "long", LONG_BYTES);
  g_autoptr (PstTransfer) out = NULL;

  receive_in_part (pair, "long", 10 * MIB);
  out = offer_again (pair, "long");
  g_assert_true (state_is (pair->incoming, CHECKING));
  pst_transfer_pause (pair->incoming);
  wait_for (state_is (out, PAUSED_BY_THEM));
  pst_transfer_resume (pair->incoming);
  finish (pair, out);
  assert_same (pair, "long", "long");
}

/* The link goes while what is there is looked at. */
static void
test_cut_while_checking (Pair *pair, gconstpointer unused)
{
  g_autofree char *path = pair_make_file (pair, "long", LONG_BYTES);
  g_autoptr (PstTransfer) out = NULL;

  receive_in_part (pair, "long", 10 * MIB);
  out = offer_again (pair, "long");
  wait_for (state_is (out, CHECKING));
  pair_cut (pair);
  g_assert_true (state_is (out, RECONNECTING));
  pair_mend (pair);
  finish (pair, out);
  g_assert_cmpuint (pst_transfer_get_kept_bytes (out), >=, 10 * MIB);
  assert_same (pair, "long", "long");
}

/* It ends once more while what is there is looked at. */
static void
test_cancelled_early (Pair *pair, gconstpointer unused)
{
  g_autofree char *path = pair_make_file (pair, "long", LONG_BYTES);
  g_autoptr (PstTransfer) out = NULL;

  receive_in_part (pair, "long", 10 * MIB);
  out = offer_again (pair, "long");
  pst_transfer_cancel (pair->incoming);
  wait_for (pst_transfer_is_finished (out));
  wait_for (pst_exchange_is_settled (pair->b));
  g_assert_cmpuint (count_names (pair->to), ==, 0);
  g_assert_cmpuint (count_journals (pair), ==, 0);
}

static char *
find_journal (Pair *pair)
{
  g_autofree char *journals = journals_of (pair);
  g_autoptr (GDir) dir = g_dir_open (journals, 0, NULL);

  return g_build_filename (journals, g_dir_read_name (dir), NULL);
}

typedef enum
{
  TAMPER_BYTES,
  TAMPER_LINK,
  TAMPER_SECOND_NAME,
  TAMPER_MODE,
  TAMPER_NAME,
  TAMPER_PART_LINK,
  TAMPER_PART_NAMES,
  N_TAMPER
} Tamper;

static void
tamper (Pair *pair, Tamper how, const char *mine)
{
  g_autofree char *journal = find_journal (pair);
  g_autofree char *partial = find_partial (pair);
  g_autofree char *other = g_build_filename (pair->dir, "other", NULL);
  g_autofree char *journals = journals_of (pair);
  g_autofree char *elsewhere = g_build_filename (journals, "0000000000000000.journal", NULL);
  g_autofree char *text = NULL;
  gsize n_bytes;

  switch (how)
    {
    case TAMPER_BYTES:
      g_assert_true (g_file_get_contents (journal, &text, &n_bytes, NULL));
      text[40] ^= 1;
      g_assert_true (g_file_set_contents (journal, text, n_bytes, NULL));
      break;
    case TAMPER_LINK:
      g_assert_cmpint (g_rename (journal, other), ==, 0);
      g_assert_cmpint (symlink (other, journal), ==, 0);
      break;
    case TAMPER_SECOND_NAME:
      g_assert_cmpint (link (journal, other), ==, 0);
      break;
    case TAMPER_MODE:
      g_assert_cmpint (g_chmod (journal, 0666), ==, 0);
      break;
    case TAMPER_NAME:
      g_assert_cmpint (g_rename (journal, elsewhere), ==, 0);
      break;
    case TAMPER_PART_LINK:
      g_assert_cmpint (g_unlink (partial), ==, 0);
      g_assert_cmpint (symlink (mine, partial), ==, 0);
      break;
    case TAMPER_PART_NAMES:
      g_assert_cmpint (link (partial, other), ==, 0);
      break;
    case N_TAMPER:
      g_assert_not_reached ();
    }
}

/* What is not as this program left it is not used, and nothing of anybody else's is
 * touched. */
static void
test_tampered (Pair *pair, gconstpointer how)
{
  g_autofree char *path = pair_make_file (pair, "long", LONG_BYTES);
  g_autofree char *mine = g_build_filename (pair->dir, "mine", NULL);
  g_autofree char *theirs = g_build_filename (pair->to, ".penstock-0123456789abcdef-0.part", NULL);
  g_autofree char *kept = NULL;
  g_autoptr (PstTransfer) out = NULL;

  g_assert_true (g_file_set_contents (mine, "mine", 4, NULL));
  receive_in_part (pair, "long", 2 * MIB);
  tamper (pair, GPOINTER_TO_INT (how), mine);
  g_assert_true (g_file_set_contents (theirs, "theirs", 6, NULL));

  out = offer_again (pair, "long");
  finish (pair, out);
  g_assert_cmpuint (pst_transfer_get_kept_bytes (out), ==, 0);
  assert_same (pair, "long", "long");
  g_assert_true (g_file_get_contents (mine, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, "mine");
  g_clear_pointer (&kept, g_free);
  g_assert_true (g_file_get_contents (theirs, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, "theirs");
}

/* Into another folder it begins anew, and what is left in the first stays. */
static void
test_elsewhere (Pair *pair, gconstpointer unused)
{
  g_autofree char *path = pair_make_file (pair, "long", LONG_BYTES);
  g_autofree char *elsewhere = g_build_filename (pair->dir, "elsewhere", NULL);
  g_autofree char *got = g_build_filename (elsewhere, "long", NULL);
  g_autofree char *partial = NULL;
  g_autoptr (PstTransfer) out = NULL;

  g_assert_cmpint (g_mkdir (elsewhere, 0755), ==, 0);
  receive_in_part (pair, "long", 2 * MIB);
  out = g_object_ref (pair_offer (pair, "long"));
  wait_for (pair->incoming != NULL);
  g_assert_true (pst_transfer_accept (pair->incoming, elsewhere, NULL, NULL));
  finish (pair, out);
  g_assert_cmpuint (pst_transfer_get_kept_bytes (out), ==, 0);
  g_assert_true (pair_same_file (path, got));
  partial = find_partial (pair);
  g_assert_nonnull (partial);
  wait_for (count_journals (pair) == 1);
}

/* One file of a folder cannot be read: the next time only that one is sent. */
static void
test_failed_file (Pair *pair, gconstpointer unused)
{
  g_autofree char *bad = NULL;
  g_autoptr (PstTransfer) out = NULL;

  make_tree (pair);
  bad = g_build_filename (pair->from, "tree", "05", NULL);
  out = g_object_ref (pair_offer (pair, "tree"));
  wait_for (pair->incoming != NULL);
  g_assert_true (g_file_set_contents (bad, "new", 3, NULL));
  pair_accept (pair);
  wait_for (pst_transfer_is_finished (out) && pst_transfer_is_finished (pair->incoming));
  g_assert_true (state_is (out, FAILED) && state_is (pair->incoming, FAILED));
  g_clear_object (&out);
  restart (pair);

  out = offer_again (pair, "tree");
  finish (pair, out);
  g_assert_cmpuint (pst_transfer_get_kept_bytes (out), ==, pst_transfer_get_total_bytes (out) - 3);
  assert_same (pair, "tree", "tree");
  g_assert_cmpuint (count_names (pair->to), ==, 1);
}

static void
test_leftovers (Pair *pair, gconstpointer unused)
{
  g_autofree char *journals = journals_of (pair);
  g_autofree char *path = pair_make_file (pair, "long", LONG_BYTES);
  g_autofree char *theirs = g_build_filename (pair->to, ".penstock-0123456789abcdef-0.part", NULL);
  g_autofree char *tree = g_build_filename (pair->to, "tree", NULL);
  g_autofree char *partial = NULL, *id = NULL;
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (PstTransfer) out = NULL;
  const PstLeftover *leftover;

  list = pst_leftover_list (journals, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (list->len, ==, 0);
  g_clear_pointer (&list, g_ptr_array_unref);

  /* The one that is being received is nobody's to discard. */
  out = offer_again (pair, "long");
  wait_for (pst_transfer_get_written_bytes (pair->incoming) > 2 * MIB);
  list = pst_leftover_list (journals, &error);
  g_assert_cmpuint (list->len, ==, 0);
  g_clear_pointer (&list, g_ptr_array_unref);
  g_clear_object (&out);
  restart (pair);

  partial = find_partial (pair);
  list = pst_leftover_list (journals, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (list->len, ==, 1);
  leftover = g_ptr_array_index (list, 0);
  g_assert_no_error (leftover->error);
  g_assert_cmpstr (leftover->title, ==, "long");
  g_assert_cmpstr (leftover->destination, ==, pair->to);
  g_assert_cmpuint (leftover->total_bytes, ==, LONG_BYTES);
  g_assert_cmpuint (leftover->there_bytes, >, 2 * MIB);
  g_assert_cmpuint (leftover->n_files, ==, 1);
  g_assert_cmpuint (leftover->n_whole_files, ==, 0);
  id = g_strdup (leftover->id);

  g_assert_true (g_file_set_contents (theirs, "theirs", 6, NULL));
  g_assert_cmpint (g_mkdir (tree, 0755), ==, 0);
  g_assert_false (pst_leftover_discard (journals, "../../x", &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_USAGE);
  g_clear_error (&error);
  g_assert_true (pst_leftover_discard (journals, id, &error));
  g_assert_no_error (error);
  g_assert_false (g_file_test (partial, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (theirs, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (tree, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (count_journals (pair), ==, 0);
  g_assert_false (pst_leftover_discard (journals, id, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_USAGE);
}

/* Folders that are still empty go, whole files stay. */
static void
test_discard_tree (Pair *pair, gconstpointer unused)
{
  g_autofree char *journals = journals_of (pair);
  g_autofree char *bare = g_build_filename (pair->to, "tree", "bare", NULL);
  g_autofree char *one = g_build_filename (pair->to, "tree", "01", NULL);
  g_autoptr (GPtrArray) list = NULL;

  make_tree (pair);
  receive_in_part (pair, "tree", 3 * MIB);
  list = pst_leftover_list (journals, NULL);
  g_assert_cmpuint (list->len, ==, 1);
  g_assert_cmpuint (((PstLeftover *) list->pdata[0])->n_whole_files, >=, 10);
  g_assert_true (g_file_test (bare, G_FILE_TEST_EXISTS));
  g_assert_true (pst_leftover_discard (journals, ((PstLeftover *) list->pdata[0])->id, NULL));
  g_assert_false (g_file_test (bare, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (one, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (count_names (pair->to), ==, 1);
}

/* Journals that are refused are listed with the reason, and only they go. */
static void
test_refused (Pair *pair, gconstpointer how)
{
  g_autofree char *journals = journals_of (pair);
  g_autofree char *mine = g_build_filename (pair->dir, "mine", NULL);
  g_autofree char *path = pair_make_file (pair, "long", LONG_BYTES);
  g_autofree char *partial = NULL;
  g_autoptr (GPtrArray) list = NULL;
  const PstLeftover *leftover;

  receive_in_part (pair, "long", 2 * MIB);
  partial = find_partial (pair);
  tamper (pair, GPOINTER_TO_INT (how), mine);
  list = pst_leftover_list (journals, NULL);
  g_assert_cmpuint (list->len, ==, 1);
  leftover = g_ptr_array_index (list, 0);
  g_assert_error (leftover->error, PST_ERROR, PST_ERROR_DESTINATION);
  g_assert_null (leftover->destination);
  g_assert_true (pst_leftover_discard (journals, leftover->id, NULL));
  g_assert_cmpuint (count_journals (pair), ==, 0);
  g_assert_true (g_file_test (partial, G_FILE_TEST_EXISTS));
}

static int
lock_beside (const char *folder, const char *name, int how)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (flock (fd, how | LOCK_NB), ==, 0);
  return fd;
}

static void
begin_journal (Pair *pair, guint64 id)
{
  g_autofree char *journals = journals_of (pair);
  PstJournalHead head = { .id = id, .destination = pair->to, .title = (char *) "x" };
  g_autoptr (GError) error = NULL;
  g_autoptr (PstJournalWriter) writer = pst_journal_writer_new (journals, &head, &error);

  g_assert_no_error (error);
}

/* What a program left that was killed while it began a journal goes with the next one;
 * what is anybody else's, or somebody is at, stays. */
static void
test_dead_journals (Pair *pair, gconstpointer unused)
{
  static const char *const kept[] = { "2222222222222222.new", "3333333333333333.new",
                                      "444444444444444G.new", "other.new" };
  g_autofree char *journals = journals_of (pair);
  g_autofree char *link_path = g_build_filename (journals, kept[1], NULL);
  int fd;

  g_assert_cmpint (g_mkdir_with_parents (journals, 0700), ==, 0);
  make_beside (journals, "1111111111111111.new");
  make_beside (journals, kept[0]);
  make_beside (journals, kept[2]);
  make_beside (journals, kept[3]);
  g_assert_cmpint (symlink (kept[3], link_path), ==, 0);

  /* Somebody is between making one and locking it. */
  fd = lock_beside (journals, ".", LOCK_SH);
  begin_journal (pair, 10);
  g_assert_true (is_beside (journals, "1111111111111111.new"));
  close (fd);

  fd = lock_beside (journals, kept[0], LOCK_EX);
  begin_journal (pair, 11);
  close (fd);
  g_assert_false (is_beside (journals, "1111111111111111.new"));
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    g_assert_true (is_beside (journals, kept[i]));
  g_assert_cmpuint (count_names (journals), ==, 2 + G_N_ELEMENTS (kept));
}

/* A folder in which others can write is not used; things are received all the same. */
static void
test_open_folder (Pair *pair, gconstpointer unused)
{
  g_autofree char *journals = journals_of (pair);
  g_autofree char *path = pair_make_file (pair, "long", MIB);
  g_autoptr (PstTransfer) out = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (journals, 0700), ==, 0);
  g_assert_cmpint (g_chmod (journals, 0777), ==, 0);
  g_assert_null (pst_leftover_list (journals, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_DESTINATION);
  out = offer_again (pair, "long");
  finish (pair, out);
  assert_same (pair, "long", "long");
}

#define HELLO(more) "{\"t\":\"hello\",\"v\":1" more "}"
#define DIGEST      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

/* The other side, which is spoken for, says something about what it has. */
static void
test_bad_held (Pair *pair, gconstpointer json)
{
  g_autofree char *path = pair_make_file (pair, "mine", 100000);
  g_autoptr (PstTransfer) out = NULL;

  hostile_say (pair, HELLO (",\"resume\":true"));
  out = g_object_ref (pair_offer (pair, "mine"));
  wait_for (state_is (out, OFFERED));
  hostile_say (pair, json);
  wait_for (pair->closed_a);
  g_assert_error (pair->error_a, PST_ERROR, PST_ERROR_PROTOCOL);
}

static void
test_late_held (Pair *pair, gconstpointer unused)
{
  g_autofree char *path = pair_make_file (pair, "mine", 100000);
  g_autoptr (PstTransfer) out = NULL;

  hostile_say (pair, HELLO (",\"resume\":true"));
  out = g_object_ref (pair_offer (pair, "mine"));
  wait_for (state_is (out, OFFERED));
  hostile_say (pair, "{\"t\":\"accept\",\"id\":1,\"window\":1048576}");
  hostile_say (pair, "{\"t\":\"held\",\"id\":1,\"entries\":[[0]]}");
  wait_for (pair->closed_a);
  g_assert_error (pair->error_a, PST_ERROR, PST_ERROR_PROTOCOL);
}

/* What somebody claims to have and has not, they get. */
static void
test_wrong_digest (Pair *pair, gconstpointer unused)
{
  g_autofree char *path = pair_make_file (pair, "mine", 100000);
  g_autoptr (PstTransfer) out = NULL;

  hostile_say (pair, HELLO (",\"resume\":true"));
  out = g_object_ref (pair_offer (pair, "mine"));
  wait_for (state_is (out, OFFERED));
  hostile_say (pair, "{\"t\":\"held\",\"id\":1,\"entries\":[[0,100000,\"" DIGEST "\",5,\"" DIGEST
                     "\"]]}");
  hostile_say (pair, "{\"t\":\"accept\",\"id\":1,\"window\":1048576}");
  wait_for (pst_transfer_get_sent_bytes (out) == 100000);
  g_assert_cmpuint (pst_transfer_get_kept_bytes (out), ==, 0);
  g_assert_cmpuint (pst_transfer_get_again_files (out), ==, 1);
}

/* Nothing is said of what is there to a side that does not understand it. */
static void
test_old_sender (Pair *pair, gconstpointer unused)
{
  g_autofree char *journals = journals_of (pair);
  g_autoptr (PstTransfer) in = NULL;

  pst_exchange_set_journals (pair->a, journals);
  hostile_say (pair, HELLO (""));
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *offer = g_strdup_printf (
          "{\"t\":\"offer\",\"id\":%u,\"part\":0,\"last\":true,\"entries\":"
          "[{\"p\":\"f\",\"k\":\"f\",\"s\":1000000,\"m\":0}]}",
          2 + 2 * i);

      g_clear_object (&pair->incoming);
      hostile_say (pair, offer);
      pair_accept (pair);
      g_assert_false (pair->incoming->in.checking);
      for (guint j = 0; j < 10; j++)
        hostile_say_data (pair, 2 + 2 * i, 0, j * 60000, 60000);
      wait_for (pst_transfer_get_written_bytes (pair->incoming) == 600000);
      pst_transfer_leave (pair->incoming);
      wait_for (pst_exchange_is_settled (pair->a));
    }
  g_assert_cmpuint (count_journals (pair), ==, 2);
}

/* The other side, as a receiver that has something, tells how far it is. */
static void
test_they_check (Pair *pair, gconstpointer unused)
{
  g_autofree char *path = pair_make_file (pair, "mine", 100000);
  g_autoptr (PstTransfer) out = NULL;

  hostile_say (pair, HELLO (",\"resume\":true"));
  out = g_object_ref (pair_offer (pair, "mine"));
  wait_for (state_is (out, OFFERED));
  hostile_say (pair, "{\"t\":\"checking\",\"id\":1,\"checked\":0,\"total\":0}");
  wait_for (state_is (out, CHECKING));
  g_assert_cmpuint (pst_transfer_get_to_check_bytes (out), ==, 0);
  hostile_say (pair, "{\"t\":\"checking\",\"id\":1,\"checked\":60000,\"total\":80000}");
  wait_for (pst_transfer_get_checked_bytes (out) == 30000);
  g_assert_cmpuint (pst_transfer_get_to_check_bytes (out), ==, 80000);

  pst_transfer_pause (out);
  g_assert_true (state_is (out, PAUSED_BY_ME));
  pst_transfer_resume (out);
  g_assert_true (state_is (out, CHECKING));
  hostile_say (pair, "{\"t\":\"accept\",\"id\":1,\"window\":1048576}");
  wait_for (state_is (out, VERIFYING));
  g_assert_cmpuint (pst_transfer_get_sent_bytes (out), ==, 100000);
  g_assert_cmpuint (pst_transfer_get_to_check_bytes (out), ==, 0);
}

/* Who looks at what is there has all of the offer. */
static void
test_they_forget (Pair *pair, gconstpointer unused)
{
  g_autofree char *path = pair_make_file (pair, "mine", 100000);
  g_autoptr (PstTransfer) out = NULL;

  hostile_say (pair, HELLO (",\"resume\":true"));
  out = g_object_ref (pair_offer (pair, "mine"));
  wait_for (state_is (out, OFFERED));
  hostile_say (pair, "{\"t\":\"checking\",\"id\":1,\"checked\":1,\"total\":2}");
  wait_for (state_is (out, CHECKING));
  pair_cut (pair);
  g_assert_true (state_is (out, RECONNECTING));
  pair_mend (pair);
  hostile_say (pair, HELLO (",\"resume\":true"));
  hostile_say (pair, "{\"t\":\"have\",\"id\":1,\"parts\":0}");
  wait_for (pair->closed_a);
  g_assert_error (pair->error_a, PST_ERROR, PST_ERROR_PROTOCOL);
}

/* Something of theirs came earlier, is offered anew, and has been looked at here. */
static void
offer_known (Pair *pair)
{
  static const char *const offer
      = "{\"t\":\"offer\",\"id\":%u,\"part\":0,\"last\":true,\"entries\":"
        "[{\"p\":\"f\",\"k\":\"f\",\"s\":1000000,\"m\":0}]}";
  g_autofree char *journals = journals_of (pair);
  g_autofree char *first = g_strdup_printf (offer, 2), *second = g_strdup_printf (offer, 4);

  pst_exchange_set_journals (pair->a, journals);
  hostile_say (pair, HELLO (",\"resume\":true"));
  hostile_say (pair, first);
  pair_accept (pair);
  for (guint j = 0; j < 10; j++)
    hostile_say_data (pair, 2, 0, j * 60000, 60000);
  wait_for (pst_transfer_get_written_bytes (pair->incoming) == 600000);
  pst_transfer_leave (pair->incoming);
  wait_for (pst_exchange_is_settled (pair->a));
  g_clear_object (&pair->incoming);

  hostile_say (pair, second);
  pair_accept (pair);
  wait_for (!pair->incoming->in.checking);
  g_assert_cmpuint (pair->heard.n_controls[PST_CONTROL_CHECKING], >=, 1);
  g_assert_cmpuint (pair->incoming->in.held->len, ==, 1);
}

/* The other side, as a sender, tells how far it is. */
static void
test_they_compare (Pair *pair, gconstpointer unused)
{
  offer_known (pair);
  g_assert_true (state_is (pair->incoming, CHECKING));
  wait_for (pst_transfer_get_to_check_bytes (pair->incoming) == 600000);
  hostile_say (pair, "{\"t\":\"checking\",\"id\":4,\"checked\":300000,\"total\":600000}");
  wait_for (pst_transfer_get_checked_bytes (pair->incoming) == 450000);
  hostile_say (pair, "{\"t\":\"entry-from\",\"id\":4,\"entry\":0,\"offset\":600000}");
  wait_for (!state_is (pair->incoming, CHECKING));
  wait_for (pst_transfer_get_kept_bytes (pair->incoming) == 600000);
  g_assert_cmpuint (pst_transfer_get_to_check_bytes (pair->incoming), ==, 0);
}

/* The other side as a sender that goes on in a wrong way. */
static void
test_bad_place (Pair *pair, gconstpointer json)
{
  offer_known (pair);
  if (json != NULL)
    hostile_say (pair, json);
  else
    hostile_say_data (pair, 4, 0, 0, 1000);
  wait_for (pair->closed_a);
  g_assert_error (pair->error_a, PST_ERROR, PST_ERROR_PROTOCOL);
}

#define ADD(path, data, func) g_test_add ("/resume/" path, Pair, data, set_up, func, pair_tear_down)
#define ADD_HOSTILE(path, data, func) \
  g_test_add ("/resume/hostile/" path, Pair, data, pair_set_up_hostile, func, pair_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("continue", NULL, test_continue);
  ADD ("power-cut/zeros", NULL, test_power_cut);
  ADD ("power-cut/shorter", GINT_TO_POINTER (1), test_power_cut);
  ADD ("changed/unseen", NULL, test_changed);
  ADD ("changed/seen", GINT_TO_POINTER (1), test_changed);
  ADD ("committed", NULL, test_committed);
  ADD ("touched", NULL, test_touched);
  ADD ("many", NULL, test_many);
  g_test_add_data_func ("/resume/every-frame/of-receiver", NULL, test_every_frame);
  g_test_add_data_func ("/resume/every-frame/of-sender", GINT_TO_POINTER (1), test_every_frame);
  ADD ("cancelled/by-receiver", NULL, test_cancelled);
  ADD ("cancelled/by-sender", GINT_TO_POINTER (1), test_cancelled);
  ADD ("cut-while-checking", NULL, test_cut_while_checking);
  ADD ("cancelled/early", NULL, test_cancelled_early);
  ADD ("left/by-receiver", NULL, test_left);
  ADD ("left/by-sender", GINT_TO_POINTER (1), test_left);
  ADD ("left/without-a-link", GINT_TO_POINTER (2), test_left);
  ADD ("unheard/as-it-was", NULL, test_unheard);
  ADD ("unheard/gone", "gone", test_unheard);
  ADD ("unheard/other", "other", test_unheard);
  ADD ("finished-expire", NULL, test_finished_expire);
  ADD ("paused", NULL, test_paused);
  for (int how = 0; how < N_TAMPER; how++)
    {
      g_autofree char *path = g_strdup_printf ("/threats/22-own-partial-files/journal/%d", how);

      g_test_add (path, Pair, GINT_TO_POINTER (how), set_up, test_tampered, pair_tear_down);
    }
  ADD ("elsewhere", NULL, test_elsewhere);
  ADD ("failed-file", NULL, test_failed_file);
  ADD ("leftovers", NULL, test_leftovers);
  ADD ("discard-tree", NULL, test_discard_tree);
  ADD ("refused/bytes", GINT_TO_POINTER (TAMPER_BYTES), test_refused);
  ADD ("refused/link", GINT_TO_POINTER (TAMPER_LINK), test_refused);
  ADD ("refused/mode", GINT_TO_POINTER (TAMPER_MODE), test_refused);
  ADD ("dead-journals", NULL, test_dead_journals);
  ADD ("open-folder", NULL, test_open_folder);
  ADD_HOSTILE ("held/unknown", "{\"t\":\"held\",\"id\":1,\"entries\":[[1]]}", test_bad_held);
  ADD_HOSTILE ("held/beyond", "{\"t\":\"held\",\"id\":1,\"entries\":[[0,100001,\"" DIGEST "\"]]}",
               test_bad_held);
  ADD_HOSTILE ("held/of-nothing", "{\"t\":\"held\",\"id\":3,\"entries\":[[0]]}", test_bad_held);
  ADD_HOSTILE ("held/place-of-ours", "{\"t\":\"entry-from\",\"id\":1,\"entry\":0,\"offset\":0}",
               test_bad_held);
  ADD_HOSTILE ("held/late", NULL, test_late_held);
  ADD_HOSTILE ("held/wrong-digest", NULL, test_wrong_digest);
  ADD_HOSTILE ("old-sender", NULL, test_old_sender);
  ADD_HOSTILE ("checking/receiver", NULL, test_they_check);
  ADD_HOSTILE ("checking/receiver-forgets", NULL, test_they_forget);
  ADD_HOSTILE ("checking/sender", NULL, test_they_compare);
  ADD_HOSTILE ("place/none", NULL, test_bad_place);
  ADD_HOSTILE ("place/not-held", "{\"t\":\"entry-from\",\"id\":4,\"entry\":0,\"offset\":599999}",
               test_bad_place);
  ADD_HOSTILE ("place/other-entry", "{\"t\":\"entry-from\",\"id\":4,\"entry\":1,\"offset\":0}",
               test_bad_place);
  ADD_HOSTILE ("place/end",
               "{\"t\":\"entry-done\",\"id\":4,\"entry\":0,\"size\":1000000,\"digest\":\"" DIGEST
               "\"}",
               test_bad_place);
  return g_test_run ();
}
