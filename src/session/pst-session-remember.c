/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two devices remember each other when both their people want it, and each has
 * said so over the sealed link. */
#include "pst-session-private.h"

#include <string.h>

#include "pst-meeting.h"

static gboolean
is_settled (PstSession *self)
{
  return self->remember == PST_REMEMBER_AGREED || self->device_secret != NULL;
}

/* The other side said what its person wants. */
void
pst_session_take_remember (PstSession *self, gboolean agrees)
{
  if (is_settled (self))
    return;

  if (!agrees)
    pst_session_set_remember (self, PST_REMEMBER_DECLINED);
  else if (self->remember == PST_REMEMBER_MY_WISH)
    pst_session_set_remember (self, PST_REMEMBER_AGREED);
  else
    pst_session_set_remember (self, PST_REMEMBER_THEIR_WISH);
}

/**
 * pst_session_remember:
 * @self: a session that was paired with a code, and is connected
 * @wanted: what this side's person wants
 *
 * Says whether this device is to remember the other and be remembered. When both
 * want it, "remember" becomes %PST_REMEMBER_AGREED, for good, and
 * pst_session_dup_device_secret() has what to keep.
 */
void
pst_session_remember (PstSession *self, gboolean wanted)
{
  gboolean both = wanted && self->remember == PST_REMEMBER_THEIR_WISH;

  if (self->exchange == NULL || is_settled (self))
    return;

  pst_exchange_remember (self->exchange, wanted);
  pst_session_set_remember (self, both     ? PST_REMEMBER_AGREED
                                  : wanted ? PST_REMEMBER_MY_WISH
                                           : PST_REMEMBER_DECLINED);
}

/**
 * pst_session_get_remember:
 * @self: a session
 *
 * Returns: whether the two devices are to remember each other
 */
PstRemember
pst_session_get_remember (PstSession *self)
{
  return self->remember;
}

/**
 * pst_session_dup_device_secret:
 * @self: a session
 *
 * Returns: (transfer full) (nullable): the secret by which the two meet again,
 *   see pst_session_meet(); %NULL unless both agreed
 */
GBytes *
pst_session_dup_device_secret (PstSession *self)
{
  if (self->remember != PST_REMEMBER_AGREED)
    return NULL;

  return pst_wormhole_derive_key (self->wormhole, (const guint8 *) PST_MEETING_PURPOSE,
                                  strlen (PST_MEETING_PURPOSE));
}

/**
 * pst_session_is_meeting:
 * @self: a session
 *
 * Returns: %TRUE if it is one of two devices that remember each other already
 */
gboolean
pst_session_is_meeting (PstSession *self)
{
  return self->device_secret != NULL;
}
