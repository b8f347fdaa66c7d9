/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-transfer-actions.h"

#include <glib/gi18n.h>
#include <string.h>

#include "pst-text.h"

static PstTransferActions
get_finished_actions (PstAppTransfer *transfer)
{
  const char *const *results = pst_app_transfer_get_result_paths (transfer);
  const char *const *paths = pst_app_transfer_get_paths (transfer);
  PstTransferState state = pst_app_transfer_get_state (transfer);
  PstTransferActions actions = 0;

  if (state == PST_TRANSFER_DONE && pst_app_transfer_is_incoming (transfer) && results != NULL
      && results[0] != NULL)
    /* Of several things it is not clear which one to open. */
    actions |= PST_ACTION_SHOW | (results[1] == NULL ? PST_ACTION_OPEN : 0);
  if (state == PST_TRANSFER_FAILED && pst_app_transfer_get_error (transfer) != NULL)
    actions |= PST_ACTION_COPY_DETAILS;
  if (state != PST_TRANSFER_DONE && !pst_app_transfer_is_incoming (transfer) && paths != NULL
      && paths[0] != NULL)
    actions |= PST_ACTION_RETRY;

  return actions;
}

/**
 * pst_transfer_actions:
 * @transfer: a transfer
 *
 * Returns: what a person can do about it in its present state
 */
PstTransferActions
pst_transfer_actions (PstAppTransfer *transfer)
{
  if (pst_app_transfer_is_finished (transfer))
    return get_finished_actions (transfer);
  if (pst_app_transfer_is_queued (transfer))
    return PST_ACTION_CANCEL;

  switch (pst_app_transfer_get_state (transfer))
    {
    case PST_TRANSFER_OFFERED:
      return pst_app_transfer_is_incoming (transfer) ? PST_ACTION_REVIEW : PST_ACTION_CANCEL;
    case PST_TRANSFER_RUNNING:
    case PST_TRANSFER_HELD_NETWORK:
    case PST_TRANSFER_HELD_THEIR_DISK:
    case PST_TRANSFER_HELD_MY_DISK:
    case PST_TRANSFER_HELD_LIMIT:
    case PST_TRANSFER_STALLED:
    case PST_TRANSFER_CHECKING:
      return PST_ACTION_PAUSE | PST_ACTION_CANCEL;
    case PST_TRANSFER_PAUSED_BY_ME:
    case PST_TRANSFER_FULL_MY_DISK:
      return PST_ACTION_RESUME | PST_ACTION_CANCEL;
    default:
      return PST_ACTION_CANCEL;
    }
}

/**
 * pst_transfer_has_progress:
 * @transfer: a transfer
 *
 * Returns: whether a bar tells anything: it has begun, and is not over
 */
gboolean
pst_transfer_has_progress (PstAppTransfer *transfer)
{
  PstTransferState state = pst_app_transfer_get_state (transfer);

  return !pst_app_transfer_is_queued (transfer) && !pst_app_transfer_is_finished (transfer)
         && state != PST_TRANSFER_PREPARING && state != PST_TRANSFER_OFFERED;
}

static void
add (GString *text, char *figure)
{
  if (figure != NULL && *figure != '\0')
    g_string_append_printf (text, "%s%s", text->len > 0 ? " · " : "", figure);
  g_free (figure);
}

/* Bytes that nobody has to wait for. */
static void
add_kept (GString *text, PstAppTransfer *transfer)
{
  guint64 kept_bytes = pst_app_transfer_get_kept_bytes (transfer);
  g_autofree char *size = pst_text_size (kept_bytes);

  if (kept_bytes > 0)
    /* Translators: within the figures of a transfer that goes on from an earlier time; %s
     * is an amount of data such as “1.2 GB” */
    add (text, g_strdup_printf (_ ("%s came earlier"), size));
}

static void
add_pace (GString *text, PstAppTransfer *transfer)
{
  PstTransferState state = pst_app_transfer_get_state (transfer);
  guint64 rate_bps = pst_app_transfer_get_rate_bps (transfer);

  if (state == PST_TRANSFER_PAUSED_BY_ME || state == PST_TRANSFER_PAUSED_BY_THEM
      || state == PST_TRANSFER_FULL_MY_DISK || state == PST_TRANSFER_FULL_THEIR_DISK)
    return;

  if (rate_bps > 0)
    add (text, pst_text_rate (rate_bps));
  if (pst_app_transfer_get_time_left_us (transfer) >= 0)
    add (text, pst_text_time_left (pst_app_transfer_get_time_left_us (transfer)));
}

