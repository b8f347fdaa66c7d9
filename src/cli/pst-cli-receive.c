/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-commands.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pst-cli-answer.h"
#include "pst-cli-prompt.h"
#include "pst-cli-run.h"
#include "pst-cli-verify.h"
#include "pst-devices.h"
#include "pst-error.h"
#include "pst-escape.h"
#include "pst-invite.h"

/* A sender with more to offer does so at once; one that only forgot to say
 * goodbye is not waited for. */
#define LINGER_S 5

typedef struct
{
  const PstCliOptions *options;
  gboolean is_interactive;
  gboolean asks_nobody; /* --yes, or the device may send without asking */
  PstCliPrompt *prompt;
  PstCliRun *run;
  char *destination;   /* absolute */
  GQueue offers;       /* of PstTransfer, waiting for their turn to be asked about */
  PstTransfer *asked;  /* the one that is asked about */
  GPtrArray *entries;  /* of its PstEntry; not owned */
  guint linger_id;
} Receive;

static void
receive_clear (Receive *self)
{
  g_clear_handle_id (&self->linger_id, g_source_remove);
  g_clear_pointer (&self->run, pst_cli_run_free);
  g_queue_clear_full (&self->offers, g_object_unref);
  g_clear_object (&self->asked);
  g_clear_pointer (&self->entries, g_ptr_array_unref);
  g_clear_object (&self->prompt);
  g_free (self->destination);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Receive, receive_clear)

static gboolean
refuse_destination (const char *path, const char *reason, GError **error)
{
  g_autofree char *shown = pst_escape_name (path, -1);

  g_set_error (error, PST_ERROR, PST_ERROR_DESTINATION, "Nothing can be received into “%s”: %s.",
               shown, reason);
  return FALSE;
}

static gboolean
check_destination (const char *path, GError **error)
{
  struct stat info;

  if (stat (path, &info) < 0)
    return refuse_destination (
        path, errno == ENOENT ? "there is no such folder" : g_strerror (errno), error);
  if (!S_ISDIR (info.st_mode))
    return refuse_destination (path, "it is not a folder", error);
  if (access (path, W_OK | X_OK) < 0)
    return refuse_destination (path, "you may not write there", error);

  return TRUE;
}

static gint64
find_free_bytes (const char *path)
{
  g_autoptr (GFile) folder = g_file_new_for_path (path);
  g_autoptr (GFileInfo) info
      = g_file_query_filesystem_info (folder, G_FILE_ATTRIBUTE_FILESYSTEM_FREE, NULL, NULL);
  guint64 free_bytes;

  if (info == NULL || !g_file_info_has_attribute (info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE))
    return -1;

  free_bytes = g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE);
  return (gint64) MIN (free_bytes, (guint64) G_MAXINT64);
}

static GPtrArray *
list_entries (PstManifest *manifest)
{
  guint n_entries = pst_manifest_get_n_entries (manifest);
  GPtrArray *entries = g_ptr_array_sized_new (n_entries);

  for (guint i = 0; i < n_entries; i++)
    g_ptr_array_add (entries, (gpointer) pst_manifest_get_entry (manifest, i));

  return entries;
}

static void
show_offer (Receive *self, PstTransfer *transfer)
{
  PstManifest *manifest = pst_transfer_get_manifest (transfer);
  PstCliOffer offer;

  g_clear_pointer (&self->entries, g_ptr_array_unref);
  self->entries = list_entries (manifest);
  offer = (PstCliOffer) {
    .id = pst_transfer_get_id (transfer),
    .title = pst_transfer_get_title (transfer),
    .entries = self->entries,
    .total_bytes = pst_manifest_get_total_bytes (manifest),
    .n_files = pst_manifest_get_n_files (manifest),
    .destination = self->destination,
    .free_bytes = find_free_bytes (self->destination),
    .there_bytes = pst_transfer_get_there_bytes (transfer, self->destination),
  };
  pst_cli_output_offer (pst_cli_run_get_output (self->run), &offer);
}

static void
accept_offer (Receive *self, PstTransfer *transfer, const guint8 *selection)
{
  g_autoptr (GError) error = NULL;

  if (pst_transfer_accept (transfer, self->destination, selection, &error))
    return;

  pst_cli_run_note_error (self->run, error);
  pst_transfer_decline (transfer);
}

static void ask_next (Receive *self);

static void
settle_asked (Receive *self, PstCliAnswer answer, const guint8 *selection)
{
  g_autoptr (PstTransfer) transfer = g_steal_pointer (&self->asked);

  pst_cli_run_hold_progress (self->run, FALSE);
  /* It may have been withdrawn meanwhile. */
  if (pst_transfer_get_state (transfer) == PST_TRANSFER_OFFERED)
    {
      if (answer == PST_CLI_ANSWER_DECLINE)
        pst_transfer_decline (transfer);
      else
        accept_offer (self, transfer, answer == PST_CLI_ANSWER_SOME ? selection : NULL);
    }

  ask_next (self);
}

static void ask (Receive *self);

static void
take_answer (Receive *self, const char *line)
{
  g_autofree guint8 *selection = g_malloc0 (self->entries->len + 1);
  PstCliAnswer answer = self->options->json
                            ? pst_cli_answer_read_json (line, self->entries, selection)
                            : pst_cli_answer_read_text (line, self->entries, selection);

  if (answer != PST_CLI_ANSWER_UNCLEAR)
    settle_asked (self, answer, selection);
  else
    ask (self);
}

