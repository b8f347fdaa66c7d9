/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-clipboard-watch.h"

#include "pst-clipboard-text.h"
#include "pst-weak.h"

struct _PstClipboardWatch
{
  GObject parent_instance;

  GtkWidget *widget; /* not owned; NULL once it is gone */
  GtkWindow *window; /* while the widget is on the screen; not owned */
  GCancellable *reading;
};

G_DEFINE_FINAL_TYPE (PstClipboardWatch, pst_clipboard_watch, G_TYPE_OBJECT)

enum
{
  SIGNAL_READ,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* The clipboard's owner may never answer; the watch does not wait for that. */
static void
on_read (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstClipboardWatch) self = g_weak_ref_get (user_data);
  g_autofree char *text = NULL;

  pst_weak_ref_free (user_data);
  if (self == NULL || g_task_get_cancellable (G_TASK (result)) != self->reading)
    return;

  g_clear_object (&self->reading);
  text = pst_clipboard_text_finish (result, NULL);
  g_signal_emit (self, signals[SIGNAL_READ], 0, text);
}

static void
stop_reading (PstClipboardWatch *self)
{
  if (self->reading != NULL)
    g_cancellable_cancel (self->reading);
  g_clear_object (&self->reading);
}

/* Somebody who went to fetch the code in another program comes back with it on
 * the clipboard. It is looked at only while they are here. */
static void
look (PstClipboardWatch *self)
{
  if (!gtk_window_is_active (self->window))
    return;

  stop_reading (self);
  self->reading = g_cancellable_new ();
  pst_clipboard_text_async (gtk_widget_get_clipboard (self->widget), self->reading, on_read,
                            pst_weak_ref_new (self));
}

static void
on_map (PstClipboardWatch *self)
{
  GtkRoot *root = gtk_widget_get_root (self->widget);

  if (!GTK_IS_WINDOW (root))
    return;

  self->window = GTK_WINDOW (root);
  g_signal_connect_object (self->window, "notify::is-active", G_CALLBACK (look), self,
                           G_CONNECT_SWAPPED);
  look (self);
}

static void
on_unmap (PstClipboardWatch *self)
{
  stop_reading (self);
  if (self->window != NULL)
    g_signal_handlers_disconnect_by_func (self->window, look, self);
  self->window = NULL;
}

static void
pst_clipboard_watch_dispose (GObject *object)
{
  PstClipboardWatch *self = PST_CLIPBOARD_WATCH (object);

  on_unmap (self);
  g_clear_weak_pointer (&self->widget);

  G_OBJECT_CLASS (pst_clipboard_watch_parent_class)->dispose (object);
}

static void
pst_clipboard_watch_class_init (PstClipboardWatchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = pst_clipboard_watch_dispose;

  signals[SIGNAL_READ] = g_signal_new ("read", PST_TYPE_CLIPBOARD_WATCH, G_SIGNAL_RUN_LAST, 0, NULL,
                                       NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
pst_clipboard_watch_init (PstClipboardWatch *self)
{
}

/**
 * pst_clipboard_watch_new:
 * @widget: a widget that is not on the screen yet
 *
 * Returns: (transfer full): what watches the clipboard for it, and does not keep it
 */
PstClipboardWatch *
pst_clipboard_watch_new (GtkWidget *widget)
{
  PstClipboardWatch *self = g_object_new (PST_TYPE_CLIPBOARD_WATCH, NULL);

  g_set_weak_pointer (&self->widget, widget);
  g_signal_connect_object (widget, "map", G_CALLBACK (on_map), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (widget, "unmap", G_CALLBACK (on_unmap), self, G_CONNECT_SWAPPED);
  return self;
}
