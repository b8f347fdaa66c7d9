/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-vault.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pst-durable.h"
#include "pst-error.h"

#define NAME      "devices.json"
#define TEMPORARY "devices.json.new"

/* More than a full list takes. */
#define MAX_BYTES (256 * 1024)

static char *
get_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "penstock", "remembered", NULL);
}

static gboolean
fail (const char *what, const char *reason, GError **error)
{
  g_autofree char *folder = get_folder ();
  g_autofree char *shown = g_filename_display_name (folder);

  g_set_error (error, PST_ERROR, PST_ERROR_FAILED,
               "Remembered devices cannot be %s: %s/" NAME " %s.", what, shown, reason);
  return FALSE;
}

/* What others could read or have put there is not believed. */
static gboolean
is_private (int fd, mode_t type, const char *what, GError **error)
{
  struct stat info;

  if (fstat (fd, &info) < 0)
    return fail (what, g_strerror (errno), error);
  if ((info.st_mode & S_IFMT) != type || info.st_uid != geteuid ()
      || (info.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return fail (what,
                 "and its folder must belong to you, and be readable by you alone (chmod 700 the "
                 "folder, 600 the file)",
                 error);

  return TRUE;
}

static int
open_folder (const char *what, GError **error)
{
  g_autofree char *folder = get_folder ();
  int fd;

  if (!pst_durable_make_folder (folder)
      || (fd = open (folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0)
    {
      fail (what, g_strerror (errno), error);
      return -1;
    }
  if (is_private (fd, S_IFDIR, what, error))
    return fd;

  close (fd);
  return -1;
}

static char *
read_all (int fd, GError **error)
{
  g_autofree char *text = g_malloc (MAX_BYTES + 1);
  gsize length = 0;

  while (length <= MAX_BYTES)
    {
      gssize n = read (fd, text + length, MAX_BYTES + 1 - length);

      if (n == 0)
        return g_strndup (text, length);
      if (n < 0 && errno != EINTR)
        {
          fail ("read", g_strerror (errno), error);
          return NULL;
        }
      length += MAX (n, 0);
    }

  fail ("read", "is too long", error);
  return NULL;
}

static gboolean
file_read (char **text, GCancellable *cancellable, GError **error)
{
  int folder = open_folder ("read", error);
  int fd;
  gboolean ok;

  *text = NULL;
  if (folder < 0)
    return FALSE;

  fd = openat (folder, NAME, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    ok = errno == ENOENT || fail ("read", g_strerror (errno), error);
  else
    ok = is_private (fd, S_IFREG, "read", error) && (*text = read_all (fd, error)) != NULL;
  if (fd >= 0)
    close (fd);
  close (folder);
  return ok;
}

/* One that is there is from a run that ended early. */
static gboolean
replace (int folder, const char *text)
{
  gboolean ok;
  int fd;

  unlinkat (folder, TEMPORARY, 0);
  fd = pst_durable_begin (folder, TEMPORARY);
  if (fd < 0)
    return FALSE;

  ok = pst_durable_finish (folder, fd, TEMPORARY, NAME, text);
  close (fd);
  return ok;
}

static gboolean
file_write (const char *text, GCancellable *cancellable, GError **error)
{
  int folder = open_folder ("written", error);
  gboolean ok;

  if (folder < 0)
    return FALSE;

  ok = replace (folder, text) || fail ("written", g_strerror (errno), error);
  close (folder);
  return ok;
}

const PstVault pst_vault_file = { .read = file_read, .write = file_write };

/**
 * pst_vault_file_lock:
 * @error: return location for a %PST_ERROR_FAILED
 *
 * Keeps other processes of this user from changing the devices, for all vaults.
 *
 * Returns: what close() unlocks; -1 if it cannot be had
 */
int
pst_vault_file_lock (GError **error)
{
  int folder = open_folder ("changed", error);

  while (folder >= 0 && flock (folder, LOCK_EX) < 0)
    if (errno != EINTR)
      {
        fail ("changed", g_strerror (errno), error);
        close (folder);
        return -1;
      }

  return folder;
}
