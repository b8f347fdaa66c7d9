/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Batches of many files. The system calls below stand in for the library's and
 * watch the order: what gets its final name is whole and on the disk. */
#include "pst-sink.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <malloc.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pst-error.h"

#define WAIT_S 60

/* What happened to the files; several threads sync at once. */
static struct
{
  GMutex mutex;
  GCond cond;
  GHashTable *synced; /* inode → its size when it was synced */
  guint n_synced;
  guint n_named;
  guint n_unsynced_names;
  guint n_waiting;   /* that were in fsync at once */
  guint64 failing;   /* the fsync of this number fails, from 1 */
  gboolean held;     /* fsync waits */
  gint64 room_bytes; /* -1: enough */
} calls;

static gboolean
read_stat (int fd, struct stat *st)
{
  return fstat (fd, st) == 0 && S_ISREG (st->st_mode);
}

/* Returns whether it is to fail. */
static gboolean
enter_fsync (void)
{
  gboolean fails;

  g_mutex_lock (&calls.mutex);
  calls.n_waiting++;
  while (calls.held)
    g_cond_wait (&calls.cond, &calls.mutex);
  fails = ++calls.n_synced == calls.failing;
  g_mutex_unlock (&calls.mutex);
  return fails;
}

static void
leave_fsync (const struct stat *st, gboolean ok)
{
  g_mutex_lock (&calls.mutex);
  calls.n_waiting--;
  if (ok)
    g_hash_table_insert (calls.synced, g_memdup2 (&st->st_ino, sizeof st->st_ino),
                         g_memdup2 (&st->st_size, sizeof st->st_size));
  g_mutex_unlock (&calls.mutex);
}

int
fsync (int fd)
{
  struct stat st;
  int result = -1;

  if (!read_stat (fd, &st))
    return syscall (SYS_fsync, fd);

  if (enter_fsync ())
    errno = EIO;
  else
    result = syscall (SYS_fsync, fd);
  leave_fsync (&st, result == 0);
  return result;
}

/* A byte more makes what was synced worth nothing. */
ssize_t
pwrite (int fd, const void *bytes, size_t n_bytes, off_t offset)
{
  struct stat st;

  g_mutex_lock (&calls.mutex);
  if (read_stat (fd, &st))
    g_hash_table_remove (calls.synced, &st.st_ino);
  if (calls.room_bytes >= 0)
    {
      n_bytes = MIN (n_bytes, (gsize) calls.room_bytes);
      calls.room_bytes -= n_bytes;
    }
  g_mutex_unlock (&calls.mutex);
  if (n_bytes > 0)
    return syscall (SYS_pwrite64, fd, bytes, n_bytes, offset);

  errno = ENOSPC;
  return -1;
}

int
renameat2 (int old_fd, const char *old, int new_fd, const char *new, unsigned int flags)
{
  struct stat st;
  int result;

  g_assert_cmpint (fstatat (old_fd, old, &st, AT_SYMLINK_NOFOLLOW), ==, 0);
  result = syscall (SYS_renameat2, old_fd, old, new_fd, new, flags);
  if (result == 0)
    {
      goffset *size;

      g_mutex_lock (&calls.mutex);
      size = g_hash_table_lookup (calls.synced, &st.st_ino);
      calls.n_named++;
      calls.n_unsynced_names += size == NULL || *size != st.st_size;
      g_mutex_unlock (&calls.mutex);
    }
  return result;
}

static guint
hash_inode (gconstpointer inode)
{
  return *(const ino_t *) inode;
}

static gboolean
equal_inodes (gconstpointer a, gconstpointer b)
{
  return *(const ino_t *) a == *(const ino_t *) b;
}

#define LARGEST (3 * 1024 * 1024)

typedef struct
{
  char *dir;
  PstManifest *manifest;
  PstSink *sink;
  guint8 *bytes; /* a file begins where its number says, so that no two are the same */
  gsize piece_bytes;
  guint64 written_bytes;
  guint n_files;
  GError *error;
  gboolean committed;
} Fixture;

