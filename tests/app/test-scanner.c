/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-camera.h"
#include "pst-folder-source.h"
#include "pst-frame-slot.h"
#include "pst-qr-frame.h"
#include "pst-scanner.h"

#include <glib/gstdio.h>

#define CODE        "4-adroitness-adrift-adroitness"
#define DEADLINE_S  20
#define INTERVAL_US (G_USEC_PER_SEC / PST_SCANNER_MAX_PER_SECOND)
#define FRAME_US    (G_USEC_PER_SEC / 30)

static gboolean
on_deadline (gpointer data)
{
  g_error ("Nothing came within %d s.", DEADLINE_S);
  return G_SOURCE_REMOVE;
}

#define WAIT_UNTIL(condition)                                               \
  G_STMT_START                                                              \
  {                                                                         \
    guint deadline = g_timeout_add_seconds (DEADLINE_S, on_deadline, NULL); \
                                                                            \
    while (!(condition))                                                    \
      g_main_context_iteration (NULL, TRUE);                                \
    g_source_remove (deadline);                                             \
  }                                                                         \
  G_STMT_END

/* What a scanner said last. */
typedef struct
{
  guint n;
  PstScanOutcome outcome;
  char *text;
} Seen;

static void
on_scanned (PstScanner *scanner, PstScanOutcome outcome, const char *text, Seen *seen)
{
  seen->n++;
  seen->outcome = outcome;
  g_free (seen->text);
  seen->text = g_strdup (text);
}

static void
draw_code (PstFrame *frame)
{
  pst_qr_frame_init (frame, 640, 480, 200);
  pst_qr_frame_draw (frame, CODE, 6, 100, 60, 0);
}

static void
test_found (void)
{
  g_autoptr (PstScanner) scanner = pst_scanner_new ();
  g_auto (PstFrame) frame = { 0 };
  Seen seen = { 0 };

  g_signal_connect (scanner, "scanned", G_CALLBACK (on_scanned), &seen);
  draw_code (&frame);
  g_assert_true (pst_scanner_offer (scanner, &frame, 0));
  g_assert_cmpuint (seen.n, ==, 0);
  WAIT_UNTIL (seen.n == 1);
  g_assert_cmpint (seen.outcome, ==, PST_SCAN_FOUND);
  g_assert_cmpstr (seen.text, ==, CODE);
  g_free (seen.text);
}

/* Dark and light codes take turns: of two looks one sees it. */
static void
test_light_in_turn (void)
{
  g_autoptr (PstScanner) scanner = pst_scanner_new ();
  g_auto (PstFrame) frame = { 0 };
  Seen seen = { 0 };

  g_signal_connect (scanner, "scanned", G_CALLBACK (on_scanned), &seen);
  draw_code (&frame);
  pst_qr_frame_invert (&frame);
  g_assert_true (pst_scanner_offer (scanner, &frame, 0));
  WAIT_UNTIL (seen.n == 1);
  g_assert_cmpint (seen.outcome, ==, PST_SCAN_NOTHING);
  g_assert_true (pst_scanner_offer (scanner, &frame, INTERVAL_US));
  WAIT_UNTIL (seen.n == 2);
  g_assert_cmpint (seen.outcome, ==, PST_SCAN_FOUND);
  g_free (seen.text);
}

/* A camera of 30 pictures a second for ten seconds of its own time. */
static void
test_rate (void)
{
  g_autoptr (PstScanner) scanner = pst_scanner_new ();
  g_auto (PstFrame) frame = { 0 };
  Seen seen = { 0 };
  guint n_looks = 0;

  g_signal_connect (scanner, "scanned", G_CALLBACK (on_scanned), &seen);
  pst_qr_frame_init (&frame, 64, 64, 255);
  for (guint i = 0; i < 300; i++)
    if (pst_scanner_offer (scanner, &frame, i * FRAME_US))
      {
        n_looks++;
        WAIT_UNTIL (seen.n == n_looks);
      }

  g_assert_cmpuint (n_looks, <=, 10 * PST_SCANNER_MAX_PER_SECOND);
  g_assert_cmpuint (n_looks, >=, 70);
}

