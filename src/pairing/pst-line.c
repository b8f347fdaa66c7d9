/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-line-private.h"

#include "pst-timer.h"

/* Where a mailbox may be found: its first address and what was heard of since. */
#define MAX_URLS 8

#define TO(state)   (1u << (state))
#define AT_ANY_TIME (TO (PST_LINE_RESTING) | TO (PST_LINE_CLOSING) | TO (PST_LINE_CLOSED))

static const guint transitions[PST_LINE_N_STATES] = {
  [PST_LINE_OFF] = TO (PST_LINE_CONNECTING) | TO (PST_LINE_CLOSED),
  [PST_LINE_CONNECTING] = TO (PST_LINE_GREETING) | AT_ANY_TIME,
  [PST_LINE_GREETING] = TO (PST_LINE_ALLOCATING) | TO (PST_LINE_CLAIMING) | TO (PST_LINE_SYNCING)
                        | AT_ANY_TIME,
  [PST_LINE_ALLOCATING] = TO (PST_LINE_CLAIMING) | AT_ANY_TIME,
  [PST_LINE_CLAIMING] = TO (PST_LINE_SYNCING) | AT_ANY_TIME,
  [PST_LINE_SYNCING] = TO (PST_LINE_READY) | AT_ANY_TIME,
  [PST_LINE_READY] = AT_ANY_TIME,
  [PST_LINE_RESTING] = TO (PST_LINE_CONNECTING) | TO (PST_LINE_CLOSED),
  [PST_LINE_CLOSING] = TO (PST_LINE_CLOSED),
  [PST_LINE_CLOSED] = 0,
};

G_DEFINE_FINAL_TYPE (PstLine, pst_line, G_TYPE_OBJECT)

