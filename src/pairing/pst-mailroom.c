/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-mailroom.h"

/* A mailbox is for two. */
#define N_SIDES 2

typedef struct
{
  char *name;
  gboolean claims;   /* the nameplate */
  gboolean released; /* the nameplate, for good */
  gboolean open;
} Side;

typedef struct
{
  char *appid;
  char *id;
  char *nameplate; /* NULL once nobody claims it */
  Side sides[N_SIDES];
  GPtrArray *mail;
  gsize mail_bytes;
  gint64 touched_us;
} Mailbox;

struct _PstMailroom
{
  PstMailroomLimits limits;
  GPtrArray *mailboxes;
};

static void
mail_free (PstMail *mail)
{
  g_free (mail->side);
  g_free (mail->phase);
  g_free (mail->body);
  g_free (mail->id);
  g_free (mail);
}

static void
mailbox_free (Mailbox *mailbox)
{
  g_free (mailbox->appid);
  g_free (mailbox->id);
  g_free (mailbox->nameplate);
  for (guint i = 0; i < N_SIDES; i++)
    g_free (mailbox->sides[i].name);
  g_ptr_array_unref (mailbox->mail);
  g_free (mailbox);
}

/**
 * pst_mailroom_new:
 * @limits: what it may hold; copied
 *
 * Keeps nameplates and mailboxes as the ecosystem's server does
 * (docs/protocol.md, Pairing), with two differences: a third side is refused
 * without being recorded, so that it cannot lock the two others out, and
 * everything has a cap. A nameplate lives in its mailbox: the two come into
 * being together.
 *
 * Returns: (transfer full): an empty mailroom
 */
PstMailroom *
pst_mailroom_new (const PstMailroomLimits *limits)
{
  PstMailroom *self = g_new0 (PstMailroom, 1);

  self->limits = *limits;
  self->mailboxes = g_ptr_array_new_with_free_func ((GDestroyNotify) mailbox_free);
  return self;
}

/**
 * pst_mailroom_free:
 * @self: (transfer full): a mailroom
 *
 * Forgets everything.
 */
void
pst_mailroom_free (PstMailroom *self)
{
  g_ptr_array_unref (self->mailboxes);
  g_free (self);
}

static Mailbox *
find_by_nameplate (PstMailroom *self, const char *appid, const char *nameplate)
{
  for (guint i = 0; i < self->mailboxes->len; i++)
    {
      Mailbox *mailbox = g_ptr_array_index (self->mailboxes, i);

      if (g_strcmp0 (mailbox->nameplate, nameplate) == 0 && strcmp (mailbox->appid, appid) == 0)
        return mailbox;
    }

  return NULL;
}

static Mailbox *
find_by_id (PstMailroom *self, const char *appid, const char *id)
{
  for (guint i = 0; i < self->mailboxes->len; i++)
    {
      Mailbox *mailbox = g_ptr_array_index (self->mailboxes, i);

      if (strcmp (mailbox->id, id) == 0 && strcmp (mailbox->appid, appid) == 0)
        return mailbox;
    }

  return NULL;
}

static Mailbox *
make_mailbox (PstMailroom *self, const char *appid, const char *id, const char *nameplate)
{
  Mailbox *mailbox;

  if (self->mailboxes->len >= self->limits.max_mailboxes)
    return NULL;

  mailbox = g_new0 (Mailbox, 1);
  mailbox->appid = g_strdup (appid);
  mailbox->id = g_strdup (id);
  mailbox->nameplate = g_strdup (nameplate);
  mailbox->mail = g_ptr_array_new_with_free_func ((GDestroyNotify) mail_free);
  g_ptr_array_add (self->mailboxes, mailbox);
  return mailbox;
}

static Side *
find_side (Mailbox *mailbox, const char *name)
{
  for (guint i = 0; i < N_SIDES; i++)
    if (g_strcmp0 (mailbox->sides[i].name, name) == 0)
      return &mailbox->sides[i];

  return NULL;
}

/* Finds the side or gives it a free place; NULL when both are taken. */
static Side *
admit_side (Mailbox *mailbox, const char *name)
{
  Side *side = find_side (mailbox, name);

  for (guint i = 0; side == NULL && i < N_SIDES; i++)
    if (mailbox->sides[i].name == NULL)
      {
        side = &mailbox->sides[i];
        side->name = g_strdup (name);
      }

  return side;
}

