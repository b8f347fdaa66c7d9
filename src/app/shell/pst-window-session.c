/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-application-private.h"
#include "pst-window-private.h"

#include <glib/gi18n.h>

#include "pst-code.h"
#include "pst-error.h"
#include "pst-leftover.h"

/**
 * pst_window_is_open:
 * @self: a window
 *
 * Whether the window was not closed yet. What it was waiting for may come later.
 *
 * Returns: %TRUE if it is open
 */
gboolean
pst_window_is_open (PstWindow *self)
{
  return gtk_window_get_application (GTK_WINDOW (self)) != NULL;
}

/**
 * pst_window_is_live:
 * @self: a window
 *
 * Whether there is a session that can take what is to be sent.
 *
 * Returns: %TRUE if there is
 */
gboolean
pst_window_is_live (PstWindow *self)
{
  return self->session != NULL && pst_app_session_get_state (self->session) < PST_SESSION_CLOSING;
}

static GStrv
dup_paths_to_send (PstWindow *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  GListModel *transfers = pst_app_session_get_transfers (self->session);

  for (guint i = 0; transfers != NULL && i < g_list_model_get_n_items (transfers); i++)
    {
      g_autoptr (PstAppTransfer) transfer = g_list_model_get_item (transfers, i);
      const char *const *paths = pst_app_transfer_get_paths (transfer);

      if (!pst_app_transfer_is_incoming (transfer) && paths != NULL)
        g_strv_builder_addv (builder, (const char **)paths);
    }

  return g_strv_builder_end (builder);
}

static PstFailureRole
get_role (PstWindow *self)
{
  if (pst_app_session_is_meeting (self->session))
    return PST_FAILURE_MEETING;

  return pst_app_session_is_host (self->session) ? PST_FAILURE_HOST : PST_FAILURE_GUEST;
}

/* Nothing was transferred: the page says why, and what can be done. */
static void
fail (PstWindow *self, const GError *error)
{
  self->failure_role = get_role (self);
  g_free (self->last_device);
  self->last_device = self->device != NULL ? g_strdup (pst_app_device_get_name (self->device))
                                           : NULL;
  g_strfreev (self->last_paths);
  self->last_paths = dup_paths_to_send (self);
  g_clear_error (&self->failure);
  self->failure = g_error_copy (error);
  pst_failure_page_set_error (self->failure_page, error, self->failure_role);
}

static void
say_ended (PstWindow *self, const GError *error)
{
  PstFailureRole role = get_role (self);
  const char *sentence = NULL;

  if (error != NULL && !g_error_matches (error, PST_ERROR, PST_ERROR_CANCELLED))
    sentence = pst_failure_describe (error, role).sentence;
  pst_window_say (self, sentence != NULL ? sentence : _ ("The connection has ended."));
}

/* A code made here worked, or it is dead because somebody used other words. */
static void
note_code (PstWindow *self, gboolean worked)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));

  if (application != NULL && pst_app_session_is_host (self->session)
      && !pst_app_session_is_meeting (self->session))
    pst_application_note_code (PST_APPLICATION (application), worked);
}

static gboolean
is_dead_code (const GError *error)
{
  return g_error_matches (error, PST_ERROR, PST_ERROR_WRONG_CODE)
         || g_error_matches (error, PST_ERROR, PST_ERROR_TAMPERED);
}

static void
on_closed (PstWindow *self, const GError *error)
{
  GListModel *transfers = pst_app_session_get_transfers (self->session);
  guint n_transfers = transfers != NULL ? g_list_model_get_n_items (transfers) : 0;

  self->entering = FALSE;
  if (!self->was_connected && is_dead_code (error))
    note_code (self, FALSE);
  if (self->was_connected && n_transfers > 0)
    say_ended (self, error);
  else
    {
      if (error != NULL && !(self->was_connected && error->code == PST_ERROR_CANCELLED))
        fail (self, error);
      else
        say_ended (self, error);
      pst_window_clear_session (self);
    }
  pst_window_update (self);
}

static void
on_state (PstWindow *self)
{
  if (pst_app_session_is_together (self->session))
    {
      self->was_connected = TRUE;
      self->entering = FALSE;
      note_code (self, TRUE);
    }
  pst_window_update (self);
}

static void
on_transfer_added (PstWindow *self, PstAppTransfer *transfer)
{
  pst_window_watch_transfer (self, transfer);
  pst_window_update (self);
}

/**
 * pst_window_install_session:
 * @self: a window
 *
 * Prepares to hear of sessions.
 */
void
pst_window_install_session (PstWindow *self)
{
  self->session_signals = g_signal_group_new (PST_TYPE_APP_SESSION);
  g_signal_group_connect_swapped (self->session_signals, "notify::state", G_CALLBACK (on_state),
                                  self);
  g_signal_group_connect_swapped (self->session_signals, "notify::verifier",
                                  G_CALLBACK (pst_window_note_words), self);
  g_signal_group_connect_swapped (self->session_signals, "notify::peer-name",
                                  G_CALLBACK (pst_window_update), self);
  g_signal_group_connect_swapped (self->session_signals, "notify::remember",
                                  G_CALLBACK (pst_window_note_remember), self);
  g_signal_group_connect_swapped (self->session_signals, "transfer-added",
                                  G_CALLBACK (on_transfer_added), self);
  g_signal_group_connect_swapped (self->session_signals, "closed", G_CALLBACK (on_closed), self);
}

