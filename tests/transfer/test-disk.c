/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A receipt on a disk that misbehaves: the system calls below stand in for the
 * library's, and fail when they are told to. */
#include "pst-disk.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pst-disk-private.h"
#include "pst-error.h"
#include "pst-path.h"

static struct
{
  int renameat2_errno;
  int linkat_errno;
  int fsync_errno;
  int pwrite_errno;     /* once */
  gsize pwrite_at_most; /* 0: all */
  gint64 room_bytes;    /* -1: enough */
  gint64 later_us;      /* the clock is so much ahead */
} faults;

gint64
g_get_monotonic_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * G_TIME_SPAN_SECOND + now.tv_nsec / 1000 + faults.later_us;
}

int
renameat2 (int old_fd, const char *old, int new_fd, const char *new, unsigned int flags)
{
  if (faults.renameat2_errno != 0)
    {
      errno = faults.renameat2_errno;
      return -1;
    }
  return syscall (SYS_renameat2, old_fd, old, new_fd, new, flags);
}

int
linkat (int old_fd, const char *old, int new_fd, const char *new, int flags)
{
  if (faults.linkat_errno != 0)
    {
      errno = faults.linkat_errno;
      return -1;
    }
  return syscall (SYS_linkat, old_fd, old, new_fd, new, flags);
}

int
fsync (int fd)
{
  if (faults.fsync_errno != 0)
    {
      errno = faults.fsync_errno;
      return -1;
    }
  return syscall (SYS_fsync, fd);
}

ssize_t
pwrite (int fd, const void *bytes, size_t n_bytes, off_t offset)
{
  if (faults.pwrite_errno != 0)
    {
      errno = faults.pwrite_errno;
      faults.pwrite_errno = 0;
      return -1;
    }
  if (faults.pwrite_at_most > 0)
    n_bytes = MIN (n_bytes, faults.pwrite_at_most);
  if (faults.room_bytes == 0)
    {
      errno = ENOSPC;
      return -1;
    }
  if (faults.room_bytes > 0)
    {
      n_bytes = MIN (n_bytes, (gsize) faults.room_bytes);
      faults.room_bytes -= n_bytes;
    }
  return syscall (SYS_pwrite64, fd, bytes, n_bytes, offset);
}

#define SIZE 100000

typedef struct
{
  char *dir;
  PstManifest *manifest;
  PstDisk *disk;
  guint8 bytes[SIZE];
  guint8 digest[PST_DIGEST_BYTES];
} Fixture;

/* A file on top (0), a folder (1) and a file in it (2). */
static void
set_up (Fixture *f, gconstpointer unused)
{
  PstEntry entries[] = {
    { PST_ENTRY_FILE, (char *) "top.txt", NULL, SIZE, 1234567890123456789, TRUE },
    { PST_ENTRY_FOLDER, (char *) "folder", NULL, 0, -1500000001, FALSE },
    { PST_ENTRY_FILE, (char *) "folder/file", NULL, SIZE, 5, FALSE },
  };

  memset (&faults, 0, sizeof faults);
  faults.room_bytes = -1;
  f->dir = g_dir_make_tmp ("pst-disk-XXXXXX", NULL);
  f->manifest = pst_manifest_new ();
  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    g_assert_true (pst_manifest_append (f->manifest, &entries[i], NULL));
  g_assert_true (pst_manifest_seal (f->manifest, NULL));

  randombytes_buf (f->bytes, sizeof f->bytes);
  crypto_generichash (f->digest, sizeof f->digest, f->bytes, sizeof f->bytes, NULL, 0);
  f->disk = pst_disk_new (f->manifest, NULL, f->dir, NULL);
  g_assert_nonnull (f->disk);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  const char *argv[] = { "rm", "-rf", f->dir, NULL };

  g_clear_pointer (&f->disk, pst_disk_unref);
  pst_manifest_unref (f->manifest);
  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
  g_free (f->dir);
}

