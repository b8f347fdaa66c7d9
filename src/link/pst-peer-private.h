/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-binding.h"
#include "pst-pipeline.h"
#include "pst-signalling.h"
#include "pst-timer.h"

G_BEGIN_DECLS

struct _PstPeer
{
  GObject parent_instance;

  PstPeerState state;
  PstRoute route;

  /* The configuration. */
  gboolean offerer;
  char *local_side;
  char *remote_side;
  guint32 epoch;
  guint16 link;
  GBytes *bind_key;
  char *stun_server;
  GStrv turn_servers;
  gboolean relay_only;
  gboolean stock;
  guint connect_timeout_ms;

  PstHandover *handover;
  PstPipeline *pipeline; /* from start to the end */
  guint64 low_mark_bytes;
  GSource *connect_timeout;

  /* Negotiation. */
  PstSignalling *signalling;
  GQueue early;               /* of PstSignal, from before the start */
  GPtrArray *local_candidates; /* of char *, at most as many as may be signalled */
  GPtrArray *remote_candidates;
  guint n_sent;               /* of the local candidates */
  GSource *candidate_timeout; /* while some wait to be sent */
  GSource *far_timeout;       /* until answers are taken to be slow */
  GSource *late_timeout;      /* until a search that failed is over */
  GStrv path;                 /* (nullable): the selected one's ends, ours first */
  gboolean gathered;
  gboolean has_local;
  gboolean has_remote;
  guint8 local_fingerprint[PST_FINGERPRINT_BYTES];
  guint8 remote_fingerprint[PST_FINGERPRINT_BYTES];

  /* Securing. */
  gboolean writable;     /* the data channel is open */
  gboolean proved;       /* our binding frame is queued */
  gboolean remote_bound; /* theirs came and is right */

  /* Closing. */
  gboolean tearing_down;
  GPtrArray *closing; /* of GTask, until the pipeline is gone */
  GSource *close_timeout;
};

/* In pst-peer.c */
void pst_peer_fail (PstPeer *self, GError *error);
void pst_peer_fail_literal (PstPeer *self, int code, const char *sentence);
void pst_peer_update_route (PstPeer *self);
gboolean pst_peer_is_alive (PstPeer *self);
void pst_peer_set_state (PstPeer *self, PstPeerState state);
void pst_peer_emit_signal (PstPeer *self, JsonObject *message);
void pst_peer_emit_opened (PstPeer *self);
/* For tests: a shorter time to find a path than the usual one. */
void pst_peer_set_connect_timeout (PstPeer *self, guint timeout_ms);

/* In pst-peer-negotiate.c */
void pst_peer_apply_signal (PstPeer *self, PstSignal *signal);
void pst_peer_on_path (PstPeer *self, const char *const *path);
void pst_peer_on_description (PstPeer *self, gpointer promise);
void pst_peer_on_candidate (PstPeer *self, const char *text);
void pst_peer_on_gathering (PstPeer *self);
void pst_peer_on_gathered (PstPeer *self);

/* In pst-peer-secure.c */
void pst_peer_on_transport (PstPeer *self);
void pst_peer_on_opened (PstPeer *self);
void pst_peer_on_frame (PstPeer *self, GBytes *frame);

/* In pst-peer-teardown.c */
void pst_peer_tear_down (PstPeer *self);

/* In pst-peer-config.c */
gboolean pst_peer_check_config (const PstPeerConfig *config, GError **error);

G_END_DECLS
