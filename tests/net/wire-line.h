/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "wire-faults.h"

/* An Ethernet header and what virtio puts before it. */
#define PST_WIRE_MIN_FRAME_BYTES (10 + 14)

/* The same, a VLAN tag, and the largest IP packet: what the kernel leaves to a
 * device to cut. */
#define PST_WIRE_MAX_FRAME_BYTES (10 + 14 + 4 + 65535)

typedef struct _PstWireLine PstWireLine;

PstWireLine *pst_wire_line_new (gint64 rate_bps,
                                gint64 delay_us,
                                gint64 queue_bytes,
                                double loss,
                                gboolean no_groups,
                                guint32 seed);
void pst_wire_line_set_faults (PstWireLine *self, const PstWireFaults *faults);
void pst_wire_line_free (PstWireLine *self);
guint8 *pst_wire_line_reserve (PstWireLine *self);
void pst_wire_line_take (PstWireLine *self, gsize length, gint64 now_us);
gint64 pst_wire_line_next_us (const PstWireLine *self);
const guint8 *pst_wire_line_peek (const PstWireLine *self, gint64 now_us, gsize *length);
void pst_wire_line_drop (PstWireLine *self);
char *pst_wire_line_describe (PstWireLine *self);
