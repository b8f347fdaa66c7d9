/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * PstFrame:
 * @width: pixels
 * @height: pixels
 * @stride_bytes: from one row to the next
 * @pixels: RGB, 8 bits each
 *
 * One picture of a camera.
 */
typedef struct
{
  guint width;
  guint height;
  gsize stride_bytes;
  GBytes *pixels;
} PstFrame;

void pst_frame_clear (PstFrame *frame);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PstFrame, pst_frame_clear)

/* Where pictures come from: a camera, a file, a test.
 *
 * Signals, in the thread that made the source:
 * - `frame (const PstFrame *frame)`: one more picture
 * - `failed (GError *error)`: G_IO_ERROR_NOT_FOUND without a camera,
 *   G_IO_ERROR_PERMISSION_DENIED where it may not be used; no more pictures */
#define PST_TYPE_FRAME_SOURCE (pst_frame_source_get_type ())
G_DECLARE_INTERFACE (PstFrameSource, pst_frame_source, PST, FRAME_SOURCE, GObject)

struct _PstFrameSourceInterface
{
  GTypeInterface parent_interface;

  void (*start) (PstFrameSource *self);
  void (*stop) (PstFrameSource *self);
};

PstFrameSource *pst_frame_source_new_default (void);
void pst_frame_source_start (PstFrameSource *self);
void pst_frame_source_stop (PstFrameSource *self);
void pst_frame_source_emit_frame (PstFrameSource *self, const PstFrame *frame);
void pst_frame_source_emit_failed (PstFrameSource *self, const GError *error);

G_END_DECLS
