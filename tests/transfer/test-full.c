/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The receiver's disk is full in the middle: both sides know, nothing is lost, and
 * it goes on when there is room. The system calls below stand in for the library's. */
#include "pair.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pst-error.h"
#include "pst-flow.h"
#include "pst-frame.h"
#include "pst-transfer-private.h"

/* A third of it and a window do not make the whole. */
#define SIZE  (2 * PST_FLOW_MAX_WINDOW_BYTES)
#define BLOCK 4096

#define state_is(transfer, STATE) (pst_transfer_get_state (transfer) == PST_TRANSFER_##STATE)

static gint room_blocks; /* atomic; a disk of so many more blocks */
static gint full_errno;
static gint journal_errno;  /* atomic; what noting ends with, or 0 */
static gint journals_apart; /* atomic; they have a disk of their own */

ssize_t
pwrite (int fd, const void *bytes, size_t n_bytes, off_t offset)
{
  gint n_blocks = (n_bytes + BLOCK - 1) / BLOCK;

  if (g_atomic_int_add (&room_blocks, -n_blocks) >= n_blocks)
    return syscall (SYS_pwrite64, fd, bytes, n_bytes, offset);

  g_atomic_int_add (&room_blocks, n_blocks);
  errno = g_atomic_int_get (&full_errno);
  return -1;
}

static gboolean
is_journal (int fd)
{
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autofree char *path = g_file_read_link (link, NULL);

  return path != NULL && strstr (path, "/state") != NULL;
}

/* What is noted of receipts finds no room. */
ssize_t
write (int fd, const void *bytes, size_t n_bytes)
{
  int fault = g_atomic_int_get (&journal_errno);

  if (fault != 0 && is_journal (fd))
    {
      errno = fault;
      return -1;
    }

  return syscall (SYS_write, fd, bytes, n_bytes);
}

int
fstat (int fd, struct stat *st)
{
  int result = fstatat (fd, "", st, AT_EMPTY_PATH);

  if (result == 0 && g_atomic_int_get (&journals_apart) && is_journal (fd))
    st->st_dev++;
  return result;
}

/* A quota does not show. */
int
fstatvfs (int fd, struct statvfs *st)
{
  gboolean shows = g_atomic_int_get (&full_errno) == ENOSPC;

  *st = (struct statvfs){ .f_bsize = BLOCK, .f_frsize = BLOCK };
  st->f_bavail = shows ? g_atomic_int_get (&room_blocks) : 1 << 30;
  return 0;
}

/* Room for all of it when it is asked for, and then for only so much. */
static PstTransfer *
start (Pair *pair, gsize room_bytes)
{
  PstTransfer *out;

  g_free (pair_make_file (pair, "file", SIZE));
  out = g_object_ref (pair_offer (pair, "file"));
  g_atomic_int_set (&room_blocks, 2 * SIZE / BLOCK);
  pair_accept (pair);
  g_atomic_int_set (&room_blocks, room_bytes / BLOCK);
  return out;
}

static PstTransfer *
fill (Pair *pair, gsize room_bytes)
{
  PstTransfer *out = start (pair, room_bytes);

  wait_for (state_is (pair->incoming, FULL_MY_DISK) && state_is (out, FULL_THEIR_DISK));
  return out;
}

static void
make_room (void)
{
  g_atomic_int_set (&room_blocks, 2 * SIZE / BLOCK);
}

static void
assert_arrives (Pair *pair, PstTransfer *out)
{
  g_autofree char *sent = g_build_filename (pair->from, "file", NULL);
  g_autofree char *got = g_build_filename (pair->to, "file", NULL);

  wait_for_long (pst_transfer_is_finished (out) && pst_transfer_is_finished (pair->incoming));
  g_assert_no_error (pst_transfer_get_error (out));
  g_assert_no_error (pst_transfer_get_error (pair->incoming));
  g_assert_true (state_is (out, DONE) && state_is (pair->incoming, DONE));
  g_assert_true (pair_same_file (sent, got));
  g_assert_cmpuint (count_names (pair->to), ==, 1);
}

static void
set_up (Pair *pair, gconstpointer data)
{
  g_atomic_int_set (&room_blocks, G_MAXINT / 2);
  g_atomic_int_set (&full_errno, data != NULL ? GPOINTER_TO_INT (data) : ENOSPC);
  g_atomic_int_set (&journal_errno, 0);
  g_atomic_int_set (&journals_apart, FALSE);
  pair_set_up (pair, NULL);
}

