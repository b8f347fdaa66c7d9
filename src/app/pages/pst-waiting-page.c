/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-waiting-page.h"

#include <glib/gi18n.h>

#include "pst-error.h"
#include "pst-heading.h"
#include "pst-narrow.h"
#include "pst-qr-view.h"
#include "pst-source.h"
#include "pst-text.h"

struct _PstWaitingPage
{
  AdwBin parent_instance;

  GtkSpinner *spinner;
  GtkLabel *heading;
  GtkWidget *code_box;
  GtkLabel *code;
  PstQrView *qr;
  GtkWidget *copy_link;
  GtkLabel *what;
  GtkLabel *where;
  GtkLabel *device_advice;
  GtkMenuButton *devices;
  GtkWidget *bottom;

  PstAppSession *session;
  GSignalGroup *session_signals;
  GListModel *transfers;
  GCancellable *counting;
};

enum
{
  CANCELLED,
  COPIED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PstWaitingPage, pst_waiting_page, ADW_TYPE_BIN)

static void
copy (PstWaitingPage *self, const char *text, const char *sentence)
{
  if (text == NULL)
    return;

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  g_signal_emit (self, signals[COPIED], 0, sentence);
}

static void
on_copy_code (PstWaitingPage *self)
{
  copy (self, gtk_label_get_label (self->code), _ ("Code copied"));
}

static void
on_copy_link (PstWaitingPage *self)
{
  if (self->session != NULL)
    copy (self, pst_app_session_get_invite_uri (self->session), _ ("Link copied"));
}

/* A plain click copies; dragging or double-clicking selects, as anywhere. The
 * label claims each click for itself, so it is only looked on here. */
static gboolean
on_code_event (PstWaitingPage *self, GdkEvent *event)
{
  if (gdk_event_get_event_type (event) == GDK_BUTTON_RELEASE
      && gdk_button_event_get_button (event) == GDK_BUTTON_PRIMARY
      && !gtk_label_get_selection_bounds (self->code, NULL, NULL))
    on_copy_code (self);

  return GDK_EVENT_PROPAGATE;
}

static void
on_cancel_clicked (PstWaitingPage *self)
{
  g_signal_emit (self, signals[CANCELLED], 0);
}

static void
show_where (PstWaitingPage *self)
{
  const char *url = self->session != NULL ? pst_app_session_get_server_url (self->session) : NULL;
  g_autofree char *server = NULL;
  g_autofree char *sentence = NULL;

  if (url == NULL || *url == '\0')
    {
      gtk_label_set_label (self->where, _ ("Works on this network"));
      return;
    }

  server = pst_text_server (url);
  /* Translators: %s is a server’s name */
  sentence = g_strdup_printf (_ ("Works anywhere, through %s"), server);
  gtk_label_set_label (self->where, sentence);
}

static const char *
describe_state (PstSessionState state, gboolean meeting)
{
  switch (state)
    {
    case PST_SESSION_WAITING:
      return _ ("Waiting for the Other Person");
    case PST_SESSION_PAIRING:
    case PST_SESSION_CONNECTING:
    case PST_SESSION_CONNECTED:
    case PST_SESSION_RECONNECTING:
      /* Translators: the state of a connection */
      return _ ("Connecting…");
    case PST_SESSION_CLOSING:
    case PST_SESSION_CLOSED:
      /* Translators: the state of a connection that is being ended */
      return _ ("Disconnecting…");
    case PST_SESSION_NEW:
    case PST_SESSION_STARTING:
    default:
      return meeting ? _ ("Getting Ready…") : _ ("Preparing a Code…");
    }
}

/* While a code waits for somebody, it may still be one of those. */
static void
show_devices (PstWaitingPage *self)
{
  GMenuModel *menu = gtk_menu_button_get_menu_model (self->devices);

  gtk_widget_set_visible (GTK_WIDGET (self->devices),
                          menu != NULL && g_menu_model_get_n_items (menu) > 0
                              && self->session != NULL
                              && !pst_app_session_is_meeting (self->session)
                              && pst_app_session_get_state (self->session) == PST_SESSION_WAITING);
}

