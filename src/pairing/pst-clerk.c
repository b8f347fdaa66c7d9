/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-clerk.h"

struct _PstClerk
{
  PstMailroom *mailroom; /* unowned */
  const PstClerkHooks *hooks;
  gpointer user_data;

  char *appid;
  char *side;
  char *nameplate;
  char *mailbox;
  gboolean allocated;
  gboolean claimed;
  gboolean released;
  gboolean listening;
  gboolean closed;

  gint64 now_us; /* both of the command in hand */
  gint64 received_us;
};

/**
 * pst_clerk_new:
 * @mailroom: where the commands are carried out; must outlive the clerk
 * @hooks: what a client's commands lead to; must outlive the clerk
 * @user_data: for the hooks
 *
 * Makes the clerk of one client that has said nothing yet. It keeps the order
 * of commands that the ecosystem's server asks for (docs/protocol.md, Pairing).
 *
 * Returns: (transfer full): a new clerk
 */
PstClerk *
pst_clerk_new (PstMailroom *mailroom, const PstClerkHooks *hooks, gpointer user_data)
{
  PstClerk *self = g_new0 (PstClerk, 1);

  self->mailroom = mailroom;
  self->hooks = hooks;
  self->user_data = user_data;
  return self;
}

/**
 * pst_clerk_free:
 * @self: (transfer full): a clerk
 *
 * What its client did in the mailroom stays.
 */
void
pst_clerk_free (PstClerk *self)
{
  g_free (self->appid);
  g_free (self->side);
  g_free (self->nameplate);
  g_free (self->mailbox);
  g_free (self);
}

/**
 * pst_clerk_is_listening:
 * @self: a clerk
 *
 * Returns: whether its client has a mailbox open
 */
gboolean
pst_clerk_is_listening (PstClerk *self)
{
  return self->listening;
}

/**
 * pst_clerk_shares_mailbox:
 * @self: the clerk of a client that has opened a mailbox
 * @other: any clerk of the same mailroom
 *
 * Returns: whether the client of @other has the same mailbox open
 */
gboolean
pst_clerk_shares_mailbox (PstClerk *self, PstClerk *other)
{
  return other->listening && strcmp (other->mailbox, self->mailbox) == 0
         && strcmp (other->appid, self->appid) == 0;
}

/**
 * pst_clerk_is_same_side:
 * @self: the clerk of a client that has bound itself
 * @other: a clerk whose client has, too
 *
 * Returns: whether both clients call themselves the same
 */
gboolean
pst_clerk_is_same_side (PstClerk *self, PstClerk *other)
{
  return strcmp (other->side, self->side) == 0;
}

/**
 * pst_clerk_touch:
 * @self: a clerk
 * @now_us: the monotonic time
 *
 * Tells the mailroom that the mailbox its client has open is in use.
 */
void
pst_clerk_touch (PstClerk *self, gint64 now_us)
{
  if (self->listening)
    pst_mailroom_touch (self->mailroom, self->appid, self->mailbox, now_us);
}

static void
send (PstClerk *self, const PstMailboxFrame *frame)
{
  self->hooks->send (frame, self->user_data);
}

/**
 * pst_clerk_send_mail:
 * @self: a clerk
 * @mail: what was added to the mailbox that its client has open
 *
 * Sends it to the client.
 */
void
pst_clerk_send_mail (PstClerk *self, const PstMail *mail)
{
  send (self, &(PstMailboxFrame){ .type = PST_MAILBOX_MESSAGE,
                                  .side = mail->side,
                                  .phase = mail->phase,
                                  .body = mail->body,
                                  .id = mail->id,
                                  .server_rx_s = mail->received_us / (double) G_USEC_PER_SEC });
}

/* Gives back the mistake, or NULL. */
typedef const char *(*Handler) (PstClerk *self, const PstMailboxFrame *frame);

static const char *
explain (PstMailroomVerdict verdict)
{
  static const char *const words[] = {
    [PST_MAILROOM_OK] = NULL,
    [PST_MAILROOM_CROWDED] = "crowded",
    [PST_MAILROOM_RECLAIMED] = "reclaimed",
    [PST_MAILROOM_FULL] = "full",
  };

  return words[verdict];
}

static const char *
handle_ping (PstClerk *self, const PstMailboxFrame *frame)
{
  if (!frame->has_ping)
    return "ping requires 'ping'";

  send (self, &(PstMailboxFrame){ .type = PST_MAILBOX_PONG, .ping = frame->ping });
  return NULL;
}

static const char *
handle_bind (PstClerk *self, const PstMailboxFrame *frame)
{
  if (self->appid != NULL)
    return "already bound";
  if (frame->appid == NULL)
    return "bind requires 'appid'";
  if (frame->side == NULL)
    return "bind requires 'side'";

  self->appid = g_strdup (frame->appid);
  self->side = g_strdup (frame->side);
  return NULL;
}

static const char *
handle_list (PstClerk *self, const PstMailboxFrame *frame)
{
  send (self, &(PstMailboxFrame){ .type = PST_MAILBOX_NAMEPLATES });
  return NULL;
}

static const char *
handle_allocate (PstClerk *self, const PstMailboxFrame *frame)
{
  g_autofree char *nameplate = NULL;
  PstMailroomVerdict verdict;

  if (self->allocated)
    return "you already allocated one, don't be greedy";

  verdict = pst_mailroom_allocate (self->mailroom, self->appid, self->side, self->now_us,
                                   &nameplate);
  if (verdict != PST_MAILROOM_OK)
    return explain (verdict);

  self->allocated = TRUE;
  send (self, &(PstMailboxFrame){ .type = PST_MAILBOX_ALLOCATED, .nameplate = nameplate });
  return NULL;
}

