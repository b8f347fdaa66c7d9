/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-cli-options.h"
#include "pst-cli-output.h"
#include "pst-cli-prompt.h"
#include "pst-session.h"

G_BEGIN_DECLS

typedef struct _PstCliRun PstCliRun;

/**
 * PstCliRunHooks:
 * @connected: the machines are connected for the first time; with `--verify` it
 *   was also confirmed that the other side is the right one
 * @offered: a transfer of the other side waits for an answer; not before @connected
 * @finished: a transfer of this command has ended, well or not
 *
 * What a command does at the turns of a session; each may be %NULL.
 */
typedef struct
{
  void (*connected) (PstCliRun *run, gpointer user_data);
  void (*offered) (PstCliRun *run, PstTransfer *transfer, gpointer user_data);
  void (*finished) (PstCliRun *run, PstTransfer *transfer, gpointer user_data);
} PstCliRunHooks;

PstCliRun *pst_cli_run_new (const PstCliOptions *options,
                            PstCliOutput *output,
                            PstCliPrompt *prompt,
                            const PstCliRunHooks *hooks,
                            gpointer user_data);
void pst_cli_run_free (PstCliRun *self);

PstSession *pst_cli_run_get_session (PstCliRun *self);
PstCliOutput *pst_cli_run_get_output (PstCliRun *self);
GCancellable *pst_cli_run_get_cancellable (PstCliRun *self);
gboolean pst_cli_run_has_unfinished (PstCliRun *self);

void pst_cli_run_hold_progress (PstCliRun *self, gboolean hold);
void pst_cli_run_note_error (PstCliRun *self, const GError *error);
void pst_cli_run_end (PstCliRun *self);
int pst_cli_run_wait (PstCliRun *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstCliRun, pst_cli_run_free)

G_END_DECLS
