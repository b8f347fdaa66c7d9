/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-commands.h"
#include "pst-cli-text.h"
#include "pst-leftover.h"

static gboolean
discard_all (const char *folder, GPtrArray *leftovers, GError **error)
{
  for (guint i = 0; i < leftovers->len; i++)
    if (!pst_leftover_discard (folder, ((PstLeftover *) g_ptr_array_index (leftovers, i))->id,
                               error))
      return FALSE;

  return TRUE;
}

static gboolean
discard (const PstCliOptions *options, const char *folder, GError **error)
{
  g_autoptr (GPtrArray) leftovers = NULL;

  if (options->discard == NULL)
    return TRUE;
  if (!g_str_equal (options->discard, "all"))
    return pst_leftover_discard (folder, options->discard, error);

  leftovers = pst_leftover_list (folder, error);
  return leftovers != NULL && discard_all (folder, leftovers, error);
}

/**
 * pst_cli_leftovers:
 * @options: the command line, of `leftovers`
 * @output: who is told what there is
 *
 * Discards what is asked for, and lists what was received in part only.
 *
 * Returns: the exit status
 */
int
pst_cli_leftovers (const PstCliOptions *options, PstCliOutput *output)
{
  g_autofree char *folder = pst_leftover_dup_folder ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) leftovers = NULL;

  if (discard (options, folder, &error))
    leftovers = pst_leftover_list (folder, &error);
  if (leftovers == NULL)
    return pst_cli_refuse (output, error);

  pst_cli_output_leftovers (output, leftovers);
  pst_cli_output_closed (output, PST_CLI_EXIT_DONE);
  return PST_CLI_EXIT_DONE;
}
