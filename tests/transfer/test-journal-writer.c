/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A journal on a disk that fails in every step: what is there is never torn, and what
 * could not be noted is told of. The system calls below stand in for the library's. */
#include "pst-journal-writer.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pst-error.h"
#include "pst-journal-folder.h"

#define ID   G_GUINT64_CONSTANT (0x0123456789abcdef)
#define PART ".penstock-0123456789abcdef-0.part"

/* What a call ends with, or 0. */
static struct
{
  gint64 room_bytes; /* -1: enough */
  int write_errno;   /* once there is no more */
  int fsync_errno;
  int ftruncate_errno;
  int renameat_errno;
} faults;

ssize_t
write (int fd, const void *bytes, size_t n_bytes)
{
  struct stat st;

  if (faults.room_bytes < 0 || fstat (fd, &st) != 0 || !S_ISREG (st.st_mode))
    return syscall (SYS_write, fd, bytes, n_bytes);
  if (faults.room_bytes == 0)
    {
      errno = faults.write_errno;
      return -1;
    }

  n_bytes = MIN (n_bytes, (gsize) faults.room_bytes);
  faults.room_bytes -= n_bytes;
  return syscall (SYS_write, fd, bytes, n_bytes);
}

int
fsync (int fd)
{
  errno = faults.fsync_errno;
  return errno != 0 ? -1 : syscall (SYS_fsync, fd);
}

int
ftruncate (int fd, off_t n_bytes)
{
  errno = faults.ftruncate_errno;
  return errno != 0 ? -1 : syscall (SYS_ftruncate, fd, n_bytes);
}

int
renameat (int old_fd, const char *old, int fd, const char *name)
{
  errno = faults.renameat_errno;
  return errno != 0 ? -1 : syscall (SYS_renameat2, old_fd, old, fd, name, 0);
}

typedef struct
{
  char *dir;
  char *folder;
  PstJournalWriter *writer;
} Fixture;

static const PstJournalHead head = {
  .id = ID,
  .destination = (char *) "/tmp",
  .title = (char *) "things",
  .n_files = 1,
  .total_bytes = 1 << 30,
};

static const PstJournalFile file = {
  .path = (char *) "things",
  .size_bytes = 1 << 30,
  .part_name = (char *) PART,
};

