/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-cli-options.h"
#include "pst-cli-output.h"
#include "pst-cli-prompt.h"
#include "pst-session.h"

G_BEGIN_DECLS

typedef struct _PstCliVerify PstCliVerify;

/**
 * PstCliVerifyDone:
 * @is_same: whether the person confirmed that both see the same words
 * @user_data: what was given for it
 *
 * Called once, if at all: nobody answers after the connection has ended.
 */
typedef void (*PstCliVerifyDone) (gboolean is_same, gpointer user_data);

gboolean pst_cli_verify_check (const PstCliOptions *options,
                               gboolean is_interactive,
                               GError **error);
PstCliVerify *pst_cli_verify_new (PstSession *session,
                                  PstCliOutput *output,
                                  PstCliPrompt *prompt,
                                  GCancellable *cancellable,
                                  gboolean json,
                                  PstCliVerifyDone done,
                                  gpointer user_data);
void pst_cli_verify_begin (PstCliVerify *self);
void pst_cli_verify_free (PstCliVerify *self);

G_END_DECLS
