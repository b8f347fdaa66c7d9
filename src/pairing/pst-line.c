/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-line.h"

#include "pst-error.h"
#include "pst-escape.h"
#include "pst-mailbox.h"
#include "pst-timer.h"
#include "pst-upgrade.h"
#include "pst-websocket.h"

/* Whoever asks whether the server is still there wants to know soon. */
#define HURRY_ANSWER_MS 5000

/* Where a mailbox may be found: its first address and what was heard of since. */
#define MAX_URLS 8

typedef enum
{
  LINE_OFF,
  LINE_CONNECTING, /* TCP, TLS, HTTP */
  LINE_GREETING,   /* the server's welcome is awaited */
  LINE_ALLOCATING,
  LINE_CLAIMING,
  LINE_SYNCING, /* opened; what the mailbox holds is being replayed */
  LINE_READY,
  LINE_RESTING, /* no connection until the next attempt */
  LINE_CLOSING,
  LINE_CLOSED,
  N_LINE_STATES
} LineState;

#define TO(state) (1u << (state))
#define AT_ANY_TIME (TO (LINE_RESTING) | TO (LINE_CLOSING) | TO (LINE_CLOSED))

static const guint transitions[N_LINE_STATES] = {
  [LINE_OFF] = TO (LINE_CONNECTING) | TO (LINE_CLOSED),
  [LINE_CONNECTING] = TO (LINE_GREETING) | AT_ANY_TIME,
  [LINE_GREETING] = TO (LINE_ALLOCATING) | TO (LINE_CLAIMING) | TO (LINE_SYNCING) | AT_ANY_TIME,
  [LINE_ALLOCATING] = TO (LINE_CLAIMING) | AT_ANY_TIME,
  [LINE_CLAIMING] = TO (LINE_SYNCING) | AT_ANY_TIME,
  [LINE_SYNCING] = TO (LINE_READY) | AT_ANY_TIME,
  [LINE_READY] = AT_ANY_TIME,
  [LINE_RESTING] = TO (LINE_CONNECTING) | TO (LINE_CLOSED),
  [LINE_CLOSING] = TO (LINE_CLOSED),
  [LINE_CLOSED] = 0,
};

/* A message of ours. It stays known until the other side has it: a server that
 * lost its mailboxes gets it again. */
typedef struct
{
  char *phase;
  char *body;
  gboolean sent;   /* on this connection */
  gboolean echoed; /* on this connection: the server has it */
} Outgoing;

struct _PstLine
{
  GObject parent_instance;

  GPtrArray *urls; /* of char *, the first is the one it was made with */
  guint turn;      /* which of them is used */
  char *appid;
  char *side;
  PstWormholeTiming timing;
  LineState state;

  SoupWebsocketConnection *websocket;
  GCancellable *cancellable;
  GSource *timer; /* for an answer, for the next ping, for the next attempt */
  guint n_commands;
  gint64 ping;

  char *nameplate;
  char *mailbox;
  GPtrArray *outgoing;
  gboolean persistent;
  gboolean failed;
  gboolean welcomed; /* at least once */
  gboolean claimed;  /* the nameplate, and not released as far as we know */
  gboolean release;  /* wanted */
  gboolean release_sent;
  gint64 lost_us;
  guint pause_ms;

