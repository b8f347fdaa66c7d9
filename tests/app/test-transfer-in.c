/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pasting and dropping, with a display: a real drag, by a pointer that the test
 * moves. */
#include "pst-error.h"
#include "pst-intake.h"

#include <X11/extensions/XTest.h>
#include <gdk/x11/gdkx.h>
#include <glib/gstdio.h>

#define DEADLINE_S 30

typedef struct
{
  char *dir;
  char *path;
  GtkWidget *window;
  GtkWidget *target;
  GStrv paths;
  GError *error;
  guint n_taken;
  guint n_destroyed;
} Fixture;

static gboolean
on_deadline (gpointer user_data)
{
  g_error ("Nothing happened within %d s", DEADLINE_S);
  return G_SOURCE_REMOVE;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_setenv ("PST_SANDBOX", "0", TRUE);
  f->dir = g_dir_make_tmp ("penstock-in-XXXXXX", NULL);
  f->path = g_build_filename (f->dir, "letter.txt", NULL);
  g_assert_true (g_file_set_contents (f->path, "x", 1, NULL));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  if (f->window != NULL)
    gtk_window_destroy (GTK_WINDOW (f->window));
  g_unlink (f->path);
  g_rmdir (f->dir);
  g_free (f->path);
  g_free (f->dir);
  g_strfreev (f->paths);
  g_clear_error (&f->error);
}

static void
on_taken (GStrv paths, const GError *error, gpointer user_data)
{
  Fixture *f = user_data;

  f->n_taken++;
  f->paths = g_strdupv (paths);
  f->error = error != NULL ? g_error_copy (error) : NULL;
}

static void
on_destroyed (gpointer user_data)
{
  ((Fixture *)user_data)->n_destroyed++;
}

static void
wait_until (guint *value, guint expected)
{
  guint deadline = g_timeout_add_seconds (DEADLINE_S, on_deadline, NULL);

  while (*value != expected)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (deadline);
}

static GdkContentProvider *
provide (Fixture *f, gboolean empty)
{
  g_autoptr (GFile) file = g_file_new_for_path (f->path);
  GSList node = { file, NULL };
  GdkFileList *list = empty ? NULL : gdk_file_list_new_from_list (&node);
  GdkContentProvider *provider = gdk_content_provider_new_typed (GDK_TYPE_FILE_LIST, list);

  if (list != NULL)
    g_boxed_free (GDK_TYPE_FILE_LIST, list);
  return provider;
}

static void
paste (Fixture *f, GdkContentProvider *provider)
{
  GdkClipboard *clipboard = gdk_display_get_clipboard (gdk_display_get_default ());

  gdk_clipboard_set_content (clipboard, provider);
  g_clear_error (&f->error);
  f->n_taken = f->n_destroyed = 0;
  pst_intake_paste (clipboard, on_taken, f, on_destroyed);
  wait_until (&f->n_destroyed, 1);
  g_assert_cmpuint (f->n_taken, ==, 1);
}

static void
test_paste (Fixture *f, gconstpointer data)
{
  g_autoptr (GdkContentProvider) provider = provide (f, FALSE);

  paste (f, provider);
  g_assert_no_error (f->error);
  g_assert_cmpint (g_strv_length (f->paths), ==, 1);
  g_assert_cmpstr (f->paths[0], ==, f->path);
}

static void
test_paste_text (Fixture *f, gconstpointer data)
{
  g_autoptr (GdkContentProvider) provider = gdk_content_provider_new_typed (G_TYPE_STRING, "x");

  paste (f, provider);
  g_assert_error (f->error, PST_ERROR, PST_ERROR_SOURCE);
  g_assert_cmpstr (f->error->message, ==, "There are no files on the clipboard.");

  g_setenv ("PST_SANDBOX", "1", TRUE);
  paste (f, provider);
  g_assert_cmpstr (f->error->message, ==, "There are no files on the clipboard.");
}

static void
test_paste_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (GdkContentProvider) provider = provide (f, TRUE);

  paste (f, NULL);
  g_assert_cmpstr (f->error->message, ==, "There are no files on the clipboard.");

  paste (f, provider);
  g_assert_cmpstr (f->error->message, ==, "There are no files on the clipboard.");

  /* There was something, and the portal kept it back. */
  g_setenv ("PST_SANDBOX", "1", TRUE);
  paste (f, provider);
  g_assert_cmpstr (f->error->message, ==, "Folders cannot be pasted here. Use Choose Folder.");
}

static GdkContentProvider *
on_prepare (GtkDragSource *source, double x, double y, gpointer user_data)
{
  return g_object_ref (user_data);
}

