/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-invite.h"
#include "pst-picture.h"
#include "pst-qr-frame.h"
#include "pst-scan-read.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>
#include <string.h>

#define CODE  "4-adroitness-adrift-adroitness"
#define OTHER "5-adroitness-adrift-adroitness"
#define LINK  "wormhole-transfer:" CODE "?rendezvous=ws%3A%2F%2F192.168.1.20%3A40400"

static void
assert_read (const PstFrame *frame, PstScanInk ink, PstScanOutcome expected, const char *text)
{
  g_autofree char *found = NULL;

  g_assert_cmpint (pst_scan_read (frame, ink, &found), ==, expected);
  g_assert_cmpstr (found, ==, text);
}

static void
check_drawn (const char *text, guint module_pixels, double degrees)
{
  g_auto (PstFrame) frame = { 0 };

  pst_qr_frame_init (&frame, 640, 480, 200);
  pst_qr_frame_draw (&frame, text, module_pixels, 150, 60, degrees);
  assert_read (&frame, PST_SCAN_INK_DARK, PST_SCAN_FOUND, text);
}

static void
test_plain (void)
{
  check_drawn (CODE, 6, 0);
  check_drawn (LINK, 6, 0);
}

static void
test_turned (void)
{
  check_drawn (LINK, 6, 90);
  check_drawn (LINK, 6, 180);
  check_drawn (LINK, 6, 15);
  check_drawn (LINK, 6, -20);
}

static void
test_small (void)
{
  check_drawn (CODE, 2, 0);
  check_drawn (LINK, 2, 0);
}

static void
test_inverted (void)
{
  g_auto (PstFrame) frame = { 0 };

  pst_qr_frame_init (&frame, 640, 480, 200);
  pst_qr_frame_draw (&frame, CODE, 6, 150, 60, 0);
  pst_qr_frame_invert (&frame);
  assert_read (&frame, PST_SCAN_INK_DARK, PST_SCAN_NOTHING, NULL);
  assert_read (&frame, PST_SCAN_INK_LIGHT, PST_SCAN_FOUND, CODE);
  assert_read (&frame, PST_SCAN_INK_ANY, PST_SCAN_FOUND, CODE);
}

static void
check_two (const char *one, const char *two, PstScanOutcome expected, const char *text)
{
  g_auto (PstFrame) frame = { 0 };

  pst_qr_frame_init (&frame, 900, 480, 255);
  pst_qr_frame_draw (&frame, one, 6, 20, 60, 0);
  pst_qr_frame_draw (&frame, two, 6, 450, 60, 0);
  assert_read (&frame, PST_SCAN_INK_ANY, expected, text);
}

static void
test_several (void)
{
  check_two (CODE, OTHER, PST_SCAN_SEVERAL, NULL);
  check_two (CODE, CODE, PST_SCAN_FOUND, CODE);
  check_two (CODE, "https://example.org", PST_SCAN_FOUND, CODE);
  check_two ("https://example.org", CODE, PST_SCAN_FOUND, CODE);
  check_two ("https://example.org", "hello", PST_SCAN_FOREIGN, NULL);
}

/* As a link and in plain it is one code. */
static void
test_same_twice (void)
{
  g_auto (PstFrame) frame = { 0 };
  g_autofree char *text = NULL;

  pst_qr_frame_init (&frame, 900, 480, 255);
  pst_qr_frame_draw (&frame, CODE, 6, 20, 60, 0);
  pst_qr_frame_draw (&frame, LINK, 6, 450, 60, 0);
  g_assert_cmpint (pst_scan_read (&frame, PST_SCAN_INK_DARK, &text), ==, PST_SCAN_FOUND);
}

static void
test_nothing (void)
{
  g_auto (PstFrame) blank = { 0 };
  g_auto (PstFrame) noise = { 0 };
  g_auto (PstFrame) tiny = { 0 };
  guint8 *pixels;

  pst_qr_frame_init (&blank, 640, 480, 255);
  assert_read (&blank, PST_SCAN_INK_ANY, PST_SCAN_NOTHING, NULL);

  pst_qr_frame_init (&noise, 640, 480, 0);
  pixels = (guint8 *)g_bytes_get_data (noise.pixels, NULL);
  for (gsize i = 0; i < noise.stride_bytes * noise.height; i++)
    pixels[i] = g_test_rand_int_range (0, 256);
  assert_read (&noise, PST_SCAN_INK_ANY, PST_SCAN_NOTHING, NULL);

  pst_qr_frame_init (&tiny, 1, 1, 0);
  assert_read (&tiny, PST_SCAN_INK_ANY, PST_SCAN_NOTHING, NULL);
}

/* Rows of a camera may be longer than the picture is wide. */
static void
test_stride (void)
{
  g_auto (PstFrame) frame = { 0 };

  pst_qr_frame_init (&frame, 640, 480, 255);
  pst_qr_frame_draw (&frame, CODE, 6, 20, 60, 0);
  frame.width = 500;
  assert_read (&frame, PST_SCAN_INK_DARK, PST_SCAN_FOUND, CODE);
}

static void
test_large (void)
{
  g_auto (PstFrame) photo = { 0 };
  g_auto (PstFrame) detail = { 0 };

  pst_qr_frame_init (&photo, 6000, 4000, 180);
  pst_qr_frame_draw (&photo, LINK, 30, 2000, 1000, 5);
  assert_read (&photo, PST_SCAN_INK_ANY, PST_SCAN_FOUND, LINK);

  /* Too fine for the coarse look. */
  pst_qr_frame_init (&detail, 6000, 4000, 255);
  pst_qr_frame_draw (&detail, CODE, 3, 2000, 1000, 0);
  assert_read (&detail, PST_SCAN_INK_ANY, PST_SCAN_FOUND, CODE);
}

