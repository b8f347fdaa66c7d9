/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-picture.h"

#include <gdk-pixbuf/gdk-pixbuf.h>

#define CHUNK_BYTES (64 * 1024)

static gboolean
set_too_large (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "The picture is too large.");
  return FALSE;
}

static void
refuse_huge (GdkPixbufLoader *loader, int width, int height, gboolean *too_large)
{
  *too_large = (gint64)width * height > PST_PICTURE_MAX_PIXELS;
  if (*too_large)
    gdk_pixbuf_loader_set_size (loader, 0, 0); /* ends the loading */
}

static gboolean
feed (GdkPixbufLoader *loader, GInputStream *stream, GCancellable *cancellable, GError **error)
{
  g_autofree guint8 *chunk = g_malloc (CHUNK_BYTES);
  gsize total_bytes = 0;
  gssize n;

  while ((n = g_input_stream_read (stream, chunk, CHUNK_BYTES, cancellable, error)) > 0)
    {
      total_bytes += n;
      if (total_bytes > PST_PICTURE_MAX_BYTES)
        return set_too_large (error);
      if (!gdk_pixbuf_loader_write (loader, chunk, n, error))
        return FALSE;
    }

  return n == 0;
}

static GdkPixbuf *
load (GFile *file, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFileInputStream) stream = g_file_read (file, cancellable, error);
  g_autoptr (GdkPixbufLoader) loader = NULL;
  gboolean too_large = FALSE;
  gboolean fed;

  if (stream == NULL)
    return NULL;

  loader = gdk_pixbuf_loader_new ();
  g_signal_connect (loader, "size-prepared", G_CALLBACK (refuse_huge), &too_large);
  fed = feed (loader, G_INPUT_STREAM (stream), cancellable, error);
  if (!gdk_pixbuf_loader_close (loader, fed ? error : NULL) || !fed || too_large)
    {
      if (too_large)
        {
          g_clear_error (error);
          set_too_large (error);
        }
      return NULL;
    }

  return g_object_ref (gdk_pixbuf_loader_get_pixbuf (loader));
}

/* What shines through is paper. */
static guint8
over_white (guint8 value, guint8 alpha)
{
  return (value * alpha + 255 * (255 - alpha)) / 255;
}

static void
copy_row (guint8 *rgb, const guint8 *row, guint width, guint n_channels)
{
  for (guint x = 0; x < width; x++, rgb += 3, row += n_channels)
    for (guint c = 0; c < 3; c++)
      rgb[c] = n_channels == 4 ? over_white (row[c], row[3]) : row[c];
}

static void
frame_init_from_pixbuf (PstFrame *frame, GdkPixbuf *pixbuf)
{
  const guint8 *pixels = gdk_pixbuf_read_pixels (pixbuf);
  gsize stride = gdk_pixbuf_get_rowstride (pixbuf);
  guint8 *rgb;

  frame->width = gdk_pixbuf_get_width (pixbuf);
  frame->height = gdk_pixbuf_get_height (pixbuf);
  frame->stride_bytes = (gsize)frame->width * 3;

  rgb = g_malloc (frame->stride_bytes * frame->height);
  for (guint y = 0; y < frame->height; y++)
    copy_row (rgb + y * frame->stride_bytes, pixels + y * stride, frame->width,
              gdk_pixbuf_get_n_channels (pixbuf));
  frame->pixels = g_bytes_new_take (rgb, frame->stride_bytes * frame->height);
}

/**
 * pst_picture_load:
 * @file: a picture, of any kind GdkPixbuf reads
 * @frame: (out): the picture; clear it with pst_frame_clear()
 * @cancellable: (nullable): ends the reading
 * @error: return location for an error: %G_IO_ERROR_NO_SPACE for a picture of
 *   more than %PST_PICTURE_MAX_PIXELS or a file of more than
 *   %PST_PICTURE_MAX_BYTES, %GDK_PIXBUF_ERROR for what is no picture
 *
 * Reads a picture and blocks meanwhile: for worker threads.
 *
 * Returns: %TRUE if @frame is set
 */
gboolean
pst_picture_load (GFile *file, PstFrame *frame, GCancellable *cancellable, GError **error)
{
  g_autoptr (GdkPixbuf) pixbuf = load (file, cancellable, error);

  if (pixbuf == NULL)
    return FALSE;

  frame_init_from_pixbuf (frame, pixbuf);
  return TRUE;
}