static void
set_up (Fixture *f, gconstpointer unused)
{
  memset (&faults, 0, sizeof faults);
  faults.room_bytes = -1;
  f->dir = g_dir_make_tmp ("pst-journal-XXXXXX", NULL);
  f->folder = g_build_filename (f->dir, "receipts", NULL);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  g_autoptr (GDir) dir = g_dir_open (f->folder, 0, NULL);
  const char *name;

  g_clear_pointer (&f->writer, pst_journal_writer_free);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (f->folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (f->folder);
  g_rmdir (f->dir);
  g_free (f->folder);
  g_free (f->dir);
}

static void
begin (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  f->writer = pst_journal_writer_new (f->folder, &head, &error);
  g_assert_no_error (error);
  g_assert_nonnull (f->writer);
}

static void
note_safe (Fixture *f, guint64 n_bytes)
{
  pst_journal_writer_take (f->writer, pst_journal_write_safe (PART, n_bytes));
}

static guint
count_names (Fixture *f)
{
  g_autoptr (GDir) dir = g_dir_open (f->folder, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* What a later receipt would find: so much is certain of the file. */
static void
assert_tells (Fixture *f, guint64 safe_bytes)
{
  g_autofree char *name = pst_journal_to_name (ID);
  g_autofree char *path = g_build_filename (f->folder, name, NULL);
  g_autofree char *text = NULL;
  g_autoptr (PstJournal) journal = NULL;
  gsize n_bytes, n_valid_bytes;

  g_assert_true (g_file_get_contents (path, &text, &n_bytes, NULL));
  journal = pst_journal_read (text, n_bytes, &n_valid_bytes, NULL);
  g_assert_nonnull (journal);
  g_assert_cmpuint (n_valid_bytes, ==, n_bytes);
  g_assert_cmpuint (pst_journal_get_there_bytes (journal), ==, safe_bytes);
}

#define trouble_is(f, TROUBLE) \
  (pst_journal_writer_get_trouble ((f)->writer) == PST_JOURNAL_TROUBLE_##TROUBLE)

/* There is room for a part of a record only: nothing of it stays, and all follows. */
static void
test_full (Fixture *f, gconstpointer no_room)
{
  begin (f);
  pst_journal_writer_take (f->writer, pst_journal_write_part (&file));
  note_safe (f, 1000);
  faults.write_errno = GPOINTER_TO_INT (no_room);
  for (faults.room_bytes = 0; faults.room_bytes < 60; faults.room_bytes += 10)
    {
      gint64 room_bytes = faults.room_bytes;

      note_safe (f, 2000 + room_bytes);
      g_assert_true (trouble_is (f, FULL));
      g_assert_false (pst_journal_writer_lacks_room (f->writer));
      g_assert_true (pst_journal_writer_is_there (f->writer));
      assert_tells (f, 1000);
      faults.room_bytes = room_bytes;
    }

  faults.room_bytes = -1;
  note_safe (f, 3000);
  g_assert_true (trouble_is (f, NONE));
  assert_tells (f, 3000);
}

/* Who waits for room anyway is in no trouble. */
static void
test_waited_for (Fixture *f, gconstpointer unused)
{
  begin (f);
  pst_journal_writer_wait_for_room (f->writer);
  pst_journal_writer_take (f->writer, pst_journal_write_part (&file));
  faults.room_bytes = 0;
  faults.write_errno = ENOSPC;
  note_safe (f, 1000);
  g_assert_true (trouble_is (f, NONE));
  g_assert_true (pst_journal_writer_lacks_room (f->writer));
  faults.room_bytes = -1;
  g_assert_false (pst_journal_writer_lacks_room (f->writer));
  assert_tells (f, 1000);
}

/* The first record finds no room, at whichever byte. */
static void
test_full_from_the_start (Fixture *f, gconstpointer unused)
{
  faults.room_bytes = 100;
  faults.write_errno = ENOSPC;
  begin (f);
  g_assert_true (trouble_is (f, FULL));
  g_assert_false (pst_journal_writer_is_there (f->writer));
  g_assert_cmpint (pst_journal_writer_get_fd (f->writer), ==, -1);
  g_assert_cmpuint (count_names (f), ==, 0);

  pst_journal_writer_take (f->writer, pst_journal_write_part (&file));
  note_safe (f, 1000);
  g_assert_cmpuint (count_names (f), ==, 0);
  faults.room_bytes = -1;
  g_assert_true (pst_journal_writer_is_there (f->writer));
  g_assert_true (trouble_is (f, NONE));
  assert_tells (f, 1000);
  note_safe (f, 2000);
  assert_tells (f, 2000);
}

/* What waits is bounded: then it is given up, with what is true in it. */
static void
test_too_much (Fixture *f, gconstpointer unused)
{
  begin (f);
  pst_journal_writer_take (f->writer, pst_journal_write_part (&file));
  note_safe (f, 1000);
  faults.room_bytes = 0;
  faults.write_errno = ENOSPC;
  for (guint i = 0; i < 100; i++)
    {
      GString *lines = g_string_new (NULL);

      while (lines->len < 64 * 1024)
        {
          g_autofree char *line = pst_journal_write_safe (PART, 2000);

          g_string_append (lines, line);
        }
      pst_journal_writer_take (f->writer, g_string_free (lines, FALSE));
    }
  faults.room_bytes = -1;
  note_safe (f, 3000);
  g_assert_true (trouble_is (f, FULL));
  g_assert_false (pst_journal_writer_lacks_room (f->writer));
  assert_tells (f, 1000);
}

/* After any other error nobody knows: no record follows, even if it could. */
static void
test_broken (Fixture *f, gconstpointer unused)
{
  begin (f);
  pst_journal_writer_take (f->writer, pst_journal_write_part (&file));
  note_safe (f, 1000);
  faults.room_bytes = 40;
  faults.write_errno = EIO;
  note_safe (f, 2000);
  g_assert_true (trouble_is (f, FAILED));
  faults.room_bytes = -1;
  note_safe (f, 3000);
  g_assert_true (trouble_is (f, FAILED));
  assert_tells (f, 1000);
}

/* A part of a record stays: reading ends before it. */
static void
test_torn (Fixture *f, gconstpointer unused)
{
  g_autoptr (PstJournal) journal = NULL;
  g_autoptr (GError) error = NULL;

  begin (f);
  pst_journal_writer_wait_for_room (f->writer);
  pst_journal_writer_take (f->writer, pst_journal_write_part (&file));
  note_safe (f, 1000);
  faults.room_bytes = 40;
  faults.write_errno = ENOSPC;
  faults.ftruncate_errno = EIO;
  note_safe (f, 2000);
  g_assert_true (trouble_is (f, FAILED));
  faults.room_bytes = -1;
  note_safe (f, 3000);
  g_assert_true (trouble_is (f, FAILED));

  /* One that goes on writes behind what is whole, or not at all. */
  g_clear_pointer (&f->writer, pst_journal_writer_free);
  f->writer = pst_journal_writer_resume (f->folder, ID, &journal, &error);
  g_assert_null (f->writer);
  g_assert_error (error, PST_ERROR, PST_ERROR_DESTINATION);
  g_clear_error (&error);
  faults.ftruncate_errno = 0;
  f->writer = pst_journal_writer_resume (f->folder, ID, &journal, &error);
  g_assert_no_error (error);
  note_safe (f, 4000);
  assert_tells (f, 4000);
}

static void
test_given_up (Fixture *f, gconstpointer unused)
{
  begin (f);
  pst_journal_writer_give_up (f->writer);
  g_assert_true (trouble_is (f, FAILED));
}

/* One that cannot be begun leaves nothing. */
static void
test_not_begun (Fixture *f, gconstpointer unused)
{
  int *const errnos[] = { &faults.write_errno, &faults.fsync_errno, &faults.renameat_errno };

  for (guint i = 0; i < G_N_ELEMENTS (errnos); i++)
    {
      g_autoptr (GError) error = NULL;

      *errnos[i] = EIO;
      faults.room_bytes = errnos[i] == &faults.write_errno ? 0 : -1;
      g_assert_null (pst_journal_writer_new (f->folder, &head, &error));
      g_assert_error (error, PST_ERROR, PST_ERROR_DESTINATION);
      g_assert_nonnull (strstr (error->message, f->folder));
      g_assert_cmpuint (count_names (f), ==, 0);
      *errnos[i] = 0;
    }
}

/* Where the folder should be is something else. */
static void
test_no_folder (Fixture *f, gconstpointer unused)
{
  g_autoptr (PstJournal) journal = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (pst_journal_writer_resume (f->folder, ID, &journal, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_DESTINATION);
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (f->folder, "", 0, NULL));
  g_assert_null (pst_journal_writer_new (f->folder, &head, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_DESTINATION);
  g_unlink (f->folder);
}

/* It can only be said of two disks that there are two. */
static void
test_beside (Fixture *f, gconstpointer unused)
{
  int folder_fd = open (f->dir, O_RDONLY | O_DIRECTORY), other_fd = open ("/proc", O_RDONLY);

  begin (f);
  g_assert_true (pst_journal_writer_is_beside (f->writer, folder_fd));
  g_assert_false (pst_journal_writer_is_beside (f->writer, other_fd));
  g_assert_false (pst_journal_writer_is_beside (f->writer, -1));
  close (folder_fd);
  close (other_fd);
}

/* The end of a receipt whose journal never came to the disk takes nothing else with it. */
static void
test_ends_unwritten (Fixture *f, gconstpointer is_removed)
{
  g_autofree char *other = g_build_filename (f->folder, "other", NULL);

  faults.room_bytes = 0;
  faults.write_errno = ENOSPC;
  begin (f);
  faults.room_bytes = -1;
  g_assert_true (g_file_set_contents (other, "", 0, NULL));
  if (is_removed)
    pst_journal_writer_remove (g_steal_pointer (&f->writer));
  else
    pst_journal_writer_finish (g_steal_pointer (&f->writer));
  g_assert_cmpuint (count_names (f), ==, 1);
}

#define ADD(name, data, func) \
  g_test_add ("/journal-writer/" name, Fixture, data, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("full", GINT_TO_POINTER (ENOSPC), test_full);
  ADD ("quota", GINT_TO_POINTER (EDQUOT), test_full);
  ADD ("waited-for", NULL, test_waited_for);
  ADD ("full-from-the-start", NULL, test_full_from_the_start);
  ADD ("too-much", NULL, test_too_much);
  ADD ("broken", NULL, test_broken);
  ADD ("torn", NULL, test_torn);
  ADD ("given-up", NULL, test_given_up);
  ADD ("not-begun", NULL, test_not_begun);
  ADD ("no-folder", NULL, test_no_folder);
  ADD ("beside", NULL, test_beside);
  ADD ("ends-unwritten/removed", GINT_TO_POINTER (TRUE), test_ends_unwritten);
  ADD ("ends-unwritten/finished", NULL, test_ends_unwritten);
  return g_test_run ();
}
