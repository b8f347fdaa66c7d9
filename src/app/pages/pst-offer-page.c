/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-offer-page-private.h"

#include "pst-choose.h"
#include "pst-heading.h"
#include "pst-narrow.h"
#include "pst-wrap-layout.h"

G_DEFINE_FINAL_TYPE (PstOfferPage, pst_offer_page, ADW_TYPE_BIN)

enum
{
  PROP_0,
  PROP_SETTINGS,
  N_PROPS
};

enum
{
  ANSWERED,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

static void
choice_changed (PstOfferPage *self)
{
  g_clear_error (&self->refusal);
  pst_offer_page_refresh (self);
}

static void
send_answer (PstOfferPage *self)
{
  g_autoptr (GBytes) selection = pst_offer_tree_dup_selection (self->tree);

  if (self->transfer != NULL)
    pst_app_transfer_accept (self->transfer, self->place->path, selection);
}

static void
place_known (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstOfferPage) self = user_data;
  g_autoptr (GError) error = NULL;
  PstOfferPlace *place = pst_offer_place_probe_finish (result, &error);

  /* Given up for another one, or for good. */
  if (place == NULL)
    return;

  g_clear_object (&self->probing);
  g_clear_pointer (&self->place, pst_offer_place_free);
  self->place = place;
  if (self->accepting && pst_offer_page_can_accept (self))
    send_answer (self);
  else
    self->accepting = FALSE;
  pst_offer_page_refresh (self);
}

static void
probe_place (PstOfferPage *self)
{
  g_autofree char *path = g_settings_get_string (self->settings, "destination");

  g_cancellable_cancel (self->probing);
  g_clear_object (&self->probing);
  self->probing = g_cancellable_new ();
  pst_offer_place_probe_async (path, self->probing, place_known, g_object_ref (self));
}

static void
destination_changed (PstOfferPage *self)
{
  g_clear_pointer (&self->place, pst_offer_place_free);
  g_clear_error (&self->refusal);
  self->accepting = FALSE;
  pst_offer_page_refresh (self);
  probe_place (self);
}

static void
destination_chosen (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstOfferPage) self = user_data;
  g_autoptr (GListModel) files = pst_choose_finish (result, NULL);
  g_autoptr (GFile) folder = files != NULL ? g_list_model_get_item (files, 0) : NULL;
  const char *path = folder != NULL ? g_file_peek_path (folder) : NULL;

  if (path == NULL || self->settings == NULL)
    return;

  g_settings_set_string (self->settings, "destination", path);
  /* The same one again may be another one now. */
  destination_changed (self);
}

static void
change_clicked (PstOfferPage *self)
{
  pst_choose_destination_async (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                self->place != NULL ? self->place->path : NULL, destination_chosen,
                                g_object_ref (self));
}

static void
decline_clicked (PstOfferPage *self)
{
  if (self->transfer == NULL)
    return;

  /* Before the list is complete there is nothing to decline yet. */
  if (pst_app_transfer_get_state (self->transfer) == PST_TRANSFER_PREPARING)
    pst_app_transfer_cancel (self->transfer);
  else
    pst_app_transfer_decline (self->transfer);
}

static void
clear_content (PstOfferPage *self)
{
  if (self->tree != NULL)
    g_signal_handlers_disconnect_by_data (self->tree, self);
  if (self->list != NULL)
    gtk_list_view_set_model (GTK_LIST_VIEW (self->list), NULL);
  g_clear_object (&self->tree);
  g_clear_error (&self->refusal);
  self->accepting = FALSE;
}

/**
 * pst_offer_page_set_content:
 * @self: an offer page
 * @manifest: (nullable): a complete list; %NULL while it is on its way
 * @peer_name: (nullable): who sends it, not escaped
 *
 * Shows what is offered, everything chosen. What pst_offer_page_set_transfer()
 * does as soon as the list is there.
 */
