/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-transfers-page.h"

#include <glib/gi18n.h>

#include "pst-ask.h"
#include "pst-earlier-row.h"
#include "pst-heading.h"
#include "pst-narrow.h"
#include "pst-text.h"
#include "pst-transfer-row.h"
#include "pst-wrap-layout.h"

struct _PstTransfersPage
{
  AdwBin parent_instance;

  PstHistory *history;
  GtkFilterListModel *earlier_items; /* those of the history that are not shown above */
  GDateTime *session_start;          /* when the session came to this page */
  PstAppSession *session;
  GListModel *transfers;
  GSignalGroup *session_signals;
  GSignalGroup *list_signals;
  GSignalGroup *history_signals;
  guint update_source;

  GtkLabel *heading;
  GtkWidget *connection;
  GtkLabel *route_label;
  GtkLabel *sentence;
  GtkWidget *connected_buttons;
  GtkWidget *start_buttons;
  GtkListBox *list;
  GtkWidget *empty;
  GtkWidget *earlier;
  GtkListBox *earlier_list;
  GtkWidget *clear_button;
};

G_DEFINE_FINAL_TYPE (PstTransfersPage, pst_transfers_page, ADW_TYPE_BIN)

enum
{
  SIGNAL_RETRY,
  SIGNAL_REVIEW,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
set_text (GtkLabel *label, const char *text)
{
  gtk_widget_set_visible (GTK_WIDGET (label), text != NULL && *text != '\0');
  if (g_strcmp0 (gtk_label_get_text (label), text) != 0)
    gtk_label_set_text (label, text != NULL ? text : "");
}

static gboolean
is_connected (PstTransfersPage *self)
{
  return self->session != NULL
         && pst_app_session_get_state (self->session) == PST_SESSION_CONNECTED;
}

/* The link may be away for a while: more can be dropped all the same. */
static gboolean
is_together (PstTransfersPage *self)
{
  return self->session != NULL && pst_app_session_is_together (self->session);
}

static gboolean
is_over (PstTransfersPage *self)
{
  return self->session == NULL || pst_app_session_get_state (self->session) >= PST_SESSION_CLOSING;
}

/* %NULL where they gave no name */
static char *
format_peer_name (PstTransfersPage *self)
{
  const char *peer_name = self->session != NULL ? pst_app_session_get_peer_name (self->session)
                                                : NULL;

  return peer_name != NULL && *peer_name != '\0' ? pst_text_name (peer_name) : NULL;
}

static char *
format_heading (PstTransfersPage *self)
{
  g_autofree char *name = format_peer_name (self);

  if (self->session == NULL)
    return g_strdup (_ ("Transfers"));
  if (is_over (self))
    return g_strdup (_ ("Connection Ended"));
  if (name == NULL)
    return g_strdup (is_connected (self) ? _ ("Connected to the Other Person")
                                         : _ ("Connecting to the Other Person"));

  return is_connected (self)
             /* Translators: %s is the name of a person or machine */
             ? g_strdup_printf (_ ("Connected to %s"), name)
             /* Translators: %s is the name of a person or machine */
             : g_strdup_printf (_ ("Connecting to %s"), name);
}

static char *
format_sentence (PstTransfersPage *self)
{
  g_autofree char *name = format_peer_name (self);

  if (self->session == NULL)
    return g_strdup (_ ("You are not connected to anybody."));
  if (!is_over (self))
    return NULL;
  if (name == NULL)
    return g_strdup (_ ("You are no longer connected. Start again to send or receive more."));

  /* Translators: %s is the name of a person or machine */
  return g_strdup_printf (_ ("You are no longer connected to %s. "
                             "Start again to send or receive more."),
                          name);
}

static char *
format_route (PstTransfersPage *self)
{
  const char *route = pst_text_route_title (pst_app_session_get_route (self->session));
  g_autofree char *round_trip = pst_text_round_trip (
      pst_app_session_get_round_trip_us (self->session));

  if (route == NULL || *route == '\0')
    return g_steal_pointer (&round_trip);
  if (round_trip == NULL || *round_trip == '\0')
    return g_strdup (route);

  /* Translators: the route and its round trip: “On this network, 3 ms round trip” */
  return g_strdup_printf (_ ("%s, %s round trip"), route, round_trip);
}

static void
update_header (PstTransfersPage *self)
{
  gboolean connected = is_connected (self);
  g_autofree char *heading = format_heading (self);
  g_autofree char *sentence = format_sentence (self);
  g_autofree char *route = connected ? format_route (self) : NULL;

  set_text (self->heading, heading);
  set_text (self->sentence, sentence);
  set_text (self->route_label, route);
  gtk_widget_set_visible (self->connection, connected);
  gtk_widget_set_visible (self->connected_buttons, is_together (self));
  gtk_widget_set_visible (self->start_buttons, is_over (self));
}

static void
update_lists (PstTransfersPage *self)
{
  gboolean any = self->transfers != NULL && g_list_model_get_n_items (self->transfers) > 0;
  gboolean earlier = self->earlier_items != NULL
                     && g_list_model_get_n_items (G_LIST_MODEL (self->earlier_items)) > 0;

  gtk_widget_set_visible (GTK_WIDGET (self->list), any);
  gtk_widget_set_visible (self->earlier, earlier);
  gtk_widget_set_visible (self->empty, !any && is_together (self));
}

static void
update (PstTransfersPage *self)
{
  update_header (self);
  update_lists (self);
}

static gboolean
on_update (gpointer user_data)
{
  PstTransfersPage *self = user_data;

  self->update_source = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

static void
schedule_update (PstTransfersPage *self)
{
  if (self->update_source == 0)
    self->update_source = g_idle_add_full (G_PRIORITY_HIGH_IDLE, on_update, self, NULL);
}

static void
on_retry (PstTransferRow *row, PstTransfersPage *self)
{
  g_signal_emit (self, signals[SIGNAL_RETRY], 0, pst_transfer_row_get_transfer (row));
}

static void
on_review (PstTransferRow *row, PstTransfersPage *self)
{
  g_signal_emit (self, signals[SIGNAL_REVIEW], 0, pst_transfer_row_get_transfer (row));
}

/* The newest one is on top: the list runs the other way round than the model. */
static void
insert_row (PstTransfersPage *self, guint position, guint n_rows)
{
  g_autoptr (PstAppTransfer) transfer = g_list_model_get_item (self->transfers, position);
  GtkWidget *row = pst_transfer_row_new (transfer, self->session);

  g_signal_connect_object (row, "retry", G_CALLBACK (on_retry), self, 0);
  g_signal_connect_object (row, "review", G_CALLBACK (on_review), self, 0);
  gtk_list_box_insert (self->list, row, n_rows - position);
}

static void
on_transfers_changed (
    GListModel *model, guint position, guint n_removed, guint n_added, PstTransfersPage *self)
{
  guint n_rows = g_list_model_get_n_items (model) - n_added + n_removed;

  for (guint i = 0; i < n_removed; i++, n_rows--)
    gtk_list_box_remove (
        self->list, GTK_WIDGET (gtk_list_box_get_row_at_index (self->list, n_rows - 1 - position)));
  for (guint i = 0; i < n_added; i++, n_rows++)
    insert_row (self, position + i, n_rows);

  schedule_update (self);
}

static void
on_row_activated (GtkListBox *list, GtkListBoxRow *row, gpointer user_data)
{
  PstTransferRow *transfer_row = PST_TRANSFER_ROW (row);

  pst_transfer_row_set_expanded (transfer_row, !pst_transfer_row_get_expanded (transfer_row));
}

static void
on_clear_response (AdwMessageDialog *dialog, const char *response, PstTransfersPage *self)
{
  if (g_str_equal (response, "clear"))
    pst_history_clear (self->history);
}

static void
on_clear (PstTransfersPage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *dialog = adw_message_dialog_new (GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
                                              _ ("Clear History?"),
                                              _ ("The list of earlier transfers will be removed. "
                                                 "The files themselves stay where they are."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "clear",
                                    _ ("C_lear History"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "clear",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_clear_response), self, 0);
  pst_ask_present (ADW_MESSAGE_DIALOG (dialog));
}

/* What this session did stands in its own list. */
static gboolean
is_earlier (gpointer item, gpointer user_data)
{
  PstTransfersPage *self = user_data;

  return self->session_start == NULL
         || g_date_time_compare (pst_history_item_get_time (item), self->session_start) < 0;
}

static GtkWidget *
make_earlier_row (gpointer item, gpointer user_data)
{
  return pst_earlier_row_new (item);
}

static gboolean
pst_transfers_page_grab_focus (GtkWidget *widget)
{
  return pst_heading_grab_focus (GTK_WIDGET (PST_TRANSFERS_PAGE (widget)->heading));
}

static void
pst_transfers_page_dispose (GObject *object)
{
  PstTransfersPage *self = PST_TRANSFERS_PAGE (object);

  g_clear_handle_id (&self->update_source, g_source_remove);
  g_clear_object (&self->session_signals);
  g_clear_object (&self->list_signals);
  g_clear_object (&self->history_signals);
  g_clear_object (&self->transfers);
  g_clear_object (&self->session);
  g_clear_object (&self->history);
  g_clear_object (&self->earlier_items);
  g_clear_pointer (&self->session_start, g_date_time_unref);

  G_OBJECT_CLASS (pst_transfers_page_parent_class)->dispose (object);
}

#define BIND(name) gtk_widget_class_bind_template_child (widget_class, PstTransfersPage, name)

static void
bind_children (GtkWidgetClass *widget_class)
{
  BIND (heading);
  BIND (connection);
  BIND (route_label);
  BIND (sentence);
  BIND (connected_buttons);
  BIND (start_buttons);
  BIND (list);
  BIND (empty);
  BIND (earlier);
  BIND (earlier_list);
  BIND (clear_button);
}

#undef BIND

static void
pst_transfers_page_class_init (PstTransfersPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pst_transfers_page_dispose;
  widget_class->grab_focus = pst_transfers_page_grab_focus;

  signals[SIGNAL_RETRY] = g_signal_new ("retry", PST_TYPE_TRANSFERS_PAGE, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 1, PST_TYPE_APP_TRANSFER);
  signals[SIGNAL_REVIEW] = g_signal_new ("review", PST_TYPE_TRANSFERS_PAGE, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, PST_TYPE_APP_TRANSFER);

  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/penstock/Penstock/pages/pst-transfers-page.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_clear);
}

static void
pst_transfers_page_init (PstTransfersPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  pst_narrow_buttons (GTK_WIDGET (self));
  gtk_widget_set_layout_manager (self->connection, pst_wrap_layout_new (12, 3));
  gtk_widget_set_layout_manager (self->connected_buttons, pst_wrap_layout_new (6, 6));
  gtk_widget_set_layout_manager (self->start_buttons, pst_wrap_layout_new (6, 6));

  self->session_signals = g_signal_group_new (PST_TYPE_APP_SESSION);
  g_signal_group_connect_swapped (self->session_signals, "notify", G_CALLBACK (schedule_update),
                                  self);
  self->list_signals = g_signal_group_new (G_TYPE_LIST_MODEL);
  g_signal_group_connect (self->list_signals, "items-changed", G_CALLBACK (on_transfers_changed),
                          self);
  self->history_signals = g_signal_group_new (G_TYPE_LIST_MODEL);
  g_signal_group_connect_swapped (self->history_signals, "items-changed",
                                  G_CALLBACK (schedule_update), self);
}

/**
 * pst_transfers_page_new:
 * @history: (nullable): the transfers of earlier days
 *
 * Returns: (transfer floating): a page without a session
 */
GtkWidget *
pst_transfers_page_new (PstHistory *history)
{
  PstTransfersPage *self = g_object_new (PST_TYPE_TRANSFERS_PAGE, NULL);

  if (history != NULL)
    {
      self->history = g_object_ref (history);
      self->earlier_items = gtk_filter_list_model_new (
          g_object_ref (G_LIST_MODEL (history)),
          GTK_FILTER (gtk_custom_filter_new (is_earlier, self, NULL)));
      gtk_list_box_bind_model (self->earlier_list, G_LIST_MODEL (self->earlier_items),
                               make_earlier_row, NULL, NULL);
      g_signal_group_set_target (self->history_signals, self->earlier_items);
    }
  update (self);
  return GTK_WIDGET (self);
}

static void
set_transfers (PstTransfersPage *self, GListModel *transfers)
{
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (self->list, 0)) != NULL)
    gtk_list_box_remove (self->list, GTK_WIDGET (row));

  g_set_object (&self->transfers, transfers);
  g_signal_group_set_target (self->list_signals, transfers);
  for (guint i = 0; transfers != NULL && i < g_list_model_get_n_items (transfers); i++)
    insert_row (self, i, i);
}

/**
 * pst_transfers_page_set_session:
 * @self: a page
 * @session: (nullable): the connection to show
 *
 * Shows @session and its transfers, also once it is over.
 */
void
pst_transfers_page_set_session (PstTransfersPage *self, PstAppSession *session)
{
  g_return_if_fail (PST_IS_TRANSFERS_PAGE (self));

  if (!g_set_object (&self->session, session))
    return;

  g_clear_pointer (&self->session_start, g_date_time_unref);
  if (session != NULL)
    self->session_start = g_date_time_new_now_utc ();
  if (self->earlier_items != NULL)
    gtk_filter_changed (gtk_filter_list_model_get_filter (self->earlier_items),
                        GTK_FILTER_CHANGE_DIFFERENT);
  g_signal_group_set_target (self->session_signals, session);
  set_transfers (self, session != NULL ? pst_app_session_get_transfers (session) : NULL);
  update (self);
}
