/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-pipeline.h"

G_BEGIN_DECLS

/* A file that goes into the channel of a pipeline, or comes out of one, as messages of
 * %PST_CHANNEL_MAX_FRAME_BYTES and nothing else. All of it in one thread. */
typedef struct
{
  PstPipeline *pipeline;
  int source; /* -1: none */
  int target; /* -1: none */
  guint64 left_bytes;
} ChannelFile;

void channel_file_init (ChannelFile *self, PstPipeline *pipeline);
gboolean channel_file_send (ChannelFile *self, const char *path);
gboolean channel_file_pump (ChannelFile *self);
void channel_file_receive (ChannelFile *self, const char *path, guint64 n_bytes);
gboolean channel_file_take (ChannelFile *self, GBytes *message);

G_END_DECLS