/* The journal is on the same disk, and finds no room first. What it could not note is not
 * said to be written and gets no name; both wait for room, and then nothing lacks. */
static void
test_journal (Pair *pair, gconstpointer unused)
{
  g_autofree char *journals = g_build_filename (pair->dir, "state", NULL);
  g_autoptr (PstTransfer) out = NULL;
  g_autoptr (PstTransfer) in = NULL;

  pst_exchange_set_journals (pair->b, journals);
  /* Slow enough not to be over before. */
  pst_memory_channel_set_delay_ms (pair->channel_a, 4);
  out = start (pair, 2 * SIZE);
  in = g_object_ref (pair->incoming);
  wait_for_long (in->in.window.written_bytes > 0);
  g_atomic_int_set (&journal_errno, ENOSPC);
  wait_for_long (state_is (in, FULL_MY_DISK) && state_is (out, FULL_THEIR_DISK));
  g_assert_cmpuint (in->in.window.written_bytes, <, SIZE);
  g_assert_cmpuint (in->in.window.taken_bytes, ==, SIZE);
  g_assert_cmpint (pst_transfer_get_journal_trouble (in), ==, PST_JOURNAL_TROUBLE_NONE);
  g_atomic_int_set (&journal_errno, 0);
  assert_arrives (pair, out);
}

static void
on_trouble (PstTransfer *transfer, GParamSpec *pspec, guint *n_times)
{
  (*n_times)++;
}

/* Begins a receipt whose journal stands on another disk. */
static PstTransfer *
start_apart (Pair *pair)
{
  g_autofree char *journals = g_build_filename (pair->dir, "state", NULL);

  g_atomic_int_set (&journals_apart, TRUE);
  pst_exchange_set_journals (pair->b, journals);
  pst_memory_channel_set_delay_ms (pair->channel_a, 4);
  return start (pair, 2 * SIZE);
}

