/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-transfer.h"

G_BEGIN_DECLS

/**
 * PstCliExit:
 *
 * The exit statuses of penstock-cli. Scripts rely on them: they never change.
 */
typedef enum
{
  PST_CLI_EXIT_DONE = 0,
  PST_CLI_EXIT_FAILED = 1,
  PST_CLI_EXIT_USAGE = 2,
  PST_CLI_EXIT_DECLINED = 3,
  PST_CLI_EXIT_WRONG_CODE = 4,
  PST_CLI_EXIT_CANCELLED = 5,
  PST_CLI_EXIT_NOT_FOUND = 6
} PstCliExit;

PstCliExit pst_cli_text_exit_for (const GError *error);

char *pst_cli_text_size (guint64 size_bytes);
char *pst_cli_text_rate (guint64 rate_bps);
char *pst_cli_text_duration (gint64 duration_us);
char *pst_cli_text_count (guint count, const char *one, const char *many);
char *pst_cli_text_inert (const char *text);

guint pst_cli_text_columns (const char *text);
char *pst_cli_text_cut (const char *text, guint max_columns);
void pst_cli_text_wrap (GString *out, const char *text, guint columns, const char *margin);

const char *pst_cli_text_state (PstTransferState state, gboolean incoming);
gboolean pst_cli_text_is_flowing (PstTransferState state);
gboolean pst_cli_text_is_held (PstTransferState state);
char *pst_cli_text_journal_trouble (PstJournalTrouble trouble, const char *folder);
GError *pst_cli_text_outcome (PstTransferState state, gboolean incoming, const GError *error);

G_END_DECLS
