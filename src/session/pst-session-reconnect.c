/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A lost link is replaced by one with a new number, the epoch, through the
 * mailbox both sides paired through (docs/protocol.md, “Reconnecting”): each says
 * that it has let go of the old one, then the offerer offers the next. The person
 * or the other side's goodbye ends it, or the time that was set for it. A first link
 * that does not come about is tried anew in the same way, but not without end. */
#include "pst-session-private.h"

#include "pst-error.h"

static void try_again (PstSession *self);

/* Once frames have flowed, links are replaced for as long as people want. Before, there
 * are few tries, and this says whether one is left after that of @epoch. */
static gboolean
has_try_left (PstSession *self, guint32 epoch)
{
  return self->exchange != NULL || epoch + 1 < PST_SESSION_FIRST_LINK_TRIES;
}

/* Whether the attempt at a link that came to nothing, because of @error, is followed by
 * another one. A side without an address of its own would tell the other nothing new. */
gboolean
pst_session_may_try_again (PstSession *self, const GError *error)
{
  if (!g_error_matches (error, PST_ERROR, PST_ERROR_LOST)
      && !g_error_matches (error, PST_ERROR, PST_ERROR_NO_PATH))
    return FALSE;

  return self->exchange != NULL
         || (has_try_left (self, self->epoch) && self->mailbox_error == NULL
             && pst_peer_has_addresses (self->peer));
}

static void
say_again (PstSession *self)
{
  g_autoptr (JsonObject) message = json_object_new ();

  json_object_set_string_member (message, "t", "again");
  json_object_set_int_member (message, "epoch", self->epoch);
  pst_wormhole_send (self->wormhole, message);
}

static void
fail_protocol (PstSession *self, const char *sentence)
{
  g_autoptr (GError) error = g_error_new_literal (PST_ERROR, PST_ERROR_PROTOCOL, sentence);

  pst_session_fail (self, error);
}

static gboolean
look_again (gpointer user_data)
{
  PstSession *self = user_data;

  pst_wormhole_hurry (self->wormhole);
  if (self->let_go && !self->peer_let_go)
    {
      pst_wormhole_change_server (self->wormhole);
      if (!self->host)
        pst_session_look_for_server (self);
    }
  return G_SOURCE_CONTINUE;
}

static gboolean
wait_over (gpointer user_data)
{
  PstSession *self = user_data;
  g_autoptr (GError) error = g_error_new_literal (
      PST_ERROR, PST_ERROR_NOT_FOUND,
      "The connection was lost, and the other side did not come back in time.");

  pst_session_fail (self, error);
  return G_SOURCE_REMOVE;
}

static gboolean
first_wait_over (gpointer user_data)
{
  PstSession *self = user_data;
  g_autoptr (GError) error = g_error_new_literal (
      PST_ERROR, PST_ERROR_NO_PATH, "No network path to the other side was found in time.");

  pst_session_fail (self, error);
  return G_SOURCE_REMOVE;
}

/* For the other side, and for the server between the two. */
static void
begin_waiting (PstSession *self)
{
  pst_wormhole_hurry (self->wormhole);
  pst_session_look_for_server (self);
  pst_timer_set (&self->next_look, PST_SESSION_LOOK_AGAIN_MS, look_again, self);
  pst_timer_clear (&self->last_wait);
  if (self->exchange == NULL)
    pst_timer_set (&self->last_wait, PST_SESSION_FIRST_LINK_WAIT_MS, first_wait_over, self);
  else if (self->reconnect_wait_s > 0)
    pst_timer_set (&self->last_wait, self->reconnect_wait_s * 1000, wait_over, self);
}

/* Only a link that held is replaced at once. */
static void
count_pause (PstSession *self)
{
  gint64 now_us = g_get_monotonic_time ();

  if (self->linked_us != 0 && now_us - self->linked_us >= PST_SESSION_GOOD_LINK_US)
    self->pause_ms = 0;
  else
    self->pause_ms = CLAMP (2 * self->pause_ms, PST_SESSION_FIRST_PAUSE_MS,
                            PST_SESSION_MAX_PAUSE_MS);
  self->linked_us = 0;
}

/* This side lets go of the link, or of the attempt at one. */
void
pst_session_lose_link (PstSession *self)
{
  g_autoptr (PstSession) alive = g_object_ref (self);

  if (self->state >= PST_SESSION_CLOSING || self->let_go)
    return;
  if (self->mailbox_error != NULL)
    {
      pst_session_fail (self, self->mailbox_error);
      return;
    }

  g_debug ("let go of link %u", self->epoch);
  self->let_go = TRUE;
  count_pause (self);
  pst_session_drop_peer (self);
  if (self->exchange != NULL)
    pst_exchange_detach (self->exchange);
  if (self->state >= PST_SESSION_CLOSING)
    return;

  say_again (self);
  if (self->state != PST_SESSION_RECONNECTING)
    begin_waiting (self);
  if (self->exchange != NULL)
    pst_session_set_state (self, PST_SESSION_RECONNECTING);
  try_again (self);
}

