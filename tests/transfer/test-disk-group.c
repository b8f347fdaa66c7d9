/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many files are synced together where that keeps them as safe as one by one. The calls
 * below stand in for the library's: they count, fail, and tell of another system. */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/magic.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "pst-disk-private.h"
#include "pst-error.h"

#define N_FILES 20

static struct
{
  const char *release;
  const char *meminfo;
  __fsword_t file_system;
  int syncfs_errno;
  int file_errno;   /* of fsync(), for files */
  int folder_errno; /* the same for folders */
  gint syncfs_takes_s;

  const char *unnamed; /* must not be there while anything is synced */
  /* Atomic: */
  gint n_syncfs;
  gint n_files; /* fsynced */
  gint n_folders;
  gint later_s;
} faults;

gint64
g_get_monotonic_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (now.tv_sec + g_atomic_int_get (&faults.later_s)) * G_TIME_SPAN_SECOND
         + now.tv_nsec / 1000;
}

static int
fail (int error)
{
  g_assert_true (faults.unnamed == NULL || !g_file_test (faults.unnamed, G_FILE_TEST_EXISTS));
  errno = error;
  return error != 0 ? -1 : 0;
}

int
syncfs (int fd)
{
  g_atomic_int_inc (&faults.n_syncfs);
  g_atomic_int_add (&faults.later_s, faults.syncfs_takes_s);
  return fail (faults.syncfs_errno);
}

int
fsync (int fd)
{
  struct stat st;

  g_assert_cmpint (fstat (fd, &st), ==, 0);
  if (S_ISDIR (st.st_mode))
    {
      g_atomic_int_inc (&faults.n_folders);
      return fail (faults.folder_errno);
    }
  g_atomic_int_inc (&faults.n_files);
  return fail (faults.file_errno);
}

int
uname (struct utsname *name)
{
  memset (name, 0, sizeof *name);
  g_strlcpy (name->release, faults.release, sizeof name->release);
  return 0;
}

int
fstatfs (int fd, struct statfs *st)
{
  memset (st, 0, sizeof *st);
  st->f_type = faults.file_system;
  return 0;
}

FILE *
fopen (const char *path, const char *mode)
{
  if (strcmp (path, "/proc/meminfo") != 0)
    return fdopen (open (path, O_RDONLY | O_CLOEXEC), mode);
  return faults.meminfo != NULL ? fmemopen ((char *) faults.meminfo, strlen (faults.meminfo), "r")
                                : NULL;
}

typedef struct
{
  const char *name;
  const char *release;
  const char *meminfo;
  __fsword_t file_system;
  guint n_files;
  int syncfs_errno;
  int file_errno;
  int folder_errno;

  gint n_syncfs;
  gint n_fsyncs; /* of files */
  gboolean arrives;
} Case;

#define QUIET_SYSTEM "6.1.0-18-amd64", "MemFree: 1 kB\nDirty: 60000 kB\nWriteback: 5000 kB\n"
#define BUSY_SYSTEM  "6.1.0-18-amd64", "MemFree: 1 kB\nDirty: 60000 kB\nWriteback: 9000 kB\n"

static const Case cases[] = {
  { "together", QUIET_SYSTEM, EXT4_SUPER_MAGIC, N_FILES, 0, 0, 0, 1, 0, TRUE },
  { "xfs", QUIET_SYSTEM, XFS_SUPER_MAGIC, N_FILES, 0, 0, 0, 1, 0, TRUE },
  { "btrfs", QUIET_SYSTEM, BTRFS_SUPER_MAGIC, N_FILES, 0, 0, 0, 1, 0, TRUE },
  { "few", QUIET_SYSTEM, EXT4_SUPER_MAGIC, 8, 0, 0, 0, 0, 8, TRUE },
  { "others-write", BUSY_SYSTEM, EXT4_SUPER_MAGIC, N_FILES, 0, 0, 0, 0, N_FILES, TRUE },
  { "unknown-dirty", "6.1.0", NULL, EXT4_SUPER_MAGIC, N_FILES, 0, 0, 0, 0, N_FILES, TRUE },
  { "fuse", QUIET_SYSTEM, 0x65735546, N_FILES, 0, 0, 0, 0, N_FILES, TRUE },
  { "linux-5.17", "5.17.0", "Dirty: 0 kB\nWriteback: 0 kB\n", EXT4_SUPER_MAGIC, N_FILES, 0, 0, 0, 1,
    0, TRUE },
  { "linux-5.16", "5.16.9", "Dirty: 0 kB\nWriteback: 0 kB\n", EXT4_SUPER_MAGIC, N_FILES, 0, 0, 0, 0,
    N_FILES, TRUE },
  { "error-of-others", QUIET_SYSTEM, EXT4_SUPER_MAGIC, N_FILES, EIO, 0, 0, 1, N_FILES, TRUE },
  { "error-of-a-file", QUIET_SYSTEM, EXT4_SUPER_MAGIC, N_FILES, EIO, EIO, 0, 1, N_FILES, FALSE },
  { "error-afterwards", QUIET_SYSTEM, EXT4_SUPER_MAGIC, N_FILES, 0, 0, EROFS, 1, 0, FALSE },
};