  PstMood mood;
  GTask *closing;
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

static void connect_again (PstLine *self);

static const char *
get_url (PstLine *self)
{
  return g_ptr_array_index (self->urls, self->turn);
}

static void
set_state (PstLine *self, LineState state)
{
  g_assert (transitions[self->state] & TO (state));
  self->state = state;
}

static void
set_timer (PstLine *self, guint delay_ms, GSourceFunc callback)
{
  if (callback != NULL)
    pst_timer_set (&self->timer, delay_ms, callback, self);
  else
    pst_timer_clear (&self->timer);
}

static void
outgoing_free (Outgoing *outgoing)
{
  g_free (outgoing->phase);
  g_free (outgoing->body);
  g_free (outgoing);
}

static void
drop_connection (PstLine *self)
{
  g_autoptr (SoupWebsocketConnection) websocket = g_steal_pointer (&self->websocket);

  set_timer (self, 0, NULL);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (websocket == NULL)
    return;

  g_signal_handlers_disconnect_by_data (websocket, self);
  if (soup_websocket_connection_get_state (websocket) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (websocket, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
}

static void
finish_closing (PstLine *self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->closing);

  drop_connection (self);
  set_state (self, LINE_CLOSED);
  if (task != NULL)
    g_task_return_boolean (task, TRUE);
}

static void
fail (PstLine *self, int code, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* The connection stays, if there is one, so that the mailbox can be closed. */
static void
fail (PstLine *self, int code, const char *format, ...)
{
  g_autoptr (GError) error = NULL;
  va_list args;

  if (self->failed || self->closing != NULL)
    return;

  va_start (args, format);
  error = g_error_new_valist (PST_ERROR, code, format, args);
  va_end (args);

  self->failed = TRUE;
  set_timer (self, 0, NULL);
  g_signal_emit (self, signals[SIGNAL_FAILED], 0, error);
}

static gboolean
on_rested (gpointer user_data)
{
  PstLine *self = PST_LINE (user_data);

  pst_timer_clear (&self->timer);
  connect_again (self);
  return G_SOURCE_REMOVE;
}

static gboolean
has_retried_enough (PstLine *self)
{
  gint64 lost_for_us = g_get_monotonic_time () - self->lost_us;

  return !self->persistent && lost_for_us >= self->timing.retry_total_ms * G_TIME_SPAN_MILLISECOND;
}

/* A first connection that fails fails at once: the address may be wrong. */
static void
lose (PstLine *self, const char *reason)
{
  if (self->state == LINE_CLOSING)
    {
      finish_closing (self);
      return;
    }

  drop_connection (self);
  if (self->failed)
    return;
  if (self->lost_us == 0)
    self->lost_us = g_get_monotonic_time ();
  set_state (self, LINE_RESTING);
  if (!self->welcomed || has_retried_enough (self))
    {
      fail (self, PST_ERROR_SERVER, "The rendezvous server %s cannot be reached: %s",
            get_url (self), reason);
      return;
    }

  self->turn = (self->turn + 1) % self->urls->len;
  set_timer (self, self->pause_ms, on_rested);
  self->pause_ms = MIN (2 * self->pause_ms, self->timing.retry_max_ms);
}

/* Once paired, nothing the server says may end what goes on without it. */
static void
distrust (PstLine *self, const char *reason)
{
  g_autofree char *escaped = pst_escape_name (reason, -1);

  if (self->persistent || self->state == LINE_CLOSING)
    lose (self, escaped);
  else
    fail (self, PST_ERROR_SERVER, "The rendezvous server %s does not do its part: %s",
          get_url (self), escaped);
}

static gboolean
on_no_answer (gpointer user_data)
{
  PstLine *self = PST_LINE (user_data);

  pst_timer_clear (&self->timer);
  lose (self, "it does not answer.");
  return G_SOURCE_REMOVE;
}

static void
await_answer (PstLine *self)
{
  set_timer (self, self->timing.answer_ms, on_no_answer);
}

static void
await_answer_soon (PstLine *self)
{
  set_timer (self, MIN (self->timing.answer_ms, HURRY_ANSWER_MS), on_no_answer);
}

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

static void
send_ping (PstLine *self)
{
  send (self, (PstMailboxFrame){ .type = PST_MAILBOX_PING, .ping = ++self->ping });
  await_answer (self);
}

static gboolean
on_ping_due (gpointer user_data)
{
  PstLine *self = PST_LINE (user_data);

  pst_timer_clear (&self->timer);
  send_ping (self);
  return G_SOURCE_REMOVE;
}

static void
send_release (PstLine *self)
{
  if (!self->claimed || self->release_sent)
    return;

  self->release_sent = TRUE;
  send (self,
        (PstMailboxFrame){ .type = PST_MAILBOX_RELEASE, .nameplate = self->nameplate });
}

static void
send_outgoing (PstLine *self)
{
  if (self->release)
    send_release (self);

  for (guint i = 0; i < self->outgoing->len; i++)
    {
      Outgoing *outgoing = g_ptr_array_index (self->outgoing, i);

      if (outgoing->sent || outgoing->echoed)
        continue;
      outgoing->sent = TRUE;
      send (self, (PstMailboxFrame){ .type = PST_MAILBOX_ADD,
                                     .phase = outgoing->phase,
                                     .body = outgoing->body });
    }
}

static void
send_claim (PstLine *self)
{
  send (self, (PstMailboxFrame){ .type = PST_MAILBOX_CLAIM, .nameplate = self->nameplate });
  set_state (self, LINE_CLAIMING);
  await_answer (self);
}

/* On coming back, what is in the mailbox is seen first: the ping's answer comes
 * after the replay, and then only what is missing is sent. */
static void
open_mailbox (PstLine *self, gboolean is_new)
{
  send (self, (PstMailboxFrame){ .type = PST_MAILBOX_OPEN, .mailbox = self->mailbox });
  set_state (self, LINE_SYNCING);
  if (is_new)
    g_signal_emit (self, signals[SIGNAL_CLAIMED], 0, self->nameplate);
  if (self->state != LINE_SYNCING)
    return;

  if (self->lost_us == 0)
    send_outgoing (self);
  send_ping (self);
}

static void
send_close (PstLine *self)
{
  static char *const moods[] = {
    [PST_MOOD_HAPPY] = (char *) "happy",
    [PST_MOOD_LONELY] = (char *) "lonely",
    [PST_MOOD_SCARY] = (char *) "scary",
    [PST_MOOD_ERRORY] = (char *) "errory",
  };

  send_release (self);
  send (self, (PstMailboxFrame){ .type = PST_MAILBOX_CLOSE,
                                 .mailbox = self->mailbox,
                                 .mood = moods[self->mood] });
}

static void
on_welcome (PstLine *self, const PstMailboxFrame *frame)
{
  if (frame->error != NULL)
    {
      distrust (self, frame->error);
      return;
    }
  if (self->state != LINE_GREETING)
    return;

  self->welcomed = TRUE;
  send (self,
        (PstMailboxFrame){ .type = PST_MAILBOX_BIND, .appid = self->appid, .side = self->side });
  if (self->nameplate == NULL)
    {
      send (self, (PstMailboxFrame){ .type = PST_MAILBOX_ALLOCATE });
      set_state (self, LINE_ALLOCATING);
      await_answer (self);
    }
  else if (self->release && self->mailbox != NULL)
    open_mailbox (self, FALSE);
  else
    send_claim (self);
}

static void
on_allocated (PstLine *self, const PstMailboxFrame *frame)
{
  if (self->nameplate != NULL)
    return;

  self->nameplate = g_strdup (frame->nameplate);
  if (self->state == LINE_CLOSING)
    send (self, (PstMailboxFrame){ .type = PST_MAILBOX_CLAIM, .nameplate = self->nameplate });
  else if (self->state == LINE_ALLOCATING)
    send_claim (self);
}

static void
on_claimed (PstLine *self, const PstMailboxFrame *frame)
{
  gboolean is_new = self->mailbox == NULL;

  if (self->state != LINE_CLAIMING && self->state != LINE_CLOSING)
    return;

  g_free (self->mailbox);
  self->mailbox = g_strdup (frame->mailbox);
  self->claimed = TRUE;
  if (self->state == LINE_CLOSING)
    {
      send_close (self);
      return;
    }
  open_mailbox (self, is_new);
}

static void
note_echo (PstLine *self, const PstMailboxFrame *frame)
{
  for (guint i = 0; i < self->outgoing->len; i++)
    {
      Outgoing *outgoing = g_ptr_array_index (self->outgoing, i);

      if (strcmp (outgoing->phase, frame->phase) == 0 && strcmp (outgoing->body, frame->body) == 0)
        outgoing->echoed = TRUE;
    }
}

static void
on_mail (PstLine *self, const PstMailboxFrame *frame)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = NULL;

  if (self->state != LINE_SYNCING && self->state != LINE_READY)
    return;
  if (strcmp (frame->side, self->side) == 0)
    {
      note_echo (self, frame);
      return;
    }

  body = pst_mailbox_decode_body (frame->body, &error);
  if (body == NULL)
    distrust (self, error->message);
  else
    g_signal_emit (self, signals[SIGNAL_MAIL], 0, frame->side, frame->phase, body);
}

static void
on_pong (PstLine *self, const PstMailboxFrame *frame)
{
  if (frame->ping != self->ping || (self->state != LINE_SYNCING && self->state != LINE_READY))
    return;

  if (self->state == LINE_SYNCING)
    set_state (self, LINE_READY);
  self->lost_us = 0;
  self->pause_ms = self->timing.retry_first_ms;
  send_outgoing (self);
  set_timer (self, self->timing.ping_ms, on_ping_due);
}

static void
on_error (PstLine *self, const PstMailboxFrame *frame)
{
  if (self->state == LINE_CLOSING)
    finish_closing (self);
  else if (strcmp (frame->error, "reclaimed") == 0 && self->mailbox != NULL
           && self->state == LINE_CLAIMING)
    open_mailbox (self, FALSE);
  else if (strcmp (frame->error, "crowded") == 0 && !self->persistent)
    fail (self, PST_ERROR_SERVER,
          "Two others are using this code already. Make a new code and try again.");
  else
    distrust (self, frame->error);
}

static void
handle (PstLine *self, const PstMailboxFrame *frame)
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
      if (self->state == LINE_CLOSING)
        finish_closing (self);
      break;
    case PST_MAILBOX_ERROR:
      on_error (self, frame);
      break;
    default:
      break;
    }
}

