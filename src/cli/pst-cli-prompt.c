/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-prompt.h"

#include <string.h>

#include "pst-error.h"

struct _PstCliPrompt
{
  GObject parent_instance;

  GDataInputStream *lines;
};

G_DEFINE_FINAL_TYPE (PstCliPrompt, pst_cli_prompt, G_TYPE_OBJECT)

static void
pst_cli_prompt_finalize (GObject *object)
{
  g_object_unref (PST_CLI_PROMPT (object)->lines);
  G_OBJECT_CLASS (pst_cli_prompt_parent_class)->finalize (object);
}

static void
pst_cli_prompt_class_init (PstCliPromptClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pst_cli_prompt_finalize;
}

static void
pst_cli_prompt_init (PstCliPrompt *self)
{
}

/**
 * pst_cli_prompt_new:
 * @input: standard input; it is not closed
 *
 * Returns: (transfer full): what reads the answers of a person or a program
 */
PstCliPrompt *
pst_cli_prompt_new (GInputStream *input)
{
  PstCliPrompt *self = g_object_new (PST_TYPE_CLI_PROMPT, NULL);

  self->lines = g_data_input_stream_new (input);
  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (self->lines), FALSE);
  return self;
}

static char *
check_line (char *line, gsize length, GError **error)
{
  g_autofree char *text = line;

  if (text != NULL && length <= PST_CLI_PROMPT_MAX_LINE_BYTES && strlen (text) == length
      && g_utf8_validate (text, length, NULL))
    return g_strstrip (g_steal_pointer (&text));

  g_set_error_literal (error, PST_ERROR, PST_ERROR_USAGE,
                       text == NULL ? "Standard input ended before there was an answer."
                                    : "What came on standard input is not readable text.");
  return NULL;
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  gsize length = 0;
  GDataInputStream *lines = G_DATA_INPUT_STREAM (source);
  char *line = g_data_input_stream_read_line_finish (lines, result, &length, &error);

  if (error == NULL)
    line = check_line (line, length, &error);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, line, g_free);
}

/**
 * pst_cli_prompt_read_async:
 * @self: a prompt
 * @cancellable: (nullable): to give up waiting
 * @callback: called when there is a line, or none will come
 * @user_data: for @callback
 *
 * Waits for one line without holding up the main loop. One at a time.
 */
void
pst_cli_prompt_read_async (PstCliPrompt *self,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, pst_cli_prompt_read_async);
  g_data_input_stream_read_line_async (self->lines, G_PRIORITY_DEFAULT, cancellable, on_line, task);
}

/**
 * pst_cli_prompt_read_finish:
 * @self: a prompt
 * @result: what the callback got
 * @error: %PST_ERROR_USAGE if the input ended or is not text; %G_IO_ERROR_CANCELLED
 *
 * Returns: (transfer full) (nullable): the line, without blanks around it
 */
char *
pst_cli_prompt_read_finish (PstCliPrompt *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