static void
show_state (PstWaitingPage *self)
{
  PstSessionState state = self->session != NULL ? pst_app_session_get_state (self->session)
                                                : PST_SESSION_NEW;
  const char *code = self->session != NULL ? pst_app_session_get_code (self->session) : NULL;
  const char *uri = self->session != NULL ? pst_app_session_get_invite_uri (self->session) : NULL;
  gboolean meeting = self->session != NULL && pst_app_session_is_meeting (self->session);
  gboolean waits = state == PST_SESSION_WAITING && code != NULL;

  /* The code is told a moment after the state. */
  if (state == PST_SESSION_WAITING && code == NULL && !meeting)
    state = PST_SESSION_STARTING;
  gtk_label_set_label (self->heading, describe_state (state, meeting));
  gtk_widget_set_visible (GTK_WIDGET (self->device_advice),
                          meeting && state == PST_SESSION_WAITING);
  show_devices (self);
  if (g_strcmp0 (gtk_label_get_label (self->code), code != NULL ? code : "") != 0)
    gtk_label_set_label (self->code, code != NULL ? code : "");
  pst_qr_view_set_text (self->qr, uri);
  gtk_widget_set_visible (GTK_WIDGET (self->qr), uri != NULL);
  gtk_widget_set_visible (self->copy_link, uri != NULL);

  gtk_widget_set_visible (self->code_box, waits);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), !waits);
  /* Without the code, what is left stands in the middle. */
  gtk_widget_set_vexpand (self->bottom, !waits);
  show_where (self);
}

static void
show_count (PstWaitingPage *self, PstManifest *manifest, guint n_paths)
{
  g_autofree char *figures = NULL;
  g_autofree char *sentence = NULL;

  if (manifest != NULL)
    figures = pst_text_files_and_size (pst_manifest_get_n_files (manifest),
                                       pst_manifest_get_total_bytes (manifest));
  if (figures == NULL)
    figures = g_strdup_printf (ngettext ("%u item", "%u items", n_paths), n_paths);

  /* Translators: %s is something like “3 files, 12 MB” or “2 items” */
  sentence = g_strdup_printf (_ ("To send: %s"), figures);
  gtk_label_set_label (self->what, sentence);
}

/* So that a count that comes after the page has gone finds nobody. */
typedef struct
{
  GWeakRef page;
  guint n_paths;
} Counting;

static void
counting_free (Counting *counting)
{
  g_weak_ref_clear (&counting->page);
  g_free (counting);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Counting, counting_free)

static void
on_counted (GObject *source_object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Counting) counting = user_data;
  g_autoptr (PstWaitingPage) self = g_weak_ref_get (&counting->page);
  g_autoptr (GError) error = NULL;
  g_autoptr (PstSource) source = pst_source_scan_finish (result, &error);

  if (self == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      || g_error_matches (error, PST_ERROR, PST_ERROR_CANCELLED))
    return;

  /* What cannot be read is told where it fails: in the transfer. */
  g_clear_object (&self->counting);
  show_count (self, source != NULL ? pst_source_get_manifest (source) : NULL, counting->n_paths);
}

static GStrv
dup_paths (PstWaitingPage *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  guint n = self->transfers != NULL ? g_list_model_get_n_items (self->transfers) : 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (PstAppTransfer) transfer = g_list_model_get_item (self->transfers, i);
      const char *const *paths = pst_app_transfer_get_paths (transfer);

      if (paths != NULL && !pst_app_transfer_is_incoming (transfer)
          && !pst_app_transfer_is_finished (transfer))
        g_strv_builder_addv (builder, (const char **)paths);
    }

  return g_strv_builder_end (builder);
}

static void
stop_counting (PstWaitingPage *self)
{
  if (self->counting != NULL)
    g_cancellable_cancel (self->counting);
  g_clear_object (&self->counting);
}

static void
count (PstWaitingPage *self)
{
  g_auto (GStrv) paths = dup_paths (self);
  Counting *counting;

  stop_counting (self);
  gtk_widget_set_visible (GTK_WIDGET (self->what), paths[0] != NULL);
  if (paths[0] == NULL)
    return;

  gtk_label_set_label (self->what, _ ("Counting files…"));
  self->counting = g_cancellable_new ();
  counting = g_new0 (Counting, 1);
  g_weak_ref_init (&counting->page, self);
  counting->n_paths = g_strv_length (paths);
  pst_source_scan_async ((const char *const *)paths, self->counting, on_counted, counting);
}

static gboolean
pst_waiting_page_grab_focus (GtkWidget *widget)
{
  return pst_heading_grab_focus (GTK_WIDGET (PST_WAITING_PAGE (widget)->heading));
}

static void
pst_waiting_page_dispose (GObject *object)
{
  PstWaitingPage *self = PST_WAITING_PAGE (object);

  stop_counting (self);
  if (self->transfers != NULL)
    g_signal_handlers_disconnect_by_data (self->transfers, self);
  g_clear_object (&self->transfers);
  g_clear_object (&self->session_signals);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (pst_waiting_page_parent_class)->dispose (object);
}