/* Whoever does not answer any more does not accept. */
static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line = pst_cli_prompt_read_finish (PST_CLI_PROMPT (source), result, &error);
  Receive *self = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (line != NULL)
    take_answer (self, line);
  else
    settle_asked (self, PST_CLI_ANSWER_DECLINE, NULL);
}

static void
ask (Receive *self)
{
  pst_cli_output_ask (pst_cli_run_get_output (self->run), PST_CLI_ASK_ACCEPT);
  pst_cli_prompt_read_async (self->prompt, pst_cli_run_get_cancellable (self->run), on_answer,
                             self);
}

static void
ask_next (Receive *self)
{
  if (self->asked != NULL || g_queue_is_empty (&self->offers))
    return;

  self->asked = g_queue_pop_head (&self->offers);
  show_offer (self, self->asked);
  pst_cli_run_hold_progress (self->run, TRUE);
  ask (self);
}

static void
on_offered (PstCliRun *run, PstTransfer *transfer, gpointer user_data)
{
  Receive *self = user_data;

  g_clear_handle_id (&self->linger_id, g_source_remove);
  if (self->asks_nobody)
    {
      show_offer (self, transfer);
      accept_offer (self, transfer, NULL);
      return;
    }

  g_queue_push_tail (&self->offers, g_object_ref (transfer));
  ask_next (self);
}

static gboolean
on_lingered (gpointer user_data)
{
  Receive *self = user_data;

  self->linger_id = 0;
  pst_cli_run_end (self->run);
  return G_SOURCE_REMOVE;
}

static void
on_finished (PstCliRun *run, PstTransfer *transfer, gpointer user_data)
{
  Receive *self = user_data;

  if (self->linger_id == 0 && !pst_cli_run_has_unfinished (run))
    self->linger_id = g_timeout_add_seconds (LINGER_S, on_lingered, self);
}

/* Joins with what was given; %FALSE if it is neither a code nor a link. */
static gboolean
join (Receive *self, const char *text, GError **error)
{
  g_autofree char *code = NULL;
  g_autofree char *url = NULL;

  if (!pst_invite_parse (text, &code, &url, error))
    return FALSE;

  pst_session_join (pst_cli_run_get_session (self->run), text);
  return TRUE;
}

static void ask_code (Receive *self);

static void
on_code (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line = pst_cli_prompt_read_finish (PST_CLI_PROMPT (source), result, &error);
  Receive *self = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (line != NULL && join (self, line, &error))
    return;

  /* A person may try again; a program would go on for ever. */
  if (line != NULL && self->is_interactive)
    {
      pst_cli_output_note (pst_cli_run_get_output (self->run), error->message);
      ask_code (self);
      return;
    }

  pst_cli_run_note_error (self->run, error);
  pst_cli_run_end (self->run);
}

static void
ask_code (Receive *self)
{
  pst_cli_output_ask (pst_cli_run_get_output (self->run), PST_CLI_ASK_CODE);
  pst_cli_prompt_read_async (self->prompt, pst_cli_run_get_cancellable (self->run), on_code, self);
}

static void
meet (Receive *self, const PstDevice *device)
{
  g_autoptr (GBytes) secret = pst_device_get_secret (device);

  pst_session_meet (pst_cli_run_get_session (self->run), secret, FALSE);
}

static gboolean
check (Receive *self, GError **error)
{
  const PstCliOptions *options = self->options;

  if (!pst_cli_verify_check (options, self->is_interactive, error))
    return FALSE;
  if (!self->asks_nobody && !options->json && !self->is_interactive)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_USAGE,
                           "Nobody can be asked without a terminal: use --yes to accept "
                           "whatever is sent.");
      return FALSE;
    }

  return check_destination (options->output_dir, error);
}

/**
 * pst_cli_receive:
 * @options: the command line, of `receive`
 * @output: who is told what happens
 * @input: standard input: the code and the answers, a line each
 * @is_interactive: whether a person sits there
 *
 * Checks the destination, asks for the code if there is none, shows what is
 * offered, asks, and ends when the sender does or has nothing more.
 *
 * Returns: the exit status
 */
int
pst_cli_receive (const PstCliOptions *options,
                 PstCliOutput *output,
                 GInputStream *input,
                 gboolean is_interactive)
{
  static const PstCliRunHooks hooks = { .offered = on_offered, .finished = on_finished };
  g_autoptr (GError) error = NULL;
  g_autoptr (PstDevice) device = NULL;
  g_auto (Receive) self = { .options = options, .is_interactive = is_interactive };

  if (options->device != NULL
      && (device = pst_devices_find (options->device, NULL, &error)) == NULL)
    return pst_cli_refuse (output, error);
  self.asks_nobody = options->yes || (device != NULL && device->accepts);
  if (!check (&self, &error))
    return pst_cli_refuse (output, error);

  self.destination = g_canonicalize_filename (options->output_dir, NULL);
  self.prompt = pst_cli_prompt_new (input);
  self.run = pst_cli_run_new (options, output, self.prompt, &hooks, &self);
  if (device != NULL)
    meet (&self, device);
  else if (options->code == NULL)
    ask_code (&self);
  else if (!join (&self, options->code, &error))
    return pst_cli_refuse (output, error);

  return pst_cli_run_wait (self.run);
}
