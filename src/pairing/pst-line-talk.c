/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-line-private.h"

#include "pst-error.h"
#include "pst-timer.h"

static void
send (PstLine *self, PstMailboxFrame frame)
{
  g_autofree char *id = g_strdup_printf ("%u", ++self->n_commands);
  g_autofree char *text = NULL;

  if (self->websocket == NULL
      || soup_websocket_connection_get_state (self->websocket) != SOUP_WEBSOCKET_STATE_OPEN)
    return;

  frame.id = id;
  text = pst_mailbox_print (&frame);
  soup_websocket_connection_send_text (self->websocket, text);
}

void
pst_line_send_ping (PstLine *self)
{
  send (self, (PstMailboxFrame){ .type = PST_MAILBOX_PING, .ping = ++self->ping });
  pst_line_await_answer (self);
}

static gboolean
on_ping_due (gpointer user_data)
{
  PstLine *self = PST_LINE (user_data);

  pst_timer_clear (&self->timer);
  pst_line_send_ping (self);
  return G_SOURCE_REMOVE;
}

void
pst_line_send_release (PstLine *self)
{
  if (!self->claimed || self->release_sent)
    return;

  self->release_sent = TRUE;
  send (self, (PstMailboxFrame){ .type = PST_MAILBOX_RELEASE, .nameplate = self->nameplate });
}

void
pst_line_send_outgoing (PstLine *self)
{
  if (self->release)
    pst_line_send_release (self);

  for (guint i = 0; i < self->outgoing->len; i++)
    {
      PstOutgoing *outgoing = g_ptr_array_index (self->outgoing, i);

      if (outgoing->sent || outgoing->echoed)
        continue;
      outgoing->sent = TRUE;
      send (self, (PstMailboxFrame){
                      .type = PST_MAILBOX_ADD, .phase = outgoing->phase, .body = outgoing->body });
    }
}

static void
send_claim (PstLine *self)
{
  send (self, (PstMailboxFrame){ .type = PST_MAILBOX_CLAIM, .nameplate = self->nameplate });
  pst_line_set_state (self, PST_LINE_CLAIMING);
  pst_line_await_answer (self);
}

/* On coming back, what is in the mailbox is seen first: the ping's answer comes
 * after the replay, and then only what is missing is sent. */
static void
open_mailbox (PstLine *self)
{
  gboolean is_new = !self->opened;

  send (self, (PstMailboxFrame){ .type = PST_MAILBOX_OPEN, .mailbox = self->mailbox });
  pst_line_set_state (self, PST_LINE_SYNCING);
  self->opened = TRUE;
  if (is_new)
    pst_line_emit_claimed (self);
  if (self->state != PST_LINE_SYNCING)
    return;

  if (self->lost_us == 0)
    pst_line_send_outgoing (self);
  pst_line_send_ping (self);
}

void
pst_line_send_close (PstLine *self)
{
  static char *const moods[] = {
    [PST_MOOD_HAPPY] = (char *) "happy",
    [PST_MOOD_LONELY] = (char *) "lonely",
    [PST_MOOD_SCARY] = (char *) "scary",
    [PST_MOOD_ERRORY] = (char *) "errory",
  };

  pst_line_send_release (self);
  send (self, (PstMailboxFrame){
                  .type = PST_MAILBOX_CLOSE, .mailbox = self->mailbox, .mood = moods[self->mood] });
}

static void
on_welcome (PstLine *self, const PstMailboxFrame *frame)
{
  if (frame->error != NULL)
    {
      pst_line_distrust (self, frame->error);
      return;
    }
  if (self->state != PST_LINE_GREETING)
    return;

  self->welcomed = TRUE;
  send (self,
        (PstMailboxFrame){ .type = PST_MAILBOX_BIND, .appid = self->appid, .side = self->side });
  if (self->mailbox != NULL && (self->release || self->nameplate == NULL))
    open_mailbox (self);
  else if (self->nameplate == NULL)
    {
      send (self, (PstMailboxFrame){ .type = PST_MAILBOX_ALLOCATE });
      pst_line_set_state (self, PST_LINE_ALLOCATING);
      pst_line_await_answer (self);
    }
  else
    send_claim (self);
}

