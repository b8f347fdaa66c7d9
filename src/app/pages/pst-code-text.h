/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a person typed where a code belongs, judged for that person. */

/**
 * PstCodeText:
 * @PST_CODE_TEXT_EMPTY: nothing yet
 * @PST_CODE_TEXT_UNFINISHED: may become a code or a link
 * @PST_CODE_TEXT_WRONG: cannot become one
 * @PST_CODE_TEXT_UNUSUAL: reads as a code, with words Penstock does not use
 * @PST_CODE_TEXT_READY: a code of known words, or a link
 *
 * How far a text is on its way to a code. The last two can be received with.
 */
typedef enum
{
  PST_CODE_TEXT_EMPTY,
  PST_CODE_TEXT_UNFINISHED,
  PST_CODE_TEXT_WRONG,
  PST_CODE_TEXT_UNUSUAL,
  PST_CODE_TEXT_READY
} PstCodeText;

PstCodeText pst_code_text_judge (const char *text);
char *pst_code_text_explain (const char *text, gboolean finished);

G_END_DECLS