/* Ids are secrets of a kind: who knows one may read sealed mail. */
static char *
make_id (void)
{
  g_autofree char *uuid = g_uuid_string_random ();

  return g_strndup (uuid, 13);
}

/**
 * pst_mailroom_claim:
 * @self: a mailroom
 * @appid: application
 * @nameplate: the nameplate
 * @side_name: who claims it
 * @now_us: the time, monotonic
 * @mailbox: (out) (transfer none): the mailbox behind it
 *
 * Claims a nameplate, which comes into being if need be.
 *
 * Returns: %PST_MAILROOM_OK, _CROWDED, _RECLAIMED or _FULL
 */
PstMailroomVerdict
pst_mailroom_claim (PstMailroom *self,
                    const char *appid,
                    const char *nameplate,
                    const char *side_name,
                    gint64 now_us,
                    const char **mailbox)
{
  Mailbox *found = find_by_nameplate (self, appid, nameplate);
  g_autofree char *id = make_id ();
  Side *side;

  if (found == NULL)
    found = make_mailbox (self, appid, id, nameplate);
  if (found == NULL)
    return PST_MAILROOM_FULL;

  side = admit_side (found, side_name);
  if (side == NULL)
    return PST_MAILROOM_CROWDED;
  if (side->released)
    return PST_MAILROOM_RECLAIMED;

  side->claims = TRUE;
  side->open = TRUE;
  found->touched_us = now_us;
  *mailbox = found->id;
  return PST_MAILROOM_OK;
}

/**
 * pst_mailroom_allocate:
 * @self: a mailroom
 * @appid: application
 * @side_name: who asks for a nameplate
 * @now_us: the time, monotonic
 * @nameplate: (out) (transfer full): the smallest number free
 *
 * Claims a nameplate of the server's choice.
 *
 * Returns: %PST_MAILROOM_OK or _FULL
 */
PstMailroomVerdict
pst_mailroom_allocate (PstMailroom *self,
                       const char *appid,
                       const char *side_name,
                       gint64 now_us,
                       char **nameplate)
{
  for (guint number = 1;; number++)
    {
      g_autofree char *text = g_strdup_printf ("%u", number);
      const char *mailbox;
      PstMailroomVerdict verdict;

      if (find_by_nameplate (self, appid, text) != NULL)
        continue;
      verdict = pst_mailroom_claim (self, appid, text, side_name, now_us, &mailbox);
      if (verdict == PST_MAILROOM_OK)
        *nameplate = g_steal_pointer (&text);
      return verdict;
    }
}

static gboolean
is_claimed (Mailbox *mailbox)
{
  return mailbox->sides[0].claims || mailbox->sides[1].claims;
}

/**
 * pst_mailroom_release:
 * @self: a mailroom
 * @appid: application
 * @nameplate: the nameplate
 * @side_name: who needs it no more
 *
 * Releases a nameplate; it is free once no side claims it. Releasing what one
 * does not hold is no error.
 */
void
pst_mailroom_release (PstMailroom *self,
                      const char *appid,
                      const char *nameplate,
                      const char *side_name)
{
  Mailbox *mailbox = find_by_nameplate (self, appid, nameplate);
  Side *side = mailbox != NULL ? find_side (mailbox, side_name) : NULL;

  if (side == NULL)
    return;

  side->claims = FALSE;
  side->released = TRUE;
  if (!is_claimed (mailbox))
    g_clear_pointer (&mailbox->nameplate, g_free);
}

/**
 * pst_mailroom_open:
 * @self: a mailroom
 * @appid: application
 * @mailbox: its id
 * @side_name: who opens it
 * @now_us: the time, monotonic
 *
 * Opens a mailbox. One that is not there is made: its sides may be coming back
 * after a restart of the server.
 *
 * Returns: %PST_MAILROOM_OK, _CROWDED or _FULL
 */
PstMailroomVerdict
pst_mailroom_open (PstMailroom *self,
                   const char *appid,
                   const char *mailbox,
                   const char *side_name,
                   gint64 now_us)
{
  Mailbox *found = find_by_id (self, appid, mailbox);
  Side *side;

  if (found == NULL)
    found = make_mailbox (self, appid, mailbox, NULL);
  if (found == NULL)
    return PST_MAILROOM_FULL;

  side = admit_side (found, side_name);
  if (side == NULL)
    return PST_MAILROOM_CROWDED;

  side->open = TRUE;
  found->touched_us = now_us;
  return PST_MAILROOM_OK;
}

