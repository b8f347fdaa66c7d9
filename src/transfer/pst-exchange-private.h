/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-exchange.h"
#include "pst-seal.h"
#include "pst-timer.h"
#include "pst-transfer-private.h"

G_BEGIN_DECLS

struct _PstExchange
{
  GObject parent_instance;

  PstChannel *channel;
  PstSeal *seal;
  PstSeal *opener;
  char *peer_name;
  gboolean greeted;
  gboolean said_bye;
  gboolean closed;

  GPtrArray *transfers; /* of PstTransfer, those that are not settled */
  guint turn;           /* whose turn it is to be pumped */
  guint32 next_id;      /* of ours, here */
  guint32 next_wire_id; /* of ours, in messages */
  guint32 last_peer_id;
  gboolean pumping;
  GError *send_error; /* the channel takes nothing more */
  GSource *failure_source;
  PstLimit limit;
  GSource *limit_source;

  GSource *ping_source;
  gint64 heard_us;
  gint64 ticked_us;
  gint64 round_trip_us;

  PstMarks marks;
  PstChannelPath path;
  PstPathWatch path_watch;
  PstBufferWatch watch;
  guint64 queued_bytes; /* since the watch last looked */
  GSource *figures_source;
  struct
  {
    guint64 buffered_bytes;
    gboolean full;
    gint64 growth_bps;
    gboolean congested;
    gint64 round_trip_us;
    PstMarks marks;
  } published;
};

/* Shared by the files of this type: */

/* pst-exchange-pump.c */
void pst_exchange_touch (PstExchange *self);
void pst_exchange_watch_buffer (PstExchange *self);
void pst_exchange_forget_settled (PstExchange *self);

/* pst-exchange-receive.c */
void pst_exchange_take_frame (PstExchange *self, GBytes *frame);

/* pst-exchange.c */
void pst_exchange_publish (PstExchange *self);
void pst_exchange_add_transfer (PstExchange *self, PstTransfer *transfer);
void pst_exchange_take_greeting (PstExchange *self, const char *peer_name);

G_END_DECLS
