/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "pst-code-text.h"

G_BEGIN_DECLS

/* An entry for a code or a link. It offers to complete the word that is being
 * typed: Tab or → takes the offer, ↓ and ↑ choose among several. Below stands
 * what is wrong with the text.
 *
 * Signals:
 * - `changed ()`: there is another text
 * - `activate ()`: Enter, with a text that can be received with */
#define PST_TYPE_CODE_ENTRY (pst_code_entry_get_type ())
G_DECLARE_FINAL_TYPE (PstCodeEntry, pst_code_entry, PST, CODE_ENTRY, AdwBin)

GtkWidget *pst_code_entry_new (void);
const char *pst_code_entry_get_text (PstCodeEntry *self);
void pst_code_entry_set_text (PstCodeEntry *self, const char *text);
PstCodeText pst_code_entry_get_verdict (PstCodeEntry *self);
const char *pst_code_entry_get_complaint (PstCodeEntry *self);
const char *const *pst_code_entry_get_offers (PstCodeEntry *self);
guint pst_code_entry_get_chosen (PstCodeEntry *self);
gboolean pst_code_entry_complete (PstCodeEntry *self);
gboolean pst_code_entry_choose (PstCodeEntry *self, int step);
gboolean pst_code_entry_finish (PstCodeEntry *self);

G_END_DECLS
