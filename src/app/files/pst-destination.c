/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-destination.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "pst-document.h"
#include "pst-error.h"
#include "pst-escape.h"

/* A name that is taken already is bad luck; ten in a row are something else. */
#define NAME_ATTEMPTS 10

/**
 * pst_destination_is_sandboxed:
 *
 * Tells whether the program runs in a sandbox, where only what the person chose
 * is to be seen. `PST_SANDBOX` (0 or 1) overrides it in tests.
 *
 * Returns: %TRUE in a Flatpak
 */
gboolean
pst_destination_is_sandboxed (void)
{
  const char *override = g_getenv ("PST_SANDBOX");

  if (override != NULL)
    return g_str_equal (override, "1");

  return access ("/.flatpak-info", F_OK) == 0;
}

/**
 * pst_destination_dup_default:
 *
 * Says where received things go as long as the person has not chosen a folder:
 * to the folder for downloads. It is not made and need not be writable; ask
 * pst_destination_check(). In a sandbox it is usually not to be seen, and the
 * home folder, which is thrown away there at the end, never takes its place.
 *
 * Returns: (transfer full): an absolute path, in the file system's encoding
 */
char *
pst_destination_dup_default (void)
{
  const char *home = g_get_home_dir ();
  const char *special = g_get_user_special_dir (G_USER_DIRECTORY_DOWNLOAD);
  g_autofree char *downloads = g_build_filename (home, "Downloads", NULL);
  gboolean sandboxed = pst_destination_is_sandboxed ();

  if (special != NULL && !(sandboxed && g_str_equal (special, home)))
    return g_strdup (special);
  if (sandboxed || g_file_test (downloads, G_FILE_TEST_IS_DIR))
    return g_steal_pointer (&downloads);

  return g_strdup (home);
}

/* Creates a file that has a name for a moment, where the file system knows no
 * files without one. */
static int
probe_by_name (int dir_fd)
{
  for (guint i = 0; i < NAME_ATTEMPTS; i++)
    {
      char name[40];
      int fd;

      g_snprintf (name, sizeof name, ".penstock-check-%08x", g_random_int ());
      fd = openat (dir_fd, name, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0600);
      if (fd < 0 && errno == EEXIST)
        continue;
      if (fd >= 0 && unlinkat (dir_fd, name, 0) != 0)
        {
          close (fd);
          return -1;
        }
      return fd;
    }

  return -1;
}

/* Permission bits do not tell: there are read-only mounts, access lists and
 * sandboxes. Only creating a file does. Returns 0 or an errno. */
static int
probe (const char *path)
{
  int dir_fd = open (path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  int fd;
  int problem;

  if (dir_fd < 0)
    return errno;

  fd = openat (dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0 && errno != EROFS && errno != EACCES && errno != EPERM)
    fd = probe_by_name (dir_fd);
  problem = fd < 0 ? errno : 0;

  if (fd >= 0)
    close (fd);
  close (dir_fd);
  return problem;
}

static char *
describe (int problem, const char *path)
{
  g_autofree char *shown = pst_destination_dup_display (path);

  switch (problem)
    {
    case ENOENT:
      if (pst_destination_is_sandboxed ())
        /* Translators: in a sandbox (Flatpak); %s is a folder */
        return g_strdup_printf (_ ("Penstock has no access to the folder “%s” yet."), shown);
      return g_strdup_printf (_ ("The folder “%s” does not exist."), shown);
    case ENOTDIR:
      return g_strdup_printf (_ ("“%s” is not a folder."), shown);
    case EACCES:
    case EPERM:
      return g_strdup_printf (_ ("You are not allowed to save files in “%s”."), shown);
    case EROFS:
      return g_strdup_printf (_ ("Files cannot be saved in “%s”: it is read-only."), shown);
    case ENOSPC:
    case EDQUOT:
      return g_strdup_printf (_ ("There is no space left in “%s”."), shown);
    default:
      /* Translators: the first %s is a folder, the second what the system says */
      return g_strdup_printf (_ ("Files cannot be saved in “%s”: %s."), shown,
                              g_strerror (problem));
    }
}

/**
 * pst_destination_check:
 * @path: an absolute path, in the file system's encoding
 * @error: return location for a %PST_ERROR_DESTINATION or %PST_ERROR_DISK_FULL,
 *   its message a translated sentence
 *
 * Tells whether things can be received into @path now, by creating a file
 * without a name in it. Nothing stays behind.
 *
 * Returns: %TRUE if @path is a folder that can be written to
 */
gboolean
pst_destination_check (const char *path, GError **error)
{
  g_autofree char *sentence = NULL;
  gboolean full;
  int problem;

  g_return_val_if_fail (path != NULL, FALSE);

  problem = probe (path);
  if (problem == 0)
    return TRUE;

  full = problem == ENOSPC || problem == EDQUOT;
  sentence = describe (problem, path);
  g_set_error_literal (error, PST_ERROR, full ? PST_ERROR_DISK_FULL : PST_ERROR_DESTINATION,
                       sentence);
  return FALSE;
}

/**
 * pst_destination_get_free_bytes:
 * @path: an absolute path, in the file system's encoding
 * @free_bytes: (out): how much this person may still write there, in bytes
 *
 * Returns: %FALSE if nobody can tell; @free_bytes is 0 then
 */
gboolean
pst_destination_get_free_bytes (const char *path, guint64 *free_bytes)
{
  struct statvfs fs;

  *free_bytes = 0;
  /* Some file systems in user space know nothing of blocks and say 0 of 0. */
  if (statvfs (path, &fs) != 0 || fs.f_blocks == 0)
    return FALSE;

  *free_bytes = (guint64)fs.f_bavail * fs.f_frsize;
  return TRUE;
}

/* "~" for the home folder; @path unless it is inside. */
static char *
shorten_home (const char *path)
{
  const char *home = g_get_home_dir ();
  gsize length = strlen (home);

  if (length > 1 && strncmp (path, home, length) == 0
      && (path[length] == '/' || path[length] == '\0'))
    return g_strconcat ("~", path + length, NULL);

  return g_strdup (path);
}

/**
 * pst_destination_dup_display:
 * @path: an absolute path, in the file system's encoding
 *
 * Makes the path fit to be shown: as it is outside of the sandbox, the home folder
 * as `~`, strange characters escaped (see pst_escape_name()). Where nobody tells
 * what is outside, it begins with the name of the folder that was chosen. It is not
 * markup, and is read from left to right in every language: isolate it. The first
 * call for a document of the portal asks the portal, for 300 ms at most.
 *
 * Returns: (transfer full): the text to show
 */
char *
pst_destination_dup_display (const char *path)
{
  g_autofree char *outside = pst_document_dup_host_path (path);
  g_autofree char *shortened = NULL;

  if (outside == NULL)
    outside = pst_document_dup_inner_path (path);

  shortened = shorten_home (outside != NULL ? outside : path);
  return pst_escape_name (shortened, -1);
}