void
pst_offer_page_set_content (PstOfferPage *self, PstManifest *manifest, const char *peer_name)
{
  clear_content (self);
  g_free (self->peer_name);
  self->peer_name = g_strdup (peer_name);

  if (manifest != NULL)
    {
      self->tree = pst_offer_tree_new (manifest);
      g_signal_connect_object (self->tree, "changed", G_CALLBACK (choice_changed), self,
                               G_CONNECT_SWAPPED);
      pst_offer_page_fill_list (self);
      pst_offer_page_show_offer (self);
      probe_place (self);
    }
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack),
                                    manifest != NULL ? "offer" : "waiting");
  pst_offer_page_refresh (self);
}

/**
 * pst_offer_page_get_tree:
 * @self: an offer page
 *
 * Returns: (transfer none) (nullable): what is shown and chosen
 */
PstOfferTree *
pst_offer_page_get_tree (PstOfferPage *self)
{
  return self->tree;
}

static void
accept_failed (PstOfferPage *self, const GError *error)
{
  g_clear_error (&self->refusal);
  self->refusal = g_error_copy (error);
  self->accepting = FALSE;
  pst_offer_page_refresh (self);
}

static void
state_changed (PstOfferPage *self)
{
  PstTransferState state = pst_app_transfer_get_state (self->transfer);
  g_autofree char *peer_name = NULL;

  if (self->answered || state == PST_TRANSFER_PREPARING)
    return;

  if (state == PST_TRANSFER_OFFERED)
    {
      peer_name = g_strdup (self->peer_name);
      if (self->tree == NULL)
        pst_offer_page_set_content (self, pst_app_transfer_get_manifest (self->transfer),
                                    peer_name);
      return;
    }

  self->answered = TRUE;
  pst_offer_page_refresh (self);
  g_signal_emit (self, signals[ANSWERED], 0);
}

static void
release_transfer (PstOfferPage *self)
{
  if (self->transfer != NULL)
    g_signal_handlers_disconnect_by_data (self->transfer, self);
  g_clear_object (&self->transfer);
}

static gboolean
pst_offer_page_grab_focus (GtkWidget *widget)
{
  PstOfferPage *self = PST_OFFER_PAGE (widget);

  return pst_heading_grab_focus (self->tree != NULL ? self->title : self->waiting_title);
}

/* The folder may have gone, and its room too, while nobody looked. */
static void
pst_offer_page_map (GtkWidget *widget)
{
  PstOfferPage *self = PST_OFFER_PAGE (widget);

  GTK_WIDGET_CLASS (pst_offer_page_parent_class)->map (widget);

  if (self->tree != NULL)
    probe_place (self);
}

static void
pst_offer_page_constructed (GObject *object)
{
  PstOfferPage *self = PST_OFFER_PAGE (object);

  G_OBJECT_CLASS (pst_offer_page_parent_class)->constructed (object);

  g_signal_connect_object (self->settings, "changed::destination", G_CALLBACK (destination_changed),
                           self, G_CONNECT_SWAPPED);
}

static void
pst_offer_page_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_SETTINGS:
      g_value_set_object (value, PST_OFFER_PAGE (object)->settings);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
