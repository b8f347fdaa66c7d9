/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "pst-hkdf.h"

G_BEGIN_DECLS

/* What the secret of two remembered devices is derived from their pairing's key for. */
#define PST_MEETING_PURPOSE "penstock:v1:device"

/* For so long the mailbox of two devices has the same name at a server, and their
 * tag is worth something: a server cannot link what lies further apart. Clocks may
 * differ by half of it, which is more than the wrong time zone. */
#define PST_MEETING_PERIOD_S (24 * 60 * 60)

/* A side that vanished without a goodbye keeps its place in a mailbox for 11
 * minutes, and a server lets no third one in: then the next place is used. */
#define PST_MEETING_PLACES 4

typedef enum
{
  PST_MEETING_HOST, /* waits there */
  PST_MEETING_GUEST /* comes there */
} PstMeetingRole;

/**
 * PstMeeting:
 *
 * One place at which two devices that remember each other may meet, as one of them
 * sees it. Everything in it comes from their secret (docs/protocol.md, “Meeting
 * again”), so nobody else can name it or tell to whom it belongs.
 */
typedef struct _PstMeeting PstMeeting;

PstMeeting *
pst_meeting_new (const guint8 secret[PST_KEY_BYTES], const char *place, PstMeetingRole role);
void pst_meeting_free (PstMeeting *self);
const char *pst_meeting_get_place (const PstMeeting *self);
PstMeetingRole pst_meeting_get_role (const PstMeeting *self);
gboolean pst_meeting_is_nearby (const PstMeeting *self);
const char *pst_meeting_get_mailbox (const PstMeeting *self);
const char *pst_meeting_get_password (const PstMeeting *self);
const char *pst_meeting_get_side (const PstMeeting *self);
gboolean pst_meeting_is_peer (const PstMeeting *self, const char *side);
gboolean pst_meeting_is_like_us (const PstMeeting *self, const char *side);

guint64 pst_meeting_period (gint64 time_s);
guint64 pst_meeting_other_period (gint64 time_s);
char *pst_meeting_server_place (guint64 period, guint number);
char *pst_meeting_nearby_place (const char *id);
char *pst_meeting_make_tag (const guint8 secret[PST_KEY_BYTES], guint64 period, const char *id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstMeeting, pst_meeting_free)

G_END_DECLS
