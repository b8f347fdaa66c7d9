/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Usage: file-holder PATH…
 *
 * Stands for a file manager: copies files to the clipboard and lets them be
 * dragged out of its window. Says "copied", "dragging", "accepted" (whoever is
 * below the pointer would take them) and "finished" on standard output. */
#include <gtk/gtk.h>

static void
say (const char *what)
{
  g_print ("%s\n", what);
}

static GdkContentProvider *
make_content (char **paths)
{
  GSList *files = NULL;
  GdkFileList *list;
  GdkContentProvider *content;

  for (guint i = 0; paths[i] != NULL; i++)
    files = g_slist_prepend (files, g_file_new_for_commandline_arg (paths[i]));
  files = g_slist_reverse (files);
  list = gdk_file_list_new_from_list (files);
  content = gdk_content_provider_new_typed (GDK_TYPE_FILE_LIST, list);
  g_boxed_free (GDK_TYPE_FILE_LIST, list);
  g_slist_free_full (files, g_object_unref);
  return content;
}

static GdkContentProvider *
on_prepare (GtkDragSource *source, double x, double y, char **paths)
{
  return make_content (paths);
}

static void
on_selected_action (GdkDrag *drag)
{
  if (gdk_drag_get_selected_action (drag) != 0)
    say ("accepted");
}

static void
on_drag_begin (GtkDragSource *source, GdkDrag *drag)
{
  say ("dragging");
  g_signal_connect (drag, "notify::selected-action", G_CALLBACK (on_selected_action), NULL);
  g_signal_connect_swapped (drag, "dnd-finished", G_CALLBACK (say), "finished");
}

static void
on_map (GtkWidget *window, char **paths)
{
  g_autoptr (GdkContentProvider) content = make_content (paths);

  gdk_clipboard_set_content (gtk_widget_get_clipboard (window), content);
  say ("copied");
}

static void
on_activate (GtkApplication *application, char **paths)
{
  GtkWidget *window = gtk_application_window_new (application);
  GtkDragSource *source = gtk_drag_source_new ();

  gtk_window_set_title (GTK_WINDOW (window), "Files");
  gtk_window_set_default_size (GTK_WINDOW (window), 200, 150);
  gtk_drag_source_set_actions (source, GDK_ACTION_COPY);
  g_signal_connect (source, "prepare", G_CALLBACK (on_prepare), paths);
  g_signal_connect (source, "drag-begin", G_CALLBACK (on_drag_begin), NULL);
  gtk_widget_add_controller (window, GTK_EVENT_CONTROLLER (source));
  g_signal_connect_after (window, "map", G_CALLBACK (on_map), paths);
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  g_autoptr (GtkApplication) application = NULL;

  setvbuf (stdout, NULL, _IOLBF, 0);
  if (argc < 2)
    return 2;
  application = gtk_application_new (NULL, G_APPLICATION_NON_UNIQUE);
  g_signal_connect (application, "activate", G_CALLBACK (on_activate), argv + 1);
  return g_application_run (G_APPLICATION (application), 1, argv);
}
