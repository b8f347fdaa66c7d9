/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gio/gunixinputstream.h>
#include <locale.h>
#include <signal.h>
#include <unistd.h>

#include "pst-cli-commands.h"
#include "pst-cli-lines.h"
#include "pst-cli-text.h"
#include "pst-hash.h"
#include "pst-memory.h"

static int
run_command (const PstCliOptions *options)
{
  g_autoptr (PstCliOutput) output = pst_cli_output_new_for_streams (options->json, options->quiet);
  g_autoptr (GInputStream) input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  gboolean is_interactive = isatty (STDIN_FILENO) && isatty (STDOUT_FILENO);

  switch (options->command)
    {
    case PST_CLI_COMMAND_SEND:
      return pst_cli_send (options, output, input, is_interactive);
    case PST_CLI_COMMAND_RECEIVE:
      return pst_cli_receive (options, output, input, is_interactive);
    case PST_CLI_COMMAND_SERVE:
      return pst_cli_serve (options, output);
    case PST_CLI_COMMAND_DEVICES:
      return pst_cli_devices (options, output);
    case PST_CLI_COMMAND_LEFTOVERS:
      return pst_cli_leftovers (options, output);
    case PST_CLI_COMMAND_HELP:
      break;
    }

  pst_cli_lines_write (stdout, options->text);
  return PST_CLI_EXIT_DONE;
}

/* The options that ask for JSON may be the ones that cannot be read. */
static int
refuse (const char *const *argv, const GError *error)
{
  gboolean json = g_strv_contains (argv, "--json");
  g_autoptr (PstCliOutput) output
      = json ? pst_cli_json_new (stdout) : pst_cli_plain_new (stdout, stderr, TRUE);
  int status = pst_cli_refuse (output, error);

  if (!json)
    pst_cli_lines_write (stderr, "Try “penstock-cli --help”.\n");
  return status;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PstCliOptions) options = NULL;

  pst_memory_keep ();
  pst_hash_prepare ();
  setlocale (LC_ALL, "");
  /* A reader that goes away is an error of write(), not the end of us. */
  signal (SIGPIPE, SIG_IGN);
  g_set_prgname ("penstock-cli");

  options = pst_cli_options_parse ((const char *const *) argv, &error);
  if (options == NULL)
    return refuse ((const char *const *) argv, error);

  return run_command (options);
}
