/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-samples.h"

/* Enough to be thinned several times. */
#define MANY (5 * PST_SAMPLES_MAX)

static void
add (PstSamples *samples, guint i, PstTransferState state)
{
  PstSample sample = {
    .time_us = i * (G_USEC_PER_SEC / 10),
    .rate_bps = 1000 + i % 2,
    .sent_bytes = i * 100 + 50,
    .written_bytes = i * 100,
    .buffered_bytes = i % 7,
    .state = state,
  };

  pst_samples_add (samples, &sample);
}

static void
test_empty (void)
{
  g_autoptr (PstSamples) samples = pst_samples_new ();

  g_assert_cmpuint (pst_samples_get_n (samples), ==, 0);
  g_assert_cmpuint (pst_samples_get_peak_bps (samples), ==, 0);
}

static void
test_few (void)
{
  g_autoptr (PstSamples) samples = pst_samples_new ();

  for (guint i = 0; i < PST_SAMPLES_MAX; i++)
    add (samples, i, PST_TRANSFER_RUNNING);
  g_assert_cmpuint (pst_samples_get_n (samples), ==, PST_SAMPLES_MAX);
  for (guint i = 0; i < PST_SAMPLES_MAX; i++)
    g_assert_cmpuint (pst_samples_get (samples, i)->written_bytes, ==, i * 100);
  g_assert_cmpuint (pst_samples_get_peak_bps (samples), ==, 1001);
}

/* The beginning stays, the last two minutes stay as they are, time only goes
 * forward. */
static void
test_many (void)
{
  g_autoptr (PstSamples) samples = pst_samples_new ();
  guint n;

  for (guint i = 0; i < MANY; i++)
    {
      add (samples, i, PST_TRANSFER_RUNNING);
      g_assert_cmpuint (pst_samples_get_n (samples), <=, PST_SAMPLES_MAX);
      g_assert_cmpuint (pst_samples_get_n (samples), >=, MIN (i, PST_SAMPLES_DETAILED));
    }

  n = pst_samples_get_n (samples);
  for (guint i = 1; i < n; i++)
    {
      const PstSample *one = pst_samples_get (samples, i - 1);
      const PstSample *two = pst_samples_get (samples, i);

      g_assert_cmpint (one->time_us, <, two->time_us);
      g_assert_cmpuint (one->written_bytes, <, two->written_bytes);
      g_assert_cmpuint (two->sent_bytes, ==, two->written_bytes + 50);
      g_assert_cmpuint (two->rate_bps, >=, 1000);
    }
  for (guint i = 0; i < PST_SAMPLES_DETAILED; i++)
    g_assert_cmpuint (pst_samples_get (samples, n - 1 - i)->written_bytes, ==,
                      (MANY - 1 - i) * 100);
  g_assert_cmpint (pst_samples_get (samples, 0)->time_us, <, MANY * (G_USEC_PER_SEC / 10) / 20);
}

/* A pause of a single sample is still to be seen hours later, and so is the peak. */
static void
test_pause (void)
{
  g_autoptr (PstSamples) samples = pst_samples_new ();
  const PstSample peak = { .rate_bps = 5000000, .state = PST_TRANSFER_RUNNING };
  guint n_paused = 0;

  pst_samples_add (samples, &peak);
  for (guint i = 1; i < MANY; i++)
    add (samples, i, i == 100 ? PST_TRANSFER_PAUSED_BY_ME : PST_TRANSFER_HELD_NETWORK);
  for (guint i = 0; i < pst_samples_get_n (samples); i++)
    n_paused += pst_samples_get (samples, i)->state == PST_TRANSFER_PAUSED_BY_ME;
  g_assert_cmpuint (n_paused, ==, 1);
  g_assert_cmpuint (pst_samples_get_peak_bps (samples), ==, 5000000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/samples/empty", test_empty);
  g_test_add_func ("/samples/few", test_few);
  g_test_add_func ("/samples/many", test_many);
  g_test_add_func ("/samples/pause", test_pause);
  return g_test_run ();
}