#define trouble_is(transfer, TROUBLE) \
  (pst_transfer_get_journal_trouble (transfer) == PST_JOURNAL_TROUBLE_##TROUBLE)

/* The journal's own disk is full, from the start or in the middle: the file does not wait
 * for it, the person knows, and once there is room all is noted that was not. */
static void
test_journal_apart (Pair *pair, gconstpointer from_the_start)
{
  g_autofree char *journals = g_build_filename (pair->dir, "state", NULL);
  g_autoptr (GPtrArray) left = NULL;
  g_autoptr (PstTransfer) out = NULL;
  g_autoptr (PstTransfer) in = NULL;
  const PstLeftover *leftover;
  guint64 written_bytes;
  guint n_troubles = 0;

  g_atomic_int_set (&journal_errno, from_the_start ? ENOSPC : 0);
  out = start_apart (pair);
  in = g_object_ref (pair->incoming);
  g_signal_connect (in, "notify::journal-trouble", G_CALLBACK (on_trouble), &n_troubles);
  wait_for_long (in->in.window.written_bytes > 0);
  g_atomic_int_set (&journal_errno, EDQUOT);
  wait_for_long (trouble_is (in, FULL));
  written_bytes = in->in.window.written_bytes;
  wait_for_long (in->in.window.written_bytes > written_bytes);
  g_assert_cmpuint (n_troubles, ==, 1);

  g_atomic_int_set (&journal_errno, 0);
  wait_for_long (trouble_is (in, NONE));
  g_assert_false (pst_transfer_is_finished (in));
  written_bytes = in->in.window.written_bytes;
  pst_transfer_leave (in);
  g_assert_true (pst_transfer_is_kept (in));
  wait_for_long (pst_exchange_is_settled (pair->b));
  left = pst_leftover_list (journals, NULL);
  g_assert_cmpuint (left->len, ==, 1);
  leftover = g_ptr_array_index (left, 0);
  g_assert_cmpuint (leftover->there_bytes, >=, written_bytes);
}

/* It arrives without a journal as well as with one. */
static void
test_journal_never (Pair *pair, gconstpointer fault)
{
  g_autofree char *journals = g_build_filename (pair->dir, "state", NULL);
  g_autoptr (PstTransfer) out = NULL;
  g_autoptr (PstTransfer) in = NULL;

  g_atomic_int_set (&journal_errno, GPOINTER_TO_INT (fault));
  out = start_apart (pair);
  in = g_object_ref (pair->incoming);
  wait_for_long (!trouble_is (in, NONE));
  g_assert_true (trouble_is (in, FULL) == (fault == GINT_TO_POINTER (ENOSPC)));
  g_assert_false (pst_transfer_is_finished (in));
  pst_memory_channel_set_delay_ms (pair->channel_a, 0);
  assert_arrives (pair, out);
  wait_for_long (pst_exchange_is_settled (pair->b));
  g_assert_cmpuint (count_names (journals), ==, 0);
}

/* What nobody would find again is not left lying about, nor said to be kept. */
static void
test_journal_left (Pair *pair, gconstpointer fault)
{
  g_autofree char *journals = g_build_filename (pair->dir, "state", NULL);
  g_autoptr (PstTransfer) out = NULL;
  g_autoptr (PstTransfer) in = NULL;

  g_atomic_int_set (&journal_errno, GPOINTER_TO_INT (fault));
  out = start_apart (pair);
  in = g_object_ref (pair->incoming);
  wait_for_long (!trouble_is (in, NONE));
  pst_transfer_leave (in);
  g_assert_false (pst_transfer_is_kept (in));
  wait_for_long (pst_exchange_is_settled (pair->b));
  g_assert_cmpuint (count_names (pair->to), ==, 0);
  g_assert_cmpuint (count_names (journals), ==, 0);
}

/* Both sides read the state and how much lacks; then it goes on by itself. */
static void
test_by_itself (Pair *pair, gconstpointer full_by)
{
  g_autoptr (PstTransfer) out = fill (pair, SIZE / 3);
  guint64 missing_bytes = pst_transfer_get_missing_bytes (pair->incoming);

  wait_for (pst_transfer_get_written_bytes (out)
            == pst_transfer_get_written_bytes (pair->incoming));
  if (full_by == GINT_TO_POINTER (ENOSPC))
    g_assert_cmpuint (missing_bytes, >, SIZE / 2);
  else
    g_assert_cmpuint (missing_bytes, ==, 0);
  g_assert_cmpuint (pst_transfer_get_missing_bytes (out), ==, missing_bytes);
  g_assert_cmpuint (pst_transfer_get_written_bytes (out), <=, SIZE / 3);
  g_assert_cmpint (pst_transfer_get_time_left_us (out), ==, -1);

  make_room ();
  wait_for (!state_is (pair->incoming, FULL_MY_DISK) && !state_is (out, FULL_THEIR_DISK));
  assert_arrives (pair, out);
  g_assert_cmpuint (pst_transfer_get_missing_bytes (out), ==, 0);
}

/* Everything was sent before the disk was full. */
static void
test_at_the_end (Pair *pair, gconstpointer unused)
{
  g_autoptr (PstTransfer) out = start (pair, SIZE - 100000);

  wait_for (state_is (pair->incoming, FULL_MY_DISK) && state_is (out, FULL_THEIR_DISK)
            && pst_transfer_get_sent_bytes (pair->incoming) == SIZE);
  pst_transfer_pause (out);
  pst_transfer_pause (pair->incoming);
  g_assert_true (state_is (pair->incoming, FULL_MY_DISK) && state_is (out, FULL_THEIR_DISK));

  make_room ();
  pst_transfer_resume (pair->incoming);
  assert_arrives (pair, out);
}

/* The person at the disk need not wait; the other one cannot help. */
static void
test_resume (Pair *pair, gconstpointer unused)
{
  g_autoptr (PstTransfer) out = fill (pair, SIZE / 3);
  guint64 taken_bytes = pair->incoming->in.window.taken_bytes;

  g_atomic_int_set (&room_blocks, SIZE / 6 / BLOCK);
  pst_transfer_resume (out);
  g_assert_true (state_is (out, FULL_THEIR_DISK));
  pst_transfer_resume (pair->incoming);
  wait_for (pair->incoming->in.window.taken_bytes > taken_bytes + SIZE / 12
            && state_is (pair->incoming, FULL_MY_DISK) && state_is (out, FULL_THEIR_DISK));

  make_room ();
  pst_transfer_resume (pair->incoming);
  assert_arrives (pair, out);
}

static void
test_cancel (Pair *pair, gconstpointer by_receiver)
{
  g_autoptr (PstTransfer) out = fill (pair, SIZE / 3);

  pst_transfer_cancel (by_receiver ? pair->incoming : out);
  wait_for (pst_transfer_is_finished (out) && pst_transfer_is_finished (pair->incoming));
  g_assert_true (state_is (out, CANCELLED_BY_ME) || by_receiver);
  wait_for (pst_exchange_is_settled (pair->b));
  g_assert_cmpuint (count_names (pair->to), ==, 0);
}

/* While the link is away the disk fills, or gets room, or neither. */
static void
test_cut (Pair *pair, gconstpointer room_while_away)
{
  g_autoptr (PstTransfer) out = fill (pair, SIZE / 3);

  pair_cut (pair);
  g_assert_true (state_is (out, RECONNECTING) && state_is (pair->incoming, RECONNECTING));
  if (room_while_away)
    {
      guint64 written_bytes = pst_transfer_get_written_bytes (pair->incoming);

      make_room ();
      wait_for (pst_transfer_get_written_bytes (pair->incoming) > written_bytes);
    }
  pair_mend (pair);
  if (!room_while_away)
    {
      wait_for (state_is (pair->incoming, FULL_MY_DISK) && state_is (out, FULL_THEIR_DISK));
      g_assert_cmpuint (pst_transfer_get_missing_bytes (out), >, SIZE / 2);
      make_room ();
      pst_transfer_resume (pair->incoming);
    }
  assert_arrives (pair, out);
}

/* The same when everything came: such a receiver waits for no link. */
static void
test_cut_at_the_end (Pair *pair, gconstpointer room_while_away)
{
  g_autoptr (PstTransfer) out = start (pair, SIZE - 100000);

  wait_for (state_is (pair->incoming, FULL_MY_DISK)
            && pst_transfer_get_sent_bytes (pair->incoming) == SIZE
            && pst_transfer_get_done_files (out) == 1 && state_is (out, FULL_THEIR_DISK));
  pair_cut (pair);
  g_assert_true (state_is (out, RECONNECTING) && state_is (pair->incoming, FULL_MY_DISK));
  if (room_while_away)
    {
      make_room ();
      pst_transfer_resume (pair->incoming);
      wait_for (state_is (pair->incoming, DONE));
    }
  pair_mend (pair);
  if (!room_while_away)
    {
      wait_for (state_is (out, FULL_THEIR_DISK));
      make_room ();
      pst_transfer_resume (pair->incoming);
    }
  assert_arrives (pair, out);
}

/* A person's pause is shown before a full disk, and goes before it, too. */
static void
test_paused (Pair *pair, gconstpointer unused)
{
  g_autoptr (PstTransfer) out = start (pair, SIZE / 3);

  pst_memory_channel_set_delay_ms (pair->channel_a, 4);
  pst_transfer_pause (pair->incoming);
  wait_for (state_is (pair->incoming, PAUSED_BY_ME) && state_is (out, PAUSED_BY_THEM));
  pst_transfer_resume (pair->incoming);
  wait_for (state_is (pair->incoming, FULL_MY_DISK) && state_is (out, FULL_THEIR_DISK));
  make_room ();
  pst_transfer_resume (pair->incoming);
  assert_arrives (pair, out);
}

#define ADD(name, data, func) g_test_add ("/full/" name, Pair, data, set_up, func, pair_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/threats/21-room-first/in-the-middle", Pair, GINT_TO_POINTER (ENOSPC), set_up,
              test_by_itself, pair_tear_down);
  ADD ("quota", GINT_TO_POINTER (EDQUOT), test_by_itself);
  ADD ("at-the-end", NULL, test_at_the_end);
  ADD ("resume", NULL, test_resume);
  ADD ("cancel/sender", NULL, test_cancel);
  ADD ("cancel/receiver", GINT_TO_POINTER (ENOSPC), test_cancel);
  ADD ("cut", NULL, test_cut);
  ADD ("cut/room-while-away", GINT_TO_POINTER (ENOSPC), test_cut);
  ADD ("cut-at-the-end", NULL, test_cut_at_the_end);
  ADD ("cut-at-the-end/room-while-away", GINT_TO_POINTER (ENOSPC), test_cut_at_the_end);
  ADD ("journal", NULL, test_journal);
  ADD ("journal-apart", NULL, test_journal_apart);
  ADD ("journal-apart/from-the-start", GINT_TO_POINTER (TRUE), test_journal_apart);
  ADD ("journal-apart/never", GINT_TO_POINTER (ENOSPC), test_journal_never);
  ADD ("journal-apart/broken", GINT_TO_POINTER (EIO), test_journal_never);
  ADD ("journal-apart/left", GINT_TO_POINTER (ENOSPC), test_journal_left);
  ADD ("journal-apart/broken-left", GINT_TO_POINTER (EIO), test_journal_left);
  ADD ("paused", NULL, test_paused);
  return g_test_run ();
}
