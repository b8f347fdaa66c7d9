/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "pst-journal.h"
#include "pst-manifest.h"

G_BEGIN_DECLS

#define PST_TYPE_TRANSFER (pst_transfer_get_type ())
G_DECLARE_FINAL_TYPE (PstTransfer, pst_transfer, PST, TRANSFER, GObject)

/**
 * PstTransferState:
 *
 * A transfer is always in exactly one of these. Those from RUNNING to
 * CHECKING are one running transfer, told apart by what holds it back.
 */
typedef enum
{
  PST_TRANSFER_PREPARING,       /* the files are being listed, or the manifest is on its way */
  PST_TRANSFER_OFFERED,         /* waiting for acceptance */
  PST_TRANSFER_RUNNING,         /* flowing, nothing holds it back */
  PST_TRANSFER_HELD_NETWORK,    /* the send buffer is full, or bytes are under way */
  PST_TRANSFER_HELD_THEIR_DISK, /* no credit: the receiver's disk is behind */
  PST_TRANSFER_HELD_MY_DISK,    /* sender: nothing read yet; receiver: own disk is behind */
  PST_TRANSFER_HELD_LIMIT,      /* the bandwidth limit the person set */
  PST_TRANSFER_PAUSED_BY_ME,
  PST_TRANSFER_PAUSED_BY_THEM,
  PST_TRANSFER_FULL_MY_DISK,    /* receiver: its disk is full; it goes on when there is room */
  PST_TRANSFER_FULL_THEIR_DISK, /* sender: the same, at the other side */
  PST_TRANSFER_STALLED,         /* the disk took nothing for 30 s */
  PST_TRANSFER_RECONNECTING,
  PST_TRANSFER_CHECKING,  /* accepted: one side looks at what is there from an earlier receipt */
  PST_TRANSFER_VERIFYING, /* everything is sent; the receiver checks and commits */
  PST_TRANSFER_DONE,
  PST_TRANSFER_DECLINED,
  PST_TRANSFER_CANCELLED_BY_ME,
  PST_TRANSFER_CANCELLED_BY_THEM,
  PST_TRANSFER_FAILED
} PstTransferState;

/* Properties, all read-only, notifying only on change and at most ten times a
 * second: "state", "sent-bytes" (handed to the channel; at the receiver:
 * received), "written-bytes" (safe on the receiver's disk), "total-bytes" (of what
 * was accepted), "kept-bytes" (of those sent and written: there from an earlier
 * receipt), "again-files" (of which another version was there), "rate-bps" (that the
 * disk takes, over the last seconds), "mean-rate-bps" (overall, pauses left out), "time-left-us"
 * (-1 while unknown), "done-files", "total-files", "missing-bytes" (that have to become free while
 * a disk is full, 0 while unknown), "journal-trouble" (a #PstJournalTrouble, see
 * pst_transfer_get_journal_trouble()), "checked-bytes" and "to-check-bytes" (see
 * pst_transfer_get_checked_bytes()). State changes to and from the running ones notify at once. */

gboolean pst_transfer_is_incoming (PstTransfer *self);
guint32 pst_transfer_get_id (PstTransfer *self);
const char *pst_transfer_get_title (PstTransfer *self);
PstManifest *pst_transfer_get_manifest (PstTransfer *self);
PstTransferState pst_transfer_get_state (PstTransfer *self);
const GError *pst_transfer_get_error (PstTransfer *self);
guint64 pst_transfer_get_sent_bytes (PstTransfer *self);
guint64 pst_transfer_get_written_bytes (PstTransfer *self);
guint64 pst_transfer_get_total_bytes (PstTransfer *self);
guint64 pst_transfer_get_kept_bytes (PstTransfer *self);
guint pst_transfer_get_again_files (PstTransfer *self);
guint64 pst_transfer_get_checked_bytes (PstTransfer *self);
guint64 pst_transfer_get_to_check_bytes (PstTransfer *self);
PstJournalTrouble pst_transfer_get_journal_trouble (PstTransfer *self);
guint64 pst_transfer_get_there_bytes (PstTransfer *self, const char *destination);
GPtrArray *pst_transfer_get_formers (PstTransfer *self);
guint64 pst_transfer_get_rate_bps (PstTransfer *self);
guint64 pst_transfer_get_mean_rate_bps (PstTransfer *self);
gint64 pst_transfer_get_time_left_us (PstTransfer *self);
guint pst_transfer_get_done_files (PstTransfer *self);
guint pst_transfer_get_total_files (PstTransfer *self);
guint64 pst_transfer_get_missing_bytes (PstTransfer *self);
GStrv pst_transfer_get_left_out (PstTransfer *self);
GStrv pst_transfer_get_result_paths (PstTransfer *self);
gboolean pst_transfer_is_finished (PstTransfer *self);
gboolean pst_transfer_is_kept (PstTransfer *self);

gboolean pst_transfer_accept (PstTransfer *self,
                              const char *destination,
                              const guint8 *selection,
                              GError **error);
void pst_transfer_decline (PstTransfer *self);
void pst_transfer_pause (PstTransfer *self);
void pst_transfer_resume (PstTransfer *self);
void pst_transfer_cancel (PstTransfer *self);
void pst_transfer_leave (PstTransfer *self);

const char *pst_transfer_state_to_name (PstTransferState state);

G_END_DECLS
