/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "channel-file.h"

#include <fcntl.h>
#include <unistd.h>

/* What the browser's page and the benchmark's other programs keep in the buffer. */
#define HIGH_MARK_BYTES (1024 * 1024)
#define LOW_MARK_BYTES  (HIGH_MARK_BYTES / 2)

static void
must (gboolean did, const char *what)
{
  if (!did)
    g_error ("%s: %s", what, g_strerror (errno));
}

/* @pipeline may be one whose channel is not open yet. */
void
channel_file_init (ChannelFile *self, PstPipeline *pipeline)
{
  *self = (ChannelFile){ .pipeline = pipeline, .source = -1, .target = -1 };
  pst_pipeline_set_low_mark (pipeline, LOW_MARK_BYTES);
}

static void
close_file (int *file)
{
  close (*file);
  *file = -1;
}

/* Sends what there is room for; returns whether the last byte was queued by this call. */
gboolean
channel_file_pump (ChannelFile *self)
{
  while (self->source >= 0
         && pst_pipeline_get_buffered_amount (self->pipeline) + PST_CHANNEL_MAX_FRAME_BYTES
                <= HIGH_MARK_BYTES)
    {
      g_autofree guint8 *block = g_malloc (PST_CHANNEL_MAX_FRAME_BYTES);
      gssize n = read (self->source, block, PST_CHANNEL_MAX_FRAME_BYTES);
      g_autoptr (GBytes) message = NULL;
      g_autoptr (GError) error = NULL;

      must (n >= 0, "The file cannot be read");
      if (n == 0)
        {
          close_file (&self->source);
          return TRUE;
        }
      message = g_bytes_new_take (g_steal_pointer (&block), (gsize) n);
      if (!pst_pipeline_send (self->pipeline, message, &error))
        g_error ("%s", error->message);
    }
  return FALSE;
}

/* Begins to send a file; returns whether all of it was queued at once. */
gboolean
channel_file_send (ChannelFile *self, const char *path)
{
  self->source = open (path, O_RDONLY | O_CLOEXEC);
  must (self->source >= 0, path);
  return channel_file_pump (self);
}

/* The next @n_bytes that come are for this file; at least one. */
void
channel_file_receive (ChannelFile *self, const char *path, guint64 n_bytes)
{
  self->target = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  must (self->target >= 0, path);
  self->left_bytes = n_bytes;
}

/* A message came; returns whether the file is on the disk with it. */
gboolean
channel_file_take (ChannelFile *self, GBytes *message)
{
  gsize n_bytes;
  const guint8 *bytes = g_bytes_get_data (message, &n_bytes);

  if (self->target < 0 || n_bytes > self->left_bytes)
    g_error ("%" G_GSIZE_FORMAT " bytes came that nobody waits for", n_bytes);
  self->left_bytes -= n_bytes;
  while (n_bytes > 0)
    {
      gssize n = write (self->target, bytes, n_bytes);

      must (n > 0, "The file cannot be written");
      bytes += n;
      n_bytes -= (gsize) n;
    }
  if (self->left_bytes > 0)
    return FALSE;

  must (fsync (self->target) == 0, "The file cannot be synced");
  close_file (&self->target);
  return TRUE;
}
