/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The frames of a window: how long each takes to draw, and how long it is from
 * one to the next. */
#pragma once

#include <gtk/gtk.h>

#include "stall-watch.h"

G_BEGIN_DECLS

/**
 * FrameFigures:
 * @drawing: from before-paint to after-paint of a frame, wall-clock time
 * @between: from after-paint to after-paint of two frames
 *
 * What was seen.
 */
typedef struct
{
  StallFigures drawing;
  StallFigures between;
} FrameFigures;

typedef struct _FrameWatch FrameWatch;

FrameWatch *frame_watch_start (GtkWidget *animated, GtkWidget *window);
FrameFigures frame_watch_stop (FrameWatch *self);

G_END_DECLS
