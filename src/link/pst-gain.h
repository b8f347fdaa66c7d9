/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How often it must be told. */
#define PST_GAIN_TICK_MS 250

/* What a new link needs before its pace says anything: buffers fill, windows grow. */
#define PST_GAIN_SETTLE_US (750 * G_TIME_SPAN_MILLISECOND)

/* Over so long a pace is measured: retransmission timeouts of a second are part of it. */
#define PST_GAIN_TURN_US (2 * G_TIME_SPAN_SECOND)

/* One more than n links carry (n + 1)/n as much at best. A third of that gain is worth
 * its memory and threads; less may be chance. */
#define PST_GAIN_WORTH_PART 3

/* When a link brought nothing, could not be made or was lost, it is not tried again
 * for so long, and then twice as long. */
#define PST_GAIN_FIRST_REST_US (60 * G_TIME_SPAN_SECOND)

/* Whoever was asked for a link makes one within the time a connection may take, or
 * says that it does not. */
#define PST_GAIN_PATIENCE_US (35 * G_TIME_SPAN_SECOND)

typedef enum
{
  PST_GAIN_STAY,
  PST_GAIN_MORE, /* one more link may help */
  PST_GAIN_FEWER /* the last one does not */
} PstGainAdvice;

typedef enum
{
  PST_GAIN_MEASURING, /* how much the links there are carry */
  PST_GAIN_WAITING,   /* for one more, which was asked for */
  PST_GAIN_JUDGING,   /* how much more they carry with it */
  PST_GAIN_RESTING    /* until it may be tried again */
} PstGainState;

/**
 * PstGain:
 *
 * How many links one direction of traffic should have, by what each brings. Plain
 * data without a clock: every call says what time it is (monotonic, microseconds).
 */
typedef struct
{
  PstGainState state;
  gboolean is_fixed; /* as many as there may be, whatever they bring */
  guint most_links;
  guint n_links;
  guint n_rests;
  gint64 until_us; /* for how long to wait, or to rest */

  guint64 rate_bps; /* before the link that is judged */
  guint n_judged;   /* how often it was found wanting */

  gint64 turn_us; /* since when the pace is measured; later: when that begins */
  guint64 turn_bytes;
  guint n_looks;
  guint n_held;
} PstGain;

void pst_gain_start (PstGain *self, gint64 now_us, guint n_rests);
void pst_gain_set_most_links (PstGain *self, guint most_links, gboolean is_fixed);
void pst_gain_set_links (PstGain *self, gint64 now_us, guint n_links);
void pst_gain_fail (PstGain *self, gint64 now_us);
PstGainAdvice pst_gain_look (PstGain *self, gint64 now_us, guint64 left_bytes, gboolean is_held);

G_END_DECLS
