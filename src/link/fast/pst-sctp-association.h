/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gst/gst.h>

#include "pst-sctp.h"

G_BEGIN_DECLS

/**
 * PstAssociation:
 *
 * What a pair of SCTP elements shares: an association under a lock, and those who
 * wait for it. One thread sends, one receives (and sends what must answer that, when the
 * first has nothing to do), and any number put messages in.
 * Nothing is called while the lock is held.
 */
typedef struct _PstAssociation PstAssociation;

/* What receiving packets led to, in the order in which it is to be told. */
typedef struct
{
  gboolean established; /* just now */
  gboolean closed;      /* just now */
  GQueue messages;      /* of PstSctpMessage */
  GQueue reset_streams; /* of GINT_TO_POINTER */
  GstBuffer *ack;       /* (nullable): a packet that is to leave at once */
} PstAssociationNews;

/**
 * PstAssociationGate:
 * @PST_ASSOCIATION_GATE_OPEN: who sends waits until there is room
 * @PST_ASSOCIATION_GATE_SHUT: who waits goes away
 * @PST_ASSOCIATION_GATE_LAST: who waits sends without room, as the last one
 *
 * What those who send on one stream do while there is no room.
 */
typedef enum
{
  PST_ASSOCIATION_GATE_OPEN,
  PST_ASSOCIATION_GATE_SHUT,
  PST_ASSOCIATION_GATE_LAST
} PstAssociationGate;

PstAssociation *pst_association_get (guint id, gpointer owner);
PstAssociation *pst_association_ref (PstAssociation *self);
void pst_association_release (PstAssociation *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstAssociation, pst_association_release)

void pst_association_set_encoder (PstAssociation *self, GstElement *encoder);
GstElement *pst_association_ref_encoder (PstAssociation *self);
void pst_association_set_local_port (PstAssociation *self, guint port);
void pst_association_set_remote_port (PstAssociation *self, guint port);
void pst_association_set_most_packet_bytes (PstAssociation *self, guint most_packet_bytes);

GstFlowReturn pst_association_send (PstAssociation *self,
                                    GBytes *message,
                                    guint16 stream,
                                    guint32 protocol,
                                    gboolean ordered,
                                    gint *gate);
void pst_association_reset_stream (PstAssociation *self, guint16 stream);
GstBufferList *pst_association_collect (PstAssociation *self, gboolean *closed);
void pst_association_receive (PstAssociation *self,
                              GstBuffer **packets,
                              guint n_packets,
                              PstAssociationNews *news);

void pst_association_set_flushing (PstAssociation *self, gboolean flushing);
void pst_association_wake (PstAssociation *self);
void pst_association_get_figures (PstAssociation *self, PstSctpFigures *figures);

G_END_DECLS
