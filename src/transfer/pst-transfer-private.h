/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-control.h"
#include "pst-exchange.h"
#include "pst-frame.h"
#include "pst-leftover.h"
#include "pst-meter.h"
#include "pst-sink.h"
#include "pst-source.h"
#include "pst-transfer.h"

G_BEGIN_DECLS

/* Figures are shown at most ten times a second. */
#define PST_TRANSFER_FIGURES_MS 100

/* What the sender has read ahead: one block being sent, one ready behind it. */
#define PST_TRANSFER_READ_AHEAD_BYTES (2 * PST_SOURCE_BLOCK_BYTES)

/* A part of a manifest fits a frame with its wrapping. */
#define PST_TRANSFER_OFFER_PART_BYTES (48 * 1024)

typedef struct
{
  guint64 sent_bytes;
  guint64 written_bytes;
  guint64 total_bytes;
  guint64 kept_bytes; /* of sent and written: there from an earlier receipt */
  guint again_files;  /* of which another version was there */
  guint64 rate_bps;
  guint64 mean_rate_bps;
  gint64 time_left_us;
  guint done_files;
  guint total_files;
  guint64 missing_bytes;
  PstJournalTrouble journal_trouble;
  guint64 checked_bytes; /* of what was there, whether it is the same */
  guint64 to_check_bytes;
} PstFigures;

/* How far the look at what was there before is. */
typedef struct
{
  gboolean by_them;    /* outgoing: the answer waits for it */
  guint64 total_bytes; /* 0: not known */
  guint64 their_bytes; /* the other side has read so much */
  guint64 base_bytes;  /* outgoing: compared by readers before this one */
  gint64 told_us;      /* when the other side was told; 0: not over this link */
  guint64 told_bytes;
} PstCheck;

/* A place in the stream where a digest's state is known. */
typedef struct
{
  guint32 entry;
  guint64 offset;
  guint64 stream_bytes; /* sent before it */
  PstHash *hash;
} PstMark;

/* A file that was given up, and how much of it had gone. */
typedef struct
{
  guint32 entry;
  guint64 lost_bytes;
} PstLoss;

typedef struct
{
  PstSource *source;
  GCancellable *cancellable;
  guint next_manifest_entry;
  guint32 next_part;
  GArray *part_entries; /* of guint, the first entry of each part that left */
  gboolean offered;     /* the whole manifest is with them */
  PstReader *reader;
  gboolean reading;
  gboolean stale; /* what is being read is not wanted any more */
  gboolean read_all;
  GQueue blocks; /* of PstBlock */
  gsize blocks_bytes;
  gsize block_offset; /* in the first of them */
  PstCredit credit;
  GQueue marks;   /* of PstMark, those that a new link may need */
  GArray *losses; /* of PstLoss, in order */
  GArray *held;   /* of PstHeld: what they have from an earlier receipt, or NULL */
} PstOutgoing;

typedef struct
{
  guint32 next_part;
  gsize offer_bytes;
  GPtrArray *formers; /* of PstFormer: earlier receipts of the same, or NULL */
  PstSink *sink;
  gboolean checking; /* what is there is looked at before the answer */
  gboolean answered; /* that it is accepted */
  gboolean left;     /* what came stays for a later receipt */
  GArray *held;      /* of PstHeld: what is there, or NULL */
  PstWindow window;
  guint32 entry;     /* the file being received, or n_entries at the end */
  guint64 offset;    /* received of it */
  gboolean complete; /* everything came; the sink commits */
} PstIncoming;

struct _PstTransfer
{
  GObject parent_instance;

  PstExchange *exchange; /* not owned; NULL once the connection is gone */
  guint32 id;            /* here, from the start */
  guint32 wire_id;       /* in messages; 0 while the other side has not heard of it */
  gboolean incoming;
  char *title;
  PstManifest *manifest;
  guint8 *selection; /* NULL: all */
  PstTransferState state;
  GError *error;
  gboolean paused_by_me;
  gboolean paused_by_them;
  gboolean unaligned; /* the link went, and the sides do not know yet what came */
  PstHold hold;
  gboolean full; /* the receiver's disk */
  gboolean stalled;
  PstMeter meter;
  PstFigures figures;   /* as they are */
  PstFigures published; /* as they were last notified */
  GSource *figures_source;
  gboolean settled;
  gboolean measured; /* the last figures are in */
  PstCheck check;
  guint n_decided; /* of the files of which something was there */
  guint n_failed;
  guint64 lost_bytes; /* sent of files that failed later */
  GError *first_failure;
  char **results;

  PstOutgoing out;
  PstIncoming in;
};

PstTransfer *
pst_transfer_new_outgoing (PstExchange *exchange, guint32 id, const char *const *paths);
PstTransfer *pst_transfer_new_incoming (PstExchange *exchange, guint32 id);

/* What the exchange asks of a transfer. */
gboolean pst_transfer_take_control (PstTransfer *self, PstControl *control, GError **error);
gboolean pst_transfer_take_data (PstTransfer *self,
                                 const PstFrameDataHeader *header,
                                 GBytes *bytes,
                                 GError **error);
gboolean pst_transfer_push (PstTransfer *self, gboolean has_room);
gboolean pst_transfer_take_parcel (PstTransfer *self,
                                   GBytes *payload,
                                   GArray *files,
                                   GError **error);
