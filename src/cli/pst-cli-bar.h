/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-cli-report.h"

G_BEGIN_DECLS

char *pst_cli_bar_draw (const PstCliSnapshot *snapshot, guint columns, gboolean colour);
char *pst_cli_bar_state (const PstCliSnapshot *snapshot);
char *pst_cli_bar_line (const PstCliSnapshot *snapshot);

G_END_DECLS
