/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-transfer-row-private.h"

#include <glib/gi18n.h>

#include "pst-failure.h"
#include "pst-narrow.h"
#include "pst-show.h"
#include "pst-style.h"
#include "pst-wrap-layout.h"

G_DEFINE_FINAL_TYPE (PstTransferRow, pst_transfer_row, GTK_TYPE_LIST_BOX_ROW)

enum
{
  SIGNAL_RETRY,
  SIGNAL_REVIEW,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static gboolean
on_update (gpointer user_data)
{
  PstTransferRow *self = user_data;

  self->update_source = 0;
  pst_transfer_row_update (self);
  return G_SOURCE_REMOVE;
}

/* One tick of a transfer notifies of several properties: they are shown together. */
static void
schedule_update (PstTransferRow *self)
{
  if (self->update_source == 0)
    self->update_source = g_idle_add_full (G_PRIORITY_HIGH_IDLE, on_update, self, NULL);
}

static void
on_pause (PstTransferRow *self)
{
  pst_app_transfer_pause (self->transfer);
}

static void
on_resume (PstTransferRow *self)
{
  pst_app_transfer_resume (self->transfer);
}

static void
on_cancel (PstTransferRow *self)
{
  pst_app_transfer_cancel (self->transfer);
}

static void
on_expand (PstTransferRow *self)
{
  pst_transfer_row_set_expanded (self, !self->expanded);
}

static void
on_review (PstTransferRow *self)
{
  g_signal_emit (self, signals[SIGNAL_REVIEW], 0);
}

static void
on_retry (PstTransferRow *self)
{
  g_signal_emit (self, signals[SIGNAL_RETRY], 0);
}

static void
on_copy (PstTransferRow *self)
{
  g_autofree char *details = pst_failure_details (pst_app_transfer_get_error (self->transfer));

  if (details == NULL)
    return;

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), details);
  gtk_button_set_label (GTK_BUTTON (self->copy_button), _ ("Details Copied"));
}

static void
on_shown (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstTransferRow) self = PST_TRANSFER_ROW (user_data);
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->trouble, g_free);
  if (!pst_show_finish (result, &error)
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    self->trouble = g_strdup (error->message);
  if (self->transfer != NULL)
    pst_transfer_row_update_message (self);
}

static GtkWindow *
get_window (PstTransferRow *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  return GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL;
}

static void
on_open (PstTransferRow *self)
{
  const char *const *paths = pst_app_transfer_get_result_paths (self->transfer);

  pst_show_open_async (get_window (self), paths[0], on_shown, g_object_ref (self));
}

static void
on_show (PstTransferRow *self)
{
  pst_show_in_folder_async (get_window (self), pst_app_transfer_get_result_paths (self->transfer),
                            on_shown, g_object_ref (self));
}

/* A click into the details is not meant for the row, which would close them. */
static void
on_details_pressed (GtkGesture *gesture)
{
  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
}

static void
pst_transfer_row_dispose (GObject *object)
{
  PstTransferRow *self = PST_TRANSFER_ROW (object);

  g_clear_handle_id (&self->update_source, g_source_remove);
  if (self->signals != NULL)
    g_signal_group_set_target (self->signals, NULL);
  g_clear_object (&self->signals);
  g_clear_object (&self->transfer);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (pst_transfer_row_parent_class)->dispose (object);
}

static void
pst_transfer_row_finalize (GObject *object)
{
  PstTransferRow *self = PST_TRANSFER_ROW (object);

  g_free (self->trouble);

  G_OBJECT_CLASS (pst_transfer_row_parent_class)->finalize (object);
}

#define BIND(name) gtk_widget_class_bind_template_child (widget_class, PstTransferRow, name)

static void
bind_children (GtkWidgetClass *widget_class)
{
  BIND (kind_icon);
  BIND (direction_icon);
  BIND (title_label);
  BIND (state_label);
  BIND (pause_button);
  BIND (resume_button);
  BIND (cancel_button);
  BIND (expand_button);
  BIND (bar);
  BIND (figures_label);
  BIND (message_label);
  BIND (buttons);
  BIND (review_button);
  BIND (open_button);
  BIND (show_button);
  BIND (retry_button);
  BIND (copy_button);
  BIND (left_out);
  BIND (left_out_label);
  BIND (revealer);
  BIND (details);
  BIND (gauge);
}

#undef BIND