/* The other side's hello came: the link holds. */
void
pst_session_note_link (PstSession *self)
{
  if (self->state >= PST_SESSION_CLOSING)
    return;

  self->linked_us = g_get_monotonic_time ();
  pst_timer_clear (&self->deadline);
  pst_timer_clear (&self->next_look);
  pst_timer_clear (&self->last_wait);
  pst_session_clear_pairing (self);
  pst_session_set_state (self, PST_SESSION_CONNECTED);
}

/* Messages come through the mailbox no more. The link does without. */
void
pst_session_lose_mailbox (PstSession *self, const GError *error)
{
  if (self->mailbox_error == NULL)
    self->mailbox_error = g_error_copy (error);
  if (self->state == PST_SESSION_RECONNECTING || self->let_go)
    pst_session_fail (self, error);
}

static gboolean
may_begin (PstSession *self)
{
  gint64 now_us = g_get_monotonic_time ();

  if (now_us - self->turn_us > PST_SESSION_EPOCH_TURN_US)
    {
      self->turn_us = now_us;
      self->n_epochs = 0;
    }
  return self->n_epochs++ < PST_SESSION_MAX_EPOCHS;
}

static void
begin_epoch (PstSession *self, guint32 epoch)
{
  if (!may_begin (self))
    {
      g_autoptr (GError) error
          = g_error_new_literal (PST_ERROR, PST_ERROR_LIMIT,
                                 "The connection had to be made again too often.");

      pst_session_fail (self, error);
      return;
    }

  self->epoch = epoch;
  self->let_go = self->peer_let_go = FALSE;
  pst_session_connect_peer (self);
}

static gboolean
attempt_due (gpointer user_data)
{
  PstSession *self = user_data;

  pst_timer_clear (&self->next_attempt);
  begin_epoch (self, self->epoch + 1);
  return G_SOURCE_REMOVE;
}

/* The offerer begins when both have let go: so the other side is there to answer. */
static void
try_again (PstSession *self)
{
  gboolean is_linking = self->state == PST_SESSION_CONNECTING
                        || self->state == PST_SESSION_RECONNECTING;

  if (is_linking && pst_session_is_offerer (self) && self->let_go && self->peer_let_go
      && self->next_attempt == NULL)
    pst_timer_set (&self->next_attempt, self->pause_ms, attempt_due, self);
}

/* The other side has let go of a link. */
void
pst_session_take_again (PstSession *self, guint32 epoch)
{
  g_autoptr (PstSession) alive = g_object_ref (self);

  if (epoch < self->epoch)
    return;
  if (!has_try_left (self, epoch))
    {
      g_autoptr (GError) error = g_error_new_literal (
          PST_ERROR, PST_ERROR_LOST, "The connection broke off before it was ready.");

      pst_session_fail (self, error);
      return;
    }
  if (epoch > self->epoch
      && (pst_session_is_offerer (self) || !self->let_go || epoch - self->epoch > 1))
    {
      fail_protocol (self, "The other side lost a connection that was never tried.");
      return;
    }

  /* An attempt of the offerer's that came to nothing before there was an offer. */
  if (epoch > self->epoch)
    {
      self->epoch = epoch;
      say_again (self);
    }
  self->peer_let_go = TRUE;
  pst_session_lose_link (self);
  try_again (self);
}

/* A message about the link of @epoch came: returns whether it is for this side's
 * link, which may begin with it. What is late is passed over. */
gboolean
pst_session_enter_epoch (PstSession *self, guint32 epoch)
{
  if (epoch < self->epoch || (epoch == self->epoch && self->let_go))
    return FALSE;
  if (epoch == self->epoch)
    return self->peer != NULL;

  if (pst_session_is_offerer (self) || !self->let_go || epoch - self->epoch > 1)
    {
      fail_protocol (self, "The other side began a connection out of turn.");
      return FALSE;
    }

  begin_epoch (self, epoch);
  return self->peer != NULL && self->state < PST_SESSION_CLOSING;
}

/* Nothing of it is wanted any more. */
void
pst_session_stop_reconnecting (PstSession *self)
{
  pst_timer_clear (&self->next_attempt);
  pst_timer_clear (&self->next_look);
  pst_timer_clear (&self->last_wait);
}
