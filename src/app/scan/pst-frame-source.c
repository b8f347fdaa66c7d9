/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-frame-source.h"

#include "pst-camera.h"
#include "pst-folder-source.h"

G_DEFINE_INTERFACE (PstFrameSource, pst_frame_source, G_TYPE_OBJECT)

enum
{
  SIGNAL_FRAME,
  SIGNAL_FAILED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
pst_frame_source_default_init (PstFrameSourceInterface *iface)
{
  signals[SIGNAL_FRAME] = g_signal_new ("frame", PST_TYPE_FRAME_SOURCE, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[SIGNAL_FAILED] = g_signal_new ("failed", PST_TYPE_FRAME_SOURCE, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1,
                                         G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
}

/**
 * pst_frame_clear:
 * @frame: a picture with a reference of its own to the pixels, or none
 *
 * Lets go of the pixels.
 */
void
pst_frame_clear (PstFrame *frame)
{
  g_clear_pointer (&frame->pixels, g_bytes_unref);
}

/**
 * pst_frame_source_new_default:
 *
 * Returns: (transfer full): the camera of this machine; where the environment
 *   variable `PST_CAMERA_IMAGES` names a folder, the pictures in it instead
 *   (docs/testing.md)
 */
PstFrameSource *
pst_frame_source_new_default (void)
{
  const char *folder = g_getenv ("PST_CAMERA_IMAGES");

  return folder != NULL ? pst_folder_source_new (folder) : pst_camera_new ();
}

/**
 * pst_frame_source_start:
 * @self: the source
 *
 * Asks for pictures. `frame` or `failed` follows, never before this function
 * returns. Does nothing when it was started before.
 */
void
pst_frame_source_start (PstFrameSource *self)
{
  PST_FRAME_SOURCE_GET_IFACE (self)->start (self);
}

/**
 * pst_frame_source_stop:
 * @self: the source
 *
 * Gives the camera back. No signal follows; the source may be started again.
 */
void
pst_frame_source_stop (PstFrameSource *self)
{
  PST_FRAME_SOURCE_GET_IFACE (self)->stop (self);
}

/**
 * pst_frame_source_emit_frame:
 * @self: the source, in the thread that made it
 * @frame: a picture
 *
 * For implementations: hands out a picture.
 */
void
pst_frame_source_emit_frame (PstFrameSource *self, const PstFrame *frame)
{
  g_signal_emit (self, signals[SIGNAL_FRAME], 0, frame);
}

/**
 * pst_frame_source_emit_failed:
 * @self: the source, in the thread that made it
 * @error: why there will be no more pictures
 *
 * For implementations: says that the source has stopped by itself.
 */
void
pst_frame_source_emit_failed (PstFrameSource *self, const GError *error)
{
  g_signal_emit (self, signals[SIGNAL_FAILED], 0, error);
}