/* The destination's own fsync is one more, and after a group another. */
static const Case folder_cases[] = {
  { "together", QUIET_SYSTEM, EXT4_SUPER_MAGIC, N_FILES, 0, 0, 0, 1, 2, TRUE },
  { "few", QUIET_SYSTEM, EXT4_SUPER_MAGIC, 8, 0, 0, 0, 0, 9, TRUE },
  { "others-write", BUSY_SYSTEM, EXT4_SUPER_MAGIC, N_FILES, 0, 0, 0, 0, N_FILES + 1, TRUE },
  { "error-of-others", QUIET_SYSTEM, EXT4_SUPER_MAGIC, N_FILES, EIO, 0, 0, 1, N_FILES + 1, TRUE },
  { "error-afterwards", QUIET_SYSTEM, EXT4_SUPER_MAGIC, N_FILES, 0, 0, EROFS, 1, 1, FALSE },
};

typedef struct
{
  char *dir;
  PstDisk *disk;
  guint32 n_done;
} Fixture;

static char *
name_of (guint i)
{
  return g_strdup_printf ("f-%u", i);
}

static PstManifest *
make_manifest (guint n_files, guint64 size_bytes)
{
  PstManifest *manifest = pst_manifest_new ();

  for (guint i = 0; i < n_files; i++)
    {
      g_autofree char *name = name_of (i);
      PstEntry entry = { PST_ENTRY_FILE, name, NULL, size_bytes, 0, FALSE };

      g_assert_true (pst_manifest_append (manifest, &entry, NULL));
    }
  g_assert_true (pst_manifest_seal (manifest, NULL));
  return manifest;
}

static void
set_up_sized (Fixture *f, const Case *c, guint n_files, guint64 size_bytes)
{
  g_autoptr (PstManifest) manifest = make_manifest (n_files, size_bytes);

  memset (&faults, 0, sizeof faults);
  faults.release = c->release;
  faults.meminfo = c->meminfo;
  faults.file_system = c->file_system;
  faults.syncfs_errno = c->syncfs_errno;
  faults.file_errno = c->file_errno;
  faults.folder_errno = c->folder_errno;

  f->dir = g_dir_make_tmp ("pst-disk-group-XXXXXX", NULL);
  f->disk = pst_disk_new (manifest, NULL, f->dir, NULL);
  f->n_done = 0;
  g_assert_nonnull (f->disk);
}

static void
set_up (Fixture *f, const Case *c, guint n_files)
{
  set_up_sized (f, c, n_files, 0);
}

static void
tear_down (Fixture *f)
{
  const char *argv[] = { "rm", "-rf", f->dir, NULL };

  g_clear_pointer (&f->disk, pst_disk_unref);
  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
  g_free (f->dir);
}

/* One batch of empty files. */
static gboolean
receive (Fixture *f, guint n_files, GError **error)
{
  guint8 digest[PST_DIGEST_BYTES];
  g_autofree char *name = name_of (f->n_done);
  g_autofree char *path = g_build_filename (f->dir, name, NULL);
  guint n_named;
  gboolean ok;

  crypto_generichash (digest, sizeof digest, NULL, 0, NULL, 0);
  for (guint i = 0; i < n_files; i++)
    g_assert_true (pst_disk_finish_file (f->disk, f->n_done++, digest, error));
  faults.unnamed = path;
  ok = pst_disk_name_files (f->disk, &n_named, error);
  faults.unnamed = NULL;
  g_assert_cmpint (g_file_test (path, G_FILE_TEST_EXISTS), ==, ok);
  g_assert_true (!ok || n_named == n_files);
  return ok;
}

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (GError) error = NULL;
  Fixture f;

  set_up (&f, c, c->n_files);
  g_assert_cmpint (receive (&f, c->n_files, &error), ==, c->arrives);
  if (!c->arrives)
    g_assert_error (error, PST_ERROR, PST_ERROR_DESTINATION);
  g_assert_cmpint (faults.n_syncfs, ==, c->n_syncfs);
  g_assert_cmpint (faults.n_files, ==, c->n_fsyncs);
  tear_down (&f);
}