static void
on_message (SoupWebsocketConnection *websocket, int type, GBytes *message, PstLine *line)
{
  g_autoptr (PstLine) self = g_object_ref (line);
  g_autoptr (PstMailboxFrame) frame = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;
  const char *text = g_bytes_get_data (message, &size);

  pst_websocket_renew (websocket);
  if (self->failed && self->state != LINE_CLOSING)
    return;
  if (type != SOUP_WEBSOCKET_DATA_TEXT)
    distrust (self, "it sends binary frames.");
  else if ((frame = pst_mailbox_parse_answer (text, size, &error)) == NULL)
    distrust (self, error->message);
  else
    handle (self, frame);
}

static void
on_websocket_closed (SoupWebsocketConnection *websocket, PstLine *line)
{
  g_autoptr (PstLine) self = g_object_ref (line);

  lose (self, "the connection was closed.");
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstLine) self = PST_LINE (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (SoupWebsocketConnection) websocket = pst_websocket_connect_finish (result, &error);

  /* A cancelled attempt is none of ours any more. */
  if (self->state != LINE_CONNECTING
      || g_task_get_cancellable (G_TASK (result)) != self->cancellable)
    return;
  if (websocket == NULL)
    {
      lose (self, error->message);
      return;
    }

  set_state (self, LINE_GREETING);
  self->websocket = g_steal_pointer (&websocket);
  g_signal_connect (self->websocket, "message", G_CALLBACK (on_message), self);
  g_signal_connect (self->websocket, "closed", G_CALLBACK (on_websocket_closed), self);
}

