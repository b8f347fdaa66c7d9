/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-cli-options.h"
#include "pst-cli-output.h"

G_BEGIN_DECLS

/* Each runs one command in the default main context and returns its exit
 * status; everything has been told to @output by then. */

int pst_cli_send (const PstCliOptions *options,
                  PstCliOutput *output,
                  GInputStream *input,
                  gboolean is_interactive);
int pst_cli_receive (const PstCliOptions *options,
                     PstCliOutput *output,
                     GInputStream *input,
                     gboolean is_interactive);
int pst_cli_serve (const PstCliOptions *options, PstCliOutput *output);

int pst_cli_devices (const PstCliOptions *options, PstCliOutput *output);
int pst_cli_leftovers (const PstCliOptions *options, PstCliOutput *output);

int pst_cli_refuse (PstCliOutput *output, const GError *error);

G_END_DECLS
