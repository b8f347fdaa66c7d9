/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-rendezvous-limits.h"

G_BEGIN_DECLS

/* How much longer the embedded server puts up with one client: its silence, its
 * commands, what it does not read. No I/O, no clock. */
typedef struct
{
  const PstRendezvousLimits *limits; /* unowned */
  gint64 deadline_us;
  gint64 refilled_us;
  guint allowance;
  guint n_commands;
  guint64 left_bytes; /* of the connection, when it last moved */
  gint64 moved_us;
} PstTolerance;

void pst_tolerance_init (PstTolerance *self, const PstRendezvousLimits *limits, gint64 now_us);
gboolean pst_tolerance_take_command (PstTolerance *self, gint64 now_us);
void pst_tolerance_note_life (PstTolerance *self, gint64 now_us);
gboolean
pst_tolerance_is_over (PstTolerance *self, guint64 sent_bytes, guint64 left_bytes, gint64 now_us);

G_END_DECLS
