/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "pst-transfer.h"

G_BEGIN_DECLS

/**
 * PstSample:
 * @time_us: monotonic time
 * @rate_bps: bytes a second the other side wrote (incoming: this side wrote)
 * @sent_bytes: sent until then
 * @written_bytes: written until then
 * @buffered_bytes: in the send buffer of the connection
 * @state: what held it back, if anything
 *
 * What a transfer did at one moment.
 */
typedef struct
{
  gint64 time_us;
  guint64 rate_bps;
  guint64 sent_bytes;
  guint64 written_bytes;
  guint64 buffered_bytes;
  PstTransferState state;
} PstSample;

/* Ten a second: the last two minutes at full detail; older ones are thinned
 * to half their number whenever the store is full, so the whole transfer stays. */
#define PST_SAMPLES_DETAILED 1200
#define PST_SAMPLES_MAX      (2 * PST_SAMPLES_DETAILED)

typedef struct _PstSamples PstSamples;

PstSamples *pst_samples_new (void);
void pst_samples_free (PstSamples *self);
void pst_samples_add (PstSamples *self, const PstSample *sample);
guint pst_samples_get_n (PstSamples *self);
const PstSample *pst_samples_get (PstSamples *self, guint index);
guint64 pst_samples_get_peak_bps (PstSamples *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PstSamples, pst_samples_free)

G_END_DECLS
