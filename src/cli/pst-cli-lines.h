/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stdio.h>

#include "pst-cli-report.h"

G_BEGIN_DECLS

const char *pst_cli_lines_waiting (PstCliWait wait);
const char *pst_cli_lines_question (PstCliQuestion question);
const char *pst_cli_lines_route (PstRoute route);
char *pst_cli_lines_invite (const PstCliInvite *invite, guint columns);
char *pst_cli_lines_connected (const char *peer_name, PstRoute route);
char *pst_cli_lines_words (const char *phrase);
char *pst_cli_lines_offer (const PstCliOffer *offer, guint columns);
char *pst_cli_lines_leftovers (GPtrArray *leftovers, guint columns);
char *pst_cli_lines_done (const PstCliSnapshot *snapshot);
char *pst_cli_lines_remembered (const char *name);
char *pst_cli_lines_devices (GPtrArray *devices);
char *pst_cli_lines_warning (const char *sentences);
char *pst_cli_lines_error (const GError *error);

gboolean pst_cli_lines_is_hidden (const char *path);
void pst_cli_lines_write (FILE *file, const char *text);

G_END_DECLS