void pst_transfer_tick (PstTransfer *self);
gboolean pst_transfer_is_stuck (PstTransfer *self);
void pst_transfer_suspend (PstTransfer *self);
void pst_transfer_keep (PstTransfer *self);
void pst_transfer_disconnect (PstTransfer *self, const GError *error);
gboolean pst_transfer_is_settled (PstTransfer *self);
void pst_transfer_check_settled (PstTransfer *self);

/* The two directions. */
void pst_transfer_start_reading (PstTransfer *self);
gboolean pst_transfer_awaits_answer (PstTransfer *self);
gboolean
pst_transfer_take_control_outgoing (PstTransfer *self, PstControl *control, GError **error);
gboolean
pst_transfer_take_control_incoming (PstTransfer *self, PstControl *control, GError **error);
gboolean pst_transfer_rewind (PstTransfer *self, const PstControl *have, GError **error);
void pst_transfer_note_mark (PstTransfer *self, PstBlock *block);
void pst_transfer_trim_marks (PstTransfer *self);
void pst_transfer_clear_marks (PstTransfer *self);
void pst_transfer_clear_outgoing (PstTransfer *self);
void pst_transfer_stop_incoming (PstTransfer *self, gboolean discard);
void pst_transfer_refresh_credit (PstTransfer *self);
void pst_transfer_find_formers (PstTransfer *self);
void pst_transfer_say_accept (PstTransfer *self);
void pst_transfer_start_receiving (PstTransfer *self, PstDisk *disk);
void pst_transfer_fit_window (PstTransfer *self);
void pst_transfer_tell_arrival (PstTransfer *self);
gboolean pst_transfer_refuse (GError **error, const char *what);

/* In pst-transfer-arrive.c */
void pst_transfer_find_next_file (PstTransfer *self);
gboolean
pst_transfer_take_file_control (PstTransfer *self, const PstControl *control, GError **error);

/* In pst-transfer-push.c */
void pst_transfer_verify_when_all_sent (PstTransfer *self);

/* In pst-transfer-state.c */
gboolean pst_transfer_is_active (PstTransfer *self);
void pst_transfer_set_state (PstTransfer *self, PstTransferState state);
PstTransferState pst_transfer_derive_active (PstTransfer *self);
void pst_transfer_update_active (PstTransfer *self);

/* In pst-transfer-check.c */
gboolean pst_transfer_is_checking (PstTransfer *self);
void pst_transfer_measure_check (PstTransfer *self);
void pst_transfer_tell_check (PstTransfer *self);
gboolean pst_transfer_take_checking (PstTransfer *self, const PstControl *control, GError **error);

/* In pst-transfer-hold.c */
void pst_transfer_take_pause (PstTransfer *self, gboolean paused);
void pst_transfer_set_full (PstTransfer *self, gboolean full, guint64 missing_bytes);
void pst_transfer_start_meter (PstTransfer *self);
void pst_transfer_update_meter (PstTransfer *self);
void pst_transfer_align (PstTransfer *self, gboolean paused_by_them);

/* In pst-transfer-end.c */
void pst_transfer_fail (PstTransfer *self, PstTransferState state, const GError *error);
void pst_transfer_abort (PstTransfer *self, const GError *error);
void pst_transfer_take_cancel (PstTransfer *self, const PstControl *control);
void pst_transfer_end_verified (PstTransfer *self);

/* In pst-transfer-figures.c */
void pst_transfer_set_manifest (PstTransfer *self, PstManifest *manifest);
gboolean pst_transfer_is_selected (PstTransfer *self, guint32 entry);
void pst_transfer_count_totals (PstTransfer *self);
void pst_transfer_count_written (PstTransfer *self, guint64 written_bytes);
void pst_transfer_decide (PstTransfer *self, PstHeld *held, guint64 offset);
void pst_transfer_take_back (PstTransfer *self, PstHeld *held);
void
pst_transfer_lose_file (PstTransfer *self, guint32 entry, guint64 sent_bytes, const GError *error);
void pst_transfer_measure (PstTransfer *self);
void pst_transfer_touch (PstTransfer *self);

/* In pst-transfer.c */
void pst_transfer_publish (PstTransfer *self);

/* What a transfer asks of its exchange. */
guint32 pst_exchange_take_wire_id (PstExchange *self);
void pst_exchange_send_control (PstExchange *self, const PstControl *control);
void pst_exchange_forget_when_heard (PstExchange *self, guint64 journal_id);
void pst_exchange_send_data (PstExchange *self,
                             const PstFrameDataHeader *header,
                             const guint8 *bytes,
                             gsize n_bytes);
void pst_exchange_send_parcel (PstExchange *self, const GByteArray *parcel);
gint64 pst_exchange_take_limit (PstExchange *self, gsize n_bytes);
gsize pst_exchange_get_piece_bytes (PstExchange *self);
const char *pst_exchange_get_journals (PstExchange *self);
gboolean pst_exchange_peer_resumes (PstExchange *self);
gboolean pst_exchange_peer_takes_parcels (PstExchange *self);
guint pst_exchange_count_receiving (PstExchange *self);
gboolean pst_exchange_sender_sleeps (PstExchange *self);
void pst_exchange_wake (PstExchange *self);
void pst_exchange_transfer_offered (PstExchange *self, PstTransfer *transfer);

G_END_DECLS