/**
 * pst_mailroom_get_mail:
 * @self: a mailroom
 * @appid: application
 * @mailbox: its id
 *
 * Returns: (transfer none) (nullable) (element-type PstMail): what it holds, in
 *   the order it came
 */
GPtrArray *
pst_mailroom_get_mail (PstMailroom *self, const char *appid, const char *mailbox)
{
  Mailbox *found = find_by_id (self, appid, mailbox);

  return found != NULL ? found->mail : NULL;
}

static gsize
count_bytes (const PstMail *mail)
{
  return strlen (mail->side) + strlen (mail->phase) + strlen (mail->body)
         + (mail->id != NULL ? strlen (mail->id) : 0);
}

static void
drop_oldest (Mailbox *mailbox)
{
  mailbox->mail_bytes -= count_bytes (g_ptr_array_index (mailbox->mail, 0));
  g_ptr_array_remove_index (mailbox->mail, 0);
}

/**
 * pst_mailroom_add:
 * @self: a mailroom
 * @appid: application
 * @mailbox: its id
 * @mail: what to add; copied
 * @added: (out) (transfer none): the copy
 *
 * Adds to a mailbox. When it is full, its oldest mail goes: two that replace
 * their link again and again have long taken it, and what they have not taken
 * they add anew.
 *
 * Returns: %PST_MAILROOM_OK, or _FULL if @mail alone is too large or the
 *   mailbox is gone
 */
PstMailroomVerdict
pst_mailroom_add (PstMailroom *self,
                  const char *appid,
                  const char *mailbox,
                  const PstMail *mail,
                  const PstMail **added)
{
  Mailbox *found = find_by_id (self, appid, mailbox);
  PstMail *copy;

  if (found == NULL || count_bytes (mail) > self->limits.max_bytes)
    return PST_MAILROOM_FULL;

  while (found->mail->len > 0
         && (found->mail->len >= self->limits.max_messages
             || count_bytes (mail) > self->limits.max_bytes - found->mail_bytes))
    drop_oldest (found);
  copy = g_new0 (PstMail, 1);
  copy->side = g_strdup (mail->side);
  copy->phase = g_strdup (mail->phase);
  copy->body = g_strdup (mail->body);
  copy->id = g_strdup (mail->id);
  copy->received_us = mail->received_us;
  g_ptr_array_add (found->mail, copy);
  found->mail_bytes += count_bytes (copy);
  *added = copy;
  return PST_MAILROOM_OK;
}

/**
 * pst_mailroom_close:
 * @self: a mailroom
 * @appid: application
 * @mailbox: its id
 * @side_name: who closes it
 *
 * Closes a mailbox for a side. It is gone, with its nameplate, once no side has
 * it open.
 */
void
pst_mailroom_close (PstMailroom *self,
                    const char *appid,
                    const char *mailbox,
                    const char *side_name)
{
  Mailbox *found = find_by_id (self, appid, mailbox);
  Side *side = found != NULL ? find_side (found, side_name) : NULL;

  if (side == NULL)
    return;

  side->open = FALSE;
  if (!found->sides[0].open && !found->sides[1].open)
    g_ptr_array_remove (self->mailboxes, found);
}

/**
 * pst_mailroom_touch:
 * @self: a mailroom
 * @appid: application
 * @mailbox: its id
 * @now_us: the time, monotonic
 *
 * Notes that a mailbox is in use.
 */
void
pst_mailroom_touch (PstMailroom *self, const char *appid, const char *mailbox, gint64 now_us)
{
  Mailbox *found = find_by_id (self, appid, mailbox);

  if (found != NULL)
    found->touched_us = now_us;
}

/**
 * pst_mailroom_prune:
 * @self: a mailroom
 * @before_us: a time, monotonic
 *
 * Forgets the mailboxes that were last used before @before_us.
 */
void
pst_mailroom_prune (PstMailroom *self, gint64 before_us)
{
  for (guint i = self->mailboxes->len; i > 0; i--)
    {
      Mailbox *mailbox = g_ptr_array_index (self->mailboxes, i - 1);

      if (mailbox->touched_us < before_us)
        g_ptr_array_remove_index (self->mailboxes, i - 1);
    }
}

/**
 * pst_mailroom_get_n_mailboxes:
 * @self: a mailroom
 *
 * Returns: how many mailboxes there are
 */
guint
pst_mailroom_get_n_mailboxes (PstMailroom *self)
{
  return self->mailboxes->len;
}
