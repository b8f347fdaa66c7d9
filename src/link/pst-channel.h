/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* RFC 8841, section 6.1: without a=max-message-size a peer takes 64 KiB. */
#define PST_CHANNEL_MAX_FRAME_BYTES 65536

/* Links that are one channel together: so many at most; docs/fast-path.md, “Several
 * connections”, has what each brought and costs. The first one is link 0. Numbers are used
 * once in an epoch, so that what is late is never taken for another link's; who has used
 * them up gets no more links. */
#define PST_CHANNEL_MAX_LINKS       8
#define PST_CHANNEL_MAX_LINK_NUMBER 15

/**
 * PstChannelPath:
 * @round_trip_us: of packets now; -1: not known
 * @least_round_trip_us: of the path when nothing waits in it; -1: not known
 * @sent_bytes: what left, ever, with what was sent again
 * @lost_bytes: what of it was lost
 * @came_us: when a piece of a frame last came, monotonic; 0: not known
 * @unanswered_us: since when something is under way of which the other side has
 *   acknowledged nothing, monotonic; 0: nothing is under way, or not known
 * @sender_sleeps: whether the other side's sender may sleep while its buffer is full,
 *   until something comes
 * @n_links: so many links carry it; 0: one
 * @most_links: so many it may get; 0: one
 *
 * What a link knows of the way its bytes take.
 */
typedef struct
{
  gint64 round_trip_us;
  gint64 least_round_trip_us;
  guint64 sent_bytes;
  guint64 lost_bytes;
  gint64 came_us;
  gint64 unanswered_us;
  gboolean sender_sleeps;
  guint n_links;
  guint most_links;
} PstChannelPath;

#define PST_TYPE_CHANNEL (pst_channel_get_type ())
G_DECLARE_INTERFACE (PstChannel, pst_channel, PST, CHANNEL, GObject)

/**
 * PstChannel:
 *
 * Carries frames to the other machine, whole and in order, and tells how many
 * bytes wait to leave. It belongs to the main context that was thread-default
 * when it was made; its signals are emitted there.
 *
 * Signals (G_SIGNAL_RUN_LAST, no return value):
 *
 * - `frame (GBytes *frame)`: a frame came; never empty, never longer than
 *   %PST_CHANNEL_MAX_FRAME_BYTES.
 * - `buffered-amount-low (void)`: the buffered amount fell to the low mark or
 *   below. A hint: it may come twice, late or for nothing.
 * - `closed (GError *error)`: the channel is gone, once; nothing follows. The
 *   error is always set and of %PST_ERROR.
 */
struct _PstChannelInterface
{
  GTypeInterface parent;

  gboolean (*send) (PstChannel *self, GBytes *frame, GError **error);
  guint64 (*get_buffered_amount) (PstChannel *self);
  void (*set_low_mark) (PstChannel *self, guint64 low_mark_bytes);
  void (*get_path) (PstChannel *self, PstChannelPath *path); /* may be left out */
};

gboolean pst_channel_send (PstChannel *self, GBytes *frame, GError **error);
guint64 pst_channel_get_buffered_amount (PstChannel *self);
void pst_channel_set_low_mark (PstChannel *self, guint64 low_mark_bytes);
void pst_channel_get_path (PstChannel *self, PstChannelPath *path);

/* For implementations: emit the signals above. */
void pst_channel_emit_frame (PstChannel *self, GBytes *frame);
void pst_channel_emit_buffered_amount_low (PstChannel *self);
void pst_channel_emit_closed (PstChannel *self, const GError *error);

G_END_DECLS
