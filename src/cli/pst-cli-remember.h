/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-cli-options.h"
#include "pst-cli-output.h"
#include "pst-session.h"

G_BEGIN_DECLS

/* Whether two devices are to remember each other after a pairing: says what this
 * person wants (`--remember`), and keeps the secret when both want it. */
typedef struct _PstCliRemember PstCliRemember;

PstCliRemember *
pst_cli_remember_new (const PstCliOptions *options, PstSession *session, PstCliOutput *output);
void pst_cli_remember_free (PstCliRemember *self);
void pst_cli_remember_begin (PstCliRemember *self);
void pst_cli_remember_end (PstCliRemember *self);

G_END_DECLS
