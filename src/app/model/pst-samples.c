/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-samples.h"

/* More thinned ones than this are thinned further. */
#define MAX_THINNED (PST_SAMPLES_DETAILED / 2)

/* So long as at least MAX_THINNED samples are thinned at once, this many always
 * become one; days of a transfer fit. */
#define MAX_STRIDE 512

struct _PstSamples
{
  GArray *samples; /* of PstSample, oldest first */
  guint n_thinned; /* the first of them */
  guint stride;    /* each of those stands for so many */
  guint64 peak_bps;
};

/**
 * pst_samples_new:
 *
 * Returns: (transfer full): an empty store
 */
PstSamples *
pst_samples_new (void)
{
  PstSamples *self = g_new0 (PstSamples, 1);

  self->stride = 2;
  self->samples = g_array_new (FALSE, FALSE, sizeof (PstSample));
  return self;
}

/**
 * pst_samples_free:
 * @self: (transfer full): a store
 *
 * Frees it.
 */
void
pst_samples_free (PstSamples *self)
{
  g_array_unref (self->samples);
  g_free (self);
}

static gboolean
is_paused (PstTransferState state)
{
  return state == PST_TRANSFER_PAUSED_BY_ME || state == PST_TRANSFER_PAUSED_BY_THEM;
}

/* One for @n that follow each other: what was reached is what the last one
 * says, and a short pause stays visible. */
static PstSample
merge (const PstSample *samples, guint n)
{
  PstSample merged = samples[n - 1];
  guint64 sum_bps = 0;

  for (guint i = 0; i < n; i++)
    {
      sum_bps += samples[i].rate_bps;
      merged.buffered_bytes = MAX (merged.buffered_bytes, samples[i].buffered_bytes);
      if (is_paused (samples[i].state))
        merged.state = samples[i].state;
    }
  merged.rate_bps = sum_bps / n;
  return merged;
}

/* Replaces each @n of the @n_all samples from @start on by one. Returns how
 * many there are then. */
static guint
merge_range (PstSamples *self, guint start, guint n_all, guint n)
{
  PstSample *samples = &g_array_index (self->samples, PstSample, start);
  guint n_merged = n_all / n;

  for (guint i = 0; i < n_merged; i++)
    samples[i] = merge (&samples[i * n], n);
  g_array_remove_range (self->samples, start + n_merged, n_merged * (n - 1));
  return n_merged;
}

/* Makes room: what is no longer among the newest is thinned like those before
 * it; when there are many of those, they are thinned further. */
static void
thin (PstSamples *self)
{
  guint n_passed = self->samples->len - self->n_thinned - PST_SAMPLES_DETAILED;

  if (self->n_thinned <= MAX_THINNED)
    {
      self->n_thinned += merge_range (self, self->n_thinned, n_passed, self->stride);
      return;
    }

  self->n_thinned = merge_range (self, 0, self->n_thinned & ~1u, 2) + self->n_thinned % 2;
  self->stride = MIN (self->stride * 2, MAX_STRIDE);
}

/**
 * pst_samples_add:
 * @self: a store
 * @sample: the newest sample; copied
 *
 * Adds a sample; when the store is full, the older ones are thinned first.
 */
void
pst_samples_add (PstSamples *self, const PstSample *sample)
{
  if (self->samples->len == PST_SAMPLES_MAX)
    thin (self);

  g_array_append_val (self->samples, *sample);
  self->peak_bps = MAX (self->peak_bps, sample->rate_bps);
}

/**
 * pst_samples_get_n:
 * @self: a store
 *
 * Returns: how many samples there are, at most %PST_SAMPLES_MAX
 */
guint
pst_samples_get_n (PstSamples *self)
{
  return self->samples->len;
}

/**
 * pst_samples_get:
 * @self: a store
 * @index: from 0, the oldest
 *
 * Returns: (transfer none): the sample, until the next one is added
 */
const PstSample *
pst_samples_get (PstSamples *self, guint index)
{
  g_return_val_if_fail (index < self->samples->len, NULL);

  return &g_array_index (self->samples, PstSample, index);
}

/**
 * pst_samples_get_peak_bps:
 * @self: a store
 *
 * Returns: the highest rate ever added, in bytes a second
 */
guint64
pst_samples_get_peak_bps (PstSamples *self)
{
  return self->peak_bps;
}