static void
set_up (Fixture *f, gconstpointer unused)
{
  g_clear_pointer (&calls.synced, g_hash_table_unref);
  calls.synced = g_hash_table_new_full (hash_inode, equal_inodes, g_free, g_free);
  calls.n_synced = calls.n_named = calls.n_unsynced_names = 0;
  calls.n_waiting = 0;
  calls.failing = 0;
  calls.held = FALSE;
  calls.room_bytes = -1;

  f->dir = g_dir_make_tmp ("pst-sink-XXXXXX", NULL);
  f->manifest = pst_manifest_new ();
  f->bytes = g_malloc (LARGEST + 10000);
  f->piece_bytes = 65000;
  randombytes_buf (f->bytes, LARGEST + 10000);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  const char *argv[] = { "rm", "-rf", f->dir, NULL };

  g_clear_object (&f->sink);
  g_clear_error (&f->error);
  pst_manifest_unref (f->manifest);
  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
  g_free (f->bytes);
  g_free (f->dir);
}

static void
add_file (Fixture *f, const char *name, gsize n_bytes)
{
  PstEntry entry = { PST_ENTRY_FILE, (char *) name, NULL, n_bytes, 5, FALSE };

  g_assert_true (pst_manifest_append (f->manifest, &entry, NULL));
}

static void
add_files (Fixture *f, guint n, gsize n_bytes)
{
  for (guint i = 0; i < n; i++)
    {
      guint number = pst_manifest_get_n_entries (f->manifest);
      g_autofree char *name = g_strdup_printf ("file-%05u", number);

      add_file (f, name, n_bytes);
    }
}

static void
on_written (PstSink *sink, guint64 n_bytes, guint n_files, gpointer user_data)
{
  Fixture *f = user_data;

  f->written_bytes += n_bytes;
  f->n_files += n_files;
}

static void
on_failed (PstSink *sink, const GError *error, gpointer user_data)
{
  Fixture *f = user_data;

  g_assert_null (f->error);
  f->error = g_error_copy (error);
}

static void
on_committed (PstSink *sink, gpointer user_data)
{
  Fixture *f = user_data;

  f->committed = TRUE;
}

static void
send_file (Fixture *f, guint32 number)
{
  gsize size = pst_manifest_get_entry (f->manifest, number)->size_bytes;
  guint8 digest[PST_DIGEST_BYTES];

  crypto_generichash (digest, sizeof digest, f->bytes + number, size, NULL, 0);
  for (gsize at = 0; at < size; at += f->piece_bytes)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (f->bytes + number + at,
                                                     MIN (size - at, f->piece_bytes));

      pst_sink_write (f->sink, number, bytes);
    }
  pst_sink_finish_file (f->sink, number, digest);
}

static void
send_all (Fixture *f)
{
  g_autoptr (PstDisk) disk = NULL;

  g_assert_true (pst_manifest_seal (f->manifest, NULL));
  disk = pst_disk_new (f->manifest, NULL, f->dir, NULL);
  g_assert_nonnull (disk);
  f->sink = pst_sink_new (disk);
  g_signal_connect (f->sink, "written", G_CALLBACK (on_written), f);
  g_signal_connect (f->sink, "failed", G_CALLBACK (on_failed), f);
  g_signal_connect (f->sink, "committed", G_CALLBACK (on_committed), f);
  for (guint i = 0; i < pst_manifest_get_n_entries (f->manifest); i++)
    send_file (f, i);
}

static gboolean
too_late (gpointer unused)
{
  g_error ("The sink did not settle");
  return G_SOURCE_REMOVE;
}

static void
wait_settled (Fixture *f)
{
  guint timer = g_timeout_add_seconds (WAIT_S, too_late, NULL);

  while (!pst_sink_is_settled (f->sink))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);
}

