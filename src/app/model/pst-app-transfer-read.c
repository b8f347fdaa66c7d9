/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a transfer shows. */
#include "pst-app-transfer-private.h"

/**
 * pst_app_transfer_is_incoming:
 * @self: a transfer
 *
 * Returns: %TRUE if the other side offered it
 */
gboolean
pst_app_transfer_is_incoming (PstAppTransfer *self)
{
  return PST_KEY_IS_INCOMING (self->key);
}

/**
 * pst_app_transfer_is_queued:
 * @self: a transfer
 *
 * Returns: %TRUE while the other side has not heard of it
 */
gboolean
pst_app_transfer_is_queued (PstAppTransfer *self)
{
  return self->queued;
}

/**
 * pst_app_transfer_is_finished:
 * @self: a transfer
 *
 * Returns: %TRUE if its state will not change any more
 */
gboolean
pst_app_transfer_is_finished (PstAppTransfer *self)
{
  return pst_transfer_state_is_final (self->state);
}

/**
 * pst_app_transfer_get_state:
 * @self: a transfer
 *
 * Returns: the state
 */
PstTransferState
pst_app_transfer_get_state (PstAppTransfer *self)
{
  return self->state;
}

/**
 * pst_app_transfer_get_title:
 * @self: a transfer
 *
 * Returns: (transfer none): the name of the one thing offered, escaped for
 *   showing, or how many things there are, translated
 */
const char *
pst_app_transfer_get_title (PstAppTransfer *self)
{
  return self->details->title;
}

/**
 * pst_app_transfer_get_manifest:
 * @self: a transfer
 *
 * Returns: (transfer none) (nullable): what is offered; %NULL while preparing
 */
PstManifest *
pst_app_transfer_get_manifest (PstAppTransfer *self)
{
  return self->details->manifest;
}

/**
 * pst_app_transfer_get_error:
 * @self: a transfer
 *
 * Returns: (transfer none) (nullable): why it failed or was cancelled
 */
const GError *
pst_app_transfer_get_error (PstAppTransfer *self)
{
  return self->details->error;
}

/**
 * pst_app_transfer_get_paths:
 * @self: a transfer
 *
 * Returns: (transfer none) (nullable): what was given to pst_app_session_send();
 *   %NULL of an incoming one
 */
const char *const *
pst_app_transfer_get_paths (PstAppTransfer *self)
{
  return (const char *const *) self->paths;
}

/**
 * pst_app_transfer_get_destination:
 * @self: a transfer
 *
 * Returns: (transfer none) (nullable): the folder it was accepted into
 */
const char *
pst_app_transfer_get_destination (PstAppTransfer *self)
{
  return self->destination;
}

/**
 * pst_app_transfer_get_left_out:
 * @self: a transfer
 *
 * Returns: (transfer none) (nullable): at the sender, a sentence for each thing
 *   that is not sent
 */
const char *const *
pst_app_transfer_get_left_out (PstAppTransfer *self)
{
  return (const char *const *) self->details->left_out;
}

/**
 * pst_app_transfer_get_result_paths:
 * @self: a transfer
 *
 * Returns: (transfer none) (nullable): at the receiver, once it has ended well,
 *   the paths of the top-level items that arrived
 */
const char *const *
pst_app_transfer_get_result_paths (PstAppTransfer *self)
{
  return (const char *const *) self->details->result_paths;
}

/**
 * pst_app_transfer_get_sent_bytes:
 * @self: a transfer
 *
 * Returns: bytes handed to the channel; of an incoming one, bytes received
 */
guint64
pst_app_transfer_get_sent_bytes (PstAppTransfer *self)
{
  return self->figures.sent_bytes;
}

/**
 * pst_app_transfer_get_written_bytes:
 * @self: a transfer
 *
 * Returns: bytes on the receiver's disk
 */
guint64
pst_app_transfer_get_written_bytes (PstAppTransfer *self)
{
  return self->figures.written_bytes;
}

/**
 * pst_app_transfer_get_total_bytes:
 * @self: a transfer
 *
 * Returns: bytes of everything that was offered or, once accepted, accepted
 */
guint64
pst_app_transfer_get_total_bytes (PstAppTransfer *self)
{
  return self->figures.total_bytes;
}

/**
 * pst_app_transfer_get_rate_bps:
 * @self: a transfer
 *
 * Returns: bytes written a second, over the last seconds
 */