static void
set_session (PstWindow *self, PstAppSession *session)
{
  gboolean hosting = session != NULL && pst_app_session_is_host (session);

  g_set_object (&self->session, session);
  g_signal_group_set_target (self->session_signals, session);
  pst_waiting_page_set_session (self->waiting_page, hosting ? session : NULL);
  pst_receive_page_set_session (self->receive_page, hosting ? NULL : session);
  pst_transfers_page_set_session (self->transfers_page, session);
}

/**
 * pst_window_clear_session:
 * @self: a window
 *
 * Forgets the session, if there is one, and all that was known of it.
 */
void
pst_window_clear_session (PstWindow *self)
{
  pst_window_unwatch_transfers (self);
  if (self->session != NULL)
    set_session (self, NULL);
  g_clear_object (&self->device);
  self->was_connected = FALSE;
  self->trusted = FALSE;
  self->offers_put_off = FALSE;
  self->words_wanted = FALSE;
}

static char *
dup_setting (PstWindow *self, const char *key)
{
  g_autofree char *value = g_settings_get_string (self->settings, key);

  return *value != '\0' ? g_steal_pointer (&value) : NULL;
}

/* GLib says “Unknown” where the account has no name. */
static char *
dup_display_name (PstWindow *self)
{
  char *name = dup_setting (self, "display-name");

  if (name != NULL)
    return name;
  if (*g_get_real_name () != '\0' && strcmp (g_get_real_name (), "Unknown") != 0)
    return g_strdup (g_get_real_name ());
  return g_strdup (g_get_user_name ());
}

static PstAppSession *
make_session (PstWindow *self)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));
  g_autofree char *server_url = dup_setting (self, "server-url");
  g_autofree char *stun_server = dup_setting (self, "stun-server");
  g_autofree char *display_name = dup_display_name (self);
  g_auto (GStrv) turn_servers = g_settings_get_strv (self->settings, "turn-servers");
  g_autofree char *journals = pst_leftover_dup_folder ();
  PstSessionOptions options = {
    .server_url = server_url,
    .stun_server = stun_server,
    .turn_servers = (const char *const *)turn_servers,
    .relay_only = g_settings_get_boolean (self->settings, "relay-only"),
    .limit_bps = g_settings_get_uint64 (self->settings, "limit-bps"),
    .n_words = pst_code_count_words (PST_CODE_DEFAULT_WORDS,
                                     PST_APPLICATION (application)->n_failed_codes),
    .display_name = display_name,
    .journals = journals,
  };

  return pst_app_session_new (pst_application_get_engine (PST_APPLICATION (application)), &options);
}

/* The old one, if any, is over. */
static void
adopt (PstWindow *self, PstAppSession *session)
{
  pst_window_clear_session (self);
  g_clear_error (&self->failure);
  set_session (self, session);
}

/**
 * pst_window_host:
 * @self: a window without a live session
 * @paths: what to send
 *
 * Begins a session that shows a code.
 */
void
pst_window_host (PstWindow *self, const char *const *paths)
{
  g_autoptr (PstAppSession) session = make_session (self);

  if (session == NULL)
    return;

  pst_app_session_host (session, NULL);
  self->entering = FALSE;
  adopt (self, session);
  pst_app_session_send (session, paths);
  pst_window_update (self);
}

static PstAppDevice *
find_device (PstWindow *self, const char *name)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));

  return pst_app_devices_find (PST_APPLICATION (application)->devices, name);
}

/**
 * pst_window_meet:
 * @self: a window without a live session
 * @name: the name of a remembered device
 * @paths: (nullable): what to send; %NULL to receive
 *
 * Begins a session with that device, without a code: waits for it if something is
 * to be sent, and looks for it otherwise.
 */
void
pst_window_meet (PstWindow *self, const char *name, const char *const *paths)
{
  PstAppDevice *device = find_device (self, name);
  g_autoptr (PstAppSession) session = NULL;
  g_autoptr (GBytes) secret = NULL;

  if (device == NULL)
    return;

  session = make_session (self);
  secret = pst_app_device_dup_secret (device);
  pst_app_session_meet (session, secret, paths != NULL);
  self->entering = paths == NULL;
  adopt (self, session);
  self->device = g_object_ref (device);
  if (paths != NULL)
    pst_app_session_send (session, paths);
  pst_window_update (self);
}

/**
 * pst_window_join:
 * @self: a window without a live session
 * @code_or_link: a code or a link
 *
 * Begins a session that looks for the other person.
 */
