/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* 256 words to each position: three words give 24 bits, of which an attacker
 * gets one guess (docs/security.md). */
#define PST_CODE_DEFAULT_WORDS   3
/* The longest word has 11 letters: so many always fit into the bytes. */
#define PST_CODE_MAX_WORDS       16
#define PST_CODE_MAX_BYTES       256
/* One failed code is a slip of somebody's tongue, two in a row may be somebody
 * who guesses. */
#define PST_CODE_FAILURES_A_WORD 2
#define PST_NAMEPLATE_MAX_DIGITS 9

char *pst_code_make (const char *nameplate, guint n_words);
guint pst_code_count_words (guint n_words, guint n_failed);
char *pst_code_make_local_nameplate (void);
char *pst_code_parse (const char *text, GError **error);
gboolean pst_code_is_nameplate (const char *text);
char *pst_code_dup_nameplate (const char *code);
gboolean pst_code_is_local (const char *code);
char **pst_code_complete (const char *text);

G_END_DECLS
