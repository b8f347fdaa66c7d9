/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-prompt.h"

#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <unistd.h>

#include "pst-error.h"

typedef struct
{
  gboolean done;
  char *line;
  GError *error;
} Outcome;

static void
on_line (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Outcome *outcome = user_data;

  outcome->line = pst_cli_prompt_read_finish (PST_CLI_PROMPT (source), result, &outcome->error);
  outcome->done = TRUE;
}

static gboolean
on_too_late (gpointer user_data)
{
  g_error ("Nothing came of the prompt.");
  return G_SOURCE_REMOVE;
}

static void
wait_for (Outcome *outcome)
{
  guint guard = g_timeout_add_seconds (20, on_too_late, NULL);

  while (!outcome->done)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (guard);
}

static void
check_line (PstCliPrompt *prompt, const char *line)
{
  Outcome outcome = { 0 };

  pst_cli_prompt_read_async (prompt, NULL, on_line, &outcome);
  wait_for (&outcome);
  if (line != NULL)
    g_assert_no_error (outcome.error);
  else
    g_assert_error (outcome.error, PST_ERROR, PST_ERROR_USAGE);
  g_assert_cmpstr (outcome.line, ==, line);
  g_free (outcome.line);
  g_clear_error (&outcome.error);
}

static PstCliPrompt *
make_prompt (const char *text, gssize length)
{
  g_autoptr (GInputStream) input = g_memory_input_stream_new_from_data (text, length, NULL);

  return pst_cli_prompt_new (input);
}

static void
test_lines (void)
{
  g_autoptr (PstCliPrompt) prompt = make_prompt ("7-a-b \r\n\nlast", -1);

  check_line (prompt, "7-a-b");
  check_line (prompt, "");
  check_line (prompt, "last");
  check_line (prompt, NULL);
}

static void
test_not_text (void)
{
  g_autoptr (PstCliPrompt) invalid = make_prompt ("7-\xff\n", -1);
  g_autoptr (PstCliPrompt) nul = make_prompt ("7\0b\n", 4);

  check_line (invalid, NULL);
  check_line (nul, NULL);
}

static void
test_too_long (void)
{
  g_autofree char *text = g_strnfill (PST_CLI_PROMPT_MAX_LINE_BYTES + 1, 'y');
  g_autoptr (PstCliPrompt) prompt = make_prompt (text, -1);

  check_line (prompt, NULL);
}

static void
test_cancel (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GInputStream) input = NULL;
  g_autoptr (PstCliPrompt) prompt = NULL;
  Outcome outcome = { 0 };
  int fds[2];

  g_assert_true (g_unix_open_pipe (fds, FD_CLOEXEC, &error));
  input = g_unix_input_stream_new (fds[0], TRUE);
  prompt = pst_cli_prompt_new (input);
  pst_cli_prompt_read_async (prompt, cancellable, on_line, &outcome);
  g_cancellable_cancel (cancellable);
  wait_for (&outcome);
  g_assert_error (outcome.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (outcome.line);

  g_clear_error (&outcome.error);
  close (fds[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/prompt/lines", test_lines);
  g_test_add_func ("/cli/prompt/not-text", test_not_text);
  g_test_add_func ("/cli/prompt/too-long", test_too_long);
  g_test_add_func ("/cli/prompt/cancel", test_cancel);
  return g_test_run ();
}
