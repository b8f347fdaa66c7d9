/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <adwaita.h>

#include "double-model.h"
#include "pst-flow-gauge.h"

/* What one drawing of the gauge costs with all the samples there can be:
 * milliseconds of the thread that draws, made and turned into pixels. */

#define N_RUNS 200

static PstTransferState
state_at (guint i)
{
  static const PstTransferState states[] = {
    PST_TRANSFER_RUNNING,         PST_TRANSFER_HELD_NETWORK, PST_TRANSFER_PAUSED_BY_ME,
    PST_TRANSFER_HELD_THEIR_DISK, PST_TRANSFER_HELD_MY_DISK, PST_TRANSFER_HELD_LIMIT
  };

  return states[i / 40 % G_N_ELEMENTS (states)];
}

static PstAppTransfer *
make_transfer (void)
{
  PstAppTransfer *transfer = double_transfer_new (&(DoubleTransfer){
      .title = "film.mkv",
      .state = PST_TRANSFER_RUNNING,
      .sent_bytes = 600,
      .written_bytes = 400,
      .total_bytes = 1000,
  });

  for (guint i = 0; i < PST_SAMPLES_MAX; i++)
    {
      PstSample sample = { .time_us = i * G_USEC_PER_SEC / 10,
                           .rate_bps = 30000000 + i * 7919 % 20000000,
                           .state = state_at (i) };

      double_transfer_sample (transfer, &sample);
    }

  return transfer;
}

static gboolean
on_mapped (gpointer user_data)
{
  *(gboolean *)user_data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
measure (GtkWidget *window, GtkWidget *gauge)
{
  /* Without the layer in between, which would hand out what it drew before. */
  GtkWidgetClass *klass = GTK_WIDGET_GET_CLASS (gauge);
  GskRenderer *renderer = gtk_native_get_renderer (GTK_NATIVE (window));
  int width = gtk_widget_get_width (gauge), height = gtk_widget_get_height (gauge);
  gint64 drawn_us = 0, rendered_us = 0;

  for (guint i = 0; i < N_RUNS; i++)
    {
      GtkSnapshot *snapshot = gtk_snapshot_new ();
      gint64 start_us, middle_us;
      GskRenderNode *node;
      GdkTexture *texture;

      for (GtkWidget *child = gtk_widget_get_first_child (gauge); child != NULL;
           child = gtk_widget_get_next_sibling (child))
        for (GtkWidget *part = gtk_widget_get_first_child (child); part != NULL;
             part = gtk_widget_get_next_sibling (part))
          gtk_widget_queue_draw (part);

      start_us = g_get_monotonic_time ();
      klass->snapshot (gauge, snapshot);
      node = gtk_snapshot_free_to_node (snapshot);
      middle_us = g_get_monotonic_time ();
      texture = gsk_renderer_render_texture (renderer, node,
                                             &GRAPHENE_RECT_INIT (0, 0, width, height));
      rendered_us += g_get_monotonic_time () - middle_us;
      drawn_us += middle_us - start_us;
      g_object_unref (texture);
      gsk_render_node_unref (node);
    }

  g_print ("%4d px: snapshot %.2f ms, rendered by %s %.2f ms\n", width, drawn_us / 1000.0 / N_RUNS,
           G_OBJECT_TYPE_NAME (renderer), rendered_us / 1000.0 / N_RUNS);
}

static void
bench (PstAppTransfer *transfer, PstAppSession *session, int width)
{
  GtkWidget *window = gtk_window_new (), *gauge = pst_flow_gauge_new ();
  gboolean drawn = FALSE;

  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), width, 500);
  gtk_window_set_child (GTK_WINDOW (window), gauge);
  pst_flow_gauge_set_transfer (PST_FLOW_GAUGE (gauge), transfer, session);
  gtk_window_present (GTK_WINDOW (window));
  g_timeout_add (1000, on_mapped, &drawn);
  while (!drawn)
    g_main_context_iteration (NULL, TRUE);

  measure (window, gauge);
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  g_autoptr (PstAppTransfer) transfer = NULL;
  g_autoptr (PstAppSession) session = NULL;

  adw_init ();
  transfer = make_transfer ();
  session = double_session_new (&(DoubleSession){
      .state = PST_SESSION_CONNECTED,
      .route = PST_ROUTE_LOCAL,
      .buffered_bytes = 380000,
      .low_mark_bytes = 262144,
      .high_mark_bytes = 524288,
      .round_trip_us = 3000,
  });
  bench (transfer, session, 480);
  bench (transfer, session, 1200);
  return 0;
}
