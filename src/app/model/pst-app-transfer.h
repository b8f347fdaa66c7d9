/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "pst-samples.h"
#include "pst-transfer.h"

G_BEGIN_DECLS

#define PST_TYPE_APP_TRANSFER (pst_app_transfer_get_type ())
G_DECLARE_FINAL_TYPE (PstAppTransfer, pst_app_transfer, PST, APP_TRANSFER, GObject)

/* A PstTransfer as the drawing thread sees it. Properties (read-only, notifying
 * only on change and at most ten times a second): "state" (PstTransferState as
 * int), "queued", "title", "sent-bytes", "written-bytes", "total-bytes",
 * "rate-bps", "mean-rate-bps", "time-left-us", "done-files", "total-files",
 * "missing-bytes", "journal-trouble", "kept-bytes", "again-files", "checked-bytes",
 * "to-check-bytes": as those of PstTransfer. While "queued"
 * is TRUE the other side has not heard of it, and the state is PST_TRANSFER_PREPARING.
 *
 * Signals:
 * - `accept-failed (GError *error)`: pst_app_transfer_accept() did not work; the
 *   transfer is still offered
 * - `sampled ()`: pst_app_transfer_get_samples() has one more; at most ten times
 *   a second, while it runs */

gboolean pst_app_transfer_is_incoming (PstAppTransfer *self);
gboolean pst_app_transfer_is_queued (PstAppTransfer *self);
gboolean pst_app_transfer_is_finished (PstAppTransfer *self);
PstTransferState pst_app_transfer_get_state (PstAppTransfer *self);
const char *pst_app_transfer_get_title (PstAppTransfer *self);
PstManifest *pst_app_transfer_get_manifest (PstAppTransfer *self);
const GError *pst_app_transfer_get_error (PstAppTransfer *self);
const char *const *pst_app_transfer_get_paths (PstAppTransfer *self);
const char *pst_app_transfer_get_destination (PstAppTransfer *self);
const char *const *pst_app_transfer_get_left_out (PstAppTransfer *self);
const char *const *pst_app_transfer_get_result_paths (PstAppTransfer *self);
guint64 pst_app_transfer_get_sent_bytes (PstAppTransfer *self);
guint64 pst_app_transfer_get_written_bytes (PstAppTransfer *self);
guint64 pst_app_transfer_get_total_bytes (PstAppTransfer *self);
guint64 pst_app_transfer_get_rate_bps (PstAppTransfer *self);
guint64 pst_app_transfer_get_mean_rate_bps (PstAppTransfer *self);
gint64 pst_app_transfer_get_time_left_us (PstAppTransfer *self);
guint pst_app_transfer_get_done_files (PstAppTransfer *self);
guint pst_app_transfer_get_total_files (PstAppTransfer *self);
guint64 pst_app_transfer_get_missing_bytes (PstAppTransfer *self);
PstJournalTrouble pst_app_transfer_get_journal_trouble (PstAppTransfer *self);
guint64 pst_app_transfer_get_kept_bytes (PstAppTransfer *self);
guint pst_app_transfer_get_again_files (PstAppTransfer *self);
guint64 pst_app_transfer_get_checked_bytes (PstAppTransfer *self);
guint64 pst_app_transfer_get_to_check_bytes (PstAppTransfer *self);
const char *
pst_app_transfer_find_earlier (PstAppTransfer *self, const char *destination, guint64 *there_bytes);
PstSamples *pst_app_transfer_get_samples (PstAppTransfer *self);

void pst_app_transfer_accept (PstAppTransfer *self, const char *destination, GBytes *selection);
void pst_app_transfer_decline (PstAppTransfer *self);
void pst_app_transfer_pause (PstAppTransfer *self);
void pst_app_transfer_resume (PstAppTransfer *self);
void pst_app_transfer_cancel (PstAppTransfer *self);

G_END_DECLS
