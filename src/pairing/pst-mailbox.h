/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* One text frame of the mailbox protocol. Ours stay far below it: a sealed
 * 16 KiB session description takes 33 KiB in hex. */
#define PST_MAILBOX_MAX_FRAME_BYTES (64 * 1024)

/* What a sealed phase may hold, opened; hex doubles it within the frame. */
#define PST_MAILBOX_MAX_BODY_BYTES (PST_MAILBOX_MAX_FRAME_BYTES / 2)

typedef enum
{
  PST_MAILBOX_UNKNOWN, /* a type of another version; carries only its id */
  PST_MAILBOX_MISSING, /* no type at all */
  /* commands of a client */
  PST_MAILBOX_BIND,
  PST_MAILBOX_LIST,
  PST_MAILBOX_ALLOCATE,
  PST_MAILBOX_CLAIM,
  PST_MAILBOX_RELEASE,
  PST_MAILBOX_OPEN,
  PST_MAILBOX_ADD,
  PST_MAILBOX_CLOSE,
  PST_MAILBOX_PING,
  /* answers of a server */
  PST_MAILBOX_WELCOME,
  PST_MAILBOX_ACK,
  PST_MAILBOX_NAMEPLATES,
  PST_MAILBOX_ALLOCATED,
  PST_MAILBOX_CLAIMED,
  PST_MAILBOX_RELEASED,
  PST_MAILBOX_CLOSED,
  PST_MAILBOX_MESSAGE,
  PST_MAILBOX_PONG,
  PST_MAILBOX_ERROR
} PstMailboxType;

/**
 * PstMailboxFrame:
 * @type: what it is
 * @id: (nullable): the command's id, which the server repeats
 * @appid: (nullable): `bind`: application
 * @side: (nullable): `bind`, `message`: one of the two parties
 * @nameplate: (nullable): the number at the head of a code
 * @mailbox: (nullable): a mailbox's id
 * @phase: (nullable): `add`, `message`: name of the message
 * @body: (nullable): `add`, `message`: its content, in hex
 * @mood: (nullable): `close`: how it went
 * @error: (nullable): `error`: the reason; `welcome`: the server turns us away
 * @has_ping: whether @ping was there
 * @ping: `ping`, `pong`: a number to repeat
 * @orig: (nullable): `error`: the command refused
 * @server_rx_s: `message`: when the server got it, seconds since 1970
 * @server_tx_s: when the server sent this, seconds since 1970; 0 in commands
 *
 * One frame of the mailbox protocol, of either direction. Fields that are not
 * there are %NULL.
 */
typedef struct
{
  PstMailboxType type;
  char *id;
  char *appid;
  char *side;
  char *nameplate;
  char *mailbox;
  char *phase;
  char *body;
  char *mood;
  char *error;
  gboolean has_ping;
  gint64 ping;
  JsonObject *orig;
  double server_rx_s;
  double server_tx_s;
} PstMailboxFrame;

PstMailboxFrame *pst_mailbox_parse_command (const char *text, gsize length, GError **error);
PstMailboxFrame *pst_mailbox_parse_answer (const char *text, gsize length, GError **error);
char *pst_mailbox_print (const PstMailboxFrame *frame);
void pst_mailbox_frame_free (PstMailboxFrame *frame);

char *pst_mailbox_encode_body (GBytes *body);
GBytes *pst_mailbox_decode_body (const char *text, GError **error);
gboolean pst_mailbox_parse_phase (const char *phase, guint *number);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstMailboxFrame, pst_mailbox_frame_free)

G_END_DECLS