static void
on_allocated (PstLine *self, const PstMailboxFrame *frame)
{
  if (self->nameplate != NULL)
    return;

  self->nameplate = g_strdup (frame->nameplate);
  if (self->state == PST_LINE_CLOSING)
    send (self, (PstMailboxFrame){ .type = PST_MAILBOX_CLAIM, .nameplate = self->nameplate });
  else if (self->state == PST_LINE_ALLOCATING)
    send_claim (self);
}

static void
on_claimed (PstLine *self, const PstMailboxFrame *frame)
{
  if (self->state != PST_LINE_CLAIMING && self->state != PST_LINE_CLOSING)
    return;

  g_free (self->mailbox);
  self->mailbox = g_strdup (frame->mailbox);
  self->claimed = TRUE;
  if (self->state == PST_LINE_CLOSING)
    {
      pst_line_send_close (self);
      return;
    }
  open_mailbox (self);
}

static void
note_echo (PstLine *self, const PstMailboxFrame *frame)
{
  for (guint i = 0; i < self->outgoing->len; i++)
    {
      PstOutgoing *outgoing = g_ptr_array_index (self->outgoing, i);

      if (strcmp (outgoing->phase, frame->phase) == 0 && strcmp (outgoing->body, frame->body) == 0)
        outgoing->echoed = TRUE;
    }
}

static void
on_mail (PstLine *self, const PstMailboxFrame *frame)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = NULL;

  if (self->state != PST_LINE_SYNCING && self->state != PST_LINE_READY)
    return;
  if (strcmp (frame->side, self->side) == 0)
    {
      note_echo (self, frame);
      return;
    }

  body = pst_mailbox_decode_body (frame->body, &error);
  if (body == NULL)
    pst_line_distrust (self, error->message);
  else
    pst_line_emit_mail (self, frame->side, frame->phase, body);
}

static void
on_pong (PstLine *self, const PstMailboxFrame *frame)
{
  if (frame->ping != self->ping
      || (self->state != PST_LINE_SYNCING && self->state != PST_LINE_READY))
    return;

  if (self->state == PST_LINE_SYNCING)
    pst_line_set_state (self, PST_LINE_READY);
  self->lost_us = 0;
  self->pause_ms = self->timing.retry_first_ms;
  pst_line_send_outgoing (self);
  pst_line_set_timer (self, self->timing.ping_ms, on_ping_due);
}

static void
on_error (PstLine *self, const PstMailboxFrame *frame)
{
  if (self->state == PST_LINE_CLOSING)
    pst_line_finish_closing (self);
  else if (strcmp (frame->error, "reclaimed") == 0 && self->mailbox != NULL
           && self->state == PST_LINE_CLAIMING)
    open_mailbox (self);
  else if (strcmp (frame->error, "crowded") == 0 && !self->persistent)
    pst_line_fail (self, self->nameplate != NULL ? PST_ERROR_SERVER : PST_ERROR_LIMIT,
                   "Two others are using this code already. Make a new code and try again.");
  else
    pst_line_distrust (self, frame->error);
}

void
pst_line_take_frame (PstLine *self, const PstMailboxFrame *frame)
{
  switch (frame->type)
    {
    case PST_MAILBOX_WELCOME:
      on_welcome (self, frame);
      break;
    case PST_MAILBOX_ALLOCATED:
      on_allocated (self, frame);
      break;
    case PST_MAILBOX_CLAIMED:
      on_claimed (self, frame);
      break;
    case PST_MAILBOX_RELEASED:
      if (self->release)
        self->claimed = FALSE;
      break;
    case PST_MAILBOX_MESSAGE:
      on_mail (self, frame);
      break;
    case PST_MAILBOX_PONG:
      on_pong (self, frame);
      break;
    case PST_MAILBOX_CLOSED:
      if (self->state == PST_LINE_CLOSING)
        pst_line_finish_closing (self);
      break;
    case PST_MAILBOX_ERROR:
      on_error (self, frame);
      break;
    default:
      break;
    }
}
