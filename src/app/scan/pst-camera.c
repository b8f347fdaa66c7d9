/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-camera.h"

#include "pst-camera-finder.h"
#include "pst-frame-slot.h"
#include "pst-timer.h"

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>

/* Sharp enough for a code that fills a fifth of the picture; a frame of more
 * would only cost time on its way to the screen. */
#define CAPS "video/x-raw,format=RGB,width=(int)[1,1280],height=(int)[1,960],pixel-aspect-ratio=1/1"

/* Cameras need a second or two to wake up; one that shows nothing for so long
 * never will. */
#define FIRST_FRAME_MS 10000

/* A pipeline that is started and stopped by workers, since devices block when
 * they are opened and closed. Whichever comes first, it ends stopped. */
typedef struct
{
  gatomicrefcount ref_count;
  GMutex lock;
  GstElement *pipeline;
  gboolean stopped;
} Run;

typedef enum
{
  ORIGIN_DEVICE,
  ORIGIN_PORTAL,
  ORIGIN_PIPELINE
} Origin;

struct _PstCamera
{
  GObject parent_instance;

  Origin origin;
  char *description;

  GCancellable *cancellable; /* while it is started */
  Run *run;
  PstFrameSlot *slot;
  GSource *bus_watch;
  GSource *deadline;
  gboolean seen;
};

static void pst_camera_iface_init (PstFrameSourceInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PstCamera,
                               pst_camera,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (PST_TYPE_FRAME_SOURCE, pst_camera_iface_init))

static Run *
run_ref (Run *run)
{
  g_atomic_ref_count_inc (&run->ref_count);
  return run;
}

static void
run_unref (gpointer data)
{
  Run *run = data;

  if (!g_atomic_ref_count_dec (&run->ref_count))
    return;

  gst_object_unref (run->pipeline);
  g_mutex_clear (&run->lock);
  g_free (run);
}

static void
run_play (GstElement *pipeline, gpointer data)
{
  Run *run = data;

  g_mutex_lock (&run->lock);
  if (!run->stopped)
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_mutex_unlock (&run->lock);
}

static void
run_stop (GstElement *pipeline, gpointer data)
{
  Run *run = data;

  g_mutex_lock (&run->lock);
  run->stopped = TRUE;
  gst_element_set_state (pipeline, GST_STATE_NULL);
  g_mutex_unlock (&run->lock);
}

static Run *
run_new (GstElement *pipeline)
{
  Run *run = g_new0 (Run, 1);

  g_atomic_ref_count_init (&run->ref_count);
  g_mutex_init (&run->lock);
  run->pipeline = pipeline;
  gst_element_call_async (pipeline, run_play, run_ref (run), run_unref);

  return run;
}

static void
halt (PstCamera *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);

  pst_timer_clear (&self->deadline);
  pst_timer_clear (&self->bus_watch);
  if (self->slot != NULL)
    pst_frame_slot_close (self->slot);
  g_clear_pointer (&self->slot, pst_frame_slot_unref);

  if (self->run != NULL)
    gst_element_call_async (self->run->pipeline, run_stop, run_ref (self->run), run_unref);
  g_clear_pointer (&self->run, run_unref);
}

static void
fail (PstCamera *self, const GError *error)
{
  g_object_ref (self);
  halt (self);
  pst_frame_source_emit_failed (PST_FRAME_SOURCE (self), error);
  g_object_unref (self);
}

/* Before the first picture a resource that cannot be opened is a camera that is
 * not there; afterwards it is one that was unplugged. */
static GIOErrorEnum
map_error (const GError *error, gboolean seen)
{
  if (g_error_matches (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_AUTHORIZED))
    return G_IO_ERROR_PERMISSION_DENIED;
  if (g_error_matches (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_BUSY))
    return G_IO_ERROR_BUSY;
  if (!seen && g_error_matches (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND))
    return G_IO_ERROR_NOT_FOUND;

  return G_IO_ERROR_FAILED;
}

static void
fail_with (PstCamera *self, GIOErrorEnum code, const char *message)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, code, message);

  fail (self, error);
}

