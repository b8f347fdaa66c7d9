/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-intake.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pst-destination.h"
#include "pst-error.h"
#include "pst-escape.h"
#include "pst-name-hash.h"
#include "pst-path.h"

/* Returns 0 or an errno: ENOTSUP for what is neither a file nor a folder.
 * Permission bits do not tell, opening does; a device is never opened, since that
 * may have effects of its own. */
static int
probe (const char *path)
{
  struct stat st;
  int fd;

  if (stat (path, &st) != 0)
    return errno;
  if (!S_ISREG (st.st_mode) && !S_ISDIR (st.st_mode))
    return ENOTSUP;

  fd = open (path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0)
    return errno;
  close (fd);
  return 0;
}

static char *
describe (int problem, const char *shown)
{
  switch (problem)
    {
    case ENOENT:
    case ENOTDIR:
      if (pst_destination_is_sandboxed ())
        /* Translators: in a sandbox (Flatpak); %s is a file or a folder; “Choose …” are buttons */
        return g_strdup_printf (_ ("Penstock has no access to “%s”. "
                                   "Use Choose Files or Choose Folder."),
                                shown);
      return g_strdup_printf (_ ("“%s” is not there any more."), shown);
    case ENOTSUP:
      return g_strdup_printf (_ ("“%s” is neither a file nor a folder."), shown);
    case EACCES:
    case EPERM:
      return g_strdup_printf (_ ("You are not allowed to read “%s”."), shown);
    default:
      /* Translators: the first %s is a file or a folder, the second what the system says */
      return g_strdup_printf (_ ("“%s” cannot be read: %s."), shown, g_strerror (problem));
    }
}

static void
set_sentence (GError **error, char *sentence)
{
  g_set_error_literal (error, PST_ERROR, PST_ERROR_SOURCE, sentence);
  g_free (sentence);
}

/* NULL if @file cannot be sent. */
static char *
check_file (GFile *file, GError **error)
{
  g_autofree char *path = g_file_get_path (file);
  g_autofree char *name = g_file_get_basename (file);
  g_autofree char *uri = g_file_get_uri (file);
  g_autofree char *shown = pst_escape_name (name != NULL ? name : uri, -1);
  int problem;

  if (path == NULL)
    {
      set_sentence (
          error, g_strdup_printf (_ ("“%s” is not on this machine. Copy it here first."), shown));
      return NULL;
    }

  problem = probe (path);
  if (problem != 0)
    {
      set_sentence (error, describe (problem, shown));
      return NULL;
    }

  if (!pst_path_check (name, strlen (name), NULL))
    {
      set_sentence (error, g_strdup_printf (
                               _ ("“%s” cannot be sent under this name. Rename it first."), shown));
      return NULL;
    }

  return g_steal_pointer (&path);
}

/**
 * pst_intake_check:
 * @files: (nullable): a list of #GFile
 * @error: return location for a %PST_ERROR_SOURCE, its message a translated sentence
 *
 * Makes paths of what the person dropped, pasted, chose or named: each one a file
 * or a folder on this machine that can be read now; named twice, it is there once.
 * Two things of the same name from different folders are both there: the offer
 * gives the second another name.
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): absolute paths in
 *   the file system's encoding, at least one
 */
GStrv
pst_intake_check (GListModel *files, GError **error)
{
  g_autoptr (GStrvBuilder) paths = g_strv_builder_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (pst_name_hash, g_str_equal, g_free, NULL);
  guint n_files = files != NULL ? g_list_model_get_n_items (files) : 0;

  if (n_files == 0)
    {
      /* Older portals take a folder out of what is dropped, and say nothing. */
      set_sentence (error, g_strdup (pst_destination_is_sandboxed ()
                                         /* Translators: “Choose Folder” is a button. */
                                         ? _ ("Folders cannot be dropped here. Use Choose Folder.")
                                         : _ ("Nothing that can be sent was dropped.")));
      return NULL;
    }

  for (guint i = 0; i < n_files; i++)
    {
      g_autoptr (GFile) file = g_list_model_get_item (files, i);
      char *path = check_file (file, error);

      if (path == NULL)
        return NULL;
      if (!g_hash_table_contains (seen, path))
        g_strv_builder_add (paths, path);
      g_hash_table_add (seen, path);
    }

  return g_strv_builder_end (paths);
}
