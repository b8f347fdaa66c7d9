/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-beacon.h"
#include "pst-bundle.h"
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

/* Whoever is on the network can announce a code, and each key exchange with one who
 * does not know it is a guess: 3 in 2²⁴ for three words. */
#define PST_SESSION_MAX_GUESSES 3

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

/* A link that is lost is replaced at once if it was a good one, which it was if
 * it held for so long; otherwise after a pause that doubles with every attempt
 * that comes to nothing, since each costs both sides a search for a path. */
#define PST_SESSION_GOOD_LINK_US   (30 * G_TIME_SPAN_SECOND)
#define PST_SESSION_FIRST_PAUSE_MS 1000
#define PST_SESSION_MAX_PAUSE_MS   30000

/* The first link is tried twice: what keeps the other side from answering checks for
 * ten seconds (a machine that is busy, a mailbox that is slow) is over as a rule when
 * both have said that they let go. Where there is no path at all, the person waits
 * twice as long to hear of it; a third time would be too long. */
#define PST_SESSION_FIRST_LINK_TRIES 2

/* The other side's word that it let go, the pause, and what the second try may take. */
#define PST_SESSION_FIRST_LINK_WAIT_MS 45000

/* The pauses let an honest offerer begin so often hardly ever. */
#define PST_SESSION_MAX_EPOCHS    20
#define PST_SESSION_EPOCH_TURN_US (60 * G_TIME_SPAN_SECOND)

/* While a link is being replaced, so often it is asked whether the server is
 * still there, and looked for at its next address if the other side says nothing
 * through it: three rounds of beacons may be lost. */
#define PST_SESSION_LOOK_AGAIN_MS 8000

/* Where a remembered device may be met. */
typedef struct
{
  char *url;
  char *place;
} PstSessionPlace;

/* A further link of this epoch, or the attempt at one. */
typedef struct
{
  PstSession *session; /* not owned */
  guint number;
  PstPeer *peer;
  gboolean open; /* the bundle has it */
} PstSessionLink;

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
  guint reconnect_wait_s;
  char *display_name;
  gboolean only_receives;
  char *journals;

  PstSessionState state;
  gboolean host;
  char *code;
  char *invite_uri;
  GBytes *device_secret; /* of the remembered device to meet, in place of a code */
  char *verifier;        /* the words to compare, once they are made */
  gboolean wants_words;
  GError *error;         /* why it ends */

  /* Pairing. */
  PstRendezvous *rendezvous;
  PstBeacon *beacon;      /* a host's lives as long as its server */
  PstBeacon *listener;    /* for a remembered device; then @beacon announces this side */
  gint64 listening_us;    /* since when servers are listened for */
  GQueue found_urls;      /* of char *, servers heard of and not tried yet */
  GQueue found_places;    /* of PstSessionPlace, of the remembered device, the same */
  char *meeting_id;       /* of the server that announces itself to the device */
  guint64 meeting_period; /* in which it is waited for */
  guint place_number;     /* at the server */
  GPtrArray *attempts;    /* of PstWormhole, while pairing is tried */
  guint n_guesses;        /* how many of them came to agreeing on a key */
  GError *pairing_error;  /* the worst any attempt came to */
  PstWormhole *wormhole;  /* the one that paired */
  GError *mailbox_error;  /* why it is of no use any more */
  GSource *next_server;
  GSource *deadline;

  /* Connection. The epoch is the number of the link, or of the attempt at one. */
  guint32 epoch;
  gboolean let_go;      /* of it, and the other side was told */
  gboolean peer_let_go; /* so did the other side */
  gint64 linked_us;     /* since when it holds; 0 while it does not */
  guint pause_ms;       /* before the next attempt */
  gint64 turn_us;       /* when epochs began to be counted */
  guint n_epochs;       /* since then */
  GSource *next_attempt;
  GSource *next_look;
  GSource *last_wait; /* ends the looking for a lost link, or for a first one */
  PstPeer *peer;      /* NULL while there is not even an attempt */
  PstBundle *bundle;  /* NULL where one link is enough: that of @peer is its first */
  GPtrArray *links;   /* of PstSessionLink, its further ones */
  guint last_link;    /* numbers up to this one were used in this epoch */
  guint asked_link;   /* this side asked the offerer for it; 0: for none */
  guint wanted_link;  /* the last one the answerer asked for */
  guint n_rests;      /* how often a bundle was lost that had several links */
  PstExchange *exchange;
  PstRemember remember; /* whether the two devices are to remember each other */
  GListStore *transfers;

  /* End. */
  GSource *closing_source;
  gboolean peer_said_bye;
  gboolean tearing_down;
  guint n_closing; /* of the parts, on their way down; a phrase that is being made */
  gboolean settling;
  GPtrArray *close_tasks; /* of GTask */
};

