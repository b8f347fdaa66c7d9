/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paints the terminal's text as a picture and has a scanner read it: what is
 * tested is the drawing a person holds a camera to. */
#include "pst-invite.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#define PIXELS_PER_MODULE 6
#define SCAN_TIMEOUT_S    20

/* The colours of a terminal cell, as far as the drawing uses them. */
typedef struct
{
  guint8 foreground;
  guint8 background;
} Colours;

/* A terminal of the given default colours: understands the two sequences. */
static const char *
read_escape (const char *p, Colours defaults, Colours *colours)
{
  const char *end = strchr (p, 'm');
  g_autofree char *sequence = NULL;

  g_assert_nonnull (end);
  sequence = g_strndup (p, end + 1 - p);
  if (strcmp (sequence, "\033[0m") == 0)
    *colours = defaults;
  else
    {
      g_assert_cmpstr (sequence, ==, "\033[38;5;16;48;5;231m");
      *colours = (Colours){ 0, 255 };
    }

  return end + 1;
}

static void
paint_module (GByteArray *row, guint8 shade)
{
  for (guint i = 0; i < PIXELS_PER_MODULE; i++)
    g_byte_array_append (row, &shade, 1);
}

static void
paint_cell (GByteArray *upper, GByteArray *lower, gunichar cell, Colours colours)
{
  g_assert_true (cell == ' ' || cell == 0x2580 || cell == 0x2584 || cell == 0x2588);
  paint_module (upper, cell == 0x2580 || cell == 0x2588 ? colours.foreground : colours.background);
  paint_module (lower, cell == 0x2584 || cell == 0x2588 ? colours.foreground : colours.background);
}

static void
paint_line (GByteArray *image, const char *line, Colours defaults, guint *width)
{
  g_autoptr (GByteArray) upper = g_byte_array_new ();
  g_autoptr (GByteArray) lower = g_byte_array_new ();
  Colours colours = defaults;

  for (const char *p = line; *p != '\0';)
    if (*p == '\033')
      p = read_escape (p, defaults, &colours);
    else
      {
        paint_cell (upper, lower, g_utf8_get_char (p), colours);
        p = g_utf8_next_char (p);
      }

  g_assert_true (*width == 0 || *width == upper->len);
  *width = upper->len;
  for (guint i = 0; i < PIXELS_PER_MODULE; i++)
    g_byte_array_append (image, upper->data, upper->len);
  for (guint i = 0; i < PIXELS_PER_MODULE; i++)
    g_byte_array_append (image, lower->data, lower->len);
}

static void
write_picture (const char *path, const char *text, Colours defaults)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GByteArray) image = g_byte_array_new ();
  g_autoptr (GString) file = g_string_new ("P5\n");
  g_autoptr (GError) error = NULL;
  guint width = 0;

  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    paint_line (image, lines[i], defaults, &width);

  g_string_append_printf (file, "%u %u\n255\n", width, image->len / width);
  g_string_append_len (file, (const char *) image->data, image->len);
  g_file_set_contents (path, file->str, file->len, &error);
  g_assert_no_error (error);
}

typedef struct
{
  GMainLoop *loop;
  char *output;
  gboolean timed_out;
} Scan;

static gboolean
on_timeout (gpointer user_data)
{
  Scan *scan = user_data;

  scan->timed_out = TRUE;
  g_main_loop_quit (scan->loop);
  return G_SOURCE_CONTINUE;
}

static void
on_scanned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Scan *scan = user_data;
  g_autoptr (GError) error = NULL;

  g_subprocess_communicate_utf8_finish (G_SUBPROCESS (source), result, &scan->output, NULL, &error);
  g_assert_no_error (error);
  g_main_loop_quit (scan->loop);
}

static char *
scan_picture (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Scan scan = { .loop = loop };
  g_autoptr (GSubprocess) process
      = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, "zbarimg", "--nodbus", "--quiet",
                          "--raw", path, NULL);
  guint timeout = g_timeout_add_seconds (SCAN_TIMEOUT_S, on_timeout, &scan);

  g_assert_no_error (error);
  g_subprocess_communicate_utf8_async (process, NULL, NULL, on_scanned, &scan);
  g_main_loop_run (loop);
  g_source_remove (timeout);
  g_assert_false (scan.timed_out);

  return scan.output;
}

static void
check_scan (const char *uri, Colours defaults)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = pst_invite_to_terminal_qr (uri, &error);
  g_autofree char *dir = g_dir_make_tmp ("pst-qr-XXXXXX", &error);
  g_autofree char *path = g_build_filename (dir, "qr.pgm", NULL);
  g_autofree char *read = NULL;

  g_assert_no_error (error);
  write_picture (path, text, defaults);
  read = g_strchomp (scan_picture (path));
  g_unlink (path);
  g_rmdir (dir);

  g_assert_cmpstr (read, ==, uri);
}

static void
test_scan (gconstpointer data)
{
  const Colours *defaults = data;
  g_autofree char *zbarimg = g_find_program_in_path ("zbarimg");
  g_autofree char *lan = pst_invite_to_uri ("0412-adroitness-aardvark-yucatan",
                                            "ws://[2001:db8:1234:5678:9abc:def0:1234:5678]:45678");

  if (zbarimg == NULL)
    {
      g_test_skip ("zbarimg is not installed");
      return;
    }

  check_scan ("wormhole-transfer:4-x", *defaults);
  check_scan ("wormhole-transfer:0412-adroitness-aardvark-yucatan", *defaults);
  check_scan (lan, *defaults);
}

int
main (int argc, char **argv)
{
  static const Colours dark = { 255, 0 };
  static const Colours light = { 0, 255 };

  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/qr-scan/dark-terminal", &dark, test_scan);
  g_test_add_data_func ("/qr-scan/light-terminal", &light, test_scan);
  return g_test_run ();
}