static guint
count_waiting (void)
{
  guint n;

  g_mutex_lock (&calls.mutex);
  n = calls.n_waiting;
  g_mutex_unlock (&calls.mutex);
  return n;
}

/* Until so many files are in their fsync at once. */
static void
wait_for_waiting (guint n)
{
  gint64 end_us = g_get_monotonic_time () + WAIT_S * G_USEC_PER_SEC;

  while (count_waiting () < n)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end_us);
      g_main_context_iteration (NULL, FALSE);
      g_thread_yield ();
    }
}

static void
let_go (void)
{
  g_mutex_lock (&calls.mutex);
  calls.held = FALSE;
  g_cond_broadcast (&calls.cond);
  g_mutex_unlock (&calls.mutex);
}

/* Looks at what is in the folder: so many whole files, nothing else. */
static void
assert_files (Fixture *f, guint n_files)
{
  g_autoptr (GDir) dir = g_dir_open (f->dir, 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (f->dir, name, NULL);
      g_autofree char *bytes = NULL;
      guint number;
      gsize n_bytes;

      g_assert_cmpint (sscanf (name, "file-%u", &number), ==, 1);
      g_assert_true (g_file_get_contents (path, &bytes, &n_bytes, NULL));
      g_assert_cmpmem (bytes, n_bytes, f->bytes + number,
                       pst_manifest_get_entry (f->manifest, number)->size_bytes);
      n++;
    }

  g_assert_cmpuint (n, ==, n_files);
  g_assert_cmpuint (calls.n_named, ==, n_files);
  g_assert_cmpuint (calls.n_unsynced_names, ==, 0);
}

/* Of all sizes, across the limits of a batch, in files and in bytes. */
static void
test_all_sizes (Fixture *f, gconstpointer unused)
{
  add_files (f, 600, 0);
  add_files (f, 300, 1);
  add_files (f, 400, 10000);
  add_files (f, 1, LARGEST);
  add_files (f, 20, 200000);
  add_files (f, 3, 0);
  send_all (f);
  pst_sink_commit (f->sink);
  wait_settled (f);

  g_assert_no_error (f->error);
  g_assert_true (f->committed);
  g_assert_cmpuint (f->n_files, ==, 1324);
  g_assert_cmpuint (f->written_bytes, ==, 300 + 4000000 + LARGEST + 4000000);
  g_assert_cmpuint (pst_sink_get_pending_bytes (f->sink), ==, 0);
  assert_files (f, 1324);
  g_assert_cmpuint (calls.n_synced, ==, 1324);
}

/* The files of a batch wait for the disk together. */
static void
test_together (Fixture *f, gconstpointer unused)
{
  add_files (f, 100, 10000);
  calls.held = TRUE;
  send_all (f);
  pst_sink_commit (f->sink);

  wait_for_waiting (2);
  let_go ();
  wait_settled (f);
  g_assert_true (f->committed);
  assert_files (f, 100);
}

/* One fsync fails: that file has no name, nor has anything behind it. */
static void
test_failing_fsync (Fixture *f, gconstpointer unused)
{
  add_files (f, 100, 10000);
  calls.failing = 30;
  send_all (f);
  pst_sink_commit (f->sink);
  wait_settled (f);

  g_assert_error (f->error, PST_ERROR, PST_ERROR_DESTINATION);
  g_assert_false (f->committed);
  g_assert_cmpuint (calls.n_named, <, 100);
  assert_files (f, calls.n_named);
}

/* What was whole before the disk was full is kept and told of. */
static void
test_full (Fixture *f, gconstpointer unused)
{
  add_files (f, 100, 10000);
  calls.room_bytes = 205000;
  send_all (f);
  pst_sink_commit (f->sink);
  wait_settled (f);

  g_assert_error (f->error, PST_ERROR, PST_ERROR_DISK_FULL);
  g_assert_cmpuint (f->n_files, ==, 20);
  assert_files (f, 20);
}