/* Pairing: pst-session-pairing.c */
void pst_session_start_hosting (PstSession *self, const char *code);
void pst_session_start_joining (PstSession *self, const char *code_or_link);
void pst_session_clear_pairing (PstSession *self);
void pst_session_look_for_server (PstSession *self);
void pst_session_add_attempt (PstSession *self, PstWormhole *wormhole);
void pst_session_drop_attempt (PstSession *self, guint i);

/* Meeting a remembered device: pst-session-meeting.c */
void pst_session_start_meeting (PstSession *self);
void pst_session_leave_place (PstSession *self, PstWormhole *wormhole, const GError *error);
void pst_session_look_for_device (PstSession *self);
void pst_session_stop_listening (PstSession *self);
void pst_session_place_free (PstSessionPlace *place);

/* The exchange: pst-session-exchange.c */
void pst_session_watch_exchange (PstSession *self);

/* Remembering: pst-session-remember.c */
void pst_session_take_remember (PstSession *self, gboolean agrees);

/* Connecting: pst-session-connect.c */
gboolean pst_session_is_offerer (PstSession *self);
PstPeer *pst_session_make_peer (PstSession *self, guint link, GError **error);
void pst_session_connect_peer (PstSession *self);
void pst_session_take_message (PstSession *self, JsonObject *message);

/* Further links: pst-session-links.c */
void pst_session_link_free (PstSessionLink *link);
PstChannel *pst_session_bundle (PstSession *self);
void pst_session_allow_links (PstSession *self);
void pst_session_take_link (PstSession *self, guint number, gboolean wanted, JsonObject *signal);
void pst_session_drop_links (PstSession *self);

/* The words: pst-session-phrase.c */
void pst_session_offer_verifier (PstSession *self);

/* Reconnecting: pst-session-reconnect.c */
void pst_session_lose_link (PstSession *self);
gboolean pst_session_may_try_again (PstSession *self, const GError *error);
void pst_session_note_link (PstSession *self);
void pst_session_lose_mailbox (PstSession *self, const GError *error);
void pst_session_take_again (PstSession *self, guint32 epoch);
gboolean pst_session_enter_epoch (PstSession *self, guint32 epoch);
void pst_session_stop_reconnecting (PstSession *self);

/* The end: pst-session-close.c */
gboolean pst_session_has_unfinished (PstSession *self);
void pst_session_fail (PstSession *self, const GError *error);
void pst_session_begin_closing (PstSession *self);
void pst_session_heard_bye (PstSession *self);
void pst_session_release (PstSession *self);
void pst_session_close_peer (PstSession *self, PstPeer *peer);
void pst_session_drop_peer (PstSession *self);

/* For all of them. */
void pst_session_set_state (PstSession *self, PstSessionState state);
void pst_session_set_code (PstSession *self, const char *code, const char *rendezvous_url);
void pst_session_take_verifier (PstSession *self, char *phrase);
void pst_session_emit_transfer_added (PstSession *self, PstTransfer *transfer);
void pst_session_notify_exchange (PstSession *self, const char *property);
void pst_session_notify_route (PstSession *self);
void pst_session_set_remember (PstSession *self, PstRemember remember);

G_END_DECLS