pst_offer_page_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_SETTINGS:
      PST_OFFER_PAGE (object)->settings = g_value_dup_object (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
pst_offer_page_dispose (GObject *object)
{
  PstOfferPage *self = PST_OFFER_PAGE (object);

  g_cancellable_cancel (self->probing);
  g_clear_object (&self->probing);
  release_transfer (self);
  clear_content (self);
  g_clear_pointer (&self->place, pst_offer_place_free);
  g_clear_object (&self->settings);
  gtk_widget_dispose_template (GTK_WIDGET (self), PST_TYPE_OFFER_PAGE);

  G_OBJECT_CLASS (pst_offer_page_parent_class)->dispose (object);
}

static void
pst_offer_page_finalize (GObject *object)
{
  g_free (PST_OFFER_PAGE (object)->peer_name);

  G_OBJECT_CLASS (pst_offer_page_parent_class)->finalize (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/penstock/Penstock/pages/pst-offer-page.ui");
#define BIND(NAME) gtk_widget_class_bind_template_child (widget_class, PstOfferPage, NAME)
  BIND (stack);
  BIND (waiting_title);
  BIND (title);
  BIND (summary);
  BIND (earlier);
  BIND (place_label);
  BIND (free_label);
  BIND (problem_box);
  BIND (problem);
  BIND (all_check);
  BIND (selected);
  BIND (list);
  BIND (answers);
  BIND (decline_button);
  BIND (accept_button);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, gtk_spinner_start);
  gtk_widget_class_bind_template_callback (widget_class, gtk_spinner_stop);
  gtk_widget_class_bind_template_callback (widget_class, change_clicked);
  gtk_widget_class_bind_template_callback (widget_class, pst_offer_page_toggle_all);
  gtk_widget_class_bind_template_callback (widget_class, decline_clicked);
  gtk_widget_class_bind_template_callback (widget_class, pst_offer_page_accept);
  pst_offer_page_bind_list (widget_class);
}

static void
pst_offer_page_class_init (PstOfferPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->constructed = pst_offer_page_constructed;
  object_class->get_property = pst_offer_page_get_property;
  object_class->set_property = pst_offer_page_set_property;
  object_class->dispose = pst_offer_page_dispose;
  object_class->finalize = pst_offer_page_finalize;
  widget_class->grab_focus = pst_offer_page_grab_focus;
  widget_class->map = pst_offer_page_map;

  props[PROP_SETTINGS] = g_param_spec_object ("settings", NULL, NULL, G_TYPE_SETTINGS,
                                              G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY
                                                  | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[ANSWERED] = g_signal_new ("answered", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 0);

  bind_template (widget_class);
}

static void
pst_offer_page_init (PstOfferPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  pst_narrow_buttons (GTK_WIDGET (self));
  gtk_widget_set_layout_manager (self->answers, pst_wrap_layout_new (12, 6));
}

/**
 * pst_offer_page_new:
 * @settings: those with the key "destination"
 *
 * Returns: (transfer floating): a page that shows nothing yet
 */
GtkWidget *
pst_offer_page_new (GSettings *settings)
{
  return g_object_new (PST_TYPE_OFFER_PAGE, "settings", settings, NULL);
}

/**
 * pst_offer_page_set_transfer:
 * @self: an offer page
 * @transfer: (nullable): an incoming transfer; %NULL for none
 * @peer_name: (nullable): who sends it, not escaped
 *
 * Shows an offer as soon as its list is complete. `answered` comes once, when
 * it is no longer open for whatever reason.
 */
void
pst_offer_page_set_transfer (PstOfferPage *self, PstAppTransfer *transfer, const char *peer_name)
{
  release_transfer (self);
  self->answered = FALSE;
  pst_offer_page_set_content (self, NULL, peer_name);
  if (transfer == NULL)
    return;

  self->transfer = g_object_ref (transfer);
  g_signal_connect_object (transfer, "notify::state", G_CALLBACK (state_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (transfer, "accept-failed", G_CALLBACK (accept_failed), self,
                           G_CONNECT_SWAPPED);
  state_changed (self);
}

/**
 * pst_offer_page_get_transfer:
 * @self: an offer page
 *
 * Returns: (transfer none) (nullable): what is being shown
 */
PstAppTransfer *
pst_offer_page_get_transfer (PstOfferPage *self)
{
  return self->transfer;
}

/**
 * pst_offer_page_accept:
 * @self: an offer page
 *
 * Accepts what is chosen, once the folder was looked at again: it may have gone
 * since it was shown. What stands in the way is said in the page.
 */
void
pst_offer_page_accept (PstOfferPage *self)
{
  if (self->tree == NULL || self->accepting || !pst_offer_page_has_choice (self) || self->answered)
    return;

  g_clear_error (&self->refusal);
  self->accepting = TRUE;
  pst_offer_page_refresh (self);
  probe_place (self);
}
