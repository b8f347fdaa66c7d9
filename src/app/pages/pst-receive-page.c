/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-receive-page.h"

#include "pst-choose.h"
#include "pst-clipboard-watch.h"
#include "pst-invite.h"
#include "pst-narrow.h"
#include "pst-receive-progress.h"

#define VIEW_ENTRY "entry"
#define VIEW_SCAN  "scan"
#define VIEW_BUSY  "busy"

struct _PstReceivePage
{
  AdwBin parent_instance;

  GtkStack *stack;
  PstCodeEntry *code_entry;
  GtkWidget *receive;
  GtkWidget *clipboard;
  GtkLabel *clipboard_code;
  GtkMenuButton *devices;
  PstScanView *scan_view;
  PstReceiveProgress *progress;

  PstAppSession *session;
  PstClipboardWatch *clipboard_watch;
  char *clipboard_text; /* NULL: nothing to offer */
};

G_DEFINE_FINAL_TYPE (PstReceivePage, pst_receive_page, ADW_TYPE_BIN)

enum
{
  SIGNAL_CODE_ENTERED,
  SIGNAL_CANCELLED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static gboolean
has_focus (PstReceivePage *self)
{
  return gtk_widget_get_focus_child (GTK_WIDGET (self)) != NULL;
}

static void
show_view (PstReceivePage *self, const char *view)
{
  gboolean take_focus = has_focus (self);

  if (g_str_equal (pst_receive_page_get_view (self), view))
    return;

  /* A view that fades out is still on the screen for a moment. */
  pst_scan_view_stop (self->scan_view);
  gtk_stack_set_visible_child_name (self->stack, view);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "receive.back",
                                 !g_str_equal (view, VIEW_ENTRY));
  if (take_focus)
    gtk_widget_grab_focus (GTK_WIDGET (self));
}

static void
enter (PstReceivePage *self, const char *text)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));

  g_signal_emit (self, signals[SIGNAL_CODE_ENTERED], 0, stripped);
}

static void
on_changed (PstReceivePage *self)
{
  gtk_widget_set_sensitive (self->receive,
                            pst_code_entry_get_verdict (self->code_entry) >= PST_CODE_TEXT_UNUSUAL);
}

static void
on_activate (PstReceivePage *self)
{
  enter (self, pst_code_entry_get_text (self->code_entry));
}

static void
on_receive (PstReceivePage *self)
{
  pst_code_entry_finish (self->code_entry);
}

static void
on_use_clipboard (PstReceivePage *self)
{
  g_autofree char *text = g_steal_pointer (&self->clipboard_text);

  pst_receive_page_offer_text (self, NULL);
  if (text == NULL)
    return;

  pst_code_entry_set_text (self->code_entry, text);
  gtk_widget_grab_focus (self->receive);
}

static void
on_scan (PstReceivePage *self)
{
  show_view (self, VIEW_SCAN);
  pst_scan_view_start (self->scan_view);
  gtk_widget_grab_focus (GTK_WIDGET (self->scan_view));
}

static void
on_scan_cancelled (PstReceivePage *self)
{
  show_view (self, VIEW_ENTRY);
}

static void
on_found (PstReceivePage *self, const char *text)
{
  pst_code_entry_set_text (self->code_entry, text);
  show_view (self, VIEW_ENTRY);
  enter (self, text);
}

static void
on_image_chosen (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstReceivePage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GListModel) files = pst_choose_finish (result, &error);
  g_autoptr (GFile) file = files != NULL ? g_list_model_get_item (files, 0) : NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->session != NULL)
    return;

  show_view (self, VIEW_SCAN);
  if (file != NULL)
    pst_scan_view_scan_image (self->scan_view, file);
  else
    pst_scan_view_refuse_image (self->scan_view);
}

static void
go_back (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  PstReceivePage *self = PST_RECEIVE_PAGE (widget);

  if (g_str_equal (pst_receive_page_get_view (self), VIEW_SCAN))
    show_view (self, VIEW_ENTRY);
  else
    g_signal_emit (self, signals[SIGNAL_CANCELLED], 0);
}

static gboolean
pst_receive_page_grab_focus (GtkWidget *widget)
{
  PstReceivePage *self = PST_RECEIVE_PAGE (widget);
  const char *view = pst_receive_page_get_view (self);

  if (g_str_equal (view, VIEW_SCAN))
    return gtk_widget_grab_focus (GTK_WIDGET (self->scan_view));
  if (g_str_equal (view, VIEW_BUSY))
    return gtk_widget_grab_focus (GTK_WIDGET (self->progress));

  return gtk_widget_grab_focus (GTK_WIDGET (self->code_entry));
}