/**
 * pst_transfer_progress:
 * @transfer: a transfer that has progress
 *
 * Returns: how far it is: what is safe at the receiver or, before anything new flows,
 *   what of that was looked at
 */
PstProgress
pst_transfer_progress (PstAppTransfer *transfer)
{
  guint64 checked_bytes = pst_app_transfer_get_checked_bytes (transfer);

  if (pst_app_transfer_get_state (transfer) == PST_TRANSFER_CHECKING)
    return (PstProgress){ checked_bytes, checked_bytes,
                          pst_app_transfer_get_to_check_bytes (transfer) };

  return (PstProgress){ pst_app_transfer_get_written_bytes (transfer),
                        pst_app_transfer_get_sent_bytes (transfer),
                        pst_app_transfer_get_total_bytes (transfer) };
}

static void
add_progress (GString *text, PstAppTransfer *transfer)
{
  PstProgress progress = pst_transfer_progress (transfer);
  gboolean checking = pst_app_transfer_get_state (transfer) == PST_TRANSFER_CHECKING;

  /* Nothing is known yet. */
  if (checking && progress.total_bytes == 0)
    return;

  add (text, pst_text_bytes_of (progress.done_bytes, progress.total_bytes));
  if (checking)
    return;
  add_kept (text, transfer);
  add_pace (text, transfer);
}

/**
 * pst_transfer_figures:
 * @transfer: a transfer
 *
 * Returns: (transfer full): how far and how fast, or how large; may be empty
 */
char *
pst_transfer_figures (PstAppTransfer *transfer)
{
  GString *text = g_string_new (NULL);
  PstTransferState state = pst_app_transfer_get_state (transfer);
  guint64 total_bytes = pst_app_transfer_get_total_bytes (transfer);
  guint n_files = pst_app_transfer_get_total_files (transfer);
  gboolean done = state == PST_TRANSFER_DONE;

  /* Once everything is there, how much of it is safe says little: of a small file
   * nothing, until all of it is. */
  if (pst_transfer_has_progress (transfer) && state != PST_TRANSFER_VERIFYING)
    add_progress (text, transfer);
  else if (n_files > 0 || total_bytes > 0)
    add (text, pst_text_files_and_size (n_files, total_bytes));

  if (done || state == PST_TRANSFER_VERIFYING)
    add_kept (text, transfer);
  if (done && pst_app_transfer_get_mean_rate_bps (transfer) > 0)
    add (text, pst_text_rate (pst_app_transfer_get_mean_rate_bps (transfer)));

  return g_string_free (text, FALSE);
}

/* Whether everything offered is one thing, or below one folder. */
static gboolean
has_one_root (PstManifest *manifest)
{
  const char *root = pst_manifest_get_entry (manifest, 0)->path;
  gsize length = strlen (root);

  for (guint i = 1; i < pst_manifest_get_n_entries (manifest); i++)
    {
      const char *path = pst_manifest_get_entry (manifest, i)->path;

      if (strncmp (path, root, length) != 0 || path[length] != '/')
        return FALSE;
    }

  return TRUE;
}

/**
 * pst_transfer_kind_icon:
 * @transfer: a transfer
 *
 * Returns: (transfer full): a symbolic icon of what is sent
 */
GIcon *
pst_transfer_kind_icon (PstAppTransfer *transfer)
{
  PstManifest *manifest = pst_app_transfer_get_manifest (transfer);
  const PstEntry *first;
  g_autofree char *type = NULL;

  if (manifest == NULL || pst_manifest_get_n_entries (manifest) == 0)
    return g_themed_icon_new ("text-x-generic-symbolic");

  first = pst_manifest_get_entry (manifest, 0);
  if (first->kind == PST_ENTRY_FOLDER || !has_one_root (manifest))
    return g_themed_icon_new ("folder-symbolic");

  type = g_content_type_guess (first->path, NULL, 0, NULL);
  return g_content_type_get_symbolic_icon (type);
}
