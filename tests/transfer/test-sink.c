/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Batches of many files. The system calls below stand in for the library's and
 * watch the order: what gets its final name is whole and on the disk. */
#include "pst-sink-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <malloc.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
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
  guint names_left;  /* so many more names fit; G_MAXUINT: all */
  guint n_asked;     /* how much room there is */
  int fsync_errno;   /* of the one that fails */
  guint n_checkpoints;
  gboolean no_checkpoints; /* they fail */
  guint64 safe_bytes;      /* of the file that was synced last */
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
    {
      g_hash_table_insert (calls.synced, g_memdup2 (&st->st_ino, sizeof st->st_ino),
                           g_memdup2 (&st->st_size, sizeof st->st_size));
      calls.safe_bytes = st->st_size;
    }
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
    errno = calls.fsync_errno;
  else
    result = syscall (SYS_fsync, fd);
  leave_fsync (&st, result == 0);
  return result;
}

/* Here each file is synced for itself; test-disk-group.c is about the others. */
int
syncfs (int fd)
{
  errno = ENOSYS;
  return -1;
}

/* What a file under way is synced with. */
int
fdatasync (int fd)
{
  struct stat st;
  int result;

  g_assert_true (read_stat (fd, &st));
  g_mutex_lock (&calls.mutex);
  errno = calls.fsync_errno;
  result = calls.no_checkpoints ? -1 : syscall (SYS_fdatasync, fd);
  calls.n_checkpoints++;
  if (result == 0)
    calls.safe_bytes = st.st_size;
  g_mutex_unlock (&calls.mutex);
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
fstatvfs (int fd, struct statvfs *st)
{
  *st = (struct statvfs){ .f_bsize = 4096, .f_frsize = 4096, .f_bavail = 1 << 30 };
  g_mutex_lock (&calls.mutex);
  calls.n_asked++;
  if (calls.room_bytes >= 0)
    st->f_bavail = calls.room_bytes / 4096;
  g_mutex_unlock (&calls.mutex);
  return 0;
}

/* A folder that is full takes no more names. */
static gboolean
takes_name (void)
{
  gboolean takes;

  g_mutex_lock (&calls.mutex);
  takes = calls.names_left > 0;
  if (takes && calls.names_left != G_MAXUINT)
    calls.names_left--;
  g_mutex_unlock (&calls.mutex);
  errno = ENOSPC;
  return takes;
}

int
mkdirat (int fd, const char *name, mode_t mode)
{
  return takes_name () ? syscall (SYS_mkdirat, fd, name, mode) : -1;
}

int
symlinkat (const char *target, int fd, const char *name)
{
  return takes_name () ? syscall (SYS_symlinkat, target, fd, name) : -1;
}

int
renameat2 (int old_fd, const char *old, int new_fd, const char *new, unsigned int flags)
{
  struct stat st;
  int result;

  g_assert_cmpint (fstatat (old_fd, old, &st, AT_SYMLINK_NOFOLLOW), ==, 0);
  if (!takes_name ())
    return -1;
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
  guint64 taken_bytes;
  guint64 written_bytes;
  guint n_files;
  GError *error;
  gboolean committed;
  guint n_full;
  guint n_room;
  guint64 missing_bytes;
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
  calls.names_left = G_MAXUINT;
  calls.n_asked = 0;
  calls.fsync_errno = EIO;
  calls.n_checkpoints = 0;
  calls.no_checkpoints = FALSE;
  calls.safe_bytes = 0;

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
on_written (
    PstSink *sink, guint64 taken_bytes, guint64 written_bytes, guint n_files, gpointer user_data)
{
  Fixture *f = user_data;

  f->taken_bytes += taken_bytes;
  f->written_bytes += written_bytes;
  g_assert_cmpuint (f->written_bytes, <=, f->taken_bytes);
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
on_full (PstSink *sink, guint64 missing_bytes, gpointer user_data)
{
  Fixture *f = user_data;

  f->n_full++;
  f->missing_bytes = missing_bytes;
}

static void
on_room (PstSink *sink, gpointer user_data)
{
  Fixture *f = user_data;

  g_assert_cmpuint (f->n_full, >, f->n_room);
  f->n_room++;
}

static void
on_committed (PstSink *sink, gpointer user_data)
{
  Fixture *f = user_data;

  f->committed = TRUE;
}

static void
send_bytes (Fixture *f, guint32 number)
{
  gsize size = pst_manifest_get_entry (f->manifest, number)->size_bytes;

  for (gsize at = 0; at < size; at += f->piece_bytes)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (f->bytes + number + at,
                                                     MIN (size - at, f->piece_bytes));

      pst_sink_write (f->sink, number, bytes);
    }
}

static void
send_end (Fixture *f, guint32 number)
{
  gsize size = pst_manifest_get_entry (f->manifest, number)->size_bytes;
  guint8 digest[PST_DIGEST_BYTES];

  crypto_generichash (digest, sizeof digest, f->bytes + number, size, NULL, 0);
  pst_sink_finish_file (f->sink, number, digest);
}

static void
begin (Fixture *f)
{
  g_autoptr (PstDisk) disk = NULL;
  gint64 room_bytes = calls.room_bytes;

  g_assert_true (pst_manifest_seal (f->manifest, NULL));
  calls.room_bytes = -1; /* when it is asked for at first */
  disk = pst_disk_new (f->manifest, NULL, f->dir, NULL);
  g_assert_nonnull (disk);
  calls.room_bytes = room_bytes;
  f->sink = pst_sink_new (disk);
  g_signal_connect (f->sink, "written", G_CALLBACK (on_written), f);
  g_signal_connect (f->sink, "failed", G_CALLBACK (on_failed), f);
  g_signal_connect (f->sink, "full", G_CALLBACK (on_full), f);
  g_signal_connect (f->sink, "room", G_CALLBACK (on_room), f);
  g_signal_connect (f->sink, "committed", G_CALLBACK (on_committed), f);
}

static void
send_all (Fixture *f)
{
  begin (f);
  for (guint i = 0; i < pst_manifest_get_n_entries (f->manifest); i++)
    if (pst_manifest_get_entry (f->manifest, i)->kind == PST_ENTRY_FILE)
      {
        send_bytes (f, i);
        send_end (f, i);
      }
}

static gboolean
too_late (gpointer unused)
{
  g_error ("The sink did not settle");
  return G_SOURCE_REMOVE;
}

#define wait_until(condition)                                     \
  G_STMT_START                                                    \
  {                                                               \
    guint timer = g_timeout_add_seconds (WAIT_S, too_late, NULL); \
                                                                  \
    while (!(condition))                                          \
      g_main_context_iteration (NULL, TRUE);                      \
    g_source_remove (timer);                                      \
  }                                                               \
  G_STMT_END

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

static void
assert_safe (
    PstSink *sink, guint64 taken_bytes, guint64 written_bytes, guint n_files, gpointer user_data)
{
  Fixture *f = user_data;

  g_mutex_lock (&calls.mutex);
  g_assert_cmpuint (f->written_bytes, <=, calls.safe_bytes);
  g_mutex_unlock (&calls.mutex);
}

/* Of a file under way that is written which was synced: at checkpoints, and before long
 * all of it, whether more comes or not. */
static void
test_checkpoints (Fixture *f, gconstpointer unused)
{
  add_files (f, 1, LARGEST);
  begin (f);
  g_signal_connect (f->sink, "written", G_CALLBACK (assert_safe), f);
  send_bytes (f, 0);
  wait_until (f->taken_bytes == LARGEST);
  g_assert_cmpuint (pst_sink_get_pending_bytes (f->sink), ==, 0);
  g_assert_cmpuint (f->written_bytes, >=, 1024 * 1024);
  wait_until (f->written_bytes == LARGEST);
  g_assert_cmpuint (calls.n_checkpoints, >=, 2);
  g_assert_cmpuint (calls.n_synced, ==, 0);

  send_end (f, 0);
  pst_sink_commit (f->sink);
  wait_settled (f);
  g_assert_true (f->committed);
  assert_files (f, 1);
}

/* Nobody knows what is there after a checkpoint that failed, so nothing is said to be. */
static void
test_failing_checkpoint (Fixture *f, gconstpointer unused)
{
  add_files (f, 1, LARGEST);
  calls.no_checkpoints = TRUE;
  send_all (f);
  wait_settled (f);

  g_assert_error (f->error, PST_ERROR, PST_ERROR_DESTINATION);
  g_assert_cmpuint (f->taken_bytes, >, 0);
  g_assert_cmpuint (f->written_bytes, ==, 0);
  assert_files (f, 0);
}

static void
make_room (gint64 room_bytes)
{
  g_mutex_lock (&calls.mutex);
  calls.room_bytes = room_bytes;
  calls.names_left = G_MAXUINT;
  g_mutex_unlock (&calls.mutex);
}

static guint
count_asked (void)
{
  guint n;

  g_mutex_lock (&calls.mutex);
  n = calls.n_asked;
  g_mutex_unlock (&calls.mutex);
  return n;
}

/* A hundred files where twenty and a half fit. */
static void
fill_disk (Fixture *f)
{
  add_files (f, 100, 10000);
  calls.room_bytes = 205000;
  send_all (f);
  pst_sink_commit (f->sink);
  wait_until (f->n_full > 0);
}

static void
assert_all_came (Fixture *f)
{
  g_assert_no_error (f->error);
  g_assert_true (f->committed);
  g_assert_cmpuint (f->n_files, ==, 100);
  g_assert_cmpuint (f->n_room, ==, 1);
  g_assert_cmpuint (f->written_bytes, ==, 1000000);
  g_assert_cmpuint (pst_sink_get_pending_bytes (f->sink), ==, 0);
  assert_files (f, 100);
}

/* What was whole before the disk was full is there; the rest waits for all the
 * room it needs, and goes on by itself. */
static void
test_full (Fixture *f, gconstpointer unused)
{
  guint n_asked;

  fill_disk (f);
  g_assert_cmpuint (f->n_files, ==, 20);
  g_assert_cmpuint (f->missing_bytes, ==, 80 * 12288);
  g_assert_cmpuint (f->taken_bytes + pst_sink_get_pending_bytes (f->sink), ==, 1000000);

  make_room (79 * 12288);
  n_asked = count_asked ();
  wait_until (f->missing_bytes == 12288);
  g_assert_cmpuint (count_asked (), ==, n_asked + 1);
  g_assert_cmpuint (f->n_files, ==, 20);
  g_assert_cmpuint (f->n_room, ==, 0);

  make_room (80 * 12288);
  wait_settled (f);
  assert_all_came (f);
}

/* A person need not wait for all the room. What fits is written. */
static void
test_full_retry (Fixture *f, gconstpointer unused)
{
  fill_disk (f);
  pst_sink_retry (f->sink);
  make_room (100000);
  pst_sink_retry (f->sink);
  wait_until (f->n_files > 20);
  g_assert_cmpuint (f->n_room, ==, 0);

  make_room (-1);
  pst_sink_retry (f->sink);
  wait_settled (f);
  assert_all_came (f);
}

static void
test_full_abort (Fixture *f, gconstpointer unused)
{
  fill_disk (f);
  pst_sink_abort (f->sink);
  wait_settled (f);
  pst_sink_retry (f->sink);
  g_assert_no_error (f->error);
  g_assert_cmpuint (f->n_room, ==, 0);
  assert_files (f, 20);
}

/* Names need room, too: each is taken once. */
static void
test_full_names (Fixture *f, gconstpointer n_names)
{
  PstEntry folder = { PST_ENTRY_FOLDER, (char *) "zz", NULL, 0, 5, FALSE };
  PstEntry inner = { PST_ENTRY_FOLDER, (char *) "zz/in", NULL, 0, 5, FALSE };
  PstEntry link = { PST_ENTRY_LINK, (char *) "zz/link", (char *) "in", 0, 5, FALSE };
  PstEntry other = { PST_ENTRY_LINK, (char *) "zz/other", (char *) "in", 0, 5, FALSE };

  add_files (f, 100, 10000);
  g_assert_true (pst_manifest_append (f->manifest, &folder, NULL));
  g_assert_true (pst_manifest_append (f->manifest, &inner, NULL));
  g_assert_true (pst_manifest_append (f->manifest, &link, NULL));
  g_assert_true (pst_manifest_append (f->manifest, &other, NULL));
  calls.names_left = GPOINTER_TO_UINT (n_names);
  send_all (f);
  pst_sink_commit (f->sink);
  wait_until (f->n_full > 0);
  g_assert_cmpuint (f->missing_bytes, ==, 0);

  make_room (-1);
  pst_sink_retry (f->sink);
  wait_settled (f);
  g_assert_no_error (f->error);
  g_assert_true (f->committed);
  g_assert_cmpuint (f->n_files, ==, 100);
  for (guint i = 0; i < 4; i++)
    {
      static const char *const made[] = { "zz/link", "zz/other", "zz/in", "zz" };
      g_autofree char *path = g_build_filename (f->dir, made[i], NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  assert_files (f, 100);
}

/* Nobody knows what an fsync that failed has kept: no second try. */
static void
test_full_fsync (Fixture *f, gconstpointer unused)
{
  add_files (f, 100, 10000);
  calls.failing = 30;
  calls.fsync_errno = EDQUOT;
  send_all (f);
  pst_sink_commit (f->sink);
  wait_settled (f);

  g_assert_error (f->error, PST_ERROR, PST_ERROR_DISK_FULL);
  g_assert_cmpuint (f->n_full, ==, 0);
  assert_files (f, calls.n_named);
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

/* Small files wait for one another, nothing else waits, and what goes to the disk and
 * comes back waits no longer. */
static void
test_gather (void)
{
  static const guint8 bytes[PST_SINK_BATCH_BYTES];
  g_autoptr (GBytes) small = g_bytes_new_static (bytes, 10000);
  g_autoptr (GBytes) rest = g_bytes_new_static (bytes, sizeof bytes - 10000);
  g_autoptr (GPtrArray) ops = g_ptr_array_new_with_free_func ((GDestroyNotify) pst_sink_op_free);
  PstSinkQueue queue;

  pst_sink_queue_init (&queue);
  pst_sink_queue_add_bytes (&queue, 0, small);
  g_assert_false (pst_sink_queue_may_gather (&queue));
  pst_sink_queue_add (&queue, PST_SINK_OP_FINISH_FILE, 0);
  g_assert_true (pst_sink_queue_may_gather (&queue));
  pst_sink_queue_add_bytes (&queue, 1, rest);
  g_assert_false (pst_sink_queue_may_gather (&queue));

  pst_sink_queue_take (&queue, ops);
  g_assert_cmpuint (ops->len, ==, 3);
  g_assert_false (pst_sink_queue_may_gather (&queue));
  pst_sink_queue_put_back (&queue, ops, 0);
  g_assert_false (pst_sink_queue_may_gather (&queue));
  pst_sink_queue_clear (&queue);
  pst_sink_queue_add (&queue, PST_SINK_OP_FINISH_FILE, 2);
  g_assert_true (pst_sink_queue_may_gather (&queue));
  pst_sink_queue_add (&queue, PST_SINK_OP_COMMIT, 0);
  g_assert_false (pst_sink_queue_may_gather (&queue));

  pst_sink_queue_clear (&queue);
  for (guint i = 0; i < PST_SINK_BATCH_OPS; i++)
    {
      g_assert_cmpint (pst_sink_queue_may_gather (&queue), ==, i > 0);
      pst_sink_queue_add (&queue, PST_SINK_OP_FINISH_FILE, i);
    }
  g_assert_false (pst_sink_queue_may_gather (&queue));
  pst_sink_queue_clear (&queue);
}

#define ADD(name, func) g_test_add ("/sink/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  /* No folder, one, some files, all but the last link. */
  static const guint n_names[] = { 0, 1, 40, 103 };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sink/gather", test_gather);
  ADD ("all-sizes", test_all_sizes);
  ADD ("together", test_together);
  ADD ("failing-fsync", test_failing_fsync);
  ADD ("checkpoints", test_checkpoints);
  ADD ("failing-checkpoint", test_failing_checkpoint);
  ADD ("full/goes-on-by-itself", test_full);
  ADD ("full/retry", test_full_retry);
  ADD ("full/abort", test_full_abort);
  for (guint i = 0; i < G_N_ELEMENTS (n_names); i++)
    {
      g_autofree char *path = g_strdup_printf ("/sink/full/names/%u", n_names[i]);

      g_test_add (path, Fixture, GUINT_TO_POINTER (n_names[i]), set_up, test_full_names, tear_down);
    }
  ADD ("full/fsync", test_full_fsync);
  ADD ("collisions", test_collisions);
  ADD ("abort", test_abort);
  ADD ("few-descriptors", test_few_descriptors);
  ADD ("byte-by-byte", test_byte_by_byte);
  return g_test_run ();
}