/* Folders alone; all of them are there when it ends well. */
static void
test_folders (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (PstManifest) manifest = pst_manifest_new ();
  g_autoptr (GError) error = NULL;
  Fixture f;

  for (guint i = 0; i < c->n_files; i++)
    {
      g_autofree char *name = name_of (i);
      PstEntry entry = { PST_ENTRY_FOLDER, name, NULL, 0, G_TIME_SPAN_SECOND, FALSE };

      g_assert_true (pst_manifest_append (manifest, &entry, NULL));
    }
  g_assert_true (pst_manifest_seal (manifest, NULL));
  set_up (&f, c, 1);
  pst_disk_unref (f.disk);
  f.disk = pst_disk_new (manifest, NULL, f.dir, NULL);
  g_assert_true (pst_disk_prepare (f.disk, NULL));
  faults.n_folders = 0;

  g_assert_cmpint (pst_disk_commit (f.disk, &error), ==, c->arrives);
  if (!c->arrives)
    g_assert_error (error, PST_ERROR, PST_ERROR_DESTINATION);
  g_assert_cmpint (faults.n_syncfs, ==, c->n_syncfs);
  g_assert_cmpint (faults.n_folders, ==, c->n_fsyncs);
  for (guint i = 0; c->arrives && i < c->n_files; i++)
    {
      g_autofree char *name = name_of (i);
      g_autofree char *path = g_build_filename (f.dir, name, NULL);
      struct stat st;

      g_assert_cmpint (stat (path, &st), ==, 0);
      g_assert_cmpint (st.st_mtim.tv_nsec, ==, G_TIME_SPAN_SECOND);
    }
  tear_down (&f);
}

/* What others do to the disk must not hold every batch up. */
static void
test_slow (void)
{
  Fixture f;

  set_up (&f, &cases[0], 19 * N_FILES);
  faults.syncfs_takes_s = 1;
  for (guint i = 0; i < 17; i++)
    g_assert_true (receive (&f, N_FILES, NULL));
  g_assert_cmpint (faults.n_syncfs, ==, 1);
  g_assert_cmpint (faults.n_files, ==, 16 * N_FILES);
  faults.syncfs_takes_s = 0;
  for (guint i = 0; i < 2; i++)
    g_assert_true (receive (&f, N_FILES, NULL));
  g_assert_cmpint (faults.n_syncfs, ==, 3);
  g_assert_cmpint (faults.n_files, ==, 16 * N_FILES);
  tear_down (&f);
}

/* So many files of one byte come, and the disk is at them. */
static gboolean
receive_more (Fixture *f, guint n_files, guint *n_named, GError **error)
{
  const guint8 byte = 'x';
  guint8 digest[PST_DIGEST_BYTES];

  crypto_generichash (digest, sizeof digest, &byte, 1, NULL, 0);
  for (guint i = 0; i < n_files; i++, f->n_done++)
    g_assert_true (pst_disk_write (f->disk, f->n_done, &byte, 1, error)
                   && pst_disk_finish_file (f->disk, f->n_done, digest, error));
  return pst_disk_begin_to_name (f->disk, n_named, error);
}

