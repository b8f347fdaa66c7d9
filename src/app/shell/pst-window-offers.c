/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-window-private.h"

#include <glib/gi18n.h>

#include "pst-destination.h"
#include "pst-text.h"

/* The nick of the key "ask" that trusts a connection after the first question. */
#define ASK_FIRST "first"

static char *
dup_usable_destination (PstWindow *self)
{
  g_autofree char *path = g_settings_get_string (self->settings, "destination");

  if (*path == '\0')
    {
      g_free (path);
      path = pst_destination_dup_default ();
    }

  return path != NULL && pst_destination_check (path, NULL) ? g_steal_pointer (&path) : NULL;
}

static void
queue_offer (PstWindow *self, PstAppTransfer *transfer)
{
  if (g_queue_find (&self->offers, transfer) != NULL)
    return;

  g_queue_push_tail (&self->offers, g_object_ref (transfer));
  self->offers_put_off = FALSE;
}

static void
drop_offer (PstWindow *self, PstAppTransfer *transfer)
{
  if (g_queue_remove (&self->offers, transfer))
    g_object_unref (transfer);
}

static void
accept_all (PstWindow *self, PstAppTransfer *transfer, const char *destination)
{
  const char *title = pst_app_transfer_get_title (transfer);
  g_autofree char *name = title != NULL ? pst_text_name (title) : NULL;
  g_autofree char *sentence = NULL;

  g_hash_table_add (self->accepted, g_object_ref (transfer));
  pst_app_transfer_accept (transfer, destination, NULL);

  /* Translators: %s is the name of a file or folder */
  sentence = g_strdup_printf (_ ("Receiving “%s”"), name != NULL ? name : "…");
  pst_window_say (self, sentence);
}

/* Without a destination that works, the page asks for one. */
static void
take_offer (PstWindow *self, PstAppTransfer *transfer)
{
  g_autofree char *ask = g_settings_get_string (self->settings, "ask");
  g_autofree char *destination = NULL;

  if (g_hash_table_contains (self->accepted, transfer))
    return;

  if ((self->trusted && strcmp (ask, ASK_FIRST) == 0)
      || (self->device != NULL && pst_app_device_accepts (self->device)))
    destination = dup_usable_destination (self);
  if (destination != NULL)
    accept_all (self, transfer, destination);
  else
    queue_offer (self, transfer);
}

static gboolean
is_worth_keeping (PstAppTransfer *transfer)
{
  PstTransferState state = pst_app_transfer_get_state (transfer);

  /* Nobody has heard of it. */
  if (pst_app_transfer_get_manifest (transfer) == NULL)
    return FALSE;

  return state == PST_TRANSFER_DONE || state == PST_TRANSFER_FAILED
         || (state != PST_TRANSFER_DECLINED && pst_app_transfer_get_written_bytes (transfer) > 0);
}

static void
on_finished (PstWindow *self, PstAppTransfer *transfer)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));
  PstHistory *history = application != NULL
                            ? pst_application_get_history (PST_APPLICATION (application))
                            : NULL;

  g_signal_handlers_disconnect_by_data (transfer, self);
  g_hash_table_remove (self->accepted, transfer);
  if (history != NULL && g_settings_get_boolean (self->settings, "keep-history")
      && is_worth_keeping (transfer))
    pst_history_add (history, transfer, pst_app_session_get_peer_name (self->session));
}

static void
look_at (PstWindow *self, PstAppTransfer *transfer)
{
  PstTransferState state = pst_app_transfer_get_state (transfer);
  gboolean incoming = pst_app_transfer_is_incoming (transfer);

  if (incoming && state == PST_TRANSFER_OFFERED)
    take_offer (self, transfer);
  else
    drop_offer (self, transfer);

  if (incoming && state >= PST_TRANSFER_RUNNING && state <= PST_TRANSFER_DONE)
    self->trusted = TRUE;
  if (pst_app_transfer_is_finished (transfer))
    on_finished (self, transfer);
}

static void
on_state (PstWindow *self, GParamSpec *pspec, PstAppTransfer *transfer)
{
  guint n_offers = self->offers.length;

  look_at (self, transfer);
  if (self->offers.length != n_offers)
    pst_window_update (self);
}

/* The page tells of those accepted there. */
static void
on_accept_failed (PstWindow *self, const GError *error, PstAppTransfer *transfer)
{
  const char *sentence = pst_failure_describe (error, PST_FAILURE_RECEIVER).sentence;

  if (g_hash_table_remove (self->accepted, transfer) && sentence != NULL)
    pst_window_say (self, sentence);
  queue_offer (self, transfer);
  pst_window_update (self);
}

