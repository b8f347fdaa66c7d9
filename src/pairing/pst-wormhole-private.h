/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-line.h"
#include "pst-meeting.h"
#include "pst-spake2.h"
#include "pst-wormhole.h"

G_BEGIN_DECLS

struct _PstWormhole
{
  GObject parent_instance;

  char *appid;
  char *side;
  PstLine *line;
  PstWormholeState state;
  gboolean hosting;
  char *code;
  PstMeeting *meeting; /* in place of a code */
  GSource *doubt;      /* whether the other side is there at all */
  guint n_words;
  JsonObject *app_version;

  PstSpake2 *agreement; /* until it finished */
  guint8 key[PST_KEY_BYTES];
  gboolean has_key;
  char *peer_side;
  GBytes *peer_version; /* sealed, until it is opened */
  GHashTable *ahead;    /* sealed numeric phases not delivered yet */
  guint next_incoming;
  guint next_outgoing;
  GPtrArray *unsent; /* until paired */

  gboolean line_closed;
  GError *error;
  GPtrArray *close_tasks;
};

/* In pst-wormhole.c */
void pst_wormhole_set_state (PstWormhole *self, PstWormholeState state);
void pst_wormhole_emit_paired (PstWormhole *self, JsonObject *app_version);
void pst_wormhole_emit_message (PstWormhole *self, JsonObject *message);
void pst_wormhole_emit_failed (PstWormhole *self, const GError *error);

/* In pst-wormhole-phases.c */
void pst_wormhole_send_pake (PstWormhole *self);
void pst_wormhole_send_phase (PstWormhole *self, JsonObject *message);
void pst_wormhole_take_mail (PstWormhole *self, const char *side, const char *phase, GBytes *body);

/* In pst-wormhole-close.c */
void pst_wormhole_fail (PstWormhole *self, GError *error);

G_END_DECLS
