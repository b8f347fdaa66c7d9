/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-application-private.h"
#include "pst-window-private.h"

#include <glib/gi18n.h>

#include "pst-text.h"

G_DEFINE_FINAL_TYPE (PstWindow, pst_window, ADW_TYPE_APPLICATION_WINDOW)

/* What a name's own direction does ends with it. */
#define ISOLATE "\u2068%s\u2069"

/**
 * pst_window_get_facts:
 * @self: a window
 * @facts: (out caller-allocates): what decides about the page
 *
 * Gathers what is known.
 */
void
pst_window_get_facts (PstWindow *self, PstWindowFacts *facts)
{
  GListModel *transfers;

  *facts = (PstWindowFacts){
    .has_session = self->session != NULL,
    .state = PST_SESSION_CLOSED,
    .was_connected = self->was_connected,
    .n_offers = self->offers.length,
    .offers_put_off = self->offers_put_off,
    .entering = self->entering,
    .failed = self->failure != NULL,
  };
  if (self->session == NULL)
    return;

  transfers = pst_app_session_get_transfers (self->session);
  facts->state = pst_app_session_get_state (self->session);
  facts->hosting = pst_app_session_is_host (self->session);
  facts->n_transfers = transfers != NULL ? g_list_model_get_n_items (transfers) : 0;
}

static char *
dup_peer_name (PstWindow *self)
{
  const char *name = self->session != NULL ? pst_app_session_get_peer_name (self->session) : NULL;
  g_autofree char *shown = name != NULL && *name != '\0' ? pst_text_name (name) : NULL;

  return shown != NULL ? g_strdup_printf (ISOLATE, shown) : NULL;
}

static gboolean
is_together (PstWindow *self)
{
  return self->session != NULL && pst_app_session_is_together (self->session);
}

static const char *
describe_connection (PstWindow *self)
{
  switch (pst_app_session_get_state (self->session))
    {
    case PST_SESSION_CONNECTED:
      /* Translators: the state of a connection */
      return _ ("Connected");
    case PST_SESSION_RECONNECTING:
      return C_ ("transfer state", "Reconnecting…");
    case PST_SESSION_CLOSING:
      /* Translators: the state of a connection that is being ended */
      return _ ("Disconnecting…");
    default:
      /* Translators: the state of a connection that has ended */
      return _ ("Disconnected");
    }
}

static void
update_title (PstWindow *self)
{
  g_autofree char *peer_name = dup_peer_name (self);
  const char *title = "Penstock";
  const char *subtitle = "";

  switch (self->page)
    {
    case PST_WINDOW_PAGE_WAITING:
      /* Translators: the title of the window while it shows the code to send with */
      title = _ ("Send");
      break;
    case PST_WINDOW_PAGE_RECEIVE:
      /* Translators: the title of the window while a code to receive with is entered */
      title = _ ("Receive");
      break;
    case PST_WINDOW_PAGE_OFFER:
    case PST_WINDOW_PAGE_TRANSFERS:
      /* Translators: the title of the window; elsewhere the name of the other person */
      title = peer_name != NULL ? peer_name : _ ("Other Person");
      subtitle = describe_connection (self);
      break;
    default:
      break;
    }

  adw_window_title_set_title (self->window_title, title);
  adw_window_title_set_subtitle (self->window_title, subtitle);
  gtk_window_set_title (GTK_WINDOW (self), title);
}

static void
show_page (PstWindow *self, PstWindowPage page)
{
  gboolean changed = self->page != page;

  self->page = page;
  gtk_stack_set_visible_child_name (self->stack, pst_window_page_to_name (page));
  if (changed)
    gtk_widget_grab_focus (gtk_stack_get_visible_child (self->stack));
}

/**
 * pst_window_update:
 * @self: a window
 *
 * Shows what follows from what is known: the page, the title, which actions
 * make sense. To be called after every change of a fact.
 */
void
pst_window_update (PstWindow *self)
{
  PstWindowFacts facts;
  PstWindowPage page;

  pst_window_get_facts (self, &facts);
  page = pst_window_page_decide (&facts);
  if (page == PST_WINDOW_PAGE_OFFER)
    {
      /* The page says so itself, and its answers must not be covered. */
      if (self->destination_toast != NULL)
        adw_toast_dismiss (self->destination_toast);
      pst_window_show_next_offer (self);
    }

  show_page (self, page);
  gtk_widget_set_visible (self->back_button, pst_window_page_has_back (page, &facts));
  gtk_widget_set_visible (self->add_button, page == PST_WINDOW_PAGE_WAITING
                                                || (page == PST_WINDOW_PAGE_TRANSFERS
                                                    && is_together (self)));
  update_title (self);
  pst_window_update_actions (self);
}

static void
on_copied (PstWindow *self, const char *sentence)
{
  pst_window_say (self, sentence);
}

static void
on_cancelled (PstWindow *self)
{
  g_action_group_activate_action (G_ACTION_GROUP (self), "back", NULL);
}

static void
add_page (PstWindow *self, PstWindowPage page, gpointer widget)
{
  gtk_stack_add_named (self->stack, GTK_WIDGET (widget), pst_window_page_to_name (page));
}

