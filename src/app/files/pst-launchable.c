/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-launchable.h"

#include <sys/stat.h>

/* Kinds whose handlers run them, here or by way of an emulator, a virtual machine
 * or a launcher. g_content_type_can_be_executable() is of no use: to it, every
 * text is. */
static const char *const kinds[] = {
  "application/x-executable",
  "application/x-sharedlib",
  "application/x-desktop",
  "application/x-mswinurl",
  "application/x-shellscript",
  "application/x-csh",
  "application/x-perl",
  "application/x-ruby",
  "application/javascript",
  "text/javascript",
  "text/x-python",
  "application/x-java-archive",
  "application/java-archive",
  "application/x-java-jnlp-file",
  "application/vnd.appimage",
  "application/x-iso9660-appimage",
  "application/vnd.microsoft.portable-executable",
  "application/x-ms-dos-executable",
  "application/x-msdownload",
  "application/x-msdos-program",
  "application/x-dosexec",
  "application/x-msi",
  "application/x-bat",
  "application/x-ms-shortcut",
  "application/vnd.flatpak",
  "application/vnd.flatpak.ref",
  "application/vnd.flatpak.repo",
};

/**
 * pst_launchable_check:
 * @info: with %PST_LAUNCHABLE_ATTRIBUTES, links followed
 *
 * Tells whether opening the file might run what a stranger wrote: it may be
 * executed, or is of a kind that is usually run rather than read. What is not known
 * counts as launchable; a folder never does.
 *
 * Returns: %TRUE if it must not be opened by one click
 */
gboolean
pst_launchable_check (GFileInfo *info)
{
  const char *type = g_file_info_get_attribute_string (info,
                                                       G_FILE_ATTRIBUTE_STANDARD_CONTENT_TYPE);
  guint32 mode = g_file_info_get_attribute_uint32 (info, G_FILE_ATTRIBUTE_UNIX_MODE);

  if (g_file_info_get_file_type (info) == G_FILE_TYPE_DIRECTORY)
    return FALSE;
  if (g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR || type == NULL)
    return TRUE;
  if ((mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0)
    return TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_content_type_is_a (type, kinds[i]))
      return TRUE;

  return FALSE;
}
