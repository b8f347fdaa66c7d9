/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-manifest.h"

G_BEGIN_DECLS

typedef enum
{
  PST_CLI_ANSWER_UNCLEAR, /* ask again */
  PST_CLI_ANSWER_DECLINE,
  PST_CLI_ANSWER_ALL,
  PST_CLI_ANSWER_SOME
} PstCliAnswer;

PstCliAnswer pst_cli_answer_read_text (const char *line, GPtrArray *entries, guint8 *selection);
PstCliAnswer pst_cli_answer_read_yes_no (const char *line, gboolean json);
PstCliAnswer pst_cli_answer_read_json (const char *line, GPtrArray *entries, guint8 *selection);

G_END_DECLS
