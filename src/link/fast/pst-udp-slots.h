/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <sys/uio.h>

G_BEGIN_DECLS

/* The most datagrams received in one system call. */
#define PST_UDP_SLOTS_MAX 32

/* No UDP datagram is larger: 65,535 bytes of IP less the headers. */
#define PST_UDP_DATAGRAM_MAX 65535

typedef struct _PstUdpSlots PstUdpSlots;

PstUdpSlots *pst_udp_slots_new (void);
void pst_udp_slots_free (PstUdpSlots *self);

guint pst_udp_slots_fill (PstUdpSlots *self);
struct iovec *pst_udp_slots_get_vectors (PstUdpSlots *self, guint index);
guint8 *pst_udp_slots_take (
    PstUdpSlots *self, guint index, gsize size_bytes, gpointer *block, gboolean *copied);
void pst_udp_slots_taken (PstUdpSlots *self, guint n_slots);

gpointer pst_udp_block_ref (gpointer block);
void pst_udp_block_unref (gpointer block);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstUdpSlots, pst_udp_slots_free)

G_END_DECLS
