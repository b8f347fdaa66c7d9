/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "pst-error.h"
#include "pst-peer-private.h"

/* Candidates of one interface after the other come within milliseconds; one
 * message for all is kinder to the mailbox server, which counts messages. */
#define CANDIDATE_DELAY_MS 50

/* Checks that were going to lead anywhere have done so, or have failed. If neither
 * side has found a path then, the other one may be far away. */
#define FAR_AFTER_MS 5000

static gboolean
on_far_timeout (gpointer user_data)
{
  PstPeer *self = user_data;

  pst_timer_clear (&self->far_timeout);
  pst_pipeline_set_far (self->pipeline, TRUE);
  return G_SOURCE_REMOVE;
}

static void
apply_description (PstPeer *self, const PstDescription *description)
{
  memcpy (self->remote_fingerprint, description->fingerprint, PST_FINGERPRINT_BYTES);
  self->has_remote = TRUE;

  pst_pipeline_set_remote_description (self->pipeline, description->sdp, !self->offerer);
  if (!self->offerer)
    pst_pipeline_make_description (self->pipeline, FALSE);
}

/* Acts on a message from the other side. */
void
pst_peer_apply_signal (PstPeer *self, PstSignal *signal)
{
  if (signal->description != NULL)
    apply_description (self, signal->description);
  if (self->path == NULL && self->remote_candidates->len == 0 && signal->candidates[0] != NULL)
    pst_timer_set (&self->far_timeout, FAR_AFTER_MS, on_far_timeout, self);
  for (guint i = 0; signal->candidates[i] != NULL; i++)
    {
      pst_pipeline_add_candidate (self->pipeline, signal->candidates[i]);
      g_ptr_array_add (self->remote_candidates, g_strdup (signal->candidates[i]));
    }
  if (signal->end)
    pst_pipeline_end_candidates (self->pipeline);
  pst_peer_update_route (self);
}

/* A path is selected: it is kept alive with checks that are repeated soon. */
void
pst_peer_on_path (PstPeer *self, const char *const *path)
{
  pst_timer_clear (&self->far_timeout);
  pst_pipeline_set_far (self->pipeline, FALSE);
  g_strfreev (self->path);
  self->path = g_strdupv ((GStrv) path);
  pst_peer_update_route (self);
}

/* Sends our own description, once webrtcbin made it. */
void
pst_peer_on_description (PstPeer *self, gpointer promise)
{
  g_autofree char *sdp = pst_pipeline_take_description (self->pipeline, promise);
  g_autoptr (PstDescription) description = NULL;
  g_autoptr (JsonObject) message = NULL;

  if (sdp != NULL)
    description = pst_description_parse (sdp, self->offerer, NULL);
  if (description == NULL)
    {
      pst_peer_fail_literal (self, PST_ERROR_FAILED,
                             "GStreamer could not describe the connection.");
      return;
    }

  memcpy (self->local_fingerprint, description->fingerprint, PST_FINGERPRINT_BYTES);
  self->has_local = TRUE;
  message = pst_signalling_make_description (self->signalling, description);
  pst_peer_emit_signal (self, message);
}

/* Takes up to a message's worth of candidates out of those that wait. */
static GStrv
take_candidates (PstPeer *self)
{
  guint n = MIN (self->local_candidates->len - self->n_sent,
                 PST_SIGNALLING_MAX_CANDIDATES_A_MESSAGE);
  GStrv taken = g_new0 (char *, n + 1);

  for (guint i = 0; i < n; i++)
    taken[i] = g_strdup (g_ptr_array_index (self->local_candidates, self->n_sent++));

  return taken;
}

static void
send_candidates (PstPeer *self)
{
  pst_timer_clear (&self->candidate_timeout);

  do
    {
      g_auto (GStrv) taken = take_candidates (self);
      gboolean end = self->gathered && self->n_sent == self->local_candidates->len;
      g_autoptr (JsonObject) message = pst_signalling_make_candidates (
          self->signalling, (const char *const *) taken, end);

      pst_peer_emit_signal (self, message);
    }
  while (self->n_sent < self->local_candidates->len && pst_peer_is_alive (self));
}

static gboolean
on_candidate_timeout (gpointer user_data)
{
  g_autoptr (PstPeer) self = g_object_ref (user_data);

  send_candidates (self);
  return G_SOURCE_REMOVE;
}

/* Collects a candidate of ours. */
void
pst_peer_on_candidate (PstPeer *self, const char *text)
{
  g_autofree char *candidate = NULL;

  if (self->gathered || self->local_candidates->len == PST_SIGNALLING_MAX_CANDIDATES
      || !pst_candidate_parse (text, &candidate, NULL) || candidate == NULL)
    return;

  g_ptr_array_add (self->local_candidates, g_steal_pointer (&candidate));
  pst_peer_update_route (self);
  if (self->candidate_timeout == NULL)
    pst_timer_set (&self->candidate_timeout, CANDIDATE_DELAY_MS, on_candidate_timeout, self);
}

/* When gathering is over, all candidates stand in the queue, but maybe behind
 * the event that made us look. */
void
pst_peer_on_gathering (PstPeer *self)
{
  if (pst_pipeline_has_gathered (self->pipeline))
    pst_handover_push (self->handover, PST_HANDOVER_GATHERED, NULL, NULL);
}

/* Sends the rest of our candidates when there will be no more. */
void
pst_peer_on_gathered (PstPeer *self)
{
  if (self->gathered)
    return;

  self->gathered = TRUE;
  send_candidates (self);
}
