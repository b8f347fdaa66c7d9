/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-cli-remember.h"
#include "pst-cli-run.h"
#include "pst-cli-verify.h"

G_BEGIN_DECLS

/* SIGINT, SIGTERM and SIGHUP */
#define PST_CLI_RUN_N_SIGNALS 3

struct _PstCliRun
{
  const PstCliOptions *options;
  PstCliOutput *output;
  const PstCliRunHooks *hooks;
  gpointer user_data;

  PstSession *session;
  PstCliRemember *remember; /* NULL for a device that is remembered already */
  PstCliVerify *verify;     /* NULL when it was not asked for */
  GPtrArray *watches;
  GCancellable *cancellable; /* cancelled when the run ends */
  GError *error;             /* the first that was met decides the exit status */
  gboolean was_invited;
  gboolean was_connected;
  gboolean is_trusted; /* nothing is offered or accepted before */
  gboolean rejected;   /* the person did not confirm the words */
  gboolean holds_progress;
  gboolean interrupted;
  gboolean ends_later; /* once there is a connection again */
  gboolean ending;
  gboolean over;
  guint close_timeout_id;
  guint signal_ids[PST_CLI_RUN_N_SIGNALS];
};

/* In pst-cli-run-turns.c */
void pst_cli_run_follow_session (PstCliRun *self);
void pst_cli_run_take_verdict (gboolean is_same, gpointer user_data);

/* In pst-cli-run-transfers.c */
void pst_cli_run_follow_transfers (PstCliRun *self);
void pst_cli_run_take_offers (PstCliRun *self, guint n_transfers);
void pst_cli_run_leave_transfers (PstCliRun *self);

/* In pst-cli-run-end.c */
void pst_cli_run_follow_end (PstCliRun *self);
void pst_cli_run_forget_end (PstCliRun *self);

G_END_DECLS