static void
pst_waiting_page_class_init (PstWaitingPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pst_waiting_page_dispose;
  widget_class->grab_focus = pst_waiting_page_grab_focus;

  signals[CANCELLED] = g_signal_new ("cancelled", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[COPIED] = g_signal_new ("copied", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  g_type_ensure (PST_TYPE_QR_VIEW);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/penstock/Penstock/pages/pst-waiting-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PstWaitingPage, spinner);
  gtk_widget_class_bind_template_child (widget_class, PstWaitingPage, heading);
  gtk_widget_class_bind_template_child (widget_class, PstWaitingPage, code_box);
  gtk_widget_class_bind_template_child (widget_class, PstWaitingPage, code);
  gtk_widget_class_bind_template_child (widget_class, PstWaitingPage, qr);
  gtk_widget_class_bind_template_child (widget_class, PstWaitingPage, copy_link);
  gtk_widget_class_bind_template_child (widget_class, PstWaitingPage, what);
  gtk_widget_class_bind_template_child (widget_class, PstWaitingPage, where);
  gtk_widget_class_bind_template_child (widget_class, PstWaitingPage, device_advice);
  gtk_widget_class_bind_template_child (widget_class, PstWaitingPage, devices);
  gtk_widget_class_bind_template_child (widget_class, PstWaitingPage, bottom);
  gtk_widget_class_bind_template_callback (widget_class, gtk_spinner_start);
  gtk_widget_class_bind_template_callback (widget_class, gtk_spinner_stop);
  gtk_widget_class_bind_template_callback (widget_class, on_code_event);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_code);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_link);
  gtk_widget_class_bind_template_callback (widget_class, on_cancel_clicked);
}

static void
pst_waiting_page_init (PstWaitingPage *self)
{
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  pst_narrow_buttons (GTK_WIDGET (self));

  gtk_widget_set_direction (GTK_WIDGET (self->code), GTK_TEXT_DIR_LTR);
  /* A hyphen that is not in the code must not appear in it. */
  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  gtk_label_set_attributes (self->code, attributes);

  self->session_signals = g_signal_group_new (PST_TYPE_APP_SESSION);
  g_signal_group_connect_swapped (self->session_signals, "notify::state", G_CALLBACK (show_state),
                                  self);
  g_signal_group_connect_swapped (self->session_signals, "notify::code", G_CALLBACK (show_state),
                                  self);
  g_signal_group_connect_swapped (self->session_signals, "notify::invite-uri",
                                  G_CALLBACK (show_state), self);
  g_signal_group_connect_swapped (self->session_signals, "notify::server-url",
                                  G_CALLBACK (show_where), self);
  show_state (self);
  count (self);
}

/**
 * pst_waiting_page_new:
 *
 * Makes a page that waits for nobody yet.
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
pst_waiting_page_new (void)
{
  return g_object_new (PST_TYPE_WAITING_PAGE, NULL);
}

/**
 * pst_waiting_page_set_devices:
 * @self: a page
 * @devices: the remembered devices that may be sent to; may be empty, and change
 *
 * Offers them while a code waits for somebody.
 */
void
pst_waiting_page_set_devices (PstWaitingPage *self, GMenuModel *devices)
{
  gtk_menu_button_set_menu_model (self->devices, devices);
  g_signal_connect_object (devices, "items-changed", G_CALLBACK (show_devices), self,
                           G_CONNECT_SWAPPED);
  show_devices (self);
}

/**
 * pst_waiting_page_set_session:
 * @self: a page
 * @session: (nullable): a session that hosts
 *
 * Shows how others reach the session, and what it is going to send.
 */
void
pst_waiting_page_set_session (PstWaitingPage *self, PstAppSession *session)
{
  g_return_if_fail (PST_IS_WAITING_PAGE (self));

  if (!g_set_object (&self->session, session))
    return;

  if (self->transfers != NULL)
    g_signal_handlers_disconnect_by_data (self->transfers, self);
  g_clear_object (&self->transfers);
  if (session != NULL && pst_app_session_get_transfers (session) != NULL)
    self->transfers = g_object_ref (pst_app_session_get_transfers (session));
  if (self->transfers != NULL)
    g_signal_connect_swapped (self->transfers, "items-changed", G_CALLBACK (count), self);

  g_signal_group_set_target (self->session_signals, session);
  show_state (self);
  count (self);
}
