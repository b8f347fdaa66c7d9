/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-exchange.h"
#include "pst-pulse.h"
#include "pst-seal.h"
#include "pst-timer.h"
#include "pst-transfer-private.h"

G_BEGIN_DECLS

/* How a transfer ended here, and when that was last said. */
typedef struct
{
  PstControl control;
  gint64 said_us;
  gboolean finished; /* once it was heard, this journal may go */
  guint64 journal_id;
} PstEnding;

struct _PstExchange
{
  GObject parent_instance;

  PstChannel *channel; /* NULL between two, and once closed */
  PstSeal *seal;
  PstSeal *opener;
  guint n_links;       /* it has had so many channels */
  GQueue endings;      /* of PstEnding, those that may not have arrived */
  char *display_name;
  gboolean only_receives;
  char *peer_name;
  gboolean answered; /* whether the devices are to remember each other, with: */
  gboolean agrees;
  guint n_remember; /* what the other side said about it on this link */
  guint n_forgetting; /* workers that remove a journal */
  char *journals; /* their folder; NULL: receipts do not outlive the program */
  guint n_about_links;   /* what the other side said about further links */
  guint peer_most_links; /* so many it can take; 0: one */
  gboolean greeted;
  gboolean peer_resumes;
  gboolean peer_takes_parcels;
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
  PstPulse pulse;
  gint64 round_trip_us;

  PstMarks marks;
  PstChannelPath path;
  PstPathWatch path_watch;
  PstBufferWatch watch;
  guint64 queued_bytes; /* since the watch last looked */
  guint64 given_bytes;  /* to this channel, ever */
  guint64 left_bytes;   /* of them, when that was last worth noting */
  gint64 left_us;
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

/* pst-exchange-link.c */
void pst_exchange_forget_path (PstExchange *self);
void pst_exchange_release_channel (PstExchange *self);
void pst_exchange_lose (PstExchange *self, const GError *error);
void pst_ending_free (PstEnding *ending);
void pst_exchange_note_ending (PstExchange *self, const PstControl *control);
void pst_exchange_forget_endings (PstExchange *self, gint64 stamp_us);
void pst_exchange_say_remember (PstExchange *self);
void pst_exchange_answer_keep (PstExchange *self, guint32 id, gboolean known);

/* pst-exchange-links.c */
gboolean pst_exchange_take_link (PstExchange *self, PstControl *control, GError **error);

/* pst-exchange-pump.c */
void pst_exchange_say (PstExchange *self, const PstControl *control);
void pst_exchange_touch (PstExchange *self);
void pst_exchange_watch_buffer (PstExchange *self);
void pst_exchange_forget_settled (PstExchange *self);

/* pst-exchange-receive.c */
void pst_exchange_take_frame (PstExchange *self, GBytes *frame);

/* pst-exchange.c */
void pst_exchange_check_settled (PstExchange *self);
void pst_exchange_emit_lost (PstExchange *self, const GError *error);
void pst_exchange_emit_remember (PstExchange *self, gboolean agrees);
void pst_exchange_emit_link (PstExchange *self, const PstControl *control);
void pst_exchange_publish (PstExchange *self);
void pst_exchange_add_transfer (PstExchange *self, PstTransfer *transfer);
void pst_exchange_take_greeting (PstExchange *self, const char *peer_name);

G_END_DECLS
