/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two devices remember each other, and are chosen again. */
#include "pst-window-private.h"

#include <glib/gi18n.h>

#include "pst-application-private.h"
#include "pst-text.h"

static PstAppDevices *
get_devices (PstWindow *self)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));

  return application != NULL ? PST_APPLICATION (application)->devices : NULL;
}

/**
 * pst_window_may_remember:
 * @self: a window
 *
 * Returns: %TRUE if there is somebody whose device could be remembered, and the
 *   person here has not said that they want it
 */
gboolean
pst_window_may_remember (PstWindow *self)
{
  PstRemember remember;

  if (self->session == NULL || pst_app_session_is_meeting (self->session)
      || !pst_app_session_is_together (self->session))
    return FALSE;

  remember = pst_app_session_get_remember (self->session);
  return remember != PST_REMEMBER_MY_WISH && remember != PST_REMEMBER_AGREED;
}

static void
on_response (PstWindow *self, const char *response)
{
  gboolean wanted = g_str_equal (response, "remember");

  if (self->session == NULL || !pst_window_may_remember (self))
    return;

  /* Whoever only looked need not say so. */
  if (!wanted && pst_app_session_get_remember (self->session) != PST_REMEMBER_THEIR_WISH)
    return;
  pst_app_session_remember (self->session, wanted);
  if (wanted && pst_app_session_get_remember (self->session) != PST_REMEMBER_THEIR_WISH)
    pst_window_say (self, _ ("The other person is asked as well."));
}

/**
 * pst_window_ask_to_remember:
 * @self: a window for which pst_window_may_remember() holds
 *
 * Asks whether this device and the other one are to remember each other. The
 * dialog goes with the connection.
 */
void
pst_window_ask_to_remember (PstWindow *self)
{
  gboolean they_ask;
  AdwMessageDialog *dialog;

  if (!pst_window_may_remember (self))
    return;

  they_ask = pst_app_session_get_remember (self->session) == PST_REMEMBER_THEIR_WISH;
  dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (
      GTK_WINDOW (self),
      /* Translators: the title of a dialog */
      _ ("Remember This Device?"),
      they_ask ? _ ("The other person would like the two devices to remember each other. Then no "
                    "code is needed the next time. If you are not sure who it is, compare words "
                    "first.")
               : _ ("If the other person agrees, the two devices remember each other, and no code "
                    "is needed the next time. If you are not sure who it is, compare words "
                    "first.")));
  /* Translators: a button: the devices are not to remember each other */
  adw_message_dialog_add_response (dialog, "not", _ ("_Not Now"));
  /* Translators: a button: the devices are to remember each other */
  adw_message_dialog_add_response (dialog, "remember", _ ("_Remember"));
  adw_message_dialog_set_response_appearance (dialog, "remember", ADW_RESPONSE_SUGGESTED);
  /* It comes unasked: whoever is about to press Enter means something else. */
  adw_message_dialog_set_default_response (dialog, "not");
  adw_message_dialog_set_close_response (dialog, "not");
  g_signal_connect_object (self->session, "closed", G_CALLBACK (gtk_window_close), dialog,
                           G_CONNECT_SWAPPED);
  pst_window_ask (self, dialog, G_CALLBACK (on_response));
}

static void
keep (PstWindow *self)
{
  GBytes *secret = pst_app_session_get_device_secret (self->session);
  PstAppDevices *devices = get_devices (self);

  if (secret != NULL && devices != NULL)
    pst_app_devices_add (devices, pst_app_session_get_peer_name (self->session), secret);
}

/**
 * pst_window_note_remember:
 * @self: a window with a session
 *
 * One of the two people said whether the devices are to remember each other.
 */
void
pst_window_note_remember (PstWindow *self)
{
  switch (pst_app_session_get_remember (self->session))
    {
    case PST_REMEMBER_THEIR_WISH:
      pst_window_ask_to_remember (self);
      break;
    case PST_REMEMBER_AGREED:
      keep (self);
      break;
    case PST_REMEMBER_DECLINED:
      pst_window_say (self, _ ("The devices will not remember each other."));
      break;
    case PST_REMEMBER_NONE:
    case PST_REMEMBER_MY_WISH:
    default:
      break;
    }
  pst_window_update (self);
}

