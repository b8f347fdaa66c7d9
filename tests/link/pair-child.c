/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pair-child.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "pst-json.h"

static void
tell (PairChild *child, const char *line)
{
  g_assert_true (g_output_stream_write_all (g_subprocess_get_stdin_pipe (child->process), line,
                                            strlen (line), NULL, NULL, NULL));
}

static void
on_signal (PstPeer *peer, JsonObject *message, PairChild *child)
{
  g_autofree char *text = pst_json_print (message);
  g_autofree char *line = g_strconcat (text, "\n", NULL);

  if (child->held != NULL && json_object_has_member (message, "c"))
    g_ptr_array_add (child->held, g_steal_pointer (&line));
  else
    tell (child, line);
}

static void read_line (PairChild *child);

static void
on_line (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PairChild *child = user_data;
  g_autofree char *line = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source),
                                                                result, NULL, NULL);
  g_autoptr (JsonObject) message = NULL;

  if (line == NULL)
    {
      child->ended = TRUE;
      return;
    }
  message = pst_json_parse (line, strlen (line), 100000, NULL);
  g_assert_nonnull (message);
  if (child->change != NULL)
    {
      g_autoptr (JsonObject) original = g_steal_pointer (&message);
      message = child->change (original, child->change_data);
    }
  g_assert_true (pst_peer_take_signal (child->end->peer, message, NULL));
  read_line (child);
}

static void
read_line (PairChild *child)
{
  g_data_input_stream_read_line_async (child->output, G_PRIORITY_DEFAULT, child->cancellable,
                                       on_line, child);
}

static void
spawn (PairChild *child, PairEnd *end, gboolean offerer, const char *task, GSubprocessLauncher *how)
{
  g_autofree char *path = g_test_build_filename (G_TEST_BUILT, "peer-child", NULL);
  g_autoptr (GError) error = NULL;

  *child = (PairChild){ .end = end, .cancellable = g_cancellable_new () };
  child->process = g_subprocess_launcher_spawn (how, &error, path, offerer ? "offerer" : "answerer",
                                                task, NULL);
  g_assert_no_error (error);
  child->output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (child->process));
  g_signal_connect (end->peer, "signal", G_CALLBACK (on_signal), child);
  read_line (child);
}

/* Starts the other peer and joins its signalling with that of @end. It answers
 * with one frame when it got @expected_bytes. */
void
pair_child_spawn (PairChild *child, PairEnd *end, gboolean offerer, guint64 expected_bytes)
{
  g_autofree char *expected = g_strdup_printf ("%" G_GUINT64_FORMAT, expected_bytes);
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);

  spawn (child, end, offerer, expected, launcher);
}

/* Starts one that gives each frame back, with GStreamer's elements alone or with
 * ours, whatever this process uses. */
void
pair_child_spawn_echo (PairChild *child, PairEnd *end, gboolean offerer, gboolean stock)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);

  g_subprocess_launcher_setenv (launcher, "PST_LINK_STOCK", stock ? "1" : "0", TRUE);
  spawn (child, end, offerer, "echo", launcher);
}

/* Stops the process and waits until it stands still. */
void
pair_child_stop (const PairChild *child)
{
  siginfo_t info;

  g_subprocess_send_signal (child->process, SIGSTOP);
  g_assert_cmpint (waitid (P_PID, atoi (g_subprocess_get_identifier (child->process)), &info,
                           WSTOPPED | WNOWAIT),
                   ==, 0);
}

void
pair_child_continue (const PairChild *child)
{
  g_subprocess_send_signal (child->process, SIGCONT);
}

/* From now on it is not told of candidates. */
void
pair_child_hold (PairChild *child)
{
  child->held = g_ptr_array_new_with_free_func (g_free);
}

/* It is told of those that were held, and of what comes. */
void
pair_child_release (PairChild *child)
{
  g_autoptr (GPtrArray) held = g_steal_pointer (&child->held);

  for (guint i = 0; i < held->len; i++)
    tell (child, g_ptr_array_index (held, i));
}

void
pair_child_kill (PairChild *child)
{
  g_subprocess_force_exit (child->process);
  g_subprocess_wait (child->process, NULL, NULL);
  g_signal_handlers_disconnect_by_data (child->end->peer, child);
  pair_wait_for (child->ended);
  g_clear_object (&child->output);
  g_clear_object (&child->process);
  g_clear_object (&child->cancellable);
}
