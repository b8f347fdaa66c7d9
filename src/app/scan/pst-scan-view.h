/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "pst-frame-source.h"

G_BEGIN_DECLS

/* The camera's picture while a code is looked for in it, or why there is none.
 *
 * Signals:
 * - `found (const char *text)`: a QR code that reads as a code or a link of ours
 * - `choose-image ()`: the person wants to choose a picture; the answer is
 *   pst_scan_view_scan_image()
 * - `cancelled ()`: the person does not want to scan any more */
#define PST_TYPE_SCAN_VIEW (pst_scan_view_get_type ())
G_DECLARE_FINAL_TYPE (PstScanView, pst_scan_view, PST, SCAN_VIEW, AdwBin)

/**
 * PstScanState:
 * @PST_SCAN_IDLE: nothing is looked at
 * @PST_SCAN_STARTING: the camera is being asked for
 * @PST_SCAN_SCANNING: the camera's picture is shown
 * @PST_SCAN_NO_CAMERA: there is none
 * @PST_SCAN_NOT_ALLOWED: there may be one, and it may not be used
 * @PST_SCAN_FAILED: it stopped, or is in use
 * @PST_SCAN_READING_IMAGE: a picture is being looked at
 * @PST_SCAN_IMAGE_FAILED: the picture shows no code of ours
 *
 * What the view shows.
 */
typedef enum
{
  PST_SCAN_IDLE,
  PST_SCAN_STARTING,
  PST_SCAN_SCANNING,
  PST_SCAN_NO_CAMERA,
  PST_SCAN_NOT_ALLOWED,
  PST_SCAN_FAILED,
  PST_SCAN_READING_IMAGE,
  PST_SCAN_IMAGE_FAILED
} PstScanState;

GtkWidget *pst_scan_view_new (void);
void pst_scan_view_set_source (PstScanView *self, PstFrameSource *source);
void pst_scan_view_start (PstScanView *self);
void pst_scan_view_stop (PstScanView *self);
void pst_scan_view_scan_image (PstScanView *self, GFile *file);
void pst_scan_view_refuse_image (PstScanView *self);
PstScanState pst_scan_view_get_state (PstScanView *self);
const char *pst_scan_view_get_sentence (PstScanView *self);

G_END_DECLS
