/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-channel.h"

G_BEGIN_DECLS

#define PST_TYPE_MEMORY_CHANNEL (pst_memory_channel_get_type ())
G_DECLARE_FINAL_TYPE (PstMemoryChannel, pst_memory_channel, PST, MEMORY_CHANNEL, GObject)

/* Two ends of a channel in one process. Frames leave one by one, from an idle
 * source or, with a delay, from a timeout. */
void pst_memory_channel_new_pair (PstMemoryChannel **a, PstMemoryChannel **b);
void pst_memory_channel_set_delay_ms (PstMemoryChannel *self, guint delay_ms);
void pst_memory_channel_set_blocked (PstMemoryChannel *self, gboolean blocked);
void pst_memory_channel_break (PstMemoryChannel *self);
void pst_memory_channel_cut (PstMemoryChannel *self);
void pst_memory_channel_cut_after (PstMemoryChannel *self, guint64 n_frames);
void pst_memory_channel_set_most_links (guint most_links); /* of those made from now on */
void pst_memory_channel_refuse (PstMemoryChannel *self);
guint64 pst_memory_channel_get_max_buffered (PstMemoryChannel *self);
guint64 pst_memory_channel_get_n_bytes (PstMemoryChannel *self);
guint64 pst_memory_channel_get_n_frames (PstMemoryChannel *self);

G_END_DECLS
