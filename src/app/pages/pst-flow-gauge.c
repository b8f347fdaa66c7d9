/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-flow-gauge.h"

#include <glib/gi18n.h>

#include "pst-buffer-vessel.h"
#include "pst-flow-chart.h"
#include "pst-gauge-paint.h"
#include "pst-gauge-words.h"
#include "pst-progress-bar.h"
#include "pst-text.h"
#include "pst-wrap-layout.h"

/* Figures shown a second, as everywhere; what is read aloud changes calmly. */
#define UPDATE_INTERVAL_MS   100
#define DESCRIBE_INTERVAL_US (5 * G_USEC_PER_SEC)

/* The legend names what is wide enough to be seen: a two-hundredth of the chart. */
#define LEGEND_SHARE 200

typedef enum
{
  FACT_HOLD,
  FACT_ROUTE,
  FACT_ROUND_TRIP,
  FACT_MEAN_RATE,
  FACT_PEAK_RATE,
  N_FACTS
} Fact;

struct _PstFlowGauge
{
  GtkWidget parent_instance;

  PstAppTransfer *transfer;
  PstAppSession *session;
  GSignalGroup *transfer_signals;
  GSignalGroup *session_signals;

  guint update_source;
  gint64 described_us;
  PstTransferState described_state;
  char *description;

  PstFlowChart *chart;
  PstBufferVessel *vessel;
  GtkWidget *legend;
  GtkWidget *legend_items[PST_N_HOLDS];
  GtkLabel *legend_labels[PST_N_HOLDS];
  GtkLabel *sent_caption;
  GtkLabel *sent_label;
  PstProgressBar *sent_bar;
  GtkLabel *written_caption;
  GtkLabel *written_label;
  PstProgressBar *written_bar;
  GtkWidget *facts;
  GtkWidget *fact_items[N_FACTS];
  GtkLabel *fact_labels[N_FACTS];
};

G_DEFINE_FINAL_TYPE (PstFlowGauge, pst_flow_gauge, GTK_TYPE_WIDGET)

static void
set_text (GtkLabel *label, const char *text)
{
  if (g_strcmp0 (gtk_label_get_text (label), text) != 0)
    gtk_label_set_text (label, text != NULL ? text : "");
}

static void
set_fact (PstFlowGauge *self, Fact fact, const char *value)
{
  gtk_widget_set_visible (self->fact_items[fact], value != NULL && *value != '\0');
  set_text (self->fact_labels[fact], value);
}

static void
update_legend (PstFlowGauge *self, PstSamples *samples)
{
  gint64 durations_us[PST_N_HOLDS], start_us, end_us;
  gboolean any = FALSE;

  pst_gauge_durations (samples, durations_us);
  pst_gauge_span (samples, &start_us, &end_us);

  for (PstHold hold = PST_HOLD_NONE + 1; hold < PST_N_HOLDS; hold++)
    {
      gboolean seen = durations_us[hold] * LEGEND_SHARE >= end_us - start_us;

      gtk_widget_set_visible (self->legend_items[hold], seen);
      if (seen)
        {
          g_autofree char *duration = pst_text_duration (MAX (durations_us[hold], G_USEC_PER_SEC));
          /* Translators: what held the transfer back, and for how long: “Their disk: 12 seconds” */
          g_autofree char *text = g_strdup_printf (_ ("%s: %s"), pst_gauge_hold_label (hold),
                                                   duration);

          set_text (self->legend_labels[hold], text);
        }
      any = any || seen;
    }

  gtk_widget_set_visible (self->legend, any);
}

static void
update_bars (PstFlowGauge *self)
{
  guint64 sent = pst_app_transfer_get_sent_bytes (self->transfer);
  guint64 written = pst_app_transfer_get_written_bytes (self->transfer);
  guint64 total = pst_app_transfer_get_total_bytes (self->transfer);
  g_autofree char *sent_text = pst_text_bytes_of (sent, total);
  g_autofree char *written_text = pst_text_bytes_of (written, total);

  set_text (self->sent_label, sent_text);
  pst_progress_bar_set_bytes (self->sent_bar, 0, sent, total);
  set_text (self->written_label, written_text);
  pst_progress_bar_set_bytes (self->written_bar, written, 0, total);
}

