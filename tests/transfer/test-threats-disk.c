/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A receipt while somebody else changes the folder under its feet. The system
 * calls below stand in for the library's: they let an attacker in right before
 * the step that counts, and note what each step asks of the kernel. */
#include "pst-disk.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pst-error.h"
#include "pst-path.h"

#define SIZE   1000
#define SECRET "not theirs"

/* The steps that make or remove a name. */
typedef enum
{
  STEP_NONE,
  STEP_PARTIAL,   /* openat() that makes a partial file */
  STEP_OWN_NAME,  /* openat() that makes an empty file under a final name */
  STEP_MKDIR,
  STEP_SYMLINK,
  STEP_NAME,      /* renameat2(), without replacing */
  STEP_LINK,      /* linkat() */
  STEP_RENAME,    /* renameat(), over a file of our own */
} Step;

static struct
{
  gboolean on;
  GPtrArray *removed; /* names given to unlinkat(), a slash at the end of folders' */
  Step attack;        /* let the attacker in once, before this step … */
  const char *name;   /* … if it is about this name; NULL for any */
  const char *aim;    /* what the attacker's link leads to */
  gboolean came;
  int renameat2_errno;
  int linkat_errno;
} watch;

/* Whoever may write into the folder can do this: a link where a name will be. */
static void
step (Step which, int fd, const char *name)
{
  if (!watch.on)
    return;

  g_assert_cmpint (fd, !=, AT_FDCWD);
  g_assert_null (strchr (name, '/'));
  if (watch.came || which == STEP_NONE || which != watch.attack
      || (watch.name != NULL && strcmp (name, watch.name) != 0))
    return;

  watch.came = TRUE;
  syscall (SYS_unlinkat, fd, name, 0);
  g_assert_cmpint (syscall (SYS_symlinkat, watch.aim, fd, name), ==, 0);
}

int
openat (int fd, const char *name, int flags, ...)
{
  mode_t mode = 0;
  va_list list;

  va_start (list, flags);
  if ((flags & O_CREAT) != 0)
    mode = va_arg (list, mode_t);
  va_end (list);

  if (watch.on)
    {
      g_assert_true ((flags & O_NOFOLLOW) != 0);
      g_assert_true ((flags & (O_CREAT | O_DIRECTORY)) != 0);
      g_assert_true ((flags & O_CREAT) == 0 || (flags & O_EXCL) != 0);
      g_assert_cmpint (flags & O_TRUNC, ==, 0);
      step ((flags & O_CREAT) == 0                                ? STEP_NONE
            : g_str_has_prefix (name, PST_PATH_PARTIAL_PREFIX) ? STEP_PARTIAL
                                                               : STEP_OWN_NAME,
            fd, name);
    }
  return syscall (SYS_openat, fd, name, flags, mode);
}

int
mkdirat (int fd, const char *name, mode_t mode)
{
  step (STEP_MKDIR, fd, name);
  return syscall (SYS_mkdirat, fd, name, mode);
}

int
symlinkat (const char *target, int fd, const char *name)
{
  step (STEP_SYMLINK, fd, name);
  return syscall (SYS_symlinkat, target, fd, name);
}

int
renameat2 (int old_fd, const char *old, int fd, const char *name, unsigned int flags)
{
  g_assert_cmpuint (flags, ==, RENAME_NOREPLACE);
  step (STEP_NAME, fd, name);
  if (watch.renameat2_errno == 0)
    return syscall (SYS_renameat2, old_fd, old, fd, name, flags);

  errno = watch.renameat2_errno;
  return -1;
}

int
linkat (int old_fd, const char *old, int fd, const char *name, int flags)
{
  g_assert_cmpint (flags, ==, 0);
  step (STEP_LINK, fd, name);
  if (watch.linkat_errno == 0)
    return syscall (SYS_linkat, old_fd, old, fd, name, flags);

  errno = watch.linkat_errno;
  return -1;
}

int
renameat (int old_fd, const char *old, int fd, const char *name)
{
  step (STEP_RENAME, fd, name);
  return syscall (SYS_renameat2, old_fd, old, fd, name, 0);
}

int
unlinkat (int fd, const char *name, int flags)
{
  if (watch.on)
    {
      g_assert_cmpint (fd, !=, AT_FDCWD);
      g_assert_null (strchr (name, '/'));
      g_ptr_array_add (watch.removed,
                       g_strconcat (name, (flags & AT_REMOVEDIR) != 0 ? "/" : NULL, NULL));
    }
  return syscall (SYS_unlinkat, fd, name, flags);
}

/* The other ways to remove something: none is taken. */
int
unlink (const char *path)
{
  g_assert_false (watch.on);
  return syscall (SYS_unlink, path);
}