/* One half to drag from, one to drop on. */
static void
show_window (Fixture *f, GdkContentProvider *provider)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *from = gtk_label_new ("from");
  GtkDragSource *source = gtk_drag_source_new ();
  guint mapped = 0;

  f->target = gtk_label_new ("to");
  gtk_widget_set_hexpand (from, TRUE);
  gtk_widget_set_vexpand (from, TRUE);
  gtk_widget_set_hexpand (f->target, TRUE);
  gtk_box_set_homogeneous (GTK_BOX (box), TRUE);
  gtk_box_append (GTK_BOX (box), from);
  gtk_box_append (GTK_BOX (box), f->target);
  g_signal_connect (source, "prepare", G_CALLBACK (on_prepare), provider);
  gtk_widget_add_controller (from, GTK_EVENT_CONTROLLER (source));
  gtk_widget_add_controller (f->target, pst_intake_drop_target_new (on_taken, f, on_destroyed));

  f->window = gtk_window_new ();
  gtk_window_set_decorated (GTK_WINDOW (f->window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (f->window), 400, 300);
  gtk_window_set_child (GTK_WINDOW (f->window), box);
  gtk_window_present (GTK_WINDOW (f->window));
  while (mapped == 0)
    {
      g_main_context_iteration (NULL, TRUE);
      mapped = gtk_widget_get_width (f->target) > 0 && gtk_widget_get_mapped (f->target);
    }
}

/* Moves the real pointer to the middle of a half and lets everybody hear of it. */
static void
point (Fixture *f, double part)
{
  Display *x = gdk_x11_display_get_xdisplay (gtk_widget_get_display (f->window));
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (f->window));
  Window child;
  int left;
  int top;

  XTranslateCoordinates (x, gdk_x11_surface_get_xid (surface), DefaultRootWindow (x), 0, 0, &left,
                         &top, &child);
  XTestFakeMotionEvent (x, -1, left + gdk_surface_get_width (surface) * part,
                        top + gdk_surface_get_height (surface) / 2, CurrentTime);
  XSync (x, False);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
press (Fixture *f, gboolean pressed)
{
  Display *x = gdk_x11_display_get_xdisplay (gtk_widget_get_display (f->window));

  XTestFakeButtonEvent (x, 1, pressed, CurrentTime);
  XSync (x, False);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static gboolean
on_nudge (gpointer user_data)
{
  Fixture *f = user_data;
  static guint n_nudges;

  point (f, 0.7 + 0.01 * (n_nudges++ % 10));
  return G_SOURCE_CONTINUE;
}

/* A hand does not stand still either: it moves on until the target knows of it. */
static void
drag (Fixture *f)
{
  guint deadline = g_timeout_add_seconds (DEADLINE_S, on_deadline, NULL);
  guint nudge;

  point (f, 0.25);
  press (f, TRUE);
  point (f, 0.35);
  nudge = g_timeout_add (20, on_nudge, f);
  while ((gtk_widget_get_state_flags (f->target) & GTK_STATE_FLAG_DROP_ACTIVE) == 0)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (nudge);
  g_source_remove (deadline);

  press (f, FALSE);
  wait_until (&f->n_taken, 1);
  g_assert_cmpint (gtk_widget_get_state_flags (f->target) & GTK_STATE_FLAG_DROP_ACTIVE, ==, 0);
}

static void
test_drop (Fixture *f, gconstpointer data)
{
  g_autoptr (GdkContentProvider) provider = provide (f, FALSE);

  show_window (f, provider);
  drag (f);
  g_assert_no_error (f->error);
  g_assert_cmpint (g_strv_length (f->paths), ==, 1);
  g_assert_cmpstr (f->paths[0], ==, f->path);

  g_assert_cmpuint (f->n_destroyed, ==, 0);
  gtk_window_destroy (GTK_WINDOW (f->window));
  f->window = NULL;
  wait_until (&f->n_destroyed, 1);
}

/* What comes through a portal that hides folders. */
static void
test_drop_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (GdkContentProvider) provider = provide (f, TRUE);

  g_setenv ("PST_SANDBOX", "1", TRUE);
  show_window (f, provider);
  drag (f);
  g_assert_null (f->paths);
  g_assert_error (f->error, PST_ERROR, PST_ERROR_SOURCE);
  g_assert_cmpstr (f->error->message, ==, "Folders cannot be dropped here. Use Choose Folder.");
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);

  ADD ("/transfer-in/paste", test_paste);
  ADD ("/transfer-in/paste-text", test_paste_text);
  ADD ("/transfer-in/paste-nothing", test_paste_nothing);
  ADD ("/transfer-in/drop", test_drop);
  ADD ("/transfer-in/drop-nothing", test_drop_nothing);

  return g_test_run ();
}
