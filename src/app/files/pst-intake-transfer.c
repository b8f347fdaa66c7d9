/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drops and the clipboard: what is read from another program comes later, or
 * never. */
#include "pst-intake.h"

#include <glib/gi18n.h>

#include "pst-destination.h"
#include "pst-error.h"

typedef struct
{
  PstIntakeFunc func;
  gpointer user_data;
  GDestroyNotify destroy;
} Taker;

static Taker *
taker_new (PstIntakeFunc func, gpointer user_data, GDestroyNotify destroy)
{
  Taker *taker = g_rc_box_new0 (Taker);

  taker->func = func;
  taker->user_data = user_data;
  taker->destroy = destroy;
  return taker;
}

static void
taker_clear (gpointer data)
{
  Taker *taker = data;

  if (taker->destroy != NULL)
    taker->destroy (taker->user_data);
}

static void
taker_unref (Taker *taker)
{
  g_rc_box_release_full (taker, taker_clear);
}

static void
taker_unref_closure (gpointer data, GClosure *closure)
{
  taker_unref (data);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Taker, taker_unref)

/* @value: (nullable): NULL when it could not be read; a list of no files is NULL too */
static GListModel *
list_files (const GValue *value)
{
  GListStore *files = g_list_store_new (G_TYPE_FILE);
  GdkFileList *boxed = NULL;
  g_autoptr (GSList) list = NULL;

  if (value != NULL && G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST))
    boxed = g_value_get_boxed (value);
  if (boxed != NULL)
    list = gdk_file_list_get_files (boxed);
  for (GSList *at = list; at != NULL; at = at->next)
    g_list_store_append (files, at->data);

  return G_LIST_MODEL (files);
}

static void
hand_over (Taker *taker, GListModel *files)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) paths = pst_intake_check (files, &error);

  taker->func (paths, error, taker->user_data);
}

static void
on_drop_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GdkDrop *drop = GDK_DROP (source);
  g_autoptr (Taker) taker = user_data;
  const GValue *value = gdk_drop_read_value_finish (drop, result, NULL);
  g_autoptr (GListModel) files = list_files (value);

  gdk_drop_finish (drop, g_list_model_get_n_items (files) > 0 ? GDK_ACTION_COPY : 0);
  hand_over (taker, files);
}

static void
set_active (GtkEventController *target, gboolean active)
{
  GtkWidget *widget = gtk_event_controller_get_widget (target);

  if (active)
    gtk_widget_set_state_flags (widget, GTK_STATE_FLAG_DROP_ACTIVE, FALSE);
  else
    gtk_widget_unset_state_flags (widget, GTK_STATE_FLAG_DROP_ACTIVE);
}

static GdkDragAction
on_drag_enter (GtkDropTargetAsync *target, GdkDrop *drop, double x, double y, gpointer user_data)
{
  set_active (GTK_EVENT_CONTROLLER (target), TRUE);
  return GDK_ACTION_COPY;
}

static void
on_drag_leave (GtkDropTargetAsync *target, GdkDrop *drop, gpointer user_data)
{
  set_active (GTK_EVENT_CONTROLLER (target), FALSE);
}

static gboolean
on_drop (GtkDropTargetAsync *target, GdkDrop *drop, double x, double y, gpointer user_data)
{
  Taker *taker = user_data;

  set_active (GTK_EVENT_CONTROLLER (target), FALSE);
  gdk_drop_read_value_async (drop, GDK_TYPE_FILE_LIST, G_PRIORITY_DEFAULT, NULL, on_drop_read,
                             g_rc_box_acquire (taker));
  return TRUE;
}

/**
 * pst_intake_drop_target_new:
 * @func: told about each drop, never silently left out
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data when the target is gone and the last drop
 *   has been told about
 *
 * Makes a target for files and folders. While something hangs over its widget,
 * that has the state %GTK_STATE_FLAG_DROP_ACTIVE (`:drop(active)` in CSS).
 *
 * It is no #GtkDropTarget, because that one says nothing when the files cannot be
 * read, as when the portal hides a folder.
 *
 * Returns: (transfer full): a #GtkDropTargetAsync
 */
GtkEventController *
pst_intake_drop_target_new (PstIntakeFunc func, gpointer user_data, GDestroyNotify destroy)
{
  GdkContentFormats *formats = gdk_content_formats_union_deserialize_mime_types (
      gdk_content_formats_new_for_gtype (GDK_TYPE_FILE_LIST));
  GtkDropTargetAsync *target = gtk_drop_target_async_new (formats, GDK_ACTION_COPY);

  g_signal_connect (target, "drag-enter", G_CALLBACK (on_drag_enter), NULL);
  g_signal_connect (target, "drag-leave", G_CALLBACK (on_drag_leave), NULL);
  g_signal_connect_data (target, "drop", G_CALLBACK (on_drop), taker_new (func, user_data, destroy),
                         taker_unref_closure, 0);
  return GTK_EVENT_CONTROLLER (target);
}

static void
say (Taker *taker, const char *sentence)
{
  g_autoptr (GError) error = g_error_new_literal (PST_ERROR, PST_ERROR_SOURCE, sentence);

  taker->func (NULL, error, taker->user_data);
}

static void
on_clipboard_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GdkClipboard *clipboard = GDK_CLIPBOARD (source);
  g_autoptr (Taker) taker = user_data;
  g_autoptr (GError) unread = NULL;
  const GValue *value = gdk_clipboard_read_value_finish (clipboard, result, &unread);
  g_autoptr (GListModel) files = list_files (value);

  if (g_list_model_get_n_items (files) > 0)
    hand_over (taker, files);
  else if (!g_error_matches (unread, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED)
           && pst_destination_is_sandboxed ())
    /* There were some, but they may not be seen. Translators: “Choose Folder” is a button. */
    say (taker, _ ("Folders cannot be pasted here. Use Choose Folder."));
  else
    say (taker, _ ("There are no files on the clipboard."));
}

/**
 * pst_intake_paste:
 * @clipboard: where to look
 * @func: told once what was there
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data after that
 *
 * Takes files and folders that were copied in a file manager.
 */
void
pst_intake_paste (GdkClipboard *clipboard,
                  PstIntakeFunc func,
                  gpointer user_data,
                  GDestroyNotify destroy)
{
  gdk_clipboard_read_value_async (clipboard, GDK_TYPE_FILE_LIST, G_PRIORITY_DEFAULT, NULL,
                                  on_clipboard_read, taker_new (func, user_data, destroy));
}