static const char *
get_hold_text (PstTransferState state)
{
  const char *label = pst_gauge_hold_label (pst_gauge_hold (state));

  /* Translators: what holds the transfer back at the moment */
  return label != NULL ? label : C_ ("gauge", "Nothing");
}

static void
update_facts (PstFlowGauge *self, PstSamples *samples)
{
  gboolean finished = pst_app_transfer_is_finished (self->transfer);
  gboolean connected = !finished && self->session != NULL;
  g_autofree char *mean = pst_text_rate (pst_app_transfer_get_mean_rate_bps (self->transfer));
  g_autofree char *peak = pst_text_rate (samples != NULL ? pst_samples_get_peak_bps (samples) : 0);
  g_autofree char *round_trip = connected ? pst_text_round_trip (
                                    pst_app_session_get_round_trip_us (self->session))
                                          : NULL;

  set_fact (self, FACT_HOLD,
            finished ? NULL : get_hold_text (pst_app_transfer_get_state (self->transfer)));
  set_fact (self, FACT_ROUTE,
            connected ? pst_text_route_title (pst_app_session_get_route (self->session)) : NULL);
  set_fact (self, FACT_ROUND_TRIP, round_trip);
  set_fact (self, FACT_MEAN_RATE, mean);
  set_fact (self, FACT_PEAK_RATE, peak);
}

static void
update_vessel (PstFlowGauge *self)
{
  gboolean shown = self->session != NULL && !pst_app_transfer_is_incoming (self->transfer)
                   && !pst_app_transfer_is_finished (self->transfer);

  gtk_widget_set_visible (GTK_WIDGET (self->vessel), shown);
  if (shown)
    pst_buffer_vessel_set_bytes (self->vessel, pst_app_session_get_buffered_bytes (self->session),
                                 pst_app_session_get_low_mark_bytes (self->session),
                                 pst_app_session_get_high_mark_bytes (self->session));
}

/* A screen reader may read a description whenever it changes. */
static void
update_description (PstFlowGauge *self)
{
  PstTransferState state = pst_app_transfer_get_state (self->transfer);
  gint64 now_us = g_get_monotonic_time ();
  g_autofree char *description = NULL;

  if (self->description != NULL && state == self->described_state
      && now_us - self->described_us < DESCRIBE_INTERVAL_US)
    return;

  self->described_us = now_us;
  self->described_state = state;
  description = pst_gauge_describe (self->transfer, self->session);
  if (g_strcmp0 (description, self->description) == 0)
    return;

  g_free (self->description);
  self->description = g_steal_pointer (&description);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  self->description, -1);
}

static void
update (PstFlowGauge *self)
{
  PstSamples *samples;

  if (self->transfer == NULL)
    return;

  samples = pst_app_transfer_get_samples (self->transfer);
  pst_flow_chart_set_samples (self->chart, samples);
  update_vessel (self);
  update_legend (self, samples);
  update_bars (self);
  update_facts (self, samples);
  update_description (self);
}

static gboolean
on_update (gpointer user_data)
{
  PstFlowGauge *self = user_data;

  self->update_source = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

/* However many things change, and however often, there is one update in so long. */
static void
schedule_update (PstFlowGauge *self)
{
  if (self->update_source == 0)
    self->update_source = g_timeout_add (UPDATE_INTERVAL_MS, on_update, self);
}

static void
listen (PstFlowGauge *self)
{
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;

  g_signal_group_set_target (self->transfer_signals, self->transfer);
  g_signal_group_set_target (self->session_signals, self->session);
  update (self);
}

static void
stop_listening (PstFlowGauge *self)
{
  g_signal_group_set_target (self->transfer_signals, NULL);
  g_signal_group_set_target (self->session_signals, NULL);
  g_clear_handle_id (&self->update_source, g_source_remove);
}

static void
pst_flow_gauge_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (pst_flow_gauge_parent_class)->map (widget);

  listen (PST_FLOW_GAUGE (widget));
}

