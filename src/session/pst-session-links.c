/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Further links beside the first one of an epoch, where the SCTP of either side is not
 * ours (docs/protocol.md, “Several links”). They are arranged over the connection that is
 * there: the offerer makes them, one at a time; the answerer asks for them. Nothing that
 * goes wrong with one disturbs what runs. */
#include "pst-session-private.h"

#include "pst-error.h"

/* Frees @link; its peer ends by itself, unless pst_session_close_peer() waits for it. */
void
pst_session_link_free (PstSessionLink *link)
{
  g_signal_handlers_disconnect_by_data (link->peer, link);
  g_object_unref (link->peer);
  g_free (link);
}

static PstSessionLink *
find_link (PstSession *self, guint number)
{
  for (guint i = 0; i < self->links->len; i++)
    {
      PstSessionLink *link = g_ptr_array_index (self->links, i);

      if (link->number == number)
        return link;
    }

  return NULL;
}

static void
fail_protocol (PstSession *self)
{
  g_autoptr (GError) error = g_error_new_literal (
      PST_ERROR, PST_ERROR_PROTOCOL, "The other side said something about a link out of turn.");

  pst_session_fail (self, error);
}

/* @tell: whether the other side has to hear of it. */
static void
drop_link (PstSession *self, PstSessionLink *link, gboolean tell)
{
  g_autoptr (PstSession) alive = g_object_ref (self);
  g_autoptr (PstPeer) peer = g_object_ref (link->peer);
  guint number = link->number;

  g_ptr_array_remove (self->links, link);
  pst_bundle_remove (self->bundle, number);
  pst_session_close_peer (self, peer);
  if (tell)
    pst_exchange_say_link (self->exchange, number, FALSE, NULL);
}

/* The bundle does without it already. */
static void
on_let_go (PstBundle *bundle, guint number, PstSession *self)
{
  PstSessionLink *link = find_link (self, number);

  if (link != NULL && self->state < PST_SESSION_CLOSING)
    drop_link (self, link, TRUE);
}

static void
on_signal (PstPeer *peer, JsonObject *message, PstSessionLink *link)
{
  if (link->session->state < PST_SESSION_CLOSING)
    pst_exchange_say_link (link->session->exchange, link->number, FALSE, message);
}

static void
on_opened (PstPeer *peer, PstSessionLink *link)
{
  link->open = TRUE;
  pst_bundle_add (link->session->bundle, link->number, PST_CHANNEL (peer));
}

/* While it is tried; afterwards the bundle hears of it, and knows better. */
static void
on_closed (PstPeer *peer, const GError *error, PstSessionLink *link)
{
  PstSession *self = link->session;

  g_debug ("link %u: %s", link->number, error->message);
  if (self->state >= PST_SESSION_CLOSING || link->open)
    return;

  pst_bundle_fail (self->bundle);
  drop_link (self, link, TRUE);
}

/* Whether a path is being looked for. One that is being secured here may be open at the other
 * side, which may go on to the next. */
static gboolean
is_trying (PstSession *self)
{
  for (guint i = 0; i < self->links->len; i++)
    if (pst_peer_get_state (((PstSessionLink *) g_ptr_array_index (self->links, i))->peer)
        < PST_PEER_SECURING)
      return TRUE;

  return FALSE;
}

static gboolean
has_place (PstSession *self)
{
  guint most_links = MIN (pst_bundle_get_most_links (),
                          pst_exchange_get_peer_most_links (self->exchange));

  return self->state == PST_SESSION_CONNECTED && !is_trying (self)
         && self->links->len + 1 < most_links;
}

/* Returns: (nullable): the link that is tried now under @number, the next one. */
static PstSessionLink *
begin_link (PstSession *self, guint number)
{
  g_autoptr (PstPeer) peer = NULL;
  PstSessionLink *link;

  self->last_link = number;
  if (!has_place (self) || (peer = pst_session_make_peer (self, number, NULL)) == NULL)
    return NULL;

  link = g_new0 (PstSessionLink, 1);
  *link = (PstSessionLink){ self, number, g_object_ref (peer), FALSE };
  g_ptr_array_add (self->links, link);
  g_signal_connect (peer, "signal", G_CALLBACK (on_signal), link);
  g_signal_connect (peer, "opened", G_CALLBACK (on_opened), link);
  g_signal_connect (peer, "closed", G_CALLBACK (on_closed), link);
  if (pst_peer_start (peer, NULL))
    return link;

  drop_link (self, link, FALSE);
  return NULL;
}

