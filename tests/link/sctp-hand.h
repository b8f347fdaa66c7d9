/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-sctp-private.h"

G_BEGIN_DECLS

/* A peer made by hand, whose every chunk the test writes: what it says need not be
 * true. */
typedef struct
{
  PstSctp *sctp; /* the association that is tested */
  gint64 now_us;
  guint32 tag; /* what it must put into its packets */
  guint32 tsn; /* the next of ours */
  guint8 packet[65536];
  gsize n_bytes; /* of the packet being put together, or read last */
  PstSctpIter iter;
} Hand;

void hand_init (Hand *hand);
void hand_clear (Hand *hand);
void hand_establish (Hand *hand, guint32 window_bytes);
void hand_begin (Hand *hand);
void hand_put (Hand *hand, guint8 type, guint8 flags, gconstpointer value, gsize n_bytes);
void hand_send (Hand *hand);
void hand_send_as (Hand *hand, guint16 source, guint16 destination, guint32 tag);
void hand_send_init (Hand *hand, guint8 type, guint32 tag, guint16 n_out, guint16 n_in);
void hand_put_data (Hand *hand, guint32 tsn, guint8 flags, guint16 stream, gsize n_bytes);
void hand_send_data (Hand *hand, guint32 tsn, guint8 flags, guint16 stream, gsize n_bytes);
void hand_send_sack (Hand *hand, guint32 tsn, guint32 window_bytes, const guint16 *gaps, guint n);
gboolean hand_read (Hand *hand);
gboolean hand_find (Hand *hand, guint8 type, PstSctpItem *chunk);
guint hand_drain (Hand *hand);
gboolean hand_wait_for (Hand *hand, guint8 type, PstSctpItem *chunk);
void hand_assert_consistent (const PstSctp *sctp);

G_END_DECLS