/* Names that are taken, by others and by one another. */
static void
test_collisions (Fixture *f, gconstpointer unused)
{
  g_autofree char *taken = g_build_filename (f->dir, "file-00000", NULL);
  g_autofree char *first = g_build_filename (f->dir, "file-00000 (2)", NULL);
  g_autofree char *second = g_build_filename (f->dir, "file-00000 (1)", NULL);
  g_autofree char *kept = NULL;
  struct stat st;

  g_assert_true (g_file_set_contents (taken, "mine", 4, NULL));
  add_file (f, "file-00000 (1)", 10);
  add_file (f, "file-00000", 20);
  send_all (f);
  pst_sink_commit (f->sink);
  wait_settled (f);

  g_assert_true (f->committed);
  g_assert_true (g_file_get_contents (taken, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, "mine");
  g_assert_cmpint (stat (second, &st), ==, 0);
  g_assert_cmpint (st.st_size, ==, 10);
  g_assert_cmpint (stat (first, &st), ==, 0);
  g_assert_cmpint (st.st_size, ==, 20);
  g_assert_cmpuint (calls.n_unsynced_names, ==, 0);
}

/* Aborted while a batch is being synced: that batch is kept whole, nothing
 * else is written, nothing half stays. */
static void
test_abort (Fixture *f, gconstpointer unused)
{
  add_files (f, 600, 10000);
  calls.held = TRUE;
  send_all (f);

  wait_for_waiting (1);
  pst_sink_abort (f->sink);
  g_assert_false (pst_sink_is_settled (f->sink));

  let_go ();
  wait_settled (f);

  g_assert_no_error (f->error);
  g_assert_false (f->committed);
  g_assert_cmpuint (calls.n_named, >, 0);
  g_assert_cmpuint (calls.n_named, <, 600);
  assert_files (f, calls.n_named);
}

/* Fewer descriptors than a batch has files. */
static void
test_few_descriptors (Fixture *f, gconstpointer unused)
{
  int fd = dup (0);
  struct rlimit before, limit;

  g_assert_cmpint (fd, >=, 0);
  close (fd);
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &before), ==, 0);
  limit = before;
  limit.rlim_cur = fd + 12;

  add_files (f, 200, 10);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  send_all (f);
  pst_sink_commit (f->sink);
  wait_settled (f);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &before), ==, 0);

  g_assert_no_error (f->error);
  g_assert_true (f->committed);
  g_assert_cmpuint (f->n_files, ==, 200);
  assert_files (f, 200);
}

/* What waits costs about as much memory as it has bytes, be the pieces ever so small. */
static void
test_byte_by_byte (Fixture *f, gconstpointer unused)
{
  const gsize n_bytes = 300000;
  gsize before_bytes = mallinfo2 ().uordblks;

  add_file (f, "file-00000", n_bytes);
  add_file (f, "file-00001", 5000);
  f->piece_bytes = 1;
  send_all (f);
  g_assert_cmpuint (pst_sink_get_pending_bytes (f->sink), ==, n_bytes + 5000);
  g_assert_cmpuint (mallinfo2 ().uordblks, <, before_bytes + 4 * n_bytes);
  pst_sink_commit (f->sink);
  wait_settled (f);
  g_assert_no_error (f->error);
  g_assert_cmpuint (f->written_bytes, ==, n_bytes + 5000);
  assert_files (f, 2);
}

#define ADD(name, func) g_test_add ("/sink/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("all-sizes", test_all_sizes);
  ADD ("together", test_together);
  ADD ("failing-fsync", test_failing_fsync);
  ADD ("full", test_full);
  ADD ("collisions", test_collisions);
  ADD ("abort", test_abort);
  ADD ("few-descriptors", test_few_descriptors);
  ADD ("byte-by-byte", test_byte_by_byte);
  return g_test_run ();
}