int
rmdir (const char *path)
{
  g_assert_false (watch.on);
  return syscall (SYS_rmdir, path);
}

typedef struct
{
  char *dir;       /* everything is in it */
  char *to;        /* the destination */
  char *elsewhere; /* a folder of the person's: links of the attacker lead here */
  char *secret;    /* a file of the person's in it */
  PstManifest *manifest;
  PstDisk *disk;
  guint8 bytes[SIZE];
  guint8 digest[PST_DIGEST_BYTES];
} Fixture;

enum
{
  TOP,
  FOLDER,
  INNER,
  FILE_ONE,
  FILE_TWO,
  LINK,
};

static const PstEntry entries[] = {
  [TOP] = { PST_ENTRY_FILE, (char *) "top", NULL, SIZE, 5, FALSE },
  [FOLDER] = { PST_ENTRY_FOLDER, (char *) "d", NULL, 0, 5, FALSE },
  [INNER] = { PST_ENTRY_FOLDER, (char *) "d/in", NULL, 0, 5, FALSE },
  [FILE_ONE] = { PST_ENTRY_FILE, (char *) "d/in/one", NULL, SIZE, 5, FALSE },
  [FILE_TWO] = { PST_ENTRY_FILE, (char *) "d/in/two", NULL, SIZE, 5, FALSE },
  [LINK] = { PST_ENTRY_LINK, (char *) "d/link", (char *) "in", 0, 5, FALSE },
};

static char *
at (Fixture *f, const char *name)
{
  return g_build_filename (f->to, name, NULL);
}

static void
set_up (Fixture *f, gconstpointer unused)
{
  g_autofree char *inner = NULL;

  memset (&watch, 0, sizeof watch);
  watch.removed = g_ptr_array_new_with_free_func (g_free);
  f->dir = g_dir_make_tmp ("pst-threats-XXXXXX", NULL);
  f->to = g_build_filename (f->dir, "to", NULL);
  f->elsewhere = g_build_filename (f->dir, "elsewhere", NULL);
  f->secret = g_build_filename (f->elsewhere, "secret", NULL);
  inner = g_build_filename (f->elsewhere, "in", NULL);
  g_assert_cmpint (g_mkdir (f->to, 0755), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (inner, 0755), ==, 0);
  g_assert_true (g_file_set_contents (f->secret, SECRET, -1, NULL));

  f->manifest = pst_manifest_new ();
  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    g_assert_true (pst_manifest_append (f->manifest, &entries[i], NULL));
  g_assert_true (pst_manifest_seal (f->manifest, NULL));
  randombytes_buf (f->bytes, sizeof f->bytes);
  crypto_generichash (f->digest, sizeof f->digest, f->bytes, sizeof f->bytes, NULL, 0);
  f->disk = pst_disk_new (f->manifest, NULL, f->to, NULL);
  g_assert_nonnull (f->disk);
}

