/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define PST_TYPE_CLI_PROMPT (pst_cli_prompt_get_type ())
G_DECLARE_FINAL_TYPE (PstCliPrompt, pst_cli_prompt, PST, CLI_PROMPT, GObject)

/* Room for the longest answer: the numbers of every entry of the longest offer. */
#define PST_CLI_PROMPT_MAX_LINE_BYTES (2 * 1024 * 1024)

PstCliPrompt *pst_cli_prompt_new (GInputStream *input);
void pst_cli_prompt_read_async (PstCliPrompt *self,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
char *pst_cli_prompt_read_finish (PstCliPrompt *self, GAsyncResult *result, GError **error);

G_END_DECLS
