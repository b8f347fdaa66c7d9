/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two peers in one process whose signalling is joined, as tests need them. */
#pragma once

#include "pst-peer.h"

G_BEGIN_DECLS

/* Until a test that waits for something is a failed one. */
#define PAIR_TIMEOUT_S 30

typedef struct
{
  PstPeer *peer;
  GError *closed;  /* owned; the error of `closed` */
  guint n_frames;  /* that came */
  gboolean opened; /* `opened` came */
  GPtrArray *sent; /* of JsonObject: what `signal` gave */
} PairEnd;

typedef struct
{
  PairEnd offerer;
  PairEnd answerer;
} Pair;

PstPeerConfig pair_config (gboolean offerer);
void pair_init (Pair *pair, const PstPeerConfig *offerer, const PstPeerConfig *answerer);
void pair_init_default (Pair *pair);
void pair_start (Pair *pair);
void pair_join_signals (Pair *pair);
void pair_replay_signals (Pair *pair);
void pair_open (Pair *pair);
void pair_fill (PstPeer *peer, guint n_frames);
void pair_close (PstPeer *peer);
void pair_clear (Pair *pair);

/* Runs the main context until the condition holds; fails the test in time. */
#define pair_wait_for(condition)                                         \
  G_STMT_START                                                           \
  {                                                                      \
    g_autoptr (GSource) pair_timeout_ = pair_start_timeout (#condition); \
    while (!(condition))                                                 \
      g_main_context_iteration (NULL, TRUE);                             \
    g_source_destroy (pair_timeout_);                                    \
  }                                                                      \
  G_STMT_END

GSource *pair_start_timeout (const char *condition);

G_END_DECLS
