/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-sctp-association.h"
#include "pst-sctp.h"

G_BEGIN_DECLS

struct _PstAssociation
{
  guint id;
  gpointer owner; /* only compared */
  guint n_users;  /* under the registry's lock */

  GMutex lock;
  GCond work; /* the sending thread waits for it */
  GCond room; /* those who put messages in wait for it */
  guint n_waiting_for_room;
  PstSctp *sctp; /* from the moment both ports are known */
  guint local_port;
  guint remote_port;
  guint most_packet_bytes;
  GstElement *encoder;
  PstSctpState told; /* the state that was told last */
  gboolean flushing;
  GstBufferList *owed; /* (nullable): acknowledgements that were written at once */
  gboolean is_waiting; /* the sending thread, until @wake_us */
  gint64 wake_us;
};

/* Under the lock. */
static inline PstSctpState
pst_association_get_state (const PstAssociation *self)
{
  return self->sctp != NULL ? pst_sctp_get_state (self->sctp) : PST_SCTP_STATE_NEW;
}

void pst_association_unlock (PstAssociation *self);

G_END_DECLS
