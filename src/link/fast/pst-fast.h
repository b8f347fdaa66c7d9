/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gst/gst.h>

#include "pst-channel.h"

G_BEGIN_DECLS

gboolean pst_fast_is_proven (guint major, guint minor);
gboolean pst_fast_use (gboolean wanted, GError **error);
guint pst_fast_get_most_packet_bytes (gboolean same_network);

void pst_fast_get_path (GstElement *sctp_encoder, PstChannelPath *path);

G_END_DECLS
