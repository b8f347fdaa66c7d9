/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-meeting.h"

#include <sodium.h>
#include <string.h>

/* 128 bits each: nobody finds a name by trying, and no two are the same. */
#define NAME_BYTES 16

/* The bytes of a side that are new in each attempt, as in every pairing, and those
 * that show whose it is. */
#define NONCE_BYTES 5
#define MARK_BYTES  8

#define NEARBY_PREFIX "nearby:"

struct _PstMeeting
{
  guint8 secret[PST_KEY_BYTES];
  PstMeetingRole role;
  char *place;
  char *mailbox;
  char *password;
  char *side;
};

/* @n_bytes of what @secret gives for @purpose and @text, in hex. */
static char *
derive (const guint8 *secret, const char *purpose, const char *text, gsize n_bytes)
{
  gsize purpose_bytes = strlen (purpose);
  guint8 info[32 + crypto_hash_sha256_BYTES];
  guint8 key[PST_KEY_BYTES];
  char *hex = g_malloc (2 * n_bytes + 1);

  g_assert (purpose_bytes <= 32 && n_bytes <= sizeof key);

  memcpy (info, purpose, purpose_bytes);
  crypto_hash_sha256 (info + purpose_bytes, (const guint8 *) text, strlen (text));
  pst_hkdf_sha256 (secret, PST_KEY_BYTES, info, purpose_bytes + crypto_hash_sha256_BYTES, key,
                   sizeof key);
  sodium_bin2hex (hex, 2 * n_bytes + 1, key, n_bytes);
  sodium_memzero (key, sizeof key);
  return hex;
}

static char *
make_side (const PstMeeting *self, PstMeetingRole role, const char *nonce)
{
  g_autofree char *text = g_strdup_printf ("%s:%s:%s", self->mailbox,
                                           role == PST_MEETING_HOST ? "host" : "guest", nonce);
  g_autofree char *mark = derive (self->secret, "penstock:v1:side:", text, MARK_BYTES);

  return g_strconcat (nonce, mark, NULL);
}

static gboolean
is_side (const PstMeeting *self, PstMeetingRole role, const char *side)
{
  g_autofree char *nonce = NULL;
  g_autofree char *right = NULL;

  if (strlen (side) != 2 * (NONCE_BYTES + MARK_BYTES))
    return FALSE;

  nonce = g_strndup (side, 2 * NONCE_BYTES);
  right = make_side (self, role, nonce);
  return sodium_memcmp (side, right, strlen (right)) == 0;
}

/**
 * pst_meeting_new:
 * @secret: what the two devices share
 * @place: from pst_meeting_server_place() or pst_meeting_nearby_place()
 * @role: what this side does there
 *
 * Returns: (transfer full): a place to meet, with a side of its own
 */
PstMeeting *
pst_meeting_new (const guint8 secret[PST_KEY_BYTES], const char *place, PstMeetingRole role)
{
  PstMeeting *self = g_new0 (PstMeeting, 1);
  guint8 random[NONCE_BYTES];
  char nonce[2 * NONCE_BYTES + 1];

  memcpy (self->secret, secret, PST_KEY_BYTES);
  self->role = role;
  self->place = g_strdup (place);
  self->mailbox = derive (secret, "penstock:v1:mailbox:", place, NAME_BYTES);
  self->password = derive (secret, "penstock:v1:password:", self->mailbox, PST_KEY_BYTES);
  randombytes_buf (random, sizeof random);
  self->side = make_side (self, role, sodium_bin2hex (nonce, sizeof nonce, random, sizeof random));
  return self;
}

/**
 * pst_meeting_free:
 * @self: (transfer full): a meeting
 *
 * Frees it and wipes what is secret.
 */
void
pst_meeting_free (PstMeeting *self)
{
  sodium_memzero (self->secret, sizeof self->secret);
  sodium_memzero (self->password, strlen (self->password));
  g_free (self->place);
  g_free (self->mailbox);
  g_free (self->password);
  g_free (self->side);
  g_free (self);
}

/**
 * pst_meeting_get_place:
 * @self: a meeting
 *
 * Returns: (transfer none): the place it was made for
 */
const char *
pst_meeting_get_place (const PstMeeting *self)
{
  return self->place;
}