static void
test_one_in_flight (void)
{
  g_autoptr (PstScanner) scanner = pst_scanner_new ();
  g_auto (PstFrame) frame = { 0 };
  Seen seen = { 0 };

  g_signal_connect (scanner, "scanned", G_CALLBACK (on_scanned), &seen);
  draw_code (&frame);
  g_assert_true (pst_scanner_offer (scanner, &frame, 0));
  for (guint i = 1; i < 100; i++)
    g_assert_false (pst_scanner_offer (scanner, &frame, i * G_USEC_PER_SEC));
  WAIT_UNTIL (seen.n == 1);
  g_assert_true (pst_scanner_offer (scanner, &frame, 200 * G_USEC_PER_SEC));
  WAIT_UNTIL (seen.n == 2);
  g_free (seen.text);
}

/* Nothing is heard of a look that was cancelled; the next one works. */
static void
test_cancel (void)
{
  g_autoptr (PstScanner) scanner = pst_scanner_new ();
  g_auto (PstFrame) frame = { 0 };
  Seen seen = { 0 };

  g_signal_connect (scanner, "scanned", G_CALLBACK (on_scanned), &seen);
  draw_code (&frame);
  g_assert_true (pst_scanner_offer (scanner, &frame, 0));
  pst_scanner_cancel (scanner);
  WAIT_UNTIL (pst_scanner_offer (scanner, &frame, 2 * G_USEC_PER_SEC));
  g_assert_cmpuint (seen.n, ==, 0);
  WAIT_UNTIL (seen.n == 1);
  g_free (seen.text);
}

/* Pictures through the slot. */
typedef struct
{
  guint n;
  guint last_width;
  GThread *thread;
} Got;

static void
on_slot_frame (const PstFrame *frame, gpointer data)
{
  Got *got = data;

  got->n++;
  got->last_width = frame->width;
  got->thread = g_thread_self ();
}

static gpointer
put_hundred (gpointer data)
{
  g_autoptr (PstFrameSlot) slot = data;

  for (guint i = 1; i <= 100; i++)
    {
      g_auto (PstFrame) frame = { 0 };

      pst_qr_frame_init (&frame, i, 1, 0);
      pst_frame_slot_put (slot, &frame);
    }

  return NULL;
}

/* The owner slept: it gets the newest picture, once. */
static void
test_slot_newest (void)
{
  Got got = { 0 };
  g_autoptr (PstFrameSlot) slot = pst_frame_slot_new (on_slot_frame, &got);

  g_thread_join (g_thread_new ("streaming", put_hundred, pst_frame_slot_ref (slot)));
  WAIT_UNTIL (got.n > 0);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (got.n, ==, 1);
  g_assert_cmpuint (got.last_width, ==, 100);
  g_assert_true (got.thread == g_thread_self ());
  pst_frame_slot_close (slot);
}

static void
test_slot_closed (void)
{
  Got got = { 0 };
  PstFrameSlot *slot = pst_frame_slot_new (on_slot_frame, &got);
  GThread *thread = g_thread_new ("streaming", put_hundred, pst_frame_slot_ref (slot));

  pst_frame_slot_close (slot);
  pst_frame_slot_unref (slot);
  g_thread_join (thread);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (got.n, ==, 0);
}

/* What a source said. */
typedef struct
{
  guint n_frames;
  guint width;
  guint height;
  guint n_failed;
  GQuark domain;
  int code;
  GBytes *pixels;
  gsize stride_bytes;
} Heard;

static void
on_frame (PstFrameSource *source, const PstFrame *frame, Heard *heard)
{
  heard->n_frames++;
  heard->width = frame->width;
  heard->height = frame->height;
  heard->stride_bytes = frame->stride_bytes;
  g_clear_pointer (&heard->pixels, g_bytes_unref);
  heard->pixels = g_bytes_ref (frame->pixels);
}