guint64
pst_app_transfer_get_rate_bps (PstAppTransfer *self)
{
  return self->figures.rate_bps;
}

/**
 * pst_app_transfer_get_mean_rate_bps:
 * @self: a transfer
 *
 * Returns: bytes written a second since the start, pauses left out
 */
guint64
pst_app_transfer_get_mean_rate_bps (PstAppTransfer *self)
{
  return self->figures.mean_rate_bps;
}

/**
 * pst_app_transfer_get_time_left_us:
 * @self: a transfer
 *
 * Returns: the time left at the present rate, or -1 while it is unknown
 */
gint64
pst_app_transfer_get_time_left_us (PstAppTransfer *self)
{
  return self->figures.time_left_us;
}

/**
 * pst_app_transfer_get_done_files:
 * @self: a transfer
 *
 * Returns: files that are whole and checked; at the sender, files sent
 */
guint
pst_app_transfer_get_done_files (PstAppTransfer *self)
{
  return self->figures.done_files;
}

/**
 * pst_app_transfer_get_total_files:
 * @self: a transfer
 *
 * Returns: how many files there are
 */
guint
pst_app_transfer_get_total_files (PstAppTransfer *self)
{
  return self->figures.total_files;
}

/**
 * pst_app_transfer_get_missing_bytes:
 * @self: a transfer
 *
 * Returns: see pst_transfer_get_missing_bytes()
 */
guint64
pst_app_transfer_get_missing_bytes (PstAppTransfer *self)
{
  return self->figures.missing_bytes;
}

/**
 * pst_app_transfer_get_journal_trouble:
 * @self: a transfer
 *
 * Returns: see pst_transfer_get_journal_trouble()
 */
PstJournalTrouble
pst_app_transfer_get_journal_trouble (PstAppTransfer *self)
{
  return self->figures.journal_trouble;
}

/**
 * pst_app_transfer_get_kept_bytes:
 * @self: a transfer
 *
 * Returns: see pst_transfer_get_kept_bytes()
 */
guint64
pst_app_transfer_get_kept_bytes (PstAppTransfer *self)
{
  return self->figures.kept_bytes;
}

/**
 * pst_app_transfer_get_again_files:
 * @self: a transfer
 *
 * Returns: see pst_transfer_get_again_files()
 */
guint
pst_app_transfer_get_again_files (PstAppTransfer *self)
{
  return self->figures.again_files;
}

/**
 * pst_app_transfer_get_checked_bytes:
 * @self: a transfer
 *
 * Returns: see pst_transfer_get_checked_bytes()
 */
guint64
pst_app_transfer_get_checked_bytes (PstAppTransfer *self)
{
  return self->figures.checked_bytes;
}

/**
 * pst_app_transfer_get_to_check_bytes:
 * @self: a transfer
 *
 * Returns: see pst_transfer_get_to_check_bytes()
 */
guint64
pst_app_transfer_get_to_check_bytes (PstAppTransfer *self)
{
  return self->figures.to_check_bytes;
}

/**
 * pst_app_transfer_find_earlier:
 * @self: an incoming transfer that is offered
 * @destination: (nullable): a folder, without symbolic links in its path
 * @there_bytes: (out): about how much is there
 *
 * Finds an earlier receipt of what is offered that did not come to its end: the one
 * into @destination if there is one, else the one of which most is there.
 *
 * Returns: (transfer none) (nullable): the folder it went to; %NULL if nothing is there
 */
const char *
pst_app_transfer_find_earlier (PstAppTransfer *self, const char *destination, guint64 *there_bytes)
{
  GPtrArray *earlier = self->details->earlier;
  const PstEarlier *found = NULL;

  for (guint i = 0; earlier != NULL && i < earlier->len; i++)
    {
      const PstEarlier *candidate = g_ptr_array_index (earlier, i);

      if (g_strcmp0 (candidate->destination, destination) == 0)
        {
          found = candidate;
          break;
        }
      if (found == NULL || candidate->there_bytes > found->there_bytes)
        found = candidate;
    }

  *there_bytes = found != NULL ? found->there_bytes : 0;
  return *there_bytes > 0 ? found->destination : NULL;
}

/**
 * pst_app_transfer_get_samples:
 * @self: a transfer
 *
 * Returns: (transfer none): what it did from moment to moment while it ran
 */
PstSamples *
pst_app_transfer_get_samples (PstAppTransfer *self)
{
  return self->samples;
}
