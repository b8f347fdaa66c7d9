/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-scan-view.h"

#include "pst-scanner.h"

#include <glib/gi18n.h>

/* A hint about what was seen stays for so many looks that saw nothing, about
 * two seconds: every other look is for codes of the other ink. */
#define HINT_LOOKS 16

struct _PstScanView
{
  AdwBin parent_instance;

  GtkStack *stack;
  GtkPicture *picture;
  GtkLabel *hint;
  GtkSpinner *spinner;
  GtkImage *icon;
  GtkLabel *title;
  GtkLabel *advice;
  GtkButton *retry;

  PstScanState state;
  PstFrameSource *source;
  PstScanner *scanner;
  GCancellable *reading; /* of a picture file */
  guint looks_since_hint;
};

G_DEFINE_FINAL_TYPE (PstScanView, pst_scan_view, ADW_TYPE_BIN)

enum
{
  SIGNAL_FOUND,
  SIGNAL_CHOOSE_IMAGE,
  SIGNAL_CANCELLED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* What a state looks like; only those without a camera's picture have a title. */
typedef struct
{
  const char *icon; /* NULL: a spinner turns */
  const char *title;
  const char *advice;
  const char *retry; /* NULL: there is nothing to try again */
} Look;

static const Look looks[] = {
  [PST_SCAN_IDLE] = { "camera-photo-symbolic", N_ ("Scan a QR Code"), "", N_ ("Use _Camera") },
  [PST_SCAN_STARTING] = { NULL, N_ ("Starting the Camera…"),
                          N_ ("Allow Penstock to use the camera if you are asked."), NULL },
  [PST_SCAN_NO_CAMERA] = { "camera-disabled-symbolic", N_ ("No Camera Found"),
                           N_ ("Connect a camera and try again, or scan the code from an image."),
                           N_ ("_Try Again") },
  [PST_SCAN_NOT_ALLOWED] = { "camera-disabled-symbolic", N_ ("Camera Not Allowed"),
                             N_ ("Allow Penstock to use the camera in the system settings, or scan "
                                 "the code from an image."),
                             N_ ("_Try Again") },
  [PST_SCAN_FAILED]
  = { "camera-disabled-symbolic", N_ ("The Camera Stopped"),
      N_ ("Check that it is connected and that no other app uses it, then try again."),
      N_ ("_Try Again") },
  [PST_SCAN_READING_IMAGE] = { NULL, N_ ("Reading the Image…"), "", NULL },
  [PST_SCAN_IMAGE_FAILED] = { "image-x-generic-symbolic", N_ ("No QR Code Found"), "",
                              N_ ("Use _Camera") },
};

static void
show_look (PstScanView *self, const Look *look)
{
  gtk_stack_set_visible_child_name (self->stack, "message");
  gtk_spinner_set_spinning (self->spinner, look->icon == NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), look->icon == NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->icon), look->icon != NULL);
  gtk_image_set_from_icon_name (self->icon, look->icon);
  gtk_label_set_label (self->title, _ (look->title));
  gtk_label_set_label (self->advice, *look->advice != '\0' ? _ (look->advice) : "");
  gtk_widget_set_visible (GTK_WIDGET (self->advice), *look->advice != '\0');
  gtk_widget_set_visible (GTK_WIDGET (self->retry), look->retry != NULL);
  gtk_button_set_use_underline (self->retry, TRUE);
  gtk_button_set_label (self->retry, look->retry != NULL ? _ (look->retry) : "");
}

static void
show_hint (PstScanView *self, const char *hint)
{
  if (g_strcmp0 (gtk_label_get_label (self->hint), hint) != 0)
    gtk_label_set_label (self->hint, hint);
}

static void
show_first_hint (PstScanView *self)
{
  show_hint (self, _ ("Hold the QR code in front of the camera."));
}

static void
set_state (PstScanView *self, PstScanState state)
{
  self->state = state;
  if (state != PST_SCAN_SCANNING)
    {
      gtk_picture_set_paintable (self->picture, NULL);
      show_look (self, &looks[state]);
      return;
    }

  self->looks_since_hint = 0;
  gtk_spinner_set_spinning (self->spinner, FALSE);
  show_first_hint (self);
  gtk_stack_set_visible_child_name (self->stack, "preview");
}

static gboolean
is_camera_on (PstScanView *self)
{
  return self->state == PST_SCAN_STARTING || self->state == PST_SCAN_SCANNING;
}

static void
halt (PstScanView *self)
{
  gboolean was_on = is_camera_on (self);

  pst_scanner_cancel (self->scanner);
  if (self->reading != NULL)
    g_cancellable_cancel (self->reading);
  g_clear_object (&self->reading);
  if (was_on && self->source != NULL)
    pst_frame_source_stop (self->source);
}

static void
report_found (PstScanView *self, const char *text)
{
  g_autofree char *copy = g_strdup (text);

  pst_scan_view_stop (self);
  g_signal_emit (self, signals[SIGNAL_FOUND], 0, copy);
}

