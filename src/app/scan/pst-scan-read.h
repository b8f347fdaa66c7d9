/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-frame-source.h"

G_BEGIN_DECLS

/* The QR codes in one picture. No main loop, no clock; blocks as long as
 * reading takes. */

/**
 * PstScanOutcome:
 * @PST_SCAN_NOTHING: no QR code
 * @PST_SCAN_FOREIGN: QR codes, but none of ours
 * @PST_SCAN_SEVERAL: different codes of ours, so that none can be chosen
 * @PST_SCAN_FOUND: one code of ours
 *
 * What was seen in a picture.
 */
typedef enum
{
  PST_SCAN_NOTHING,
  PST_SCAN_FOREIGN,
  PST_SCAN_SEVERAL,
  PST_SCAN_FOUND
} PstScanOutcome;

/**
 * PstScanInk:
 * @PST_SCAN_INK_DARK: dark codes on a light ground
 * @PST_SCAN_INK_LIGHT: light codes on a dark ground
 * @PST_SCAN_INK_ANY: the one, and, if that shows nothing, the other
 *
 * Which codes to look for.
 */
typedef enum
{
  PST_SCAN_INK_DARK,
  PST_SCAN_INK_LIGHT,
  PST_SCAN_INK_ANY
} PstScanInk;

PstScanOutcome pst_scan_read (const PstFrame *frame, PstScanInk ink, char **text);
char *pst_scan_judge_text (const char *text, gsize length);

G_END_DECLS
