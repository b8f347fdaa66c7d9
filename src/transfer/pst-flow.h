/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The send buffer of the channel is kept between two marks, which begin here and
 * follow the rate at which it drains. What lies below the low mark keeps the wire
 * busy while the pump wakes; what lies above it only delays the control messages
 * behind it. docs/performance.md has the measurement. */
#define PST_FLOW_HIGH_MARK_BYTES     (512 * 1024)
#define PST_FLOW_LOW_MARK_BYTES      (256 * 1024)
#define PST_FLOW_MAX_HIGH_MARK_BYTES (2 * 1024 * 1024)
#define PST_FLOW_MIN_HIGH_MARK_BYTES (128 * 1024)

/* A receiver lets each sender have so much beyond what its file system has taken:
 * enough for its rate and round trip. What the path carries is not known at first, and
 * a window that is too small then looks like a slow path: a fast one is assumed. All
 * running transfers share the budget, so that what waits in memory stays bounded. The
 * greatest fills a path of 100 MB/s and 100 ms and the pauses of a disk. */
#define PST_FLOW_FIRST_RATE_BPS      (80 * 1000 * 1000)
#define PST_FLOW_MAX_WINDOW_BYTES    (16 * 1024 * 1024)
#define PST_FLOW_MIN_WINDOW_BYTES    (1024 * 1024)
#define PST_FLOW_WINDOW_BUDGET_BYTES (16 * 1024 * 1024)
#define PST_FLOW_MAX_RUNNING         (PST_FLOW_WINDOW_BUDGET_BYTES / PST_FLOW_MIN_WINDOW_BYTES)

/* Credit goes back in steps of an eighth of the window, at most so much at once. A
 * sender that sleeps while its buffer is full (GStreamer's own) is woken by what
 * comes: it gets more, smaller ones. docs/performance.md says what they bring. */
#define PST_FLOW_MAX_CREDIT_STEP_BYTES  (512 * 1024)
#define PST_FLOW_WAKE_CREDIT_STEP_BYTES (64 * 1024)

/**
 * PstHold:
 *
 * What keeps a running transfer from sending its next frame.
 */
typedef enum
{
  PST_HOLD_NONE,
  PST_HOLD_NETWORK,    /* the buffered amount has reached the high mark, or bytes are under way */
  PST_HOLD_THEIR_DISK, /* no credit, and what is missing waits at their disk */
  PST_HOLD_MY_DISK,    /* nothing is read yet; at the receiver: nothing is taken yet */
  PST_HOLD_LIMIT,      /* the bandwidth limit */
  PST_N_HOLDS
} PstHold;

/* The sender's account of one transfer. Always written ≤ taken ≤ received ≤ sent. */
typedef struct
{
  guint64 sent_bytes;
  guint64 received_bytes;
  guint64 taken_bytes;   /* given to the other side's file system */
  guint64 written_bytes; /* on its disk, whatever happens to its power */
  guint64 window_bytes;
} PstCredit;

gboolean pst_credit_update (PstCredit *self,
                            guint64 received_bytes,
                            guint64 taken_bytes,
                            guint64 written_bytes,
                            guint64 window_bytes,
                            GError **error);
guint64 pst_credit_get_room (const PstCredit *self);
PstHold pst_credit_get_hold (const PstCredit *self);

/* The receiver's account of one transfer. */
typedef struct
{
  guint64 received_bytes;
  guint64 taken_bytes;
  guint64 written_bytes;
  guint64 announced_received_bytes;
  guint64 announced_taken_bytes;
  guint64 announced_written_bytes;
  guint64 window_bytes;
  guint64 granted_bytes;  /* the greatest window that was ever announced */
  gboolean sender_sleeps; /* credit must come often */
} PstWindow;

gboolean pst_window_receive (PstWindow *self, guint64 n_bytes, GError **error);
void pst_window_take (PstWindow *self, guint64 n_bytes);
void pst_window_write (PstWindow *self, guint64 n_bytes);
gboolean pst_window_has_news (const PstWindow *self);
gboolean pst_window_should_announce (const PstWindow *self);
void pst_window_announced (PstWindow *self);
guint64 pst_window_fit (guint64 rate_bps, gint64 round_trip_us, guint n_running);

gsize pst_flow_fit_piece (guint64 rate_bps, gint64 round_trip_us, gsize most_bytes);

/* Between which the send buffer is kept. */
typedef struct
{
  guint64 low_bytes;
  guint64 high_bytes;
} PstMarks;

gboolean pst_marks_follow (PstMarks *self, guint64 rate_bps, guint64 buffered_bytes, guint n_links);

/* A token bucket: bytes a second over all transfers of a connection. */
typedef struct
{
  guint64 rate_bps;
  gint64 credit_byte_us;
  gint64 filled_us;
} PstLimit;

gint64 pst_limit_take (PstLimit *self, gint64 now_us, guint64 n_bytes);

G_END_DECLS