static void
add_pages (PstWindow *self, PstHistory *history)
{
  self->start_page = PST_START_PAGE (pst_start_page_new ());
  self->waiting_page = PST_WAITING_PAGE (pst_waiting_page_new ());
  self->receive_page = PST_RECEIVE_PAGE (pst_receive_page_new ());
  self->offer_page = PST_OFFER_PAGE (pst_offer_page_new (self->settings));
  self->transfers_page = PST_TRANSFERS_PAGE (pst_transfers_page_new (history));
  self->failure_page = PST_FAILURE_PAGE (pst_failure_page_new ());

  add_page (self, PST_WINDOW_PAGE_START, self->start_page);
  add_page (self, PST_WINDOW_PAGE_WAITING, self->waiting_page);
  add_page (self, PST_WINDOW_PAGE_RECEIVE, self->receive_page);
  add_page (self, PST_WINDOW_PAGE_OFFER, self->offer_page);
  add_page (self, PST_WINDOW_PAGE_TRANSFERS, self->transfers_page);
  add_page (self, PST_WINDOW_PAGE_FAILURE, self->failure_page);
}

static void
on_answered (PstWindow *self)
{
  pst_window_drop_answered (self);
  pst_window_update (self);
}

static void
connect_pages (PstWindow *self)
{
  g_signal_connect_object (self->waiting_page, "cancelled", G_CALLBACK (on_cancelled), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->waiting_page, "copied", G_CALLBACK (on_copied), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->receive_page, "cancelled", G_CALLBACK (on_cancelled), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->receive_page, "code-entered", G_CALLBACK (pst_window_join), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->offer_page, "answered", G_CALLBACK (on_answered), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->transfers_page, "retry", G_CALLBACK (pst_window_retry), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->transfers_page, "review", G_CALLBACK (pst_window_review), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->failure_page, "step", G_CALLBACK (pst_window_do_step), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->failure_page, "dismissed", G_CALLBACK (pst_window_dismiss_failure),
                           self, G_CONNECT_SWAPPED);
}

static void
on_server_changed (PstWindow *self)
{
  g_autofree char *url = g_settings_get_string (self->settings, "server-url");

  pst_start_page_set_server (self->start_page, url);
}

static void
pst_window_dispose (GObject *object)
{
  PstWindow *self = PST_WINDOW (object);

  if (self->session_signals != NULL)
    pst_window_clear_session (self);
  g_clear_object (&self->session_signals);
  g_clear_object (&self->attention);
  g_clear_object (&self->thrift);
  g_clear_object (&self->settings);
  g_clear_weak_pointer (&self->destination_toast);
  g_clear_weak_pointer (&self->question);

  G_OBJECT_CLASS (pst_window_parent_class)->dispose (object);
}

static void
pst_window_finalize (GObject *object)
{
  PstWindow *self = PST_WINDOW (object);

  g_hash_table_unref (self->accepted);
  g_clear_error (&self->failure);
  g_strfreev (self->last_paths);
  g_free (self->last_code);
  g_free (self->last_device);
  g_clear_object (&self->send_menu);
  g_clear_object (&self->receive_menu);

  G_OBJECT_CLASS (pst_window_parent_class)->finalize (object);
}

static void
pst_window_class_init (PstWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pst_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = pst_window_finalize;
  GTK_WINDOW_CLASS (klass)->close_request = pst_window_close_request;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/penstock/Penstock/shell/pst-window.ui");
  gtk_widget_class_bind_template_child (widget_class, PstWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, PstWindow, window_title);
  gtk_widget_class_bind_template_child (widget_class, PstWindow, back_button);
  gtk_widget_class_bind_template_child (widget_class, PstWindow, add_button);
  gtk_widget_class_bind_template_child (widget_class, PstWindow, drop_area);
  gtk_widget_class_bind_template_child (widget_class, PstWindow, drop_note);
  gtk_widget_class_bind_template_child (widget_class, PstWindow, stack);
}

static void
pst_window_init (PstWindow *self)
{
  self->accepted = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  g_queue_init (&self->offers);

  gtk_widget_init_template (GTK_WIDGET (self));
  if (g_str_has_suffix (PST_APPLICATION_ID, ".Devel"))
    gtk_widget_add_css_class (GTK_WIDGET (self), "devel");
}

/**
 * pst_window_new:
 * @application: the application, started
 *
 * Makes the window, showing the first page.
 *
 * Returns: (transfer none): the window, owned by GTK
 */
PstWindow *
pst_window_new (PstApplication *application)
{
  PstWindow *self = g_object_new (PST_TYPE_WINDOW, "application", application, NULL);

  self->settings = g_object_ref (pst_application_get_settings (application));
  self->attention = pst_attention_new (GTK_APPLICATION (application), GTK_WINDOW (self));
  self->thrift = pst_thrift_new (g_network_monitor_get_default (), self->settings);

  add_pages (self, pst_application_get_history (application));
  connect_pages (self);
  pst_window_install_session (self);
  pst_window_install_actions (self);
  pst_window_install_shortcuts (self);
  pst_window_install_drop (self);
  pst_window_install_devices (self, PST_APPLICATION (application)->devices);
  pst_window_restore_size (self);
  g_signal_connect_object (self->settings, "changed::server-url", G_CALLBACK (on_server_changed),
                           self, G_CONNECT_SWAPPED);
  on_server_changed (self);
  pst_window_update (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->start_page));
  pst_window_check_destination (self);

  return self;
}

/**
 * pst_window_say:
 * @self: a window
 * @sentence: translated; any text, no markup
 *
 * Tells the person something that needs no answer.
 */
void
pst_window_say (PstWindow *self, const char *sentence)
{
  g_autofree char *markup = NULL;

  g_return_if_fail (PST_IS_WINDOW (self));

  markup = g_markup_escape_text (sentence, -1);
  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (markup));
}
