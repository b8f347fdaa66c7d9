/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-disk.h"

G_BEGIN_DECLS

/* One hand-over to the disk: small enough that credit comes back steadily from
 * a slow one (half a second at 1 MB/s), large enough to cost little. */
#define PST_SINK_BATCH_BYTES (512 * 1024)

/* The files that end in a batch share what it costs to sync it, so a batch of
 * several takes more while the disk is quick about it. Each is two steps and an
 * open descriptor until the end of the batch. */
#define PST_SINK_MANY_BYTES (2 * 1024 * 1024)
#define PST_SINK_BATCH_OPS  512

/* While files end one after another, a batch waits so long for enough of them to share
 * its sync, from the moment the disk is free: less than what the window leaves it. */
#define PST_SINK_GATHER_MS 20

/* A batch that took less than the first makes the next one larger, one that
 * took more than the second smaller. */
#define PST_SINK_QUICK_US (50 * G_TIME_SPAN_MILLISECOND)
#define PST_SINK_SLOW_US  (200 * G_TIME_SPAN_MILLISECOND)

/* What was written waits at most so long for its sync. Its sender sees progress once
 * a second even over a slow line, and the disk of the receiver can rest meanwhile. */
#define PST_SINK_SYNC_MS 1000

/* How often a full disk is asked whether there is room again: nothing tells of it.
 * A person who has made room sees it go on before they wonder, and one question
 * costs microseconds. */
#define PST_SINK_ROOM_MS 2000

#define PST_TYPE_SINK (pst_sink_get_type ())
G_DECLARE_FINAL_TYPE (PstSink, pst_sink, PST, SINK, GObject)

/* Signals, in the context the sink was made in:
 * - `prepared (void)`: the folders are made, pst_sink_get_held() tells what is there
 * - `written (guint64 taken_bytes, guint64 written_bytes, guint n_files)`: the file
 *   system took so much more, so much more is safe on the disk, and so many files more
 *   have their names
 * - `failed (GError *error)`: nothing more will be written; once
 * - `full (guint64 missing_bytes)`: it waits for room, so many bytes of which have
 *   to become free (0: not known); again when the figure has changed
 * - `room (void)`: it goes on after `full`
 * - `journal (void)`: pst_sink_get_journal_trouble() is another now; before the other
 *   signals of the moment
 * - `committed (void)`: all is on the disk under its final names
 * - `settled (void)`: no worker is at it any more; after commit, failure and abort */

PstSink *pst_sink_new (PstDisk *disk);
void pst_sink_write (PstSink *self, guint32 entry, GBytes *bytes);
void pst_sink_finish_file (PstSink *self, guint32 entry, const guint8 digest[PST_DIGEST_BYTES]);
void pst_sink_abandon_file (PstSink *self, guint32 entry);
void pst_sink_continue_file (PstSink *self, guint32 entry, guint64 offset);
void pst_sink_restart_file (PstSink *self, guint32 entry);
void pst_sink_commit (PstSink *self);
void pst_sink_retry (PstSink *self);
void pst_sink_abort (PstSink *self);
void pst_sink_leave (PstSink *self);
GArray *pst_sink_get_held (PstSink *self);
guint64 pst_sink_get_looked (PstSink *self, guint64 *total_bytes);
gboolean pst_sink_get_finished (PstSink *self, guint64 *id);
PstJournalTrouble pst_sink_get_journal_trouble (PstSink *self);
gboolean pst_sink_is_settled (PstSink *self);
guint64 pst_sink_get_pending_bytes (PstSink *self);
char **pst_sink_dup_results (PstSink *self);

G_END_DECLS
