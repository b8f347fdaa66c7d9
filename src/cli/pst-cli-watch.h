/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-cli-report.h"
#include "pst-session.h"

G_BEGIN_DECLS

#define PST_TYPE_CLI_WATCH (pst_cli_watch_get_type ())
G_DECLARE_FINAL_TYPE (PstCliWatch, pst_cli_watch, PST, CLI_WATCH, GObject)

/* Signals of a watch:
 * - `changed (void)`: there is something new to show; at most ten times a
 *   second, but at once for every change to or from a state in which nothing
 *   flows. After the transfer has finished it comes once more and then never. */

PstCliWatch *pst_cli_watch_new (PstSession *session, PstTransfer *transfer);
PstTransfer *pst_cli_watch_get_transfer (PstCliWatch *self);
void pst_cli_watch_start (PstCliWatch *self);
void pst_cli_watch_stop (PstCliWatch *self);
gboolean pst_cli_watch_has_new_trouble (PstCliWatch *self);
void pst_cli_watch_fill (PstCliWatch *self, PstCliSnapshot *snapshot);

G_END_DECLS