static void
pst_receive_page_dispose (GObject *object)
{
  PstReceivePage *self = PST_RECEIVE_PAGE (object);

  g_clear_object (&self->clipboard_watch);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (pst_receive_page_parent_class)->dispose (object);
}

static void
pst_receive_page_finalize (GObject *object)
{
  g_free (PST_RECEIVE_PAGE (object)->clipboard_text);

  G_OBJECT_CLASS (pst_receive_page_parent_class)->finalize (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/penstock/Penstock/pages/pst-receive-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PstReceivePage, stack);
  gtk_widget_class_bind_template_child (widget_class, PstReceivePage, code_entry);
  gtk_widget_class_bind_template_child (widget_class, PstReceivePage, receive);
  gtk_widget_class_bind_template_child (widget_class, PstReceivePage, clipboard);
  gtk_widget_class_bind_template_child (widget_class, PstReceivePage, clipboard_code);
  gtk_widget_class_bind_template_child (widget_class, PstReceivePage, devices);
  gtk_widget_class_bind_template_child (widget_class, PstReceivePage, scan_view);
  gtk_widget_class_bind_template_child (widget_class, PstReceivePage, progress);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_activate);
  gtk_widget_class_bind_template_callback (widget_class, on_receive);
  gtk_widget_class_bind_template_callback (widget_class, on_use_clipboard);
  gtk_widget_class_bind_template_callback (widget_class, on_scan);
  gtk_widget_class_bind_template_callback (widget_class, on_scan_cancelled);
  gtk_widget_class_bind_template_callback_full (widget_class, "on_choose_image",
                                                G_CALLBACK (pst_receive_page_choose_image));
  gtk_widget_class_bind_template_callback (widget_class, on_found);
}

static void
pst_receive_page_class_init (PstReceivePageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = pst_receive_page_dispose;
  object_class->finalize = pst_receive_page_finalize;
  widget_class->grab_focus = pst_receive_page_grab_focus;

  signals[SIGNAL_CODE_ENTERED] = g_signal_new ("code-entered", PST_TYPE_RECEIVE_PAGE,
                                               G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                               1, G_TYPE_STRING);
  signals[SIGNAL_CANCELLED] = g_signal_new ("cancelled", PST_TYPE_RECEIVE_PAGE, G_SIGNAL_RUN_LAST,
                                            0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  g_type_ensure (PST_TYPE_CODE_ENTRY);
  g_type_ensure (PST_TYPE_RECEIVE_PROGRESS);
  g_type_ensure (PST_TYPE_SCAN_VIEW);
  gtk_widget_class_install_action (widget_class, "receive.back", NULL, go_back);
  bind_template (widget_class);
}

static void
pst_receive_page_init (PstReceivePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  pst_narrow_buttons (GTK_WIDGET (self));
  gtk_widget_set_direction (GTK_WIDGET (self->clipboard_code), GTK_TEXT_DIR_LTR);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "receive.back", FALSE);
  self->clipboard_watch = pst_clipboard_watch_new (GTK_WIDGET (self));
  g_signal_connect_object (self->clipboard_watch, "read", G_CALLBACK (pst_receive_page_offer_text),
                           self, G_CONNECT_SWAPPED);
}

/**
 * pst_receive_page_new:
 *
 * Returns: (transfer floating): a page that asks for a code
 */
GtkWidget *
pst_receive_page_new (void)
{
  return g_object_new (PST_TYPE_RECEIVE_PAGE, NULL);
}

/**
 * pst_receive_page_reset:
 * @self: the page
 *
 * Makes the page as new: no code, no session, no camera.
 */
void
pst_receive_page_reset (PstReceivePage *self)
{
  pst_receive_page_set_session (self, NULL);
  pst_code_entry_set_text (self->code_entry, "");
  show_view (self, VIEW_ENTRY);
}

static void
show_devices (PstReceivePage *self)
{
  GMenuModel *menu = gtk_menu_button_get_menu_model (self->devices);

  gtk_widget_set_visible (GTK_WIDGET (self->devices), g_menu_model_get_n_items (menu) > 0);
}

/**
 * pst_receive_page_set_devices:
 * @self: the page
 * @devices: the remembered devices that may be received from; may be empty, and change
 *
 * Offers them in place of a code.
 */
