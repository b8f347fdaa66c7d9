/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A window with one of each thing that the harness must be able to find and
 * use, for the harness' own test. What happened is said in a label. */
#include <adwaita.h>

static GtkLabel *said;

static void
say (const char *what)
{
  gtk_label_set_text (said, what);
}

static void
on_clicked (GtkButton *button, gpointer user_data)
{
  say (user_data);
}

static void
on_warn (GtkButton *button, gpointer user_data)
{
  g_warning ("this is what the harness must notice");
}

static void
on_vanish (GtkButton *button, GtkStack *stack)
{
  gtk_stack_set_visible_child_name (stack, "second");
}

static void
on_text_changed (GtkEditable *editable, gpointer user_data)
{
  g_autofree char *what = g_strdup_printf ("Typed: %s", gtk_editable_get_text (editable));

  say (what);
}

static void
on_toggled (GtkCheckButton *button, gpointer user_data)
{
  say (gtk_check_button_get_active (button) ? "Checked" : "Unchecked");
}

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, gpointer user_data)
{
  g_autoptr (GFile) first = g_object_ref (((GSList *) g_value_get_boxed (value))->data);
  g_autofree char *name = g_file_get_basename (first);
  g_autofree char *what = g_strdup_printf ("Dropped: %s", name);

  say (what);
  return TRUE;
}

static void
on_pasted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  const GValue *value = gdk_clipboard_read_value_finish (GDK_CLIPBOARD (source), result, NULL);
  g_autofree char *name = NULL;
  g_autofree char *what = NULL;

  if (value == NULL)
    return;
  name = g_file_get_basename (((GSList *) g_value_get_boxed (value))->data);
  what = g_strdup_printf ("Pasted: %s", name);
  say (what);
}

static void
on_paste (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  gdk_clipboard_read_value_async (gtk_widget_get_clipboard (window), GDK_TYPE_FILE_LIST,
                                  G_PRIORITY_DEFAULT, NULL, on_pasted, NULL);
}

static void
on_chosen (GtkNativeDialog *dialog, int response, gpointer user_data)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      g_autofree char *name = g_file_get_basename (file);
      g_autofree char *what = g_strdup_printf ("Chosen: %s", name);

      say (what);
    }
  g_object_unref (dialog);
}

static void
on_choose (GtkButton *button, gpointer window)
{
  GtkFileChooserNative *dialog
      = gtk_file_chooser_native_new ("Choose", window, GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect (dialog, "response", G_CALLBACK (on_chosen), NULL);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static GtkWidget *
make_button (const char *label, GCallback callback, gpointer data)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  g_signal_connect (button, "clicked", callback, data);
  return button;
}

static GtkWidget *
make_first_page (GtkStack *stack, GtkWindow *window)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *entry = gtk_entry_new ();
  GtkWidget *check = gtk_check_button_new_with_label ("Check Me");
  GtkWidget *bar = gtk_progress_bar_new ();

  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, "Words",
                                  -1);
  g_signal_connect (entry, "changed", G_CALLBACK (on_text_changed), NULL);
  g_signal_connect (check, "toggled", G_CALLBACK (on_toggled), NULL);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (bar), 0.25);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (said));
  gtk_box_append (GTK_BOX (box), entry);
  gtk_box_append (GTK_BOX (box), check);
  gtk_box_append (GTK_BOX (box), bar);
  gtk_box_append (GTK_BOX (box), make_button ("Press Me", G_CALLBACK (on_clicked), "Pressed"));
  gtk_box_append (GTK_BOX (box), make_button ("Warn", G_CALLBACK (on_warn), NULL));
  gtk_box_append (GTK_BOX (box), make_button ("Choose", G_CALLBACK (on_choose), window));
  gtk_box_append (GTK_BOX (box), make_button ("Vanish", G_CALLBACK (on_vanish), stack));
  return box;
}

static void
on_activate (GtkApplication *application)
{
  static const GActionEntry entries[] = { { "paste", on_paste } };
  static const char *const accels[] = { "<Control>v", NULL };
  GtkWidget *window = adw_application_window_new (application);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *stack = gtk_stack_new ();
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  said = GTK_LABEL (gtk_label_new ("Nothing yet"));
  gtk_stack_add_named (GTK_STACK (stack), make_first_page (GTK_STACK (stack), GTK_WINDOW (window)),
                       "first");
  gtk_stack_add_named (GTK_STACK (stack), gtk_label_new ("The second page"), "second");
  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), stack);
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (window), box);
  gtk_window_set_title (GTK_WINDOW (window), "Sample");
  gtk_window_set_default_size (GTK_WINDOW (window), 480, 640);
  g_signal_connect (target, "drop", G_CALLBACK (on_drop), NULL);
  gtk_widget_add_controller (window, GTK_EVENT_CONTROLLER (target));
  g_action_map_add_action_entries (G_ACTION_MAP (window), entries, G_N_ELEMENTS (entries), window);
  gtk_application_set_accels_for_action (application, "win.paste", accels);
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  g_autoptr (AdwApplication) application
      = adw_application_new ("io.github.penstock.Sample", G_APPLICATION_DEFAULT_FLAGS);

  g_signal_connect (application, "activate", G_CALLBACK (on_activate), NULL);
  return g_application_run (G_APPLICATION (application), argc, argv);
}