static void
on_failed (PstFrameSource *source, const GError *error, Heard *heard)
{
  g_test_message ("%s", error->message);
  heard->n_failed++;
  heard->domain = error->domain;
  heard->code = error->code;
}

static void
listen (PstFrameSource *source, Heard *heard)
{
  g_signal_connect (source, "frame", G_CALLBACK (on_frame), heard);
  g_signal_connect (source, "failed", G_CALLBACK (on_failed), heard);
  pst_frame_source_start (source);
  g_assert_cmpuint (heard->n_frames + heard->n_failed, ==, 0);
}

static void
assert_fails (PstFrameSource *source, GIOErrorEnum code)
{
  Heard heard = { 0 };

  listen (source, &heard);
  WAIT_UNTIL (heard.n_failed > 0);
  g_assert_cmpuint (heard.n_failed, ==, 1);
  g_assert_true (heard.domain == G_IO_ERROR);
  g_assert_cmpint (heard.code, ==, code);
  g_clear_pointer (&heard.pixels, g_bytes_unref);
}

static void
test_camera_frames (void)
{
  g_autoptr (PstFrameSource) camera = pst_camera_new_for_pipeline (
      "videotestsrc is-live=true pattern=red ! video/x-raw,format=YUY2,width=322,height=240 ! identity");
  Heard heard = { 0 };
  const guint8 *pixels;

  listen (camera, &heard);
  WAIT_UNTIL (heard.n_frames >= 3);
  g_assert_cmpuint (heard.width, ==, 322);
  g_assert_cmpuint (heard.height, ==, 240);
  g_assert_cmpuint (heard.stride_bytes, >=, 322 * 3);
  g_assert_cmpuint (g_bytes_get_size (heard.pixels), ==, heard.stride_bytes * 240);
  pixels = g_bytes_get_data (heard.pixels, NULL);
  g_assert_cmpuint (pixels[0], >, 200);
  g_assert_cmpuint (pixels[1], <, 50);
  g_assert_cmpuint (pixels[2], <, 50);

  /* Silence after stop, pictures again after another start. */
  pst_frame_source_stop (camera);
  heard.n_frames = 0;
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (heard.n_frames, ==, 0);
  pst_frame_source_start (camera);
  WAIT_UNTIL (heard.n_frames > 0);
  pst_frame_source_stop (camera);
  g_assert_cmpuint (heard.n_failed, ==, 0);
  g_bytes_unref (heard.pixels);
}

static void
test_camera_large (void)
{
  g_autoptr (PstFrameSource) camera = pst_camera_new_for_pipeline (
      "videotestsrc is-live=true ! video/x-raw,width=2560,height=1920 ! identity");
  Heard heard = { 0 };

  listen (camera, &heard);
  WAIT_UNTIL (heard.n_frames > 0);
  g_assert_cmpuint (heard.width, ==, 1280);
  g_assert_cmpuint (heard.height, ==, 960);
  g_bytes_unref (heard.pixels);
}

/* As soon as the pictures are flowing, the device is gone. */
static void
test_camera_unplugged (void)
{
  g_autoptr (PstFrameSource) camera = pst_camera_new_for_pipeline (
      "videotestsrc is-live=true ! video/x-raw,width=64,height=64 ! identity error-after=5");

  assert_fails (camera, G_IO_ERROR_FAILED);
}

static void
test_camera_ends (void)
{
  g_autoptr (PstFrameSource) camera = pst_camera_new_for_pipeline (
      "videotestsrc num-buffers=2 ! video/x-raw,width=64,height=64 ! identity");

  assert_fails (camera, G_IO_ERROR_FAILED);
}

static void
test_camera_missing (void)
{
  g_autoptr (PstFrameSource) camera = pst_camera_new_for_pipeline (
      "filesrc location=/nonexistent ! decodebin ! videoconvert");

  assert_fails (camera, G_IO_ERROR_NOT_FOUND);
}

