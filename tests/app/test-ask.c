/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hasty Enter gives a question's harmless answer, however its buttons stand. */
#include "pst-ask.h"

typedef struct
{
  GtkWindow *parent;
  AdwMessageDialog *dialog;
  char *response;
} Question;

static void
on_response (AdwMessageDialog *dialog, const char *response, gpointer user_data)
{
  Question *question = user_data;

  question->response = g_strdup (response);
}

static void
put (Question *question, int width, const char *no, const char *yes)
{
  question->parent = GTK_WINDOW (gtk_window_new ());
  gtk_window_set_default_size (question->parent, width, 640);
  gtk_window_present (question->parent);
  question->dialog = ADW_MESSAGE_DIALOG (
      adw_message_dialog_new (question->parent, "Really?", NULL));
  adw_message_dialog_add_responses (question->dialog, "no", no, "yes", yes, NULL);
  adw_message_dialog_set_response_appearance (question->dialog, "yes", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (question->dialog, "no");
  adw_message_dialog_set_close_response (question->dialog, "no");
  g_signal_connect (question->dialog, "response", G_CALLBACK (on_response), question);
  pst_ask_present (question->dialog);
}

static void
on_painted (GdkFrameClock *clock, guint *n_frames)
{
  (*n_frames)++;
}

/* Until it stands as it will stay. */
static void
settle (GtkWidget *widget)
{
  guint n_frames = 0;

  while (!gtk_widget_get_mapped (widget))
    g_main_context_iteration (NULL, TRUE);
  g_signal_connect (gtk_widget_get_frame_clock (widget), "after-paint", G_CALLBACK (on_painted),
                    &n_frames);
  while (n_frames < 3)
    {
      gtk_widget_queue_draw (widget);
      g_main_context_iteration (NULL, TRUE);
    }
  g_signal_handlers_disconnect_by_func (gtk_widget_get_frame_clock (widget), on_painted, &n_frames);
}

static void
drop (Question *question)
{
  gtk_window_destroy (question->parent);
  g_free (question->response);
}

static void
press_enter (Question *question)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (question->dialog));

  g_assert_true (GTK_IS_BUTTON (focus));
  g_assert_true (gtk_widget_get_mapped (focus));
  g_signal_emit_by_name (focus, "activate");
  while (question->response == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_enter (gconstpointer data)
{
  gboolean narrow = GPOINTER_TO_INT (data);
  Question question = { 0 };

  put (&question, narrow ? 360 : 800, narrow ? "_Leave everything as it is now" : "_No",
       narrow ? "_Stop it all and lose what is here" : "_Yes");
  settle (GTK_WIDGET (question.dialog));
  press_enter (&question);
  g_assert_cmpstr (question.response, ==, "no");
  drop (&question);
}

int
main (int argc, char *argv[])
{
  adw_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/app/ask/side-by-side", GINT_TO_POINTER (FALSE), test_enter);
  g_test_add_data_func ("/app/ask/one-below-the-other", GINT_TO_POINTER (TRUE), test_enter);
  return g_test_run ();
}
