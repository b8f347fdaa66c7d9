/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What may wait for the other thread: 50 ms at 80 MB/s. Beyond it the socket fills,
 * too, and what comes then is lost. */
#define PST_NICE_RELAY_BYTES (4 * 1024 * 1024)

/* A list with less than this is worth no change of threads, if nothing waits before
 * it: the socket is far from full. */
#define PST_NICE_RELAY_DIRECT_BYTES (16 * 1024)

/**
 * PstNiceRelay:
 *
 * Carries lists of buffers to a pad in a thread of its own, so that the thread which
 * reads the socket is always back in time: a stock system's socket holds two
 * milliseconds of a fast connection, and what does not fit is lost.
 */
typedef struct _PstNiceRelay PstNiceRelay;

PstNiceRelay *pst_nice_relay_new (GstPad *pad);
void pst_nice_relay_free (PstNiceRelay *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstNiceRelay, pst_nice_relay_free)

void pst_nice_relay_push (PstNiceRelay *self, GstBufferList *list, gsize n_bytes);
void pst_nice_relay_stop (PstNiceRelay *self);

G_END_DECLS
