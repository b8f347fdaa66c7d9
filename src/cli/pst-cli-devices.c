/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-commands.h"
#include "pst-cli-text.h"
#include "pst-devices.h"

static gboolean
list (PstCliOutput *output, GError **error)
{
  g_autoptr (GPtrArray) devices = pst_devices_load (NULL, error);

  if (devices == NULL)
    return FALSE;

  pst_cli_output_devices (output, devices);
  return TRUE;
}

static gboolean
act (const PstCliOptions *options, PstCliOutput *output, GError **error)
{
  switch (options->action)
    {
    case PST_CLI_DEVICES_RENAME:
      return pst_devices_rename (options->device, options->value, NULL, error);
    case PST_CLI_DEVICES_FORGET:
      return pst_devices_forget (options->device, NULL, error);
    case PST_CLI_DEVICES_ACCEPT:
      return pst_devices_set_accepts (options->device, g_str_equal (options->value, "on"), NULL,
                                      error);
    case PST_CLI_DEVICES_LIST:
      break;
    }

  return list (output, error);
}

/**
 * pst_cli_devices:
 * @options: the command line, of `devices`
 * @output: who is told what happens
 *
 * Lists the remembered devices, or changes one.
 *
 * Returns: the exit status
 */
int
pst_cli_devices (const PstCliOptions *options, PstCliOutput *output)
{
  g_autoptr (GError) error = NULL;

  if (!act (options, output, &error))
    return pst_cli_refuse (output, error);

  pst_cli_output_closed (output, PST_CLI_EXIT_DONE);
  return PST_CLI_EXIT_DONE;
}