static void
pst_flow_gauge_unmap (GtkWidget *widget)
{
  stop_listening (PST_FLOW_GAUGE (widget));

  GTK_WIDGET_CLASS (pst_flow_gauge_parent_class)->unmap (widget);
}

static GtkSizeRequestMode
pst_flow_gauge_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
pst_flow_gauge_dispose (GObject *object)
{
  PstFlowGauge *self = PST_FLOW_GAUGE (object);
  GtkWidget *child;

  stop_listening (self);
  if (self->chart != NULL)
    pst_flow_chart_set_samples (self->chart, NULL);
  self->chart = NULL;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->transfer);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (pst_flow_gauge_parent_class)->dispose (object);
}

static void
pst_flow_gauge_finalize (GObject *object)
{
  PstFlowGauge *self = PST_FLOW_GAUGE (object);

  g_object_unref (self->transfer_signals);
  g_object_unref (self->session_signals);
  g_free (self->description);

  G_OBJECT_CLASS (pst_flow_gauge_parent_class)->finalize (object);
}

static void
pst_flow_gauge_class_init (PstFlowGaugeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = pst_flow_gauge_dispose;
  object_class->finalize = pst_flow_gauge_finalize;
  widget_class->map = pst_flow_gauge_map;
  widget_class->unmap = pst_flow_gauge_unmap;
  widget_class->get_request_mode = pst_flow_gauge_get_request_mode;

  g_type_ensure (PST_TYPE_FLOW_CHART);
  g_type_ensure (PST_TYPE_BUFFER_VESSEL);
  g_type_ensure (PST_TYPE_PROGRESS_BAR);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/penstock/Penstock/pages/pst-flow-gauge.ui");
  gtk_widget_class_bind_template_child (widget_class, PstFlowGauge, chart);
  gtk_widget_class_bind_template_child (widget_class, PstFlowGauge, vessel);
  gtk_widget_class_bind_template_child (widget_class, PstFlowGauge, legend);
  gtk_widget_class_bind_template_child (widget_class, PstFlowGauge, sent_caption);
  gtk_widget_class_bind_template_child (widget_class, PstFlowGauge, sent_label);
  gtk_widget_class_bind_template_child (widget_class, PstFlowGauge, sent_bar);
  gtk_widget_class_bind_template_child (widget_class, PstFlowGauge, written_caption);
  gtk_widget_class_bind_template_child (widget_class, PstFlowGauge, written_label);
  gtk_widget_class_bind_template_child (widget_class, PstFlowGauge, written_bar);
  gtk_widget_class_bind_template_child (widget_class, PstFlowGauge, facts);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static GtkLabel *
add_label (GtkWidget *box, const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (label, css_class);
  gtk_box_append (GTK_BOX (box), label);
  return GTK_LABEL (label);
}

static void
add_legend (PstFlowGauge *self)
{
  gtk_widget_set_layout_manager (self->legend, pst_wrap_layout_new (18, 6));
  for (PstHold hold = PST_HOLD_NONE + 1; hold < PST_N_HOLDS; hold++)
    {
      GtkWidget *item = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

      gtk_box_append (GTK_BOX (item), pst_gauge_swatch_new (hold));
      self->legend_labels[hold] = add_label (item, "", "caption");
      gtk_widget_add_css_class (GTK_WIDGET (self->legend_labels[hold]), "numeric");
      gtk_box_append (GTK_BOX (self->legend), item);
      self->legend_items[hold] = item;
    }
}

static void
add_facts (PstFlowGauge *self)
{
  const char *captions[N_FACTS] = {
    /* Translators: above what holds a transfer back, such as “Their disk” */
    [FACT_HOLD] = C_ ("gauge", "Held Back By"),
    /* Translators: above how the machines reach each other, such as “Through a relay” */
    [FACT_ROUTE] = C_ ("gauge", "Route"),
    /* Translators: above the time to the other machine and back, such as “23 ms” */
    [FACT_ROUND_TRIP] = C_ ("gauge", "Round Trip"),
    /* Translators: above the average speed of a transfer */
    [FACT_MEAN_RATE] = C_ ("gauge", "Average"),
    /* Translators: above the highest speed of a transfer */
    [FACT_PEAK_RATE] = C_ ("gauge", "Highest"),
  };

  gtk_widget_set_layout_manager (self->facts, pst_wrap_layout_new (24, 9));
  for (Fact fact = 0; fact < N_FACTS; fact++)
    {
      GtkWidget *item = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
      GtkLabel *caption = add_label (item, captions[fact], "caption");

      gtk_widget_add_css_class (GTK_WIDGET (caption), "dim-label");
      self->fact_labels[fact] = add_label (item, "", "numeric");
      gtk_box_append (GTK_BOX (self->facts), item);
      self->fact_items[fact] = item;
    }
}

static void
pst_flow_gauge_init (PstFlowGauge *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  add_legend (self);
  add_facts (self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  /* Translators: the name of the chart of what flows */
                                  C_ ("gauge", "Flow"), -1);

  self->transfer_signals = g_signal_group_new (PST_TYPE_APP_TRANSFER);
  g_signal_group_connect_swapped (self->transfer_signals, "sampled", G_CALLBACK (schedule_update),
                                  self);
  g_signal_group_connect_swapped (self->transfer_signals, "notify", G_CALLBACK (schedule_update),
                                  self);
  self->session_signals = g_signal_group_new (PST_TYPE_APP_SESSION);
  g_signal_group_connect_swapped (self->session_signals, "notify", G_CALLBACK (schedule_update),
                                  self);
}

/**
 * pst_flow_gauge_new:
 *
 * Returns: (transfer floating): a gauge without a transfer
 */
GtkWidget *
pst_flow_gauge_new (void)
{
  return g_object_new (PST_TYPE_FLOW_GAUGE, NULL);
}

static void
name_bars (PstFlowGauge *self)
{
  gboolean incoming = self->transfer != NULL && pst_app_transfer_is_incoming (self->transfer);

  gtk_label_set_text (self->sent_caption, incoming
                                              /* Translators: beside how much was received so far */
                                              ? C_ ("gauge", "Received")
                                              /* Translators: beside how much was sent so far */
                                              : C_ ("gauge", "Sent"));
  gtk_label_set_text (self->written_caption, incoming ? C_ ("gauge", "Written to this disk")
                                                      : C_ ("gauge", "Written to their disk"));
  pst_progress_bar_set_label (self->sent_bar, gtk_label_get_text (self->sent_caption));
  pst_progress_bar_set_label (self->written_bar, gtk_label_get_text (self->written_caption));
}

/**
 * pst_flow_gauge_set_transfer:
 * @self: a gauge
 * @transfer: (nullable): the transfer to show
 * @session: (nullable): the session it belongs to
 *
 * Sets what is shown. Nothing is listened to until the gauge is visible.
 */
void
pst_flow_gauge_set_transfer (PstFlowGauge *self, PstAppTransfer *transfer, PstAppSession *session)
{
  g_return_if_fail (PST_IS_FLOW_GAUGE (self));

  stop_listening (self);
  pst_flow_chart_set_samples (self->chart, NULL);
  g_clear_pointer (&self->description, g_free);
  g_set_object (&self->transfer, transfer);
  g_set_object (&self->session, session);
  name_bars (self);
  listen (self);
}

/**
 * pst_flow_gauge_describe:
 * @self: a gauge
 *
 * Says what it shows, for whoever cannot see it.
 *
 * Returns: (transfer full) (nullable): some sentences; %NULL without a transfer
 */
char *
pst_flow_gauge_describe (PstFlowGauge *self)
{
  g_return_val_if_fail (PST_IS_FLOW_GAUGE (self), NULL);

  return self->transfer != NULL ? pst_gauge_describe (self->transfer, self->session) : NULL;
}
