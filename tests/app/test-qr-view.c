/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The picture in the window, read by a scanner. */
#include "app-render.h"
#include "pst-invite.h"
#include "pst-qr-view.h"

#include <zbar.h>

#define LINK                                                                                 \
  "wormhole-transfer:0412-adroitness-aardvark-yucatan?rendezvous=ws%3A%2F%2F192.168.178.21%" \
  "3A45678"

static const guint8 *
pixel_at (const guint8 *pixels, guint width, guint x, guint y)
{
  return pixels + 4 * ((gsize)y * width + x);
}

/* Red stands for grey: what is neither black nor white is found elsewhere. */
static guint8 *
dup_grey (GdkTexture *texture, guint *width, guint *height)
{
  g_autofree guint8 *pixels = NULL;
  guint8 *grey;

  *width = gdk_texture_get_width (texture);
  *height = gdk_texture_get_height (texture);
  pixels = g_malloc (4 * (gsize)*width * *height);
  grey = g_malloc ((gsize)*width * *height);
  gdk_texture_download (texture, pixels, 4 * *width);
  for (guint y = 0; y < *height; y++)
    for (guint x = 0; x < *width; x++)
      grey[y * *width + x] = pixel_at (pixels, *width, x, y)[1];

  return grey;
}

static char *
scan (const guint8 *grey, guint width, guint height)
{
  zbar_image_scanner_t *scanner = zbar_image_scanner_create ();
  zbar_image_t *image = zbar_image_create ();
  const zbar_symbol_t *symbol;
  char *text = NULL;

  zbar_image_scanner_set_config (scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
  zbar_image_scanner_set_config (scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
  zbar_image_set_format (image, zbar_fourcc ('Y', '8', '0', '0'));
  zbar_image_set_size (image, width, height);
  zbar_image_set_data (image, grey, (gulong)width * height, NULL);
  zbar_scan_image (scanner, image);
  symbol = zbar_image_first_symbol (image);
  if (symbol != NULL)
    text = g_strdup (zbar_symbol_get_data (symbol));
  zbar_image_destroy (image);
  zbar_image_scanner_destroy (scanner);

  return text;
}

static void
set_dark (gboolean dark)
{
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      dark ? ADW_COLOR_SCHEME_FORCE_DARK
                                           : ADW_COLOR_SCHEME_FORCE_LIGHT);
}

/* Each module is one square of one shade, with white all around. */
static void
assert_modules (const guint8 *grey, guint width, guint height)
{
  guint n = 0;
  g_autoptr (GBytes) bytes = pst_invite_to_qr_modules (LINK, &n, NULL);
  const guint8 *modules = g_bytes_get_data (bytes, NULL);
  guint side_modules = n + 2 * PST_INVITE_QR_QUIET_MODULES;
  guint module_px = pst_qr_view_fit (n, MIN (width, height));
  guint left = (width - side_modules * module_px) / 2;
  guint top = (height - side_modules * module_px) / 2;

  for (guint y = 0; y < side_modules * module_px; y++)
    for (guint x = 0; x < side_modules * module_px; x++)
      {
        gint mx = (gint)(x / module_px) - PST_INVITE_QR_QUIET_MODULES;
        gint my = (gint)(y / module_px) - PST_INVITE_QR_QUIET_MODULES;
        gboolean inside = mx >= 0 && my >= 0 && mx < (gint)n && my < (gint)n;
        gboolean corner = (mx < -2 || mx >= (gint)n + 2) && (my < -2 || my >= (gint)n + 2);
        guint8 expected = inside && modules[my * n + mx] ? 0 : 255;

        if (!corner)
          g_assert_cmpuint (grey[(top + y) * width + left + x], ==, expected);
      }
}

static void
check (int width, int height, gboolean dark)
{
  GtkWidget *view = pst_qr_view_new ();
  GtkWindow *window;
  g_autoptr (GdkTexture) texture = NULL;
  g_autofree guint8 *grey = NULL;
  g_autofree char *text = NULL;
  guint width_px;
  guint height_px;

  set_dark (dark);
  pst_qr_view_set_text (PST_QR_VIEW (view), LINK);
  window = app_render_window (view, width, height);
  texture = app_render_texture (GTK_WIDGET (window));
  grey = dup_grey (texture, &width_px, &height_px);
  assert_modules (grey, width_px, height_px);
  text = scan (grey, width_px, height_px);
  g_assert_cmpstr (text, ==, LINK);
  gtk_window_destroy (window);
}

static void
test_sizes (gconstpointer data)
{
  gboolean dark = GPOINTER_TO_INT (data);

  check (200, 200, dark);
  check (333, 251, dark);
  check (500, 700, dark);
}

static void
test_changes (void)
{
  GtkWidget *view = g_object_ref_sink (pst_qr_view_new ());
  int minimum;
  int natural;

  gtk_widget_measure (view, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, &natural, NULL, NULL);
  g_assert_cmpint (natural, ==, 0);
  pst_qr_view_set_text (PST_QR_VIEW (view), "wormhole-transfer:4-x");
  gtk_widget_measure (view, GTK_ORIENTATION_VERTICAL, -1, &minimum, &natural, NULL, NULL);
  g_assert_cmpint (minimum, >, 25 + 8);
  g_assert_cmpint (natural, >, minimum);
  pst_qr_view_set_text (PST_QR_VIEW (view), NULL);
  gtk_widget_measure (view, GTK_ORIENTATION_VERTICAL, -1, &minimum, &natural, NULL, NULL);
  g_assert_cmpint (minimum, ==, 0);
  g_object_unref (view);
}

static void
test_fit (void)
{
  g_assert_cmpuint (pst_qr_view_fit (25, 33), ==, 1);
  g_assert_cmpuint (pst_qr_view_fit (25, 65), ==, 1);
  g_assert_cmpuint (pst_qr_view_fit (25, 66), ==, 2);
  g_assert_cmpuint (pst_qr_view_fit (25, 10), ==, 1);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/qr-view/fit", test_fit);
  g_test_add_func ("/qr-view/changes", test_changes);
  g_test_add_data_func ("/qr-view/light", GINT_TO_POINTER (FALSE), test_sizes);
  g_test_add_data_func ("/qr-view/dark", GINT_TO_POINTER (TRUE), test_sizes);
  return g_test_run ();
}