void
pst_receive_page_set_devices (PstReceivePage *self, GMenuModel *devices)
{
  gtk_menu_button_set_menu_model (self->devices, devices);
  g_signal_connect_object (devices, "items-changed", G_CALLBACK (show_devices), self,
                           G_CONNECT_SWAPPED);
  show_devices (self);
}

/**
 * pst_receive_page_set_text:
 * @self: the page
 * @code_or_link: what the program was called with
 *
 * Puts a text into the entry; the person still has to say yes.
 */
void
pst_receive_page_set_text (PstReceivePage *self, const char *code_or_link)
{
  pst_code_entry_set_text (self->code_entry, code_or_link);
}

/**
 * pst_receive_page_choose_image:
 * @self: the page, in a window
 *
 * Asks for a picture and looks for a code in it, as the scan view's button does.
 */
void
pst_receive_page_choose_image (PstReceivePage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  pst_choose_image_async (GTK_WINDOW (root), on_image_chosen, g_object_ref (self));
}

static gboolean
is_meeting (PstReceivePage *self)
{
  return self->session != NULL && pst_app_session_is_meeting (self->session);
}

static void
on_state_changed (PstReceivePage *self)
{
  pst_receive_page_show_state (self, pst_app_session_get_state (self->session));
}

/**
 * pst_receive_page_set_session:
 * @self: the page
 * @session: (nullable): what was made of the code that was entered
 *
 * Shows what the session does until it is connected; without one, the page asks
 * for a code.
 */
void
pst_receive_page_set_session (PstReceivePage *self, PstAppSession *session)
{
  if (session == self->session)
    return;

  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_set_object (&self->session, session);
  if (session == NULL)
    {
      show_view (self, VIEW_ENTRY);
      return;
    }

  g_signal_connect_object (session, "notify::state", G_CALLBACK (on_state_changed), self,
                           G_CONNECT_SWAPPED);
  on_state_changed (self);
}

/**
 * pst_receive_page_show_state:
 * @self: the page
 * @state: the state of a session
 *
 * Says what is being done in a state, as for each change of the page's session.
 */
void
pst_receive_page_show_state (PstReceivePage *self, PstSessionState state)
{
  if (state == PST_SESSION_CLOSED)
    {
      show_view (self, VIEW_ENTRY);
      return;
    }

  pst_receive_progress_show (self->progress, state, is_meeting (self));
  show_view (self, VIEW_BUSY);
}

static char *
dup_code (const char *text)
{
  g_autofree char *code = NULL;
  g_autofree char *rendezvous_url = NULL;

  pst_invite_parse (text, &code, &rendezvous_url, NULL);
  return g_steal_pointer (&code);
}

/**
 * pst_receive_page_offer_text:
 * @self: the page
 * @clipboard_text: (nullable): text of the clipboard, whoever put it there
 *
 * Offers the text as a button if it is a code of known words or a link, and
 * forgets what was offered before. Dates and telephone numbers look like codes
 * of unknown words.
 */
void
pst_receive_page_offer_text (PstReceivePage *self, const char *clipboard_text)
{
  g_autofree char *text = clipboard_text != NULL ? g_strstrip (g_strdup (clipboard_text)) : NULL;
  g_autofree char *code = NULL;

  g_clear_pointer (&self->clipboard_text, g_free);
  if (text != NULL && pst_code_text_judge (text) == PST_CODE_TEXT_READY
      && !g_str_equal (text, pst_code_entry_get_text (self->code_entry)))
    {
      code = dup_code (text);
      self->clipboard_text = g_steal_pointer (&text);
    }

  gtk_label_set_label (self->clipboard_code, code != NULL ? code : "");
  gtk_widget_set_visible (self->clipboard, code != NULL);
}

/**
 * pst_receive_page_get_scan_view:
 * @self: the page
 *
 * Returns: (transfer none): where codes are scanned
 */
PstScanView *
pst_receive_page_get_scan_view (PstReceivePage *self)
{
  return self->scan_view;
}

/**
 * pst_receive_page_get_code_entry:
 * @self: the page
 *
 * Returns: (transfer none): where codes are typed
 */
PstCodeEntry *
pst_receive_page_get_code_entry (PstReceivePage *self)
{
  return self->code_entry;
}

/**
 * pst_receive_page_get_view:
 * @self: the page
 *
 * Returns: what the page shows: `entry`, `scan` or `busy`
 */
const char *
pst_receive_page_get_view (PstReceivePage *self)
{
  return gtk_stack_get_visible_child_name (self->stack);
}
