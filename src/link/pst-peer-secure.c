/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sodium.h>
#include <string.h>

#include "pst-error.h"
#include "pst-peer-private.h"

/* All checks have failed, some 5 s after they began. A side that is late (its machine is
 * busy, its mailbox slow) has so much longer: libnice goes on where it gave up when a
 * check of the other side's comes. It has a grace of its own, but counts it in the pace
 * of checks, once for each look: where answers are taken to be slow, that is no time. */
#define LATE_MS 5000

static void
fill_binding (PstPeer *self, PstBinding *binding)
{
  const guint8 *ours = self->local_fingerprint;
  const guint8 *theirs = self->remote_fingerprint;

  binding->key = g_bytes_get_data (self->bind_key, NULL);
  binding->epoch = self->epoch;
  binding->link = self->link;
  binding->offerer_side = self->offerer ? self->local_side : self->remote_side;
  binding->answerer_side = self->offerer ? self->remote_side : self->local_side;
  memcpy (binding->offerer_fingerprint, self->offerer ? ours : theirs, PST_FINGERPRINT_BYTES);
  memcpy (binding->answerer_fingerprint, self->offerer ? theirs : ours, PST_FINGERPRINT_BYTES);
}

/* webrtcbin does not compare the certificate with the description's
 * fingerprint; without this check, anyone on the way could take part. */
static gboolean
check_certificate (PstPeer *self, GError **error)
{
  g_autofree char *pem = pst_pipeline_get_remote_certificate (self->pipeline);
  guint8 fingerprint[PST_FINGERPRINT_BYTES];

  if (pem != NULL && self->has_local && self->has_remote)
    {
      if (!pst_certificate_hash_pem (pem, fingerprint, error))
        return FALSE;
      if (sodium_memcmp (fingerprint, self->remote_fingerprint, PST_FINGERPRINT_BYTES) == 0)
        return TRUE;
    }

  g_set_error_literal (error, PST_ERROR, PST_ERROR_TAMPERED,
                       "Someone on the way tried to step into the connection.");
  return FALSE;
}

static gboolean
prove (PstPeer *self, GError **error)
{
  g_autoptr (GBytes) frame = NULL;
  PstBinding binding;

  fill_binding (self, &binding);
  frame = pst_binding_make_frame (&binding, self->offerer);
  self->proved = pst_pipeline_send (self->pipeline, frame, error);
  return self->proved;
}

static void
open_if_bound (PstPeer *self)
{
  if (!self->proved || !self->remote_bound)
    return;

  pst_timer_clear (&self->connect_timeout);
  pst_peer_set_state (self, PST_PEER_OPEN);
  if (self->state == PST_PEER_OPEN)
    pst_peer_emit_opened (self);
}

/* Goes as far towards OPEN as things stand. May be called for nothing. */
static void
advance (PstPeer *self)
{
  g_autoptr (GError) error = NULL;

  if (self->state == PST_PEER_CONNECTING
      && pst_pipeline_get_health (self->pipeline) == PST_PIPELINE_SECURE)
    {
      if (!check_certificate (self, &error))
        {
          pst_peer_fail (self, error);
          return;
        }
      pst_peer_set_state (self, PST_PEER_SECURING);
    }

  if (self->state != PST_PEER_SECURING)
    return;
  if (self->writable && !self->proved && !prove (self, &error))
    pst_peer_fail (self, error);
  else
    open_if_bound (self);
}

static gboolean
on_late_timeout (gpointer user_data)
{
  g_autoptr (PstPeer) self = g_object_ref (user_data);

  pst_timer_clear (&self->late_timeout);
  if (self->state == PST_PEER_CONNECTING
      && pst_pipeline_get_health (self->pipeline) == PST_PIPELINE_NO_PATH)
    pst_peer_fail_literal (self, PST_ERROR_NO_PATH,
                           "The two machines found each other, but no network path between them "
                           "works.");
  return G_SOURCE_REMOVE;
}

/* Looks at the transports anew. */
void
pst_peer_on_transport (PstPeer *self)
{
  PstPipelineHealth health = pst_pipeline_get_health (self->pipeline);

  if (health == PST_PIPELINE_NO_PATH && self->state == PST_PEER_CONNECTING)
    {
      if (self->late_timeout == NULL)
        pst_timer_set (&self->late_timeout, LATE_MS, on_late_timeout, self);
    }
  else if (health == PST_PIPELINE_NO_PATH || health == PST_PIPELINE_BROKEN)
    pst_peer_fail_literal (self, PST_ERROR_LOST, "The connection to the other side is lost.");
  else
    advance (self);
}

/* The data channel can be written to. */
void
pst_peer_on_opened (PstPeer *self)
{
  self->writable = TRUE;
  advance (self);
}

static void
take_binding (PstPeer *self, GBytes *frame)
{
  g_autoptr (GError) error = NULL;
  PstBinding binding;

  fill_binding (self, &binding);
  if (pst_binding_check_frame (&binding, !self->offerer, frame, &error))
    {
      self->remote_bound = TRUE;
      open_if_bound (self);
    }
  else
    pst_peer_fail (self, error);
}

/* A message came. The certificate is always checked before the first one is
 * looked at, whatever the order in which the transports reported. */
void
pst_peer_on_frame (PstPeer *self, GBytes *frame)
{
  advance (self);

  if (self->state == PST_PEER_OPEN)
    pst_channel_emit_frame (PST_CHANNEL (self), frame);
  else if (self->state == PST_PEER_SECURING && !self->remote_bound)
    take_binding (self, frame);
  else if (pst_peer_is_alive (self))
    pst_peer_fail_literal (self, PST_ERROR_PROTOCOL,
                           "The other side sent something before the connection was secured.");
}