static guint
count (Fixture *f)
{
  g_autoptr (GDir) dir = g_dir_open (f->dir, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
assert_whole (Fixture *f, const char *name)
{
  g_autofree char *path = g_build_filename (f->dir, name, NULL);
  g_autofree char *bytes = NULL;
  gsize n_bytes;

  g_assert_true (g_file_get_contents (path, &bytes, &n_bytes, NULL));
  g_assert_cmpmem (bytes, n_bytes, f->bytes, SIZE);
}

static gboolean
receive_file (Fixture *f, guint32 entry, GError **error)
{
  guint n_files = 0;

  return pst_disk_write (f->disk, entry, f->bytes, SIZE / 2, error)
         && pst_disk_write (f->disk, entry, f->bytes + SIZE / 2, SIZE / 2, error)
         && pst_disk_finish_file (f->disk, entry, f->digest, error)
         && pst_disk_name_files (f->disk, &n_files, error) && n_files == 1;
}

static void
test_whole (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) results = NULL;
  g_autofree char *folder = g_build_filename (f->dir, "folder", NULL);
  g_autofree char *top = g_build_filename (f->dir, "top.txt", NULL);
  struct stat st;

  g_assert_true (pst_disk_prepare (f->disk, &error));
  g_assert_true (receive_file (f, 0, &error));
  g_assert_true (receive_file (f, 2, &error));
  g_assert_true (pst_disk_commit (f->disk, &error));
  g_assert_no_error (error);
  assert_whole (f, "top.txt");
  assert_whole (f, "folder/file");
  g_assert_cmpuint (count (f), ==, 2);
  results = pst_disk_dup_results (f->disk);
  g_assert_cmpuint (g_strv_length (results), ==, 2);

  g_assert_cmpint (stat (folder, &st), ==, 0);
  g_assert_cmpint (st.st_mtim.tv_sec, ==, -2);
  g_assert_cmpint (st.st_mtim.tv_nsec, ==, 499999999);
  g_assert_cmpint (stat (top, &st), ==, 0);
  g_assert_true ((st.st_mode & S_IXUSR) != 0);
  g_assert_cmpint (st.st_mtim.tv_sec, ==, 1234567890);
}

/* Nothing stands under a final name before its fsync. */
static void
test_name_comes_last (Fixture *f, gconstpointer unused)
{
  g_autofree char *top = g_build_filename (f->dir, "top.txt", NULL);
  g_autoptr (GError) error = NULL;

  faults.fsync_errno = EIO;
  g_assert_false (receive_file (f, 0, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_DESTINATION);
  g_assert_false (g_file_test (top, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (count (f), ==, 0);
}

static void
test_short_writes (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  faults.pwrite_at_most = 7;
  faults.pwrite_errno = EINTR;
  g_assert_true (receive_file (f, 0, &error));
  g_assert_no_error (error);
  assert_whole (f, "top.txt");
}

static void
test_disk_full (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  faults.room_bytes = 60000;
  g_assert_false (receive_file (f, 0, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_DISK_FULL);
  pst_disk_discard (f->disk);
  g_assert_cmpuint (count (f), ==, 0);
}

/* What is written again at the same place is written once. */
static void
test_disk_full_again (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  faults.room_bytes = 30000;
  g_assert_false (pst_disk_write (f->disk, 0, f->bytes, SIZE, &error));
  g_assert_true (pst_disk_can_retry (f->disk, error));
  faults.room_bytes = -1;
  g_assert_true (pst_disk_write (f->disk, 0, f->bytes, SIZE, NULL));
  g_assert_true (pst_disk_finish_file (f->disk, 0, f->digest, NULL));
  g_assert_true (pst_disk_name_files (f->disk, &(guint){ 0 }, NULL));
  assert_whole (f, "top.txt");
}

static void
test_io_error (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  faults.pwrite_errno = EIO;
  g_assert_false (receive_file (f, 0, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_DESTINATION);
}

/* File systems that cannot rename without replacing: the name is still never
 * taken from another file. */
static void
test_poor_file_system (Fixture *f, gconstpointer no_links)
{
  g_autofree char *taken = g_build_filename (f->dir, "top.txt", NULL);
  g_autofree char *kept = NULL;
  g_autoptr (GError) error = NULL;

  faults.renameat2_errno = EINVAL;
  faults.linkat_errno = no_links != NULL ? EPERM : 0;
  g_assert_true (g_file_set_contents (taken, "mine", 4, NULL));
  g_assert_true (receive_file (f, 0, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (taken, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, "mine");
  assert_whole (f, "top (1).txt");
  g_assert_cmpuint (count (f), ==, 2);
}

static void
test_rename_refused (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  faults.renameat2_errno = EACCES;
  g_assert_false (receive_file (f, 0, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_DESTINATION);
  g_assert_cmpuint (count (f), ==, 0);
}

static void
test_wrong_digest (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  f->digest[0] ^= 1;
  g_assert_false (receive_file (f, 0, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_TAMPERED);
  pst_disk_abandon_file (f->disk);
  g_assert_cmpuint (count (f), ==, 0);
}

static void
test_taken_folder (Fixture *f, gconstpointer unused)
{
  g_autofree char *folder = g_build_filename (f->dir, "folder", NULL);
  g_autofree char *mine = g_build_filename (folder, "file", NULL);
  g_autofree char *kept = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);
  g_assert_true (g_file_set_contents (mine, "mine", 4, NULL));
  g_assert_true (pst_disk_prepare (f->disk, &error));
  g_assert_true (receive_file (f, 2, &error));
  g_assert_no_error (error);
  assert_whole (f, "folder (1)/file");
  g_assert_true (g_file_get_contents (mine, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, "mine");
}

/* Discarding removes our partial file and our empty folders, nothing else. */
static void
test_discard (Fixture *f, gconstpointer unused)
{
  g_autofree char *other = g_build_filename (f->dir, "folder", "other", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (pst_disk_prepare (f->disk, &error));
  g_assert_true (g_file_set_contents (other, "mine", 4, NULL));
  g_assert_true (receive_file (f, 0, &error));
  g_assert_true (pst_disk_write (f->disk, 2, f->bytes, 10, &error));
  pst_disk_discard (f->disk);
  assert_whole (f, "top.txt");
  g_assert_true (g_file_test (other, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (count (f), ==, 2);
}

/* Somebody wanted it to end while it was being committed: what was sent empty stays. */
static void
test_end_after_commit (Fixture *f, gconstpointer unused)
{
  g_autofree char *folder = g_build_filename (f->dir, "folder", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (pst_disk_prepare (f->disk, &error));
  g_assert_true (pst_disk_commit (f->disk, &error));
  pst_disk_leave (f->disk);
  g_assert_true (g_file_test (folder, G_FILE_TEST_IS_DIR));
  pst_disk_discard (f->disk);
  g_assert_true (g_file_test (folder, G_FILE_TEST_IS_DIR));
}

static void
test_no_room (Fixture *f, gconstpointer unused)
{
  g_autoptr (PstManifest) manifest = pst_manifest_new ();
  PstEntry huge = { PST_ENTRY_FILE, (char *) "huge", NULL, G_GUINT64_CONSTANT (1) << 59, 0, FALSE };
  g_autoptr (GError) error = NULL;

  g_assert_true (pst_manifest_append (manifest, &huge, NULL));
  g_assert_true (pst_manifest_seal (manifest, NULL));
  g_assert_null (pst_disk_new (manifest, NULL, f->dir, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_DISK_FULL);
}

/* Somebody took every name a folder could get: it is refused, and none is touched. */
static void
test_names_taken (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i <= MAX_NUMBER; i++)
    {
      g_autofree char *name = i == 0 ? g_strdup ("folder") : pst_path_number ("folder", i);
      g_autofree char *path = g_build_filename (f->dir, name, NULL);

      g_assert_cmpint (symlink ("/nowhere", path), ==, 0);
    }
  g_assert_false (pst_disk_prepare (f->disk, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_DESTINATION);
  pst_disk_discard (f->disk);
  g_assert_cmpuint (count (f), ==, MAX_NUMBER + 1);
}

static void
test_no_destination (Fixture *f, gconstpointer unused)
{
  g_autofree char *file = g_build_filename (f->dir, "file", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (pst_disk_new (f->manifest, NULL, "/no/such/folder", &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_DESTINATION);
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  g_assert_null (pst_disk_new (f->manifest, NULL, file, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_DESTINATION);
}

/* However little comes: what was written a second ago is safe. */
static void
test_slow_checkpoint (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (pst_disk_prepare (f->disk, &error));
  g_assert_true (pst_disk_write (f->disk, 0, f->bytes, 10, &error));
  g_assert_cmpuint (pst_disk_get_unsafe_bytes (f->disk), ==, 10);
  faults.later_us = 2 * G_TIME_SPAN_SECOND;
  g_assert_true (pst_disk_write (f->disk, 0, f->bytes + 10, 10, &error));
  g_assert_cmpuint (pst_disk_get_unsafe_bytes (f->disk), ==, 0);
  g_assert_true (pst_disk_write (f->disk, 0, f->bytes + 20, 10, &error));
  g_assert_cmpuint (pst_disk_get_unsafe_bytes (f->disk), ==, 10);
  g_assert_no_error (error);
}

#define ADD_AT(path, data, func) g_test_add (path, Fixture, data, set_up, func, tear_down)
#define ADD(name, data, func)    ADD_AT ("/disk/" name, data, func)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("whole", NULL, test_whole);
  ADD ("name-comes-last", NULL, test_name_comes_last);
  ADD ("short-writes", NULL, test_short_writes);
  ADD ("disk-full", NULL, test_disk_full);
  ADD ("disk-full-again", NULL, test_disk_full_again);
  ADD ("io-error", NULL, test_io_error);
  ADD_AT ("/threats/18-never-overwritten/poor-file-system/links", NULL, test_poor_file_system);
  ADD_AT ("/threats/18-never-overwritten/poor-file-system/no-links", GINT_TO_POINTER (1),
          test_poor_file_system);
  ADD ("rename-refused", NULL, test_rename_refused);
  ADD ("slow-checkpoint", NULL, test_slow_checkpoint);
  ADD ("wrong-digest", NULL, test_wrong_digest);
  ADD_AT ("/threats/18-never-overwritten/folder", NULL, test_taken_folder);
  ADD ("discard", NULL, test_discard);
  ADD ("end-after-commit", NULL, test_end_after_commit);
  ADD_AT ("/threats/21-room-first/disk", NULL, test_no_room);
  ADD ("names-taken", NULL, test_names_taken);
  ADD ("no-destination", NULL, test_no_destination);
  return g_test_run ();
}