static const char *
outcome_sentence (PstScanOutcome outcome)
{
  switch (outcome)
    {
    case PST_SCAN_FOREIGN:
      return _ ("This QR code is not from Penstock.");
    case PST_SCAN_SEVERAL:
      return _ ("There are several QR codes. Show only one.");
    case PST_SCAN_NOTHING:
    case PST_SCAN_FOUND:
    default:
      return _ ("There is no QR code in this image.");
    }
}

static void
on_scanned (PstScanView *self, PstScanOutcome outcome, const char *text)
{
  if (self->state != PST_SCAN_SCANNING)
    return;

  if (outcome == PST_SCAN_FOUND)
    report_found (self, text);
  else if (outcome != PST_SCAN_NOTHING)
    {
      self->looks_since_hint = 0;
      show_hint (self, outcome_sentence (outcome));
    }
  else if (++self->looks_since_hint == HINT_LOOKS)
    show_first_hint (self);
}

static void
on_frame (PstScanView *self, const PstFrame *frame)
{
  g_autoptr (GdkTexture) texture = NULL;

  if (!is_camera_on (self))
    return;

  if (self->state == PST_SCAN_STARTING)
    set_state (self, PST_SCAN_SCANNING);
  texture = gdk_memory_texture_new (frame->width, frame->height, GDK_MEMORY_R8G8B8, frame->pixels,
                                    frame->stride_bytes);
  gtk_picture_set_paintable (self->picture, GDK_PAINTABLE (texture));
  pst_scanner_offer (self->scanner, frame, g_get_monotonic_time ());
}

static void
on_failed (PstScanView *self, const GError *error)
{
  if (!is_camera_on (self))
    return;

  pst_scanner_cancel (self->scanner);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    set_state (self, PST_SCAN_NO_CAMERA);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    set_state (self, PST_SCAN_NOT_ALLOWED);
  else
    set_state (self, PST_SCAN_FAILED);
}

/* A label that cannot be selected takes no focus by itself. */
static gboolean
focus_title (PstScanView *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (root == NULL)
    return FALSE;

  gtk_root_set_focus (root, GTK_WIDGET (self->title));
  return TRUE;
}

static const char *
read_error_sentence (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE))
    return _ ("The image is too large. Cut out the part with the code.");
  if (error->domain == GDK_PIXBUF_ERROR)
    return _ ("This file is not an image that Penstock can read.");

  return _ ("The file cannot be opened. Choose another one.");
}

static void
show_image_failure (PstScanView *self, const char *sentence)
{
  set_state (self, PST_SCAN_IMAGE_FAILED);
  gtk_label_set_label (self->advice, sentence);
  gtk_widget_set_visible (GTK_WIDGET (self->advice), TRUE);
  focus_title (self);
}

static void
on_image_read (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstScanView) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  PstScanOutcome outcome;

  if (g_task_get_cancellable (G_TASK (result)) != self->reading)
    return;

  g_clear_object (&self->reading);
  if (!pst_scanner_read_file_finish (result, &outcome, &text, &error))
    show_image_failure (self, read_error_sentence (error));
  else if (outcome != PST_SCAN_FOUND)
    show_image_failure (self, outcome_sentence (outcome));
  else
    report_found (self, text);
}

static void
on_retry (PstScanView *self)
{
  pst_scan_view_start (self);
}

static void
on_choose (PstScanView *self)
{
  g_signal_emit (self, signals[SIGNAL_CHOOSE_IMAGE], 0);
}

static void
on_cancel (PstScanView *self)
{
  pst_scan_view_stop (self);
  g_signal_emit (self, signals[SIGNAL_CANCELLED], 0);
}

/* Nobody is looked at by a camera whose picture is not on the screen. */
static void
pst_scan_view_unmap (GtkWidget *widget)
{
  pst_scan_view_stop (PST_SCAN_VIEW (widget));

  GTK_WIDGET_CLASS (pst_scan_view_parent_class)->unmap (widget);
}

static gboolean
pst_scan_view_grab_focus (GtkWidget *widget)
{
  PstScanView *self = PST_SCAN_VIEW (widget);

  if (self->state == PST_SCAN_SCANNING)
    return gtk_widget_child_focus (widget, GTK_DIR_TAB_FORWARD);

  return focus_title (self);
}

