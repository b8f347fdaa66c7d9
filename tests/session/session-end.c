/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-end.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "pst-error.h"

#define TICK_MS 20

typedef struct
{
  const char *condition;
  gint64 until_us;
} Timeout;

/* Also wakes the loop, for conditions that no event announces. */
static gboolean
on_tick (gpointer user_data)
{
  Timeout *timeout = user_data;

  if (g_get_monotonic_time () > timeout->until_us)
    g_error ("waited too long for: %s", timeout->condition);
  return G_SOURCE_CONTINUE;
}

GSource *
start_timeout (guint seconds, const char *condition)
{
  GSource *source = g_timeout_source_new (TICK_MS);
  Timeout *timeout = g_new (Timeout, 1);

  *timeout = (Timeout){ condition, g_get_monotonic_time () + seconds * G_TIME_SPAN_SECOND };
  g_source_set_callback (source, on_tick, timeout, g_free);
  g_source_attach (source, NULL);
  return source;
}

static void
accept (End *end, PstTransfer *transfer)
{
  g_autoptr (GError) error = NULL;

  pst_transfer_accept (transfer, end->folder, NULL, &error);
  g_assert_no_error (error);
}

static void
on_transfer_added (PstSession *session, PstTransfer *transfer, End *end)
{
  if (!pst_transfer_is_incoming (transfer))
    return;

  g_ptr_array_add (end->incoming, g_object_ref (transfer));
  if (end->accepts)
    accept (end, transfer);
}

static void
on_closed (PstSession *session, const GError *error, End *end)
{
  g_assert_false (end->closed);
  g_assert_cmpint (pst_session_get_state (session), ==, PST_SESSION_CLOSED);
  end->closed = TRUE;
  end->error = error != NULL ? g_error_copy (error) : NULL;
  g_test_message ("closed: %s", error != NULL ? error->message : "in peace");
}

void
end_init (End *end, const PstSessionOptions *options)
{
  *end = (End){ .session = pst_session_new (options), .folder = make_folder () };
  end->incoming = g_ptr_array_new_with_free_func (g_object_unref);
  g_signal_connect (end->session, "transfer-added", G_CALLBACK (on_transfer_added), end);
  g_signal_connect (end->session, "closed", G_CALLBACK (on_closed), end);
}

void
end_init_default (End *end)
{
  PstSessionOptions options = { 0 };

  end_init (end, &options);
}

PstSessionState
end_get_state (End *end)
{
  return pst_session_get_state (end->session);
}

void
end_wait_for_code (End *end)
{
  wait_for (end->closed || pst_session_get_code (end->session) != NULL);
  g_assert_no_error (end->error);
}

/* The code of a host with another last word. */
char *
end_dup_wrong_code (End *end)
{
  const char *code = pst_session_get_code (end->session);
  const char *last = strrchr (code, '-');

  return g_strdup_printf ("%.*s-wrong", (int) (last - code), code);
}

/* What was offered, and what will be. */
void
end_accept_all (End *end)
{
  end->accepts = TRUE;
  for (guint i = 0; i < end->incoming->len; i++)
    accept (end, g_ptr_array_index (end->incoming, i));
}

static void
count_closed (GObject *source, GAsyncResult *result, gpointer n_closed)
{
  g_assert_true (pst_session_close_finish (PST_SESSION (source), result, NULL));
  ++*(guint *) n_closed;
}

/* Twice at once: both are told. */
void
end_close (End *end)
{
  guint n_closed = 0;

  pst_session_close_async (end->session, count_closed, &n_closed);
  pst_session_close_async (end->session, count_closed, &n_closed);
  wait_within (END_CLOSE_TIMEOUT_S, n_closed == 2);
  g_assert_true (end->closed);
}

void
end_clear (End *end)
{
  gpointer alive = end->session;

  end_close (end);
  g_object_add_weak_pointer (alive, &alive);
  g_clear_object (&end->session);
  g_clear_pointer (&end->incoming, g_ptr_array_unref);
  wait_within (END_CLOSE_TIMEOUT_S, alive == NULL);
  g_clear_error (&end->error);
  remove_folder (end->folder);
  g_clear_pointer (&end->folder, g_free);
}

/* Two sessions that found each other by the code alone. */
void
end_open_pair (End *host, End *guest)
{
  PstSessionOptions options = { 0 };

  end_open_pair_with (host, &options, guest, &options);
}

void
end_open_pair_with (End *host,
                    const PstSessionOptions *host_options,
                    End *guest,
                    const PstSessionOptions *guest_options)
{
  end_init (host, host_options);
  end_init (guest, guest_options);
  pst_session_host (host->session, NULL);
  end_wait_for_code (host);
  pst_session_join (guest->session, pst_session_get_code (host->session));
  wait_for (end_get_state (host) >= PST_SESSION_CONNECTED
            && end_get_state (guest) >= PST_SESSION_CONNECTED);
  g_assert_cmpint (end_get_state (host), ==, PST_SESSION_CONNECTED);
  g_assert_cmpint (end_get_state (guest), ==, PST_SESSION_CONNECTED);
}

/* Waits for an end this side did not ask for. */
void
end_wait_until_closed (End *end, int code)
{
  wait_for (end->closed);
  g_assert_error (end->error, PST_ERROR, code);
}

char *
make_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("pst-session-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_folder (child);
    }
  g_remove (path);
}

/* Contents that differ with the name and never repeat within a frame. */
char *
make_file (const char *folder, const char *name, gsize n_bytes)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autofree char *content = g_malloc (n_bytes + 1);
  guint32 x = g_str_hash (name) | 1;

  for (gsize i = 0; i < n_bytes; i++)
    {
      x = x * 1664525 + 1013904223;
      content[i] = (char) (x >> 24);
    }
  g_assert_true (g_file_set_contents (path, content, n_bytes, NULL));
  return path;
}

char *
make_sparse_file (const char *folder, const char *name, goffset n_bytes)
{
  char *path = g_build_filename (folder, name, NULL);
  int fd = g_open (path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, n_bytes), ==, 0);
  g_assert_true (g_close (fd, NULL));
  return path;
}

gboolean
is_same_file (const char *one, const char *folder, const char *name)
{
  g_autofree char *other = g_build_filename (folder, name, NULL);
  g_autofree char *a = NULL, *b = NULL;
  gsize a_bytes, b_bytes;

  g_assert_true (g_file_get_contents (one, &a, &a_bytes, NULL));
  return g_file_get_contents (other, &b, &b_bytes, NULL) && a_bytes == b_bytes
         && memcmp (a, b, a_bytes) == 0;
}

PstTransfer *
send_file (End *end, const char *path)
{
  const char *const paths[] = { path, NULL };
  PstTransfer *transfer = pst_session_send (end->session, paths);

  g_assert_nonnull (transfer);
  return transfer;
}