static void
forget_connection (PstLine *self)
{
  self->release_sent = FALSE;
  for (guint i = 0; i < self->outgoing->len; i++)
    {
      Outgoing *outgoing = g_ptr_array_index (self->outgoing, i);

      outgoing->sent = FALSE;
      outgoing->echoed = FALSE;
    }
}

static void
connect_again (PstLine *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GUri) uri = pst_upgrade_parse_url (get_url (self), &error);

  forget_connection (self);
  set_state (self, LINE_CONNECTING);
  if (uri == NULL)
    {
      fail (self, error->code, "%s", error->message);
      return;
    }

  await_answer (self);
  self->cancellable = g_cancellable_new ();
  pst_websocket_connect_async (uri, self->cancellable, on_connected, g_object_ref (self));
}

static void
pst_line_dispose (GObject *object)
{
  PstLine *self = PST_LINE (object);

  drop_connection (self);
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
  signals[SIGNAL_MAIL]
      = g_signal_new ("mail", PST_TYPE_LINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                      3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_BYTES);
  signals[SIGNAL_FAILED] = g_signal_new ("failed", PST_TYPE_LINE, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
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
  g_return_if_fail (self->state == LINE_OFF);

  self->nameplate = g_strdup (nameplate);
  connect_again (self);
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
  Outgoing *outgoing = g_new0 (Outgoing, 1);

  outgoing->phase = g_strdup (phase);
  outgoing->body = pst_mailbox_encode_body (body);
  g_ptr_array_add (self->outgoing, outgoing);
  if (self->state == LINE_READY || (self->state == LINE_SYNCING && self->lost_us == 0))
    send_outgoing (self);
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
      Outgoing *outgoing = g_ptr_array_index (self->outgoing, i);
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
  if (self->state == LINE_RESTING)
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

  if (self->state == LINE_READY)
    {
      send_ping (self);
      await_answer_soon (self);
    }
  else if (self->state == LINE_RESTING)
    {
      set_timer (self, 0, NULL);
      connect_again (self);
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
  if (self->urls->len > 1 && self->state >= LINE_GREETING && self->state <= LINE_READY)
    lose (self, "nothing comes through it.");
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
  if (self->state == LINE_READY || self->state == LINE_SYNCING)
    send_release (self);
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
  finish_closing (self);
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
  gboolean bound = self->state >= LINE_ALLOCATING && self->state <= LINE_READY;

  g_return_if_fail (self->closing == NULL && self->state != LINE_CLOSED);

  self->closing = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (self->closing, pst_line_close_async);
  self->mood = mood;
  if (!bound || self->websocket == NULL)
    {
      finish_closing (self);
      return;
    }

  /* While a claim is on its way, its answer names the mailbox to close. */
  if (self->state == LINE_SYNCING || self->state == LINE_READY)
    send_close (self);
  set_state (self, LINE_CLOSING);
  set_timer (self, self->timing.close_ms, on_close_overdue);
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
