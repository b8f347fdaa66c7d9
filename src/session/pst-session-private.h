/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-beacon.h"
#include "pst-exchange.h"
#include "pst-peer.h"
#include "pst-rendezvous.h"
#include "pst-session.h"
#include "pst-timer.h"
#include "pst-wormhole.h"

G_BEGIN_DECLS

/* Nobody announces the code on this network: two beacons come every 2 s, so
 * many may be lost before this. */
#define PST_SESSION_BEACON_WAIT_MS 10000

/* A server is there, but nobody waits under the code. */
#define PST_SESSION_PARTNER_WAIT_MS 30000

/* One server after the other is tried; the next when the one before has not
 * led anywhere for so long. */
#define PST_SESSION_NEXT_SERVER_MS 2000

/* After a failed check, another server on the network may still turn out to
 * be the right one: every server has announced itself once in the first time,
 * and whatever was heard gets the second to pair. The person hears of a wrong
 * code within five seconds. */
#define PST_SESSION_ALL_HEARD_MS    2500
#define PST_SESSION_OTHER_SERVER_MS 1000

/* A goodbye is answered within a round trip, or never. */
#define PST_SESSION_BYE_WAIT_MS 1000

/* How long an answer to a goodbye may take to leave before the connection is
 * torn down under it. */
#define PST_SESSION_BYE_LINGER_MS 200

/* Workers stop at the next block; a disk that hangs must not hold the program. */
#define PST_SESSION_SETTLE_WAIT_MS 2000

struct _PstSession
{
  GObject parent_instance;

  /* Settings. */
  char *server_url;
  char *stun_server;
  char **turn_servers;
  gboolean relay_only;
  gboolean stock;
  guint64 limit_bps;
  guint n_words;
  char *display_name;

  PstSessionState state;
  gboolean host;
  char *code;
  char *invite_uri;
  char *verifier; /* the words to compare, once they are made */
  GError *error;  /* why it ends */

  /* Pairing. */
  PstRendezvous *rendezvous;
  PstBeacon *beacon;
  gint64 listening_us;    /* since when servers are listened for */
  GQueue found_urls;      /* of char *, servers heard of and not tried yet */
  GPtrArray *attempts;    /* of PstWormhole, while pairing is tried */
  guint n_guesses;        /* how many of them came to agreeing on a key */
  GError *pairing_error;  /* the worst any attempt came to */
  PstWormhole *wormhole;  /* the one that paired */
  GSource *next_server;
  GSource *deadline;

  /* Connection. */
  PstPeer *peer;
  PstExchange *exchange;
  GListStore *transfers;

  /* End. */
  GSource *closing_source;
  gboolean peer_said_bye;
  gboolean tearing_down;
  guint n_closing;        /* of the parts, on their way down; a phrase that is being made */
  gboolean settling;
  GPtrArray *close_tasks; /* of GTask */
};

/* Pairing: pst-session-pairing.c */
void pst_session_start_hosting (PstSession *self, const char *code);
void pst_session_start_joining (PstSession *self, const char *code_or_link);
void pst_session_clear_pairing (PstSession *self);

/* Connecting: pst-session-connect.c */
void pst_session_connect_peer (PstSession *self);
void pst_session_take_message (PstSession *self, JsonObject *message);

/* The words: pst-session-phrase.c */
void pst_session_make_verifier (PstSession *self);

/* The end: pst-session-close.c */
void pst_session_fail (PstSession *self, const GError *error);
void pst_session_begin_closing (PstSession *self);
void pst_session_heard_bye (PstSession *self);
void pst_session_release (PstSession *self);

/* For all of them. */
void pst_session_set_state (PstSession *self, PstSessionState state);
void pst_session_set_code (PstSession *self, const char *code, const char *rendezvous_url);
void pst_session_take_verifier (PstSession *self, char *phrase);
void pst_session_watch_exchange (PstSession *self);

G_END_DECLS
