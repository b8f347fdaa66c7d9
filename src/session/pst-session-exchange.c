/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the exchange tells: transfers, the other side's wishes, its end. */
#include "pst-session-private.h"

#include "pst-error.h"
#include "pst-finished.h"

/* The oldest finished ones go when they are too many. */
static void
trim_finished (PstSession *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->transfers));
  PstFinished finished = { 0 };

  for (guint i = n; i-- > 0;)
    {
      g_autoptr (PstTransfer) transfer = g_list_model_get_item (G_LIST_MODEL (self->transfers), i);

      if (pst_transfer_is_finished (transfer)
          && !pst_finished_fits (&finished, pst_transfer_get_manifest (transfer)))
        g_list_store_remove (self->transfers, i);
    }
}

static void
on_transfer_added (PstExchange *exchange, PstTransfer *transfer, gpointer user_data)
{
  PstSession *self = user_data;

  trim_finished (self);
  g_list_store_append (self->transfers, transfer);
  pst_session_emit_transfer_added (self, transfer);
}

static void
on_exchange_notify (PstExchange *exchange, GParamSpec *pspec, gpointer user_data)
{
  pst_session_notify_exchange (user_data, pspec->name);
}

static void
on_exchange_ready (PstExchange *exchange, gpointer user_data)
{
  pst_session_note_link (user_data);
  pst_session_allow_links (user_data);
}

static void
on_exchange_link (
    PstExchange *exchange, guint number, gboolean wanted, JsonObject *signal, gpointer user_data)
{
  pst_session_take_link (user_data, number, wanted, signal);
}

static void
on_exchange_remember (PstExchange *exchange, gboolean agrees, gpointer user_data)
{
  pst_session_take_remember (user_data, agrees);
}

static void
on_exchange_closed (PstExchange *exchange, const GError *error, gpointer user_data)
{
  PstSession *self = user_data;

  if (self->state != PST_SESSION_CLOSING)
    self->peer_said_bye = error == NULL || error->code != PST_ERROR_LOST;
  if (self->state == PST_SESSION_CLOSING)
    pst_session_heard_bye (self);
  else
    pst_session_fail (self, error);
}

static void
on_exchange_lost (PstExchange *exchange, const GError *error, gpointer user_data)
{
  PstSession *self = user_data;

  if (self->state == PST_SESSION_CLOSING)
    pst_session_heard_bye (self);
  else
    pst_session_lose_link (self);
}

/* The exchange is there: show what it shows, hear of its end. */
void
pst_session_watch_exchange (PstSession *self)
{
  g_signal_connect_object (self->exchange, "ready", G_CALLBACK (on_exchange_ready), self, 0);
  g_signal_connect_object (self->exchange, "transfer-added", G_CALLBACK (on_transfer_added), self,
                           0);
  g_signal_connect_object (self->exchange, "remember", G_CALLBACK (on_exchange_remember), self, 0);
  g_signal_connect_object (self->exchange, "link", G_CALLBACK (on_exchange_link), self, 0);
  g_signal_connect_object (self->exchange, "lost", G_CALLBACK (on_exchange_lost), self, 0);
  g_signal_connect_object (self->exchange, "closed", G_CALLBACK (on_exchange_closed), self, 0);
  g_signal_connect_object (self->exchange, "notify", G_CALLBACK (on_exchange_notify), self, 0);
}