static gboolean
on_bus_message (GstBus *bus, GstMessage *message, gpointer data)
{
  PstCamera *self = data;
  g_autoptr (GError) error = NULL;

  switch (GST_MESSAGE_TYPE (message))
    {
    case GST_MESSAGE_ERROR:
      gst_message_parse_error (message, &error, NULL);
      fail_with (self, map_error (error, self->seen), error->message);
      return G_SOURCE_REMOVE;
    case GST_MESSAGE_EOS:
      fail_with (self, G_IO_ERROR_FAILED, "The camera stopped.");
      return G_SOURCE_REMOVE;
    default:
      return G_SOURCE_CONTINUE;
    }
}

static gboolean
on_deadline (gpointer data)
{
  fail_with (data, G_IO_ERROR_FAILED, "The camera shows nothing.");
  return G_SOURCE_REMOVE;
}

static void
on_frame (const PstFrame *frame, gpointer data)
{
  PstCamera *self = data;

  self->seen = TRUE;
  pst_timer_clear (&self->deadline);
  pst_frame_source_emit_frame (PST_FRAME_SOURCE (self), frame);
}

/* A copy, so that the camera gets its buffer back at once. */
static void
put_sample (PstFrameSlot *slot, GstSample *sample)
{
  GstVideoInfo info;
  GstVideoFrame mapped;
  PstFrame frame;

  if (!gst_video_info_from_caps (&info, gst_sample_get_caps (sample))
      || !gst_video_frame_map (&mapped, &info, gst_sample_get_buffer (sample), GST_MAP_READ))
    return;

  frame.width = GST_VIDEO_FRAME_WIDTH (&mapped);
  frame.height = GST_VIDEO_FRAME_HEIGHT (&mapped);
  frame.stride_bytes = GST_VIDEO_FRAME_PLANE_STRIDE (&mapped, 0);
  frame.pixels = g_bytes_new (GST_VIDEO_FRAME_PLANE_DATA (&mapped, 0),
                              frame.stride_bytes * frame.height);
  gst_video_frame_unmap (&mapped);

  pst_frame_slot_put (slot, &frame);
  g_bytes_unref (frame.pixels);
}

/* In the streaming thread. */
static GstFlowReturn
on_sample (GstAppSink *sink, gpointer data)
{
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);

  if (sample != NULL)
    put_sample (data, sample);
  return GST_FLOW_OK;
}

static GstElement *
make_sink (PstFrameSlot *slot)
{
  GstElement *sink = gst_element_factory_make ("appsink", NULL);
  GstAppSinkCallbacks callbacks = { .new_sample = on_sample };
  g_autoptr (GstCaps) caps = gst_caps_from_string (CAPS);

  if (sink == NULL)
    return NULL;

  g_object_set (sink, "caps", caps, "drop", TRUE, "max-buffers", 1, "sync", FALSE, NULL);
  gst_app_sink_set_callbacks (GST_APP_SINK (sink), &callbacks, pst_frame_slot_ref (slot),
                              (GDestroyNotify)pst_frame_slot_unref);
  return sink;
}

static GstElement *
make_pipeline (GstElement *source, PstFrameSlot *slot)
{
  GstElement *pipeline = gst_pipeline_new (NULL);
  GstElement *convert = gst_element_factory_make ("videoconvert", NULL);
  GstElement *scale = gst_element_factory_make ("videoscale", NULL);
  GstElement *sink = make_sink (slot);

  gst_object_ref_sink (pipeline);
  if (convert == NULL || scale == NULL || sink == NULL)
    {
      g_clear_pointer (&convert, gst_object_unref);
      g_clear_pointer (&scale, gst_object_unref);
      g_clear_pointer (&sink, gst_object_unref);
      g_clear_pointer (&pipeline, gst_object_unref);
      return NULL;
    }

  gst_bin_add_many (GST_BIN (pipeline), source, convert, scale, sink, NULL);
  if (!gst_element_link_many (source, convert, scale, sink, NULL))
    g_clear_pointer (&pipeline, gst_object_unref);
  return pipeline;
}

static void
watch_bus (PstCamera *self, GstElement *pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);

  self->bus_watch = gst_bus_create_watch (bus);
  g_source_set_callback (self->bus_watch, G_SOURCE_FUNC (on_bus_message), self, NULL);
  g_source_attach (self->bus_watch, g_main_context_get_thread_default ());
}