static void
test_camera_dropped (void)
{
  for (guint i = 0; i < 10; i++)
    {
      PstFrameSource *camera = pst_camera_new_for_pipeline (
          "videotestsrc ! video/x-raw,width=64,height=64 ! identity");
      gpointer weak = camera;
      Heard heard = { 0 };

      g_object_add_weak_pointer (G_OBJECT (camera), &weak);
      listen (camera, &heard);
      if (i % 2 == 0)
        WAIT_UNTIL (heard.n_frames > 0);
      pst_frame_source_stop (camera);
      g_object_unref (camera);
      WAIT_UNTIL (weak == NULL);
      g_clear_pointer (&heard.pixels, g_bytes_unref);
    }
}

/* A session bus without a desktop behind it. */
static void
test_portal_absent (void)
{
  g_autoptr (GTestDBus) bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  PstFrameSource *camera;

  g_test_dbus_up (bus);
  camera = pst_camera_new_for_portal ();
  assert_fails (camera, G_IO_ERROR_NOT_FOUND);
  g_object_unref (camera);
  g_test_dbus_down (bus);
}

typedef struct
{
  char *folder;
  char *path;
} Folder;

static void
set_up_folder (Folder *folder, gconstpointer data)
{
  folder->folder = g_dir_make_tmp ("pst-camera-XXXXXX", NULL);
  folder->path = g_build_filename (folder->folder, "1.png", NULL);
}

static void
tear_down_folder (Folder *folder, gconstpointer data)
{
  g_unlink (folder->path);
  g_rmdir (folder->folder);
  g_free (folder->path);
  g_free (folder->folder);
}

static void
test_folder (Folder *folder, gconstpointer data)
{
  g_auto (PstFrame) frame = { 0 };
  g_autoptr (PstFrameSource) source = NULL;
  Heard heard = { 0 };

  draw_code (&frame);
  pst_qr_frame_save (&frame, folder->path);
  g_setenv ("PST_CAMERA_IMAGES", folder->folder, TRUE);
  source = pst_frame_source_new_default ();
  g_unsetenv ("PST_CAMERA_IMAGES");
  g_assert_true (PST_IS_FOLDER_SOURCE (source));

  listen (source, &heard);
  WAIT_UNTIL (heard.n_frames >= 2);
  g_assert_true (g_bytes_equal (heard.pixels, frame.pixels));
  g_bytes_unref (heard.pixels);
}

static void
test_folder_empty (Folder *folder, gconstpointer data)
{
  g_autoptr (PstFrameSource) source = pst_folder_source_new (folder->folder);

  assert_fails (source, G_IO_ERROR_NOT_FOUND);
}

static void
test_default (void)
{
  g_autoptr (PstFrameSource) source = pst_frame_source_new_default ();

  g_assert_true (PST_IS_CAMERA (source));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scanner/found", test_found);
  g_test_add_func ("/scanner/light-in-turn", test_light_in_turn);
  g_test_add_func ("/scanner/rate", test_rate);
  g_test_add_func ("/scanner/one-in-flight", test_one_in_flight);
  g_test_add_func ("/scanner/cancel", test_cancel);
  g_test_add_func ("/frame-slot/newest", test_slot_newest);
  g_test_add_func ("/frame-slot/closed", test_slot_closed);
  g_test_add_func ("/camera/portal-absent", test_portal_absent);
  g_test_add_func ("/camera/frames", test_camera_frames);
  g_test_add_func ("/camera/large", test_camera_large);
  g_test_add_func ("/camera/unplugged", test_camera_unplugged);
  g_test_add_func ("/camera/ends", test_camera_ends);
  g_test_add_func ("/camera/missing", test_camera_missing);
  g_test_add_func ("/camera/dropped", test_camera_dropped);
  g_test_add_func ("/camera/default", test_default);
  g_test_add ("/camera/folder", Folder, NULL, set_up_folder, test_folder, tear_down_folder);
  g_test_add ("/camera/folder-empty", Folder, NULL, set_up_folder, test_folder_empty,
              tear_down_folder);
  return g_test_run ();
}