/**
 * pst_meeting_get_role:
 * @self: a meeting
 *
 * Returns: what this side does there
 */
PstMeetingRole
pst_meeting_get_role (const PstMeeting *self)
{
  return self->role;
}

/**
 * pst_meeting_get_mailbox:
 * @self: a meeting
 *
 * Returns: (transfer none): the mailbox's name: 32 hex digits
 */
const char *
pst_meeting_get_mailbox (const PstMeeting *self)
{
  return self->mailbox;
}

/**
 * pst_meeting_get_password:
 * @self: a meeting
 *
 * Returns: (transfer none): the password of the key exchange: 64 hex digits, 256 bits
 */
const char *
pst_meeting_get_password (const PstMeeting *self)
{
  return self->password;
}

/**
 * pst_meeting_get_side:
 * @self: a meeting
 *
 * Returns: (transfer none): our side: 26 hex digits
 */
const char *
pst_meeting_get_side (const PstMeeting *self)
{
  return self->side;
}

/**
 * pst_meeting_is_peer:
 * @self: a meeting
 * @side: a side in the mailbox
 *
 * Returns: %TRUE if the other device may have made @side; whoever does not know
 *   the secret can only repeat one that was used in this mailbox
 */
gboolean
pst_meeting_is_peer (const PstMeeting *self, const char *side)
{
  return is_side (self, self->role == PST_MEETING_HOST ? PST_MEETING_GUEST : PST_MEETING_HOST,
                  side);
}

/**
 * pst_meeting_is_like_us:
 * @self: a meeting
 * @side: a side in the mailbox, not ours
 *
 * Returns: %TRUE if @side does what we do: it is the other device, which does so too,
 *   or from an earlier attempt that vanished and still has a place in the mailbox
 */
gboolean
pst_meeting_is_like_us (const PstMeeting *self, const char *side)
{
  return is_side (self, self->role, side);
}

/**
 * pst_meeting_period:
 * @time_s: the time, seconds since 1970
 *
 * Returns: the number of the period of %PST_MEETING_PERIOD_S that is now
 */
guint64
pst_meeting_period (gint64 time_s)
{
  return MAX (time_s, 0) / PST_MEETING_PERIOD_S;
}

/**
 * pst_meeting_other_period:
 * @time_s: the time, seconds since 1970
 *
 * Returns: the period that it may be for somebody whose clock differs: the one
 *   before or after, whichever is nearer
 */
guint64
pst_meeting_other_period (gint64 time_s)
{
  guint64 period = pst_meeting_period (time_s);
  gboolean is_early = MAX (time_s, 0) % PST_MEETING_PERIOD_S < PST_MEETING_PERIOD_S / 2;

  return is_early && period > 0 ? period - 1 : period + 1;
}

/**
 * pst_meeting_server_place:
 * @period: see pst_meeting_period()
 * @number: below %PST_MEETING_PLACES
 *
 * Returns: (transfer full): a place at a server
 */
char *
pst_meeting_server_place (guint64 period, guint number)
{
  return g_strdup_printf ("server:%" G_GUINT64_FORMAT ":%u", period, number);
}

/**
 * pst_meeting_nearby_place:
 * @id: the id in the host's beacon
 *
 * Returns: (transfer full): the place at the host's own server
 */
char *
pst_meeting_nearby_place (const char *id)
{
  return g_strconcat (NEARBY_PREFIX, id, NULL);
}

/**
 * pst_meeting_is_nearby:
 * @self: a meeting
 *
 * Returns: %TRUE if its place is at the host's own server
 */
gboolean
pst_meeting_is_nearby (const PstMeeting *self)
{
  return g_str_has_prefix (self->place, NEARBY_PREFIX);
}

/**
 * pst_meeting_make_tag:
 * @secret: what the two devices share
 * @period: see pst_meeting_period()
 * @id: the id in the host's beacon
 *
 * Returns: (transfer full): what stands in a beacon for one device alone: 32 hex
 *   digits, which mean nothing to anybody else
 */
char *
pst_meeting_make_tag (const guint8 secret[PST_KEY_BYTES], guint64 period, const char *id)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT ":%s", period, id);

  return derive (secret, "penstock:v1:tag:", text, NAME_BYTES);
}
