/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a fuzz target as a plain test: over every file of the corpus folders
 * given as arguments, and over every prefix of each, so that truncation is
 * tried everywhere. */
#include <glib.h>

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

static guint
replay_file (const char *path)
{
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  if (!g_file_get_contents (path, &data, &size, &error))
    g_error ("%s", error->message);

  for (gsize cut = 0; cut <= size; cut += 1 + size / 256)
    {
      /* An exact copy, so that a sanitizer sees a read past the end. */
      g_autofree guint8 *copy = g_memdup2 (data, cut);
      LLVMFuzzerTestOneInput (copy, cut);
    }
  LLVMFuzzerTestOneInput ((const guint8 *) data, size);

  return 1;
}

int
main (int argc, char **argv)
{
  guint n_files = 0;

  for (int i = 1; i < argc; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GDir) dir = g_dir_open (argv[i], 0, &error);
      const char *name;

      if (dir == NULL)
        g_error ("%s", error->message);
      while ((name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *path = g_build_filename (argv[i], name, NULL);
          n_files += replay_file (path);
        }
    }

  g_print ("%u inputs replayed\n", n_files);
  return n_files > 0 ? 0 : 1;
}
