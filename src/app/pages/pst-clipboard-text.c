/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-clipboard-text.h"

#include "pst-invite.h"

#include <string.h>

/* One more than a link may have: what fills it is too long. */
#define BUFFER_BYTES (PST_INVITE_MAX_BYTES + 1)

static const char *text_types[] = { "text/plain;charset=utf-8", "UTF8_STRING", "text/plain", NULL };

static void
return_nothing (GTask *task)
{
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "The clipboard holds no code.");
}

static void
on_bytes (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const char *buffer = g_task_get_task_data (task);
  GError *error = NULL;
  gsize n_bytes;

  if (!g_input_stream_read_all_finish (G_INPUT_STREAM (object), result, &n_bytes, &error))
    g_task_return_error (task, error);
  else if (n_bytes == BUFFER_BYTES || !g_utf8_validate_len (buffer, n_bytes, NULL))
    return_nothing (task);
  else
    g_task_return_pointer (task, g_strndup (buffer, n_bytes), g_free);
}

static void
on_stream (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (GInputStream) stream = gdk_clipboard_read_finish (GDK_CLIPBOARD (object), result, NULL,
                                                               &error);
  gpointer buffer;

  if (stream == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  buffer = g_malloc (BUFFER_BYTES);
  g_task_set_task_data (task, buffer, g_free);
  g_input_stream_read_all_async (stream, buffer, BUFFER_BYTES, G_PRIORITY_DEFAULT, NULL, on_bytes,
                                 g_steal_pointer (&task));
}

static gboolean
has_text (GdkClipboard *clipboard)
{
  GdkContentFormats *formats = gdk_clipboard_get_formats (clipboard);

  for (guint i = 0; text_types[i] != NULL; i++)
    if (gdk_content_formats_contain_mime_type (formats, text_types[i]))
      return TRUE;

  return gdk_content_formats_contain_gtype (formats, G_TYPE_STRING);
}

/**
 * pst_clipboard_text_async:
 * @clipboard: the clipboard
 * @cancellable: (nullable): makes the result an error
 * @callback: called when it is read
 * @user_data: for @callback
 *
 * Reads the clipboard if it holds text, and of it no more than a link may have.
 * What is cancelled is still read, and then forgotten: GDK's pipe from one
 * widget to another of the same program does not wake up for a cancellation.
 */
void
pst_clipboard_text_async (GdkClipboard *clipboard,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_name (task, "pst_clipboard_text_async");
  if (has_text (clipboard))
    gdk_clipboard_read_async (clipboard, text_types, G_PRIORITY_DEFAULT, NULL, on_stream,
                              g_steal_pointer (&task));
  else
    return_nothing (task);
}

/**
 * pst_clipboard_text_finish:
 * @result: what the callback got
 * @error: return location for an error; %G_IO_ERROR_NOT_FOUND for what is no
 *   text, or too much of it
 *
 * Returns: (transfer full) (nullable): the text, valid UTF-8
 */
char *
pst_clipboard_text_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