static const char *
handle_claim (PstClerk *self, const PstMailboxFrame *frame)
{
  const char *mailbox;
  PstMailroomVerdict verdict;

  if (frame->nameplate == NULL)
    return "claim requires 'nameplate'";
  if (self->claimed)
    return "only one claim per connection";

  self->claimed = TRUE;
  self->nameplate = g_strdup (frame->nameplate);
  verdict = pst_mailroom_claim (self->mailroom, self->appid, frame->nameplate, self->side,
                                self->now_us, &mailbox);
  if (verdict == PST_MAILROOM_OK)
    send (self, &(PstMailboxFrame){ .type = PST_MAILBOX_CLAIMED, .mailbox = (char *) mailbox });
  return explain (verdict);
}

static const char *
handle_release (PstClerk *self, const PstMailboxFrame *frame)
{
  const char *nameplate = frame->nameplate != NULL ? frame->nameplate : self->nameplate;

  if (self->released)
    return "only one release per connection";
  if (nameplate == NULL)
    return "release without nameplate must follow claim";
  if (self->nameplate != NULL && strcmp (nameplate, self->nameplate) != 0)
    return "release and claim must use same nameplate";

  self->released = TRUE;
  pst_mailroom_release (self->mailroom, self->appid, nameplate, self->side);
  send (self, &(PstMailboxFrame){ .type = PST_MAILBOX_RELEASED });
  return NULL;
}

static const char *
handle_open (PstClerk *self, const PstMailboxFrame *frame)
{
  PstMailroomVerdict verdict;
  GPtrArray *mail;

  if (self->listening)
    return "only one open per connection";
  if (frame->mailbox == NULL)
    return "open requires 'mailbox'";

  verdict = pst_mailroom_open (self->mailroom, self->appid, frame->mailbox, self->side,
                               self->now_us);
  if (verdict != PST_MAILROOM_OK)
    return explain (verdict);

  g_free (self->mailbox);
  self->mailbox = g_strdup (frame->mailbox);
  self->listening = TRUE;
  self->hooks->opened (self->user_data);
  mail = pst_mailroom_get_mail (self->mailroom, self->appid, self->mailbox);
  for (guint i = 0; i < mail->len; i++)
    pst_clerk_send_mail (self, g_ptr_array_index (mail, i));
  return NULL;
}

static const char *
handle_add (PstClerk *self, const PstMailboxFrame *frame)
{
  const PstMail mail = { self->side, frame->phase, frame->body, frame->id, self->received_us };
  const PstMail *added;

  if (!self->listening)
    return "must open mailbox before adding";
  if (frame->phase == NULL)
    return "missing 'phase'";
  if (frame->body == NULL)
    return "missing 'body'";
  if (pst_mailroom_add (self->mailroom, self->appid, self->mailbox, &mail, &added)
      != PST_MAILROOM_OK)
    return explain (PST_MAILROOM_FULL);

  self->hooks->added (added, self->user_data);
  return NULL;
}

static const char *
handle_close (PstClerk *self, const PstMailboxFrame *frame)
{
  const char *mailbox = frame->mailbox != NULL ? frame->mailbox : self->mailbox;

  if (self->closed)
    return "only one close per connection";
  if (mailbox == NULL)
    return "close without mailbox must follow open";
  if (self->mailbox != NULL && strcmp (mailbox, self->mailbox) != 0)
    return "open and close must use same mailbox";

  self->closed = TRUE;
  self->listening = FALSE;
  pst_mailroom_close (self->mailroom, self->appid, mailbox, self->side);
  send (self, &(PstMailboxFrame){ .type = PST_MAILBOX_CLOSED });
  return NULL;
}

/**
 * pst_clerk_take:
 * @self: a clerk
 * @frame: a command of its client
 * @now_us: the monotonic time
 * @received_us: the time of day, in microseconds since 1970
 *
 * Carries out one command and answers it.
 *
 * Returns: (nullable): the mistake in it, in the words of the ecosystem's server,
 *   which clients show; %NULL if there was none
 */
const char *
pst_clerk_take (PstClerk *self, const PstMailboxFrame *frame, gint64 now_us, gint64 received_us)
{
  static const Handler handlers[] = {
    [PST_MAILBOX_BIND] = handle_bind,         [PST_MAILBOX_LIST] = handle_list,
    [PST_MAILBOX_ALLOCATE] = handle_allocate, [PST_MAILBOX_CLAIM] = handle_claim,
    [PST_MAILBOX_RELEASE] = handle_release,   [PST_MAILBOX_OPEN] = handle_open,
    [PST_MAILBOX_ADD] = handle_add,           [PST_MAILBOX_CLOSE] = handle_close,
    [PST_MAILBOX_PING] = handle_ping,
  };

  self->now_us = now_us;
  self->received_us = received_us;
  if (frame->type == PST_MAILBOX_MISSING)
    return "missing 'type'";

  send (self, &(PstMailboxFrame){ .type = PST_MAILBOX_ACK, .id = frame->id });
  if (self->appid == NULL && frame->type != PST_MAILBOX_PING && frame->type != PST_MAILBOX_BIND)
    return "must bind first";
  if (frame->type == PST_MAILBOX_UNKNOWN)
    return "unknown type";

  return handlers[frame->type](self, frame);
}
