/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is shown of it need not be finer. So an int, which every machine reads and writes
 * as a whole, goes as far as 256 TiB. */
#define PST_TALLY_PIECE_BYTES (64 * 1024)

/**
 * PstTally:
 *
 * Bytes that one worker counts and another thread reads meanwhile, to show how far the
 * worker is. All zero is a tally of nothing.
 */
typedef struct
{
  guint64 n_bytes; /* the worker's own */
  gint n_pieces;   /* atomic */
} PstTally;

/**
 * pst_tally_add:
 * @self: a tally
 * @n_bytes: so many more
 *
 * Counts; in the worker.
 */
static inline void
pst_tally_add (PstTally *self, guint64 n_bytes)
{
  self->n_bytes += n_bytes;
  g_atomic_int_set (&self->n_pieces,
                    (gint) MIN (self->n_bytes / PST_TALLY_PIECE_BYTES, G_MAXUINT32));
}

/**
 * pst_tally_get_bytes:
 * @self: a tally
 *
 * Returns: the bytes counted so far, rounded down to whole pieces; any thread
 */
static inline guint64
pst_tally_get_bytes (PstTally *self)
{
  return (guint64) (guint) g_atomic_int_get (&self->n_pieces) * PST_TALLY_PIECE_BYTES;
}

G_END_DECLS