static void
on_added (PstWindow *self, const char *name)
{
  g_autofree char *shown = pst_text_name (name);
  /* Translators: %s is the name of a device */
  g_autofree char *sentence = g_strdup_printf (_ ("“%s” is remembered now"), shown);

  pst_window_say (self, sentence);
}

static void
on_failed (PstWindow *self)
{
  pst_window_say (self, _ ("Remembered devices cannot be read or changed. Unlock the keyring, then "
                           "try again."));
}

static void
append (GMenu *menu, const char *name, const char *action)
{
  g_auto (GStrv) parts = g_strsplit (name, "_", -1);
  /* One underline would make the next letter a shortcut. */
  g_autofree char *label = g_strjoinv ("__", parts);
  g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);

  g_menu_item_set_action_and_target (item, action, "s", name);
  g_menu_append_item (menu, item);
}

static void
fill (GMenu *menu, GListModel *list, const char *action)
{
  g_menu_remove_all (menu);
  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (PstAppDevice) device = g_list_model_get_item (list, i);

      append (menu, pst_app_device_get_name (device), action);
    }
}

static void
show_devices (PstWindow *self)
{
  PstAppDevices *devices = get_devices (self);
  GListModel *list = devices != NULL ? pst_app_devices_get_list (devices) : NULL;

  if (list == NULL)
    return;

  fill (self->send_menu, list, "win.send-to");
  fill (self->receive_menu, list, "win.receive-from");
}

static GStrv
dup_waiting_paths (PstWindow *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  GListModel *transfers = pst_app_session_get_transfers (self->session);

  for (guint i = 0; i < g_list_model_get_n_items (transfers); i++)
    {
      g_autoptr (PstAppTransfer) transfer = g_list_model_get_item (transfers, i);
      const char *const *paths = pst_app_transfer_get_paths (transfer);

      if (paths != NULL && !pst_app_transfer_is_incoming (transfer)
          && !pst_app_transfer_is_finished (transfer))
        g_strv_builder_addv (builder, (const char **) paths);
    }

  return g_strv_builder_end (builder);
}

/* What waits under a code goes to a device instead. */
static void
on_send_to (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  PstWindow *self = user_data;
  g_autoptr (PstAppSession) old = NULL;
  g_auto (GStrv) paths = NULL;

  if (self->session == NULL || self->page != PST_WINDOW_PAGE_WAITING)
    return;

  old = g_object_ref (self->session);
  paths = dup_waiting_paths (self);
  pst_window_clear_session (self);
  pst_window_end_session (self, old);
  pst_window_meet (self, g_variant_get_string (parameter, NULL), (const char *const *) paths);
}

static void
on_receive_from (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  PstWindow *self = user_data;

  if (!pst_window_is_live (self))
    pst_window_meet (self, g_variant_get_string (parameter, NULL), NULL);
}

/**
 * pst_window_install_devices:
 * @self: a window with its pages
 * @devices: the remembered devices
 *
 * Offers them where something is sent or received.
 */
void
pst_window_install_devices (PstWindow *self, PstAppDevices *devices)
{
  static const GActionEntry entries[] = {
    { "send-to", on_send_to, "s" },
    { "receive-from", on_receive_from, "s" },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  self->send_menu = g_menu_new ();
  self->receive_menu = g_menu_new ();
  show_devices (self);
  pst_waiting_page_set_devices (self->waiting_page, G_MENU_MODEL (self->send_menu));
  pst_receive_page_set_devices (self->receive_page, G_MENU_MODEL (self->receive_menu));
  g_signal_connect_object (pst_app_devices_get_list (devices), "items-changed",
                           G_CALLBACK (show_devices), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (devices, "added", G_CALLBACK (on_added), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (devices, "failed", G_CALLBACK (on_failed), self, G_CONNECT_SWAPPED);
}
