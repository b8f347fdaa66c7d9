/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-frame-source.h"

G_BEGIN_DECLS

/* The way of a picture from a streaming thread to the thread that made the
 * slot. Room for one: a newer picture takes the place of one nobody fetched,
 * so the streaming thread never waits and memory stays bounded. */
typedef struct _PstFrameSlot PstFrameSlot;

typedef void (*PstFrameSlotFunc) (const PstFrame *frame, gpointer user_data);

PstFrameSlot *pst_frame_slot_new (PstFrameSlotFunc func, gpointer user_data);
PstFrameSlot *pst_frame_slot_ref (PstFrameSlot *self);
void pst_frame_slot_unref (PstFrameSlot *self);
void pst_frame_slot_put (PstFrameSlot *self, const PstFrame *frame);
void pst_frame_slot_close (PstFrameSlot *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstFrameSlot, pst_frame_slot_unref)

G_END_DECLS
