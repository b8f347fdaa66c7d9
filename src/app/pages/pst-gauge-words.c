/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-gauge-words.h"

#include <glib/gi18n.h>

#include "pst-gauge-geometry.h"
#include "pst-gauge-paint.h"
#include "pst-text.h"

static void
add (GString *text, char *sentence)
{
  if (sentence != NULL && *sentence != '\0')
    g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", sentence);
  g_free (sentence);
}

static char *
say_rate (PstAppTransfer *transfer)
{
  PstSamples *samples = pst_app_transfer_get_samples (transfer);
  g_autofree char *now = pst_text_rate (pst_app_transfer_get_rate_bps (transfer));
  g_autofree char *mean = pst_text_rate (pst_app_transfer_get_mean_rate_bps (transfer));
  g_autofree char *peak = pst_text_rate (samples != NULL ? pst_samples_get_peak_bps (samples) : 0);

  if (pst_app_transfer_is_finished (transfer))
    /* Translators: rates, such as 12 MB/s */
    return g_strdup_printf (_ ("On average %s, at most %s."), mean, peak);

  /* Translators: rates, such as 12 MB/s */
  return g_strdup_printf (_ ("Now %s, on average %s, at most %s."), now, mean, peak);
}

static char *
say_bytes (PstAppTransfer *transfer)
{
  g_autofree char *sent = pst_text_size (pst_app_transfer_get_sent_bytes (transfer));
  g_autofree char *written = pst_text_bytes_of (pst_app_transfer_get_written_bytes (transfer),
                                                pst_app_transfer_get_total_bytes (transfer));

  if (pst_app_transfer_is_incoming (transfer))
    /* Translators: sizes; the second is like “1.2 MB of 3.4 GB” */
    return g_strdup_printf (_ ("%s received, %s written."), sent, written);

  /* Translators: sizes; the second is like “1.2 MB of 3.4 GB” */
  return g_strdup_printf (_ ("%s sent, %s written."), sent, written);
}

static void
add_holds (GString *text, PstAppTransfer *transfer)
{
  gint64 durations_us[PST_N_HOLDS];

  pst_gauge_durations (pst_app_transfer_get_samples (transfer), durations_us);
  for (PstHold hold = PST_HOLD_NONE + 1; hold < PST_N_HOLDS; hold++)
    if (durations_us[hold] >= G_USEC_PER_SEC / 2)
      {
        g_autofree char *duration = pst_text_duration (durations_us[hold]);

        /* Translators: what held the transfer back, and for how long: “Their disk: 12 seconds.” */
        add (text, g_strdup_printf (_ ("%s: %s."), pst_gauge_hold_label (hold), duration));
      }
}

static char *
say_buffer (PstAppSession *session)
{
  guint64 bytes = pst_app_session_get_buffered_bytes (session);
  guint64 high = pst_app_session_get_high_mark_bytes (session);
  g_autofree char *size = pst_text_size (bytes);

  if (high == 0)
    return NULL;
  if (bytes >= high)
    /* Translators: %s is a size, such as 256 kB */
    return g_strdup_printf (_ ("The send buffer holds %s and is full."), size);
  if (bytes >= pst_app_session_get_low_mark_bytes (session))
    /* Translators: %s is a size, such as 256 kB; the marks are a low and a high one */
    return g_strdup_printf (_ ("The send buffer holds %s, between its marks."), size);

  /* Translators: %s is a size, such as 256 kB */
  return g_strdup_printf (_ ("The send buffer holds %s, below its low mark."), size);
}

static void
add_path (GString *text, PstAppSession *session)
{
  g_autofree char *round_trip = NULL;
  const char *route = pst_text_route (pst_app_session_get_route (session));

  if (route != NULL && *route != '\0')
    /* Translators: how the machines reach each other, such as “through a relay” */
    add (text, g_strdup_printf (_ ("Route: %s."), route));

  round_trip = pst_text_round_trip (pst_app_session_get_round_trip_us (session));
  if (round_trip != NULL && *round_trip != '\0')
    /* Translators: how long data takes to the other machine and back, such as “23 ms” */
    add (text, g_strdup_printf (_ ("Round trip: %s."), round_trip));
}

/**
 * pst_gauge_describe:
 * @transfer: a transfer
 * @session: (nullable): its session, while there is one
 *
 * Says what the gauge of @transfer shows.
 *
 * Returns: (transfer full): some translated sentences
 */
char *
pst_gauge_describe (PstAppTransfer *transfer, PstAppSession *session)
{
  GString *text = g_string_new (NULL);
  g_autofree char *state = pst_text_state (transfer);
  gboolean finished = pst_app_transfer_is_finished (transfer);

  if (state != NULL && *state != '\0')
    /* Translators: a state, such as “Waiting for the network”, made a sentence */
    add (text, g_strdup_printf (_ ("%s."), state));
  add (text, say_rate (transfer));
  add (text, say_bytes (transfer));
  add_holds (text, transfer);
  if (session != NULL && !finished && !pst_app_transfer_is_incoming (transfer))
    add (text, say_buffer (session));
  if (session != NULL && !finished)
    add_path (text, session);

  return g_string_free (text, FALSE);
}