static void
pst_scan_view_dispose (GObject *object)
{
  PstScanView *self = PST_SCAN_VIEW (object);

  if (self->scanner != NULL)
    {
      halt (self);
      self->state = PST_SCAN_IDLE;
      pst_scan_view_set_source (self, NULL);
      g_signal_handlers_disconnect_by_data (self->scanner, self);
    }
  g_clear_object (&self->scanner);

  G_OBJECT_CLASS (pst_scan_view_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, PstScanView, stack);
  gtk_widget_class_bind_template_child (widget_class, PstScanView, picture);
  gtk_widget_class_bind_template_child (widget_class, PstScanView, hint);
  gtk_widget_class_bind_template_child (widget_class, PstScanView, spinner);
  gtk_widget_class_bind_template_child (widget_class, PstScanView, icon);
  gtk_widget_class_bind_template_child (widget_class, PstScanView, title);
  gtk_widget_class_bind_template_child (widget_class, PstScanView, advice);
  gtk_widget_class_bind_template_child (widget_class, PstScanView, retry);
  gtk_widget_class_bind_template_callback (widget_class, on_retry);
  gtk_widget_class_bind_template_callback (widget_class, on_choose);
  gtk_widget_class_bind_template_callback (widget_class, on_cancel);
}

static void
pst_scan_view_class_init (PstScanViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pst_scan_view_dispose;
  widget_class->unmap = pst_scan_view_unmap;
  widget_class->grab_focus = pst_scan_view_grab_focus;

  signals[SIGNAL_FOUND] = g_signal_new ("found", PST_TYPE_SCAN_VIEW, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_CHOOSE_IMAGE] = g_signal_new (
      "choose-image", PST_TYPE_SCAN_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_CANCELLED] = g_signal_new ("cancelled", PST_TYPE_SCAN_VIEW, G_SIGNAL_RUN_LAST, 0,
                                            NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/penstock/Penstock/scan/pst-scan-view.ui");
  bind_children (widget_class);
}

static void
pst_scan_view_init (PstScanView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  self->scanner = pst_scanner_new ();
  g_signal_connect_object (self->scanner, "scanned", G_CALLBACK (on_scanned), self,
                           G_CONNECT_SWAPPED);
  set_state (self, PST_SCAN_IDLE);
}

/**
 * pst_scan_view_new:
 *
 * Returns: (transfer floating): a view that has no source yet
 */
GtkWidget *
pst_scan_view_new (void)
{
  return g_object_new (PST_TYPE_SCAN_VIEW, NULL);
}

/**
 * pst_scan_view_set_source:
 * @self: the view
 * @source: (nullable): where pictures come from
 *
 * Gives the view another camera; stops the one it had.
 */
void
pst_scan_view_set_source (PstScanView *self, PstFrameSource *source)
{
  if (source == self->source)
    return;

  if (self->source != NULL)
    {
      if (is_camera_on (self))
        pst_scan_view_stop (self);
      g_signal_handlers_disconnect_by_data (self->source, self);
    }
  g_set_object (&self->source, source);
  if (source == NULL)
    return;

  g_signal_connect_object (source, "frame", G_CALLBACK (on_frame), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (source, "failed", G_CALLBACK (on_failed), self, G_CONNECT_SWAPPED);
}

/**
 * pst_scan_view_start:
 * @self: the view
 *
 * Begins to scan with the source; the one of this machine, if none was set.
 * Does nothing while it scans.
 */
void
pst_scan_view_start (PstScanView *self)
{
  g_autoptr (PstFrameSource) source = NULL;

  if (is_camera_on (self))
    return;

  if (self->source == NULL)
    {
      source = pst_frame_source_new_default ();
      pst_scan_view_set_source (self, source);
    }

  halt (self);
  set_state (self, PST_SCAN_STARTING);
  pst_frame_source_start (self->source);
}

/**
 * pst_scan_view_stop:
 * @self: the view
 *
 * Gives the camera back and forgets a picture that is being read. The view does
 * so by itself when it leaves the screen, and before `found`.
 */
void
pst_scan_view_stop (PstScanView *self)
{
  halt (self);
  if (self->state != PST_SCAN_IDLE)
    set_state (self, PST_SCAN_IDLE);
}

/**
 * pst_scan_view_scan_image:
 * @self: the view
 * @file: a picture
 *
 * Looks for a code in a picture file instead of the camera. Either `found`
 * follows, or the view says why not.
 */
void
pst_scan_view_scan_image (PstScanView *self, GFile *file)
{
  halt (self);
  set_state (self, PST_SCAN_READING_IMAGE);
  self->reading = g_cancellable_new ();
  pst_scanner_read_file_async (file, self->reading, on_image_read, g_object_ref (self));
}

/**
 * pst_scan_view_refuse_image:
 * @self: the view
 *
 * Says that the picture that was chosen cannot be had.
 */
void
pst_scan_view_refuse_image (PstScanView *self)
{
  halt (self);
  show_image_failure (self, _ ("The file cannot be opened. Choose another one."));
}

/**
 * pst_scan_view_get_state:
 * @self: the view
 *
 * Returns: what it shows
 */
PstScanState
pst_scan_view_get_state (PstScanView *self)
{
  return self->state;
}

/**
 * pst_scan_view_get_sentence:
 * @self: the view
 *
 * Returns: the sentence that stands in it now, translated; maybe empty
 */
const char *
pst_scan_view_get_sentence (PstScanView *self)
{
  return gtk_label_get_label (self->state == PST_SCAN_SCANNING ? self->hint : self->advice);
}