static gboolean
is_named (Fixture *f, guint i)
{
  g_autofree char *name = name_of (i);
  g_autofree char *path = g_build_filename (f->dir, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* The disk is at some while others are written: they get their names, and count as safe,
 * when it has them. */
static void
test_meanwhile (void)
{
  guint n_named;
  Fixture f;

  set_up_sized (&f, &cases[0], 3 * N_FILES, 1);
  g_assert_true (receive_more (&f, N_FILES, &n_named, NULL));
  g_assert_cmpuint (n_named, ==, 0);
  g_assert_false (is_named (&f, 0));
  g_assert_cmpuint (pst_disk_get_unsafe_bytes (f.disk), ==, N_FILES);

  g_assert_true (receive_more (&f, N_FILES, &n_named, NULL));
  g_assert_cmpuint (n_named, ==, N_FILES);
  g_assert_true (is_named (&f, N_FILES - 1));
  g_assert_false (is_named (&f, N_FILES));
  g_assert_cmpuint (pst_disk_get_unsafe_bytes (f.disk), ==, N_FILES);

  /* So few are no group, and wait for nothing. */
  g_assert_true (receive_more (&f, 2, &n_named, NULL));
  g_assert_cmpuint (n_named, ==, N_FILES + 2);
  g_assert_cmpuint (pst_disk_get_unsafe_bytes (f.disk), ==, 0);
  g_assert_cmpint (faults.n_syncfs, ==, 2);
  g_assert_cmpint (faults.n_files, ==, 2);
  tear_down (&f);
}

/* What comes whole before the end stays. */
static void
test_end_meanwhile (gconstpointer discards)
{
  guint n_named;
  Fixture f;

  set_up_sized (&f, &cases[0], N_FILES, 1);
  g_assert_true (receive_more (&f, N_FILES, &n_named, NULL));
  if (discards != NULL)
    pst_disk_discard (f.disk);
  else
    pst_disk_leave (f.disk);
  g_assert_true (is_named (&f, 0) && is_named (&f, N_FILES - 1));
  tear_down (&f);
}

/* Nobody ends it. */
static void
test_dropped_meanwhile (void)
{
  guint n_named;
  Fixture f;

  set_up_sized (&f, &cases[0], N_FILES, 1);
  g_assert_true (receive_more (&f, N_FILES, &n_named, NULL));
  tear_down (&f);
}

/* An error is told only once, perhaps of a file that was begun meanwhile: from then on each
 * is synced for itself. */
static void
test_error_meanwhile (void)
{
  guint n_named;
  Fixture f;

  set_up_sized (&f, &cases[0], 3 * N_FILES, 1);
  faults.syncfs_errno = EIO;
  g_assert_true (receive_more (&f, N_FILES, &n_named, NULL));
  g_assert_true (receive_more (&f, N_FILES, &n_named, NULL));
  g_assert_cmpuint (n_named, ==, 2 * N_FILES);
  g_assert_cmpint (faults.n_files, ==, 2 * N_FILES);
  faults.syncfs_errno = 0;
  g_assert_true (receive_more (&f, N_FILES, &n_named, NULL));
  g_assert_cmpuint (n_named, ==, N_FILES);
  g_assert_cmpint (faults.n_files, ==, 3 * N_FILES);
  g_assert_cmpint (faults.n_syncfs, ==, 1);
  tear_down (&f);
}

/* The file system failed: nothing of either gets a name. */
static void
test_folder_error_meanwhile (void)
{
  g_autoptr (GError) error = NULL;
  guint n_named;
  Fixture f;

  set_up_sized (&f, &cases[0], 2 * N_FILES, 1);
  faults.folder_errno = EROFS;
  g_assert_true (receive_more (&f, N_FILES, &n_named, NULL));
  g_assert_false (receive_more (&f, N_FILES, &n_named, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_DESTINATION);
  g_assert_cmpuint (n_named, ==, 0);
  g_assert_false (is_named (&f, 0) || is_named (&f, N_FILES));
  tear_down (&f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/disk-group/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  for (guint i = 0; i < G_N_ELEMENTS (folder_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/disk-group/folders/", folder_cases[i].name, NULL);

      g_test_add_data_func (path, &folder_cases[i], test_folders);
    }
  g_test_add_func ("/disk-group/slow", test_slow);
  g_test_add_func ("/disk-group/meanwhile", test_meanwhile);
  g_test_add_data_func ("/disk-group/meanwhile-left", NULL, test_end_meanwhile);
  g_test_add_data_func ("/disk-group/meanwhile-discarded", GINT_TO_POINTER (1), test_end_meanwhile);
  g_test_add_func ("/disk-group/meanwhile-dropped", test_dropped_meanwhile);
  g_test_add_func ("/disk-group/meanwhile-error", test_error_meanwhile);
  g_test_add_func ("/disk-group/meanwhile-folder-error", test_folder_error_meanwhile);
  return g_test_run ();
}