static guint
count (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* What is the person's is as it was. */
static void
assert_untouched (Fixture *f)
{
  g_autofree char *inner = g_build_filename (f->elsewhere, "in", NULL);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (f->secret, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, SECRET);
  g_assert_cmpuint (count (f->elsewhere), ==, 2);
  g_assert_cmpuint (count (inner), ==, 0);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  const char *argv[] = { "rm", "-rf", f->dir, NULL };

  watch.on = FALSE;
  g_clear_pointer (&f->disk, pst_disk_unref);
  assert_untouched (f);
  pst_manifest_unref (f->manifest);
  g_ptr_array_unref (watch.removed);
  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
  g_free (f->dir);
  g_free (f->to);
  g_free (f->elsewhere);
  g_free (f->secret);
}

static gboolean
receive_file (Fixture *f, guint32 entry, GError **error)
{
  guint n_files = 0;

  return pst_disk_write (f->disk, entry, f->bytes, SIZE, error)
         && pst_disk_finish_file (f->disk, entry, f->digest, error)
         && pst_disk_name_files (f->disk, &n_files, error);
}

static gboolean
receive_all (Fixture *f, GError **error)
{
  return pst_disk_prepare (f->disk, error) && receive_file (f, TOP, error)
         && receive_file (f, FILE_ONE, error) && receive_file (f, FILE_TWO, error)
         && pst_disk_commit (f->disk, error);
}

static void
assert_whole (Fixture *f, const char *name)
{
  g_autofree char *path = at (f, name);
  g_autofree char *bytes = NULL;
  gsize n_bytes;
  struct stat st;

  g_assert_cmpint (lstat (path, &st), ==, 0);
  g_assert_true (S_ISREG (st.st_mode));
  g_assert_true (g_file_get_contents (path, &bytes, &n_bytes, NULL));
  g_assert_cmpmem (bytes, n_bytes, f->bytes, SIZE);
}

/* A link to something of the person's appears right before a step. Either the
 * step takes another name or the receipt ends; nothing goes through the link. */
typedef struct
{
  const char *title;
  Step attack;
  const char *name;
  gboolean to_folder; /* the link leads to the folder, not to the file */
  int renameat2_errno;
  int linkat_errno;
  const char *arrives; /* NULL: the receipt ends */
} Race;

static const Race races[] = {
  { "partial-file", STEP_PARTIAL, NULL, FALSE, 0, 0, NULL },
  { "final-name", STEP_NAME, "top", FALSE, 0, 0, "top (1)" },
  { "final-name-inside", STEP_NAME, "one", FALSE, 0, 0, "d/in/one (1)" },
  { "final-name-by-link", STEP_LINK, "top", FALSE, EINVAL, 0, "top (1)" },
  { "final-name-by-own-file", STEP_OWN_NAME, "top", FALSE, EINVAL, EPERM, "top (1)" },
  { "own-file-swapped", STEP_RENAME, "top", FALSE, EINVAL, EPERM, "top" },
  { "folder-on-top", STEP_MKDIR, "d", TRUE, 0, 0, "d (1)/in/one" },
  { "folder-inside", STEP_MKDIR, "in", TRUE, 0, 0, NULL },
  { "symbolic-link", STEP_SYMLINK, "link", FALSE, 0, 0, NULL },
};

static void
test_race (Fixture *f, gconstpointer data)
{
  const Race *race = data;
  g_autoptr (GError) error = NULL;
  gboolean arrives;

  watch.on = TRUE;
  watch.attack = race->attack;
  watch.name = race->name;
  watch.aim = race->to_folder ? f->elsewhere : f->secret;
  watch.renameat2_errno = race->renameat2_errno;
  watch.linkat_errno = race->linkat_errno;
  arrives = receive_all (f, &error);
  g_assert_true (watch.came);
  if (race->arrives == NULL)
    {
      g_assert_false (arrives);
      g_assert_error (error, PST_ERROR, PST_ERROR_DESTINATION);
      pst_disk_discard (f->disk);
    }
  else
    {
      g_assert_no_error (error);
      assert_whole (f, race->arrives);
    }
  assert_untouched (f);
}

/* A folder of ours is moved away and a link put there, at each moment between
 * two steps. */
static void
swap_folder (Fixture *f, const char *name)
{
  g_autofree char *path = at (f, name);
  g_autofree char *away = g_build_filename (f->dir, "away", NULL);

  g_assert_cmpint (g_rename (path, away), ==, 0);
  g_assert_cmpint (symlink (f->elsewhere, path), ==, 0);
}

static void
test_swapped_before_file (Fixture *f, gconstpointer folder)
{
  g_autoptr (GError) error = NULL;

  watch.on = TRUE;
  g_assert_true (pst_disk_prepare (f->disk, &error));
  swap_folder (f, folder);
  g_assert_false (receive_file (f, FILE_ONE, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_DESTINATION);
  pst_disk_discard (f->disk);
}

/* What is open already is the folder itself, wherever it is now. */
static void
test_swapped_between_files (Fixture *f, gconstpointer unused)
{
  g_autofree char *second = g_build_filename (f->dir, "away", "two", NULL);
  g_autoptr (GError) error = NULL;

  watch.on = TRUE;
  g_assert_true (pst_disk_prepare (f->disk, &error));
  g_assert_true (receive_file (f, FILE_ONE, &error));
  swap_folder (f, "d/in");
  g_assert_true (receive_file (f, FILE_TWO, &error));
  g_assert_true (g_file_test (second, G_FILE_TEST_IS_REGULAR));
}

static void
test_swapped_before_commit (Fixture *f, gconstpointer folder)
{
  struct stat before, after;
  g_autoptr (GError) error = NULL;

  watch.on = TRUE;
  g_assert_true (pst_disk_prepare (f->disk, &error));
  g_assert_true (receive_file (f, TOP, &error));
  swap_folder (f, folder);
  g_assert_cmpint (stat (f->elsewhere, &before), ==, 0);
  g_assert_false (pst_disk_commit (f->disk, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_DESTINATION);
  g_assert_cmpint (stat (f->elsewhere, &after), ==, 0);
  g_assert_cmpint (before.st_mtim.tv_sec, ==, after.st_mtim.tv_sec);
  assert_whole (f, "top");
}

/* Where the link leads there is an empty folder of the same name: it stays. */
static void
test_swapped_before_discard (Fixture *f, gconstpointer folder)
{
  g_autofree char *link = at (f, folder);
  g_autoptr (GError) error = NULL;

  watch.on = TRUE;
  g_assert_true (pst_disk_prepare (f->disk, &error));
  g_assert_true (receive_file (f, TOP, &error));
  swap_folder (f, folder);
  pst_disk_discard (f->disk);
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
}

/* Whatever the offer is called: the names that are removed are ours, partial
 * files by their prefix and this receipt's number, folders by having been made. */
static void
test_removals (Fixture *f, gconstpointer unused)
{
  g_autofree char *taken = at (f, "top");
  g_autofree char *theirs = at (f, PST_PATH_PARTIAL_PREFIX "0123456789abcdef-0.part");
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  guint n_folders = 0;

  g_assert_true (g_file_set_contents (taken, SECRET, -1, NULL));
  g_assert_true (g_file_set_contents (theirs, SECRET, -1, NULL));
  watch.on = TRUE;
  g_assert_true (pst_disk_prepare (f->disk, &error));
  f->digest[0] ^= 1;
  g_assert_false (receive_file (f, TOP, &error));
  g_assert_error (error, PST_ERROR, PST_ERROR_TAMPERED);
  pst_disk_abandon_file (f->disk);
  g_assert_true (pst_disk_write (f->disk, FILE_ONE, f->bytes, 10, NULL));
  pst_disk_discard (f->disk);

  g_assert_cmpuint (watch.removed->len, ==, 4);
  for (guint i = 0; i < watch.removed->len; i++)
    {
      const char *name = g_ptr_array_index (watch.removed, i);

      if (g_str_equal (name, "in/") || g_str_equal (name, "d/"))
        n_folders++;
      else
        g_assert_true (g_str_has_prefix (name, PST_PATH_PARTIAL_PREFIX)
                       && !g_str_has_suffix (theirs, name));
    }
  g_assert_cmpuint (n_folders, ==, 2);
  g_assert_true (g_file_get_contents (taken, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, SECRET);
  g_assert_cmpuint (count (f->to), ==, 2);
}

/* A second try beside what an earlier one left: neither taken over nor removed,
 * whether it succeeds or not. */
static void
test_retry (Fixture *f, gconstpointer succeeds)
{
  g_autoptr (PstDisk) first = g_steal_pointer (&f->disk);
  g_autoptr (GError) error = NULL;
  g_autofree char *kept = NULL, *path = NULL, *text = NULL;
  g_autoptr (GDir) dir = NULL;
  const char *name;

  g_assert_true (pst_disk_write (first, TOP, f->bytes, 10, &error));
  dir = g_dir_open (f->to, 0, NULL);
  name = g_dir_read_name (dir);
  g_assert_true (g_str_has_prefix (name, PST_PATH_PARTIAL_PREFIX));
  path = at (f, name);

  f->disk = pst_disk_new (f->manifest, NULL, f->to, &error);
  watch.on = TRUE;
  g_assert_true (pst_disk_prepare (f->disk, &error));
  if (succeeds != NULL)
    g_assert_true (receive_file (f, TOP, &error));
  else
    {
      g_assert_true (pst_disk_write (f->disk, TOP, f->bytes, 20, &error));
      pst_disk_discard (f->disk);
    }
  watch.on = FALSE;
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpmem (text, 10, f->bytes, 10);

  kept = at (f, "top");
  g_assert_cmpint (g_file_test (kept, G_FILE_TEST_EXISTS), ==, succeeds != NULL);
  pst_disk_discard (first);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_cmpint (g_file_test (kept, G_FILE_TEST_EXISTS), ==, succeeds != NULL);
}

#define ADD(path, data, func) g_test_add (path, Fixture, data, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (races); i++)
    {
      g_autofree char *path = g_strconcat ("/threats/09-symlink-race/", races[i].title, NULL);

      g_test_add (path, Fixture, &races[i], set_up, test_race, tear_down);
    }
  ADD ("/threats/09-symlink-race/swapped-before-file/outer", "d", test_swapped_before_file);
  ADD ("/threats/09-symlink-race/swapped-before-file/inner", "d/in", test_swapped_before_file);
  ADD ("/threats/09-symlink-race/swapped-between-files", NULL, test_swapped_between_files);
  ADD ("/threats/09-symlink-race/swapped-before-commit/outer", "d", test_swapped_before_commit);
  ADD ("/threats/09-symlink-race/swapped-before-commit/inner", "d/in", test_swapped_before_commit);
  ADD ("/threats/09-symlink-race/swapped-before-discard/outer", "d", test_swapped_before_discard);
  ADD ("/threats/09-symlink-race/swapped-before-discard/inner", "d/in", test_swapped_before_discard);
  ADD ("/threats/08-nothing-names-removal/disk", NULL, test_removals);
  ADD ("/threats/22-own-partial-files/retry-succeeds", GINT_TO_POINTER (1), test_retry);
  ADD ("/threats/22-own-partial-files/retry-fails", NULL, test_retry);
  return g_test_run ();
}