void
pst_window_join (PstWindow *self, const char *code_or_link)
{
  g_autofree char *code = g_strdup (code_or_link);
  g_autoptr (PstAppSession) session = make_session (self);

  if (session == NULL)
    return;

  g_free (self->last_code);
  self->last_code = g_steal_pointer (&code);
  self->entering = TRUE;
  pst_app_session_join (session, self->last_code);
  adopt (self, session);
  pst_window_update (self);
}

/**
 * pst_window_send:
 * @self: a window
 * @paths: (array zero-terminated=1): absolute paths of files and folders
 *
 * Sends over the connection there is, or begins to wait for somebody.
 */
void
pst_window_send (PstWindow *self, const char *const *paths)
{
  g_return_if_fail (PST_IS_WINDOW (self));
  g_return_if_fail (paths != NULL && paths[0] != NULL);

  if (!pst_window_is_open (self))
    return;

  if (!pst_window_is_live (self))
    {
      pst_window_host (self, paths);
      return;
    }

  pst_app_session_send (self->session, paths);
  if (self->page == PST_WINDOW_PAGE_RECEIVE)
    pst_window_say (self, _ ("It will be sent as soon as you are connected."));
  else if (self->page == PST_WINDOW_PAGE_OFFER)
    pst_window_say (self, _ ("It was offered to the other person."));
}

/**
 * pst_window_take_code:
 * @self: a window
 * @code_or_link: (nullable): a code or a link; %NULL to ask for one
 *
 * Asks for the code, or receives with one. A live connection is not given up
 * for it.
 */
void
pst_window_take_code (PstWindow *self, const char *code_or_link)
{
  g_return_if_fail (PST_IS_WINDOW (self));

  if (!pst_window_is_open (self))
    return;

  if (pst_window_is_live (self))
    {
      pst_window_say (self, _ ("Disconnect first to use another code."));
      return;
    }

  pst_window_clear_session (self);
  g_clear_error (&self->failure);
  self->entering = TRUE;
  pst_receive_page_reset (self->receive_page);
  if (code_or_link != NULL)
    pst_receive_page_set_text (self->receive_page, code_or_link);
  pst_window_update (self);
}

/**
 * pst_window_dismiss_failure:
 * @self: a window
 *
 * Goes back to the start from what went wrong.
 */
void
pst_window_dismiss_failure (PstWindow *self)
{
  g_clear_error (&self->failure);
  self->entering = FALSE;
  pst_window_update (self);
}

static void
try_again (PstWindow *self)
{
  g_auto (GStrv) paths = g_steal_pointer (&self->last_paths);
  g_autofree char *device = g_steal_pointer (&self->last_device);
  gboolean sends = paths != NULL && paths[0] != NULL;

  if (self->failure_role == PST_FAILURE_MEETING && device != NULL)
    {
      pst_window_meet (self, device, sends ? (const char *const *) paths : NULL);
      return;
    }
  if (self->failure_role == PST_FAILURE_GUEST && self->last_code != NULL)
    pst_window_join (self, self->last_code);
  else if (sends)
    pst_window_host (self, (const char *const *)paths);
  else
    pst_window_dismiss_failure (self);
}

static void
activate (PstWindow *self, const char *action)
{
  gtk_widget_activate_action (GTK_WIDGET (self), action, NULL);
}

/**
 * pst_window_do_step:
 * @self: a window that shows a failure
 * @step: what its button says
 *
 * Does what the person chose to do about a failure.
 */
void
pst_window_do_step (PstWindow *self, PstFailureStep step)
{
  switch (step)
    {
    case PST_FAILURE_STEP_RETRY:
      try_again (self);
      break;
    case PST_FAILURE_STEP_NEW_CODE:
      if (self->failure_role == PST_FAILURE_HOST)
        try_again (self);
      else
        pst_window_take_code (self, NULL);
      break;
    case PST_FAILURE_STEP_ENTER_CODE:
      pst_window_take_code (self, self->last_code);
      break;
    case PST_FAILURE_STEP_SCAN_IMAGE:
      pst_window_take_code (self, NULL);
      pst_receive_page_choose_image (self->receive_page);
      break;
    case PST_FAILURE_STEP_CHOOSE_FOLDER:
      activate (self, "win.choose-destination");
      break;
    case PST_FAILURE_STEP_PREFERENCES:
      activate (self, "app.preferences");
      break;
    case PST_FAILURE_STEP_CHOOSE_FILES:
      pst_window_dismiss_failure (self);
      activate (self, "win.open");
      break;
    case PST_FAILURE_STEP_NONE:
    default:
      pst_window_dismiss_failure (self);
      break;
    }
}

/**
 * pst_window_retry:
 * @self: a window
 * @transfer: a transfer of ours that ended
 *
 * Sends the same again: over this connection, or with a new code.
 */
void
pst_window_retry (PstWindow *self, PstAppTransfer *transfer)
{
  g_auto (GStrv) paths = g_strdupv ((GStrv)pst_app_transfer_get_paths (transfer));

  if (paths != NULL && paths[0] != NULL)
    pst_window_send (self, (const char *const *)paths);
}
