/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Flow control by the receiver keeps honest senders far below this. It bounds
 * what a hostile one can make this side hold. */
#define PST_HANDOVER_MAX_BYTES (32u * 1024 * 1024)

/**
 * PstHandoverKind:
 * @PST_HANDOVER_FRAME: a message came; data is its GBytes
 * @PST_HANDOVER_OVERFLOW: more came than %PST_HANDOVER_MAX_BYTES; the rest is dropped
 * @PST_HANDOVER_VIOLATION: the other side did what no Penstock does
 * @PST_HANDOVER_LOW: the buffered amount fell to the low mark
 * @PST_HANDOVER_OPENED: the data channel can be written to
 * @PST_HANDOVER_ENDED: the data channel is closed
 * @PST_HANDOVER_TRANSPORT: the state of a transport changed: read it
 * @PST_HANDOVER_GATHERING: the state of gathering changed: read it
 * @PST_HANDOVER_GATHERED: the owner's own mark behind the last candidate
 * @PST_HANDOVER_CANDIDATE: a local candidate was found; data is its text
 * @PST_HANDOVER_DESCRIPTION: a description was made; data is the promise
 * @PST_HANDOVER_REPLY: a description was taken or not; data is the promise
 * @PST_HANDOVER_ROUTE: a path was selected; data is a GStrv of its two ends, ours first
 * @PST_HANDOVER_FAILURE: an element failed; data is its name
 */
typedef enum
{
  PST_HANDOVER_FRAME,
  PST_HANDOVER_OVERFLOW,
  PST_HANDOVER_VIOLATION,
  PST_HANDOVER_LOW,
  PST_HANDOVER_OPENED,
  PST_HANDOVER_ENDED,
  PST_HANDOVER_TRANSPORT,
  PST_HANDOVER_GATHERING,
  PST_HANDOVER_GATHERED,
  PST_HANDOVER_CANDIDATE,
  PST_HANDOVER_DESCRIPTION,
  PST_HANDOVER_REPLY,
  PST_HANDOVER_ROUTE,
  PST_HANDOVER_FAILURE
} PstHandoverKind;

typedef struct _PstHandover PstHandover;

/* @data stays the handover's. The callee may stop or drop the handover. */
typedef void (*PstHandoverFunc) (PstHandoverKind kind, gpointer data, gpointer user_data);

PstHandover *pst_handover_new (PstHandoverFunc func, gpointer user_data);
PstHandover *pst_handover_ref (PstHandover *self);
void pst_handover_unref (PstHandover *self);
void pst_handover_stop (PstHandover *self);

/* From any thread. */
void pst_handover_push (PstHandover *self,
                        PstHandoverKind kind,
                        gpointer data,
                        GDestroyNotify destroy);
void pst_handover_push_frame (PstHandover *self, GBytes *frame);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstHandover, pst_handover_unref)

G_END_DECLS