static void
pst_transfer_row_class_init (PstTransferRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = pst_transfer_row_dispose;
  object_class->finalize = pst_transfer_row_finalize;

  signals[SIGNAL_RETRY] = g_signal_new ("retry", PST_TYPE_TRANSFER_ROW, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_REVIEW] = g_signal_new ("review", PST_TYPE_TRANSFER_ROW, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);

  g_type_ensure (PST_TYPE_PROGRESS_BAR);
  g_type_ensure (PST_TYPE_FLOW_GAUGE);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/penstock/Penstock/pages/pst-transfer-row.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, on_pause);
  gtk_widget_class_bind_template_callback (widget_class, on_resume);
  gtk_widget_class_bind_template_callback (widget_class, on_cancel);
  gtk_widget_class_bind_template_callback (widget_class, on_expand);
  gtk_widget_class_bind_template_callback (widget_class, on_review);
  gtk_widget_class_bind_template_callback (widget_class, on_retry);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
  gtk_widget_class_bind_template_callback (widget_class, on_open);
  gtk_widget_class_bind_template_callback (widget_class, on_show);
}

static void
pst_transfer_row_init (PstTransferRow *self)
{
  GtkGesture *click = gtk_gesture_click_new ();

  pst_style_use (gtk_widget_get_display (GTK_WIDGET (self)));
  gtk_widget_init_template (GTK_WIDGET (self));
  pst_narrow_buttons (GTK_WIDGET (self));
  gtk_widget_set_layout_manager (self->buttons, pst_wrap_layout_new (6, 6));
  g_signal_connect (click, "pressed", G_CALLBACK (on_details_pressed), NULL);
  gtk_widget_add_controller (self->details, GTK_EVENT_CONTROLLER (click));
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->expand_button), GTK_ACCESSIBLE_STATE_EXPANDED,
                               FALSE, -1);

  self->signals = g_signal_group_new (PST_TYPE_APP_TRANSFER);
  g_signal_group_connect_swapped (self->signals, "notify", G_CALLBACK (schedule_update), self);
}

static void
set_direction (PstTransferRow *self)
{
  gboolean incoming = pst_app_transfer_is_incoming (self->transfer);
  /* Translators: which way a transfer went */
  const char *words = incoming ? _ ("Incoming")
                               /* Translators: which way a transfer went */
                               : _ ("Outgoing");

  gtk_image_set_from_icon_name (self->direction_icon,
                                incoming ? "go-down-symbolic" : "go-up-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->direction_icon), words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->direction_icon),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}

/**
 * pst_transfer_row_new:
 * @transfer: a transfer
 * @session: (nullable): the session it belongs to
 *
 * Returns: (transfer floating): a row that shows @transfer and follows it
 */
GtkWidget *
pst_transfer_row_new (PstAppTransfer *transfer, PstAppSession *session)
{
  PstTransferRow *self;

  g_return_val_if_fail (PST_IS_APP_TRANSFER (transfer), NULL);

  self = g_object_new (PST_TYPE_TRANSFER_ROW, NULL);
  self->transfer = g_object_ref (transfer);
  self->session = session != NULL ? g_object_ref (session) : NULL;
  g_signal_group_set_target (self->signals, transfer);
  pst_flow_gauge_set_transfer (self->gauge, transfer, session);
  set_direction (self);
  pst_transfer_row_update (self);
  return GTK_WIDGET (self);
}

/**
 * pst_transfer_row_get_transfer:
 * @self: a row
 *
 * Returns: (transfer none): the transfer it shows
 */
PstAppTransfer *
pst_transfer_row_get_transfer (PstTransferRow *self)
{
  g_return_val_if_fail (PST_IS_TRANSFER_ROW (self), NULL);

  return self->transfer;
}

/**
 * pst_transfer_row_set_expanded:
 * @self: a row
 * @expanded: whether its flow gauge is to be seen
 *
 * Opens or closes the row. One that has nothing to show stays closed.
 */
void
pst_transfer_row_set_expanded (PstTransferRow *self, gboolean expanded)
{
  g_return_if_fail (PST_IS_TRANSFER_ROW (self));

  expanded = expanded && gtk_widget_get_visible (self->expand_button);
  if (self->expanded == expanded)
    return;

  self->expanded = expanded;
  gtk_revealer_set_reveal_child (self->revealer, expanded);
  gtk_button_set_icon_name (GTK_BUTTON (self->expand_button),
                            expanded ? "pan-up-symbolic" : "pan-down-symbolic");
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->expand_button), GTK_ACCESSIBLE_STATE_EXPANDED,
                               expanded, -1);
}

/**
 * pst_transfer_row_get_expanded:
 * @self: a row
 *
 * Returns: whether its flow gauge is to be seen
 */
gboolean
pst_transfer_row_get_expanded (PstTransferRow *self)
{
  g_return_val_if_fail (PST_IS_TRANSFER_ROW (self), FALSE);

  return self->expanded;
}