static void
refuse_link (PstSession *self, guint number)
{
  pst_bundle_fail (self->bundle);
  pst_exchange_say_link (self->exchange, number, FALSE, NULL);
}

/* One more may help. */
static void
on_more (PstBundle *bundle, PstSession *self)
{
  guint number = self->last_link + 1;

  if (is_trying (self))
    return; /* the other side wants one as well */
  if (number > PST_CHANNEL_MAX_LINK_NUMBER || !has_place (self))
    pst_bundle_fail (self->bundle);
  else if (!pst_session_is_offerer (self))
    {
      self->asked_link = number;
      pst_exchange_say_link (self->exchange, number, TRUE, NULL);
    }
  else if (begin_link (self, number) == NULL)
    pst_bundle_fail (self->bundle);
}

/* The answerer asks; each number once, so not without end. */
static void
take_wish (PstSession *self, guint number)
{
  if (!pst_session_is_offerer (self) || number <= self->wanted_link)
    {
      fail_protocol (self);
      return;
    }

  self->wanted_link = number;
  if (find_link (self, number) != NULL)
    return; /* it was begun meanwhile */
  if (number != self->last_link + 1 || begin_link (self, number) == NULL)
    refuse_link (self, number);
}

static void
take_signal (PstSession *self, guint number, JsonObject *signal)
{
  g_autoptr (GError) error = NULL;
  PstSessionLink *link = find_link (self, number);

  if (link == NULL && number <= self->last_link)
    return; /* it is late: that one was let go of */
  if (link == NULL && pst_session_is_offerer (self))
    {
      fail_protocol (self);
      return;
    }
  if (link == NULL && (link = begin_link (self, number)) == NULL)
    refuse_link (self, number);
  else if (!pst_peer_take_signal (link->peer, signal, &error))
    pst_session_fail (self, error);
}

static void
take_let_go (PstSession *self, guint number)
{
  PstSessionLink *link = find_link (self, number);

  if (link == NULL && number == self->asked_link)
    pst_bundle_fail (self->bundle);
  if (link != NULL)
    {
      pst_bundle_fail (self->bundle);
      drop_link (self, link, FALSE);
    }
}

/* The other side says something about a further link: see #PstExchange::link. */
void
pst_session_take_link (PstSession *self, guint number, gboolean wanted, JsonObject *signal)
{
  if (self->state >= PST_SESSION_CLOSING || self->bundle == NULL)
    return;

  if (wanted)
    take_wish (self, number);
  else if (signal != NULL)
    take_signal (self, number, signal);
  else
    take_let_go (self, number);
}

/* What carries the exchange over the link that just opened: where both sides have our
 * SCTP one link is faster than several of others. */
PstChannel *
pst_session_bundle (PstSession *self)
{
  PstChannelPath path;

  pst_channel_get_path (PST_CHANNEL (self->peer), &path);
  if (!path.sender_sleeps || pst_bundle_get_most_links () < 2)
    return PST_CHANNEL (self->peer);

  self->bundle = pst_bundle_new (PST_CHANNEL (self->peer), self->n_rests);
  g_signal_connect_object (self->bundle, "more", G_CALLBACK (on_more), self, 0);
  g_signal_connect_object (self->bundle, "let-go", G_CALLBACK (on_let_go), self, 0);
  return PST_CHANNEL (self->bundle);
}

/* The other side said hello, and with it what it can take. */
void
pst_session_allow_links (PstSession *self)
{
  if (self->bundle != NULL)
    pst_bundle_allow (self->bundle, pst_exchange_get_peer_most_links (self->exchange));
}

/* The first link is gone, and the others are nothing without it. If there were some it may
 * be because of them: the next bundle begins with a rest. */
void
pst_session_drop_links (PstSession *self)
{
  if (self->bundle == NULL)
    return;

  self->n_rests += self->links->len > 0;
  g_signal_handlers_disconnect_by_data (self->bundle, self);
  for (guint i = 0; i < self->links->len; i++)
    pst_session_close_peer (self, ((PstSessionLink *) g_ptr_array_index (self->links, i))->peer);
  g_ptr_array_set_size (self->links, 0);
  g_clear_object (&self->bundle);
  self->last_link = self->asked_link = self->wanted_link = 0;
}
