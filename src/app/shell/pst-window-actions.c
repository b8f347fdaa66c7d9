/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-window-private.h"

#include <glib/gi18n.h>

#include "pst-choose.h"
#include "pst-destination.h"
#include "pst-intake.h"
#include "pst-weak.h"

/* Sends what came in by whatever way, or says why not. */
static void
take (PstWindow *self, GStrv paths, const GError *error)
{
  if (paths != NULL && paths[0] != NULL)
    pst_window_send (self, (const char *const *)paths);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    pst_window_say (self, error != NULL ? error->message : _ ("There is nothing here to send."));
}

/* What another program drops or copied may come after the window has gone, or never. */
static void
on_intake (GStrv paths, const GError *error, gpointer user_data)
{
  g_autoptr (PstWindow) self = g_weak_ref_get (user_data);

  if (self != NULL)
    take (self, paths, error);
}

/**
 * pst_window_open:
 * @self: a window
 * @files: of #GFile
 *
 * Sends files and folders, or says why not.
 */
void
pst_window_open (PstWindow *self, GListModel *files)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) paths = NULL;

  g_return_if_fail (PST_IS_WINDOW (self));

  paths = pst_intake_check (files, &error);
  take (self, paths, error);
}

static void
on_chosen (GObject *source_object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GListModel) files = pst_choose_finish (result, &error);

  if (files != NULL)
    pst_window_open (self, files);
  else
    take (self, NULL, error);
}

static void
on_open (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  pst_choose_files_async (GTK_WINDOW (user_data), on_chosen, g_object_ref (user_data));
}

static void
on_open_folder (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  pst_choose_folders_async (GTK_WINDOW (user_data), on_chosen, g_object_ref (user_data));
}

static void
on_paste (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  pst_intake_paste (gtk_widget_get_clipboard (GTK_WIDGET (user_data)), on_intake,
                    pst_weak_ref_new (user_data), pst_weak_ref_free);
}

static void
on_receive (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  pst_window_take_code (PST_WINDOW (user_data), NULL);
}

static void
on_destination_chosen (GObject *source_object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GListModel) folders = pst_choose_finish (result, &error);
  g_autoptr (GFile) folder = NULL;
  g_autofree char *path = NULL;

  if (folders == NULL || g_list_model_get_n_items (folders) == 0)
    {
      if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        pst_window_say (self, error->message);
      return;
    }

  folder = g_list_model_get_item (folders, 0);
  path = g_file_get_path (folder);
  if (path == NULL)
    {
      pst_window_say (self, _ ("Files can only be received into a folder of this machine."));
      return;
    }
  g_settings_set_string (self->settings, "destination", path);
  pst_window_check_destination (self);
}

static char *
dup_destination (PstWindow *self)
{
  g_autofree char *path = g_settings_get_string (self->settings, "destination");

  return *path != '\0' ? g_steal_pointer (&path) : pst_destination_dup_default ();
}

static void
on_choose_destination (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autofree char *current = dup_destination (PST_WINDOW (user_data));

  pst_choose_destination_async (GTK_WINDOW (user_data), current, on_destination_chosen,
                                g_object_ref (user_data));
}

/**
 * pst_window_check_destination:
 * @self: a window
 *
 * Tries whether what is received can be written where it should go, and asks
 * for another folder if not.
 */
