/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-app-session.h"
#include "pst-app-transfer.h"

G_BEGIN_DECLS

/* Figures and states in the person's language. Names of files go through
 * pst_text_name(), so that no character in them can lie about the rest. */

char *pst_text_name (const char *name);
char *pst_text_size (guint64 bytes);
char *pst_text_rate (guint64 rate_bps);
char *pst_text_duration (gint64 duration_us);
char *pst_text_time_left (gint64 time_left_us);
char *pst_text_files_and_size (guint n_files, guint64 bytes);
char *pst_text_full (gboolean incoming, guint64 missing_bytes);
char *pst_text_journal_trouble (PstJournalTrouble trouble, const char *folder);
char *pst_text_bytes_of (guint64 bytes, guint64 total_bytes);
char *pst_text_round_trip (gint64 round_trip_us);
const char *pst_text_route (PstRoute route);
const char *pst_text_route_title (PstRoute route);
char *pst_text_state (PstAppTransfer *transfer);
const char *pst_text_state_words (PstTransferState state,
                                  gboolean incoming,
                                  gboolean queued,
                                  const GError *error);
char *pst_text_server (const char *server_url);

G_END_DECLS