static void
play (PstCamera *self, GstElement *source)
{
  GstElement *pipeline;

  self->slot = pst_frame_slot_new (on_frame, self);
  pipeline = make_pipeline (source, self->slot);
  if (pipeline == NULL)
    {
      fail_with (self, G_IO_ERROR_FAILED, "GStreamer lacks what pictures of a camera need.");
      return;
    }

  watch_bus (self, pipeline);
  pst_timer_set (&self->deadline, FIRST_FRAME_MS, on_deadline, self);
  self->run = run_new (pipeline);
}

static void
on_found (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstCamera) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) source = pst_camera_find_finish (result, &error);

  /* A search of an earlier start may end after the next one began. */
  if (self->cancellable == NULL || g_task_get_cancellable (G_TASK (result)) != self->cancellable)
    return;

  if (source != NULL)
    play (self, source);
  else
    fail (self, error);
}

static void
parse_description (PstCamera *self)
{
  GTask *task = g_task_new (NULL, self->cancellable, on_found, g_object_ref (self));
  GError *error = NULL;
  GstElement *element = gst_parse_bin_from_description (self->description, TRUE, &error);

  if (element != NULL)
    g_task_return_pointer (task, gst_object_ref_sink (element), gst_object_unref);
  else
    g_task_return_error (task, error);
  g_object_unref (task);
}

static void
pst_camera_start (PstFrameSource *source)
{
  PstCamera *self = PST_CAMERA (source);

  if (self->cancellable != NULL)
    return;

  gst_init (NULL, NULL);
  self->cancellable = g_cancellable_new ();
  self->seen = FALSE;
  if (self->origin == ORIGIN_PIPELINE)
    parse_description (self);
  else if (self->origin == ORIGIN_PORTAL)
    pst_camera_find_portal_async (self->cancellable, on_found, g_object_ref (self));
  else
    pst_camera_find_device_async (self->cancellable, on_found, g_object_ref (self));
}

static void
pst_camera_stop (PstFrameSource *source)
{
  halt (PST_CAMERA (source));
}

static void
pst_camera_iface_init (PstFrameSourceInterface *iface)
{
  iface->start = pst_camera_start;
  iface->stop = pst_camera_stop;
}

static void
pst_camera_dispose (GObject *object)
{
  halt (PST_CAMERA (object));

  G_OBJECT_CLASS (pst_camera_parent_class)->dispose (object);
}

static void
pst_camera_finalize (GObject *object)
{
  g_free (PST_CAMERA (object)->description);

  G_OBJECT_CLASS (pst_camera_parent_class)->finalize (object);
}

static void
pst_camera_class_init (PstCameraClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = pst_camera_dispose;
  object_class->finalize = pst_camera_finalize;
}

static void
pst_camera_init (PstCamera *self)
{
}

/**
 * pst_camera_new:
 *
 * Returns: (transfer full): the camera as this program may have it: from the
 *   portal in a Flatpak sandbox, from the system otherwise
 */
PstFrameSource *
pst_camera_new (void)
{
  PstCamera *self = g_object_new (PST_TYPE_CAMERA, NULL);

  self->origin = g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS) ? ORIGIN_PORTAL : ORIGIN_DEVICE;
  return PST_FRAME_SOURCE (self);
}

/**
 * pst_camera_new_for_portal:
 *
 * Returns: (transfer full): the camera as a sandboxed program gets it
 */
PstFrameSource *
pst_camera_new_for_portal (void)
{
  PstCamera *self = g_object_new (PST_TYPE_CAMERA, NULL);

  self->origin = ORIGIN_PORTAL;
  return PST_FRAME_SOURCE (self);
}

/**
 * pst_camera_new_for_pipeline:
 * @description: elements in the notation of gst-launch whose last one gives
 *   pictures, such as `videotestsrc`
 *
 * Returns: (transfer full): a source of these pictures
 */
PstFrameSource *
pst_camera_new_for_pipeline (const char *description)
{
  PstCamera *self = g_object_new (PST_TYPE_CAMERA, NULL);

  self->origin = ORIGIN_PIPELINE;
  self->description = g_strdup (description);
  return PST_FRAME_SOURCE (self);
}
