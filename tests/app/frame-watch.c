/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "frame-watch.h"

struct _FrameWatch
{
  GdkFrameClock *clock;
  GtkWidget *animated; /* NULL when nothing but the program asks for frames */
  guint tick;
  StallTime begun; /* this frame, 0 between two */
  StallTime ended; /* the last one, 0 before the first */
  GArray *drawing;
  GArray *between;
};

static void
on_before_paint (FrameWatch *self)
{
  self->begun = stall_time_now ();
}

static void
on_after_paint (FrameWatch *self)
{
  StallTime now = stall_time_now ();
  StallTime drawing = stall_time_between (self->begun, now);
  StallTime between = stall_time_between (self->ended, now);

  if (self->begun.us != 0)
    g_array_append_val (self->drawing, drawing);
  if (self->ended.us != 0)
    g_array_append_val (self->between, between);
  self->begun = (StallTime){ 0 };
  self->ended = now;
}

static gboolean
on_tick (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  gtk_widget_queue_draw (widget);
  return G_SOURCE_CONTINUE;
}

/* Watches the frames of @window, which is on the screen. @animated, or NULL, is
 * a widget in it that is drawn anew in each frame, as often as the screen
 * takes one. */
FrameWatch *
frame_watch_start (GtkWidget *animated, GtkWidget *window)
{
  FrameWatch *self = g_new0 (FrameWatch, 1);

  self->drawing = g_array_new (FALSE, FALSE, sizeof (StallTime));
  self->between = g_array_new (FALSE, FALSE, sizeof (StallTime));
  self->clock = g_object_ref (gtk_widget_get_frame_clock (window));
  g_signal_connect_swapped (self->clock, "before-paint", G_CALLBACK (on_before_paint), self);
  g_signal_connect_swapped (self->clock, "after-paint", G_CALLBACK (on_after_paint), self);
  if (animated != NULL)
    {
      self->animated = g_object_ref (animated);
      self->tick = gtk_widget_add_tick_callback (animated, on_tick, NULL, NULL);
    }
  return self;
}

/* Ends the watch, and frees it. */
FrameFigures
frame_watch_stop (FrameWatch *self)
{
  FrameFigures figures = { stall_figures_take (self->drawing), stall_figures_take (self->between) };

  if (self->animated != NULL)
    gtk_widget_remove_tick_callback (self->animated, self->tick);
  g_clear_object (&self->animated);
  g_signal_handlers_disconnect_by_data (self->clock, self);
  g_object_unref (self->clock);
  g_free (self);
  return figures;
}
