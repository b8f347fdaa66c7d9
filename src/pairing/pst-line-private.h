/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "pst-line.h"
#include "pst-mailbox.h"

G_BEGIN_DECLS

typedef enum
{
  PST_LINE_OFF,
  PST_LINE_CONNECTING, /* TCP, TLS, HTTP */
  PST_LINE_GREETING,   /* the server's welcome is awaited */
  PST_LINE_ALLOCATING,
  PST_LINE_CLAIMING,
  PST_LINE_SYNCING, /* opened; what the mailbox holds is being replayed */
  PST_LINE_READY,
  PST_LINE_RESTING, /* no connection until the next attempt */
  PST_LINE_CLOSING,
  PST_LINE_CLOSED,
  PST_LINE_N_STATES
} PstLineState;

/* A message of ours. It stays known until the other side has it: a server that
 * lost its mailboxes gets it again. */
typedef struct
{
  char *phase;
  char *body;
  gboolean sent;   /* on this connection */
  gboolean echoed; /* on this connection: the server has it */
} PstOutgoing;

struct _PstLine
{
  GObject parent_instance;

  GPtrArray *urls; /* of char *, the first is the one it was made with */
  guint turn;      /* which of them is used */
  char *appid;
  char *side;
  PstWormholeTiming timing;
  PstLineState state;

  SoupWebsocketConnection *websocket;
  GCancellable *cancellable;
  GSource *timer; /* for an answer, for the next ping, for the next attempt */
  guint n_commands;
  gint64 ping;

  char *nameplate;
  char *mailbox;
  GPtrArray *outgoing; /* of PstOutgoing */
  gboolean opened;     /* at least once */
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

/* In pst-line.c */
void pst_line_set_state (PstLine *self, PstLineState state);
void pst_line_emit_claimed (PstLine *self);
void pst_line_emit_mail (PstLine *self, const char *side, const char *phase, GBytes *body);
void pst_line_emit_failed (PstLine *self, const GError *error);

/* In pst-line-connection.c */
void pst_line_connect (PstLine *self);
void pst_line_drop_connection (PstLine *self);
void pst_line_finish_closing (PstLine *self);
void pst_line_set_timer (PstLine *self, guint delay_ms, GSourceFunc callback);
void pst_line_await_answer (PstLine *self);
void pst_line_await_answer_soon (PstLine *self);
void pst_line_lose (PstLine *self, const char *reason);
void pst_line_distrust (PstLine *self, const char *reason);
void pst_line_fail (PstLine *self, int code, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* In pst-line-talk.c */
void pst_line_take_frame (PstLine *self, const PstMailboxFrame *frame);
void pst_line_send_ping (PstLine *self);
void pst_line_send_outgoing (PstLine *self);
void pst_line_send_release (PstLine *self);
void pst_line_send_close (PstLine *self);

G_END_DECLS