/**
 * pst_window_watch_transfer:
 * @self: a window
 * @transfer: a transfer of its session
 *
 * Follows a transfer until it is finished: asks about it, or not, and keeps it
 * in the history.
 */
void
pst_window_watch_transfer (PstWindow *self, PstAppTransfer *transfer)
{
  const char *peer_name = pst_app_session_get_peer_name (self->session);

  g_signal_connect_object (transfer, "notify::state", G_CALLBACK (on_state), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (transfer, "accept-failed", G_CALLBACK (on_accept_failed), self,
                           G_CONNECT_SWAPPED);
  look_at (self, transfer);
  pst_attention_add (self->attention, transfer, peer_name);
  pst_thrift_add (self->thrift, transfer);
}

/**
 * pst_window_unwatch_transfers:
 * @self: a window
 *
 * Follows none of the session's transfers any more.
 */
void
pst_window_unwatch_transfers (PstWindow *self)
{
  GListModel *transfers = self->session != NULL ? pst_app_session_get_transfers (self->session)
                                                : NULL;

  for (guint i = 0; transfers != NULL && i < g_list_model_get_n_items (transfers); i++)
    {
      g_autoptr (PstAppTransfer) transfer = g_list_model_get_item (transfers, i);

      g_signal_handlers_disconnect_by_data (transfer, self);
    }

  g_queue_clear_full (&self->offers, g_object_unref);
  g_hash_table_remove_all (self->accepted);
  pst_attention_forget_all (self->attention);
  pst_thrift_forget_all (self->thrift);
}

/**
 * pst_window_show_next_offer:
 * @self: a window with an offer that waits
 *
 * Has the offer page show the first offer that waits for an answer.
 */
void
pst_window_show_next_offer (PstWindow *self)
{
  PstAppTransfer *transfer = g_queue_peek_head (&self->offers);

  if (transfer != NULL && pst_offer_page_get_transfer (self->offer_page) != transfer)
    pst_offer_page_set_transfer (self->offer_page, transfer,
                                 pst_app_session_get_peer_name (self->session));
}

/**
 * pst_window_drop_answered:
 * @self: a window
 *
 * Has the next offer come to its turn: the one that the page shows is answered,
 * though the engine may not have said so yet.
 */
void
pst_window_drop_answered (PstWindow *self)
{
  PstAppTransfer *shown = pst_offer_page_get_transfer (self->offer_page);
  PstAppTransfer *first = g_queue_peek_head (&self->offers);

  if (first != NULL && (shown == NULL || shown == first))
    drop_offer (self, first);
}

/**
 * pst_window_review:
 * @self: a window
 * @transfer: an offer of theirs
 *
 * Asks about an offer that the person had put off.
 */
void
pst_window_review (PstWindow *self, PstAppTransfer *transfer)
{
  GList *link = g_queue_find (&self->offers, transfer);

  if (link == NULL)
    return;

  g_queue_unlink (&self->offers, link);
  g_queue_push_head_link (&self->offers, link);
  self->offers_put_off = FALSE;
  pst_window_update (self);
}

/**
 * pst_window_answer:
 * @self: a window
 * @id: the target of a notification's button
 * @accept: %TRUE for everything, %FALSE for nothing
 *
 * Answers an offer from outside of the window. One that is over is left alone,
 * and one that cannot be accepted just so is shown.
 */
void
pst_window_answer (PstWindow *self, const char *id, gboolean accept)
{
  PstAppTransfer *transfer;
  g_autofree char *destination = NULL;

  g_return_if_fail (PST_IS_WINDOW (self));

  transfer = pst_attention_find (self->attention, id);
  if (transfer == NULL || pst_app_transfer_get_state (transfer) != PST_TRANSFER_OFFERED)
    return;

  if (!accept)
    {
      pst_app_transfer_decline (transfer);
      return;
    }

  destination = dup_usable_destination (self);
  if (destination == NULL)
    {
      pst_window_review (self, transfer);
      gtk_window_present (GTK_WINDOW (self));
    }
  else if (transfer == pst_offer_page_get_transfer (self->offer_page))
    pst_offer_page_accept (self->offer_page); /* with what is chosen there */
  else
    accept_all (self, transfer, destination);
}
