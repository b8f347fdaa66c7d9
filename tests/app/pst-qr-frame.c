/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-qr-frame.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <math.h>
#include <qrencode.h>
#include <string.h>

#define QUIET_ZONE 4 /* modules */

static guint8 *
get_pixels (const PstFrame *frame)
{
  return (guint8 *)g_bytes_get_data (frame->pixels, NULL);
}

/* A picture of one shade of grey. */
void
pst_qr_frame_init (PstFrame *frame, guint width, guint height, guint8 shade)
{
  gsize size = (gsize)width * height * 3;
  guint8 *pixels = g_malloc (size);

  memset (pixels, shade, size);
  *frame = (PstFrame){ width, height, (gsize)width * 3, g_bytes_new_take (pixels, size) };
}

static gboolean
is_dark (const QRcode *qr, int column, int row)
{
  return column >= 0 && row >= 0 && column < qr->width && row < qr->width
         && (qr->data[row * qr->width + column] & 1) != 0;
}

/* Draws a code with its quiet zone, its upper left corner at @x, @y before it is
 * turned around its middle. */
void
pst_qr_frame_draw (
    PstFrame *frame, const char *text, guint module_pixels, guint x, guint y, double degrees)
{
  QRcode *qr = QRcode_encodeData (strlen (text), (const guint8 *)text, 0, QR_ECLEVEL_M);
  double side, middle_x, middle_y, c, s;
  guint8 *pixels = get_pixels (frame);

  g_assert_nonnull (qr);
  side = (qr->width + 2 * QUIET_ZONE) * module_pixels;
  middle_x = x + side / 2;
  middle_y = y + side / 2;
  c = cos (degrees * G_PI / 180);
  s = sin (degrees * G_PI / 180);

  for (guint py = 0; py < frame->height; py++)
    for (guint px = 0; px < frame->width; px++)
      {
        double dx = px + 0.5 - middle_x, dy = py + 0.5 - middle_y;
        double u = c * dx + s * dy + side / 2, v = -s * dx + c * dy + side / 2;

        if (u >= 0 && v >= 0 && u < side && v < side)
          memset (pixels + py * frame->stride_bytes + px * 3,
                  is_dark (qr, (int)(u / module_pixels) - QUIET_ZONE,
                           (int)(v / module_pixels) - QUIET_ZONE)
                      ? 0
                      : 255,
                  3);
      }

  QRcode_free (qr);
}

void
pst_qr_frame_invert (PstFrame *frame)
{
  guint8 *pixels = get_pixels (frame);

  for (gsize i = 0; i < frame->stride_bytes * frame->height; i++)
    pixels[i] = 255 - pixels[i];
}

void
pst_qr_frame_save (const PstFrame *frame, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new_from_bytes (frame->pixels, GDK_COLORSPACE_RGB,
                                                            FALSE, 8, frame->width, frame->height,
                                                            frame->stride_bytes);

  gdk_pixbuf_save (pixbuf, path, "png", &error, NULL);
  g_assert_no_error (error);
}
