/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app-render.h"

/* A loaded machine draws a frame well within this. */
#define FRAME_TIMEOUT_S 20

typedef struct
{
  guint n_frames;
  gboolean timed_out;
} Wait;

static gboolean
on_tick (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  Wait *wait = user_data;

  wait->n_frames++;
  return G_SOURCE_CONTINUE;
}

static gboolean
on_timeout (gpointer user_data)
{
  Wait *wait = user_data;

  wait->timed_out = TRUE;
  return G_SOURCE_CONTINUE;
}

/* Waits until what was changed is laid out: a frame that began after the change. */
void
app_render_settle (GtkWidget *widget)
{
  Wait wait = { 0 };
  guint tick = gtk_widget_add_tick_callback (widget, on_tick, &wait, NULL);
  guint timeout = g_timeout_add_seconds (FRAME_TIMEOUT_S, on_timeout, &wait);

  while (wait.n_frames < 3 && !wait.timed_out)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (wait.timed_out);
  g_source_remove (timeout);
  gtk_widget_remove_tick_callback (widget, tick);
}

GtkWindow *
app_render_window (GtkWidget *child, int width, int height)
{
  GtkWindow *window = GTK_WINDOW (gtk_window_new ());

  gtk_window_set_decorated (window, FALSE);
  gtk_window_set_default_size (window, width, height);
  gtk_window_set_child (window, child);
  gtk_window_present (window);
  app_render_settle (child);

  return window;
}

GdkTexture *
app_render_texture (GtkWidget *widget)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;
  GskRenderer *renderer = gtk_native_get_renderer (gtk_widget_get_native (widget));
  int width = gtk_widget_get_width (widget);
  int height = gtk_widget_get_height (widget);

  gdk_paintable_snapshot (paintable, snapshot, width, height);
  node = gtk_snapshot_to_node (snapshot);
  g_assert_nonnull (node);

  return gsk_renderer_render_texture (renderer, node, &GRAPHENE_RECT_INIT (0, 0, width, height));
}