static void
assert_ours (const char *text, gssize length, const char *expected)
{
  g_autofree char *ours = pst_scan_judge_text (text, length >= 0 ? length : (gssize)strlen (text));

  g_assert_cmpstr (ours, ==, expected);
}

static void
test_judge (void)
{
  g_autofree char *words = g_strnfill (PST_INVITE_MAX_BYTES, 'w');
  g_autofree char *huge = g_strconcat ("4-", words, NULL);

  assert_ours (CODE, -1, CODE);
  assert_ours (" " CODE "\n", -1, CODE);
  assert_ours (LINK, -1, LINK);
  assert_ours ("", -1, NULL);
  assert_ours ("hello", -1, NULL);
  assert_ours ("https://example.org/4-a-b", -1, NULL);
  assert_ours ("4-adroitness\xff", -1, NULL);
  assert_ours ("4-adroitness\0adrift", 19, NULL);
  assert_ours ("4-adroit\u202eness", -1, NULL);
  assert_ours ("wormhole-transfer:4-a-b?what=1", -1, NULL);
  assert_ours (huge, -1, NULL);
}

/* A picture file in a folder of its own. */
typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("pst-scan-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "picture", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unlink (fixture->path);
  g_rmdir (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static gboolean
load (Fixture *fixture, PstFrame *frame, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (fixture->path);

  return pst_picture_load (file, frame, NULL, error);
}

static void
test_picture (Fixture *fixture, gconstpointer data)
{
  g_auto (PstFrame) drawn = { 0 };
  g_auto (PstFrame) loaded = { 0 };
  g_autoptr (GError) error = NULL;

  pst_qr_frame_init (&drawn, 641, 481, 255); /* rows that want padding */
  pst_qr_frame_draw (&drawn, CODE, 6, 20, 60, 0);
  pst_qr_frame_save (&drawn, fixture->path);

  load (fixture, &loaded, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (drawn.pixels, loaded.pixels));
}

/* Black on nothing, as drawing programs save it. */
static void
test_transparent (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, TRUE, 8, 400, 400);
  g_auto (PstFrame) drawn = { 0 };
  g_auto (PstFrame) loaded = { 0 };
  g_autoptr (GError) error = NULL;
  const guint8 *from;
  guint8 *to;

  pst_qr_frame_init (&drawn, 400, 400, 255);
  pst_qr_frame_draw (&drawn, CODE, 6, 60, 60, 0);
  from = g_bytes_get_data (drawn.pixels, NULL);
  to = gdk_pixbuf_get_pixels (pixbuf);
  for (guint i = 0; i < 400 * 400; i++)
    {
      memset (to + i * 4, 0, 3);
      to[i * 4 + 3] = 255 - from[i * 3];
    }
  gdk_pixbuf_save (pixbuf, fixture->path, "png", &error, NULL);
  g_assert_no_error (error);

  load (fixture, &loaded, &error);
  g_assert_no_error (error);
  assert_read (&loaded, PST_SCAN_INK_DARK, PST_SCAN_FOUND, CODE);
}

static void
assert_not_loaded (Fixture *fixture, GQuark domain, int code)
{
  g_auto (PstFrame) frame = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (load (fixture, &frame, &error));
  g_assert_error (error, domain, code);
}

static void
test_no_picture (Fixture *fixture, gconstpointer data)
{
  assert_not_loaded (fixture, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_file_set_contents (fixture->path, "plain words, no picture at all", -1, NULL);
  assert_not_loaded (fixture, GDK_PIXBUF_ERROR, GDK_PIXBUF_ERROR_UNKNOWN_TYPE);
}

static void
test_empty_file (Fixture *fixture, gconstpointer data)
{
  g_auto (PstFrame) frame = { 0 };
  g_autoptr (GError) error = NULL;

  g_file_set_contents (fixture->path, "", 0, NULL);
  g_assert_false (load (fixture, &frame, &error));
  g_assert_nonnull (error);
}

/* The head of a picture of 30,000 × 30,000 pixels. */
static void
test_bomb (Fixture *fixture, gconstpointer data)
{
  /* PNG: signature, IHDR with its checksum, the beginning of a long IDAT. */
  static const guint8 head[] = { 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00,
                                 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x75, 0x30, 0x00, 0x00,
                                 0x75, 0x30, 0x08, 0x02, 0x00, 0x00, 0x00, 0xe9, 0x45, 0x6f, 0xed,
                                 0x00, 0x01, 0x86, 0xa0, 0x49, 0x44, 0x41, 0x54 };
  g_autofree char *bytes = g_malloc0 (1 << 20);

  memcpy (bytes, head, sizeof head);
  g_file_set_contents (fixture->path, bytes, 1 << 20, NULL);
  assert_not_loaded (fixture, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
}

#define ADD_PICTURE(name, func) \
  g_test_add ("/scan-read/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scan-read/plain", test_plain);
  g_test_add_func ("/scan-read/turned", test_turned);
  g_test_add_func ("/scan-read/small", test_small);
  g_test_add_func ("/scan-read/inverted", test_inverted);
  g_test_add_func ("/scan-read/several", test_several);
  g_test_add_func ("/scan-read/same-twice", test_same_twice);
  g_test_add_func ("/scan-read/nothing", test_nothing);
  g_test_add_func ("/scan-read/stride", test_stride);
  g_test_add_func ("/scan-read/large", test_large);
  g_test_add_func ("/scan-read/judge", test_judge);
  ADD_PICTURE ("picture", test_picture);
  ADD_PICTURE ("transparent", test_transparent);
  ADD_PICTURE ("no-picture", test_no_picture);
  ADD_PICTURE ("empty-file", test_empty_file);
  ADD_PICTURE ("bomb", test_bomb);
  return g_test_run ();
}
