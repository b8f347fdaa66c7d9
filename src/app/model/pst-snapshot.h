/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the engine's thread hands to the one that draws: plain values, and
 * references to what never changes. */
#pragma once

#include "pst-peer.h"
#include "pst-session.h"

G_BEGIN_DECLS

/* What an earlier receipt of the same things left in a folder. */
typedef struct
{
  char *destination; /* without symbolic links */
  guint64 there_bytes;
} PstEarlier;

/* What a transfer is, as far as it is known; made anew when there is more to
 * say, never changed, and shared between all snapshots in between. */
typedef struct
{
  char *title;
  PstManifest *manifest; /* nullable */
  GError *error;         /* nullable */
  GStrv left_out;        /* nullable */
  GStrv result_paths;    /* nullable */
  GPtrArray *earlier;    /* nullable: of PstEarlier, what is there of an offer */
} PstTransferDetails;

typedef struct
{
  guint64 sent_bytes;
  guint64 written_bytes;
  guint64 total_bytes;
  guint64 rate_bps;
  guint64 mean_rate_bps;
  gint64 time_left_us;
  guint done_files;
  guint total_files;
  guint64 missing_bytes;
  PstJournalTrouble journal_trouble;
  guint64 kept_bytes;
  guint again_files;
  guint64 checked_bytes;
  guint64 to_check_bytes;
} PstTransferFigures;

/* @key: ours are numbered with odd numbers by the session that draws, theirs
 * with even ones by the engine. */
typedef struct
{
  guint key;
  gboolean queued;
  PstTransferState state;
  PstTransferFigures figures;
  PstTransferDetails *details;
  guint n_refusals; /* how often it could not be accepted */
  GError *refusal;  /* nullable: the last time */
} PstTransferSnapshot;

/* Whether the other side made the offer. */
#define PST_KEY_IS_INCOMING(key) ((key) % 2 == 0)

typedef struct
{
  gint64 time_us;
  PstSessionState state;
  char *code;
  char *invite_uri;
  char *verifier;
  char *peer_name;
  PstRemember remember;
  GBytes *device_secret; /* nullable: once both agreed to remember */
  PstRoute route;
  guint64 buffered_bytes;
  guint64 high_mark_bytes;
  guint64 low_mark_bytes;
  gboolean buffer_full;
  gint64 buffer_growth_bps;
  gboolean congested;
  gint64 round_trip_us;
  GError *error;     /* nullable: why it closed */
  GArray *transfers; /* of PstTransferSnapshot; finished ones until they were seen */
} PstSessionSnapshot;

PstTransferDetails *pst_transfer_details_new (PstTransfer *transfer);
PstTransferDetails *pst_transfer_details_new_for_paths (const char *const *paths,
                                                        const GError *error);
PstTransferDetails *pst_transfer_details_copy (PstTransferDetails *self, const GError *error);
PstTransferDetails *pst_transfer_details_ref (PstTransferDetails *self);
void pst_transfer_details_unref (PstTransferDetails *self);

gboolean pst_transfer_state_is_final (PstTransferState state);

PstSessionSnapshot *pst_session_snapshot_new (PstSession *session);
void pst_session_snapshot_free (PstSessionSnapshot *self);
void pst_transfer_figures_read (PstTransferFigures *self, PstTransfer *transfer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstTransferDetails, pst_transfer_details_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstSessionSnapshot, pst_session_snapshot_free)

G_END_DECLS
