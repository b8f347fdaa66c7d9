/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire-tap.h"

#include <dlfcn.h>
#include <libsoup/soup.h>
#include <string.h>

#include "pst-json.h"
#include "pst-mailbox.h"

#define NEXT(name) ((__typeof__ (&name)) dlsym (RTLD_NEXT, #name))

static GPtrArray *texts; /* NULL: nobody listens */

void
soup_websocket_connection_send_text (SoupWebsocketConnection *self, const char *text)
{
  if (texts != NULL)
    g_ptr_array_add (texts, g_strdup (text));
  NEXT (soup_websocket_connection_send_text) (self, text);
}

/* Of our code only heads of HTTP go this way. */
void
g_output_stream_write_all_async (GOutputStream *stream, const void *buffer, gsize count,
                                 int io_priority, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data)
{
  if (texts != NULL)
    g_ptr_array_add (texts, g_strndup (buffer, count));
  NEXT (g_output_stream_write_all_async) (stream, buffer, count, io_priority, cancellable, callback,
                                          user_data);
}

void
wire_tap_start (void)
{
  g_assert_null (texts);
  texts = g_ptr_array_new_with_free_func (g_free);
}

void
wire_tap_stop (void)
{
  g_clear_pointer (&texts, g_ptr_array_unref);
}

static GBytes *
decode_body (JsonObject *message)
{
  const char *body = message != NULL
                         ? json_object_get_string_member_with_default (message, "body", NULL)
                         : NULL;

  return body != NULL ? pst_mailbox_decode_body (body, NULL) : NULL;
}

gboolean
wire_tap_has (const char *part)
{
  for (guint i = 0; i < texts->len; i++)
    {
      const char *text = g_ptr_array_index (texts, i);
      g_autoptr (JsonObject) message = pst_json_parse (text, strlen (text), G_MAXSSIZE, NULL);
      g_autoptr (GBytes) body = decode_body (message);
      gsize n_bytes = 0;
      const void *bytes = body != NULL ? g_bytes_get_data (body, &n_bytes) : NULL;

      if (strstr (text, part) != NULL
          || (bytes != NULL && memmem (bytes, n_bytes, part, strlen (part)) != NULL))
        return TRUE;
    }

  return FALSE;
}

guint
wire_tap_count_added (const char *phase)
{
  guint n = 0;

  for (guint i = 0; i < texts->len; i++)
    {
      const char *text = g_ptr_array_index (texts, i);
      g_autoptr (JsonObject) message = pst_json_parse (text, strlen (text), G_MAXSSIZE, NULL);
      const char *type = message != NULL
                             ? json_object_get_string_member_with_default (message, "type", "")
                             : "";
      const char *its = g_str_equal (type, "add")
                            ? json_object_get_string_member_with_default (message, "phase", "")
                            : NULL;

      n += its != NULL && (phase != NULL ? g_str_equal (its, phase) : g_ascii_isdigit (its[0]));
    }

  return n;
}