enum
{
  SIGNAL_CLAIMED,
  SIGNAL_MAIL,
  SIGNAL_FAILED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

void
pst_line_set_state (PstLine *self, PstLineState state)
{
  g_assert (transitions[self->state] & TO (state));
  self->state = state;
}

void
pst_line_emit_claimed (PstLine *self)
{
  g_signal_emit (self, signals[SIGNAL_CLAIMED], 0, self->nameplate);
}

void
pst_line_emit_mail (PstLine *self, const char *side, const char *phase, GBytes *body)
{
  g_signal_emit (self, signals[SIGNAL_MAIL], 0, side, phase, body);
}

void
pst_line_emit_failed (PstLine *self, const GError *error)
{
  g_signal_emit (self, signals[SIGNAL_FAILED], 0, error);
}

static void
outgoing_free (PstOutgoing *outgoing)
{
  g_free (outgoing->phase);
  g_free (outgoing->body);
  g_free (outgoing);
}

static void
pst_line_dispose (GObject *object)
{
  PstLine *self = PST_LINE (object);

  pst_line_drop_connection (self);
  G_OBJECT_CLASS (pst_line_parent_class)->dispose (object);
}

static void
pst_line_finalize (GObject *object)
{
  PstLine *self = PST_LINE (object);

  g_ptr_array_unref (self->urls);
  g_free (self->appid);
  g_free (self->side);
  g_free (self->nameplate);
  g_free (self->mailbox);
  g_ptr_array_unref (self->outgoing);
  G_OBJECT_CLASS (pst_line_parent_class)->finalize (object);
}

static void
pst_line_class_init (PstLineClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = pst_line_dispose;
  G_OBJECT_CLASS (klass)->finalize = pst_line_finalize;

  signals[SIGNAL_CLAIMED] = g_signal_new ("claimed", PST_TYPE_LINE, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_MAIL] = g_signal_new ("mail", PST_TYPE_LINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                       NULL, G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_STRING,
                                       G_TYPE_BYTES);
  signals[SIGNAL_FAILED] = g_signal_new ("failed", PST_TYPE_LINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                         NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
pst_line_init (PstLine *self)
{
  self->urls = g_ptr_array_new_with_free_func (g_free);
  self->outgoing = g_ptr_array_new_with_free_func ((GDestroyNotify) outgoing_free);
  pst_line_set_timing (self, &pst_wormhole_default_timing);
}

/**
 * pst_line_new:
 * @server_url: address of the mailbox server, see pst_upgrade_parse_url()
 * @appid: application id
 * @side: our side
 *
 * Returns: (transfer full): a line that does nothing until pst_line_start()
 */
PstLine *
pst_line_new (const char *server_url, const char *appid, const char *side)
{
  PstLine *self = g_object_new (PST_TYPE_LINE, NULL);

  g_ptr_array_add (self->urls, g_strdup (server_url));
  self->appid = g_strdup (appid);
  self->side = g_strdup (side);
  return self;
}

/**
 * pst_line_set_timing:
 * @self: a line that has not started
 * @timing: its time-outs; copied
 *
 * Replaces pst_wormhole_default_timing.
 */
void
pst_line_set_timing (PstLine *self, const PstWormholeTiming *timing)
{
  self->timing = *timing;
  self->pause_ms = timing->retry_first_ms;
}

/**
 * pst_line_start:
 * @self: a new line
 * @nameplate: (nullable): the nameplate to claim; %NULL to let the server choose
 *
 * Connects, claims the nameplate and opens its mailbox. An address that is not
 * usable fails from within this call.
 */
void
pst_line_start (PstLine *self, const char *nameplate)
{
  g_return_if_fail (self->state == PST_LINE_OFF);

  self->nameplate = g_strdup (nameplate);
  pst_line_connect (self);
}

/**
 * pst_line_start_at:
 * @self: a new line
 * @mailbox: the mailbox's name
 *
 * Connects and opens a mailbox that both sides can name, without a nameplate. If
 * there is no room for a third side, the line fails with %PST_ERROR_LIMIT.
 */
void
pst_line_start_at (PstLine *self, const char *mailbox)
{
  g_return_if_fail (self->state == PST_LINE_OFF);

  self->mailbox = g_strdup (mailbox);
  pst_line_connect (self);
}

/**
 * pst_line_add:
 * @self: a line
 * @phase: name of the message; each is added once
 * @body: its content, at most %PST_MAILBOX_MAX_BODY_BYTES less the frame's own
 *   members
 *
 * Puts a message into the mailbox, now or as soon as it can be.
 */
void
pst_line_add (PstLine *self, const char *phase, GBytes *body)
{
  PstOutgoing *outgoing = g_new0 (PstOutgoing, 1);

  outgoing->phase = g_strdup (phase);
  outgoing->body = pst_mailbox_encode_body (body);
  g_ptr_array_add (self->outgoing, outgoing);
  if (self->state == PST_LINE_READY || (self->state == PST_LINE_SYNCING && self->lost_us == 0))
    pst_line_send_outgoing (self);
}

/**
 * pst_line_forget_numeric:
 * @self: a line
 * @below: a number
 *
 * Forgets the messages in numeric phases below @below: the other side has them,
 * and a server that lost them need not get them again.
 */
void
pst_line_forget_numeric (PstLine *self, guint below)
{
  for (guint i = self->outgoing->len; i-- > 0;)
    {
      PstOutgoing *outgoing = g_ptr_array_index (self->outgoing, i);
      guint number;

      if (pst_mailbox_parse_phase (outgoing->phase, &number) && number < below)
        g_ptr_array_remove_index (self->outgoing, i);
    }
}

/**
 * pst_line_add_url:
 * @self: a line that persists
 * @server_url: another address under which the same mailbox may be found
 *
 * From the next loss on, the addresses are tried in turn. When there are too
 * many, the one added first goes; the one the line was made with stays.
 */
void
pst_line_add_url (PstLine *self, const char *server_url)
{
  guint oldest = self->turn == 1 ? 2 : 1;

  if (g_ptr_array_find_with_equal_func (self->urls, server_url, g_str_equal, NULL))
    return;

  if (self->urls->len == MAX_URLS)
    {
      g_ptr_array_remove_index (self->urls, oldest);
      self->turn -= self->turn > oldest;
    }
  g_ptr_array_add (self->urls, g_strdup (server_url));
  if (self->state == PST_LINE_RESTING)
    pst_line_hurry (self);
}

/**
 * pst_line_hurry:
 * @self: a line
 *
 * Someone waits for the mailbox: asks whether the server is still there, or
 * tries again at once.
 */
void
pst_line_hurry (PstLine *self)
{
  if (self->failed)
    return;

  if (self->state == PST_LINE_READY)
    {
      pst_line_send_ping (self);
      pst_line_await_answer_soon (self);
    }
  else if (self->state == PST_LINE_RESTING)
    {
      pst_line_set_timer (self, 0, NULL);
      pst_line_connect (self);
    }
}

/**
 * pst_line_change_server:
 * @self: a line that persists
 *
 * Leaves the server for the next address, if there is another: whoever answers
 * at this one seems to pass nothing on.
 */
void
pst_line_change_server (PstLine *self)
{
  if (self->urls->len > 1 && self->state >= PST_LINE_GREETING && self->state <= PST_LINE_READY)
    pst_line_lose (self, "nothing comes through it.");
}

/**
 * pst_line_release:
 * @self: a line
 *
 * Releases the nameplate, now or as soon as it can be: the peer is here.
 */
void
pst_line_release (PstLine *self)
{
  self->release = TRUE;
  if (self->state == PST_LINE_READY || self->state == PST_LINE_SYNCING)
    pst_line_send_release (self);
}

/**
 * pst_line_persist:
 * @self: a line
 *
 * From now on no loss and nothing the server says ends the line: it goes on
 * trying until it is closed.
 */
void
pst_line_persist (PstLine *self)
{
  self->persistent = TRUE;
}

static gboolean
on_close_overdue (gpointer user_data)
{
  PstLine *self = PST_LINE (user_data);

  pst_timer_clear (&self->timer);
  pst_line_finish_closing (self);
  return G_SOURCE_REMOVE;
}

/**
 * pst_line_close_async:
 * @self: a line that is not being closed
 * @mood: how it went
 * @callback: called when done
 * @user_data: for @callback
 *
 * Releases the nameplate and closes the mailbox as far as the server can be
 * reached, for `close_ms` at most.
 */
void
pst_line_close_async (PstLine *self, PstMood mood, GAsyncReadyCallback callback, gpointer user_data)
{
  gboolean bound = self->state >= PST_LINE_ALLOCATING && self->state <= PST_LINE_READY;

  g_return_if_fail (self->closing == NULL && self->state != PST_LINE_CLOSED);

  self->closing = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (self->closing, pst_line_close_async);
  self->mood = mood;
  if (!bound || self->websocket == NULL)
    {
      pst_line_finish_closing (self);
      return;
    }

  /* While a claim is on its way, its answer names the mailbox to close. */
  if (self->state == PST_LINE_SYNCING || self->state == PST_LINE_READY)
    pst_line_send_close (self);
  pst_line_set_state (self, PST_LINE_CLOSING);
  pst_line_set_timer (self, self->timing.close_ms, on_close_overdue);
}

/**
 * pst_line_close_finish:
 * @self: a line
 * @result: what the callback got
 * @error: unused; closing does not fail
 *
 * Returns: %TRUE
 */
gboolean
pst_line_close_finish (PstLine *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