void
pst_window_check_destination (PstWindow *self)
{
  g_autofree char *path = dup_destination (self);
  g_autoptr (GError) error = NULL;
  AdwToast *toast;

  if (path == NULL || pst_destination_check (path, &error) || error == NULL)
    return;

  g_debug ("Destination: %s", error->message);
  toast = adw_toast_new (_ ("Nothing can be written to the folder for received files."));
  /* Translators: a button that opens a dialog to choose another folder */
  adw_toast_set_button_label (toast, _ ("Choose Another…"));
  adw_toast_set_action_name (toast, "win.choose-destination");
  adw_toast_set_timeout (toast, 0); /* it asks for something */
  g_set_weak_pointer (&self->destination_toast, toast);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static void
leave_session (PstWindow *self)
{
  g_autoptr (PstAppSession) session = self->session != NULL ? g_object_ref (self->session) : NULL;

  pst_window_clear_session (self);
  if (session != NULL)
    pst_window_end_session (self, session);
}

static void
on_back (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  PstWindow *self = user_data;

  switch (self->page)
    {
    case PST_WINDOW_PAGE_OFFER:
      self->offers_put_off = TRUE;
      break;
    case PST_WINDOW_PAGE_WAITING:
    case PST_WINDOW_PAGE_TRANSFERS:
      leave_session (self);
      break;
    case PST_WINDOW_PAGE_RECEIVE:
      leave_session (self);
      self->entering = FALSE;
      break;
    case PST_WINDOW_PAGE_FAILURE:
      pst_window_dismiss_failure (self);
      break;
    case PST_WINDOW_PAGE_START:
    default:
      break;
    }
  pst_window_update (self);
}

static void
on_disconnect (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  pst_window_disconnect_asking (PST_WINDOW (user_data));
}

static void
on_compare_words (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  pst_window_compare_words (PST_WINDOW (user_data));
}

static void
on_remember (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  pst_window_ask_to_remember (PST_WINDOW (user_data));
}

static void
on_close (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  gtk_window_close (GTK_WINDOW (user_data));
}

/**
 * pst_window_install_actions:
 * @self: a window
 *
 * Adds the window's actions.
 */
void
pst_window_install_actions (PstWindow *self)
{
  static const GActionEntry entries[] = {
    { "open", on_open },
    { "open-folder", on_open_folder },
    { "paste", on_paste },
    { "receive", on_receive },
    { "choose-destination", on_choose_destination },
    { "back", on_back },
    { "disconnect", on_disconnect },
    { "compare-words", on_compare_words },
    { "remember", on_remember },
    { "close", on_close },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}

static void
set_enabled (PstWindow *self, const char *name, gboolean enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

/**
 * pst_window_update_actions:
 * @self: a window
 *
 * Enables those actions that make sense now.
 */
void
pst_window_update_actions (PstWindow *self)
{
  PstWindowFacts facts;

  pst_window_get_facts (self, &facts);
  set_enabled (self, "receive",
               !pst_window_is_live (self) && self->page != PST_WINDOW_PAGE_RECEIVE);
  set_enabled (self, "disconnect",
               self->session != NULL && pst_app_session_is_together (self->session));
  set_enabled (self, "compare-words", pst_window_has_words (self));
  set_enabled (self, "remember", pst_window_may_remember (self));
  set_enabled (self, "back", pst_window_page_has_back (self->page, &facts));
}

/**
 * pst_window_install_shortcuts:
 * @self: a window
 *
 * Adds the keys that whatever has the focus may need first: an entry pastes
 * text, a popover is closed by Esc. The others are the application's.
 */
void
pst_window_install_shortcuts (PstWindow *self)
{
  static const struct
  {
    guint key;
    GdkModifierType modifiers;
    const char *action;
  } keys[] = {
    { GDK_KEY_v, GDK_CONTROL_MASK, "win.paste" },
    { GDK_KEY_Escape, 0, "win.back" },
    { GDK_KEY_Left, GDK_ALT_MASK, "win.back" },
    { GDK_KEY_Back, 0, "win.back" },
  };
  GtkEventController *controller = gtk_shortcut_controller_new ();

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_shortcut_controller_add_shortcut (
        GTK_SHORTCUT_CONTROLLER (controller),
        gtk_shortcut_new (gtk_keyval_trigger_new (keys[i].key, keys[i].modifiers),
                          gtk_named_action_new (keys[i].action)));
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}

static void
on_drop_area_state (PstWindow *self)
{
  gboolean over = gtk_widget_get_state_flags (GTK_WIDGET (self->drop_area))
                  & GTK_STATE_FLAG_DROP_ACTIVE;

  if (over)
    gtk_widget_set_visible (GTK_WIDGET (self->drop_note), TRUE);
  gtk_revealer_set_reveal_child (self->drop_note, over);
}

/* Hidden when it is not to be seen, for screen readers' sake. */
static void
on_drop_note_revealed (PstWindow *self)
{
  if (!gtk_revealer_get_reveal_child (self->drop_note)
      && !gtk_revealer_get_child_revealed (self->drop_note))
    gtk_widget_set_visible (GTK_WIDGET (self->drop_note), FALSE);
}

/**
 * pst_window_install_drop:
 * @self: a window
 *
 * Takes what is dropped anywhere on the window, and shows that it would.
 */
void
pst_window_install_drop (PstWindow *self)
{
  gtk_widget_add_controller (
      GTK_WIDGET (self->drop_area),
      pst_intake_drop_target_new (on_intake, pst_weak_ref_new (self), pst_weak_ref_free));
  g_signal_connect_object (self->drop_area, "state-flags-changed", G_CALLBACK (on_drop_area_state),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->drop_note, "notify::child-revealed",
                           G_CALLBACK (on_drop_note_revealed), self, G_CONNECT_SWAPPED);
}
