/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-commands.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pst-cli-run.h"
#include "pst-cli-text.h"
#include "pst-cli-verify.h"
#include "pst-code.h"
#include "pst-devices.h"
#include "pst-error.h"
#include "pst-escape.h"

/**
 * pst_cli_refuse:
 * @output: who is told
 * @error: why the command does not begin
 *
 * Returns: the exit status
 */
int
pst_cli_refuse (PstCliOutput *output, const GError *error)
{
  PstCliExit status = pst_cli_text_exit_for (error);

  pst_cli_output_failed (output, error, status);
  pst_cli_output_closed (output, status);
  return status;
}

static gboolean
refuse_path (const char *path, const char *reason, GError **error)
{
  g_autofree char *shown = pst_escape_name (path, -1);

  g_set_error (error, PST_ERROR, PST_ERROR_SOURCE, "“%s” cannot be sent: %s.", shown, reason);
  return FALSE;
}

static gboolean
check_path (const char *path, GError **error)
{
  struct stat info;

  if (stat (path, &info) < 0)
    return refuse_path (
        path, errno == ENOENT ? "there is no such file or folder" : g_strerror (errno), error);
  if (!S_ISREG (info.st_mode) && !S_ISDIR (info.st_mode))
    return refuse_path (path, "it is neither a file nor a folder", error);
  if (access (path, S_ISDIR (info.st_mode) ? R_OK | X_OK : R_OK) < 0)
    return refuse_path (path, "you may not read it", error);

  return TRUE;
}

static gboolean
check_paths (const char *const *paths, GError **error)
{
  for (guint i = 0; paths[i] != NULL; i++)
    if (!check_path (paths[i], error))
      return FALSE;

  return TRUE;
}

static void
on_connected (PstCliRun *run, gpointer user_data)
{
  const PstCliOptions *options = user_data;

  pst_session_send (pst_cli_run_get_session (run), (const char *const *) options->paths);
}

static void
on_offered (PstCliRun *run, PstTransfer *transfer, gpointer user_data)
{
  pst_cli_output_note (pst_cli_run_get_output (run),
                       "They offered to send something; this command only sends, so it declined.");
  pst_transfer_decline (transfer);
}

static void
on_finished (PstCliRun *run, PstTransfer *transfer, gpointer user_data)
{
  pst_cli_run_end (run);
}

static void
meet (PstCliRun *run, const PstDevice *device)
{
  g_autoptr (GBytes) secret = pst_device_get_secret (device);

  pst_cli_output_note (pst_cli_run_get_output (run),
                       "No code is needed. On the other machine: penstock-cli receive --from "
                       "NAME, with what this device is called there.");
  pst_session_meet (pst_cli_run_get_session (run), secret, TRUE);
}

/**
 * pst_cli_send:
 * @options: the command line, of `send`
 * @output: who is told what happens
 * @input: standard input: the answer of `--verify`
 * @is_interactive: whether a person sits there
 *
 * Checks what is to be sent, shows a code, waits for the other person for as
 * long as it takes, sends, and ends when they have everything.
 *
 * Returns: the exit status
 */
int
pst_cli_send (const PstCliOptions *options,
              PstCliOutput *output,
              GInputStream *input,
              gboolean is_interactive)
{
  static const PstCliRunHooks hooks = {
    .connected = on_connected,
    .offered = on_offered,
    .finished = on_finished,
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (PstCliPrompt) prompt = pst_cli_prompt_new (input);
  g_autoptr (PstCliRun) run = NULL;
  g_autofree char *code = NULL;
  g_autoptr (PstDevice) device = NULL;

  if (!pst_cli_verify_check (options, is_interactive, &error)
      || !check_paths ((const char *const *) options->paths, &error))
    return pst_cli_refuse (output, error);
  if (options->code != NULL)
    code = pst_code_parse (options->code, &error);
  else if (options->device != NULL)
    device = pst_devices_find (options->device, NULL, &error);
  if (error != NULL)
    return pst_cli_refuse (output, error);

  run = pst_cli_run_new (options, output, prompt, &hooks, (gpointer) options);
  if (device != NULL)
    meet (run, device);
  else
    pst_session_host (pst_cli_run_get_session (run), code);
  return pst_cli_run_wait (run);
}
