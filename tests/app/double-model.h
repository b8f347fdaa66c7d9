/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-app-session.h"
#include "pst-app-transfer.h"
#include "pst-history.h"

/* Stands in for src/app/model where a test is to see the window in each state:
 * the same functions, and fields that the test sets. */

typedef struct
{
  gboolean incoming;
  gboolean queued;
  PstTransferState state;
  const char *title;
  GError *error; /* taken */
  const char *const *paths;
  const char *const *left_out;
  const char *const *result_paths;
  guint64 sent_bytes;
  guint64 written_bytes;
  guint64 total_bytes;
  guint64 rate_bps;
  guint64 mean_rate_bps;
  gint64 time_left_us;
  guint total_files;
  guint64 missing_bytes;
  PstJournalTrouble journal_trouble;
  guint64 kept_bytes;
  guint again_files;
  guint64 checked_bytes;
  guint64 to_check_bytes;
} DoubleTransfer;

typedef struct
{
  guint n_paused;
  guint n_resumed;
  guint n_cancelled;
} DoubleCalls;

typedef struct
{
  PstSessionState state;
  const char *peer_name;
  PstRoute route;
  guint64 buffered_bytes;
  guint64 low_mark_bytes;
  guint64 high_mark_bytes;
  gint64 round_trip_us;
} DoubleSession;

PstAppTransfer *double_transfer_new (const DoubleTransfer *fields);
void double_transfer_set (PstAppTransfer *self, const DoubleTransfer *fields);
void double_transfer_sample (PstAppTransfer *self, const PstSample *sample);
DoubleCalls double_transfer_get_calls (PstAppTransfer *self);

PstAppSession *double_session_new (const DoubleSession *fields);
void double_session_set (PstAppSession *self, const DoubleSession *fields);
void double_session_add (PstAppSession *self, PstAppTransfer *transfer);

PstHistory *double_history_new (void);
void double_history_add (PstHistory *self,
                         const char *title,
                         const char *peer_name,
                         gboolean incoming,
                         PstTransferState state,
                         guint64 bytes);
